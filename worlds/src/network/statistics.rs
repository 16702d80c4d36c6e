//! What is reported of a network. Definitions are those of networkx, with which they were compared.
//!
//! Clustering, paths, components and mixing are defined for undirected graphs: of a directed one they are those of the
//! graph with every edge leading both ways. Weights count nowhere here.

use std::collections::VecDeque;

use petgraph::unionfind::UnionFind;
use pluriverse_engine::agent::AgentId;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::graph::{Direction, Graph};
use super::mixing::Mixing;
use crate::culture::Culture;
use crate::survey::measures::estimate::sample;

/// Societies of more agents have their path length estimated from searches that start at drawn agents.
pub const PATHS_EXACT_UP_TO: u32 = 10_000;

/// How many drawn agents searches start at, at most and at least.
const SOURCES: (u64, u64) = (20, 200);

/// Ties that all searches together may look at before fewer of them are made.
const TIES_LOOKED_AT: u64 = 200_000_000;

/// What is reported of a network.
#[derive(Clone, PartialEq, Debug)]
pub struct Statistics {
    /// Number of agents.
    pub nodes: u32,
    /// Number of edges; an undirected one counts once.
    pub edges: u64,
    /// Mean number of agents an agent sees.
    pub mean_degree: f64,
    /// Share of possible edges that are there, 0 to 1; `None` for fewer than two agents.
    pub density: Option<f64>,
    /// Sizes of the connected components, largest first.
    pub components: Vec<u32>,
    /// Mean over agents of the share of an agent's pairs of neighbours that are joined, 0 for fewer than two neighbours
    /// (Watts & Strogatz 1998).
    pub average_clustering: f64,
    /// Share of connected triples that are closed, 0 without any.
    pub transitivity: f64,
    /// Path lengths in the largest component.
    pub paths: Paths,
    /// Correlation of degrees over edges (Newman 2002); `None` where degrees do not vary.
    pub degree_assortativity: Option<f64>,
    /// Whether the agents fall into two groups without an edge inside either.
    pub bipartite: bool,
    /// How edges mix cultures; `None` without an edge.
    pub mixing: Option<Mixing>,
}

/// Path lengths in the largest component.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Paths {
    /// Mean shortest path over pairs of its agents; `None` for a component of one.
    pub mean: Option<f64>,
    /// The longest shortest path found: the diameter where every agent was searched from, at least this otherwise.
    pub longest: u32,
    /// How many agents searches started at.
    pub sources: u64,
    /// 95 % interval of the mean over drawn sources; `None` where all were used.
    pub interval: Option<(f64, f64)>,
}

/// Figures of single agents.
#[derive(Clone, PartialEq, Debug)]
pub struct Nodes {
    /// How many an agent sees.
    pub sees: Vec<u32>,
    /// By how many it is seen.
    pub seen_by: Vec<u32>,
    /// Share of its pairs of neighbours that are joined.
    pub clustering: Vec<f64>,
    /// Number of its component, 0 for the largest.
    pub component: Vec<u32>,
}

/// The statistics of a graph over agents of these cultures, and those of its single agents. `rng` draws the sources of
/// path searches in large graphs.
pub fn statistics(graph: &Graph, cultures: &[Culture], rng: &mut ChaCha8Rng) -> (Statistics, Nodes) {
    let both;
    let plain = match graph.direction() {
        Direction::Undirected => graph,
        Direction::Directed => {
            both = graph.both_ways();
            &both
        }
    };
    let n = graph.nodes();
    let (component, components) = components(plain);
    let closed: Vec<u64> = (0..n).into_par_iter().map(|node| closed_pairs(plain, node)).collect();
    let degree = |node: u32| u64::from(plain.degree(node));
    let possible = |node: u32| degree(node) * degree(node).saturating_sub(1) / 2;
    let clustering: Vec<f64> = (0..n)
        .map(|node| {
            let possible = possible(node);
            if possible == 0 { 0.0 } else { closed[node as usize] as f64 / possible as f64 }
        })
        .collect();
    let triples: u64 = (0..n).map(possible).sum();
    let arcs = u64::from(n) * u64::from(n.saturating_sub(1));
    let statistics = Statistics {
        nodes: n,
        edges: graph.edge_count(),
        mean_degree: (0..n).map(|node| u64::from(graph.degree(node))).sum::<u64>() as f64 / f64::from(n.max(1)),
        density: (arcs > 0).then(|| {
            let lists = if graph.direction() == Direction::Undirected { 2 } else { 1 };
            (lists * graph.edge_count()) as f64 / arcs as f64
        }),
        average_clustering: clustering.iter().sum::<f64>() / f64::from(n.max(1)),
        transitivity: if triples == 0 { 0.0 } else { closed.iter().sum::<u64>() as f64 / triples as f64 },
        paths: paths(plain, &component, rng),
        degree_assortativity: degree_assortativity(plain),
        bipartite: bipartite(plain),
        mixing: Mixing::of_graph(plain, cultures),
        components,
    };
    let nodes =
        Nodes { sees: (0..n).map(|node| graph.degree(node)).collect(), seen_by: seen_by(graph), clustering, component };
    (statistics, nodes)
}

/// The statistics of a society of `n` agents in which everybody sees everybody else, from formulas.
pub fn of_complete(cultures: &[Culture]) -> Statistics {
    let n = cultures.len() as u32;
    let others = n.saturating_sub(1);
    let triangle = f64::from(u8::from(n > 2));
    Statistics {
        nodes: n,
        edges: u64::from(n) * u64::from(others) / 2,
        mean_degree: f64::from(others),
        density: (n > 1).then_some(1.0),
        components: if n > 0 { vec![n] } else { Vec::new() },
        average_clustering: triangle,
        transitivity: triangle,
        paths: Paths { mean: (n > 1).then_some(1.0), longest: others.min(1), sources: u64::from(n), interval: None },
        degree_assortativity: None,
        bipartite: n < 3,
        mixing: Mixing::of_complete(cultures),
    }
}

fn seen_by(graph: &Graph) -> Vec<u32> {
    let mut seen = vec![0; graph.nodes() as usize];
    for node in 0..graph.nodes() {
        for &target in graph.neighbours(node) {
            seen[target as usize] += 1;
        }
    }
    seen
}

/// Component of every node, numbered from the largest on (of equal ones the one with the smallest node first), and
/// their sizes.
fn components(graph: &Graph) -> (Vec<u32>, Vec<u32>) {
    let n = graph.nodes() as usize;
    let mut groups = UnionFind::<u32>::new(n);
    for edge in graph.edges() {
        groups.union(edge.source, edge.target);
    }
    let labels = groups.into_labeling();
    let mut sizes = vec![0_u32; n];
    let mut first = vec![u32::MAX; n];
    for (node, &label) in (0..).zip(&labels) {
        sizes[label as usize] += 1;
        first[label as usize] = first[label as usize].min(node);
    }
    let mut order: Vec<usize> = (0..n).filter(|&label| sizes[label] > 0).collect();
    order.sort_unstable_by_key(|&label| (std::cmp::Reverse(sizes[label]), first[label]));
    let mut number = vec![0_u32; n];
    for (place, &label) in (0..).zip(&order) {
        number[label] = place;
    }
    (labels.iter().map(|&label| number[label as usize]).collect(), order.iter().map(|&label| sizes[label]).collect())
}

/// Pairs of a node's neighbours that are joined.
fn closed_pairs(graph: &Graph, node: u32) -> u64 {
    let neighbours = graph.neighbours(node);
    let joined = |&other: &u32| {
        // Only the later ones: every pair once.
        let others = &neighbours[neighbours.partition_point(|&n| n <= other)..];
        common(others, graph.neighbours(other))
    };
    neighbours.iter().map(joined).sum()
}

/// How many numbers two ascending lists have in common.
fn common<'l>(mut a: &'l [u32], mut b: &'l [u32]) -> u64 {
    if a.len() > b.len() {
        std::mem::swap(&mut a, &mut b);
    }
    // A short list is looked up in a long one; lists of like length are walked side by side.
    if a.len() * 8 < b.len() {
        return a.iter().filter(|number| b.binary_search(number).is_ok()).count() as u64;
    }
    let mut count = 0;
    while let (Some(first), Some(second)) = (a.first(), b.first()) {
        match first.cmp(second) {
            std::cmp::Ordering::Less => a = &a[1..],
            std::cmp::Ordering::Greater => b = &b[1..],
            std::cmp::Ordering::Equal => {
                count += 1;
                (a, b) = (&a[1..], &b[1..]);
            }
        }
    }
    count
}

fn paths(graph: &Graph, component: &[u32], rng: &mut ChaCha8Rng) -> Paths {
    let members: Vec<AgentId> =
        (0..).zip(component).filter(|(_, component)| **component == 0).map(|(node, _)| AgentId(node)).collect();
    let exact = graph.nodes() <= PATHS_EXACT_UP_TO;
    let ties = graph.edge_count().max(1) * 2;
    let drawn = (TIES_LOOKED_AT / ties).clamp(SOURCES.0, SOURCES.1) as usize;
    let sources = if exact { members.clone() } else { sample(&members, drawn, rng) };
    let found: Vec<(u64, u32)> = sources.par_iter().map(|source| search(graph, source.0)).collect();
    let others = members.len() as f64 - 1.0;
    let longest = found.iter().map(|(_, longest)| *longest).max().unwrap_or(0);
    if others < 1.0 {
        return Paths { mean: None, longest, sources: sources.len() as u64, interval: None };
    }
    // Whole numbers: the order of addition cannot show.
    let total: u64 = found.iter().map(|(sum, _)| sum).sum();
    let mean = total as f64 / (sources.len() as f64 * others);
    let interval = (!exact).then(|| {
        let squares: f64 = found.iter().map(|(sum, _)| (*sum as f64 / others - mean).powi(2)).sum();
        let drawn = sources.len() as f64;
        let half = Z_95 * (squares / (drawn - 1.0) / drawn).sqrt();
        (mean - half, mean + half)
    });
    Paths { mean: Some(mean), longest, sources: sources.len() as u64, interval }
}

/// 97.5 % quantile of the normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// Sum of the shortest paths from a node to everybody it reaches, and the longest of them.
fn search(graph: &Graph, source: u32) -> (u64, u32) {
    let mut distance = vec![u32::MAX; graph.nodes() as usize];
    let mut queue = VecDeque::from([source]);
    distance[source as usize] = 0;
    let (mut sum, mut longest) = (0, 0);
    while let Some(node) = queue.pop_front() {
        let here = distance[node as usize];
        sum += u64::from(here);
        longest = here;
        for &next in graph.neighbours(node) {
            if distance[next as usize] == u32::MAX {
                distance[next as usize] = here + 1;
                queue.push_back(next);
            }
        }
    }
    (sum, longest)
}

/// Pearson's correlation of the degrees at the two ends of an edge, every edge taken in both directions. In whole
/// numbers up to the last division.
fn degree_assortativity(graph: &Graph) -> Option<f64> {
    let (mut edges, mut products, mut sums, mut squares) = (0_i128, 0_i128, 0_i128, 0_i128);
    for edge in graph.edges() {
        let (a, b) = (i128::from(graph.degree(edge.source)), i128::from(graph.degree(edge.target)));
        edges += 1;
        products += a * b;
        sums += a + b;
        squares += a * a + b * b;
    }
    let covariance = 4 * edges * products - sums * sums;
    let variance = 2 * edges * squares - sums * sums;
    (variance > 0).then(|| covariance as f64 / variance as f64)
}

fn bipartite(graph: &Graph) -> bool {
    let mut side: Vec<Option<bool>> = vec![None; graph.nodes() as usize];
    for start in 0..graph.nodes() {
        if side[start as usize].is_some() {
            continue;
        }
        side[start as usize] = Some(false);
        let mut queue = VecDeque::from([(start, false)]);
        while let Some((node, here)) = queue.pop_front() {
            for &next in graph.neighbours(node) {
                match side[next as usize] {
                    Some(there) if there == here => return false,
                    Some(_) => {}
                    None => {
                        side[next as usize] = Some(!here);
                        queue.push_back((next, !here));
                    }
                }
            }
        }
    }
    true
}
