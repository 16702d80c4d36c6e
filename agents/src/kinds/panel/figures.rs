//! What became of a panel's decisions: figures an item, their means a tick, and the table of those that models made.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::observation::{Observation, Observations};
use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableRows, TableSpec};
use pluriverse_engine::simulation::Branch;
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::culture::{Culture, Cultures};

/// `panels.parquet`: one row a decision of a panel over a language model. Positions are normalised: 0 is an item's
/// first option (or a project not approved of, or a dilemma's A), 1 its last (a project approved of, or B). Of dilemmas
/// `disagreement`, `correction` and `bound` are in gaps.
pub static PANELS: TableSpec = TableSpec {
    name: "panels",
    columns: &[
        ("society", ColumnKind::Text),
        ("arm", ColumnKind::Text),
        ("replicate", ColumnKind::Integer),
        ("tick", ColumnKind::Integer),
        ("round", ColumnKind::Integer),
        ("agent", ColumnKind::Integer),
        ("subject", ColumnKind::Text),
        ("base", ColumnKind::Real),
        ("panel", ColumnKind::Real),
        ("disagreement", ColumnKind::Real),
        ("reliability", ColumnKind::Real),
        ("anchor", ColumnKind::Real),
        ("correction", ColumnKind::Real),
        ("bound", ColumnKind::Real),
        ("decided", ColumnKind::Real),
        ("reached", ColumnKind::Integer),
    ],
};

/// How one decision of a panel came about. Positions are normalised: 0 is an item's first option, 1 its last.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PanelFigures {
    /// Expected position of the base.
    pub base: f64,
    /// Mean over the personas' expected positions.
    pub panel: f64,
    /// D, the standard deviation of the personas' expected positions.
    pub disagreement: f64,
    /// r, from 0 to 1.
    pub reliability: f64,
    /// The share of the way from base to panel that is gone, 0 to 1.
    pub anchor: f64,
    /// The sampled correction, in positions.
    pub correction: f64,
    /// What it cannot exceed.
    pub bound: f64,
    /// Expected position of the decision.
    pub decided: f64,
    /// Whether the position steered to is one the base's options allow.
    pub reached: bool,
}

/// Sums over decisions, from which means are made.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
struct Sums {
    decisions: u64,
    disagreement: f64,
    reliability: f64,
    anchor: f64,
    correction: f64,
    shift: f64,
}

impl Sums {
    fn add(&mut self, figures: &PanelFigures) {
        self.merge(&Self {
            decisions: 1,
            disagreement: figures.disagreement,
            reliability: figures.reliability,
            anchor: figures.anchor,
            correction: figures.correction.abs(),
            shift: (figures.decided - figures.base).abs(),
        });
    }

    fn merge(&mut self, other: &Self) {
        self.decisions += other.decisions;
        self.disagreement += other.disagreement;
        self.reliability += other.reliability;
        self.anchor += other.anchor;
        self.correction += other.correction;
        self.shift += other.shift;
    }

    /// Metrics with their means.
    fn means(&self) -> [(&'static str, Option<f64>); 5] {
        let mean = |sum: f64| Some(sum / self.decisions as f64);
        [
            ("panel_disagreement", mean(self.disagreement)),
            ("panel_reliability", mean(self.reliability)),
            ("panel_anchor", mean(self.anchor)),
            ("panel_correction", mean(self.correction)),
            ("panel_shift", mean(self.shift)),
        ]
    }
}

/// Sums over the decisions of panels, by culture.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PanelSums(BTreeMap<Culture, Sums>);

impl PanelSums {
    /// Counts a decision of an agent of this culture.
    pub fn add(&mut self, culture: Culture, figures: &PanelFigures) {
        self.0.entry(culture).or_default().add(figures);
    }

    /// Adds the sums of further decisions.
    pub fn merge(&mut self, other: &Self) {
        for (culture, sums) in &other.0 {
            self.0.entry(*culture).or_default().merge(sums);
        }
    }

    fn observations(&self, cultures: &Cultures) -> Vec<Observation> {
        let mut all = Sums::default();
        self.0.values().for_each(|sums| all.merge(sums));
        let of_society = all.means().map(|(metric, mean)| Observation::of_society(metric, mean, all.decisions));
        let of_cultures = self.0.iter().flat_map(|(&culture, sums)| {
            let code = &cultures.profile(culture).code;
            let n = sums.decisions;
            sums.means().map(|(metric, mean)| Observation::of(metric, "culture", code.clone(), mean, n))
        });
        of_society.into_iter().chain(of_cultures).collect()
    }
}

/// What the panels of a society decided this tick; emptied when it is recorded.
#[derive(Resource, Default, Debug)]
pub struct PanelLog {
    /// Decisions of panels over surrogates, summed in agent order.
    pub sums: PanelSums,
    /// Decisions of panels over language models, by agent: on what, and how.
    pub rows: Vec<(AgentId, Arc<str>, PanelFigures)>,
}

/// `Observe`: means over this tick's decisions, of the society and by culture: the personas' disagreement, reliability,
/// anchor, size of the sampled correction, and how far decisions lie from their bases. In units of normalised positions;
/// nothing where no panel decided anything.
pub fn observe_panels(
    log: Res<PanelLog>,
    cultures: Res<Cultures>,
    agents: Query<(&AgentId, &Culture)>,
    mut observations: ResMut<Observations>,
) {
    let mut sums = log.sums.clone();
    if !log.rows.is_empty() {
        let of: BTreeMap<AgentId, Culture> = agents.iter().map(|(&agent, &culture)| (agent, culture)).collect();
        for (agent, _, figures) in &log.rows {
            if let Some(&culture) = of.get(agent) {
                sums.add(culture, figures);
            }
        }
    }
    if !sums.0.is_empty() {
        observations.0.extend(sums.observations(&cultures));
    }
}

/// `Record`: hands over the rows, and forgets the tick.
pub fn record_panels(clock: Res<Clock>, branch: Res<Branch>, mut log: ResMut<PanelLog>, mut tables: ResMut<TableRows>) {
    let PanelLog { rows, .. } = std::mem::take(&mut *log);
    if rows.is_empty() {
        return;
    }
    let (branch, tick, round) = (branch.clone(), i64::from(clock.tick), i64::from(clock.now.round));
    tables.0.push(Rows {
        table: &PANELS,
        portions: Box::new(std::iter::once_with(move || columns(&branch, (tick, round), &rows))),
    });
}

fn columns(branch: &Branch, (tick, round): (i64, i64), rows: &[(AgentId, Arc<str>, PanelFigures)]) -> Vec<Column> {
    let count = rows.len();
    let real =
        |of: fn(&PanelFigures) -> f64| Column::Real(rows.iter().map(|(_, _, figures)| Some(of(figures))).collect());
    let integer = |of: &dyn Fn(&(AgentId, Arc<str>, PanelFigures)) -> i64| {
        Column::Integer(rows.iter().map(|row| Some(of(row))).collect())
    };
    vec![
        Column::same_text(&branch.society, count),
        Column::same_text(&branch.arm, count),
        Column::same_integer(i64::from(branch.replicate), count),
        Column::same_integer(tick, count),
        Column::same_integer(round, count),
        integer(&|(agent, ..)| i64::from(agent.0)),
        Column::distinct(rows.iter().map(|(_, subject, _)| subject.clone())),
        real(|figures| figures.base),
        real(|figures| figures.panel),
        real(|figures| figures.disagreement),
        real(|figures| figures.reliability),
        real(|figures| figures.anchor),
        real(|figures| figures.correction),
        real(|figures| figures.bound),
        real(|figures| figures.decided),
        integer(&|(_, _, figures)| i64::from(figures.reached)),
    ]
}
