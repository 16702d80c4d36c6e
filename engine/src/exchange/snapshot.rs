//! How an exchange stands, for progress: nothing here can change what is recorded.

use std::sync::Arc;
use std::time::Duration;

use super::Spent;
use crate::agent::Backbone;
use crate::outcome::{Outcome, OutcomeCounts};

/// How the exchange of a tick stands.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Snapshot {
    /// Requests of this part of the tick.
    pub requests: u64,
    /// Of these, requests with a reply or a final failure.
    pub settled: u64,
    /// Settled requests by outcome; a reply counts as answered before it is read.
    pub outcomes: OutcomeCounts,
    /// Calls under way.
    pub in_flight: u64,
    /// Calls that failed and will be repeated.
    pub waiting: u64,
    /// What the run has used up.
    pub spent: Spent,
    /// Since the exchange of this tick began.
    pub elapsed: Duration,
    /// Replies asked for in it, the ground on which the time left is reckoned.
    pub asked: u64,
}

impl Snapshot {
    /// The time the rest will take at the pace so far; `None` before there is any.
    pub fn time_left(&self) -> Option<Duration> {
        let left = self.requests - self.settled;
        (self.asked > 0).then(|| self.elapsed.mul_f64(left as f64 / self.asked as f64))
    }

    /// Settled requests without a reply, by kind.
    pub fn failures(&self) -> impl Iterator<Item = (Outcome, u64)> + '_ {
        self.outcomes.failures()
    }
}

/// How the calls of one backbone went, over a session.
#[derive(Clone, PartialEq, Debug)]
pub struct LaneSnapshot {
    /// The backbone.
    pub backbone: Backbone,
    /// Calls sent.
    pub calls: u64,
    /// Calls that failed, by kind.
    pub failed: Vec<(&'static str, u64)>,
    /// Why requests failed for good in this session, the most frequent reason first.
    pub reasons: Vec<(Arc<str>, u64)>,
    /// Most calls under way at once.
    pub most_in_flight: u64,
    /// Median, 95th percentile and maximum of the time to a reply, in milliseconds; `None` without replies.
    pub latency_ms: Option<[u64; 3]>,
    /// Calls sent to each endpoint.
    pub endpoints: Vec<(Arc<str>, u64)>,
}
