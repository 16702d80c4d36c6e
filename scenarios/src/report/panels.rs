//! Panels: how far personas disagree, and what that moves.

use maud::{Markup, html};

use super::table::{cell, figures, table, text};
use crate::commands::panels::{LEGEND, headers, tables};
use crate::commands::trajectory::Trajectory;

/// The section on panels; nothing where none decided anything.
pub(super) fn section(trajectories: &[Trajectory]) -> Markup {
    let all = tables(trajectories);
    let mut columns = vec![text("")];
    columns.extend(headers().into_iter().skip(1).map(figures));
    html! {
        @if !all.is_empty() {
            section {
                h2 { "Panels" }
                @for (place, panels) in all.iter().enumerate() {
                    @if place > 0 { h3 { (panels.title) } }
                    (table(&columns, &panels.rows.iter().map(|row| row.iter().map(cell).collect()).collect::<Vec<_>>()))
                }
                p.soft { (LEGEND) }
            }
        }
    }
}
