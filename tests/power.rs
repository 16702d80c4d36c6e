//! What a pilot says of the run that follows it.

use std::path::Path;

use pluriverse_scenarios::inputs::asset::AssetError;
use pluriverse_scenarios::inputs::finished::FinishedRun;
use pluriverse_scenarios::studies::power::{Question, SocietyPower, power_of_run};

use crate::support::{FinishedRun as Run, run_simply};

const QUICK: [&str; 2] = ["arms=[Exposed, ReAsk]", "observe=[PairwiseDiversity, Consensus]"];

fn run(replicates: u32, seed: u32) -> Run {
    let (replicates, seed) = (format!("replicates={replicates}"), format!("seed={seed}"));
    run_simply("exposure-with-controls", &[QUICK[0], QUICK[1], &replicates, &seed])
}

fn power_of(run: &Run, question: &Question) -> Result<Vec<SocietyPower>, AssetError> {
    power_of_run(&FinishedRun::read(&run.directory(), Path::new(""))?, question)
}

#[test]
fn a_pilot_foretells_how_wide_the_interval_of_a_longer_run_is() {
    let question = Question { power: 0.8, ..Question::default() };
    let mut foretold = 0.0;
    for seed in 0..4 {
        let power = power_of(&run(4, seed), &question).expect("a pilot").remove(0);
        let diversity =
            power.measures.iter().find(|measure| measure.measure == "pairwise_diversity").expect("compared");
        let of_sixteen = diversity.drawn.powi(2) + diversity.chance.powi(2) / 16.0;
        foretold += of_sixteen.sqrt() / 4.0;
    }
    let long = run(16, 99);
    let effect = long
        .effects
        .iter()
        .rev()
        .find(|effect| &*effect.metric == "pairwise_diversity" && &*effect.control == "re-ask")
        .and_then(|effect| effect.interval)
        .expect("an interval");
    let found = (effect.1 - effect.0) / 2.0 / 1.96;
    assert!((foretold / found - 1.0).abs() < 0.2, "foretold {foretold}, found {found}");
}

#[test]
fn a_pilot_says_why_it_cannot_tell() {
    let of = |society: &str, treatment: &str, control: &str, round| Question {
        society: (!society.is_empty()).then(|| society.to_owned()),
        treatment: (!treatment.is_empty()).then(|| treatment.to_owned()),
        control: (!control.is_empty()).then(|| control.to_owned()),
        round,
        power: 0.8,
    };
    let pilot = run(2, 1);
    let cases = [
        (of("nowhere", "", "", None), "has no society `nowhere`"),
        (of("", "exposd", "", None), "did you mean `exposed`"),
        (of("", "exposed", "exposed", None), "no effect against itself"),
        (of("", "", "", Some(9)), "no exposure round 9"),
    ];
    for (question, reason) in cases {
        let error = power_of(&pilot, &question).expect_err("cannot tell");
        let said = format!("{} {}", error.message, error.help.unwrap_or_default());
        assert!(said.contains(reason), "{said}");
    }
    assert!(power_of(&pilot, &of("", "", "", Some(2))).is_ok());
    let error = power_of(&run(1, 1), &of("", "", "", None)).expect_err("one replicate");
    assert!(error.message.contains("was run once"), "{}", error.message);
}
