//! Opinions of a society: agents × items.

use bevy_ecs::prelude::Resource;
use pluriverse_engine::agent::AgentId;

use crate::survey::Survey;
use crate::survey::sheet::{AnswerSheets, Cell};

/// The opinions of a society: agents × items, row after row by agent. NaN where there is none.
#[derive(Resource, Clone, PartialEq, Debug, Default)]
pub struct Opinions {
    items: usize,
    values: Vec<f64>,
    /// Whether nothing is unknown: kept, because looking would cost as much as a step.
    whole: bool,
}

impl Opinions {
    /// Opinions from values, row after row by agent.
    pub fn new(items: usize, values: Vec<f64>) -> Self {
        debug_assert!(items > 0 && values.len().is_multiple_of(items));
        let whole = values.iter().all(|value| !value.is_nan());
        Self { items, values, whole }
    }

    /// Opinions of nobody yet.
    pub fn unknown(agents: usize, items: usize) -> Self {
        Self { items, values: vec![f64::NAN; agents * items], whole: false }
    }

    /// Answers as opinions: the first option is 0, the last 1; no answer is no opinion.
    pub fn of_answers(sheets: &AnswerSheets, survey: &Survey) -> Self {
        let mut opinions = Self::unknown(sheets.agents(), sheets.items());
        opinions.take_answers_of(sheets.agent_ids(), sheets, survey);
        opinions
    }

    /// Replaces these agents' opinions by their answers.
    pub fn take_answers_of(&mut self, agents: impl Iterator<Item = AgentId>, sheets: &AnswerSheets, survey: &Survey) {
        for agent in agents {
            self.take_answers(agent, sheets, survey);
        }
        self.whole = self.values.iter().all(|value| !value.is_nan());
    }

    fn take_answers(&mut self, agent: AgentId, sheets: &AnswerSheets, survey: &Survey) {
        let row = &mut self.values[agent.index() * self.items..][..self.items];
        for (index, (value, item)) in row.iter_mut().zip(&survey.items).enumerate() {
            let span = f64::from(item.span().max(1));
            *value = sheets.get(agent, index).map_or(f64::NAN, |answer| (f64::from(answer) - 1.0) / span);
        }
    }

    /// Takes over one agent's opinions from those of the same society.
    pub fn take_row(&mut self, from: &Self, agent: usize) {
        self.row_mut(agent).copy_from_slice(from.row(agent));
        self.whole = self.whole && from.whole;
    }

    /// Number of agents.
    pub fn agents(&self) -> usize {
        self.values.len().checked_div(self.items).unwrap_or(0)
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.items
    }

    /// The opinions of one agent.
    pub fn row(&self, agent: usize) -> &[f64] {
        &self.values[agent * self.items..][..self.items]
    }

    /// The opinions of one agent, for writing; what is known stays known.
    pub(super) fn row_mut(&mut self, agent: usize) -> &mut [f64] {
        &mut self.values[agent * self.items..][..self.items]
    }

    /// All of them, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// All of them, for writing; what is known stays known.
    pub(super) fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// Whether every agent has an opinion on every item.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Says that these opinions were made of others: they are known throughout where those were.
    pub(super) fn made_of(&mut self, others: &Self) {
        self.whole = others.whole;
    }

    /// Whether anybody has an opinion.
    pub fn is_unknown(&self) -> bool {
        self.values.iter().all(|value| value.is_nan())
    }
}

/// The option nearest to an opinion from 0 to 1 on an item with this span, from 1; of two equally near ones the higher.
pub fn nearest_option(opinion: f64, span: i32) -> Cell {
    let place = (opinion.clamp(0.0, 1.0) * f64::from(span) + 0.5).floor();
    Cell::answer(1 + place as u8)
}
