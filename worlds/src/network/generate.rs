//! Random networks: seeded generators on neighbour lists. All are simple and undirected.

use libm::log;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::graph::{Direction, Edge, Graph};
use crate::culture::Culture;

/// A model of random networks.
#[derive(Clone, PartialEq, Debug)]
pub enum Model {
    /// Each node is joined to its `neighbours` nearest on a ring, half on either side (even). Nothing is drawn.
    RingLattice {
        /// Ties of each node.
        neighbours: u32,
    },
    /// A ring lattice of which each edge is rewired with probability `rewire` to a node drawn uniformly among those its
    /// near end is not joined to yet (Watts & Strogatz 1998). Exactly n·neighbours/2 edges.
    WattsStrogatz {
        /// Ties of each node before rewiring, even.
        neighbours: u32,
        /// Probability that an edge is rewired, 0 to 1.
        rewire: f64,
    },
    /// Every pair is joined with probability `p`, independently (Erdős & Rényi; G(n,p)).
    Gnp {
        /// The probability, 0 to 1.
        p: f64,
    },
    /// `m` different pairs, each set of pairs equally likely (G(n,m)).
    Gnm {
        /// Number of edges.
        m: u64,
    },
    /// Grown from a star on m + 1 nodes; every later node is joined to `m` different nodes, drawn in proportion to
    /// their degrees (Barabási & Albert 1999). Exactly m·(n − m) edges.
    BarabasiAlbert {
        /// Ties each later node comes with.
        m: u32,
    },
    /// Every pair is joined with a probability that depends on the blocks of its ends (Holland, Laskey & Leinhardt
    /// 1983). Here the blocks are cultures: `probability[a][b]`, symmetric, by position in `cultures`.
    Blocks {
        /// The cultures present, ascending.
        cultures: Vec<Culture>,
        /// Probability of a tie between agents of two of them.
        probability: Vec<Vec<f64>>,
    },
}

impl Model {
    /// A network of this model over agents of these cultures (one an agent, in agent order).
    pub fn draw(&self, agents: &[Culture], rng: &mut ChaCha8Rng) -> Graph {
        let n = agents.len() as u32;
        match self {
            Self::RingLattice { neighbours } => ring_lattice(n, *neighbours),
            Self::WattsStrogatz { neighbours, rewire } => watts_strogatz(n, *neighbours, *rewire, rng),
            Self::Gnp { p } => gnp(n, *p, rng),
            Self::Gnm { m } => gnm(n, *m, rng),
            Self::BarabasiAlbert { m } => barabasi_albert(n, *m, rng),
            Self::Blocks { cultures, probability } => blocks(agents, cultures, probability, rng),
        }
    }

    /// Why there is no such network over `n` agents, where there is none.
    pub fn problem(&self, n: u32) -> Option<String> {
        let share = |what: &str, value: f64| {
            (!(0.0..=1.0).contains(&value)).then(|| format!("{what} is a probability from 0 to 1, not {value}"))
        };
        match self {
            Self::RingLattice { neighbours } => even(*neighbours, n),
            Self::WattsStrogatz { neighbours, rewire } => even(*neighbours, n).or_else(|| share("`rewire`", *rewire)),
            Self::Gnp { p } => share("`p`", *p),
            Self::Gnm { m } => {
                let most = pairs(n);
                (*m > most).then(|| format!("{n} agents can be joined in {most} ways, not in {m}"))
            }
            Self::BarabasiAlbert { m } => {
                (*m < 1 || *m >= n).then(|| format!("`m` lies from 1 to one less than the {n} agents, not at {m}"))
            }
            Self::Blocks { probability, .. } => {
                probability.iter().flatten().find_map(|value| share("the probability of a tie", *value))
            }
        }
    }
}

fn even(neighbours: u32, n: u32) -> Option<String> {
    if neighbours < 2 || !neighbours.is_multiple_of(2) {
        return Some(format!("a ring lattice needs an even number of neighbours, at least 2, not {neighbours}"));
    }
    (neighbours >= n).then(|| format!("{n} agents cannot have {neighbours} neighbours each"))
}

/// Number of pairs of `n` things.
pub(super) fn pairs(n: u32) -> u64 {
    u64::from(n) * u64::from(n.saturating_sub(1)) / 2
}

fn lists(n: u32, expected: usize) -> Vec<Vec<u32>> {
    (0..n).map(|_| Vec::with_capacity(expected)).collect()
}

fn join(lists: &mut [Vec<u32>], a: u32, b: u32) {
    lists[a as usize].push(b);
    lists[b as usize].push(a);
}

fn ring(n: u32, neighbours: u32) -> Vec<Vec<u32>> {
    let mut lists = lists(n, neighbours as usize);
    for step in 1..=neighbours / 2 {
        for node in 0..n {
            join(&mut lists, node, (node + step) % n);
        }
    }
    lists
}

fn ring_lattice(n: u32, neighbours: u32) -> Graph {
    Graph::of_lists(ring(n, neighbours))
}

fn watts_strogatz(n: u32, neighbours: u32, rewire: f64, rng: &mut ChaCha8Rng) -> Graph {
    let mut lists = ring(n, neighbours);
    for step in 1..=neighbours / 2 {
        for node in 0..n {
            if rng.random::<f64>() >= rewire || lists[node as usize].len() as u32 >= n - 1 {
                continue;
            }
            let old = (node + step) % n;
            let new = loop {
                let drawn = rng.random_range(0..n);
                if drawn != node && !lists[node as usize].contains(&drawn) {
                    break drawn;
                }
            };
            lists[node as usize].retain(|&other| other != old);
            lists[old as usize].retain(|&other| other != node);
            join(&mut lists, node, new);
        }
    }
    Graph::of_lists(lists)
}

/// Places of a line of `length` at which a coin of probability `p` falls on heads, by geometric skips (Batagelj &
/// Brandes 2005): time in proportion to the heads.
fn heads(length: u64, p: f64, rng: &mut ChaCha8Rng, mut visit: impl FnMut(u64)) {
    if p >= 1.0 {
        (0..length).for_each(visit);
        return;
    }
    if p <= 0.0 {
        return;
    }
    let scale = log(1.0 - p);
    let mut place = 0_u64;
    loop {
        // Uniform on (0, 1]: its logarithm is finite.
        let uniform = 1.0 - rng.random::<f64>();
        let skip = (log(uniform) / scale).floor();
        if skip >= (length - place) as f64 {
            return;
        }
        place += skip as u64;
        visit(place);
        place += 1;
        if place >= length {
            return;
        }
    }
}

/// The pair `(a, b)`, a < b, at this place of the list (0,1), (0,2), (1,2), (0,3), …
fn pair_at(place: u64) -> (u32, u32) {
    let mut b = f64::midpoint(1.0, (1.0 + 8.0 * place as f64).sqrt()) as u64;
    // The root of a large number may be off by one.
    while b * (b - 1) / 2 > place {
        b -= 1;
    }
    while b * (b + 1) / 2 <= place {
        b += 1;
    }
    ((place - b * (b - 1) / 2) as u32, b as u32)
}

fn gnp(n: u32, p: f64, rng: &mut ChaCha8Rng) -> Graph {
    let mut lists = lists(n, 0);
    if n > 1 {
        heads(pairs(n), p, rng, |place| {
            let (a, b) = pair_at(place);
            join(&mut lists, a, b);
        });
    }
    Graph::of_lists(lists)
}

fn gnm(n: u32, m: u64, rng: &mut ChaCha8Rng) -> Graph {
    let all = pairs(n);
    let mut lists = lists(n, 0);
    // Floyd's sample of different places: every set of m is equally likely.
    let mut chosen = std::collections::BTreeSet::new();
    for last in all - m.min(all)..all {
        let drawn = rng.random_range(0..=last);
        let place = if chosen.contains(&drawn) { last } else { drawn };
        chosen.insert(place);
        let (a, b) = pair_at(place);
        join(&mut lists, a, b);
    }
    Graph::of_lists(lists)
}

fn barabasi_albert(n: u32, m: u32, rng: &mut ChaCha8Rng) -> Graph {
    let mut lists = lists(n, m as usize);
    // Every node once for each of its ties: drawing from it is drawing by degree.
    let mut ends: Vec<u32> = Vec::with_capacity(2 * m as usize * n as usize);
    for leaf in 1..=m {
        join(&mut lists, 0, leaf);
        ends.extend([0, leaf]);
    }
    let mut targets: Vec<u32> = Vec::with_capacity(m as usize);
    for node in m + 1..n {
        targets.clear();
        while targets.len() < m as usize {
            let drawn = ends[rng.random_range(0..ends.len() as u64) as usize];
            if !targets.contains(&drawn) {
                targets.push(drawn);
            }
        }
        for &target in &targets {
            join(&mut lists, node, target);
            ends.extend([node, target]);
        }
    }
    Graph::of_lists(lists)
}

fn blocks(agents: &[Culture], cultures: &[Culture], probability: &[Vec<f64>], rng: &mut ChaCha8Rng) -> Graph {
    let members: Vec<Vec<u32>> = cultures
        .iter()
        .map(|culture| (0..).zip(agents).filter(|(_, of)| *of == culture).map(|(agent, _)| agent).collect())
        .collect();
    let mut lists = lists(agents.len() as u32, 0);
    for (a, of_a) in members.iter().enumerate() {
        let within = pairs(of_a.len() as u32);
        if within > 0 {
            heads(within, probability[a][a], rng, |place| {
                let (first, second) = pair_at(place);
                join(&mut lists, of_a[first as usize], of_a[second as usize]);
            });
        }
        for (b, of_b) in members.iter().enumerate().skip(a + 1) {
            let width = of_b.len() as u64;
            let between = of_a.len() as u64 * width;
            if between > 0 {
                heads(between, probability[a][b], rng, |place| {
                    join(&mut lists, of_a[(place / width) as usize], of_b[(place % width) as usize]);
                });
            }
        }
    }
    Graph::of_lists(lists)
}

/// The edges of a society in which everybody sees everybody else, as a graph: for reports on small societies.
pub fn complete(n: u32) -> Graph {
    let edges = (0..n).flat_map(|source| (source + 1..n).map(move |target| Edge { source, target, weight: 1.0 }));
    Graph::new(n, &edges.collect::<Vec<_>>(), Direction::Undirected).unwrap_or_else(|_| Graph::of_lists(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    fn any_model() -> impl Strategy<Value = Model> {
        prop_oneof![
            (1_u32..4).prop_map(|half| Model::RingLattice { neighbours: 2 * half }),
            (1_u32..4, 0.0_f64..=1.0).prop_map(|(half, rewire)| Model::WattsStrogatz { neighbours: 2 * half, rewire }),
            (0.0_f64..=1.0).prop_map(|p| Model::Gnp { p }),
            (0_u64..=pairs(9)).prop_map(|m| Model::Gnm { m }),
            (1_u32..6).prop_map(|m| Model::BarabasiAlbert { m }),
            (0.0_f64..=1.0, 0.0_f64..=1.0).prop_map(|(within, between)| Model::Blocks {
                cultures: vec![Culture(1), Culture(4)],
                probability: vec![vec![within, between], vec![between, within]],
            }),
        ]
    }

    proptest! {
        #[test]
        fn every_network_is_simple_and_symmetric_and_has_the_edges_its_model_promises(
            model in any_model(), n in 9_u32..30, seed in any::<u64>()
        ) {
            prop_assert_eq!(model.problem(n), None);
            let agents: Vec<Culture> = (0..n).map(|agent| Culture(if agent % 3 == 0 { 1 } else { 4 })).collect();
            let graph = model.draw(&agents, &mut ChaCha8Rng::seed_from_u64(seed));
            prop_assert_eq!(graph.nodes(), n);
            for node in 0..n {
                let neighbours = graph.neighbours(node);
                prop_assert!(neighbours.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", neighbours);
                prop_assert!(neighbours.iter().all(|&other| other != node && graph.sees(other, node)));
            }
            let edges = graph.edge_count();
            match model {
                Model::RingLattice { neighbours } => {
                    prop_assert_eq!(edges, u64::from(n * neighbours / 2));
                    prop_assert!((0..n).all(|node| graph.degree(node) == neighbours));
                }
                Model::WattsStrogatz { neighbours, .. } => prop_assert_eq!(edges, u64::from(n * neighbours / 2)),
                Model::Gnm { m } => prop_assert_eq!(edges, m.min(pairs(n))),
                Model::BarabasiAlbert { m } => prop_assert_eq!(edges, u64::from(m * (n - m))),
                Model::Gnp { .. } | Model::Blocks { .. } => prop_assert!(edges <= pairs(n)),
            }
        }

        #[test]
        fn a_place_in_the_list_of_pairs_is_one_pair(place in 0_u64..u64::from(u32::MAX)) {
            let (a, b) = pair_at(place);
            prop_assert!(a < b);
            prop_assert_eq!(pairs(b) + u64::from(a), place);
        }
    }

    #[test]
    fn networks_that_cannot_be_are_refused_with_the_reason() {
        for (model, n) in [
            (Model::RingLattice { neighbours: 3 }, 10),
            (Model::RingLattice { neighbours: 10 }, 10),
            (Model::WattsStrogatz { neighbours: 4, rewire: 1.5 }, 10),
            (Model::Gnp { p: -0.1 }, 10),
            (Model::Gnm { m: 46 }, 10),
            (Model::BarabasiAlbert { m: 0 }, 10),
            (Model::BarabasiAlbert { m: 10 }, 10),
        ] {
            assert!(model.problem(n).is_some(), "{model:?}");
        }
    }
}
