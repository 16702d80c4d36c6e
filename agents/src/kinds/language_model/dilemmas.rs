//! Dilemmas put to agents that answer in text: one request a scenario, order and sample, of a panel one a voice too.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::exchange::{
    Accounts, BilledReply, Conversation, Inbox, Message, Outbox, Prompt, Reply, Request, RequestId, Role,
};
use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::culture::{Culture, CultureProfile, Cultures};
use pluriverse_worlds::dilemmas::Scenario;
use pluriverse_worlds::dilemmas::asked::state::{DilemmaPercept, FailedJudgements, JudgementIntents};
use pluriverse_worlds::dilemmas::asked::{DilemmaSet, DilemmaSets};
use pluriverse_worlds::dilemmas::scenario::Order;
use pluriverse_worlds::panel::GapPair;
use pluriverse_worlds::panel::prior::CountryPrior;

use super::panel::{Deliberation, name};
use super::record::{Dialogue, Exchanged, Put};
use super::verdicts::{ask_the_judge, read_open};
use super::{Answering, SpeaksToModel};
use crate::form::Reformat;
use crate::judging::{Choices, DilemmaPrompts, Failed};
use crate::kinds::panel::{BaseVoice, Panel, Panels, Speaker, Voices};
use crate::parse::{Reading, spoken};
use crate::persona::{Persona, Personas};

/// The prompts of a society's dilemmas; not there where it has none.
#[derive(Resource, Clone)]
pub struct JudgingPrompts {
    /// Where a letter or number is chosen.
    pub closed: Arc<DilemmaPrompts>,
    /// Where agents answer in their own words and a judge reads them.
    pub open: Arc<DilemmaPrompts>,
}

/// Everything the prompts of a tick of dilemmas are made of.
pub struct DilemmaQuestions {
    prompts: Arc<DilemmaPrompts>,
    set: Arc<DilemmaSet>,
    cultures: Cultures,
    personas: Personas,
    /// By agent.
    agents: Vec<Judge>,
    offers_choices: bool,
    /// Replies to a scenario in an order, or each voice's.
    samples: u16,
    /// Who reads them, where they are in the agents' own words.
    judge: Option<Backbone>,
}

/// Who is asked.
struct Judge {
    culture: Culture,
    persona: Persona,
    panel: Option<Arc<Panel>>,
}

/// What agents were asked this turn; `None` where nobody was.
#[derive(Resource, Default, Clone)]
pub(super) struct CurrentDilemmas(Option<Arc<DilemmaQuestions>>);

/// A request's place among those of its agent: scenario by scenario, both orders of each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    scenario: usize,
    pub(super) order: usize,
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
    /// Which voice of its panel, where it has one.
    speaker: Option<Speaker>,
}

impl Conversation for Question {
    fn prompt(&self) -> Prompt {
        let Self { agent, place, speaker, .. } = *self;
        self.questions.prompt(agent, place.scenario, Order::BOTH[place.order], speaker)
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
    /// What an agent, or a voice of its panel, is asked about a scenario in an order. Who is no panel has one voice.
    pub fn prompt(&self, agent: AgentId, scenario: usize, order: Order, speaker: Option<Speaker>) -> Prompt {
        let judge = &self.agents[agent.index()];
        let profile = self.cultures.profile(judge.culture);
        let question = self.prompts.question(profile, &self.set.scenarios[scenario], order);
        let system = self.system(judge, profile, speaker);
        Prompt {
            messages: vec![Message { role: Role::System, text: system }, Message { role: Role::User, text: question }],
            choices: if self.offers_choices { self.prompts.marks() } else { Vec::new() },
            schema: None,
        }
    }

    /// Who the model is told to be.
    fn system(&self, judge: &Judge, profile: &CultureProfile, speaker: Option<Speaker>) -> Arc<str> {
        match (speaker, &judge.panel) {
            (Some(Speaker::Persona(place)), Some(panel)) => {
                let persona = panel.of(judge.culture).get(usize::from(place)).map_or("", |persona| &*persona.words);
                self.prompts.system(profile, persona)
            }
            (Some(Speaker::Base), Some(panel)) if panel.base == BaseVoice::Neutral => self.prompts.neutral(),
            _ => self.prompts.system(profile, &self.personas.text(judge.persona)),
        }
    }

    /// An agent's panel and its voices, each of which is asked in this order and in the other.
    fn panel(&self, agent: AgentId) -> Option<(&Panel, Voices)> {
        let judge = &self.agents[agent.index()];
        let panel = judge.panel.as_deref()?;
        Some((panel, Voices::in_one_order(panel.of(judge.culture).len(), self.samples)))
    }

    /// What the judge is asked about a reply.
    pub(super) fn verdict_on(&self, place: Place, said: &str) -> Prompt {
        let [system, user] = self.prompts.judge(self.scenario(place), Order::BOTH[place.order], said);
        let messages = vec![Message { role: Role::System, text: system }, Message { role: Role::User, text: user }];
        Prompt { messages, choices: Vec::new(), schema: None }
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
    court.questions()
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
    panels: Res<'w, Panels>,
    everybody: Query<'w, 's, (&'static AgentId, &'static Backbone, &'static Culture, &'static Persona)>,
}

impl Court<'_, '_> {
    fn questions(&self) -> Option<DilemmaQuestions> {
        let design = self.percept.0?;
        let judge = |(&agent, &backbone, &culture, &persona): (&AgentId, &Backbone, &Culture, &Persona)| {
            (agent, Judge { culture, persona, panel: self.panels.of(backbone).cloned() })
        };
        let mut agents: Vec<(AgentId, Judge)> = self.everybody.iter().map(judge).collect();
        // The order of a query is not a promise.
        agents.sort_unstable_by_key(|(agent, _)| *agent);
        let prompts = self.prompts.as_ref()?;
        Some(DilemmaQuestions {
            prompts: if design.judge.is_some() { prompts.open.clone() } else { prompts.closed.clone() },
            set: self.sets.0[usize::from(design.set)].clone(),
            cultures: self.cultures.clone(),
            personas: self.personas.clone(),
            agents: agents.into_iter().map(|(_, agent)| agent).collect(),
            offers_choices: design.judge.is_none() && self.answering.design.format.offers_choices(),
            samples: design.samples,
            judge: design.judge,
        })
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
    let Some(questions) = court.questions().map(Arc::new) else {
        return;
    };
    // By id: request order is part of the record.
    for (&agent, &backbone) in askers.iter().sort::<&AgentId>() {
        for scenario in 0..questions.set.scenarios.len() {
            for order in 0..Order::BOTH.len() {
                queue(&questions, (agent, backbone), Place { scenario, order }, &mut outbox);
            }
        }
    }
    current.0 = Some(questions);
}

/// Queues the requests of one scenario in one order: one a sample, of a panel one a voice and sample.
fn queue(questions: &Arc<DilemmaQuestions>, (agent, backbone): (AgentId, Backbone), place: Place, outbox: &mut Outbox) {
    let mut put = |backbone, speaker, samples: std::ops::Range<u16>| {
        let conversation = Arc::new(Question { questions: questions.clone(), agent, place, speaker });
        for sample in samples {
            let id = RequestId { agent, slot: place.slot(), sample, turn: 0 };
            outbox.0.push(Request { id, backbone, conversation: conversation.clone() });
        }
    };
    let Some((panel, voices)) = questions.panel(agent) else {
        return put(backbone, None, 0..questions.samples);
    };
    let draws = voices.draws();
    for first in (0..voices.count()).step_by(usize::from(draws)) {
        put(panel.over, Some(voices.at(first).speaker), first..first + draws);
    }
}

/// `AskAgain`: a reply that is no choice is sent back once, where the scenario allows it; one in the agent's own words is
/// put before the judge.
pub(super) fn ask_for_judgements_again(
    answering: Res<Answering>,
    current: Res<CurrentDilemmas>,
    inbox: Res<Inbox>,
    mut outbox: ResMut<Outbox>,
) {
    let Some(questions) = &current.0 else {
        return;
    };
    if let Some(judge) = questions.judge {
        return ask_the_judge(questions, judge, inbox.fresh(), &mut outbox);
    }
    if answering.design.reformat != Reformat::Once {
        return;
    }
    for reply in inbox.fresh().iter().filter(|reply| reply.id.turn == 0) {
        let answer = questions.read(reply, &answering).answer;
        let unread = matches!(answer, Err(Outcome::Unparsable | Outcome::OutOfRange));
        let said = reply.result.as_ref().map_or("", |completion| spoken(&completion.text));
        if unread && !said.is_empty() {
            let (questions, agent, place) = (questions.clone(), reply.id.agent, Place::of(reply.id.slot));
            let speaker = questions.panel(agent).map(|(_, voices)| voices.at(reply.id.sample).speaker);
            let question = Question { questions, agent, place, speaker };
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
    mut deliberation: Deliberation,
) {
    let Some(questions) = &current.0 else {
        return;
    };
    let replies = inbox.take();
    let same = |a: &Reply, b: &Reply| (a.id.agent, a.id.slot / 2) == (b.id.agent, b.id.slot / 2);
    let put = Arc::new(Put::default());
    let mut prior = (AgentId(0), CountryPrior::default());
    for asked in replies.chunk_by(same) {
        let (agent, scenario) = (asked[0].id.agent, asked[0].id.slot / 2);
        let panel = questions.panel(agent);
        if prior.0 != agent {
            prior = (agent, CountryPrior::default());
        }
        // By voice; who is no panel has one.
        let mut choices = vec![Choices::default(); panel.map_or(1, |(_, voices)| voices.speakers())];
        for (number, reply) in asked.iter().enumerate() {
            let last = asked
                .get(number + 1)
                .is_none_or(|next| (next.id.slot, next.id.sample) != (reply.id.slot, reply.id.sample));
            let voice = panel.map_or(0, |(_, voices)| usize::from(reply.id.sample / voices.draws()));
            let counts = last.then_some(&mut choices[voice]);
            let exchanged = match questions.judge {
                Some(_) => read_open(reply, counts, put.clone()),
                None => read_closed(questions, &answering, reply, counts, put.clone()),
            };
            accounts.0.push(BilledReply {
                backbone: reply.backbone,
                outcome: exchanged.outcome,
                usage: reply.result.as_ref().ok().map(|completion| completion.usage),
                bill: reply.bill,
            });
            dialogue.0.push(exchanged);
        }
        let judgement = match panel {
            None => choices.swap_remove(0).judgement(),
            Some((panel, voices)) => {
                let found = &questions.set.scenarios[scenario as usize];
                preferred(choices, voices).and_then(|spoken| {
                    deliberation.judge(panel, agent, (scenario as usize, found), &spoken, &mut prior.1)
                })
            }
        }
        .map_err(|(outcome, reason)| {
            failed.0.insert((agent, scenario), (outcome, reason));
            outcome
        });
        intents.0.set(agent, scenario as usize, judgement);
    }
}

/// Reads a choice; what it was counts where it is the last word on its scenario and order.
fn read_closed(
    questions: &DilemmaQuestions,
    answering: &Answering,
    reply: &Reply,
    counts: Option<&mut Choices>,
    put: Arc<Put>,
) -> Exchanged {
    let reading = questions.read(reply, answering);
    if let Some(choices) = counts {
        choices.take_in(Place::of(reply.id.slot).order, &reading);
    }
    Exchanged::new(reply, reading, put)
}

/// What every voice of a panel prefers, the base's first. Every one must have chosen in both orders: a panel is not what
/// is left of one.
fn preferred(choices: Vec<Choices>, voices: Voices) -> Result<Vec<GapPair>, Failed> {
    let gaps = |(voice, choices): (u16, Choices)| {
        choices.judgement().map(|judgement| judgement.gaps).map_err(|(outcome, why)| {
            let who = name(voices.at(voice * voices.draws()).speaker);
            (outcome, Arc::from(format!("{who} made no choice: {why}")))
        })
    };
    (0..).zip(choices).map(gaps).collect()
}
