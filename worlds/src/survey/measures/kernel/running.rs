//! Diversity_P kept up to date while few agents change their answers.

use pluriverse_engine::agent::AgentId;

use super::packed::Products;
use super::{Packed, PairDistances};
use crate::survey::measures::diversity::Mean;
use crate::survey::sheet::AnswerSheets;

/// The distances of all pairs of some agents, with the answers they were made of.
#[derive(Clone, Debug)]
pub struct RunningPairs {
    packed: Packed,
    agents: Vec<AgentId>,
    distances: PairDistances,
}

impl RunningPairs {
    /// All pairs of these agents; `None` where [`Packed::of`] is.
    pub fn of(sheets: &AnswerSheets, squared_spans: &[u32], agents: &[AgentId]) -> Option<Self> {
        let packed = Packed::of(sheets, squared_spans, agents)?;
        let distances = PairDistances::of(&packed);
        Some(Self { packed, agents: agents.to_vec(), distances })
    }

    /// Takes over new answers: only pairs of agents who changed one are computed again, so that a round in which a share c of
    /// the agents changed costs c·(2 − c) of all pairs, twice. `None` where the new answers do not fit.
    #[must_use]
    pub fn updated(self, before: &AnswerSheets, after: &AnswerSheets, squared_spans: &[u32]) -> Option<Self> {
        let Self { packed, agents, mut distances } = self;
        let changed: Vec<usize> =
            (0..agents.len()).filter(|&place| before.row(agents[place]) != after.row(agents[place])).collect();
        let new = Packed::of(after, squared_spans, &agents)?;
        if changed.len() * 4 > agents.len() * 3 {
            return Some(Self { distances: PairDistances::of(&new), packed: new, agents });
        }
        let mut products = Products::default();
        for &place in &changed {
            for others in [0..place, place + 1..agents.len()] {
                // A pair of two who changed is taken once: from the first of them.
                let counts = |other: usize| other > place || changed.binary_search(&other).is_err();
                packed.for_each(place, others.clone(), &mut products, |other, sums| {
                    if counts(other) {
                        distances.take_out(sums);
                    }
                });
                new.for_each(place, others, &mut products, |other, sums| {
                    if counts(other) {
                        distances.add(sums);
                    }
                });
            }
        }
        Some(Self { packed: new, agents, distances })
    }

    /// Diversity_P.
    pub fn mean(&self) -> Mean {
        self.distances.mean()
    }
}
