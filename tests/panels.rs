//! Panels that answer in words: every voice is asked in both orders, what they say becomes one distribution with a bounded
//! correction, what a voice leaves unsaid is never filled in, and runs are reckoned, replayed and taken up like any other.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pluriverse_agents::kinds::panel::figures::PANELS;
use pluriverse_engine::record::read::read_table;
use pluriverse_engine::run::EndReason;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::commands::check::Plan;
use pluriverse_scenarios::commands::panels::{Panels, tables};
use pluriverse_scenarios::commands::trajectory::Part;
use pluriverse_tests::{Act, Arrival, Loopback};
use pluriverse_worlds::budgeting::vote::record::BALLOTS;
use serde_json::json;

use crate::run_directory::{answers, events, requests};
use crate::servers::answer;
use crate::support::{FinishedRun, ScenarioFile, command, digests, loaded, mistakes_of, run};

/// Two agents, each a panel of a base and three personas, on an ordinal, a binary and a nominal item.
const ASKED: &str = r#"Scenario(
    name: "panels",
    backbones: {
        "model": OpenAi(base_url: "URL", model: "loopback-1", backoff: 0.01, seed: 3),
        "panel": Panel(over: "model", personas: Given([(sex: Female), (sex: Male), (income: Low)])),
    },
    items: Only(["Q1", "Q57", "Q42"]),
    population: [(cultures: ["BRA", "NZL"], backbone: "panel")],
    answer: (format: Logprobs(top: 5)),
    timeline: [Survey, Exposure(rounds: 1)],
    limits: (failure_share: 1.0),
)"#;

/// The first options of its items.
const FIRST: [&str; 3] = ["It matters a great deal", "Most others deserve trust", "Overturn the present order"];

/// The same for servers that give words alone, through everything a society does.
const IN_WORDS: &str = r#"Scenario(
    name: "panels-in-words",
    backbones: {
        "model": OpenAi(base_url: "URL", model: "loopback-1", backoff: 0.01, seed: 3, in_flight: 8),
        "panel": Panel(over: "model", personas: Given([(sex: Female), (sex: Male)])),
    },
    items: Only(["Q1", "Q57"]),
    population: [(cultures: ["BRA", "NZL"], backbone: "panel")],
    answer: (samples: 2),
    timeline: [Survey, Vote(samples: 2), Post(rounds: 2, minutes: 60, heartbeat: (minutes: 60))],
    limits: (failure_share: 1.0),
)"#;

fn carried(text: &str, server: &Loopback, set: &[&str]) -> FinishedRun {
    let file = ScenarioFile::new(&text.replace("URL", &server.url()));
    let resolved = loaded(&file.path(), set, None).unwrap_or_else(|error| panic!("{}", error.render()));
    run(&resolved, 2, SystemOrder::AsRegistered)
}

fn plan(text: &str, server: &Loopback) -> Plan {
    let file = ScenarioFile::new(&text.replace("URL", &server.url()));
    Plan::of(&loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render())))
}

fn message(arrival: &Arrival, place: usize) -> &str {
    arrival.body["messages"][place]["content"].as_str().unwrap_or_default()
}

/// Which voice is asked: 0 the base, then the personas.
fn voice(arrival: &Arrival) -> usize {
    let told = message(arrival, 0);
    if told == "You are a helpful assistant." {
        return 0;
    }
    ["You are a woman.", "You are a man.", "on a low income"]
        .iter()
        .position(|words| told.contains(words))
        .expect("a persona")
        + 1
}

/// A reply whose letters have these shares; without any, one without log-probabilities.
fn weighed(shares: &[f64]) -> Act {
    let letter = |place: usize| char::from(b'A' + place as u8).to_string();
    let top: Vec<_> = (0..shares.len())
        .map(|place| json!({ "token": letter(place), "logprob": libm::log(shares[place]), "bytes": null }))
        .collect();
    let logprobs = if shares.is_empty() {
        json!(null)
    } else {
        json!({ "content": [{ "token": "A", "logprob": libm::log(shares[0]), "top_logprobs": top }] })
    };
    let message = json!({ "role": "assistant", "content": "A" });
    let choice = json!({ "index": 0, "message": message, "logprobs": logprobs, "finish_reason": "stop" });
    let body = json!({
        "id": "x", "object": "chat.completion", "created": 0, "model": "loopback-1", "choices": [choice],
        "usage": { "prompt_tokens": 1, "completion_tokens": 1 },
    });
    Act::Body(body.to_string())
}

/// How a voice that leans this far to the last option spreads over options, 0.02 for each between the ends.
fn leaning(last: f64, options: usize) -> Vec<f64> {
    let mut shares = vec![0.02; options];
    let ends = 1.0 - 0.02 * (options - 2) as f64;
    shares[0] = ends * (1.0 - last);
    shares[options - 1] = ends * last;
    shares
}

/// A reply that leans to the last option of the item, wherever it stands.
fn leans(arrival: &Arrival, last: f64) -> Act {
    let text = message(arrival, 1);
    let options = ('A'..='K').take_while(|mark| text.contains(&format!("\n{mark}. "))).count();
    let mut shares = leaning(last, options);
    if !FIRST.iter().any(|first| text.contains(&format!("A. {first}"))) {
        shares.reverse();
    }
    weighed(&shares)
}

/// A row of the table of panels.
struct Row {
    tick: i64,
    agent: i64,
    subject: String,
    base: f64,
    panel: f64,
    disagreement: f64,
    reliability: f64,
    anchor: f64,
    correction: f64,
    bound: f64,
    decided: f64,
}

fn decisions(directory: &Path) -> Vec<Row> {
    let columns = read_table(directory, &PANELS).expect("readable");
    let column = |name: &str| {
        let place = PANELS.columns.iter().position(|(known, _)| *known == name).expect("a column");
        &columns[place]
    };
    let row = |row: usize| {
        let real = |name: &str| column(name).real(row).expect("a figure");
        let integer = |name: &str| column(name).integer(row).expect("a number");
        Row {
            tick: integer("tick"),
            agent: integer("agent"),
            subject: column("subject").text(row).to_owned(),
            base: real("base"),
            panel: real("panel"),
            disagreement: real("disagreement"),
            reliability: real("reliability"),
            anchor: real("anchor"),
            correction: real("correction"),
            bound: real("bound"),
            decided: real("decided"),
        }
    };
    (0..columns[0].rows()).map(row).collect()
}

fn assert_within_bounds(rows: &[Row]) {
    for row in rows {
        assert!(row.correction.abs() <= row.bound, "{}: {} {}", row.subject, row.correction, row.bound);
        for share in [row.base, row.panel, row.reliability, row.anchor, row.decided] {
            assert!((0.0..=1.0 + 1e-12).contains(&share), "{}: {share}", row.subject);
        }
    }
}

#[test]
fn voices_are_asked_in_both_orders_and_figures_follow_from_what_they_said() {
    let lean = [0.5, 0.6, 0.8, 1.0 - 1e-9];
    let server = Loopback::start(move |arrival| (Duration::ZERO, leans(arrival, lean[voice(arrival)])));
    let finished = carried(ASKED, &server, &[]);
    assert_eq!(finished.summary.end, EndReason::Completed);
    // Two agents, two ticks, three items, two orders, a base and three personas.
    assert_eq!(server.arrivals().len(), 2 * 2 * 3 * 2 * 4);
    assert_eq!(plan(ASKED, &server).asked[0].requests, server.arrivals().len() as u64);
    let rows = decisions(&finished.directory());
    assert_within_bounds(&rows);
    // A nominal item has no row.
    let told: Vec<(i64, i64, &str)> = rows.iter().map(|row| (row.tick, row.agent, &*row.subject)).collect();
    let items = |tick, agent| ["Q1", "Q57"].map(|item| (tick, agent, item));
    assert_eq!(told, [items(0, 0), items(0, 1), items(1, 0), items(1, 1)].concat());
    for row in rows {
        let options = if row.subject == "Q1" { 4 } else { 2 };
        let position = |last: f64| {
            let shares = leaning(last, options);
            let sum: f64 = (0..options).map(|place| place as f64 * shares[place]).sum();
            sum / (options - 1) as f64
        };
        let said = lean.map(position);
        let mean = said[1..].iter().sum::<f64>() / 3.0;
        let deviation = libm::sqrt(said[1..].iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / 2.0);
        for (found, expected) in [(row.base, said[0]), (row.panel, mean), (row.disagreement, deviation)] {
            assert!((found - expected).abs() < 1e-9, "{}: {found} {expected}", row.subject);
        }
        let expected = row.base + row.anchor * (row.panel - row.base) + row.correction;
        assert!((row.decided - expected).abs() < 1e-6, "{}: {} {expected}", row.subject, row.decided);
    }
}

#[test]
fn nominal_items_get_the_linear_pool_of_the_personas_and_no_correction() {
    let lean = [0.0 + 1e-9, 0.6, 0.8, 0.7];
    let server = Loopback::start(move |arrival| (Duration::ZERO, leans(arrival, lean[voice(arrival)])));
    let finished = carried(ASKED, &server, &["timeline=[Survey]"]);
    for row in answers(&finished.directory()).iter().filter(|row| row.item == "Q42") {
        let found = row.distribution.as_ref().expect("a distribution");
        assert!(
            found.iter().zip(leaning(0.7, 3)).all(|(found, expected)| (found - expected).abs() < 1e-9),
            "{found:?}"
        );
        assert!(row.answer.is_some());
    }
    assert!(decisions(&finished.directory()).iter().all(|row| row.subject != "Q42"));
}

#[test]
fn a_panel_that_agrees_with_its_base_answers_as_its_base() {
    let server = Loopback::start(|arrival| (Duration::ZERO, leans(arrival, 0.3)));
    let finished = carried(ASKED, &server, &[]);
    let rows = decisions(&finished.directory());
    assert!(!rows.is_empty());
    for row in rows {
        assert!(row.correction.abs() < f64::MIN_POSITIVE && row.disagreement.abs() < 1e-12, "{}", row.subject);
        assert!((row.decided - row.base).abs() < 1e-12, "{}", row.subject);
    }
}

#[test]
fn a_preference_for_the_first_place_is_none_for_an_option() {
    let server = Loopback::start(|arrival| {
        let text = message(arrival, 1);
        let options = ('A'..='K').take_while(|mark| text.contains(&format!("\n{mark}. "))).count();
        (Duration::ZERO, weighed(&leaning(0.1, options)))
    });
    for row in decisions(&carried(ASKED, &server, &[]).directory()) {
        assert!((row.base - 0.5).abs() < 1e-12 && (row.decided - 0.5).abs() < 1e-12, "{}", row.subject);
    }
}

#[test]
fn a_silent_voice_silences_its_panel_with_the_reason_and_nothing_is_filled_in() {
    let trust = |arrival: &Arrival| message(arrival, 1).contains("trust most others");
    for (silent, name) in [(0, "the base of the panel"), (2, "persona 2 of the panel")] {
        let server = Loopback::start(move |arrival| {
            let act = if voice(arrival) == silent && trust(arrival) { weighed(&[]) } else { leans(arrival, 0.4) };
            (Duration::ZERO, act)
        });
        let finished = carried(ASKED, &server, &[]);
        for row in answers(&finished.directory()) {
            let expected = if row.item == "Q57" { "unparsable" } else { "answered" };
            assert_eq!((&*row.outcome, row.answer.is_some()), (expected, row.item != "Q57"), "{}", row.item);
            assert_eq!(row.distribution.is_some(), row.item != "Q57");
        }
        assert!(decisions(&finished.directory()).iter().all(|row| row.subject == "Q1"));
        let told = events(&finished.directory());
        assert!(told.contains(&format!("{name} gave no answer: the server sent no log-probabilities")), "{told}");
    }
}

#[test]
fn a_server_without_log_probabilities_stops_the_run_resumably() {
    let server = Loopback::start(|_| (Duration::ZERO, weighed(&[])));
    let finished = carried(ASKED, &server, &["limits=(failure_share: 0.2)"]);
    assert!(matches!(finished.summary.end, EndReason::TooManyFailures { .. }));
}

#[test]
fn replies_are_counted_where_no_probabilities_are_given() {
    let chosen = |arrival: &Arrival| {
        let first = FIRST.iter().any(|first| message(arrival, 1).contains(&format!("A. {first}")));
        // Personas are for the first option of an item; the base for the last.
        let options = if message(arrival, 1).contains("\nD. ") { "AD" } else { "AB" };
        let wanted = usize::from(first == (voice(arrival) == 0));
        (Duration::ZERO, Act::Say(options[wanted..=wanted].to_owned()))
    };
    let server = Loopback::start(chosen);
    let text = ASKED.replace("Logprobs(top: 5)", "Letter, samples: 4").replace(", \"Q42\"", "");
    let finished = carried(&text, &server, &["timeline=[Survey]"]);
    assert_eq!(server.arrivals().len(), 2 * 2 * 2 * 4 * 4);
    assert_eq!(plan(&text, &server).asked[0].requests, 2 * server.arrivals().len() as u64, "two ticks are planned");
    let rows = decisions(&finished.directory());
    assert_within_bounds(&rows);
    for row in &rows {
        // Four replies and one more, spread evenly: 4.5 of 5, or 0.5, where there are two options.
        if row.subject == "Q57" {
            assert!((row.base - 0.9).abs() < 1e-12 && (row.panel - 0.1).abs() < 1e-12, "{} {}", row.base, row.panel);
        }
        assert!(row.decided < row.base);
    }
}

#[test]
fn a_persona_that_never_chooses_is_a_refusal_and_no_choice_of_the_others() {
    let server = Loopback::start(|arrival| {
        let text = if voice(arrival) == 3 { "I would rather not say" } else { "A" };
        (Duration::ZERO, Act::Say(text.to_owned()))
    });
    let text = ASKED.replace("Logprobs(top: 5)", "Letter, samples: 2");
    let finished = carried(&text, &server, &["timeline=[Survey]"]);
    assert!(answers(&finished.directory()).iter().all(|row| row.answer.is_none() && row.outcome != "answered"));
    assert!(decisions(&finished.directory()).is_empty());
    assert!(events(&finished.directory()).contains("persona 3 of the panel gave no answer"));
}

/// Votes for other projects as the base than as a persona, chooses, and posts.
fn lives(arrival: &Arrival) -> Act {
    let text = message(arrival, 1);
    if text.contains("The projects:") {
        let named = if voice(arrival) == 0 { "1, 2, 3, 4" } else { "10, 11, 12, 13" };
        return Act::Say(format!("\\boxed{{{named}}}"));
    }
    if text.contains("You wake up") {
        let post = json!({ "do": "create_post", "submolt": "general", "title": "t", "content": format!("voice {}", voice(arrival)) });
        return Act::Say(json!({ "actions": [post] }).to_string());
    }
    answer(arrival)
}

#[test]
fn ballots_are_corrected_project_by_project_and_posts_are_a_personas_own() {
    let server = Loopback::start(|arrival| (Duration::ZERO, lives(arrival)));
    let finished = carried(IN_WORDS, &server, &[]);
    assert_eq!(finished.summary.end, EndReason::Completed);
    let asked = |part: &str| server.arrivals().iter().filter(|arrival| message(arrival, 1).contains(part)).count();
    // Two agents, two ballots, three voices, two replies each.
    assert_eq!(asked("The projects:"), 2 * 2 * 3 * 2);
    let rows = decisions(&finished.directory());
    assert_within_bounds(&rows);
    assert_eq!(rows.iter().filter(|row| row.tick == 1).count(), 2 * 2 * 13);
    // Two replies and one more, spread over named and not named.
    for row in rows.iter().filter(|row| row.tick == 1) {
        let (base, panel) = match row.subject.parse::<u32>().expect("a project") {
            1..=4 => (2.5 / 3.0, 0.5 / 3.0),
            10..=13 => (0.5 / 3.0, 2.5 / 3.0),
            _ => (0.5 / 3.0, 0.5 / 3.0),
        };
        assert!((row.base - base).abs() < 1e-9 && (row.panel - panel).abs() < 1e-9, "{}", row.subject);
    }
    let ballots = read_table(&finished.directory(), &BALLOTS).expect("readable");
    let named = BALLOTS.columns.iter().position(|(name, _)| *name == "projects").expect("a column");
    assert!((0..ballots[0].rows()).all(|row| ballots[named].text(row) == "10,11,12,13"), "the personas agree");
    let wakes: Vec<Arrival> =
        server.arrivals().into_iter().filter(|at| message(at, 1).contains("You wake up")).collect();
    assert!(!wakes.is_empty() && wakes.iter().all(|wake| voice(wake) > 0), "a persona writes, never the base");
    let said = requests(&finished.directory());
    assert_eq!(said.iter().filter(|request| request.item.starts_with("wake-")).count(), wakes.len());
}

#[test]
fn a_voice_without_a_ballot_spoils_the_ballot_of_its_panel() {
    let server = Loopback::start(|arrival| {
        let spoilt = voice(arrival) == 1 && message(arrival, 1).contains("The projects:");
        (Duration::ZERO, if spoilt { Act::Say("\\boxed{1, 2}".to_owned()) } else { lives(arrival) })
    });
    let finished = carried(IN_WORDS, &server, &["timeline=[Survey, Vote(samples: 2)]"]);
    let ballots = read_table(&finished.directory(), &BALLOTS).expect("readable");
    let column = |name: &str| BALLOTS.columns.iter().position(|(known, _)| *known == name).expect("a column");
    for row in 0..ballots[0].rows() {
        assert_eq!((ballots[column("projects")].text(row), ballots[column("outcome")].text(row)), ("", "out_of_range"));
    }
    assert!(events(&finished.directory()).contains("persona 1 of the panel cast no ballot"));
    let planned = plan(&IN_WORDS.replace(", Post(rounds: 2, minutes: 60, heartbeat: (minutes: 60))", ""), &server);
    assert_eq!(planned.asked[0].requests, server.arrivals().len() as u64, "every voice is reckoned");
}

fn at(file: &ScenarioFile, name: &str) -> (PathBuf, String) {
    let directory = file.folder().join(name);
    let shown = directory.display().to_string();
    (directory, shown)
}

#[test]
fn a_run_is_replayed_byte_for_byte_and_taken_up_as_if_it_had_not_stopped() {
    let server = Loopback::start(|arrival| (Duration::ZERO, lives(arrival)));
    let file = ScenarioFile::new(&IN_WORDS.replace("URL", &server.url()));
    let (whole, out) = at(&file, "whole");
    assert_eq!(command(&["run", "-q", "--json", &file.path(), "--out", &out]), Exit::Done);
    assert!(digests(&whole).contains_key("panels.parquet"));
    let needed: u32 = server.counts().values().sum();
    let (again, out_again) = at(&file, "again");
    assert_eq!(command(&["replay", "-q", &out, "--out", &out_again]), Exit::Done);
    assert_eq!(digests(&again), digests(&whole));
    assert_eq!(server.counts().values().sum::<u32>(), needed, "a replay asks nobody");

    let (limited, out) = at(&file, "limited");
    let limit =
        |limit: &str| command(&["run", "-q", "--json", &file.path(), "--out", &out, "--set", limit, "--resume"]);
    let fresh = command(&["run", "-q", "--json", &file.path(), "--out", &out, "--set", "limits.requests=30"]);
    assert_eq!(fresh, Exit::Stopped);
    assert_eq!(limit("limits.requests=10000"), Exit::Done);
    for name in ["panels.parquet", "answers.parquet", "ballots.parquet", "posts.parquet", "requests.parquet"] {
        assert_eq!(digests(&limited)[name], digests(&whole)[name], "{name}");
    }
    assert_eq!(server.counts().values().sum::<u32>(), 2 * needed, "nothing is asked twice");
}

/// Two societies of surrogates, through every phase.
const SURROGATES: &str = r#"Scenario(
    name: "panels-of-surrogates",
    backbones: { "house": Surrogate(preset: "claude-opus-4.7"), "panel": Panel(over: "house") },
    items: Only(["Q1", "Q57", "Q106", "Q42"]),
    societies: {
        "plain": (population: [(cultures: ["BRA", "CHN", "DEU"], backbone: "house", count: 4)]),
        "panel": (population: [(cultures: ["BRA", "CHN", "DEU"], backbone: "panel", count: 4)]),
    },
    arms: [Exposed, ReAsk],
    timeline: [Survey, Exposure(rounds: 2), Vote(deliberation: 1), Post(rounds: 4), Survey],
)"#;

#[test]
fn panels_of_surrogates_live_like_others_on_any_number_of_threads() {
    let file = ScenarioFile::new(SURROGATES);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let one = run(&resolved, 1, SystemOrder::AsRegistered);
    assert_eq!(one.summary.end, EndReason::Completed);
    assert_eq!(run(&resolved, 4, SystemOrder::Shuffled(5)).digests(), one.digests());
    assert!(!one.digests().contains_key("panels.parquet"), "surrogates leave their means alone");
    for trajectory in &one.trajectories {
        assert_eq!(trajectory.panels.is_empty(), *trajectory.society != *"panel");
        assert!(trajectory.rounds.iter().all(|round| round.figures.keys().all(|metric| !metric.starts_with("panel_"))));
        for panels in &trajectory.panels {
            for culture in ["BRA", "CHN", "DEU"] {
                let of =
                    |part: &&Part| (&*part.metric, &*part.scope, &*part.subject) == ("panel_shift", "culture", culture);
                assert!(panels.figures.iter().any(|part| of(&part)), "{culture}");
            }
            // Four agents of three cultures, three items that are not nominal; every culture apart, and all together.
            assert_eq!(panels.figures.iter().map(|part| part.figure.n).sum::<u64>(), 2 * 5 * 12 * 3);
            let within = |part: &Part| part.figure.value.is_some_and(|value| (0.0..=1.0).contains(&value));
            assert!(panels.figures.iter().all(within), "{:?}", panels.figures);
        }
    }
    let told = tables(&one.trajectories).iter().map(Panels::render).collect::<Vec<_>>().join("\n");
    for part in
        ["panel, before arms, round 0 (survey)", "panel, re-ask, round 2 (exposure)", "panels by culture", "CHN"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("plain"));
    let page = std::fs::read_to_string(one.directory().join("report.html")).expect("a page");
    assert!(page.contains("<h2>Panels</h2>") && page.contains("panel, exposed, round 1 (exposure)"));
}

/// What is changed about a valid scenario, and what the diagnostics must then say.
const MISTAKES: [(&str, &str, &[&str]); 18] = [
    ("over: \"model\"", "over: \"modle\"", &["no backbone `modle`", "did you mean `model`?"]),
    ("over: \"model\"", "over: \"panel\"", &["backbone `panel` is a panel itself", "a panel is over a Surrogate"]),
    ("over: \"model\"", "over: \"paper\"", &["answers from recordings, and those hold no personas"]),
    ("over: \"model\"", "over: \"null\"", &["is a classical model, which has no personas"]),
    ("Given([(sex: Female), (sex: Male), (income: Low)])", "Given([(sex: Female)])", &["at least 2; 1 is written"]),
    ("Given([(sex: Female), (sex: Male), (income: Low)])", "Given([])", &["at least 2; 0 is written", "draws four"]),
    ("(sex: Male)", "(values: {\"piety\": 0})", &["no value dimension `piety`", "religiosity"]),
    ("personas: Given([(sex: Female), (sex: Male), (income: Low)])", "settings: (personas: 1)", &["1 is asked for"]),
    ("over: \"model\",", "over: \"model\", settings: (draws: 0),", &["`draws` is 0: it must be at least 1"]),
    ("over: \"model\",", "over: \"model\", settings: (draws: 600000),", &["draws: at most 524288, not 600000"]),
    (
        "over: \"model\",",
        "over: \"model\", settings: (sigma: -0.3),",
        &["`sigma` is -0.3: it must be finite and above 0"],
    ),
    ("over: \"model\",", "over: \"model\", settings: (value: (gains: 0.0)),", &["`value.gains` is 0"]),
    ("over: \"model\",", "over: \"model\", settings: (sigmas: 0.3),", &["unknown field `sigmas`"]),
    (
        "over: \"model\",",
        "over: \"model\", settings: (running_prior: On()),",
        &["the running prior is for dilemmas, and none are judged here"],
    ),
    (
        "over: \"model\",",
        "over: \"model\", settings: (blend: Safe()),",
        &["the safe blend is for log-odds of dilemmas"],
    ),
    ("over: \"model\",", "over: \"model\", smoothing: -1.0,", &["smoothed by 0 to 1000 replies, not by -1"]),
    ("Logprobs(top: 5)", "Letter", &["a single reply says nothing of one", "write `answer:"]),
    ("Logprobs(top: 5)", "Letter, samples: 9000", &["at most 65535 are numbered"]),
];

#[test]
fn what_is_wrong_with_a_panel_is_named_where_it_stands_and_nothing_is_asked() {
    let server = Loopback::start(|arrival| (Duration::ZERO, leans(arrival, 0.5)));
    // Backbones to be over; only a mistaken panel is over them.
    let more = "\"null\": NullModel(preset: \"claude-3.5-haiku\", model: Voter()), \"paper\": Recorded(path: \"nowhere\", model: \"x\"),";
    for (from, to, expected) in MISTAKES {
        let text = ASKED.replace("URL", &server.url());
        assert!(text.contains(from), "{from}");
        let mut text = text.replacen(from, to, 1);
        if to.contains("paper") || to.contains("null") {
            text = text.replacen("\"panel\": Panel", &format!("{more} \"panel\": Panel"), 1);
        }
        let shown = mistakes_of(&text);
        for part in expected {
            assert!(shown.contains(part), "`{to}`: {part} is not said in\n{shown}");
        }
        let file = ScenarioFile::new(&text);
        let out = file.folder().join("out").display().to_string();
        assert_eq!(command(&["run", "-q", &file.path(), "--out", &out]), Exit::Mistake, "{to}");
        assert!(!Path::new(&out).exists(), "{to}");
    }
    assert!(server.arrivals().is_empty());
}

#[test]
fn a_mistake_is_told_with_line_and_column() {
    let shown = mistakes_of(&ASKED.replace("over: \"model\",", "over: \"model\", settings: (sigma: -0.3),"));
    assert!(shown.contains("5:"), "{shown}");
}

#[test]
fn a_voice_of_a_panel_can_be_looked_at_before_it_is_asked() {
    let file = ScenarioFile::new(ASKED.replace("URL", "http://127.0.0.1:9/v1").as_str());
    let shown = |voice: &str| command(&["prompt", "-q", &file.path(), "--item", "Q1", "--voice", voice]);
    assert_eq!(["0", "1", "3"].map(shown), [Exit::Done, Exit::Done, Exit::Done]);
    assert_eq!(shown("4"), Exit::Mistake);
}

#[test]
fn every_column_of_the_table_is_documented() {
    let guide =
        std::fs::read_to_string(crate::support::project().join("docs/guide/run-directory.md")).expect("readable");
    let section =
        guide.split("## `panels.parquet`").nth(1).expect("a section").split("\n## ").next().expect("a section");
    for (column, _) in PANELS.columns {
        assert!(section.contains(&format!("`{column}`")), "{column}");
    }
}
