//! The trajectory of a run as people read it: a table of rounds a society, what to read it beside, and what happened.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_engine::observation::{Basis, Observation};
use pluriverse_engine::record::{RecordError, Recorder, TickRecord};
use serde::Serialize;

use super::output::{figure, percent, signed, table};
use crate::baselines::{BASELINE, HUMANS};

/// A figure of a round.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Figure {
    /// The figure.
    pub value: Option<f64>,
    /// How many units it rests on.
    pub n: u64,
    /// Its 95 % interval, where it is an estimate.
    pub interval: Option<(f64, f64)>,
    /// Whether it was estimated from a sample.
    pub estimated: bool,
}

/// A round of a society.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Round {
    /// The tick.
    pub tick: u32,
    /// What it was for.
    pub mechanism: Arc<str>,
    /// The round the scenario counts.
    pub round: u32,
    /// Figures of the society by metric.
    pub figures: BTreeMap<&'static str, Figure>,
    /// Shares of requests without an answer, by outcome.
    pub missing: BTreeMap<Arc<str>, f64>,
    /// Alignment by culture.
    pub alignment: BTreeMap<Arc<str>, Option<f64>>,
}

/// A society over the rounds, and what to read it beside.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Trajectory {
    /// The society.
    pub society: Arc<str>,
    /// Diversity of the humans it stands for: (metric, statistic or `random_respondents`, percent).
    pub humans: Vec<(&'static str, Arc<str>, Option<f64>)>,
    /// Alignment of sheets that know no culture, in percent.
    pub baselines: Vec<(Arc<str>, Option<f64>)>,
    /// The rounds.
    pub rounds: Vec<Round>,
}

/// Keeps what tables need of a run, and hands everything on to the run directory.
pub struct Collector<'a> {
    /// The societies so far.
    pub trajectories: Vec<Trajectory>,
    next: &'a mut dyn Recorder,
}

impl<'a> Collector<'a> {
    /// A collector in front of another recorder.
    pub fn new(next: &'a mut dyn Recorder) -> Self {
        Self {
            trajectories: Vec::new(),
            next,
        }
    }
}

impl Recorder for Collector<'_> {
    fn append(&mut self, record: &TickRecord) -> Result<(), RecordError> {
        let society = &record.branch.society;
        let known = self.trajectories.iter().position(|t| t.society == *society);
        let index = known.unwrap_or_else(|| {
            self.trajectories.push(Trajectory {
                society: society.clone(),
                humans: Vec::new(),
                baselines: Vec::new(),
                rounds: Vec::new(),
            });
            self.trajectories.len() - 1
        });
        self.trajectories[index].take_in(record);
        self.next.append(record)
    }

    fn end_tick(&mut self, tick: u32) -> Result<(), RecordError> {
        self.next.end_tick(tick)
    }
}

impl Trajectory {
    fn take_in(&mut self, record: &TickRecord) {
        let mut round = Round {
            tick: record.tick,
            mechanism: record.now.mechanism.clone(),
            round: record.now.round,
            figures: BTreeMap::new(),
            missing: BTreeMap::new(),
            alignment: BTreeMap::new(),
        };
        for observation in &record.observations {
            let Observation { subject, value, .. } = observation;
            match (observation.metric, observation.scope) {
                (metric, "society") => {
                    round.figures.insert(
                        metric,
                        Figure {
                            value: *value,
                            n: observation.n,
                            interval: observation.interval,
                            estimated: observation.basis == Basis::Estimate,
                        },
                    );
                }
                (metric, HUMANS) => self.humans.push((metric, subject.clone(), *value)),
                (_, BASELINE) => self.baselines.push((subject.clone(), *value)),
                ("missing", "outcome") => {
                    round.missing.insert(subject.clone(), value.unwrap_or(0.0));
                }
                ("alignment", "culture") => {
                    round.alignment.insert(subject.clone(), *value);
                }
                _ => {}
            }
        }
        self.rounds.push(round);
    }

    fn human(&self, metric: &str, statistic: &str) -> Option<f64> {
        let found = self.humans.iter().find(|(m, s, _)| *m == metric && **s == *statistic);
        found.and_then(|(.., value)| *value)
    }

    /// A metric in the first and the last round.
    fn ends(&self, metric: &str) -> (Option<f64>, Option<f64>) {
        let value = |round: Option<&Round>| round.and_then(|round| round.figures.get(metric)?.value);
        (value(self.rounds.first()), value(self.rounds.last()))
    }
}

/// A column of the table of rounds: metric, header, and how it is printed.
type ColumnOf = (&'static str, &'static str, fn(Option<f64>) -> String);

fn two(value: Option<f64>) -> String {
    figure(value, 2)
}

/// What the table of rounds shows; the run directory and `--json` hold more.
const COLUMNS: [ColumnOf; 9] = [
    (DIVERSITY, "diversity", two),
    ("structural_diversity", "tree", two),
    ("structural_diversity_of_sample", "tree of sample", two),
    ("alignment", "alignment", two),
    ("unanimity", "unanimous %", percent),
    ("changed", "changed %", percent),
    ("toward_peers", "to peers %", percent),
    ("drift", "drift", two),
    ("missing", "missing %", percent),
];

/// The metric the run is about.
const DIVERSITY: &str = "pairwise_diversity";

/// Width of the longest bar beside a round's diversity.
const BAR: f64 = 16.0;

/// The table of rounds of a society, with what to read it beside.
pub fn rounds(trajectory: &Trajectory) -> String {
    let shown: Vec<&ColumnOf> = COLUMNS
        .iter()
        .filter(|(metric, ..)| trajectory.rounds.iter().any(|round| round.figures.contains_key(metric)))
        .collect();
    let mut headers = vec!["round", ""];
    headers.extend(shown.iter().map(|(_, header, _)| *header));
    let scale = trajectory
        .rounds
        .iter()
        .filter_map(|round| round.figures.get(DIVERSITY)?.value)
        .chain(trajectory.human(DIVERSITY, "mode"))
        .fold(0.0, f64::max);
    let mut rows: Vec<Vec<String>> = trajectory
        .rounds
        .iter()
        .map(|round| {
            let mut row = vec![
                round.round.to_string(),
                bar(round.figures.get(DIVERSITY).and_then(|f| f.value), scale),
            ];
            row.extend(
                shown
                    .iter()
                    .map(|(metric, _, print)| cell(round.figures.get(metric), *print)),
            );
            row
        })
        .collect();
    rows.extend(reference_rows(trajectory, &shown, scale));
    table(&headers, &rows)
}

fn cell(figure: Option<&Figure>, print: fn(Option<f64>) -> String) -> String {
    match figure {
        None => String::new(),
        Some(figure) => match (figure.estimated, figure.interval) {
            (true, Some((lower, upper))) => {
                format!(
                    "≈{} [{}, {}]",
                    print(figure.value),
                    print(Some(lower)),
                    print(Some(upper))
                )
            }
            (true, None) => format!("≈{}", print(figure.value)),
            (false, _) => print(figure.value),
        },
    }
}

fn bar(value: Option<f64>, scale: f64) -> String {
    let length = value.map_or(0.0, |value| value / scale.max(f64::MIN_POSITIVE) * BAR);
    "█".repeat(length.round() as usize)
}

fn reference_rows(trajectory: &Trajectory, shown: &[&ColumnOf], scale: f64) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut push = |label: String, values: BTreeMap<&str, Option<f64>>| {
        let mut row = vec![label, bar(values.get(DIVERSITY).copied().flatten(), scale)];
        row.extend(shown.iter().map(|(metric, _, print)| match values.get(metric) {
            Some(value) => print(*value),
            None => String::new(),
        }));
        rows.push(row);
    };
    for statistic in ["mode", "median", "mean"] {
        let values = [DIVERSITY, "structural_diversity"].map(|metric| (metric, trajectory.human(metric, statistic)));
        push(format!("humans, by {statistic}"), BTreeMap::from(values));
    }
    let random = trajectory.human(DIVERSITY, "random_respondents");
    push("two random people".to_owned(), BTreeMap::from([(DIVERSITY, random)]));
    for (subject, value) in &trajectory.baselines {
        let label = match &**subject {
            "leave_one_out" => "culture-blind constant",
            _ => "scale midpoint",
        };
        push(label.to_owned(), BTreeMap::from([("alignment", *value)]));
    }
    // Rows that say nothing under the metrics that were asked for.
    rows.retain(|row| row[2..].iter().any(|cell| !cell.is_empty()));
    rows
}

/// All societies in one table: first and last round side by side.
pub fn comparison(trajectories: &[Trajectory]) -> String {
    let headers = [
        "society",
        "diversity",
        "last",
        "change",
        "tree",
        "last",
        "alignment",
        "last",
        "change",
        "missing %",
    ];
    let rows: Vec<Vec<String>> = trajectories
        .iter()
        .map(|trajectory| {
            let change = |(first, last): (Option<f64>, Option<f64>)| Some(last? - first?);
            let diversity = trajectory.ends(DIVERSITY);
            let tree = trajectory.ends("structural_diversity");
            let alignment = trajectory.ends("alignment");
            let missing = trajectory
                .rounds
                .iter()
                .filter_map(|round| round.figures.get("missing")?.value)
                .fold(0.0, f64::max);
            vec![
                trajectory.society.to_string(),
                two(diversity.0),
                two(diversity.1),
                signed(change(diversity), 2),
                two(tree.0),
                two(tree.1),
                two(alignment.0),
                two(alignment.1),
                signed(change(alignment), 2),
                percent(Some(missing)),
            ]
        })
        .collect();
    table(&headers, &rows)
}

/// What happened to a society's diversity, in a sentence, and what answers were missing.
pub fn reading(trajectory: &Trajectory) -> Vec<String> {
    let mut lines = Vec::new();
    let rounds = trajectory.rounds.last().map_or(0, |round| round.round);
    if let (Some(first), Some(last)) = trajectory.ends(DIVERSITY)
        && trajectory.rounds.len() > 1
    {
        let change = last - first;
        let verb = if change < 0.0 { "fell" } else { "rose" };
        lines.push(format!(
            "Diversity {verb} from {first:.2} to {last:.2} ({change:+.2} points, {:+.1} %) over {rounds} rounds of \
             exposure.",
            change / first * 100.0
        ));
    }
    let mut missing: BTreeMap<Arc<str>, f64> = BTreeMap::new();
    for round in &trajectory.rounds {
        for (outcome, share) in &round.missing {
            let most = missing.entry(outcome.clone()).or_default();
            *most = most.max(*share);
        }
    }
    if !missing.is_empty() {
        let reasons: Vec<String> = missing
            .iter()
            .map(|(outcome, share)| format!("{outcome} {:.1} %", share * 100.0))
            .collect();
        lines.push(format!(
            "Missing answers count in no figure; at most in a round: {}.",
            reasons.join(", ")
        ));
    }
    lines
}

/// How to read the figures: said once below the tables.
pub const LEGEND: &str = "\
diversity: mean distance over pairs of agents (Diversity_P), 0 alike to 100 opposite; tree: mean edge of the minimum
spanning tree (Diversity_S); alignment: closeness to each agent's own population, 100 is the same; changed: answers
unlike the round before; to peers: of these, moved towards what the others had answered; drift: distance from round 0.
No control arm was run: part of every change is what asking again would change anyway.";
