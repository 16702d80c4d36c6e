//! Every voting rule on one large election in memory, with reading, measures and axioms; beside pabutools on the same
//! file.
//!
//! Arguments after `--`: ballots, projects, runs at least (default 100000 40 3); then, optional, `python=PROGRAM` (see
//! `../peers/README.md`), `limit=SECONDS` for each of its rules (default 900), and `rule=NAME`, any number of them, for
//! these rules only. All is on one thread. Seconds are CPU time, which other work on the machine disturbs least; of
//! ours the mean over runs, as many as fill half a second.
//!
//! Projects and voters are points of a square, and voters approve near projects more often. Costs grow with the number
//! of ballots, so that an equal share of the budget, some 92, does not. The peer runs once a rule and must fund the
//! same projects. Reading is not in its time; counting the ballots is, anew for every rule, while it is done once here.
//! Hence two ratios: to the rule alone, and to electorate, contest and rule together.
//!
//! No rule can be faster than its approvals are read: 16 bytes each as a contest keeps them (a group and its utility),
//! once, at the speed of memory. The bench measures that speed and prints this floor. Greedy rules and welfare need
//! less, for the contest has counted; Phragmén and Equal Shares go through the supporters of a project in every round
//! in which it may be the next one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use pluriverse_worlds::budgeting::count::{Axioms, Counted};
use pluriverse_worlds::budgeting::measures::{Satisfaction, SearchLimit};
use pluriverse_worlds::budgeting::pabulib::{Election, read, write};
use pluriverse_worlds::budgeting::tally::{
    Account, Completion, Contest, IdOrder, Increments, Rule, TieBreaking, Utility, tally,
};
use pluriverse_worlds::budgeting::{
    Ballot, BallotKind, Electorate, Exact, Instance, Profile, Project, Voter, VoterUnit, exact,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::ThreadPoolBuilder;

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

/// What the arguments say.
struct Request {
    ballots: usize,
    projects: usize,
    runs: usize,
    python: Option<String>,
    limit: f64,
    rules: Vec<Rule>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let number = |place: usize, otherwise| numbers.get(place).copied().unwrap_or(otherwise);
    let option = |name| words.iter().find_map(|word| word.strip_prefix(name));
    let named = words.iter().filter_map(|word| word.strip_prefix("rule="));
    let named: Vec<Rule> = named.map(|name| Rule::named(name).expect("the name of a rule")).collect();
    let request = Request {
        rules: if named.is_empty() { Rule::all() } else { named },
        ballots: number(0, 100_000),
        projects: number(1, 40),
        runs: number(2, 3),
        python: option("python=").map(str::to_owned),
        limit: option("limit=").map_or(900.0, |text| text.parse().expect("seconds")),
    };
    let pool = ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    pool.install(|| bench(&request));
}

fn bench(request: &Request) {
    let election = election(request.ballots, request.projects);
    println!("{} ballots, {} projects; one thread", request.ballots, request.projects);
    println!("load average before: {}", load_average());
    let name = format!("pluriverse-budgeting-{}-{}.pb", request.ballots, std::process::id());
    let path: PathBuf = std::env::temp_dir().join(name);
    let (text, _) = timed("write as .pb", request.runs, || write(&election));
    std::fs::write(&path, &text).expect("a file");
    let (found, reading) = timed("read it", request.runs, || read(&text).expect("what was written"));
    assert!(found == election, "an election is read as it was written");
    let (instance, profile) = (&found.instance, &found.profile);
    let make = || Electorate::new(profile, instance.len(), VoterUnit::Ballot).expect("an electorate");
    let (electorate, merging) = timed("electorate", request.runs, make);
    // As the peer breaks them.
    let ties = TieBreaking { keys: Vec::new(), ids: IdOrder::Lexicographic };
    let (contest, counting) = timed("contest", request.runs, || Contest::new(instance, &electorate, &ties));
    let approvals: usize = profile.voters.iter().map(|voter| voter.ballot.projects.len()).sum();
    let kept: usize = (0..electorate.groups()).map(|group| electorate.supports(group).count()).sum();
    println!("{approvals} approvals, {kept} of them kept by {} groups of equal ballots", electorate.groups());
    let speed = memory_speed();
    let floor = kept as f64 * 16.0 / speed;
    println!("the floor: they are read once in {floor:.6} s at {:.1} GB/s\n", speed / 1e9);
    let mut peer = request.python.as_deref().map(|python| Peer::new(python, &path, request.limit));
    rules(&contest, request, merging + counting, peer.as_mut());
    if let Some(peer) = &peer {
        let theirs = peer.reading.iter().sum::<f64>() / peer.reading.len() as f64;
        println!(
            "reading: {theirs:.2} s, {:.0} times ours; least ratio of a rule alone: {:.0}, from the ballots: {:.0}",
            theirs / reading,
            peer.least[0],
            peer.least[1]
        );
    }
    println!();
    measures(&contest, request.runs);
    println!("load average after: {}", load_average());
    std::fs::remove_file(&path).expect("the file is there");
}

/// Every rule in turn, and what the peer takes for it. `before` is what making the contest took.
fn rules(contest: &Contest<'_>, request: &Request, before: f64, mut peer: Option<&mut Peer<'_>>) {
    println!(
        "{:<34}{:>11}{:>6}{:>8}{:>7}{:>14}{:>9}{:>15}",
        "", "s, mean", "runs", "funded", "steps", "pabutools, s", "times", "from ballots"
    );
    for &rule in &request.rules {
        let (allocation, seconds, runs) = repeated(request.runs, || tally(contest, rule, &Increments::default()));
        let allocation = allocation.expect("a rule for approvals");
        let steps = match &allocation.account {
            Account::Purses { raised: Some(raised), .. } => raised.tried.to_string(),
            _ => String::new(),
        };
        print!("{:<34}{seconds:>11.6}{runs:>6}{:>8}{steps:>7}", rule.name(), allocation.funded.len());
        if let Some(peer) = peer.as_mut().filter(|_| rule != Rule::ApprovalRanking) {
            let unique = !matches!(allocation.account, Account::Optimum { sets, .. } if sets != Some(1));
            let mut funded: Vec<String> =
                allocation.funded.iter().map(|&project| contest.instance.projects()[project].id.to_string()).collect();
            funded.sort();
            let (theirs, found) = peer.run(rule);
            let ratios = [theirs / seconds, theirs / (before + seconds)];
            if let Some(found) = found {
                assert!(found == funded || !unique, "{}: {found:?}, not {funded:?}", rule.name());
                print!("{theirs:>14.3}{:>9.1}{:>15.1}", ratios[0], ratios[1]);
            } else {
                let limit = peer.limit;
                print!(
                    "  did not finish in {limit} s, so more than {:.1} × ({:.1} × from ballots)",
                    ratios[0], ratios[1]
                );
            }
            for (least, ratio) in peer.least.iter_mut().zip(ratios) {
                *least = least.min(ratio);
            }
        }
        println!();
    }
}

/// What is told of an outcome beside it.
fn measures(contest: &Contest<'_>, runs: usize) {
    let rule = Rule::EqualShares { utility: Utility::Cardinality, completion: Completion::Utilitarian };
    let (instance, electorate, limit) = (contest.instance, contest.electorate, SearchLimit::default());
    let funded = tally(contest, rule, &Increments::default()).expect("a rule for approvals").funded;
    timed("satisfaction", runs, || Satisfaction::of(instance, electorate, &funded));
    let find = || Axioms::of(instance, electorate, &funded, contest.by_rank(), limit);
    let (axioms, _) = timed("axioms", runs, find);
    let count = || Counted::of(contest, rule, &Increments::default(), limit).expect("a rule for approvals");
    timed("rule, satisfaction and axioms", runs, count);
    for (kind, found) in [("projects", Some(&axioms.cardinality)), ("money", axioms.cost.as_ref())] {
        let Some(found) = found else { continue };
        let all = if found.complete { "all there are" } else { "up to the limit" };
        println!("  satisfaction in {kind}: {} cohesive sets of projects, {all}; EJR {:?}", found.sets, found.ejr);
    }
}

/// pabutools on a file.
struct Peer<'a> {
    python: &'a str,
    path: &'a Path,
    limit: f64,
    /// Seconds of reading the file, run after run.
    reading: Vec<f64>,
    /// The least ratio so far to a rule alone, and to counting from the ballots.
    least: [f64; 2],
}

impl<'a> Peer<'a> {
    fn new(python: &'a str, path: &'a Path, limit: f64) -> Self {
        Self { python, path, limit, reading: Vec::new(), least: [f64::INFINITY; 2] }
    }

    /// Seconds of a rule, and the ids of what it funds; none where the time was over.
    fn run(&mut self, rule: Rule) -> (f64, Option<Vec<String>>) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/pabutools/rules.py");
        let mut command = Command::new(self.python);
        command.arg(script).arg(self.path).args([rule.name(), &self.limit.to_string()]);
        // Sets are gone through in the order of hashes.
        let output = command.env("PYTHONHASHSEED", "0").output().expect("the peer's program");
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|fault| {
            panic!("{}: {fault}, and {}", rule.name(), String::from_utf8_lossy(&output.stderr));
        });
        let seconds = |name: &str| said[name].as_f64().expect("seconds");
        self.reading.push(seconds("read_seconds"));
        let id = |id: &serde_json::Value| id.as_str().expect("an id").to_owned();
        (seconds("seconds"), said["funded"].as_array().map(|ids| ids.iter().map(id).collect()))
    }
}

/// An election of projects and voters in a square.
fn election(ballots: usize, projects: usize) -> Election {
    let mut rng = ChaCha8Rng::from_seed([7; 32]);
    let places: Vec<(f64, f64)> = (0..projects).map(|_| (rng.random(), rng.random())).collect();
    let unit = ballots as f64;
    let cost = |rng: &mut ChaCha8Rng| exact::whole((unit * (1.0 + 9.0 * rng.random::<f64>())) as i64);
    let empty: Arc<str> = Arc::from("");
    let listed: Vec<Project> = (0..projects)
        .map(|place| Project {
            id: Arc::from(format!("p{place}")),
            name: empty.clone(),
            category: empty.clone(),
            dimension: empty.clone(),
            description: empty.clone(),
            cost: cost(&mut rng),
        })
        .collect();
    let total: Exact = listed.iter().map(|project| &project.cost).sum();
    let budget = (total / exact::whole(2)).floor();
    let mut voter = |place: usize| {
        let (across, down): (f64, f64) = (rng.random(), rng.random());
        let mut near = |project: &usize| {
            let (right, below) = (places[*project].0 - across, places[*project].1 - down);
            rng.random::<f64>() < (0.6 - (right * right + below * below).sqrt()).max(0.02)
        };
        let mut approved: Vec<usize> = (0..projects).filter(&mut near).collect();
        if approved.is_empty() {
            approved.push(place % projects);
        }
        let ballot = Ballot { projects: approved, points: Vec::new() };
        Voter { id: Arc::from(format!("v{place}")), agent: None, ballot }
    };
    let voters = (0..ballots).map(&mut voter).collect();
    let profile = Profile { kind: BallotKind::Approval, voters, agents: Vec::new(), point_scale: 1, default_points: 0 };
    Election::new(Instance::new(listed, budget).expect("an instance"), profile, Vec::new()).expect("an election")
}

/// Runs something at least so many times and for half a second: what it makes, its mean time, and how many runs.
fn repeated<T>(least: usize, mut work: impl FnMut() -> T) -> (T, f64, usize) {
    let (started, computed, mut runs) = (now(), cpu(), 0);
    loop {
        let made = work();
        runs += 1;
        let wall = started.elapsed().as_secs_f64();
        if runs >= least && wall > 0.5 {
            let took = cpu().zip(computed).map_or(wall, |(after, before)| after - before);
            return (made, took / runs as f64, runs);
        }
    }
}

/// Seconds this thread has computed, where the system tells; it counts some milliseconds late.
fn cpu() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

/// The same, told on a line.
fn timed<T>(what: &str, least: usize, work: impl FnMut() -> T) -> (T, f64) {
    let (made, seconds, runs) = repeated(least, work);
    println!("{what:<34}{seconds:>11.6}{runs:>6}");
    (made, seconds)
}

/// Bytes a second that one thread reads from memory, at best.
fn memory_speed() -> f64 {
    let words = vec![1_u64; 1 << 25];
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let started = now();
        assert_eq!(std::hint::black_box(&words).iter().sum::<u64>(), 1 << 25);
        best = best.min(started.elapsed().as_secs_f64());
    }
    (words.len() * 8) as f64 / best
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
