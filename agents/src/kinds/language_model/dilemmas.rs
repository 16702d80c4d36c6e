//! Dilemmas put to agents that answer in text: one request a scenario, order and sample.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::exchange::{
    Accounts, BilledReply, Conversation, Inbox, Message, Outbox, Prompt, Reply, Request, RequestId, Role,
};
use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::dilemmas::Scenario;
use pluriverse_worlds::dilemmas::asked::state::{DilemmaPercept, FailedJudgements, JudgementIntents};
use pluriverse_worlds::dilemmas::asked::{DilemmaDesign, DilemmaSet, DilemmaSets};
use pluriverse_worlds::dilemmas::scenario::Order;

use super::record::{Dialogue, Exchanged, Put};
use super::{Answering, SpeaksToModel};
use crate::form::Reformat;
use crate::judging::{Choices, DilemmaPrompts};
use crate::parse::{Reading, spoken};
use crate::persona::{Persona, Personas};

/// The prompts of a society's dilemmas; not there where it has none.
#[derive(Resource, Clone)]
pub struct JudgingPrompts(pub Arc<DilemmaPrompts>);

/// Everything the prompts of a tick of dilemmas are made of.
pub struct DilemmaQuestions {
    prompts: Arc<DilemmaPrompts>,
    set: Arc<DilemmaSet>,
    cultures: Cultures,
    personas: Personas,
    /// By agent.
    agents: Vec<(Culture, Persona)>,
    offers_choices: bool,
}

/// What agents were asked this turn; `None` where nobody was.
#[derive(Resource, Default, Clone)]
pub(super) struct CurrentDilemmas(Option<Arc<DilemmaQuestions>>);

/// A request's place among those of its agent: scenario by scenario, both orders of each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    scenario: usize,
    order: usize,
}

impl Place {
    pub(super) const fn of(slot: u32) -> Self {
        Self { scenario: slot as usize / 2, order: slot as usize % 2 }
    }

    const fn slot(self) -> u32 {
        (self.scenario * 2 + self.order) as u32
    }

    /// What the table of requests calls it.
    pub(super) fn subject(self, set: &DilemmaSet) -> Arc<str> {
        let id = &set.scenarios[self.scenario].id;
        Arc::from(if self.order == 0 { id.clone() } else { format!("{id}/swapped") })
    }
}

/// A scenario put before one agent.
struct Question {
    questions: Arc<DilemmaQuestions>,
    agent: AgentId,
    place: Place,
}

impl Conversation for Question {
    fn prompt(&self) -> Prompt {
        self.questions.prompt(self.agent, self.place.scenario, Order::BOTH[self.place.order])
    }
}

/// A reply sent back to who wrote it.
struct SentBack {
    question: Question,
    said: Arc<str>,
}

impl Conversation for SentBack {
    fn prompt(&self) -> Prompt {
        let Question { questions, place, .. } = &self.question;
        let mut prompt = self.question.prompt();
        let behind = questions.prompts.reformat(questions.scenario(*place), Order::BOTH[place.order]);
        prompt.messages.push(Message { role: Role::Assistant, text: self.said.clone() });
        prompt.messages.push(Message { role: Role::User, text: behind });
        prompt
    }
}

impl DilemmaQuestions {
    /// What an agent is asked about a scenario in an order.
    pub fn prompt(&self, agent: AgentId, scenario: usize, order: Order) -> Prompt {
        let (culture, persona) = self.agents[agent.index()];
        let profile = self.cultures.profile(culture);
        let question = self.prompts.question(profile, &self.set.scenarios[scenario], order);
        let system = self.prompts.system(profile, self.personas.text(persona));
        Prompt {
            messages: vec![Message { role: Role::System, text: system }, Message { role: Role::User, text: question }],
            choices: if self.offers_choices { self.prompts.marks() } else { Vec::new() },
            schema: None,
        }
    }

    fn scenario(&self, place: Place) -> &Scenario {
        &self.set.scenarios[place.scenario]
    }

    fn read(&self, reply: &Reply, answering: &Answering) -> Reading {
        let place = Place::of(reply.id.slot);
        let item = self.prompts.item(self.scenario(place), Order::BOTH[place.order]);
        answering.reader().read(&reply.result, &item)
    }
}

/// What the agents of a society would be asked in the tick that has just begun: whatever answers for them.
pub fn dilemma_question(world: &mut World) -> Option<DilemmaQuestions> {
    world.run_system_cached(questions_of_dilemmas).ok().flatten()
}

fn questions_of_dilemmas(court: Court) -> Option<DilemmaQuestions> {
    court.questions().map(|(_, questions)| questions)
}

/// What [`DilemmaQuestions`] are made of.
#[derive(SystemParam)]
pub(super) struct Court<'w, 's> {
    percept: Res<'w, DilemmaPercept>,
    sets: Res<'w, DilemmaSets>,
    prompts: Option<Res<'w, JudgingPrompts>>,
    answering: Res<'w, Answering>,
    cultures: Res<'w, Cultures>,
    personas: Res<'w, Personas>,
    everybody: Query<'w, 's, (&'static AgentId, &'static Culture, &'static Persona)>,
}

impl Court<'_, '_> {
    fn questions(&self) -> Option<(DilemmaDesign, DilemmaQuestions)> {
        let design = self.percept.0?;
        let mut agents: Vec<(AgentId, (Culture, Persona))> =
            self.everybody.iter().map(|(&agent, &culture, &persona)| (agent, (culture, persona))).collect();
        // The order of a query is not a promise.
        agents.sort_unstable_by_key(|(agent, _)| *agent);
        let questions = DilemmaQuestions {
            prompts: self.prompts.as_ref()?.0.clone(),
            set: self.sets.0[usize::from(design.set)].clone(),
            cultures: self.cultures.clone(),
            personas: self.personas.clone(),
            agents: agents.into_iter().map(|(_, agent)| agent).collect(),
            offers_choices: self.answering.design.format.offers_choices(),
        };
        Some((design, questions))
    }
}

/// `Ask`: queues one request a scenario, order and sample.
pub(super) fn ask_for_judgements(
    court: Court,
    askers: Query<(&AgentId, &Backbone), With<SpeaksToModel>>,
    mut current: ResMut<CurrentDilemmas>,
    mut outbox: ResMut<Outbox>,
) {
    current.0 = None;
    if askers.is_empty() {
        return;
    }
    let Some((design, questions)) = court.questions() else {
        return;
    };
    let questions = Arc::new(questions);
    // By id: request order is part of the record.
    for (&agent, &backbone) in askers.iter().sort::<&AgentId>() {
        for scenario in 0..questions.set.scenarios.len() {
            for order in 0..Order::BOTH.len() {
                let place = Place { scenario, order };
                let conversation = Arc::new(Question { questions: questions.clone(), agent, place });
                for sample in 0..design.samples {
                    outbox.0.push(Request {
                        id: RequestId { agent, slot: place.slot(), sample, turn: 0 },
                        backbone,
                        conversation: conversation.clone(),
                    });
                }
            }
        }
    }
    current.0 = Some(questions);
}

/// `AskAgain`: a reply that is no choice is sent back once, where the scenario allows it.
pub(super) fn ask_for_judgements_again(
    answering: Res<Answering>,
    current: Res<CurrentDilemmas>,
    inbox: Res<Inbox>,
    mut outbox: ResMut<Outbox>,
) {
    let (Reformat::Once, Some(questions)) = (answering.design.reformat, &current.0) else {
        return;
    };
    for reply in inbox.fresh().iter().filter(|reply| reply.id.turn == 0) {
        let answer = questions.read(reply, &answering).answer;
        let unread = matches!(answer, Err(Outcome::Unparsable | Outcome::OutOfRange));
        let said = reply.result.as_ref().map_or("", |completion| spoken(&completion.text));
        if unread && !said.is_empty() {
            let (questions, agent, place) = (questions.clone(), reply.id.agent, Place::of(reply.id.slot));
            let question = Question { questions, agent, place };
            outbox.0.push(Request {
                id: RequestId { turn: 1, ..reply.id },
                backbone: reply.backbone,
                conversation: Arc::new(SentBack { question, said: Arc::from(said) }),
            });
        }
    }
}

/// `Interpret`: replies become judgements or typed failures. Of several turns the last one counts.
pub(super) fn read_judgements(
    answering: Res<Answering>,
    current: Res<CurrentDilemmas>,
    mut inbox: ResMut<Inbox>,
    mut intents: ResMut<JudgementIntents>,
    mut failed: ResMut<FailedJudgements>,
    mut accounts: ResMut<Accounts>,
    mut dialogue: ResMut<Dialogue>,
) {
    let Some(questions) = &current.0 else {
        return;
    };
    let replies = inbox.take();
    let same = |a: &Reply, b: &Reply| (a.id.agent, a.id.slot / 2) == (b.id.agent, b.id.slot / 2);
    let put = Arc::new(Put::default());
    for asked in replies.chunk_by(same) {
        let mut choices = Choices::default();
        let (agent, scenario) = (asked[0].id.agent, asked[0].id.slot / 2);
        for (number, reply) in asked.iter().enumerate() {
            let reading = questions.read(reply, &answering);
            accounts.0.push(BilledReply {
                backbone: reply.backbone,
                outcome: reading.answer.map_or_else(|outcome| outcome, |_| Outcome::Answered),
                usage: reply.result.as_ref().ok().map(|completion| completion.usage),
                bill: reply.bill,
            });
            let last = asked
                .get(number + 1)
                .is_none_or(|next| (next.id.slot, next.id.sample) != (reply.id.slot, reply.id.sample));
            if last {
                choices.take_in(Place::of(reply.id.slot).order, &reading);
            }
            dialogue.0.push(Exchanged::new(reply, reading, put.clone()));
        }
        let judgement = choices.judgement().map_err(|(outcome, reason)| {
            failed.0.insert((agent, scenario), (outcome, reason));
            outcome
        });
        intents.0.set(agent, scenario as usize, judgement);
    }
}
