//! `pluriverse run`: a scenario carried out, a run directory left behind.

use std::path::Path;

use pluriverse_engine::exchange::Limit;
use pluriverse_engine::record::manifest::RunStatus;
use pluriverse_engine::replies::{CacheUse, check_cache};
use pluriverse_engine::run::{EndReason, StopSignal};
use pluriverse_engine::simulation::SystemOrder;
use serde::Serialize;

use super::Exit;
use super::carry::{Carried, EarlierFailures, RepliesFrom, RunOptions, carry_out, now, status};
use super::check::{Plan, refuse};
use super::cli::RunArgs;
use super::dilemmas::{Dilemmas, LEGEND};
use super::drafts;
use super::effects::Told;
use super::money;
use super::output::{Form, complain, confirm, say, say_json};
use super::panels;
use super::platform::{Fidelity, Platforms};
use super::pluralism;
use super::progress::Progress;
use super::set_against::SetAgainst;
use super::story;
use super::target::{Refusal, claim};
use super::trajectory::{TickEffect, Trajectory};
use super::votes::Votes;
use crate::comparison::strands_of;
use crate::load::load;
use crate::resolve::{Resolved, ResolvedSociety};

/// Carries the command out.
pub fn execute(args: &RunArgs, form: Form, mut progress: Progress) -> Exit {
    let resolved = match load(&(&args.scenario).into()) {
        Ok(resolved) => resolved,
        Err(error) => {
            refuse(&error, form);
            return Exit::Mistake;
        }
    };
    if let Some(question) = Plan::of(&resolved).question()
        && !args.yes
        && !confirm(&question)
    {
        complain("nothing was asked and nothing was written");
        return Exit::Stopped;
    }
    let options = options(args);
    if let Some((folder, cache_use)) = &options.cache
        && let Err(error) = check_cache(folder, *cache_use)
    {
        complain(&format!("error: {error}; choose another --cache"));
        return Exit::Mistake;
    }
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
    let started = now();
    let result = carry_out(&resolved, claim, &options, &mut progress, &stop);
    progress.finish();
    match result {
        Ok(carried) => {
            let seconds = started.elapsed().as_secs_f64();
            report(&resolved, &directory, &carried, seconds, form)
        }
        Err(error) => {
            complain(&format!("error: {error}"));
            Exit::Failed
        }
    }
}

fn options(args: &RunArgs) -> RunOptions {
    let cache_use = if args.cache_read_only { CacheUse::ReadOnly } else { CacheUse::ReadWrite };
    RunOptions {
        threads: args.threads.map(usize::from),
        order: SystemOrder::AsRegistered,
        replies: RepliesFrom::Servers,
        cache: args.cache.clone().map(|folder| (folder, cache_use)),
        earlier_failures: if args.retry_failed { EarlierFailures::Retry } else { EarlierFailures::Keep },
    }
}

/// Ctrl-C, or a polite word from a scheduler, asks the run to stop; a second one ends the process.
fn stop_on_ctrl_c(stop: &StopSignal) {
    let stop = stop.clone();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async {
            if asked_to_stop().await {
                complain("stopping: waiting for the calls under way; press Ctrl-C again to end at once");
                stop.stop();
            }
            if asked_to_stop().await {
                std::process::exit(i32::from(Exit::Stopped.code()));
            }
        });
    });
}

/// Waits for SIGINT or, where there is one, SIGTERM.
async fn asked_to_stop() -> bool {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        return tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.is_ok(),
            _ = terminate.recv() => true,
        };
    }
    tokio::signal::ctrl_c().await.is_ok()
}

/// What `--json` prints of a run.
#[derive(Serialize)]
struct JsonReport<'a> {
    scenario: &'a str,
    seed: u64,
    directory: String,
    status: RunStatus,
    /// Why requests to servers failed for good, in their own words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<String>,
    /// One entry a strand: society, arm and replicate.
    societies: &'a [Trajectory],
    /// Levels and effects with their intervals, where arms or replicates are compared.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    effects: &'a [TickEffect],
    /// How near platforms come to the published one, by society.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fidelity: Vec<Fidelity>,
    /// What was not run, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<&'a String>,
}

fn report(resolved: &Resolved, directory: &Path, carried: &Carried, seconds: f64, form: Form) -> Exit {
    let Carried { summary, trajectories, .. } = carried;
    let exit = match summary.end {
        EndReason::Completed => Exit::Done,
        EndReason::ReplyMissing(_) => Exit::Failed,
        EndReason::Interrupted | EndReason::TooManyFailures { .. } | EndReason::LimitReached(_) => Exit::Stopped,
    };
    let status = status(summary, resolved);
    if form == Form::Json {
        say_json(&JsonReport {
            scenario: &resolved.scenario.name,
            seed: resolved.seed(),
            directory: directory.display().to_string(),
            failures: money::reasons(resolved, carried),
            status,
            societies: trajectories,
            effects: &carried.effects,
            fidelity: Platforms::of(resolved, trajectories, &carried.effects).iter().map(Platforms::fidelity).collect(),
            notices: resolved.societies.iter().flat_map(|society| &society.strands.notices).collect(),
        });
        return exit;
    }
    say(&head(resolved));
    tell(resolved, carried);
    for notice in resolved.societies.iter().flat_map(|society| &society.strands.notices) {
        say(&format!("\n{notice}"));
    }
    if let Some(bill) = money::bill(resolved, carried) {
        say(&format!("\n{bill}"));
    }
    for reason in money::reasons(resolved, carried) {
        say(&reason);
    }
    if let RunStatus::Interrupted { ticks, reason } = &status {
        say(&format!("\nStopped after {ticks} of {} ticks: {reason}.", resolved.plan.len()));
        if let Some(how) = how_to_go_on(carried) {
            say(&format!("{how}, with the same scenario: --resume --out {}", directory.display()));
        }
    }
    say(&format!("\n{:.2} s, written to {}", seconds, directory.display()));
    exit
}

/// Everything a run came to: answers, then whatever else happened, then societies set against each other.
fn tell(resolved: &Resolved, carried: &Carried) {
    let Carried { trajectories, .. } = carried;
    if trajectories.iter().any(|trajectory| !trajectory.rounds.is_empty()) {
        tell_answers(resolved, carried);
    }
    let told = pluralism::tables(resolved, trajectories);
    if !told.is_empty() {
        say(&format!("\n{}", told.join("\n\n")));
    }
    for vote in Votes::of(resolved, trajectories) {
        say(&format!("\n{}", vote.render(&carried.effects).join("\n\n")));
    }
    let dilemmas = Dilemmas::of(resolved, trajectories);
    for dilemmas in &dilemmas {
        say(&format!("\n{}", dilemmas.render().join("\n\n")));
    }
    if !dilemmas.is_empty() {
        say(&format!("\n{LEGEND}"));
    }
    let tables = panels::tables(trajectories);
    for table in &tables {
        say(&format!("\n{}", table.render()));
    }
    if !tables.is_empty() {
        say(&format!("\n{}", panels::LEGEND));
    }
    for sheet in drafts::sheets(resolved, trajectories) {
        say(&format!("\n{}", sheet.render()));
    }
    for sheet in Platforms::of(resolved, trajectories, &carried.effects).iter().flat_map(Platforms::sheets) {
        say(&format!("\n{}", sheet.render()));
    }
    for part in SetAgainst::of(resolved, trajectories, &carried.effects).iter().flat_map(SetAgainst::render) {
        say(&format!("\n{part}"));
    }
}

/// What to change before an unfinished run is taken up.
fn how_to_go_on(carried: &Carried) -> Option<String> {
    let servers_failed = carried.lanes.iter().any(|lane| !lane.reasons.is_empty());
    match &carried.summary.end {
        EndReason::Completed | EndReason::ReplyMissing(_) => None,
        EndReason::Interrupted | EndReason::LimitReached(Limit::WallTime(_)) => Some("Take it up".to_owned()),
        EndReason::LimitReached(limit) => {
            Some(format!("Take it up with a higher limit (--set limits.{}=…)", limit.name()))
        }
        EndReason::TooManyFailures { .. } if !servers_failed => Some(
            "`show --outcome unparsable` prints what was said. Allow more of it (--set limits.failure_share=…) and take it \
             up"
                .to_owned(),
        ),
        EndReason::TooManyFailures { .. } => Some(
            "Take it up when the servers answer (with --retry-failed, to ask again for what failed), or allow more \
             failures (--set limits.failure_share=…)"
                .to_owned(),
        ),
    }
}

/// Tables and sentences of the answers of all societies.
fn tell_answers(resolved: &Resolved, carried: &Carried) {
    let several = resolved.societies.len() > 1;
    let (compared, plain): (Vec<&ResolvedSociety>, Vec<&ResolvedSociety>) =
        resolved.societies.iter().partition(|society| strands_of(resolved, society) > 1);
    for society in &compared {
        if let Some(told) = Told::of(resolved, society, &carried.effects) {
            let name =
                if several { format!("\n{} ({} agents)", society.name, society.agents.len()) } else { String::new() };
            say(&format!("{name}\n{}", told.render().join("\n\n")));
        }
    }
    let of = |society: &&ResolvedSociety| -> Vec<Trajectory> {
        carried.trajectories.iter().filter(|trajectory| trajectory.society == society.name).cloned().collect()
    };
    let trajectories: Vec<Trajectory> = plain.iter().flat_map(of).collect();
    if !trajectories.is_empty() {
        tell_plainly(&plain, &trajectories);
    }
    let everything: Vec<Trajectory> = compared.iter().flat_map(of).collect();
    let missing: Vec<String> = story::missing(&everything).into_iter().collect();
    if !missing.is_empty() {
        say(&format!("\n{}", missing.join("\n")));
    }
    for society in &resolved.societies {
        if let Some(network) = story::network(&of(&society)) {
            let name = if several { format!("{}: ", society.name) } else { String::new() };
            say(&format!("\n{name}{network}"));
        }
    }
}

/// Societies of one arm and one replicate.
fn tell_plainly(societies: &[&ResolvedSociety], trajectories: &[Trajectory]) {
    let several = trajectories.len() > 1;
    for (trajectory, society) in trajectories.iter().zip(societies) {
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
    // As they are run: recordings have but one of each.
    let strands = || resolved.societies.iter().map(|society| &society.strands);
    let arms = match strands().map(|strands| strands.arms.len()).max() {
        None | Some(0 | 1) => String::new(),
        Some(arms) => format!(", {arms} arms"),
    };
    let replicates = match strands().map(|strands| strands.replicates).max() {
        None | Some(0 | 1) => String::new(),
        Some(replicates) => format!(", {replicates} replicates"),
    };
    format!(
        "{}{}{about}\n{agents} {} in {} {}{arms}{replicates}, {} items, seed {}; reference {} ({}, {}), parse rule {}",
        resolved.scenario.name,
        if about.is_empty() { "" } else { ": " },
        if agents == 1 { "agent" } else { "agents" },
        resolved.societies.len(),
        if resolved.societies.len() == 1 { "society" } else { "societies" },
        match resolved.survey.aside {
            0 => resolved.survey.len().to_string(),
            aside => format!("{} + {aside}", resolved.survey.measured().len()),
        },
        resolved.seed(),
        reference.figures,
        reference.statistic.name(),
        reference.coding.name(),
        resolved.scenario.parse.name(),
    )
}
