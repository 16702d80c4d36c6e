//! Classical models fitted to recorded and simulated societies: the published figures, and what has to be refused.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::parse::ParseRule;
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_scenarios::inputs::finished::FinishedRun;
use pluriverse_scenarios::inputs::recordings::Index;
use pluriverse_scenarios::studies::fit::{SocietyFit, fit_run};
use pluriverse_scenarios::studies::measure::recorded_society;
use pluriverse_scenarios::studies::setting::Setting;
use pluriverse_worlds::dynamics::fit::{Fit, Rounds, Story, fit};
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::network::Network;
use pluriverse_worlds::survey::{AnswerSheets, Survey};

use crate::support::{run_simply, with_published};

const CULTURES: [&str; 5] = ["BRA", "CHN", "MEX", "NGA", "NZL"];
const ROUNDS: [u32; 6] = [0, 1, 2, 3, 4, 5];

/// The recorded rounds of a backbone on the items that everybody answered with an option in every round, fitted.
fn fitted(folder: &Path, model: &str) -> (usize, Fit) {
    let setting = Setting::embedded().expect("assets");
    let index = Index::of(&folder.join("recordings/value-diversity")).expect("recordings");
    let cultures: BTreeSet<Arc<str>> = CULTURES.iter().map(|code| Arc::from(*code)).collect();
    let recording = index.read(model, &cultures, &BTreeSet::from(ROUNDS)).expect("readable recordings");
    let of_round = |round| recorded_society(&recording, round, &cultures, &setting.survey, ParseRule::Paper).sheets;
    let sheets: Vec<AnswerSheets> = ROUNDS.into_iter().map(of_round).collect();
    let options = |item: usize| setting.survey.items[item].option_count();
    let whole = |item: &usize| {
        let answered = |sheet: &AnswerSheets| {
            sheet
                .agent_ids()
                .all(|agent| sheet.get(agent, *item).is_ok_and(|answer| (1..=options(*item)).contains(&answer)))
        };
        sheets.iter().all(answered)
    };
    let items: Vec<usize> = (0..setting.survey.len()).filter(whole).collect();
    let survey = Survey {
        items: items.iter().map(|&item| setting.survey.items[item].clone()).collect(),
        ..setting.survey.clone()
    };
    let sheets: Vec<AnswerSheets> = sheets.iter().map(|sheet| only(sheet, &items)).collect();
    let network = Network::Complete { agents: CULTURES.len() as u32 };
    let steps = sheets.windows(2).map(|pair| (&pair[0], &pair[1])).collect();
    let rounds = [Rounds { network: &network, first: &sheets[0], steps }];
    let resamples = Resamples::draw(items.len(), 200, &Streams::new(0, "", 0).of(Purpose("test")));
    (items.len(), fit(&survey, &rounds, &Story::ALL, &resamples).expect("steps"))
}

fn only(sheet: &AnswerSheets, items: &[usize]) -> AnswerSheets {
    let mut kept = AnswerSheets::new(sheet.agents(), items.len());
    for agent in sheet.agent_ids() {
        for (place, &item) in items.iter().enumerate() {
            kept.set(agent, place, sheet.get(agent, item));
        }
    }
    kept
}

#[test]
fn recorded_societies_have_the_influence_and_the_error_that_others_found() {
    // Backbone, items, error of no change, DeGroot's influence and error, Friedkin and Johnsen's influence, anchor and
    // error: least squares over agents, items and rounds of the published recordings, computed independently.
    let cases = [
        ("claude-opus-4.7", 223, 0.084, (0.045, 0.083), (0.033, 0.167, 0.081)),
        ("Qwen3.5-27B", 220, 0.127, (0.120, 0.123), (0.091, 0.277, 0.118)),
        ("llama-4-scout", 117, 0.158, (0.240, 0.148), (0.175, 0.353, 0.139)),
    ];
    with_published("fits to recorded rounds", |folder| {
        for (model, items, no_change, (influence, error), (with_anchor, anchor, error_with_anchor)) in cases {
            let (found_items, fit) = fitted(folder, model);
            let near = |found: f64, expected: f64, what: &str| {
                // Printed to three decimals; the parts items are divided into are not known.
                assert!((found - expected).abs() <= 0.0011, "{model}, {what}: {found}, not {expected}");
            };
            assert_eq!(found_items, items, "{model}");
            near(fit.no_change, no_change, "no change");
            let parameter =
                |model: usize, place: usize| fit.models[model].parameters[place].estimate.expect("determined");
            near(parameter(0, 0), influence, "influence");
            near(fit.models[0].error, error, "error");
            near(parameter(1, 0), with_anchor, "influence beside an anchor");
            near(parameter(1, 1), anchor, "anchor");
            near(fit.models[1].error, error_with_anchor, "error with an anchor");
        }
    });
}

/// A society of surrogates that are asked again beside one that is exposed.
fn controlled(conformity: &str, retest_trend: &str) -> SocietyFit {
    let with = format!("(conformity: {conformity}, retest_trend: {retest_trend})");
    let backbones = format!("backbones={{\"house\": Surrogate(preset: \"Qwen3.5-27B\", with: {with})}}");
    let set = [backbones.as_str(), "replicates=6", "arms=[Exposed, ReAsk]", "observe=[PairwiseDiversity]"];
    let run = run_simply("exposure-with-controls", &set);
    let run = FinishedRun::read(&run.directory(), Path::new("")).expect("a whole run");
    fit_run(&run, None).expect("five rounds").remove(0)
}

#[test]
fn influence_is_told_from_fresh_noise_by_the_arm_that_is_asked_again() {
    for (conformity, retest_trend, influenced) in [("0.0", "0.0", false), ("0.0", "0.3", false), ("0.3", "0.0", true)] {
        let fit = controlled(conformity, retest_trend);
        let alone = fit.arms[0].models[1].parameters[0].interval.expect("varies");
        assert!(alone.0 > 0.0, "a fit without a control finds influence where there is none");
        let controlled = fit.controlled.iter().find(|each| each.model == "Friedkin–Johnsen").expect("fitted");
        let (lower, upper) = controlled.difference.interval.expect("varies");
        assert_eq!(controlled.difference.parameter, "influence");
        assert_eq!(lower > 0.0, influenced, "conformity {conformity}, trend {retest_trend}: {lower} to {upper}");
        assert!(upper > 0.0, "conformity {conformity}: {lower} to {upper}");
    }
}

#[test]
fn a_fit_says_why_it_cannot_be_made() {
    let cases: [(&[&str], &str); 3] = [
        (&["timeline=[Survey, Exposure(rounds: 1, shown: Answer)]"], "at least 2 rounds of exposure"),
        (&["record=(answers: None)"], "recorded no answers"),
        (&["record=(answers: Sample(2))"], "recorded only some agents' answers"),
    ];
    for (set, reason) in cases {
        let set: Vec<&str> = [&["replicates=2", "arms=[Exposed, ReAsk]", "observe=[Consensus]"], set].concat();
        let run = run_simply("exposure-with-controls", &set);
        let fit = FinishedRun::read(&run.directory(), Path::new("")).and_then(|run| fit_run(&run, None));
        let error = fit.expect_err("no fit");
        assert!(error.message.contains(reason), "{}", error.message);
        assert!(error.help.is_some());
    }
}
