//! The exchange: requests leave the worlds, are served concurrently, and return in a stable order.
//!
//! This is the only place where the run waits. Completion order never shows: replies are sorted by request before
//! any system sees them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use tokio::task::JoinSet;

use crate::agent::{AgentId, Backbone};
use crate::outcome::Outcome;

/// Which request this is: stable across runs, the order in which replies are handed back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId {
    /// Who asks.
    pub agent: AgentId,
    /// Which of the agent's requests in this tick, e.g. the index of a survey item.
    pub slot: u32,
}

/// A text to be answered by a language model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Which request this is.
    pub id: RequestId,
    /// Who is to answer it.
    pub backbone: Backbone,
    /// The system prompt: who the model is to be.
    pub system: Arc<str>,
    /// The user prompt: what it is asked.
    pub user: Arc<str>,
}

/// Why a call brought no text. The outcome is never [`Outcome::Answered`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallFailure {
    /// What became of the request.
    pub outcome: Outcome,
    /// Why, for people.
    pub reason: Arc<str>,
}

/// What a call brought: the text as the model wrote it, or why there is none.
pub type CallResult = Result<Arc<str>, CallFailure>;

/// A reply on its way back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// The request it answers.
    pub id: RequestId,
    /// What came of it.
    pub result: CallResult,
}

/// Requests of the current tick, queued in [`crate::tick::TickSystems::Ask`].
#[derive(Resource, Default, Debug)]
pub struct Outbox(pub Vec<Request>);

/// Replies of the current tick, in the order of their requests.
#[derive(Resource, Default, Debug)]
pub struct Inbox(pub Vec<Reply>);

/// A language model, as the engine sees it: text in, text or a typed failure out.
pub trait LanguageModel: Send + Sync {
    /// Answers one request. Must not panic; every fault is a [`CallFailure`].
    fn complete<'a>(&'a self, request: &'a Request) -> Pin<Box<dyn Future<Output = CallResult> + Send + 'a>>;
}

/// The models of a run, by backbone, and how many calls each may have in flight.
pub struct Exchange {
    models: Vec<Option<Arc<dyn LanguageModel>>>,
    in_flight: usize,
}

impl Exchange {
    /// An exchange over these models (index = [`Backbone`]; `None` for backbones that never send text), with at
    /// most `in_flight` calls under way at once.
    pub fn new(models: Vec<Option<Arc<dyn LanguageModel>>>, in_flight: usize) -> Self {
        Self { models, in_flight: in_flight.max(1) }
    }

    /// Serves all requests and returns the replies in the order of the requests.
    pub async fn serve(&self, requests: Vec<Request>) -> Vec<Reply> {
        let mut replies: Vec<Option<Reply>> = vec![None; requests.len()];
        let mut calls: JoinSet<(usize, Reply)> = JoinSet::new();
        let ids: Vec<RequestId> = requests.iter().map(|request| request.id).collect();
        for (position, request) in requests.into_iter().enumerate() {
            while calls.len() >= self.in_flight {
                store(&mut replies, calls.join_next().await);
            }
            match self.models.get(request.backbone.index()).cloned().flatten() {
                Some(model) => {
                    calls.spawn(async move {
                        let result = model.complete(&request).await;
                        (position, Reply { id: request.id, result })
                    });
                }
                None => replies[position] = Some(failed(request.id, "no model serves this backbone")),
            }
        }
        while !calls.is_empty() {
            store(&mut replies, calls.join_next().await);
        }
        replies
            .into_iter()
            .zip(ids)
            .map(|(reply, id)| reply.unwrap_or_else(|| failed(id, "the call ended without a result")))
            .collect()
    }
}

fn store(replies: &mut [Option<Reply>], finished: Option<Result<(usize, Reply), tokio::task::JoinError>>) {
    // A call that panicked leaves its place empty; it is filled with a typed failure at the end.
    if let Some(Ok((position, reply))) = finished {
        replies[position] = Some(reply);
    }
}

fn failed(id: RequestId, reason: &str) -> Reply {
    Reply { id, result: Err(CallFailure { outcome: Outcome::Failed, reason: Arc::from(reason) }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Answers with the slot, later for lower slots, and fails on slot 3.
    struct Backwards;

    impl LanguageModel for Backwards {
        fn complete<'a>(&'a self, request: &'a Request) -> Pin<Box<dyn Future<Output = CallResult> + Send + 'a>> {
            Box::pin(async move {
                let slot = request.id.slot;
                tokio::time::sleep(Duration::from_millis(u64::from(40 - 4 * slot.min(9)))).await;
                assert_ne!(slot, 5, "a model that panics");
                if slot == 3 {
                    return Err(CallFailure { outcome: Outcome::TimedOut, reason: Arc::from("too slow") });
                }
                Ok(Arc::from(format!("slot {slot}")))
            })
        }
    }

    #[test]
    fn replies_come_back_in_the_order_of_requests_whatever_order_they_finish_in() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime builds");
        for in_flight in [1, 3, 100] {
            let exchange = Exchange::new(vec![Some(Arc::new(Backwards))], in_flight);
            let requests: Vec<Request> = (0..8)
                .map(|slot| Request {
                    id: RequestId { agent: AgentId(0), slot },
                    backbone: Backbone(u16::from(slot == 7)),
                    system: Arc::from(""),
                    user: Arc::from(""),
                })
                .collect();
            let replies = runtime.block_on(exchange.serve(requests));
            let slots: Vec<u32> = replies.iter().map(|reply| reply.id.slot).collect();
            assert_eq!(slots, (0..8).collect::<Vec<_>>());
            let outcomes: Vec<Option<Outcome>> =
                replies.iter().map(|reply| reply.result.as_ref().err().map(|failure| failure.outcome)).collect();
            let mut expected = vec![None; 8];
            expected[3] = Some(Outcome::TimedOut);
            expected[5] = Some(Outcome::Failed);
            expected[7] = Some(Outcome::Failed);
            assert_eq!(outcomes, expected);
        }
    }
}
