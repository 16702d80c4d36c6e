//! Reading a ballot out of a text.

use std::sync::Arc;

use pluriverse_engine::exchange::{CallFailure, CallResult, Finish};
use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::budgeting::vote::form::{BallotFault, BallotForm};
use pluriverse_worlds::budgeting::vote::state::Spoilt;
use pluriverse_worlds::budgeting::{Ballot, BallotKind, Instance};
use serde::Deserialize;

use crate::form::AnswerFormat;
use crate::parse::{ParseRule, boxes, spoken};

/// A ballot read from a reply, or why there is none.
pub type BallotReading = Result<Ballot, Spoilt>;

/// Reads what a call brought.
pub fn read_ballot(
    result: &CallResult,
    instance: &Instance,
    form: BallotForm,
    rule: ParseRule,
    format: AnswerFormat,
) -> BallotReading {
    let without = |outcome, reason: Arc<str>| Err(Spoilt { outcome, fault: None, reason });
    let completion = match result {
        Ok(completion) => completion,
        // A failure that calls itself an answer is still a failure.
        Err(CallFailure { outcome: Outcome::Answered | Outcome::NotAsked, reason }) => {
            return without(Outcome::Failed, reason.clone());
        }
        Err(failure) => return without(failure.outcome, failure.reason.clone()),
    };
    if let Some(refusal) = &completion.refusal {
        return without(Outcome::Refused, Arc::from(format!("the model declined: {refusal:?}")));
    }
    match completion.finish {
        Finish::ContentFilter => without(Outcome::Refused, Arc::from("the server withheld the reply, or part of it")),
        // A list that was cut off looks like a shorter one.
        Finish::Length if rule != ParseRule::Paper => {
            without(Outcome::Unparsable, Arc::from("the reply was cut off at the limit of tokens"))
        }
        _ => in_text(spoken(&completion.text), instance, form, rule, format),
    }
}

/// Reads a ballot out of what was said.
pub fn in_text(
    said: &str,
    instance: &Instance,
    form: BallotForm,
    rule: ParseRule,
    format: AnswerFormat,
) -> BallotReading {
    let read = match rule {
        ParseRule::Paper => as_the_paper_does(said, instance, form),
        ParseRule::Lenient => strictly(said, instance, form, format),
    };
    read.map_err(|fault| {
        let reason = Arc::from(format!("{fault} (rule {}); the reply ends: {:?}", rule.name(), end_of(said)));
        Spoilt { outcome: fault.outcome(), fault: Some(fault), reason }
    })
}

/// The last of what was said.
fn end_of(said: &str) -> &str {
    const SHOWN: usize = 80;
    let start = said.char_indices().rev().nth(SHOWN - 1).map_or(0, |(index, _)| index);
    &said[start..]
}

/// The published parser, step by step as its script applies it (arXiv 2606.05985, section 7): the whole numbers in the
/// first `\boxed{…}`, or in the whole text without one; those that are no project and those that were named before are
/// dropped without a word, and so is whatever follows the last that is wanted.
fn as_the_paper_does(said: &str, instance: &Instance, form: BallotForm) -> Result<Ballot, BallotFault> {
    let (wanted, most) = form.bounds(instance.len());
    let boxed = said.find("\\boxed{").and_then(|start| {
        let inside = &said[start + "\\boxed{".len()..];
        let end = inside.find('}')?;
        // An empty box is no box to the published expression.
        (end > 0).then(|| &inside[..end])
    });
    let mut projects = Vec::new();
    let numbers = boxed.unwrap_or(said).split(|character: char| !character.is_ascii_digit());
    for number in numbers.filter(|number| !number.is_empty()) {
        let plain = number.trim_start_matches('0');
        if let Some(project) = instance.find(plain).filter(|project| !projects.contains(project)) {
            projects.push(project);
        }
    }
    projects.truncate(most);
    if projects.len() < wanted {
        return Err(BallotFault::TooFew { named: projects.len(), wanted });
    }
    Ok(Ballot { projects, points: Vec::new() })
}

/// The rule of this program: ids as they stand on the ballot paper, each once, as many as the form asks for, and nothing
/// beside them.
fn strictly(said: &str, instance: &Instance, form: BallotForm, format: AnswerFormat) -> Result<Ballot, BallotFault> {
    let with_points = matches!(form.kind(), BallotKind::Cumulative | BallotKind::Scoring);
    let entries = match format {
        AnswerFormat::Schema => in_schema(said).map_or_else(|| in_words(said, with_points), Ok)?,
        _ => in_words(said, with_points)?,
    };
    let mut ballot = Ballot { projects: Vec::new(), points: Vec::new() };
    for (id, points) in entries {
        let project = instance.find(&id).ok_or_else(|| BallotFault::UnknownProject(Arc::from(id)))?;
        ballot.projects.push(project);
        if with_points {
            ballot.points.push(points.ok_or(BallotFault::Unparsable)?);
        }
    }
    form.check(&ballot, instance.len(), |project| instance.projects()[project].id.clone())?;
    Ok(ballot)
}

/// Ids, and points where they stand with them.
type Entries = Vec<(String, Option<i64>)>;

/// Entries of the only box of a text, or of the text where it has none.
fn in_words(said: &str, with_points: bool) -> Result<Entries, BallotFault> {
    let boxes = boxes(said);
    let mut lists = boxes.iter().map(|inside| entries(inside, with_points)).collect::<Vec<_>>();
    if lists.is_empty() {
        lists.push(entries(said, with_points));
    }
    lists.dedup();
    match lists.pop() {
        // Two boxes that say different things are two ballots.
        Some(Some(list)) if lists.is_empty() => Ok(list),
        _ => Err(BallotFault::Unparsable),
    }
}

/// A list of ids parted by commas, semicolons or line breaks: words about them make it no list.
fn entries(text: &str, with_points: bool) -> Option<Entries> {
    let text = text.trim().trim_matches(['[', ']', '(', ')', '{', '}']).trim_end_matches('.');
    let parts = text.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let mut entries = Vec::new();
    for part in parts {
        let (id, points) = match part.split_once([':', '=']) {
            Some((id, points)) if with_points => (id, Some(points.trim().parse().ok()?)),
            Some(_) => return None,
            None => (part, None),
        };
        entries.push((plain_id(id)?, points));
    }
    Some(entries)
}

/// An id without what is usual to write around it: `#4`, `Project 4`, `**4**`, `"4"`.
fn plain_id(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['*', '"', '\'', '`', '$', ' ']);
    let lower = text.to_lowercase();
    let text = if lower.starts_with("project ") { &text["project ".len()..] } else { text };
    let id = text.trim().trim_start_matches('#').trim();
    // Prose around ids is no list of ids.
    (!id.is_empty() && !id.contains(char::is_whitespace)).then(|| id.to_owned())
}

/// What the schema asks for.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum InSchema {
    Projects { projects: Vec<Id> },
    Points { points: serde_json::Map<String, serde_json::Value> },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(u64),
}

fn in_schema(said: &str) -> Option<Entries> {
    Some(match serde_json::from_str(said).ok()? {
        InSchema::Projects { projects } => projects
            .into_iter()
            .map(|id| match id {
                Id::Text(id) => (id, None),
                Id::Number(id) => (id.to_string(), None),
            })
            .collect(),
        InSchema::Points { points } => {
            points.into_iter().map(|(id, points)| Some((id, Some(points.as_i64()?)))).collect::<Option<_>>()?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_worlds::budgeting::Project;
    use pluriverse_worlds::budgeting::exact::whole;
    use pluriverse_worlds::budgeting::vote::form::Named;
    use proptest::prelude::*;

    fn instance() -> Instance {
        let project = |id: usize| Project {
            id: Arc::from(id.to_string()),
            name: Arc::from(""),
            category: Arc::from(""),
            dimension: Arc::from(""),
            description: Arc::from(""),
            cost: whole(1),
        };
        Instance::new((1..=13).map(project).collect(), whole(4)).expect("an instance")
    }

    const FOUR: BallotForm = BallotForm::Approval(Named::Exactly(4));

    fn read(said: &str, form: BallotForm, rule: ParseRule) -> Result<(Vec<usize>, Vec<i64>), &'static str> {
        match in_text(said, &instance(), form, rule, AnswerFormat::Boxed) {
            Ok(ballot) => Ok((ballot.projects.iter().map(|project| project + 1).collect(), ballot.points)),
            Err(spoilt) => Err(spoilt.fault.expect("a text was read").name()),
        }
    }

    #[test]
    fn every_way_in_which_a_ballot_is_spoilt_has_its_name() {
        for (said, expected) in [
            (r"\boxed{1, 4, 7, 9}", Ok(vec![1, 4, 7, 9])),
            (r"I choose \boxed{#1; #4; #7; #9}.", Ok(vec![1, 4, 7, 9])),
            ("1, 4, 7, 9", Ok(vec![1, 4, 7, 9])),
            ("Project 1, project 4, **7**, 9.", Ok(vec![1, 4, 7, 9])),
            (r"\boxed{1, 4, 7}", Err("too_few")),
            (r"\boxed{1, 4, 7, 9, 10}", Err("too_many")),
            (r"\boxed{1, 4, 7, 14}", Err("unknown_project")),
            (r"\boxed{1, 4, 7, 7}", Err("repeated")),
            (r"\boxed{1, 4, 7, 9} or \boxed{2, 4, 7, 9}", Err("unparsable")),
            (r"\boxed{1, 4, 7, 9} and again \boxed{1, 4, 7, 9}", Ok(vec![1, 4, 7, 9])),
            ("I like 1 and 4 best, then 7 and 9", Err("unparsable")),
            ("4 because it helps", Err("unparsable")),
            ("", Err("too_few")),
        ] {
            assert_eq!(read(said, FOUR, ParseRule::Lenient).map(|(projects, _)| projects), expected, "{said}");
        }
    }

    #[test]
    fn rule_paper_drops_in_silence_what_the_published_parser_drops() {
        for (said, expected) in [
            (r"\boxed{1, 4, 7, 9}", Ok(vec![1, 4, 7, 9])),
            (r"\boxed{1, 4, 7, 9, 10}", Ok(vec![1, 4, 7, 9])),
            (r"\boxed{1, 4, 4, 14, 7, 9}", Ok(vec![1, 4, 7, 9])),
            (r"\boxed{1, 4, 7, 9} or \boxed{2, 3, 5, 6}", Ok(vec![1, 4, 7, 9])),
            ("I like 1 and 4 best, then 7 and 9 of 13", Ok(vec![1, 4, 7, 9])),
            (r"\boxed{P01, P04, P07, P09}", Ok(vec![1, 4, 7, 9])),
            (r"\boxed{1, 4, 7}", Err("too_few")),
            ("no", Err("too_few")),
        ] {
            assert_eq!(read(said, FOUR, ParseRule::Paper).map(|(projects, _)| projects), expected, "{said}");
        }
    }

    #[test]
    fn rankings_keep_their_order_and_points_stand_with_their_projects() {
        let ranking = BallotForm::Ranking(Named::AtMost(3));
        assert_eq!(read("9, 1", ranking, ParseRule::Lenient), Ok((vec![9, 1], vec![])));
        let ten = BallotForm::Cumulative { points: 10 };
        assert_eq!(read(r"\boxed{9: 6, 1: 4}", ten, ParseRule::Lenient), Ok((vec![9, 1], vec![6, 4])));
        assert_eq!(read(r"\boxed{9: 6, 1: 5}", ten, ParseRule::Lenient), Err("wrong_sum"));
        assert_eq!(read(r"\boxed{9, 1}", ten, ParseRule::Lenient), Err("unparsable"));
        let schema = |said| in_text(said, &instance(), ten, ParseRule::Lenient, AnswerFormat::Schema).ok();
        let expected = Ballot { projects: vec![8, 0], points: vec![6, 4] };
        assert_eq!(schema(r#"{"points": {"9": 6, "1": 4}}"#), Some(expected));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_rule_panic(text in r"(\\?boxed|[{}#:,; \n0-9a-zé٣])*") {
            for rule in [ParseRule::Paper, ParseRule::Lenient] {
                let _ = read(&text, FOUR, rule);
            }
        }
    }
}
