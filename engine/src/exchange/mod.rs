//! The exchange: requests leave the worlds, are served concurrently, and return in a stable order.
//!
//! This is the only place where a run waits. What is asked, how often the same thing was asked before, and the order
//! in which replies are handed back follow from the run alone; when replies arrive, how often a server had to be asked,
//! and from where a reply came never show.
//!
//! ```text
//! Request ─ Conversation::prompt ─ ContentDigest ─ DrawCounter ─ ReplyKey ─┬─ stored or cached ───────────┬─ Reply
//!                                                                          └─ lane ─ endpoint ─ attempts ─┘
//! ```

mod accounts;
mod completion;
mod endpoints;
mod key;
mod lane;
mod limits;
mod model;
mod serve;
mod snapshot;
#[cfg(test)]
mod tests;
mod wave;

use std::sync::Arc;

use bevy_ecs::prelude::Resource;

pub use accounts::{Accounts, Bill, BilledReply, Origin, Price, Tally, TallyRow};
pub use completion::{CallFailure, CallResult, Completion, Finish, TokenAlternative, TokenLogprobs, Usage};
pub use key::{ContentDigest, DrawCounter, ReplyKey, server_seed};
pub use lane::{LaneSettings, LaneSpec};
pub use limits::{Limit, Limits, Spent};
pub use model::{AttemptFailure, AttemptFuture, Call, FailureKind, LanguageModel, ModelIdentity};
pub use serve::{Exchange, Halt};
pub use snapshot::{LaneSnapshot, Snapshot};

use crate::agent::{AgentId, Backbone};
use crate::outcome::Outcome;

/// Which request this is: stable across runs, the order in which replies are handed back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId {
    /// Who asks.
    pub agent: AgentId,
    /// What the agent decides on, e.g. the index of a survey item.
    pub slot: u32,
    /// Which of several independent answers to the same decision, from 0.
    pub sample: u16,
    /// 0 for the question itself, 1 for the one request to put a reply into the right form.
    pub turn: u16,
}

/// Who says a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Who the model is to be.
    System,
    /// What it is asked.
    User,
    /// What it said before.
    Assistant,
}

impl Role {
    /// The name used in requests and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message of a conversation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub text: Arc<str>,
}

/// Everything a model is given to answer one request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prompt {
    /// The messages, in order.
    pub messages: Vec<Message>,
    /// What the reply may be, for models that can be held to a choice; empty where anything may be written.
    pub choices: Vec<Arc<str>>,
    /// A JSON schema that the reply is to follow, as JSON, for models that can be held to one.
    pub schema: Option<Arc<str>>,
}

impl Prompt {
    /// The messages of one role, as one text.
    pub fn text(&self, role: Role) -> String {
        let texts = self.messages.iter().filter(|message| message.role == role);
        texts.map(|message| &*message.text).collect::<Vec<_>>().join("\n")
    }
}

/// Where a prompt comes from. Written when it is needed and dropped when it was answered, so that the prompts of a
/// tick never lie in memory all at once; asked twice, it must say the same.
pub trait Conversation: Send + Sync {
    /// Writes the prompt.
    fn prompt(&self) -> Prompt;
}

impl Conversation for Prompt {
    fn prompt(&self) -> Prompt {
        self.clone()
    }
}

/// Something to be answered by a language model.
#[derive(Clone)]
pub struct Request {
    /// Which request this is.
    pub id: RequestId,
    /// Who is to answer it.
    pub backbone: Backbone,
    /// What is asked.
    pub conversation: Arc<dyn Conversation>,
}

/// A reply on its way back.
#[derive(Clone, PartialEq, Debug)]
pub struct Reply {
    /// The request it answers.
    pub id: RequestId,
    /// Who answered.
    pub backbone: Backbone,
    /// Under which key it lies in the store of replies.
    pub key: ReplyKey,
    /// How often this run had asked exactly this before.
    pub draw: u32,
    /// What came of it.
    pub result: CallResult,
    /// What it took.
    pub bill: Bill,
}

/// Requests to be served next, queued in [`crate::tick::TickSystems::Ask`] and
/// [`crate::tick::TickSystems::AskAgain`].
#[derive(Resource, Default)]
pub struct Outbox(pub Vec<Request>);

/// Replies of the current tick, by request.
#[derive(Resource, Default, Debug)]
pub struct Inbox {
    replies: Vec<Reply>,
    /// Replies from here on came last.
    fresh: usize,
}

impl Inbox {
    /// Adds replies that have just come.
    pub fn add(&mut self, replies: impl IntoIterator<Item = Reply>) {
        self.fresh = self.replies.len();
        self.replies.extend(replies);
    }

    /// The replies that came last.
    pub fn fresh(&self) -> &[Reply] {
        &self.replies[self.fresh..]
    }

    /// Takes all replies out, in the order of their requests.
    pub fn take(&mut self) -> Vec<Reply> {
        self.fresh = 0;
        let mut replies = std::mem::take(&mut self.replies);
        replies.sort_by_key(|reply| reply.id);
        replies
    }
}

fn failed(outcome: Outcome, reason: &str) -> CallResult {
    Err(CallFailure { outcome, reason: Arc::from(reason) })
}
