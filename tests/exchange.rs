//! Language-model agents through the whole tick, with a scripted model: prompts, replies, typed failures.

use pluriverse_engine::run::EndReason;
use pluriverse_engine::simulation::SystemOrder;

use crate::determinism::MIXED;
use crate::run_directory::{Row, answers, events};
use crate::support::{FinishedRun, ScenarioFile, loaded, run};

fn mixed(replace: &[(&str, &str)]) -> FinishedRun {
    let mut text = MIXED.replace("LATENCY", "1").replace("IN_FLIGHT", "16");
    for (from, to) in replace {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let file = ScenarioFile::new(&text);
    run(&loaded(&file.path(), &[], None).unwrap_or_else(|e| panic!("{}", e.render())), 2, SystemOrder::AsRegistered)
}

fn of<'r>(rows: &'r [Row], culture: &str, item: &str, tick: i64) -> &'r Row {
    let mut found = rows.iter().filter(|row| row.culture == culture && row.item == item && row.tick == tick);
    found.find(|row| row.backbone == "script").expect("a row")
}

#[test]
fn replies_become_answers_and_failures_stay_failures() {
    let finished = mixed(&[]);
    let rows = answers(&finished.directory());
    assert_eq!(rows.len(), 9 * 6 * 4);
    for tick in 0..4 {
        assert_eq!(of(&rows, "BRA", "Q1", tick).answer, Some(4));
        assert_eq!(of(&rows, "USA", "Q57", tick).answer, Some(1));
        let unparsable = of(&rows, "CHN", "Q1", tick);
        assert_eq!((unparsable.answer, unparsable.outcome.as_str()), (None, "unparsable"));
        let timed_out = of(&rows, "USA", "Q4", tick);
        assert_eq!((timed_out.answer, timed_out.outcome.as_str()), (None, "timed_out"));
    }
    let reasons = events(&finished.directory());
    assert!(reasons.contains("scripted failure"));
    assert!(reasons.contains("the reply ends: \\\"I cannot say\\\""));
}

#[test]
fn what_peers_wrote_reaches_the_prompt_and_what_failed_does_not() {
    // A cue that only fits when a peer's reply is shown: it fires in exposure rounds and in no survey.
    let cue = r#"(when: ["from New Zealand", "Brazilian:\n> \\boxed{4}"], then: Say("\\boxed{3}")),"#;
    let failed = r#"(when: ["> I cannot say"], then: Say("\\boxed{2}")),"#;
    let finished = mixed(&[
        ("cues: [", &format!("cues: [ {cue} {failed}")),
        (r#"cultures: ["BRA", "CHN", "USA"]"#, r#"cultures: ["BRA", "CHN", "NZL"]"#),
    ]);
    let rows = answers(&finished.directory());
    let told: Vec<Option<i64>> = (0..4).map(|tick| of(&rows, "NZL", "Q1", tick).answer).collect();
    assert_eq!(told, [Some(1), Some(3), Some(3), Some(1)]);
    assert!(rows.iter().all(|row| row.backbone != "script" || row.answer != Some(2)), "a failed reply was shown");
}

#[test]
fn showing_only_the_answer_hides_the_words() {
    let cue = r#"(when: ["from New Zealand", "Brazilian:\n> 4"], then: Say("\\boxed{3}")),"#;
    let finished = mixed(&[
        ("cues: [", &format!("cues: [ {cue}")),
        (r#"cultures: ["BRA", "CHN", "USA"]"#, r#"cultures: ["BRA", "CHN", "NZL"]"#),
        ("Exposure(rounds: 2)", "Exposure(rounds: 2, shown: Answer)"),
    ]);
    let rows = answers(&finished.directory());
    assert_eq!(of(&rows, "NZL", "Q1", 1).answer, Some(3));
}

#[test]
fn a_run_stops_when_too_much_fails_and_keeps_the_tick_that_showed_it() {
    let finished = mixed(&[("limits: (failure_share: 1.0)", "limits: (failure_share: 0.05)")]);
    assert_eq!(finished.summary.ticks, 1);
    assert!(matches!(finished.summary.end, EndReason::TooManyFailures { share, .. } if share > 0.05));
    assert!(answers(&finished.directory()).iter().all(|row| row.tick == 0));
}
