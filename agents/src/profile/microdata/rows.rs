//! Rows of delimited text, read one by one (RFC 4180): quoted fields may hold separators, quotes and line breaks.

use std::io::{self, BufRead, Read};

/// The longest row, in bytes. A row of the survey takes a few thousand.
pub(super) const LONGEST_ROW: usize = 1 << 20;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The fields of one row. It is used again for every row, so that reading allocates nothing more.
#[derive(Default)]
pub(super) struct Row {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    state: State,
    /// The line it begins at, from 1.
    pub(super) line: u64,
    /// Whether text stands behind a closing quote.
    pub(super) misquoted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Start,
    Plain,
    Quoted,
    /// Behind a quote inside a quoted field, which either closes it or is the first of two.
    Behind,
}

/// Why there is no further row.
#[derive(Debug)]
pub(super) enum Stop {
    /// The file ends.
    End,
    /// It cannot be read.
    Io(io::Error),
    /// A line longer than any row.
    TooLong,
    /// A quote that is never closed.
    Unclosed,
}

/// The lines of a file.
pub(super) struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    again: bool,
    /// How many lines were read.
    pub(super) number: u64,
}

impl Row {
    /// How many fields.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field without the blanks around it; empty beyond the last.
    pub(super) fn field(&self, place: usize) -> &[u8] {
        let start = if place == 0 { 0 } else { self.ends.get(place - 1).copied().unwrap_or(self.bytes.len()) };
        let end = self.ends.get(place).copied().unwrap_or(self.bytes.len());
        self.bytes[start..end].trim_ascii()
    }

    /// The fields in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|place| self.field(place))
    }

    /// Whether it holds nothing: an empty line, or only separators.
    pub(super) fn is_blank(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }

    /// Reads a line as a row of its own, or as far as it goes.
    pub(super) fn split(&mut self, line: &[u8], separator: u8) {
        self.clear(0);
        if !self.push_line(line, separator) {
            self.ends.push(self.bytes.len());
        }
    }

    fn clear(&mut self, line: u64) {
        self.bytes.clear();
        self.ends.clear();
        (self.state, self.line, self.misquoted) = (State::Start, line, false);
    }

    /// Adds a line, its line break included; whether the row is complete.
    fn push_line(&mut self, line: &[u8], separator: u8) -> bool {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        for &byte in text {
            match self.state {
                State::Quoted if byte == b'"' => self.state = State::Behind,
                State::Quoted => self.bytes.push(byte),
                State::Start if byte == b'"' => self.state = State::Quoted,
                State::Behind if byte == b'"' => {
                    self.bytes.push(byte);
                    self.state = State::Quoted;
                }
                _ if byte == separator => {
                    self.ends.push(self.bytes.len());
                    self.state = State::Start;
                }
                State::Behind => self.misquoted |= !byte.is_ascii_whitespace(),
                State::Start | State::Plain => {
                    self.bytes.push(byte);
                    self.state = State::Plain;
                }
            }
        }
        if self.state == State::Quoted {
            self.bytes.extend_from_slice(&line[text.len()..]);
            return false;
        }
        self.ends.push(self.bytes.len());
        true
    }
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), again: false, number: 0 }
    }

    /// The next line, its line break included.
    pub(super) fn next_line(&mut self) -> Result<&[u8], Stop> {
        if !std::mem::take(&mut self.again) {
            self.buffer.clear();
            let mut limited = self.source.by_ref().take(LONGEST_ROW as u64 + 1);
            let read = limited.read_until(b'\n', &mut self.buffer).map_err(Stop::Io)?;
            if read == 0 {
                return Err(Stop::End);
            }
            self.number += 1;
            if read > LONGEST_ROW {
                return Err(Stop::TooLong);
            }
            if self.number == 1 && self.buffer.starts_with(BYTE_ORDER_MARK) {
                self.buffer.drain(..BYTE_ORDER_MARK.len());
            }
        }
        Ok(&self.buffer)
    }

    /// Has the last line read once more.
    pub(super) fn again(&mut self) {
        self.again = true;
    }

    /// Puts the next row in place of `row`.
    pub(super) fn next_row(&mut self, row: &mut Row, separator: u8) -> Result<(), Stop> {
        let mut begun = false;
        loop {
            let line = match self.next_line() {
                Ok(line) => line,
                Err(Stop::End | Stop::TooLong) if begun => return Err(Stop::Unclosed),
                Err(stop) => return Err(stop),
            };
            if !begun {
                row.clear(0);
            }
            let complete = row.push_line(line, separator);
            if !begun {
                row.line = self.number;
            }
            if complete {
                return Ok(());
            }
            begun = true;
            if row.bytes.len() > LONGEST_ROW {
                return Err(Stop::Unclosed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &[u8], separator: u8) -> (Vec<Vec<String>>, Stop) {
        let (mut lines, mut row, mut all) = (Lines::new(text), Row::default(), Vec::new());
        loop {
            match lines.next_row(&mut row, separator) {
                Ok(()) => all.push(row.fields().map(|field| String::from_utf8_lossy(field).into_owned()).collect()),
                Err(stop) => return (all, stop),
            }
        }
    }

    #[test]
    fn a_quoted_field_may_hold_separators_quotes_and_line_breaks() {
        let cases: [(&str, &[&[&str]]); 8] = [
            ("a;b\nc;d", &[&["a", "b"], &["c", "d"]]),
            ("a;b\r\nc;d\r\n", &[&["a", "b"], &["c", "d"]]),
            (" a ;\tb c \n", &[&["a", "b c"]]),
            ("\"a;b\";c", &[&["a;b", "c"]]),
            ("\"say \"\"yes\"\"\";\n", &[&["say \"yes\"", ""]]),
            ("\"one\r\ntwo\n\";4\n5;6", &[&["one\r\ntwo", "4"], &["5", "6"]]),
            ("5\" pipe;\"\";", &[&["5\" pipe", "", ""]]),
            ("a\n\nb\n", &[&["a"], &[""], &["b"]]),
        ];
        for (text, expected) in cases {
            let (found, stop) = rows(text.as_bytes(), b';');
            assert_eq!(found, expected, "{text:?}");
            assert!(matches!(stop, Stop::End), "{text:?}");
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_and_a_line_without_end_stop_the_reading() {
        assert!(matches!(rows(b"a;\"b\nc;d\n", b';').1, Stop::Unclosed));
        let long = vec![b'a'; LONGEST_ROW + 1];
        assert!(matches!(rows(&long, b';').1, Stop::TooLong));
        let mut open = b"\"".to_vec();
        open.extend(b"aaaaaaaaaaaaaaa\n".repeat(LONGEST_ROW / 15));
        assert!(matches!(rows(&open, b';').1, Stop::Unclosed));
    }

    proptest! {
        #[test]
        fn fields_come_back_as_they_were_written(
            written in prop::collection::vec(prop::collection::vec("(|[a;\"é,][a;\" \r\n\tą]{0,4}[a\";])", 1..4), 1..4)
        ) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(";");
            let text = written.iter().map(line).collect::<Vec<_>>().join("\r\n");
            prop_assert_eq!(rows(text.as_bytes(), b';').0, written);
        }
    }
}
