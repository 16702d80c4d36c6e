//! The one place that touches the API under test.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Parser;
use pluriverse_engine::record::claim::{Claim, Claiming};
use pluriverse_engine::run::{RunSummary, StopSignal};
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::carry::{Carried, RunOptions, carry_out};
use pluriverse_scenarios::commands::cli::Cli;
use pluriverse_scenarios::commands::progress::{Loudness, Progress};
use pluriverse_scenarios::commands::trajectory::{TickEffect, Trajectory};
use pluriverse_scenarios::commands::{Exit, execute};
use pluriverse_scenarios::load::{LoadError, Request, load};
use pluriverse_scenarios::resolve::Resolved;

/// The root of the project.
pub(crate) fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of published recordings and oracles, where it is there.
#[expect(clippy::disallowed_methods, reason = "where the folder lies is the tester's choice")]
pub(crate) fn published() -> Option<PathBuf> {
    let folder = std::env::var_os("PLURIVERSE_SHARED").map_or_else(|| project().join("../shared"), PathBuf::from);
    folder.join("oracles").is_dir().then_some(folder)
}

/// Runs a check against the published folder, or says on the terminal that it was skipped.
pub(crate) fn with_published(test: &str, check: impl FnOnce(&Path)) {
    match published() {
        Some(folder) => check(&folder),
        None => {
            // The handle, not the macro: the test harness swallows what macros print.
            let _ =
                writeln!(std::io::stderr(), "skipped {test}: no folder of published recordings (PLURIVERSE_SHARED)");
        }
    }
}

/// A JSON file.
pub(crate) fn json(path: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("valid JSON")
}

/// A scenario's text in a file of its own.
pub(crate) struct ScenarioFile {
    folder: tempfile::TempDir,
}

impl ScenarioFile {
    /// Writes the text to a fresh folder.
    pub(crate) fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("scenario.ron"), text).expect("written");
        Self { folder }
    }

    /// Path of the file.
    pub(crate) fn path(&self) -> String {
        self.folder.path().join("scenario.ron").display().to_string()
    }

    /// Folder of the file.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Loads a scenario of the catalogue or a file.
pub(crate) fn loaded(scenario: &str, set: &[&str], recordings: Option<&Path>) -> Result<Resolved, LoadError> {
    load(&Request {
        scenario: scenario.to_owned(),
        seed: None,
        set: set.iter().map(|setting| (*setting).to_owned()).collect(),
        recordings: recordings.map(Path::to_owned),
        ..Request::default()
    })
}

/// A finished run in a folder that goes away with it.
pub(crate) struct FinishedRun {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) summary: RunSummary,
    pub(crate) trajectories: Vec<Trajectory>,
    pub(crate) effects: Vec<TickEffect>,
}

impl FinishedRun {
    /// Every file of the run directory but the side files, by name.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.directory())
    }

    /// Digests of every file of the run directory but the side files, by name.
    pub(crate) fn digests(&self) -> BTreeMap<String, String> {
        digests(&self.directory())
    }

    /// The run directory.
    pub(crate) fn directory(&self) -> PathBuf {
        self.folder.path().join("run")
    }

    /// A society's metric over the rounds.
    pub(crate) fn metric(&self, society: &str, metric: &str) -> Vec<Option<f64>> {
        let trajectory = self.trajectories.iter().find(|t| &*t.society == society).expect("the society ran");
        trajectory.rounds.iter().map(|round| round.figures.get(metric).and_then(|figure| figure.value)).collect()
    }
}

/// Files outside the promise of identical bytes.
pub(crate) const SIDE_FILES: [&str; 3] = ["costs.json", "replies.sqlite", "calls.jsonl"];

/// Every file of a run directory but the side files, by name.
pub(crate) fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("read")))
        .filter(|(name, _)| !SIDE_FILES.contains(&name.as_str()))
        .collect()
}

/// Digests of every file of a run directory but the side files, by name.
pub(crate) fn digests(directory: &Path) -> BTreeMap<String, String> {
    files(directory).into_iter().map(|(name, bytes)| (name, blake3::hash(&bytes).to_hex().to_string())).collect()
}

/// Carries a scenario out.
pub(crate) fn run(resolved: &Resolved, threads: usize, order: SystemOrder) -> FinishedRun {
    run_until(resolved, threads, order, &StopSignal::default())
}

/// Carries a scenario out until somebody stops it.
pub(crate) fn run_until(resolved: &Resolved, threads: usize, order: SystemOrder, stop: &StopSignal) -> FinishedRun {
    let folder = tempfile::tempdir().expect("a folder");
    let options = RunOptions { threads: Some(threads), order, ..RunOptions::default() };
    let mut progress = Progress::new(Loudness::Quiet);
    let directory = folder.path().join("run");
    let claim = Claim::on(&directory, Claiming::Fresh).expect("a free directory");
    let carried = carry_out(resolved, claim, &options, &mut progress, stop).expect("the run can be carried out");
    let Carried { summary, trajectories, effects, .. } = carried;
    FinishedRun { folder, summary, trajectories, effects }
}

/// Carries a scenario out into this directory.
pub(crate) fn carried(resolved: &Resolved, directory: &Path, options: &RunOptions, stop: &StopSignal) -> Carried {
    let claim = Claim::on(directory, Claiming::Fresh).expect("a free directory");
    carry_out(resolved, claim, options, &mut Progress::new(Loudness::Quiet), stop).expect("the run can be carried out")
}

/// Carries a scenario out as it is.
pub(crate) fn run_simply(scenario: &str, set: &[&str]) -> FinishedRun {
    let resolved = loaded(scenario, set, None).unwrap_or_else(|error| panic!("{}", error.render()));
    run(&resolved, 2, SystemOrder::AsRegistered)
}

/// What a command line ends with.
pub(crate) fn command(words: &[&str]) -> Exit {
    let all = std::iter::once("pluriverse").chain(words.iter().copied());
    match Cli::try_parse_from(all) {
        Ok(cli) => execute(&cli),
        Err(_) => Exit::Mistake,
    }
}

/// The mistakes of a scenario as they are shown.
pub(crate) fn mistakes_of(text: &str) -> String {
    let file = ScenarioFile::new(text);
    match loaded(&file.path(), &[], None) {
        Ok(_) => panic!("the scenario has no mistakes:\n{text}"),
        Err(error) => error.render(),
    }
}

/// A small scenario, whole and valid, on surrogates.
pub(crate) const SMALL: &str = r#"Scenario(
    name: "small",
    backbones: { "house": Surrogate(preset: "Qwen3.5-27B") },
    population: [(cultures: ["BRA", "NZL", "CHN"], backbone: "house")],
    timeline: [Survey, Exposure(rounds: 2)],
)"#;
