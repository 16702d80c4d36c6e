//! Dilemmas of a run as people read them: how near each society is to people, beside answers that know no culture.

use std::collections::BTreeSet;
use std::sync::Arc;

use pluriverse_worlds::dilemmas::Dimension;
use pluriverse_worlds::dilemmas::human::{CountryAmce, Reliability};
use serde::Serialize;

use super::output::{figure, percent, signed, table};
use super::trajectory::{Figure, Trajectory};
use crate::resolve::Resolved;

/// Societies and arms shown culture by culture; of more only the figures over all cultures.
const MOST_BY_CULTURE: usize = 6;

/// Every figure of a tick of dilemmas.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Judged {
    /// The tick.
    pub tick: u32,
    /// The round the scenario counts.
    pub round: u32,
    /// The figures, as they were observed.
    pub figures: Vec<JudgedFigure>,
}

/// One of them.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct JudgedFigure {
    /// What is measured.
    pub metric: Arc<str>,
    /// On what kind of thing.
    pub scope: Arc<str>,
    /// On which one of them.
    pub subject: Arc<str>,
    /// The figure.
    #[serde(flatten)]
    pub figure: Figure,
}

/// Whether a metric is one of dilemmas.
pub fn of_dilemmas(metric: &str) -> bool {
    metric.starts_with("dilemma_")
}

/// The dilemmas of a run at one place of the timeline.
pub struct Dilemmas<'a> {
    tick: u32,
    round: u32,
    resolved: &'a Resolved,
    /// By society and arm.
    columns: Vec<Column<'a>>,
}

/// One arm of a society, by replicate.
struct Column<'a> {
    society: Arc<str>,
    arm: Arc<str>,
    replicates: Vec<&'a Judged>,
}

impl Column<'_> {
    fn of(&self, metric: &str, scope: &str, subject: &str) -> Vec<&Figure> {
        let wanted =
            |found: &&JudgedFigure| *found.metric == *metric && *found.scope == *scope && *found.subject == *subject;
        let each = self.replicates.iter().filter_map(|judged| judged.figures.iter().find(wanted));
        each.map(|found| &found.figure).collect()
    }

    /// The mean over replicates; `None` where it is undefined in one of them.
    fn mean(&self, metric: &str, scope: &str, subject: &str) -> Option<f64> {
        let values: Option<Vec<f64>> = self.of(metric, scope, subject).iter().map(|figure| figure.value).collect();
        values.filter(|values| !values.is_empty()).map(|values| values.iter().sum::<f64>() / values.len() as f64)
    }

    fn subjects(&self, metric: &str, scope: &str) -> Vec<Arc<str>> {
        let first = self.replicates.first().into_iter().flat_map(|judged| &judged.figures);
        let of = first.filter(|found| *found.metric == *metric && *found.scope == *scope);
        of.map(|found| found.subject.clone()).collect()
    }
}

/// Figures that are scores: metric, header, decimals.
const SCORES: [(&str, &str); 6] = [
    ("dilemma_mis", "MIS"),
    ("dilemma_jsd", "JSD"),
    ("dilemma_pearson", "r"),
    ("dilemma_centred", "centred"),
    ("dilemma_centred_pearson", "centred r"),
    ("dilemma_identified", "own"),
];

impl<'a> Dilemmas<'a> {
    /// Every tick of dilemmas of a run, in order.
    pub fn of(resolved: &'a Resolved, trajectories: &'a [Trajectory]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for trajectory in trajectories {
            for judged in &trajectory.dilemmas {
                let place = all.iter().position(|known| known.tick == judged.tick).unwrap_or_else(|| {
                    all.push(Self { tick: judged.tick, round: judged.round, resolved, columns: Vec::new() });
                    all.len() - 1
                });
                let columns = &mut all[place].columns;
                let known =
                    |column: &&mut Column<'_>| column.society == trajectory.society && column.arm == trajectory.arm;
                match columns.iter_mut().find(known) {
                    Some(column) => column.replicates.push(judged),
                    None => columns.push(Column {
                        society: trajectory.society.clone(),
                        arm: trajectory.arm.clone(),
                        replicates: vec![judged],
                    }),
                }
            }
        }
        all.sort_by_key(|dilemmas| dilemmas.tick);
        all
    }

    fn name(&self, column: &Column<'_>) -> String {
        let one_arm = self.columns.iter().all(|other| other.arm == column.arm);
        if one_arm { column.society.to_string() } else { format!("{}, {}", column.society, column.arm) }
    }

    /// The tables and sentences.
    pub fn render(&self) -> Vec<String> {
        let mut parts = vec![format!("Dilemmas in round {}\n{}", self.round, self.scores())];
        if self.columns.len() <= MOST_BY_CULTURE {
            parts.extend(
                self.columns
                    .iter()
                    .map(|column| format!("{}: by culture\n{}", self.name(column), self.by_culture(column))),
            );
        }
        parts.extend(self.missing());
        parts
    }

    /// One line a society and arm, each over the lines of what knows no culture.
    fn scores(&self) -> String {
        let mut rows = Vec::new();
        for (place, column) in self.columns.iter().enumerate() {
            let score = |scope: &str, subject: &str| -> Vec<String> {
                SCORES.iter().map(|(metric, _)| figure(column.mean(metric, scope, subject), 3)).collect()
            };
            let society = |metric| column.mean(metric, "society", "");
            let mut row = vec![self.name(column)];
            row.extend(score("society", ""));
            row.push(figure(society("dilemma_control_same"), 3));
            row.push(figure(society("dilemma_control_nobody"), 3));
            row.push(signed(society("dilemma_order_bias"), 3));
            row.push(percent(society("dilemma_missing")));
            rows.push(row);
            // Arms of a society stand beside the same lines.
            if self.columns.get(place + 1).is_none_or(|next| next.society != column.society) {
                rows.extend(column.subjects("dilemma_mis", "baseline").iter().map(|name| {
                    let mut row = vec![format!("  {name}")];
                    row.extend(score("baseline", name));
                    row.extend([String::new(), String::new(), String::new(), String::new()]);
                    row
                }));
            }
        }
        let mut headers = vec![""];
        headers.extend(SCORES.iter().map(|(_, header)| *header));
        headers.extend(["same", "nobody", "to B", "missing %"]);
        table(&headers, &rows)
    }

    /// A culture's scores, and its AMCEs over those of its people.
    fn by_culture(&self, column: &Column<'_>) -> String {
        let mut headers = vec!["", "MIS", "r", "centred", "own"];
        headers.extend(Dimension::ALL.iter().map(|dimension| dimension.name()));
        let mut rows = Vec::new();
        for code in column.subjects("dilemma_missing", "culture") {
            let of = |metric| column.mean(metric, "culture", &code);
            let human = self.human(&code);
            let mark = human.map_or("", |human| mark(human.reliability));
            let mut row = vec![format!("{code}{mark}"), figure(of("dilemma_mis"), 3), figure(of("dilemma_pearson"), 2)];
            row.extend([figure(of("dilemma_centred"), 3), own(of("dilemma_identified"))]);
            row.extend(Dimension::ALL.map(|dimension| {
                let subject = format!("{code}/{}", dimension.name());
                amce(&column.of("dilemma_amce", "culture/dimension", &subject), || {
                    column.mean("dilemma_amce", "culture/dimension", &subject)
                })
            }));
            rows.push(row);
            if let Some(human) = human {
                let mut row = vec![format!("  people{mark}")];
                row.extend(std::iter::repeat_n(String::new(), 4));
                row.extend(Dimension::ALL.map(|dimension| {
                    let estimate = human.of(dimension);
                    format!("{} ±{:.2}", signed(Some(estimate.amce), 2), WIDTH * estimate.error)
                }));
                rows.push(row);
            }
        }
        table(&headers, &rows)
    }

    fn human(&self, code: &str) -> Option<&CountryAmce> {
        let culture = self.resolved.cultures.by_code(code)?;
        self.resolved.dilemma_sets.iter().find_map(|set| set.human(culture))
    }

    /// What became of scenarios without a judgement, one line a column that has any.
    fn missing(&self) -> Vec<String> {
        let line = |column: &Column<'_>| {
            let outcomes: BTreeSet<Arc<str>> = column.subjects("dilemma_missing", "outcome").into_iter().collect();
            let each: Vec<String> = outcomes
                .iter()
                .map(|outcome| format!("{outcome} {} %", percent(column.mean("dilemma_missing", "outcome", outcome))))
                .collect();
            let asked: u64 = column.of("dilemma_missing", "society", "").iter().map(|figure| figure.n).sum();
            (!each.is_empty()).then(|| {
                format!(
                    "{}: of {asked} judgements some are missing and count nowhere: {}; events.jsonl.zst says why",
                    self.name(column),
                    each.join(", ")
                )
            })
        };
        self.columns.iter().filter_map(line).collect()
    }
}

/// Whether a culture's own people are the nearest, or in what share where others are as near.
fn own(share: Option<f64>) -> String {
    let whole = share.is_some_and(|share| share.fract().abs() < f64::EPSILON);
    figure(share, if whole { 0 } else { 2 })
}

/// Standard errors on either side of a 95 % interval.
const WIDTH: f64 = 1.96;

/// An AMCE with half the width of its interval, where there is one replicate.
fn amce(figures: &[&Figure], mean: impl Fn() -> Option<f64>) -> String {
    match figures {
        [one] => {
            let half = one.interval.map(|(lower, upper)| format!(" ±{:.2}", (upper - lower) / 2.0));
            format!("{}{}", signed(one.value, 2), half.unwrap_or_default())
        }
        _ => signed(mean(), 2),
    }
}

const fn mark(reliability: Reliability) -> &'static str {
    match reliability {
        Reliability::Reliable | Reliability::Moderate => "",
        Reliability::Unreliable => "†",
    }
}

/// What the columns mean.
pub const LEGEND: &str = "\
MIS: distance of the six shares in which preferred sides are spared from people's, 0 to 2.449; JSD: Jensen–Shannon
distance; r: Pearson's, of six. Centred: once what all cultures have in common is taken away; own: share of cultures
whose own people are then the nearest. MIS mostly tells how strongly anybody prefers at all: read it beside the constants.
same: share that spares one of two equal groups (½ is right); nobody: share that spares somebody rather than nobody (1 is
right); to B: preference for whatever is labelled B. Columns by dimension: AMCE, with 95 % intervals over pairs.
† human figures rest on few people (a standard error of 0.10 or more).";
