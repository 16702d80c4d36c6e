//! Panels of a run as people read them: how far personas disagree, how far they are relied on, and what that moves.

use std::collections::BTreeSet;
use std::sync::Arc;

use pluriverse_engine::seed::SHARED_ARM;
use serde::Serialize;

use super::output::{figure, table};
use super::trajectory::{Part, Trajectory};

/// What the panels of a society decided in a tick.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Deliberated {
    /// The tick.
    pub tick: u32,
    /// What it was for.
    pub mechanism: Arc<str>,
    /// The round the scenario counts.
    pub round: u32,
    /// The figures of the society and of its cultures, as they were observed.
    pub figures: Vec<Part>,
}

/// Whether a metric is one of panels.
pub fn of_panels(metric: &str) -> bool {
    metric.starts_with("panel_")
}

/// The metrics in the order in which they are told, with their headers.
pub const FIGURES: [(&str, &str); 5] = [
    ("panel_disagreement", "disagree"),
    ("panel_reliability", "reliable"),
    ("panel_anchor", "anchor"),
    ("panel_correction", "correction"),
    ("panel_shift", "shift"),
];

/// Lines of one society and arm; of more, only the first and the last of each mechanism.
const MOST_TICKS: usize = 12;

/// Societies and arms told culture by culture, at most.
const MOST_BY_CULTURE: usize = 6;

/// A table of panels: a title, and lines under [`headers`].
pub struct Panels {
    /// What it is about.
    pub title: String,
    /// Its lines, a cell a header.
    pub rows: Vec<Vec<String>>,
}

/// The headers of tables of panels.
pub fn headers() -> Vec<&'static str> {
    std::iter::once("").chain(FIGURES.iter().map(|(_, header)| *header)).chain(std::iter::once("decisions")).collect()
}

/// One arm of a society, by replicate.
struct Column<'a> {
    name: String,
    replicates: Vec<&'a Trajectory>,
}

impl Column<'_> {
    /// The ticks that are told: tick, mechanism, round.
    fn ticks(&self) -> Vec<(u32, Arc<str>, u32)> {
        let each = self.replicates.iter().flat_map(|strand| &strand.panels);
        let all: BTreeSet<(u32, Arc<str>, u32)> =
            each.map(|panels| (panels.tick, panels.mechanism.clone(), panels.round)).collect();
        let all: Vec<(u32, Arc<str>, u32)> = all.into_iter().collect();
        if all.len() <= MOST_TICKS {
            return all;
        }
        let ends = |place: usize| {
            let alike = |other: usize| all[other].1 == all[place].1;
            !(0..place).any(alike) || !(place + 1..all.len()).any(alike)
        };
        (0..all.len()).filter(|&place| ends(place)).map(|place| all[place].clone()).collect()
    }

    /// A line of means over replicates; decisions are summed.
    fn row(&self, name: String, tick: u32, scope: &str, subject: &str) -> Vec<String> {
        let of = |metric: &str| -> Vec<(Option<f64>, u64)> {
            let wanted = |part: &&Part| *part.metric == *metric && *part.scope == *scope && *part.subject == *subject;
            let of_tick = |strand: &&Trajectory| {
                let panels = strand.panels.iter().find(|panels| panels.tick == tick)?;
                panels.figures.iter().find(wanted).map(|part| (part.figure.value, part.figure.n))
            };
            self.replicates.iter().filter_map(of_tick).collect()
        };
        let mut row = vec![name];
        row.extend(FIGURES.iter().map(|(metric, _)| {
            let values: Option<Vec<f64>> = of(metric).into_iter().map(|(value, _)| value).collect();
            let values = values.filter(|values| !values.is_empty());
            figure(values.map(|values| values.iter().sum::<f64>() / values.len() as f64), 3)
        }));
        row.push(of(FIGURES[0].0).iter().map(|(_, n)| n).sum::<u64>().to_string());
        row
    }

    fn by_culture(&self) -> Option<Panels> {
        let (tick, mechanism, round) = self.ticks().pop()?;
        let each = self.replicates.iter().flat_map(|strand| &strand.panels).filter(|panels| panels.tick == tick);
        let parts = each.flat_map(|panels| &panels.figures).filter(|part| *part.scope == *"culture");
        let cultures: BTreeSet<Arc<str>> = parts.map(|part| part.subject.clone()).collect();
        let rows = cultures.iter().map(|code| self.row(code.to_string(), tick, "culture", code)).collect();
        let title = format!("{}: panels by culture, round {round} ({mechanism})", self.name);
        (cultures.len() > 1).then_some(Panels { title, rows })
    }
}

/// The tables of a run; none where no panel decided anything.
pub fn tables(trajectories: &[Trajectory]) -> Vec<Panels> {
    let columns = columns(trajectories);
    if columns.is_empty() {
        return Vec::new();
    }
    let rows = columns.iter().flat_map(|column| {
        column.ticks().into_iter().map(|(tick, mechanism, round)| {
            column.row(format!("{}, round {round} ({mechanism})", column.name), tick, "society", "")
        })
    });
    let mut all = vec![Panels { title: "Panels".to_owned(), rows: rows.collect() }];
    if columns.len() <= MOST_BY_CULTURE {
        all.extend(columns.iter().filter_map(Column::by_culture));
    }
    all
}

/// Strands by society and arm.
fn columns(trajectories: &[Trajectory]) -> Vec<Column<'_>> {
    let mut columns: Vec<Column<'_>> = Vec::new();
    for trajectory in trajectories.iter().filter(|trajectory| !trajectory.panels.is_empty()) {
        let (society, arm) = (&trajectory.society, &trajectory.arm);
        let alone = trajectories.iter().all(|other| other.society != *society || other.arm == *arm);
        let arm = if **arm == *SHARED_ARM { "before arms" } else { arm };
        let name = if alone { society.to_string() } else { format!("{society}, {arm}") };
        match columns.iter_mut().find(|column| column.name == name) {
            Some(column) => column.replicates.push(trajectory),
            None => columns.push(Column { name, replicates: vec![trajectory] }),
        }
    }
    columns
}

impl Panels {
    /// The table as text.
    pub fn render(&self) -> String {
        format!("{}\n{}", self.title, table(&headers(), &self.rows))
    }
}

/// What the columns mean.
pub const LEGEND: &str = "\
Means over decisions of panels, in positions from an item's first option (0) to its last (1). disagree: standard deviation
of the personas' expected positions; reliable: r, 1 where both passes of draws agree; anchor: share of the way from the
base to the personas' mean that is gone; correction: size of what sampling adds to it; shift: how far decisions end from
the base. Of ballots positions are not named (0) and named (1); of dilemmas disagree and correction are gaps, in log-odds.
r and anchor say how steady the draws are, not that a panel is right about its people: compare with a society without one.";
