//! The budgeting world's place in the tick.

use bevy_ecs::prelude::*;
use pluriverse_engine::simulation::SimulationBuilder;
use pluriverse_engine::tick::TickSystems;

use super::jury::{HumanBallots, observe_juries};
use super::observe::{CountedVotes, observe_votes};
use super::record::record_votes;
use super::state::{
    BallotIntents, Ballots, ProjectsAcross, SpoiltBallots, VotePercept, cast_ballots, open_vote, put_ballots_in_front,
};
use crate::exposure::turns::draw_placebos;
use crate::survey::observe::observe_missing;
use crate::survey::record::record_answers;
use crate::survey::resolve::resolve_answers;

/// Adds votes to a society: expects the survey world and [`super::design::Elections`].
pub fn plugin(simulation: &mut SimulationBuilder) {
    simulation.world.init_resource::<VotePercept>();
    simulation.world.init_resource::<Ballots>();
    simulation.world.init_resource::<BallotIntents>();
    simulation.world.init_resource::<SpoiltBallots>();
    simulation.world.init_resource::<ProjectsAcross>();
    simulation.world.init_resource::<CountedVotes>();
    simulation.world.init_resource::<HumanBallots>();
    simulation
        .inherit::<Ballots>()
        .before_model(open_vote.in_set(TickSystems::Turn))
        .before_model(put_ballots_in_front.in_set(TickSystems::Perceive).after(draw_placebos))
        .after_model(cast_ballots.in_set(TickSystems::Resolve).after(resolve_answers))
        .after_model((observe_votes, observe_juries).chain().in_set(TickSystems::Observe).after(observe_missing))
        .after_model(
            record_votes.in_set(TickSystems::Record).after(record_answers).ambiguous_with(TickSystems::Record),
        );
}
