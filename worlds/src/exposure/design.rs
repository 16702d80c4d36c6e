//! How a phase exposes agents to each other.

use serde::{Deserialize, Serialize};

/// What agents see of their peers' answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Shown {
    /// The whole reply, as the peer wrote it (the paper's, for most backbones).
    #[default]
    Reply,
    /// Only the number of the chosen option.
    Answer,
}

/// The design of an exposure phase: before each item an agent is shown its peers' previous-round replies to that
/// item, labelled by demonym, in culture order; its own previous answer is not shown; all agents answer
/// simultaneously on the state of the round before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ExposureDesign {
    /// What is shown.
    pub shown: Shown,
}
