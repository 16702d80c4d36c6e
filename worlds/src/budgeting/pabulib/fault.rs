//! What is wrong with a Pabulib text, and where.

use std::fmt;

/// How many mistakes are told with their places; [`super::read()`] only counts those beyond.
pub const FAULTS_SHOWN: usize = 50;

/// One thing that is wrong with a Pabulib text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct PabulibFault {
    /// The line, from 1; line breaks inside quoted fields count.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong, and what to write instead.
    pub reason: String,
}

/// Mistakes gathered while a text is read, with the bytes they were found at.
pub(super) struct Faults<'a> {
    text: &'a str,
    found: Vec<(usize, String)>,
    more: usize,
    first_more: usize,
}

impl<'a> Faults<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, found: Vec::new(), more: 0, first_more: 0 }
    }

    /// Notes a mistake. The reason is only put into words where it will be shown, as there may be one a ballot.
    pub(super) fn add(&mut self, at: usize, reason: fmt::Arguments<'_>) {
        if self.found.len() < FAULTS_SHOWN {
            self.found.push((at, reason.to_string()));
        } else {
            self.first_more = if self.more == 0 { at } else { self.first_more.min(at) };
            self.more += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The line of a byte. It is only counted where it is shown.
    pub(super) fn line(&self, at: usize) -> LineOf<'a> {
        LineOf { text: self.text, at }
    }

    /// The mistakes in the order of the text, and behind them how many more there are.
    pub(super) fn into_list(mut self) -> Vec<PabulibFault> {
        self.found.sort();
        if self.more > 0 {
            let mistakes = if self.more == 1 { "mistake" } else { "mistakes" };
            self.found.push((
                self.first_more,
                format!("and {} more {mistakes}, this being the place of the first", self.more),
            ));
        }
        let found = std::mem::take(&mut self.found);
        found
            .into_iter()
            .map(|(at, reason)| {
                let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
                let column = 1 + self.text[start..at].chars().count();
                PabulibFault { line: self.line(at).count(), column, reason }
            })
            .collect()
    }
}

/// The line that a byte of a text stands on.
pub(super) struct LineOf<'a> {
    text: &'a str,
    at: usize,
}

impl LineOf<'_> {
    /// Its number, from 1.
    fn count(&self) -> usize {
        1 + self.text[..self.at].matches('\n').count()
    }
}

impl fmt::Display for LineOf<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.count())
    }
}
