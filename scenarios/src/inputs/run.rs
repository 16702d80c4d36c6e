//! Answers of a finished run, read back strand by strand.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::read::read_table;
use pluriverse_engine::record::table::Column;
use pluriverse_worlds::survey::record::ANSWERS;
use pluriverse_worlds::survey::{AnswerSheets, Survey};

use super::asset::AssetError;

/// One society under one arm in one replicate.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct StrandName {
    /// The society.
    pub society: Arc<str>,
    /// The arm.
    pub arm: Arc<str>,
    /// The replicate.
    pub replicate: u32,
}

/// The answers of one strand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StrandAnswers {
    /// Whose.
    pub name: StrandName,
    /// Numbers of the agents whose answers were written, ascending; row i of a sheet is the i-th of them.
    pub agents: Vec<AgentId>,
    /// Code of each of these agents' culture.
    pub cultures: Vec<Arc<str>>,
    /// Sheets by tick, with the round the scenario counts.
    pub ticks: BTreeMap<u32, (u32, AnswerSheets)>,
}

/// What becomes of recorded answers to items that a survey does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnknownItems {
    /// They are an error.
    Refused,
    /// They are left out.
    PassedOver,
}

/// Reads `answers.parquet` of a run directory, strands by society (in order of their names), arm and replicate.
pub fn answers(directory: &Path, survey: &Survey, unknown: UnknownItems) -> Result<Vec<StrandAnswers>, AssetError> {
    let columns = read_table(directory, &ANSWERS).map_err(|error| AssetError::new(error.to_string()))?;
    let [society, arm, replicate, tick, round, agent, culture, _, item, answer, outcome, ..] = columns.as_slice()
    else {
        return Err(AssetError::new("the answers table has other columns than expected"));
    };
    let number = |column: &Column, row: usize| -> u32 {
        column.integer(row).and_then(|value| u32::try_from(value).ok()).unwrap_or(0)
    };
    let mut rows: BTreeMap<StrandName, BTreeMap<u32, Vec<usize>>> = BTreeMap::new();
    for row in 0..society.rows() {
        let name = StrandName {
            society: Arc::from(society.text(row)),
            arm: Arc::from(arm.text(row)),
            replicate: number(replicate, row),
        };
        rows.entry(name).or_default().entry(number(tick, row)).or_default().push(row);
    }
    let positions: BTreeMap<&str, usize> =
        survey.items.iter().enumerate().map(|(index, item)| (&*item.id, index)).collect();
    rows.into_iter()
        .map(|(name, ticks)| {
            let mut members: BTreeMap<u32, Arc<str>> = BTreeMap::new();
            for &row in ticks.values().flatten() {
                members.entry(number(agent, row)).or_insert_with(|| Arc::from(culture.text(row)));
            }
            let places: BTreeMap<u32, AgentId> = members.keys().copied().zip((0..).map(AgentId)).collect();
            let mut strand = StrandAnswers {
                name,
                agents: members.keys().copied().map(AgentId).collect(),
                cultures: members.values().cloned().collect(),
                ticks: BTreeMap::new(),
            };
            for (tick, rows) in ticks {
                let mut sheets = AnswerSheets::new(members.len(), survey.len());
                for &row in &rows {
                    let Some(&index) = positions.get(item.text(row)) else {
                        if unknown == UnknownItems::PassedOver {
                            continue;
                        }
                        let message = format!("the survey has no item {}, which the run recorded", item.text(row));
                        return Err(AssetError::new(message));
                    };
                    let cell = match answer.integer(row) {
                        Some(value) => Ok(value as i32),
                        None => Err(Outcome::by_name(outcome.text(row)).unwrap_or(Outcome::Failed)),
                    };
                    sheets.set(places[&number(agent, row)], index, cell);
                }
                strand.ticks.insert(tick, (number(round, rows[0]), sheets));
            }
            Ok(strand)
        })
        .collect()
}
