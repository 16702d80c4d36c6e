//! Requests that brought no answer, by cause.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use maud::{Markup, html};

use super::sources::{OfSociety, Unread};
use super::table::{cell, figures, table, text};
use crate::commands::trajectory::Trajectory;

/// Letters of a reply that are shown.
const SHOWN: usize = 400;

/// The section on missing answers.
pub(super) fn section(society: &OfSociety<'_>) -> Markup {
    let mut arms: Vec<&Arc<str>> = Vec::new();
    for strand in &society.trajectories {
        if !arms.contains(&&strand.arm) {
            arms.push(&strand.arm);
        }
    }
    let causes: BTreeSet<&Arc<str>> = strands(society).flat_map(|round| round.missing.keys()).collect();
    html! {
        section {
            h3 { "Missing answers" }
            @if causes.is_empty() {
                p { "Every request brought an answer." }
            } @else {
                p.soft {
                    "Share of requests without an answer, mean over rounds and replicates. A missing answer counts in no figure."
                }
                (shares(society, &arms, &causes))
            }
            @if !society.unread.is_empty() {
                details {
                    summary { "What was said instead: one example of each kind" }
                    @for unread in &society.unread { (example(unread)) }
                }
            }
        }
    }
}

fn strands<'s>(society: &'s OfSociety<'_>) -> impl Iterator<Item = &'s crate::commands::trajectory::Round> {
    society.trajectories.iter().flat_map(|strand| &strand.rounds)
}

fn shares(society: &OfSociety<'_>, arms: &[&Arc<str>], causes: &BTreeSet<&Arc<str>>) -> Markup {
    let mut columns = vec![text("arm")];
    columns.extend(causes.iter().map(|cause| figures(&format!("{cause} %"))));
    columns.extend([figures("in all %"), text("")]);
    let of_arm: Vec<(&Arc<str>, BTreeMap<&Arc<str>, f64>)> =
        arms.iter().map(|arm| (*arm, means(society, arm, causes))).collect();
    let most = of_arm.iter().map(|(_, means)| means.values().sum::<f64>()).fold(0.0, f64::max);
    let rows: Vec<Vec<Markup>> = of_arm
        .iter()
        .map(|(arm, means)| {
            let total: f64 = means.values().sum();
            let mut row = vec![cell(arm.to_string())];
            row.extend(means.values().map(|share| cell(format!("{:.2}", share * 100.0))));
            let width = if most > 0.0 { total / most * 9.0 } else { 0.0 };
            row.push(cell(format!("{:.2}", total * 100.0)));
            row.push(html! { span.k1 { span.bar style={ "width:" (format!("{width:.2}")) "rem" } {} } });
            row
        })
        .collect();
    table(&columns, &rows)
}

/// Share of each cause, mean over the rounds of an arm's strands.
fn means<'c>(society: &OfSociety<'_>, arm: &Arc<str>, causes: &BTreeSet<&'c Arc<str>>) -> BTreeMap<&'c Arc<str>, f64> {
    let strands: Vec<&Trajectory> = society.trajectories.iter().filter(|strand| strand.arm == *arm).collect();
    let rounds = strands.iter().map(|strand| strand.rounds.len()).sum::<usize>().max(1) as f64;
    let sum = |cause: &Arc<str>| -> f64 {
        strands.iter().flat_map(|strand| &strand.rounds).filter_map(|round| round.missing.get(cause)).sum()
    };
    causes.iter().map(|cause| (*cause, sum(cause) / rounds)).collect()
}

fn example(unread: &Unread) -> Markup {
    let shown: String = unread.reply.chars().take(SHOWN).collect();
    html! {
        p { b { (unread.outcome) } ", " (unread.backbone) ", item " (unread.item)
            @if !unread.reason.is_empty() { ": " (unread.reason) } }
        @if !shown.is_empty() {
            blockquote { (shown) @if shown.len() < unread.reply.len() { " …" } }
        }
    }
}
