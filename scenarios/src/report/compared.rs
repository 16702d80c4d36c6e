//! The page about several runs.

use maud::{Markup, html};
use pluriverse_engine::record::RecordError;
use std::path::Path;
use std::sync::Arc;

use super::chart::{Chart, Curve, Point};
use super::effects::told_difference;
use super::frame;
use super::sources::{OfSociety, Sources};
use super::table::{cell, drawn, figures, table, text};
use super::trajectories::{DRAWN, arms, charts, legend};
use super::what;
use crate::commands::effects::{Label, label};
use crate::commands::output::figure;
use crate::inputs::finished::FinishedRun;
use crate::studies::compare::{Beside, Estimated, MeasureBeside, Unit};

/// The page about runs beside each other, each with its directory.
pub fn comparison_page(
    runs: &[(String, FinishedRun)],
    places: &[&Path],
    beside: &Beside,
) -> Result<String, RecordError> {
    let sources: Vec<Sources<'_>> = runs
        .iter()
        .zip(places)
        .map(|((_, run), directory)| Sources::read(&run.resolved, directory))
        .collect::<Result<_, _>>()?;
    let names: Vec<Arc<str>> = beside.units.iter().map(|unit| Arc::from(unit.name.as_str())).collect();
    let body = html! {
        h1 { "Runs side by side" }
        p.lead { (names.join(" · ")) }
        p { "Compared after round " (beside.round) ", over the same " (beside.items) " items." }
        section {
            h3 { "Round by round" }
            (legend(&names))
            div.charts { @for chart in together(runs, &sources, beside) { (chart.render()) } }
            p.soft { "Each line is the arm named in the tables below; bands are 95 % intervals." }
        }
        @for unit in beside.units.iter().skip(1) {
            section {
                h3 { (unit.name) " against " (beside.units[0].name) }
                p.soft { (in_words(&beside.units[0])) "; " (in_words(unit)) "." }
                (against(&beside.units[0], unit))
            }
        }
        p.soft { (how_to_read(beside)) }
        @for (name, run) in runs { (what::details(&format!("What was run: {name}"), &run.resolved)) }
    };
    Ok(frame::page("Runs side by side", &body))
}

/// What the figures rest on.
pub fn how_to_read(beside: &Beside) -> String {
    let sizes = beside.units.windows(2).any(|pair| pair[0].agents != pair[1].agents);
    let by_size = if sizes {
        " Societies of different sizes: Diversity_S falls and clusters grow in number with the number of agents, whatever they \
         answer."
    } else {
        ""
    };
    format!(
        "Intervals: {} bootstrap over items, {} resamples, the same for all runs: differences are paired by item. Agents of \
         different runs are different agents: answers that one run lacks stay in the others. Where there are 20 agents or more, \
         these are treated as drawn, too.{by_size}",
        beside.method, beside.resamples
    )
}

fn in_words(unit: &Unit) -> String {
    format!("{}: arm {}, {} agents, {} replicates", unit.name, unit.arm, unit.agents, unit.replicates)
}

/// One society's measures beside the first one's: levels, and effects where both have a control.
fn against(first: &Unit, unit: &Unit) -> Markup {
    let level: fn(&MeasureBeside) -> (&Estimated, &Estimated) = |own| (&own.level, &own.level_difference);
    let effect: fn(&MeasureBeside) -> (&Estimated, &Estimated) = |own| (&own.effect, &own.effect_difference);
    html! {
        (one_table(first, unit, level))
        @if unit.measures.iter().any(|measure| measure.effect_difference.estimate.is_some()) {
            h3 { "Effects of exposure (exposed less asked again)" }
            (one_table(first, unit, effect))
        }
    }
}

fn one_table(first: &Unit, unit: &Unit, of: fn(&MeasureBeside) -> (&Estimated, &Estimated)) -> Markup {
    let columns = [
        text("measure"),
        text("unit"),
        figures(&first.name),
        figures(&unit.name),
        figures("difference"),
        figures("95 % interval"),
        drawn(),
    ];
    let pairs = first.measures.iter().zip(&unit.measures).filter(|(_, own)| of(own).1.estimate.is_some());
    let rows: Vec<Vec<Markup>> = pairs
        .map(|(of_first, own)| {
            let Label { name, unit, factor, decimals } = label(own.measure);
            let value = |found: &Estimated| cell(figure(found.estimate.map(|value| value * factor), decimals));
            let (own, difference) = of(own);
            let interval = difference.interval.map(|(low, high)| (low * factor, high * factor));
            let mut row = vec![cell(name), cell(unit), value(of(of_first).0), value(own)];
            row.extend(told_difference(difference.estimate.map(|value| value * factor), interval, decimals));
            row
        })
        .collect();
    table(&columns, &rows)
}

/// Every measure that all runs observed, a line a society.
fn together(runs: &[(String, FinishedRun)], sources: &[Sources<'_>], beside: &Beside) -> Vec<Chart> {
    let of_unit = |unit: &Unit| -> Vec<Chart> {
        let society: Option<&OfSociety<'_>> =
            sources[unit.run].societies.iter().find(|society| society.society.name == unit.society);
        society.map_or_else(Vec::new, |society| {
            let resolved = &runs[unit.run].1.resolved;
            let place = arms(resolved, society).iter().position(|arm| *arm == unit.arm).unwrap_or(0);
            let mut charts = charts(resolved, society);
            for chart in &mut charts {
                chart.curves.retain(|curve| curve.colour == place);
            }
            charts
        })
    };
    let all: Vec<Vec<Chart>> = beside.units.iter().map(of_unit).collect();
    let metrics = DRAWN.iter().filter(|metric| beside.units[0].measures.iter().any(|m| m.measure == **metric));
    metrics
        .filter_map(|metric| {
            let named = label(metric).name;
            let each: Vec<Option<&Chart>> =
                all.iter().map(|charts| charts.iter().find(|chart| chart.name == named)).collect();
            let longest = each.iter().flatten().max_by_key(|chart| chart.places.len())?;
            let places = longest.places.clone();
            let curves = each.iter().zip(&beside.units).enumerate().filter_map(|(colour, (chart, unit))| {
                let curve = chart.as_ref()?.curves.first()?;
                let points = curve.points.iter().filter_map(|point| {
                    let label = &chart.as_ref()?.places[point.place];
                    Some(Point { place: places.iter().position(|known| known == label)?, ..*point })
                });
                Some(Curve { name: Arc::from(unit.name.as_str()), colour, points: points.collect() })
            });
            Some(Chart {
                name: longest.name.clone(),
                unit: longest.unit.clone(),
                decimals: longest.decimals,
                curves: curves.collect(),
                beside: if each.iter().flatten().all(|chart| chart.beside == longest.beside) {
                    longest.beside.clone()
                } else {
                    Vec::new()
                },
                places: places.clone(),
                zero: longest.zero,
            })
        })
        .collect()
}
