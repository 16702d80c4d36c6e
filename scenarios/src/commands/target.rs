//! Where a run is written: a directory of its own, or an interrupted run taken up.

use std::path::{Path, PathBuf};

use pluriverse_engine::record::claim::{Claim, ClaimError, Claiming};
use pluriverse_engine::record::directory::RunDirectory;
use pluriverse_engine::record::manifest::{Manifest, RunStatus};

use super::Exit;
use super::cli::RunArgs;
use crate::resolve::Resolved;

/// Why a directory cannot be used, and how the command then ends.
pub struct Refusal {
    /// What to say.
    pub message: String,
    /// How the command ends.
    pub exit: Exit,
}

impl Refusal {
    fn mistake(reason: impl std::fmt::Display) -> Self {
        Self { message: format!("error: {reason}; choose another --out"), exit: Exit::Mistake }
    }
}

impl From<ClaimError> for Refusal {
    fn from(error: ClaimError) -> Self {
        Self::mistake(error)
    }
}

/// Claims the directory a run is written to.
pub fn claim(args: &RunArgs, resolved: &Resolved) -> Result<Claim, Refusal> {
    let Some(out) = &args.out else {
        return Ok(Claim::first_free(names(resolved))?);
    };
    let shown = out.display();
    if Claim::is_busy(out) {
        return Err(ClaimError::Busy { path: shown.to_string() }.into());
    }
    if Claim::is_free(out).map_err(|error| Refusal::mistake(format!("cannot use {shown}: {error}")))? {
        if args.resume {
            let message = format!("error: there is no run to take up in {shown}; leave --resume out to begin one");
            return Err(Refusal { message, exit: Exit::Mistake });
        }
        return Ok(Claim::on(out, Claiming::Fresh)?);
    }
    if !RunDirectory::holds_a_run(out) {
        return Err(Refusal::mistake(format!("{shown} is not empty and holds no run")));
    }
    let manifest = Manifest::read(out).map_err(Refusal::mistake)?;
    let same = manifest.digest == resolved.digest();
    match (&manifest.status, same, args.resume) {
        (RunStatus::Complete { .. }, true, true) if args.retry_failed => Ok(Claim::on(out, Claiming::TakeUp)?),
        (RunStatus::Complete { .. }, true, true) => {
            // A process that died after its last word has left its lock.
            if let Ok(stale) = Claim::on(out, Claiming::TakeUp) {
                let _ = stale.release();
            }
            Err(Refusal { message: format!("{shown} already holds this run, complete"), exit: Exit::Done })
        }
        (RunStatus::Complete { .. }, true, false) => {
            Err(Refusal::mistake(format!("{shown} already holds a complete run")))
        }
        // Taking a run up means carrying it out again: what it has paid for is in its store of replies.
        (_, true, true) => Ok(Claim::on(out, Claiming::TakeUp)?),
        (status, true, false) => Err(Refusal { message: unfinished(out, status), exit: Exit::Mistake }),
        (_, false, _) => Err(Refusal::mistake(format!("{shown} holds another run (of {})", manifest.scenario))),
    }
}

fn unfinished(out: &Path, status: &RunStatus) -> String {
    let how = match status {
        RunStatus::Interrupted { ticks, reason } => format!("stopped after {ticks} ticks: {reason}"),
        RunStatus::Running | RunStatus::Complete { .. } => "which never ended".to_owned(),
    };
    format!("error: {} holds this run, {how}; --resume carries it out again", out.display())
}

/// `runs/<scenario>-<seed>-<digest8>`, then the same with a number behind.
fn names(resolved: &Resolved) -> impl Iterator<Item = PathBuf> {
    const MOST: u32 = 100_000;
    let digest = resolved.digest();
    let name = format!("{}-{}-{}", resolved.scenario.name, resolved.seed(), &digest[..8]);
    let runs = Path::new("runs");
    let first = runs.join(&name);
    std::iter::once(first).chain((2..MOST).map(move |number| runs.join(format!("{name}-{number}"))))
}
