//! The port: what the engine knows of a language model.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::{Completion, Prompt, RequestId};
use crate::outcome::Outcome;

/// What tells a model and its settings apart: part of the key of every reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelIdentity {
    /// The kind of endpoint, e.g. `openai-chat`.
    pub kind: &'static str,
    /// The model's name.
    pub model: Arc<str>,
    /// Every setting that may change a reply, as canonical JSON.
    pub sampling: Arc<str>,
    /// The number from which seeds sent to the server derive; `None` sends none.
    pub seed: Option<u64>,
}

/// One attempt to have a request answered.
#[derive(Clone, Debug)]
pub struct Call {
    /// Which request it is for.
    pub id: RequestId,
    /// Which of the model's endpoints is to answer.
    pub endpoint: usize,
    /// What is asked.
    pub prompt: Arc<Prompt>,
    /// The seed to send, where one is.
    pub seed: Option<i64>,
}

/// What an attempt comes to.
pub type AttemptFuture<'a> = Pin<Box<dyn Future<Output = Result<Completion, AttemptFailure>> + Send + 'a>>;

/// A language model, as the engine sees it: a prompt in, a completion or a typed failure out.
pub trait LanguageModel: Send + Sync {
    /// What tells it apart.
    fn identity(&self) -> ModelIdentity;

    /// Names of its endpoints, for people; at least one. None of them holds a secret.
    fn endpoints(&self) -> Vec<Arc<str>>;

    /// Makes one attempt. Every fault is an [`AttemptFailure`]; the exchange repeats, waits and gives up.
    fn attempt<'a>(&'a self, call: &'a Call) -> AttemptFuture<'a>;
}

/// In which way an attempt failed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FailureKind {
    /// The server asks for fewer requests (HTTP 429).
    RateLimited,
    /// The server has too much to do (HTTP 503, 529).
    Overloaded,
    /// The server failed (other 5xx).
    ServerError,
    /// No reply within the time allowed.
    TimedOut,
    /// No connection: refused, no such host, no secure channel.
    Unreachable,
    /// The connection broke before the reply was whole.
    Broken,
    /// The reply is not what the protocol says.
    Garbled,
    /// The server will not answer this request, whoever asks (HTTP 400, 413, 422, …).
    Rejected,
    /// The server will not answer anything under these settings: key, model or address are wrong (HTTP 401, 403, 404,
    /// spent quota).
    Denied,
}

impl FailureKind {
    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::ServerError => "server_error",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Broken => "broken",
            Self::Garbled => "garbled",
            Self::Rejected => "rejected",
            Self::Denied => "denied",
        }
    }

    /// What becomes of a request when its last attempt fails so.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::RateLimited => Outcome::RateLimited,
            Self::TimedOut => Outcome::TimedOut,
            _ => Outcome::Failed,
        }
    }

    /// Whether asking again may help.
    pub const fn may_pass(self) -> bool {
        !matches!(self, Self::Rejected | Self::Denied)
    }

    /// Whether it tells of more load than the server takes.
    pub const fn tells_of_load(self) -> bool {
        matches!(self, Self::RateLimited | Self::Overloaded | Self::TimedOut)
    }
}

/// A failed attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttemptFailure {
    /// In which way.
    pub kind: FailureKind,
    /// What the server or the system said, for people, without secrets, times or counts.
    pub reason: Arc<str>,
    /// What becomes of the request when this was its last attempt.
    pub outcome: Outcome,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
}

impl AttemptFailure {
    /// A failure of which nothing more is known.
    pub fn new(kind: FailureKind, reason: impl Into<Arc<str>>) -> Self {
        Self { kind, reason: reason.into(), outcome: kind.outcome(), retry_after: None }
    }
}
