//! What is wrong with a file of microdata, and where.

use std::fmt;
use std::sync::Arc;

/// How many mistakes are told; those beyond are only counted.
pub const FAULTS_SHOWN: usize = 50;

/// One thing that is wrong with a file of microdata, or with what was asked of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MicrodataFault {
    /// The line of the file, from 1, at which the row begins; `None` where it is about no line.
    pub line: Option<u64>,
    /// The column's name; `None` where it is about no column.
    pub column: Option<Arc<str>>,
    /// What is wrong, and what to do about it.
    pub reason: String,
}

impl fmt::Display for MicrodataFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, &self.column) {
            (Some(line), Some(column)) => write!(formatter, "line {line}, column {column}: {}", self.reason),
            (Some(line), None) => write!(formatter, "line {line}: {}", self.reason),
            (None, Some(column)) => write!(formatter, "column {column}: {}", self.reason),
            (None, None) => formatter.write_str(&self.reason),
        }
    }
}

impl std::error::Error for MicrodataFault {}

/// Mistakes gathered while a file is read.
#[derive(Default)]
pub(super) struct Faults {
    found: Vec<MicrodataFault>,
    more: u64,
}

impl Faults {
    /// Notes a mistake. The reason is only put into words where it will be shown, as there may be one a field.
    pub(super) fn add(&mut self, line: Option<u64>, column: Option<&str>, reason: fmt::Arguments<'_>) {
        if self.found.len() < FAULTS_SHOWN {
            self.found.push(MicrodataFault { line, column: column.map(Arc::from), reason: reason.to_string() });
        } else {
            self.more += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The mistakes in the order found, and behind them how many more there are.
    pub(super) fn into_list(mut self) -> Vec<MicrodataFault> {
        if self.more > 0 {
            let mistakes = if self.more == 1 { "mistake" } else { "mistakes" };
            let reason = format!("and {} more {mistakes}", self.more);
            self.found.push(MicrodataFault { line: None, column: None, reason });
        }
        self.found
    }
}
