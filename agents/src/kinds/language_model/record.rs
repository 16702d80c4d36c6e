//! `Record`: the requests table.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::exchange::{Reply, ReplyKey, RequestId};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableRows, TableSpec};
use pluriverse_engine::simulation::Branch;
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::survey::Survey;
use pluriverse_worlds::survey::record::BackboneNames;
use pluriverse_worlds::survey::state::{Percept, Questionnaire};

use super::Answering;
use super::ask::Questions;
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
        ("treatment", ColumnKind::Text),
        ("shown", ColumnKind::Text),
        ("who", ColumnKind::Text),
        ("order", ColumnKind::Text),
        ("own", ColumnKind::Text),
        ("memory", ColumnKind::Text),
        ("update", ColumnKind::Text),
        ("options", ColumnKind::Text),
        ("answers_shown", ColumnKind::Text),
        ("options_offered", ColumnKind::Text),
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
    put: Arc<Put>,
}

/// What was put in front of an agent with an item, as the table tells it.
#[derive(Default)]
pub(super) struct Put {
    /// The answers it was shown, in order: whose name, after `<` whose answer where that is somebody else's, after `:`
    /// the option.
    shown: Arc<str>,
    /// The options in the order in which they were offered; empty in the survey's own.
    offered: Arc<str>,
}

impl Put {
    pub(super) fn of(questions: &Questions, agent: AgentId, item: usize) -> Self {
        let shown = questions.peers(agent, item).into_iter().map(|(place, shown)| {
            let from = if place.from == place.peer { String::new() } else { format!("<{}", place.from.0) };
            format!("{}{from}:{}", place.peer.0, shown.answer)
        });
        let shown = shown.collect::<Vec<_>>().join(" ");
        let offered = questions.offered(agent, item).map(|offered| offered.to_string()).unwrap_or_default();
        Self { shown: Arc::from(shown), offered: Arc::from(offered) }
    }
}

impl Exchanged {
    pub(super) fn new(reply: &Reply, reading: Reading, put: Arc<Put>) -> Self {
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
            put,
        }
    }
}

/// The knobs of a tick's design, as the table tells them.
struct Knobs([Arc<str>; 8]);

impl Knobs {
    fn of(percept: Percept) -> Self {
        let text = |name: &str| Arc::from(name);
        let options = text(percept.options().name());
        let Some(design) = percept.exposure() else {
            let none = || text("");
            return Self([none(), none(), none(), none(), none(), none(), none(), options]);
        };
        Self([
            text(design.treatment.name()),
            text(design.shown.name()),
            Arc::from(design.who.to_string()),
            text(design.order.name()),
            text(design.own.name()),
            Arc::from(design.memory.to_string()),
            text(design.update.name()),
            options,
        ])
    }
}

/// Hands over the requests of this tick.
pub(super) fn record_requests(
    clock: Res<Clock>,
    branch: Res<Branch>,
    answering: Res<Answering>,
    percept: Res<Percept>,
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
            knobs: Knobs::of(*percept),
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
    knobs: Knobs,
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
        let mut columns = vec![
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
        ];
        columns.extend(self.knobs.0.iter().map(|knob| Column::same_text(knob, count)));
        columns.push(distinct(rows, |row| row.put.shown.clone()));
        columns.push(distinct(rows, |row| row.put.offered.clone()));
        columns
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
