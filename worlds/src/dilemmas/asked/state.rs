//! Dilemmas as part of a society's state, and the systems that open and close a tick of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::journal::{Event, Journal};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::simulation::TickOutcomes;
use pluriverse_engine::tick::Clock;

use super::design::{DilemmaDesign, DilemmaSets};
use super::judgements::Judgements;
use crate::network::Network;
use crate::survey::state::{PhaseDesign, Timeline};

/// The dilemmas of this tick; `None` where there are none.
#[derive(Resource, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DilemmaPercept(pub Option<DilemmaDesign>);

/// The judgements of the last tick that had any.
#[derive(Resource, Clone, Debug, Default)]
pub struct Judged(pub Judgements);

/// The judgements of this tick: filled in `Ask` and `Interpret`, taken over in `Resolve`.
#[derive(Resource, Debug, Default)]
pub struct JudgementIntents(pub Judgements);

/// This tick's scenarios without a judgement, by agent and scenario, with why, for people.
#[derive(Resource, Default, Debug)]
pub struct FailedJudgements(pub BTreeMap<(AgentId, u32), (Outcome, Arc<str>)>);

/// `Turn` of a tick of dilemmas: an empty store.
pub fn open_dilemmas(
    clock: Res<Clock>,
    timeline: Res<Timeline>,
    sets: Res<DilemmaSets>,
    network: Res<Network>,
    mut intents: ResMut<JudgementIntents>,
) {
    if let Some(PhaseDesign::Dilemmas(design)) = timeline.0.get(clock.now.phase as usize) {
        let scenarios = sets.0[usize::from(design.set)].scenarios.len();
        intents.0 = Judgements::new(network.agents() as usize, scenarios);
    }
}

/// `Perceive`: the set is put in front of every agent.
pub fn put_dilemmas_in_front(clock: Res<Clock>, timeline: Res<Timeline>, mut percept: ResMut<DilemmaPercept>) {
    percept.0 = match timeline.0.get(clock.now.phase as usize) {
        Some(PhaseDesign::Dilemmas(design)) => Some(*design),
        _ => None,
    };
}

/// `Resolve`: judgements count, and what went wrong is written down in agent order.
pub fn resolve_judgements(
    percept: Res<DilemmaPercept>,
    sets: Res<DilemmaSets>,
    mut intents: ResMut<JudgementIntents>,
    mut judged: ResMut<Judged>,
    mut failed: ResMut<FailedJudgements>,
    mut outcomes: ResMut<TickOutcomes>,
    mut journal: ResMut<Journal>,
) {
    let Some(design) = percept.0 else {
        return;
    };
    judged.0 = std::mem::take(&mut intents.0);
    outcomes.0.merge(&judged.0.outcomes());
    let scenarios = &sets.0[usize::from(design.set)].scenarios;
    for ((agent, scenario), (outcome, reason)) in std::mem::take(&mut failed.0) {
        let subject = Arc::from(scenarios[scenario as usize].id.as_str());
        journal.push(Event::RequestFailed { agent, subject, outcome, reason });
    }
}
