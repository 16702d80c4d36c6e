//! From what a user wrote to what can be run: names become indices, ranges are checked, files are read. Every mistake
//! is collected; nothing is written.

mod answer_drafts;
mod arms;
mod backbones;
mod dilemmas;
mod drafts;
mod examples;
mod guests;
mod inputs;
mod microdata;
mod networks;
mod observed;
mod openai;
mod other_run;
mod panels;
mod people;
mod personas;
mod posting;
mod service;
mod societies;
mod timeline;
mod votes;

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::drafts::{AnswerDrafting, DraftPrompts};
use pluriverse_agents::form::AnswerFormat;
use pluriverse_agents::kinds::language_model::JudgingPrompts;
use pluriverse_agents::kinds::null_model::NullMind;
use pluriverse_agents::kinds::panel::Panel;
use pluriverse_agents::kinds::recorded::Recording;
use pluriverse_agents::kinds::surrogate::dilemmas::DilemmaMind;
use pluriverse_agents::kinds::surrogate::draft::Standpoints;
use pluriverse_agents::kinds::surrogate::model::Mind;
use pluriverse_agents::kinds::surrogate::vote::VoteMinds;
use pluriverse_agents::parse::ParseRule;
use pluriverse_agents::persona::Personas;
use pluriverse_agents::posting::prompt::PostPrompts;
use pluriverse_agents::prompt::Prompts;
use pluriverse_agents::voting::VotePrompts;
use pluriverse_engine::agent::Backbone;
use pluriverse_engine::exchange::{LaneSpec, Limits};
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_engine::seed::Streams;
use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::budgeting::vote::Election;
use pluriverse_worlds::budgeting::vote::jury::HumanBallot;
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::dilemmas::asked::DilemmaSet;
use pluriverse_worlds::drafting::Drafting;
use pluriverse_worlds::exposure::placebo::OtherAnswers;
use pluriverse_worlds::network::Network;
use pluriverse_worlds::plane::observe::PlaneSetting;
use pluriverse_worlds::platform::guests::Guests;
use pluriverse_worlds::platform::posting::Posting;
use pluriverse_worlds::platform::wording::Wording;
use pluriverse_worlds::survey::measures::by_culture::{HumanShares, human_shares};
use pluriverse_worlds::survey::record::RecordAnswers;
use pluriverse_worlds::survey::{Reference, ReferenceSheet, Survey};

use crate::file::diagnose::Mistake;
use crate::file::panel::PanelPersonas;
use crate::file::personas::PersonaSpec;
use crate::file::schema::{ArmSpec, BackboneSpec, OpenAiSpec, PlaceboSpec, Scenario, TreatmentSpec};
use crate::path;

use people::People;

pub use arms::ResolvedArm;
pub use networks::ResolvedNetwork;
pub use societies::Strands;

pub use openai::{is_variable, probe};
pub use service::{PriceSpec, Prices};

/// Whom a scenario is resolved to ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Asking {
    /// Servers: addresses and keys must be there.
    #[default]
    Servers,
    /// Servers, but not from here: addresses must be there, keys need not.
    Elsewhere,
    /// Nobody: only stored replies count.
    Nobody,
}

/// One agent to be spawned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AgentSpec {
    /// Its culture.
    pub culture: Culture,
    /// Its backbone.
    pub backbone: Backbone,
    /// Its persona.
    pub persona: pluriverse_agents::persona::Persona,
    /// How it comes to an answer.
    pub drafting: AnswerDrafting,
}

/// A society to be spawned.
#[derive(Clone, PartialEq, Debug)]
pub struct ResolvedSociety {
    /// Its name.
    pub name: Arc<str>,
    /// Its agents, in order of their ids.
    pub agents: Vec<AgentSpec>,
    /// Its network, or how that is drawn.
    pub network: ResolvedNetwork,
    /// Which arms are run, and how often.
    pub strands: Strands,
    /// Answers of other runs for placebos, by arm of the scenario and by replicate of the other run.
    pub other: Vec<Vec<OtherAnswers>>,
    /// Guests from other runs for placebos on a platform, by arm of the scenario and by replicate of the other run.
    pub guests: Vec<Vec<Guests>>,
}

impl ResolvedSociety {
    /// The cultures of its agents, by agent.
    pub fn cultures(&self) -> Vec<Culture> {
        self.agents.iter().map(|agent| agent.culture).collect()
    }

    /// Who sees whom in one of its replicates.
    pub fn network_of(&self, seed: u64, replicate: u32) -> Network {
        self.network.network(&self.cultures(), &Streams::new(seed, &self.name, replicate))
    }
}

/// What answers for the agents of a backbone.
#[derive(Clone)]
pub enum ResolvedBackbone {
    /// A response model.
    Surrogate(Arc<Mind>),
    /// A classical model of opinion dynamics.
    NullModel(NullMind),
    /// Recordings.
    Recorded(Arc<Recording>),
    /// A language model behind the exchange.
    Model(Box<LaneSpec>),
    /// A panel over another backbone, with what answers for its voices where those are surrogates.
    Panel {
        /// The panel.
        panel: Arc<Panel>,
        /// The surrogate behind it; `None` where voices are asked in words.
        mind: Option<Arc<Mind>>,
    },
}

impl ResolvedBackbone {
    /// The surrogate that answers for its agents, where one does.
    pub fn mind(&self) -> Option<&Arc<Mind>> {
        match self {
            Self::Surrogate(mind) => Some(mind),
            Self::Panel { mind, .. } => mind.as_ref(),
            Self::NullModel(_) | Self::Recorded(_) | Self::Model(_) => None,
        }
    }

    /// The panel its agents answer by, where they do.
    pub fn panel(&self) -> Option<&Arc<Panel>> {
        match self {
            Self::Panel { panel, .. } => Some(panel),
            Self::Surrogate(_) | Self::NullModel(_) | Self::Recorded(_) | Self::Model(_) => None,
        }
    }

    /// Whether its agents are asked in words.
    pub const fn speaks(&self) -> bool {
        matches!(self, Self::Model(_) | Self::Panel { mind: None, .. })
    }
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
    /// Place of the society that all others are set against.
    pub against: Option<usize>,
    /// Shares of real populations, by culture.
    pub humans: Arc<Vec<Option<HumanShares>>>,
    /// The plane, where it is observed.
    pub plane: Option<Arc<PlaneSetting>>,
    /// How the people of every culture would fill ballots in, by election, where juries are observed.
    pub human_ballots: Vec<Arc<Vec<HumanBallot>>>,
    /// What is voted on, in the order of vote phases.
    pub elections: Vec<Arc<Election>>,
    /// What agents without words vote by, by election.
    pub vote_minds: Vec<Option<VoteMinds>>,
    /// The prompts of votes; `None` where there is no vote.
    pub vote_prompts: Option<Arc<VotePrompts>>,
    /// The prompts of posting phases; `None` where there is none.
    pub post_prompts: Option<Arc<PostPrompts>>,
    /// The sets of phases of dilemmas, in order.
    pub dilemma_sets: Vec<Arc<DilemmaSet>>,
    /// What surrogates judge dilemmas by, by set and backbone.
    pub dilemma_minds: Vec<Vec<Option<Arc<DilemmaMind>>>>,
    /// The prompts of dilemmas; `None` where there are none.
    pub dilemma_prompts: Option<JudgingPrompts>,
    /// The set-ups of posting phases, in order.
    pub postings: Vec<Arc<Posting>>,
    /// The set-ups of drafting phases, in order.
    pub draftings: Vec<Arc<Drafting>>,
    /// The prompts of drafting; `None` where nothing is drafted.
    pub draft_prompts: Option<Arc<DraftPrompts>>,
    /// Where surrogates stand that draft, by backbone; empty where none do.
    pub standpoints: Vec<Option<Arc<Standpoints>>>,
    /// Who was on platforms before they opened.
    pub seeds: Guests,
    /// How positions become words, where there is a posting phase.
    pub wording: Option<Arc<dyn Wording>>,
    /// The arms, with the phases' designs as each has them.
    pub arms: Vec<ResolvedArm>,
    /// The ticks the timeline unfolds to.
    pub plan: Vec<PlannedTick>,
    /// The tick at which arms fork: the first that shows agents what others did. `None` where there is one arm.
    pub fork: Option<u32>,
    /// What the run may use up.
    pub limits: Limits,
    /// What replies cost.
    pub prices: Option<Prices>,
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

    /// The resolved scenario as JSON, for the manifest: what determines a run, and nothing else. Where a folder of
    /// recordings lies on this machine is left out (what was read of it is among the digests), and so is how servers
    /// are reached and asked: the same replies make the same run, wherever they came from.
    pub fn scenario_json(&self) -> serde_json::Value {
        let mut scenario = self.scenario.clone();
        for (_, backbone) in &mut scenario.backbones.0 {
            match backbone {
                BackboneSpec::Recorded { path, .. } => *path = last_if_absolute(path),
                BackboneSpec::Panel(panel) => {
                    if let PanelPersonas::Microdata(spec) = &mut panel.personas {
                        spec.file = last_if_absolute(&spec.file);
                    }
                }
                _ => {}
            }
        }
        let named = scenario.societies.0.iter_mut().flat_map(|(_, society)| &mut society.population);
        for member in scenario.population.iter_mut().flatten().chain(named) {
            if let Some(PersonaSpec::Microdata(spec)) = &mut member.personas {
                spec.file = last_if_absolute(&spec.file);
            }
        }
        for arm in &mut scenario.arms {
            let placebo = match arm {
                ArmSpec::Placebo(placebo) => Some(placebo),
                ArmSpec::Arm(own) => match &mut own.treatment {
                    TreatmentSpec::Placebo(placebo) => Some(placebo),
                    _ => None,
                },
                _ => None,
            };
            if let Some(PlaceboSpec::OtherRun(path)) = placebo {
                *path = last_if_absolute(path);
            }
        }
        // Its types hold nothing JSON cannot.
        let mut json = serde_json::to_value(&scenario).unwrap_or_default();
        without(&mut json, &["in_flight", "limits", "prices"]);
        for (_, backbone) in json["backbones"].as_object_mut().into_iter().flatten() {
            without(&mut backbone["OpenAi"], &OpenAiSpec::SERVICE);
            without(&mut backbone["Scripted"], &["latency_ms"]);
            // Looking a kind up has put a null where there is none.
            if let Some(kinds) = backbone.as_object_mut() {
                kinds.retain(|_, spec| !spec.is_null());
            }
        }
        json
    }

    /// How servers are reached and asked, as JSON, for the side file: everything [`Resolved::scenario_json`] leaves
    /// out.
    pub fn service_json(&self) -> serde_json::Value {
        let backbones = self.scenario.backbones.0.iter().filter_map(|(name, backbone)| {
            let BackboneSpec::OpenAi(spec) = backbone else {
                return None;
            };
            let mut json = serde_json::to_value(spec).unwrap_or_default();
            let fields = json.as_object_mut()?;
            fields.retain(|field, _| OpenAiSpec::SERVICE.contains(&field.as_str()));
            Some((name.clone(), json))
        });
        serde_json::json!({
            "in_flight": self.scenario.in_flight,
            "limits": self.scenario.limits,
            "backbones": backbones.collect::<serde_json::Map<_, _>>(),
        })
    }

    /// Whether the human reference says something else than another scenario's of any culture both know.
    pub fn reference_sheets_differ(&self, other: &Self) -> bool {
        let codes = self.cultures.codes().zip(&self.reference_sheets);
        let of_other = |code: &str| other.reference_sheets[other.cultures.by_code(code)?.index()].as_ref();
        codes.into_iter().any(|(code, own)| own.as_ref().zip(of_other(code)).is_some_and(|(own, other)| own != other))
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.scenario.seed as u64
    }
}

/// The last name of an absolute path; other paths as they are.
fn last_if_absolute(path: &str) -> String {
    let last = Path::new(path).file_name().filter(|_| Path::new(path).is_absolute());
    last.map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

fn without(json: &mut serde_json::Value, fields: &[&str]) {
    if let Some(object) = json.as_object_mut() {
        object.retain(|name, _| !fields.contains(&name.as_str()));
    }
}

/// Resolves a scenario. `base` is the folder paths are relative to.
pub fn resolve(mut scenario: Scenario, base: &Path, asking: Asking) -> Result<Resolved, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    votes::fill_in(&mut scenario);
    check_numbers(&scenario, &mut mistakes);
    check_answers(&scenario, &mut mistakes);
    let limits = service::limits(&scenario, &mut mistakes);
    let prices = service::prices(&scenario, base, &mut mistakes);
    let inputs = inputs::read(&scenario, base, &mut mistakes);
    let (phases, plan) = timeline::unfold(&scenario, &mut mistakes);
    let arms = arms::resolve(&scenario, &phases, &mut mistakes);
    let Some(inputs) = inputs else {
        return Err(mistakes);
    };
    let mut digests = inputs.digests.clone();
    let mut told = Vec::new();
    let telling = personas::telling(&scenario, base, &inputs, &mut told, &mut mistakes);
    let telling = telling.as_ref();
    let mut people = People::new(&scenario, &inputs, telling, &mut mistakes);
    let societies = societies::resolve(&scenario, base, &inputs, &arms, &mut people, &mut digests, &mut mistakes);
    let against = societies::against(&scenario, &societies, &mut mistakes);
    let personas = people.finish();
    digests.extend(told);
    let service = (asking, prices.as_ref());
    let backbones = backbones::resolve(&scenario, base, &inputs, &plan, telling, service, &mut digests, &mut mistakes);
    let mut votes = votes::resolve(&scenario, base, &inputs, telling, &mut digests, &mut mistakes);
    votes.know_personas(&personas, telling);
    let plane = observed::plane(&scenario, base, &inputs, &mut digests, &mut mistakes);
    let human_ballots = observed::human_ballots(&scenario, &inputs, &votes.elections, &mut mistakes);
    let people = (societies.as_slice(), backbones.as_slice());
    let dilemmas = dilemmas::resolve(&scenario, base, &inputs, people, &mut digests, &mut mistakes);
    let drafts = drafts::resolve(&scenario, base, &inputs, &mut digests, &mut mistakes);
    let postings = posting::resolve(&scenario, base, &inputs, &arms, &mut digests, &mut mistakes);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let (reference_sheets, shares) = human_figures(&scenario, &inputs);
    let exposure = plan.iter().position(|tick| phases.get(tick.phase as usize).is_some_and(arms::shows));
    Ok(Resolved {
        humans: Arc::new(shares),
        fork: exposure.filter(|_| arms.len() > 1).map(|tick| tick as u32),
        arms,
        scenario,
        survey: Arc::new(inputs.survey),
        reference: Arc::new(inputs.reference),
        reference_sheets,
        cultures: Arc::new(inputs.cultures),
        personas,
        prompts: Arc::new(inputs.prompts),
        plane,
        human_ballots,
        elections: votes.elections,
        vote_minds: votes.minds,
        vote_prompts: votes.prompts,
        dilemma_sets: dilemmas.sets,
        dilemma_minds: dilemmas.minds,
        dilemma_prompts: dilemmas.prompts,
        draftings: drafts.set_ups,
        draft_prompts: drafts.prompts,
        standpoints: drafts.standpoints,
        post_prompts: postings.prompts,
        postings: postings.set_ups,
        wording: postings.wording,
        seeds: postings.seeds,
        backbones,
        societies,
        against,
        plan,
        limits,
        prices,
        inputs: digests,
    })
}

/// The sheets and the shares of options of people, by culture; `None` where the reference does not hold one.
fn human_figures(
    scenario: &Scenario,
    inputs: &inputs::Inputs,
) -> (Vec<Option<ReferenceSheet>>, Vec<Option<HumanShares>>) {
    let (statistic, coding) = (scenario.reference.statistic, scenario.reference.coding);
    let known = || inputs.cultures.codes().map(|code| inputs.reference.has_culture(code).then_some(code));
    let sheet = |code| inputs.reference.sheet(code, &inputs.survey, statistic, coding);
    let shares = |code| human_shares(&inputs.reference, code, &inputs.survey);
    (known().map(|code| code.map(sheet)).collect(), known().map(|code| code.map(shares)).collect())
}

fn check_answers(scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    let answer = &scenario.answer;
    if !(1..=1000).contains(&answer.samples) {
        let message = format!("an answer is made of 1 to 1000 replies, not of {}", answer.samples);
        mistakes.push(Mistake::at(path!["answer", "samples"], message));
    }
    if let AnswerFormat::Logprobs { top } = answer.format {
        if !(1..=255).contains(&top) {
            let message = format!("a server is asked for 1 to 255 alternatives, not for {top}");
            mistakes.push(Mistake::at(path!["answer", "format", "top"], message).help("most servers give up to 20"));
        }
        if answer.samples > 1 {
            let message = "log-probabilities are a distribution already: one reply is enough";
            mistakes.push(Mistake::at(path!["answer", "samples"], message).help("write `samples: 1`"));
        }
    }
    if scenario.parse == ParseRule::Paper && answer.format != AnswerFormat::Boxed {
        let message = format!("rule Paper reads \\boxed{{}}, and answers are asked for as {}", answer.format.name());
        mistakes.push(Mistake::at(path!["parse"], message).help("write `parse: Lenient`"));
    }
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
    let estimate = &scenario.estimate;
    let at_least = [
        (path!["replicates"], "replicates", scenario.replicates, 1),
        (path!["intervals", "resamples"], "resamples of an interval", scenario.intervals.resamples, 200),
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
    if scenario.replicates > societies::MOST_REPLICATES {
        let message = format!("replicates: at most {}, not {}", societies::MOST_REPLICATES, scenario.replicates);
        mistakes.push(Mistake::at(path!["replicates"], message));
    }
    if scenario.intervals.resamples > 100_000 {
        let message = format!("resamples of an interval: at most 100000, not {}", scenario.intervals.resamples);
        mistakes.push(Mistake::at(path!["intervals", "resamples"], message));
    }
    if !(0.0..=100.0).contains(&scenario.cluster_within) {
        let message = format!("a distance in percent lies from 0 to 100, not at {}", scenario.cluster_within);
        mistakes.push(Mistake::at(path!["cluster_within"], message));
    }
}
