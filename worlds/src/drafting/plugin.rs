//! The drafting world's place in the tick.

use bevy_ecs::prelude::*;
use pluriverse_engine::simulation::SimulationBuilder;
use pluriverse_engine::tick::TickSystems;

use super::observe::observe_drafts;
use super::record::record_drafts;
use super::state::{DraftIntents, DraftPercept, Drafts, FailedDrafts, keep_drafts, open_drafting};
use crate::dilemmas::asked::observe::observe_dilemmas;
use crate::dilemmas::asked::state::resolve_judgements;
use crate::platform::life::{close_round, open_round};
use crate::platform::record::record_platform;

/// Adds drafting to a society: expects the survey world, that of votes, the platform and dilemmas, and [`super::Draftings`].
pub fn plugin(simulation: &mut SimulationBuilder) {
    simulation.world.init_resource::<DraftPercept>();
    simulation.world.init_resource::<DraftIntents>();
    simulation.world.init_resource::<Drafts>();
    simulation.world.init_resource::<FailedDrafts>();
    simulation
        .before_model(open_drafting.in_set(TickSystems::Turn).after(open_round))
        .after_model(keep_drafts.in_set(TickSystems::Resolve).after(close_round).after(resolve_judgements))
        .after_model(observe_drafts.in_set(TickSystems::Observe).after(observe_dilemmas))
        .after_model(
            record_drafts.in_set(TickSystems::Record).after(record_platform).ambiguous_with(TickSystems::Record),
        );
}
