//! What an agent carries from one tick to the next.

use bevy_ecs::prelude::*;

/// The memory of an agent.
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Memory {
    /// Nothing: every request stands alone, and the agent's own earlier answers are not shown to it. The published
    /// exposure study's protocol, and the only policy so far.
    #[default]
    None,
}
