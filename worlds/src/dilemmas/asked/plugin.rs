//! The place of dilemmas in the tick.

use bevy_ecs::prelude::*;
use pluriverse_engine::simulation::SimulationBuilder;
use pluriverse_engine::tick::TickSystems;

use super::observe::observe_dilemmas;
use super::record::record_dilemmas;
use super::state::{
    DilemmaPercept, FailedJudgements, Judged, JudgementIntents, open_dilemmas, put_dilemmas_in_front,
    resolve_judgements,
};
use crate::platform::life::close_round;
use crate::platform::observe::observe_platform;
use crate::platform::record::record_platform;

/// Adds dilemmas to a society: expects the survey world, that of votes, the platform, and
/// [`super::design::DilemmaSets`].
pub fn plugin(simulation: &mut SimulationBuilder) {
    simulation.world.init_resource::<DilemmaPercept>();
    simulation.world.init_resource::<Judged>();
    simulation.world.init_resource::<JudgementIntents>();
    simulation.world.init_resource::<FailedJudgements>();
    simulation
        .inherit::<Judged>()
        .before_model(open_dilemmas.in_set(TickSystems::Turn))
        .before_model(put_dilemmas_in_front.in_set(TickSystems::Perceive))
        .after_model(resolve_judgements.in_set(TickSystems::Resolve).after(close_round))
        .after_model(observe_dilemmas.in_set(TickSystems::Observe).after(observe_platform))
        .after_model(
            record_dilemmas.in_set(TickSystems::Record).after(record_platform).ambiguous_with(TickSystems::Record),
        );
}
