//! From a resolved scenario to strands that can be stepped.

use std::ops::Range;
use std::sync::Arc;

use bevy_ecs::prelude::World;
use pluriverse_agents::kinds::language_model::post::OnPlatform;
use pluriverse_agents::kinds::language_model::{self, Answering, DraftsInWords, SpeaksToModel, SurveyPrompts, Voting};
use pluriverse_agents::kinds::null_model::{self, FollowsNullModel, NullModels};
use pluriverse_agents::kinds::panel::{self, Panels};
use pluriverse_agents::kinds::recorded::{self, AnswersFromRecording, Recordings};
use pluriverse_agents::kinds::surrogate::dilemmas::DilemmaMinds;
use pluriverse_agents::kinds::surrogate::draft::Drafters;
use pluriverse_agents::kinds::surrogate::vote::VotesByAnswers;
use pluriverse_agents::kinds::surrogate::{self, AnswersBySurrogate, Surrogates};
use pluriverse_agents::memory::Memory;
use pluriverse_agents::profile::record::rows as personas_of;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::exchange::{Exchange, Tally};
use pluriverse_engine::observation::Observations;
use pluriverse_engine::record::table::TableRows;
use pluriverse_engine::run::{Run, Strand};
use pluriverse_engine::seed::{Purpose, SHARED_ARM, Streams};
use pluriverse_engine::simulation::{Branch, ScheduleError, Simulation, SimulationBuilder, SystemOrder};
use pluriverse_worlds::budgeting;
use pluriverse_worlds::budgeting::vote::Elections;
use pluriverse_worlds::budgeting::vote::jury::HumanBallots;
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::dilemmas::asked::{self, DilemmaSets};
use pluriverse_worlds::drafting::{self, Draftings};
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::network::Network;
use pluriverse_worlds::network::record::record;
use pluriverse_worlds::plane::observe::OnPlane;
use pluriverse_worlds::platform;
use pluriverse_worlds::platform::posting::Postings;
use pluriverse_worlds::platform::wording::Words;
use pluriverse_worlds::pluralism::observe::{ItemResamples, People, PeopleOnItems};
use pluriverse_worlds::survey;
use pluriverse_worlds::survey::observe::{HumanSharesOf, Measurement, Metric, ReferenceSheets};
use pluriverse_worlds::survey::record::{BackboneNames, RecordAnswers};
use pluriverse_worlds::survey::state::{AnswersWanted, KeepOrigin, Questionnaire, Sheets, Timeline};

use crate::baselines;
use crate::beside;
use crate::comparison::{self, forks, strands_of};
use crate::resolve::{AgentSpec, Resolved, ResolvedArm, ResolvedBackbone, ResolvedSociety};

/// Builds every strand of a scenario.
pub fn spawn(resolved: &Resolved, order: SystemOrder) -> Result<Run, ScheduleError> {
    let lanes = by_backbone(resolved, |backbone| match backbone {
        ResolvedBackbone::Model(lane) => Some(lane.as_ref().clone()),
        _ => None,
    });
    let mut strands = Vec::new();
    for society in &resolved.societies {
        for replicate in 0..society.strands.replicates {
            spawn_replicate(resolved, society, replicate, order, &mut strands)?;
        }
    }
    Ok(Run {
        strands,
        comparison: comparison::of(resolved),
        exchange: Exchange::new(lanes, resolved.limits),
        plan: resolved.plan.clone(),
        failure_share: resolved.scenario.limits.failure_share,
        tally: Tally::default(),
    })
}

/// What a replicate's strands have in common.
struct Replicate<'a> {
    resolved: &'a Resolved,
    society: &'a ResolvedSociety,
    number: u32,
    streams: Streams,
    network: Network,
    order: SystemOrder,
}

fn spawn_replicate(
    resolved: &Resolved,
    society: &ResolvedSociety,
    number: u32,
    order: SystemOrder,
    strands: &mut Vec<Strand>,
) -> Result<(), ScheduleError> {
    let streams = Streams::new(resolved.seed(), &society.name, number);
    let network = society.network_of(resolved.seed(), number);
    let replicate = Replicate { resolved, society, number, streams, network, order };
    let ticks = resolved.plan.len() as u32;
    let arms: Vec<&ResolvedArm> = society.strands.arms.iter().map(|&arm| &resolved.arms[arm]).collect();
    let first = strands.len();
    match resolved.fork.filter(|_| forks(resolved, society)) {
        None => {
            for arm in arms.into_iter().take(1) {
                strands.push(replicate.strand(arm, &arm.name, 0..ticks, None)?);
            }
        }
        Some(fork) => {
            let shared: Arc<str> = Arc::from(SHARED_ARM);
            strands.push(replicate.strand(arms[0], &shared, 0..fork, None)?);
            for arm in arms {
                strands.push(replicate.strand(arm, &arm.name, fork..ticks, Some(first))?);
            }
        }
    }
    if let Some(strand) = strands.get_mut(first) {
        replicate.describe(&mut strand.simulation);
    }
    Ok(())
}

impl Replicate<'_> {
    fn strand(
        &self,
        arm: &ResolvedArm,
        name: &Arc<str>,
        ticks: Range<u32>,
        forks_from: Option<usize>,
    ) -> Result<Strand, ScheduleError> {
        let branch = Branch { society: self.society.name.clone(), arm: name.clone(), replicate: self.number };
        let mut simulation = SimulationBuilder::new(branch, self.streams.clone(), self.order);
        self.insert_resources(&mut simulation, arm);
        spawn_agents(&mut simulation, self.resolved, self.society, arm);
        survey::plugin::plugin(&mut simulation);
        budgeting::vote::plugin::plugin(&mut simulation);
        platform::plugin::plugin(&mut simulation);
        asked::plugin::plugin(&mut simulation);
        drafting::plugin::plugin(&mut simulation);
        surrogate::plugin(&mut simulation);
        null_model::plugin(&mut simulation);
        recorded::plugin(&mut simulation);
        language_model::plugin(&mut simulation);
        panel::plugin(&mut simulation);
        Ok(Strand { simulation: simulation.build()?, ticks, forks_from })
    }

    fn insert_resources(&self, simulation: &mut SimulationBuilder, arm: &ResolvedArm) {
        let (resolved, society) = (self.resolved, self.society);
        let world = &mut simulation.world;
        let scenario = &resolved.scenario;
        let drifts = scenario.observe.contains(&Metric::Drift) && resolved.plan.len() > 1;
        let compared = strands_of(resolved, society) > 1;
        let keep_origin = if drifts || compared { KeepOrigin::Yes } else { KeepOrigin::No };
        world.insert_resource(Sheets::new(society.agents.len(), resolved.survey.len(), keep_origin));
        world.insert_resource(Questionnaire(resolved.survey.clone()));
        world.insert_resource(Timeline(arm.timeline.clone()));
        world.insert_resource((*resolved.cultures).clone());
        world.insert_resource(resolved.personas.clone());
        world.insert_resource(ReferenceSheets(resolved.reference_sheets.clone()));
        world.insert_resource(HumanSharesOf(resolved.humans.clone()));
        world.insert_resource(scenario.record.answers);
        world.insert_resource(BackboneNames(resolved.backbones.iter().map(|(name, _)| name.clone()).collect()));
        world.insert_resource(SurveyPrompts(resolved.prompts.clone()));
        world.insert_resource(Elections(resolved.elections.clone()));
        self.insert_observed(world);
        self.insert_platform(world, arm);
        world.insert_resource(DilemmaSets(resolved.dilemma_sets.clone()));
        world.insert_resource(DilemmaMinds(resolved.dilemma_minds.clone()));
        if let Some(prompts) = &resolved.dilemma_prompts {
            world.insert_resource(prompts.clone());
        }
        world.insert_resource(Draftings(resolved.draftings.clone()));
        world.insert_resource(Drafters(resolved.standpoints.clone()));
        if let Some(prompts) = &resolved.draft_prompts {
            world.insert_resource(DraftsInWords(prompts.clone()));
        }
        world.insert_resource(VotesByAnswers(resolved.vote_minds.clone()));
        if let Some(prompts) = &resolved.vote_prompts {
            world.insert_resource(Voting(prompts.clone()));
        }
        world.insert_resource(Answering { design: scenario.answer, rule: scenario.parse });
        world.insert_resource(Measurement {
            metrics: scenario.observe.clone(),
            exact_up_to: scenario.estimate.above as usize,
            sampled_pairs: scenario.estimate.pairs as usize,
            sampled_tree: scenario.estimate.tree as usize,
            cluster_within: scenario.cluster_within,
        });
        world.insert_resource(self.network.clone());
        let place = resolved.arms.iter().position(|known| known == arm).unwrap_or_default();
        let other = &society.other[place];
        if !other.is_empty() {
            world.insert_resource(other[self.number as usize % other.len()].clone());
        }
        tracing::debug!(society = %society.name, agents = society.agents.len(), "spawning");
        world.insert_resource(Surrogates(by_backbone(resolved, |backbone| backbone.mind().cloned())));
        world.insert_resource(Panels(by_backbone(resolved, |backbone| backbone.panel().cloned())));
        world.insert_resource(NullModels(by_backbone(resolved, |backbone| match backbone {
            ResolvedBackbone::NullModel(null) => Some(null.clone()),
            _ => None,
        })));
        world.insert_resource(answers_wanted(resolved, society));
        world.insert_resource(Recordings(by_backbone(resolved, |backbone| match backbone {
            ResolvedBackbone::Recorded(recording) => Some(recording.clone()),
            _ => None,
        })));
    }

    /// What observers of pluralism need; nothing where none is asked for.
    fn insert_observed(&self, world: &mut World) {
        let (resolved, scenario) = (self.resolved, &self.resolved.scenario);
        world.insert_resource(OnPlane(resolved.plane.clone()));
        world.insert_resource(HumanBallots(resolved.human_ballots.clone()));
        if scenario.observe.iter().any(|metric| metric.is_pluralism()) {
            let people = PeopleOnItems::new(&resolved.survey, resolved.humans.clone());
            world.insert_resource(People(Some(Arc::new(people))));
            let (items, resamples) = (resolved.survey.measured().len(), scenario.intervals.resamples as usize);
            // The same in every strand of a society: what they differ in is not what was drawn.
            let streams = Streams::new(resolved.seed(), &self.society.name, 0);
            let drawn = Resamples::draw(items, resamples, &streams.of(Purpose("pluralism.items")));
            world.insert_resource(ItemResamples(Some((Arc::new(drawn), scenario.intervals.method))));
        }
    }

    fn insert_platform(&self, world: &mut World, arm: &ResolvedArm) {
        let (resolved, society) = (self.resolved, self.society);
        let guests = resolved.guests(society, arm, self.number);
        let unknown = society.agents.first().map_or(Culture(0), |agent| agent.culture);
        let cultures = society.cultures().into_iter().chain(guests.cultures_as_admitted(unknown));
        world.insert_resource(Words { wording: resolved.wording.clone(), cultures: Arc::new(cultures.collect()) });
        if !guests.acts.is_empty() {
            world.insert_resource(guests);
        }
        world.insert_resource(Postings(resolved.postings.clone()));
        if let Some(prompts) = &resolved.post_prompts {
            world.insert_resource(OnPlatform(prompts.clone()));
        }
    }

    /// Has what is told once of a replicate written with its first tick: what its figures are read beside, and its
    /// network.
    fn describe(&self, simulation: &mut Simulation) {
        let (resolved, society) = (self.resolved, self.society);
        let mut observations = if self.number == 0 { baselines::observations(resolved, society) } else { Vec::new() };
        if self.number == 0 {
            observations.extend(beside::observations(resolved, society));
        }
        let mut rng = self.streams.of(Purpose("network.statistics")).stream(AgentId(0), 0);
        let choice = resolved.scenario.record.network;
        let place = (&society.name, self.number);
        let network = record(&self.network, &society.cultures(), &resolved.cultures, place, choice, &mut rng);
        observations.extend(network.observations);
        simulation.world.resource_mut::<Observations>().0 = observations;
        let mut rows = network.rows;
        if self.number == 0 {
            let agents = society.agents.iter().map(|agent| (agent.culture, agent.persona));
            rows.extend(personas_of(&society.name, agents, &resolved.personas, &resolved.cultures));
        }
        simulation.world.resource_mut::<TableRows>().0 = rows;
    }
}

/// Answers that nothing reads need not be written; only classical models can do without.
fn answers_wanted(resolved: &Resolved, society: &ResolvedSociety) -> AnswersWanted {
    let scenario = &resolved.scenario;
    let classical =
        |agent: &AgentSpec| matches!(resolved.backbones[agent.backbone.index()].1, ResolvedBackbone::NullModel(_));
    let read = !scenario.observe.is_empty()
        || scenario.record.answers != RecordAnswers::None
        || strands_of(resolved, society) > 1
        || !resolved.elections.is_empty()
        || !resolved.postings.is_empty()
        || !society.agents.iter().all(classical);
    if read { AnswersWanted::EveryTick } else { AnswersWanted::Never }
}

/// What each backbone brings of one kind, by backbone.
fn by_backbone<T>(resolved: &Resolved, of: impl Fn(&ResolvedBackbone) -> Option<T>) -> Vec<Option<T>> {
    resolved.backbones.iter().map(|(_, backbone)| of(backbone)).collect()
}

fn spawn_agents(simulation: &mut SimulationBuilder, resolved: &Resolved, society: &ResolvedSociety, arm: &ResolvedArm) {
    let policy = arm.memory();
    for (id, spec) in (0..).zip(&society.agents) {
        let common = (AgentId(id), spec.backbone, spec.culture, spec.persona, spec.drafting, Memory::new(policy));
        let world = &mut simulation.world;
        match resolved.backbones[spec.backbone.index()].1 {
            ResolvedBackbone::Surrogate(_) | ResolvedBackbone::Panel { mind: Some(_), .. } => {
                world.spawn((common, AnswersBySurrogate))
            }
            ResolvedBackbone::NullModel(_) => world.spawn((common, FollowsNullModel)),
            ResolvedBackbone::Recorded(_) => world.spawn((common, AnswersFromRecording)),
            ResolvedBackbone::Model(_) | ResolvedBackbone::Panel { mind: None, .. } => {
                world.spawn((common, SpeaksToModel))
            }
        };
    }
}
