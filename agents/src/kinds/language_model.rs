//! Agents that answer in text: percept to prompt to request, reply to answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::exchange::{CallFailure, Inbox, Outbox, Request, RequestId};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::simulation::SimulationBuilder;
use pluriverse_engine::tick::TickSystems;
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::exposure::Network;
use pluriverse_worlds::exposure::perceive::shown_answers;
use pluriverse_worlds::survey::state::{AnswerIntents, Failure, Failures, Percept, Questionnaire, ReplyTexts, Sheets};

use crate::parse::{self, ParseRule};
use crate::persona::{Persona, Personas};
use crate::prompt::Prompts;

/// Marks agents whose backbone is a language model behind the exchange.
#[derive(Component, Clone, Copy, Debug)]
pub struct SpeaksToModel;

/// The prompts of a society's language-model agents.
#[derive(Resource, Clone)]
pub struct SurveyPrompts(pub Arc<Prompts>);

/// How replies are read.
#[derive(Resource, Clone, Copy, Debug)]
pub struct Reading(pub ParseRule);

/// Adds language-model agents to a society: expects the survey world, [`SurveyPrompts`] and [`Reading`].
pub fn plugin(simulation: &mut SimulationBuilder) {
    simulation
        // Kinds write the answers of their own agents: their order among each other cannot show.
        .before_model(ask_models.in_set(TickSystems::Ask).ambiguous_with(TickSystems::Ask))
        .after_model(read_replies.in_set(TickSystems::Interpret).ambiguous_with(TickSystems::Interpret));
}

/// `Ask`: one request an item and agent.
fn ask_models(
    percept: Res<Percept>,
    questionnaire: Res<Questionnaire>,
    prompts: Res<SurveyPrompts>,
    cultures: Res<Cultures>,
    personas: Res<Personas>,
    network: Res<Network>,
    sheets: Res<Sheets>,
    texts: Res<ReplyTexts>,
    everybody: Query<(&AgentId, &Culture)>,
    askers: Query<(&AgentId, &Backbone, &Culture, &Persona), With<SpeaksToModel>>,
    mut outbox: ResMut<Outbox>,
) {
    let shown_design = match *percept {
        Percept::Nothing => return,
        Percept::Items => None,
        Percept::ItemsAndPeers(design) => Some(design),
    };
    if askers.is_empty() {
        return;
    }
    let culture_of: BTreeMap<AgentId, Culture> = everybody.iter().map(|(&agent, &culture)| (agent, culture)).collect();
    // By id: request order is part of the record.
    for (&agent, &backbone, &culture, &persona) in askers.iter().sort::<&AgentId>() {
        let profile = cultures.profile(culture);
        let system = prompts.0.system(profile, personas.text(persona));
        for (slot, item) in questionnaire.0.items.iter().enumerate() {
            let shown = shown_design.map(|design| {
                let culture = |peer| culture_of[&peer];
                shown_answers(&network, &sheets, &texts, culture, design.shown, agent, slot)
            });
            outbox.0.push(Request {
                id: RequestId { agent, slot: slot as u32 },
                backbone,
                system: system.clone(),
                user: prompts.0.question(profile, item, shown.as_deref(), &cultures),
            });
        }
    }
}

/// `Interpret`: replies become answers or typed failures.
fn read_replies(
    reading: Res<Reading>,
    questionnaire: Res<Questionnaire>,
    mut inbox: ResMut<Inbox>,
    mut intents: ResMut<AnswerIntents>,
    mut texts: ResMut<ReplyTexts>,
    mut failures: ResMut<Failures>,
) {
    for reply in inbox.0.drain(..) {
        let (agent, item) = (reply.id.agent, reply.id.slot as usize);
        let answer = match &reply.result {
            Ok(text) => reading.0.read(text, &questionnaire.0.items[item]),
            // A failure that calls itself an answer is still a failure.
            Err(CallFailure { outcome: Outcome::Answered | Outcome::NotAsked, .. }) => Err(Outcome::Failed),
            Err(failure) => Err(failure.outcome),
        };
        intents.0.set(agent, item, answer);
        match (answer, reply.result) {
            (Ok(_), Ok(text)) => texts.keep(agent, item, text),
            (Err(outcome), result) => failures.0.push(Failure {
                agent,
                item,
                outcome,
                reason: match result {
                    Ok(text) => parse::reason(reading.0, outcome, &text),
                    Err(failure) => failure.reason,
                },
            }),
            (Ok(_), Err(_)) => {}
        }
    }
}
