//! `Record`: the answers table.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableRows, TableSpec};
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_engine::simulation::Branch;
use pluriverse_engine::tick::Clock;
use serde::{Deserialize, Serialize};

use super::item::Survey;
use super::measures::estimate::sample;
use super::sheet::AnswerSheets;
use super::state::{Distribution, Distributions, Questionnaire, Sheets};
use crate::culture::{Culture, Cultures};

/// `answers.parquet`: one row an answer.
pub static ANSWERS: TableSpec = TableSpec {
    name: "answers",
    columns: &[
        ("society", ColumnKind::Text),
        ("arm", ColumnKind::Text),
        ("replicate", ColumnKind::Integer),
        ("tick", ColumnKind::Integer),
        ("round", ColumnKind::Integer),
        ("agent", ColumnKind::Integer),
        ("culture", ColumnKind::Text),
        ("backbone", ColumnKind::Text),
        ("item", ColumnKind::Text),
        ("answer", ColumnKind::Integer),
        ("outcome", ColumnKind::Text),
        ("distribution", ColumnKind::Reals),
        ("tail", ColumnKind::Real),
        ("samples", ColumnKind::Integer),
    ],
};

/// Whose answers are written.
#[derive(Resource, Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum RecordAnswers {
    /// Everybody's.
    #[default]
    All,
    /// Those of this many agents, drawn from the seed and the same in every tick.
    Sample(u32),
    /// Nobody's.
    None,
}

/// The names of backbones, for tables; [`Backbone`] indexes them.
#[derive(Resource, Clone, Debug)]
pub struct BackboneNames(pub Vec<Arc<str>>);

/// Writes the answers of this tick.
pub fn record_answers(
    clock: Res<Clock>,
    branch: Res<Branch>,
    choice: Res<RecordAnswers>,
    streams: Res<Streams>,
    questionnaire: Res<Questionnaire>,
    cultures: Res<Cultures>,
    backbones: Res<BackboneNames>,
    sheets: Res<Sheets>,
    agents: Query<(&AgentId, &Culture, &Backbone)>,
    mut distributions: ResMut<Distributions>,
    mut tables: ResMut<TableRows>,
) {
    let distributions = std::mem::take(&mut distributions.0);
    let recorded = agents_to_record(*choice, &streams, &agents);
    if recorded.is_empty() {
        return;
    }
    let ids: Vec<AgentId> = recorded.iter().map(|(id, ..)| *id).collect();
    tables.0.push(Rows {
        table: &ANSWERS,
        portions: Box::new(AnswerRows {
            branch: branch.clone(),
            tick: clock.tick,
            round: clock.now.round,
            survey: questionnaire.0.clone(),
            cultures: cultures.cultures.iter().map(|profile| profile.code.clone()).collect(),
            backbones: backbones.0.clone(),
            outcomes: Outcome::ALL.iter().map(|outcome| Arc::from(outcome.name())).collect(),
            sheets: sheets.current.of(&ids),
            distributions,
            agents: recorded,
            next: 0,
        }),
    });
}

/// Agents whose answers make one row group: about a million rows of the published survey.
const PORTION: usize = 4096;

/// The answers of a tick, turned into rows portion by portion.
struct AnswerRows {
    branch: Branch,
    tick: u32,
    round: u32,
    survey: Arc<Survey>,
    cultures: Vec<Arc<str>>,
    backbones: Vec<Arc<str>>,
    outcomes: Vec<Arc<str>>,
    /// Sheets of `agents`, in their order.
    sheets: AnswerSheets,
    distributions: BTreeMap<(AgentId, usize), Distribution>,
    agents: Vec<(AgentId, Culture, Backbone)>,
    /// Place of the first agent of the next portion.
    next: usize,
}

impl Iterator for AnswerRows {
    type Item = Vec<Column>;

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.next;
        let to = (from + PORTION).min(self.agents.len());
        self.next = to;
        (from < to).then(|| self.columns(from, to))
    }
}

impl AnswerRows {
    fn columns(&self, from: usize, to: usize) -> Vec<Column> {
        let items = self.survey.len();
        let rows = (to - from) * items;
        let each = |of: &dyn Fn(&(AgentId, Culture, Backbone)) -> u32| -> Vec<u32> {
            self.agents[from..to].iter().flat_map(|agent| std::iter::repeat_n(of(agent), items)).collect()
        };
        let answers: Vec<Result<i32, Outcome>> = (from..to)
            .flat_map(|agent| (0..items).map(move |item| (AgentId(agent as u32), item)))
            .map(|(agent, item)| self.sheets.get(agent, item))
            .collect();
        let spread = |of: &dyn Fn(&Distribution) -> f64| -> Vec<Option<f64>> {
            self.distributions_of(from, to).map(|distribution| distribution.map(of)).collect()
        };
        let outcome_of = |answer: &Result<i32, Outcome>| answer.map_or_else(|outcome| outcome, |_| Outcome::Answered);
        vec![
            Column::same_text(&self.branch.society, rows),
            Column::same_text(&self.branch.arm, rows),
            Column::same_integer(i64::from(self.branch.replicate), rows),
            Column::same_integer(i64::from(self.tick), rows),
            Column::same_integer(i64::from(self.round), rows),
            Column::Integer(each(&|agent| agent.0.0).into_iter().map(|id| Some(i64::from(id))).collect()),
            Column::Text { values: self.cultures.clone(), rows: each(&|agent| u32::from(agent.1.0)) },
            Column::Text { values: self.backbones.clone(), rows: each(&|agent| u32::from(agent.2.0)) },
            Column::Text {
                values: self.survey.items.iter().map(|item| item.id.clone()).collect(),
                rows: (from..to).flat_map(|_| 0..items as u32).collect(),
            },
            Column::Integer(answers.iter().map(|answer| answer.ok().map(i64::from)).collect()),
            Column::Text {
                values: self.outcomes.clone(),
                rows: answers.iter().map(|answer| outcome_of(answer).index() as u32).collect(),
            },
            Column::Reals(self.distributions_of(from, to).map(|d| d.map(|d| d.shares.clone())).collect()),
            Column::Real(spread(&|distribution| distribution.tail)),
            Column::Integer(self.distributions_of(from, to).map(|d| d?.samples.map(i64::from)).collect()),
        ]
    }

    /// What is known of each answer beyond itself, row by row.
    fn distributions_of(&self, from: usize, to: usize) -> impl Iterator<Item = Option<&Distribution>> {
        let none = self.distributions.is_empty();
        let cells =
            self.agents[from..to].iter().flat_map(|agent| (0..self.survey.len()).map(move |item| (agent.0, item)));
        cells.map(move |cell| if none { None } else { self.distributions.get(&cell) })
    }
}

fn agents_to_record(
    choice: RecordAnswers,
    streams: &Streams,
    agents: &Query<(&AgentId, &Culture, &Backbone)>,
) -> Vec<(AgentId, Culture, Backbone)> {
    if choice == RecordAnswers::None {
        return Vec::new();
    }
    let mut everybody: Vec<(AgentId, Culture, Backbone)> =
        agents.iter().map(|(&id, &culture, &backbone)| (id, culture, backbone)).collect();
    // The order of a query is not a promise.
    everybody.sort_unstable_by_key(|(id, ..)| *id);
    let RecordAnswers::Sample(wanted) = choice else {
        return everybody;
    };
    let ids: Vec<AgentId> = everybody.iter().map(|(id, ..)| *id).collect();
    // Tick 0 at any tick: the same agents throughout.
    let mut rng = streams.of(Purpose("record.answers")).stream(AgentId(0), 0);
    let chosen = sample(&ids, wanted as usize, &mut rng);
    everybody.retain(|(id, ..)| chosen.binary_search(id).is_ok());
    everybody
}
