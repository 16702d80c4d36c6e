//! From a resolved scenario to societies that can be stepped.

use std::sync::Arc;

use pluriverse_agents::kinds::language_model::{self, Answering, SpeaksToModel, SurveyPrompts};
use pluriverse_agents::kinds::recorded::{self, AnswersFromRecording, Recordings};
use pluriverse_agents::kinds::surrogate::{self, AnswersBySurrogate, Surrogates};
use pluriverse_agents::memory::Memory;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::exchange::{Exchange, Tally};
use pluriverse_engine::observation::Observations;
use pluriverse_engine::run::Run;
use pluriverse_engine::seed::Streams;
use pluriverse_engine::simulation::{Branch, ScheduleError, Simulation, SimulationBuilder, SystemOrder};
use pluriverse_worlds::exposure::Network;
use pluriverse_worlds::survey;
use pluriverse_worlds::survey::observe::{Measurement, Metric, ReferenceSheets};
use pluriverse_worlds::survey::record::BackboneNames;
use pluriverse_worlds::survey::state::{KeepOrigin, Questionnaire, Sheets, Timeline};

use crate::baselines;
use crate::resolve::{Resolved, ResolvedBackbone, ResolvedSociety};

/// The only arm so far: agents are exposed to their peers as the timeline says.
pub const EXPOSED: &str = "exposed";

/// Builds every society of a scenario.
pub fn spawn(resolved: &Resolved, order: SystemOrder) -> Result<Run, ScheduleError> {
    let lanes = by_backbone(resolved, |backbone| match backbone {
        ResolvedBackbone::Model(lane) => Some(lane.as_ref().clone()),
        ResolvedBackbone::Surrogate(_) | ResolvedBackbone::Recorded(_) => None,
    });
    Ok(Run {
        simulations: resolved
            .societies
            .iter()
            .map(|society| spawn_society(resolved, society, order))
            .collect::<Result<_, _>>()?,
        exchange: Exchange::new(lanes, resolved.limits),
        plan: resolved.plan.clone(),
        failure_share: resolved.scenario.limits.failure_share,
        tally: Tally::default(),
    })
}

fn spawn_society(
    resolved: &Resolved,
    society: &ResolvedSociety,
    order: SystemOrder,
) -> Result<Simulation, ScheduleError> {
    let branch = Branch { society: society.name.clone(), arm: Arc::from(EXPOSED), replicate: 0 };
    let streams = Streams::new(resolved.seed(), &society.name, branch.replicate);
    let mut simulation = SimulationBuilder::new(branch, streams, order);
    insert_resources(&mut simulation, resolved, society);
    spawn_agents(&mut simulation, resolved, society);
    survey::plugin::plugin(&mut simulation);
    surrogate::plugin(&mut simulation);
    recorded::plugin(&mut simulation);
    language_model::plugin(&mut simulation);
    simulation.world.resource_mut::<Observations>().0 = baselines::observations(resolved, society);
    simulation.build()
}

fn insert_resources(simulation: &mut SimulationBuilder, resolved: &Resolved, society: &ResolvedSociety) {
    let world = &mut simulation.world;
    let scenario = &resolved.scenario;
    let keep_origin = if scenario.observe.contains(&Metric::Drift) && resolved.plan.len() > 1 {
        KeepOrigin::Yes
    } else {
        KeepOrigin::No
    };
    world.insert_resource(Sheets::new(society.agents.len(), resolved.survey.len(), keep_origin));
    world.insert_resource(Questionnaire(resolved.survey.clone()));
    world.insert_resource(Timeline(resolved.timeline.clone()));
    world.insert_resource((*resolved.cultures).clone());
    world.insert_resource(resolved.personas.clone());
    world.insert_resource(ReferenceSheets(resolved.reference_sheets.clone()));
    world.insert_resource(scenario.record.answers);
    world.insert_resource(BackboneNames(resolved.backbones.iter().map(|(name, _)| name.clone()).collect()));
    world.insert_resource(SurveyPrompts(resolved.prompts.clone()));
    world.insert_resource(Answering { design: scenario.answer, rule: scenario.parse });
    world.insert_resource(Measurement {
        metrics: scenario.observe.clone(),
        exact_up_to: scenario.estimate.above as usize,
        sampled_pairs: scenario.estimate.pairs as usize,
        sampled_tree: scenario.estimate.tree as usize,
    });
    if let Ok(network) = Network::new(society.network, society.agents.len() as u32) {
        // Resolved before: the shape fits the population.
        world.insert_resource(network);
    }
    tracing::debug!(society = %society.name, agents = society.agents.len(), "spawning");
    world.insert_resource(Surrogates(by_backbone(resolved, |backbone| match backbone {
        ResolvedBackbone::Surrogate(mind) => Some(mind.clone()),
        ResolvedBackbone::Recorded(_) | ResolvedBackbone::Model(_) => None,
    })));
    world.insert_resource(Recordings(by_backbone(resolved, |backbone| match backbone {
        ResolvedBackbone::Recorded(recording) => Some(recording.clone()),
        ResolvedBackbone::Surrogate(_) | ResolvedBackbone::Model(_) => None,
    })));
}

/// What each backbone brings of one kind, by backbone.
fn by_backbone<T>(resolved: &Resolved, of: impl Fn(&ResolvedBackbone) -> Option<T>) -> Vec<Option<T>> {
    resolved.backbones.iter().map(|(_, backbone)| of(backbone)).collect()
}

fn spawn_agents(simulation: &mut SimulationBuilder, resolved: &Resolved, society: &ResolvedSociety) {
    for (id, spec) in (0..).zip(&society.agents) {
        let common = (AgentId(id), spec.backbone, spec.culture, spec.persona, Memory::None);
        let world = &mut simulation.world;
        match resolved.backbones[spec.backbone.index()].1 {
            ResolvedBackbone::Surrogate(_) => world.spawn((common, AnswersBySurrogate)),
            ResolvedBackbone::Recorded(_) => world.spawn((common, AnswersFromRecording)),
            ResolvedBackbone::Model(_) => world.spawn((common, SpeaksToModel)),
        };
    }
}
