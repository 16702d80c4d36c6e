//! `pluriverse tally`: voting rules over Pabulib files.

mod counted;
mod told;

use std::path::Path;
use std::sync::Arc;

use pluriverse_worlds::budgeting::electorate::ElectorateFault;
use pluriverse_worlds::budgeting::exact::{self, Exact};
use pluriverse_worlds::budgeting::measures::between::Between;
use pluriverse_worlds::budgeting::measures::{Breadth, SearchLimit};
use pluriverse_worlds::budgeting::pabulib::{self, Election};
use pluriverse_worlds::budgeting::tally::{Completion, Contest, IdOrder, Increments, Rule, TieBreaking, TieKey};
use pluriverse_worlds::budgeting::{Electorate, VoterUnit};
use serde::Serialize;

use self::counted::{CountedElection, counted_election};
use super::Exit;
use super::cli::{TallyArgs, TallyTies, TallyVoter};
use super::output::{Form, complain, say_json};
use crate::file::diagnose::suggestion;

/// What `--json` prints.
#[derive(Serialize)]
struct JsonReport<'a> {
    elections: &'a [CountedElection],
    /// Every two elections over the same projects.
    between: Vec<Pair>,
}

/// Two elections over the same projects.
#[derive(Serialize)]
struct Pair {
    first: Arc<str>,
    second: Arc<str>,
    total_variation: String,
    jensen_shannon_nats: f64,
    jensen_shannon_bits: f64,
    jensen_shannon_distance_nats: f64,
    jensen_shannon_distance_bits: f64,
    hellinger: f64,
    chi_square: f64,
}

/// How ballots are counted.
struct Counting {
    rules: Vec<Rule>,
    ties: TieBreaking,
    unit: VoterUnit,
    increments: Increments,
    limit: SearchLimit,
    follow_ties: FollowTies,
}

/// Whether every outcome that some way of breaking ties leads to is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FollowTies {
    Yes,
    No,
}

/// Carries the command out.
pub(super) fn execute(args: &TallyArgs, form: Form) -> Exit {
    let (counting, files) = match (counting(args), read_all(args)) {
        (Ok(counting), Ok(files)) => (counting, files),
        (counting, files) => {
            let mistakes: Vec<String> = counting.err().into_iter().chain(files.err().into_iter().flatten()).collect();
            for mistake in &mistakes {
                complain(&format!("error: {mistake}"));
            }
            return Exit::Mistake;
        }
    };
    let mut elections = Vec::new();
    for (name, file) in &files {
        match counted(name, file, &counting) {
            Ok(election) => elections.push(election),
            Err(message) => {
                complain(&format!("error: {name}: {message}"));
                return Exit::Mistake;
            }
        }
    }
    let between = between(&files);
    if form == Form::Json {
        say_json(&JsonReport { elections: &elections, between });
    } else {
        for election in &elections {
            told::election(election);
        }
        told::pairs(&between);
    }
    Exit::Done
}

fn counting(args: &TallyArgs) -> Result<Counting, String> {
    let mut rules = Vec::new();
    for name in &args.rule {
        match name.as_str() {
            "all" => rules.extend(Rule::all()),
            name => rules.push(Rule::named(name).ok_or_else(|| {
                let known = Rule::all();
                let names = known.iter().map(|rule| rule.name());
                format!("there is no rule `{name}`; {}", suggestion(name, names))
            })?),
        }
    }
    if rules.is_empty() {
        // What goes over an election again and again is asked for by name.
        let once = |rule: &Rule| match rule {
            Rule::EqualShares { completion, .. } => matches!(completion, Completion::None | Completion::Utilitarian),
            _ => true,
        };
        rules = Rule::all().into_iter().filter(once).collect();
    }
    let above_zero = |text: &str, what: &str| match exact::parse(text) {
        Some(value) if value > Exact::default() => Ok(value),
        _ => Err(format!("{what} is a number above 0 such as 1, 0.5 or 1/100, not `{text}`")),
    };
    let mut keys = Vec::new();
    let mut ids = IdOrder::Natural;
    for tie in &args.ties {
        match tie {
            TallyTies::MostVotes => keys.push(TieKey::MostVotes),
            TallyTies::LowestCost => keys.push(TieKey::LowestCost),
            TallyTies::HighestCost => keys.push(TieKey::HighestCost),
            TallyTies::Natural => ids = IdOrder::Natural,
            TallyTies::Lexicographic => ids = IdOrder::Lexicographic,
        }
    }
    Ok(Counting {
        rules,
        ties: TieBreaking { keys, ids },
        unit: match args.voter {
            TallyVoter::Ballot => VoterUnit::Ballot,
            TallyVoter::Agent => VoterUnit::Agent,
        },
        increments: Increments {
            endowment: above_zero(&args.increment, "--increment")?,
            budget: above_zero(&args.budget_step, "--budget-step")?,
        },
        limit: SearchLimit(args.search),
        follow_ties: if args.irresolute { FollowTies::Yes } else { FollowTies::No },
    })
}

/// The files, or everything that is wrong with any of them.
fn read_all(args: &TallyArgs) -> Result<Vec<(Arc<str>, Election)>, Vec<String>> {
    let mut files = Vec::new();
    let mut mistakes = Vec::new();
    for path in &args.files {
        let name: Arc<str> = Arc::from(path.display().to_string());
        match read(path, args.by.as_deref()) {
            Ok(election) => files.push((name, election)),
            Err(found) => mistakes.extend(found.into_iter().map(|mistake| format!("{name}: {mistake}"))),
        }
    }
    if mistakes.is_empty() { Ok(files) } else { Err(mistakes) }
}

fn read(path: &Path, by: Option<&str>) -> Result<Election, Vec<String>> {
    let bytes = std::fs::read(path).map_err(|error| vec![format!("cannot be read: {error}")])?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let whole = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]).into_owned();
        let line = whole.matches('\n').count() + 1;
        vec![format!("line {line}: not UTF-8 text")]
    })?;
    let mut election =
        pabulib::read(&text).map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    if let Some(by) = by
        && election.group_by(by).is_none()
    {
        let known = election.voter_columns.iter().map(|column| &**column.name());
        return Err(vec![format!("its votes have no column `{by}`; {}", suggestion(by, known))]);
    }
    Ok(election)
}

fn counted(name: &Arc<str>, file: &Election, counting: &Counting) -> Result<CountedElection, String> {
    let electorate =
        Electorate::new(&file.profile, file.instance.len(), counting.unit).map_err(|fault| match fault {
            ElectorateFault::NoAgent(_) => format!("{fault}; name the column that does with --by"),
            ElectorateFault::Empty | ElectorateFault::TooFine => fault.to_string(),
        })?;
    let contest = Contest::new(&file.instance, &electorate, &counting.ties);
    Ok(counted_election(name, file, &contest, counting))
}

/// Every two files whose projects have the same ids.
fn between(files: &[(Arc<str>, Election)]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (place, (first, one)) in files.iter().enumerate() {
        for (second, other) in &files[place + 1..] {
            let own = counts(one);
            let of_other = counts(other);
            let mapped: Option<Vec<u64>> = one
                .instance
                .projects()
                .iter()
                .map(|project| other.instance.find(&project.id).map(|place| of_other[place]))
                .collect();
            let same = one.instance.len() == other.instance.len();
            let Some(between) = mapped.filter(|_| same).and_then(|mapped| Between::of(&own, &mapped)) else {
                continue;
            };
            pairs.push(Pair {
                first: first.clone(),
                second: second.clone(),
                total_variation: between.total_variation.to_string(),
                jensen_shannon_nats: between.divergence_nats,
                jensen_shannon_bits: between.divergence_bits,
                jensen_shannon_distance_nats: between.distance_nats,
                jensen_shannon_distance_bits: between.distance_bits,
                hellinger: between.hellinger,
                chi_square: between.chi_square,
            });
        }
    }
    pairs
}

/// How many ballots name each project.
fn counts(file: &Election) -> Vec<u64> {
    let mut counts = vec![0; file.instance.len()];
    for voter in &file.profile.voters {
        for &project in &voter.ballot.projects {
            counts[project] += 1;
        }
    }
    counts
}

/// The breadth of a file's ballots.
fn breadth(file: &Election) -> Option<Breadth> {
    Breadth::of(&counts(file))
}
