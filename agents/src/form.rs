//! The form in which agents are asked to answer, and how several replies become one answer.

use pluriverse_worlds::exposure::design::OptionOrder;
use serde::{Deserialize, Serialize};

/// The form of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum AnswerFormat {
    /// A number in `\boxed{}` (the published protocol's).
    #[default]
    Boxed,
    /// A bare number.
    Number,
    /// The letter of an option.
    Letter,
    /// A JSON object that the server holds to a schema.
    Schema,
    /// A number that the server chooses among those offered.
    Choice,
    /// The letter of an option, read together with the probabilities of the letters that might have stood there.
    Logprobs {
        /// How many alternatives the server is asked for.
        #[serde(default = "most_alternatives")]
        top: i64,
    },
}

/// As many alternatives to a token as servers give.
const fn most_alternatives() -> i64 {
    20
}

/// How options are marked for the agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Marks {
    /// 1, 2, 3, …
    Numbers,
    /// A, B, C, …: one token each with every tokeniser, where `1` and `10` may begin alike.
    Letters,
}

impl AnswerFormat {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boxed => "boxed",
            Self::Number => "number",
            Self::Letter => "letter",
            Self::Schema => "schema",
            Self::Choice => "choice",
            Self::Logprobs { .. } => "logprobs",
        }
    }

    /// How options are marked.
    pub const fn marks(self) -> Marks {
        match self {
            Self::Boxed | Self::Number | Self::Schema | Self::Choice => Marks::Numbers,
            Self::Letter | Self::Logprobs { .. } => Marks::Letters,
        }
    }

    /// Whether the server is told what it may reply.
    pub const fn offers_choices(self) -> bool {
        matches!(self, Self::Schema | Self::Choice)
    }
}

impl Marks {
    /// The mark of the option at this place, from 1.
    pub fn of(self, option: i32) -> String {
        match (self, u8::try_from(option - 1)) {
            (Self::Letters, Ok(place @ 0..26)) => char::from(b'A' + place).to_string(),
            _ => option.to_string(),
        }
    }
}

/// Which answer is taken where more than one is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Take {
    /// The most frequent or likeliest; of equal ones a seeded draw.
    #[default]
    Mode,
    /// A seeded draw.
    Draw,
}

/// Whether a reply that cannot be read is sent back once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Reformat {
    /// It stays unread.
    #[default]
    Never,
    /// The same model is shown its reply and asked once to put it into the right form.
    Once,
}

/// How answers are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerDesign {
    /// The form of an answer.
    #[serde(default)]
    pub format: AnswerFormat,
    /// How many independent replies make one answer.
    #[serde(default = "one")]
    pub samples: i64,
    /// Which of them is taken.
    #[serde(default)]
    pub take: Take,
    /// Whether a reply that cannot be read is sent back once.
    #[serde(default)]
    pub reformat: Reformat,
    /// In which order options are offered, where an arm does not say otherwise.
    #[serde(default)]
    pub options: OptionOrder,
}

const fn one() -> i64 {
    1
}

impl Default for AnswerDesign {
    fn default() -> Self {
        Self {
            format: AnswerFormat::default(),
            samples: 1,
            take: Take::default(),
            reformat: Reformat::default(),
            options: OptionOrder::default(),
        }
    }
}
