//! Dilemmas answered in the agents' own words: a judge reads each reply and says which option it commits to, and how
//! clearly (the open-ended variant of arXiv 2605.10843).

use std::sync::Arc;

use pluriverse_engine::agent::Backbone;
use pluriverse_engine::exchange::{Conversation, Outbox, Prompt, Reply, Request, RequestId};
use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::panel::open_ended::{JUDGE_TEMPERATURE, Verdict, shown_to_judge};

use super::dilemmas::{DilemmaQuestions, Place};
use super::record::{Exchanged, Put};
use crate::judging::{Choices, Failed};
use crate::parse::spoken;

/// A reply put before the judge.
struct Trial {
    questions: Arc<DilemmaQuestions>,
    place: Place,
    said: Arc<str>,
}

impl Conversation for Trial {
    fn prompt(&self) -> Prompt {
        self.questions.verdict_on(self.place, &self.said)
    }
}

/// Puts every answer that came before the judge, as its second turn.
pub(super) fn ask_the_judge(questions: &Arc<DilemmaQuestions>, judge: Backbone, fresh: &[Reply], outbox: &mut Outbox) {
    for reply in fresh.iter().filter(|reply| reply.id.turn == 0) {
        let Some(said) = words(reply) else {
            continue;
        };
        let (questions, place, said) = (questions.clone(), Place::of(reply.id.slot), Arc::from(shown_to_judge(said)));
        let id = RequestId { turn: 1, ..reply.id };
        outbox.0.push(Request { id, backbone: judge, conversation: Arc::new(Trial { questions, place, said }) });
    }
}

/// Reads an answer in words, or the judge's verdict on it; it counts where it is the last word on its scenario, order and
/// sample. A verdict that cannot be read is a failure; one in doubt is a gap of 0, as published.
pub(super) fn read_open(reply: &Reply, counts: Option<&mut Choices>, put: Arc<Put>) -> Exchanged {
    let (rule, found) = if reply.id.turn == 0 { ("open", answer(reply)) } else { ("verdict", verdict(reply)) };
    let (outcome, reason) = match &found {
        Ok(_) => (Outcome::Answered, None),
        Err((outcome, reason)) => (*outcome, Some(reason.clone())),
    };
    if let Some(choices) = counts {
        // Words that nobody judged are no choice.
        let judged = if reply.id.turn == 0 { found.and_then(|_| Err(unjudged())) } else { found };
        choices.take_in_verdict(Place::of(reply.id.slot).order, judged);
    }
    Exchanged::of_ballot(reply, rule, outcome, reason, put)
}

/// What was said, where anything was.
fn words(reply: &Reply) -> Option<&str> {
    reply.result.as_ref().ok().map(|completion| spoken(&completion.text)).filter(|said| !said.is_empty())
}

/// Whether there is an answer to judge: what it commits to is for the judge to say.
fn answer(reply: &Reply) -> Result<f64, Failed> {
    match (&reply.result, words(reply)) {
        (Err(failure), _) => Err((failure.outcome, Arc::from("the agent's reply did not come"))),
        (Ok(_), None) => Err((Outcome::Unparsable, Arc::from("the agent said nothing"))),
        (Ok(_), Some(_)) => Ok(0.0),
    }
}

fn unjudged() -> Failed {
    (Outcome::NotAsked, Arc::from("nobody judged what the agent said"))
}

fn verdict(reply: &Reply) -> Result<f64, Failed> {
    match (&reply.result, words(reply).and_then(Verdict::find)) {
        (Err(failure), _) => Err((failure.outcome, Arc::from("the judge's verdict did not come"))),
        (Ok(_), None) => {
            Err((Outcome::Unparsable, Arc::from("the judge gave no verdict: an object with choice and confidence")))
        }
        (Ok(_), Some(verdict)) => Ok(verdict.gap(JUDGE_TEMPERATURE)),
    }
}
