//! What a call brings: a completion, or the typed reason why there is none.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;

/// Why a model stopped writing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Finish {
    /// It was done.
    Stop,
    /// It ran into the limit of tokens: the end of the text is missing.
    Length,
    /// The server withheld the text.
    ContentFilter,
    /// For a reason this program does not know, as the server put it.
    Other(Arc<str>),
    /// The server did not say.
    #[default]
    Unstated,
}

impl Finish {
    /// The reason by the name servers give it.
    pub fn by_name(name: Option<&str>) -> Self {
        match name {
            Some("stop") => Self::Stop,
            Some("length") => Self::Length,
            Some("content_filter") => Self::ContentFilter,
            Some(other) => Self::Other(Arc::from(other)),
            None => Self::Unstated,
        }
    }

    /// The name servers give it; `None` where they gave none.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Stop => Some("stop"),
            Self::Length => Some("length"),
            Self::ContentFilter => Some("content_filter"),
            Self::Other(name) => Some(name),
            Self::Unstated => None,
        }
    }
}

/// Tokens a reply took, as far as the server says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    pub prompt: Option<u32>,
    /// Of these, tokens the server had computed before.
    pub cached: Option<u32>,
    /// Tokens of the reply, reasoning included.
    pub completion: Option<u32>,
}

/// A token that might have stood in a place of a reply.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TokenAlternative {
    /// Its text.
    pub token: Arc<str>,
    /// Natural logarithm of its probability.
    pub logprob: f64,
}

/// A token of a reply and what else might have stood in its place.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TokenLogprobs {
    /// Its text.
    pub token: Arc<str>,
    /// Natural logarithm of its probability.
    pub logprob: f64,
    /// The likeliest tokens of the place, as many as the server was asked for and gives.
    #[serde(default, rename = "top_logprobs")]
    pub top: Vec<TokenAlternative>,
}

/// A text a model wrote and everything a server says about it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Completion {
    /// The text, as written; empty where the server sent none.
    pub text: Arc<str>,
    /// What the model wrote before it answered, where the server keeps that apart.
    pub reasoning: Option<Arc<str>>,
    /// What the model said when it declined to answer, where the server keeps that apart.
    pub refusal: Option<Arc<str>>,
    /// Why it stopped writing.
    pub finish: Finish,
    /// Tokens it took.
    pub usage: Usage,
    /// Log-probabilities of the reply's tokens, where asked for and sent.
    pub logprobs: Option<Arc<[TokenLogprobs]>>,
    /// The model, as the server names it.
    pub served_model: Option<Arc<str>>,
    /// The server's fingerprint of what answered.
    pub fingerprint: Option<Arc<str>>,
}

impl Completion {
    /// A completion of which nothing but the text is known.
    pub fn of_text(text: &str) -> Self {
        Self { text: Arc::from(text), finish: Finish::Stop, ..Self::default() }
    }
}

/// Why a call brought no completion. The outcome is never [`Outcome::Answered`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallFailure {
    /// What became of the request.
    pub outcome: Outcome,
    /// Why, for people. The same whenever the call fails in the same way: no times, no counts.
    pub reason: Arc<str>,
}

/// What a call brought.
pub type CallResult = Result<Completion, CallFailure>;
