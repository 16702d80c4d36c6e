//! `measure` and recorded agents on recordings the tests make themselves: the same code as on the published ones, with
//! answers small enough to work out by hand.

use std::path::Path;

use clap::Parser;
use pluriverse_engine::run::EndReason;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::commands::cli::{Cli, Command, MeasureArgs};
use pluriverse_scenarios::commands::measure::{Report, of_recordings};
use pluriverse_scenarios::studies::setting::Setting;

use crate::run_directory::{answers, events};
use crate::support::{ScenarioFile, command, loaded, run};

/// (item, reply) as recorded; `None` is a null reply.
type Rows<'a> = &'a [(&'a str, Option<&'a str>)];

fn write(root: &Path, folder: &str, culture: &str, rows: Rows<'_>) {
    let folder = root.join(folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    // Last row first: order in the file means nothing.
    let lines: Vec<String> = rows
        .iter()
        .enumerate()
        .rev()
        .map(|(idx, (item, reply))| serde_json::json!({"idx": idx, "q_id": item, "response": reply}).to_string())
        .collect();
    std::fs::write(folder.join(format!("m_{culture}_system.jsonl")), lines.join("\n")).expect("written");
}

/// Three agents: Q1 and Q2 have four options, Q240 ten.
fn recordings() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let zero = "wvs_evaluation";
    write(
        root.path(),
        zero,
        "BRA",
        &[("Q1", Some(r"\boxed{1}")), ("Q2", Some(r"\boxed{4}")), ("Q240", Some(r"\boxed{10}"))],
    );
    write(
        root.path(),
        zero,
        "CHN",
        &[("Q1", Some(r"\boxed{1}")), ("Q2", Some(r"\boxed{1}")), ("Q240", Some(r"\boxed{1}"))],
    );
    write(root.path(), zero, "USA", &[("Q1", Some(r"\boxed{2}")), ("Q2", Some("ERROR: 429")), ("Q240", None)]);
    let one = "wvs_evaluation_interaction";
    write(
        root.path(),
        one,
        "BRA",
        &[("Q1", Some(r"\boxed{1}")), ("Q2", Some(r"\boxed{3}")), ("Q240", Some("boxed{4}"))],
    );
    write(root.path(), one, "CHN", &[("Q1", Some(r"\boxed{7}"))]);
    root
}

fn measured(root: &Path, more: &[&str]) -> Report {
    let dir = root.display().to_string();
    let words = ["pluriverse", "measure", &dir, "--items"].into_iter().chain(more.iter().copied());
    let args: MeasureArgs = match Cli::try_parse_from(words).expect("valid words").command {
        Command::Measure(args) => args,
        other => panic!("{other:?}"),
    };
    of_recordings(&args, &Setting::embedded().expect("assets")).expect("readable recordings")
}

fn near(found: Option<f64>, expected: f64) {
    let found = found.expect("a figure");
    assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
}

#[test]
fn distances_trees_and_missing_answers_are_as_worked_out_by_hand() {
    let root = recordings();
    let report = measured(root.path(), &[]);
    assert_eq!(report.cultures, ["BRA", "CHN", "USA"]);
    let round = &report.societies[0].measures;
    // BRA–CHN over all three items, the others over Q1 alone.
    let bra_chn = 100.0 * (90.0_f64).sqrt() / (99.0_f64).sqrt();
    let with_usa = 100.0 / 3.0;
    near(round.pairwise_diversity, (bra_chn + 2.0 * with_usa) / 3.0);
    near(round.structural_diversity, with_usa);
    assert_eq!(round.tree.len(), 2);
    assert_eq!(round.missing["failed"], 2);
    assert_eq!(round.missing["not_recorded"], 3 * 220);
    let counts: Vec<u32> = round.agents.iter().map(|agent| agent.items_answered).collect();
    assert_eq!(counts, [3, 3, 1]);
}

#[test]
fn items_need_everybody_and_the_released_variant_adds_one() {
    let root = recordings();
    let report = measured(root.path(), &["--coding", "as-published"]);
    let (plain, released) = (&report.societies[0].items, &report.societies[0].items_as_released);
    let (plain, released) = (plain.as_ref().expect("asked for"), released.as_ref().expect("asked for"));
    assert_eq!((plain.len(), &*plain[0].item), (1, "Q1"));
    near(plain[0].diversity, 2.0 / 9.0);
    near(released[0].diversity, 2.0 / 9.0);
    // All three populations answer 1: plain distances 0, 0, 1/3; with one added 1/3, 1/3, 2/3.
    near(plain[0].alignment, 1.0 - 1.0 / 9.0);
    near(released[0].alignment, 1.0 - 4.0 / 9.0);
}

#[test]
fn parse_rules_differ_where_they_should() {
    let root = recordings();
    let paper = measured(root.path(), &[]);
    let lenient = measured(root.path(), &["--parse", "lenient"]);
    let answered = |report: &Report| -> Vec<u32> {
        report.societies[1].measures.agents.iter().map(|agent| agent.items_answered).collect()
    };
    // The paper's rule takes 7 of four options and not `boxed{4}`; the lenient one the other way round.
    assert_eq!(answered(&paper), [2, 1, 0]);
    assert_eq!(answered(&lenient), [3, 0, 0]);
    assert_eq!(lenient.societies[1].measures.missing["out_of_range"], 1);
}

#[test]
fn a_wild_number_is_no_answer_and_a_number_that_is_no_option_is_counted() {
    let root = recordings();
    let one = "wvs_evaluation_interaction";
    write(root.path(), one, "BRA", &[("Q1", Some(r"\boxed{2000000000}")), ("Q2", Some(r"\boxed{-1000000}"))]);
    write(root.path(), one, "CHN", &[("Q1", Some(r"\boxed{-2000000000}")), ("Q2", Some(r"\boxed{1000000}"))]);
    let report = measured(root.path(), &[]);
    let round = &report.societies[1].measures;
    assert_eq!((round.out_of_range, round.missing["unparsable"]), (2, 2));
    let pair = round.pairs.iter().find(|pair| &*pair.a == "BRA" && &*pair.b == "CHN").expect("the pair");
    assert_eq!((pair.common_items, pair.squared_sum), (1, 4_000_000_000_000));
}

const RECORDED: &str = r#"Scenario(
    name: "recorded",
    parse: Paper,
    items: Only(["Q1", "Q2", "Q240"]),
    backbones: { "m": Recorded(path: "RECORDINGS", model: "m") },
    population: [(cultures: ["BRA", "CHN", "USA"], backbone: "m")],
    timeline: [Survey, Exposure(rounds: 1), Survey],
    limits: (failure_share: 1.0),
)"#;

#[test]
fn recorded_agents_answer_what_was_recorded_and_nothing_else() {
    let root = recordings();
    let file = ScenarioFile::new(&RECORDED.replace("RECORDINGS", &root.path().display().to_string()));
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let finished = run(&resolved, 2, SystemOrder::AsRegistered);
    assert_eq!(finished.summary.end, EndReason::Completed);
    let rows: Vec<(i64, String, String, Option<i64>, String)> = answers(&finished.directory())
        .into_iter()
        .map(|row| (row.tick, row.culture, row.item, row.answer, row.outcome))
        .collect();
    let expected = [
        (0, "BRA", [(Some(1), "answered"), (Some(4), "answered"), (Some(10), "answered")]),
        (0, "CHN", [(Some(1), "answered"), (Some(1), "answered"), (Some(1), "answered")]),
        (0, "USA", [(Some(2), "answered"), (None, "failed"), (None, "failed")]),
        (1, "BRA", [(Some(1), "answered"), (Some(3), "answered"), (None, "unparsable")]),
        (1, "CHN", [(Some(7), "answered"), (None, "not_recorded"), (None, "not_recorded")]),
        (1, "USA", [(None, "not_recorded"); 3]),
        (2, "BRA", [(None, "not_recorded"); 3]),
        (2, "CHN", [(None, "not_recorded"); 3]),
        (2, "USA", [(None, "not_recorded"); 3]),
    ];
    let expected: Vec<(i64, String, String, Option<i64>, String)> = expected
        .into_iter()
        .flat_map(|(tick, culture, cells)| {
            ["Q1", "Q2", "Q240"].into_iter().zip(cells).map(move |(item, (answer, outcome))| {
                (tick, culture.to_owned(), item.to_owned(), answer, outcome.to_owned())
            })
        })
        .collect();
    assert_eq!(rows, expected);
    let journal = events(&finished.directory());
    for part in [
        "wvs_evaluation/m_USA_system.jsonl: the recorded call failed: ERROR: 429 (culture USA, item Q2, round 0)",
        "wvs_evaluation/m_USA_system.jsonl: the reply is null",
        "wvs_evaluation_interaction/m_CHN_system.jsonl: no reply is recorded (culture CHN, item Q2, round 1)",
        "m_USA_system.jsonl (which does not exist): no reply is recorded (culture USA, item Q1, round 1)",
    ] {
        assert!(journal.contains(part), "{part} in\n{journal}");
    }
}

#[test]
fn recordings_have_no_second_survey_and_no_second_agent() {
    let root = recordings();
    let text = RECORDED.replace("RECORDINGS", &root.path().display().to_string());
    let file = ScenarioFile::new(&text.replace("Exposure(rounds: 1), ", ""));
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let rows = answers(&run(&resolved, 1, SystemOrder::AsRegistered).directory());
    assert!(
        rows.iter().filter(|row| row.tick == 1).all(|row| row.outcome == "not_recorded"),
        "asking again was copied"
    );
    for twice in [r#"backbone: "m", count: 2"#, r#"backbone: "m"), (culture: "CHN", backbone: "m""#] {
        let shown = crate::support::mistakes_of(&text.replace(r#"backbone: "m""#, twice));
        assert!(shown.contains("a second would be its copy"), "{shown}");
    }
}

#[test]
fn where_recordings_lie_does_not_show() {
    let (here, there) = (recordings(), tempfile::tempdir().expect("a folder"));
    let files = |root: &Path| {
        // The same last name in two places.
        let folder = there.path().join(root.file_name().expect("a name")).join("same");
        for round in ["wvs_evaluation", "wvs_evaluation_interaction"] {
            std::fs::create_dir_all(folder.join(round)).expect("a folder");
            for entry in std::fs::read_dir(here.path().join(round)).expect("recordings") {
                let path = entry.expect("a file").path();
                std::fs::copy(&path, folder.join(round).join(path.file_name().expect("a name"))).expect("copied");
            }
        }
        let file = ScenarioFile::new(&RECORDED.replace("RECORDINGS", &folder.display().to_string()));
        let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
        run(&resolved, 1, SystemOrder::AsRegistered).files()
    };
    assert_eq!(files(Path::new("a")), files(Path::new("b")));
}

#[test]
fn the_engine_and_measure_agree_on_recordings() {
    let root = recordings();
    let report = measured(root.path(), &[]);
    let file = ScenarioFile::new(&RECORDED.replace("RECORDINGS", &root.path().display().to_string()));
    let set = ["reference=(coding: AsPublished)"];
    let resolved = loaded(&file.path(), &set, None).unwrap_or_else(|error| panic!("{}", error.render()));
    let finished = run(&resolved, 1, SystemOrder::AsRegistered);
    for (round, measured) in report.societies.iter().enumerate() {
        let engine = |metric: &str| finished.metric("society", metric)[round];
        assert_eq!(engine("pairwise_diversity"), measured.measures.pairwise_diversity);
        assert_eq!(engine("structural_diversity"), measured.measures.structural_diversity);
        assert_eq!(engine("alignment"), measured.measures.alignment);
    }
}

#[test]
fn the_recordings_option_replaces_surrogates_by_name_and_refuses_names_it_has_not() {
    let root = recordings();
    let folder = root.path().display().to_string();
    assert_eq!(command(&["check", "quickstart", "--recordings", &folder]), Exit::Mistake);
    let file = ScenarioFile::new(
        r#"Scenario(name: "x", backbones: { "house": Surrogate(preset: "m") }, items: Only(["Q1"]),
           population: [(cultures: ["BRA", "CHN"], backbone: "house")], timeline: [Survey])"#,
    );
    let resolved = loaded(&file.path(), &[], Some(root.path())).unwrap_or_else(|error| panic!("{}", error.render()));
    let finished = run(&resolved, 1, SystemOrder::AsRegistered);
    assert_eq!(answers(&finished.directory()).iter().map(|row| row.answer).collect::<Vec<_>>(), [Some(1), Some(1)]);
}
