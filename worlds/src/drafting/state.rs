//! Drafts as part of a society's state, and the systems that open and close a tick of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::journal::{Event, Journal};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::simulation::TickOutcomes;
use pluriverse_engine::tick::Clock;

use super::design::{Drafting, Draftings};
use super::drafts::DraftBox;
use crate::network::Network;
use crate::survey::state::{PhaseDesign, Timeline};

/// What is drafted this tick; `None` where nothing is.
#[derive(Resource, Clone, Debug, Default)]
pub struct DraftPercept(pub Option<Arc<Drafting>>);

/// The drafts of this tick: filled in `Ask` and `Interpret`, made known in `Resolve`.
#[derive(Resource, Debug, Default)]
pub struct DraftIntents(pub DraftBox);

/// The drafts of the last tick that had any.
#[derive(Resource, Clone, Debug, Default)]
pub struct Drafts(pub DraftBox);

/// Requests of this tick that brought no draft, no verdict or no choice: what they were about, by agent, and why.
#[derive(Resource, Default, Debug)]
pub struct FailedDrafts(pub BTreeMap<(AgentId, u32), (Outcome, Arc<str>, Arc<str>)>);

/// `Turn`: an empty box in a tick in which agents draft.
pub fn open_drafting(
    clock: Res<Clock>,
    timeline: Res<Timeline>,
    draftings: Res<Draftings>,
    network: Res<Network>,
    mut percept: ResMut<DraftPercept>,
    mut intents: ResMut<DraftIntents>,
) {
    percept.0 = match timeline.0.get(clock.now.phase as usize) {
        Some(PhaseDesign::Draft(design)) => draftings.0.get(usize::from(design.drafting)).cloned(),
        _ => None,
    };
    if let Some(drafting) = &percept.0 {
        intents.0 = DraftBox::new(network.agents() as usize, drafting.sets_an_agent(), drafting.size);
    }
}

/// `Resolve`: all drafts become known at once, and what went wrong is written down in agent order.
pub fn keep_drafts(
    percept: Res<DraftPercept>,
    mut intents: ResMut<DraftIntents>,
    mut drafts: ResMut<Drafts>,
    mut failed: ResMut<FailedDrafts>,
    mut outcomes: ResMut<TickOutcomes>,
    mut journal: ResMut<Journal>,
) {
    if percept.0.is_none() {
        return;
    }
    drafts.0 = std::mem::take(&mut intents.0);
    outcomes.0.merge(&drafts.0.outcomes());
    for ((agent, _), (outcome, subject, reason)) in std::mem::take(&mut failed.0) {
        journal.push(Event::RequestFailed { agent, subject, outcome, reason });
    }
}
