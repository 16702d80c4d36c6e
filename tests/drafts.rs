//! Drafts: sets of replies are drafted, judged and chosen from with every failure typed, judges are tried and are never
//! what is under test, and agents that draft their answers move nobody else's.

use std::path::Path;

use pluriverse_engine::record::read::read_table;
use pluriverse_engine::run::EndReason;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::commands::drafts::sheets;
use pluriverse_worlds::drafting::record::DRAFTS;
use pluriverse_worlds::platform::record::POSTS;

use crate::run_directory::{Row, answers, events, requests};
use crate::support::{FinishedRun, ScenarioFile, command, loaded, mistakes_of, run, run_simply};

/// A model that drafts by script and a judge that knows its words.
const SCRIPTED: &str = r####"Scenario(
    name: "drafts",
    backbones: {
        "model": Scripted(
            cues: [
                (when: ["replies were drafted for you"], then: Say("2")),
                (when: ["Begin each reply with ###", "bank and one"], then: Say("### the only one")),
                (when: ["Begin each reply with ###"], then: Say("Here:\n### LEFT one\n### RIGHT two\nReply 1:\n### MID three\n### RIGHT four")),
                (when: ["Write one more reply"], then: Fail(TimedOut)),
            ],
            otherwise: Say("MID alone"),
        ),
        "judge": Scripted(
            cues: [
                (when: ["Reply 1:\n> RIGHT"], then: Say("1")),
                (when: ["Reply 2:\n> RIGHT"], then: Say("2")),
                (when: ["Reply 1:\n> LEFT"], then: Say("2")),
                (when: ["Reply 2:\n> LEFT"], then: Say("1")),
                (when: ["Reply 1:\n> Take the theatre"], then: Say("1")),
                (when: ["Reply 2:\n> Take the theatre"], then: Say("2")),
                (when: ["Take the bank. A steady"], then: Say("I would not say")),
            ],
            otherwise: Say("same"),
        ),
    },
    items: Only(["Q46"]),
    population: [(culture: "BRA", backbone: "model")],
    timeline: [Draft(judge: Some("judge"), only: ["career", "sunday"], methods: [Independent, Nc, Sequential])],
    limits: (failure_share: 1.0),
)"####;

fn carried(text: &str, threads: usize) -> FinishedRun {
    let file = ScenarioFile::new(text);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    run(&resolved, threads, SystemOrder::AsRegistered)
}

fn figure(finished: &FinishedRun, metric: &str, subject: &str) -> Option<f64> {
    let figures = &finished.trajectories[0].drafts[0].figures;
    figures.get(metric).and_then(|found| found.get(subject)).unwrap_or_else(|| panic!("{metric} {subject}")).value
}

fn close(found: Option<f64>, expected: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "{found:?} is not {expected}");
}

/// A column of the table of drafts, as text.
fn drafted(directory: &Path, name: &str) -> Vec<String> {
    let columns = read_table(directory, &DRAFTS).expect("readable");
    let place = DRAFTS.columns.iter().position(|(known, _)| *known == name).expect("a column");
    (0..columns[place].rows()).map(|row| columns[place].text(row).to_owned()).collect()
}

#[test]
fn a_script_is_drafted_judged_and_chosen_from_and_every_failure_has_its_type() {
    let finished = carried(SCRIPTED, 1);
    assert_eq!(finished.summary.end, EndReason::Completed);
    let directory = finished.directory();
    let (outcomes, methods) = (drafted(&directory, "outcome"), drafted(&directory, "method"));
    let count = |method: &str, outcome: &str| {
        outcomes.iter().zip(&methods).filter(|(found, of)| *found == outcome && *of == method).count()
    };
    assert_eq!(outcomes.len(), 2 * 3 * 2 * 4);
    assert_eq!(count("independent", "answered"), 16);
    assert_eq!((count("nc", "answered"), count("nc", "unparsable")), (8, 8));
    let sequential = ["answered", "timed_out", "not_asked"].map(|outcome| count("sequential", outcome));
    assert_eq!(sequential, [4, 4, 8]);
    for value in ["traditional", "secular", "survival", "self_expression"] {
        close(figure(&finished, "draft_coverage", &format!("nc/{value}")), 1.0);
        close(figure(&finished, "draft_coverage", &format!("independent/{value}")), 0.0);
        close(figure(&finished, "draft_zero_coverage", &format!("independent/{value}")), 1.0);
    }
    close(figure(&finished, "draft_missing", "nc"), 0.5);
    // Asked once and three times more, and said so.
    let asked = requests(&directory);
    assert_eq!(asked.iter().filter(|request| request.item == "draft career/nc/0/0").count(), 4);
    assert!(events(&directory).contains("draft career/nc/0/0"));
    // What was chosen is one candidate a set; of sets that are not whole nothing is.
    let choices = drafted(&directory, "choice");
    assert_eq!(choices.iter().filter(|choice| *choice == "answered").count(), (4 + 2) * 4);
    assert_eq!(carried(SCRIPTED, 4).digests(), finished.digests());
}

#[test]
fn a_judge_is_tried_on_labelled_pairs_and_what_it_does_not_say_is_counted_apart() {
    let finished = carried(SCRIPTED, 1);
    // One of three that were read is right on one axis, none on the other: it says `same` of everything else.
    close(figure(&finished, "draft_judge_accuracy", "survival_self_expression"), 1.0 / 3.0);
    close(figure(&finished, "draft_judge_unread", "survival_self_expression"), 1.0);
    close(figure(&finished, "draft_judge_accuracy", "traditional_secular"), 0.0);
    close(figure(&finished, "draft_judge_consistency", "traditional_secular"), 1.0);
    let file = ScenarioFile::new(SCRIPTED);
    let resolved = loaded(&file.path(), &[], None).expect("valid");
    let text: Vec<String> = sheets(&resolved, &finished.trajectories)
        .iter()
        .map(pluriverse_scenarios::commands::platform::Sheet::render)
        .collect();
    assert!(text.join("\n").contains("on 3 labelled (few: take 100 or more), 1 more pairs not read"), "{text:?}");
}

#[test]
fn sets_of_surrogates_repel_under_nc_and_do_not_under_independent_draws() {
    let finished = run_simply("monoculture", &[]);
    for axis in ["traditional_secular", "survival_self_expression"] {
        let nc = figure(&finished, "draft_correlation", &format!("nc/{axis}")).expect("a figure");
        let independent = figure(&finished, "draft_correlation", &format!("independent/{axis}")).expect("a figure");
        assert!(nc < -0.15, "{axis}: {nc}");
        assert!(independent.abs() < 0.08, "{axis}: {independent}");
    }
    for value in ["traditional", "secular", "survival", "self_expression"] {
        let of = |method: &str| figure(&finished, "draft_coverage", &format!("{method}/{value}")).expect("a figure");
        assert!(of("nc") > of("independent"), "{value}");
    }
}

const TWO: &str = r#"Scenario(
    name: "two",
    backbones: { "house": Surrogate(preset: "claude-opus-4.7", with: (refusal: Some(0.05), dispersion: Some(0.3))) },
    population: [
        (cultures: ["BRA", "NZL"], backbone: "house"),
        (cultures: ["BRA", "NZL"], backbone: "house", count: 3DRAFTING),
    ],
    timeline: [Survey, Survey],
    record: (answers: All),
)"#;

fn of_two(drafting: &str) -> Vec<Row> {
    answers(&carried(&TWO.replace("DRAFTING", drafting), 2).directory())
}

/// Share of answers that an agent gives otherwise when it is asked again.
fn changed(rows: &[Row]) -> f64 {
    let of = |tick: i64| rows.iter().filter(move |row| row.tick == tick);
    let pairs = of(0).zip(of(1)).filter(|(one, other)| one.answer.is_some() && other.answer.is_some());
    let (all, changed) = pairs.fold((0.0, 0.0), |(all, changed), (one, other)| {
        assert_eq!((one.agent, &one.item), (other.agent, &other.item));
        (all + 1.0, changed + f64::from(u8::from(one.answer != other.answer)))
    });
    changed / all
}

#[test]
fn who_drafts_answers_nearer_to_where_it_stands_and_moves_nobody_elses_numbers() {
    let plain = of_two("");
    // Members are mixed: the first of each culture is of the first kind.
    let drafts: Vec<Row> = of_two(", drafting: Nc(8)");
    let differs =
        |agent: i64| plain.iter().zip(&drafts).any(|(one, other)| one.agent == agent && one.answer != other.answer);
    let moved: Vec<bool> = (0..8).map(differs).collect();
    assert_eq!(moved.iter().filter(|moved| **moved).count(), 6, "{moved:?}");
    let refused = |rows: &[Row]| rows.iter().map(|row| row.outcome == "refused").collect::<Vec<_>>();
    assert_eq!(refused(&plain), refused(&drafts), "refusals are the same");
    let independent = changed(&of_two(", drafting: Independent(8)"));
    assert!(changed(&drafts) < changed(&plain) && independent < changed(&plain));
}

#[test]
fn models_draft_answers_and_take_the_one_they_choose() {
    let text = |drafts: &str, choice: &str| {
        format!(
            r#"Scenario(
                name: "answers",
                backbones: {{ "model": Scripted(
                    cues: [
                        (when: ["answers were drafted for you"], then: Say("{choice}")),
                        (when: ["draft 2 answers"], then: Say("{drafts}")),
                    ],
                    otherwise: Say("\\boxed{{1}}"),
                ) }},
                items: Only(["Q1", "Q2"]),
                population: [(culture: "BRA", backbone: "model", drafting: Nc(2)), (culture: "NZL", backbone: "model")],
                timeline: [Survey],
                record: (answers: All),
                limits: (failure_share: 1.0),
            )"#
        )
    };
    let both = "### \\\\boxed{3}\\n### \\\\boxed{3}";
    for (drafts, choice, expected, asked) in [
        (both, "1", (Some(3), "answered"), 2),
        (both, "neither", (None, "unparsable"), 1 + 4),
        ("### \\\\boxed{3}", "1", (None, "unparsable"), 4),
        ("### x\\n### y", "1", (None, "unparsable"), 2),
    ] {
        let finished = carried(&text(drafts, choice), 1);
        for row in answers(&finished.directory()) {
            let found = (row.answer, row.outcome.as_str());
            assert_eq!(found, if row.culture == "BRA" { expected } else { (Some(1), "answered") }, "{drafts} {choice}");
        }
        let of_first = |request: &&crate::run_directory::Request| request.agent == 0 && request.item == "Q1";
        assert_eq!(requests(&finished.directory()).iter().filter(of_first).count(), asked, "{drafts} {choice}");
    }
}

#[test]
fn models_draft_what_they_do_on_the_platform() {
    let text = r####"Scenario(
        name: "posting",
        backbones: { "model": Scripted(
            cues: [
                (when: ["answers were drafted for you"], then: Say("1")),
                (when: ["You wake up", "draft 2 answers"], then: Say("### {\"actions\": [{\"do\": \"create_post\", \"submolt\": \"general\", \"title\": \"t\", \"content\": \"mine\"}]}\n### {\"actions\": [{\"do\": \"create_post\", \"submolt\": \"general\", \"title\": \"t\", \"content\": \"mine\"}]}")),
            ],
            otherwise: Say("{\"actions\": [{\"do\": \"heartbeat_ok\"}]}"),
        ) },
        items: Only(["Q1"]),
        population: [(cultures: ["BRA", "NZL"], backbone: "model", drafting: Nc(2))],
        timeline: [Post(rounds: 1, minutes: 60, heartbeat: (minutes: 60))],
    )"####;
    let finished = carried(text, 1);
    let columns = read_table(&finished.directory(), &POSTS).expect("readable");
    assert!(columns[0].rows() >= 2, "both posted what they drafted");
    assert!(requests(&finished.directory()).iter().all(|request| request.outcome == "answered"));
}

#[test]
fn what_an_agent_that_drafts_is_asked_can_be_printed() {
    let file = ScenarioFile::new(&TWO.replace("DRAFTING", ", drafting: Nc(4)"));
    for words in
        [vec!["prompt", &file.path(), "--agent", "1"], vec!["check", &file.path()], vec!["check", "monoculture"]]
    {
        assert_eq!(command(&words), Exit::Done, "{words:?}");
    }
}

#[test]
fn mistakes_of_drafting_are_told_all_at_once() {
    let judged = |judge: &str| mistakes_of(&SCRIPTED.replace("Some(\"judge\")", judge));
    assert!(judged("Some(\"model\")").contains("backbone `model` is under test and cannot be the judge"));
    assert!(judged("None").contains("drafts in words, and nobody judges them"));
    assert!(judged("Some(\"judg\")").contains("there is no backbone `judg`"));
    let same = SCRIPTED.replace(
        "\"judge\": Scripted(",
        "\"a\": OpenAi(base_url: \"http://127.0.0.1:1/v1/\", model: \"m\"), \
         \"b\": OpenAi(base_url: \"http://127.0.0.1:1/v1\", model: \"m\"), \"judge\": Scripted(",
    );
    let same = same.replace("backbone: \"model\")", "backbone: \"a\")").replace("Some(\"judge\")", "Some(\"b\")");
    let found = mistakes_of(&same);
    assert!(found.contains("`b` is the same model at the same server as `a`"), "{found}");
    let many =
        SCRIPTED.replace("methods: [Independent, Nc, Sequential]", "methods: [Nc, Nc, Backbones], sets: 1, size: 1");
    let found = mistakes_of(&many.replace("\"sunday\"", "\"sundae\""));
    for part in
        ["named twice", "2 to 1000 sets", "2 to 16 candidates", "0 backbones are listed", "did you mean `sunday`"]
    {
        assert!(found.contains(part), "{part}: {found}");
    }
    let found = mistakes_of(&TWO.replace("DRAFTING", ", drafting: Nc(1)"));
    assert!(found.contains("an answer is taken from 2 to 16 drafts, not 1"), "{found}");
    let panel = TWO.replace("\"house\": Surrogate", "\"panel\": Panel(over: \"house\"), \"house\": Surrogate");
    let panel = panel.replace("backbone: \"house\", count: 3DRAFTING", "backbone: \"panel\", drafting: Nc(4)");
    assert!(mistakes_of(&panel).contains("weighs all options at once and drafts none"));
    let probable = SCRIPTED.replace("backbone: \"model\")", "backbone: \"model\", drafting: Nc(4))");
    let probable = probable.replace("limits:", "answer: (format: Logprobs(top: 5)), limits:");
    assert!(mistakes_of(&probable).contains("read by the probabilities of its answer"));
}
