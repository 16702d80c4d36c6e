//! Every measure over the rounds.

use std::collections::BTreeMap;
use std::sync::Arc;

use maud::{Markup, html};
use pluriverse_engine::seed::SHARED_ARM;

use super::chart::{Chart, Curve, Point, Zero};
use super::sources::OfSociety;
use crate::commands::effects::{DIVERSITY, Label, label};
use crate::commands::trajectory::{TickEffect, Trajectory};
use crate::resolve::Resolved;

/// Measures that are drawn, in order.
pub(super) const DRAWN: [&str; 20] = [
    DIVERSITY,
    "structural_diversity",
    "structural_diversity_of_sample",
    "alignment",
    "agreement",
    "krippendorff_alpha",
    "entropy",
    "plurality",
    "unanimity",
    "polarisation",
    "bimodality",
    "changed",
    "toward_peers",
    "drift",
    "cultural_fst",
    "heterogeneity_within",
    "heterogeneity_total",
    "clusters",
    "human_w1",
    "human_jsd",
];

/// The charts of a society.
pub(super) fn section(resolved: &Resolved, society: &OfSociety<'_>) -> Markup {
    let charts = charts(resolved, society);
    if charts.is_empty() {
        return html! {};
    }
    let arms = arms(resolved, society);
    let replicates = society.society.strands.replicates;
    html! {
        section {
            h3 { "Round by round" }
            (legend(&arms))
            div.charts { @for chart in &charts { (chart.render()) } }
            p.soft {
                @if replicates > 1 { "Lines are means over " (replicates) " replicates. " }
                @if charts.iter().any(has_bands) { "Bands are 95 % intervals. " }
                @if arms.len() > 1 && charts.iter().any(has_bands) {
                    "Most of their width is what items differ by, which arms share: effects are far surer than levels. "
                }
                @if arms.len() > 1 { "Arms fork from the same answers of round 0. " }
                "Dashed lines are what to read a figure beside."
            }
        }
    }
}

fn has_bands(chart: &Chart) -> bool {
    chart.curves.iter().flat_map(|curve| &curve.points).any(|point| point.interval.is_some())
}

/// The names of arms in their colours; nothing for a single one.
pub(super) fn legend(arms: &[Arc<str>]) -> Markup {
    html! {
        @if arms.len() > 1 {
            ul.legend { @for (colour, arm) in arms.iter().enumerate() {
                li class={ "k" (colour % 8) } data-arm=(arm) { span { (arm) } }
            } }
        }
    }
}

/// The arms that were run, in order.
pub(super) fn arms(resolved: &Resolved, society: &OfSociety<'_>) -> Vec<Arc<str>> {
    society.society.strands.arms.iter().map(|&arm| resolved.arms[arm].name.clone()).collect()
}

/// Every measure that was observed.
pub(super) fn charts(resolved: &Resolved, society: &OfSociety<'_>) -> Vec<Chart> {
    let places = places(society);
    let drawn = DRAWN.iter().filter_map(|metric| {
        let curves: Vec<Curve> = arms(resolved, society)
            .into_iter()
            .enumerate()
            .map(|(colour, name)| Curve { points: points(society, &name, metric, &places), name, colour })
            .filter(|curve| !curve.points.is_empty())
            .collect();
        let Label { name, unit, factor, decimals } = label(metric);
        (!curves.is_empty()).then(|| Chart {
            name: if name.is_empty() { metric.replace('_', " ") } else { name.to_owned() },
            unit: unit.to_owned(),
            decimals,
            places: places.values().cloned().collect(),
            curves,
            beside: beside(society, metric, factor),
            zero: Zero::AsItHappens,
        })
    });
    drawn.collect()
}

/// What each tick is called: the round that the scenario counts.
fn places(society: &OfSociety<'_>) -> BTreeMap<u32, String> {
    let rounds = society.trajectories.iter().flat_map(|trajectory| &trajectory.rounds);
    rounds
        .map(|round| {
            let asked_again = society.trajectories.iter().all(|strand| strand.platform.is_empty())
                && round.tick > 0
                && *round.mechanism != *"exposure";
            (round.tick, if asked_again { format!("{}′", round.round) } else { round.round.to_string() })
        })
        .collect()
}

/// A measure of one arm: its levels, where arms are compared, or what observers saw of the only strand.
fn points(society: &OfSociety<'_>, arm: &str, metric: &str, places: &BTreeMap<u32, String>) -> Vec<Point> {
    let factor = label(metric).factor;
    let place = |tick: u32| places.keys().position(|known| *known == tick);
    let point = |tick: u32, value: Option<f64>, interval: Option<(f64, f64)>| {
        let interval = interval.map(|(low, high)| (low * factor, high * factor));
        Some(Point { place: place(tick)?, value: value? * factor, interval })
    };
    if !society.effects.is_empty() {
        let of_arm = |effect: &&TickEffect| {
            *effect.metric == *metric
                && effect.control.is_empty()
                && (*effect.treatment == *arm || *effect.treatment == *SHARED_ARM)
        };
        let levels = society.effects.iter().filter(of_arm);
        return levels.filter_map(|level| point(level.tick, level.estimate, level.interval)).collect();
    }
    let rounds = society.trajectories.iter().filter(|strand| *strand.arm == *arm).flat_map(|strand| &strand.rounds);
    rounds
        .filter_map(|round| {
            let figure = round.figures.get(metric)?;
            point(round.tick, figure.value, figure.interval)
        })
        .collect()
}

/// What a measure is read beside: the humans, and sheets that know no culture.
fn beside(society: &OfSociety<'_>, metric: &str, factor: f64) -> Vec<(String, f64)> {
    let strands = &society.trajectories;
    let human = |statistic: &str| strands.iter().find_map(|strand| strand.human(metric, statistic));
    let baseline = |subject: &str| {
        let known = |strand: &Trajectory| strand.baselines.iter().find(|(known, _)| **known == *subject)?.1;
        strands.iter().find_map(known)
    };
    let found = match metric {
        "alignment" => vec![("a culture-blind constant", baseline("leave_one_out"))],
        _ => vec![("humans, by mode", human("mode")), ("two random people", human("random_respondents"))],
    };
    found.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value? * factor))).collect()
}
