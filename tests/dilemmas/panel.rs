//! Panels in dilemmas: every voice is asked in both orders, what they prefer becomes one judgement with a bounded
//! correction, and a panel with a silent voice has none.

use std::path::Path;
use std::time::Duration;

use pluriverse_agents::kinds::panel::figures::PANELS;
use pluriverse_engine::record::read::read_table;
use pluriverse_engine::run::EndReason;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_tests::{Arrival, Loopback};

use super::society::{carried, judgements, of_society, reply};
use crate::run_directory::events;
use crate::support::{FinishedRun, ScenarioFile, loaded, mistakes_of, run};

const SURROGATES: &str = r#"Scenario(
    name: "panels-judge",
    backbones: { "house": Surrogate(preset: "claude-opus-4.7"), "panel": Panel(over: "house") },
    items: Only(["Q1", "Q57"]),
    societies: {
        "plain": (population: [(cultures: ["BRA", "CHN", "DEU"], backbone: "house", count: 2)]),
        "panel": (population: [(cultures: ["BRA", "CHN", "DEU"], backbone: "panel", count: 2)]),
    },
    timeline: [Dilemmas(pairs: 4, controls: 4)],
)"#;

const ASKED: &str = r#"Scenario(
    name: "asked",
    backbones: {
        "model": OpenAi(base_url: "URL", model: "loopback-1", backoff: 0.01),
        "panel": Panel(over: "model", settings: (personas: 3)),
    },
    population: [(cultures: ["BRA", "NZL"], backbone: "panel")],
    answer: (format: Logprobs(top: 5)),
    timeline: [Dilemmas(pairs: 1, controls: 2)],
    limits: (failure_share: 1.0),
)"#;

fn asked(server: &Loopback, set: &[&str]) -> FinishedRun {
    carried(&ASKED.replace("URL", &server.url()), set)
}

/// A decision in the table of panels: base, correction, bound, decided.
fn decisions(directory: &Path) -> Vec<[f64; 4]> {
    let columns = read_table(directory, &PANELS).expect("readable");
    let real = |name: &str, row| {
        let place = PANELS.columns.iter().position(|(known, _)| *known == name).expect("a column");
        columns[place].real(row).expect("a figure")
    };
    (0..columns[0].rows()).map(|row| ["base", "correction", "bound", "decided"].map(|name| real(name, row))).collect()
}

fn is_base(arrival: &Arrival) -> bool {
    arrival.body["messages"][0]["content"].as_str().is_some_and(|text| text.starts_with("You are a helpful"))
}

fn is_swapped(arrival: &Arrival) -> bool {
    let text = arrival.body["messages"][1]["content"].as_str().unwrap_or_default();
    text.find("A. These live: nobody").is_some()
}

#[test]
fn panels_of_surrogates_judge_otherwise_than_their_base_and_the_same_on_any_number_of_threads() {
    let file = ScenarioFile::new(SURROGATES);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let one = run(&resolved, 1, SystemOrder::AsRegistered);
    assert_eq!(one.summary.end, EndReason::Completed);
    assert_eq!(run(&resolved, 4, SystemOrder::Shuffled(3)).digests(), one.digests());
    let mis = |place: usize| one.trajectories[place].dilemmas[0].figures.iter().find(|f| &*f.metric == "dilemma_mis");
    let [panel, plain] = [0, 1].map(|place| mis(place).and_then(|found| found.figure.value).expect("a figure"));
    assert!((panel - plain).abs() > 1e-6, "{panel} {plain}");
}

#[test]
fn a_panel_that_agrees_with_its_base_is_not_corrected() {
    let server = Loopback::start(|_| (Duration::ZERO, reply(Some([("A", 0.2), ("B", 0.6)]))));
    let finished = asked(&server, &[]);
    // Two agents, eight scenarios, two orders, a base and three personas.
    assert_eq!(server.arrivals().len(), 2 * 8 * 2 * 4);
    let found = decisions(&finished.directory());
    assert_eq!(found.len(), 2 * 8);
    for [base, correction, _, decided] in found {
        assert!((base - 0.5).abs() < 1e-12 && (decided - 0.5).abs() < 1e-12, "a preference for a letter cancels");
        assert!(correction.abs() < f64::MIN_POSITIVE);
    }
    assert_eq!(of_society(&finished, "dilemma_missing"), Some(0.0));
}

#[test]
fn personas_that_disagree_with_the_base_move_the_judgement_within_the_bound() {
    // The base prefers nothing; every persona prefers whoever stands where there is somebody at all.
    let server = Loopback::start(|arrival| {
        let letters = match (is_base(arrival), is_swapped(arrival)) {
            (true, _) => [("A", 0.5), ("B", 0.5)],
            (false, true) => [("A", 0.1), ("B", 0.9)],
            (false, false) => [("A", 0.9), ("B", 0.1)],
        };
        (Duration::ZERO, reply(Some(letters)))
    });
    let finished = asked(&server, &["timeline=[Dilemmas(pairs: 1, controls: 4)]"]);
    let found = decisions(&finished.directory());
    assert!(found.iter().all(|[base, ..]| (base - 0.5).abs() < 1e-12));
    assert!(found.iter().all(|[_, correction, bound, _]| correction.abs() <= *bound));
    assert!(found.iter().any(|[.., decided]| (decided - 0.5).abs() > 0.2), "{found:?}");
    let nobody = of_society(&finished, "dilemma_control_nobody").expect("a figure");
    assert!(nobody > 0.7, "{nobody}");
}

#[test]
fn a_silent_persona_silences_its_panel_with_the_reason() {
    let server = Loopback::start(|arrival| {
        let letters = is_base(arrival).then_some([("A", 0.4), ("B", 0.6)]);
        (Duration::ZERO, reply(letters))
    });
    let finished = asked(&server, &[]);
    let rows = judgements(&finished.directory());
    assert!(rows.iter().all(|row| row.outcome == "unparsable" && row.spares.is_none()));
    assert!(decisions(&finished.directory()).is_empty(), "nothing was decided");
    let told = events(&finished.directory());
    assert!(told.contains("persona 1 of the panel made no choice: the server sent no log-probabilities"), "{told}");
}

#[test]
fn single_choices_and_temperatures_of_nothing_are_refused() {
    let text = ASKED.replace("answer: (format: Logprobs(top: 5)),", "answer: (format: Letter, samples: 3),");
    let found = mistakes_of(&text);
    for part in ["panel `panel` corrects log-odds, and a single choice says nothing of them", "write `samples: 5`"] {
        assert!(found.contains(part), "{part}: {found}");
    }
    let found = mistakes_of(&ASKED.replace("personas: 3)", "personas: 3), dilemmas: (species: 0.0)"));
    assert!(found.contains("species: gaps are divided by a finite number above 0, not by 0"), "{found}");
}
