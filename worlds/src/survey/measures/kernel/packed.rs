//! Answer sheets packed for inner products.

use pluriverse_engine::agent::AgentId;

use super::dots::{Instructions, LANES, MOST, MOST_VECTORS, dots};
use crate::survey::sheet::{AnswerSheets, Cell};

/// The largest answer that is packed: its square is at most [`MOST`].
const MOST_ANSWER: u8 = 11;

/// The answers of some agents, a byte each, rows padded to whole vectors.
#[derive(Clone, Debug)]
pub struct Packed {
    instructions: Instructions,
    agents: usize,
    stride: usize,
    /// The answers, 0 where there is none.
    answers: Vec<u8>,
    /// Σ x² over the answers of each agent.
    norms: Vec<u32>,
    /// Σ Δ² over all items.
    maximum: u32,
    /// What pairs with missing answers need; `None` where no answer is missing.
    gaps: Option<Gaps>,
}

/// Rows beside the answers, where some are missing.
#[derive(Clone, Debug)]
struct Gaps {
    /// x², 0 where there is no answer.
    squares: Vec<u8>,
    /// 1 where there is an answer.
    known: Vec<u8>,
    /// Δ² where there is an answer.
    spans: Vec<u8>,
    /// Whether an agent answered everything.
    whole: Vec<bool>,
}

/// Room for the inner products of a block.
#[derive(Default)]
pub(super) struct Products {
    answers: Vec<u32>,
    first: Vec<u32>,
    second: Vec<u32>,
    maximum: Vec<u32>,
}

/// What a distance is made of: Σ(x − y)² and ΣΔ² over the items both answered.
pub(super) type Sums = (u32, u32);

impl Packed {
    /// The answers of these agents; `squared_spans` is Δ² of every item. `None` where they do not fit: numbers above 11 (only
    /// a parse rule that lets numbers pass that are no option has them), items of more than 12 options, or more than 4096
    /// items.
    pub fn of(sheets: &AnswerSheets, squared_spans: &[u32], agents: &[AgentId]) -> Option<Self> {
        Self::with(Instructions::detect(), sheets, squared_spans, agents)
    }

    /// The same, for these instructions.
    pub fn with(
        instructions: Instructions,
        sheets: &AnswerSheets,
        squared_spans: &[u32],
        agents: &[AgentId],
    ) -> Option<Self> {
        let items = squared_spans.len();
        let fits = items > 0 && items <= LANES * MOST_VECTORS && squared_spans.iter().all(|&span| span <= MOST.into());
        if sheets.has_wide() || !fits {
            return None;
        }
        let stride = items.next_multiple_of(LANES);
        let mut answers = vec![0; agents.len() * stride];
        let mut missing = false;
        for (row, &agent) in answers.chunks_exact_mut(stride).zip(agents) {
            for (byte, cell) in row.iter_mut().zip(sheets.row(agent)).take(items) {
                match cell.byte() {
                    answer if answer <= MOST_ANSWER => *byte = answer,
                    wide if wide < Cell::FIRST_SPECIAL => return None,
                    _ => missing = true,
                }
            }
        }
        let squared = |row: &[u8]| row.iter().map(|&answer| u32::from(answer) * u32::from(answer)).sum();
        Some(Self {
            instructions,
            agents: agents.len(),
            stride,
            norms: answers.chunks_exact(stride).map(squared).collect(),
            maximum: squared_spans.iter().sum(),
            gaps: missing.then(|| Gaps::of(sheets, squared_spans, agents, stride)),
            answers,
        })
    }

    /// Number of agents.
    pub fn agents(&self) -> usize {
        self.agents
    }

    /// Σ Δ² over all items.
    pub(super) fn maximum(&self) -> u32 {
        self.maximum
    }

    /// Gives `each` the sums of an agent and each of those in a range, in order.
    pub(super) fn for_each(
        &self,
        agent: usize,
        others: std::ops::Range<usize>,
        products: &mut Products,
        mut each: impl FnMut(usize, Sums),
    ) {
        let count = others.len();
        if count == 0 {
            return;
        }
        let inner = |mine: &[u8], theirs: &[u8], into: &mut Vec<u32>| {
            into.resize(count, 0);
            let mine = &mine[agent * self.stride..][..self.stride];
            dots(self.instructions, mine, &theirs[others.start * self.stride..others.end * self.stride], into);
        };
        inner(&self.answers, &self.answers, &mut products.answers);
        let whole = |gaps: &Gaps| gaps.whole[agent] && gaps.whole[others.clone()].iter().all(|&whole| whole);
        match self.gaps.as_ref().filter(|gaps| !whole(gaps)) {
            None => {
                let norm = self.norms[agent];
                let norms = &self.norms[others.clone()];
                for ((other, &product), &their_norm) in others.clone().zip(&products.answers).zip(norms) {
                    each(other, (norm + their_norm - 2 * product, self.maximum));
                }
            }
            Some(gaps) => {
                inner(&gaps.squares, &gaps.known, &mut products.first);
                inner(&gaps.known, &gaps.squares, &mut products.second);
                inner(&gaps.spans, &gaps.known, &mut products.maximum);
                let Products { answers, first, second, maximum } = products;
                for (place, other) in others.clone().enumerate() {
                    let squared = first[place] + second[place] - 2 * answers[place];
                    each(other, (squared, maximum[place]));
                }
            }
        }
    }

    /// Moves two agents into each other's places.
    pub(super) fn swap(&mut self, a: usize, b: usize) {
        if a == b {
            return;
        }
        let stride = self.stride;
        let (low, high) = (a.min(b), a.max(b));
        let exchange = |rows: &mut [u8]| {
            let (front, back) = rows.split_at_mut(high * stride);
            front[low * stride..][..stride].swap_with_slice(&mut back[..stride]);
        };
        exchange(&mut self.answers);
        self.norms.swap(a, b);
        if let Some(gaps) = &mut self.gaps {
            exchange(&mut gaps.squares);
            exchange(&mut gaps.known);
            exchange(&mut gaps.spans);
            gaps.whole.swap(a, b);
        }
    }
}

impl Gaps {
    fn of(sheets: &AnswerSheets, squared_spans: &[u32], agents: &[AgentId], stride: usize) -> Self {
        let rows = agents.len() * stride;
        let (mut squares, mut known, mut spans) = (vec![0; rows], vec![0; rows], vec![0; rows]);
        let mut whole = Vec::with_capacity(agents.len());
        for (index, &agent) in agents.iter().enumerate() {
            let row = sheets.row(agent);
            for (item, (cell, &span)) in row.iter().zip(squared_spans).enumerate() {
                if let Some(answer) = cell.narrow() {
                    let place = index * stride + item;
                    squares[place] = (answer * answer) as u8;
                    known[place] = 1;
                    spans[place] = span as u8;
                }
            }
            whole.push(row.iter().take(squared_spans.len()).all(|cell| cell.is_answer()));
        }
        Self { squares, known, spans, whole }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PairDistances, RunningPairs, tree};
    use super::*;
    use crate::survey::measures::distance::between_agents;
    use crate::survey::measures::diversity::{Mean, mean_edge, minimum_spanning_tree, pairs};
    use pluriverse_engine::outcome::Outcome;
    use proptest::prelude::*;

    const SPANS: [u32; 5] = [1, 4, 9, 16, 100];

    /// Sheets of many agents, of which some share answers are missing and some agents are alike.
    fn sheets(cells: &[Option<u8>], items: usize) -> AnswerSheets {
        let agents = cells.len() / items;
        let mut sheets = AnswerSheets::new(agents, items);
        for (place, cell) in cells[..agents * items].iter().enumerate() {
            let answer = cell.map(i32::from).ok_or(Outcome::Refused);
            sheets.set(AgentId((place / items) as u32), place % items, answer);
        }
        sheets
    }

    fn answers(missing: u32) -> impl Strategy<Value = Vec<Option<u8>>> {
        let cell = prop_oneof![missing => Just(None), 20 => (0_u8..=11).prop_map(Some)];
        prop::collection::vec(cell, 5 * 2..5 * 90)
    }

    fn portable() -> [Instructions; 2] {
        [Instructions::Portable, Instructions::detect()]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn packed_distances_pairs_and_trees_are_those_of_the_plain_path(cells in prop_oneof![answers(0), answers(8)]) {
            let sheets = sheets(&cells, 5);
            let agents: Vec<AgentId> = sheets.agent_ids().collect();
            for instructions in portable() {
                let packed = Packed::with(instructions, &sheets, &SPANS, &agents).expect("small answers");
                let plain = pairs(&sheets, &SPANS, &agents);
                let expected = Mean::of(plain.iter().filter_map(|pair| pair.distance.percent()));
                let found = PairDistances::of(&packed).mean();
                prop_assert_eq!(found.n, expected.n);
                let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
                    (Some(a), Some(b)) => (a - b).abs() < 1e-9,
                    (a, b) => a == b,
                };
                prop_assert!(near(found.value, expected.value), "{:?} {:?}", found, expected);
                let distance =
                    |a: usize, b: usize| between_agents(&sheets, &SPANS, agents[a], agents[b]).percent();
                let slow = minimum_spanning_tree(agents.len(), distance);
                let fast = tree(packed);
                prop_assert_eq!(fast.as_ref().map(Vec::len), slow.as_ref().map(Vec::len));
                prop_assert!(near(fast.as_deref().and_then(mean_edge), slow.as_deref().and_then(mean_edge)));
            }
        }

        #[test]
        fn a_running_mean_is_that_of_the_answers_as_they_are(
            cells in answers(3), changes in prop::collection::vec((any::<u16>(), prop::option::of(0_u8..=11)), 0..12)
        ) {
            let before = sheets(&cells, 5);
            let agents: Vec<AgentId> = before.agent_ids().collect();
            let mut after = before.clone();
            for (place, answer) in changes {
                let agent = AgentId(u32::from(place) % agents.len() as u32);
                after.set(agent, usize::from(place) % 5, answer.map(i32::from).ok_or(Outcome::Failed));
            }
            let running = RunningPairs::of(&before, &SPANS, &agents).expect("small answers");
            let updated = running.updated(&before, &after, &SPANS).expect("small answers");
            let anew = RunningPairs::of(&after, &SPANS, &agents).expect("small answers");
            prop_assert_eq!(updated.mean(), anew.mean());
        }
    }

    #[test]
    fn agents_who_answer_alike_hang_together_by_edges_of_length_zero() {
        let mut state = 9_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            1 + (state >> 16) as i32 % 4
        };
        let mut sheets = AnswerSheets::new(300, 5);
        for agent in sheets.agent_ids() {
            for item in 0..5 {
                // Every tenth is a copy of the first: a library that takes zero for "no edge" loses these.
                let copied = sheets.get(AgentId(0), item).ok().filter(|_| agent.0.is_multiple_of(10));
                sheets.set(agent, item, Ok(copied.unwrap_or_else(&mut next)));
            }
        }
        let agents: Vec<AgentId> = sheets.agent_ids().collect();
        let edges = tree(Packed::of(&sheets, &SPANS, &agents).expect("small answers")).expect("a tree");
        let slow = minimum_spanning_tree(300, |a, b| between_agents(&sheets, &SPANS, agents[a], agents[b]).percent());
        assert!(edges.iter().filter(|edge| edge.length.abs() < 1e-12).count() >= 29);
        let total = |edges: &[crate::survey::measures::diversity::Edge]| edges.iter().map(|e| e.length).sum::<f64>();
        assert!((total(&edges) - total(&slow.expect("a tree"))).abs() < 1e-9);
    }

    #[test]
    fn answers_that_do_not_fit_are_left_to_the_plain_path() {
        let mut sheets = AnswerSheets::new(2, 1);
        for (answer, fits) in [(11, true), (12, false), (300, false), (-1, false)] {
            sheets.set(AgentId(0), 0, Ok(answer));
            let packed = Packed::of(&sheets, &[100], &[AgentId(0), AgentId(1)]);
            assert_eq!(packed.is_some(), fits, "{answer}");
        }
        assert!(Packed::of(&sheets, &[144], &[AgentId(1)]).is_none(), "thirteen options");
    }
}
