//! Networks: generators checked, files read.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::network::generate::Model;
use pluriverse_worlds::network::homophily::homophily;
use pluriverse_worlds::network::{Graph, Network, NetworkTextError, edge_list, graphml};
use pluriverse_worlds::survey::measures::distance::between_references;

use super::inputs::{Inputs, note};
use crate::file::diagnose::Mistake;
use crate::file::outline;
use crate::file::schema::{CulturalDistance, NetworkSpec, ReferenceChoice};
use crate::inputs::asset::{Asset, AssetError, Kind};

/// No networks are embedded.
static NETWORKS: Kind = Kind { word: "network", embedded: &[] };

/// Streams that draw networks.
const NETWORK: Purpose = Purpose("network");

/// The network of a society, or how it is drawn.
#[derive(Clone, PartialEq, Debug)]
pub enum ResolvedNetwork {
    /// The same in every replicate.
    Fixed(Network),
    /// Drawn by seed, anew in every replicate.
    Drawn(Model),
}

impl ResolvedNetwork {
    /// The network of one replicate of a society.
    pub fn network(&self, cultures: &[Culture], streams: &Streams) -> Network {
        match self {
            Self::Fixed(network) => network.clone(),
            Self::Drawn(model) => {
                let mut rng = streams.of(NETWORK).stream(AgentId(0), 0);
                Network::Graph(Arc::new(model.draw(cultures, &mut rng)))
            }
        }
    }

    /// Number of agents an agent sees, in the mean: for plans, before anything is drawn.
    pub fn mean_degree(&self, agents: usize) -> f64 {
        let others = agents.saturating_sub(1) as f64;
        match self {
            Self::Fixed(Network::Complete { .. }) => others,
            Self::Fixed(Network::Graph(graph)) => {
                (0..graph.nodes()).map(|node| f64::from(graph.degree(node))).sum::<f64>() / agents.max(1) as f64
            }
            Self::Drawn(model) => match model {
                Model::RingLattice { neighbours } | Model::WattsStrogatz { neighbours, .. } => f64::from(*neighbours),
                Model::Gnp { p } => p * others,
                Model::Gnm { m } => 2.0 * *m as f64 / agents.max(1) as f64,
                Model::BarabasiAlbert { m } => 2.0 * f64::from(*m),
                Model::Blocks { probability, .. } => {
                    // At most: everybody of the culture with the most ties.
                    probability.iter().flatten().copied().fold(0.0, f64::max) * others
                }
            },
        }
    }
}

/// Where a network is written, and what it is resolved with.
pub(super) struct Setting<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) reference: &'a ReferenceChoice,
    pub(super) base: &'a Path,
    /// The society's place in the file.
    pub(super) place: &'a outline::Path,
    pub(super) society: &'a str,
}

/// The network of a society over agents of these cultures.
pub(super) fn resolve(
    spec: &NetworkSpec,
    cultures: &[Culture],
    setting: &Setting<'_>,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<ResolvedNetwork> {
    let mut place = setting.place.clone();
    place.push(outline::Step::from("network"));
    let n = cultures.len() as u32;
    let model = match spec {
        NetworkSpec::Complete => return Some(ResolvedNetwork::Fixed(Network::Complete { agents: n })),
        NetworkSpec::EdgeList { path, direction } => {
            let read = |text: &str| edge_list::read(text, n, *direction);
            return from_file(path, setting, &place, &read, digests, mistakes);
        }
        NetworkSpec::GraphMl { path } => {
            return from_file(path, setting, &place, &|text| graphml::read(text, n), digests, mistakes);
        }
        drawn => model(drawn, cultures, setting),
    };
    let model = model.and_then(|model| model.problem(n).map_or(Ok(model), Err));
    match model {
        Ok(lattice @ Model::RingLattice { .. }) => {
            // Nothing is drawn: one lattice serves every replicate.
            let streams = Streams::new(0, "", 0);
            Some(ResolvedNetwork::Fixed(ResolvedNetwork::Drawn(lattice).network(cultures, &streams)))
        }
        Ok(model) => Some(ResolvedNetwork::Drawn(model)),
        Err(problem) => {
            mistakes.push(Mistake::at(place, problem));
            None
        }
    }
}

fn model(spec: &NetworkSpec, cultures: &[Culture], setting: &Setting<'_>) -> Result<Model, String> {
    let count = |what: &str, value: i64| {
        u32::try_from(value).map_err(|_| format!("`{what}` is a number of ties from 0 on, not {value}"))
    };
    let counts = || -> Vec<(Culture, u64)> {
        let mut counts: BTreeMap<Culture, u64> = BTreeMap::new();
        for culture in cultures {
            *counts.entry(*culture).or_default() += 1;
        }
        counts.into_iter().collect()
    };
    Ok(match spec {
        NetworkSpec::RingLattice { neighbours } => Model::RingLattice { neighbours: count("neighbours", *neighbours)? },
        NetworkSpec::WattsStrogatz { neighbours, rewire } => {
            Model::WattsStrogatz { neighbours: count("neighbours", *neighbours)?, rewire: *rewire }
        }
        NetworkSpec::ErdosRenyi { p: Some(p), m: None } => Model::Gnp { p: *p },
        NetworkSpec::ErdosRenyi { p: None, m: Some(m) } => Model::Gnm { m: u64::from(count("m", *m)?) },
        NetworkSpec::ErdosRenyi { .. } => {
            return Err("an Erdős–Rényi network has either `p`, a probability, or `m`, a number of ties".to_owned());
        }
        NetworkSpec::BarabasiAlbert { m } => Model::BarabasiAlbert { m: count("m", *m)? },
        NetworkSpec::StochasticBlock { within, between } => {
            let present: Vec<Culture> = counts().into_iter().map(|(culture, _)| culture).collect();
            let row = |a: &Culture| present.iter().map(|b| if a == b { *within } else { *between }).collect();
            Model::Blocks { probability: present.iter().map(row).collect(), cultures: present.clone() }
        }
        NetworkSpec::Homophily { degree, strength, by } => {
            let distances = distances(*by, setting);
            homophily(&counts(), |a, b| distances[a.index()][b.index()], *strength, *degree)?
        }
        NetworkSpec::Complete | NetworkSpec::EdgeList { .. } | NetworkSpec::GraphMl { .. } => {
            return Err("nothing is drawn for this network".to_owned());
        }
    })
}

/// Distances between all cultures; of a culture to itself 0.
fn distances(by: CulturalDistance, setting: &Setting<'_>) -> Vec<Vec<f64>> {
    let inputs = setting.inputs;
    let profiles = &inputs.cultures.cultures;
    if by == CulturalDistance::Map {
        let position = |index: usize| {
            let position = profiles[index].position;
            (position.traditional_secular, position.survival_self_expression)
        };
        let distance = |a: usize, b: usize| {
            let ((ax, ay), (bx, by)) = (position(a), position(b));
            ((ax - bx).powi(2) + (ay - by).powi(2)).sqrt()
        };
        return (0..profiles.len()).map(|a| (0..profiles.len()).map(|b| distance(a, b)).collect()).collect();
    }
    let spans = inputs.survey.squared_spans();
    let (statistic, coding) = (setting.reference.statistic, setting.reference.coding);
    let sheets: Vec<_> = profiles
        .iter()
        .map(|profile| inputs.reference.sheet(&profile.code, &inputs.survey, statistic, coding))
        .collect();
    // Cultures the reference knows nothing of are never in a population.
    let distance = |a: usize, b: usize| between_references(&sheets[a], &sheets[b], &spans).0.unwrap_or(0.0);
    (0..profiles.len()).map(|a| (0..profiles.len()).map(|b| distance(a, b)).collect()).collect()
}

fn from_file(
    name: &str,
    setting: &Setting<'_>,
    place: &outline::Path,
    read: &dyn Fn(&str) -> Result<Graph, NetworkTextError>,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<ResolvedNetwork> {
    let mut place = place.clone();
    place.push(outline::Step::from("path"));
    let asset = Asset::find(&NETWORKS, name, setting.base);
    let found = asset.and_then(|asset| {
        digests.push(InputDigest { name: format!("network of {}", setting.society), ..asset.digest() });
        read(&asset.text).map_err(|error| AssetError::new(format!("{name}, {error}")))
    });
    match found {
        Ok(graph) => Some(ResolvedNetwork::Fixed(Network::Graph(Arc::new(graph)))),
        Err(error) => {
            note(error, place, mistakes);
            None
        }
    }
}
