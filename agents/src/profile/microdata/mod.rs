//! The World Values Survey's wave 7 as people load it: the official CSV file, read row by row into weighted cells.
//!
//! The file is not part of this project and may not be redistributed; whoever uses it has it from the association
//! (Haerpfer et al. 2022, doi:10.14281/18241.24). Both of its codings can be read: the original, and the inverted one,
//! in which items with P behind their name were turned round so that higher codes mean more.

mod codes;
mod fault;
mod header;
mod respondent;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::sync::Arc;

use pluriverse_worlds::survey::Survey;
use serde::{Deserialize, Serialize};

pub use fault::{FAULTS_SHOWN, MicrodataFault};
pub use header::PREAMBLE;

use self::codes::ItemCoding;
use self::fault::Faults;
use self::header::ItemColumn;
use self::respondent::Reader;
use self::rows::{LONGEST_ROW, Lines, Row, Stop};
use super::cells::Cells;
use super::traits::{AgeBands, Demographic};

/// How respondents are weighted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Weights {
    /// By this column: `W_WEIGHT` corrects a country's sample towards its population.
    Column(Arc<str>),
    /// Everybody the same.
    None,
}

impl Default for Weights {
    fn default() -> Self {
        Self::Column(Arc::from("W_WEIGHT"))
    }
}

/// Which coding an item is read in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Coding {
    /// The original where the file has its column, else the inverted.
    #[default]
    Detect,
    /// The original only.
    Original,
    /// The inverted where the file has its column; other items keep the original codes there too.
    Inverted,
}

/// What is made of codes from 0 on that stand for nothing known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum UnknownCodes {
    /// The file is refused.
    #[default]
    Refuse,
    /// They are no answer, and are counted.
    Missing,
}

/// How a file of microdata is read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MicrodataSettings {
    /// How respondents are weighted.
    pub weights: Weights,
    /// Which coding items are read in.
    pub coding: Coding,
    /// What is made of unknown codes.
    pub unknown_codes: UnknownCodes,
    /// The bands that ages are cut into.
    pub ages: AgeBands,
    /// What cells are crossed by. The last is given up first where cells are too small.
    pub cross: Vec<Demographic>,
    /// Codes of the cultures that are read, each of which must be there; all where none is named.
    pub cultures: Vec<Arc<str>>,
}

/// What was read.
#[derive(Clone, PartialEq, Debug)]
pub struct Microdata {
    /// The respondents, by culture and traits.
    pub cells: Cells,
    /// What stands between the columns.
    pub separator: char,
    /// The line of the header, from 1.
    pub header: u64,
    /// How many respondents were counted.
    pub respondents: u64,
    /// How many were passed over: those of other cultures.
    pub others: u64,
    /// Items read in the inverted coding.
    pub inverted: Vec<Arc<str>>,
    /// Items without answers for a reason worth telling: of a column of two options that holds a single code, and may
    /// mean either.
    pub undecided: Vec<Arc<str>>,
    /// How many codes that stand for nothing known were taken as no answer, by column.
    pub unknown: BTreeMap<Arc<str>, u64>,
}

/// Reads a file: weighted cells of the answers to these items of the survey. It holds one row at a time besides the
/// cells.
///
/// The separator is `;`, `,` or a tab; up to [`PREAMBLE`] lines may stand before the header; columns are found by name,
/// in any order, with or without a label behind a colon. Codes below 0 and empty fields are missing. With `;` or tabs
/// between columns, weights may have a decimal comma.
///
/// # Errors
/// Everything that is wrong, up to [`FAULTS_SHOWN`] with its line and column and the number of others. A file that ends
/// inside quotes, or a row longer than a million bytes, ends the reading.
pub fn read(
    source: impl BufRead,
    survey: &Survey,
    items: &[Arc<str>],
    settings: &MicrodataSettings,
) -> Result<Microdata, Vec<MicrodataFault>> {
    let mut faults = Faults::default();
    match read_into(source, survey, items, settings, &mut faults) {
        Some(read) if faults.is_empty() => Ok(read),
        _ => Err(faults.into_list()),
    }
}

fn read_into(
    source: impl BufRead,
    survey: &Survey,
    items: &[Arc<str>],
    settings: &MicrodataSettings,
    faults: &mut Faults,
) -> Option<Microdata> {
    check(items, settings, faults);
    let mut lines = Lines::new(source);
    let separator = header::find(&mut lines, faults)?;
    let mut row = Row::default();
    if let Err(stop) = lines.next_row(&mut row, separator) {
        stopped(&stop, lines.number, &row, faults);
        return None;
    }
    let header = row.line;
    let columns = header::columns(&row, items, survey, settings, faults)?;
    let counted = items.iter().zip(&columns.items).map(|(id, item)| (id.clone(), item.coding.places())).collect();
    let mut reader = Reader::new(&columns, settings, separator, Cells::new(settings.cross.clone(), counted));
    loop {
        match lines.next_row(&mut row, separator) {
            Ok(()) => reader.row(&row, faults),
            Err(Stop::End) => break,
            Err(stop) => {
                stopped(&stop, lines.number, &row, faults);
                break;
            }
        }
    }
    reader.check_cultures(faults);
    let (mut cells, counts) = reader.finish();
    let undecided = decide_pairs(&mut cells, items, &columns.items, faults);
    let turned = |(_, item): &(_, &ItemColumn)| !matches!(item.coding, ItemCoding::Original { .. });
    let inverted = items.iter().zip(&columns.items).filter(turned).map(|(id, _)| id.clone()).collect();
    let (respondents, others, unknown) = (counts.respondents, counts.others, counts.unknown);
    Some(Microdata {
        cells,
        separator: char::from(separator),
        header,
        respondents,
        others,
        inverted,
        undecided,
        unknown,
    })
}

fn check(items: &[Arc<str>], settings: &MicrodataSettings, faults: &mut Faults) {
    let twice = |places: usize, names: usize| places != names;
    if twice(items.len(), items.iter().collect::<BTreeSet<_>>().len()) {
        faults.add(None, None, format_args!("an item is named twice"));
    }
    if twice(settings.cross.len(), settings.cross.iter().collect::<BTreeSet<_>>().len()) {
        faults.add(None, None, format_args!("a demographic is crossed with itself: name each once"));
    }
}

fn stopped(stop: &Stop, line: u64, row: &Row, faults: &mut Faults) {
    match stop {
        Stop::End => {}
        Stop::Io(error) => faults.add(Some(line + 1), None, format_args!("cannot be read: {error}")),
        Stop::TooLong => {
            faults.add(Some(line), None, format_args!("the line is longer than {LONGEST_ROW} bytes: not a row"));
        }
        Stop::Unclosed => faults.add(Some(row.line), None, format_args!("a quote in this row is never closed")),
    }
}

/// Columns of two options turned round are coded 0 and 1, or 1 and 2, by item and release: which is seen once all of the
/// column was read. The items of columns that hold 1 alone are given back.
fn decide_pairs(cells: &mut Cells, items: &[Arc<str>], columns: &[ItemColumn], faults: &mut Faults) -> Vec<Arc<str>> {
    let mut undecided = Vec::new();
    for (place, (id, item)) in items.iter().zip(columns).enumerate() {
        if item.coding != ItemCoding::TurnedPair {
            continue;
        }
        let counts = cells.counts(place);
        let holds = |code: usize| counts.get(code).is_some_and(|count| *count > 0);
        let moves: Option<&[(usize, usize)]> = match (holds(0), holds(2)) {
            (true, true) => {
                let name = Some(&*item.column.name);
                faults.add(
                    None,
                    name,
                    format_args!("it holds the codes 0 and 2, of which an item of two options has one"),
                );
                None
            }
            (true, false) => Some(&[(0, 1), (1, 0)]),
            (false, true) => Some(&[(1, 1), (2, 0)]),
            (false, false) => {
                if holds(1) {
                    undecided.push(id.clone());
                }
                None
            }
        };
        cells.relabel(place, moves, 2);
    }
    undecided
}
