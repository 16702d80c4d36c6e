//! Backbones: presets become minds, recordings are read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::kinds::null_model::NullMind;
use pluriverse_agents::kinds::recorded::{RecordedReply, Recording};
use pluriverse_agents::kinds::scripted::{Line, Script, ScriptedModel};
use pluriverse_agents::kinds::surrogate::model::{Changes, HumanPositions, Mind};
use pluriverse_engine::exchange::{LaneSettings, LaneSpec, LanguageModel};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::budgeting::vote::is_vote;
use pluriverse_worlds::survey::state::asks_the_survey;

use super::inputs::{Inputs, note};
use super::personas::Telling;
use super::service::Prices;
use super::{Asking, ResolvedBackbone, openai, panels};
use crate::file::diagnose::Mistake;
use crate::file::schema::{BackboneSpec, Scenario};
use crate::inputs::recordings::Index;
use crate::path;

/// The backbones of a scenario, in the order of their names.
pub(super) fn resolve(
    scenario: &Scenario,
    base: &Path,
    inputs: &Inputs,
    plan: &[PlannedTick],
    telling: Option<&Telling>,
    (asking, prices): (Asking, Option<&Prices>),
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Vec<(Arc<str>, ResolvedBackbone)> {
    if scenario.backbones.0.is_empty() {
        mistakes.push(
            Mistake::at(path!["backbones"], "nobody is there to answer for the agents").unless_mistaken("backbones"),
        );
    }
    let human = HumanPositions::new(&inputs.survey, &inputs.reference, &inputs.cultures);
    let mut folders: BTreeMap<&str, Option<Index>> = BTreeMap::new();
    let mut resolved = Vec::new();
    let mut names = BTreeSet::new();
    for (name, spec) in &scenario.backbones.0 {
        if !names.insert(name) {
            let message = format!("two backbones are called `{name}`");
            mistakes.push(Mistake::at(path!["backbones", name.as_str()], message));
        }
        let backbone = match spec {
            BackboneSpec::Surrogate { preset, with } => {
                surrogate(name, preset, with, inputs, &human, mistakes).map(ResolvedBackbone::Surrogate)
            }
            BackboneSpec::NullModel { preset, with, model } => {
                if let Some(problem) = model.problem() {
                    mistakes.push(Mistake::at(path!["backbones", name.as_str(), "model"], problem));
                }
                // Whoever has no opinion has none to move.
                let with = Changes { refusal: Some(0.0), ..*with };
                surrogate(name, preset, &with, inputs, &human, mistakes)
                    .map(|mind| ResolvedBackbone::NullModel(NullMind { mind, model: *model }))
            }
            BackboneSpec::Recorded { path, model } => {
                let index = folders.entry(path).or_insert_with(|| {
                    let found = Index::of(&base.join(path));
                    found.map_err(|error| note(error, path!["backbones", name.as_str(), "path"], mistakes)).ok()
                });
                let cultures = cultures_of(scenario, name);
                let recording = index.as_ref().and_then(|index| read(index, name, model, &cultures, plan, mistakes));
                digests.extend(recording.as_ref().map(digest));
                recording.map(|recording| ResolvedBackbone::Recorded(Arc::new(recording)))
            }
            BackboneSpec::Scripted { cues, otherwise, latency_ms } => {
                let script = Script { cues: cues.clone(), otherwise: otherwise.clone(), latency_ms: *latency_ms };
                scripted(name, script, scenario, mistakes).map(|lane| ResolvedBackbone::Model(Box::new(lane)))
            }
            BackboneSpec::Panel(spec) => telling.and_then(|telling| {
                let cultures = cultures_of(scenario, name);
                panels::resolve(name, spec, scenario, inputs, telling, &cultures, &human, mistakes)
            }),
            BackboneSpec::OpenAi(spec) => {
                let lane = openai::resolve(name, spec, scenario, asking, mistakes);
                let price = prices.and_then(|prices| prices.of(&spec.model));
                lane.map(|lane| ResolvedBackbone::Model(Box::new(LaneSpec { price, ..lane })))
            }
        };
        let backbone = backbone.map(|backbone| match backbone {
            ResolvedBackbone::Model(lane) if asking == Asking::Nobody => {
                ResolvedBackbone::Model(Box::new(LaneSpec { model: None, ..*lane }))
            }
            other => other,
        });
        resolved.extend(backbone.map(|backbone| (Arc::from(name.as_str()), backbone)));
    }
    resolved
}

fn scripted(name: &str, script: Script, scenario: &Scenario, mistakes: &mut Vec<Mistake>) -> Option<LaneSpec> {
    let lines = script.cues.iter().map(|cue| &cue.then).chain(std::iter::once(&script.otherwise));
    let no_failure = |line: &Line| matches!(line, Line::Fail(Outcome::Answered | Outcome::NotAsked));
    if lines.clone().any(no_failure) {
        let message = "a script fails with an outcome that is a failure, for example TimedOut";
        mistakes.push(Mistake::at(path!["backbones", name], message));
        return None;
    }
    let model: Arc<dyn LanguageModel> = Arc::new(ScriptedModel(script));
    let settings = LaneSettings { in_flight: scenario.in_flight.max(1) as usize, ..LaneSettings::default() };
    Some(LaneSpec::asking(model, settings))
}

fn surrogate(
    name: &str,
    preset: &str,
    changes: &Changes,
    inputs: &Inputs,
    human: &HumanPositions,
    mistakes: &mut Vec<Mistake>,
) -> Option<Arc<Mind>> {
    let presets = &inputs.presets.presets;
    let Some(parameters) = presets.get(preset) else {
        let known = presets.keys().map(AsRef::as_ref);
        let message = format!("there is no preset `{preset}`");
        mistakes.push(Mistake::at(path!["backbones", name, "preset"], message).meant(preset, known));
        return None;
    };
    let parameters = parameters.with(changes);
    if let Some(problem) = parameters.problem() {
        mistakes.push(Mistake::at(path!["backbones", name, "with"], problem));
        return None;
    }
    Some(Arc::new(Mind::new(preset, &parameters, &inputs.survey, human, &inputs.cultures)))
}

fn read(
    index: &Index,
    name: &str,
    model: &str,
    cultures: &BTreeSet<Arc<str>>,
    plan: &[PlannedTick],
    mistakes: &mut Vec<Mistake>,
) -> Option<Recording> {
    let asked = plan.iter().filter(|tick| asks_the_survey(&tick.mechanism));
    let rounds: BTreeSet<u32> = asked.map(|tick| tick.round).collect();
    let votes = plan.iter().any(|tick| is_vote(&tick.mechanism));
    let ballots = || if votes { index.read_ballots(model, cultures) } else { Ok(BTreeMap::new()) };
    let read = index.read(model, cultures, &rounds);
    match read.and_then(|recording| Ok(Recording { ballots: ballots()?, ..recording })) {
        Ok(recording) => Some(recording),
        Err(errors) => {
            for error in errors {
                note(error, path!["backbones", name, "model"], mistakes);
            }
            None
        }
    }
}

/// The cultures of the agents a backbone answers for.
fn cultures_of(scenario: &Scenario, backbone: &str) -> BTreeSet<Arc<str>> {
    let members = scenario.members().filter(|(member, _)| member.backbone == backbone);
    members.flat_map(|(member, _)| member.codes().map(Arc::from)).collect()
}

/// Digest of everything read of a recording.
fn digest(recording: &Recording) -> InputDigest {
    let mut hasher = blake3::Hasher::new();
    let answers = recording.rounds.values().map(|round| {
        let replies = round.replies.iter().map(|(item, reply)| (item.to_string(), reply));
        (&round.file, replies.collect::<Vec<_>>())
    });
    let ballots = recording.ballots.values().map(|ballots| {
        let replies = ballots.replies.iter().map(|(run, reply)| (run.to_string(), reply));
        (&ballots.file, replies.collect::<Vec<_>>())
    });
    for (file, replies) in answers.chain(ballots) {
        hasher.update(file.as_bytes());
        for (subject, reply) in replies {
            let text = match reply {
                RecordedReply::Text(text) | RecordedReply::Error(text) => text,
                RecordedReply::Null => "\0null",
            };
            for part in [subject.as_str(), text] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
    }
    InputDigest { name: format!("recordings of {}", recording.model), blake3: hasher.finalize().to_hex().to_string() }
}
