//! Bad input: a clear error, exit code 2, nothing written.

use std::path::Path;

use pluriverse_scenarios::commands::Exit;

use pluriverse_tests::{Act, Loopback};

use crate::servers::{ASKED, answer};
use crate::support::{SMALL, ScenarioFile, command, loaded, mistakes_of};

/// What is changed about a valid scenario, and what the diagnostics must then say.
const MISTAKES: [(&str, &str, &[&str]); 28] = [
    ("timeline:", "timline:", &["unknown field `timline`", "did you mean `timeline`?"]),
    ("\"NZL\"", "\"NZZ\"", &["no culture `NZZ`", "did you mean `NZL`?"]),
    ("timeline:", "items: Only([\"Q1\", \"Q1111\"]), timeline:", &["no item `Q1111`", "did you mean"]),
    ("[(cultures: [\"BRA\", \"NZL\", \"CHN\"], backbone: \"house\")]", "[]", &["empty population"]),
    ("rounds: 2", "rounds: -2", &["from 1 to", "not -2"]),
    ("rounds: 2", "rounds: two", &["rounds"]),
    ("Survey, ", "", &["an exposure needs answers to show"]),
    ("[Survey, Exposure(rounds: 2)]", "[]", &["empty timeline"]),
    ("\"Qwen3.5-27B\"", "\"Qwen3.5\"", &["no preset `Qwen3.5`", "did you mean `Qwen3.5-27B`?"]),
    ("backbone: \"house\"", "backbone: \"home\"", &["no backbone `home`", "did you mean `house`?"]),
    ("backbone: \"house\"", "backbone: \"house\", count: 0", &["at least 1 agent"]),
    ("timeline:", "network: RingLattice(neighbours: 3), timeline:", &["even number of neighbours"]),
    ("timeline:", "network: Ring, timeline:", &["`Ring` is no choice for `network`", "did you mean `RingLattice`?"]),
    ("timeline:", "survey: \"wvs8\", timeline:", &["there is no survey `wvs8`"]),
    ("timeline:", "survey: \"my/survey.ron\", timeline:", &["cannot read survey"]),
    ("timeline:", "limits: (failure_share: 1.5), timeline:", &["a share lies between 0 and 1"]),
    ("timeline:", "societies: {\"a\": (population: [])}, timeline:", &["not both"]),
    ("timeline:", "observe: [Alignment, Joy], timeline:", &["`Joy` is no choice"]),
    ("name: \"small\",", "name: \"small\", name: \"again\",", &["`name` is given twice"]),
    ("Surrogate(preset: \"Qwen3.5-27B\")", "Recorded(path: \"nowhere\", model: \"x\")", &["cannot read recordings"]),
    (")]", ")", &["Expected"]),
    ("backbones: {", "backbones: { \"house\": Surrogate(preset: \"grok-3\"),", &["two backbones are called `house`"]),
    ("rounds: 2", "rounds: 2, show: Answer", &["unknown field `show`", "did you mean `shown`?"]),
    ("backbone: \"house\"", "backbone: \"house\", count: 8000000000", &["a society holds at most"]),
    ("timeline:", "record: (answers: Sample(0)), timeline:", &["nobody's answers", "write None"]),
    ("\"small\"", "\"a/b\"", &["without slashes"]),
    ("Surrogate(preset: \"Qwen3.5-27B\")", "Scripted(otherwise: Fail(Answered))", &["an outcome that is a failure"]),
    ("timeline:", "observe: [[[[[[[[]]]]]]]], timeline:", &["observe"]),
];

/// The same for a scenario whose agents are answered by a server.
const SERVER_MISTAKES: [(&str, &str, &[&str]); 22] = [
    ("MORE", "key: \"NO_SUCH_VARIABLE_HERE\"", &["the environment variable NO_SUCH_VARIABLE_HERE is not set"]),
    ("MORE", "key: \"\"", &["the name of an environment variable"]),
    ("base_url: \"URL\"", "base_url: \"localhost:8000\"", &["begins with http:// or https://", "for example"]),
    ("base_url: \"URL\"", "base_url: \"ftp://host/v1\"", &["begins with http:// or https://"]),
    ("base_url: \"URL\"", "base_url: \"http://host/v1/chat/completions\"", &["ends before /chat/completions"]),
    ("base_url: \"URL\",", "", &["backbone `model` has no server to ask", "base_url"]),
    ("MORE", "base_urls: [\"URL\"]", &["one server is listed twice"]),
    ("MORE", "timeout: -1.0", &["`timeout` lies from", "not at -1"]),
    ("MORE", "attempts: 0", &["`attempts` lies from 1", "not at 0"]),
    ("MORE", "in_flight: 0", &["`in_flight` lies from 1"]),
    ("MORE", "max_tokens: 0", &["`max_tokens` lies from 1"]),
    ("MORE", "top_p: 1.5", &["`top_p` lies from 0 to 1"]),
    ("MORE", "extra: {\"stream\": true}", &["`stream` cannot be among the extras"]),
    ("MORE", "tempreature: 1.0", &["unknown field `tempreature`", "did you mean `temperature`?"]),
    ("\"loopback-1\"", "\"\"", &["a model needs a name"]),
    ("failure_share: 1.0", "requests: -5", &["a limit is a number from 0 on, not -5"]),
    ("failure_share: 1.0", "money: -0.5", &["a limit is a number from 0 on, not -0.5", "without prices"]),
    ("failure_share: 1.0", "wall_time: -1.0", &["a limit is a number from 0 on"]),
    ("limits:", "prices: \"none.ron\", limits:", &["cannot read prices"]),
    ("limits:", "answer: (samples: 0), limits:", &["made of 1 to 1000 replies, not of 0"]),
    ("limits:", "answer: (format: Letter), parse: Paper, limits:", &["rule Paper reads", "asked for as letter"]),
    ("limits:", "answer: (format: Logprobs(top: 5), samples: 3), limits:", &["a distribution already"]),
];

fn asked_with(from: &str, to: &str) -> String {
    assert!(ASKED.contains(from), "{from}");
    ASKED.replace(from, to).replace("MORE", "").replace("URL", "http://127.0.0.1:9/v1")
}

#[test]
fn mistakes_about_servers_are_named_before_anybody_is_asked() {
    for (from, to, expected) in SERVER_MISTAKES {
        let text = asked_with(from, to);
        let shown = mistakes_of(&text);
        for part in expected {
            assert!(shown.contains(part), "`{from}` as `{to}`: {part} is not said in\n{shown}");
        }
        let file = ScenarioFile::new(&text);
        let out = file.folder().join("out").display().to_string();
        assert_eq!(command(&["run", "-q", &file.path(), "--out", &out]), Exit::Mistake, "{to}");
        assert!(!Path::new(&out).exists(), "{to}");
    }
}

#[test]
fn a_table_of_prices_without_the_model_is_a_mistake_that_says_which() {
    let file = ScenarioFile::new(&asked_with("limits:", "prices: \"prices.ron\", limits:"));
    let table = r#"Prices(currency: "EUR", per_million: {"loopback-2": (input: 1.0, output: 2.0)})"#;
    std::fs::write(file.folder().join("prices.ron"), table).expect("written");
    let shown = match loaded(&file.path(), &[], None) {
        Ok(_) => panic!("a price is missing"),
        Err(error) => error.render(),
    };
    assert!(shown.contains("has no price of model `loopback-1`"), "{shown}");
    assert!(shown.contains("did you mean `loopback-2`?"), "{shown}");
}

#[test]
fn servers_that_cannot_answer_are_told_apart_in_their_own_words() {
    let plain = Loopback::start(|arrival| (std::time::Duration::ZERO, answer(arrival)));
    let picky = Loopback::start(|_| {
        let body = r#"{"error":{"message":"The model `loopback-1` does not exist","code":"model_not_found"}}"#;
        (std::time::Duration::ZERO, Act::Status(404, vec![], body.to_owned()))
    });
    let gone = Loopback::start(|arrival| (std::time::Duration::ZERO, answer(arrival))).url();
    let port = |url: &str| url.replace("http://", "https://");
    for (url, words) in [
        (gone, "no connection: "),
        (port(&plain.url()), "no connection: "),
        (picky.url(), "HTTP 404: The model `loopback-1` does not exist"),
    ] {
        let file = ScenarioFile::new(&ASKED.replace("URL", &url).replace("MORE", "attempts: 2, in_flight: 2"));
        let out = file.folder().join("run");
        let (path, shown) = (file.path(), out.display().to_string());
        let words_of_run = ["run", "-q", "--json", &path, "--out", &shown, "--set", "limits.failure_share=0.5"];
        assert_eq!(command(&words_of_run), Exit::Stopped, "{url}");
        let journal = crate::run_directory::events(&out);
        assert!(journal.contains(words), "{url}: {journal}");
        assert_eq!(command(&["ping", &path]), Exit::Failed, "{url}");
    }
    assert!(picky.calls() < 18, "a wrong model is not asked for eighteen times");
}

#[test]
fn every_mistake_is_named_with_its_place_and_what_to_write_instead() {
    for (from, to, expected) in MISTAKES {
        assert!(SMALL.contains(from), "{from}");
        let shown = mistakes_of(&SMALL.replace(from, to));
        for part in expected {
            assert!(shown.contains(part), "`{from}` as `{to}`: {part} is not said in\n{shown}");
        }
        assert!(shown.contains("nothing was written"), "{shown}");
    }
}

#[test]
fn mistakes_of_every_kind_are_shown_at_once_with_line_and_column() {
    let text = SMALL
        .replace("timeline:", "sead: 3,\n    limits: (failure_share: 7.0),\n    timeline:")
        .replace("\"NZL\"", "\"NZZ\"")
        .replace("rounds: 2", "rounds: 0");
    let shown = mistakes_of(&text);
    for part in
        ["5:5: unknown field `sead`", "6:29: a share lies", "4:37: there is no culture `NZZ`", "not 0", "4 mistakes"]
    {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
}

#[test]
fn a_scenario_with_a_mistake_ends_with_code_2_and_leaves_nothing() {
    for (from, to, _) in MISTAKES {
        let file = ScenarioFile::new(&SMALL.replace(from, to));
        let out = file.folder().join("out");
        let (scenario, out_name) = (file.path(), out.display().to_string());
        assert_eq!(command(&["run", "-q", &scenario, "--out", &out_name]), Exit::Mistake, "{to}");
        assert!(!out.exists(), "{to}");
        assert_eq!(command(&["check", &scenario]), Exit::Mistake, "{to}");
    }
    assert_eq!(Exit::Mistake.code(), 2);
}

fn run_with(files: &[(&str, &str)], text: &str) -> (Exit, String) {
    let file = ScenarioFile::new(text);
    for (name, content) in files {
        let path = file.folder().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).expect("a folder");
        std::fs::write(path, content).expect("written");
    }
    let out = file.folder().join("out");
    let exit = command(&["run", "-q", "--json", &file.path(), "--out", &out.display().to_string()]);
    assert_eq!(out.exists(), exit == Exit::Done);
    let shown = match crate::support::loaded(&file.path(), &[], None) {
        Ok(_) => String::new(),
        Err(error) => error.render(),
    };
    (exit, shown)
}

#[test]
fn a_reference_that_does_not_fit_the_survey_or_the_population_is_refused() {
    let survey = r#"Survey(name: "s", source: "", items: [
        (id: "A", theme: "", question: "Well?", options: ["Yes", "No"], scale: Binary, first_code: 1, paper: true),
    ])"#;
    let text = SMALL.replace("timeline:", "survey: \"s.ron\", reference: (figures: \"people.csv\"), timeline:");
    let cases = [
        ("BRA,A,1,0.5\nNZL,A,2,0.5\nCHN,A,1,1.0\n", Exit::Done, ""),
        ("BRA,A,1,0.5\nNZL,A,3,0.5\nCHN,A,1,1.0\n", Exit::Mistake, "item A has 2 options"),
        ("BRA,A,1,0.5\nCHN,A,1,1.0\n", Exit::Mistake, "no data for culture NZL"),
        ("BRA,A,one,0.5\n", Exit::Mistake, "line 2"),
        ("BRA,A,1,0.5\nBRA,B,1,0.5\nBRA,A,2,0.5\n", Exit::Mistake, "BRA A is there twice"),
        ("BRA,A,1,-0.5\n", Exit::Mistake, "-0.5 is no share"),
        ("BRA,Z,1,0.5\nNZL,Z,2,0.5\nCHN,Z,1,1.0\n", Exit::Mistake, "no data on any item"),
    ];
    for (shares, exit, part) in cases {
        let table = format!("country,item,code,share\n{shares}");
        let (found, shown) = run_with(&[("s.ron", survey), ("people.csv", &table)], &text);
        assert_eq!(found, exit, "{shares}{shown}");
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
}

#[test]
fn a_file_nested_beyond_reason_is_a_mistake_and_no_crash() {
    for text in ["Scenario(about: ".to_owned() + &"[".repeat(200_000), "(".repeat(200_000)] {
        let file = ScenarioFile::new(&text);
        assert_eq!(command(&["run", "-q", &file.path()]), Exit::Mistake);
        assert!(mistakes_of(&text).len() < 2000, "a line nobody can read is shown");
    }
}

#[test]
fn presets_that_make_no_sense_are_refused() {
    let text = SMALL.replace("timeline:", "presets: \"presets.ron\", timeline:");
    let preset = |changed: &str| {
        let whole = "acquiescence: 0.0, scale_use: 1.0, self_expression_lean: 0.0, culture_pull: 1.0, \
                     house_deviation: 0.1, own_deviation: 0.1, dispersion: 0.1, conformity: 0.0, \
                     conformity_fitted: true, refusal: 0.0";
        let (field, _) = changed.split_once(':').expect("a field");
        let fields: Vec<&str> = whole.split(", ").filter(|f| !f.starts_with(&format!("{field}:"))).collect();
        format!("Presets(source: \"\", presets: {{\"Qwen3.5-27B\": ({}, {changed})}})", fields.join(", "))
    };
    let cases = [("refusal: 0.5", Exit::Stopped), ("refusal: 1.5", Exit::Mistake), ("dispersion: -1.0", Exit::Mistake)];
    for (changed, exit) in
        cases.into_iter().chain([("culture_pull: NaN", Exit::Mistake), ("scale_use: 2.0", Exit::Done)])
    {
        let file = ScenarioFile::new(&text);
        std::fs::write(file.folder().join("presets.ron"), preset(changed)).expect("written");
        let out = file.folder().join("out").display().to_string();
        assert_eq!(command(&["run", "-q", "--json", &file.path(), "--out", &out]), exit, "{changed}");
    }
}

#[test]
fn a_half_written_recording_is_refused_with_its_line() {
    let text = SMALL.replace("Surrogate(preset: \"Qwen3.5-27B\")", "Recorded(path: \".\", model: \"m\")");
    let row = |item: &str| format!("{{\"idx\": 0, \"q_id\": \"{item}\", \"response\": \"\\\\boxed{{1}}\"}}\n");
    let half = format!("{}{{\"idx\": 1, \"q_id\": \"Q2\", \"resp", row("Q1"));
    let (exit, shown) = run_with(&[("wvs_evaluation/m_BRA_system.jsonl", &half)], &text);
    assert_eq!(exit, Exit::Mistake);
    assert!(shown.contains("m_BRA_system.jsonl, line 2"), "{shown}");
    let (exit, shown) = run_with(&[("wvs_evaluation/n_BRA_system.jsonl", &row("Q1"))], &text);
    assert_eq!(exit, Exit::Mistake);
    assert!(shown.contains("no recordings of `m`"), "{shown}");
}

#[test]
fn a_directory_that_holds_something_is_never_written_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = folder.path().join("run").display().to_string();
    assert_eq!(command(&["run", "-q", "--json", "quickstart", "--out", &run]), Exit::Done);
    let before = crate::support::files(Path::new(&run));
    for words in [
        vec!["run", "-q", "quickstart", "--out", run.as_str()],
        vec!["run", "-q", "value-survey", "--out", run.as_str()],
        vec!["run", "-q", "value-survey", "--resume", "--out", run.as_str()],
    ] {
        assert_eq!(command(&words), Exit::Mistake);
    }
    assert_eq!(before, crate::support::files(Path::new(&run)));
    let other = folder.path().join("other");
    std::fs::create_dir(&other).expect("a folder");
    std::fs::write(other.join("thesis.tex"), "precious").expect("written");
    assert_eq!(command(&["run", "-q", "quickstart", "--out", &other.display().to_string()]), Exit::Mistake);
    assert_eq!(std::fs::read_dir(&other).expect("a folder").count(), 1);
}

#[test]
fn wrong_words_on_the_command_line_are_mistakes() {
    for words in [
        vec!["rnu", "quickstart"],
        vec!["run", "quickstrat"],
        vec!["run", "quickstart", "--set", "seed"],
        vec!["run", "quickstart", "--set", "timeline.9=Survey"],
        vec!["run", "quickstart", "--recordings", "/nowhere"],
        vec!["measure", "/nowhere"],
        vec!["run", "quickstart", "--threads", "0"],
        vec!["run", "quickstart", "--seed", "-1"],
        vec!["run", "/"],
        vec!["run", "quickstart", "--out", "/dev/null/run"],
        vec!["calibrate", "/nowhere"],
    ] {
        assert_eq!(command(&words), Exit::Mistake, "{words:?}");
    }
}
