//! `pluriverse run`: a scenario carried out, a run directory left behind.

use std::path::Path;
use std::time::Instant;

use pluriverse_engine::outcome::{Outcome, OutcomeCounts};
use pluriverse_engine::record::RecordError;
use pluriverse_engine::record::claim::Claim;
use pluriverse_engine::record::directory::RunDirectory;
use pluriverse_engine::record::manifest::{FORMAT_VERSION, Manifest, RunStatus};
use pluriverse_engine::record::table::TableSpec;
use pluriverse_engine::run::{EndReason, RunSummary, StopSignal};
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_worlds::survey::record::{ANSWERS, RecordAnswers};
use serde::Serialize;

use super::Exit;
use super::check::refuse;
use super::cli::RunArgs;
use super::output::{Form, complain, say, say_json};
use super::progress::Progress;
use super::story;
use super::target::{Refusal, claim};
use super::trajectory::{Collector, Trajectory};
use crate::load::load;
use crate::resolve::Resolved;
use crate::spawn::spawn;

/// Carries the command out.
pub fn execute(args: &RunArgs, form: Form, mut progress: Progress) -> Exit {
    let resolved = match load(&(&args.scenario).into()) {
        Ok(resolved) => resolved,
        Err(error) => {
            refuse(&error, form);
            return Exit::Mistake;
        }
    };
    let claim = match claim(args, &resolved) {
        Ok(claim) => claim,
        Err(Refusal { message, exit }) => {
            complain(&message);
            return exit;
        }
    };
    let directory = claim.path().to_owned();
    let stop = StopSignal::default();
    stop_on_ctrl_c(&stop);
    let options = RunOptions { threads: args.threads.map(usize::from), order: SystemOrder::AsRegistered };
    let started = now();
    let result = carry_out(&resolved, claim, options, &mut progress, &stop);
    progress.finish();
    match result {
        Ok((summary, trajectories)) => {
            let seconds = started.elapsed().as_secs_f64();
            report(&resolved, &directory, &summary, &trajectories, seconds, form)
        }
        Err(error) => {
            complain(&format!("error: {error}"));
            Exit::Failed
        }
    }
}

/// How to carry a run out; none of it changes what is recorded.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunOptions {
    /// Threads of the systems that compute; all of the machine's by default.
    pub threads: Option<usize>,
    /// Order of systems that no constraint orders.
    pub order: SystemOrder,
}

/// Carries a resolved scenario out into a claimed directory.
pub fn carry_out(
    resolved: &Resolved,
    claim: Claim,
    options: RunOptions,
    progress: &mut Progress,
    stop: &StopSignal,
) -> Result<(RunSummary, Vec<Trajectory>), RecordError> {
    let directory = &claim.path().to_owned();
    let failed = |path: &Path, reason: String| RecordError::Malformed { path: path.display().to_string(), reason };
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = options.threads {
        pool = pool.num_threads(threads.max(1));
    }
    let pool = pool.build().map_err(|error| failed(directory, error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| failed(directory, error.to_string()))?;
    pool.install(|| {
        let mut run = spawn(resolved, options.order).map_err(|error| failed(directory, error.to_string()))?;
        let mut recorder = RunDirectory::begin(claim, manifest(resolved), &tables(resolved))?;
        let started = now();
        let mut collector = Collector::new(&mut recorder);
        tracing::info!(scenario = %resolved.scenario.name, seed = resolved.seed(), directory = %directory.display(), "run started");
        let summary = runtime.block_on(run.carry_out(&mut collector, progress, stop))?;
        tracing::info!(ticks = summary.ticks, end = ?summary.end, missing = summary.outcomes.missing(), "run ended");
        let trajectories = collector.trajectories;
        recorder.finish(status(&summary, resolved.scenario.max_missing))?;
        let costs = Costs::of(&summary.outcomes, started.elapsed().as_secs_f64());
        RunDirectory::write_side_file(directory, "costs.json", &costs)?;
        Ok((summary, trajectories))
    })
}

#[expect(clippy::disallowed_methods, reason = "how long a run took is told in a side file, never recorded")]
fn now() -> Instant {
    Instant::now()
}

/// `costs.json`: what the run took. The only file with wall-clock facts.
#[derive(Serialize)]
struct Costs {
    requests: std::collections::BTreeMap<&'static str, u64>,
    wall_seconds: f64,
}

impl Costs {
    fn of(outcomes: &OutcomeCounts, wall_seconds: f64) -> Self {
        Self {
            requests: Outcome::ALL
                .into_iter()
                .map(|outcome| (outcome.name(), outcomes.get(outcome)))
                .filter(|&(_, count)| count > 0)
                .collect(),
            wall_seconds,
        }
    }
}

/// The tables a run writes besides its observations.
fn tables(resolved: &Resolved) -> Vec<&'static TableSpec> {
    match resolved.scenario.record.answers {
        RecordAnswers::None => Vec::new(),
        RecordAnswers::All | RecordAnswers::Sample(_) => vec![&ANSWERS],
    }
}

fn manifest(resolved: &Resolved) -> Manifest {
    Manifest {
        format: FORMAT_VERSION.to_owned(),
        pluriverse: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: resolved.scenario.name.clone(),
        seed: resolved.seed(),
        digest: resolved.digest(),
        status: RunStatus::Running,
        inputs: resolved.inputs.clone(),
        resolved: resolved.scenario_json(),
    }
}

fn status(summary: &RunSummary, max_missing: f64) -> RunStatus {
    let ticks = summary.ticks;
    match &summary.end {
        EndReason::Completed => RunStatus::Complete { ticks },
        EndReason::Interrupted => RunStatus::Interrupted { ticks, reason: "stopped by the user".to_owned() },
        EndReason::TooManyFailures { society, share } => RunStatus::Interrupted {
            ticks,
            reason: format!(
                "{:.1} % of the last tick's requests brought no answer (society `{society}`; max_missing allows {:.1} %)",
                share * 100.0,
                max_missing * 100.0
            ),
        },
    }
}

/// Ctrl-C asks the run to stop after the tick; a second one ends the process.
fn stop_on_ctrl_c(stop: &StopSignal) {
    let stop = stop.clone();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                complain("stopping at the end of this tick; press Ctrl-C again to end at once");
                stop.stop();
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(i32::from(Exit::Stopped.code()));
            }
        });
    });
}

/// What `--json` prints of a run.
#[derive(Serialize)]
struct JsonReport<'a> {
    scenario: &'a str,
    seed: u64,
    directory: String,
    status: RunStatus,
    societies: &'a [Trajectory],
}

fn report(
    resolved: &Resolved,
    directory: &Path,
    summary: &RunSummary,
    trajectories: &[Trajectory],
    seconds: f64,
    form: Form,
) -> Exit {
    let exit = match summary.end {
        EndReason::Completed => Exit::Done,
        EndReason::Interrupted | EndReason::TooManyFailures { .. } => Exit::Stopped,
    };
    let status = status(summary, resolved.scenario.max_missing);
    if form == Form::Json {
        say_json(&JsonReport {
            scenario: &resolved.scenario.name,
            seed: resolved.seed(),
            directory: directory.display().to_string(),
            status,
            societies: trajectories,
        });
        return exit;
    }
    say(&head(resolved));
    tell(resolved, trajectories);
    if let RunStatus::Interrupted { ticks, reason } = &status {
        say(&format!("\nStopped after {ticks} of {} ticks: {reason}.", resolved.plan.len()));
        if summary.end == EndReason::Interrupted {
            say(&format!("Take it up with --resume --out {}", directory.display()));
        }
    }
    say(&format!("\n{:.2} s, written to {}", seconds, directory.display()));
    exit
}

/// Tables and sentences of all societies.
fn tell(resolved: &Resolved, trajectories: &[Trajectory]) {
    let several = trajectories.len() > 1;
    for (trajectory, society) in trajectories.iter().zip(&resolved.societies) {
        if several && trajectory.rounds.len() > 1 {
            say(&format!("\n{} ({} agents)", trajectory.society, society.agents.len()));
        }
        if !several || trajectory.rounds.len() > 1 {
            say(&format!("{}{}", if several { "" } else { "\n" }, story::rounds(trajectory)));
        }
    }
    if several {
        say(&format!("\nAll societies\n{}", story::comparison(trajectories)));
    }
    let lines: Vec<String> = trajectories
        .iter()
        .flat_map(|trajectory| {
            let named = move |line: String| {
                if several { format!("{}: {line}", trajectory.society) } else { line }
            };
            story::reading(trajectory).into_iter().map(named)
        })
        .collect();
    if !lines.is_empty() {
        say(&format!("\n{}", lines.join("\n")));
    }
    say(&format!("\n{}", story::legend(trajectories)));
}

fn head(resolved: &Resolved) -> String {
    let agents: usize = resolved.societies.iter().map(|society| society.agents.len()).sum();
    let reference = &resolved.scenario.reference;
    let about = &resolved.scenario.about;
    format!(
        "{}{}{about}\n{agents} {} in {} {}, {} items, seed {}; reference {} ({}, {}), parse rule {}",
        resolved.scenario.name,
        if about.is_empty() { "" } else { ": " },
        if agents == 1 { "agent" } else { "agents" },
        resolved.societies.len(),
        if resolved.societies.len() == 1 { "society" } else { "societies" },
        resolved.survey.len(),
        resolved.seed(),
        reference.figures,
        reference.statistic.name(),
        reference.coding.name(),
        resolved.scenario.parse.name(),
    )
}
