//! Published data, in and out: a run's posts in published shapes measure as they did in the run, seed another platform,
//! and what is wrong with a folder is said before anything is run.

use std::path::Path;
use std::time::Duration;

use pluriverse_engine::record::read::read_table;
use pluriverse_engine::record::table::Column;
use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::shapes;
use pluriverse_scenarios::studies::platform_data::measure;
use pluriverse_tests::{Act, Loopback};
use pluriverse_worlds::platform::record::IMPRESSIONS;

use crate::support::{ScenarioFile, command, mistakes_of};

/// A small platform of surrogates.
const SMALL: &str = r#"Scenario(
    name: "small",
    backbones: { "house": Surrogate(preset: "claude-opus-4.7") },
    items: Only(["Q1", "Q2", "Q3", "Q6", "Q57", "Q106"]),
    population: [(cultures: ["BRA", "CHN", "MEX", "NGA", "NZL"], backbone: "house", count: 4)],
    arms: [Exposed, ReAsk],
    timeline: [Survey, Post(rounds: 24, impressions: All, every: 24, window: 100, SEEDED), Survey],
)"#;

fn run(seeded: &str) -> (ScenarioFile, String) {
    let file = ScenarioFile::new(&SMALL.replace("SEEDED", seeded));
    let out = file.folder().join("run").display().to_string();
    assert_eq!(command(&["run", "-q", "--json", &file.path(), "--out", &out]), Exit::Done);
    (file, out)
}

#[test]
fn a_runs_posts_measure_in_published_shapes_as_they_did_in_the_run() {
    let (file, out) = run("");
    let observations =
        read_table(Path::new(&out), &pluriverse_engine::record::observations::OBSERVATIONS).expect("readable");
    let value = |metric: &str| -> f64 {
        let place = |name: &str| {
            let columns = pluriverse_engine::record::observations::OBSERVATIONS.columns;
            &observations[columns.iter().position(|(known, _)| *known == name).expect("a column")]
        };
        let of_arm = |row: &usize| place("metric").text(*row) == metric && place("arm").text(*row) == "exposed";
        let row = (0..observations[0].rows()).rfind(of_arm).expect("measured");
        match place("value") {
            Column::Real(values) => values[row].expect("a figure"),
            _ => panic!("values are real"),
        }
    };
    for shape in ["observatory", "api"] {
        let folder = file.folder().join(shape);
        let to = folder.display().to_string();
        assert_eq!(command(&["export", &out, "--as", shape, "--out", &to]), Exit::Done);
        let record = shapes::read(&folder).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert!(record.check().is_empty(), "{:?}", record.check());
        let measured = measure(&record);
        for metric in [
            "platform_comments_per_commented_post",
            "platform_depth1_share",
            "platform_reply_incidence",
            "platform_flat_share",
            "platform_downvote_share",
            "platform_top10_submolt_share",
            "platform_reciprocity",
        ] {
            let found = measured.figures[metric];
            // The Observatory tells sums of votes alone.
            if shape == "observatory" && metric == "platform_downvote_share" {
                assert_eq!(found, None);
                continue;
            }
            let same = found.is_some_and(|found| (found - value(metric)).abs() < 0.02 + 1e-9);
            assert!(same, "{shape}, {metric}: {found:?}, {}", value(metric));
        }
        assert_eq!(command(&["measure", &to]), Exit::Done);
        assert_eq!(command(&["export", &out, "--as", shape, "--out", &to]), Exit::Mistake, "nothing is overwritten");
    }
    let survey = file.folder().join("survey").display().to_string();
    assert_eq!(command(&["export", &out, "--as", "survey", "--out", &survey]), Exit::Done);
    assert_eq!(command(&["export", &out, "--as", "api"]), Exit::Mistake);
}

#[test]
fn a_platform_seeded_with_published_data_shows_it_in_every_arm() {
    let (file, out) = run("");
    let folder = file.folder().join("api");
    assert_eq!(command(&["export", &out, "--as", "api", "--out", &folder.display().to_string()]), Exit::Done);
    let (_seeded, other) = run(&format!("seeded: {:?}", folder.display().to_string()));
    let columns = read_table(Path::new(&other), &IMPRESSIONS).expect("readable");
    let place = |name: &str| IMPRESSIONS.columns.iter().position(|(known, _)| *known == name).expect("a column");
    for arm in ["exposed", "re-ask"] {
        let rows = (0..columns[0].rows()).filter(|&row| columns[place("arm")].text(row) == arm);
        let guests = rows.filter(|&row| columns[place("author")].integer(row).is_some_and(|author| author >= 20));
        assert!(guests.count() > 20, "{arm}");
    }
}

#[test]
fn what_is_wrong_with_published_data_is_said_where_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    let shown = folder.path().display().to_string();
    let refused = |text: &str| {
        let mistakes = mistakes_of(&SMALL.replace("SEEDED", &format!("seeded: {shown:?}")));
        assert!(mistakes.contains(text), "{mistakes}");
    };
    refused("holds no data of a known shape");
    write("posts_all.jsonl", "{\"id\": \"p1\", \"title\": \"t\", \"content\": \"c\"}\n{\"id\": \n");
    write("comments_all.jsonl", "{\"id\": \"c1\", \"post_id\": \"p1\", \"content\": \"c\"}\n");
    refused("posts_all.jsonl");
    assert_eq!(command(&["measure", &shown]), Exit::Mistake);
}

#[test]
fn what_was_posted_is_measured_in_the_space_of_an_embeddings_server() {
    let (_file, out) = run("");
    let server = Loopback::start(|arrival| {
        let texts = arrival.body["input"].as_array().cloned().unwrap_or_default();
        let vector = |(index, text): (usize, &serde_json::Value)| {
            let text = text.as_str().unwrap_or_default();
            let count = |letter: char| text.chars().filter(|&known| known == letter).count();
            serde_json::json!({ "index": index, "embedding": [count('a'), count('e'), count('o'), 1] })
        };
        // In any order: an embedding says which text it is of.
        let data: Vec<serde_json::Value> = texts.iter().enumerate().map(vector).rev().collect();
        (Duration::from_millis(1), Act::Body(serde_json::json!({ "data": data }).to_string()))
    });
    let embed = |more: &[&str]| {
        let words = ["embed", &out, "--server", &server.url(), "--model", "letters", "--texts", "20"];
        command(&[&words[..], more].concat())
    };
    assert_eq!(embed(&[]), Exit::Done);
    assert_eq!(embed(&["--json"]), Exit::Done);
    assert_eq!(embed(&["--key", "PLURIVERSE_NO_SUCH_KEY"]), Exit::Mistake);
    drop(server);
    let nobody = Loopback::start(|_| (Duration::from_millis(1), Act::Body("{\"data\": []}".to_owned())));
    let words = ["embed", &out, "--server", &nobody.url(), "--model", "none", "--texts", "20"];
    assert_eq!(command(&words), Exit::Failed, "what is missing is no figure");
    let (_quiet, silent) = run("habits: (post: 0.0, comment: 0.0, reply: 0.0)");
    let words = ["embed", &silent, "--server", &nobody.url(), "--model", "none"];
    assert_eq!(command(&words), Exit::Mistake, "nobody wrote anything");
}
