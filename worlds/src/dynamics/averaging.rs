//! Averaging: DeGroot, Friedkin–Johnsen, and the latter with a bias.

use rayon::prelude::*;

use super::Opinions;
use crate::network::{Graph, Network, Peers};

/// Rows that share a unit of parallel work.
const CHUNK: usize = 256;

/// Steps `next` = f(own opinion, mean of those seen, first opinion) for every agent and item. Whoever sees nobody keeps
/// its opinions; opinions that are not known are left out of means, and an unknown own opinion stays unknown.
pub fn step(
    now: &Opinions,
    seen: &Opinions,
    network: &Network,
    next: &mut Opinions,
    f: impl Fn(f64, f64, f64) -> f64 + Sync,
    first: &Opinions,
) {
    let items = now.items();
    next.values_mut().par_chunks_mut(items * CHUNK).enumerate().for_each(|(chunk, rows)| {
        let (mut sums, mut weights) = (vec![0.0; items], vec![0.0; items]);
        for (place, row) in rows.chunks_mut(items).enumerate() {
            let agent = chunk * CHUNK + place;
            means_known(network, agent, seen, &mut sums, &mut weights);
            let own = now.row(agent).iter().zip(first.row(agent));
            for ((value, (&own, &first)), (sum, weight)) in row.iter_mut().zip(own).zip(sums.iter().zip(&weights)) {
                *value = if *weight > 0.0 { f(own, sum / weight, first) } else { own };
            }
        }
    });
}

/// Sums and weights of the known opinions an agent sees.
fn means_known(network: &Network, agent: usize, seen: &Opinions, sums: &mut [f64], weights: &mut [f64]) {
    sums.fill(0.0);
    weights.fill(0.0);
    let peers = network.peers(pluriverse_engine::agent::AgentId(agent as u32));
    for place in 0..peers.len() {
        let weight = peers.weight(place);
        let row = seen.row(peers.get(place).index());
        for ((sum, total), value) in sums.iter_mut().zip(weights.iter_mut()).zip(row) {
            if !value.is_nan() {
                *sum += weight * value;
                *total += weight;
            }
        }
    }
}

/// DeGroot 1974: the mean of those seen and, counted `own` times, the own opinion. `next` is replaced whole. Needs
/// opinions that are known throughout.
pub fn degroot(now: &Opinions, network: &Network, own: f64, next: &mut Opinions) {
    match network {
        Network::Graph(graph) if own == 0.0 && !graph.is_weighted() => neighbour_means(now, graph, next),
        _ => {
            let items = now.items();
            next.values_mut().par_chunks_mut(items * CHUNK).enumerate().for_each(|(chunk, rows)| {
                for (place, row) in rows.chunks_mut(items).enumerate() {
                    let agent = chunk * CHUNK + place;
                    weighted_mean(now, network, agent, own, row);
                }
            });
        }
    }
}

fn weighted_mean(now: &Opinions, network: &Network, agent: usize, own: f64, row: &mut [f64]) {
    let peers: Peers<'_> = network.peers(pluriverse_engine::agent::AgentId(agent as u32));
    let mut total = own;
    row.iter_mut().zip(now.row(agent)).for_each(|(sum, value)| *sum = own * value);
    for place in 0..peers.len() {
        let weight = peers.weight(place);
        total += weight;
        row.iter_mut().zip(now.row(peers.get(place).index())).for_each(|(sum, value)| *sum += weight * value);
    }
    if total > 0.0 {
        for value in row {
            *value /= total;
        }
    } else {
        row.copy_from_slice(now.row(agent));
    }
}

/// The plain mean of those seen: the kernel that large societies spend their time in. Bound by reading one row of
/// opinions for each tie.
pub fn neighbour_means(now: &Opinions, graph: &Graph, next: &mut Opinions) {
    let items = now.items();
    if items == 1 {
        scalar_means(now.values(), graph, next.values_mut());
        return;
    }
    next.values_mut().par_chunks_mut(items * CHUNK).enumerate().for_each(|(chunk, rows)| {
        for (place, row) in rows.chunks_exact_mut(items).enumerate() {
            let agent = chunk * CHUNK + place;
            row_mean(now, graph.neighbours(agent as u32), agent, row);
        }
    });
}

/// One row: rows of those seen are added two at a time, so that sums are loaded and stored half as often.
fn row_mean(now: &Opinions, neighbours: &[u32], agent: usize, row: &mut [f64]) {
    let Some((&first, rest)) = neighbours.split_first() else {
        row.copy_from_slice(now.row(agent));
        return;
    };
    let scale = 1.0 / neighbours.len() as f64;
    let (pairs, odd) = rest.as_chunks::<2>();
    row.copy_from_slice(now.row(first as usize));
    for [a, b] in pairs {
        let (a, b) = (now.row(*a as usize), now.row(*b as usize));
        for ((sum, a), b) in row.iter_mut().zip(a).zip(b) {
            *sum += a + b;
        }
    }
    for &last in odd {
        row.iter_mut().zip(now.row(last as usize)).for_each(|(sum, value)| *sum += value);
    }
    for sum in row {
        *sum *= scale;
    }
}

/// Scalars need no rows.
fn scalar_means(now: &[f64], graph: &Graph, next: &mut [f64]) {
    const SCALARS: usize = 8192;
    next.par_chunks_mut(SCALARS).enumerate().for_each(|(chunk, values)| {
        for (place, value) in values.iter_mut().enumerate() {
            let agent = chunk * SCALARS + place;
            let neighbours = graph.neighbours(agent as u32);
            let sum: f64 = neighbours.iter().map(|&neighbour| now[neighbour as usize]).sum();
            *value = if neighbours.is_empty() { now[agent] } else { sum / neighbours.len() as f64 };
        }
    });
}
