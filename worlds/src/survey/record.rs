//! `Record`: the answers table.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableRows, TableSpec};
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_engine::simulation::Branch;
use pluriverse_engine::tick::Clock;
use serde::{Deserialize, Serialize};

use super::measures::estimate::sample;
use super::state::{Questionnaire, Sheets};
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
    mut tables: ResMut<TableRows>,
) {
    let recorded = agents_to_record(*choice, &streams, &agents);
    if recorded.is_empty() {
        return;
    }
    let items = questionnaire.0.len();
    let rows = recorded.len() * items;
    let each = |of: &dyn Fn(&(AgentId, Culture, Backbone)) -> u32| -> Vec<u32> {
        recorded.iter().flat_map(|agent| std::iter::repeat_n(of(agent), items)).collect()
    };
    let answers: Vec<Result<i32, Outcome>> = recorded
        .iter()
        .flat_map(|&(agent, ..)| (0..items).map(move |item| (agent, item)))
        .map(|(agent, item)| sheets.current.get(agent, item))
        .collect();
    let outcome_of = |answer: &Result<i32, Outcome>| answer.map_or_else(|outcome| outcome, |_| Outcome::Answered);
    tables.0.push(Rows {
        table: &ANSWERS,
        columns: vec![
            Column::same_text(&branch.society, rows),
            Column::same_text(&branch.arm, rows),
            Column::same_integer(i64::from(branch.replicate), rows),
            Column::same_integer(i64::from(clock.tick), rows),
            Column::same_integer(i64::from(clock.now.round), rows),
            Column::Integer(each(&|agent| agent.0.0).into_iter().map(|id| Some(i64::from(id))).collect()),
            Column::Text {
                values: cultures.cultures.iter().map(|profile| profile.code.clone()).collect(),
                rows: each(&|agent| u32::from(agent.1.0)),
            },
            Column::Text { values: backbones.0.clone(), rows: each(&|agent| u32::from(agent.2.0)) },
            Column::Text {
                values: questionnaire.0.items.iter().map(|item| item.id.clone()).collect(),
                rows: (0..recorded.len()).flat_map(|_| 0..items as u32).collect(),
            },
            Column::Integer(answers.iter().map(|answer| answer.ok().map(i64::from)).collect()),
            Column::Text {
                values: Outcome::ALL.iter().map(|outcome| Arc::from(outcome.name())).collect(),
                rows: answers.iter().map(|answer| outcome_of(answer).index() as u32).collect(),
            },
        ],
    });
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
