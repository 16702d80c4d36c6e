//! The plane, measures of pluralism and juries as observers of a run, and what is made of them afterwards.

use std::path::Path;

use pluriverse_engine::run::StopSignal;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::commands::carry::RunOptions;
use pluriverse_scenarios::commands::pluralism::tables;
use pluriverse_scenarios::commands::trajectory::{Round, Trajectory};

use crate::support::{
    FinishedRun, ScenarioFile, carried, command, loaded, mistakes_of, run, run_simply, with_published,
};

/// A society of which everything is observed.
const OBSERVED: &str = r#"Scenario(
    name: "observed",
    backbones: { "house": Surrogate(preset: "Qwen3.5-27B") },
    also_ask: ["Q46"],
    population: [(cultures: ["BRA", "NZL", "CHN", "IND"], backbone: "house", count: 6)],
    timeline: [Survey, Exposure(rounds: 1), Vote(form: Approval(Exactly(4)))],
    observe: [PairwiseDiversity, Alignment, Consensus, HumanDistance, Plane, Overton, Distribution, Steerability,
        GlobalOpinionQa, OpinionQa, Jury],
)"#;

fn observed(set: &[&str]) -> FinishedRun {
    let file = ScenarioFile::new(OBSERVED);
    run_simply(&file.path(), set)
}

fn last(trajectory: &Trajectory) -> &Round {
    trajectory.rounds.last().expect("rounds")
}

fn society(round: &Round, metric: &str) -> f64 {
    let figure = round.figures.get(metric).unwrap_or_else(|| panic!("{metric} is observed"));
    figure.value.unwrap_or_else(|| panic!("{metric} is defined"))
}

#[test]
fn every_measure_is_told_each_round_with_what_it_is_read_beside() {
    let finished = observed(&[]);
    let trajectory = &finished.trajectories[0];
    for round in &trajectory.rounds {
        for metric in [
            "plane_traditional_secular",
            "plane_displacement",
            "plane_spread_ratio",
            "plane_procrustes_r2",
            "overton_coverage",
            "overton_own_coverage",
            "distribution_w1",
            "distribution_w1_people",
            "distribution_tv_nominal",
            "variance_ratio",
            "global_opinion_qa",
            "opinion_qa",
            "opinion_qa_consistency",
            "steer_identification",
            "steer_normalised",
        ] {
            society(round, metric);
        }
        assert!(round.figures["distribution_w1"].interval.is_some() && round.figures["overton_coverage"].n > 200);
        assert!((society(round, "distribution_w1") + society(round, "opinion_qa") - 1.0).abs() < 0.02);
    }
    let round = last(trajectory);
    let of_brazil = round.part("plane_self_expression", "culture", "BRA").expect("a place");
    let (low, high) = of_brazil.interval.expect("an error");
    assert!(high - low > 2.0 * 1.96 * 0.18, "the projection's error and that of six agents");
    assert!(round.part("steer_distance", "pair", "BRA/NZL").is_some());
    assert!(round.part("overton_coverage", "threshold", "0.05").is_some());
    // Nearer to their people than nothing: what is printed beside is there.
    for (metric, scope, subject) in [
        ("distribution_w1", "baseline", "leave_one_out"),
        ("overton_coverage", "baseline", "scale_midpoint"),
        ("plane_displacement", "human_reference", "projected"),
        ("plane_displacement", "baseline", "leave_one_out"),
        ("plane_self_expression", "human_reference", "NZL"),
    ] {
        assert!(trajectory.beside(metric, scope, subject).is_some(), "{metric} {scope} {subject}");
    }
    assert!(trajectory.beside("plane_displacement", "human_reference", "projected").is_some_and(|off| off < 0.3));
}

#[test]
fn india_is_drawn_and_never_compared() {
    let finished = observed(&[]);
    let (trajectory, round) = (&finished.trajectories[0], last(&finished.trajectories[0]));
    assert!(trajectory.beside("plane_self_expression", "human_other_wave", "IND").is_some());
    assert!(trajectory.beside("plane_self_expression", "human_reference", "IND").is_none());
    assert_eq!(round.part("plane_displacement", "culture", "IND").expect("told").value, None);
    assert_eq!(round.figures["plane_displacement"].n, 3);
    let printed = tables(&loaded_observed(), &finished.trajectories).join("\n");
    assert!(printed.contains("people of 2012, not compared"), "{printed}");
}

fn loaded_observed() -> pluriverse_scenarios::resolve::Resolved {
    let file = ScenarioFile::new(OBSERVED);
    loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()))
}

#[test]
fn one_agent_a_culture_has_places_and_distances_and_no_variance() {
    let file = ScenarioFile::new(OBSERVED);
    let finished =
        run_simply(&file.path(), &["population.0.count=1", "timeline=[Survey]", "observe=[Plane, Distribution]"]);
    let round = last(&finished.trajectories[0]);
    society(round, "plane_displacement");
    assert!(society(round, "distribution_w1") > society(round, "distribution_w1_best_single"));
    for metric in ["variance_ratio", "entropy_gap", "distribution_jsd"] {
        assert_eq!(round.figures[metric].value, None, "{metric}");
    }
}

#[test]
fn an_item_asked_aside_changes_no_other_measure() {
    let file = ScenarioFile::new(OBSERVED);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let folder = tempfile::tempdir().expect("a folder");
    let directory = folder.path().join("run");
    let carried = carried(&resolved, &directory, &RunOptions::default(), &StopSignal::default());
    // `measure` reads the answers again, those to Q46 left out.
    let measured = measured(&directory);
    for (round, again) in carried.trajectories[0].rounds.iter().zip(measured) {
        for metric in ["pairwise_diversity", "alignment"] {
            let again = again[metric].as_f64().expect("measured");
            assert!((society(round, metric) - again).abs() < 1e-9, "{metric}");
        }
    }
    assert_eq!(command(&["replay", &directory.display().to_string(), "--quiet"]), Exit::Done);
}

/// What `measure` finds in a run, tick by tick.
fn measured(directory: &Path) -> Vec<serde_json::Value> {
    let args = pluriverse_scenarios::commands::cli::MeasureArgs {
        dir: directory.to_owned(),
        cultures: Vec::new(),
        parse: None,
        statistic: None,
        coding: None,
        items: false,
        base: None,
    };
    let report = pluriverse_scenarios::commands::measure::of_run(&args).expect("measurable");
    let json = serde_json::to_value(&report).expect("JSON");
    json["societies"].as_array().expect("societies").clone()
}

#[test]
fn published_figures_are_the_same_with_an_item_asked_aside() {
    with_published("published_figures_are_the_same_with_an_item_asked_aside", |folder| {
        let recordings = folder.join("recordings/value-diversity");
        let of = |set: &[&str]| {
            let resolved = loaded("social-exposure", set, Some(&recordings));
            let resolved = resolved.unwrap_or_else(|error| panic!("{}", error.render()));
            run(&resolved, 2, SystemOrder::AsRegistered)
        };
        let (plain, aside) = (of(&[]), of(&["also_ask=[\"Q46\"]"]));
        for (plain, aside) in plain.trajectories.iter().zip(&aside.trajectories) {
            for (plain, aside) in plain.rounds.iter().zip(&aside.rounds) {
                let told = |round: &Round| {
                    let mut figures = round.figures.clone();
                    // A request more, and it brought no answer.
                    figures.retain(|metric, _| !matches!(&**metric, "missing" | "out_of_range"));
                    figures
                };
                assert_eq!(told(plain), told(aside));
            }
        }
    });
}

#[test]
fn recordings_without_happiness_are_placed_by_nine_indicators_and_say_so() {
    with_published("recordings_without_happiness_are_placed_by_nine_indicators_and_say_so", |folder| {
        let resolved = loaded("pluralism", &[], Some(&folder.join("recordings/value-diversity")));
        let resolved = resolved.unwrap_or_else(|error| panic!("{}", error.render()));
        let finished = run(&resolved, 2, SystemOrder::AsRegistered);
        let opus = finished.trajectories.iter().find(|one| &*one.society == "claude-opus-4.7").expect("it ran");
        let nigeria = last(opus).part("plane_indicators", "culture", "NGA").expect("told");
        assert_eq!(nigeria.value, Some(9.0));
        assert!(society(last(opus), "plane_displacement") < 1.2);
        assert!(tables(&resolved, &finished.trajectories).join("\n").contains("9 of 10 indicators"));
    });
}

#[test]
fn juries_of_agents_and_of_people_judge_every_rule() {
    let finished = observed(&[]);
    let poll = finished.trajectories[0].votes.last().expect("a vote");
    assert_eq!(poll.rules.len(), 3, "a rule is told once");
    for (rule, figures) in &poll.rules {
        for jury in ["jury", "people"] {
            let of = |name: &str| figures[format!("tally_{jury}_{name}").as_str()].expect("judged");
            let means = ["utilitarian", "nash", "harmonic", "rawls"].map(of);
            assert!(means.windows(2).all(|pair| pair[0] >= pair[1] - 1e-12), "{rule} {jury} {means:?}");
            assert!(of("nash_rescaled") >= of("nash") - 1e-12 && (0.0..1.0).contains(&of("gini")));
        }
        let satisfaction = figures["tally_satisfaction"].expect("counted");
        // Four projects are named by everybody.
        assert!((figures["tally_jury_utilitarian"].expect("judged") - satisfaction / 4.0).abs() < 1e-9, "{rule}");
    }
}

#[test]
fn single_agents_are_placed_where_that_is_asked_for() {
    let with = observed(&["record=(plane: Agents)"]);
    let agents = |directory: &Path| {
        let columns = pluriverse_engine::record::read::read_table(
            directory,
            &pluriverse_engine::record::observations::OBSERVATIONS,
        );
        let columns = columns.expect("readable");
        (0..columns[0].rows()).filter(|&row| columns[8].text(row) == "agent").count()
    };
    assert_eq!(agents(&with.directory()), 24 * 2 * 2);
    assert_eq!(agents(&observed(&[]).directory()), 0);
}

#[test]
fn what_cannot_be_observed_is_told_with_what_to_write() {
    for (from, to, expected) in [
        ("also_ask: [\"Q46\"],", "", &["Q46 is not asked", "also_ask: [\"Q46\"]", "FillFrom(9)"][..]),
        ("also_ask: [\"Q46\"],", "also_ask: [\"Q46\", \"Q1\"],", &["`Q1` is among those asked already"]),
        ("[\"Q46\"]", "[\"Q46\", \"Q46\"]", &["`Q46` is named twice"]),
        ("[\"Q46\"]", "[\"Q4600\"]", &["no item `Q4600`", "did you mean"]),
        (", Vote(form: Approval(Exactly(4)))", "", &["there is no vote in the timeline", "leave Jury out"]),
        ("timeline:", "plane: (figures: \"map\"), timeline:", &["there is no plane `map`"]),
        ("timeline:", "plane: (partial: Fill(9)), timeline:", &["`Fill` is no choice", "FillFrom"]),
    ] {
        let text = OBSERVED.replacen(from, to, 1);
        assert_ne!(text, OBSERVED, "{from}");
        let shown = mistakes_of(&text);
        for part in expected {
            assert!(shown.contains(part), "{from} -> {to} should mention {part:?}:\n{shown}");
        }
    }
}

#[test]
fn objectives_of_runs_are_set_against_each_other_or_refused_with_a_reason() {
    let finished = observed(&["replicates=2"]);
    let run = finished.directory().display().to_string();
    assert_eq!(command(&["study", "objectives", &run]), Exit::Done);
    assert_eq!(
        command(&["study", "objectives", &run, "--objectives", "alignment,distribution_w1", "--json"]),
        Exit::Done
    );
    for words in [
        &["--objectives", "joy"][..],
        &["--objectives", "joy:max", "--reference", "0"],
        &["--objectives", "alignment,alignment"],
        &["--objectives", "alignment:up"],
        &["--reference", "0"],
        &["--round", "9"],
    ] {
        let all: Vec<&str> = ["study", "objectives", &run].into_iter().chain(words.iter().copied()).collect();
        assert_eq!(command(&all), Exit::Mistake, "{words:?}");
    }
    assert_eq!(command(&["study", "objectives", "/nowhere/at/all"]), Exit::Mistake);
}
