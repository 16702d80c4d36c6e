//! Votes in the living society: every kind of agent casts ballots, what is wrong with one is typed and counts nowhere,
//! discussion has its controls, and the published ballots give the published figures.

use std::path::Path;

use pluriverse_engine::record::read::read_table;
use pluriverse_engine::run::EndReason;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::commands::check::Plan;
use pluriverse_scenarios::commands::trajectory::Poll;
use pluriverse_worlds::budgeting::pabulib;
use pluriverse_worlds::budgeting::vote::record::{BALLOTS, TALLIES};

use crate::run_directory::{events, requests};
use crate::support::{FinishedRun, ScenarioFile, command, json, loaded, mistakes_of, run, with_published};

/// Agents that are told what to vote, by culture.
const SCRIPTED: &str = r#"Scenario(
    name: "scripted",
    backbones: { "script": Scripted(
        cues: [
            (when: ["not a ballot"], then: Say("\\boxed{10, 11, 12, 13}")),
            (when: ["matters", "options"], then: Say("\\boxed{1}")),
            (when: ["from Brazil"], then: Say("\\boxed{1, 2, 3}")),
            (when: ["from China"], then: Say("\\boxed{1, 2, 3, 14}")),
            (when: ["from Mexico"], then: Say("\\boxed{1, 2, 3, 3}")),
            (when: ["from Nigeria"], then: Say("I would rather not say")),
            (when: ["from India"], then: Say("\\boxed{1, 2, 3, 4, 5}")),
            (when: ["from the United States"], then: Fail(TimedOut)),
        ],
        otherwise: Say("\\boxed{2, 4, 6, 8}"),
    ) },
    items: Only(["Q1"]),
    population: [(cultures: ["BRA", "CHN", "MEX", "NGA", "IND", "USA", "NZL", "DEU"], backbone: "script")],
    timeline: [Survey, Vote(samples: 2)],
    limits: (failure_share: 1.0),
)"#;

/// Surrogates that vote after discussion.
const DISCUSSED: &str = r#"Scenario(
    name: "discussed",
    backbones: { "house": Surrogate(preset: "claude-opus-4.7", with: (CHANGES)) },
    population: [(cultures: ["BRA", "CHN", "MEX", "NGA", "NZL", "DEU", "USA", "IND"], backbone: "house")],
    arms: [Exposed, ReAsk, Placebo(Donor), Placebo(AcrossItems), Placebo(Uniform), Unlabelled],
    timeline: [Survey, Vote(deliberation: 3, samples: 5)],
)"#;

fn carried(text: &str, set: &[&str]) -> FinishedRun {
    let file = ScenarioFile::new(text);
    let resolved = loaded(&file.path(), set, None).unwrap_or_else(|error| panic!("{}", error.render()));
    run(&resolved, 2, SystemOrder::AsRegistered)
}

/// A row of the ballots table.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Row {
    society: String,
    arm: String,
    tick: i64,
    culture: String,
    sample: i64,
    projects: String,
    points: String,
    outcome: String,
    fault: String,
}

fn ballots(directory: &Path) -> Vec<Row> {
    let columns = read_table(directory, &BALLOTS).expect("readable");
    let column = |name: &str| {
        let place = BALLOTS.columns.iter().position(|(known, _)| *known == name).expect("a column");
        &columns[place]
    };
    (0..columns[0].rows())
        .map(|row| Row {
            society: column("society").text(row).to_owned(),
            arm: column("arm").text(row).to_owned(),
            tick: column("tick").integer(row).expect("a tick"),
            culture: column("culture").text(row).to_owned(),
            sample: column("sample").integer(row).expect("a sample"),
            projects: column("projects").text(row).to_owned(),
            points: column("points").text(row).to_owned(),
            outcome: column("outcome").text(row).to_owned(),
            fault: column("fault").text(row).to_owned(),
        })
        .collect()
}

/// The last vote of an arm of a society in its first replicate.
fn vote<'r>(run: &'r FinishedRun, society: &str, arm: &str) -> &'r Poll {
    let of = |t: &&pluriverse_scenarios::commands::trajectory::Trajectory| {
        &*t.society == society && &*t.arm == arm && t.replicate == 0
    };
    run.trajectories.iter().find(of).and_then(|t| t.votes.last()).expect("the arm voted")
}

fn counts(poll: &Poll) -> Vec<u64> {
    poll.counts.iter().map(|(_, count)| *count).collect()
}

#[test]
fn the_published_ballots_give_the_published_figures_through_the_engine() {
    with_published("figure 6", |folder| {
        let oracle = json(&folder.join("oracles/value-diversity/fig6.json"));
        let oracle = &oracle["backbones"]["claude-opus-4.7"];
        let recordings = folder.join("recordings/value-diversity");
        let resolved = loaded("participatory-budgeting", &[], Some(&recordings));
        let resolved = resolved.unwrap_or_else(|error| panic!("{}", error.render()));
        let finished = run(&resolved, 2, SystemOrder::AsRegistered);
        assert_eq!(finished.summary.end, EndReason::Completed);
        for (society, system) in [("low diversity", "LOW"), ("high diversity", "HIGH")] {
            let (poll, expected) = (vote(&finished, society, "exposed"), &oracle[system]);
            assert_eq!(serde_json::json!(counts(poll)), expected["counts_P01_to_P13"], "{society}");
            let figure = |metric: &str| poll.figures[metric].value.expect("a figure");
            for (metric, key) in [("vote_entropy", "entropy_nats"), ("vote_coverage", "coverage_nonzero")] {
                let expected = expected[key].as_f64().expect("a figure");
                assert!((figure(metric) - expected).abs() < 1e-12, "{society}, {metric}");
            }
            let diversity = finished.metric(society, "pairwise_diversity")[0].expect("a figure");
            assert!((diversity - expected["diversity"].as_f64().expect("a figure")).abs() < 1e-9, "{society}");
        }
        let all = vote(&finished, "nineteen cultures", "exposed");
        assert_eq!(serde_json::json!(counts(all)), oracle["all_19_counts"]);
        let missing: Vec<(&str, u64)> = all
            .missing
            .iter()
            .filter(|(.., missing)| *missing > 0)
            .map(|(code, _, missing)| (&**code, *missing))
            .collect();
        let short = ["MEX", "RUS", "THA", "UKR", "USA", "ZWE"].map(|code| (code, 19));
        assert_eq!(missing, [&[("KEN", 15)][..], &short].concat());
        assert_eq!(missing.iter().map(|(_, missing)| missing).sum::<u64>(), 129);
        let rows = ballots(&finished.directory());
        let not_recorded = rows.iter().filter(|row| row.outcome == "not_recorded").count();
        assert_eq!((rows.len(), not_recorded), (29 * 20, 129));
    });
}

#[test]
fn recorded_ballots_are_read_by_number_of_their_run_and_never_filled_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, lines: &[&str]| {
        let path = folder.path().join("recordings").join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, lines.join("\n")).expect("written");
    };
    for culture in ["BRA", "NZL"] {
        write(&format!("wvs_evaluation/m_{culture}_system.jsonl"), &[r#"{"q_id": "Q1", "response": "\\boxed{1}"}"#]);
    }
    write(
        "wvs_pb_evaluation/m_BRA.jsonl",
        &[
            r#"{"run_idx": 3, "response": "\\boxed{4, 3, 2, 1}"}"#,
            r#"{"run_idx": 0, "response": "\\boxed{1, 2, 3, 4}"}"#,
            r#"{"run_idx": 1, "response": "ERROR: 429"}"#,
            r#"{"run_idx": 2, "response": "\\boxed{1, 2, 3, 4, 5}"}"#,
        ],
    );
    let text = r#"Scenario(
        name: "recorded",
        backbones: { "r": Recorded(path: "recordings", model: "m") },
        items: Only(["Q1"]),
        population: [(cultures: ["BRA", "NZL"], backbone: "r")],
        timeline: [Survey, Vote(samples: 5)],
        limits: (failure_share: 1.0),
        parse: RULE,
    )"#;
    for (rule, second) in [("Lenient", ("", "out_of_range", "too_many")), ("Paper", ("1,2,3,4", "answered", ""))] {
        let scenario = folder.path().join("scenario.ron");
        std::fs::write(&scenario, text.replace("RULE", rule)).expect("written");
        let resolved = loaded(&scenario.display().to_string(), &[], None);
        let resolved = resolved.unwrap_or_else(|error| panic!("{}", error.render()));
        let rows = ballots(&run(&resolved, 1, SystemOrder::AsRegistered).directory());
        let of = |culture: &str| -> Vec<(String, String, String)> {
            let rows = rows.iter().filter(|row| row.culture == culture).cloned();
            rows.map(|row| (row.projects, row.outcome, row.fault)).collect()
        };
        let row =
            |projects: &str, outcome: &str, fault: &str| (projects.to_owned(), outcome.to_owned(), fault.to_owned());
        let expected = vec![
            row("1,2,3,4", "answered", ""),
            row("", "failed", ""),
            row(second.0, second.1, second.2),
            row("4,3,2,1", "answered", ""),
            row("", "not_recorded", ""),
        ];
        assert_eq!(of("BRA"), expected, "{rule}");
        assert!(of("NZL").iter().all(|(_, outcome, _)| outcome == "not_recorded"), "{rule}");
    }
    // What nobody was willing to take but that scenario, a replay takes as well.
    let [scenario, out, base] = ["scenario.ron", "run", ""].map(|name| folder.path().join(name).display().to_string());
    assert_eq!(command(&["run", &scenario, "--quiet", "--out", &out]), Exit::Done);
    assert_eq!(command(&["replay", &out, "--quiet", "--base", &base]), Exit::Done);
}

#[test]
fn a_spoilt_ballot_is_a_typed_failure_that_counts_nowhere() {
    let finished = carried(SCRIPTED, &[]);
    let rows = ballots(&finished.directory());
    for (culture, outcome, fault) in [
        ("BRA", "out_of_range", "too_few"),
        ("CHN", "out_of_range", "unknown_project"),
        ("MEX", "out_of_range", "repeated"),
        ("NGA", "unparsable", "unparsable"),
        ("IND", "out_of_range", "too_many"),
        ("USA", "timed_out", ""),
        ("NZL", "answered", ""),
    ] {
        let of: Vec<&Row> = rows.iter().filter(|row| row.culture == culture).collect();
        assert_eq!(of.len(), 2);
        for row in of {
            assert_eq!((row.outcome.as_str(), row.fault.as_str()), (outcome, fault), "{culture}");
            assert_eq!(row.projects.is_empty(), outcome != "answered", "{culture}");
        }
    }
    let poll = vote(&finished, "society", "exposed");
    let expected: Vec<u64> = (1..=13).map(|id| if [2, 4, 6, 8].contains(&id) { 4 } else { 0 }).collect();
    assert_eq!(counts(poll), expected);
    assert_eq!(poll.figures["vote_missing"].value, Some(0.75));
    assert!(poll.rules.iter().all(|(_, figures)| figures["tally_satisfaction"] > Some(0.0)));
}

#[test]
fn rule_paper_reads_ballots_as_the_published_parser_does() {
    let finished = carried(SCRIPTED, &["parse=Paper"]);
    let rows = ballots(&finished.directory());
    let of = |culture: &str| rows.iter().find(|row| row.culture == culture).expect("a ballot");
    assert_eq!(of("IND").projects, "1,2,3,4");
    // Without the project that is none, or the second mention, three are left.
    assert_eq!([of("CHN"), of("MEX"), of("BRA")].map(|row| row.fault.as_str()), ["too_few"; 3]);
}

#[test]
fn a_ballot_nobody_can_read_is_sent_back_once_where_the_scenario_allows_it() {
    let finished = carried(SCRIPTED, &["answer=(reformat: Once)"]);
    let rows = ballots(&finished.directory());
    let mended =
        |culture: &str| rows.iter().filter(|row| row.culture == culture).all(|row| row.projects == "10,11,12,13");
    assert!(["BRA", "CHN", "MEX", "NGA", "IND"].into_iter().all(mended));
    let turns: Vec<i64> =
        requests(&finished.directory()).iter().filter(|r| r.item == "ballot").map(|r| r.turn).collect();
    assert_eq!((turns.len(), turns.iter().filter(|turn| **turn == 1).count()), (16 + 10, 10));
}

#[test]
fn voters_are_shown_what_their_arm_says_and_nothing_in_the_first_poll() {
    let set = [
        "timeline=[Survey, Vote(deliberation: 2)]",
        "arms=[Exposed, ReAsk, Unlabelled, Placebo(Donor), Placebo(AcrossItems), Placebo(Uniform)]",
        r#"population=[(cultures: ["NZL", "DEU", "AUS", "CAN"], backbone: "script")]"#,
    ];
    let finished =
        carried(&SCRIPTED.replace("(when: [\"from India\"]", "(when: [\"from Germany\"]").replace("4, 5}", "4}"), &set);
    let rows = requests(&finished.directory());
    let shown = |arm: &str, tick: i64| {
        let mut of = rows.iter().filter(|row| row.arm == arm && row.tick == tick && row.item == "ballot");
        of.next().map(|row| row.answers_shown.clone()).expect("agent 0 was asked")
    };
    // Agent 0 is New Zealand's; by culture come Australia, Canada, Germany.
    assert_eq!(shown("shared", 1), "");
    for tick in [2, 3] {
        assert_eq!(shown("exposed", tick), "AUS:2,4,6,8 CAN:2,4,6,8 DEU:1,2,3,4", "tick {tick}");
        assert_eq!(shown("re-ask", tick), "");
        assert_eq!(shown("unlabelled", tick), ":2,4,6,8 :2,4,6,8 :1,2,3,4");
        for placebo in ["placebo-donor", "placebo-across-items", "placebo-uniform"] {
            let ballots = shown(placebo, tick);
            let named: Vec<&str> =
                ballots.split(' ').filter_map(|ballot| ballot.split_once(':')).map(|(of, _)| of).collect();
            assert_eq!(named, ["AUS", "CAN", "DEU"], "{placebo}");
        }
        assert_ne!(shown("placebo-across-items", tick), shown("exposed", tick));
        assert_ne!(shown("placebo-uniform", tick), shown("exposed", tick));
    }
}

#[test]
fn voters_in_words_are_reminded_of_the_answers_they_gave_last() {
    let cue = r#"(when: ["You answered: One must be on guard"], then: Say("\\boxed{9, 10, 11, 12}")),"#;
    let text = SCRIPTED
        .replace("cues: [", &format!("cues: [{cue}"))
        .replace(r#"["matters", "options"], then: Say("\\boxed{1}")"#, r#"["Your options:"], then: Say("\\boxed{2}")"#)
        .replace(r#"Only(["Q1"])"#, r#"Only(["Q57"])"#);
    for (recall, expected) in [("Nothing", "2,4,6,8"), ("Reasons", "9,10,11,12"), ("Everything", "9,10,11,12")] {
        let finished = carried(&text, &[&format!("timeline=[Survey, Vote(recall: {recall})]")]);
        let rows = ballots(&finished.directory());
        assert_eq!(rows.iter().find(|row| row.culture == "NZL").expect("a ballot").projects, expected, "{recall}");
    }
}

#[test]
fn company_moves_surrogates_by_conformity_and_by_nothing_else() {
    let apart = |changes: &str| {
        let finished = carried(&DISCUSSED.replace("CHANGES", changes), &[]);
        let beta = |arm: &str| vote(&finished, "society", arm).figures["vote_beta"].value.expect("a figure");
        let ballots = |arm: &str| {
            let rows = ballots(&finished.directory()).into_iter().filter(|row| row.arm == arm);
            rows.map(|row| (row.tick, row.culture, row.sample, row.projects)).collect::<Vec<_>>()
        };
        (beta("exposed"), beta("re-ask"), ballots("exposed") == ballots("re-ask"))
    };
    let (_, _, same) = apart("conformity: 0.0, dispersion: 0.0");
    assert!(same, "without conformity and chance, whoever is shown ballots votes as before");
    let (exposed, alone, same) = apart("conformity: 0.9");
    assert!(!same && exposed < alone, "{exposed} distinct voters in company, {alone} alone");
}

#[test]
fn every_form_of_ballot_is_cast_counted_and_written() {
    for (form, rules, kind) in [
        ("Approval(AtMost(6))", "[GreedyByVotes, SequentialPhragmen]", "approval"),
        ("Approval(Any)", "[ApprovalRanking, EqualShares(utility: Cost, completion: Add1)]", "approval"),
        ("Ranking(Exactly(5))", "[GreedyByVotesPerCost, EqualShares()]", "ordinal"),
        ("Cumulative(points: 10)", "[MaxWelfare(), EqualShares(completion: BudgetIncrease)]", "cumulative"),
        ("Scoring(lowest: 0, highest: 5)", "[MaxWelfare(utility: Cost), EqualShares()]", "scoring"),
    ] {
        let vote_phase = format!("timeline=[Survey, Vote(form: {form}, rules: {rules}, samples: 3, voter: Agent)]");
        let finished = carried(&DISCUSSED.replace("CHANGES", ""), &[&vote_phase, "arms=[Exposed]"]);
        let directory = finished.directory();
        let rows = ballots(&directory);
        assert!(rows.iter().all(|row| row.outcome == "answered" && !row.projects.is_empty()), "{form}");
        assert!(rows.iter().all(|row| row.points.is_empty() == matches!(kind, "approval" | "ordinal")), "{form}");
        let poll = vote(&finished, "society", "exposed");
        assert!(poll.rules.len() == 2 && poll.funded.values().all(|funded| !funded.is_empty()), "{form}");
        let text = std::fs::read_to_string(directory.join("ballots-society-exposed-r0-t1.pb")).expect("a file");
        let file = pabulib::read(&text).unwrap_or_else(|faults| panic!("{form}: {faults:?}"));
        assert_eq!((file.profile.kind.name(), file.profile.voters.len()), (kind, 8 * 3), "{form}");
        let tallies = read_table(&directory, &TALLIES).expect("readable");
        assert_eq!(tallies[0].rows(), 2 * 13, "{form}");
    }
}

#[test]
fn neither_threads_nor_orders_of_systems_show_in_votes() {
    let text = crate::determinism::MIXED
        .replace("LATENCY", "1")
        .replace("IN_FLIGHT", "8")
        .replace(
            "[Survey, Exposure(rounds: 2), Survey]",
            "[Survey, Vote(deliberation: 2, samples: 3, own: Shown, who: Sampled(3)), Exposure(rounds: 1, shown: Answer), \
             Vote(form: Cumulative(points: 7), rules: [GreedyByVotes, EqualShares()])]",
        )
        .replace("limits:", "arms: [Exposed, ReAsk, Placebo(Donor), Placebo(Uniform)], replicates: 2, limits:")
        .replace("otherwise: Say(\"\\\\boxed{1}\")", "otherwise: Say(\"\\\\boxed{1: 3, 2: 4}\")");
    let file = ScenarioFile::new(&text);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let expected = run(&resolved, 2, SystemOrder::AsRegistered).digests();
    assert!(expected.keys().any(|name| name.starts_with("ballots-")) && expected.contains_key("effects.parquet"));
    for seed in 0..4 {
        let found = run(&resolved, 1 + seed as usize % 3, SystemOrder::Shuffled(seed)).digests();
        assert_eq!(found, expected, "order {seed}");
    }
}

#[test]
fn a_vote_shifts_nobodys_answers_and_effects_of_votes_have_their_control() {
    let text = DISCUSSED.replace("CHANGES", "conformity: 0.5");
    let with =
        carried(&text, &["timeline=[Survey, Vote(samples: 2), Exposure(rounds: 2, shown: Answer), Vote(samples: 2)]"]);
    let without = carried(&text, &["timeline=[Survey, Exposure(rounds: 2, shown: Answer)]"]);
    let answers = |run: &FinishedRun| run.metric("society", "pairwise_diversity")[0];
    assert_eq!(answers(&with), answers(&without));
    let votes: Vec<_> = with.effects.iter().filter(|effect| *effect.mechanism == *"vote").collect();
    let contrast =
        votes.iter().find(|e| *e.treatment == *"exposed" && *e.control == *"re-ask" && *e.metric == *"vote_hill1");
    let contrast = contrast.expect("the effect of exposure on the vote");
    assert!(contrast.estimate.is_some() && contrast.interval.is_some() && *contrast.resampled == *"agents");
    assert!(votes.iter().any(|effect| *effect.treatment == *"shared" && effect.control.is_empty()));
}

#[test]
fn a_rule_that_comes_to_no_end_is_told_and_leaves_the_others_alone() {
    let rules = "rules: [GreedyByVotes, EqualShares(completion: Add1)]";
    let set = format!(r#"timeline=[Survey, Vote({rules}, budget: "28000", increment: "1/1000000000")]"#);
    let text = SCRIPTED.replace("from India", "from Germany").replace("1, 2, 3, 4, 5", "9, 10, 11, 12");
    let finished = carried(&text, &[&set]);
    let poll = vote(&finished, "society", "exposed");
    assert_eq!(poll.rules.iter().map(|(rule, _)| &**rule).collect::<Vec<_>>(), ["greedy-votes"]);
    let told = events(&finished.directory());
    assert!(told.contains("not_done") && told.contains("take a larger increment"), "{told}");
    let page = std::fs::read_to_string(finished.directory().join("report.html")).expect("a page");
    assert!(page.contains("equal-shares+add1: no outcome in all"));
}

#[test]
fn a_plan_counts_the_ballots_that_are_then_cast() {
    let file = ScenarioFile::new(&DISCUSSED.replace("CHANGES", ""));
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let finished = run(&resolved, 2, SystemOrder::AsRegistered);
    let rows = ballots(&finished.directory());
    assert_eq!(Plan::of(&resolved).ballots, rows.len() as u64);
    // One poll in common, then two polls and five ballots in each of six arms.
    assert_eq!(rows.len(), 8 * (1 + 6 * (2 + 5)));
}

#[test]
fn a_run_with_votes_replays_and_its_prompts_can_be_read() {
    let out = tempfile::tempdir().expect("a folder");
    let run = out.path().join("run").display().to_string();
    let file = ScenarioFile::new(SCRIPTED);
    assert_eq!(command(&["run", &file.path(), "--quiet", "--out", &run]), Exit::Done);
    assert_eq!(command(&["replay", &run, "--quiet"]), Exit::Done);
    assert_eq!(command(&["report", &run]), Exit::Done);
    assert_eq!(command(&["prompt", &file.path(), "--item", "ballot"]), Exit::Done);
    assert_eq!(command(&["prompt", &file.path(), "--item", "ballot", "--round", "3"]), Exit::Mistake);
    let page = std::fs::read_to_string(Path::new(&run).join("report.html")).expect("a page");
    for told in ["How often each project is named", "Upkeep of Houses of Worship", "of 16 ballots are missing"] {
        assert!(page.contains(told), "{told}");
    }
}

#[test]
fn mistakes_about_votes_are_named_and_nothing_is_run() {
    let vote = "Vote(deliberation: 3, samples: 5)";
    for (to, expected) in [
        ("Vote(form: Approval(Exactly(14)))", "a ballot is to name 14 projects, and there are 13"),
        ("Vote(form: Approval(Exactly(0)))", "says nothing"),
        ("Vote(form: Scoring(lowest: 5, highest: 5))", "tell no project from another"),
        ("Vote(samples: 0)", "an agent casts 1 to"),
        ("Vote(deliberation: -1)", "rounds of discussion, not -1"),
        ("Vote(budget: \"100\")", "below the cost of every project"),
        ("Vote(budget: \"much\")", "not `much`"),
        ("Vote(budget: \"40,000\")", "not `40,000`"),
        ("Vote(increment: \"0\")", "above 0"),
        ("Vote(ballot: \"national-prioritys\")", "did you mean `national-priorities`?"),
        ("Vote(rules: [GreedyByVotes, GreedyByVotes])", "a rule is named twice"),
        ("Vote(rules: [GreedyByVote])", "did you mean `GreedyByVotes`?"),
        ("Vote(sampels: 3)", "did you mean `samples`?"),
        ("Vote()", "nothing in the timeline shows anything"),
        ("Vote(form: Ranking(Any), rules: [SequentialPhragmen])", "counts approvals, and these ballots are ordinal"),
        ("Vote(deliberation: 2, who: Sampled(8))", "shows 8 peers, and there are 8 agents"),
    ] {
        let shown = mistakes_of(&DISCUSSED.replace("CHANGES", "").replace(vote, to));
        let shown: String = shown.split_whitespace().map(|word| word.trim_matches('│')).collect::<Vec<_>>().join(" ");
        assert!(shown.contains(expected), "{to} does not say {expected}: {shown}");
    }
    let unasked = mistakes_of(&DISCUSSED.replace("CHANGES", "").replace("Survey, ", ""));
    assert!(unasked.contains("put Survey before the vote"), "{unasked}");
    let points = SCRIPTED
        .replace("Vote(samples: 2)", "Vote(form: Cumulative(points: 5))")
        .replace("limits:", "parse: Paper, limits:");
    assert!(mistakes_of(&points).contains("would take points for projects"));
    let unexposed = mistakes_of(&SCRIPTED.replace("[Survey, Vote(samples: 2)]", "[Vote(), Exposure(rounds: 1)]"));
    assert!(unexposed.contains("an exposure needs answers to show"), "{unexposed}");
    let two = DISCUSSED
        .replace("CHANGES", "")
        .replace(r#""BRA", "CHN", "MEX", "NGA", "NZL", "DEU", "USA", "IND""#, r#""BRA", "CHN""#);
    assert!(mistakes_of(&two).contains("at least 3 agents"));
}

#[test]
fn rules_that_are_not_named_go_by_what_a_ballot_is_and_are_told() {
    for (form, phragmen) in [("Approval(Any)", true), ("Ranking(Any)", false), ("Cumulative(points: 5)", false)] {
        let text = SCRIPTED.replace("Vote(samples: 2)", &format!("Vote(form: {form})"));
        let resolved = loaded(&ScenarioFile::new(&text).path(), &[], None);
        let resolved = resolved.unwrap_or_else(|error| panic!("{}", error.render()));
        let told = pluriverse_scenarios::commands::check::written_out(&resolved.scenario).expect("written");
        assert_eq!(told.contains("SequentialPhragmen"), phragmen, "{form}");
        assert!(told.contains("GreedyByVotes") && told.contains("Utilitarian"), "{form}");
    }
}

#[test]
fn mistakes_of_a_ballot_paper_are_all_named_at_once() {
    let paper = r#"Ballot(name: "p", intro: "i", budget: "10", projects: [
        (id: "1", cost: "5"), (id: "1", cost: "-5"), (id: "a,b", cost: "x", because: [(item: "Q1", favours: First)]),
    ])"#;
    let file =
        ScenarioFile::new(&SCRIPTED.replace("Vote(samples: 2)", "Vote(ballot: \"paper.ron\", form: Approval(Any))"));
    let shown = |paper: &str| {
        std::fs::write(file.folder().join("paper.ron"), paper).expect("written");
        match loaded(&file.path(), &[], None) {
            Ok(_) => String::new(),
            Err(error) => error.render().split_whitespace().collect::<Vec<_>>().join(" "),
        }
    };
    let first = shown(paper);
    assert!(first.contains("costs `x`") && first.contains("`a,b` cannot be a project's id"), "{first}");
    let second = shown(&paper.replace("a,b", "c").replace("\"x\"", "\"3\""));
    assert!(second.contains("two projects have the id `1`") && second.contains("costs -5"), "{second}");
    assert_eq!(
        shown(
            &paper.replace("a,b", "c").replace("\"x\"", "\"3\"").replace("\"1\", cost: \"-5\"", "\"2\", cost: \"5\"")
        ),
        ""
    );
}
