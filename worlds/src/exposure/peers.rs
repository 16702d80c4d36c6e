//! Sums over an agent's peers, item by item, without building anything an agent.

use pluriverse_engine::agent::AgentId;

use crate::network::{Network, Peers};
use crate::survey::sheet::{AnswerSheets, Cell};

/// Sums and weights of answers to every item. Unweighted sums are of whole numbers below 2⁵³ and exact, whatever the
/// order of addition; weighted ones are added in agent order.
#[derive(Clone, PartialEq, Debug)]
pub struct RowTotals {
    /// Sum of the answers, each times its weight.
    pub sums: Vec<f64>,
    /// Sum of the weights; the number of answers where all weights are 1.
    pub weights: Vec<f64>,
    /// Sums and counts of up to [`BATCH`] rows, narrow enough to be quick.
    batch: (Vec<i32>, Vec<i32>),
}

/// Rows whose narrow sums cannot overflow: 2²⁰ · 219 < 2³¹.
const BATCH: usize = 1 << 20;

impl RowTotals {
    /// Zero for every item.
    pub fn new(items: usize) -> Self {
        Self { sums: vec![0.0; items], weights: vec![0.0; items], batch: (vec![0; items], vec![0; items]) }
    }

    /// Back to zero.
    pub fn clear(&mut self) {
        self.sums.fill(0.0);
        self.weights.fill(0.0);
    }

    /// Adds these agents' answers, each with weight 1.
    pub fn add_all(&mut self, sheets: &AnswerSheets, agents: impl Iterator<Item = AgentId>) {
        let mut rows = 0;
        for agent in agents {
            self.add_to_batch(sheets, agent);
            rows += 1;
            if rows == BATCH {
                self.flush();
                rows = 0;
            }
        }
        self.flush();
    }

    fn add_to_batch(&mut self, sheets: &AnswerSheets, agent: AgentId) {
        let row = sheets.row(agent);
        let (sums, counts) = &mut self.batch;
        for ((cell, sum), count) in row.iter().zip(sums).zip(counts) {
            let answered = i32::from(cell.byte() < Cell::FIRST_SPECIAL);
            *sum += answered * i32::from(cell.byte());
            *count += answered;
        }
        if sheets.has_wide() {
            for item in 0..row.len() {
                if let Some(wide) = wide_answer(sheets, agent, item) {
                    self.sums[item] += f64::from(wide);
                    self.weights[item] += 1.0;
                }
            }
        }
    }

    fn flush(&mut self) {
        let (sums, counts) = &mut self.batch;
        for (total, sum) in self.sums.iter_mut().zip(sums) {
            *total += f64::from(std::mem::take(sum));
        }
        for (total, count) in self.weights.iter_mut().zip(counts) {
            *total += f64::from(std::mem::take(count));
        }
    }

    /// Adds one agent's answers with a weight.
    pub fn add_weighted(&mut self, sheets: &AnswerSheets, agent: AgentId, weight: f64) {
        for item in 0..self.sums.len() {
            if let Ok(answer) = sheets.get(agent, item) {
                self.add_answer(item, f64::from(answer), weight);
            }
        }
    }

    /// Adds one answer with a weight.
    pub fn add_answer(&mut self, item: usize, answer: f64, weight: f64) {
        self.sums[item] += weight * answer;
        self.weights[item] += weight;
    }

    /// Takes one agent's answers out again.
    fn subtract(&mut self, sheets: &AnswerSheets, agent: AgentId) {
        for item in 0..self.sums.len() {
            if let Ok(answer) = sheets.get(agent, item) {
                self.sums[item] -= f64::from(answer);
                self.weights[item] -= 1.0;
            }
        }
    }

    fn copy_from(&mut self, other: &Self) {
        self.sums.copy_from_slice(&other.sums);
        self.weights.copy_from_slice(&other.weights);
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
        let everybody = matches!(network, Network::Complete { .. }).then(|| {
            let mut totals = RowTotals::new(sheets.items());
            totals.add_all(sheets, sheets.agent_ids());
            totals
        });
        Self { network, sheets, everybody }
    }

    /// Replaces `totals` by the sums over this agent's peers.
    pub fn fill(&self, agent: AgentId, totals: &mut RowTotals) {
        if let Some(everybody) = &self.everybody {
            totals.copy_from(everybody);
            totals.subtract(self.sheets, agent);
            return;
        }
        totals.clear();
        match self.network.peers(agent) {
            Peers::Listed { listed, weights: Some(weights) } => {
                for (&peer, &weight) in listed.iter().zip(weights) {
                    totals.add_weighted(self.sheets, AgentId(peer), weight);
                }
            }
            peers => totals.add_all(self.sheets, peers.iter()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::graph::{Direction, Edge, Graph};
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #[test]
        fn sums_are_those_over_the_peers_one_by_one(
            answers in prop::collection::vec(prop::option::of(prop_oneof![0_i32..12, Just(-4), Just(900)]), 6 * 3),
            pairs in prop::collection::btree_set((0_u32..6, 0_u32..6), 0..20),
            kind in 0_u8..3,
        ) {
            let mut sheets = AnswerSheets::new(6, 3);
            for (index, answer) in answers.iter().enumerate() {
                if let Some(value) = answer {
                    sheets.set(AgentId((index / 3) as u32), index % 3, Ok(*value));
                }
            }
            let weight = |a: u32, b: u32| if kind == 2 { f64::from(1 + a + b) / 4.0 } else { 1.0 };
            let edges: Vec<Edge> = pairs
                .into_iter()
                .filter(|(a, b)| a != b)
                .map(|(source, target)| Edge { source, target, weight: weight(source, target) })
                .collect();
            let network = match kind {
                0 => Network::Complete { agents: 6 },
                _ => Network::Graph(Arc::new(Graph::new(6, &edges, Direction::Directed).expect("a graph"))),
            };
            let totals = PeerTotals::new(&network, &sheets);
            let mut row = RowTotals::new(3);
            for agent in sheets.agent_ids() {
                totals.fill(agent, &mut row);
                let peers = network.peers(agent);
                for item in 0..3 {
                    let given: Vec<(f64, f64)> = (0..peers.len())
                        .filter_map(|place| {
                            let answer = sheets.get(peers.get(place), item).ok()?;
                            Some((f64::from(answer), peers.weight(place)))
                        })
                        .collect();
                    let sum: f64 = given.iter().map(|(answer, weight)| answer * weight).sum();
                    let weights: f64 = given.iter().map(|(_, weight)| weight).sum();
                    // Quarters: exact in binary.
                    prop_assert!((row.sums[item] - sum).abs() < 1e-12 && (row.weights[item] - weights).abs() < 1e-12);
                }
            }
        }
    }
}
