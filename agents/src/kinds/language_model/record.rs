//! `Record`: the requests table.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::Backbone;
use pluriverse_engine::exchange::{Reply, ReplyKey, RequestId};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableRows, TableSpec};
use pluriverse_engine::simulation::Branch;
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::survey::Survey;
use pluriverse_worlds::survey::record::BackboneNames;
use pluriverse_worlds::survey::state::Questionnaire;

use super::Answering;
use crate::parse::Reading;

/// `requests.parquet`: one row a request to a language model, with what was said and how it was read.
pub static REQUESTS: TableSpec = TableSpec {
    name: "requests",
    columns: &[
        ("society", ColumnKind::Text),
        ("arm", ColumnKind::Text),
        ("replicate", ColumnKind::Integer),
        ("tick", ColumnKind::Integer),
        ("round", ColumnKind::Integer),
        ("agent", ColumnKind::Integer),
        ("item", ColumnKind::Text),
        ("sample", ColumnKind::Integer),
        ("turn", ColumnKind::Integer),
        ("backbone", ColumnKind::Text),
        ("key", ColumnKind::Text),
        ("draw", ColumnKind::Integer),
        ("format", ColumnKind::Text),
        ("rule", ColumnKind::Text),
        ("answer", ColumnKind::Integer),
        ("outcome", ColumnKind::Text),
        ("reply", ColumnKind::Text),
        ("finish_reason", ColumnKind::Text),
        ("reason", ColumnKind::Text),
    ],
};

/// The requests of the current tick, in order; emptied when they are recorded.
#[derive(Resource, Default)]
pub(super) struct Dialogue(pub(super) Vec<Exchanged>);

/// A request, its reply, and how it was read.
pub(super) struct Exchanged {
    id: RequestId,
    backbone: Backbone,
    key: ReplyKey,
    draw: u32,
    rule: &'static str,
    answer: Result<i32, Outcome>,
    reply: Arc<str>,
    finish: Arc<str>,
    reason: Arc<str>,
}

impl Exchanged {
    pub(super) fn new(reply: &Reply, reading: Reading) -> Self {
        let said = reply.result.as_ref().ok();
        Self {
            id: reply.id,
            backbone: reply.backbone,
            key: reply.key,
            draw: reply.draw,
            rule: reading.rule,
            answer: reading.answer,
            reply: said.map(|completion| completion.text.clone()).unwrap_or_default(),
            finish: said.and_then(|completion| completion.finish.name()).map(Arc::from).unwrap_or_default(),
            reason: reading.reason.unwrap_or_default(),
        }
    }
}

/// Hands over the requests of this tick.
pub(super) fn record_requests(
    clock: Res<Clock>,
    branch: Res<Branch>,
    answering: Res<Answering>,
    questionnaire: Res<Questionnaire>,
    backbones: Res<BackboneNames>,
    mut dialogue: ResMut<Dialogue>,
    mut tables: ResMut<TableRows>,
) {
    let exchanged = std::mem::take(&mut dialogue.0);
    if exchanged.is_empty() {
        return;
    }
    tables.0.push(Rows {
        table: &REQUESTS,
        portions: Box::new(RequestRows {
            branch: branch.clone(),
            tick: clock.tick,
            round: clock.now.round,
            format: Arc::from(answering.design.format.name()),
            survey: questionnaire.0.clone(),
            backbones: backbones.0.clone(),
            exchanged,
            next: 0,
        }),
    });
}

/// Requests that make one row group.
const PORTION: usize = 8192;

/// The requests of a tick, turned into rows portion by portion.
struct RequestRows {
    branch: Branch,
    tick: u32,
    round: u32,
    format: Arc<str>,
    survey: Arc<Survey>,
    backbones: Vec<Arc<str>>,
    exchanged: Vec<Exchanged>,
    next: usize,
}

impl Iterator for RequestRows {
    type Item = Vec<Column>;

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.next;
        self.next = (from + PORTION).min(self.exchanged.len());
        (from < self.next).then(|| self.columns(&self.exchanged[from..self.next]))
    }
}

impl RequestRows {
    fn columns(&self, rows: &[Exchanged]) -> Vec<Column> {
        let count = rows.len();
        let integer = |of: &dyn Fn(&Exchanged) -> i64| Column::Integer(rows.iter().map(|row| Some(of(row))).collect());
        let index = |values: &[Arc<str>], of: &dyn Fn(&Exchanged) -> u32| Column::Text {
            values: values.to_vec(),
            rows: rows.iter().map(of).collect(),
        };
        let items: Vec<Arc<str>> = self.survey.items.iter().map(|item| item.id.clone()).collect();
        vec![
            Column::same_text(&self.branch.society, count),
            Column::same_text(&self.branch.arm, count),
            Column::same_integer(i64::from(self.branch.replicate), count),
            Column::same_integer(i64::from(self.tick), count),
            Column::same_integer(i64::from(self.round), count),
            integer(&|row| i64::from(row.id.agent.0)),
            index(&items, &|row| row.id.slot),
            integer(&|row| i64::from(row.id.sample)),
            integer(&|row| i64::from(row.id.turn)),
            index(&self.backbones, &|row| u32::from(row.backbone.0)),
            distinct(rows, |row| Arc::from(row.key.hex())),
            integer(&|row| i64::from(row.draw)),
            Column::same_text(&self.format, count),
            distinct(rows, |row| Arc::from(row.rule)),
            Column::Integer(rows.iter().map(|row| row.answer.ok().map(i64::from)).collect()),
            distinct(rows, |row| Arc::from(row.answer.map_or_else(Outcome::name, |_| Outcome::Answered.name()))),
            distinct(rows, |row| row.reply.clone()),
            distinct(rows, |row| row.finish.clone()),
            distinct(rows, |row| row.reason.clone()),
        ]
    }
}

/// Texts with each distinct one held once.
fn distinct(rows: &[Exchanged], of: impl Fn(&Exchanged) -> Arc<str>) -> Column {
    let mut known: BTreeMap<Arc<str>, u32> = BTreeMap::new();
    let mut values = Vec::new();
    let rows = rows
        .iter()
        .map(|row| {
            let text = of(row);
            *known.entry(text.clone()).or_insert_with(|| {
                values.push(text);
                values.len() as u32 - 1
            })
        })
        .collect();
    Column::Text { values, rows }
}
