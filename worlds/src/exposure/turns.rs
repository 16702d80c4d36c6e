//! What is drawn anew in every round: the order of turns, and the permutations of placebos.

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{ArmStreams, Purpose, Streams};
use pluriverse_engine::tick::{Clock, Turns};
use rand::RngExt;

use super::placebo::Placebos;
use crate::network::Network;
use crate::survey::state::{Percept, Questionnaire};

/// Streams that shuffle the order of turns.
const TURNS: Purpose = Purpose("exposure.turns");

/// The agents of a society in the order in which they act in a tick, each order equally likely.
pub fn order_of_turns(agents: u32, streams: &Streams, tick: u32) -> Vec<AgentId> {
    let mut rng = streams.of(TURNS).stream(AgentId(0), tick);
    let mut order: Vec<AgentId> = (0..agents).map(AgentId).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, rng.random_range(0..=last as u32) as usize);
    }
    order
}

/// `Perceive`: what placebos show this tick.
pub fn draw_placebos(
    clock: Res<Clock>,
    turns: Res<Turns>,
    percept: Res<Percept>,
    streams: Res<ArmStreams>,
    network: Res<Network>,
    questionnaire: Res<Questionnaire>,
    mut placebos: ResMut<Placebos>,
) {
    if let Some(design) = percept.exposure().filter(|_| turns.is_first()) {
        *placebos = Placebos::draw(design.treatment, network.agents(), &questionnaire.0, &streams.0, clock.tick);
    }
}
