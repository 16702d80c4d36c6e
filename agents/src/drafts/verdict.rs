//! Reading what a judge says.

use std::sync::Arc;

use pluriverse_engine::exchange::CallResult;
use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::pluralism::judge::Verdict;

use super::read::{Drafted, said};
use crate::parse::boxes;

/// What a judge may say, as it is told to say it.
pub const CHOICES: [&str; 3] = ["1", "2", "same"];

/// Which of two replies leans more to a pole: the only verdict that a reply, or the only boxes of it, can be read as. Two
/// different ones are none.
pub fn verdict(result: &CallResult) -> Drafted<Verdict> {
    let text = said(result)?;
    let boxed = boxes(text);
    let mut found: Vec<Verdict> = boxed.iter().flat_map(|inside| verdicts_in(inside)).collect();
    if found.is_empty() {
        found = verdicts_in(text);
    }
    found.dedup();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err((Outcome::Unparsable, Arc::from("no verdict can be read"))),
        _ => Err((Outcome::Unparsable, Arc::from("more than one verdict is named"))),
    }
}

fn verdicts_in(text: &str) -> Vec<Verdict> {
    let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words
        .filter_map(|word| match word.to_lowercase().as_str() {
            "1" | "first" => Some(Verdict::First),
            "2" | "second" => Some(Verdict::Second),
            "same" | "equally" | "neither" => Some(Verdict::Same),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_engine::exchange::{CallFailure, Completion};

    #[test]
    fn one_verdict_is_read_and_two_are_none() {
        for (text, expected) in [
            ("1", Some(Verdict::First)),
            ("2.", Some(Verdict::Second)),
            ("Same", Some(Verdict::Same)),
            (r"\boxed{same}: reply 1 is longer", Some(Verdict::Same)),
            ("Reply 2 leans more.", Some(Verdict::Second)),
            ("<think>1 or 2</think>2", Some(Verdict::Second)),
            ("Reply 1 leans more than reply 2", None),
            ("12", None),
            ("", None),
            ("I cannot say", None),
        ] {
            let found = verdict(&Ok(Completion::of_text(text))).ok();
            assert_eq!(found, expected, "{text}");
        }
        let failed = CallFailure { outcome: Outcome::RateLimited, reason: Arc::from("") };
        assert_eq!(verdict(&Err(failed)).map_err(|(outcome, _)| outcome), Err(Outcome::RateLimited));
    }
}
