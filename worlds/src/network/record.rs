//! What a run leaves of its networks: a row an edge, a row an agent, and the statistics as observations.

use std::sync::Arc;

use pluriverse_engine::observation::Observation;
use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableSpec};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Network;
use super::generate::complete;
use super::graph::{Edge, SharedGraph};
use super::statistics::{Nodes, Statistics, of_complete, statistics};
use crate::culture::{Culture, Cultures};

/// Scope of figures about a network.
pub const NETWORK: &str = "network";

/// `network_edges.parquet`: one row an edge.
pub static EDGES: TableSpec = TableSpec {
    name: "network_edges",
    columns: &[
        ("society", ColumnKind::Text),
        ("replicate", ColumnKind::Integer),
        ("direction", ColumnKind::Text),
        ("source", ColumnKind::Integer),
        ("target", ColumnKind::Integer),
        ("weight", ColumnKind::Real),
    ],
};

/// `network_nodes.parquet`: one row an agent.
pub static NODES: TableSpec = TableSpec {
    name: "network_nodes",
    columns: &[
        ("society", ColumnKind::Text),
        ("replicate", ColumnKind::Integer),
        ("agent", ColumnKind::Integer),
        ("culture", ColumnKind::Text),
        ("sees", ColumnKind::Integer),
        ("seen_by", ColumnKind::Integer),
        ("clustering", ColumnKind::Real),
        ("component", ColumnKind::Integer),
    ],
};

/// Whether networks are written edge by edge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum RecordNetwork {
    /// Every edge and every agent's figures; of complete networks up to [`COMPLETE_LISTED`] agents.
    #[default]
    All,
    /// Only the statistics.
    None,
}

/// Complete networks of more agents are not listed: their edges are everybody with everybody.
pub const COMPLETE_LISTED: u32 = 1_000;

/// What is written of one society's network.
pub struct NetworkRecord {
    /// Its statistics.
    pub observations: Vec<Observation>,
    /// Its edges and nodes; empty where they are not written.
    pub rows: Vec<Rows>,
}

/// What is written of the network of a society in one replicate. `rng` draws the sources of path searches.
pub fn record(
    network: &Network,
    members: &[Culture],
    cultures: &Cultures,
    place: (&Arc<str>, u32),
    choice: RecordNetwork,
    rng: &mut ChaCha8Rng,
) -> NetworkRecord {
    let (graph, figures, nodes) = match network {
        Network::Complete { agents } if *agents > COMPLETE_LISTED => {
            return NetworkRecord { observations: observations(&of_complete(members)), rows: Vec::new() };
        }
        Network::Complete { agents } => {
            let graph = Arc::new(complete(*agents));
            let (_, nodes) = statistics(&graph, members, rng);
            (graph, of_complete(members), nodes)
        }
        Network::Graph(graph) => {
            let (figures, nodes) = statistics(graph, members, rng);
            (graph.clone(), figures, nodes)
        }
    };
    let rows = match choice {
        RecordNetwork::None => Vec::new(),
        RecordNetwork::All => vec![
            Rows { table: &EDGES, portions: edges(place, &graph) },
            Rows { table: &NODES, portions: node_rows(place, members, cultures, nodes) },
        ],
    };
    NetworkRecord { observations: observations(&figures), rows }
}

/// Rows of one row group.
const PORTION: usize = 1 << 20;

type Portions = Box<dyn Iterator<Item = Vec<Column>> + Send + Sync>;

fn edges((society, replicate): (&Arc<str>, u32), graph: &SharedGraph) -> Portions {
    let (society, graph) = (society.clone(), graph.clone());
    let direction: Arc<str> = Arc::from(graph.direction().name());
    let mut next = 0_u32;
    Box::new(std::iter::from_fn(move || {
        let mut portion: Vec<Edge> = Vec::new();
        while next < graph.nodes() && portion.len() < PORTION {
            portion.extend(graph.edges_of(next));
            next += 1;
        }
        let rows = portion.len();
        let integer = |of: fn(&Edge) -> u32| Column::Integer(portion.iter().map(|e| Some(i64::from(of(e)))).collect());
        (rows > 0).then(|| {
            vec![
                Column::same_text(&society, rows),
                Column::same_integer(i64::from(replicate), rows),
                Column::same_text(&direction, rows),
                integer(|edge| edge.source),
                integer(|edge| edge.target),
                Column::Real(portion.iter().map(|edge| Some(edge.weight)).collect()),
            ]
        })
    }))
}

fn node_rows(
    (society, replicate): (&Arc<str>, u32),
    members: &[Culture],
    cultures: &Cultures,
    nodes: Nodes,
) -> Portions {
    let society = society.clone();
    let members = members.to_vec();
    let codes: Vec<Arc<str>> = cultures.cultures.iter().map(|profile| profile.code.clone()).collect();
    let mut next = 0;
    Box::new(std::iter::from_fn(move || {
        let range = next..(next + PORTION).min(members.len());
        next = range.end;
        let rows = range.len();
        let counts = |of: &[u32]| Column::Integer(of[range.clone()].iter().map(|&n| Some(i64::from(n))).collect());
        (rows > 0).then(|| {
            vec![
                Column::same_text(&society, rows),
                Column::same_integer(i64::from(replicate), rows),
                Column::Integer(range.clone().map(|agent| Some(agent as i64)).collect()),
                Column::Text {
                    values: codes.clone(),
                    rows: members[range.clone()].iter().map(|culture| u32::from(culture.0)).collect(),
                },
                counts(&nodes.sees),
                counts(&nodes.seen_by),
                Column::Real(nodes.clustering[range.clone()].iter().map(|&share| Some(share)).collect()),
                counts(&nodes.component),
            ]
        })
    }))
}

/// The statistics of a network as observations, n the number of agents unless said otherwise.
pub fn observations(figures: &Statistics) -> Vec<Observation> {
    let agents = u64::from(figures.nodes);
    let mixing = figures.mixing.as_ref();
    let of = |metric, value, n| Observation::of(metric, NETWORK, Arc::from(""), value, n);
    let path = of("network_mean_path", figures.paths.mean, figures.paths.sources);
    let path = if figures.paths.interval.is_some() { path.estimated(figures.paths.interval) } else { path };
    let longest = of("network_longest_path", Some(f64::from(figures.paths.longest)), figures.paths.sources);
    let longest = if figures.paths.interval.is_some() { longest.estimated(None) } else { longest };
    vec![
        of("network_edges", Some(figures.edges as f64), agents),
        of("network_mean_degree", Some(figures.mean_degree), agents),
        of("network_density", figures.density, agents),
        of("network_components", Some(figures.components.len() as f64), agents),
        of("network_largest_component", figures.components.first().map(|&size| f64::from(size)), agents),
        of("network_clustering", Some(figures.average_clustering), agents),
        of("network_transitivity", Some(figures.transitivity), agents),
        path,
        longest,
        of("network_degree_assortativity", figures.degree_assortativity, figures.edges),
        of("network_culture_assortativity", mixing.and_then(|mixing| mixing.assortativity), figures.edges),
        of("network_ei_index", mixing.map(|mixing| mixing.ei_index), figures.edges),
        of("network_modularity", mixing.map(|mixing| mixing.modularity), figures.edges),
    ]
}
