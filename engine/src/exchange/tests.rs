//! The exchange as a whole, with models that misbehave.

use std::sync::Arc;
use std::time::Duration;

use super::{
    AttemptFailure, AttemptFuture, Call, Completion, Exchange, FailureKind, Halt, LaneSettings, LaneSpec,
    LanguageModel, Limit, Limits, Message, ModelIdentity, Prompt, Request, RequestId, Role,
};
use crate::agent::AgentId;
use crate::agent::Backbone;
use crate::outcome::Outcome;
use crate::replies::{Replies, ReplyReader};
use crate::run::StopSignal;

/// Answers with the slot, later for lower slots; slot 3 is rejected, slot 5 panics, slot 6 fails twice before it
/// is answered.
struct Backwards {
    failed: std::sync::atomic::AtomicU32,
}

impl LanguageModel for Backwards {
    fn identity(&self) -> ModelIdentity {
        ModelIdentity { kind: "test", model: Arc::from("m"), sampling: Arc::from("{}"), seed: Some(1) }
    }

    fn endpoints(&self) -> Vec<Arc<str>> {
        vec![Arc::from("here")]
    }

    fn attempt<'a>(&'a self, call: &'a Call) -> AttemptFuture<'a> {
        Box::pin(async move {
            let slot = call.id.slot;
            tokio::time::sleep(Duration::from_millis(u64::from(40 - 4 * slot.min(9)))).await;
            assert_ne!(slot, 5, "a model that panics");
            if slot == 3 {
                return Err(AttemptFailure::new(FailureKind::Rejected, "no"));
            }
            if slot == 6 && self.failed.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2 {
                return Err(AttemptFailure::new(FailureKind::RateLimited, "slowly"));
            }
            Ok(Completion::of_text(&format!("slot {slot}, seed {}", call.seed.is_some())))
        })
    }
}

fn request(slot: u32, backbone: u16) -> Request {
    let messages = vec![Message { role: Role::User, text: Arc::from(format!("slot {slot}")) }];
    Request {
        id: RequestId { agent: AgentId(0), slot, sample: 0, turn: 0 },
        backbone: Backbone(backbone),
        conversation: Arc::new(Prompt { messages, choices: Vec::new(), schema: None }),
    }
}

#[test]
fn replies_come_back_in_the_order_of_requests_whatever_order_they_finish_in() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime builds");
    for in_flight in [1, 3, 100] {
        let settings = LaneSettings { in_flight, backoff: Duration::from_millis(5), ..LaneSettings::default() };
        let model = Arc::new(Backwards { failed: 0.into() });
        let mut exchange = Exchange::new(vec![Some(LaneSpec::asking(model, settings))], Limits::default());
        let requests: Vec<Request> = (0..8).map(|slot| request(slot, u16::from(slot == 7))).collect();
        let served = runtime.block_on(exchange.serve(requests, &mut (), &StopSignal::default()));
        let replies = served.expect("served");
        let slots: Vec<u32> = replies.iter().map(|reply| reply.id.slot).collect();
        assert_eq!(slots, (0..8).collect::<Vec<_>>());
        let outcomes: Vec<Option<Outcome>> =
            replies.iter().map(|reply| reply.result.as_ref().err().map(|failure| failure.outcome)).collect();
        let mut expected = vec![None; 8];
        for place in [3, 5, 7] {
            expected[place] = Some(Outcome::Failed);
        }
        assert_eq!(outcomes, expected);
        let text = replies[6].result.as_ref().map(|completion| completion.text.to_string());
        assert_eq!(text, Ok("slot 6, seed true".to_owned()));
        assert_eq!(replies[6].bill.attempts, 3);
        assert_eq!(exchange.spent().requests, 9);
    }
}

#[test]
fn a_limit_stops_the_exchange_when_what_was_under_way_has_ended() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime builds");
    let model = Arc::new(Backwards { failed: 2.into() });
    let limits = Limits { requests: Some(2), ..Limits::default() };
    let lane = LaneSpec::asking(model, LaneSettings::default());
    let mut exchange = Exchange::new(vec![Some(lane)], limits);
    let requests = [0, 1, 2].map(|slot| request(slot, 0)).to_vec();
    let halt = runtime.block_on(exchange.serve(requests, &mut (), &StopSignal::default()));
    assert!(matches!(halt, Err(Halt::LimitReached(Limit::Requests(2)))), "{halt:?}");
    assert_eq!(exchange.spent().requests, 2);
    assert_eq!(exchange.lanes()[0].calls, 2);
}

#[test]
fn when_replies_are_handed_back_they_are_on_disk() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime builds");
    let folder = std::env::temp_dir().join(format!("pluriverse-exchange-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("made");
    let model = Arc::new(Backwards { failed: 2.into() });
    let lane = LaneSpec::asking(model, LaneSettings::default());
    let mut exchange = Exchange::new(vec![Some(lane)], Limits::default());
    exchange.keep_replies(Replies::open(&folder, None).expect("opened"));
    let requests: Vec<Request> = [0, 1, 2, 3].map(|slot| request(slot, 0)).to_vec();
    let replies = runtime.block_on(exchange.serve(requests, &mut (), &StopSignal::default())).expect("served");
    // Somebody else's look at the file, while the exchange still has it open.
    let reader = ReplyReader::open(&folder).expect("readable");
    for reply in replies {
        assert!(reader.kept(&reply.key.hex()).expect("readable").is_some(), "slot {}", reply.id.slot);
    }
    exchange.close().expect("closed");
    std::fs::remove_dir_all(&folder).expect("removed");
}
