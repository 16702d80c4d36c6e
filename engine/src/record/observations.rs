//! The table of observations: one row a figure.

use std::sync::Arc;

use super::TickRecord;
use super::table::{Column, ColumnKind, TableSpec};

/// `observations.parquet`: one row an observation.
pub static OBSERVATIONS: TableSpec = TableSpec {
    name: "observations",
    columns: &[
        ("society", ColumnKind::Text),
        ("arm", ColumnKind::Text),
        ("replicate", ColumnKind::Integer),
        ("phase", ColumnKind::Integer),
        ("mechanism", ColumnKind::Text),
        ("round", ColumnKind::Integer),
        ("tick", ColumnKind::Integer),
        ("metric", ColumnKind::Text),
        ("scope", ColumnKind::Text),
        ("subject", ColumnKind::Text),
        ("value", ColumnKind::Real),
        ("n", ColumnKind::Integer),
        ("lower", ColumnKind::Real),
        ("upper", ColumnKind::Real),
        ("basis", ColumnKind::Text),
    ],
};

/// The observations of a tick as columns of [`OBSERVATIONS`].
pub fn columns(record: &TickRecord) -> Vec<Column> {
    let rows = record.observations.len();
    let text = |of: &dyn Fn(&super::super::observation::Observation) -> Arc<str>| {
        let values: Vec<Arc<str>> = record.observations.iter().map(of).collect();
        Column::Text { rows: (0..rows as u32).collect(), values }
    };
    let observations = &record.observations;
    vec![
        Column::same_text(&record.branch.society, rows),
        Column::same_text(&record.branch.arm, rows),
        Column::same_integer(i64::from(record.branch.replicate), rows),
        Column::same_integer(i64::from(record.now.phase), rows),
        Column::same_text(&record.now.mechanism, rows),
        Column::same_integer(i64::from(record.now.round), rows),
        Column::same_integer(i64::from(record.tick), rows),
        text(&|observation| Arc::from(observation.metric)),
        text(&|observation| Arc::from(observation.scope)),
        text(&|observation| observation.subject.clone()),
        Column::Real(observations.iter().map(|observation| observation.value).collect()),
        Column::Integer(observations.iter().map(|o| Some(o.n as i64)).collect()),
        Column::Real(observations.iter().map(|o| o.interval.map(|i| i.0)).collect()),
        Column::Real(observations.iter().map(|o| o.interval.map(|i| i.1)).collect()),
        text(&|observation| Arc::from(observation.basis.name())),
    ]
}
