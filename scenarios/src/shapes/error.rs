//! What can be wrong with a folder of data.

use std::path::Path;

use crate::file::diagnose::nearest;

/// Something that keeps a folder from being read or written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ShapeError {
    /// The file system said no.
    #[error("cannot read or write {file}: {reason}")]
    Io {
        /// The file.
        file: String,
        /// What the system said.
        reason: String,
    },
    /// The folder holds neither shape, or both.
    #[error("{folder} {reason}")]
    Unrecognised {
        /// The folder.
        folder: String,
        /// What it was found to hold.
        reason: String,
    },
    /// A part of a shape is not there.
    #[error("{folder} holds no {part}: looked for {looked_for}")]
    MissingPart {
        /// The folder.
        folder: String,
        /// What is missing.
        part: &'static str,
        /// The names it could have.
        looked_for: String,
    },
    /// What would be written is there already.
    #[error("{file} is there already, and nothing is overwritten")]
    Occupied {
        /// The file.
        file: String,
    },
    /// A table lacks columns.
    #[error("{file} lacks {}; it has {}", listed("the column", missing, strange), plain(there))]
    MissingColumns {
        /// The file.
        file: String,
        /// The columns it lacks, in the table's order.
        missing: Vec<&'static str>,
        /// Those it has.
        there: Vec<String>,
        /// Those of them that are not of the shape: misspellings are among these.
        strange: Vec<String>,
    },
    /// Lines lack fields.
    #[error("{file}, line {line}: lacks {}; it has {}{}", listed("the field", missing, strange), plain(there), further(*more))]
    MissingFields {
        /// The file.
        file: String,
        /// The first such line, from 1.
        line: u64,
        /// The fields it lacks.
        missing: Vec<&'static str>,
        /// Those it has.
        there: Vec<String>,
        /// Those of them that are not of the shape: misspellings are among these.
        strange: Vec<String>,
        /// How many further lines lack the same fields.
        more: u64,
    },
    /// Lines are not JSON objects of the shape.
    #[error("{file}, line {line}: {reason}{}", further(*more))]
    Line {
        /// The file.
        file: String,
        /// The first such line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
        /// How many further lines are not either.
        more: u64,
    },
    /// Values cannot be read, or not written.
    #[error("{file}, {place} {row}: {field} {reason}{}", further(*more))]
    Value {
        /// The file.
        file: String,
        /// What the file's parts are called: `row` or `line`.
        place: &'static str,
        /// The first such row or line, from 1.
        row: u64,
        /// The column or field.
        field: &'static str,
        /// What is wrong, with the value.
        reason: String,
        /// How many further rows have the like.
        more: u64,
    },
    /// A table cannot be decoded or encoded.
    #[error("{file} is not a usable Parquet file: {reason}")]
    Table {
        /// The file.
        file: String,
        /// What the decoder said.
        reason: String,
    },
    /// A name that files cannot be called by.
    #[error("`{name}` cannot be part of a file's name: {reason}")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
}

impl ShapeError {
    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::Io { file: path.display().to_string(), reason: error.to_string() }
    }

    pub(super) fn table(path: &Path, error: &impl ToString) -> Self {
        Self::Table { file: path.display().to_string(), reason: error.to_string() }
    }
}

/// What is missing, each with the name most like it of those that are there for no known reason.
fn listed(word: &str, missing: &[&'static str], strange: &[String]) -> String {
    let strange: Vec<&str> = strange.iter().map(String::as_str).collect();
    let each: Vec<String> = missing
        .iter()
        .map(|name| match nearest(name, &strange) {
            Some(near) => format!("`{name}` (is `{near}` meant?)"),
            None => format!("`{name}`"),
        })
        .collect();
    format!("{word}{} {}", if missing.len() == 1 { "" } else { "s" }, each.join(", "))
}

fn plain(there: &[String]) -> String {
    if there.is_empty() { "none".to_owned() } else { there.join(", ") }
}

fn further(more: u64) -> String {
    match more {
        0 => String::new(),
        1 => " (and 1 more like it)".to_owned(),
        more => format!(" (and {more} more like it)"),
    }
}
