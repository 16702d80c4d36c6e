//! The page about a run: the same whoever writes it, whole without scripts and network, and nothing in it that was said
//! by a model is more than text.

use std::path::Path;

use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::inputs::finished::FinishedRun as Finished;
use pluriverse_scenarios::report::{GENERATOR, REPORT, SCRIPT_DIGEST};
use pluriverse_scenarios::studies::compare::{Beside, beside, objections};

use crate::support::{FinishedRun, ScenarioFile, command, loaded, run, run_simply};
use pluriverse_engine::simulation::SystemOrder;

const QUICK: [&str; 3] =
    ["arms=[Exposed, ReAsk]", "replicates=2", "observe=[PairwiseDiversity, StructuralDiversity, Consensus]"];

fn quick(more: &[&str]) -> FinishedRun {
    run_simply("exposure-with-controls", &[&QUICK, more].concat())
}

fn page(run: &FinishedRun) -> String {
    std::fs::read_to_string(run.directory().join(REPORT)).expect("a page")
}

/// A society in which a model says whatever it likes.
fn talkative(reply: &str) -> FinishedRun {
    let text = format!(
        r#"Scenario(
            name: "<b>bold",
            about: "</style><script>alert(1)</script>",
            backbones: {{ "m\"><i>": Scripted(
                cues: [(when: ["from Brazil"], then: Say({reply:?}))],
                otherwise: Say("\\boxed{{1}}"),
            ) }},
            items: Only(["Q1", "Q4"]),
            societies: {{ "<em>one</em>": (population: [(cultures: ["BRA", "CHN"], backbone: "m\"><i>")]) }},
            timeline: [Survey, Exposure(rounds: 1)],
            limits: (failure_share: 1.0),
        )"#
    );
    let file = ScenarioFile::new(&text);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    run(&resolved, 1, SystemOrder::AsRegistered)
}

#[test]
fn report_writes_the_page_that_run_wrote() {
    let run = quick(&[]);
    let written = page(&run);
    std::fs::remove_file(run.directory().join(REPORT)).expect("a page");
    assert_eq!(command(&["report", &run.directory().display().to_string()]), Exit::Done);
    assert_eq!(page(&run), written);
    assert!(written.contains(GENERATOR));
}

#[test]
fn a_page_shows_every_part_and_reaches_for_nothing() {
    let text = page(&quick(&[]));
    for part in [
        "Round by round",
        "Effect of exposure after round 5",
        "Item by item",
        "The tree of structural diversity",
        "The network",
        "Missing answers",
        "What was run",
        "bca bootstrap over 223 items",
        "the 5 agents are those that were meant",
    ] {
        assert!(text.contains(part), "{part}");
    }
    for address in ["http:", "https:", "src=", "@import", "url("] {
        assert!(!text.contains(address), "{address}");
    }
    let figures = ["<polyline", "<polygon", "<circle class=\"item\"", "<path class=\"branch\"", "<line class=\"tie\""];
    assert!(figures.iter().all(|figure| text.contains(figure)));
    assert!(!text.contains("NaN") && !text.contains("inf,"), "a figure that is none was drawn");
}

#[test]
fn what_a_model_says_is_text_on_the_page() {
    for reply in [
        "<script>alert('x')</script>",
        "</blockquote></details><img src=x onerror=alert(1)>",
        "\"' onmouseover='alert(1)",
        "<!-- ",
        "]]></svg><svg/onload=alert(1)>",
    ] {
        let text = page(&talkative(reply));
        assert_eq!(text.matches("<script").count(), 1, "{reply}");
        assert!(!text.contains("<img") && !text.contains("<svg/") && !text.contains("<!-- "), "{reply}");
        assert!(!text.contains("<b>bold") && !text.contains("<em>one") && !text.contains("<i>"), "{reply}");
        let shown: String =
            reply.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        assert!(text.contains(&shown), "{reply} is not shown as it was said");
    }
}

#[test]
fn the_only_script_of_a_page_is_the_one_its_policy_names() {
    let text = page(&quick(&["replicates=1"]));
    let start = text.find("<script>").expect("a script") + "<script>".len();
    let script = &text[start..start + text[start..].find("</script>").expect("its end")];
    let digest = ring::digest::digest(&ring::digest::SHA256, script.as_bytes());
    assert_eq!(base64(digest.as_ref()), SCRIPT_DIGEST);
    assert!(text.contains(&format!("script-src 'sha256-{SCRIPT_DIGEST}'")) && text.contains("default-src 'none'"));
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[test]
fn runs_of_every_size_and_kind_have_a_page() {
    let big = "population=[(cultures: [\"BRA\", \"CHN\"], backbone: \"house\", count: 150)]";
    let cases: [(&[&str], &[&str]); 5] = [
        (&["record=(answers: None)"], &["No answers were recorded"]),
        (&["record=(answers: Sample(3))"], &["3 recorded agents of 5"]),
        (&["observe=[]"], &["Missing answers", "What was run"]),
        (&["network=EdgeList(path: \"two-parts.csv\")"], &["falls into 2 parts"]),
        (
            &[big, "items=Only([\"Q1\", \"Q2\"])", "replicates=1"],
            &["Too many agents to be drawn", "agents drawn by seed"],
        ),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("two-parts.csv"), "source,target\n0,1\n2,3\n3,4\n").expect("a file");
    let parts = folder.path().join("two-parts.csv").display().to_string();
    for (set, words) in cases {
        let set: Vec<String> = set.iter().map(|set| set.replace("two-parts.csv", &parts)).collect();
        let text = page(&quick(&set.iter().map(String::as_str).collect::<Vec<_>>()));
        for word in words {
            assert!(text.contains(word), "{set:?}: {word}");
        }
    }
}

fn compared(runs: &[(&str, &FinishedRun)]) -> Result<Beside, Vec<String>> {
    let read = |(name, run): &(&str, &FinishedRun)| {
        ((*name).to_owned(), Finished::read(&run.directory(), Path::new("")).expect("a whole run"))
    };
    let runs: Vec<(String, Finished)> = runs.iter().map(read).collect();
    let objections = objections(&runs);
    if objections.is_empty() { Ok(beside(&runs)) } else { Err(objections) }
}

#[test]
fn runs_that_cannot_be_compared_are_refused_with_every_reason() {
    let first = quick(&[]);
    let cases: [(&[&str], &str); 4] = [
        (&["items=Only([\"Q1\", \"Q2\"])"], "asked different items: 223 items"),
        (&["reference.statistic=Median"], "measured against different humans: wvs7 (mode, corrected) and wvs7 (median"),
        (&["observe=[Clusters]", "cluster_within=5.0"], ""),
        (&[], "are the same run"),
    ];
    for (set, reason) in cases {
        let found = compared(&[("a", &first), ("b", &quick(set))]);
        if reason.is_empty() {
            assert!(found.is_ok(), "clusters are compared only where both have them");
        } else {
            let objections = found.expect_err("no comparison");
            assert!(objections.iter().any(|objection| objection.contains(reason)), "{objections:?}");
        }
    }
    let alone = compared(&[("a", &first)]).expect_err("no comparison");
    assert!(alone[0].contains("name two or more"));
}

#[test]
fn a_run_beside_another_differs_by_what_both_come_to() {
    let (one, other) = (quick(&[]), quick(&["seed=9"]));
    let found = compared(&[("one", &one), ("other", &other)]).expect("comparable");
    let last = |run: &FinishedRun, control: &str| {
        let of = |effect: &&pluriverse_scenarios::commands::trajectory::TickEffect| {
            &*effect.metric == "pairwise_diversity" && &*effect.treatment == "exposed" && &*effect.control == control
        };
        run.effects.iter().rev().find(of).and_then(|effect| effect.estimate).expect("an effect")
    };
    let unit = &found.units[1].measures[0];
    assert_eq!(unit.measure, "pairwise_diversity");
    let near = |found: Option<f64>, expected: f64| assert!((found.expect("known") - expected).abs() < 1e-9);
    near(unit.level.estimate, last(&other, ""));
    near(unit.level_difference.estimate, last(&other, "") - last(&one, ""));
    near(unit.effect_difference.estimate, last(&other, "re-ask") - last(&one, "re-ask"));
    assert!(unit.level_difference.interval.is_some() && found.units[0].measures[0].level_difference.estimate.is_none());
}

#[test]
fn a_page_is_not_written_over_a_file_of_somebody_elses() {
    let (one, other) = (quick(&[]), quick(&["seed=9"]));
    let folder = tempfile::tempdir().expect("a folder");
    let theirs = folder.path().join("notes.html");
    std::fs::write(&theirs, "<p>mine</p>").expect("a file");
    let runs = [one.directory().display().to_string(), other.directory().display().to_string()];
    let out = theirs.display().to_string();
    assert_eq!(command(&["compare", &runs[0], &runs[1], "--out", &out]), Exit::Mistake);
    assert_eq!(std::fs::read_to_string(&theirs).expect("a file"), "<p>mine</p>");
    let ours = folder.path().join("ours.html").display().to_string();
    for _ in 0..2 {
        assert_eq!(command(&["compare", &runs[0], &runs[1], "--out", &ours]), Exit::Done);
    }
    let page = std::fs::read_to_string(&ours).expect("a page");
    assert!(page.contains("Runs side by side") && page.contains("Effects of exposure"));
}
