//! Runs that are killed at a random moment, and some whose last record is torn besides, end with the bytes of a run
//! that was left alone, and ask for nothing that was on disk. The suite does a few; `PLURIVERSE_KILLS=200` does 200 and
//! a quarter as many torn ones.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use pluriverse_engine::replies::export;
use pluriverse_scenarios::commands::cli::LogForm;
use pluriverse_scenarios::commands::log::start_log;
use pluriverse_tests::{Arrival, Loopback, draw};

use crate::servers::{answer, scenario};
use crate::support::{ScenarioFile, command, digests, json};

/// The command line a child process carries out, a word a line.
pub(crate) const CHILD_WORDS: &str = "PLURIVERSE_TEST_CHILD_WORDS";

/// The test that does it.
pub(crate) const CHILD: &str = "killed::a_child_process_carries_a_command_out_when_asked_to";

#[test]
#[expect(clippy::disallowed_methods, reason = "the parent process asks through the environment")]
fn a_child_process_carries_a_command_out_when_asked_to() {
    // Alone this does nothing: it is the other half of the tests below.
    if let Ok(words) = std::env::var(CHILD_WORDS) {
        let words: Vec<&str> = words.split('\n').collect();
        start_log(LogForm::Text);
        std::process::exit(i32::from(command(&words).code()));
    }
}

/// A command as a process of its own, which can be killed.
pub(crate) fn child(words: &[&str]) -> Child {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", CHILD, "--nocapture"])
        .env(CHILD_WORDS, words.join("\n"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the child starts")
}

/// Fails 30 % of calls as a function of the request and how often it came before, fewer times than a request has calls.
fn faulty() -> Loopback {
    Loopback::start(|arrival| {
        let latency = Duration::from_millis(1 + draw(&arrival.body, &format!("latency {}", arrival.nth), 8));
        let act = if fails(arrival, arrival.nth) {
            match draw(&arrival.body, "kind", 3) {
                0 => pluriverse_tests::Act::Status(500, vec![], "oops".to_owned()),
                1 => pluriverse_tests::Act::ResetMidBody,
                _ => pluriverse_tests::Act::Status(429, vec![], String::new()),
            }
        } else {
            answer(arrival)
        };
        (latency, act)
    })
}

fn fails(arrival: &Arrival, nth: u32) -> bool {
    nth < 4 && draw(&arrival.body, &format!("fails {nth}"), 10) < 3
}

fn file(server: &Loopback) -> ScenarioFile {
    scenario(server, "in_flight: 4")
}

/// Calls an undisturbed run makes for a request: one for each fault in a row, and one more.
fn calls_needed(arrival: &Arrival) -> u32 {
    (0..5).find(|&nth| !fails(arrival, nth)).unwrap_or(5) + 1
}

/// Requests whose replies are on disk, with how often they had been sent by then.
fn durable(directory: &Path, server: &Loopback) -> BTreeMap<String, u32> {
    // A copy, so that looking does not repair what the next session has to repair.
    let copy = tempfile::tempdir().expect("a folder");
    for name in ["replies.sqlite", "replies.sqlite-wal"] {
        let _ = std::fs::copy(directory.join(name), copy.path().join(name));
    }
    let Ok(store) = rusqlite::Connection::open(copy.path().join("replies.sqlite")) else {
        return BTreeMap::new();
    };
    let counts = server.counts();
    let Ok(mut statement) = store.prepare("SELECT messages, seed FROM replies") else {
        // Killed before the table was made.
        return BTreeMap::new();
    };
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)));
    rows.expect("readable")
        .map(|row| {
            let (messages, seed) = row.expect("a row");
            let messages: serde_json::Value = serde_json::from_str(&messages).expect("JSON");
            let identity = format!("{messages}#{seed}");
            let count = counts.get(&identity).copied().unwrap_or(0);
            assert!(count > 0, "a reply to what was never asked");
            (identity, count)
        })
        .collect()
}

/// Cuts a few bytes off a file, as a power failure may.
fn tear(path: &Path, bytes: u64) {
    if let Ok(file) = std::fs::File::options().write(true).open(path) {
        let length = file.metadata().expect("a length").len();
        file.set_len(length.saturating_sub(bytes)).expect("cut");
    }
}

/// Digest of the canonical export of a run's replies.
fn exported(directory: &Path) -> blake3::Hash {
    let mut out = Vec::new();
    export(directory, &mut out).expect("exported");
    blake3::hash(&out)
}

/// One run, killed once or several times; what it must be in the end.
fn trial(seed: u64, torn: bool, expected: &(BTreeMap<String, String>, blake3::Hash)) {
    let chance = |salt: &str, below: u64| draw(&serde_json::json!({ "seed": seed }), salt, below);
    let server = faulty();
    let scenario = file(&server);
    let directory = scenario.folder().join("run");
    let (path, out) = (scenario.path(), directory.display().to_string());
    let mut kept: Vec<BTreeMap<String, u32>> = Vec::new();
    let kills = 1 + chance("kills", 3);
    for kill in 0..kills {
        let resume = if directory.join("manifest.json").exists() { &["--resume"][..] } else { &[] };
        let words = [&["run", "-q", &path, "--out", &out], resume].concat();
        let mut process = child(&words);
        std::thread::sleep(Duration::from_millis(15 + chance(&format!("moment {kill}"), 260)));
        let _ = process.kill();
        let _ = process.wait();
        if torn {
            tear(&directory.join("replies.sqlite-wal"), 1 + chance("bytes", 5000));
            tear(&directory.join("calls.jsonl"), 1 + chance("bytes", 90));
        }
        // What the dead process had sent may still be on its way.
        std::thread::sleep(Duration::from_millis(30));
        kept.push(durable(&directory, &server));
    }
    let resume = if directory.join("manifest.json").exists() { &["--resume"][..] } else { &[] };
    let words = [&["run", "-q", &path, "--out", &out], resume].concat();
    assert_eq!(child(&words).wait().expect("the child ends").code(), Some(0), "seed {seed}");
    assert_eq!(digests(&directory), expected.0, "seed {seed}");
    assert_eq!(exported(&directory), expected.1, "seed {seed}");
    let counts = server.counts();
    for (identity, count) in kept.iter().flatten() {
        assert_eq!(counts[identity], *count, "seed {seed}: asked again though its reply was on disk: {identity}");
    }
    if kills == 1 && !torn {
        let arrivals = server.arrivals();
        let twice = arrivals
            .iter()
            .filter(|arrival| arrival.nth == 0)
            .filter(|arrival| counts[&arrival.identity()] > calls_needed(arrival));
        let costs = json(&directory.join("costs.json"));
        let lost = costs["sessions"][0]["lost_in_flight"].as_u64().expect("a count");
        assert!(twice.count() as u64 <= lost, "seed {seed}: more was paid twice than the {lost} that were under way");
        assert!(lost <= 4 + 8, "seed {seed}: {lost} under way, of four at once and what was gathered for one commit");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long to test is the tester's choice")]
fn runs_killed_at_any_moment_end_as_if_nothing_had_happened() {
    let kills: u64 = std::env::var("PLURIVERSE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    let server = faulty();
    let scenario = file(&server);
    let directory = scenario.folder().join("run");
    let words = ["run", "-q", "--json", &scenario.path(), "--out", &directory.display().to_string()].map(str::to_owned);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(child(&words).wait().expect("the child ends").code(), Some(0));
    let expected = (digests(&directory), exported(&directory));
    let (counts, arrivals) = (server.counts(), server.arrivals());
    for arrival in arrivals.iter().filter(|arrival| arrival.nth == 0) {
        assert_eq!(counts[&arrival.identity()], calls_needed(arrival));
    }
    for trial_of in 0..kills {
        trial(trial_of, false, &expected);
        if kills > 20 && trial_of % 20 == 19 {
            let _ = writeln!(std::io::stderr(), "{} killed runs ended as they should", trial_of + 1);
        }
    }
    for trial_of in 0..kills.div_ceil(4) {
        trial(1000 + trial_of, true, &expected);
    }
    let _ = writeln!(std::io::stderr(), "{kills} killed and {} torn runs ended as they should", kills.div_ceil(4));
}
