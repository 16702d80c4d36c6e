//! An election as people read it.

use pluriverse_worlds::budgeting::count::Axioms;
use pluriverse_worlds::budgeting::exact;
use pluriverse_worlds::budgeting::measures::Verdict;

use super::Pair;
use super::counted::{CountedElection, Irresolute, ToldRule, number};
use crate::commands::output::{counted, figure, percent, say, table};

/// Tied projects named one by one.
const NAMED: usize = 12;

/// Prints an election.
pub(super) fn election(election: &CountedElection) {
    let ballots = counted(election.ballots as u64, "ballot", "ballots");
    let (projects, voters) = (election.projects.len(), &election.voters);
    say(&format!(
        "{}: {}\n{ballots} ({}) of {voters} voters, {projects} projects, budget {}",
        election.file,
        plain(&election.description),
        election.vote_type,
        decimal(&election.budget)
    ));
    say(&format!("\n{}", funded(election)));
    say(&format!("\n{}", meaning(election)));
    if let Some(text) = frequency(election) {
        say(&format!("\n{text}"));
    }
    for rule in &election.rules {
        if let Some(why) = &rule.cannot {
            say(&format!("\nNote: {why}."));
        }
    }
    let ties = ties(election);
    if !ties.is_empty() {
        say(&format!("\nTies, broken by the declared order:\n{}", ties.join("\n")));
    }
    say(LEGEND);
}

const LEGEND: &str = "
spent: share of the budget; satisfaction: funded projects a voter supports, mean and Gini; represented: voters with a
funded project; fair share: how much of an equal share of the budget voters got, mean
JR, EJR+, EJR, PJR: axioms of proportionality, yes, no (the first set of projects that a group is denied) or not decided
";

/// Which rule funds what, and in which place.
fn funded(election: &CountedElection) -> String {
    let rules: Vec<&ToldRule> = election.rules.iter().filter(|rule| rule.cannot.is_none()).collect();
    let mut headers = vec!["project", "name", "cost", "votes"];
    let numbers: Vec<String> = (1..=rules.len()).map(|number| format!("[{number}]")).collect();
    headers.extend(numbers.iter().map(String::as_str));
    let rows: Vec<Vec<String>> = election
        .projects
        .iter()
        .map(|project| {
            let mut row =
                vec![plain(&project.id), shortened(&project.name), decimal(&project.cost), decimal(&project.score)];
            row.extend(rules.iter().map(|rule| {
                let place = rule.funded.iter().position(|funded| *funded == project.id);
                place.map_or_else(String::new, |place| (place + 1).to_string())
            }));
            row
        })
        .collect();
    let names: Vec<String> =
        numbers.iter().zip(&rules).map(|(number, rule)| format!("{number} {}", rule.rule)).collect();
    format!("{}\n\nplace of funding under: {}", table(&headers, &rows), names.join(", "))
}

fn meaning(election: &CountedElection) -> String {
    let headers = [
        "rule",
        "funded",
        "spent %",
        "satisfaction",
        "Gini",
        "represented %",
        "fair share %",
        "JR",
        "EJR+",
        "EJR",
        "PJR",
    ];
    let rows = election.rules.iter().filter_map(|rule| {
        let (satisfaction, axioms) = (rule.satisfaction.as_ref()?, rule.verdicts.as_ref()?);
        let mut row = vec![
            rule.rule.to_owned(),
            rule.funded.len().to_string(),
            percent(satisfaction.budget_used.as_ref().map(number)),
            figure(Some(number(&satisfaction.cardinality.average)), 3),
            figure(Some(number(&satisfaction.cardinality.gini)), 3),
            percent(Some(number(&satisfaction.with_funded))),
            percent(Some(satisfaction.fair_share.capped_ratio.value)),
        ];
        row.extend(verdicts(election, axioms));
        Some(row)
    });
    table(&headers, &rows.collect::<Vec<_>>())
}

fn verdicts(election: &CountedElection, axioms: &Axioms) -> [String; 4] {
    let word = |verdict: &Verdict| match verdict {
        Verdict::Holds => "yes".to_owned(),
        Verdict::NotDecided => "not decided".to_owned(),
        Verdict::Violated { by } => {
            let ids: Vec<&str> = by.iter().map(|&project| &*election.projects[project].id).collect();
            format!("no ({})", ids.join(","))
        }
    };
    let of_equal_costs = |verdict: &Option<Verdict>| verdict.as_ref().map_or_else(|| "–".to_owned(), word);
    [
        of_equal_costs(&axioms.justified_representation),
        of_equal_costs(&axioms.ejr_plus),
        word(&axioms.cardinality.ejr),
        word(&axioms.cardinality.pjr),
    ]
}

fn frequency(election: &CountedElection) -> Option<String> {
    let frequency = election.frequency.as_ref()?;
    let real = |name: &str, decimals| figure(frequency[name].as_f64(), decimals);
    let fraction = |name: &str| figure(frequency[name].as_str().and_then(exact::parse).map(|value| number(&value)), 3);
    let mut lines = vec![format!(
        "breadth: entropy {} nats ({} bits), effective projects {} (Hill 1) and {} (Hill 2), Gini {}, {} of {} projects named",
        real("shannon_nats", 4),
        real("shannon_bits", 4),
        real("hill1", 3),
        fraction("hill2"),
        fraction("gini"),
        frequency["hill0"],
        election.projects.len()
    )];
    if let Some(agents) = &election.agents {
        let real = |name: &str| figure(agents[name].as_f64(), 3);
        lines.push(format!(
            "by agent: alpha {}, beta {} (effective number of distinct agents), gamma {}, mutual information {} nats",
            real("alpha"),
            real("beta"),
            real("gamma"),
            real("mutual_information_nats")
        ));
    }
    Some(lines.join("\n"))
}

fn ties(election: &CountedElection) -> Vec<String> {
    let mut lines = Vec::new();
    for rule in &election.rules {
        for (chosen, tied) in &rule.ties {
            let named: Vec<&str> = tied.iter().take(NAMED).map(AsRef::as_ref).collect();
            let more = if tied.len() > NAMED { format!(" and {} more", tied.len() - NAMED) } else { String::new() };
            lines.push(format!("  {}: {chosen} out of {}{more}", rule.rule, named.join(", ")));
        }
        match &rule.irresolute {
            Irresolute::Outcomes(outcomes) if outcomes.len() > 1 => {
                let told: Vec<String> =
                    outcomes.iter().take(NAMED).map(|outcome| format!("{{{}}}", outcome.join(", "))).collect();
                let more = if outcomes.len() > NAMED { ", …" } else { "" };
                lines.push(format!("  {}: {} possible outcomes: {}{more}", rule.rule, outcomes.len(), told.join(", ")));
            }
            Irresolute::TooMany => lines.push(format!("  {}: possible outcomes are too many to follow", rule.rule)),
            Irresolute::Outcomes(_) | Irresolute::NotAskedFor => {}
        }
    }
    lines
}

/// Prints how far elections lie apart.
pub(super) fn pairs(pairs: &[Pair]) {
    if pairs.is_empty() {
        return;
    }
    let rows: Vec<Vec<String>> = pairs
        .iter()
        .map(|pair| {
            vec![
                pair.first.to_string(),
                pair.second.to_string(),
                figure(exact::parse(&pair.total_variation).map(|value| number(&value)), 4),
                figure(Some(pair.jensen_shannon_nats), 4),
                figure(Some(pair.jensen_shannon_distance_nats), 4),
                figure(Some(pair.hellinger), 4),
            ]
        })
        .collect();
    let headers = ["between", "and", "total variation", "Jensen-Shannon (nats)", "its root", "Hellinger"];
    say(&table(&headers, &rows));
}

/// A fraction as a decimal where it has a short one.
fn decimal(text: &str) -> String {
    let whole = exact::parse(text).filter(pluriverse_worlds::budgeting::Exact::is_integer);
    if let Some(whole) = whole {
        return whole.to_string();
    }
    exact::parse(text).and_then(|value| exact::decimal(&value)).filter(|text| text.len() <= 15).unwrap_or_else(|| {
        exact::parse(text).map_or_else(|| text.to_owned(), |value| format!("≈{:.3}", number(&value)))
    })
}

/// Text of a file without what a terminal would take for a command.
fn plain(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

fn shortened(name: &str) -> String {
    const LONGEST: usize = 40;
    let name = &plain(name);
    if name.chars().count() <= LONGEST {
        name.to_owned()
    } else {
        name.chars().take(LONGEST - 1).chain(['…']).collect()
    }
}
