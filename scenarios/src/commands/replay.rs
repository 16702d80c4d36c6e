//! `pluriverse replay`: a run carried out again from its stored replies alone, and compared file by file.

use std::path::{Path, PathBuf};

use pluriverse_engine::record::claim::{Claim, Claiming};
use pluriverse_engine::record::manifest::RunStatus;
use pluriverse_engine::replies::{CALLS, REPLIES};
use pluriverse_engine::run::{EndReason, StopSignal};
use serde::Serialize;

use super::Exit;
use super::carry::{RepliesFrom, RunOptions, carry_out, now, status};
use super::cli::ReplayArgs;
use super::output::{Form, complain, counted, say, say_json};
use super::progress::Progress;
use crate::load::load_run;

/// Files of a run directory outside the promise of identical bytes: costs, replies and calls, and what databases keep
/// beside themselves.
const SIDE_FILES: [&str; 5] = ["costs.json", REPLIES, CALLS, "replies.sqlite-wal", "replies.sqlite-shm"];

/// How two run directories compare.
#[derive(Serialize)]
struct Comparison {
    identical: Vec<String>,
    different: Vec<String>,
}

/// Carries the command out.
pub fn execute(args: &ReplayArgs, form: Form, progress: Progress) -> Exit {
    match replay(args, form, progress) {
        Ok(exit) => exit,
        Err((message, exit)) => {
            complain(&format!("error: {message}"));
            exit
        }
    }
}

fn replay(args: &ReplayArgs, form: Form, mut progress: Progress) -> Result<Exit, (String, Exit)> {
    let base = args.base.as_deref().unwrap_or(Path::new(""));
    let (manifest, resolved) = load_run(&args.run, base)
        .map_err(|error| (error.render().trim_start_matches("error: ").to_owned(), Exit::Mistake))?;
    if let RunStatus::Interrupted { ticks, .. } = manifest.status {
        let message = format!("{} stopped after {ticks} ticks: take it up before it is replayed", args.run.display());
        return Err((message, Exit::Mistake));
    }
    if manifest.status == RunStatus::Running {
        let message = format!("{} never ended: take it up before it is replayed", args.run.display());
        return Err((message, Exit::Mistake));
    }
    let target = args.out.clone().unwrap_or_else(scratch);
    let claim = Claim::on(&target, Claiming::Fresh).map_err(|error| (error.to_string(), Exit::Mistake))?;
    let options = RunOptions {
        threads: args.threads.map(usize::from),
        replies: RepliesFrom::Stored(args.run.clone()),
        ..RunOptions::default()
    };
    let started = now();
    let carried = carry_out(&resolved, claim, &options, &mut progress, &StopSignal::default());
    progress.finish();
    let seconds = started.elapsed().as_secs_f64();
    let carried = carried.map_err(|error| (error.to_string(), Exit::Failed))?;
    if let EndReason::ReplyMissing(_) = carried.summary.end {
        let RunStatus::Interrupted { reason, .. } = status(&carried.summary, &resolved) else {
            return Err(("a reply is missing".to_owned(), Exit::Failed));
        };
        remove(args, &target);
        return Err((reason, Exit::Failed));
    }
    let comparison = compare(&args.run, &target).map_err(|error| (error.to_string(), Exit::Failed))?;
    remove(args, &target);
    let replies = carried.tally.total().replies;
    match form {
        Form::Json => say_json(&comparison),
        Form::Tables => say(&format!(
            "{} replayed in {seconds:.2} s, nobody asked ({} from the store): {}",
            counted(carried.summary.outcomes.asked(), "answer", "answers"),
            counted(replies, "reply", "replies"),
            if comparison.different.is_empty() {
                format!("identical bytes in {}", comparison.identical.join(", "))
            } else {
                format!("DIFFERENT: {}", comparison.different.join(", "))
            }
        )),
    }
    Ok(if comparison.different.is_empty() { Exit::Done } else { Exit::Failed })
}

fn scratch() -> PathBuf {
    std::env::temp_dir().join(format!("pluriverse-replay-{}", std::process::id()))
}

fn remove(args: &ReplayArgs, target: &Path) {
    if args.out.is_none() {
        // What is left behind is in the system's own folder for such things.
        let _ = std::fs::remove_dir_all(target);
    }
}

/// Compares every file of two run directories but the side files.
fn compare(one: &Path, other: &Path) -> std::io::Result<Comparison> {
    let mut names = std::collections::BTreeSet::new();
    for directory in [one, other] {
        for entry in std::fs::read_dir(directory)? {
            names.insert(entry?.file_name().to_string_lossy().into_owned());
        }
    }
    let mut comparison = Comparison { identical: Vec::new(), different: Vec::new() };
    for name in names.into_iter().filter(|name| !SIDE_FILES.contains(&name.as_str()) && !name.starts_with('.')) {
        let bytes = |directory: &Path| std::fs::read(directory.join(&name)).ok();
        let same = bytes(one).is_some() && bytes(one) == bytes(other);
        if same { comparison.identical.push(name) } else { comparison.different.push(name) }
    }
    Ok(comparison)
}
