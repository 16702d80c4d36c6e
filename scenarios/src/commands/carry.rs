//! Carrying a resolved scenario out into a directory.

use std::path::{Path, PathBuf};

use pluriverse_agents::kinds::language_model::REQUESTS;
use pluriverse_agents::kinds::panel::figures::PANELS;
use pluriverse_agents::profile::record::PERSONAS;
use pluriverse_engine::exchange::{LaneSnapshot, Spent, Tally};
use pluriverse_engine::record::RecordError;
use pluriverse_engine::record::claim::Claim;
use pluriverse_engine::record::directory::RunDirectory;
use pluriverse_engine::record::effects::EFFECTS;
use pluriverse_engine::record::manifest::{FORMAT_VERSION, Manifest, RunStatus};
use pluriverse_engine::record::table::TableSpec;
use pluriverse_engine::replies::{CacheUse, Replies};
use pluriverse_engine::run::{EndReason, Run, RunError, RunSummary, StopSignal};
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_worlds::budgeting::vote::record::{BALLOTS, TALLIES};
use pluriverse_worlds::dilemmas::asked::record::DILEMMAS;
use pluriverse_worlds::drafting::record::DRAFTS;
use pluriverse_worlds::network::record::{EDGES, NODES, RecordNetwork};
use pluriverse_worlds::platform::posting::RecordImpressions;
use pluriverse_worlds::platform::record::{COMMENTS, EVENTS, IMPRESSIONS, POSTS};
use pluriverse_worlds::survey::record::{ANSWERS, RecordAnswers};

use super::costs::{Costs, Session};
use super::output::counted;
use super::progress::Progress;
use super::trajectory::{Collector, TickEffect, Trajectory};
use crate::comparison::strands_of;
use crate::report;
use crate::resolve::{Resolved, ResolvedBackbone};
use crate::spawn::spawn;

/// From where replies come.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum RepliesFrom {
    /// The run's own directory, and servers for what is not there yet.
    #[default]
    Servers,
    /// The store of this run directory alone.
    Stored(PathBuf),
}

/// What becomes of final failures of an earlier session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum EarlierFailures {
    /// They stay.
    #[default]
    Keep,
    /// They are asked for again.
    Retry,
}

/// How to carry a run out; none of it changes what the same replies lead to.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Threads of the systems that compute; all of the machine's by default.
    pub threads: Option<usize>,
    /// Order of systems that no constraint orders.
    pub order: SystemOrder,
    /// From where replies come.
    pub replies: RepliesFrom,
    /// A store of replies shared between runs.
    pub cache: Option<(PathBuf, CacheUse)>,
    /// What becomes of final failures of an earlier session.
    pub earlier_failures: EarlierFailures,
}

/// What a run came to.
pub struct Carried {
    /// How it ended.
    pub summary: RunSummary,
    /// What its observers saw, by strand.
    pub trajectories: Vec<Trajectory>,
    /// What comparing its arms came to.
    pub effects: Vec<TickEffect>,
    /// What its replies cost.
    pub tally: Tally,
    /// What it has used up.
    pub spent: Spent,
    /// How calls went, by backbone.
    pub lanes: Vec<LaneSnapshot>,
    /// Calls that were under way when earlier sessions died.
    pub lost_in_flight: u64,
    /// Final failures of earlier sessions that were asked for again.
    pub retried: u64,
}

/// Carries a resolved scenario out into a claimed directory.
pub fn carry_out(
    resolved: &Resolved,
    claim: Claim,
    options: &RunOptions,
    progress: &mut Progress,
    stop: &StopSignal,
) -> Result<Carried, RunError> {
    let directory = &claim.path().to_owned();
    let failed = |reason: String| RecordError::Malformed { path: directory.display().to_string(), reason };
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = options.threads {
        pool = pool.num_threads(threads.max(1));
    }
    let pool = pool.build().map_err(|error| failed(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed(error.to_string()))?;
    pool.install(|| {
        let mut run = spawn(resolved, options.order).map_err(|error| failed(error.to_string()))?;
        // The manifest comes first: a directory with a manifest can be taken up, whenever the process dies.
        let mut recorder = RunDirectory::begin(claim, manifest(resolved), &tables(resolved))?;
        let (lost_in_flight, retried) = open_replies(&mut run, directory, options)?;
        let started = now();
        let mut collector = Collector::new(&mut recorder);
        tracing::info!(scenario = %resolved.scenario.name, seed = resolved.seed(), directory = %directory.display(), "run started");
        let summary = runtime.block_on(run.carry_out(&mut collector, progress, stop))?;
        tracing::info!(ticks = summary.ticks, end = ?summary.end, missing = summary.outcomes.missing(), "run ended");
        let Collector { trajectories, effects, .. } = collector;
        run.exchange.close()?;
        let status = status(&summary, resolved);
        let carried = Carried {
            trajectories,
            effects,
            tally: std::mem::take(&mut run.tally),
            spent: *run.exchange.spent(),
            lanes: run.exchange.lanes(),
            lost_in_flight,
            retried,
            summary,
        };
        // Before the manifest says that the run is whole.
        let session = Session::of(&carried, started.elapsed(), &status);
        let costs = Costs::of(resolved, &carried, session, directory);
        RunDirectory::write_side_file(directory, "costs.json", &costs)?;
        recorder.finish(status.clone(), |directory| report::write(resolved, &status, directory))?;
        Ok(carried)
    })
}

/// Gives the exchange of a run its store of replies, where it has any use for one: calls that were under way when an
/// earlier session died, and failures that will be asked for again.
fn open_replies(run: &mut Run, directory: &Path, options: &RunOptions) -> Result<(u64, u64), RunError> {
    if let RepliesFrom::Stored(_) = &options.replies {
        // How many failures somebody was willing to take is no part of a run: a replay takes those there were.
        run.failure_share = 1.0;
    }
    if !run.exchange.speaks() {
        return Ok((0, 0));
    }
    let mut replies = match &options.replies {
        RepliesFrom::Servers => {
            let cache = options.cache.as_ref().map(|(folder, use_)| (folder.as_path(), *use_));
            Replies::open(directory, cache)?
        }
        RepliesFrom::Stored(other) => Replies::read_only(other)?,
    };
    let retried = match options.earlier_failures {
        EarlierFailures::Keep => 0,
        EarlierFailures::Retry => replies.forget_failures()?,
    };
    let lost = replies.lost_in_flight();
    run.exchange.keep_replies(replies);
    Ok((lost, retried))
}

#[expect(clippy::disallowed_methods, reason = "how long a run took is told in a side file, never recorded")]
pub(super) fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// The tables a run writes besides its observations.
fn tables(resolved: &Resolved) -> Vec<&'static TableSpec> {
    let mut tables = match resolved.scenario.record.answers {
        RecordAnswers::None => Vec::new(),
        RecordAnswers::All | RecordAnswers::Sample(_) => vec![&ANSWERS],
    };
    let speaks = |(_, backbone): &(_, ResolvedBackbone)| backbone.speaks();
    if resolved.backbones.iter().any(speaks) {
        tables.push(&REQUESTS);
    }
    if resolved.backbones.iter().any(|(_, backbone)| backbone.speaks() && backbone.panel().is_some()) {
        tables.push(&PANELS);
    }
    if !resolved.elections.is_empty() {
        tables.extend([&BALLOTS, &TALLIES]);
    }
    if !resolved.postings.is_empty() {
        tables.extend([&EVENTS, &POSTS, &COMMENTS]);
    }
    if !resolved.dilemma_sets.is_empty() {
        tables.push(&DILEMMAS);
    }
    if !resolved.draftings.is_empty() {
        tables.push(&DRAFTS);
    }
    if resolved.postings.iter().any(|posting| posting.impressions != RecordImpressions::None) {
        tables.push(&IMPRESSIONS);
    }
    if resolved.societies.iter().any(|society| strands_of(resolved, society) > 1) {
        tables.push(&EFFECTS);
    }
    if resolved.personas.has_profiles() {
        tables.push(&PERSONAS);
    }
    if resolved.scenario.record.network == RecordNetwork::All {
        tables.extend([&EDGES, &NODES]);
    }
    tables
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

/// How a run ended, as the manifest says it.
pub(super) fn status(summary: &RunSummary, resolved: &Resolved) -> RunStatus {
    let ticks = summary.ticks;
    let interrupted = |reason: String| RunStatus::Interrupted { ticks, reason };
    match &summary.end {
        EndReason::Completed => RunStatus::Complete { ticks },
        EndReason::Interrupted => interrupted("stopped by the user".to_owned()),
        EndReason::LimitReached(limit) => interrupted(format!("{limit} reached")),
        EndReason::TooManyFailures { society, share } => interrupted(format!(
            "{:.1} % of the last tick's requests brought no answer (society `{society}`; limits.failure_share allows {:.1} %)",
            share * 100.0,
            resolved.scenario.limits.failure_share * 100.0
        )),
        EndReason::ReplyMissing(missing) => interrupted(format!(
            "no reply is stored to the request of agent {} (society `{}`, tick {}) about {}; {}",
            missing.agent.0,
            missing.society,
            missing.tick,
            resolved.survey.items.get(missing.slot as usize).map_or("an item", |item| &item.id),
            counted(missing.missing as u64, "reply is missing in that tick", "replies are missing in that tick"),
        )),
    }
}
