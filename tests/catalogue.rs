//! Every scenario of the catalogue says what it asks, and runs.

use pluriverse_engine::run::EndReason;
use pluriverse_scenarios::catalog::SCENARIOS;
use pluriverse_scenarios::commands::Exit;

use pluriverse_scenarios::commands::check::written_out;

use crate::support::{SMALL, ScenarioFile, command, loaded, run_simply};

#[test]
fn every_scenario_says_what_it_asks_and_runs_on_surrogates() {
    assert_eq!(SCENARIOS.len(), 3);
    for (name, text) in SCENARIOS {
        assert!(text.starts_with("// "), "{name} begins with the question it asks");
        let finished = run_simply(name, &[]);
        assert_eq!(finished.summary.end, EndReason::Completed, "{name}");
        assert!(finished.trajectories.iter().all(|t| !t.humans.is_empty() && t.baselines.len() == 2), "{name}");
        assert_eq!(command(&["check", name]), Exit::Done);
    }
}

#[test]
fn the_quickstart_shows_a_society_that_grows_alike() {
    let diversity = run_simply("quickstart", &[]).metric("society", "pairwise_diversity");
    assert_eq!(diversity.len(), 6);
    assert!(diversity[5].expect("a figure") < diversity[0].expect("a figure"));
}

#[test]
fn every_command_prints_json_when_asked() {
    let out = tempfile::tempdir().expect("a folder");
    let run = out.path().join("run").display().to_string();
    assert_eq!(command(&["run", "quickstart", "--quiet", "--json", "--out", &run]), Exit::Done);
    assert_eq!(command(&["measure", &run, "--json"]), Exit::Done);
    assert_eq!(command(&["check", "quickstart", "--json"]), Exit::Done);
    assert_eq!(command(&["list", "--json"]), Exit::Done);
}

#[test]
fn what_check_writes_out_is_the_same_scenario() {
    let mixed = crate::determinism::MIXED.replace("LATENCY", "3").replace("IN_FLIGHT", "7");
    let quoted = SMALL.replace("name: \"small\",", "name: \"small\", about: \"it's a \\\"test\\\" \\\\ of quotes\",");
    let texts = SCENARIOS.iter().map(|(_, text)| (*text).to_owned()).chain([mixed, quoted]);
    for text in texts {
        let file = ScenarioFile::new(&text);
        let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
        let again = ScenarioFile::new(&written_out(&resolved.scenario).expect("printable"));
        let same = loaded(&again.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
        assert_eq!(resolved.scenario, same.scenario);
        assert_eq!(resolved.digest(), same.digest());
    }
}
