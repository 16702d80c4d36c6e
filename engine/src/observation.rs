//! What observers emit: one figure about one subject after one tick.

use std::sync::Arc;

use bevy_ecs::prelude::Resource;

/// Whether a figure was computed from everything or estimated from a seeded sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Basis {
    /// Computed from all agents.
    Exact,
    /// Estimated from a seeded sample; the interval says how well.
    Estimate,
}

impl Basis {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Estimate => "estimate",
        }
    }
}

/// One figure about one subject after one tick.
#[derive(Clone, PartialEq, Debug)]
pub struct Observation {
    /// What is measured, e.g. `pairwise_diversity`.
    pub metric: &'static str,
    /// What kind of thing it is measured on: `society`, `culture`, `item`, `pair`, …
    pub scope: &'static str,
    /// Which one of them; empty for the society itself.
    pub subject: Arc<str>,
    /// The figure; `None` where it is undefined, never a placeholder number.
    pub value: Option<f64>,
    /// How many units it rests on (pairs, agents, items: the metric's docs say which).
    pub n: u64,
    /// Lower and upper end of the 95 % interval, where the figure has one.
    pub interval: Option<(f64, f64)>,
    /// Computed or estimated.
    pub basis: Basis,
}

impl Observation {
    /// An exact figure about the society as a whole.
    pub fn of_society(metric: &'static str, value: Option<f64>, n: u64) -> Self {
        Self::of(metric, "society", Arc::from(""), value, n)
    }

    /// An exact figure about a part of the society.
    pub fn of(metric: &'static str, scope: &'static str, subject: Arc<str>, value: Option<f64>, n: u64) -> Self {
        Self { metric, scope, subject, value, n, interval: None, basis: Basis::Exact }
    }

    /// The same figure as an estimate with its 95 % interval.
    #[must_use]
    pub fn estimated(mut self, interval: Option<(f64, f64)>) -> Self {
        self.interval = interval;
        self.basis = Basis::Estimate;
        self
    }
}

/// The observations of the current tick, in the order observers ran. Emptied by the recorder.
#[derive(Resource, Default, Debug)]
pub struct Observations(pub Vec<Observation>);
