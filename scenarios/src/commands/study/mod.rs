//! `pluriverse study`: landscape studies over systems of one agent a culture, from recordings or from
//! a run, recorded dilemmas, and people's comparisons of replies.

mod comparisons;
mod compositions;
mod dilemmas;
mod landscape;
mod material;
mod mixed;
mod objectives;
mod sensitivity;
mod tables;

use super::Exit;
use super::cli::{StudyArgs, StudyKind};
use super::output::{Form, complain_of};
use super::progress::Progress;

/// Carries the command out.
pub fn execute(args: &StudyArgs, form: Form, progress: &Progress) -> Exit {
    let done = match &args.kind {
        StudyKind::MixedBackbones(mixed) => mixed::execute(mixed, form, progress),
        StudyKind::Compositions(composition) => compositions::execute(composition, form, progress),
        StudyKind::CommunityAlignment(comparisons) => comparisons::execute(comparisons, form),
        StudyKind::Dilemmas(dilemmas) => dilemmas::execute(dilemmas, form, progress),
        StudyKind::Landscape(landscape) => landscape::execute(landscape, form, progress),
        StudyKind::Objectives(objectives) => objectives::execute(objectives, form),
        StudyKind::Sensitivity(studied) => sensitivity::execute(studied, form, progress),
    };
    progress.finish();
    match done {
        Ok(()) => Exit::Done,
        Err(errors) => {
            errors.iter().for_each(complain_of);
            Exit::Mistake
        }
    }
}
