//! Who is on a society's platform besides its agents: guests of a placebo, by arm.

use std::path::Path;

use pluriverse_engine::seed::{EXPOSED_ARM, SHARED_ARM, Streams};
use pluriverse_worlds::exposure::design::{Placebo, Treatment};
use pluriverse_worlds::platform::guests::Guests;
use pluriverse_worlds::platform::ids::Moment;

use super::arms::ResolvedArm;
use super::inputs::{Inputs, note};
use super::{Resolved, ResolvedSociety};
use crate::file::diagnose::{Mistake, suggestion};
use crate::inputs::asset::AssetError;
use crate::inputs::platform::{StrandPosts, posts_of};
use crate::path;

/// What was done on the platforms of the runs that placebos name, by arm; nothing where there is no posting.
pub(super) fn of_other_runs(
    arms: &[ResolvedArm],
    base: &Path,
    inputs: &Inputs,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Option<Vec<StrandPosts>>> {
    let read = |(index, arm): (usize, &ResolvedArm)| {
        let name = arm.other_run.as_ref().filter(|_| arm.posts())?;
        let found = posts_of(&base.join(name), &inputs.survey, &inputs.cultures);
        let found = found.and_then(|strands| {
            if strands.is_empty() { Err(AssetError::new("nobody posted in it".to_owned())) } else { Ok(strands) }
        });
        let placed = found.map_err(|error| AssetError { message: format!("run {name}: {}", error.message), ..error });
        placed.map_err(|error| note(error, path!["arms", index], mistakes)).ok()
    };
    arms.iter().enumerate().map(read).collect()
}

/// The guests of a society, by arm and by replicate of the other run.
pub(super) fn of_society(
    others: &[Option<Vec<StrandPosts>>],
    society: &str,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Vec<Guests>> {
    let of_arm = |(index, strands): (usize, &Option<Vec<StrandPosts>>)| {
        let Some(strands) = strands else {
            return Vec::new();
        };
        let mut names: Vec<&str> = strands.iter().map(|strand| &*strand.name.society).collect();
        names.dedup();
        let source = match names.as_slice() {
            [only] => *only,
            _ if names.contains(&society) => society,
            _ => {
                let known = suggestion(society, names.iter().copied());
                let message = format!("nobody of a society `{society}` posted in the other run; {known}");
                mistakes.push(Mistake::at(path!["arms", index], message));
                return Vec::new();
            }
        };
        let exposed = |strand: &&StrandPosts| {
            *strand.name.society == *source && [EXPOSED_ARM, SHARED_ARM].contains(&&*strand.name.arm)
        };
        let found: Vec<Guests> = strands.iter().filter(exposed).map(|strand| strand.guests.clone()).collect();
        if found.is_empty() {
            let message = format!("nobody posted in arm `{EXPOSED_ARM}` of the other run");
            mistakes.push(Mistake::at(path!["arms", index], message));
        }
        found
    };
    others.iter().enumerate().map(of_arm).collect()
}

impl Resolved {
    /// The guests on the platform of a society in one arm and replicate: those it is seeded with, which are there in every
    /// arm, and those of a placebo.
    pub fn guests(&self, society: &ResolvedSociety, arm: &ResolvedArm, replicate: u32) -> Guests {
        self.seeds.and(&self.placebo(society, arm, replicate))
    }

    fn placebo(&self, society: &ResolvedSociety, arm: &ResolvedArm, replicate: u32) -> Guests {
        let place = self.arms.iter().position(|known| known == arm).unwrap_or_default();
        match arm.treatment {
            Treatment::Placebo(Placebo::Uniform) if arm.posts() => {
                let Some(posting) = self.postings.first() else {
                    return Guests::default();
                };
                let options: Vec<u32> = self.survey.items.iter().map(|item| item.options.len() as u32).collect();
                let rounds = self.plan.iter().filter(|tick| pluriverse_worlds::survey::state::is_post(&tick.mechanism));
                let until = Moment(posting.round.saturating_mul(rounds.count() as u32));
                let streams = Streams::new(self.seed(), &society.name, replicate);
                Guests::strangers(posting, &society.cultures(), &options, until, &streams)
            }
            Treatment::Placebo(Placebo::OtherRun) => {
                let known = society.guests.get(place).map_or(&[][..], Vec::as_slice);
                known.get(replicate as usize % known.len().max(1)).cloned().unwrap_or_default()
            }
            _ => Guests::default(),
        }
    }
}
