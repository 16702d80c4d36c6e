//! Sections of a Pabulib text, and the rows of one under its header.

use std::ops::Range;
use std::sync::Arc;

use super::column::ColumnBuilder;
use super::fault::Faults;
use super::text::{Field, Rows, is_blank};

/// Titles of the sections, in the order in which they are written.
pub(super) const TITLES: [&str; 3] = ["META", "PROJECTS", "VOTES"];

/// The least header of each section.
const HEADERS: [&str; 3] = ["key;value", "project_id;cost", "voter_id;vote"];

/// Where a section stands.
pub(super) struct Section {
    /// Place of its title in [`TITLES`].
    pub(super) number: usize,
    /// The byte at which its title begins.
    pub(super) at: usize,
    /// The bytes below its title.
    range: Range<usize>,
}

/// Finds the sections. Notes those that are missing or repeated, and every misplaced quote.
pub(super) fn sections(text: &str, faults: &mut Faults<'_>) -> [Option<Section>; 3] {
    let mut found: [Option<Section>; 3] = [None, None, None];
    let mut current: Option<Section> = None;
    let mut homeless = None;
    let (mut rows, mut row, mut start) = (Rows::new(text, 0..text.len()), Vec::new(), 0);
    while rows.next_row(&mut row) {
        if let Some(number) = title(&row) {
            if let Some(ended) = current.replace(Section { number, at: row[0].at, range: rows.position()..text.len() })
            {
                close(ended, start, &mut found, faults);
            }
        } else if current.is_none() && homeless.is_none() && !is_blank(&row) {
            homeless = Some(row[0].at);
        }
        start = rows.position();
    }
    if let Some(ended) = current {
        close(ended, text.len(), &mut found, faults);
    }
    for (at, reason) in rows.misquoted {
        faults.add(at, format_args!("{reason}"));
    }
    if let Some(at) = homeless {
        faults.add(at, format_args!("this stands before any section: the text must begin with a line `META`"));
    }
    for ((section, title), header) in found.iter().zip(TITLES).zip(HEADERS) {
        if section.is_none() {
            let at = text.trim_end().len();
            faults.add(
                at,
                format_args!("there is no section {title}: write a line `{title}`, then `{header}`, then rows"),
            );
        }
    }
    found
}

/// The section that a row is the title of. Spreadsheets put semicolons behind titles.
fn title(row: &[Field<'_>]) -> Option<usize> {
    let (first, rest) = row.split_first()?;
    let number = TITLES.iter().position(|title| first.text.eq_ignore_ascii_case(title))?;
    (!first.quoted && is_blank(rest)).then_some(number)
}

fn close(mut ended: Section, end: usize, found: &mut [Option<Section>; 3], faults: &mut Faults<'_>) {
    ended.range.end = end.max(ended.range.start);
    let place = &mut found[ended.number];
    match place {
        None => *place = Some(ended),
        Some(first) => {
            let (title, line) = (TITLES[ended.number], faults.line(first.at));
            faults
                .add(ended.at, format_args!("a second section {title}; the first is on line {line}: make one of both"));
        }
    }
}

/// The rows of a section, with names for their columns.
pub(super) struct Table<'a> {
    title: &'static str,
    header_at: usize,
    columns: Vec<Arc<str>>,
    rows: Rows<'a>,
    row: Vec<Field<'a>>,
}

impl<'a> Table<'a> {
    /// Reads the header of a section; nothing where there is none.
    pub(super) fn open(text: &'a str, section: &Section, faults: &mut Faults<'_>) -> Option<Self> {
        let (title, least) = (TITLES[section.number], HEADERS[section.number]);
        let mut rows = Rows::new(text, section.range.clone());
        let mut row = Vec::new();
        let start = loop {
            let start = rows.position();
            if !rows.next_row(&mut row) {
                faults.add(section.at, format_args!("{title} has no header: write `{least}` below its title"));
                return None;
            }
            if !is_blank(&row) {
                break start;
            }
        };
        let header_at = row[0].at;
        let names = |name: &str| row.iter().any(|field| field.text.eq_ignore_ascii_case(name));
        let required: Vec<&str> = least.split(';').collect();
        if !required.iter().any(|name| names(name)) {
            faults.add(header_at, format_args!("{title} has no header: write `{least}` in a line above this one"));
            // Only the columns of META go without saying.
            return (section.number == 0).then(|| {
                let columns = required.iter().map(|&name| name.into()).collect();
                Self { title, header_at, columns, rows: Rows::new(text, start..section.range.end), row: Vec::new() }
            });
        }
        for name in required.iter().filter(|name| !names(name)) {
            faults.add(header_at, format_args!("the header of {title} names no column `{name}`: it needs `{least}`"));
        }
        if !required.iter().all(|name| names(name)) {
            return None;
        }
        let columns = columns(title, &row, faults);
        Some(Self { title, header_at, columns, rows, row })
    }

    /// The byte at which the header begins.
    pub(super) fn header_at(&self) -> usize {
        self.header_at
    }

    /// The place of a column.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.eq_ignore_ascii_case(name))
    }

    /// The columns besides these, each with its place.
    pub(super) fn others(&self, known: &[&str]) -> Vec<(usize, ColumnBuilder)> {
        let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
        let others = self.columns.iter().enumerate().filter(|(_, name)| !name.is_empty() && !is_known(name));
        others.map(|(place, name)| (place, ColumnBuilder::new(name.clone()))).collect()
    }

    /// The next row that holds anything.
    pub(super) fn next<'row>(&'row mut self, faults: &mut Faults<'_>) -> Option<Row<'row, 'a>> {
        loop {
            if !self.rows.next_row(&mut self.row) {
                return None;
            }
            if !is_blank(&self.row) {
                break;
            }
        }
        let (fields, columns) = (self.row.len(), self.columns.len());
        if let Some(surplus) = self.row.iter().skip(columns).find(|field| !field.text.is_empty()) {
            let title = self.title;
            faults.add(
                surplus.at,
                format_args!(
                    "{fields} fields where the header of {title} has {columns}: put a text that holds `;` in quotes"
                ),
            );
        }
        Some(Row { fields: &self.row })
    }
}

/// Names of the columns in a header, those without a name at its end left out.
fn columns(title: &str, header: &[Field<'_>], faults: &mut Faults<'_>) -> Vec<Arc<str>> {
    let named = header.iter().rposition(|field| !field.text.is_empty()).map_or(0, |last| last + 1);
    let mut columns: Vec<Arc<str>> = Vec::with_capacity(named);
    for field in &header[..named] {
        let name = present_name(title, &field.text);
        if name.is_empty() {
            faults.add(field.at, format_args!("a column of {title} without a name: name it or take out a `;`"));
        } else if columns.iter().any(|column| column.eq_ignore_ascii_case(name)) {
            faults.add(field.at, format_args!("a second column `{name}` in {title}: keep one of them"));
        }
        columns.push(name.into());
    }
    columns
}

/// What a column is called now.
fn present_name<'a>(title: &str, name: &'a str) -> &'a str {
    let former = ["target", "targets"].iter().any(|former| name.eq_ignore_ascii_case(former));
    if former && title == TITLES[1] { "beneficiaries" } else { name }
}

/// One row. Fields that are missing at its end are empty.
#[derive(Clone, Copy)]
pub(super) struct Row<'row, 'a> {
    fields: &'row [Field<'a>],
}

impl<'row, 'a> Row<'row, 'a> {
    /// The field of a column.
    pub(super) fn field(&self, column: usize) -> Option<&'row Field<'a>> {
        self.fields.get(column)
    }

    /// The text of a column that need not be there.
    pub(super) fn text(&self, column: Option<usize>) -> &'row str {
        column.and_then(|column| self.fields.get(column)).map_or("", |field| &field.text)
    }

    /// The byte at which the field of a column begins; that of the row's last field where there is none.
    pub(super) fn at(&self, column: usize) -> usize {
        self.fields.get(column).or(self.fields.last()).map_or(0, |field| field.at)
    }
}
