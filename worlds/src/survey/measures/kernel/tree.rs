//! Diversity_S by Prim's algorithm, distances computed when needed.

use super::Packed;
use super::packed::{Products, Sums};
use crate::survey::measures::diversity::Edge;

/// Agents whose inner products are made at once.
const BLOCK: usize = 128;

/// An agent outside the tree: how near the tree is.
#[derive(Clone, Copy)]
struct Outside {
    /// Who it is.
    agent: u32,
    /// The agent of the tree that is nearest.
    nearest: u32,
    /// Its distance, squared, as a share of what it could be. Shares of whole numbers this small differ where they do.
    share: f64,
    /// What the distance is made of.
    sums: Sums,
}

/// A minimum spanning tree over these agents, as [`crate::survey::measures::diversity::minimum_spanning_tree`] over their
/// distances: edges sorted by agents (their places), lengths in percent, of equally near agents the first. `None` when a
/// pair without common items keeps it from closing.
///
/// Time grows with the square of the number of agents, memory with the number.
pub fn tree(mut rows: Packed) -> Option<Vec<Edge>> {
    let n = rows.agents();
    // Those outside lie in front, in no order; the agent taken in last lies behind them.
    let unknown = |agent: usize| Outside { agent: agent as u32, nearest: 0, share: f64::INFINITY, sums: (0, 0) };
    let mut outside: Vec<Outside> = (0..n).map(unknown).collect();
    let mut products = Products::default();
    let mut edges = Vec::with_capacity(n.saturating_sub(1));
    let mut last = 0;
    for left in (1..n).rev() {
        rows.swap(last, left);
        outside.swap(last, left);
        let taken = outside[left];
        let mut next = (f64::INFINITY, u32::MAX, 0);
        for block in (0..left).step_by(BLOCK) {
            let others = block..(block + BLOCK).min(left);
            rows.for_each(left, others, &mut products, |other, sums| {
                let candidate = &mut outside[other];
                let share = f64::from(sums.0) / f64::from(sums.1);
                // A pair without common items is NaN, and never nearer.
                if share < candidate.share {
                    *candidate = Outside { nearest: taken.agent, share, sums, ..*candidate };
                }
                if (candidate.share, candidate.agent) < (next.0, next.1) {
                    next = (candidate.share, candidate.agent, other);
                }
            });
        }
        if next.0.is_infinite() {
            return None;
        }
        last = next.2;
        let Outside { agent, nearest, sums, .. } = outside[last];
        let length = f64::from(sums.0).sqrt() / f64::from(sums.1).sqrt() * 100.0;
        edges.push(Edge { a: agent.min(nearest) as usize, b: agent.max(nearest) as usize, length });
    }
    edges.sort_by_key(|edge| (edge.a, edge.b));
    Some(edges)
}
