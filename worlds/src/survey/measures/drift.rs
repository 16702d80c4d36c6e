//! What a round changed: how many answers, in which direction, and how far from where the society began.

use pluriverse_engine::agent::AgentId;
use rayon::prelude::*;

use super::distance::between_sheets;
use super::diversity::Mean;
use crate::exposure::peers::{PeerTotals, RowTotals};
use crate::survey::sheet::AnswerSheets;

/// Answers before and after a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// Answers given both before and after.
    pub comparable: u64,
    /// Of these, answers that differ.
    pub changed: u64,
    /// Of the changed ones, those whose peers' mean is known and unequal to the old answer.
    pub directed: u64,
    /// Of these, those that moved in the direction of the mean of what the peers had answered.
    pub toward_peers: u64,
}

impl Change {
    /// Share of answers that differ, 0 to 1.
    pub fn changed_share(&self) -> Option<f64> {
        (self.comparable > 0).then(|| self.changed as f64 / self.comparable as f64)
    }

    /// Share of directed changes that went toward the peers' mean, 0 to 1.
    pub fn toward_share(&self) -> Option<f64> {
        (self.directed > 0).then(|| self.toward_peers as f64 / self.directed as f64)
    }

    fn merge(self, other: Self) -> Self {
        Self {
            comparable: self.comparable + other.comparable,
            changed: self.changed + other.changed,
            directed: self.directed + other.directed,
            toward_peers: self.toward_peers + other.toward_peers,
        }
    }
}

/// What changed between two rounds; directions are against the mean of the peers' answers in `before`.
pub fn change(before: &AnswerSheets, after: &AnswerSheets, peers: &PeerTotals<'_>) -> Change {
    let agents: Vec<AgentId> = after.agent_ids().collect();
    // Whole numbers: the order of addition cannot show.
    agents
        .par_chunks(256)
        .map(|chunk| {
            let mut totals = RowTotals::new(after.items());
            let mut change = Change::default();
            for &agent in chunk {
                change = change.merge(change_of_agent(before, after, peers, agent, &mut totals));
            }
            change
        })
        .reduce(Change::default, Change::merge)
}

fn change_of_agent(
    before: &AnswerSheets,
    after: &AnswerSheets,
    peers: &PeerTotals<'_>,
    agent: AgentId,
    totals: &mut RowTotals,
) -> Change {
    let mut change = Change::default();
    let mut summed = false;
    for item in 0..after.items() {
        let (Ok(old), Ok(new)) = (before.get(agent, item), after.get(agent, item)) else {
            continue;
        };
        change.comparable += 1;
        if old == new {
            continue;
        }
        change.changed += 1;
        if !summed {
            peers.fill(agent, totals);
            summed = true;
        }
        let (sum, count) = (i64::from(totals.sums[item]), i64::from(totals.counts[item]));
        // The sign of mean − old, without dividing.
        let direction = (sum - count * i64::from(old)).signum();
        if count > 0 && direction != 0 {
            change.directed += 1;
            change.toward_peers += u64::from(i64::from(new - old).signum() == direction);
        }
    }
    change
}

/// Mean distance between each agent's answers then and now, in percent.
pub fn drift(origin: &AnswerSheets, now: &AnswerSheets, squared_spans: &[u32]) -> Mean {
    let agents: Vec<AgentId> = now.agent_ids().collect();
    let distances: Vec<Option<f64>> =
        agents.par_iter().map(|&agent| between_sheets(origin, now, squared_spans, agent).percent()).collect();
    Mean::of(distances.into_iter().flatten())
}
