//! Pabulib texts as rows of fields: semicolons between fields, quotes as in CSV.

use std::borrow::Cow;
use std::ops::Range;

/// One field of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Field<'a> {
    /// What it holds, without the quotes and without the blanks around it; empty where it is missing.
    pub(super) text: Cow<'a, str>,
    /// The byte of the text at which it begins, blanks left out; behind the quote where there is one.
    pub(super) at: usize,
    /// Whether it stands in quotes.
    pub(super) quoted: bool,
}

/// Rows of a part of a text, one after the other.
pub(super) struct Rows<'a> {
    text: &'a str,
    next: usize,
    /// Misplaced quotes, with the bytes they stand at.
    pub(super) misquoted: Vec<(usize, &'static str)>,
}

impl<'a> Rows<'a> {
    /// The rows that begin in this range of a text.
    pub(super) fn new(text: &'a str, range: Range<usize>) -> Self {
        Self { text: &text[..range.end], next: range.start, misquoted: Vec::new() }
    }

    /// The byte at which the next row begins.
    pub(super) fn position(&self) -> usize {
        self.next.min(self.text.len())
    }

    /// Puts the fields of the next row in place of those in `row`; false where there is no further row.
    pub(super) fn next_row(&mut self, row: &mut Vec<Field<'a>>) -> bool {
        row.clear();
        if self.next >= self.text.len() {
            return false;
        }
        loop {
            row.push(self.field());
            let end = self.text.as_bytes().get(self.next);
            self.next += 1;
            if end != Some(&b';') {
                return true;
            }
        }
    }

    /// The field that begins at `next`, which is left at the sign that ends it.
    fn field(&mut self) -> Field<'a> {
        let start = self.skip_blanks(self.next);
        if self.text.as_bytes().get(start) == Some(&b'"') {
            return self.quoted_field(start);
        }
        let end = self.end_of_plain(start);
        self.next = end;
        let raw = &self.text[start..end];
        let text = raw.trim_start();
        let at = start + raw.len() - text.len();
        let text = text.trim_end();
        Field { text: Cow::Borrowed(if text == "None" { "" } else { text }), at, quoted: false }
    }

    /// The field whose opening quote is at `opening`.
    fn quoted_field(&mut self, opening: usize) -> Field<'a> {
        let bytes = self.text.as_bytes();
        let (start, mut from, mut doubled) = (opening + 1, opening + 1, false);
        let closing = loop {
            let Some(distance) = bytes[from..].iter().position(|&byte| byte == b'"') else {
                // What follows is read as if there were no quote, so that other mistakes in it are found.
                self.misquoted.push((opening, "this quote is never closed: close it with `\"`, or leave it out"));
                self.next = self.end_of_plain(start);
                return Field { text: Cow::Borrowed(self.text[start..self.next].trim()), at: start, quoted: true };
            };
            let quote = from + distance;
            if bytes.get(quote + 1) != Some(&b'"') {
                break quote;
            }
            doubled = true;
            from = quote + 2;
        };
        let behind = self.skip_blanks(closing + 1);
        self.next = self.end_of_plain(behind);
        if !self.text[behind..self.next].trim().is_empty() {
            let reason =
                "text behind a closing quote: write a quote inside a quoted field as `\"\"`, and `;` behind it";
            self.misquoted.push((behind, reason));
        }
        let raw = &self.text[start..closing];
        let text = if doubled { Cow::Owned(raw.replace("\"\"", "\"")) } else { Cow::Borrowed(raw) };
        Field { text, at: start, quoted: true }
    }

    fn skip_blanks(&self, from: usize) -> usize {
        let blanks = self.text.as_bytes()[from..].iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
        from + blanks
    }

    /// Where a field without quotes ends.
    fn end_of_plain(&self, from: usize) -> usize {
        let bytes = &self.text.as_bytes()[from..];
        from + bytes.iter().position(|&byte| byte == b';' || byte == b'\n').unwrap_or(bytes.len())
    }
}

/// Whether a row holds nothing: an empty line, or only semicolons.
pub(super) fn is_blank(row: &[Field<'_>]) -> bool {
    row.iter().all(|field| field.text.is_empty())
}

/// Appends a field, in quotes where it would not be read back without them.
pub(super) fn push_field(into: &mut String, text: &str) {
    let signs = text.bytes().any(|byte| matches!(byte, b';' | b'"' | b'\n' | b'\r'));
    if signs || text == "None" || text.trim().len() != text.len() {
        push_quoted(into, text);
    } else {
        into.push_str(text);
    }
}

/// Appends a field in quotes.
pub(super) fn push_quoted(into: &mut String, text: &str) {
    into.push('"');
    for (number, part) in text.split('"').enumerate() {
        if number > 0 {
            into.push_str("\"\"");
        }
        into.push_str(part);
    }
    into.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str) -> (Vec<Vec<String>>, Vec<(usize, &'static str)>) {
        let mut rows = Rows::new(text, 0..text.len());
        let (mut row, mut all) = (Vec::new(), Vec::new());
        while rows.next_row(&mut row) {
            all.push(row.iter().map(|field| field.text.clone().into_owned()).collect());
        }
        (all, rows.misquoted)
    }

    #[test]
    fn a_quoted_field_may_hold_semicolons_quotes_and_line_breaks() {
        let cases: [(&str, &[&[&str]]); 9] = [
            ("a;b\nc;d", &[&["a", "b"], &["c", "d"]]),
            ("a;b\r\nc;d\r\n", &[&["a", "b"], &["c", "d"]]),
            (" a ;\tb c \n", &[&["a", "b c"]]),
            ("a; \"b; c\" ;d", &[&["a", "b; c", "d"]]),
            ("\"say \"\"yes\"\"\"\n", &[&["say \"yes\""]]),
            ("\"one\ntwo\r\nthree\";4", &[&["one\ntwo\r\nthree", "4"]]),
            ("5\" pipe;\"\";", &[&["5\" pipe", "", ""]]),
            ("None;\"None\";none", &[&["", "None", "none"]]),
            ("a\n\nb\n", &[&["a"], &[""], &["b"]]),
        ];
        for (text, expected) in cases {
            let (found, misquoted) = rows(text);
            assert_eq!(found, expected, "{text:?}");
            assert!(misquoted.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn rows_behind_a_misplaced_quote_are_read_all_the_same() {
        let cases: [(&str, usize, &[&[&str]]); 2] =
            [("a;\"b;c\nd;e", 2, &[&["a", "b", "c"], &["d", "e"]]), ("\"a\" b;c\nd;e", 4, &[&["a", "c"], &["d", "e"]])];
        for (text, at, expected) in cases {
            let (found, misquoted) = rows(text);
            assert_eq!(found, expected, "{text:?}");
            assert_eq!(misquoted.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [at], "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn fields_come_back_as_they_were_written(
            written in prop::collection::vec(prop::collection::vec("[a;\", \r\n\tąé\u{a0}]{0,6}|None", 1..4), 1..4)
        ) {
            let mut text = String::new();
            for row in &written {
                for (number, field) in row.iter().enumerate() {
                    if number > 0 {
                        text.push(';');
                    }
                    push_field(&mut text, field);
                }
                text.push('\n');
            }
            let (found, misquoted) = rows(&text);
            prop_assert_eq!(found, written);
            prop_assert!(misquoted.is_empty());
        }
    }
}
