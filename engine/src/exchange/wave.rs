//! The requests of one part of a tick, and what became of them.

use tokio::time::Instant;

use super::{Bill, CallResult, Completion, Reply, ReplyKey, Request, Snapshot, failed};
use crate::outcome::Outcome;

/// A request as planned: its key, how often the same was asked before, and what its prompt begins with.
pub(super) struct Planned {
    pub(super) key: ReplyKey,
    pub(super) draw: u32,
    pub(super) prefix: [u8; 8],
}

/// The requests of one part of a tick and what became of them.
pub(super) struct Wave {
    pub(super) requests: Vec<Request>,
    pub(super) planned: Vec<Planned>,
    pub(super) settled: Vec<Option<Reply>>,
    pub(super) progress: Snapshot,
    pub(super) began: Instant,
}

impl Wave {
    /// Whether any request is not settled yet.
    pub(super) fn is_open(&self) -> bool {
        self.progress.settled < self.progress.requests
    }

    /// Settles a request for good.
    pub(super) fn settle(&mut self, place: usize, result: CallResult, bill: Bill) {
        self.progress.settled += 1;
        self.progress.outcomes.add(result.as_ref().map_or_else(|failure| failure.outcome, |_| Outcome::Answered));
        // What only the store needs is not carried further.
        let result = result.map(|completion| Completion {
            reasoning: None,
            served_model: None,
            fingerprint: None,
            ..completion
        });
        let (request, planned) = (&self.requests[place], &self.planned[place]);
        let (id, backbone) = (request.id, request.backbone);
        self.settled[place] = Some(Reply { id, backbone, key: planned.key, draw: planned.draw, result, bill });
    }

    /// The replies, in the order of the requests.
    pub(super) fn into_replies(mut self) -> Vec<Reply> {
        let unsettled: Vec<usize> = (0..self.settled.len()).filter(|&place| self.settled[place].is_none()).collect();
        for place in unsettled {
            self.settle(place, failed(Outcome::Failed, "the exchange ended without a result"), Bill::default());
        }
        self.settled.into_iter().flatten().collect()
    }
}
