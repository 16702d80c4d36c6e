//! Platforms: what was measured on them, how talk went over the rounds, and how near it comes to the published one.

use std::sync::Arc;

use maud::{Markup, html};

use super::chart::{Chart, Curve, Point, Zero};
use super::table::{cell, figures, table, text};
use crate::commands::platform::{Platforms, Sheet};
use crate::commands::trajectory::{TickEffect, Trajectory};
use crate::resolve::Resolved;

/// Measures drawn over the rounds: metric, what it is called, unit, factor, decimals.
const DRAWN: [(&str, &str, &str, f64, usize); 6] = [
    ("platform_distinct_3", "distinct-3", "0 to 1", 1.0, 3),
    ("platform_self_bleu", "self-BLEU", "0 to 1", 1.0, 3),
    ("platform_vocabulary_overlap", "vocabulary shared by two agents", "0 to 1", 1.0, 3),
    ("platform_topic_divergence", "topics by culture", "bits", 1.0, 3),
    ("platform_activity_gini", "activity: Gini", "0 to 1", 1.0, 3),
    ("platform_assortativity", "ties: assortativity by culture", "at most 1", 1.0, 3),
];

/// The section on platforms; nothing where nobody posted.
pub(super) fn section(resolved: &Resolved, trajectories: &[Trajectory], effects: &[TickEffect]) -> Markup {
    let platforms = Platforms::of(resolved, trajectories, effects);
    html! {
        @for platform in &platforms {
            section {
                h2 { "Platform" }
                div.charts { @for chart in charts(platform) { (chart.render()) } }
                @for sheet in platform.sheets() { (of_sheet(&sheet)) }
            }
        }
    }
}

fn of_sheet(sheet: &Sheet) -> Markup {
    let columns: Vec<_> = sheet
        .headers
        .iter()
        .enumerate()
        .map(|(place, header)| if place == 0 { text(header) } else { figures(header) })
        .collect();
    let rows: Vec<Vec<Markup>> =
        sheet.rows.iter().map(|row| row.iter().map(|value| cell(value.clone())).collect()).collect();
    html! {
        h3 { (sheet.title) }
        (table(&columns, &rows))
        @for line in &sheet.below { p.soft { (line) } }
    }
}

/// One chart a measure: a line an arm, mean over its replicates.
fn charts(platform: &Platforms<'_>) -> Vec<Chart> {
    let (rounds, arms) = (platform.measured(), platform.arms());
    if rounds.len() < 2 {
        return Vec::new();
    }
    let chart = |&(metric, name, unit, factor, decimals): &(&str, &str, &str, f64, usize)| {
        let curve = |(colour, arm): (usize, &Arc<str>)| {
            let point = |(place, &round): (usize, &u32)| {
                let value = platform.value(arm, round, metric)? * factor;
                Some(Point { place, value, interval: None })
            };
            let points: Vec<Point> = rounds.iter().enumerate().filter_map(point).collect();
            (!points.is_empty()).then(|| Curve { name: arm.clone(), colour, points })
        };
        let curves: Vec<Curve> = arms.iter().enumerate().filter_map(curve).collect();
        (!curves.is_empty()).then(|| Chart {
            name: name.to_owned(),
            unit: unit.to_owned(),
            decimals,
            places: rounds.iter().map(ToString::to_string).collect(),
            curves,
            beside: Vec::new(),
            zero: Zero::AsItHappens,
        })
    };
    DRAWN.iter().filter_map(chart).collect()
}
