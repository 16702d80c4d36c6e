//! What is paid for is kept: limits that stop, sessions that go on, replays that ask nobody, caches that are shared.

use std::time::Duration;

use pluriverse_engine::replies::{CacheUse, REPLIES};
use pluriverse_engine::run::{EndReason, StopSignal};
use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::commands::carry::RunOptions;
use pluriverse_tests::{Act, Loopback};

use crate::servers::{answer, scenario};
use crate::support::{ScenarioFile, carried, command, digests, json, loaded};

fn calm() -> Loopback {
    Loopback::start(|arrival| (Duration::from_millis(1), answer(arrival)))
}

fn at(file: &ScenarioFile, name: &str) -> (std::path::PathBuf, String) {
    let directory = file.folder().join(name);
    let shown = directory.display().to_string();
    (directory, shown)
}

fn total_calls(server: &Loopback) -> u32 {
    server.counts().values().sum()
}

#[test]
fn a_finished_run_replays_byte_for_byte_and_asks_nobody() {
    let server = calm();
    let file = scenario(&server, "");
    let (directory, out) = at(&file, "run");
    assert_eq!(command(&["run", "-q", "--json", &file.path(), "--out", &out]), Exit::Done);
    let (connections, calls) = (server.connections(), total_calls(&server));
    let (again, out_again) = at(&file, "again");
    assert_eq!(command(&["replay", "-q", &out, "--out", &out_again]), Exit::Done);
    assert_eq!(digests(&again), digests(&directory));
    assert_eq!((server.connections(), total_calls(&server)), (connections, calls));
    drop(server);
    assert_eq!(command(&["replay", "-q", &out]), Exit::Done);

    let store = rusqlite::Connection::open(directory.join(REPLIES)).expect("a store");
    store.execute("DELETE FROM replies WHERE id = 40", []).expect("deleted");
    drop(store);
    assert_eq!(command(&["replay", "-q", &out]), Exit::Failed);
}

#[test]
fn a_limit_stops_a_run_resumably_and_a_higher_one_finishes_it_as_if_there_had_been_none() {
    let server = calm();
    let file = scenario(&server, "in_flight: 4");
    let (whole, out_whole) = at(&file, "whole");
    assert_eq!(command(&["run", "-q", "--json", &file.path(), "--out", &out_whole]), Exit::Done);
    let needed = total_calls(&server);
    let (limited, out) = at(&file, "limited");
    let run = |limit: &str, more: &[&str]| {
        command(&[&["run", "-q", "--json", &file.path(), "--out", &out, "--set", limit][..], more].concat())
    };
    assert_eq!(run("limits.requests=30", &[]), Exit::Stopped);
    assert_eq!(total_calls(&server), needed + 30);
    let status = &json(&limited.join("manifest.json"))["status"];
    assert!(status["reason"].as_str().is_some_and(|reason| reason.contains("limits.requests: 30")), "{status}");
    assert_eq!(run("limits.tokens=6000", &["--resume"]), Exit::Stopped);
    assert_eq!(run("limits.requests=100000", &["--resume"]), Exit::Done);
    assert_eq!(total_calls(&server), 2 * needed);
    assert_eq!(digests(&limited), digests(&whole));
    let costs = json(&limited.join("costs.json"));
    assert_eq!(costs["sessions"].as_array().map(Vec::len), Some(3));
    assert_eq!(costs["models"]["calls"], u64::from(needed));
    assert!(costs["models"]["total"]["from_earlier_sessions"].as_u64().is_some_and(|count| count >= 30));
}

#[test]
fn money_is_limited_before_it_is_spent_and_itemised_after() {
    let server = calm();
    let file = scenario(&server, "in_flight: 2");
    let prices = file.folder().join("prices.ron");
    let table =
        r#"Prices(currency: "EUR", per_million: {"loopback-1": (input: 100.0, cached_input: 10.0, output: 1000.0)})"#;
    std::fs::write(&prices, table).expect("written");
    let (directory, out) = at(&file, "run");
    let prices = prices.display().to_string();
    let path = file.path();
    let words = ["run", "-q", "--json", &path, "--out", &out, "--prices", &prices];
    assert_eq!(command(&[&words[..], &["--set", "limits.money=0.1"]].concat()), Exit::Stopped);
    let spent = json(&directory.join("costs.json"));
    // What the replies of the broken-off tick cost is in the store; the tally holds whole ticks.
    assert_eq!(spent["models"]["currency"], "EUR");
    assert!(spent["sessions"][0]["end"].as_str().is_some_and(|end| end.contains("limits.money: 0.1")));
    assert_eq!(command(&[&words[..], &["--resume"]].concat()), Exit::Done);
    let costs = json(&directory.join("costs.json"));
    let items = costs["models"]["replies"].as_array().expect("items");
    let sum: f64 = items.iter().map(|item| item["money"].as_f64().expect("money")).sum();
    let total = costs["models"]["total"]["money"].as_f64().expect("money");
    let store = rusqlite::Connection::open(directory.join(REPLIES)).expect("a store");
    let paid: f64 = store
        .query_row(
            "SELECT sum((prompt_tokens - cached_tokens) * 100.0 + cached_tokens * 10.0 + completion_tokens * 1000.0) / 1e6
             FROM replies",
            [],
            |row| row.get(0),
        )
        .expect("a sum");
    assert!((sum - total).abs() < 1e-9 && (paid - total).abs() < 1e-9, "{sum} {total} {paid}");
    assert!(items.iter().any(|item| item["phase"] == 1 && item["mechanism"] == "exposure"));
}

#[test]
fn a_shared_cache_is_free_and_leads_to_the_same_bytes() {
    let server = calm();
    let file = scenario(&server, "");
    let cache = file.folder().join("cache").display().to_string();
    let (first, out_first) = at(&file, "first");
    let (second, out_second) = at(&file, "second");
    let run = |out: &str, more: &[&str]| {
        command(&[&["run", "-q", "--json", &file.path(), "--out", out, "--cache", &cache][..], more].concat())
    };
    assert_eq!(run(&out_first, &[]), Exit::Done);
    let calls = total_calls(&server);
    assert_eq!(run(&out_second, &["--cache-read-only"]), Exit::Done);
    assert_eq!(total_calls(&server), calls);
    assert_eq!(digests(&first), digests(&second));
    let costs = json(&second.join("costs.json"));
    assert_eq!(costs["models"]["total"]["from_cache"], u64::from(calls));
    assert_eq!((&costs["models"]["calls"], &costs["models"]["total"]["prompt_tokens"]), (&0.into(), &0.into()));
    // What came from the cache is part of the run: it replays without it.
    std::fs::remove_dir_all(&cache).expect("removed");
    assert_eq!(command(&["replay", "-q", &out_second]), Exit::Done);
}

#[test]
fn a_final_failure_is_not_asked_for_again_until_somebody_says_so() {
    let broken = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let state = broken.clone();
    let server = Loopback::start(move |arrival| {
        let bad = arrival.body.to_string().contains("Zealand") && state.load(std::sync::atomic::Ordering::SeqCst);
        let act = if bad { Act::Status(400, vec![], "cannot".to_owned()) } else { answer(arrival) };
        (Duration::ZERO, act)
    });
    let file = scenario(&server, "");
    let (directory, out) = at(&file, "run");
    let run = |more: &[&str]| command(&[&["run", "-q", "--json", &file.path(), "--out", &out][..], more].concat());
    assert_eq!(run(&["--set", "limits.failure_share=0.1"]), Exit::Stopped);
    let calls = total_calls(&server);
    assert_eq!(run(&["--resume", "--set", "limits.failure_share=0.1"]), Exit::Stopped);
    assert_eq!(total_calls(&server), calls);
    broken.store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(run(&["--resume", "--retry-failed", "--set", "limits.failure_share=0.1"]), Exit::Done);
    let costs = json(&directory.join("costs.json"));
    assert_eq!(costs["requests"], serde_json::json!({ "answered": 72 }));
    // A complete run has failures too, and may be told to ask again.
    broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let (_, out) = at(&file, "other");
    let run = |more: &[&str]| command(&[&["run", "-q", "--json", &file.path(), "--out", &out][..], more].concat());
    assert_eq!(run(&["--resume"]), Exit::Mistake);
    assert_eq!(run(&[]), Exit::Done);
    broken.store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(run(&["--resume"]), Exit::Done);
    let costs = |out: &str| json(&std::path::Path::new(out).join("costs.json"))["requests"]["answered"].clone();
    assert_eq!(costs(&out), 48);
    assert_eq!(run(&["--resume", "--retry-failed"]), Exit::Done);
    assert_eq!(costs(&out), 72);
}

#[test]
fn whoever_stops_a_run_waits_for_what_is_under_way_and_loses_nothing() {
    let server = Loopback::start(|arrival| (Duration::from_millis(120), answer(arrival)));
    let file = scenario(&server, "in_flight: 5");
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let (directory, _) = at(&file, "run");
    let stop = StopSignal::default();
    let stopper = stop.clone();
    let waiting = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(60));
        stopper.stop();
    });
    let found = carried(&resolved, &directory, &RunOptions::default(), &stop);
    waiting.join().expect("it ends");
    assert_eq!(found.summary.end, EndReason::Interrupted);
    assert_eq!(total_calls(&server), 5);
    let store = rusqlite::Connection::open(directory.join(REPLIES)).expect("a store");
    let kept: i64 = store.query_row("SELECT count(*) FROM replies", [], |row| row.get(0)).expect("a count");
    assert_eq!(kept, 5);
}

#[test]
fn a_cache_of_another_version_or_kind_is_refused_before_anything_is_written() {
    let server = calm();
    let file = scenario(&server, "");
    let cache = file.folder().join("cache");
    std::fs::create_dir(&cache).expect("made");
    let (directory, out) = at(&file, "run");
    let words = ["run", "-q", &file.path(), "--out", &out, "--cache", &cache.display().to_string()].map(str::to_owned);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let store = rusqlite::Connection::open(cache.join(REPLIES)).expect("a database");
    store
        .execute_batch("PRAGMA application_id = 1347179858; PRAGMA user_version = 9; CREATE TABLE t (a);")
        .expect("made");
    drop(store);
    assert_eq!(command(&words), Exit::Mistake);
    let error = pluriverse_engine::replies::check_cache(&cache, CacheUse::ReadWrite).expect_err("another version");
    assert!(error.to_string().contains("version 9"), "{error}");
    std::fs::write(cache.join(REPLIES), "no database at all, but long enough to look at").expect("written");
    assert_eq!(command(&words), Exit::Mistake);
    assert!(!directory.exists() && total_calls(&server) == 0);
}
