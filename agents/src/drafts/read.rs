//! Reading drafts out of what a model wrote.

use std::sync::Arc;

use pluriverse_engine::exchange::{CallFailure, CallResult, Finish};
use pluriverse_engine::outcome::Outcome;

use crate::parse::{boxes, spoken};

/// What begins a draft, at the start of a line.
pub const MARK: &str = "###";

/// A text that was asked for, or what became of the request and why.
pub type Drafted<T> = Result<T, (Outcome, Arc<str>)>;

/// The words of a reply, without what was thought aloud. A text that was cut off at the limit of tokens is one.
pub fn said(result: &CallResult) -> Drafted<&str> {
    match result {
        // A failure that calls itself an answer is still a failure.
        Err(CallFailure { outcome: Outcome::Answered | Outcome::NotAsked, reason }) => {
            Err((Outcome::Failed, reason.clone()))
        }
        Err(failure) => Err((failure.outcome, failure.reason.clone())),
        Ok(completion) => {
            if let Some(refusal) = &completion.refusal {
                return Err((Outcome::Refused, Arc::from(format!("the model declined: {refusal:?}"))));
            }
            if completion.finish == Finish::ContentFilter {
                return Err((Outcome::Refused, Arc::from("the server withheld the reply, or part of it")));
            }
            Ok(spoken(&completion.text))
        }
    }
}

/// One draft: a reply that says anything.
pub fn draft(result: &CallResult) -> Drafted<Arc<str>> {
    let text = said(result)?.trim();
    if text.is_empty() {
        return Err((Outcome::Unparsable, Arc::from("the reply is empty")));
    }
    Ok(Arc::from(text))
}

/// The drafts of one generation: exactly so many parts that are not empty, each behind a [`MARK`] at the start of a line.
/// What stands before the first mark is no draft, and nor is what follows a mark of four or more signs, or one inside a
/// fence of code that is closed.
pub fn sections(result: &CallResult, wanted: usize) -> Drafted<Vec<Arc<str>>> {
    let text = said(result)?;
    let found: Vec<Arc<str>> = parts(text).into_iter().map(|part| Arc::from(part.trim())).collect();
    let found: Vec<Arc<str>> = found.into_iter().filter(|part: &Arc<str>| !part.is_empty()).collect();
    if found.len() == wanted {
        return Ok(found);
    }
    let why = format!("{} drafts behind {MARK} at the start of a line, and {wanted} are wanted", found.len());
    Err((Outcome::Unparsable, Arc::from(why)))
}

fn parts(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
    let mut parts: Vec<String> = Vec::new();
    let mut place = 0;
    while place < lines.len() {
        let line = lines[place];
        let end = fence(line).and_then(|fence| closed(&lines, place, fence)).unwrap_or(place);
        if end == place
            && let Some(rest) = line.strip_prefix(MARK).filter(|rest| !rest.starts_with('#'))
        {
            parts.push(rest.to_owned());
        } else if let Some(last) = parts.last_mut() {
            for line in &lines[place..=end] {
                last.push('\n');
                last.push_str(line);
            }
        }
        place = end + 1;
    }
    parts
}

/// The signs with which a line opens a fence of code.
fn fence(line: &str) -> Option<&'static str> {
    let line = line.trim_start();
    ["```", "~~~"].into_iter().find(|fence| line.starts_with(fence))
}

/// The line that closes a fence.
fn closed(lines: &[&str], opened: usize, fence: &str) -> Option<usize> {
    (opened + 1..lines.len()).find(|&line| {
        let line = lines[line].trim();
        line.starts_with(fence) && line.trim_matches(['`', '~']).is_empty()
    })
}

/// The number an agent chose, from 1: the only box of a reply, or the only number in it. Two different numbers are no
/// choice, and one beyond `most` is out of range.
pub fn number(result: &CallResult, most: usize) -> Drafted<usize> {
    let text = said(result)?;
    let mut numbers = boxes(text).iter().flat_map(|inside| numbers_in(inside)).collect::<Vec<u64>>();
    if numbers.is_empty() {
        numbers = numbers_in(text);
    }
    numbers.sort_unstable();
    numbers.dedup();
    match numbers.as_slice() {
        [one] if (1..=most as u64).contains(one) => Ok(*one as usize),
        [_] => Err((Outcome::OutOfRange, Arc::from(format!("the number is none of the {most} drafts")))),
        [] => Err((Outcome::Unparsable, Arc::from("no number can be read"))),
        _ => Err((Outcome::Unparsable, Arc::from("more than one number is named"))),
    }
}

fn numbers_in(text: &str) -> Vec<u64> {
    let digits = text.split(|character: char| !character.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.map(|digits| digits.parse().unwrap_or(u64::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_engine::exchange::Completion;
    use proptest::prelude::*;

    fn four(text: &str) -> Result<Vec<String>, Outcome> {
        sections(&Ok(Completion::of_text(text)), 4)
            .map(|found| found.iter().map(ToString::to_string).collect())
            .map_err(|(outcome, _)| outcome)
    }

    #[test]
    fn exactly_four_parts_behind_marks_are_a_set_and_nothing_else_is() {
        let good = Ok(["a", "b", "c", "d"].map(str::to_owned).to_vec());
        for text in [
            "### a\n### b\n### c\n### d",
            "###a\n###b\n###c\n###d\n###",
            "Here are four replies:\n\n###\na\n###\nb\n###\n\n c \n###\r\nd\r\n",
            "<think>### x\n### y</think>### a\n### b\n### c\n### d",
        ] {
            assert_eq!(four(text), good, "{text}");
        }
        for text in [
            "",
            "a\nb\nc\nd",
            "### a\n### b\n### c",
            "### a\n### b\n### c\n###  \n",
            "### a\n### b\n### c\n### d\n### e",
            " ### a\n ### b\n ### c\n ### d",
            "#### a\n#### b\n#### c\n#### d",
            "<think>### a\n### b\n### c\n### d",
        ] {
            assert_eq!(four(text), Err(Outcome::Unparsable), "{text}");
        }
    }

    #[test]
    fn marks_inside_code_and_other_languages_are_part_of_a_draft() {
        let code =
            "### a\n```sh\n### not a draft\n```\n### b\n#### deeper\n### c # no ### here\n### d\n~~~\n### nor\n~~~";
        let found = four(code).expect("four drafts");
        assert_eq!(found[0], "a\n```sh\n### not a draft\n```");
        assert_eq!(found[1], "b\n#### deeper");
        assert_eq!(found[2], "c # no ### here");
        assert_eq!(found[3], "d\n~~~\n### nor\n~~~");
        // A fence that nobody closes hides nothing.
        assert_eq!(four("### a\n```\n### b\n### c\n### d").map(|found| found.len()), Ok(4));
        let found = four("### Olá, tudo bem?\n### 家族が一番です。\n### اسأل والديك\n### नमस्ते 👋🏽").expect("four");
        assert_eq!(found[2], "اسأل والديك");
    }

    #[test]
    fn failures_stay_what_they_are() {
        let failed = CallFailure { outcome: Outcome::TimedOut, reason: Arc::from("late") };
        assert_eq!(sections(&Err(failed.clone()), 4).map_err(|(outcome, _)| outcome), Err(Outcome::TimedOut));
        let odd = CallFailure { outcome: Outcome::Answered, ..failed };
        assert_eq!(draft(&Err(odd)).map_err(|(outcome, _)| outcome), Err(Outcome::Failed));
        let declined = Completion { refusal: Some(Arc::from("no")), ..Completion::of_text("### a") };
        assert_eq!(draft(&Ok(declined)).map_err(|(outcome, _)| outcome), Err(Outcome::Refused));
        assert_eq!(draft(&Ok(Completion::of_text(" \n"))).map_err(|(outcome, _)| outcome), Err(Outcome::Unparsable));
    }

    #[test]
    fn a_choice_is_one_number_of_a_draft() {
        for (text, expected) in [
            ("3", Ok(3)),
            (r"\boxed{2}, since 1 is dull", Ok(2)),
            ("Draft 4.", Ok(4)),
            ("1 or 2", Err(Outcome::Unparsable)),
            ("the last", Err(Outcome::Unparsable)),
            ("5", Err(Outcome::OutOfRange)),
            ("0", Err(Outcome::OutOfRange)),
            ("99999999999999999999999", Err(Outcome::OutOfRange)),
        ] {
            let found = number(&Ok(Completion::of_text(text)), 4).map_err(|(outcome, _)| outcome);
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic_and_a_set_is_never_short(text in r"(###?#?|```|~~~|[ \r\na-zé٣]|\{|\})*") {
            if let Ok(found) = four(&text) {
                prop_assert!(found.len() == 4 && found.iter().all(|part| !part.trim().is_empty()));
            }
            let _ = number(&Ok(Completion::of_text(&text)), 4);
        }
    }
}
