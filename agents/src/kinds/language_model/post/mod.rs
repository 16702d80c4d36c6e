//! Agents that answer in text, on the platform: a wake is a request, its reply a list of actions.
//!
//! Within a wake an agent may read more, each time another request behind the last one; what it wants to do is decided
//! when it reads no further. It is done at moments after the wake, at a human pace, and may still be refused then.

mod ask;
mod memory;
mod reply;

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::exchange::{Conversation, Message, Prompt};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::tick::Turns;
use pluriverse_worlds::exposure::design::Update;
use pluriverse_worlds::platform::life::PostPercept;
use pluriverse_worlds::platform::round::Round;
use pluriverse_worlds::platform::schedule::Wake;
use pluriverse_worlds::platform::see::Seen;
use pluriverse_worlds::platform::wish::Wish;

pub use ask::{ask_awake, wake_question};

pub use memory::{Recollections, remember_deeds};
pub(super) use reply::read_awake;
pub use reply::read_on;

use super::drafted::{choice_of, drafts_of};
use super::{Answering, SpeaksToModel};
use crate::drafts::AnswerDrafting;
use crate::drafts::prompt::DraftPrompts;
use crate::drafts::taking::Taking;
use crate::form::AnswerFormat;
use crate::posting::prompt::PostPrompts;
use crate::posting::schema::{Absent, Left, reply_schema};

/// The prompts of a society's posting; not there where it has none.
#[derive(Resource, Clone)]
pub struct OnPlatform(pub Arc<PostPrompts>);

/// The schema of replies, where the server is held to one: every field in every action, null where it is absent, as
/// strict servers want it.
fn schema(answering: &Answering) -> Option<Arc<str>> {
    (answering.design.format == AnswerFormat::Schema).then(|| Arc::from(reply_schema(Absent::Null).to_string()))
}

/// Who is awake in this turn and what was said so far, by agent and wake.
#[derive(Resource, Default)]
pub struct Awake(pub(super) BTreeMap<(AgentId, u32), Waking>);

/// An agent awake.
pub(super) struct Waking {
    wake: Wake,
    backbone: Backbone,
    messages: Vec<Message>,
    left: Left,
    /// What it wants, in its order.
    wishes: Vec<Wish>,
    seen: Seen,
    turns: Vec<Turned>,
    /// What it does first, where it is drafted.
    drafting: Option<Drafting>,
}

/// What an agent does first when it wakes, being drafted.
pub(super) struct Drafting {
    way: AnswerDrafting,
    taking: Taking,
    prompts: Arc<DraftPrompts>,
}

/// How one reply was read.
#[derive(Clone, Debug)]
pub(super) struct Turned {
    outcome: Outcome,
    reason: Arc<str>,
}

/// A conversation so far.
struct Talk {
    messages: Vec<Message>,
    schema: Option<Arc<str>>,
}

impl Talk {
    fn plain(&self) -> Prompt {
        Prompt { messages: self.messages.clone(), choices: Vec::new(), schema: self.schema.clone() }
    }
}

/// A conversation in which drafts are asked for, or which of them is taken.
struct DraftTalk {
    talk: Talk,
    way: AnswerDrafting,
    prompts: Arc<DraftPrompts>,
    drafts: Option<Vec<Arc<str>>>,
}

impl Conversation for DraftTalk {
    fn prompt(&self) -> Prompt {
        match &self.drafts {
            Some(drafts) => choice_of(self.talk.plain(), drafts, &self.prompts),
            None => drafts_of(self.talk.plain(), self.way, &self.prompts),
        }
    }
}

impl Conversation for Talk {
    fn prompt(&self) -> Prompt {
        self.plain()
    }
}

/// `Turn`, in asynchronous order: agents that answer in text take turns as they wake, since what one does can be seen
/// by the next.
pub fn take_turns_awake(
    percept: Res<PostPercept>,
    round: Res<Round>,
    speakers: Query<&AgentId, With<SpeaksToModel>>,
    mut turns: ResMut<Turns>,
) {
    let asynchronous = percept.0.as_ref().is_some_and(|(design, _)| design.update == Update::Sequential);
    if !turns.is_first() || !asynchronous || speakers.is_empty() {
        return;
    }
    let mut speaking: Vec<AgentId> = speakers.iter().copied().collect();
    speaking.sort_unstable();
    let awake = round.wakes.iter().map(|wake| wake.agent).filter(|agent| speaking.binary_search(agent).is_ok());
    let order: Vec<AgentId> = awake.collect();
    if !order.is_empty() {
        turns.one_by_one(order);
    }
}
