//! `Record`: the table of judgements.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableRows, TableSpec};
use pluriverse_engine::simulation::Branch;
use pluriverse_engine::tick::Clock;

use super::design::{DilemmaSet, DilemmaSets};
use super::judgements::{Grounds, Judgement, Judgements};
use super::state::{DilemmaPercept, Judged};
use crate::culture::{Culture, Cultures};
use crate::dilemmas::Scenario;
use crate::dilemmas::scenario::{Contrast, Control, Label};
use crate::survey::record::BackboneNames;

/// `dilemmas.parquet`: one row an agent and scenario.
pub static DILEMMAS: TableSpec = TableSpec {
    name: "dilemmas",
    columns: &[
        ("society", ColumnKind::Text),
        ("arm", ColumnKind::Text),
        ("replicate", ColumnKind::Integer),
        ("tick", ColumnKind::Integer),
        ("round", ColumnKind::Integer),
        ("agent", ColumnKind::Integer),
        ("culture", ColumnKind::Text),
        ("backbone", ColumnKind::Text),
        ("scenario", ColumnKind::Text),
        ("contrast", ColumnKind::Text),
        ("preferred_at", ColumnKind::Text),
        ("lives_apart", ColumnKind::Integer),
        ("grounds", ColumnKind::Text),
        ("gap_original", ColumnKind::Real),
        ("gap_swapped", ColumnKind::Real),
        ("share_original", ColumnKind::Real),
        ("share_swapped", ColumnKind::Real),
        ("spares_preferred", ColumnKind::Real),
        ("outcome", ColumnKind::Text),
    ],
};

/// Hands over this tick's judgements.
pub fn record_dilemmas(
    clock: Res<Clock>,
    branch: Res<Branch>,
    percept: Res<DilemmaPercept>,
    sets: Res<DilemmaSets>,
    judged: Res<Judged>,
    cultures: Res<Cultures>,
    backbones: Res<BackboneNames>,
    members: Query<(&AgentId, &Culture, &Backbone)>,
    mut tables: ResMut<TableRows>,
) {
    let Some(design) = percept.0 else {
        return;
    };
    let mut members: Vec<(AgentId, Culture, Backbone)> =
        members.iter().map(|(&agent, &culture, &backbone)| (agent, culture, backbone)).collect();
    // The order of a query is not a promise.
    members.sort_unstable_by_key(|(agent, ..)| *agent);
    let rows = JudgementRowsOf {
        branch: branch.clone(),
        clock: clock.clone(),
        set: sets.0[usize::from(design.set)].clone(),
        judgements: judged.0.clone(),
        cultures: cultures.cultures.iter().map(|profile| profile.code.clone()).collect(),
        backbones: backbones.0.clone(),
        members,
        next: 0,
    };
    tables.0.push(Rows { table: &DILEMMAS, portions: Box::new(rows) });
}

/// Agents whose judgements make one row group.
const PORTION: usize = 512;

/// The judgements of a tick, turned into rows portion by portion.
struct JudgementRowsOf {
    branch: Branch,
    clock: Clock,
    set: Arc<DilemmaSet>,
    judgements: Judgements,
    cultures: Vec<Arc<str>>,
    backbones: Vec<Arc<str>>,
    members: Vec<(AgentId, Culture, Backbone)>,
    next: usize,
}

impl Iterator for JudgementRowsOf {
    type Item = Vec<Column>;

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.next;
        self.next = (from + PORTION).min(self.members.len());
        (from < self.next).then(|| self.columns(&self.members[from..self.next]))
    }
}

/// What a scenario is for, as the table tells it.
const fn contrast(contrast: Contrast) -> &'static str {
    match contrast {
        Contrast::Dimension(dimension) => dimension.name(),
        Contrast::Control(Control::SameGroup) => "control_same",
        Contrast::Control(Control::NobodyOpposite) => "control_nobody",
    }
}

impl JudgementRowsOf {
    fn columns(&self, members: &[(AgentId, Culture, Backbone)]) -> Vec<Column> {
        let scenarios = &self.set.scenarios;
        let count = members.len() * scenarios.len();
        let of_member = |of: &dyn Fn(&(AgentId, Culture, Backbone)) -> u32| -> Vec<u32> {
            members.iter().flat_map(|member| std::iter::repeat_n(of(member), scenarios.len())).collect()
        };
        let of_scenario = |of: &dyn Fn(&Scenario) -> Arc<str>| Column::Text {
            values: scenarios.iter().map(of).collect(),
            rows: members.iter().flat_map(|_| 0..scenarios.len() as u32).collect(),
        };
        let judged: Vec<(usize, Result<Judgement, Outcome>)> = members
            .iter()
            .flat_map(|(agent, ..)| (0..scenarios.len()).map(|place| (place, self.judgements.get(*agent, place))))
            .collect();
        let real = |of: &dyn Fn(&Judgement, &Scenario) -> f64| {
            let figure = |(place, found): &(usize, Result<Judgement, Outcome>)| {
                found.as_ref().ok().map(|judgement| of(judgement, &scenarios[*place]))
            };
            Column::Real(judged.iter().map(figure).collect())
        };
        let at = |scenario: &Scenario| match scenario.preferred_at {
            Label::A => Arc::from("A"),
            Label::B => Arc::from("B"),
        };
        let lives = members.iter().flat_map(|_| scenarios.iter().map(|of| Some(i64::from(of.lives_apart()))));
        let grounds = |found: &Result<Judgement, Outcome>| match found.map(|judgement| judgement.grounds) {
            Ok(Grounds::Gap) => 0,
            Ok(Grounds::Choices) => 1,
            Err(_) => 2,
        };
        let outcome = |found: &Result<Judgement, Outcome>| {
            found.map_or_else(|outcome| outcome, |_| Outcome::Answered).index() as u32
        };
        vec![
            Column::same_text(&self.branch.society, count),
            Column::same_text(&self.branch.arm, count),
            Column::same_integer(i64::from(self.branch.replicate), count),
            Column::same_integer(i64::from(self.clock.tick), count),
            Column::same_integer(i64::from(self.clock.now.round), count),
            Column::Integer(of_member(&|member| member.0.0).into_iter().map(|id| Some(i64::from(id))).collect()),
            Column::Text { values: self.cultures.clone(), rows: of_member(&|member| u32::from(member.1.0)) },
            Column::Text { values: self.backbones.clone(), rows: of_member(&|member| u32::from(member.2.0)) },
            of_scenario(&|scenario| Arc::from(scenario.id.as_str())),
            of_scenario(&|scenario| Arc::from(contrast(scenario.contrast))),
            of_scenario(&at),
            Column::Integer(lives.collect()),
            Column::Text {
                values: ["gap", "choices", ""].map(Arc::from).to_vec(),
                rows: judged.iter().map(|(_, found)| grounds(found)).collect(),
            },
            real(&|judgement, _| judgement.gaps.original),
            real(&|judgement, _| judgement.gaps.swapped),
            real(&|judgement, _| judgement.shares[0]),
            real(&|judgement, _| judgement.shares[1]),
            real(&|judgement, scenario| judgement.spares_preferred(scenario)),
            Column::Text {
                values: Outcome::ALL.iter().map(|outcome| Arc::from(outcome.name())).collect(),
                rows: judged.iter().map(|(_, found)| outcome(found)).collect(),
            },
        ]
    }
}
