//! `AskAgain`: a reply that cannot be read is sent back once, where the scenario allows it.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::exchange::{Conversation, Inbox, Outbox, Prompt, Request, RequestId};
use pluriverse_engine::outcome::Outcome;

use super::Answering;
use super::ask::{CurrentQuestions, Put, Questions};
use crate::form::Reformat;
use crate::parse::spoken;

/// One reply sent back to who wrote it.
struct SentBack {
    questions: Arc<Questions>,
    put: Put,
    said: Arc<str>,
}

impl Conversation for SentBack {
    fn prompt(&self) -> Prompt {
        self.questions.reformat(self.put, &self.said)
    }
}

/// Queues a second turn for every first one that said something nobody can read.
pub(super) fn ask_again(
    answering: Res<Answering>,
    current: Res<CurrentQuestions>,
    inbox: Res<Inbox>,
    mut outbox: ResMut<Outbox>,
) {
    let (Reformat::Once, Some(questions)) = (answering.design.reformat, &current.0) else {
        return;
    };
    for reply in inbox.fresh().iter().filter(|reply| reply.id.turn == 0) {
        if questions.drafting(reply.id.agent).is_some() {
            continue;
        }
        let put = questions.put_by(reply.id);
        let reading = answering.reader().read(&reply.result, &questions.as_offered(put));
        let unread = matches!(reading.answer, Err(Outcome::Unparsable | Outcome::OutOfRange));
        let said = reply.result.as_ref().map_or("", |completion| spoken(&completion.text));
        if unread && !said.is_empty() {
            outbox.0.push(Request {
                id: RequestId { turn: 1, ..reply.id },
                backbone: reply.backbone,
                conversation: Arc::new(SentBack { questions: questions.clone(), put, said: Arc::from(said) }),
            });
        }
    }
}
