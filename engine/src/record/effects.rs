//! The table of effects: one row a figure.

use std::sync::Arc;

use super::table::{Column, ColumnKind, TableSpec};
use crate::effect::Effect;
use crate::tick::PlannedTick;

/// `effects.parquet`: one row a level of an arm, or a difference between an arm and what it is compared with.
pub static EFFECTS: TableSpec = TableSpec {
    name: "effects",
    columns: &[
        ("society", ColumnKind::Text),
        ("treatment", ColumnKind::Text),
        ("control", ColumnKind::Text),
        ("phase", ColumnKind::Integer),
        ("mechanism", ColumnKind::Text),
        ("round", ColumnKind::Integer),
        ("tick", ColumnKind::Integer),
        ("metric", ColumnKind::Text),
        ("estimate", ColumnKind::Real),
        ("lower", ColumnKind::Real),
        ("upper", ColumnKind::Real),
        ("answers", ColumnKind::Integer),
        ("replicates", ColumnKind::Integer),
        ("agents", ColumnKind::Integer),
        ("items", ColumnKind::Integer),
        ("resampled", ColumnKind::Text),
        ("method", ColumnKind::Text),
        ("resamples", ColumnKind::Integer),
    ],
};

/// The effects of a tick as columns of [`EFFECTS`].
pub fn columns(tick: u32, now: &PlannedTick, effects: &[Effect]) -> Vec<Column> {
    let rows = effects.len();
    let text = |of: &dyn Fn(&Effect) -> Arc<str>| Column::Text {
        rows: (0..rows as u32).collect(),
        values: effects.iter().map(of).collect(),
    };
    let integer = |of: &dyn Fn(&Effect) -> u64| Column::Integer(effects.iter().map(|e| Some(of(e) as i64)).collect());
    let real = |of: &dyn Fn(&Effect) -> Option<f64>| Column::Real(effects.iter().map(of).collect());
    vec![
        text(&|effect| effect.society.clone()),
        text(&|effect| effect.treatment.clone()),
        text(&|effect| effect.control.clone()),
        Column::same_integer(i64::from(now.phase), rows),
        Column::same_text(&now.mechanism, rows),
        Column::same_integer(i64::from(now.round), rows),
        Column::same_integer(i64::from(tick), rows),
        text(&|effect| Arc::from(effect.metric)),
        real(&|effect| effect.estimate),
        real(&|effect| effect.interval.map(|(lower, _)| lower)),
        real(&|effect| effect.interval.map(|(_, upper)| upper)),
        integer(&|effect| effect.answers),
        integer(&|effect| u64::from(effect.replicates)),
        integer(&|effect| effect.agents),
        integer(&|effect| effect.items),
        text(&|effect| Arc::from(effect.resampled)),
        text(&|effect| Arc::from(effect.method)),
        integer(&|effect| u64::from(effect.resamples)),
    ]
}
