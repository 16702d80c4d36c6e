//! One respondent after another: from the fields of a row into a cell.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use super::codes::{self, Field};
use super::fault::Faults;
use super::header::{Column, Columns, TraitColumn};
use super::rows::Row;
use super::{MicrodataSettings, UnknownCodes};
use crate::profile::cells::{CellKey, Cells};
use crate::profile::traits::Trait;

const OLDEST: i32 = 120;

/// How many countries are remembered for messages.
const COUNTRIES_TOLD: usize = 300;

/// What was counted besides the cells.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) respondents: u64,
    pub(super) others: u64,
    pub(super) unknown: BTreeMap<Arc<str>, u64>,
}

/// Reads rows into cells.
pub(super) struct Reader<'a> {
    columns: &'a Columns,
    settings: &'a MicrodataSettings,
    separator: u8,
    cells: Cells,
    counts: Counts,
    seen: BTreeSet<Arc<str>>,
    traits: CellKey,
    answers: Vec<Option<u8>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(columns: &'a Columns, settings: &'a MicrodataSettings, separator: u8, cells: Cells) -> Self {
        let (counts, seen, traits, answers) = (Counts::default(), BTreeSet::new(), Vec::new(), Vec::new());
        Self { columns, settings, separator, cells, counts, seen, traits, answers }
    }

    /// Counts the respondent of a row, or notes what is wrong with it.
    pub(super) fn row(&mut self, row: &Row, faults: &mut Faults) {
        if row.is_blank() && row.len() <= 1 {
            return;
        }
        let line = Some(row.line);
        let expected = self.columns.count;
        if row.len() < expected || (expected..row.len()).any(|place| !row.field(place).is_empty()) {
            let found = row.len();
            faults.add(line, None, format_args!("the row has {found} fields, and the header {expected} columns"));
            return;
        }
        if row.misquoted {
            faults.add(line, None, format_args!("text stands behind a closing quote"));
            return;
        }
        let Column { name, place } = &self.columns.country;
        let Some(culture) = codes::country(row.field(*place)) else {
            let found = shown(row.field(*place));
            faults.add(line, Some(name), format_args!("`{found}` is no country of three letters"));
            return;
        };
        if self.seen.len() < COUNTRIES_TOLD {
            self.seen.insert(culture.clone());
        }
        if !self.settings.cultures.is_empty() && !self.settings.cultures.contains(&culture) {
            self.counts.others += 1;
            return;
        }
        let weight = self.weight(row, faults);
        self.traits.clear();
        for column in &self.columns.traits {
            let told = self.counts.trait_of(column, row, self.settings, faults);
            self.traits.push(told);
        }
        self.answers.clear();
        for item in &self.columns.items {
            let place = self
                .counts
                .code(&item.column, row, self.settings, faults, &item.coding, |code| item.coding.place(code));
            self.answers.push(place);
        }
        if let Some(weight) = weight {
            self.counts.respondents += 1;
            self.cells.add(&culture, &self.traits, weight, &self.answers);
        }
    }

    /// Notes the cultures asked for that are not there, or that nobody is.
    pub(super) fn check_cultures(&self, faults: &mut Faults) {
        let known: Vec<&str> = self.seen.iter().map(|code| &**code).collect();
        if known.is_empty() && faults.is_empty() {
            faults.add(None, None, format_args!("the file has a header and no respondents"));
        }
        if known.is_empty() {
            return;
        }
        for culture in self.settings.cultures.iter().filter(|&code| !self.seen.contains(code)) {
            let known = known.join(", ");
            faults.add(None, None, format_args!("nobody in the file is of {culture}; it has {known}"));
        }
    }

    pub(super) fn finish(self) -> (Cells, Counts) {
        (self.cells, self.counts)
    }

    fn weight(&self, row: &Row, faults: &mut Faults) -> Option<f64> {
        const LARGEST: f64 = 1e12;
        let Some(Column { name, place }) = &self.columns.weight else { return Some(1.0) };
        let mut text = shown(row.field(*place));
        if self.separator != b',' {
            text = text.replacen(',', ".", 1);
        }
        match text.parse::<f64>() {
            Ok(weight) if (0.0..=LARGEST).contains(&weight) => Some(weight),
            _ => {
                let reason = "every respondent needs a weight, a number from 0 on";
                faults.add(Some(row.line), Some(name), format_args!("`{text}` is no weight: {reason}"));
                None
            }
        }
    }
}

impl Counts {
    fn trait_of(
        &mut self,
        column: &TraitColumn,
        row: &Row,
        settings: &MicrodataSettings,
        faults: &mut Faults,
    ) -> Option<Trait> {
        let age = |age: i32| u8::try_from(age).ok().filter(|_| age <= OLDEST).map(|age| settings.ages.of(age));
        let mut read = |column: &Column, known: &'static str, of: &dyn Fn(i32) -> Option<Trait>| {
            self.code(column, row, settings, faults, &known, of)
        };
        match column {
            TraitColumn::Age(column) => read(column, "0 to 120", &|code| age(code).map(Trait::Age)),
            TraitColumn::Born { born, asked } => {
                let Field::Code(year) = Field::read(row.field(asked.place)) else { return None };
                read(born, "years of birth", &|code| age(year - code).map(Trait::Age))
            }
            TraitColumn::Sex(column) => read(column, "1 and 2", &|code| codes::sex(code).map(Trait::Sex)),
            TraitColumn::Isced(column) => read(column, "0 to 8", &|code| codes::isced(code).map(Trait::Education)),
            TraitColumn::EducationGroup(column) => {
                read(column, "1 to 3", &|code| codes::education_group(code).map(Trait::Education))
            }
            TraitColumn::IncomeStep(column) => {
                read(column, "1 to 10", &|code| codes::income_step(code).map(Trait::Income))
            }
            TraitColumn::IncomeGroup(column) => {
                read(column, "1 to 3", &|code| codes::income_group(code).map(Trait::Income))
            }
            TraitColumn::Residence(column) => {
                read(column, "1 and 2", &|code| codes::residence(code).map(Trait::Residence))
            }
            TraitColumn::Religion(column) => read(column, "0 to 9", &|code| codes::religion(code).map(Trait::Religion)),
            TraitColumn::Region(Column { place, .. }) => {
                let text = row.field(*place);
                let missing = text.starts_with(b"-") || Field::read(text) == Field::Missing;
                (!missing).then(|| Trait::Region(Arc::from(shown(text))))
            }
        }
    }

    /// What the code of a field stands for; `None` where it is missing, unknown or wrong.
    fn code<T>(
        &mut self,
        Column { name, place }: &Column,
        row: &Row,
        settings: &MicrodataSettings,
        faults: &mut Faults,
        known: &dyn Display,
        of: impl Fn(i32) -> Option<T>,
    ) -> Option<T> {
        let field = row.field(*place);
        match Field::read(field) {
            Field::Missing => None,
            Field::Unreadable => {
                let (line, field) = (Some(row.line), shown(field));
                let reason = "take the file with codes, not with labels";
                faults.add(line, Some(name), format_args!("`{field}` is no code: {reason}"));
                None
            }
            Field::Code(code) => {
                let value = of(code);
                if value.is_none() {
                    match settings.unknown_codes {
                        UnknownCodes::Missing => *self.unknown.entry(name.clone()).or_default() += 1,
                        UnknownCodes::Refuse => faults.add(
                            Some(row.line),
                            Some(name),
                            format_args!(
                                "code {code} is none of {known}; `unknown_codes: Missing` takes such codes as no answer"
                            ),
                        ),
                    }
                }
                value
            }
        }
    }
}

/// A field for a message, cut where it is long.
fn shown(field: &[u8]) -> String {
    const LONGEST: usize = 60;
    String::from_utf8_lossy(field).chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
}
