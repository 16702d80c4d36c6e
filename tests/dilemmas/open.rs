//! Dilemmas answered in the agents' own words: a judge says what each answer commits to, a judge that cannot be read is a
//! failure, and a model does not judge itself.

use std::time::Duration;

use pluriverse_scenarios::commands::check::Plan;
use pluriverse_tests::{Act, Arrival, Loopback};

use super::society::{carried, judgements, of_society};
use crate::run_directory::{events, requests};
use crate::support::{FinishedRun, ScenarioFile, loaded, mistakes_of};

const OPEN: &str = r#"Scenario(
    name: "open",
    backbones: {
        "model": OpenAi(base_url: "URL", model: "actor", backoff: 0.01),
        "reader": OpenAi(base_url: "URL", model: "judge", backoff: 0.01),
    },
    population: [(cultures: ["BRA", "NZL"], backbone: "model")],
    timeline: [Dilemmas(pairs: 1, controls: 2, judge: Some("reader"))],
    limits: (failure_share: 1.0),
)"#;

fn is_judge(arrival: &Arrival) -> bool {
    arrival.body["model"] == "judge"
}

/// A server whose actors speak freely, and whose judge says this.
fn server(verdict: &'static str) -> Loopback {
    Loopback::start(move |arrival| {
        let text = if is_judge(arrival) { verdict } else { "It should do B, I would say, {\"choice\": \"A\"} or not." };
        (Duration::ZERO, Act::Say(text.to_owned()))
    })
}

fn asked(text: &str, server: &Loopback) -> FinishedRun {
    carried(&text.replace("URL", &server.url()), &[])
}

#[test]
fn the_judges_confidence_is_the_log_odds_and_a_preference_for_a_letter_cancels() {
    let server = server("Here: {\"choice\": \"B\", \"confidence\": 0.8}");
    let finished = asked(OPEN, &server);
    let rows = judgements(&finished.directory());
    assert_eq!(rows.len(), 2 * 8);
    for row in &rows {
        for gap in row.gaps {
            assert!((gap.expect("a gap") - libm::log(4.0)).abs() < 1e-12);
        }
        assert!((row.spares.expect("judged") - 0.5).abs() < 1e-12);
    }
    assert_eq!(of_society(&finished, "dilemma_missing"), Some(0.0));
    let arrivals = server.arrivals();
    let tried: Vec<&Arrival> = arrivals.iter().filter(|arrival| is_judge(arrival)).collect();
    assert_eq!((arrivals.len(), tried.len()), (2 * 8 * 2 * 2, 2 * 8 * 2));
    let shown = tried[0].body["messages"][1]["content"].as_str().unwrap_or_default();
    assert!(shown.contains("A. These live: ") && shown.contains("I would say"), "{shown}");
    assert!(arrivals.iter().any(|arrival| !is_judge(arrival) && arrival.body.to_string().contains("three sentences")));
    let said = requests(&finished.directory());
    assert_eq!(said.iter().filter(|request| request.outcome == "answered").count(), said.len());
    let file = ScenarioFile::new(&OPEN.replace("URL", &server.url()));
    let plan = Plan::of(&loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render())));
    assert_eq!(plan.asked.iter().map(|asked| asked.requests).collect::<Vec<_>>(), [32, 32]);
}

#[test]
fn doubt_is_a_gap_of_nothing_and_a_verdict_that_cannot_be_read_is_a_failure() {
    let doubt = asked(OPEN, &server("{\"choice\": \"UNCERTAIN\", \"confidence\": 0.2}"));
    assert!(
        judgements(&doubt.directory())
            .iter()
            .all(|row| row.gaps.iter().all(|gap| gap.is_some_and(|gap| gap.abs() < 1e-15)))
    );
    let silent = asked(OPEN, &server("I could not say."));
    let rows = judgements(&silent.directory());
    assert!(rows.iter().all(|row| row.outcome == "unparsable" && row.spares.is_none()));
    assert!(events(&silent.directory()).contains("the judge gave no verdict"));
}

#[test]
fn a_panel_corrects_what_the_judge_made_of_its_voices() {
    let text = OPEN
        .replace("\"reader\":", "\"panel\": Panel(over: \"model\", settings: (personas: 2)),\n        \"reader\":")
        .replace("backbone: \"model\")", "backbone: \"panel\")");
    let server = server("{\"choice\": \"A\", \"confidence\": 0.9}");
    let finished = asked(&text, &server);
    assert!(judgements(&finished.directory()).iter().all(|row| row.spares.is_some()));
    assert_eq!(server.arrivals().len(), 2 * 8 * 2 * 3 * 2);
}

#[test]
fn a_model_does_not_judge_itself_and_a_surrogate_reads_nothing() {
    let cases: [(&str, &str, &[&str]); 4] = [
        ("Some(\"reader\")", "Some(\"raeder\")", &["there is no backbone `raeder`", "did you mean `reader`?"]),
        ("Some(\"reader\")", "Some(\"model\")", &["`model` judges what `model` says, and that is the same model"]),
        ("model: \"judge\"", "model: \"actor\"", &["`reader` judges what `model` says, and that is the same model"]),
        (
            "OpenAi(base_url: \"URL\", model: \"judge\", backoff: 0.01)",
            "Surrogate(preset: \"claude-opus-4.7\")",
            &["backbone `reader` cannot judge: it reads no texts"],
        ),
    ];
    for (from, to, parts) in cases {
        let found = mistakes_of(&OPEN.replace(from, to).replace("URL", "http://127.0.0.1:9/v1"));
        for part in parts {
            assert!(found.contains(part), "{to}: {part}: {found}");
        }
    }
}
