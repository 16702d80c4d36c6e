//! Who sees whom: networks as a scenario chooses them, random ones drawn from a seed, users' own from files, and what
//! is reported of each.

pub mod edge_list;
pub mod generate;
pub mod graph;
pub mod graphml;
pub mod homophily;
pub mod mixing;
pub mod record;
pub mod statistics;
mod text;

use bevy_ecs::prelude::Resource;
use pluriverse_engine::agent::AgentId;

pub use graph::{Direction, Graph, SharedGraph};
pub use text::NetworkTextError;

/// The network of a society.
#[derive(Resource, Clone, PartialEq, Debug)]
pub enum Network {
    /// Everybody sees everybody else: nothing is stored.
    Complete {
        /// Number of agents.
        agents: u32,
    },
    /// As listed.
    Graph(SharedGraph),
}

impl Network {
    /// Number of agents.
    pub fn agents(&self) -> u32 {
        match self {
            Self::Complete { agents } => *agents,
            Self::Graph(graph) => graph.nodes(),
        }
    }

    /// Whom an agent sees, in agent order, without itself.
    pub fn peers(&self, agent: AgentId) -> Peers<'_> {
        match self {
            Self::Complete { agents } => Peers::AllBut { agents: *agents, agent: agent.0 },
            Self::Graph(graph) => {
                let (listed, weights) = graph.row(agent.0);
                Peers::Listed { listed, weights }
            }
        }
    }

    /// Whether an agent sees another.
    pub fn sees(&self, agent: AgentId, other: AgentId) -> bool {
        match self {
            Self::Complete { .. } => agent != other,
            Self::Graph(graph) => graph.sees(agent.0, other.0),
        }
    }
}

/// Whom an agent sees.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Peers<'n> {
    /// Everybody else.
    AllBut {
        /// Number of agents.
        agents: u32,
        /// Who looks.
        agent: u32,
    },
    /// These, with their weights where any differs from 1.
    Listed {
        /// Who is seen, ascending.
        listed: &'n [u32],
        /// How much each counts.
        weights: Option<&'n [f64]>,
    },
}

impl<'n> Peers<'n> {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::AllBut { agents, .. } => agents.saturating_sub(1) as usize,
            Self::Listed { listed, .. } => listed.len(),
        }
    }

    /// Whether nobody is seen.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The peer at this place.
    pub fn get(&self, place: usize) -> AgentId {
        match self {
            Self::AllBut { agent, .. } => AgentId(place as u32 + u32::from(place as u32 >= *agent)),
            Self::Listed { listed, .. } => AgentId(listed[place]),
        }
    }

    /// How much the peer at this place counts.
    pub fn weight(&self, place: usize) -> f64 {
        match self {
            Self::AllBut { .. } | Self::Listed { weights: None, .. } => 1.0,
            Self::Listed { weights: Some(weights), .. } => weights[place],
        }
    }

    /// Whether any weight differs from 1.
    pub fn is_weighted(&self) -> bool {
        matches!(self, Self::Listed { weights: Some(_), .. })
    }

    /// The peers, in agent order.
    pub fn iter(&self) -> impl Iterator<Item = AgentId> + use<'n> {
        let peers = *self;
        (0..self.len()).map(move |place| peers.get(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #[test]
        fn in_a_complete_network_everybody_else_is_a_peer(agents in 1_u32..20) {
            let formula = Network::Complete { agents };
            let listed = Network::Graph(Arc::new(generate::complete(agents)));
            for id in (0..agents).map(AgentId) {
                let peers: Vec<u32> = formula.peers(id).iter().map(|peer| peer.0).collect();
                prop_assert_eq!(&peers, &(0..agents).filter(|&other| other != id.0).collect::<Vec<_>>());
                prop_assert_eq!(peers, listed.peers(id).iter().map(|peer| peer.0).collect::<Vec<_>>());
            }
        }
    }
}
