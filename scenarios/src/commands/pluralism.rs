//! Measures of pluralism and places on the plane as people read them: one table a reader can quote, beside what people,
//! and sheets that know no culture, show.

use std::collections::BTreeSet;

use pluriverse_engine::seed::SHARED_ARM;
use pluriverse_worlds::inference::normal::{quantile, t_quantile};
use pluriverse_worlds::plane::observe::{SELF_EXPRESSION, TRADITIONAL_SECULAR};
use pluriverse_worlds::pluralism::observe::people::options_in_order;
use pluriverse_worlds::pluralism::overton::SWEEP;

use super::output::{figure, table};
use super::trajectory::{Figure, Round, Trajectory};
use crate::baselines::{BASELINE, HUMANS};
use crate::beside::OTHER_WAVE;
use crate::resolve::Resolved;

/// A row of the table: the metric, what it is called, and the metric that says what people would show.
struct Row {
    metric: &'static str,
    name: &'static str,
    people: &'static str,
}

const fn row(metric: &'static str, name: &'static str, people: &'static str) -> Row {
    Row { metric, name, people }
}

/// What the table shows; the run directory and `--json` hold more.
const ROWS: [Row; 23] = [
    row("overton_coverage", "Overton coverage, all together", "overton_coverage_people"),
    row("overton_weighted", "  weighted by people", ""),
    row("overton_over_reach", "  over-reach", ""),
    row("overton_own_coverage", "Overton coverage of own people", "overton_own_coverage_people"),
    row("distribution_w1", "W1, items in order", "distribution_w1_people"),
    row("distribution_w1_best_single", "  of the best single answers", ""),
    row("distribution_jsd_uncorrected", "JS divergence (bits)", "distribution_jsd_people"),
    row("distribution_jsd", "  without bias of counting", ""),
    row("distribution_jsd_distance", "JS distance (base 2)", ""),
    row("distribution_tv_nominal", "total variation, nominal items", "distribution_tv_nominal_people"),
    row("variance_ratio", "variance, agents / people", ""),
    row("entropy_gap", "entropy, agents - people (bits)", ""),
    row("global_opinion_qa", "GlobalOpinionQA (base 2)", ""),
    row("opinion_qa", "OpinionQA alignment", ""),
    row("opinion_qa_representativeness", "OpinionQA representativeness", ""),
    row("opinion_qa_consistency", "OpinionQA consistency", ""),
    row("steer_identification", "own people nearest", ""),
    row("steer_margin", "  margin over other peoples", ""),
    row("steer_gain", "  gain over other agents", ""),
    row("steer_normalised", "  normalised steer", ""),
    row("plane_displacement", "displacement on the plane", ""),
    row("plane_spread_ratio", "spread on the plane / people's", ""),
    row("plane_procrustes_r2", "Procrustes R2 on the plane", ""),
];

/// A society under one arm, in all its replicates.
struct Column<'a> {
    name: String,
    strands: Vec<&'a Trajectory>,
}

impl Column<'_> {
    fn rounds(&self, of: fn(&[Round]) -> Option<&Round>) -> Vec<&Round> {
        self.strands.iter().filter_map(|strand| of(&strand.rounds)).collect()
    }

    fn beside(&self, metric: &str, scope: &str, subject: &str) -> Option<f64> {
        self.strands.iter().find_map(|strand| strand.beside(metric, scope, subject))
    }
}

/// The tables of a run; empty where nothing of it was observed.
pub fn tables(resolved: &Resolved, trajectories: &[Trajectory]) -> Vec<String> {
    let columns = columns(resolved, trajectories);
    let figures = |column: &Column<'_>| -> BTreeSet<String> {
        let rounds = column.rounds(<[Round]>::last);
        rounds.iter().flat_map(|round| round.figures.keys().map(ToString::to_string)).collect()
    };
    let known: BTreeSet<String> = columns.iter().flat_map(figures).collect();
    let rows: Vec<&Row> = ROWS.iter().filter(|row| known.contains(row.metric)).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let mut parts = vec![measures(&rows, &columns)];
    parts.extend(thresholds(&columns));
    parts.extend(plane(resolved, &columns));
    parts.push(legend(resolved, &rows));
    parts
}

/// Strands by society and arm; what arms have in common is told with each of them.
fn columns<'a>(resolved: &Resolved, trajectories: &'a [Trajectory]) -> Vec<Column<'a>> {
    let mut columns: Vec<(&Trajectory, Column<'a>)> = Vec::new();
    let several = resolved.societies.len() > 1;
    for trajectory in trajectories.iter().filter(|strand| !strand.rounds.is_empty()) {
        let same = |(first, _): &&mut (&Trajectory, Column<'_>)| {
            first.society == trajectory.society && first.arm == trajectory.arm
        };
        if let Some((_, column)) = columns.iter_mut().find(same) {
            column.strands.push(trajectory);
            continue;
        }
        let arms = trajectories.iter().filter(|other| other.society == trajectory.society);
        let alone = arms.into_iter().all(|other| other.arm == trajectory.arm);
        let arm = if *trajectory.arm == *SHARED_ARM { "before arms" } else { &*trajectory.arm };
        let name = match (several, alone) {
            (true, true) => trajectory.society.to_string(),
            (true, false) => format!("{}, {arm}", trajectory.society),
            (false, true) => "society".to_owned(),
            (false, false) => arm.to_owned(),
        };
        columns.push((trajectory, Column { name, strands: vec![trajectory] }));
    }
    columns.into_iter().map(|(_, column)| column).collect()
}

/// Mean over replicates, with an interval: that over items of a single one, Student's t over several.
fn over_replicates(figures: &[&Figure]) -> (Option<f64>, Option<(f64, f64)>) {
    let values: Option<Vec<f64>> = figures.iter().map(|figure| figure.value).collect();
    let Some(values) = values.filter(|values| !values.is_empty()) else {
        return (None, None);
    };
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    if let [one] = figures {
        return (Some(mean), one.interval);
    }
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let half = t_quantile(quantile(0.975), n - 1.0) * (variance / n).sqrt();
    (Some(mean), Some((mean - half, mean + half)))
}

fn told((value, interval): (Option<f64>, Option<(f64, f64)>)) -> String {
    match interval {
        Some((lower, upper)) => format!("{} [{lower:.3}, {upper:.3}]", figure(value, 3)),
        None => figure(value, 3),
    }
}

fn measures(rows: &[&Row], columns: &[Column<'_>]) -> String {
    let changes = columns.iter().any(|column| column.strands.iter().any(|strand| strand.rounds.len() > 1));
    let headers = if changes {
        vec!["measure", "", "first round", "last round [95 %]", "people", "blind constant", "midpoint"]
    } else {
        vec!["measure", "", "figure [95 %]", "people", "blind constant", "midpoint"]
    };
    let blank = |value: Option<f64>| value.map_or_else(String::new, |value| figure(Some(value), 3));
    let mut cells = Vec::new();
    for row in rows {
        for (place, column) in columns.iter().enumerate() {
            let of = |rounds: Vec<&Round>, metric: &str| {
                let found: Vec<&Figure> = rounds.iter().filter_map(|round| round.figures.get(metric)).collect();
                over_replicates(&found)
            };
            let last = || column.rounds(<[Round]>::last);
            let mut line = vec![if place == 0 { row.name.to_owned() } else { String::new() }, column.name.clone()];
            if changes {
                line.push(figure(of(column.rounds(<[Round]>::first), row.metric).0, 3));
            }
            line.push(told(of(last(), row.metric)));
            let people = match row.metric {
                "steer_identification" => {
                    of(last(), "steer_identification_chance").0.map(|chance| format!("chance {chance:.3}"))
                }
                "variance_ratio" => Some("1".to_owned()),
                "entropy_gap" | "distribution_jsd" => Some("0".to_owned()),
                metric if metric.starts_with("plane_") => {
                    column.beside(metric, HUMANS, "projected").map(|value| figure(Some(value), 3))
                }
                _ => of(last(), row.people).0.map(|value| figure(Some(value), 3)),
            };
            line.push(people.unwrap_or_default());
            line.push(blank(column.beside(row.metric, BASELINE, "leave_one_out")));
            line.push(blank(column.beside(row.metric, BASELINE, "scale_midpoint")));
            cells.push(line);
        }
    }
    format!("Pluralism\n{}", table(&headers, &cells))
}

/// Coverage at every threshold, after the last round.
fn thresholds(columns: &[Column<'_>]) -> Option<String> {
    let names: Vec<String> = SWEEP.iter().map(ToString::to_string).collect();
    let of = |column: &Column<'_>, name: &String| {
        let rounds = column.rounds(<[Round]>::last);
        let found: Vec<&Figure> =
            rounds.iter().filter_map(|round| round.part("overton_coverage", "threshold", name)).collect();
        over_replicates(&found).0
    };
    columns.iter().any(|column| of(column, &names[0]).is_some()).then(|| {
        let mut headers = vec!["share of people from which an answer counts"];
        headers.extend(names.iter().map(String::as_str));
        let rows: Vec<Vec<String>> = columns
            .iter()
            .map(|column| {
                let figures = names.iter().map(|name| figure(of(column, name), 3));
                std::iter::once(column.name.clone()).chain(figures).collect()
            })
            .collect();
        format!("Overton coverage, all together, by threshold\n{}", table(&headers, &rows))
    })
}

/// Societies of more cultures than this have their places in the run directory alone.
const MOST_PLACES: usize = 60;

/// Where cultures stand after the last round.
fn plane(resolved: &Resolved, columns: &[Column<'_>]) -> Option<String> {
    let setting = resolved.plane.as_ref()?;
    let mut rows = Vec::new();
    for column in columns {
        let rounds = column.rounds(<[Round]>::last);
        let mean = |metric: &str, code: &str| {
            let found: Vec<&Figure> = rounds.iter().filter_map(|round| round.part(metric, "culture", code)).collect();
            over_replicates(&found).0
        };
        let codes: Vec<&str> = resolved.cultures.codes().collect();
        for code in codes.into_iter().filter(|code| rounds.iter().any(|round| has_place(round, code))) {
            let own = (mean(TRADITIONAL_SECULAR, code), mean(SELF_EXPRESSION, code));
            let half = |metric| {
                // Replicates scatter for other reasons than the projection: its error is that of one of them.
                let (lower, upper) = rounds.first()?.part(metric, "culture", code)?.interval?;
                Some((upper - lower) / 2.0)
            };
            let error = match (half(TRADITIONAL_SECULAR), half(SELF_EXPRESSION)) {
                (Some(first), Some(second)) => format!("±{first:.2}, ±{second:.2}"),
                _ => String::new(),
            };
            let of =
                |scope| (column.beside(TRADITIONAL_SECULAR, scope, code), column.beside(SELF_EXPRESSION, scope, code));
            let (human, other_wave) = (of(HUMANS), of(OTHER_WAVE));
            let mut notes = Vec::new();
            if mean("plane_outside_hull", code).is_some_and(|share| share > 0.0) {
                notes.push("outside hull".to_owned());
            }
            let present = mean("plane_indicators", code).unwrap_or_default();
            if present < 10.0 {
                notes.push(format!("{present:.0} of 10 indicators"));
            }
            if let (Some(_), Some(country)) = (other_wave.0, setting.plane.figures().country(code)) {
                notes.push(format!("people of {}, not compared", country.year));
            }
            let point = |(x, y): (Option<f64>, Option<f64>)| match (x, y) {
                (Some(x), Some(y)) => format!("{x:+.2}, {y:+.2}"),
                _ => figure(None, 2),
            };
            let people = if human.0.is_some() { human } else { other_wave };
            rows.push(vec![
                column.name.clone(),
                code.to_owned(),
                point(own),
                error,
                point(people),
                figure(mean("plane_displacement", code), 2),
                notes.join("; "),
            ]);
        }
    }
    if rows.is_empty() || rows.len() > MOST_PLACES {
        return None;
    }
    let error = setting.plane.figures().projection.error();
    let title = format!(
        "Places on the Inglehart-Welzel plane: traditional to secular-rational, survival to self-expression (root mean \
         square error of the projection {:.2}, {:.2} where all ten indicators are there)",
        error.traditional_secular, error.survival_self_expression
    );
    Some(format!("{title}\n{}", table(&["", "culture", "agents", "95 %", "people", "apart", ""], &rows)))
}

fn has_place(round: &Round, code: &str) -> bool {
    round.part(TRADITIONAL_SECULAR, "culture", code).is_some()
}

fn legend(resolved: &Resolved, rows: &[&Row]) -> String {
    let has = |prefix: &str| rows.iter().any(|row| row.metric.starts_with(prefix));
    let mut lines = vec![
        "[95 %]: over items drawn anew, or Student's t over replicates. people: as many people as there are agents, drawn \
         from their own populations; on the plane, the populations projected like agents. blind constant, midpoint: sheets \
         that know no culture"
            .to_owned(),
    ];
    if has("overton") {
        lines.push(
            "Overton coverage: of the answers that a tenth of the people give, those that agents give".to_owned(),
        );
    }
    if has("distribution") {
        let items = resolved.survey.measured();
        let nominal = items.iter().filter(|item| options_in_order(item) == 0).count();
        lines.push(format!(
            "W1 and variance go over the {} items with an order and leave the {nominal} nominal ones out; – without bias: \
             fewer than 20 answers of a culture",
            items.len() - nominal
        ));
    }
    if has("steer") {
        lines.push(
            "own people nearest: share of cultures whose agents stand nearest (W1) to their own people. normalised steer: 0 \
             answers like the other cultures' agents, 1 like the own people"
                .to_owned(),
        );
    }
    if has("plane") {
        lines.push(
            "plane: units of the map; Procrustes R2 of n unrelated places is 1/(n - 1) in the mean. outside hull: beyond all \
             countries, where the projection is not to be trusted"
                .to_owned(),
        );
    }
    lines.join("\n")
}
