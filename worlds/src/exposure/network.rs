//! Who is exposed to whom.

use bevy_ecs::prelude::Resource;
use pluriverse_engine::agent::AgentId;
use serde::{Deserialize, Serialize};

/// Shape of the exposure network.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum NetworkShape {
    /// Everybody is exposed to everybody else (the paper's).
    #[default]
    Complete,
    /// A ring in the order of agents; each is exposed to its `neighbours` nearest, half on either side (even, at
    /// least 2, fewer than agents).
    RingLattice {
        /// How many neighbours each agent has.
        neighbours: u32,
    },
}

/// The exposure network of a society.
#[derive(Resource, Clone, PartialEq, Eq, Debug)]
pub struct Network {
    shape: NetworkShape,
    agents: u32,
}

impl Network {
    /// The network of this shape over `agents` agents; the reason where there is none.
    pub fn new(shape: NetworkShape, agents: u32) -> Result<Self, String> {
        if let NetworkShape::RingLattice { neighbours } = shape {
            if neighbours < 2 || neighbours % 2 != 0 {
                return Err(format!("a ring lattice needs an even number of neighbours, at least 2, not {neighbours}"));
            }
            if neighbours >= agents {
                return Err(format!("{agents} agents cannot have {neighbours} neighbours each"));
            }
        }
        Ok(Self { shape, agents })
    }

    /// The shape.
    pub fn shape(&self) -> NetworkShape {
        self.shape
    }

    /// Whom an agent is exposed to, in agent order, without itself.
    pub fn peers(&self, agent: AgentId) -> impl Iterator<Item = AgentId> + use<> {
        let (n, id) = (self.agents, agent.0);
        // Offsets around the ring that, taken in this order, give ascending ids.
        let (count, half) = match self.shape {
            NetworkShape::Complete => (n.saturating_sub(1), 0),
            NetworkShape::RingLattice { neighbours } => (neighbours, neighbours / 2),
        };
        let shape = self.shape;
        (0..count).map(move |position| match shape {
            NetworkShape::Complete => AgentId(position + u32::from(position >= id)),
            NetworkShape::RingLattice { .. } => AgentId(ring_peer(id, n, half, position)),
        })
    }
}

/// The `position`-th neighbour, by ascending id, of `id` on a ring of `n` with `half` neighbours on either side.
fn ring_peer(id: u32, n: u32, half: u32, position: u32) -> u32 {
    // Ids that wrap past the end come first, ids that wrap before 0 come last.
    let past_end = (id + half + 1).saturating_sub(n);
    if position < past_end {
        return position;
    }
    let from_start = position - past_end;
    let before = id.min(half);
    if from_start < before {
        return id - before + from_start;
    }
    let after = half.min(n - 1 - id);
    let from_self = from_start - before;
    if from_self < after {
        return id + 1 + from_self;
    }
    n - (half - before) + (from_self - after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_ring_lattice_has_the_neighbours_of_its_definition(agents in 3_u32..40, half in 1_u32..8) {
            prop_assume!(2 * half < agents);
            let network = Network::new(NetworkShape::RingLattice { neighbours: 2 * half }, agents).expect("valid");
            for id in 0..agents {
                let expected: BTreeSet<u32> = (1..=half)
                    .flat_map(|step| [(id + step) % agents, (id + agents - step) % agents])
                    .collect();
                let peers: Vec<u32> = network.peers(AgentId(id)).map(|peer| peer.0).collect();
                prop_assert_eq!(peers, expected.into_iter().collect::<Vec<_>>());
            }
        }

        #[test]
        fn in_a_complete_network_everybody_else_is_a_peer(agents in 1_u32..20) {
            let network = Network::new(NetworkShape::Complete, agents).expect("valid");
            for id in 0..agents {
                let peers: Vec<u32> = network.peers(AgentId(id)).map(|peer| peer.0).collect();
                prop_assert_eq!(peers, (0..agents).filter(|&other| other != id).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn impossible_lattices_are_refused_with_the_reason() {
        for (neighbours, agents) in [(3, 10), (0, 10), (10, 10), (12, 10)] {
            assert!(Network::new(NetworkShape::RingLattice { neighbours }, agents).is_err());
        }
    }
}
