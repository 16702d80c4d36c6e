//! Where in a reply the list of actions stands: not in what was thought aloud, not in data that was echoed, not within
//! another document, and not in a quotation.

use std::sync::Arc;

use super::Unread;
use super::json::{Json, document};
use crate::posting::prompt::{CLOSING, OPENING};

const THINKS: &str = "<think>";
const THOUGHT: &str = "</think>";

/// The last list of actions in a reply.
///
/// A document that is broken makes the whole reply unread, and so does a brace that closes nothing: what stands in it
/// may be a quotation that lost its quotation marks. Time grows with the length of the reply and no faster.
pub(super) fn last_list(reply: &str) -> Result<Vec<Json>, Unread> {
    let mut scan = Scan::new(reply.trim());
    while let Some(next) = scan.rest().find(['{', '}', '[', '<']) {
        scan.pass(next);
        scan = scan.step()?;
    }
    match (scan.found, scan.documents) {
        (Some(list), _) => Ok(list),
        (None, Documents::None) => Err(Unread::NotJson),
        (None, Documents::Some) => Err(Unread::NoActions),
    }
}

#[derive(Clone, Copy)]
enum Documents {
    None,
    Some,
}

/// Whether what is read may turn out to have been thought: some prompts open the thinking themselves.
#[derive(Clone, Copy)]
enum Voice {
    MayBeThought,
    Spoken,
}

struct Scan<'a> {
    said: &'a str,
    at: usize,
    /// Where the last block of data that is repeated ends, where one does.
    echoed: Option<usize>,
    line: Line,
    voice: Voice,
    documents: Documents,
    found: Option<Vec<Json>>,
}

/// Whether a line is quoted as Markdown does it.
#[derive(Clone, Copy, PartialEq)]
enum Line {
    Own,
    Quoted,
}

impl Line {
    fn beginning(text: &str) -> Self {
        if text.trim_start_matches([' ', '\t']).starts_with('>') { Self::Quoted } else { Self::Own }
    }
}

impl<'a> Scan<'a> {
    fn new(said: &'a str) -> Self {
        let voice = if said.starts_with(['{', '[', '`', '<']) { Voice::Spoken } else { Voice::MayBeThought };
        let echoed = said.rfind(CLOSING).map(|start| start + CLOSING.len());
        Self { said, at: 0, echoed, line: Line::beginning(said), voice, documents: Documents::None, found: None }
    }

    fn rest(&self) -> &'a str {
        &self.said[self.at..]
    }

    fn pass(&mut self, bytes: usize) {
        let (passed, rest) = self.rest().split_at(bytes);
        if let Some(end) = passed.rfind('\n') {
            self.line = Line::beginning(&self.said[self.at + end + 1..]);
        }
        self.at = self.said.len() - rest.len();
    }

    fn pass_everything(&mut self) {
        self.at = self.said.len();
    }

    fn step(mut self) -> Result<Self, Unread> {
        let rest = self.rest();
        if rest.starts_with('{') || (rest.starts_with('[') && opens_objects(rest)) {
            return self.read();
        }
        if rest.starts_with('}') {
            return self.broken(Unread::Broken(Arc::from("a brace closes what was not opened")));
        }
        if rest.starts_with(OPENING) {
            match self.echoed.and_then(|end| end.checked_sub(self.at + OPENING.len())) {
                Some(behind) => self.pass(OPENING.len() + behind),
                None if self.stands_alone(OPENING) => self.pass_everything(),
                None => self.pass(OPENING.len()),
            }
        } else if rest.starts_with(THINKS) {
            match rest.find(THOUGHT) {
                Some(end) => self.pass(end + THOUGHT.len()),
                None => self.pass_everything(),
            }
        } else if let Some(mark) = [THOUGHT, CLOSING].into_iter().find(|mark| rest.starts_with(mark)) {
            // What stands before was thought, or echoed.
            self.found = None;
            self.voice = Voice::Spoken;
            self.pass(mark.len());
        } else {
            self.pass(rest.len() - past_brackets(rest).len());
        }
        Ok(self)
    }

    fn read(mut self) -> Result<Self, Unread> {
        let (json, length) = match document(self.rest()) {
            Ok(read) => read,
            Err(error) if error.is_eof() => return self.broken(Unread::CutOff),
            Err(error) => return self.broken(Unread::Broken(Arc::from(error.to_string()))),
        };
        self.documents = Documents::Some;
        if !self.is_quoted() {
            let list = match json {
                Json::List(list) if list.is_empty() && length == self.said.len() => Some(list),
                json => actions(json),
            };
            self.found = list.or(self.found);
        }
        self.pass(length);
        Ok(self)
    }

    /// Goes on behind the thinking, where this may be part of it.
    fn broken(mut self, why: Unread) -> Result<Self, Unread> {
        match (self.voice, self.rest().find(THOUGHT)) {
            (Voice::MayBeThought, Some(end)) => {
                self.pass(end);
                Ok(self)
            }
            _ => Err(why),
        }
    }

    fn is_quoted(&self) -> bool {
        let before = self.said[..self.at].chars().next_back();
        self.line == Line::Quoted || matches!(before, Some('"' | '\'' | '“' | '”' | '„' | '‘' | '’' | '«' | '‹'))
    }

    fn stands_alone(&self, mark: &str) -> bool {
        let (before, behind) = (&self.said[..self.at], &self.rest()[mark.len()..]);
        (before.is_empty() || before.ends_with('\n')) && (behind.is_empty() || behind.starts_with(['\n', '\r']))
    }
}

/// The list in a document that is a list of actions, or holds one under that name.
fn actions(document: Json) -> Option<Vec<Json>> {
    match document {
        Json::List(list) => list.iter().any(|item| matches!(item.get("do"), Json::Text(_))).then_some(list),
        Json::Object(fields) => match fields.into_iter().rev().find(|(name, _)| name == "actions") {
            Some((_, Json::List(list))) => Some(list),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a bracket begins a list of objects or an empty one. Other brackets are common in prose.
fn opens_objects(text: &str) -> bool {
    past_brackets(text).starts_with(['{', ']'])
}

/// The text behind its first character and what opening brackets follow.
fn past_brackets(text: &str) -> &str {
    let mut characters = text.chars();
    match characters.next() {
        Some('[') => characters.as_str().trim_start_matches(['[', ' ', '\n', '\r', '\t']),
        _ => characters.as_str(),
    }
}
