//! `Interpret`: replies become answers or typed failures.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::exchange::{Accounts, BilledReply, CallResult, Inbox, Reply, RequestId};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{ArmStreams, Purpose, PurposeStreams};
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::survey::state::{
    AnswerIntents, Distributions, Failure, Failures, Questionnaire, ReplyTexts, Timeline,
};
use rand_chacha::rand_core::Rng;
use rayon::prelude::*;

use super::Answering;
use super::ask::{self, CurrentQuestions, Questions};
use super::decide::decide;
use super::drafted::{self, Decided};
use super::panel::Deliberation;
use super::record::{Dialogue, Exchanged, Put};
use crate::parse::{Reading, spoken};

/// Reads the replies of this tick, decision by decision, in the order of requests.
pub(super) fn read_replies(
    clock: Res<Clock>,
    arm: Res<ArmStreams>,
    answering: Res<Answering>,
    current: Res<CurrentQuestions>,
    questionnaire: Res<Questionnaire>,
    timeline: Res<Timeline>,
    mut inbox: ResMut<Inbox>,
    mut intents: ResMut<AnswerIntents>,
    mut texts: ResMut<ReplyTexts>,
    mut failures: ResMut<Failures>,
    mut distributions: ResMut<Distributions>,
    mut accounts: ResMut<Accounts>,
    mut dialogue: ResMut<Dialogue>,
    mut panels: Deliberation,
) {
    let Some(questions) = &current.0 else {
        return;
    };
    let streams = arm.0.of(Purpose("language_model.take"));
    let words_are_shown = timeline.shows_replies_from(clock.now.phase);
    let replies = inbox.take();
    let mut readings = read_all(&replies, &answering, questions).into_iter();
    for decision in replies.chunk_by(|a, b| (a.id.agent, a.id.slot) == (b.id.agent, b.id.slot)) {
        let (agent, slot) = (decision[0].id.agent, decision[0].id.slot);
        let item = &questionnaire.0.items[slot as usize];
        let plain: Vec<Reading> = readings.by_ref().take(decision.len()).collect();
        let Decided { turns, words } = match questions.drafting(agent) {
            Some(way) => {
                let read = |id: RequestId, result: &CallResult| read_one(&answering, questions, id, result);
                drafted::decided(way, decision, (&arm, clock.tick), &read)
            }
            None => Decided {
                words: vec![None; plain.len()],
                turns: plain.into_iter().map(|reading| (reading, None)).collect(),
            },
        };
        let (mut readings, turned): (Vec<Reading>, Vec<Option<Outcome>>) = turns.into_iter().unzip();
        let last: Vec<usize> = last_turns(decision);
        let counted: Vec<&Reading> = last.iter().map(|&place| &readings[place]).collect();
        let chance = chance(&streams, agent, clock.tick, slot);
        let decided = match questions.panel(agent) {
            Some(_) => panels.decide(questions, &decision[0].id, item, &counted, chance),
            None => decide(&counted, item.options.len(), answering.design.take, chance),
        };
        let place = last[decided.reading];
        // The words of a reply read by its probabilities are one draw of the server's; what counts was taken here.
        let by_probability = readings[place].distribution.is_some() || questions.panel(agent).is_some();
        if by_probability && questions.panel(agent).is_none() {
            readings[place].answer = decided.answer;
        }
        let (reply, reading) = (&decision[place], &readings[place]);
        intents.0.set(agent, slot as usize, decided.answer);
        if let Some(distribution) = decided.distribution {
            distributions.0.insert((agent, slot as usize), distribution);
        }
        match (decided.answer, &reply.result) {
            (Ok(_), Ok(completion)) if words_are_shown && !by_probability => {
                let said = words[place].as_deref().unwrap_or_else(|| spoken(&completion.text));
                texts.keep(agent, slot as usize, said.into());
            }
            (Ok(_), _) => {}
            (Err(outcome), _) => failures.0.push(Failure {
                agent,
                item: slot as usize,
                outcome,
                reason: decided.reason.or_else(|| reading.reason.clone()).unwrap_or_default(),
            }),
        }
        accounts.0.extend(decision.iter().zip(readings.iter().zip(&turned)).map(|(reply, (reading, turned))| {
            BilledReply {
                backbone: reply.backbone,
                outcome: ended(reading, *turned),
                usage: reply.result.as_ref().ok().map(|completion| completion.usage),
                bill: reply.bill,
            }
        }));
        note(decision, readings, &turned, questions, &mut dialogue);
    }
}

/// What became of a reply: what its turn came to where it was one of several, else what it was read as.
fn ended(reading: &Reading, turned: Option<Outcome>) -> Outcome {
    turned.unwrap_or_else(|| reading.answer.map_or_else(|outcome| outcome, |_| Outcome::Answered))
}

/// Keeps the requests of a decision for the table: those of one question share what was put, those of a panel's voices
/// do not.
fn note(
    decision: &[Reply],
    readings: Vec<Reading>,
    turned: &[Option<Outcome>],
    questions: &Questions,
    dialogue: &mut Dialogue,
) {
    let mut put: Option<(ask::Put, Arc<Put>)> = None;
    dialogue.0.extend(decision.iter().zip(readings.into_iter().zip(turned)).map(|(reply, (reading, turned))| {
        let of = questions.put_by(reply.id);
        let told = match &put {
            Some((known, told)) if *known == of => told.clone(),
            _ => put.insert((of, Arc::new(Put::of(questions, of)))).1.clone(),
        };
        let outcome = ended(&reading, *turned);
        Exchanged::new(reply, reading, told).ended(outcome)
    }));
}

/// Reads every reply, in parallel: reading depends on nothing else. Answers and distributions are in the survey's
/// order.
fn read_all(replies: &[Reply], answering: &Answering, questions: &Questions) -> Vec<Reading> {
    let read = |reply: &Reply| read_one(answering, questions, reply.id, &reply.result);
    replies.par_iter().with_min_len(64).map(read).collect()
}

/// Reads what was replied to a request.
fn read_one(answering: &Answering, questions: &Questions, id: RequestId, result: &CallResult) -> Reading {
    let put = questions.put_by(id);
    let mut reading = answering.reader().read(result, &questions.as_offered(put));
    if let Some(offered) = questions.offered(put) {
        reading.answer = reading.answer.map(|place| offered.option_at(place));
        if let Some(distribution) = &mut reading.distribution {
            distribution.shares = offered.in_survey_order(&distribution.shares);
        }
    }
    reading
}

/// Places of the last turn of every sample.
fn last_turns(decision: &[Reply]) -> Vec<usize> {
    let ends = |place: usize| decision.get(place + 1).is_none_or(|next| next.id.sample != decision[place].id.sample);
    (0..decision.len()).filter(|&place| ends(place)).collect()
}

/// The draw that decides where one is needed: a function of agent, tick and item.
fn chance(streams: &PurposeStreams, agent: AgentId, tick: u32, slot: u32) -> u64 {
    let mut rng = streams.stream(agent, tick);
    rng.set_word_pos(u128::from(slot) * 2);
    rng.next_u64()
}
