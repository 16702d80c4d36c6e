//! Answers of a finished run, read back strand by strand.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::read::read_portions;
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
    answers_where(directory, survey, unknown, &|_, _| true)
}

/// The same of some strands and ticks alone.
pub fn answers_where(
    directory: &Path,
    survey: &Survey,
    unknown: UnknownItems,
    wanted: &dyn Fn(&StrandName, u32) -> bool,
) -> Result<Vec<StrandAnswers>, AssetError> {
    let mut reading =
        Reading { survey, unknown, wanted, positions: BTreeMap::new(), strands: BTreeMap::new(), unknown_item: None };
    reading.positions = survey.items.iter().enumerate().map(|(index, item)| (item.id.clone(), index)).collect();
    read_portions(directory, &ANSWERS, &mut |columns| reading.take(columns))
        .map_err(|error| AssetError::new(error.to_string()))?;
    if let Some(item) = reading.unknown_item {
        return Err(AssetError::new(format!("the survey has no item {item}, which the run recorded")));
    }
    Ok(reading.strands.into_iter().map(|(name, gathered)| gathered.into_answers(name, survey.len())).collect())
}

/// Answers on their way from the table to sheets.
struct Reading<'a> {
    survey: &'a Survey,
    unknown: UnknownItems,
    wanted: &'a dyn Fn(&StrandName, u32) -> bool,
    positions: BTreeMap<Arc<str>, usize>,
    strands: BTreeMap<StrandName, Gathered>,
    /// The first item that the survey does not hold.
    unknown_item: Option<String>,
}

/// What is known of one strand so far.
#[derive(Default)]
struct Gathered {
    /// Culture by agent.
    members: BTreeMap<u32, Arc<str>>,
    /// Round and answers by tick: of each agent, cell by item.
    ticks: BTreeMap<u32, (u32, BTreeMap<u32, Vec<Answer>>)>,
}

type Answer = Result<i32, Outcome>;

impl Reading<'_> {
    fn take(&mut self, columns: &[Column]) {
        let [society, arm, replicate, tick, round, agent, culture, _, item, answer, outcome, ..] = columns else {
            return;
        };
        for row in 0..society.rows() {
            let name = StrandName {
                society: Arc::from(society.text(row)),
                arm: Arc::from(arm.text(row)),
                replicate: number(replicate, row),
            };
            if !(self.wanted)(&name, number(tick, row)) {
                continue;
            }
            let Some(&index) = self.positions.get(item.text(row)) else {
                if self.unknown == UnknownItems::Refused {
                    self.unknown_item.get_or_insert_with(|| item.text(row).to_owned());
                }
                continue;
            };
            let cell = match answer.integer(row) {
                Some(value) => Ok(value as i32),
                None => Err(Outcome::by_name(outcome.text(row)).unwrap_or(Outcome::Failed)),
            };
            let gathered = self.strands.entry(name).or_default();
            let agent = number(agent, row);
            gathered.members.entry(agent).or_insert_with(|| Arc::from(culture.text(row)));
            let (_, sheets) =
                gathered.ticks.entry(number(tick, row)).or_insert_with(|| (number(round, row), BTreeMap::new()));
            sheets.entry(agent).or_insert_with(|| vec![Err(Outcome::NotAsked); self.survey.len()])[index] = cell;
        }
    }
}

impl Gathered {
    fn into_answers(self, name: StrandName, items: usize) -> StrandAnswers {
        let places: BTreeMap<u32, AgentId> = self.members.keys().copied().zip((0..).map(AgentId)).collect();
        let sheets = |rows: BTreeMap<u32, Vec<Answer>>| {
            let mut sheets = AnswerSheets::new(places.len(), items);
            for (agent, row) in rows {
                for (item, cell) in row.into_iter().enumerate() {
                    sheets.set(places[&agent], item, cell);
                }
            }
            sheets
        };
        StrandAnswers {
            name,
            agents: self.members.keys().copied().map(AgentId).collect(),
            cultures: self.members.values().cloned().collect(),
            ticks: self.ticks.into_iter().map(|(tick, (round, rows))| (tick, (round, sheets(rows)))).collect(),
        }
    }
}

fn number(column: &Column, row: usize) -> u32 {
    column.integer(row).and_then(|value| u32::try_from(value).ok()).unwrap_or(0)
}
