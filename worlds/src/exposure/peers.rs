//! Sums over an agent's peers, item by item, without building anything an agent.

use pluriverse_engine::agent::AgentId;

use super::network::{Network, NetworkShape};
use crate::survey::sheet::{AnswerSheets, Cell};

/// Sums and counts of the peers' answers to every item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowTotals {
    /// Sum of the answers.
    pub sums: Vec<i64>,
    /// Number of answers.
    pub counts: Vec<i32>,
}

impl RowTotals {
    /// Zero for every item.
    pub fn new(items: usize) -> Self {
        Self { sums: vec![0; items], counts: vec![0; items] }
    }

    fn clear(&mut self) {
        self.sums.fill(0);
        self.counts.fill(0);
    }

    /// Adds one agent's answers. Whole numbers: the order of addition cannot show, and 64 bits hold any society's sums.
    fn add(&mut self, sheets: &AnswerSheets, agent: AgentId) {
        let row = sheets.row(agent);
        for ((cell, sum), count) in row.iter().zip(&mut self.sums).zip(&mut self.counts) {
            let answered = i32::from(cell.byte() < Cell::FIRST_SPECIAL);
            *sum += i64::from(answered * i32::from(cell.byte()));
            *count += answered;
        }
        if sheets.has_wide() {
            for item in 0..row.len() {
                if let Some(wide) = wide_answer(sheets, agent, item) {
                    self.sums[item] += i64::from(wide);
                    self.counts[item] += 1;
                }
            }
        }
    }

    /// Takes one agent's answers out again.
    fn subtract(&mut self, sheets: &AnswerSheets, agent: AgentId) {
        for item in 0..self.sums.len() {
            if let Ok(answer) = sheets.get(agent, item) {
                self.sums[item] -= i64::from(answer);
                self.counts[item] -= 1;
            }
        }
    }
}

fn wide_answer(sheets: &AnswerSheets, agent: AgentId, item: usize) -> Option<i32> {
    (sheets.row(agent)[item] == Cell::WIDE).then(|| sheets.get(agent, item).ok()).flatten()
}

/// The peers' answers of a network, summed on demand.
pub struct PeerTotals<'a> {
    network: &'a Network,
    sheets: &'a AnswerSheets,
    /// In a complete network: the sums over everybody, from which an agent takes itself out.
    everybody: Option<RowTotals>,
}

impl<'a> PeerTotals<'a> {
    /// Sums over the peers in `network` of the answers in `sheets`.
    pub fn new(network: &'a Network, sheets: &'a AnswerSheets) -> Self {
        let everybody = matches!(network.shape(), NetworkShape::Complete).then(|| {
            let mut totals = RowTotals::new(sheets.items());
            for agent in sheets.agent_ids() {
                totals.add(sheets, agent);
            }
            totals
        });
        Self { network, sheets, everybody }
    }

    /// Replaces `totals` by the sums over this agent's peers.
    pub fn fill(&self, agent: AgentId, totals: &mut RowTotals) {
        if let Some(everybody) = &self.everybody {
            totals.clone_from(everybody);
            totals.subtract(self.sheets, agent);
        } else {
            totals.clear();
            for peer in self.network.peers(agent) {
                totals.add(self.sheets, peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sums_are_those_over_the_peers_one_by_one(
            answers in prop::collection::vec(prop::option::of(prop_oneof![0_i32..12, Just(-4), Just(900)]), 6 * 3),
            ring in any::<bool>(),
        ) {
            let mut sheets = AnswerSheets::new(6, 3);
            for (index, answer) in answers.iter().enumerate() {
                if let Some(value) = answer {
                    sheets.set(AgentId((index / 3) as u32), index % 3, Ok(*value));
                }
            }
            let shape = if ring { NetworkShape::RingLattice { neighbours: 2 } } else { NetworkShape::Complete };
            let network = Network::new(shape, 6).expect("valid");
            let totals = PeerTotals::new(&network, &sheets);
            let mut row = RowTotals::new(3);
            for agent in sheets.agent_ids() {
                totals.fill(agent, &mut row);
                for item in 0..3 {
                    let given: Vec<i32> = network.peers(agent).filter_map(|peer| sheets.get(peer, item).ok()).collect();
                    prop_assert_eq!(row.sums[item], given.iter().map(|&answer| i64::from(answer)).sum::<i64>());
                    prop_assert_eq!(row.counts[item] as usize, given.len());
                }
            }
        }
    }
}
