//! People's choices among replies, in the layout published with Community Alignment (arXiv 2507.09650): one row a
//! conversation, of which the first turn is read. Tables (.csv) and lines of JSON (.jsonl).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use pluriverse_worlds::culture::{Culture, Cultures};
use serde_json::Value;

use super::asset::AssetError;

/// Replies of a set.
pub const REPLIES: usize = 4;

/// Columns that must be there.
const COLUMNS: [&str; 8] = [
    "annotator_id",
    "annotator_country",
    "first_turn_prompt",
    "first_turn_response_a",
    "first_turn_response_b",
    "first_turn_response_c",
    "first_turn_response_d",
    "first_turn_preferred_response",
];

/// What marks the replies.
const LETTERS: [&str; REPLIES] = ["a", "b", "c", "d"];

/// One person's choice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    /// Where it stands in its file, from 1.
    pub line: u64,
    /// Who chose.
    pub person: Arc<str>,
    /// Of which country, as the file names it.
    pub country: Arc<str>,
    /// What was asked.
    pub prompt: Arc<str>,
    /// The replies, in the order of their letters.
    pub replies: [Arc<str>; REPLIES],
    /// Place of the one preferred.
    pub preferred: usize,
}

/// The comparisons of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Comparisons {
    /// Those that name a reply.
    pub rows: Vec<Comparison>,
    /// How many rows were left out, by what they lack.
    pub left_out: BTreeMap<&'static str, usize>,
}

impl Comparisons {
    /// Reads a file.
    ///
    /// # Errors
    /// What makes it unreadable: columns that are missing, all at once, or the first row that is no row.
    pub fn read(path: &Path) -> Result<Self, AssetError> {
        let shown = path.display();
        let text = std::fs::read(path).map_err(|error| AssetError::new(format!("cannot read {shown}: {error}")))?;
        let text = String::from_utf8(text).map_err(|error| {
            AssetError::new(format!("{shown}: byte {} is not UTF-8", error.utf8_error().valid_up_to()))
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let lines = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl"));
        let found = if lines { of_lines(text) } else { of_table(text) };
        let found =
            found.map_err(|problem| AssetError { message: format!("{shown}: {}", problem.message), ..problem })?;
        if found.rows.is_empty() {
            return Err(AssetError::new(format!("{shown}: no row names a preferred reply{}", found.told())));
        }
        Ok(found)
    }

    /// What was left out, in words; empty where nothing was.
    pub fn told(&self) -> String {
        if self.left_out.is_empty() {
            return String::new();
        }
        let each = self.left_out.iter().map(|(why, count)| format!("{count} {why}"));
        format!(" ({})", each.collect::<Vec<_>>().join(", "))
    }

    fn add(&mut self, line: u64, field: impl Fn(&str) -> String) {
        let reply = |letter: &str| field(&format!("first_turn_response_{letter}"));
        let replies = LETTERS.map(|letter| Arc::<str>::from(reply(letter).trim()));
        let (prompt, person) = (field("first_turn_prompt"), field("annotator_id"));
        let country = field("annotator_country");
        let named = field("first_turn_preferred_response").trim().to_lowercase();
        let named = named.strip_prefix("response_").unwrap_or(&named);
        let preferred = LETTERS.iter().position(|letter| *letter == named);
        let why = if prompt.trim().is_empty() {
            Some("without a prompt")
        } else if country.trim().is_empty() || person.trim().is_empty() {
            Some("without a person or country")
        } else if replies.iter().any(|reply| reply.is_empty()) {
            Some("without all four replies")
        } else if preferred.is_none() {
            Some("without a preferred reply of the four")
        } else {
            None
        };
        match (why, preferred) {
            (None, Some(preferred)) => self.rows.push(Comparison {
                line,
                person: Arc::from(person.trim()),
                country: Arc::from(country.trim()),
                prompt: Arc::from(prompt.trim()),
                replies,
                preferred,
            }),
            (why, _) => *self.left_out.entry(why.unwrap_or_default()).or_default() += 1,
        }
    }
}

/// The culture a country's name stands for: its code or its name, whatever the case.
pub fn culture_of(country: &str, cultures: &Cultures) -> Option<Culture> {
    let same = |text: &str| text.to_lowercase() == country.to_lowercase();
    let place = cultures.cultures.iter().position(|profile| same(&profile.code) || same(&profile.country));
    place.map(|place| Culture(place as u16))
}

fn of_table(text: &str) -> Result<Comparisons, AssetError> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let wrong = |error: csv::Error| AssetError::new(error.to_string());
    let headers = reader.headers().map_err(wrong)?.clone();
    lacking(&headers.iter().map(str::trim).collect())?;
    let place = |name: &str| headers.iter().position(|header| header.trim() == name);
    let mut found = Comparisons::default();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let line = record.position().map_or(0, csv::Position::line);
        found.add(line, |name| place(name).and_then(|place| record.get(place)).unwrap_or_default().to_owned());
    }
    Ok(found)
}

fn of_lines(text: &str) -> Result<Comparisons, AssetError> {
    let mut found = Comparisons::default();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| AssetError::new(format!("line {line}: no JSON object: {error}")))?;
        let object = value.as_object().ok_or_else(|| AssetError::new(format!("line {line}: no JSON object")))?;
        if found.rows.is_empty() && found.left_out.is_empty() {
            lacking(&object.keys().map(String::as_str).collect())?;
        }
        found.add(line, |name| match object.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        });
    }
    Ok(found)
}

fn lacking(known: &BTreeSet<&str>) -> Result<(), AssetError> {
    let lacking: Vec<&str> = COLUMNS.into_iter().filter(|column| !known.contains(column)).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    Err(AssetError {
        message: format!("there is no column {}", lacking.join(", ")),
        help: Some("comparisons are read in the layout published with Community Alignment".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "conversation_id,annotator_id,annotator_country,first_turn_prompt,first_turn_response_a,first_turn_response_b,first_turn_response_c,first_turn_response_d,first_turn_preferred_response\n";

    #[test]
    fn quotes_and_line_breaks_are_part_of_replies_and_rows_without_a_choice_are_counted() {
        let text = format!(
            "{HEAD}1,p,Brazil,\"Why, \"\"so\"\"?\",\"one\ntwo\",b,c,d,response_a\n2,p,Brazil,q,a,b,c,d,\n3,p,,q,a,b,c,d,B\n"
        );
        let found = of_table(&text).expect("a table");
        assert_eq!(found.rows.len(), 1);
        assert_eq!((&*found.rows[0].prompt, &*found.rows[0].replies[0]), ("Why, \"so\"?", "one\ntwo"));
        assert_eq!(found.rows[0].preferred, 0);
        assert_eq!(found.told(), " (1 without a person or country, 1 without a preferred reply of the four)");
    }

    #[test]
    fn every_column_that_is_missing_is_named() {
        let error = of_table("annotator_id,first_turn_prompt\np,q\n").expect_err("refused");
        for column in ["annotator_country", "first_turn_response_d", "first_turn_preferred_response"] {
            assert!(error.message.contains(column), "{error:?}");
        }
        assert!(of_lines("{\"annotator_id\": 1}").is_err() && of_lines("[]").is_err() && of_lines("x").is_err());
        let uneven = of_table(&format!("{HEAD}1,2\n")).expect_err("refused");
        assert!(uneven.message.contains("line: 2"), "{uneven:?}");
    }
}
