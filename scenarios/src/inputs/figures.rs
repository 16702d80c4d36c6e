//! What a run's observers saw, read back from its directory.

use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::observation::Basis;
use pluriverse_engine::record::RecordError;
use pluriverse_engine::record::effects::EFFECTS;
use pluriverse_engine::record::observations::OBSERVATIONS;
use pluriverse_engine::record::read::read_table;
use pluriverse_engine::record::table::Column;

use crate::commands::trajectory::{Figure, TickEffect, Trajectory};

/// Trajectories of all strands, in the order they were written.
pub fn trajectories(directory: &Path) -> Result<Vec<Trajectory>, RecordError> {
    let columns = read_table(directory, &OBSERVATIONS)?;
    let [society, arm, replicate, _, mechanism, round, tick, metric, scope, subject, value, n, lower, upper, basis] =
        columns.as_slice()
    else {
        return Ok(Vec::new());
    };
    let mut found: Vec<Trajectory> = Vec::new();
    for row in 0..society.rows() {
        let (named, of_arm, number) = (society.text(row), arm.text(row), whole(replicate, row) as u32);
        let known = found.iter().position(|t| &*t.society == named && &*t.arm == of_arm && t.replicate == number);
        let place = known.unwrap_or_else(|| {
            found.push(Trajectory::new(Arc::from(named), Arc::from(of_arm), number));
            found.len() - 1
        });
        let trajectory = &mut found[place];
        let now = whole(tick, row) as u32;
        trajectory.open(now, Arc::from(mechanism.text(row)), whole(round, row) as u32);
        let figure = Figure {
            value: value.real(row),
            n: whole(n, row),
            interval: lower.real(row).zip(upper.real(row)),
            estimated: basis.text(row) == Basis::Estimate.name(),
        };
        trajectory.take_in_figure(metric.text(row), scope.text(row), &Arc::from(subject.text(row)), figure);
    }
    Ok(found)
}

/// Levels and effects, in the order they were written; none where the run compared nothing.
pub fn effects(directory: &Path) -> Result<Vec<TickEffect>, RecordError> {
    if !directory.join(format!("{}.parquet", EFFECTS.name)).exists() {
        return Ok(Vec::new());
    }
    let columns = read_table(directory, &EFFECTS)?;
    let [society, treatment, control, _, mechanism, round, tick, metric, estimate, lower, upper, rest @ ..] =
        columns.as_slice()
    else {
        return Ok(Vec::new());
    };
    let [answers, replicates, _, _, resampled, ..] = rest else {
        return Ok(Vec::new());
    };
    let text = |column: &Column, row| Arc::from(column.text(row));
    Ok((0..society.rows())
        .map(|row| TickEffect {
            tick: whole(tick, row) as u32,
            round: whole(round, row) as u32,
            mechanism: text(mechanism, row),
            society: text(society, row),
            treatment: text(treatment, row),
            control: text(control, row),
            metric: text(metric, row),
            estimate: estimate.real(row),
            interval: lower.real(row).zip(upper.real(row)),
            answers: whole(answers, row),
            replicates: whole(replicates, row) as u32,
            resampled: text(resampled, row),
        })
        .collect())
}

fn whole(column: &Column, row: usize) -> u64 {
    column.integer(row).and_then(|value| u64::try_from(value).ok()).unwrap_or(0)
}
