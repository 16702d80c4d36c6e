//! From answers to intervals: how every measure depends on the items it was asked on and the agents who answered, what
//! a treatment does to it, and how sure that is.
//!
//! Items are treated as drawn from a population of items, and agents, where there are at least
//! [`effect::AGENTS_DRAWN_FROM`], from a population of agents; fewer agents are those that were meant. Replicates share
//! items and agents and are averaged.

pub mod drawn;
pub mod effect;
pub mod measure;
pub mod normal;
pub mod panel;
pub mod power;
pub mod resample;
mod sensitivity;

use serde::{Deserialize, Serialize};

pub use measure::Measure;
pub use panel::Panel;

/// How an interval is read off resampled figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Method {
    /// Bias-corrected and accelerated percentiles (Efron 1987).
    #[default]
    Bca,
    /// The percentiles themselves.
    Percentile,
}

impl Method {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bca => "bca",
            Self::Percentile => "percentile",
        }
    }
}
