//! Language models behind servers that are slow, busy, broken or merely odd: every answer arrives or is a typed
//! failure, and how it came about does not show.

use std::collections::BTreeMap;
use std::time::Duration;

use pluriverse_engine::exchange::Limit;
use pluriverse_engine::run::EndReason;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::Exit;
use pluriverse_tests::{Act, Arrival, Loopback, chat_reply, chosen_option, draw};

use crate::run_directory::{answers, events, requests};
use crate::support::{FinishedRun, ScenarioFile, command, loaded, run};

/// Three agents of two kinds of culture, two of them twins, behind one server.
pub(crate) const ASKED: &str = r#"Scenario(
    name: "asked",
    backbones: {
        "model": OpenAi(base_url: "URL", model: "loopback-1", temperature: 1.0, seed: 3, backoff: 0.01, MORE),
    },
    items: Only(["Q1", "Q2", "Q4", "Q57", "Q106", "Q240"]),
    population: [(culture: "BRA", backbone: "model", count: 2), (culture: "NZL", backbone: "model")],
    timeline: [Survey, Exposure(rounds: 2), Survey],
    limits: (failure_share: 1.0),
)"#;

pub(crate) fn scenario(server: &Loopback, more: &str) -> ScenarioFile {
    ScenarioFile::new(&ASKED.replace("URL", &server.url()).replace("MORE", more))
}

fn run_at(server: &Loopback, more: &str, set: &[&str]) -> FinishedRun {
    let file = scenario(server, more);
    let resolved = loaded(&file.path(), set, None).unwrap_or_else(|error| panic!("{}", error.render()));
    run(&resolved, 1, SystemOrder::AsRegistered)
}

/// An answer that is a function of the request.
pub(crate) fn answer(arrival: &Arrival) -> Act {
    Act::Say(format!("I choose \\boxed{{{}}}", chosen_option(&arrival.body)))
}

fn prompt(arrival: &Arrival) -> String {
    arrival.body["messages"].to_string()
}

#[test]
fn concurrency_and_latency_do_not_show_in_any_file() {
    let server =
        Loopback::start(|arrival| (Duration::from_millis(draw(&arrival.body, "latency", 12)), answer(arrival)));
    let expected = run_at(&server, "in_flight: 1", &[]).digests();
    assert!(expected.contains_key("requests.parquet") && expected.contains_key("manifest.json"));
    for in_flight in ["in_flight: 64", "in_flight: 512", "in_flight: 5, timeout: 60.0, attempts: 9"] {
        assert_eq!(run_at(&server, in_flight, &[]).digests(), expected, "{in_flight}");
    }
}

#[test]
fn the_ceiling_of_calls_in_flight_is_reached_and_never_passed() {
    let server = Loopback::start(|arrival| (Duration::from_millis(60), answer(arrival)));
    run_at(&server, "in_flight: 7", &[]);
    assert_eq!(server.most_in_flight(), 7);
}

#[test]
fn twins_and_questions_asked_again_are_draws_of_their_own() {
    let server = Loopback::start(|arrival| (Duration::ZERO, answer(arrival)));
    let finished = run_at(&server, "", &[]);
    let rows = requests(&finished.directory());
    // Two surveys and two twins: the Brazilians' survey questions are asked four times, with four seeds.
    let draws: Vec<i64> = rows
        .iter()
        .filter(|row| row.item == "Q1" && row.agent != 1 && matches!(row.tick, 0 | 3))
        .map(|row| row.draw)
        .collect();
    assert_eq!(rows.iter().map(|row| &row.key).collect::<std::collections::BTreeSet<_>>().len(), rows.len());
    assert_eq!(draws.len(), 4);
    assert_eq!(draws.iter().collect::<std::collections::BTreeSet<_>>().len(), 4, "{draws:?}");
    let seeds: std::collections::BTreeSet<String> = server.arrivals().iter().map(Arrival::identity).collect();
    assert_eq!(seeds.len(), rows.len());
}

#[test]
fn under_fifty_percent_of_429_every_answer_arrives_and_none_is_invented() {
    let calm = Loopback::start(|arrival| (Duration::ZERO, answer(arrival)));
    let expected = run_at(&calm, "", &[]);
    for with_header in [true, false] {
        let busy = Loopback::start(move |arrival| {
            let busy = draw(&arrival.body, &format!("busy {}", arrival.nth), 2) == 0;
            let header = with_header.then(|| ("retry-after", "0.02".to_owned()));
            let refusal = Act::Status(429, header.into_iter().collect(), "slow down".to_owned());
            (Duration::ZERO, if busy { refusal } else { answer(arrival) })
        });
        let finished = run_at(&busy, "in_flight: 16", &[]);
        assert_eq!(finished.digests(), expected.digests());
        assert_eq!(finished.summary.outcomes.missing(), 0);
        let sent: u32 = busy.counts().values().sum();
        let log = std::fs::read_to_string(finished.directory().join("calls.jsonl")).expect("a log of calls");
        assert_eq!(log.matches("sent_to").count(), sent as usize);
        assert_eq!(log.matches("rate_limited").count(), sent as usize - calm.counts().len());
    }
}

#[test]
fn faults_of_every_kind_pass_when_they_pass_in_time() {
    let calm = Loopback::start(|arrival| (Duration::ZERO, answer(arrival)));
    let expected = run_at(&calm, "", &[]).digests();
    let broken = Loopback::start(|arrival| {
        let fault = draw(&arrival.body, &format!("fault {}", arrival.nth), 12);
        let act = match fault {
            // Fewer faults in a row than a request has attempts.
            _ if arrival.nth >= 4 => answer(arrival),
            0 => Act::Status(500, vec![], "<html>oops</html>".to_owned()),
            1 => Act::Status(503, vec![("retry-after-ms", "5".to_owned())], String::new()),
            2 => Act::ResetMidBody,
            3 => Act::Truncate,
            4 => Act::Body("{\"choices\": [{\"message\"".to_owned()),
            5 => Act::Body(r#"{"error": {"message": "upstream", "code": 502}}"#.to_owned()),
            6 => Act::Close,
            7 => Act::Hang,
            8 => Act::Body("{}".to_owned()),
            _ => answer(arrival),
        };
        (Duration::ZERO, act)
    });
    let finished = run_at(&broken, "timeout: 0.3, in_flight: 24", &[]);
    assert_eq!(finished.digests(), expected);
    let costs = crate::support::json(&finished.directory().join("costs.json"));
    let failed = &costs["models"]["backbones"][0]["failed_calls"];
    for kind in ["server_error", "overloaded", "broken", "garbled", "timed_out"] {
        assert!(failed[kind].as_u64().is_some_and(|count| count > 0), "{kind} in {failed}");
    }
}

#[test]
fn a_dead_backbone_is_typed_and_isolated_and_nobody_is_shown_a_failure() {
    let alive = Loopback::start(|arrival| (Duration::ZERO, answer(arrival)));
    let dead = {
        // A port nobody listens on any more.
        let gone = Loopback::start(|_| (Duration::ZERO, Act::Close));
        gone.url()
    };
    let text = ASKED.replace("URL", &alive.url()).replace("MORE", "").replace(
        "    items:",
        r#"    societies: {
        "mixed": (population: [
            (cultures: ["BRA", "CHN", "NZL"], backbone: "model"), (cultures: ["MEX"], backbone: "dead")]),
    },
    items:"#,
    );
    let text = text
        .replace(
            r#"population: [(culture: "BRA", backbone: "model", count: 2), (culture: "NZL", backbone: "model")],"#,
            "",
        )
        .replace(
            "    backbones: {",
            &format!(
                r#"    backbones: {{
        "dead": OpenAi(base_url: "{dead}", model: "gone", attempts: 3, backoff: 0.01),"#
            ),
        );
    let file = ScenarioFile::new(&text);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let finished = run(&resolved, 1, SystemOrder::AsRegistered);
    let mut by_backbone: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in answers(&finished.directory()) {
        *by_backbone.entry((row.backbone, row.outcome)).or_default() += 1;
    }
    let expected = [(("dead", "failed"), 24), (("model", "answered"), 72)];
    assert!(by_backbone.iter().map(|((a, b), n)| ((a.as_str(), b.as_str()), *n)).eq(expected), "{by_backbone:?}");
    assert!(events(&finished.directory()).contains("no connection"));
    for arrival in &alive.arrivals() {
        let prompt = prompt(arrival);
        assert!(!prompt.contains("Mexican") && !prompt.contains("no connection"), "{prompt}");
    }
    // With a share of failures allowed that is smaller than the dead one's, the run stops.
    let resolved = loaded(&file.path(), &["limits.failure_share=0.2"], None);
    let stopped = run(&resolved.unwrap_or_else(|error| panic!("{}", error.render())), 1, SystemOrder::AsRegistered);
    assert_eq!(stopped.summary.ticks, 1);
    assert!(matches!(stopped.summary.end, EndReason::TooManyFailures { share, .. } if (share - 0.25).abs() < 1e-12));
}

#[test]
fn a_complete_run_with_failures_replays_and_says_why_they_failed() {
    let picky = Loopback::start(|arrival| {
        let refused = draw(&arrival.body, "refused", 3) == 0;
        let refusal = Act::Status(422, vec![], r#"{"error":{"message":"not on a Saturday"}}"#.to_owned());
        (Duration::ZERO, if refused { refusal } else { answer(arrival) })
    });
    let finished = run_at(&picky, "", &[]);
    assert!(finished.summary.outcomes.missing() > 12, "more than a run without leave would take");
    let directory = finished.directory().display().to_string();
    assert_eq!(command(&["replay", "-q", &directory]), Exit::Done);
    let costs = crate::support::json(&finished.directory().join("costs.json"));
    let reasons = costs["models"]["backbones"][0]["failed_requests"].as_object().expect("reasons");
    assert_eq!(reasons.keys().collect::<Vec<_>>(), ["HTTP 422: not on a Saturday"]);
    assert_eq!(reasons.values().next(), Some(&finished.summary.outcomes.missing().into()));
    assert_eq!(costs["models"]["total"]["unmetered"], 0);
}

#[test]
fn the_limit_of_time_holds_also_while_a_server_wants_to_be_left_alone() {
    let busy =
        Loopback::start(|_| (Duration::ZERO, Act::Status(429, vec![("retry-after", "60".to_owned())], String::new())));
    let finished = run_at(&busy, "", &["limits.wall_time=0.3"]);
    assert!(matches!(finished.summary.end, EndReason::LimitReached(Limit::WallTime(_))));
}

#[test]
fn a_reply_without_end_is_not_read_to_the_end() {
    let endless = Loopback::start(|_| (Duration::ZERO, Act::Body("x".repeat(17_000_000))));
    let finished = run_at(&endless, "attempts: 1", &["timeline=[Survey]", r#"items=Only(["Q1"])"#]);
    assert!(events(&finished.directory()).contains("the reply is longer than 16 MB"));
}

#[test]
fn several_servers_of_one_backbone_share_the_load_and_a_dead_one_is_left_out() {
    let servers = [0, 1].map(|_| Loopback::start(|arrival| (Duration::from_millis(5), answer(arrival))));
    let dead = Loopback::start(|_| (Duration::ZERO, Act::Close)).url();
    let more = format!(r#"base_urls: ["{}", "{dead}"], in_flight: 8, attempts: 3"#, servers[1].url());
    let finished = run_at(&servers[0], &more, &[]);
    assert_eq!(finished.summary.outcomes.missing(), 0);
    let loads = [servers[0].calls(), servers[1].calls()];
    assert!(loads.iter().all(|&load| load > 15), "{loads:?}");
    assert_eq!(loads.iter().sum::<usize>(), 72);
}

#[test]
fn odd_replies_are_taken_for_what_they_are() {
    let body = |content: &str, finish: &str, more: &str| {
        format!(
            r#"{{"choices":[{{"message":{{"role":"assistant","content":{content}{more}}},"finish_reason":{finish}}}]}}"#
        )
    };
    let odd = Loopback::start(move |arrival| {
        let prompt = arrival.body["messages"][1]["content"].as_str().unwrap_or_default().to_owned();
        let country = arrival.body["messages"][0]["content"].as_str().unwrap_or_default().contains("New Zealand");
        let act = match (country, prompt.contains("family")) {
            (true, true) => Act::Body(body("null", "\"content_filter\"", "")),
            (true, false) => {
                Act::Body(body("\"<think>1, no, \\\\boxed{1}</think>I say \\\\boxed{2}\"", "\"weird\"", ""))
            }
            (false, true) => Act::Body(body("null", "\"length\"", ",\"reasoning_content\":\"let me think\"")),
            (false, false) => Act::Slowly("b)".to_owned(), Duration::from_millis(3)),
        };
        (Duration::ZERO, act)
    });
    let finished = run_at(&odd, "", &["timeline=[Survey]", r#"items=Only(["Q1", "Q4"])"#]);
    let rows = answers(&finished.directory());
    let found: Vec<(&str, &str, Option<i64>, &str)> =
        rows.iter().map(|row| (row.culture.as_str(), row.item.as_str(), row.answer, row.outcome.as_str())).collect();
    assert_eq!(found.len(), 6);
    for row in found {
        let expected = match (row.0, row.1) {
            ("NZL", "Q1") => (None, "refused"),
            ("NZL", _) => (Some(2), "answered"),
            (_, "Q1") => (None, "unparsable"),
            (_, _) => (Some(2), "answered"),
        };
        assert_eq!((row.2, row.3), expected, "{row:?}");
    }
    assert!(events(&finished.directory()).contains("the limit of tokens was reached before the model said anything"));
}

#[test]
fn a_reply_that_cannot_be_read_is_sent_back_once_to_the_same_model() {
    let server = Loopback::start(|arrival| {
        let turns = arrival.body["messages"].as_array().map_or(0, Vec::len);
        let text = if turns == 2 { "Well, it depends." } else { "\\boxed{2}" };
        (Duration::ZERO, Act::Say(text.to_owned()))
    });
    let set = ["timeline=[Survey]", "answer=(reformat: Once)"];
    let finished = run_at(&server, "", &set);
    assert!(answers(&finished.directory()).iter().all(|row| row.answer == Some(2)));
    let rows = requests(&finished.directory());
    assert_eq!(rows.len(), 36);
    for pair in rows.chunks(2) {
        assert_eq!(
            (pair[0].turn, pair[0].outcome.as_str(), pair[0].reply.as_str()),
            (0, "unparsable", "Well, it depends.")
        );
        assert_eq!((pair[1].turn, pair[1].outcome.as_str(), pair[1].answer), (1, "answered", Some(2)));
    }
    let arrivals = server.arrivals();
    let again = arrivals.iter().find(|arrival| arrival.body["messages"][2].is_object()).expect("a second turn");
    assert_eq!(again.body["messages"][2], serde_json::json!({"role": "assistant", "content": "Well, it depends."}));
    assert!(again.body["messages"][3]["content"].as_str().is_some_and(|text| text.contains("\\boxed{number}")));
    // Without the scenario's leave nothing is sent back.
    let finished = run_at(&server, "", &["timeline=[Survey]"]);
    assert!(requests(&finished.directory()).iter().all(|row| row.turn == 0 && row.outcome == "unparsable"));
}

#[test]
fn several_samples_make_one_answer_with_its_distribution() {
    let server = Loopback::start(|arrival| (Duration::ZERO, answer(arrival)));
    let finished = run_at(&server, "", &["timeline=[Survey]", "answer=(samples: 5)"]);
    let said = requests(&finished.directory());
    assert_eq!(said.len(), 3 * 6 * 5);
    for row in answers(&finished.directory()) {
        let samples: Vec<i64> = said
            .iter()
            .filter(|request| request.agent == row.agent && request.item == row.item)
            .filter_map(|request| request.answer)
            .collect();
        let shares = row.distribution.expect("a distribution");
        let tail = row.tail.expect("a tail");
        assert_eq!(row.samples, Some(5));
        for (place, share) in shares.iter().enumerate() {
            let count = samples.iter().filter(|&&answer| answer == place as i64 + 1).count();
            assert!((share - count as f64 / 5.0).abs() < 1e-12);
        }
        assert!((shares.iter().sum::<f64>() + tail - 1.0).abs() < 1e-12);
        let taken = shares[row.answer.expect("an answer") as usize - 1];
        assert!(shares.iter().all(|&share| share <= taken));
    }
}

#[test]
fn log_probabilities_give_a_distribution_that_sums_to_one_within_its_tail() {
    let server = Loopback::start(|_| (Duration::ZERO, Act::Say("B".to_owned())));
    // Items with four options: the server's four letters.
    let items = r#"items=Only(["Q1", "Q2", "Q4"])"#;
    let set = ["timeline=[Survey]", "answer=(format: Logprobs(top: 4))", items];
    let finished = run_at(&server, "", &set);
    for arrival in &server.arrivals() {
        assert_eq!((&arrival.body["logprobs"], &arrival.body["top_logprobs"]), (&true.into(), &4.into()));
        assert!(prompt(arrival).contains("\\nA. "), "options are lettered");
    }
    let rows = answers(&finished.directory());
    for row in &rows {
        let shares = row.distribution.clone().expect("a distribution");
        let tail = row.tail.expect("a tail");
        assert!((shares.iter().sum::<f64>() + tail - 1.0).abs() < 1e-9, "{shares:?} {tail}");
        assert!(tail >= 0.1 - 1e-9 && row.samples.is_none());
        assert!((shares[row.answer.expect("an answer") as usize - 1] - 0.4).abs() < 1e-9);
    }
    // Drawn instead of taken at its mode, the answer follows the distribution, and the seed.
    let drawn = |seed: &str| {
        let set = ["timeline=[Survey]", "answer=(format: Logprobs(top: 4), take: Draw)", items, seed];
        let rows = answers(&run_at(&server, "", &set).directory());
        rows.into_iter().map(|row| row.answer).collect::<Vec<_>>()
    };
    assert_eq!(drawn("seed=1"), drawn("seed=1"));
    assert_ne!(drawn("seed=1"), drawn("seed=2"));
}

#[test]
fn forms_that_hold_the_server_to_a_choice_say_what_may_be_chosen() {
    for (format, more, place) in [
        ("Schema", "", "/response_format/json_schema/schema/properties/answer/enum"),
        ("Choice", "", "/structured_outputs/choice"),
        ("Choice", "choice_as: GuidedChoice", "/guided_choice"),
    ] {
        let server = Loopback::start(|arrival| {
            let text = if arrival.body["response_format"].is_object() { r#"{"answer": "1"}"# } else { "1" };
            (Duration::ZERO, Act::Say(text.to_owned()))
        });
        let format = format!("answer=(format: {format})");
        let finished = run_at(&server, more, &["timeline=[Survey]", &format]);
        assert!(answers(&finished.directory()).iter().all(|row| row.answer == Some(1)), "{format}");
        let seen = server.arrivals();
        let choices = seen[0].body.pointer(place).unwrap_or_else(|| panic!("{place}"));
        assert_eq!(choices[0], "1", "{format}");
    }
}

#[test]
fn requests_that_begin_alike_are_sent_together() {
    let server = Loopback::start(|arrival| (Duration::from_millis(1), answer(arrival)));
    run_at(&server, "in_flight: 1", &["timeline=[Survey]"]);
    let seen = server.arrivals();
    let systems: Vec<&str> =
        seen.iter().filter_map(|arrival| arrival.body["messages"][0]["content"].as_str()).collect();
    let changes = systems.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert_eq!(changes, 1, "the twins' questions come before the third agent's");
    let costs = chat_reply(&seen[0].body, "x");
    assert!(costs.contains("cached_tokens"));
}
