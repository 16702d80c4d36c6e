//! What profiles are told by: value dimensions and words.

use std::path::Path;

use pluriverse_agents::profile::{Dimensions, ProfileTemplates, ProfileWords};
use pluriverse_engine::record::manifest::InputDigest;

use super::inputs::{Inputs, note};
use crate::file::diagnose::Mistake;
use crate::file::schema::Scenario;
use crate::inputs::asset::{Asset, DIMENSIONS, PROFILE_PROMPTS};
use crate::path;

/// What profiles are told by.
pub(super) struct Telling {
    /// The value dimensions.
    pub(super) dimensions: Dimensions,
    /// Their words, and those of traits.
    pub(super) words: ProfileWords,
}

/// Reads what the scenario's profiles are told by; with everything that is wrong written down, `None`.
pub(super) fn telling(
    scenario: &Scenario,
    base: &Path,
    inputs: &Inputs,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Telling> {
    let before = mistakes.len();
    let dimensions_at = || path!["dimensions"];
    let words_at = || path!["profile_prompts"];
    let dimensions = Asset::find(&DIMENSIONS, &scenario.dimensions, base)
        .inspect(|asset| digests.push(asset.digest()))
        .and_then(|asset| asset.ron::<Dimensions>())
        .map_err(|error| note(error, dimensions_at(), mistakes))
        .ok();
    let templates = Asset::find(&PROFILE_PROMPTS, &scenario.profile_prompts, base)
        .inspect(|asset| digests.push(asset.digest()))
        .and_then(|asset| asset.ron::<ProfileTemplates>())
        .map_err(|error| note(error, words_at(), mistakes))
        .ok();
    let (dimensions, templates) = (dimensions?, templates?);
    let faults = dimensions.faults(&inputs.whole_survey);
    mistakes.extend(faults.iter().map(|fault| Mistake::at(dimensions_at(), fault.to_string())));
    let words = match ProfileWords::new(&templates, &dimensions) {
        Ok(words) => Some(words),
        Err(errors) => {
            mistakes.extend(errors.iter().map(|error| Mistake::at(words_at(), error.to_string())));
            None
        }
    };
    words.filter(|_| mistakes.len() == before).map(|words| Telling { dimensions, words })
}
