//! Columns that this program does not know the meaning of: kept, so that a file comes back with them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A further column of a section. Equal cells are stored once, so that a column such as `sex` costs four bytes a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    name: Arc<str>,
    texts: Vec<Arc<str>>,
    cells: Vec<u32>,
}

impl Column {
    /// A column of this name with these cells from the first row on; missing cells are empty.
    pub fn new<'a>(name: impl Into<Arc<str>>, cells: impl IntoIterator<Item = &'a str>) -> Self {
        let mut builder = ColumnBuilder::new(name.into());
        for cell in cells {
            builder.push(cell);
        }
        builder.finish()
    }

    /// Its name in the header.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The cell of a row, rows being counted from 0; empty where it is missing.
    pub fn cell(&self, row: usize) -> &str {
        self.cells.get(row).map_or("", |&place| &self.texts[place as usize])
    }

    /// The place in [`Self::texts`] of the cell of a row, rows being counted from 0.
    pub fn place(&self, row: usize) -> Option<usize> {
        self.cells.get(row).map(|&place| place as usize)
    }

    /// What occurs in the column, each text once, in the order in which they first occur.
    pub fn texts(&self) -> &[Arc<str>] {
        &self.texts
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

/// Texts numbered in the order in which they first occur.
#[derive(Default)]
pub(super) struct Numbering {
    pub(super) texts: Vec<Arc<str>>,
    numbers: BTreeMap<Arc<str>, u32>,
    last: u32,
}

impl Numbering {
    /// The number of a text, from 0.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        // Cells are often those of the row before: files are sorted by district, ballots of an agent stand together.
        if self.texts.get(self.last as usize).is_some_and(|last| **last == *text) {
            return self.last;
        }
        self.last = if let Some(&number) = self.numbers.get(text) {
            number
        } else {
            let (number, text) = (self.texts.len() as u32, Arc::<str>::from(text));
            self.texts.push(text.clone());
            self.numbers.insert(text, number);
            number
        };
        self.last
    }
}

/// A column that is still being read.
pub(super) struct ColumnBuilder {
    name: Arc<str>,
    numbering: Numbering,
    cells: Vec<u32>,
}

impl ColumnBuilder {
    pub(super) fn new(name: Arc<str>) -> Self {
        Self { name, numbering: Numbering::default(), cells: Vec::new() }
    }

    pub(super) fn push(&mut self, cell: &str) {
        self.cells.push(self.numbering.number(cell));
    }

    pub(super) fn finish(self) -> Column {
        Column { name: self.name, texts: self.numbering.texts, cells: self.cells }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_cells_are_stored_once() {
        let column = Column::new("sex", ["F", "M", "F", "", "M"]);
        assert_eq!(column.texts().iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["F", "M", ""]);
        assert_eq!((0..6).map(|row| column.cell(row)).collect::<Vec<_>>(), ["F", "M", "F", "", "M", ""]);
        assert_eq!((column.place(2), column.place(5)), (Some(0), None));
        assert_eq!((column.len(), column.is_empty()), (5, false));
    }
}
