//! Pairwise and structural diversity: Diversity_P and Diversity_S of arXiv 2606.05985, eq. 4 and 5.

use pluriverse_engine::agent::AgentId;
use rayon::prelude::*;

use super::distance::{SquaredDistance, between_agents};
use super::kernel::{self, Packed, PairDistances};
use crate::survey::sheet::AnswerSheets;

/// The distance between two agents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The agent with the smaller id.
    pub a: AgentId,
    /// The agent with the larger id.
    pub b: AgentId,
    /// Their distance.
    pub distance: SquaredDistance,
}

/// All pairs of these agents, in order. Memory grows with the square of their number: for societies small enough
/// to be listed; [`pairwise_diversity`] needs none.
pub fn pairs(sheets: &AnswerSheets, squared_spans: &[u32], agents: &[AgentId]) -> Vec<Pair> {
    agents
        .iter()
        .enumerate()
        .flat_map(|(first, &a)| agents[first + 1..].iter().map(move |&b| (a, b)))
        .map(|(a, b)| Pair { a, b, distance: between_agents(sheets, squared_spans, a, b) })
        .collect()
}

/// A mean and what it rests on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mean {
    /// The mean, or `None` over nothing.
    pub value: Option<f64>,
    /// How many values it is the mean of.
    pub n: u64,
}

impl Mean {
    /// The mean of these values, summed in their order.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let (mut sum, mut n) = (0.0, 0_u64);
        for value in values {
            sum += value;
            n += 1;
        }
        Self { value: (n > 0).then(|| sum / n as f64), n }
    }
}

/// Diversity_P: the mean distance over all pairs of agents with a common item, in percent (eq. 4).
///
/// Quadratic in time, linear in memory. Up to 512 agents distances are added one by one in pair order, as the published
/// scripts do; beyond, they are counted as whole numbers ([`PairDistances`]) wherever answers fit.
pub fn pairwise_diversity(sheets: &AnswerSheets, squared_spans: &[u32], agents: &[AgentId]) -> Mean {
    if agents.len() <= LISTED_AGENTS {
        return Mean::of(
            rows(sheets, squared_spans, agents, |distances| distances.collect::<Vec<f64>>()).into_iter().flatten(),
        );
    }
    if let Some(packed) = Packed::of(sheets, squared_spans, agents) {
        return PairDistances::of(&packed).mean();
    }
    // One number a row keeps memory linear.
    let rows = rows(sheets, squared_spans, agents, |distances| Mean::of(distances));
    let sum = rows.iter().map(|row| row.value.unwrap_or(0.0) * row.n as f64).sum::<f64>();
    let n = rows.iter().map(|row| row.n).sum();
    Mean { value: (n > 0).then(|| sum / n as f64), n }
}

/// What becomes of each agent's distances to those behind it, in parallel and in agent order.
fn rows<T: Send>(
    sheets: &AnswerSheets,
    squared_spans: &[u32],
    agents: &[AgentId],
    of: impl Fn(&mut dyn Iterator<Item = f64>) -> T + Sync,
) -> Vec<T> {
    let row = |(first, &a): (usize, &AgentId)| {
        let others = agents[first + 1..].iter();
        of(&mut others.filter_map(|&b| between_agents(sheets, squared_spans, a, b).percent()))
    };
    agents.par_iter().enumerate().map(row).collect()
}

/// Up to this many agents the distances are added one by one in pair order, as the published scripts do.
const LISTED_AGENTS: usize = 512;

/// An edge of a minimum spanning tree over nodes `0..n`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Edge {
    /// The smaller node.
    pub a: usize,
    /// The larger node.
    pub b: usize,
    /// Its length, in the unit of the distances.
    pub length: f64,
}

/// A minimum spanning tree of the complete graph over `n` nodes, edges sorted by their nodes. A distance of zero is
/// an edge like any other; a missing distance is none. `None` when not everything hangs together.
///
/// Prim's algorithm on distances computed when needed: quadratic in time, linear in memory.
pub fn minimum_spanning_tree(n: usize, distance: impl Fn(usize, usize) -> Option<f64> + Sync) -> Option<Vec<Edge>> {
    let mut nearest: Vec<(f64, usize)> = vec![(f64::INFINITY, 0); n];
    let mut outside: Vec<usize> = (1..n).collect();
    let mut edges = Vec::with_capacity(n.saturating_sub(1));
    let mut last = 0;
    while !outside.is_empty() {
        for &node in &outside {
            if let Some(length) = distance(last.min(node), last.max(node)).filter(|&length| length < nearest[node].0) {
                nearest[node] = (length, last);
            }
        }
        let position = (0..outside.len()).min_by(|&a, &b| {
            nearest[outside[a]].0.total_cmp(&nearest[outside[b]].0).then(outside[a].cmp(&outside[b]))
        })?;
        let node = outside.remove(position);
        let (length, parent) = nearest[node];
        if length.is_infinite() {
            return None;
        }
        edges.push(Edge { a: parent.min(node), b: parent.max(node), length });
        last = node;
    }
    edges.sort_by_key(|edge| (edge.a, edge.b));
    Some(edges)
}

/// The minimum spanning tree over these agents. `None` when a pair without common items keeps it from closing.
pub fn tree(sheets: &AnswerSheets, squared_spans: &[u32], agents: &[AgentId]) -> Option<Vec<Edge>> {
    if agents.len() > LISTED_AGENTS
        && let Some(packed) = Packed::of(sheets, squared_spans, agents)
    {
        return kernel::tree(packed);
    }
    minimum_spanning_tree(agents.len(), |a, b| between_agents(sheets, squared_spans, agents[a], agents[b]).percent())
}

/// Diversity_S: the mean edge length of the minimum spanning tree over these agents, in percent (eq. 5).
/// `None` for fewer than two agents, or when a pair without common items keeps the tree from closing.
pub fn structural_diversity(sheets: &AnswerSheets, squared_spans: &[u32], agents: &[AgentId]) -> Option<f64> {
    mean_edge(&tree(sheets, squared_spans, agents)?)
}

/// Number of clusters: the parts a minimum spanning tree falls into when edges longer than `within` are cut. The same
/// as single-linkage clusters at that distance, and as components of the graph of pairs no farther apart (Gower & Ross
/// 1969).
pub fn clusters(edges: &[Edge], within: f64) -> usize {
    1 + edges.iter().filter(|edge| edge.length > within).count()
}

/// The mean length of a tree's edges; `None` without edges.
pub fn mean_edge(edges: &[Edge]) -> Option<f64> {
    Mean::of(edges.iter().map(|edge| edge.length)).value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sheets(rows: &[Vec<Option<i32>>]) -> AnswerSheets {
        let mut sheets = AnswerSheets::new(rows.len(), rows[0].len());
        for (agent, row) in rows.iter().enumerate() {
            for (item, answer) in row.iter().enumerate() {
                if let Some(value) = answer {
                    sheets.set(AgentId(agent as u32), item, Ok(*value));
                }
            }
        }
        sheets
    }

    fn ids(n: usize) -> Vec<AgentId> {
        (0..n as u32).map(AgentId).collect()
    }

    /// All spanning trees by brute force over edge subsets: the shortest total length.
    fn shortest_by_brute_force(n: usize, length: &dyn Fn(usize, usize) -> f64) -> f64 {
        let edges: Vec<(usize, usize)> = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect();
        (0_u32..1 << edges.len())
            .filter(|subset| subset.count_ones() as usize == n - 1)
            .filter_map(|subset| {
                let mut group: Vec<usize> = (0..n).collect();
                let mut total = 0.0;
                for (index, &(a, b)) in edges.iter().enumerate() {
                    if subset & (1 << index) != 0 {
                        let (from, to) = (group[a], group[b]);
                        if from == to {
                            return None;
                        }
                        group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
                        total += length(a, b);
                    }
                }
                Some(total)
            })
            .fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn identical_agents_stay_connected_by_an_edge_of_length_zero() {
        let sheets = sheets(&[vec![Some(1), Some(1)], vec![Some(1), Some(1)], vec![Some(2), Some(1)]]);
        let spans = [4, 9];
        let third = between_agents(&sheets, &spans, AgentId(0), AgentId(2)).percent().expect("both answered");
        let mean = structural_diversity(&sheets, &spans, &ids(3)).expect("a tree exists");
        assert!((mean - third / 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_pair_without_common_items_is_no_pair_and_no_edge() {
        let sheets = sheets(&[vec![Some(1), None], vec![None, Some(1)], vec![Some(2), Some(1)]]);
        let mean = pairwise_diversity(&sheets, &[4, 4], &ids(3));
        assert_eq!(mean.n, 2);
        assert!(structural_diversity(&sheets, &[4, 4], &ids(2)).is_none());
        assert!(structural_diversity(&sheets, &[4, 4], &ids(3)).is_some());
    }

    proptest! {
        #[test]
        fn the_tree_is_as_short_as_the_shortest_of_all_trees(
            points in prop::collection::vec((0_i32..6, 0_i32..6), 2..6)
        ) {
            let length = |a: usize, b: usize| {
                f64::from((points[a].0 - points[b].0).pow(2) + (points[a].1 - points[b].1).pow(2)).sqrt()
            };
            let tree = minimum_spanning_tree(points.len(), |a, b| Some(length(a, b))).expect("complete graph");
            prop_assert_eq!(tree.len(), points.len() - 1);
            let total: f64 = tree.iter().map(|edge| edge.length).sum();
            prop_assert!((total - shortest_by_brute_force(points.len(), &length)).abs() < 1e-9);
        }

        #[test]
        fn distances_are_a_metric_in_percent_whatever_is_stored(
            rows in prop::collection::vec(prop::collection::vec(1_i32..5, 6), 3)
        ) {
            let rows: Vec<Vec<Option<i32>>> = rows.into_iter().map(|row| row.into_iter().map(Some).collect()).collect();
            let sheets = sheets(&rows);
            let spans = [9_u32; 6];
            let d = |a: u32, b: u32| {
                between_agents(&sheets, &spans, AgentId(a), AgentId(b)).percent().expect("all answered")
            };
            prop_assert!(d(0, 0).abs() < 1e-12);
            prop_assert!((d(0, 1) - d(1, 0)).abs() < 1e-12);
            prop_assert!(d(0, 2) <= d(0, 1) + d(1, 2) + 1e-9);
            prop_assert!((0.0..=100.0).contains(&d(0, 1)));
        }

        #[test]
        fn the_fast_and_the_wide_path_agree(
            a in prop::collection::vec(prop::option::of(0_i32..12), 8),
            b in prop::collection::vec(prop::option::of(0_i32..12), 8),
        ) {
            let spans = [1_u32, 4, 9, 16, 81, 100, 9, 1];
            let mut narrow = sheets(&[a, b, vec![Some(1); 8]]);
            let fast = between_agents(&narrow, &spans, AgentId(0), AgentId(1));
            // A wide answer of a third agent sends every pair down the slow path.
            narrow.set(AgentId(2), 0, Ok(-7));
            prop_assert_eq!(fast, between_agents(&narrow, &spans, AgentId(0), AgentId(1)));
        }
    }
}
