//! Who sees whom: a picture of the network, and its figures.

use maud::{Markup, html};
use pluriverse_engine::agent::AgentId;
use pluriverse_worlds::network::Network;

use super::chart::px;
use super::sources::OfSociety;
use super::table::{cell, figures, table, text};
use crate::commands::trajectory::Trajectory;
use crate::resolve::{Resolved, ResolvedSociety};

/// Networks of more agents are not drawn.
const MOST: usize = 250;

/// Complete networks of more agents are a blot.
const MOST_COMPLETE: usize = 40;

/// Figures that are told, and what they are called.
const TOLD: [(&str, &str, usize); 13] = [
    ("network_edges", "ties", 0),
    ("network_mean_degree", "agents seen by an agent, mean", 2),
    ("network_density", "density", 4),
    ("network_components", "components", 0),
    ("network_largest_component", "agents in the largest component", 0),
    ("network_clustering", "clustering (Watts & Strogatz)", 3),
    ("network_transitivity", "transitivity", 3),
    ("network_mean_path", "mean path length", 3),
    ("network_longest_path", "longest path found", 0),
    ("network_degree_assortativity", "assortativity by degree", 3),
    ("network_culture_assortativity", "assortativity by culture", 3),
    ("network_ei_index", "E–I index of cultures (−1 all within, 1 all between)", 3),
    ("network_modularity", "modularity of cultures", 3),
];

/// The network of a society.
pub(super) fn section(resolved: &Resolved, society: &OfSociety<'_>) -> Markup {
    let replicates: Vec<&Trajectory> =
        society.trajectories.iter().filter(|strand| !strand.network.is_empty()).collect();
    let (network, n) = (society.society.network_of(resolved.seed(), 0), society.society.agents.len());
    let drawable = n > 1 && n <= if matches!(network, Network::Complete { .. }) { MOST_COMPLETE } else { MOST };
    let parts = replicates.iter().filter_map(|strand| *strand.network.get("network_components")?).fold(0.0, f64::max);
    html! {
        section {
            h3 { "The network" }
            @if parts > 1.0 {
                p.notice { "It falls into " (parts) " parts that never hear of each other." }
            }
            div.charts.wide {
                @if drawable { (picture(resolved, society.society, &network)) }
                div { (figures_of(&replicates)) }
            }
            @if !drawable && n > 1 { p.soft { "Too many agents to be drawn." } }
        }
    }
}

/// The figures, with their range where every replicate has a network of its own.
fn figures_of(replicates: &[&Trajectory]) -> Markup {
    let rows: Vec<Vec<Markup>> = TOLD
        .iter()
        .filter_map(|(metric, name, decimals)| {
            let known: Vec<f64> = replicates.iter().filter_map(|strand| *strand.network.get(*metric)?).collect();
            let first = known.first()?;
            let (low, high) = known.iter().fold((*first, *first), |(low, high), v| (low.min(*v), high.max(*v)));
            let words = if high > low {
                let mean = known.iter().sum::<f64>() / known.len() as f64;
                format!("{mean:.decimals$} ({low:.decimals$} to {high:.decimals$})")
            } else {
                format!("{first:.decimals$}")
            };
            Some(vec![cell(*name), cell(words)])
        })
        .collect();
    let several = replicates.len() > 1;
    table(&[text(""), figures(if several { "mean (range) over replicates" } else { "" })], &rows)
}

const SIZE: f64 = 380.0;

fn picture(resolved: &Resolved, society: &ResolvedSociety, network: &Network) -> Markup {
    let n = society.agents.len();
    let ties = ties(network, n);
    let order = by_culture(society);
    let places = match network {
        Network::Complete { .. } => circle(&order),
        Network::Graph(_) => relaxed(&order, &ties),
    };
    let at = |node: usize| (px(20.0 + places[node].0 * (SIZE - 40.0)), px(20.0 + places[node].1 * (SIZE - 40.0)));
    let cultures: Vec<u16> = {
        let mut cultures: Vec<u16> = society.agents.iter().map(|agent| agent.culture.0).collect();
        cultures.sort_unstable();
        cultures.dedup();
        cultures
    };
    let colour = |node: usize| cultures.iter().position(|c| *c == society.agents[node].culture.0).unwrap_or(0) % 8;
    let code = |node: usize| &resolved.cultures.profile(society.agents[node].culture).code;
    let radius = if n <= 40 { 9.0 } else { 5.0 };
    html! {
        figure {
            svg viewBox={ "0 0 " (SIZE) " " (SIZE) } role="img" aria-label="who sees whom" {
                @for (a, b) in &ties {
                    @let ((x1, y1), (x2, y2)) = (at(*a), at(*b));
                    line.tie x1=(x1) y1=(y1) x2=(x2) y2=(y2) {}
                }
                @for node in 0..n {
                    @let (x, y) = at(node);
                    g class={ "k" (colour(node)) } {
                        circle.node cx=(x) cy=(y) r=(radius) {
                            title { "agent " (node) ", " (code(node)) ", sees " (network.peers(AgentId(node as u32)).len()) }
                        }
                    }
                    @if n <= 40 { text x=(x) y=(px(20.0 + places[node].1 * (SIZE - 40.0) + 21.0)) text-anchor="middle" { (code(node)) } }
                }
            }
            figcaption { "Replicate 0; colours are cultures. A line joins two agents of whom one sees the other." }
        }
    }
}

/// Pairs of agents of whom one sees the other.
fn ties(network: &Network, n: usize) -> Vec<(usize, usize)> {
    let mut ties: Vec<(usize, usize)> = (0..n)
        .flat_map(|node| {
            let peers = network.peers(AgentId(node as u32));
            (0..peers.len()).map(move |place| {
                let other = peers.get(place).index();
                (node.min(other), node.max(other))
            })
        })
        .collect();
    ties.sort_unstable();
    ties.dedup();
    ties
}

/// Agents, those of a culture side by side.
fn by_culture(society: &ResolvedSociety) -> Vec<usize> {
    let mut order: Vec<usize> = (0..society.agents.len()).collect();
    order.sort_by_key(|&agent| (society.agents[agent].culture.0, agent));
    order
}

/// Places on a circle, 0 to 1, in this order.
fn circle(order: &[usize]) -> Vec<(f64, f64)> {
    let mut places = vec![(0.5, 0.5); order.len()];
    for (position, &agent) in order.iter().enumerate() {
        let angle = std::f64::consts::TAU * position as f64 / order.len() as f64;
        places[agent] = (0.5 + 0.5 * libm::sin(angle), 0.5 - 0.5 * libm::cos(angle));
    }
    places
}

/// Places at which ties are short and agents apart, 0 to 1: forces as in Fruchterman & Reingold (1991), from a circle,
/// the same on every machine.
fn relaxed(order: &[usize], ties: &[(usize, usize)]) -> Vec<(f64, f64)> {
    const STEPS: usize = 150;
    const WARMEST: f64 = 0.08;
    let mut places = circle(order);
    let n = places.len();
    let apart = (1.0 / n as f64).sqrt();
    for step in 0..STEPS {
        let mut forces = vec![(0.0, 0.0); n];
        let mut push = |a: usize, b: usize, (dx, dy): (f64, f64), strength: f64| {
            forces[a] = (forces[a].0 + dx * strength, forces[a].1 + dy * strength);
            forces[b] = (forces[b].0 - dx * strength, forces[b].1 - dy * strength);
        };
        for a in 0..n {
            for b in a + 1..n {
                let (dx, dy) = (places[a].0 - places[b].0, places[a].1 - places[b].1);
                push(a, b, (dx, dy), apart * apart / (dx * dx + dy * dy).max(1e-6));
            }
        }
        for &(a, b) in ties {
            let (dx, dy) = (places[a].0 - places[b].0, places[a].1 - places[b].1);
            push(a, b, (dx, dy), -(dx * dx + dy * dy).sqrt() / apart);
        }
        let warmth = WARMEST * (1.0 - step as f64 / STEPS as f64);
        for (place, force) in places.iter_mut().zip(&forces) {
            let length = (force.0 * force.0 + force.1 * force.1).sqrt().max(1e-12);
            let reach = length.min(warmth) / length;
            // Parts without a tie between them would drift away for ever.
            let (x, y) = (place.0 + force.0 * reach, place.1 + force.1 * reach);
            *place = (x + (0.5 - x) * 0.01, y + (0.5 - y) * 0.01);
        }
    }
    fitted(&places)
}

/// The same places moved and scaled into 0 to 1.
fn fitted(places: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let ends = |of: fn(&(f64, f64)) -> f64| {
        places.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((left, right), (top, bottom)) = (ends(|place| place.0), ends(|place| place.1));
    let span = (right - left).max(bottom - top).max(1e-9);
    places.iter().map(|(x, y)| ((x - left) / span, (y - top) / span)).collect()
}
