//! From what a user wrote to what can be run: names become indices, ranges are checked, files are read. Every mistake
//! is collected; nothing is written.

mod backbones;
mod inputs;
mod societies;
mod timeline;

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::kinds::recorded::Recording;
use pluriverse_agents::kinds::surrogate::model::Mind;
use pluriverse_agents::persona::Personas;
use pluriverse_agents::prompt::Prompts;
use pluriverse_engine::agent::Backbone;
use pluriverse_engine::exchange::LanguageModel;
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::exposure::network::NetworkShape;
use pluriverse_worlds::survey::record::RecordAnswers;
use pluriverse_worlds::survey::state::PhaseDesign;
use pluriverse_worlds::survey::{Reference, ReferenceSheet, Survey};

use crate::file::diagnose::Mistake;
use crate::file::schema::{BackboneSpec, Scenario};
use crate::path;

/// One agent to be spawned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AgentSpec {
    /// Its culture.
    pub culture: Culture,
    /// Its backbone.
    pub backbone: Backbone,
    /// Its persona.
    pub persona: pluriverse_agents::persona::Persona,
}

/// A society to be spawned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResolvedSociety {
    /// Its name.
    pub name: Arc<str>,
    /// Its agents, in order of their ids.
    pub agents: Vec<AgentSpec>,
    /// Shape of its network.
    pub network: NetworkShape,
}

/// What answers for the agents of a backbone.
#[derive(Clone)]
pub enum ResolvedBackbone {
    /// A response model.
    Surrogate(Arc<Mind>),
    /// Recordings.
    Recorded(Arc<Recording>),
    /// A language model behind the exchange.
    Model(Arc<dyn LanguageModel>),
}

/// A scenario ready to run.
pub struct Resolved {
    /// The scenario with every default filled in.
    pub scenario: Scenario,
    /// The items that are asked.
    pub survey: Arc<Survey>,
    /// The human reference.
    pub reference: Arc<Reference>,
    /// The reference sheets, by culture.
    pub reference_sheets: Vec<Option<ReferenceSheet>>,
    /// The cultures.
    pub cultures: Arc<Cultures>,
    /// The personas.
    pub personas: Personas,
    /// The prompts.
    pub prompts: Arc<Prompts>,
    /// Names and kinds of the backbones.
    pub backbones: Vec<(Arc<str>, ResolvedBackbone)>,
    /// The societies.
    pub societies: Vec<ResolvedSociety>,
    /// The phases' designs.
    pub timeline: Vec<PhaseDesign>,
    /// The ticks they unfold to.
    pub plan: Vec<PlannedTick>,
    /// Digests of everything read.
    pub inputs: Vec<InputDigest>,
}

impl Resolved {
    /// Digest of the resolved scenario and its inputs.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.scenario_json().to_string().as_bytes());
        for input in &self.inputs {
            hasher.update(input.name.as_bytes());
            hasher.update(input.blake3.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The resolved scenario as JSON, for the manifest. Where a folder of recordings lies on this machine is left out:
    /// what was read of it is among the digests, and the same recordings make the same run anywhere.
    pub fn scenario_json(&self) -> serde_json::Value {
        let mut scenario = self.scenario.clone();
        for (_, backbone) in &mut scenario.backbones.0 {
            if let BackboneSpec::Recorded { path, .. } = backbone
                && Path::new(path).is_absolute()
            {
                let last = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
                *path = last.unwrap_or_default();
            }
        }
        // Its types hold nothing JSON cannot.
        serde_json::to_value(&scenario).unwrap_or_default()
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.scenario.seed as u64
    }
}

/// Resolves a scenario. `base` is the folder paths are relative to.
pub fn resolve(scenario: Scenario, base: &Path) -> Result<Resolved, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    check_numbers(&scenario, &mut mistakes);
    let inputs = inputs::read(&scenario, base, &mut mistakes);
    let (timeline, plan) = timeline::unfold(&scenario.timeline, &mut mistakes);
    let Some(inputs) = inputs else {
        return Err(mistakes);
    };
    let mut personas = Personas::default();
    let societies = societies::resolve(&scenario, &inputs, &mut personas, &mut mistakes);
    let mut digests = inputs.digests.clone();
    let backbones = backbones::resolve(&scenario, base, &inputs, &plan, &mut digests, &mut mistakes);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let (statistic, coding) = (scenario.reference.statistic, scenario.reference.coding);
    let reference_sheets = inputs
        .cultures
        .codes()
        .map(|code| {
            inputs.reference.has_culture(code).then(|| inputs.reference.sheet(code, &inputs.survey, statistic, coding))
        })
        .collect();
    Ok(Resolved {
        scenario,
        survey: Arc::new(inputs.survey),
        reference: Arc::new(inputs.reference),
        reference_sheets,
        cultures: Arc::new(inputs.cultures),
        personas,
        prompts: Arc::new(inputs.prompts),
        backbones,
        societies,
        timeline,
        plan,
        inputs: digests,
    })
}

fn check_numbers(scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    let name = scenario.name.trim();
    let odd = |character: char| character.is_control() || matches!(character, '/' | '\\');
    if name.trim_matches('.').is_empty() || name.contains(odd) || name.len() > 100 {
        mistakes.push(Mistake::at(
            path!["name"],
            "a scenario needs a name of up to 100 letters without slashes: its runs are named after it",
        ));
    }
    if scenario.record.answers == RecordAnswers::Sample(0) {
        let message = "nobody's answers would be recorded";
        mistakes.push(Mistake::at(path!["record", "answers"], message).help("write None if that is meant"));
    }
    if scenario.seed < 0 {
        mistakes.push(Mistake::at(path!["seed"], format!("a seed is a whole number from 0 on, not {}", scenario.seed)));
    }
    if !(0.0..=1.0).contains(&scenario.max_missing) {
        mistakes.push(Mistake::at(
            path!["max_missing"],
            format!("a share lies between 0 and 1, not at {}", scenario.max_missing),
        ));
    }
    let estimate = &scenario.estimate;
    let at_least = [
        (path!["in_flight"], "calls under way at once", scenario.in_flight, 1),
        (path!["estimate", "above"], "agents measured exactly", estimate.above, 2),
        (path!["estimate", "pairs"], "pairs drawn for an estimate", estimate.pairs, 2),
        (path!["estimate", "tree"], "agents in a sampled tree", estimate.tree, 2),
    ];
    for (path, what, value, least) in at_least {
        if !(least..=1_000_000_000).contains(&value) {
            mistakes.push(Mistake::at(path, format!("{what}: at least {least}, not {value}")));
        }
    }
}
