//! Surrogates: an ordinal response model of a culturally prompted language model, for runs without one.
//!
//! All positions are normalised: 0 is an item's first option, 1 its last. For culture c and item k let
//!
//! - `H[c,k]` be the mean human position (embedded reference; the pooled one where the culture has no data),
//! - `P[k]` the mean of `H` over the reference's cultures (½ without data),
//! - `W[k]` the mean of `H` over the cultures at the self-expression pole of the Inglehart–Welzel map.
//!
//! An agent's disposition is fixed; each request scatters around it:
//!
//! ```text
//! V  = ½ + acquiescence + scale_use·(P − ½) + self_expression_lean·(W − P)                the house view
//! y  = V + culture_pull·(H − P) + house_deviation·z_house + own_deviation·z_own           the disposition
//! y' = y + conformity·(mean of the peers' shown answers − y)                              when peers are shown
//! x  = 1 + round((y' + dispersion·e)·(m − 1)), within 1..=m; missing with probability refusal
//! ```
//!
//! The z and e are standard normal. `z_house` belongs to backbone and item, seven tenths of its variance being common
//! to all backbones; `z_own` to backbone, culture and item for nine tenths of its variance and to the single agent for
//! the rest; `e` is fresh in every request. What belongs to names is drawn from names, what belongs to a run from its
//! seed.
//!
//! Good for: trying out designs, sizes, networks and statistics at no cost, with levels of diversity and alignment like
//! a real backbone's. Not good for: what a backbone thinks about any single item, its structural diversity (two to five
//! points too high), or whether exposure really moves models: conformity was fitted to data without a control arm.

pub mod answer;
pub mod fit;
pub mod model;
mod normal;

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_engine::simulation::SimulationBuilder;
use pluriverse_engine::tick::{Clock, TickSystems};
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::exposure::Network;
use pluriverse_worlds::exposure::peers::{PeerTotals, RowTotals};
use pluriverse_worlds::survey::state::{AnswerIntents, Percept, Sheets};
use rayon::prelude::*;

use answer::{Draws, answer_row};
use model::Mind;

/// Marks agents answered for by a surrogate.
#[derive(Component, Clone, Copy, Debug)]
pub struct AnswersBySurrogate;

/// The surrogates of a run, by backbone.
#[derive(Resource, Clone, Debug, Default)]
pub struct Surrogates(pub Vec<Option<Arc<Mind>>>);

/// Streams of what an agent keeps for life.
pub const PERSON: Purpose = Purpose("surrogate.person");

/// Streams of what is fresh in every request.
pub const REQUEST: Purpose = Purpose("surrogate.request");

/// Adds surrogate agents to a society: expects the survey world and [`Surrogates`].
pub fn plugin(simulation: &mut SimulationBuilder) {
    simulation.before_model(
        answer_by_surrogate
            .in_set(TickSystems::Ask)
            // Kinds write the answers of their own agents: their order among each other cannot show.
            .ambiguous_with(TickSystems::Ask),
    );
}

/// Agents that share a unit of parallel work.
const CHUNK: usize = 512;

fn answer_by_surrogate(
    clock: Res<Clock>,
    percept: Res<Percept>,
    streams: Res<Streams>,
    surrogates: Res<Surrogates>,
    network: Res<Network>,
    sheets: Res<Sheets>,
    agents: Query<(&AgentId, &Backbone, &Culture), With<AnswersBySurrogate>>,
    mut intents: ResMut<AnswerIntents>,
) {
    let peers = match *percept {
        Percept::Nothing => return,
        Percept::Items => None,
        Percept::ItemsAndPeers(_) => Some(PeerTotals::new(&network, &sheets.current)),
    };
    let mut members: Vec<(AgentId, Backbone, Culture)> =
        agents.iter().map(|(&agent, &backbone, &culture)| (agent, backbone, culture)).collect();
    // The order of a query is not a promise; chunks need ids in order.
    members.sort_unstable_by_key(|&(agent, ..)| agent);
    let items = intents.0.items();
    let (person, request) = (streams.of(PERSON), streams.of(REQUEST));
    intents.0.cells_mut().par_chunks_mut(CHUNK * items.max(1)).enumerate().for_each(|(chunk, rows)| {
        let first = (chunk * CHUNK) as u32;
        let from = members.partition_point(|&(agent, ..)| agent.0 < first);
        let mut draws = Draws::new(items);
        let mut totals = RowTotals::new(items);
        for &(agent, backbone, culture) in
            members[from..].iter().take_while(|&&(agent, ..)| agent.0 < first + CHUNK as u32)
        {
            let Some(mind) = surrogates.0[backbone.index()].as_deref() else {
                continue;
            };
            draws.draw(&person, &request, agent, clock.tick);
            if let Some(peers) = &peers {
                peers.fill(agent, &mut totals);
            }
            let row = &mut rows[(agent.0 - first) as usize * items..][..items];
            answer_row(row, mind, culture, &draws, peers.as_ref().map(|_| &totals));
        }
    });
}
