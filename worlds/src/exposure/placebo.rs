//! What placebos show in place of the peers' answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{Purpose, Streams};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::design::{Placebo, Treatment};
use crate::network::Network;
use crate::survey::Survey;
use crate::survey::sheet::AnswerSheets;

/// Streams that permute donors and items.
const PERMUTATION: Purpose = Purpose("exposure.placebo");

/// Permutations of one tick: empty where the treatment needs none.
#[derive(Resource, Clone, PartialEq, Eq, Debug, Default)]
pub struct Placebos {
    donors: Arc<Vec<u32>>,
    items: Arc<Vec<u32>>,
}

impl Placebos {
    /// The permutations a treatment needs in a tick, from the streams of its arm.
    pub fn draw(treatment: Treatment, agents: u32, survey: &Survey, streams: &Streams, tick: u32) -> Self {
        let mut rng = streams.of(PERMUTATION).stream(AgentId(0), tick);
        match treatment {
            Treatment::Placebo(Placebo::Donor) => {
                let everybody: Vec<u32> = (0..agents).collect();
                let mut donors = everybody.clone();
                cycle(&mut donors, &everybody, &mut rng);
                Self { donors: Arc::new(donors), ..Self::default() }
            }
            Treatment::Placebo(Placebo::AcrossItems) => {
                Self { items: Arc::new(across(survey, &mut rng)), ..Self::default() }
            }
            _ => Self::default(),
        }
    }

    /// Whose answer stands in for a peer's before this viewer: the next along the permutation's cycle who is neither
    /// the viewer nor one of its peers; where everybody is, the next who is neither the viewer nor the peer itself.
    pub fn donor(&self, peer: AgentId, viewer: AgentId, network: &Network) -> AgentId {
        let next = |agent: AgentId| self.successor(agent);
        let walk = || std::iter::successors(Some(next(peer)), |&agent| Some(next(agent)).filter(|&a| a != peer));
        let stranger = |agent: &AgentId| *agent != viewer && !network.sees(viewer, *agent);
        // In a complete network nobody is a stranger, and nobody need be looked for.
        let found = if matches!(network, Network::Complete { .. }) { None } else { walk().find(stranger) };
        found.or_else(|| walk().find(|&agent| agent != viewer && agent != peer)).unwrap_or(peer)
    }

    /// The next agent along the permutation's cycle.
    pub fn successor(&self, agent: AgentId) -> AgentId {
        AgentId(self.donors.get(agent.index()).copied().unwrap_or(agent.0))
    }

    /// The item whose answers stand in for an item's.
    pub fn item(&self, item: usize) -> usize {
        self.items.get(item).map_or(item, |&other| other as usize)
    }
}

/// Turns `places` into one random cycle over `members` (Sattolo's algorithm): nobody is his own successor.
fn cycle(successor: &mut [u32], members: &[u32], rng: &mut ChaCha8Rng) {
    let mut order = members.to_vec();
    for last in (1..order.len()).rev() {
        order.swap(last, rng.random_range(0..=last as u32) as usize);
    }
    for (place, &member) in order.iter().enumerate() {
        successor[member as usize] = order[(place + 1) % order.len()];
    }
}

/// For each item another one with as many options; items alone in their number of options are permuted among each
/// other, and their answers rescaled.
fn across(survey: &Survey, rng: &mut ChaCha8Rng) -> Vec<u32> {
    let mut groups: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for (index, item) in (0..).zip(&survey.items) {
        groups.entry(item.options.len()).or_default().push(index);
    }
    let mut successor: Vec<u32> = (0..survey.len() as u32).collect();
    let mut alone: Vec<u32> = Vec::new();
    for group in groups.into_values() {
        match group.as_slice() {
            [item] => alone.push(*item),
            _ => cycle(&mut successor, &group, rng),
        }
    }
    if let [item] = alone.as_slice() {
        // Answers to the item next to it, on its own scale.
        let other = if *item == 0 { 1 } else { item - 1 };
        successor[*item as usize] = other.min(survey.len() as u32 - 1);
    } else {
        cycle(&mut successor, &alone, rng);
    }
    successor
}

/// Answers of another run, agent by agent those of an agent of the same culture, by round.
#[derive(Resource, Clone, PartialEq, Eq, Debug)]
pub struct OtherAnswers {
    /// Sheets by round, from round 0; row j stands in for agent j.
    pub rounds: Vec<AnswerSheets>,
}

impl OtherAnswers {
    /// What is shown in a round: the other run's answers of the round before, or of its last one where it was shorter.
    pub fn round(&self, round: u32) -> Option<&AnswerSheets> {
        let before = round.saturating_sub(1) as usize;
        self.rounds.get(before).or(self.rounds.last())
    }

    /// The answer that stands in for a peer's.
    pub fn answer(&self, round: u32, peer: AgentId, item: usize) -> Option<i32> {
        self.round(round)?.get(peer, item).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::generate;
    use crate::survey::{Item, Scale};
    use proptest::prelude::*;

    fn survey(options: &[usize]) -> Survey {
        let item = |(index, &count): (usize, &usize)| Item {
            id: Arc::from(format!("Q{index}")),
            theme: Arc::from(""),
            question: Arc::from(""),
            options: vec![Arc::from("o"); count],
            scale: Scale::Ordinal,
            first_code: 1,
            paper: true,
        };
        Survey {
            name: Arc::from("s"),
            source: Arc::from(""),
            items: options.iter().enumerate().map(item).collect(),
            aside: 0,
        }
    }

    proptest! {
        #[test]
        fn a_donor_is_neither_the_peer_nor_the_viewer_and_a_stranger_where_there_is_one(
            agents in 3_u32..30, seed in any::<u64>(), tick in 0_u32..4, ring in any::<bool>()
        ) {
            let treatment = Treatment::Placebo(Placebo::Donor);
            let placebos = Placebos::draw(treatment, agents, &survey(&[2]), &Streams::new(seed, "s", 0), tick);
            let lattice = generate::Model::RingLattice { neighbours: 2 };
            let network = if ring {
                let cultures = vec![crate::culture::Culture(0); agents as usize];
                let mut rng = Streams::new(seed, "s", 0).of(Purpose("network")).stream(AgentId(0), 0);
                Network::Graph(Arc::new(lattice.draw(&cultures, &mut rng)))
            } else {
                Network::Complete { agents }
            };
            for viewer in (0..agents).map(AgentId) {
                let mut seen = Vec::new();
                for peer in network.peers(viewer).iter() {
                    let donor = placebos.donor(peer, viewer, &network);
                    prop_assert!(donor != viewer && donor != peer);
                    prop_assert!(!ring || agents == 3 || !network.sees(viewer, donor), "{:?} for {:?}", donor, viewer);
                    seen.push(donor);
                }
                if !ring {
                    // Everybody is a peer: the same answers but one, under other names.
                    seen.sort_unstable();
                    seen.dedup();
                    prop_assert_eq!(seen.len(), agents as usize - 1);
                }
            }
        }

        #[test]
        fn every_item_is_stood_in_for_by_another_one_with_as_many_options(
            options in prop::collection::vec(2_usize..5, 2..40), seed in any::<u64>()
        ) {
            let survey = survey(&options);
            let treatment = Treatment::Placebo(Placebo::AcrossItems);
            let placebos = Placebos::draw(treatment, 3, &survey, &Streams::new(seed, "s", 0), 1);
            for (item, count) in options.iter().enumerate() {
                let other = placebos.item(item);
                prop_assert_ne!(other, item);
                let alone = options.iter().filter(|n| *n == count).count() == 1;
                prop_assert!(alone || options[other] == *count);
            }
        }
    }
}
