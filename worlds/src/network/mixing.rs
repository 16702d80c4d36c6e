//! How the edges of a network mix cultures.

use std::collections::BTreeMap;

use super::graph::Graph;
use crate::culture::Culture;

/// How edges mix cultures.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mixing {
    /// Edges between agents of one culture.
    pub internal_edges: u64,
    /// E–I index: (external − internal) / all edges, −1 all within cultures to 1 all between (Krackhardt & Stern 1988).
    pub ei_index: f64,
    /// Assortativity by culture: 1 when all edges are within cultures, 0 as drawn at random by degree (Newman 2003,
    /// eq. 2); `None` where all ends are of one culture.
    pub assortativity: Option<f64>,
    /// Modularity of the partition into cultures (Newman & Girvan 2004).
    pub modularity: f64,
}

/// Edges within a culture and ends of edges at it.
#[derive(Clone, Copy, Default)]
struct Ends {
    internal: u64,
    ends: u64,
}

impl Mixing {
    /// The mixing of an undirected graph's edges; `None` without an edge.
    pub fn of_graph(graph: &Graph, cultures: &[Culture]) -> Option<Self> {
        let mut by_culture: BTreeMap<Culture, Ends> = BTreeMap::new();
        for edge in graph.edges() {
            let (a, b) = (cultures[edge.source as usize], cultures[edge.target as usize]);
            by_culture.entry(a).or_default().ends += 1;
            let of_b = by_culture.entry(b).or_default();
            of_b.ends += 1;
            of_b.internal += u64::from(a == b);
        }
        Self::of_ends(by_culture.into_values())
    }

    /// The mixing of a network in which everybody is joined to everybody else.
    pub fn of_complete(cultures: &[Culture]) -> Option<Self> {
        let mut counts: BTreeMap<Culture, u64> = BTreeMap::new();
        for culture in cultures {
            *counts.entry(*culture).or_default() += 1;
        }
        let others = cultures.len().saturating_sub(1) as u64;
        Self::of_ends(counts.into_values().map(|n| Ends { internal: n * (n - 1) / 2, ends: n * others }))
    }

    fn of_ends(by_culture: impl Iterator<Item = Ends>) -> Option<Self> {
        let by_culture: Vec<Ends> = by_culture.collect();
        let ends: u64 = by_culture.iter().map(|culture| culture.ends).sum();
        let internal: u64 = by_culture.iter().map(|culture| culture.internal).sum();
        let edges = ends / 2;
        if edges == 0 {
            return None;
        }
        let share = internal as f64 / edges as f64;
        let by_chance: f64 = by_culture.iter().map(|culture| (culture.ends as f64 / ends as f64).powi(2)).sum();
        let several = by_culture.iter().filter(|culture| culture.ends > 0).count() > 1;
        Some(Self {
            internal_edges: internal,
            ei_index: (edges as f64 - 2.0 * internal as f64) / edges as f64,
            assortativity: several.then(|| (share - by_chance) / (1.0 - by_chance)),
            modularity: share - by_chance,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::generate::complete;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_formula_for_everybody_is_the_count_over_everybody(
            cultures in prop::collection::vec((0_u16..4).prop_map(Culture), 2..20)
        ) {
            let counted = Mixing::of_graph(&complete(cultures.len() as u32), &cultures);
            prop_assert_eq!(Mixing::of_complete(&cultures), counted);
        }
    }
}
