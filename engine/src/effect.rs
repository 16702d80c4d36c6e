//! What comparing the arms of a society comes to: one figure about one measure after one tick, with its interval.

use std::sync::Arc;

use crate::run::Strand;
use crate::tick::PlannedTick;

/// One figure about one measure of one society after one tick: the level of an arm, or an arm less what it is compared
/// with.
#[derive(Clone, PartialEq, Debug)]
pub struct Effect {
    /// The society.
    pub society: Arc<str>,
    /// The arm.
    pub treatment: Arc<str>,
    /// What it is compared with; empty for the level of the arm itself.
    pub control: Arc<str>,
    /// What is measured.
    pub metric: &'static str,
    /// Mean over replicates of the measure, or of the differences; `None` where it is undefined in one of them.
    pub estimate: Option<f64>,
    /// Lower and upper end of the 95 % interval, where there is one.
    pub interval: Option<(f64, f64)>,
    /// How many answers it rests on, over both sides and all replicates.
    pub answers: u64,
    /// How many replicates.
    pub replicates: u32,
    /// How many agents in each.
    pub agents: u64,
    /// How many items.
    pub items: u64,
    /// What the interval treats as drawn from a larger population: `items`, or `items and agents`.
    pub resampled: &'static str,
    /// How the interval was made: `bca` or `percentile`; empty without one.
    pub method: &'static str,
    /// How many resamples it rests on.
    pub resamples: u32,
}

/// Looks at all strands of a run after a tick.
pub trait Comparison {
    /// What this tick comes to, in the order it is written.
    fn compare(&mut self, strands: &[Strand], tick: u32, now: &PlannedTick) -> Vec<Effect>;
}
