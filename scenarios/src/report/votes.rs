//! Votes: what was named, what the rules fund, and what arms and societies differ in.

use maud::{Markup, html};

use super::effects::told_effect;
use super::table::{cell, drawn, figures, table, text};
use crate::commands::effects::label;
use crate::commands::output::{figure, percent};
use crate::commands::trajectory::{TickEffect, Trajectory};
use crate::commands::votes::{Column, FIGURES, Votes};
use crate::resolve::Resolved;

/// Width of the longest bar, in rem.
const BAR: f64 = 6.0;

/// The section on votes; nothing where there was none.
pub(super) fn section(resolved: &Resolved, trajectories: &[Trajectory], effects: &[TickEffect]) -> Markup {
    let votes = Votes::of(resolved, trajectories);
    html! {
        @for vote in &votes {
            section {
                @if votes.len() > 1 { h2 { "Vote in tick " (vote.tick) } } @else { h2 { "Vote" } }
                @for line in vote.missing().into_iter().chain(vote.without_outcome()) { p.notice { (line) } }
                h3 { "How often each project is named" }
                (counts(vote))
                h3 { "How broad the vote is" }
                (breadth(vote))
                p.soft { "Intervals: agents drawn anew (percentile). With fewer than about ten agents they are too narrow." }
                h3 { "What the rules fund" }
                (rules(vote))
                p.soft {
                    "Satisfaction: funded projects that a voter names, mean and Gini. JR, EJR+, EJR and PJR are axioms of "
                    "proportionality: 1 kept, 0 not, – not defined or not decided."
                }
                (apart(vote))
                (differences(vote, effects))
            }
        }
    }
}

fn counts(vote: &Votes<'_>) -> Markup {
    let mut columns = vec![text("project"), text("name")];
    for name in vote.names() {
        columns.extend([figures(&name), text("")]);
    }
    let counted: Vec<Vec<u64>> = vote.columns.iter().map(Column::counts).collect();
    let totals: Vec<u64> = counted.iter().map(|counts| counts.iter().sum::<u64>().max(1)).collect();
    let largest = |place: usize| counted[place].iter().copied().max().unwrap_or(1).max(1) as f64;
    let rows: Vec<Vec<Markup>> = vote
        .projects()
        .into_iter()
        .enumerate()
        .map(|(project, (id, name))| {
            let mut row = vec![cell(id.to_string()), cell(name.to_string())];
            for (place, counts) in counted.iter().enumerate() {
                let count = counts.get(project).copied().unwrap_or_default();
                let share = count as f64 / totals[place] as f64;
                let width = format!("{:.2}", count as f64 / largest(place) * BAR);
                row.push(cell(format!("{count} ({} %)", percent(Some(share)))));
                row.push(html! { span.{ "k" (place % 7) } { span.bar style={ "width:" (width) "rem" } {} } });
            }
            row
        })
        .collect();
    table(&columns, &rows)
}

fn breadth(vote: &Votes<'_>) -> Markup {
    let mut columns = vec![text("measure")];
    columns.extend(vote.names().iter().map(|name| figures(name)));
    let rows: Vec<Vec<Markup>> = FIGURES
        .iter()
        .map(|(metric, name, factor, decimals)| {
            let mut row = vec![cell(*name)];
            row.extend(vote.columns.iter().map(|column| {
                let value = figure(column.figure(metric).map(|value| value * factor), *decimals);
                let interval = column.interval(metric).map(|(low, high)| {
                    let [low, high] = [low, high].map(|end| figure(Some(end * factor), *decimals));
                    format!(" [{low}, {high}]")
                });
                cell(format!("{value}{}", interval.unwrap_or_default()))
            }));
            row
        })
        .collect();
    table(&columns, &rows)
}

fn rules(vote: &Votes<'_>) -> Markup {
    const METRICS: [(&str, &str, f64, usize); 9] = [
        ("tally_spent", "spent %", 100.0, 1),
        ("tally_satisfaction", "satisfaction", 1.0, 3),
        ("tally_satisfaction_gini", "Gini", 1.0, 3),
        ("tally_represented", "represented %", 100.0, 1),
        ("tally_fair_share", "fair share %", 100.0, 1),
        ("tally_jr", "JR", 1.0, 0),
        ("tally_ejr_plus", "EJR+", 1.0, 0),
        ("tally_ejr", "EJR", 1.0, 0),
        ("tally_pjr", "PJR", 1.0, 0),
    ];
    let mut columns = vec![text("rule"), text(""), text("funds")];
    columns.extend(METRICS.iter().map(|(_, name, ..)| figures(name)));
    let mut rows = Vec::new();
    for rule in vote.rules() {
        for column in &vote.columns {
            let outcomes = column.funded(&rule).into_iter().map(|(funded, times)| {
                let often = if column.polls.len() > 1 {
                    format!(" ({times} of {})", column.polls.len())
                } else {
                    String::new()
                };
                format!("{}{often}", funded.join(", "))
            });
            let told = outcomes.collect::<Vec<_>>().join("; ");
            let mut row = vec![cell(rule.to_string()), cell(vote.name(column)), cell(told)];
            row.extend(METRICS.iter().map(|(metric, _, factor, decimals)| {
                let value = column.mean(|poll| {
                    let (_, of_rule) = poll.rules.iter().find(|(known, _)| *known == rule)?;
                    of_rule.get(*metric).copied().flatten()
                });
                let whole = value.is_none_or(|value| value.fract().abs() < f64::EPSILON);
                cell(figure(value.map(|value| value * factor), if *decimals == 0 && !whole { 2 } else { *decimals }))
            }));
            rows.push(row);
        }
    }
    table(&columns, &rows)
}

fn apart(vote: &Votes<'_>) -> Markup {
    let pairs = vote.between();
    let columns = [
        text("between"),
        text("and"),
        figures("total variation"),
        figures("Jensen–Shannon (nats)"),
        figures("Hellinger"),
    ];
    let rows: Vec<Vec<Markup>> = pairs
        .into_iter()
        .map(|(one, other, variation, divergence, hellinger)| {
            let values = [variation, divergence, hellinger].map(|value| cell(figure(Some(value), 4)));
            [cell(one), cell(other)].into_iter().chain(values).collect()
        })
        .collect();
    html! { @if !rows.is_empty() { h3 { "How far votes lie apart" } (table(&columns, &rows)) } }
}

fn differences(vote: &Votes<'_>, effects: &[TickEffect]) -> Markup {
    let columns = [
        text("society"),
        text("arms"),
        text("measure"),
        figures("difference"),
        figures("95 % interval"),
        drawn(),
        figures("ballots"),
    ];
    let here = effects.iter().filter(|effect| effect.tick == vote.tick && !effect.control.is_empty());
    let rows: Vec<Vec<Markup>> = here
        .map(|effect| {
            let name = FIGURES.iter().find(|(metric, ..)| **metric == *effect.metric).map_or("", |(_, name, ..)| name);
            let contrast = format!("{} − {}", effect.treatment, effect.control);
            let mut row = vec![cell(effect.society.to_string()), cell(contrast), cell(name)];
            row.extend(told_effect(effect, 1.0, label(&effect.metric).decimals));
            row.push(cell(effect.answers.to_string()));
            row
        })
        .collect();
    html! { @if !rows.is_empty() { h3 { "What arms differ in" } (table(&columns, &rows)) } }
}
