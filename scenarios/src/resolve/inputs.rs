//! Reading what the scenario refers to.

use std::path::Path;

use pluriverse_agents::kinds::surrogate::model::Presets;
use pluriverse_agents::prompt::Prompts;
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_worlds::culture::Cultures;
use pluriverse_worlds::survey::{Item, Reference, Survey};

use crate::file::diagnose::Mistake;
use crate::file::outline::Path as Place;
use crate::file::schema::{Items, Scenario};
use crate::inputs::asset::{self, Asset, AssetError, CULTURES, Kind, PRESETS, PROMPTS, REFERENCES, SURVEYS};
use crate::inputs::{reference, survey};
use crate::path;

/// Everything a scenario refers to.
pub(super) struct Inputs {
    /// The items that are asked.
    pub(super) survey: Survey,
    /// The survey with all its items.
    pub(super) whole_survey: Survey,
    pub(super) reference: Reference,
    pub(super) cultures: Cultures,
    pub(super) prompts: Prompts,
    pub(super) presets: Presets,
    pub(super) digests: Vec<InputDigest>,
}

/// Reads all inputs; `None`, with the mistakes written down, when one of them is unusable.
pub(super) fn read(scenario: &Scenario, base: &Path, mistakes: &mut Vec<Mistake>) -> Option<Inputs> {
    let mut digests = Vec::new();
    let mut find = |kind: &Kind, name: &str, place: Place, mistakes: &mut Vec<Mistake>| {
        let found = Asset::find(kind, name, base);
        noted(found, place, mistakes).inspect(|asset| digests.push(asset.digest()))
    };
    let reference_asset = find(&REFERENCES, &scenario.reference.figures, path!["reference", "figures"], mistakes);
    let survey_asset = find(&SURVEYS, &scenario.survey, path!["survey"], mistakes);
    let cultures_asset = find(&CULTURES, &scenario.cultures, path!["cultures"], mistakes);
    let prompts_asset = find(&PROMPTS, &scenario.prompts, path!["prompts"], mistakes);
    let presets_asset = find(&PRESETS, &scenario.presets, path!["presets"], mistakes);

    let reference =
        reference_asset.and_then(|asset| noted(reference::reference(&asset), path!["reference", "figures"], mistakes));
    let survey = survey_asset
        .zip(reference.as_ref())
        .and_then(|(asset, reference)| noted(survey::survey(&asset, reference), path!["survey"], mistakes));
    let cultures = cultures_asset.and_then(|asset| noted(asset::cultures(&asset), path!["cultures"], mistakes));
    let presets = presets_asset.and_then(|asset| noted(asset::presets(&asset), path!["presets"], mistakes));
    let prompts = prompts_asset.and_then(|asset| noted(asset::prompts(&asset), path!["prompts"], mistakes)).and_then(
        |templates| match Prompts::new(&templates, scenario.answer.format) {
            Ok(prompts) => Some(prompts),
            Err(errors) => {
                mistakes.extend(errors.iter().map(|error| Mistake::at(path!["prompts"], error.to_string())));
                None
            }
        },
    );
    let whole_survey = survey?;
    let survey = chosen_items(&whole_survey, &scenario.items, mistakes)
        .map(|chosen| asked_aside(chosen, &whole_survey, &scenario.also_ask, mistakes));
    let (survey, reference) = (survey?, reference?);
    let known = |item: &Item| reference.cultures().any(|culture| reference.shares(culture, &item.id).is_some());
    if !survey.items.iter().any(known) {
        let message = format!("the reference `{}` has no data on any item that is asked", reference.name);
        mistakes.push(Mistake::at(path!["reference", "figures"], message).help("do its item ids match the survey's?"));
    }
    for disagreement in survey::disagreements(&survey, &reference) {
        mistakes.push(
            Mistake::at(path!["survey"], disagreement)
                .help("survey and reference must describe the same options in the same order"),
        );
    }
    Some(Inputs { survey, whole_survey, reference, cultures: cultures?, prompts: prompts?, presets: presets?, digests })
}

/// Writes down what is wrong with something the scenario refers to, at the place that refers to it.
pub(super) fn note(error: AssetError, place: Place, mistakes: &mut Vec<Mistake>) {
    let mut mistake = Mistake::at(place, error.message);
    mistake.help = error.help;
    mistakes.push(mistake);
}

fn noted<T>(result: Result<T, AssetError>, place: Place, mistakes: &mut Vec<Mistake>) -> Option<T> {
    result.map_err(|error| note(error, place, mistakes)).ok()
}

fn chosen_items(survey: &Survey, items: &Items, mistakes: &mut Vec<Mistake>) -> Option<Survey> {
    let chosen = match items {
        Items::Paper => survey.filtered(|item| item.paper),
        Items::All => survey.clone(),
        Items::Only(ids) => {
            for (index, id) in ids.iter().enumerate() {
                if survey.position(id).is_none() {
                    let known = survey.items.iter().map(|item| &*item.id);
                    let message = format!("survey {} has no item `{id}`", survey.name);
                    mistakes.push(Mistake::at(path!["items", index], message).meant(id, known));
                }
            }
            survey.filtered(|item| ids.iter().any(|id| **id == *item.id))
        }
    };
    if chosen.is_empty() && !matches!(items, Items::Only(ids) if !ids.is_empty()) {
        mistakes.push(Mistake::at(path!["items"], "no item is left to ask"));
    }
    (!chosen.is_empty()).then_some(chosen)
}

/// The survey with the items that are asked in addition.
fn asked_aside(chosen: Survey, whole: &Survey, ids: &[String], mistakes: &mut Vec<Mistake>) -> Survey {
    for (index, id) in ids.iter().enumerate() {
        let place = || path!["also_ask", index];
        if whole.position(id).is_none() {
            let message = format!("survey {} has no item `{id}`", whole.name);
            mistakes.push(Mistake::at(place(), message).meant(id, whole.items.iter().map(|item| &*item.id)));
        } else if chosen.position(id).is_some() {
            let message = format!("item `{id}` is among those asked already");
            mistakes.push(Mistake::at(place(), message).help("leave it out of `also_ask`"));
        } else if ids[..index].contains(id) {
            mistakes.push(Mistake::at(place(), format!("item `{id}` is named twice")));
        }
    }
    let aside: Vec<Item> = whole
        .items
        .iter()
        .filter(|item| chosen.position(&item.id).is_none() && ids.iter().any(|id| **id == *item.id))
        .cloned()
        .collect();
    chosen.with_aside(aside)
}
