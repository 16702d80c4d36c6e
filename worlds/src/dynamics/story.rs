//! The stories: which classical model a society follows, and one round of it.

use pluriverse_engine::agent::AgentId;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};

use super::{Opinions, averaging, bounded, copying};
use crate::network::Network;

/// What counts as near in bounded confidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Nearness {
    /// Single opinions, item by item.
    #[default]
    Item,
    /// Whole answer sheets: √ of the mean squared difference over items.
    Sheet,
}

/// A classical model of opinion dynamics. Opinions run from 0, the first option, to 1, the last.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum NullModel {
    /// The mean of those seen and of oneself (DeGroot 1974).
    DeGroot {
        /// How often the own opinion counts; 1 as one of those seen, 0 not at all.
        #[serde(default = "one")]
        own: f64,
    },
    /// The mean of those seen, held back by the first opinion (Friedkin & Johnsen 1990): λ·mean + (1 − λ)·x(0).
    FriedkinJohnsen {
        /// λ, from 0 (stubborn) to 1 (open).
        susceptibility: f64,
    },
    /// Steps toward those seen, toward the first opinion and toward what is answered by default:
    /// x + a(mean − x) + c(x(0) − x) + b(β − x).
    BiasedFriedkinJohnsen {
        /// a.
        influence: f64,
        /// c.
        anchor: f64,
        /// b.
        bias: f64,
        /// β, the default; the middle of the scale unless said otherwise.
        #[serde(default = "middle")]
        default: f64,
    },
    /// The mean of oneself and those seen who are near enough (Hegselmann & Krause 2002).
    HegselmannKrause {
        /// How near.
        confidence: f64,
        /// In what.
        #[serde(default)]
        nearness: Nearness,
    },
    /// Encounters of two in which those near enough move toward each other (Deffuant et al. 2000).
    Deffuant {
        /// How near.
        confidence: f64,
        /// How far they move, up to ½.
        convergence: f64,
        /// Encounters an agent begins in each round.
        #[serde(default = "once")]
        encounters: u32,
    },
    /// Encounters in which one takes over the other's opinion on an item (Clifford & Sudbury 1973).
    Voter {
        /// Encounters an agent begins in each round, on each item.
        #[serde(default = "once")]
        encounters: u32,
    },
    /// Encounters in which the more alike take over a feature the more often (Axelrod 1997).
    Axelrod {
        /// Encounters an agent begins in each round.
        #[serde(default = "once")]
        encounters: u32,
    },
}

const fn one() -> f64 {
    1.0
}

const fn middle() -> f64 {
    0.5
}

const fn once() -> u32 {
    1
}

/// What a round is carried out on.
pub struct Round<'a> {
    /// The opinions as they are.
    pub now: &'a Opinions,
    /// What of everybody can be seen: the same, but in placebos.
    pub seen: &'a Opinions,
    /// The first opinions.
    pub first: &'a Opinions,
    /// Who sees whom.
    pub network: &'a Network,
}

impl NullModel {
    /// What is wrong with the parameters, where something is.
    pub fn problem(&self) -> Option<String> {
        let within = |name: &str, value: f64, least: f64, most: f64| {
            (!(least..=most).contains(&value)).then(|| format!("`{name}` lies from {least} to {most}, not at {value}"))
        };
        match *self {
            Self::DeGroot { own } => within("own", own, 0.0, 1e6),
            Self::FriedkinJohnsen { susceptibility } => within("susceptibility", susceptibility, 0.0, 1.0),
            Self::BiasedFriedkinJohnsen { influence, anchor, bias, default } => {
                within("influence", influence, -1.0, 1.0)
                    .or_else(|| within("anchor", anchor, -1.0, 1.0))
                    .or_else(|| within("bias", bias, -1.0, 1.0))
                    .or_else(|| within("default", default, 0.0, 1.0))
            }
            Self::HegselmannKrause { confidence, .. } => within("confidence", confidence, 0.0, 1.0),
            Self::Deffuant { confidence, convergence, encounters } => within("confidence", confidence, 0.0, 2.0)
                .or_else(|| within("convergence", convergence, 0.0, 0.5))
                .or_else(|| too_many(encounters)),
            Self::Voter { encounters } | Self::Axelrod { encounters } => too_many(encounters),
        }
    }

    /// One round: `next` is replaced by what the model makes of the opinions. `rng` draws encounters.
    pub fn step(&self, round: &Round<'_>, next: &mut Opinions, rng: &mut ChaCha8Rng) {
        let Round { now, seen, first, network } = *round;
        next.made_of(now);
        match *self {
            Self::DeGroot { own } if std::ptr::eq(now, seen) && now.is_whole() => {
                averaging::degroot(now, network, own, next);
            }
            Self::DeGroot { own } => {
                // Unknown opinions and placebos: the mean of those seen, each as often as the own opinion is not.
                let degrees: Vec<f64> = (0..now.agents()).map(|agent| weight_seen(network, agent)).collect();
                averaging::step(now, seen, network, next, |x, mean, _| mean - x, first);
                for (agent, degree) in degrees.into_iter().enumerate() {
                    let share = degree / (degree + own);
                    let own_row = now.row(agent).to_vec();
                    for (value, own) in next.row_mut(agent).iter_mut().zip(own_row) {
                        *value = if degree > 0.0 { own + share * *value } else { own };
                    }
                }
            }
            Self::FriedkinJohnsen { susceptibility } => {
                let f = |_: f64, mean: f64, first: f64| susceptibility * mean + (1.0 - susceptibility) * first;
                averaging::step(now, seen, network, next, f, first);
            }
            Self::BiasedFriedkinJohnsen { influence, anchor, bias, default } => {
                let f = |x: f64, mean: f64, first: f64| {
                    x + influence * (mean - x) + anchor * (first - x) + bias * (default - x)
                };
                averaging::step(now, seen, network, next, f, first);
            }
            Self::HegselmannKrause { confidence, nearness } => {
                bounded::hegselmann_krause(now, seen, network, (confidence, nearness), next);
            }
            Self::Deffuant { confidence, convergence, encounters } => {
                next.clone_from(now);
                let both = std::ptr::eq(now, seen);
                meet(network, encounters, rng, |i, j, _| {
                    if both {
                        bounded::deffuant(next, (i, j), confidence, convergence);
                        return;
                    }
                    for (own, heard) in next.row_mut(i).iter_mut().zip(seen.row(j)) {
                        bounded::deffuant_heard(own, *heard, confidence, convergence);
                    }
                });
            }
            Self::Voter { encounters } => {
                next.clone_from(now);
                let both = std::ptr::eq(now, seen);
                for item in 0..now.items() {
                    meet(network, encounters, rng, |i, j, _| {
                        let heard = if both { next.row(j)[item] } else { seen.row(j)[item] };
                        copying::voter(&mut next.row_mut(i)[item], heard);
                    });
                }
            }
            Self::Axelrod { encounters } => {
                next.clone_from(now);
                let both = std::ptr::eq(now, seen);
                meet(network, encounters, rng, |i, j, rng| {
                    let (accept, pick) = (rng.random::<f64>(), rng.next_u64());
                    let heard = if both { next.row(j).to_vec() } else { seen.row(j).to_vec() };
                    copying::axelrod(next.row_mut(i), &heard, accept, pick);
                });
            }
        }
    }
}

fn too_many(encounters: u32) -> Option<String> {
    (!(1..=1000).contains(&encounters)).then(|| format!("`encounters` lies from 1 to 1000, not at {encounters}"))
}

fn weight_seen(network: &Network, agent: usize) -> f64 {
    let peers = network.peers(AgentId(agent as u32));
    (0..peers.len()).map(|place| peers.weight(place)).sum()
}

/// Encounters one after another: so many times as there are agents, times `encounters`, an agent drawn uniformly meets
/// one of those it sees, drawn uniformly. Agents who see nobody meet nobody.
fn meet(network: &Network, encounters: u32, rng: &mut ChaCha8Rng, mut met: impl FnMut(usize, usize, &mut ChaCha8Rng)) {
    let agents = network.agents();
    for _ in 0..u64::from(agents) * u64::from(encounters) {
        let i = rng.random_range(0..agents);
        let peers = network.peers(AgentId(i));
        if !peers.is_empty() {
            let place = rng.random_range(0..peers.len() as u32) as usize;
            met(i as usize, peers.get(place).index(), rng);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::graph::{Direction, Edge, Graph};
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;
    use std::sync::Arc;

    const MODELS: [NullModel; 7] = [
        NullModel::DeGroot { own: 1.0 },
        NullModel::FriedkinJohnsen { susceptibility: 0.7 },
        NullModel::BiasedFriedkinJohnsen { influence: 0.3, anchor: 0.2, bias: 0.1, default: 0.5 },
        NullModel::HegselmannKrause { confidence: 0.3, nearness: Nearness::Item },
        NullModel::Deffuant { confidence: 0.3, convergence: 0.5, encounters: 2 },
        NullModel::Voter { encounters: 1 },
        NullModel::Axelrod { encounters: 3 },
    ];

    fn graph(pairs: &std::collections::BTreeSet<(u32, u32)>) -> Network {
        let edges: Vec<Edge> =
            pairs.iter().filter(|(a, b)| a < b).map(|&(source, target)| Edge { source, target, weight: 1.0 }).collect();
        Network::Graph(Arc::new(Graph::new(7, &edges, Direction::Undirected).expect("a graph")))
    }

    proptest! {
        #[test]
        fn opinions_stay_between_the_lowest_and_the_highest_and_whoever_sees_nobody_keeps_its_own(
            values in prop::collection::vec(0.0_f64..=1.0, 7 * 3),
            pairs in prop::collection::btree_set((0_u32..7, 0_u32..7), 0..12),
            seed in any::<u64>(),
        ) {
            let now = Opinions::new(3, values);
            let network = graph(&pairs);
            for model in MODELS {
                let mut next = now.clone();
                let round = Round { now: &now, seen: &now, first: &now, network: &network };
                model.step(&round, &mut next, &mut ChaCha8Rng::seed_from_u64(seed));
                for agent in 0..7 {
                    let alone = network.peers(AgentId(agent as u32)).is_empty();
                    for item in 0..3 {
                        let value = next.row(agent)[item];
                        let all = (0..7).map(|other| now.row(other)[item]);
                        let (low, high) = all.fold((1.0_f64, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
                        // The default pulls as well.
                        let (low, high) = (low.min(0.5), high.max(0.5));
                        prop_assert!((low - 1e-12..=high + 1e-12).contains(&value), "{:?}", model);
                        prop_assert!(!alone || (value - now.row(agent)[item]).abs() < 1e-12, "{:?}", model);
                    }
                }
            }
        }

        #[test]
        fn what_is_unknown_moves_nobody_and_stays_unknown(
            values in prop::collection::vec(0.0_f64..=1.0, 7), seed in any::<u64>(), unknown in 0_usize..7
        ) {
            let mut values = values;
            values[unknown] = f64::NAN;
            let now = Opinions::new(1, values);
            let network = Network::Complete { agents: 7 };
            for model in MODELS {
                let mut next = now.clone();
                let round = Round { now: &now, seen: &now, first: &now, network: &network };
                model.step(&round, &mut next, &mut ChaCha8Rng::seed_from_u64(seed));
                let copies = matches!(model, NullModel::Voter { .. } | NullModel::Axelrod { .. });
                for agent in (0..7).filter(|&agent| agent != unknown) {
                    prop_assert!(!next.row(agent)[0].is_nan(), "{:?}", model);
                }
                prop_assert!(copies || next.row(unknown)[0].is_nan(), "{:?}", model);
            }
        }
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        for model in [
            NullModel::FriedkinJohnsen { susceptibility: 1.5 },
            NullModel::Deffuant { confidence: 0.2, convergence: 0.7, encounters: 1 },
            NullModel::Voter { encounters: 0 },
            NullModel::HegselmannKrause { confidence: -0.1, nearness: Nearness::Sheet },
        ] {
            assert!(model.problem().is_some(), "{model:?}");
        }
        assert!(MODELS.iter().all(|model| model.problem().is_none()));
    }
}
