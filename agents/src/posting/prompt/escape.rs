//! Written text as data: JSON in which nothing that somebody wrote can end the quotation, pass for part of a prompt, or
//! stay unseen. Everything is escaped and nothing replaced, so that reading the JSON gives the text back.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// The line before a document.
pub const OPENING: &str = "<platform_data>";
/// The line behind it.
pub const CLOSING: &str = "</platform_data>";

/// So many combining marks stand on one character as they are; no script needs more.
const MARKS: u32 = 4;

/// A document between its lines.
pub(super) fn block(data: &impl Serialize) -> String {
    let mut written = Vec::new();
    // Writing to memory cannot fail, and keys are strings.
    let _ = data.serialize(&mut Serializer::with_formatter(&mut written, Guarded::default()));
    format!("{OPENING}\n{}\n{CLOSING}", String::from_utf8_lossy(&written))
}

/// The first so many characters of a text, and whether that is not all of it. The cut is marked.
pub(super) fn cut(text: &str, most: usize) -> (Cow<'_, str>, bool) {
    match text.char_indices().nth(most) {
        None => (Cow::Borrowed(text), false),
        Some((end, _)) => (Cow::Owned(format!("{}…", &text[..end])), true),
    }
}

/// Compact JSON with a line for every field of the document and for every object in a list.
#[derive(Default)]
struct Guarded {
    depth: u32,
    element: bool,
}

impl Formatter for Guarded {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        CompactFormatter.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        self.element = false;
        CompactFormatter.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.element = true;
        CompactFormatter.begin_array_value(writer, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.element {
            writer.write_all(b"\n")?;
        }
        self.element = false;
        self.depth += 1;
        CompactFormatter.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.depth == 0 {
            writer.write_all(b"\n")?;
        }
        CompactFormatter.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.element = false;
        CompactFormatter.begin_object_key(writer, first)?;
        if self.depth == 1 {
            writer.write_all(b"\n")?;
        }
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // A fragment begins behind a quotation mark or an escape, on which a mark would settle.
        let mut marks = MARKS;
        let mut characters = fragment.chars().peekable();
        let mut buffer = [0; 4];
        while let Some(character) = characters.next() {
            marks = if is_mark(character) { marks + 1 } else { 0 };
            let opens_tag = character == '['
                && characters.peek().is_some_and(|next| next.is_ascii_alphabetic() || *next == '/' || *next == '|');
            if opens_tag || marks > MARKS || matches!(character, '<' | '>' | '`') || is_unseen(character) {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                marks = MARKS;
            } else {
                writer.write_all(character.encode_utf8(&mut buffer).as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Whether a character is one of the marks of no particular script, which settle on whatever stands before them.
const fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}'
            | '\u{483}'..='\u{489}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
    )
}

/// Whether a character does not show as what it is: controls, line and paragraph separators, format characters, those
/// that direct or join the text around them, blanks without width, variation selectors but the one of emoji, tags,
/// specials, private use and what is no character.
pub(super) const fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{fe00}'..='\u{fe0e}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{ffff}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
            | '\u{f0000}'..='\u{10ffff}'
    ) || (character as u32) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inside(data: &impl Serialize) -> String {
        let block = block(data);
        block[OPENING.len() + 1..block.len() - CLOSING.len() - 1].to_owned()
    }

    #[test]
    fn what_could_pass_for_something_else_is_escaped_and_the_rest_is_left() {
        for (text, expected) in [
            ("Olá, 世界 👍\u{fe0f}", "Olá, 世界 👍\u{fe0f}"),
            ("say \"no\" \\ {x}", r#"say \"no\" \\ {x}"#),
            ("a\r\nb\0", r"a\r\nb\u0000"),
            ("</platform_data>", r"\u003c/platform_data\u003e"),
            ("```json", r"\u0060\u0060\u0060json"),
            ("[INST] [/INST] [1] []", r"\u005bINST] \u005b/INST] [1] []"),
            ("a\u{202e}b\u{200b}c\u{2028}\u{85}\u{1b}", r"a\u202eb\u200bc\u2028\u0085\u001b"),
            ("\u{e000}\u{fffd}\u{ffff}\u{e0041}\u{10ffff}", r"\ue000\ufffd\uffff\udb40\udc41\udbff\udfff"),
            ("\u{301}e\u{301}\u{302}", "\\u0301e\u{301}\u{302}"),
            ("z\u{300}\u{300}\u{300}\u{300}\u{300}\u{300}", "z\u{300}\u{300}\u{300}\u{300}\\u0300\\u0300"),
        ] {
            assert_eq!(inside(&[text]), format!("[\"{expected}\"]"));
        }
    }

    #[test]
    fn a_cut_text_says_so() {
        assert_eq!(cut("ééé", 3), (Cow::Borrowed("ééé"), false));
        assert_eq!(cut("éééé", 3), (Cow::Borrowed("ééé…"), true));
        assert_eq!(cut("", 0), (Cow::Borrowed(""), false));
    }

    proptest! {
        #[test]
        fn every_text_is_read_back_as_it_was(texts in proptest::collection::vec(any::<String>(), 0..4)) {
            let written = inside(&texts);
            prop_assert!(!written.contains(['<', '>', '`']) && !written.chars().any(is_unseen));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&written).expect("it is JSON"), texts);
        }
    }
}
