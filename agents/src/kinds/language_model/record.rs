//! `Record`: the requests table.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::Backbone;
use pluriverse_engine::exchange::{Reply, ReplyKey, RequestId};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableRows, TableSpec};
use pluriverse_engine::simulation::Branch;
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::budgeting::vote::design::VoteDesign;
use pluriverse_worlds::budgeting::vote::state::VotePercept;
use pluriverse_worlds::dilemmas::asked::DilemmaSets;
use pluriverse_worlds::dilemmas::asked::state::DilemmaPercept;
use pluriverse_worlds::drafting::state::DraftPercept;
use pluriverse_worlds::platform::life::PostPercept;
use pluriverse_worlds::survey::record::BackboneNames;
use pluriverse_worlds::survey::state::{Percept, Questionnaire};

use super::Answering;
use super::ask::{self, Questions};
use super::dilemmas::Place;
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
    /// The option chosen; of a ballot, which has a table of its own, nothing.
    answer: Option<i32>,
    pub(super) outcome: Outcome,
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
    pub(super) fn of(questions: &Questions, put: ask::Put) -> Self {
        let shown = questions.peers(put.agent, put.item).into_iter().map(|(place, shown)| {
            let from = if place.from == place.peer { String::new() } else { format!("<{}", place.from.0) };
            format!("{}{from}:{}", place.peer.0, shown.answer)
        });
        let shown = shown.collect::<Vec<_>>().join(" ");
        let offered = questions.offered(put).map(|offered| offered.to_string()).unwrap_or_default();
        Self { shown: Arc::from(shown), offered: Arc::from(offered) }
    }

    /// What was put in front of a voter: ballots, as they are told.
    pub(super) fn of_ballots(shown: &str) -> Self {
        Self { shown: Arc::from(shown), offered: Arc::default() }
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
            answer: reading.answer.ok(),
            outcome: reading.answer.map_or_else(|outcome| outcome, |_| Outcome::Answered),
            reply: said.map(|completion| completion.text.clone()).unwrap_or_default(),
            finish: said.and_then(|completion| completion.finish.name()).map(Arc::from).unwrap_or_default(),
            reason: reading.reason.unwrap_or_default(),
            put,
        }
    }
}

impl Exchanged {
    /// The same with what became of it told by somebody who knows what it was asked for.
    pub(super) fn ended(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// A request for a ballot and what came of it.
    pub(super) fn of_ballot(
        reply: &Reply,
        rule: &'static str,
        outcome: Outcome,
        reason: Option<Arc<str>>,
        put: Arc<Put>,
    ) -> Self {
        let answer = Err(outcome);
        let reading = Reading { answer, rule, reason, distribution: None };
        Self { answer: None, ..Self::new(reply, reading, put) }
    }
}

/// The knobs of a tick's design, as the table tells them.
struct Knobs([Arc<str>; 8]);

impl Knobs {
    fn of(percept: Percept, voted: Option<VoteDesign>) -> Self {
        let text = |name: &str| Arc::from(name);
        let options = text(percept.options().name());
        if let Some(design) = voted.and_then(|design| design.showing) {
            let none = || text("");
            let (who, order) = (Arc::from(design.who.to_string()), text(design.order.name()));
            let (treatment, own) = (text(design.treatment.name()), text(design.own.name()));
            return Self([treatment, none(), who, order, own, none(), none(), none()]);
        }
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
    voted: Res<VotePercept>,
    posted: Res<PostPercept>,
    judged: Res<DilemmaPercept>,
    sets: Res<DilemmaSets>,
    drafted: Res<DraftPercept>,
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
            subjects: match (voted.0, judged.0) {
                (Some(_), _) => vec![Arc::from("ballot")],
                (None, Some(design)) => {
                    let set = &sets.0[usize::from(design.set)];
                    (0..2 * set.scenarios.len() as u32).map(|slot| Place::of(slot).subject(set)).collect()
                }
                (None, None) if posted.0.is_some() => {
                    let last = exchanged.iter().map(|exchanged| exchanged.id.slot).max().unwrap_or_default();
                    (0..=last).map(|wake| Arc::from(format!("wake-{}", wake + 1))).collect()
                }
                (None, None) if drafted.0.is_some() => {
                    drafted.0.as_deref().map(super::draft::subjects).unwrap_or_default()
                }
                (None, None) => questionnaire.0.items.iter().map(|item| item.id.clone()).collect(),
            },
            backbones: backbones.0.clone(),
            knobs: Knobs::of(*percept, voted.0),
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
    /// What was asked about, by slot.
    subjects: Vec<Arc<str>>,
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
        let mut columns = vec![
            Column::same_text(&self.branch.society, count),
            Column::same_text(&self.branch.arm, count),
            Column::same_integer(i64::from(self.branch.replicate), count),
            Column::same_integer(i64::from(self.tick), count),
            Column::same_integer(i64::from(self.round), count),
            integer(&|row| i64::from(row.id.agent.0)),
            index(&self.subjects, &|row| row.id.slot),
            integer(&|row| i64::from(row.id.sample)),
            integer(&|row| i64::from(row.id.turn)),
            index(&self.backbones, &|row| u32::from(row.backbone.0)),
            Column::distinct(rows.iter().map(|row| Arc::from(row.key.hex()))),
            integer(&|row| i64::from(row.draw)),
            Column::same_text(&self.format, count),
            Column::distinct(rows.iter().map(|row| Arc::from(row.rule))),
            Column::Integer(rows.iter().map(|row| row.answer.map(i64::from)).collect()),
            Column::distinct(rows.iter().map(|row| Arc::from(row.outcome.name()))),
            Column::distinct(rows.iter().map(|row| row.reply.clone())),
            Column::distinct(rows.iter().map(|row| row.finish.clone())),
            Column::distinct(rows.iter().map(|row| row.reason.clone())),
        ];
        columns.extend(self.knobs.0.iter().map(|knob| Column::same_text(knob, count)));
        columns.push(Column::distinct(rows.iter().map(|row| row.put.shown.clone())));
        columns.push(Column::distinct(rows.iter().map(|row| row.put.offered.clone())));
        columns
    }
}
