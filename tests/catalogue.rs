//! Every scenario of the catalogue says what it asks, and runs.

use pluriverse_engine::run::EndReason;
use pluriverse_scenarios::catalog::SCENARIOS;
use pluriverse_scenarios::commands::Exit;

use pluriverse_scenarios::commands::check::{Plan, written_out};
use pluriverse_scenarios::commands::story;
use pluriverse_scenarios::commands::trajectory::Trajectory;

use crate::support::{SMALL, ScenarioFile, command, loaded, run_simply};

#[test]
fn every_scenario_says_what_it_asks_and_runs_on_surrogates() {
    assert_eq!(SCENARIOS.len(), 13);
    for (name, text) in SCENARIOS {
        assert!(text.starts_with("// "), "{name} begins with the question it asks");
        let finished = run_simply(name, in_place_of_servers(name));
        assert_eq!(finished.summary.end, EndReason::Completed, "{name}");
        let first = |t: &&Trajectory| t.replicate == 0 && t.rounds.first().is_some_and(|round| round.tick == 0);
        let described = |t: &Trajectory| !t.humans.is_empty() && t.baselines.len() == 2 && t.network.len() == 13;
        assert!(finished.trajectories.iter().filter(first).all(described), "{name}");
        assert_eq!(command(&["check", name]), Exit::Done);
    }
}

/// What makes a scenario run here: a script where it needs a server, and fewer replicates where it would take long.
fn in_place_of_servers(name: &str) -> &'static [&'static str] {
    match name {
        "moltbook-llm" => &[
            "backbones.local=Scripted(otherwise: Say(\"{\\\"actions\\\": []} \\\\boxed{1}\"))",
            "limits=(failure_share: 1.0)",
        ],
        "moltbook-drift" => &["replicates=2"],
        _ => &[],
    }
}

#[test]
fn the_quickstart_shows_a_society_that_grows_alike() {
    let diversity = run_simply("quickstart", &[]).metric("society", "pairwise_diversity");
    assert_eq!(diversity.len(), 6);
    assert!(diversity[5].expect("a figure") < diversity[0].expect("a figure"));
}

#[test]
fn the_readme_shows_what_the_quickstart_prints() {
    let finished = run_simply("quickstart", &[]);
    let readme = std::fs::read_to_string(crate::support::project().join("README.md")).expect("readable");
    let trajectory = &finished.trajectories[0];
    let printed = [story::rounds(trajectory), story::legend(&finished.trajectories)];
    let lines: Vec<String> = printed.iter().flat_map(|text| text.lines().map(str::to_owned)).collect();
    for line in lines.into_iter().chain(story::reading(trajectory)) {
        assert!(readme.lines().any(|shown| shown == line), "the README does not show: {line}");
    }
}

#[test]
fn a_plan_counts_what_a_run_then_does() {
    let set = ["population.0.count=2", "record=(answers: Sample(3))"];
    let plan = Plan::of(&loaded("quickstart", &set, None).unwrap_or_else(|error| panic!("{}", error.render())));
    let finished = run_simply("quickstart", &set);
    assert_eq!((plan.agents, plan.items, plan.ticks), (10, 223, 6));
    assert_eq!((plan.decisions, plan.asked.len()), (finished.summary.outcomes.asked(), 0));
    assert_eq!(plan.answer_rows, crate::run_directory::answers(&finished.directory()).len() as u64);
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
