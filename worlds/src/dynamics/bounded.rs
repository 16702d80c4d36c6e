//! Bounded confidence: agents heed only those whose opinions are near enough.

use pluriverse_engine::agent::AgentId;
use rayon::prelude::*;

use super::Opinions;
use super::story::Nearness;
use crate::network::Network;

/// Hegselmann & Krause 2002, all at once: the mean over oneself and those seen whose opinion lies within `confidence`
/// (inclusive). Nearness is that of single opinions, item by item, or of whole rows: √ of the mean squared difference.
pub fn hegselmann_krause(
    now: &Opinions,
    seen: &Opinions,
    network: &Network,
    (confidence, nearness): (f64, Nearness),
    next: &mut Opinions,
) {
    let items = now.items();
    next.values_mut().par_chunks_mut(items).enumerate().for_each(|(agent, row)| {
        let own = now.row(agent);
        let peers = network.peers(AgentId(agent as u32));
        row.copy_from_slice(own);
        let mut counts = vec![1.0; items];
        for peer in peers.iter() {
            let other = seen.row(peer.index());
            match nearness {
                Nearness::Item => {
                    for ((sum, count), (own, other)) in row.iter_mut().zip(&mut counts).zip(own.iter().zip(other)) {
                        if (own - other).abs() <= confidence {
                            *sum += other;
                            *count += 1.0;
                        }
                    }
                }
                Nearness::Sheet => {
                    if distance(own, other).is_some_and(|distance| distance <= confidence) {
                        for ((sum, count), other) in row.iter_mut().zip(&mut counts).zip(other) {
                            if !other.is_nan() {
                                *sum += other;
                                *count += 1.0;
                            }
                        }
                    }
                }
            }
        }
        row.iter_mut().zip(counts).for_each(|(sum, count)| *sum /= count);
    });
}

/// √ of the mean squared difference over opinions that both hold.
pub fn distance(a: &[f64], b: &[f64]) -> Option<f64> {
    let (mut squares, mut n) = (0.0, 0_u32);
    for difference in a.iter().zip(b).map(|(a, b)| a - b).filter(|difference| !difference.is_nan()) {
        squares += difference * difference;
        n += 1;
    }
    (n > 0).then(|| (squares / f64::from(n)).sqrt())
}

/// One encounter of Deffuant, Neau, Amblard & Weisbuch 2000: where two opinions on an item lie less than `confidence`
/// apart (strictly), both move by `convergence` of the way toward each other, from what they were. Both agents are in
/// `opinions`.
pub fn deffuant(opinions: &mut Opinions, (i, j): (usize, usize), confidence: f64, convergence: f64) {
    for item in 0..opinions.items() {
        let (a, b) = (opinions.row(i)[item], opinions.row(j)[item]);
        if (a - b).abs() < confidence {
            opinions.row_mut(i)[item] = a + convergence * (b - a);
            opinions.row_mut(j)[item] = b + convergence * (a - b);
        }
    }
}

/// The half of an encounter in which an agent hears an opinion of somebody who does not hear it.
pub fn deffuant_heard(own: &mut f64, heard: f64, confidence: f64, convergence: f64) {
    if (*own - heard).abs() < confidence {
        *own += convergence * (heard - *own);
    }
}
