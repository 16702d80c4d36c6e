//! The platform's place in the tick.

use bevy_ecs::prelude::*;
use pluriverse_engine::simulation::SimulationBuilder;
use pluriverse_engine::tick::TickSystems;

use super::guests::Admitted;
use super::life::{KnownHeartbeats, PostPercept, Refused, WakeOutcomes, close_round, open_round};
use super::observe::{CommonWords, PlatformFigures, SeenBy, observe_platform};
use super::reading::Readings;
use super::record::record_platform;
use super::round::{History, Pending, Round};
use super::rules::Rules;
use super::state::Platform;
use crate::budgeting::vote::jury::observe_juries;
use crate::budgeting::vote::record::record_votes;
use crate::budgeting::vote::state::cast_ballots;
use crate::network::Network;
use crate::survey::observe::observe_missing;
use crate::survey::state::open_turn;

/// Adds the platform to a society: expects the survey world and that of votes, [`super::posting::Postings`] and
/// [`super::wording::Words`].
pub fn plugin(simulation: &mut SimulationBuilder) {
    let agents = simulation.world.resource::<Network>().agents();
    let platform = Platform::new(Rules::default(), if has_postings(&simulation.world) { agents } else { 0 });
    let world = &mut simulation.world;
    world.insert_resource(platform);
    world.init_resource::<PostPercept>();
    world.init_resource::<KnownHeartbeats>();
    world.init_resource::<WakeOutcomes>();
    world.init_resource::<Refused>();
    world.init_resource::<Round>();
    world.init_resource::<Pending>();
    world.init_resource::<History>();
    world.init_resource::<Readings>();
    world.init_resource::<Admitted>();
    world.init_resource::<SeenBy>();
    world.init_resource::<PlatformFigures>();
    world.init_resource::<CommonWords>();
    simulation
        .inherit::<Platform>()
        .inherit::<Round>()
        .inherit::<Pending>()
        .inherit::<Readings>()
        .inherit::<Admitted>()
        .inherit::<Refused>()
        .before_model(open_round.in_set(TickSystems::Turn).after(open_turn))
        .after_model(close_round.in_set(TickSystems::Resolve).after(cast_ballots))
        .after_model(observe_platform.in_set(TickSystems::Observe).after(observe_missing).after(observe_juries))
        .after_model(
            record_platform.in_set(TickSystems::Record).after(record_votes).ambiguous_with(TickSystems::Record),
        );
}

fn has_postings(world: &World) -> bool {
    world.get_resource::<super::posting::Postings>().is_some_and(|postings| !postings.0.is_empty())
}
