//! Answers that are drafted before one is given: what is asked turn by turn, and how the replies are read.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::exchange::{
    CallResult, Completion, Conversation, Inbox, Message, Outbox, Prompt, Reply, Request, RequestId,
};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{ArmStreams, Purpose, PurposeStreams};
use pluriverse_engine::tick::Clock;

use super::ask::{CurrentQuestions, Put, Questions};
use crate::drafts::AnswerDrafting;
use crate::drafts::prompt::DraftPrompts;
use crate::drafts::taking::{Next, Taking, Turn};
use crate::parse::Reading;

/// Streams that put drafts of answers into an order before one is taken.
const ORDER: Purpose = Purpose("draft.answer_order");

/// Answers under way, by agent, item and sample.
#[derive(Resource, Default)]
pub(super) struct UnderWay(BTreeMap<(AgentId, u32, u16), Taking>);

/// The prompt that asks for drafts of what a plain one asks for: the drafts of one reply, or the plain prompt itself.
/// Servers are held to nothing: drafts are none of the choices.
pub(super) fn drafts_of(plain: Prompt, way: AnswerDrafting, prompts: &DraftPrompts) -> Prompt {
    match way {
        AnswerDrafting::Nc(drafts) => with_question(plain, |question| prompts.answers(question, usize::from(drafts))),
        AnswerDrafting::Single | AnswerDrafting::Independent(_) => plain,
    }
}

/// The prompt that asks which of these drafts is taken.
pub(super) fn choice_of(plain: Prompt, drafts: &[Arc<str>], prompts: &DraftPrompts) -> Prompt {
    with_question(plain, |question| prompts.choose_answer(question, drafts))
}

fn with_question(mut plain: Prompt, of: impl FnOnce(&str) -> Arc<str>) -> Prompt {
    if let Some(last) = plain.messages.last_mut() {
        *last = Message { text: of(&last.text), ..last.clone() };
    }
    Prompt { choices: Vec::new(), schema: None, ..plain }
}

/// One turn of an answer that is drafted.
struct Asked {
    questions: Arc<Questions>,
    put: Put,
    /// What is to be chosen from; `None` where drafts are asked for.
    drafts: Option<Vec<Arc<str>>>,
}

impl Conversation for Asked {
    fn prompt(&self) -> Prompt {
        match &self.drafts {
            Some(drafts) => self.questions.choice(self.put, drafts),
            None => self.questions.prompt(self.put),
        }
    }
}

/// How an agent begins to draft its answer to an item, in one sample.
fn begin(way: AnswerDrafting, streams: &PurposeStreams, id: RequestId, tick: u32) -> Option<Taking> {
    let mut rng = streams.stream(id.agent, tick);
    rng.set_word_pos(((u128::from(id.slot) << 16) + u128::from(id.sample)) << 6);
    Taking::new(way, &mut rng)
}

/// `AskAgain`: every draft is read as it comes; what cannot be read is asked for again, and what is whole chosen from.
pub(super) fn go_on_drafting(
    clock: Res<Clock>,
    arm: Res<ArmStreams>,
    current: Res<CurrentQuestions>,
    inbox: Res<Inbox>,
    mut under_way: ResMut<UnderWay>,
    mut outbox: ResMut<Outbox>,
) {
    let Some(questions) = current.0.as_ref().filter(|questions| questions.anybody_drafts()) else {
        return;
    };
    let streams = arm.0.of(ORDER);
    for reply in inbox.fresh() {
        let Some(way) = questions.drafting(reply.id.agent) else {
            continue;
        };
        let key = (reply.id.agent, reply.id.slot, reply.id.sample);
        if reply.id.turn == 0 {
            // What is left of an earlier tick is over.
            under_way.0.remove(&key);
        }
        let Some(taking) = under_way.0.remove(&key).or_else(|| begin(way, &streams, reply.id, clock.tick)) else {
            continue;
        };
        let mut taking = taking;
        let drafts = match taking.take_in(&reply.result).next {
            Next::Draft => None,
            Next::Choose(drafts) => Some(drafts),
            Next::Done(_) => continue,
        };
        under_way.0.insert(key, taking);
        let put = questions.put_by(reply.id);
        outbox.0.push(Request {
            id: RequestId { turn: reply.id.turn + 1, ..reply.id },
            backbone: reply.backbone,
            conversation: Arc::new(Asked { questions: questions.clone(), put, drafts }),
        });
    }
}

/// The replies of one decision, read as what they were asked for.
pub(super) struct Decided {
    /// Reading of every reply and, where that is not what its answer tells, what became of it; only the last of a
    /// sample has an answer.
    pub(super) turns: Vec<(Reading, Option<Outcome>)>,
    /// The words that were taken, by reply.
    pub(super) words: Vec<Option<Arc<str>>>,
}

/// Reads a decision that was drafted: `read` reads a draft as an answer.
pub(super) fn decided(
    way: AnswerDrafting,
    decision: &[Reply],
    (arm, tick): (&ArmStreams, u32),
    read: &dyn Fn(RequestId, &CallResult) -> Reading,
) -> Decided {
    let streams = arm.0.of(ORDER);
    let mut decided = Decided { turns: Vec::new(), words: Vec::new() };
    for sample in decision.chunk_by(|one, other| one.id.sample == other.id.sample) {
        let Some(mut taking) = begin(way, &streams, sample[0].id, tick) else {
            continue;
        };
        for reply in sample {
            let Turn { rule, outcome, reason, next } = taking.take_in(&reply.result);
            let unanswered = |answer| Reading { answer: Err(answer), rule, reason: reason.clone(), distribution: None };
            let (reading, outcome, words) = match next {
                Next::Done(Ok(text)) => {
                    let reading = read(reply.id, &Ok(Completion::of_text(&text)));
                    // A draft that is no answer is what the decision fails by.
                    let outcome = reading.answer.map_or_else(|outcome| outcome, |_| outcome);
                    (Reading { rule, ..reading }, outcome, Some(text))
                }
                Next::Done(Err((failed, _))) => (unanswered(failed), outcome, None),
                Next::Draft | Next::Choose(_) => (unanswered(Outcome::NotAsked), outcome, None),
            };
            decided.turns.push((reading, Some(outcome)));
            decided.words.push(words);
        }
    }
    decided
}
