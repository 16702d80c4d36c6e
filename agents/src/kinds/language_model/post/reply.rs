//! Replies: read on while an agent wants to read, and then done what it wants.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use pluriverse_engine::exchange::{
    Accounts, BilledReply, CallFailure, CallResult, Completion, Finish, Inbox, Message, Outbox, Reply, Request,
    RequestId, Role,
};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::ArmStreams;
use pluriverse_worlds::culture::Cultures;
use pluriverse_worlds::platform::action::{Action, Sort};
use pluriverse_worlds::platform::ids::Due;
use pluriverse_worlds::platform::life::{PostPercept, WakeOutcomes};
use pluriverse_worlds::platform::posting::RecordImpressions;
use pluriverse_worlds::platform::reading::Readings;
use pluriverse_worlds::platform::round::{History, Pending, Scheduled};
use pluriverse_worlds::platform::schedule::{PACE, below};
use pluriverse_worlds::platform::see::{Seeing, Seen, action_of, reading_of};
use pluriverse_worlds::platform::state::Platform;
use pluriverse_worlds::platform::view::Answered;
use pluriverse_worlds::platform::wish::Wish;
use pluriverse_worlds::platform::wording::Words;
use rand_chacha::rand_core::Rng;

use super::super::record::{Dialogue, Exchanged, Put};
use super::ask::{draws, labels};
use super::{Awake, DraftTalk, Drafting, OnPlatform, Recollections, Talk, Turned, Waking, schema};
use crate::drafts::taking::{Next, Turn};
use crate::form::Reformat;
use crate::kinds::language_model::Answering;
use crate::parse::spoken;
use crate::posting::read::{ReadReply, only_reads, read_actions};
use crate::posting::schema::Left;

/// What reading on takes.
#[derive(SystemParam)]
pub struct Reading<'w> {
    readings: Res<'w, Readings>,
    percept: Res<'w, PostPercept>,
    prompts: Option<Res<'w, OnPlatform>>,
    platform: Res<'w, Platform>,
    words: Res<'w, Words>,
    cultures: Res<'w, Cultures>,
    arm: Res<'w, ArmStreams>,
}

/// `AskAgain`: every reply is read as it comes. Who wants to read more is shown it and asked again; a reply that cannot
/// be read is sent back once, where the scenario allows it.
pub fn read_on(
    answering: Res<Answering>,
    reading: Reading,
    inbox: Res<Inbox>,
    mut awake: ResMut<Awake>,
    mut outbox: ResMut<Outbox>,
) {
    let Some(prompts) = reading.prompts.as_ref().filter(|_| !awake.0.is_empty()) else {
        return;
    };
    for reply in inbox.fresh() {
        let Some(waking) = awake.0.get_mut(&(reply.id.agent, reply.id.slot)) else {
            continue;
        };
        let Some(result) = drafted(waking, reply, &answering, &mut outbox) else {
            continue;
        };
        let said = result.as_ref().map_or("", |completion| spoken(&completion.text)).to_owned();
        let behind = match read(&result, waking.left) {
            Ok(read) => {
                waking.turns.push(Turned { outcome: Outcome::Answered, reason: dropped(&read) });
                let wanted: Vec<Wish> = read.wishes.iter().filter(|wish| only_reads(wish)).cloned().collect();
                waking.left.reads = waking.left.reads.saturating_sub(wanted.len() as u32);
                waking.left.actions = waking.left.actions.saturating_sub((read.wishes.len() - wanted.len()) as u32);
                waking.wishes.extend(read.wishes);
                if wanted.is_empty() {
                    continue;
                }
                let brought = reading.bring(waking, &wanted);
                prompts.0.answered(&brought, waking.left)
            }
            Err(turned) => {
                let again = answering.design.reformat == Reformat::Once
                    && turned.outcome == Outcome::Unparsable
                    && !said.is_empty()
                    && waking.turns.iter().all(|earlier| earlier.outcome == Outcome::Answered);
                let why = turned.reason.clone();
                waking.turns.push(turned);
                if !again {
                    continue;
                }
                prompts.0.reformat(&why)
            }
        };
        waking.messages.push(Message { role: Role::Assistant, text: Arc::from(said) });
        waking.messages.push(Message { role: Role::User, text: Arc::from(behind) });
        outbox.0.push(Request {
            id: RequestId { turn: reply.id.turn + 1, ..reply.id },
            backbone: waking.backbone,
            conversation: Arc::new(Talk { messages: waking.messages.clone(), schema: schema(&answering) }),
        });
    }
}

/// What an agent says: its reply or, where it drafts, the draft it takes; `None` while it is drafting, and where that
/// came to nothing. What follows from a draft is queued.
fn drafted(waking: &mut Waking, reply: &Reply, answering: &Answering, outbox: &mut Outbox) -> Option<CallResult> {
    let Some(Drafting { way, mut taking, prompts }) = waking.drafting.take() else {
        return Some(reply.result.clone());
    };
    let Turn { outcome, reason, next, .. } = taking.take_in(&reply.result);
    let drafts = match next {
        Next::Done(Ok(text)) => return Some(Ok(Completion::of_text(&text))),
        Next::Done(Err((failed, reason))) => {
            waking.turns.push(Turned { outcome: failed, reason });
            return None;
        }
        Next::Choose(drafts) => Some(drafts),
        Next::Draft => None,
    };
    waking.turns.push(Turned { outcome, reason: reason.unwrap_or_default() });
    let talk = Talk { messages: waking.messages.clone(), schema: schema(answering) };
    outbox.0.push(Request {
        id: RequestId { turn: reply.id.turn + 1, ..reply.id },
        backbone: waking.backbone,
        conversation: Arc::new(DraftTalk { talk, way, prompts: prompts.clone(), drafts }),
    });
    waking.drafting = Some(Drafting { way, taking, prompts });
    None
}

impl Reading<'_> {
    /// What reading brings, by verb, and what is seen by that.
    fn bring(&self, waking: &mut Waking, wanted: &[Wish]) -> Vec<(&'static str, Answered)> {
        let Some((design, posting)) = &self.percept.0 else {
            return Vec::new();
        };
        let (platform, words, cultures) = (&*self.platform, &*self.words, &*self.cultures);
        let seeing = Seeing { platform, words, cultures, posting, labels: labels(design.treatment) };
        let mut rng = draws(&self.arm, waking.wake, self.readings.round);
        // Behind what the overview and earlier readings drew.
        rng.set_word_pos((u128::from(waking.wake.ordinal) << 16) + ((waking.turns.len() as u128) << 10));
        let answers = wanted.iter().filter_map(|wish| {
            let answered =
                seeing.answer(waking.wake.agent, wish, &mut |n| below(rng.next_u32(), n), &mut waking.seen)?;
            Some((verb(wish), answered))
        });
        answers.collect()
    }
}

/// The verb of a wish that only reads.
const fn verb(wish: &Wish) -> &'static str {
    match wish {
        Wish::Home => "home",
        Wish::GetFeed(_) => "get_feed",
        Wish::ListPosts { .. } => "list_posts",
        Wish::GetPost(_) => "get_post",
        Wish::GetComments(..) => "get_comments",
        _ => "search",
    }
}

/// What was dropped from a reply that was read, in words.
fn dropped(read: &ReadReply) -> Arc<str> {
    let words = read.dropped.iter().map(|(why, times)| format!("{times} dropped: {why}"));
    Arc::from(words.collect::<Vec<_>>().join("; "))
}

/// Reads what a call brought.
fn read(result: &CallResult, left: Left) -> Result<ReadReply, Turned> {
    let without = |outcome, reason: Arc<str>| Err(Turned { outcome, reason });
    let completion = match result {
        Ok(completion) => completion,
        // A failure that calls itself an answer is still a failure.
        Err(CallFailure { outcome: Outcome::Answered | Outcome::NotAsked, reason }) => {
            return without(Outcome::Failed, reason.clone());
        }
        Err(failure) => return without(failure.outcome, failure.reason.clone()),
    };
    if let Some(refusal) = &completion.refusal {
        return without(Outcome::Refused, Arc::from(format!("the model declined: {refusal:?}")));
    }
    if completion.finish == Finish::ContentFilter {
        return without(Outcome::Refused, Arc::from("the server withheld the reply, or part of it"));
    }
    read_actions(&completion.text, left)
        .map_err(|why| Turned { outcome: Outcome::Unparsable, reason: Arc::from(why.to_string()) })
}

/// `Interpret`: what everybody awake wants is scheduled, or why nothing is known of it noted. Of several turns the last
/// decides whether the agent answered; what it wanted before that counts either way.
pub(in super::super) fn read_awake(
    percept: Res<PostPercept>,
    mut awake: ResMut<Awake>,
    mut inbox: ResMut<Inbox>,
    mut platform: ResMut<Platform>,
    mut pending: ResMut<Pending>,
    mut history: ResMut<History>,
    mut outcomes: ResMut<WakeOutcomes>,
    mut recollections: ResMut<Recollections>,
    mut accounts: ResMut<Accounts>,
    mut dialogue: ResMut<Dialogue>,
) {
    let Some((design, posting)) = percept.0.as_ref().filter(|_| !awake.0.is_empty()) else {
        return;
    };
    bill(&inbox.take(), &awake, &mut accounts, &mut dialogue);
    let every = match posting.impressions {
        RecordImpressions::None => 0,
        RecordImpressions::Sample(every) => every,
        RecordImpressions::All => 1,
    };
    for waking in std::mem::take(&mut awake.0).into_values() {
        let outcome = waking.turns.last().map_or(Outcome::Failed, |turned| turned.outcome);
        outcomes.0.add(outcome);
        schedule(&waking, (posting.sort, posting.budget.feed.min(100) as u8), &mut platform, &mut pending);
        recollections.read(&waking.seen, waking.wake, labels(design.treatment));
        if every > 0 && waking.wake.agent.0.is_multiple_of(every) {
            history.impressions.extend(waking.seen.0);
        }
    }
}

/// Puts every reply on the account and into the table of requests.
fn bill(replies: &[Reply], awake: &Awake, accounts: &mut Accounts, dialogue: &mut Dialogue) {
    for reply in replies {
        let Some(waking) = awake.0.get(&(reply.id.agent, reply.id.slot)) else {
            continue;
        };
        let Some(turned) = waking.turns.get(usize::from(reply.id.turn)) else {
            continue;
        };
        accounts.0.push(BilledReply {
            backbone: reply.backbone,
            outcome: turned.outcome,
            usage: reply.result.as_ref().ok().map(|completion| completion.usage),
            bill: reply.bill,
        });
        let put = Arc::new(Put::of_ballots(&shown(&waking.seen)));
        let reason = (!turned.reason.is_empty()).then(|| turned.reason.clone());
        dialogue.0.push(Exchanged::of_ballot(reply, "actions", turned.outcome, reason, put));
    }
}

/// What an agent saw, as the table of requests tells it.
fn shown(seen: &Seen) -> String {
    let names = seen.0.iter().map(|seen| crate::posting::schema::target_id(seen.shown));
    names.collect::<Vec<_>>().join(" ")
}

/// Schedules what somebody wants, one after another from its wake on.
fn schedule(waking: &Waking, (sort, limit): (Sort, u8), platform: &mut Platform, pending: &mut Pending) {
    let agent = waking.wake.agent;
    let mut due = Due { at: waking.wake.at, agent, ordinal: waking.wake.ordinal << 12 };
    let mut put = |action: Action, seconds: u32| {
        due = Due { at: due.at.later(seconds), agent, ordinal: due.ordinal + 1 };
        pending.fresh.push(Scheduled { due, action });
    };
    put(Action::Home, 1);
    put(Action::GetFeed { sort, limit }, 1);
    for wish in &waking.wishes {
        if let Some(action) = reading_of(wish, platform, limit) {
            put(action, 1);
        } else if let Some(action) = action_of(wish, platform) {
            // Words take longer than votes, and comments keep the platform's limit of one in 20 seconds.
            let spoken = matches!(action, Action::CreatePost { .. } | Action::Comment { .. });
            put(action, if spoken { PACE } else { 2 });
        }
    }
}
