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

/// What changed between two rounds on the first `items` items; directions are against the mean of the peers' answers in `before`.
pub fn change(before: &AnswerSheets, after: &AnswerSheets, items: usize, peers: &PeerTotals<'_>) -> Change {
    let agents: Vec<AgentId> = after.agent_ids().collect();
    // Whole numbers: the order of addition cannot show.
    agents
        .par_chunks(256)
        .map(|chunk| {
            let mut totals = RowTotals::new(after.items());
            let mut change = Change::default();
            for &agent in chunk {
                change = change.merge(change_of_agent(before, after, items, peers, agent, &mut totals));
            }
            change
        })
        .reduce(Change::default, Change::merge)
}

fn change_of_agent(
    before: &AnswerSheets,
    after: &AnswerSheets,
    items: usize,
    peers: &PeerTotals<'_>,
    agent: AgentId,
    totals: &mut RowTotals,
) -> Change {
    let mut change = Change::default();
    let mut summed = false;
    for item in 0..items {
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
        let (sum, weight) = (totals.sums[item], totals.weights[item]);
        // The sign of mean − old, without dividing: exact where every peer counts alike.
        let direction = sum - weight * f64::from(old);
        if weight > 0.0 && direction != 0.0 {
            change.directed += 1;
            change.toward_peers += u64::from(f64::from(new - old) * direction > 0.0);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;

    /// Three agents, one row an agent; 0 is no answer.
    fn sheets(rows: [[i32; 4]; 3]) -> AnswerSheets {
        let mut sheets = AnswerSheets::new(3, 4);
        for (agent, row) in (0..).map(AgentId).zip(rows) {
            for (item, answer) in row.into_iter().enumerate().filter(|(_, answer)| *answer != 0) {
                sheets.set(agent, item, Ok(answer));
            }
        }
        sheets
    }

    #[test]
    fn changes_are_counted_with_their_direction_against_what_the_peers_had_answered() {
        let before = sheets([[1, 2, 3, 1], [3, 2, 3, 0], [5, 2, 1, 4]]);
        let after = sheets([[2, 1, 1, 1], [3, 2, 4, 2], [1, 2, 1, 0]]);
        let network = Network::Complete { agents: 3 };
        let change = change(&before, &after, after.items(), &PeerTotals::new(&network, &before));
        let expected = Change {
            // Not comparable: agent 1 item 3 (asked late) and agent 2 item 3 (lost).
            comparable: 10,
            // Agent 0 items 0, 1, 2; agent 1 item 2; agent 2 item 0.
            changed: 5,
            // Agent 0 item 1 stood at its peers' mean: away from it is no direction.
            directed: 4,
            // Agent 0 item 0 (towards 4) and item 2 (towards 2, past it); agent 2 item 0 (towards 2, past it).
            toward_peers: 3,
        };
        assert_eq!(change, expected);
        assert_eq!(change.changed_share(), Some(0.5));
        assert_eq!(change.toward_share(), Some(0.75));
    }

    #[test]
    fn drift_is_the_mean_distance_of_agents_from_themselves() {
        let before = sheets([[1, 1, 1, 1], [2, 2, 2, 2], [0, 0, 0, 0]]);
        let after = sheets([[1, 1, 1, 1], [2, 2, 2, 4], [1, 1, 1, 1]]);
        let mean = drift(&before, &after, &[4, 4, 4, 4]);
        // Agent 0 stayed, agent 1 moved by √4 of √16, agent 2 cannot be compared.
        assert_eq!((mean.value, mean.n), (Some(25.0), 2));
        let network = Network::Complete { agents: 3 };
        assert_eq!(change(&before, &before, before.items(), &PeerTotals::new(&network, &before)).changed, 0);
    }
}
