//! A graph as its adjacency, compressed: for each node, whom it sees.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Whether an edge leads one way or both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Direction {
    /// Both ends see each other.
    #[default]
    Undirected,
    /// The source sees the target.
    Directed,
}

impl Direction {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Undirected => "undirected",
            Self::Directed => "directed",
        }
    }
}

/// An edge between two nodes, with its weight (1 where none is given).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Edge {
    /// Who sees, in a directed graph.
    pub source: u32,
    /// Who is seen, in a directed graph.
    pub target: u32,
    /// How much the target counts with the source; positive.
    pub weight: f64,
}

/// Why some edges make no graph.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum EdgeProblem {
    /// A node cannot see itself.
    #[error("agent {0} is tied to itself")]
    SelfLoop(u32),
    /// There is no such node.
    #[error("there is no agent {node}: the society has agents 0 to {last}")]
    UnknownNode {
        /// The node.
        node: u64,
        /// The last node there is.
        last: u32,
    },
    /// A weight is not a positive number.
    #[error("{0} is no weight: weights are numbers above 0")]
    Weight(f64),
    /// The same two nodes were joined before.
    #[error("the edge from {0} to {1} is listed twice")]
    Twice(u32, u32),
}

/// A graph over nodes `0..n`: for each node the nodes it sees, ascending. Undirected edges are stored at both ends.
#[derive(Clone, PartialEq, Debug)]
pub struct Graph {
    direction: Direction,
    offsets: Vec<u32>,
    targets: Vec<u32>,
    /// Parallel to `targets`; `None` where every weight is 1.
    weights: Option<Vec<f64>>,
}

/// Nodes of one row with their weights.
pub type Row<'g> = (&'g [u32], Option<&'g [f64]>);

impl Graph {
    /// The graph of these edges over `n` nodes. The first edge that cannot be, by its place.
    pub fn new(n: u32, edges: &[Edge], direction: Direction) -> Result<Self, (usize, EdgeProblem)> {
        for (place, edge) in edges.iter().enumerate() {
            problem(n, *edge).map_or(Ok(()), |problem| Err((place, problem)))?;
        }
        let mut arcs: Vec<(u32, u32, u32)> = Vec::with_capacity(edges.len() * 2);
        for (place, edge) in (0..).zip(edges) {
            arcs.push((edge.source, edge.target, place));
            if direction == Direction::Undirected {
                arcs.push((edge.target, edge.source, place));
            }
        }
        arcs.sort_unstable();
        let twice =
            arcs.array_windows::<2>().filter(|[a, b]| (a.0, a.1) == (b.0, b.1)).map(|[a, b]| a.2.max(b.2)).min();
        if let Some(place) = twice {
            let edge = edges[place as usize];
            return Err((place as usize, EdgeProblem::Twice(edge.source, edge.target)));
        }
        let weighted = edges.iter().any(|edge| (edge.weight - 1.0).abs() > 0.0);
        let weights = weighted.then(|| arcs.iter().map(|arc| edges[arc.2 as usize].weight).collect());
        let mut offsets = vec![0_u32; n as usize + 1];
        for arc in &arcs {
            offsets[arc.0 as usize + 1] += 1;
        }
        for node in 0..n as usize {
            offsets[node + 1] += offsets[node];
        }
        Ok(Self { direction, offsets, targets: arcs.iter().map(|arc| arc.1).collect(), weights })
    }

    /// The undirected graph of neighbour lists that are known to be simple and symmetric: what generators make.
    pub(super) fn of_lists(lists: Vec<Vec<u32>>) -> Self {
        let mut offsets = Vec::with_capacity(lists.len() + 1);
        offsets.push(0);
        let mut targets = Vec::with_capacity(lists.iter().map(Vec::len).sum());
        for mut list in lists {
            list.sort_unstable();
            targets.append(&mut list);
            offsets.push(targets.len() as u32);
        }
        Self { direction: Direction::Undirected, offsets, targets, weights: None }
    }

    /// A directed graph in which every node sees `slots` nodes, repetitions allowed: row after row, in the order given.
    /// `targets` must hold `n · slots` nodes below `n`.
    pub fn of_slots(slots: usize, targets: Vec<u32>) -> Self {
        let rows = targets.len() / slots.max(1);
        let offsets = (0..=rows).map(|row| (row * slots) as u32).collect();
        Self { direction: Direction::Directed, offsets, targets, weights: None }
    }

    /// Number of nodes.
    pub fn nodes(&self) -> u32 {
        (self.offsets.len() - 1) as u32
    }

    /// Whether edges lead one way or both.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Whether any weight differs from 1.
    pub fn is_weighted(&self) -> bool {
        self.weights.is_some()
    }

    /// Whom a node sees, ascending (in [`Graph::of_slots`] as given).
    pub fn neighbours(&self, node: u32) -> &[u32] {
        &self.targets[self.range(node)]
    }

    /// Whom a node sees, with the weights where any differs from 1.
    pub fn row(&self, node: u32) -> Row<'_> {
        let range = self.range(node);
        (&self.targets[range.clone()], self.weights.as_ref().map(|weights| &weights[range]))
    }

    /// Number of nodes a node sees.
    pub fn degree(&self, node: u32) -> u32 {
        self.offsets[node as usize + 1] - self.offsets[node as usize]
    }

    /// Whether a node sees another.
    pub fn sees(&self, node: u32, other: u32) -> bool {
        self.neighbours(node).binary_search(&other).is_ok()
    }

    /// Number of edges; an undirected one counts once.
    pub fn edge_count(&self) -> u64 {
        let arcs = self.targets.len() as u64;
        if self.direction == Direction::Undirected { arcs / 2 } else { arcs }
    }

    /// The edges, by source and target; an undirected one once, from its smaller to its larger node.
    pub fn edges(&self) -> impl Iterator<Item = Edge> + '_ {
        (0..self.nodes()).flat_map(move |source| self.edges_of(source))
    }

    /// The edges of [`Graph::edges`] that begin at a node.
    pub fn edges_of(&self, source: u32) -> impl Iterator<Item = Edge> + '_ {
        let (targets, weights) = self.row(source);
        targets.iter().enumerate().filter_map(move |(place, &target)| {
            let told = self.direction == Direction::Directed || source < target;
            told.then(|| Edge { source, target, weight: weights.map_or(1.0, |weights| weights[place]) })
        })
    }

    /// The same graph with every edge leading both ways, without weights: what is reported of a directed graph where
    /// the figure is defined for undirected ones only.
    #[must_use]
    pub fn both_ways(&self) -> Self {
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); self.nodes() as usize];
        for Edge { source, target, .. } in self.edges() {
            lists[source as usize].push(target);
            lists[target as usize].push(source);
        }
        for list in &mut lists {
            list.sort_unstable();
            list.dedup();
        }
        Self::of_lists(lists)
    }

    fn range(&self, node: u32) -> std::ops::Range<usize> {
        self.offsets[node as usize] as usize..self.offsets[node as usize + 1] as usize
    }
}

/// A graph that several societies share.
pub type SharedGraph = Arc<Graph>;

fn problem(n: u32, edge: Edge) -> Option<EdgeProblem> {
    let unknown = [edge.source, edge.target].into_iter().find(|&node| node >= n);
    if let Some(node) = unknown {
        return Some(EdgeProblem::UnknownNode { node: u64::from(node), last: n.saturating_sub(1) });
    }
    if edge.source == edge.target {
        return Some(EdgeProblem::SelfLoop(edge.source));
    }
    (!(edge.weight > 0.0 && edge.weight.is_finite())).then_some(EdgeProblem::Weight(edge.weight))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edge(source: u32, target: u32) -> Edge {
        Edge { source, target, weight: 1.0 }
    }

    #[test]
    fn edges_that_make_no_graph_are_refused_by_their_place() {
        let weighted = |weight| Edge { weight, ..edge(0, 1) };
        let cases = [
            (vec![edge(0, 1), edge(2, 2)], 1, EdgeProblem::SelfLoop(2)),
            (vec![edge(0, 3)], 0, EdgeProblem::UnknownNode { node: 3, last: 2 }),
            (vec![edge(0, 1), edge(1, 2), edge(1, 0)], 2, EdgeProblem::Twice(1, 0)),
            (vec![weighted(-0.5)], 0, EdgeProblem::Weight(-0.5)),
            (vec![weighted(0.0)], 0, EdgeProblem::Weight(0.0)),
        ];
        for (edges, place, expected) in cases {
            assert_eq!(Graph::new(3, &edges, Direction::Undirected), Err((place, expected)));
        }
        assert!(Graph::new(3, &[edge(0, 1), edge(1, 0)], Direction::Directed).is_ok());
    }

    proptest! {
        #[test]
        fn a_graph_holds_the_edges_it_was_made_of(
            pairs in prop::collection::btree_set((0_u32..12, 0_u32..12), 0..40),
            directed in any::<bool>(),
        ) {
            let direction = if directed { Direction::Directed } else { Direction::Undirected };
            let edges: Vec<Edge> = pairs
                .into_iter()
                .filter(|(a, b)| if directed { a != b } else { a < b })
                .map(|(a, b)| Edge { weight: f64::from(1 + (a + b) % 3), ..edge(a, b) })
                .collect();
            let graph = Graph::new(12, &edges, direction).expect("a graph");
            prop_assert_eq!(graph.edges().collect::<Vec<_>>(), edges.clone());
            prop_assert_eq!(graph.edge_count() as usize, edges.len());
            for Edge { source, target, .. } in edges {
                prop_assert!(graph.sees(source, target));
                prop_assert!(directed || graph.sees(target, source));
            }
            let both = graph.both_ways();
            prop_assert!((0..12).all(|node| both.neighbours(node).iter().all(|&other| both.sees(other, node))));
        }
    }
}
