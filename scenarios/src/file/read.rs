//! Reading a scenario's text. Serde stops at the first mistake; here what is wrong is written down, taken out, and
//! the rest is read on, until every mistake is known.

use ron::error::{Error as RonError, SpannedError};
use ron::extensions::Extensions;

use super::diagnose::{Mistake, Place, nearest, suggestion};
use super::outline::{Child, outline};
use super::schema::Scenario;

/// Mistakes after which reading gives up.
const LIMIT: usize = 40;

/// What was read.
pub struct Reading {
    /// The scenario without its mistaken parts, where enough of it is left.
    pub scenario: Option<Scenario>,
    /// What is wrong with the text.
    pub mistakes: Vec<Mistake>,
    /// The text without what could not be read, every other byte where it was.
    pub readable: String,
    /// The top-level fields something was taken out of.
    pub mistaken: Vec<String>,
}

/// The dialect of all RON files: optional values and single-field variants are written plainly.
pub fn dialect() -> ron::Options {
    ron::Options::default().with_default_extension(
        Extensions::IMPLICIT_SOME | Extensions::UNWRAP_NEWTYPES | Extensions::UNWRAP_VARIANT_NEWTYPES,
    )
}

/// Reads a scenario.
pub fn read(text: &str) -> Reading {
    let mut working = text.to_owned();
    let mut mistakes = Vec::new();
    let mut removed: Vec<String> = Vec::new();
    let mut mistaken: Vec<String> = Vec::new();
    while mistakes.len() < LIMIT {
        match dialect().from_str::<Scenario>(&working) {
            Ok(scenario) => {
                return Reading { scenario: Some(scenario), mistakes, readable: working, mistaken };
            }
            Err(error) => {
                let start = offset(&working, error.span.start.line, error.span.start.col);
                let end = offset(&working, error.span.end.line, error.span.end.col).max(start + 1);
                if !already_told(&error, &removed) {
                    mistakes.push(mistake(&error, &working, start..end.min(working.len())));
                }
                let meant = meant(&error);
                mistaken.extend(meant.clone().into_iter().chain(top_field(&working, start)));
                removed.extend(meant);
                match take_out(&working, start, &error) {
                    Some((without, name)) => {
                        working = without;
                        removed.extend(name);
                    }
                    None => break,
                }
            }
        }
    }
    Reading { scenario: None, mistakes, readable: working, mistaken }
}

/// The top-level field a byte lies in.
fn top_field(text: &str, byte: usize) -> Option<String> {
    let root = outline(text)?;
    let name = root.around(byte).first()?.name.clone()?;
    Some(text[name].to_owned())
}

/// A field that is missing only because its mistaken value was taken out is no mistake of its own.
fn already_told(error: &SpannedError, removed: &[String]) -> bool {
    matches!(&error.code, RonError::MissingStructField { field, .. } if removed.iter().any(|name| name == field))
}

/// The field a misspelt one stands for: when the misspelling is taken out, it will be missing.
fn meant(error: &SpannedError) -> Option<String> {
    match &error.code {
        RonError::NoSuchStructField { expected, found, .. } => nearest(found, expected).map(str::to_owned),
        _ => None,
    }
}

fn mistake(error: &SpannedError, text: &str, bytes: std::ops::Range<usize>) -> Mistake {
    let field = outline(text).and_then(|root| {
        let around = root.around(bytes.start);
        around.iter().rev().find_map(|child| child.name.clone()).map(|name| text[name].to_owned())
    });
    let (message, help) = match &error.code {
        RonError::NoSuchStructField { expected, found, .. } => {
            (format!("unknown field `{found}`"), Some(suggestion(found, expected.iter().copied())))
        }
        RonError::NoSuchEnumVariant { expected, found, .. } => (
            match &field {
                Some(field) => format!("`{found}` is no choice for `{field}`"),
                None => format!("`{found}` is no choice here"),
            },
            Some(suggestion(found, expected.iter().copied())),
        ),
        RonError::MissingStructField { field, .. } => {
            (format!("field `{field}` is missing"), Some(format!("write `{field}: …`")))
        }
        RonError::DuplicateStructField { field, .. } => (format!("field `{field}` is given twice"), None),
        other => (
            match &field {
                Some(field) => format!("{other} (at `{field}`)"),
                None => other.to_string(),
            },
            None,
        ),
    };
    Mistake { place: Place::Bytes(bytes), message, help, unless_mistaken: None }
}

/// The text without the smallest part that holds the mistake, blanked so that positions stay; and the part's name.
fn take_out(text: &str, byte: usize, error: &SpannedError) -> Option<(String, Option<String>)> {
    let root = outline(text)?;
    let around = root.around(byte);
    let part = match &error.code {
        // The whole struct lacks something: it goes, if it is one of several.
        RonError::MissingStructField { .. } => enclosing_struct(&around, text)?,
        _ => around.last().copied()?,
    };
    let mut end = part.span.end;
    let tail = &text[end..];
    let comma = tail.len() - tail.trim_start().len();
    if tail[comma..].starts_with(',') {
        end += comma + 1;
    }
    let blank: String = text[part.span.start..end]
        .chars()
        .map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) })
        .collect();
    let name = part.name.clone().map(|name| text[name].to_owned());
    Some((format!("{}{blank}{}", &text[..part.span.start], &text[end..]), name))
}

fn enclosing_struct<'n>(around: &[&'n Child], text: &str) -> Option<&'n Child> {
    // The span of a missing field lies at the closing bracket of the struct that lacks it.
    around.iter().rev().find(|child| text[child.value.span.clone()].ends_with(')')).copied()
}

/// Byte offset of a line and column, both from 1, columns in characters.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    text[start..].char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(index, _)| start + index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_of_a_text_is_found_at_once() {
        let text = r#"Scenario(
    name: "x",
    sead: 3,
    parse: Strict,
    backbones: { "a": Surogate(preset: "p"), "b": Surrogate(preset: 3) },
    population: [(culture: "BRA", backbon: "a"), (culture: "CHN", backbone: "a")],
    timeline: [Survey, Exposure(round: 2)],
    observe: [Alignment, Happiness],
)"#;
        let reading = read(text);
        let found: Vec<&str> = reading.mistakes.iter().map(|m| m.message.as_str()).collect();
        assert_eq!(found.len(), 7, "{found:?}");
        for part in ["`sead`", "`Strict`", "`Surogate`", "preset", "`backbon`", "`round`", "`Happiness`"] {
            assert!(found.iter().any(|message| message.contains(part)), "{part} in {found:?}");
        }
    }

    #[test]
    fn broken_brackets_are_one_mistake_with_a_place() {
        let reading = read("Scenario(\n  name: \"x\",\n  timeline: [Survey\n)");
        assert_eq!(reading.mistakes.len(), 1);
        assert!(reading.scenario.is_none());
    }
}
