//! JSON as far as actions are made of it, with the two repairs that leave no doubt.

use std::fmt::{self, Write};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// A document. Its own type, as `serde_json::Value` reads JSON out of a string where a certain key stands before it.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Json {
    Null,
    Text(String),
    Number(u64),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
    /// What no field of an action holds.
    Other,
}

/// The document at the beginning of a text, and where it ends. Nested at most 127 deep.
pub(super) fn document(text: &str) -> Result<(Json, usize), serde_json::Error> {
    strictly(text).or_else(|error| mended(text).ok_or(error))
}

impl Json {
    /// What an object holds under a name, or null. Of several under one name the last counts.
    pub(super) fn get(&self, name: &str) -> &Self {
        let Self::Object(fields) = self else {
            return &Self::Null;
        };
        fields.iter().rev().find(|(own, _)| own == name).map_or(&Self::Null, |(_, value)| value)
    }
}

fn strictly(text: &str) -> Result<(Json, usize), serde_json::Error> {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter();
    match documents.next() {
        Some(document) => Ok((document?, documents.byte_offset())),
        None => Err(serde_json::Error::custom("nothing stands there")),
    }
}

#[derive(Clone, Copy)]
enum Within {
    Structure,
    Text,
    Escape,
}

/// Reads a document without commas behind last elements, and with control characters in texts as if they were escaped.
fn mended(text: &str) -> Option<(Json, usize)> {
    let mut mended = String::new();
    let (mut depth, mut within) = (0_usize, Within::Structure);
    for (at, character) in text.char_indices() {
        match (within, character) {
            (Within::Structure, '"') | (Within::Escape, _) => within = Within::Text,
            (Within::Structure, '{' | '[') => depth += 1,
            (Within::Structure, '}' | ']') => {
                depth = depth.checked_sub(1)?;
                let before = mended.trim_end_matches([' ', '\n', '\r', '\t']);
                if let Some(kept) = before.strip_suffix(',').map(str::len) {
                    mended.truncate(kept);
                }
            }
            (Within::Text, '"') => within = Within::Structure,
            (Within::Text, '\\') => within = Within::Escape,
            (Within::Text, '\0'..='\u{1f}') => {
                // Writing to a string cannot fail.
                let _ = write!(mended, "\\u{:04x}", u32::from(character));
                continue;
            }
            _ => {}
        }
        mended.push(character);
        if depth == 0 {
            return Some((strictly(&mended).ok()?.0, at + character.len_utf8()));
        }
    }
    None
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = entries.next_entry()? {
            fields.push(field);
        }
        Ok(Json::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Json, &str)> {
        document(text).ok().map(|(json, end)| (json, &text[end..]))
    }

    #[test]
    fn only_what_leaves_no_doubt_is_repaired() {
        let list = |texts: &[&str]| Json::List(texts.iter().map(|text| Json::Text((*text).to_owned())).collect());
        let cases = [
            (r#"["a"] and so on"#, Some((list(&["a"]), " and so on"))),
            ("[\"a\", \n] b", Some((list(&["a"]), " b"))),
            ("[\"a\nb\0\",]", Some((list(&["a\nb\0"]), ""))),
            (r#"["a,]","}",]x"#, Some((list(&["a,]", "}"]), "x"))),
            (r#"["\"",]"#, Some((list(&["\""]), ""))),
            (r#"["a",,]"#, None),
            (r#"["a" "b"]"#, None),
            (r#"["a"}"#, None),
            (r#"["a""#, None),
            (r"['a']", None),
            (r#"["a"b"]"#, None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_stays_a_text_whatever_the_key_before_it_is() {
        for key in ["a", "$serde_json::private::RawValue", "$serde_json::private::Number"] {
            let text = format!(r#"{{"{key}":"[1]"}}"#);
            assert_eq!(document(&text).expect("it is JSON").0.get(key), &Json::Text("[1]".to_owned()));
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_not_read() {
        for (depth, reads) in [(127, true), (128, false), (100_000, false)] {
            assert_eq!(document(&("[".repeat(depth) + &"]".repeat(depth))).is_ok(), reads, "{depth}");
        }
    }
}
