//! Reading a reply: its words by the scenario's form and rule, its finish, its probabilities.

use std::sync::Arc;

use pluriverse_engine::exchange::{CallFailure, CallResult, Completion, Finish};
use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::survey::Item;
use pluriverse_worlds::survey::state::Distribution;

use super::spoken::spoken;
use super::{ParseRule, logprobs, reason};
use crate::form::AnswerFormat;

/// What was read out of one reply.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// The option chosen, from 1, or what became of the request instead.
    pub answer: Result<i32, Outcome>,
    /// The rule it was read by.
    pub rule: &'static str,
    /// Why there is no answer.
    pub reason: Option<Arc<str>>,
    /// How the answer spreads over the options, where the reply tells.
    pub distribution: Option<Distribution>,
}

/// How replies are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reader {
    /// The form answers were asked for in.
    pub format: AnswerFormat,
    /// The rule words are read by.
    pub rule: ParseRule,
}

impl Reader {
    /// Reads what a call brought.
    pub fn read(self, result: &CallResult, item: &Item) -> Reading {
        match result {
            Ok(completion) => self.read_completion(completion, item),
            // A failure that calls itself an answer is still a failure.
            Err(CallFailure { outcome: Outcome::Answered | Outcome::NotAsked, reason }) => {
                self.missing(Outcome::Failed, reason.clone())
            }
            Err(failure) => self.missing(failure.outcome, failure.reason.clone()),
        }
    }

    fn read_completion(self, completion: &Completion, item: &Item) -> Reading {
        let said = spoken(&completion.text);
        if let Some(refusal) = &completion.refusal {
            return self.missing(Outcome::Refused, Arc::from(format!("the model declined: {refusal:?}")));
        }
        if completion.finish == Finish::ContentFilter {
            return self.missing(Outcome::Refused, Arc::from("the server withheld the reply, or part of it"));
        }
        if let AnswerFormat::Logprobs { .. } = self.format {
            return self.read_logprobs(completion, item);
        }
        let words = if self.format == AnswerFormat::Schema { in_schema(said) } else { None };
        let words = words.as_deref().unwrap_or(said);
        let cut = completion.finish == Finish::Length;
        if cut && may_go_on(words, item) {
            let end = reason(self.rule, Outcome::Unparsable, said);
            return self.missing(Outcome::Unparsable, Arc::from(format!("cut off at the limit of tokens: {end}")));
        }
        match self.rule.read(words, item) {
            Ok(answer) => Reading { answer: Ok(answer), rule: self.rule_name(), reason: None, distribution: None },
            Err(outcome) => {
                let why = match (said.is_empty(), cut) {
                    (true, true) => Arc::from("the limit of tokens was reached before the model said anything"),
                    (true, false) => Arc::from("the reply is empty"),
                    (false, _) => reason(self.rule, outcome, said),
                };
                self.missing(outcome, why)
            }
        }
    }

    fn read_logprobs(self, completion: &Completion, item: &Item) -> Reading {
        let marks: Vec<Arc<str>> =
            (1..=item.option_count()).map(|option| Arc::from(self.format.marks().of(option))).collect();
        let Some(tokens) = &completion.logprobs else {
            return self.missing(Outcome::Unparsable, Arc::from("the server sent no log-probabilities"));
        };
        let said = spoken(&completion.text);
        let Some(mark) = from_mark(said, &marks) else {
            let end = reason(self.rule, Outcome::Unparsable, said);
            let why = format!("the reply does not keep to the letter of an option: {end}");
            return self.missing(Outcome::Unparsable, Arc::from(why));
        };
        // Both are slices of the text.
        let at = mark.as_ptr() as usize - completion.text.as_ptr() as usize;
        match logprobs::distribution(tokens, at, &marks) {
            Some(distribution) => {
                let mode = mode(&distribution.shares);
                Reading {
                    answer: mode.ok_or(Outcome::Unparsable),
                    rule: self.rule_name(),
                    reason: mode.is_none().then(|| Arc::from("no option has any probability")),
                    distribution: Some(distribution),
                }
            }
            None => self.missing(Outcome::Unparsable, reason(self.rule, Outcome::Unparsable, &completion.text)),
        }
    }

    fn missing(self, outcome: Outcome, reason: Arc<str>) -> Reading {
        Reading { answer: Err(outcome), rule: self.rule_name(), reason: Some(reason), distribution: None }
    }

    const fn rule_name(self) -> &'static str {
        match self.format {
            AnswerFormat::Logprobs { .. } => "logprobs",
            AnswerFormat::Schema => "schema, then lenient",
            _ => self.rule.name(),
        }
    }
}

/// The text from an option's letter on, where it begins with one that stands for itself: `B`, `(b)`, `B. Often`,
/// `Answer: B`, and not `A person from`.
fn from_mark<'t>(said: &'t str, marks: &[Arc<str>]) -> Option<&'t str> {
    let mut said = said;
    for lead in ["the answer is", "my answer is", "answer", "option"] {
        if said.get(..lead.len()).is_some_and(|start| start.eq_ignore_ascii_case(lead)) {
            said = said[lead.len()..].trim_start_matches([':', ' ']);
        }
    }
    let said = said.trim_start_matches(['(', '"', '*', ' ']);
    let mut characters = said.chars();
    let letter = characters.next().map(String::from).unwrap_or_default();
    let alone = characters.next().is_none_or(|next| matches!(next, ')' | '.' | ':' | ',' | '"' | '*' | '\n'));
    (alone && marks.iter().any(|mark| mark.eq_ignore_ascii_case(&letter))).then_some(said)
}

/// The likeliest option, from 1; the first of equal ones.
fn mode(shares: &[f64]) -> Option<i32> {
    let best = shares.iter().enumerate().rev().max_by(|a, b| a.1.total_cmp(b.1)).filter(|(_, share)| **share > 0.0);
    best.map(|(place, _)| place as i32 + 1)
}

/// The `answer` of a JSON object, with or without fences around it.
fn in_schema(said: &str) -> Option<String> {
    let (start, end) = (said.find('{')?, said.rfind('}')?);
    let object: serde_json::Value = serde_json::from_str(said.get(start..=end)?).ok()?;
    match object.get("answer")? {
        serde_json::Value::String(answer) => Some(answer.clone()),
        serde_json::Value::Number(answer) => Some(answer.to_string()),
        _ => None,
    }
}

/// Whether a text that was cut off might have become another answer: its last box is open, or its last digits begin
/// the number of a later option.
fn may_go_on(words: &str, item: &Item) -> bool {
    let words = words.trim_end();
    if let Some(last) = words.rfind("boxed") {
        return !words[last..].contains('}');
    }
    let digits = words.len() - words.trim_end_matches(|character: char| character.is_ascii_digit()).len();
    let Ok(number) = words[words.len() - digits..].parse::<i32>() else {
        return false;
    };
    number > 0 && number.saturating_mul(10) <= item.option_count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_worlds::survey::Scale;

    fn item(options: usize) -> Item {
        Item {
            id: Arc::from("Q"),
            theme: Arc::from("t"),
            question: Arc::from("?"),
            options: (1..=options).map(|number| Arc::from(format!("option {number}"))).collect(),
            scale: Scale::Ordinal,
            first_code: 1,
            paper: true,
        }
    }

    fn read(format: AnswerFormat, rule: ParseRule, text: &str, finish: Finish) -> Result<i32, Outcome> {
        let completion = Completion { finish, ..Completion::of_text(text) };
        Reader { format, rule }.read(&Ok(completion), &item(10)).answer
    }

    #[test]
    fn every_form_is_read_and_what_was_cut_off_is_not_guessed() {
        use AnswerFormat::{Boxed, Choice, Letter, Number, Schema};
        let cases = [
            (Boxed, r"\boxed{3}", Finish::Stop, Ok(3)),
            (Boxed, r"<think>\boxed{1}</think>\boxed{3}", Finish::Stop, Ok(3)),
            (Boxed, r"<think>\boxed{1}", Finish::Length, Err(Outcome::Unparsable)),
            (Boxed, r"\boxed{1", Finish::Length, Err(Outcome::Unparsable)),
            (Boxed, r"\boxed{1}, because", Finish::Length, Ok(1)),
            (Boxed, r"\boxed{1", Finish::Stop, Ok(1)),
            (Boxed, r"\boxed{12}", Finish::Stop, Err(Outcome::OutOfRange)),
            (Number, "10", Finish::Stop, Ok(10)),
            (Number, "1", Finish::Length, Err(Outcome::Unparsable)),
            (Number, "2", Finish::Length, Ok(2)),
            (Letter, "(C)", Finish::Stop, Ok(3)),
            (Letter, "c) option 3", Finish::Stop, Ok(3)),
            (Schema, r#"{"answer": "4"}"#, Finish::Stop, Ok(4)),
            (Schema, "```json\n{\"answer\": 4}\n```", Finish::Stop, Ok(4)),
            (Schema, "4", Finish::Stop, Ok(4)),
            (Schema, r#"{"reply": 4}"#, Finish::Stop, Err(Outcome::Unparsable)),
            (Choice, "7", Finish::Stop, Ok(7)),
            (Boxed, "", Finish::ContentFilter, Err(Outcome::Refused)),
            (Boxed, r"\boxed{1}", Finish::ContentFilter, Err(Outcome::Refused)),
            (Boxed, "", Finish::Stop, Err(Outcome::Unparsable)),
        ];
        for (format, text, finish, expected) in cases {
            assert_eq!(
                read(format, ParseRule::Lenient, text, finish.clone()),
                expected,
                "{format:?} {text} {finish:?}"
            );
        }
        assert_eq!(read(Boxed, ParseRule::Paper, r"\boxed{12}", Finish::Stop), Ok(12));
    }

    #[test]
    fn a_word_that_is_a_letter_is_not_taken_for_an_option() {
        use pluriverse_engine::exchange::TokenLogprobs;
        let read = |text: &str| {
            // A token a character, near enough to what servers send.
            let token =
                |text: char| TokenLogprobs { token: Arc::from(text.to_string()), logprob: -0.1, top: Vec::new() };
            let logprobs = Some(text.chars().map(token).collect());
            let completion = Completion { logprobs, ..Completion::of_text(text) };
            let reader = Reader { format: AnswerFormat::Logprobs { top: 1 }, rule: ParseRule::Lenient };
            reader.read(&Ok(completion), &item(4)).answer
        };
        for said in ["A", "(A)", "a) option 1", "A.", "**A**", "Answer: A", "A, I think"] {
            assert_eq!(read(said), Ok(1), "{said}");
        }
        assert_eq!(read("<think>A or C?</think>B"), Ok(2));
        for said in ["option 2", "A person from Brazil would", "I would say A", "As for me", ""] {
            assert_eq!(read(said), Err(Outcome::Unparsable), "{said}");
        }
    }

    #[test]
    fn a_refusal_is_one_whatever_else_is_said() {
        let completion = Completion { refusal: Some(Arc::from("no")), ..Completion::of_text(r"\boxed{1}") };
        let reader = Reader { format: AnswerFormat::Boxed, rule: ParseRule::Lenient };
        assert_eq!(reader.read(&Ok(completion), &item(2)).answer, Err(Outcome::Refused));
    }

    #[test]
    fn the_likeliest_option_is_taken_and_the_first_of_equal_ones() {
        assert_eq!(mode(&[0.2, 0.5, 0.5]), Some(2));
        assert_eq!(mode(&[0.0, 0.0]), None);
    }
}
