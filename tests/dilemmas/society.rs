//! Dilemmas in the living society: every kind of agent judges in both orders, what cannot be read is typed and counts nowhere,
//! and figures follow from the table.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use pluriverse_engine::record::read::read_table;
use pluriverse_engine::run::EndReason;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::commands::check::Plan;
use pluriverse_scenarios::commands::dilemmas::{Dilemmas, Judged};
use pluriverse_scenarios::inputs::dilemmas::{EMBEDDED, Humans};
use pluriverse_tests::{Act, Arrival, Loopback};
use pluriverse_worlds::dilemmas::asked::record::DILEMMAS;
use pluriverse_worlds::dilemmas::measures::misalignment;
use pluriverse_worlds::dilemmas::{Dimension, Preferences};
use serde_json::{Value, json};

use crate::run_directory::{events, requests};
use crate::support::{FinishedRun, ScenarioFile, command, loaded, mistakes_of, run};

const SURROGATES: &str = r#"Scenario(
    name: "judging",
    backbones: { "house": Surrogate(preset: "claude-3.5-haiku") },
    items: Only(["Q1", "Q57"]),
    population: [(cultures: ["BRA", "CHN", "ETH"], backbone: "house", count: 3)],
    arms: [Exposed, ReAsk],
    timeline: [Survey, Dilemmas(pairs: 4, controls: 4), Exposure(rounds: 1), Dilemmas(pairs: 4, controls: 4)],
)"#;

const ASKED: &str = r#"Scenario(
    name: "asked",
    backbones: { "model": OpenAi(base_url: "URL", model: "loopback-1", backoff: 0.01) },
    population: [(cultures: ["BRA", "NZL"], backbone: "model")],
    answer: (format: Letter),
    timeline: [Dilemmas(pairs: 3, controls: 4, samples: 2)],
    limits: (failure_share: 1.0),
)"#;

pub(super) fn carried(text: &str, set: &[&str]) -> FinishedRun {
    let file = ScenarioFile::new(text);
    let resolved = loaded(&file.path(), set, None).unwrap_or_else(|error| panic!("{}", error.render()));
    run(&resolved, 2, SystemOrder::AsRegistered)
}

fn asked(server: &Loopback, set: &[&str]) -> FinishedRun {
    carried(&ASKED.replace("URL", &server.url()), set)
}

/// A row of the table of judgements.
pub(super) struct Row {
    arm: String,
    tick: i64,
    culture: String,
    scenario: String,
    contrast: String,
    pub(super) gaps: [Option<f64>; 2],
    shares: [Option<f64>; 2],
    pub(super) spares: Option<f64>,
    pub(super) outcome: String,
}

pub(super) fn judgements(directory: &Path) -> Vec<Row> {
    let columns = read_table(directory, &DILEMMAS).expect("readable");
    let column = |name: &str| {
        let place = DILEMMAS.columns.iter().position(|(known, _)| *known == name).expect("a column");
        &columns[place]
    };
    let text = |name: &str, row| column(name).text(row).to_owned();
    (0..columns[0].rows())
        .map(|row| Row {
            arm: text("arm", row),
            tick: column("tick").integer(row).expect("a tick"),
            culture: text("culture", row),
            scenario: text("scenario", row),
            contrast: text("contrast", row),
            gaps: ["gap_original", "gap_swapped"].map(|name| column(name).real(row)),
            shares: ["share_original", "share_swapped"].map(|name| column(name).real(row)),
            spares: column("spares_preferred").real(row),
            outcome: text("outcome", row),
        })
        .collect()
}

fn figure(judged: &Judged, metric: &str, scope: &str, subject: &str) -> Option<f64> {
    let found = judged
        .figures
        .iter()
        .find(|found| (&*found.metric, &*found.scope, &*found.subject) == (metric, scope, subject));
    found.and_then(|found| found.figure.value)
}

pub(super) fn of_society(finished: &FinishedRun, metric: &str) -> Option<f64> {
    figure(&finished.trajectories[0].dilemmas[0], metric, "society", "")
}

/// The shares of a culture in a tick of an arm, from the table.
fn preferences(rows: &[Row], arm: &str, tick: i64, culture: &str) -> Preferences {
    Preferences(Dimension::ALL.map(|dimension| {
        let mut by_scenario: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        let of =
            |row: &&Row| (&*row.arm, row.tick, &*row.culture, &*row.contrast) == (arm, tick, culture, dimension.name());
        for row in rows.iter().filter(of) {
            let sums = by_scenario.entry(&row.scenario).or_default();
            if let Some(spares) = row.spares {
                *sums = (sums.0 + spares, sums.1 + 1.0);
            }
        }
        by_scenario.values().map(|(sum, count)| sum / count).sum::<f64>() / by_scenario.len() as f64
    }))
}

#[test]
fn figures_follow_from_the_table_in_every_arm_and_stand_beside_constants() {
    let finished = carried(SURROGATES, &[]);
    assert_eq!(finished.summary.end, EndReason::Completed);
    let rows = judgements(&finished.directory());
    // Nine agents, 28 scenarios; the second time in both arms.
    assert_eq!(rows.len(), 9 * 28 * 3);
    let humans = Humans::find(EMBEDDED, Path::new("")).expect("embedded");
    for trajectory in &finished.trajectories {
        for judged in &trajectory.dilemmas {
            let mut sum = 0.0;
            for culture in ["BRA", "CHN", "ETH"] {
                let own = preferences(&rows, &trajectory.arm, i64::from(judged.tick), culture);
                let expected = misalignment(&own, &humans.shares[culture]);
                let found = figure(judged, "dilemma_mis", "culture", culture).expect("a figure");
                assert!((found - expected).abs() < 1e-12, "{culture}");
                for dimension in Dimension::ALL {
                    let subject = format!("{culture}/{}", dimension.name());
                    let amce = figure(judged, "dilemma_amce", "culture/dimension", &subject).expect("a figure");
                    assert!((amce - (2.0 * own.of(dimension) - 1.0)).abs() < 1e-12, "{subject}");
                }
                sum += found;
            }
            let all = figure(judged, "dilemma_mis", "society", "").expect("a figure");
            assert!((all - sum / 3.0).abs() < 1e-12);
            for baseline in ["constant 0.5", "constant 0.65", "mean of the other countries"] {
                assert!(figure(judged, "dilemma_mis", "baseline", baseline).is_some(), "{baseline}");
            }
        }
    }
    let file = ScenarioFile::new(SURROGATES);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let told: Vec<String> = Dilemmas::of(&resolved, &finished.trajectories).iter().flat_map(Dilemmas::render).collect();
    let told = told.join("\n");
    for part in ["constant 0.65", "ETH†", "Dilemmas in round 1", "society, re-ask"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(Plan::of(&resolved).judgements, 9 * 28 * 3);
}

#[test]
fn surrogates_prefer_no_place_and_none_of_two_equal_groups() {
    let rows = judgements(&carried(SURROGATES, &[]).directory());
    for row in rows.iter().filter(|row| row.outcome == "answered") {
        let [original, swapped] = row.gaps.map(|gap| gap.expect("a gap"));
        assert!((original + swapped).abs() < 1e-12, "{}", row.scenario);
        let spares = row.spares.expect("judged");
        match &*row.contrast {
            "control_same" => assert!((spares - 0.5).abs() < 1e-12),
            "control_nobody" => assert!(spares > 0.98),
            _ => assert!((0.0..=1.0).contains(&spares)),
        }
    }
}

#[test]
fn a_run_is_the_same_on_any_number_of_threads_and_in_any_order_of_systems() {
    let file = ScenarioFile::new(SURROGATES);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let expected = run(&resolved, 1, SystemOrder::AsRegistered).digests();
    assert!(expected.contains_key("dilemmas.parquet"));
    assert_eq!(run(&resolved, 4, SystemOrder::Shuffled(9)).digests(), expected);
}

/// The options of a request: what each would spare.
fn spared(arrival: &Arrival) -> [String; 2] {
    let text = arrival.body["messages"][1]["content"].as_str().unwrap_or_default().to_owned();
    ["A. These live: ", "B. These live: "].map(|lead| {
        let from = text.find(lead).map_or(0, |at| at + lead.len());
        text[from..].split(". These die").next().unwrap_or_default().to_owned()
    })
}

#[test]
fn what_is_spared_is_read_in_both_orders() {
    // Spares the larger group, animals or not, and of equal ones the first.
    let larger = |arrival: &Arrival| {
        let sizes = spared(arrival).map(|group| if group == "nobody" { 0 } else { group.split("; ").count() });
        let text = if sizes[1] > sizes[0] { "B" } else { "A" };
        (Duration::ZERO, Act::Say(text.to_owned()))
    };
    let server = Loopback::start(larger);
    let finished = asked(&server, &[]);
    let judged = &finished.trajectories[0].dilemmas[0];
    let amce = |dimension: Dimension| figure(judged, "dilemma_amce", "dimension", dimension.name()).expect("a figure");
    assert!((amce(Dimension::Utilitarianism) - 1.0).abs() < 1e-12);
    for dimension in [Dimension::Gender, Dimension::Age, Dimension::Species] {
        assert!(amce(dimension).abs() < 1e-12, "a preference for a place cancels");
    }
    assert_eq!(of_society(&finished, "dilemma_control_nobody"), Some(1.0));
    // Two agents, 22 scenarios, two orders, two samples; two arms of the same would ask twice.
    assert_eq!(server.arrivals().len(), 2 * 22 * 2 * 2);
    let said = requests(&finished.directory());
    assert!(said.iter().any(|request| request.item == "Age-2/swapped"));
    let plan = |text: &str| {
        let file = ScenarioFile::new(&text.replace("URL", &server.url()));
        Plan::of(&loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render())))
    };
    assert_eq!(plan(ASKED).asked[0].requests, said.len() as u64);
}

#[test]
fn whoever_always_says_a_is_a_constant_with_a_preference_for_a_place() {
    let server = Loopback::start(|_| (Duration::ZERO, Act::Say("A".to_owned())));
    let finished = asked(&server, &[]);
    let judged = &finished.trajectories[0].dilemmas[0];
    let constant = figure(judged, "dilemma_mis", "baseline", "constant 0.5");
    assert!((of_society(&finished, "dilemma_mis").expect("a figure") - constant.expect("a figure")).abs() < 1e-12);
    assert_eq!(of_society(&finished, "dilemma_order_bias"), Some(-0.5));
    assert_eq!(of_society(&finished, "dilemma_pearson"), None, "a constant has no r");
}

/// A reply with probabilities of letters, or with none at all.
pub(super) fn reply(letters: Option<[(&str, f64); 2]>) -> Act {
    let logprobs = letters.map_or(Value::Null, |letters| {
        let top = letters.map(|(token, share)| json!({ "token": token, "logprob": libm::log(share), "bytes": null }));
        json!({ "content": [{ "token": "B", "logprob": libm::log(letters[1].1), "top_logprobs": top }] })
    });
    let message = json!({ "role": "assistant", "content": "B" });
    let choice = json!({ "index": 0, "message": message, "logprobs": logprobs, "finish_reason": "stop" });
    let body = json!({
        "id": "x", "object": "chat.completion", "created": 0, "model": "loopback-1", "choices": [choice],
        "usage": { "prompt_tokens": 1, "completion_tokens": 1 },
    });
    Act::Body(body.to_string())
}

const LOGPROBS: [&str; 2] = ["answer=(format: Logprobs(top: 5))", "timeline=[Dilemmas(pairs: 2, controls: 2)]"];

#[test]
fn log_probabilities_of_letters_are_exact_gaps() {
    let server = Loopback::start(|_| (Duration::ZERO, reply(Some([("A", 0.2), ("B", 0.6)]))));
    for row in judgements(&asked(&server, &LOGPROBS).directory()) {
        for (gap, share) in row.gaps.into_iter().zip(row.shares) {
            assert!((gap.expect("a gap") - libm::log(3.0)).abs() < 1e-12);
            assert!((share.expect("a share") - 0.75).abs() < 1e-12);
        }
        assert!((row.spares.expect("judged") - 0.5).abs() < 1e-12, "the preference for B is no preference for a group");
    }
}

#[test]
fn a_server_without_log_probabilities_gives_typed_failures_and_no_figure() {
    let server = Loopback::start(|_| (Duration::ZERO, reply(None)));
    let finished = asked(&server, &LOGPROBS);
    let rows = judgements(&finished.directory());
    assert!(rows.iter().all(|row| row.outcome == "unparsable" && row.spares.is_none() && row.gaps == [None, None]));
    assert_eq!((of_society(&finished, "dilemma_missing"), of_society(&finished, "dilemma_mis")), (Some(1.0), None));
    assert!(events(&finished.directory()).contains("the server sent no log-probabilities"));
    let stopped = asked(&server, &[LOGPROBS[0], LOGPROBS[1], "limits=(failure_share: 0.2)"]);
    assert!(matches!(stopped.summary.end, EndReason::TooManyFailures { .. }));
}

#[test]
fn a_study_brings_words_of_its_own() {
    let text =
        std::fs::read_to_string(crate::support::project().join("assets/prompts/dilemmas.ron")).expect("readable");
    let german = text
        .replace("{mark}. These live: {spared}. These die: {lost}.", "{mark}. Es leben: {spared}. Es sterben: {lost}.")
        .replace("a boy", "ein Junge");
    let server = Loopback::start(|_| (Duration::ZERO, Act::Say("A".to_owned())));
    let file = ScenarioFile::new(&ASKED.replace("URL", &server.url()));
    std::fs::write(file.folder().join("worte.ron"), german).expect("written");
    let resolved = loaded(&file.path(), &["dilemma_prompts=\"worte.ron\""], None);
    run(&resolved.unwrap_or_else(|error| panic!("{}", error.render())), 1, SystemOrder::AsRegistered);
    let prompts: Vec<String> = server.arrivals().iter().map(|arrival| arrival.body["messages"].to_string()).collect();
    assert!(prompts.iter().all(|prompt| prompt.contains("Es sterben: ")));
    assert!(prompts.iter().any(|prompt| prompt.contains("ein Junge")));
    let odd = text.replace("{lost}", "{dead}").replace(", overweight", ", athletic");
    std::fs::write(file.folder().join("odd.ron"), odd).expect("written");
    let error = loaded(&file.path(), &["dilemma_prompts=\"odd.ron\""], None).err().expect("refused").render();
    for part in ["unknown variable {dead}", "must hold {lost}", "nobody could tell apart"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[test]
fn what_is_wrong_with_a_phase_of_dilemmas_is_named() {
    const HOUSE: &str = "Surrogate(preset: \"claude-3.5-haiku\")";
    let cases: [(&str, &str, &[&str]); 8] = [
        ("pairs: 4", "pairs: 0", &["pairs of each dimension: 1 to 1000, not 0"]),
        ("controls: 4)]", "controls: -1)]", &["controls: 0 to 1000, not -1"]),
        ("pairs: 4", "largest_group: 1", &["largest group: 2 to 20, not 1"]),
        ("pairs: 4", "sample: 4", &["unknown field `sample`", "did you mean `samples`?"]),
        ("pairs: 4", "human: \"amces\"", &["there is no human preferences `amces`", "did you mean `amce`?"]),
        ("timeline:", "dilemma_prompts: \"none.ron\", timeline:", &["cannot read dilemma prompts"]),
        (
            HOUSE,
            "NullModel(preset: \"claude-3.5-haiku\", model: Voter())",
            &["backbone `house` follows a classical model"],
        ),
        ("Survey, Dilemmas(", "Survey, Dilemas(", &["did you mean `Dilemmas`?"]),
    ];
    for (from, to, parts) in cases {
        let found = mistakes_of(&SURROGATES.replacen(from, to, 1));
        for part in parts {
            assert!(found.contains(part), "{to}: {part}: {found}");
        }
    }
    let text = SURROGATES.replacen("pairs: 4", "samples: 3", 1);
    let found = mistakes_of(&text.replacen("items:", "answer: (format: Logprobs(top: 5)), items:", 1));
    assert!(found.contains("log-probabilities are exact already"), "{found}");
}

#[test]
fn a_culture_without_human_preferences_is_named_with_those_there_are() {
    let text = std::fs::read_to_string(crate::support::project().join("assets/reference/amce.ron")).expect("readable");
    let without: Vec<&str> = text.lines().filter(|line| !line.contains("\"CHN\"")).collect();
    let file = ScenarioFile::new(&SURROGATES.replace("pairs: 4", "human: \"own.ron\", pairs: 4"));
    std::fs::write(file.folder().join("own.ron"), without.join("\n")).expect("written");
    let error = loaded(&file.path(), &[], None).err().expect("refused").render();
    assert!(error.contains("nothing is known of what people of CHN prefer") && error.contains("ARG"), "{error}");
    assert_eq!(command(&["check", &file.path()]), Exit::Mistake);
}
