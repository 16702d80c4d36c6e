//! What exposure does: effects with their intervals, drawn beside their figures.

use std::sync::Arc;

use maud::{Markup, html};
use pluriverse_worlds::exposure::design::Treatment;

use super::chart::{Chart, Curve, Point, Zero, px};
use super::sources::OfSociety;
use super::table::{cell, drawn, figures, table, text};
use super::trajectories::DRAWN;
use crate::commands::effects::{DIVERSITY, Label, Told, label};
use crate::commands::output::{figure, signed};
use crate::commands::trajectory::TickEffect;
use crate::comparison::BEFORE;
use crate::resolve::Resolved;

/// The tables of effects of a society; nothing where nothing was compared.
pub(super) fn section(resolved: &Resolved, society: &OfSociety<'_>) -> Markup {
    let told = Told::of(resolved, society.society, &society.effects);
    let Some((told, (tick, round))) = told.and_then(|told| told.last().map(|last| (told, last))) else {
        return html! {};
    };
    let control = told.arm_of(Treatment::Exposed).zip(told.arm_of(Treatment::ReAsk));
    html! {
        section {
            @if let Some((exposed, control)) = &control {
                h3 { "Effect of exposure after round " (round) }
                (main(&told, tick, exposed, control))
                h3 { "Effect of exposure, round by round" }
                div.charts { @for chart in &courses(society, exposed, control) { (chart.render()) } }
            } @else if society.society.strands.arms.len() > 1 {
                h3 { "Contrasts after round " (round) }
            }
            (others(&told, society, tick, control.as_ref().map(|(one, other)| (&**one, &**other))))
            @for line in told.how_to_read().lines() { p.soft { (line) } }
        }
    }
}

fn main(told: &Told<'_>, tick: u32, exposed: &str, control: &str) -> Markup {
    let columns = [
        text("measure"),
        text("unit"),
        figures(exposed),
        figures(control),
        figures("effect"),
        figures("95 % interval"),
        drawn(),
        figures("answers"),
        figures("before–after alone"),
    ];
    let rows: Vec<Vec<Markup>> = DRAWN
        .iter()
        .filter_map(|metric| {
            let effect = told.find(tick, exposed, control, metric).filter(|effect| effect.estimate.is_some())?;
            let Label { name, unit, factor, decimals } = label(metric);
            let level = |arm: &str| {
                let level = told.find(tick, arm, "", metric).and_then(|level| level.estimate);
                cell(figure(level.map(|level| level * factor), decimals))
            };
            let before = told.find(tick, exposed, BEFORE, metric).and_then(|before| before.estimate);
            let naive = before.map_or_else(String::new, |before| signed(Some(before * factor), decimals));
            let mut row = vec![cell(name), cell(unit), level(exposed), level(control)];
            row.extend(told_effect(effect, factor, decimals));
            row.extend([cell(effect.answers.to_string()), cell(naive)]);
            Some(row)
        })
        .collect();
    html! { @if !rows.is_empty() { (table(&columns, &rows)) } }
}

/// The effect on each measure over the rounds.
fn courses(society: &OfSociety<'_>, exposed: &str, control: &str) -> Vec<Chart> {
    let of_contrast = |effect: &&TickEffect| *effect.treatment == *exposed && *effect.control == *control;
    let effects: Vec<&TickEffect> = society.effects.iter().filter(of_contrast).collect();
    let mut places: Vec<(u32, String)> = effects.iter().map(|effect| (effect.tick, effect.round.to_string())).collect();
    places.dedup();
    let course = |metric: &&str| {
        let Label { name, unit, factor, decimals } = label(metric);
        let points: Vec<Point> = effects
            .iter()
            .filter(|effect| *effect.metric == **metric)
            .filter_map(|effect| {
                let place = places.iter().position(|(tick, _)| *tick == effect.tick)?;
                let interval = effect.interval.map(|(low, high)| (low * factor, high * factor));
                Some(Point { place, value: effect.estimate? * factor, interval })
            })
            .collect();
        let curve = Curve { name: Arc::from(format!("{exposed} − {control}")), colour: 0, points };
        (curve.points.iter().any(|point| point.interval.is_some())).then(|| Chart {
            name: format!("Δ {name}"),
            unit: unit.to_owned(),
            decimals,
            places: places.iter().map(|(_, label)| label.clone()).collect(),
            curves: vec![curve],
            beside: Vec::new(),
            zero: Zero::Drawn,
        })
    };
    DRAWN.iter().filter_map(course).collect()
}

/// Diversity in every other contrast.
fn others(told: &Told<'_>, society: &OfSociety<'_>, tick: u32, main: Option<(&str, &str)>) -> Markup {
    let metric = if told.find(tick, &society.effects[0].treatment, "", DIVERSITY).is_some()
        || society.effects.iter().any(|effect| *effect.metric == *DIVERSITY)
    {
        DIVERSITY
    } else {
        &society.effects[0].metric
    };
    let Label { name, factor, decimals, .. } = label(metric);
    let rows: Vec<Vec<Markup>> = society
        .effects
        .iter()
        .filter(|effect| effect.tick == tick && *effect.metric == *metric && !effect.control.is_empty())
        .filter(|effect| *effect.control != *BEFORE && Some((&*effect.treatment, &*effect.control)) != main)
        .map(|effect| {
            let mut row = vec![cell(format!("{} − {}", effect.treatment, effect.control))];
            row.extend(told_effect(effect, factor, decimals));
            row.push(cell(effect.answers.to_string()));
            row
        })
        .collect();
    let columns = [text("contrast"), figures(name), figures("95 % interval"), drawn(), figures("answers")];
    html! { @if !rows.is_empty() { h3 { "Other contrasts" } (table(&columns, &rows)) } }
}

/// An effect, its interval, and both drawn.
pub(super) fn told_effect(effect: &TickEffect, factor: f64, decimals: usize) -> [Markup; 3] {
    told_difference(
        effect.estimate.map(|value| value * factor),
        effect.interval.map(|(a, b)| (a * factor, b * factor)),
        decimals,
    )
}

/// A difference, its interval, and both drawn; in the unit of the table.
pub(super) fn told_difference(estimate: Option<f64>, interval: Option<(f64, f64)>, decimals: usize) -> [Markup; 3] {
    let end = |value: f64| signed(Some(value), decimals);
    let words = interval.map_or_else(|| "–".to_owned(), |(low, high)| format!("{} to {}", end(low), end(high)));
    let both = estimate.zip(interval);
    [
        cell(signed(estimate, decimals)),
        cell(words),
        html! { @if let Some((estimate, interval)) = both { (whisker(estimate, interval)) } },
    ]
}

/// An interval on a scale of its own, none in the middle.
fn whisker(estimate: f64, (low, high): (f64, f64)) -> Markup {
    const HALF: f64 = 84.0;
    let most = low.abs().max(high.abs()).max(estimate.abs());
    let x = |value: f64| if most > 0.0 { HALF + value / most * (HALF - 6.0) } else { HALF };
    let class = if low > 0.0 || high < 0.0 { "k0" } else { "open" };
    html! {
        svg viewBox={ "0 0 " (2.0 * HALF) " 16" } role="img" aria-label="the interval" {
            line.grid x1=(HALF) x2=(HALF) y1="0" y2="16" {}
            g class=(class) {
                line.whisker x1=(px(x(low))) x2=(px(x(high))) y1="8" y2="8" {}
                circle.dot cx=(px(x(estimate))) cy="8" r="4" {}
            }
        }
    }
}
