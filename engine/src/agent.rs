//! Identity of agents. Everything that draws randomness, writes or builds text goes by [`AgentId`], never by the
//! store's own entity numbers, which shift when a resource is added.

use bevy_ecs::prelude::*;
use serde::Serialize;

/// An agent's place in its society: 0-based, in the order of the scenario. Stable for the life of a run.
#[derive(Component, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[component(immutable)]
pub struct AgentId(pub u32);

impl AgentId {
    /// The id as an index into columns held by agent.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What answers for an agent: the index of a backbone in the scenario's list of backbones.
#[derive(Component, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[component(immutable)]
pub struct Backbone(pub u16);

impl Backbone {
    /// The backbone as an index into the scenario's list.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
