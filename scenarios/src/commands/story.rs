//! A trajectory as people read it: tables of rounds, what to read them beside, and what happened in a sentence.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_engine::seed::EXPOSED_ARM;

use super::output::{figure, percent, signed, table};
use super::trajectory::{Figure, Round, Trajectory};

/// The metric the run is about.
const DIVERSITY: &str = "pairwise_diversity";

/// Diversity_S.
const TREE: &str = "structural_diversity";

/// A column of the table of rounds: metric, header, and how it is printed.
type ColumnOf = (&'static str, &'static str, fn(Option<f64>) -> String);

/// What the table of rounds shows; the run directory and `--json` hold more.
const COLUMNS: [ColumnOf; 9] = [
    (DIVERSITY, "diversity", two),
    (TREE, "tree", two),
    ("structural_diversity_of_sample", "tree of sample", two),
    ("alignment", "alignment", two),
    ("unanimity", "unanimous %", percent),
    ("changed", "changed %", percent),
    ("toward_peers", "to peers %", percent),
    ("drift", "drift", two),
    ("missing", "missing %", percent),
];

fn two(value: Option<f64>) -> String {
    figure(value, 2)
}

/// Width of the longest bar beside a round's diversity.
const BAR: f64 = 16.0;

/// The table of rounds of a society, with what to read it beside.
pub fn rounds(trajectory: &Trajectory) -> String {
    let has = |metric: &str| trajectory.rounds.iter().any(|round| round.figures.contains_key(metric));
    let shown: Vec<&ColumnOf> = COLUMNS.iter().filter(|(metric, ..)| has(metric)).collect();
    let references = references(trajectory);
    let diversity_of = |round: &Round| round.figures.get(DIVERSITY).and_then(|figure| figure.value);
    let scale = trajectory
        .rounds
        .iter()
        .filter_map(diversity_of)
        .chain(references.iter().filter_map(|reference| reference.diversity))
        .fold(0.0, f64::max);
    let mut headers = vec!["round", ""];
    headers.extend(shown.iter().map(|(_, header, _)| *header));
    let mut rows = Vec::new();
    for round in &trajectory.rounds {
        let mut row = vec![label(trajectory, round), bar(diversity_of(round), scale)];
        row.extend(shown.iter().map(|(metric, _, print)| cell(round.figures.get(*metric), *print)));
        rows.push(row);
    }
    for reference in references {
        let mut row = vec![reference.label, bar(reference.diversity, scale)];
        row.extend(shown.iter().map(|(metric, _, print)| match *metric {
            DIVERSITY if reference.diversity.is_some() => print(reference.diversity),
            TREE if reference.tree.is_some() => print(reference.tree),
            "alignment" if reference.alignment.is_some() => print(reference.alignment),
            _ => String::new(),
        }));
        // A line that says nothing under the metrics that were asked for is left out.
        if row[2..].iter().any(|cell| !cell.is_empty()) {
            rows.push(row);
        }
    }
    table(&headers, &rows)
}

/// The round, and the mechanism where it is not the one that counts rounds.
fn label(trajectory: &Trajectory, round: &Round) -> String {
    match (round.tick, &*round.mechanism) {
        (0, _) | (_, "exposure") => round.round.to_string(),
        _ if posted_before(trajectory, round) => format!("{}, after posting", round.round),
        _ => format!("{}, asked again", round.round),
    }
}

/// Whether agents were on a platform between the last survey and this one.
fn posted_before(trajectory: &Trajectory, round: &Round) -> bool {
    let last = trajectory.rounds.iter().map(|known| known.tick).filter(|&tick| tick < round.tick).max();
    let between = |posted: &Round| posted.tick < round.tick && last.is_none_or(|last| posted.tick > last);
    trajectory.platform.iter().any(between)
}

fn cell(figure: Option<&Figure>, print: fn(Option<f64>) -> String) -> String {
    let Some(figure) = figure else {
        return String::new();
    };
    match (figure.estimated, figure.interval) {
        (true, Some((lower, upper))) => {
            let [value, lower, upper] = [figure.value, Some(lower), Some(upper)].map(print);
            format!("≈{value} [{lower}, {upper}]")
        }
        (true, None) => format!("≈{}", print(figure.value)),
        (false, _) => print(figure.value),
    }
}

fn bar(value: Option<f64>, scale: f64) -> String {
    let share = value.filter(|_| scale > 0.0).map_or(0.0, |value| value / scale);
    "█".repeat((share.clamp(0.0, 1.0) * BAR).round() as usize)
}

/// A line to read figures beside.
#[derive(Clone, PartialEq)]
struct Reference {
    label: String,
    diversity: Option<f64>,
    tree: Option<f64>,
    alignment: Option<f64>,
}

fn references(trajectory: &Trajectory) -> Vec<Reference> {
    let of_humans = |label: String, statistic| Reference {
        label,
        diversity: trajectory.human(DIVERSITY, statistic),
        tree: trajectory.human(TREE, statistic),
        alignment: None,
    };
    let humans = ["mode", "median", "mean"].map(|statistic| of_humans(format!("humans, by {statistic}"), statistic));
    let mut references = Vec::from(humans);
    references.push(of_humans("two random people".to_owned(), "random_respondents"));
    references.extend(trajectory.baselines.iter().map(|(subject, value)| Reference {
        label: match &**subject {
            "leave_one_out" => "culture-blind constant".to_owned(),
            "scale_midpoint" => "scale midpoint".to_owned(),
            other => other.to_owned(),
        },
        diversity: None,
        tree: None,
        alignment: *value,
    }));
    references
}

/// All societies in one table, first and last round side by side, with what to read them beside.
pub fn comparison(trajectories: &[Trajectory]) -> String {
    let moved = trajectories.iter().any(|trajectory| trajectory.rounds.len() > 1);
    let headers: Vec<&str> = if moved {
        vec!["society", "diversity", "last", "change", "tree", "last", "alignment", "last", "change", "missing %"]
    } else {
        vec!["society", "diversity", "tree", "alignment", "missing %"]
    };
    let mut rows: Vec<Vec<String>> = trajectories.iter().map(|trajectory| compared(trajectory, moved)).collect();
    let mut told: Vec<(Vec<Reference>, Vec<&str>)> = Vec::new();
    for trajectory in trajectories {
        let references = references(trajectory);
        match told.iter_mut().find(|(known, _)| *known == references) {
            Some((_, of)) => of.push(&trajectory.society),
            None => told.push((references, vec![&trajectory.society])),
        }
    }
    for (references, of) in &told {
        let says_something = |r: &&Reference| r.diversity.or(r.tree).or(r.alignment).is_some();
        for reference in references.iter().filter(says_something) {
            let print = |value: Option<f64>| value.map_or_else(String::new, |value| two(Some(value)));
            let (diversity, tree, alignment) =
                (print(reference.diversity), print(reference.tree), print(reference.alignment));
            let none = String::new;
            // Societies of different cultures have different humans.
            let label = match told.len() {
                1 => reference.label.clone(),
                _ => format!("{} ({})", reference.label, of.join(", ")),
            };
            rows.push(if moved {
                vec![label, diversity, none(), none(), tree, none(), alignment, none(), none(), none()]
            } else {
                vec![label, diversity, tree, alignment, none()]
            });
        }
    }
    table(&headers, &rows)
}

fn compared(trajectory: &Trajectory, moved: bool) -> Vec<String> {
    let change = |(first, last): (Option<f64>, Option<f64>)| signed(first.zip(last).map(|(a, b)| b - a), 2);
    let (diversity, tree, alignment) =
        (trajectory.ends(DIVERSITY), trajectory.ends(TREE), trajectory.ends("alignment"));
    let most_missing =
        trajectory.rounds.iter().filter_map(|round| round.figures.get("missing")?.value).fold(0.0, f64::max);
    let (name, missing) = (trajectory.society.to_string(), percent(Some(most_missing)));
    if !moved {
        return vec![name, two(diversity.0), two(tree.0), two(alignment.0), missing];
    }
    vec![
        name,
        two(diversity.0),
        two(diversity.1),
        change(diversity),
        two(tree.0),
        two(tree.1),
        two(alignment.0),
        two(alignment.1),
        change(alignment),
        missing,
    ]
}

/// What happened to a society's diversity, in a sentence, and what answers were missing.
pub fn reading(trajectory: &Trajectory) -> Vec<String> {
    let mut lines = Vec::new();
    let rounds = trajectory.last_counted().map_or(0, |round| round.round);
    if let (Some(first), Some(last)) = trajectory.ends(DIVERSITY)
        && rounds > 0
    {
        let relative = if first > 0.0 { format!(", {:+.1} %", (last - first) / first * 100.0) } else { String::new() };
        let rounds = if rounds == 1 { "1 round".to_owned() } else { format!("{rounds} rounds") };
        lines.push(format!(
            "Diversity went from {first:.2} to {last:.2} ({:+.2} points{relative}) over {rounds}{}: one seed, no interval.",
            last - first,
            match *trajectory.arm == *EXPOSED_ARM {
                true if trajectory.rounds.iter().any(|round| *round.mechanism == *"exposure") => " of exposure",
                true if !trajectory.platform.is_empty() => " of posting",
                _ => "",
            }
        ));
    }
    lines.extend(missing(std::slice::from_ref(trajectory)));
    lines
}

/// What answers were missing, and which were no option, in a sentence each.
pub fn missing(trajectories: &[Trajectory]) -> Vec<String> {
    let mut lines = Vec::new();
    let rounds = || trajectories.iter().flat_map(|trajectory| &trajectory.rounds);
    let mut missing: BTreeMap<Arc<str>, f64> = BTreeMap::new();
    for round in rounds() {
        for (outcome, share) in &round.missing {
            let most = missing.entry(outcome.clone()).or_default();
            *most = most.max(*share);
        }
    }
    let out_of_range = rounds().filter_map(|round| round.figures.get("out_of_range")?.value).fold(0.0, f64::max);
    if out_of_range > 0.0 {
        lines.push(format!(
            "Numbers that are no option count as answers under parse rule paper; at most in a round: {:.2} %.",
            out_of_range * 100.0
        ));
    }
    if !missing.is_empty() {
        let reason = |(outcome, share): (&Arc<str>, &f64)| format!("{outcome} {:.1} %", share * 100.0);
        let reasons: Vec<String> = missing.iter().map(reason).collect();
        lines.push(format!("Missing answers count in no figure; at most in a round: {}.", reasons.join(", ")));
    }
    lines
}

/// What network a society lives on, in a sentence; `None` where everybody sees everybody. Of several replicates the
/// means, and the most parts.
pub fn network(strands: &[Trajectory]) -> Option<String> {
    let of = |name: &str| -> Vec<f64> {
        strands.iter().filter_map(|strand| *strand.network.get(&format!("network_{name}") as &str)?).collect()
    };
    let mean = |name: &str| {
        let values = of(name);
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    if mean("density")? >= 1.0 {
        return None;
    }
    let mut parts =
        vec![format!("{} ties", figure(mean("edges"), 0)), format!("mean degree {}", two(mean("mean_degree")))];
    let further = [("clustering", "clustering"), ("mean_path", "mean path"), ("ei_index", "E–I index by culture")];
    parts.extend(further.into_iter().filter_map(|(name, word)| Some(format!("{word} {}", two(Some(mean(name)?))))));
    let components = of("components").into_iter().fold(0.0, f64::max);
    let apart = if components > 1.0 {
        format!("; it falls into {components} parts that never hear of each other")
    } else {
        String::new()
    };
    Some(format!("Network: {}{apart}.", parts.join(", ")))
}

/// How to read the figures, said once below the tables.
pub fn legend(trajectories: &[Trajectory]) -> String {
    let has = |metric: &str| {
        let mut rounds = trajectories.iter().flat_map(|trajectory| &trajectory.rounds);
        rounds.any(|round| round.figures.contains_key(metric))
    };
    let terms = [
        (DIVERSITY, "diversity: mean distance over pairs of agents (Diversity_P), 0 alike to 100 opposite"),
        (TREE, "tree: mean edge of the minimum spanning tree over agents (Diversity_S)"),
        ("alignment", "alignment: closeness to each agent's own population, 100 is the same"),
        ("changed", "changed: answers unlike the round before"),
        ("toward_peers", "to peers: changes in the direction of what the others had answered"),
        ("drift", "drift: distance from the first answers"),
    ];
    let mut lines: Vec<&str> = terms.into_iter().filter(|(metric, _)| has(metric)).map(|(_, term)| term).collect();
    let asked_again = |trajectory: &Trajectory| {
        trajectory
            .rounds
            .iter()
            .any(|round| round.tick > 0 && *round.mechanism != *"exposure" && !posted_before(trajectory, round))
    };
    if trajectories.iter().any(asked_again) {
        lines.push("asked again: nothing was shown; what changes there changes by itself");
    } else if has("changed") && trajectories.iter().any(|trajectory| *trajectory.arm == *EXPOSED_ARM) {
        lines.push(
            "No control arm was run: part of every change is what asking again would change anyway (arms: [Exposed, ReAsk]).",
        );
    }
    lines.join("\n")
}
