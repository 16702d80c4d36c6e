//! What a run leaves behind: tables that read back, a journal, a manifest that tells the truth.

use std::io::Read;
use std::path::Path;

use pluriverse_agents::kinds::language_model::REQUESTS;
use pluriverse_engine::record::directory::JOURNAL;
use pluriverse_engine::record::manifest::{Manifest, RunStatus};
use pluriverse_engine::record::observations::OBSERVATIONS;
use pluriverse_engine::record::read::read_table;
use pluriverse_engine::run::{EndReason, StopSignal};
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::Exit;
use pluriverse_worlds::survey::record::ANSWERS;

use crate::support::{command, loaded, run_simply, run_until};

/// A row of the answers table.
pub(crate) struct Row {
    pub(crate) arm: String,
    pub(crate) replicate: i64,
    pub(crate) tick: i64,
    pub(crate) agent: i64,
    pub(crate) culture: String,
    pub(crate) backbone: String,
    pub(crate) item: String,
    pub(crate) answer: Option<i64>,
    pub(crate) outcome: String,
    pub(crate) distribution: Option<Vec<f64>>,
    pub(crate) tail: Option<f64>,
    pub(crate) samples: Option<i64>,
}

/// The answers table of a run.
pub(crate) fn answers(directory: &Path) -> Vec<Row> {
    let columns = read_table(directory, &ANSWERS).expect("readable");
    let column = |name: &str| {
        let place = ANSWERS.columns.iter().position(|(known, _)| *known == name).expect("a column");
        &columns[place]
    };
    (0..columns[0].rows())
        .map(|row| Row {
            arm: column("arm").text(row).to_owned(),
            replicate: column("replicate").integer(row).expect("a replicate"),
            tick: column("tick").integer(row).expect("a tick"),
            agent: column("agent").integer(row).expect("an agent"),
            culture: column("culture").text(row).to_owned(),
            backbone: column("backbone").text(row).to_owned(),
            item: column("item").text(row).to_owned(),
            answer: column("answer").integer(row),
            outcome: column("outcome").text(row).to_owned(),
            distribution: column("distribution").reals(row).map(<[f64]>::to_vec),
            tail: column("tail").real(row),
            samples: column("samples").integer(row),
        })
        .collect()
}

/// A row of the requests table.
pub(crate) struct Request {
    pub(crate) arm: String,
    pub(crate) tick: i64,
    pub(crate) agent: i64,
    pub(crate) item: String,
    pub(crate) turn: i64,
    pub(crate) key: String,
    pub(crate) draw: i64,
    pub(crate) answer: Option<i64>,
    pub(crate) outcome: String,
    pub(crate) reply: String,
    /// Treatment, shown, who, order, own, memory, update, options.
    pub(crate) knobs: [String; 8],
    pub(crate) answers_shown: String,
    pub(crate) options_offered: String,
}

/// The requests table of a run.
pub(crate) fn requests(directory: &Path) -> Vec<Request> {
    let columns = read_table(directory, &REQUESTS).expect("readable");
    let column = |name: &str| {
        let place = REQUESTS.columns.iter().position(|(known, _)| *known == name).expect("a column");
        &columns[place]
    };
    (0..columns[0].rows())
        .map(|row| Request {
            arm: column("arm").text(row).to_owned(),
            tick: column("tick").integer(row).expect("a tick"),
            agent: column("agent").integer(row).expect("an agent"),
            item: column("item").text(row).to_owned(),
            turn: column("turn").integer(row).expect("a turn"),
            key: column("key").text(row).to_owned(),
            draw: column("draw").integer(row).expect("a draw"),
            answer: column("answer").integer(row),
            outcome: column("outcome").text(row).to_owned(),
            reply: column("reply").text(row).to_owned(),
            knobs: ["treatment", "shown", "who", "order", "own", "memory", "update", "options"]
                .map(|knob| column(knob).text(row).to_owned()),
            answers_shown: column("answers_shown").text(row).to_owned(),
            options_offered: column("options_offered").text(row).to_owned(),
        })
        .collect()
}

/// The journal of a run, as text.
pub(crate) fn events(directory: &Path) -> String {
    let file = std::fs::File::open(directory.join(JOURNAL)).expect("a journal");
    let mut text = String::new();
    zstd::stream::read::Decoder::new(file).expect("compressed").read_to_string(&mut text).expect("readable");
    text
}

#[test]
fn tables_read_back_as_they_were_measured() {
    let finished = run_simply("quickstart", &["record=(answers: All)"]);
    let rows = answers(&finished.directory());
    assert_eq!(rows.len(), 5 * 223 * 6);
    assert!(rows.iter().all(|row| row.answer.is_some() == (row.outcome == "answered")));

    let columns = read_table(&finished.directory(), &OBSERVATIONS).expect("readable");
    let [society, arm, _, _, mechanism, round, _, metric, scope, subject, value, n, lower, _, basis] = &columns[..]
    else {
        panic!("fifteen columns");
    };
    let diversity: Vec<(i64, Option<f64>)> = (0..metric.rows())
        .filter(|&row| metric.text(row) == "pairwise_diversity" && scope.text(row) == "society")
        .map(|row| (round.integer(row).expect("a round"), value.real(row)))
        .collect();
    let expected: Vec<(i64, Option<f64>)> = (0..).zip(finished.metric("society", "pairwise_diversity")).collect();
    assert_eq!(diversity, expected);
    assert!((0..metric.rows()).all(|row| society.text(row) == "society" && arm.text(row) == "exposed"));
    assert!((0..metric.rows()).all(|row| basis.text(row) == "exact" && lower.real(row).is_none()));
    assert!((0..metric.rows()).all(|row| n.integer(row).is_some_and(|n| n >= 0)));
    assert_eq!(mechanism.text(0), "survey");
    assert!((0..metric.rows()).any(|row| scope.text(row) == "human_reference" && subject.text(row) == "median"));
}

#[test]
fn the_journal_holds_every_tick_and_every_outcome() {
    let finished = run_simply("quickstart", &[]);
    let journal = events(&finished.directory());
    assert_eq!(journal.matches("tick_started").count(), 6);
    let lines: Vec<serde_json::Value> =
        journal.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    let answered: u64 = lines
        .iter()
        .filter(|line| line["outcome"] == "answered")
        .map(|line| line["count"].as_u64().expect("a count"))
        .sum();
    assert_eq!(answered, finished.summary.outcomes.get(pluriverse_engine::outcome::Outcome::Answered));
}

#[test]
fn the_manifest_says_what_was_run_and_that_it_is_whole() {
    let finished = run_simply("quickstart", &["seed=7"]);
    let manifest = Manifest::read(&finished.directory()).expect("a manifest");
    assert_eq!(manifest.status, RunStatus::Complete { ticks: 6 });
    assert_eq!((manifest.seed, manifest.scenario.as_str()), (7, "quickstart"));
    assert_eq!(manifest.resolved["estimate"]["above"], 2000);
    let names: Vec<&str> = manifest.inputs.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(
        names,
        ["reference wvs7", "survey wvs7-values", "cultures countries", "prompts survey", "presets recorded-backbones"]
    );
    assert!(!finished.directory().join("observations.parquet.part").exists());
}

#[test]
fn an_interrupted_run_says_so_and_can_be_taken_up() {
    let resolved = loaded("quickstart", &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let stop = StopSignal::default();
    stop.stop();
    let interrupted = run_until(&resolved, 1, SystemOrder::AsRegistered, &stop);
    assert_eq!((interrupted.summary.end.clone(), interrupted.summary.ticks), (EndReason::Interrupted, 0));
    let manifest = Manifest::read(&interrupted.directory()).expect("a manifest");
    assert!(matches!(manifest.status, RunStatus::Interrupted { ticks: 0, .. }));

    let directory = interrupted.directory().display().to_string();
    assert_eq!(command(&["run", "-q", "--json", "quickstart", "--out", &directory]), Exit::Mistake);
    assert_eq!(
        command(&["run", "-q", "--json", "quickstart", "--seed", "3", "--resume", "--out", &directory]),
        Exit::Mistake
    );
    assert_eq!(command(&["run", "-q", "--json", "quickstart", "--resume", "--out", &directory]), Exit::Done);
    let whole = run_simply("quickstart", &[]);
    assert_eq!(interrupted.files(), whole.files());
    // Killed after its last word, a process leaves its lock.
    std::fs::write(interrupted.directory().join(".lock"), "").expect("written");
    assert_eq!(command(&["run", "-q", "--json", "quickstart", "--resume", "--out", &directory]), Exit::Done);
    assert_eq!(interrupted.files(), whole.files());
}

#[test]
fn what_is_recorded_of_answers_is_the_scenarios_choice() {
    let rows = |choice: &str| {
        let finished = run_simply("quickstart", &[&format!("record=(answers: {choice})")]);
        if choice == "None" {
            assert!(!finished.directory().join("answers.parquet").exists());
            return 0;
        }
        answers(&finished.directory()).len()
    };
    assert_eq!(rows("All"), 5 * 223 * 6);
    assert_eq!(rows("Sample(2)"), 2 * 223 * 6);
    assert_eq!(rows("Sample(50)"), 5 * 223 * 6);
    assert_eq!(rows("None"), 0);
}

#[test]
fn a_run_measured_afterwards_gives_its_own_figures() {
    let finished = run_simply("quickstart", &[]);
    let directory = finished.directory().display().to_string();
    assert_eq!(command(&["measure", &directory]), Exit::Done);
}

#[test]
fn large_societies_are_estimated_and_say_so() {
    let set = ["population.0.count=40", "estimate=(above: 100, pairs: 5000, tree: 30)"];
    let finished = run_simply("quickstart", &set);
    let exact = run_simply("quickstart", &["population.0.count=40"]);
    let round = &finished.trajectories[0].rounds[0];
    let figure = &round.figures["pairwise_diversity"];
    let (lower, upper) = figure.interval.expect("an interval");
    let truth = exact.metric("society", "pairwise_diversity")[0].expect("a figure");
    assert!(figure.estimated && figure.n == 5000);
    assert!((lower - 1.0..=upper + 1.0).contains(&truth), "{truth} in {lower} to {upper}");
    assert!(round.figures.contains_key("structural_diversity_of_sample"));
    assert!(!round.figures.contains_key("structural_diversity"));
}

#[test]
fn the_share_of_changed_answers_is_that_of_the_answers_written() {
    let finished = run_simply("quickstart", &[]);
    let rows = answers(&finished.directory());
    let at = |tick: i64| -> Vec<(i64, String, Option<i64>)> {
        let of_tick = rows.iter().filter(|row| row.tick == tick);
        of_tick.map(|row| (row.agent, row.item.clone(), row.answer)).collect()
    };
    for (tick, found) in (0..).zip(finished.metric("society", "changed")).skip(1) {
        let both: Vec<(i64, i64)> =
            at(tick - 1).into_iter().zip(at(tick)).filter_map(|(old, new)| old.2.zip(new.2)).collect();
        let changed = both.iter().filter(|(old, new)| old != new).count() as f64 / both.len() as f64;
        assert!((found.expect("a share") - changed).abs() < 1e-12, "tick {tick}");
    }
}
