//! A phase of dilemmas as a user writes it.

use serde::{Deserialize, Serialize};

/// Dilemmas, each judged once by every agent, in both orders of its options.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DilemmaSpec {
    /// Pairs of each of the six dimensions.
    #[serde(default = "pairs")]
    pub pairs: i64,
    /// Controls in which no culture has part.
    #[serde(default = "controls")]
    pub controls: i64,
    /// Most characters of a group.
    #[serde(default = "largest_group")]
    pub largest_group: i64,
    /// Replies to each scenario in each order, from agents that answer in words.
    #[serde(default = "one")]
    pub samples: i64,
    /// What people prefer: embedded figures or a path.
    #[serde(default = "human")]
    pub human: String,
    /// The backbone that reads answers in the agents' own words; without one they choose a letter or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<String>,
}

fn pairs() -> i64 {
    20
}
fn controls() -> i64 {
    9
}
fn largest_group() -> i64 {
    5
}
fn one() -> i64 {
    1
}
fn human() -> String {
    "amce".to_owned()
}
