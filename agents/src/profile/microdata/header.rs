//! The header of a file: found behind what stands before it, and the columns that are needed.

use std::io::BufRead;
use std::sync::Arc;

use pluriverse_worlds::survey::Survey;

use super::codes::ItemCoding;
use super::fault::Faults;
use super::rows::{Lines, Row, Stop};
use super::{Coding, MicrodataSettings, Weights};
use crate::profile::traits::Demographic;

/// How many lines may stand before the header.
pub const PREAMBLE: u64 = 50;

/// The column of the country's code.
pub(super) const COUNTRY: &str = "B_COUNTRY_ALPHA";

const SEPARATORS: [u8; 3] = [b';', b',', b'\t'];

const WEIGHT_COLUMNS: [&str; 5] = ["W_WEIGHT", "S017", "S018", "PWGHT", "S018A"];

/// A column of the file.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: Arc<str>,
    /// Its place from 0.
    pub(super) place: usize,
}

/// Where a trait is read from.
#[derive(Clone, Debug)]
pub(super) enum TraitColumn {
    Age(Column),
    Born { born: Column, asked: Column },
    Sex(Column),
    Isced(Column),
    EducationGroup(Column),
    IncomeStep(Column),
    IncomeGroup(Column),
    Residence(Column),
    Religion(Column),
    Region(Column),
}

/// Where an item is read from.
#[derive(Clone, Debug)]
pub(super) struct ItemColumn {
    pub(super) column: Column,
    pub(super) coding: ItemCoding,
}

/// The columns that are needed.
pub(super) struct Columns {
    pub(super) country: Column,
    pub(super) weight: Option<Column>,
    pub(super) traits: Vec<TraitColumn>,
    pub(super) items: Vec<ItemColumn>,
    /// How many columns the file has.
    pub(super) count: usize,
}

/// Finds the header and the separator; the header is the next row then. `None` where there is none, and why is noted.
pub(super) fn find(lines: &mut Lines<impl BufRead>, faults: &mut Faults) -> Option<u8> {
    let mut row = Row::default();
    while lines.number < PREAMBLE {
        let first = lines.number == 0;
        let line = match lines.next_line() {
            Ok(line) => line,
            Err(Stop::End) if first => {
                faults.add(None, None, format_args!("the file is empty"));
                return None;
            }
            Err(Stop::Io(error)) => {
                faults.add(Some(lines.number + 1), None, format_args!("cannot be read: {error}"));
                return None;
            }
            Err(Stop::End | Stop::TooLong | Stop::Unclosed) => break,
        };
        if first && let Some(reason) = other_format(line) {
            faults.add(None, None, format_args!("{reason}"));
            return None;
        }
        let mut best = None;
        for separator in SEPARATORS {
            row.split(line, separator);
            let known = row.fields().filter(|field| is_known(&name(field))).count();
            if known >= 2 && best.is_none_or(|(most, _)| known > most) {
                best = Some((known, separator));
            }
        }
        if let Some((_, separator)) = best {
            lines.again();
            return Some(separator);
        }
    }
    faults.add(
        None,
        None,
        format_args!(
            "none of the first {} lines names columns such as {COUNTRY}, Q260 or Q1: this reads the CSV files of the \
             World Values Survey, wave 7, with `;`, `,` or tabs between the columns",
            lines.number
        ),
    );
    None
}

/// The columns that are needed, from the header; what cannot be had is noted.
pub(super) fn columns(
    header: &Row,
    items: &[Arc<str>],
    survey: &Survey,
    settings: &MicrodataSettings,
    faults: &mut Faults,
) -> Option<Columns> {
    let names: Vec<Arc<str>> = header.fields().map(|field| Arc::from(name(field))).collect();
    let mut search = Search { names: &names, line: header.line, faults };
    let country = search.needed(&[COUNTRY], "take a file that names each respondent's country by three letters");
    let weight = match &settings.weights {
        Weights::None => None,
        Weights::Column(column) => search.weight(column),
    };
    let traits: Vec<_> = settings.cross.iter().filter_map(|&demographic| search.of_demographic(demographic)).collect();
    let items: Vec<_> = items.iter().filter_map(|item| search.of_item(item, survey, settings.coding)).collect();
    if faults.is_empty() {
        Some(Columns { country: country?, weight, traits, items, count: names.len() })
    } else {
        None
    }
}

struct Search<'a> {
    names: &'a [Arc<str>],
    line: u64,
    faults: &'a mut Faults,
}

impl Search<'_> {
    /// The column of this name; one that is there twice is noted.
    fn find(&mut self, wanted: &str) -> Option<Column> {
        let mut places = self.names.iter().enumerate().filter(|(_, name)| name.eq_ignore_ascii_case(wanted));
        let (place, name) = places.next()?;
        if places.next().is_some() {
            self.faults.add(Some(self.line), Some(wanted), format_args!("two columns have this name: rename one"));
        }
        Some(Column { name: name.clone(), place })
    }

    /// The first column there is of these.
    fn needed(&mut self, wanted: &[&str], instead: &str) -> Option<Column> {
        let found = wanted.iter().find_map(|name| self.find(name));
        if found.is_none() {
            let name = wanted.first().copied();
            self.faults.add(Some(self.line), name, format_args!("there is no such column: {instead}"));
        }
        found
    }

    fn weight(&mut self, wanted: &Arc<str>) -> Option<Column> {
        let there = |other: &&str| self.names.iter().any(|name| name.eq_ignore_ascii_case(other));
        let there: Vec<&str> = WEIGHT_COLUMNS.into_iter().filter(there).collect();
        let others = if there.is_empty() { String::new() } else { format!(" ({} would do)", there.join(" or ")) };
        let instead =
            format!("weight by a column the file has{others}, or say `weights: None` to count everybody the same");
        self.needed(&[wanted], &instead)
    }

    fn of_demographic(&mut self, demographic: Demographic) -> Option<TraitColumn> {
        const INSTEAD: &str = "take a file that has it, or leave this demographic out of the cross";
        match demographic {
            Demographic::Age => {
                if let Some(age) = self.find("Q262") {
                    return Some(TraitColumn::Age(age));
                }
                if let (Some(born), Some(asked)) = (self.find("Q261"), self.find("A_YEAR")) {
                    return Some(TraitColumn::Born { born, asked });
                }
                let instead = format!("{INSTEAD}; Q261 and A_YEAR together would do");
                self.needed(&["Q262"], &instead).map(TraitColumn::Age)
            }
            Demographic::Sex => self.needed(&["Q260"], INSTEAD).map(TraitColumn::Sex),
            Demographic::Education => match self.find("Q275R") {
                Some(group) if self.find("Q275").is_none() => Some(TraitColumn::EducationGroup(group)),
                _ => self.needed(&["Q275"], INSTEAD).map(TraitColumn::Isced),
            },
            Demographic::Income => match self.find("Q288R") {
                Some(group) if self.find("Q288").is_none() => Some(TraitColumn::IncomeGroup(group)),
                _ => self.needed(&["Q288"], INSTEAD).map(TraitColumn::IncomeStep),
            },
            Demographic::Residence => self.needed(&["H_URBRURAL"], INSTEAD).map(TraitColumn::Residence),
            Demographic::Religion => self.needed(&["Q289"], INSTEAD).map(TraitColumn::Religion),
            Demographic::Region => self.needed(&["N_REGION_WVS", "N_REGION_ISO"], INSTEAD).map(TraitColumn::Region),
        }
    }

    fn of_item(&mut self, id: &str, survey: &Survey, coding: Coding) -> Option<ItemColumn> {
        let Some(place) = survey.position(id) else {
            self.faults.add(None, Some(id), format_args!("the survey `{}` has no such item", survey.name));
            return None;
        };
        let item = &survey.items[place];
        let inverted = format!("{id}P");
        if coding != Coding::Inverted
            && let Some(column) = self.find(id)
        {
            return Some(ItemColumn { column, coding: ItemCoding::original(item) });
        }
        if coding != Coding::Original
            && let Some(column) = self.find(&inverted)
        {
            return Some(ItemColumn { column, coding: ItemCoding::inverted(item) });
        }
        // The inverted file turns round only what has to be; everything else keeps its name and its codes.
        if coding == Coding::Inverted
            && let Some(column) = self.find(id)
        {
            return Some(ItemColumn { column, coding: ItemCoding::original(item) });
        }
        let instead = match coding {
            Coding::Original => "take a file that has it, or leave the item out",
            Coding::Detect | Coding::Inverted => {
                "nor its inverted form, with P behind the name: take a file that has one of them, or leave the item out"
            }
        };
        self.faults.add(Some(self.line), Some(id), format_args!("there is no such column: {instead}"));
        None
    }
}

/// A column's name as headers write it: alone, or with a label behind a colon.
fn name(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    text.split(':').next().unwrap_or_default().trim().to_owned()
}

fn is_known(name: &str) -> bool {
    const OTHERS: [&str; 7] =
        ["B_COUNTRY", COUNTRY, "A_YEAR", "W_WEIGHT", "H_URBRURAL", "N_REGION_WVS", "N_REGION_ISO"];
    let name = name.to_ascii_uppercase();
    let number = name.strip_prefix('Q').map(|rest| rest.trim_end_matches(['A', 'P', 'R']));
    let question = number.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    question || OTHERS.contains(&name.as_str())
}

fn other_format(start: &[u8]) -> Option<&'static str> {
    let formats: [(&[u8], &str); 6] = [
        (b"\xff\xfe", "the file is in UTF-16: save it as UTF-8"),
        (b"\xfe\xff", "the file is in UTF-16: save it as UTF-8"),
        (b"PK\x03\x04", "the file is an archive or a spreadsheet: unpack it, or save it as CSV"),
        (b"$FL2", "the file is in the format of SPSS: take the CSV file"),
        (b"<stata_dta>", "the file is in the format of Stata: take the CSV file"),
        (b"\x1f\x8b", "the file is compressed: unpack it"),
    ];
    formats.into_iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, reason)| reason)
}
