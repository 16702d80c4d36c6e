//! `Ask`: one request an item, sample and agent; its words are put together when they are sent.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::exchange::{Conversation, Message, Outbox, Prompt, Request, RequestId, Role};
use pluriverse_engine::seed::ArmStreams;
use pluriverse_engine::tick::{Clock, Turns};
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::exposure::design::OwnAnswer;
use pluriverse_worlds::exposure::options::{Offered, OptionOrders};
use pluriverse_worlds::exposure::showing::{KeptShowing, Place, Shower};
use pluriverse_worlds::exposure::{ExposureDesign, ShownAnswer};
use pluriverse_worlds::platform::state::Platform;
use pluriverse_worlds::survey::state::{Percept, Questionnaire, ReplyTexts, Sheets};
use pluriverse_worlds::survey::{Item, Survey};

use super::post::{OnPlatform, Recollections};
use super::{Answering, SpeaksToModel, SurveyPrompts};
use crate::memory::{Memory, RememberedItem, RememberedRound};
use crate::persona::{Persona, Personas};
use crate::prompt::{Prompts, RememberedItemOf, Shown};

/// Everything the prompts of a turn are made of, as it stood when the turn began.
pub struct Questions {
    prompts: Arc<Prompts>,
    survey: Arc<Survey>,
    cultures: Cultures,
    personas: Personas,
    /// By agent.
    agents: Vec<Asked>,
    /// What is shown, in an exposure.
    showing: Option<KeptShowing>,
    orders: OptionOrders,
    offers_choices: bool,
}

/// What of an agent goes into its prompts.
struct Asked {
    culture: Culture,
    persona: Persona,
    memory: Vec<Arc<RememberedRound>>,
    /// What it remembers of the platform, to stand before every question.
    recollection: String,
}

/// What agents were asked this turn; `None` before anybody was.
#[derive(Resource, Default, Clone)]
pub(super) struct CurrentQuestions(pub(super) Option<Arc<Questions>>);

/// One item put to one agent.
struct Question {
    questions: Arc<Questions>,
    agent: AgentId,
    item: usize,
}

impl Conversation for Question {
    fn prompt(&self) -> Prompt {
        self.questions.prompt(self.agent, self.item)
    }
}

impl Questions {
    /// What an agent is asked about an item.
    pub fn prompt(&self, agent: AgentId, item: usize) -> Prompt {
        let asked = &self.agents[agent.index()];
        let profile = self.cultures.profile(asked.culture);
        let offered = self.offered(agent, item);
        let reordered = offered.as_ref().map(|offered| offered.item(&self.survey.items[item]));
        let as_offered = reordered.as_ref().unwrap_or(&self.survey.items[item]);
        let shown = self.shown(agent, item, offered.as_ref());
        let persona = self.personas.text(asked.persona);
        let mut question = asked.recollection.clone();
        if !question.is_empty() {
            question.push_str("\n\n");
        }
        question.push_str(&self.prompts.question(profile, as_offered, &shown, &self.cultures));
        Prompt {
            messages: vec![
                Message { role: Role::System, text: self.prompts.system(profile, persona) },
                Message { role: Role::User, text: Arc::from(question) },
            ],
            choices: if self.offers_choices { self.prompts.marks(as_offered) } else { Vec::new() },
            schema: None,
        }
    }

    /// How an agent is offered the options of an item; `None` in the survey's own order.
    pub(super) fn offered(&self, agent: AgentId, item: usize) -> Option<Offered> {
        self.orders.of(agent, item, &self.survey.items[item])
    }

    /// The item with its options in the order in which an agent is offered them.
    pub(super) fn as_offered(&self, agent: AgentId, item: usize) -> Item {
        let plain = &self.survey.items[item];
        self.offered(agent, item).map_or_else(|| plain.clone(), |offered| offered.item(plain))
    }

    /// The answers an agent is shown to an item.
    pub(super) fn peers(&self, agent: AgentId, item: usize) -> Vec<(Place, ShownAnswer)> {
        let culture_of = |peer: AgentId| self.agents[peer.index()].culture;
        self.showing.as_ref().map(|showing| showing.answers(agent, item, culture_of)).unwrap_or_default()
    }

    /// The design of the exposure, in one.
    pub(super) fn design(&self) -> Option<ExposureDesign> {
        self.showing.as_ref().map(|showing| showing.design)
    }

    /// Everything an agent is shown with an item, numbers of options as it is offered them.
    fn shown(&self, agent: AgentId, item: usize, offered: Option<&Offered>) -> Shown {
        let Some(showing) = &self.showing else {
            return Shown::default();
        };
        let place = |option: i32| offered.map_or(option, |offered| offered.place_of(option));
        let as_offered = |shown: ShownAnswer| ShownAnswer { answer: place(shown.answer), ..shown };
        let own = showing.own(agent, item).filter(|_| showing.design.own == OwnAnswer::Shown);
        let remembered = self.agents[agent.index()].memory.iter().map(|round| {
            let RememberedItem { own, shown } = round.items[item].clone();
            let item = RememberedItem { own: own.map(place), shown: shown.into_iter().map(as_offered).collect() };
            RememberedItemOf { round: round.round, item }
        });
        Shown {
            peers: self.peers(agent, item).into_iter().map(|(_, shown)| as_offered(shown)).collect(),
            own: own.map(place),
            remembered: remembered.collect(),
        }
    }

    /// What an agent is asked behind a reply that cannot be read.
    pub(super) fn reformat(&self, agent: AgentId, item: usize, said: &Arc<str>) -> Prompt {
        let mut prompt = self.prompt(agent, item);
        prompt.messages.push(Message { role: Role::Assistant, text: said.clone() });
        let behind = self.prompts.reformat(&self.as_offered(agent, item));
        prompt.messages.push(Message { role: Role::User, text: behind });
        prompt
    }
}

/// What the agents of a society would be asked in the turn that has just begun: whatever answers for them.
pub fn question(world: &mut World) -> Option<Questions> {
    world.run_system_cached(questions_of_turn).ok().flatten()
}

fn questions_of_turn(interview: Interview) -> Option<Questions> {
    interview.questions()
}

/// What [`Questions`] are made of.
#[derive(SystemParam)]
pub(super) struct Interview<'w, 's> {
    clock: Res<'w, Clock>,
    percept: Res<'w, Percept>,
    questionnaire: Res<'w, Questionnaire>,
    answering: Res<'w, Answering>,
    prompts: Res<'w, SurveyPrompts>,
    cultures: Res<'w, Cultures>,
    personas: Res<'w, Personas>,
    arm: Res<'w, ArmStreams>,
    shower: Shower<'w>,
    sheets: Res<'w, Sheets>,
    replies: Res<'w, ReplyTexts>,
    on_platform: Option<Res<'w, OnPlatform>>,
    recollections: Res<'w, Recollections>,
    platform: Res<'w, Platform>,
    everybody: Query<'w, 's, (&'static AgentId, &'static Culture, &'static Persona, &'static Memory)>,
}

impl Interview<'_, '_> {
    /// What is asked in this turn; `None` where nothing is.
    fn questions(&self) -> Option<Questions> {
        if *self.percept == Percept::Nothing {
            return None;
        }
        let exposure = self.percept.exposure();
        let mut agents: Vec<(AgentId, Asked)> = self
            .everybody
            .iter()
            .map(|(&agent, &culture, &persona, memory)| {
                let memory = if exposure.is_some() { memory.rounds().cloned().collect() } else { Vec::new() };
                let recollection = self.on_platform.as_ref().map_or_else(String::new, |prompts| {
                    self.recollections.text(agent, self.platform.now(), &prompts.0)
                });
                (agent, Asked { culture, persona, memory, recollection })
            })
            .collect();
        // The order of a query is not a promise.
        agents.sort_unstable_by_key(|(agent, ..)| *agent);
        let replies = || self.replies.current();
        Some(Questions {
            prompts: self.prompts.0.clone(),
            survey: self.questionnaire.0.clone(),
            cultures: self.cultures.clone(),
            personas: self.personas.clone(),
            agents: agents.into_iter().map(|(_, asked)| asked).collect(),
            showing: exposure.map(|design| self.shower.keep(design, &self.sheets, &self.clock, replies())),
            orders: OptionOrders::new(self.percept.options(), &self.arm.0, self.clock.tick),
            offers_choices: self.answering.design.format.offers_choices(),
        })
    }
}

/// `Ask`: queues the requests of this turn.
pub(super) fn ask_models(
    turns: Res<Turns>,
    interview: Interview,
    askers: Query<(&AgentId, &Backbone), With<SpeaksToModel>>,
    mut current: ResMut<CurrentQuestions>,
    mut outbox: ResMut<Outbox>,
) {
    current.0 = None;
    let acting = turns.acting();
    // By id: request order is part of the record.
    let asking: Vec<(AgentId, Backbone)> = askers
        .iter()
        .sort::<&AgentId>()
        .filter(|(agent, _)| acting.includes(**agent))
        .map(|(&agent, &backbone)| (agent, backbone))
        .collect();
    if asking.is_empty() {
        return;
    }
    let Some(questions) = interview.questions().map(Arc::new) else {
        return;
    };
    for (agent, backbone) in asking {
        for item in 0..questions.survey.len() {
            let conversation = Arc::new(Question { questions: questions.clone(), agent, item });
            for sample in 0..interview.answering.design.samples as u16 {
                outbox.0.push(Request {
                    id: RequestId { agent, slot: item as u32, sample, turn: 0 },
                    backbone,
                    conversation: conversation.clone(),
                });
            }
        }
    }
    current.0 = Some(questions);
}
