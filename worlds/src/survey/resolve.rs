//! `Resolve`: intents become answers, all at once, on the state of the tick's start.

use bevy_ecs::prelude::*;
use pluriverse_engine::journal::{Event, Journal};
use pluriverse_engine::simulation::TickOutcomes;
use pluriverse_engine::tick::Clock;

use super::state::{AnswerIntents, AnswersWanted, Failures, Questionnaire, ReplyTexts, Sheets};

/// Makes the intents of this tick the society's answers and writes down what went wrong, in agent order.
pub fn resolve_answers(
    clock: Res<Clock>,
    questionnaire: Res<Questionnaire>,
    wanted: Res<AnswersWanted>,
    mut intents: ResMut<AnswerIntents>,
    mut sheets: ResMut<Sheets>,
    mut texts: ResMut<ReplyTexts>,
    mut failures: ResMut<Failures>,
    mut outcomes: ResMut<TickOutcomes>,
    mut journal: ResMut<Journal>,
) {
    if *wanted == AnswersWanted::Never && clock.tick > 0 {
        return;
    }
    let sheets = &mut *sheets;
    sheets.in_turn = None;
    std::mem::swap(&mut sheets.previous, &mut sheets.current);
    std::mem::swap(&mut sheets.current, &mut intents.0);
    texts.commit();
    sheets.asked += 1;
    if sheets.asked == 1
        && let Some(origin) = &mut sheets.origin
    {
        origin.clone_from(&sheets.current);
    }
    outcomes.0.merge(&sheets.current.outcomes());
    failures.0.sort_by_key(|failure| (failure.agent, failure.item));
    for failure in failures.0.drain(..) {
        journal.push(Event::RequestFailed {
            agent: failure.agent,
            subject: questionnaire.0.items[failure.item].id.clone(),
            outcome: failure.outcome,
            reason: failure.reason,
        });
    }
}
