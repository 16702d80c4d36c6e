//! Reading an answer out of what a model wrote.

mod boxed;
mod lenient;
mod logprobs;
mod paper;
mod reading;
mod spoken;

use std::sync::Arc;

use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::survey::Item;
use serde::{Deserialize, Serialize};

pub(crate) use lenient::boxes;
pub use paper::parse as parse_as_the_paper_does;
pub use reading::{Reader, Reading};
pub use spoken::spoken;

/// How an answer is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum ParseRule {
    /// As the published scripts do it: any whole number in the last `\boxed{}` is an answer and counts, also one that
    /// is no option.
    Paper,
    /// Boxes with or without backslash, letters, bare numbers, the option's own words; two different candidates stay
    /// unparsable, and a number that is no option is out of range.
    #[default]
    Lenient,
}

impl ParseRule {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Lenient => "lenient",
        }
    }

    /// The answer in `text`: the number of an option, or what became of the request instead.
    pub fn read(self, text: &str, item: &Item) -> Result<i32, Outcome> {
        match self {
            Self::Paper => paper::parse(text).ok_or(Outcome::Unparsable),
            Self::Lenient => {
                let answer = lenient::parse(text, &item.options).ok_or(Outcome::Unparsable)?;
                if (1..=item.option_count()).contains(&answer) { Ok(answer) } else { Err(Outcome::OutOfRange) }
            }
        }
    }
}

/// Why a text gave no answer, for the journal: the rule and the end of what was written.
pub fn reason(rule: ParseRule, outcome: Outcome, text: &str) -> Arc<str> {
    const SHOWN: usize = 80;
    let start = text.char_indices().rev().nth(SHOWN - 1).map_or(0, |(index, _)| index);
    let what = match outcome {
        Outcome::OutOfRange => "the number is no option",
        _ => "no answer can be read",
    };
    Arc::from(format!("{what} (rule {}); the reply ends: {:?}", rule.name(), &text[start..]))
}
