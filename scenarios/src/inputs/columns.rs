//! Tables of a run by the names of their columns.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::record::RecordError;
use pluriverse_engine::record::read::read_table;
use pluriverse_engine::record::table::{Column, TableSpec};

use super::run::StrandName;

/// Rows of a table. A column that is not there, as in a run of an older format, is empty.
pub struct Columns<'a> {
    spec: &'static TableSpec,
    columns: Cow<'a, [Column]>,
}

impl<'a> Columns<'a> {
    /// A whole table of a run directory.
    pub fn read(directory: &Path, spec: &'static TableSpec) -> Result<Self, RecordError> {
        Ok(Self { spec, columns: Cow::Owned(read_table(directory, spec)?) })
    }

    /// A portion of one.
    pub fn of(spec: &'static TableSpec, columns: &'a [Column]) -> Self {
        Self { spec, columns: Cow::Borrowed(columns) }
    }

    /// The places of its rows.
    pub fn rows(&self) -> Range<usize> {
        0..self.columns.first().map_or(0, Column::rows)
    }

    fn column(&self, name: &str) -> Option<&Column> {
        self.spec.columns.iter().position(|(known, _)| *known == name).and_then(|place| self.columns.get(place))
    }

    /// A text.
    pub fn text(&self, name: &str, row: usize) -> &str {
        self.column(name).map_or("", |column| column.text(row))
    }

    /// A whole number, where it is there.
    pub fn integer(&self, name: &str, row: usize) -> Option<i64> {
        self.column(name).and_then(|column| column.integer(row))
    }

    /// The same as the number of something.
    pub fn number(&self, name: &str, row: usize) -> Option<u32> {
        self.integer(name, row).and_then(|value| u32::try_from(value).ok())
    }

    /// Which strand a row is of.
    pub fn strand(&self, row: usize) -> StrandName {
        StrandName {
            society: Arc::from(self.text("society", row)),
            arm: Arc::from(self.text("arm", row)),
            replicate: self.number("replicate", row).unwrap_or_default(),
        }
    }

    /// The rows of a strand.
    pub fn of_strand<'s>(&'s self, strand: &'s StrandName) -> impl Iterator<Item = usize> + 's {
        self.rows().filter(move |&row| {
            self.text("society", row) == &*strand.society
                && self.text("arm", row) == &*strand.arm
                && self.number("replicate", row) == Some(strand.replicate)
        })
    }
}
