//! Answer sheets of a society: one column store, one byte an answer, missing answers typed.

use std::collections::BTreeMap;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::{Outcome, OutcomeCounts};
use rayon::prelude::*;

use super::item::Survey;

/// One answer or the reason why there is none, in one byte.
///
/// Answers 0 to 219 are stored as they are; other whole numbers (a model may write any) lie in a side table of the
/// sheets and are marked [`Cell::WIDE`]; the rest are outcomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Cell(u8);

impl Cell {
    /// Cells below this are answers.
    pub const FIRST_SPECIAL: u8 = 220;
    /// An answer that does not fit a byte: look it up with [`AnswerSheets::get`].
    pub const WIDE: Self = Self(Self::FIRST_SPECIAL);
    const FIRST_OUTCOME: u8 = 230;

    /// The answer `value`, which must be below 220.
    pub const fn answer(value: u8) -> Self {
        debug_assert!(value < Self::FIRST_SPECIAL);
        Self(value)
    }

    /// No answer, for this reason.
    pub const fn missing(outcome: Outcome) -> Self {
        Self(Self::FIRST_OUTCOME + outcome.index() as u8)
    }

    /// The byte as stored: an answer if below [`Cell::FIRST_SPECIAL`].
    pub const fn byte(self) -> u8 {
        self.0
    }

    /// The answer, where it is one that fits the byte.
    pub const fn narrow(self) -> Option<i32> {
        if self.0 < Self::FIRST_SPECIAL { Some(self.0 as i32) } else { None }
    }

    /// Whether there is an answer, in the byte or in the side table.
    pub const fn is_answer(self) -> bool {
        self.0 <= Self::FIRST_SPECIAL
    }

    /// What became of the request.
    pub const fn outcome(self) -> Outcome {
        if self.is_answer() { Outcome::Answered } else { Outcome::ALL[(self.0 - Self::FIRST_OUTCOME) as usize] }
    }
}

/// The answers of a society to a survey: agents × items, row-major by [`AgentId`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnswerSheets {
    items: usize,
    cells: Vec<Cell>,
    wide: BTreeMap<(u32, u32), i32>,
}

impl AnswerSheets {
    /// Empty sheets: nobody was asked anything.
    pub fn new(agents: usize, items: usize) -> Self {
        Self { items, cells: vec![Cell::missing(Outcome::NotAsked); agents * items], wide: BTreeMap::new() }
    }

    /// Number of agents.
    pub fn agents(&self) -> usize {
        self.cells.len().checked_div(self.items).unwrap_or(0)
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.items
    }

    /// The answer of an agent to an item, or why there is none.
    pub fn get(&self, agent: AgentId, item: usize) -> Result<i32, Outcome> {
        let cell = self.cells[agent.index() * self.items + item];
        match cell.narrow() {
            Some(value) => Ok(value),
            None if cell.is_answer() => self.wide.get(&(agent.0, item as u32)).copied().ok_or(Outcome::Failed),
            None => Err(cell.outcome()),
        }
    }

    /// Stores an answer or the reason why there is none.
    pub fn set(&mut self, agent: AgentId, item: usize, answer: Result<i32, Outcome>) {
        let key = (agent.0, item as u32);
        let cell = match answer {
            Ok(value) => match u8::try_from(value) {
                Ok(byte) if byte < Cell::FIRST_SPECIAL => Cell::answer(byte),
                _ => {
                    self.wide.insert(key, value);
                    Cell::WIDE
                }
            },
            Err(outcome) => Cell::missing(outcome),
        };
        if cell != Cell::WIDE {
            self.wide.remove(&key);
        }
        self.cells[agent.index() * self.items + item] = cell;
    }

    /// The cells of one agent, in item order.
    pub fn row(&self, agent: AgentId) -> &[Cell] {
        &self.cells[agent.index() * self.items..][..self.items]
    }

    /// All cells, agent after agent, for writing. Rows written this way hold no wide answers.
    pub fn cells_mut(&mut self) -> &mut [Cell] {
        &mut self.cells
    }

    /// Takes over one agent's row from sheets of the same society.
    pub fn copy_row(&mut self, from: &Self, agent: AgentId) {
        let row = agent.index() * self.items..(agent.index() + 1) * self.items;
        self.cells[row.clone()].copy_from_slice(&from.cells[row]);
        if from.has_wide() || self.has_wide() {
            self.wide.retain(|&(owner, _), _| owner != agent.0);
            let of_agent = from.wide.range((agent.0, 0)..=(agent.0, u32::MAX));
            self.wide.extend(of_agent.map(|(&place, &value)| (place, value)));
        }
    }

    /// The sheets of these agents alone: agent `agents[i]` becomes agent `i`.
    #[must_use]
    pub fn of(&self, agents: &[AgentId]) -> Self {
        let wide = (0..).zip(agents).flat_map(|(new, old)| {
            let of_agent = self.wide.range((old.0, 0)..=(old.0, u32::MAX));
            of_agent.map(move |(&(_, item), &value)| ((new, item), value))
        });
        Self {
            items: self.items,
            cells: agents.iter().flat_map(|&agent| self.row(agent)).copied().collect(),
            wide: wide.collect(),
        }
    }

    /// Forgets every answer: nobody was asked anything.
    pub fn clear(&mut self) {
        self.cells.fill(Cell::missing(Outcome::NotAsked));
        self.wide.clear();
    }

    /// Whether any answer lies in the side table.
    pub fn has_wide(&self) -> bool {
        !self.wide.is_empty()
    }

    /// Whether an agent gave at least one answer.
    pub fn answered_any(&self, agent: AgentId) -> bool {
        self.row(agent).iter().any(|cell| cell.is_answer())
    }

    /// The agents, in order.
    pub fn agent_ids(&self) -> impl Iterator<Item = AgentId> + use<> {
        (0..self.agents() as u32).map(AgentId)
    }

    /// Answers that are no option of their item. Parse rule `paper` lets them pass.
    pub fn outside_options(&self, survey: &Survey) -> u64 {
        let options: Vec<u8> = survey.items.iter().map(|item| item.options.len() as u8).collect();
        let narrow = |row: &[Cell]| -> u64 {
            // Branch-free so that it vectorises: option 1 is 0, and 0 itself wraps above every option.
            let outside = row.iter().zip(&options).map(|(cell, &options)| {
                u32::from(cell.0.wrapping_sub(1) >= options) & u32::from(cell.0 < Cell::FIRST_SPECIAL)
            });
            u64::from(outside.sum::<u32>())
        };
        // Options fit a byte: what does not is none.
        self.wide.len() as u64 + self.cells.par_chunks(self.items.max(1)).map(narrow).sum::<u64>()
    }

    /// Cells by outcome.
    pub fn outcomes(&self) -> OutcomeCounts {
        let mut by_byte = [0_u64; 256];
        for cell in &self.cells {
            by_byte[usize::from(cell.0)] += 1;
        }
        let mut counts = OutcomeCounts::default();
        for (byte, &count) in by_byte.iter().enumerate().filter(|&(_, &count)| count > 0) {
            counts.add_many(Cell(byte as u8).outcome(), count);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_is_stored_comes_back(
            writes in prop::collection::vec((0_u32..3, 0_usize..4, prop_oneof![
                any::<i32>().prop_map(Ok),
                (0_i32..12).prop_map(Ok),
                (1_usize..Outcome::ALL.len()).prop_map(|index| Err(Outcome::ALL[index])),
            ]), 0..40)
        ) {
            let mut sheets = AnswerSheets::new(3, 4);
            let mut model = [[Err(Outcome::NotAsked); 4]; 3];
            for (agent, item, answer) in writes {
                sheets.set(AgentId(agent), item, answer);
                model[agent as usize][item] = answer;
            }
            let mut answered = 0;
            for agent in sheets.agent_ids() {
                for (item, &expected) in model[agent.index()].iter().enumerate() {
                    prop_assert_eq!(sheets.get(agent, item), expected);
                    answered += u64::from(expected.is_ok());
                }
            }
            prop_assert_eq!(sheets.outcomes().get(Outcome::Answered), answered);
        }
    }
}
