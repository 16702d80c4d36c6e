//! What profiles are told by, and the survey files they are drawn from: value dimensions, words, microdata.

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::profile::pool::Pool;
use pluriverse_agents::profile::{Dimensions, ProfileTemplates, ProfileWords};
use pluriverse_engine::record::manifest::InputDigest;

use super::inputs::{Inputs, note};
use super::microdata::{self, MicrodataSource};
use crate::file::diagnose::Mistake;
use crate::file::panel::PanelPersonas;
use crate::file::personas::{MicrodataSpec, PersonaSpec};
use crate::file::schema::{BackboneSpec, Scenario};
use crate::inputs::asset::{Asset, DIMENSIONS, PROFILE_PROMPTS};
use crate::path;

/// What profiles are told by and drawn from.
#[derive(Clone)]
pub(super) struct Telling {
    /// The value dimensions.
    pub(super) dimensions: Arc<Dimensions>,
    /// Their words, and those of traits.
    pub(super) words: Arc<ProfileWords>,
    /// Microdata, in the order in which they are first named.
    pub(super) microdata: Arc<Vec<MicrodataSource>>,
}

impl Telling {
    /// The microdata of a spec; `None` where something is wrong with them, which is told where they are read.
    pub(super) fn source(&self, spec: &MicrodataSpec) -> Option<&MicrodataSource> {
        self.microdata.iter().find(|source| source.spec == *spec)
    }

    /// The profiles of a culture by a spec; `None` likewise.
    pub(super) fn pool(&self, spec: &MicrodataSpec, culture: &str) -> Option<&Pool> {
        self.source(spec)?.pools.get(culture)
    }
}

/// Reads what the scenario's profiles are told by and drawn from; where nobody has a profile, nothing. With everything
/// that is wrong written down, `None`.
pub(super) fn telling(
    scenario: &Scenario,
    base: &Path,
    inputs: &Inputs,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Telling> {
    let panels = scenario.backbones.0.iter().any(|(_, spec)| matches!(spec, BackboneSpec::Panel(_)));
    if !panels && scenario.members().all(|(member, _)| member.personas.is_none()) {
        return None;
    }
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
    let words = words.filter(|_| mistakes.len() == before)?;
    let asked = asked_for(scenario);
    let microdata = microdata::read_all(&asked, base, inputs, &dimensions, digests, mistakes);
    Some(Telling { dimensions: Arc::new(dimensions), words: Arc::new(words), microdata: Arc::new(microdata) })
}

/// Every naming of microdata in the scenario, by members and by panels, with its place and the cultures it is for.
fn asked_for(scenario: &Scenario) -> Vec<microdata::Asked<'_>> {
    let mut asked = Vec::new();
    for (member, mut place) in scenario.members() {
        if let Some(PersonaSpec::Microdata(spec)) = &member.personas {
            place.extend(path!["personas"]);
            asked.push(microdata::Asked { spec, place, cultures: member.codes().collect() });
        }
    }
    for (name, backbone) in &scenario.backbones.0 {
        if let BackboneSpec::Panel(panel) = backbone
            && let PanelPersonas::Microdata(spec) = &panel.personas
        {
            let place = path!["backbones", name.as_str(), "personas"];
            let of_panel = scenario.members().filter(|(member, _)| member.backbone == *name);
            let cultures = of_panel.flat_map(|(member, _)| member.codes()).collect();
            asked.push(microdata::Asked { spec, place, cultures });
        }
    }
    asked
}
