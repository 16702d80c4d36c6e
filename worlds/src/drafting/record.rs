//! `Record`: the table of drafts.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableRows, TableSpec};
use pluriverse_engine::simulation::Branch;
use pluriverse_engine::tick::Clock;

use super::design::{Drafting, Method};
use super::drafts::{Candidate, DraftBox};
use super::state::{DraftPercept, Drafts};
use crate::culture::{Culture, Cultures};
use crate::pluralism::judge::Score;
use crate::survey::record::BackboneNames;

/// `drafts.parquet`: one row a candidate, whether it was drafted or not.
pub static DRAFTS: TableSpec = TableSpec {
    name: "drafts",
    columns: &[
        ("society", ColumnKind::Text),
        ("arm", ColumnKind::Text),
        ("replicate", ColumnKind::Integer),
        ("tick", ColumnKind::Integer),
        ("round", ColumnKind::Integer),
        ("agent", ColumnKind::Integer),
        ("culture", ColumnKind::Text),
        ("backbone", ColumnKind::Text),
        ("prompt", ColumnKind::Text),
        ("method", ColumnKind::Text),
        ("set", ColumnKind::Integer),
        ("candidate", ColumnKind::Integer),
        ("drafted_by", ColumnKind::Text),
        ("text", ColumnKind::Text),
        ("outcome", ColumnKind::Text),
        ("position_traditional_secular", ColumnKind::Real),
        ("position_survival_self_expression", ColumnKind::Real),
        ("traditional_secular", ColumnKind::Real),
        ("survival_self_expression", ColumnKind::Real),
        ("judged", ColumnKind::Text),
        ("chosen", ColumnKind::Integer),
        ("choice", ColumnKind::Text),
    ],
};

/// Hands over this tick's drafts.
pub fn record_drafts(
    clock: Res<Clock>,
    branch: Res<Branch>,
    percept: Res<DraftPercept>,
    drafts: Res<Drafts>,
    cultures: Res<Cultures>,
    backbones: Res<BackboneNames>,
    members: Query<(&AgentId, &Culture, &Backbone)>,
    mut tables: ResMut<TableRows>,
) {
    let Some(drafting) = &percept.0 else {
        return;
    };
    let mut members: Vec<(AgentId, Culture, Backbone)> =
        members.iter().map(|(&agent, &culture, &backbone)| (agent, culture, backbone)).collect();
    // The order of a query is not a promise.
    members.sort_unstable_by_key(|(agent, ..)| *agent);
    let rows = DraftRows {
        branch: branch.clone(),
        clock: clock.clone(),
        drafting: drafting.clone(),
        drafts: drafts.0.clone(),
        cultures: cultures.cultures.iter().map(|profile| profile.code.clone()).collect(),
        backbones: backbones.0.clone(),
        members,
        next: 0,
    };
    tables.0.push(Rows { table: &DRAFTS, portions: Box::new(rows) });
}

/// Candidates that make one row group, about.
const PORTION: usize = 16_384;

/// The drafts of a tick, turned into rows portion by portion.
struct DraftRows {
    branch: Branch,
    clock: Clock,
    drafting: Arc<Drafting>,
    drafts: DraftBox,
    cultures: Vec<Arc<str>>,
    backbones: Vec<Arc<str>>,
    members: Vec<(AgentId, Culture, Backbone)>,
    next: usize,
}

impl Iterator for DraftRows {
    type Item = Vec<Column>;

    fn next(&mut self) -> Option<Self::Item> {
        let each = (self.drafts.sets() * self.drafting.size).max(1);
        let from = self.next;
        self.next = (from + (PORTION / each).max(1)).min(self.members.len());
        (from < self.next).then(|| self.columns(from, self.next))
    }
}

/// One row: a member, a set of its, and a candidate's place in it.
type Row = (usize, usize, usize);

impl DraftRows {
    fn columns(&self, from: usize, to: usize) -> Vec<Column> {
        let rows: Vec<Row> = (from..to)
            .flat_map(|member| (0..self.drafts.sets()).map(move |set| (member, set)))
            .flat_map(|(member, set)| (0..self.drafting.size).map(move |place| (member, set, place)))
            .collect();
        let count = rows.len();
        let member = |row: &Row| self.members[row.0];
        let candidate = |row: &Row| &self.drafts.set(member(row).0, row.1)[row.2];
        let integer = |of: &dyn Fn(&Row) -> Option<i64>| Column::Integer(rows.iter().map(of).collect());
        let real =
            |of: &dyn Fn(&Candidate) -> Option<f64>| Column::Real(rows.iter().map(|row| of(candidate(row))).collect());
        let text = |of: &dyn Fn(&Row) -> Arc<str>| Column::distinct(rows.iter().map(of));
        let place = |row: &Row| self.drafting.place(row.1);
        let chosen = |row: &Row| self.drafts.chosen(member(row).0, row.1);
        let by = |row: &Row| match (place(row).method, self.drafting.backbones.get(row.2)) {
            (Method::Backbones, Some(backbone)) => *backbone,
            _ => member(row).2,
        };
        vec![
            Column::same_text(&self.branch.society, count),
            Column::same_text(&self.branch.arm, count),
            Column::same_integer(i64::from(self.branch.replicate), count),
            Column::same_integer(i64::from(self.clock.tick), count),
            Column::same_integer(i64::from(self.clock.now.round), count),
            integer(&|row| Some(i64::from(member(row).0.0))),
            text(&|row| self.cultures[member(row).1.index()].clone()),
            text(&|row| self.backbones[member(row).2.index()].clone()),
            text(&|row| self.drafting.prompts[place(row).prompt].id.clone()),
            text(&|row| Arc::from(place(row).method.name())),
            integer(&|row| Some(place(row).set as i64)),
            integer(&|row| Some(row.2 as i64)),
            text(&|row| self.backbones[by(row).index()].clone()),
            text(&|row| candidate(row).text.clone().unwrap_or_default()),
            text(&|row| Arc::from(candidate(row).outcome.name())),
            real(&|candidate| candidate.at.map(|at| at[0])),
            real(&|candidate| candidate.at.map(|at| at[1])),
            real(&|candidate| candidate.scores().traditional_secular.map(Score::value)),
            real(&|candidate| candidate.scores().survival_self_expression.map(Score::value)),
            text(&|row| Arc::from(candidate(row).judged.name())),
            integer(&|row| chosen(row).ok().map(|chosen| i64::from(usize::from(chosen) == row.2))),
            text(&|row| Arc::from(chosen(row).map_or_else(|outcome| outcome, |_| Outcome::Answered).name())),
        ]
    }
}
