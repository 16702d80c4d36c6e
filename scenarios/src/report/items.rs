//! Items on a map: how diverse their answers are, and how close to the humans'.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use maud::{Markup, html};
use pluriverse_worlds::survey::{AnswerSheets, Item, ReferenceSheet};

use super::chart::{Axis, px};
use super::sources::{Answers, OfSociety};
use super::table::{cell, figures, table, text};
use crate::resolve::Resolved;
use crate::studies::measure::{ItemFigure, ItemVariant, Society, items};

/// Items told by name where they changed most.
const NAMED: usize = 6;

/// The map of items of a society; a word why there is none where no answers were recorded.
pub(super) fn section(resolved: &Resolved, society: &OfSociety<'_>) -> Markup {
    let Some(answers) = &society.answers else {
        return html! { p.soft { "No answers were recorded: there is no map of items and no tree to draw." } };
    };
    let references: BTreeMap<Arc<str>, ReferenceSheet> = resolved
        .cultures
        .codes()
        .zip(&resolved.reference_sheets)
        .filter_map(|(code, sheet)| Some((Arc::from(code), sheet.clone()?)))
        .collect();
    let maps: Vec<(u32, Vec<ItemFigure>)> = answers
        .ends
        .iter()
        .map(|(round, sheets)| (*round, figures_of(resolved, answers, sheets, &references)))
        .filter(|(_, figures)| !figures.is_empty())
        .collect();
    if maps.is_empty() || answers.agents.len() < 2 {
        return html! {};
    }
    let known = || maps.iter().flat_map(|(_, figures)| figures);
    let widest = known().filter_map(|figure| figure.diversity).fold(0.0, f64::max);
    let lowest = known().filter_map(|figure| figure.alignment).fold(1.0, f64::min);
    let (across, up) = (Axis::over(0.0, widest, 1), Axis::over(lowest, 1.0, 1));
    let themes: BTreeSet<&str> = resolved.survey.items.iter().map(|item| &*item.theme).collect();
    html! {
        section {
            h3 { "Item by item" }
            p.soft {
                "Every dot is an item that everybody answered: how far the agents' answers to it lie apart (D_q, 0 alike to 1), \
                 and how close they are to their own people's (A_q, at most 1). " (whose(society, answers))
            }
            @if themes.len() > 1 {
                p.with-script { label { "Bring out a theme: " select data-themes="" {
                    option value="" { "none" }
                    @for theme in &themes { option value=(theme) { (theme) } }
                } } }
            }
            div.charts.wide { @for (round, figures) in &maps { (map(resolved, *round, figures, (&across, &up))) } }
            @if let [(_, first), (round, last)] = maps.as_slice() { (moved(resolved, first, last, *round)) }
        }
    }
}

/// Whose answers are drawn.
pub(super) fn whose(society: &OfSociety<'_>, answers: &Answers) -> String {
    let of_all = society.society.agents.len();
    let mut words = Vec::new();
    if society.society.strands.arms.len() > 1 {
        words.push(format!("arm {}", answers.arm));
    }
    if society.society.strands.replicates > 1 {
        words.push("replicate 0".to_owned());
    }
    if answers.agents.len() < of_all {
        words.push(format!("{} recorded agents of {of_all}", answers.agents.len()));
    }
    if words.is_empty() { String::new() } else { format!("Drawn: {}.", words.join(", ")) }
}

fn figures_of(
    resolved: &Resolved,
    answers: &Answers,
    sheets: &AnswerSheets,
    references: &BTreeMap<Arc<str>, ReferenceSheet>,
) -> Vec<ItemFigure> {
    let society = Society { cultures: answers.cultures.clone(), sheets: sheets.clone() };
    items(&society, &resolved.survey, references, ItemVariant::Plain)
}

fn item<'r>(resolved: &'r Resolved, figure: &ItemFigure) -> Option<&'r Item> {
    resolved.survey.items.iter().find(|item| item.id == figure.item)
}

fn map(resolved: &Resolved, round: u32, figures: &[ItemFigure], (across, up): (&Axis, &Axis)) -> Markup {
    const SIZE: (f64, f64) = (400.0, 300.0);
    const MARGIN: (f64, f64) = (40.0, 34.0);
    let known: Vec<(&ItemFigure, f64, f64)> =
        figures.iter().filter_map(|figure| Some((figure, figure.diversity?, figure.alignment?))).collect();
    let x =
        |diversity: f64| MARGIN.0 + (diversity - across.from) / (across.to - across.from) * (SIZE.0 - MARGIN.0 - 10.0);
    let y = |alignment: f64| 8.0 + (up.to - alignment) / (up.to - up.from) * (SIZE.1 - MARGIN.1 - 8.0);
    html! {
        figure {
            b { "Round " (round) " " span.unit { (known.len()) " items" } }
            svg viewBox={ "0 0 " (SIZE.0) " " (SIZE.1) } role="img" aria-label="items by diversity and alignment" {
                @for tick in &across.ticks {
                    line.grid x1=(px(x(*tick))) x2=(px(x(*tick))) y1=(px(y(up.to))) y2=(px(y(up.from))) {}
                    text x=(px(x(*tick))) y=(px(SIZE.1 - 18.0)) text-anchor="middle" { (across.label(*tick)) }
                }
                @for tick in &up.ticks {
                    line.grid x1=(px(x(across.from))) x2=(px(x(across.to))) y1=(px(y(*tick))) y2=(px(y(*tick))) {}
                    text x=(px(MARGIN.0 - 6.0)) y=(px(y(*tick) + 4.0)) text-anchor="end" { (up.label(*tick)) }
                }
                text x=(px(f64::midpoint(MARGIN.0, SIZE.0))) y=(px(SIZE.1 - 3.0)) text-anchor="middle" { "diversity D_q" }
                text x="0" y="0" text-anchor="middle" transform={ "translate(9 " (px(f64::midpoint(8.0, SIZE.1 - MARGIN.1))) ") rotate(-90)" } {
                    "alignment A_q"
                }
                @for (figure, diversity, alignment) in &known {
                    @let item = item(resolved, figure);
                    circle.item cx=(px(x(*diversity))) cy=(px(y(*alignment))) r="4"
                        data-theme=(item.map_or("", |item| &item.theme)) {
                        title {
                            (figure.item) @if let Some(item) = item { ", " (item.theme) ": " (item.question) }
                            (format!(" (D {diversity:.3}, A {alignment:.3})"))
                        }
                    }
                }
            }
        }
    }
}

/// Items whose diversity fell most, and rose most.
fn moved(resolved: &Resolved, first: &[ItemFigure], last: &[ItemFigure], round: u32) -> Markup {
    let before: BTreeMap<&str, f64> =
        first.iter().filter_map(|figure| Some((&*figure.item, figure.diversity?))).collect();
    let mut moved: Vec<(&ItemFigure, f64, f64)> = last
        .iter()
        .filter_map(|figure| Some((figure, *before.get(&*figure.item)?, figure.diversity?)))
        .filter(|(_, before, after)| (after - before).abs() > 1e-12)
        .collect();
    moved.sort_by(|a, b| (a.2 - a.1).total_cmp(&(b.2 - b.1)).then(a.0.item.cmp(&b.0.item)));
    let fell = moved.iter().filter(|(_, before, after)| after < before).take(NAMED);
    let rose = moved.iter().rev().filter(|(_, before, after)| after > before).take(NAMED);
    let rows: Vec<Vec<Markup>> = fell
        .chain(rose)
        .map(|(figure, before, after)| {
            let item = item(resolved, figure);
            vec![
                cell(figure.item.to_string()),
                cell(item.map_or("", |item| &item.theme)),
                cell(item.map_or("", |item| &item.question)),
                cell(format!("{before:.3}")),
                cell(format!("{after:.3}")),
                cell(format!("{:+.3}", after - before)),
            ]
        })
        .collect();
    let columns = [
        text("item"),
        text("theme"),
        text("question"),
        figures("round 0"),
        figures(&format!("round {round}")),
        figures("change"),
    ];
    html! {
        @if !rows.is_empty() {
            details { summary { "Items whose diversity fell and rose most" } (table(&columns, &rows)) }
        }
    }
}
