//! `Ask`: one request an item, sample and agent; its words are put together when they are sent.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::exchange::{Conversation, Message, Outbox, Prompt, Request, RequestId, Role};
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::exposure::perceive::shown_answers;
use pluriverse_worlds::exposure::{Network, Shown};
use pluriverse_worlds::survey::state::{KeptReplies, Percept, Questionnaire, ReplyTexts, Sheets};
use pluriverse_worlds::survey::{AnswerSheets, Survey};

use super::{Answering, SpeaksToModel, SurveyPrompts};
use crate::persona::{Persona, Personas};
use crate::prompt::Prompts;

/// Everything the prompts of a tick are made of, as it stood at the tick's start.
pub struct Questions {
    prompts: Arc<Prompts>,
    survey: Arc<Survey>,
    cultures: Cultures,
    personas: Personas,
    /// Culture and persona by agent.
    agents: Vec<(Culture, Persona)>,
    /// What peers are shown of, in an exposure.
    exposure: Option<Exposure>,
    offers_choices: bool,
}

struct Exposure {
    shown: Shown,
    network: Network,
    answers: AnswerSheets,
    replies: Arc<KeptReplies>,
}

impl Exposure {
    /// What peers are shown of in this percept; `None` where nothing is.
    fn of(percept: Percept, network: &Network, sheets: &Sheets, replies: &ReplyTexts) -> Option<Self> {
        let Percept::ItemsAndPeers(design) = percept else {
            return None;
        };
        Some(Self {
            shown: design.shown,
            network: network.clone(),
            answers: sheets.current.clone(),
            replies: replies.current(),
        })
    }
}

/// What agents were asked this tick; `None` before anybody was.
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
        let (culture, persona) = self.agents[agent.index()];
        let profile = self.cultures.profile(culture);
        let shown = self.exposure.as_ref().map(|exposure| {
            let culture_of = |peer: AgentId| self.agents[peer.index()].0;
            let Exposure { shown, network, answers, replies } = exposure;
            shown_answers(network, answers, replies, culture_of, *shown, agent, item)
        });
        let item = &self.survey.items[item];
        Prompt {
            messages: vec![
                Message { role: Role::System, text: self.prompts.system(profile, self.personas.text(persona)) },
                Message {
                    role: Role::User,
                    text: self.prompts.question(profile, item, shown.as_deref(), &self.cultures),
                },
            ],
            choices: if self.offers_choices { self.prompts.marks(item) } else { Vec::new() },
        }
    }

    /// What an agent is asked behind a reply that cannot be read.
    pub(super) fn reformat(&self, agent: AgentId, item: usize, said: &Arc<str>) -> Prompt {
        let mut prompt = self.prompt(agent, item);
        prompt.messages.push(Message { role: Role::Assistant, text: said.clone() });
        prompt.messages.push(Message { role: Role::User, text: self.prompts.reformat(&self.survey.items[item]) });
        prompt
    }
}

/// What the agents of a society would be asked in the tick that has just begun: whatever answers for them.
pub fn question(world: &mut World) -> Option<Questions> {
    let mut everybody = world.query::<(&AgentId, &Culture, &Persona)>();
    let agents = by_agent(everybody.iter(world));
    let percept = *world.resource::<Percept>();
    if percept == Percept::Nothing {
        return None;
    }
    let exposure = Exposure::of(percept, world.resource(), world.resource(), world.resource());
    Some(Questions {
        prompts: world.resource::<SurveyPrompts>().0.clone(),
        survey: world.resource::<Questionnaire>().0.clone(),
        cultures: world.resource::<Cultures>().clone(),
        personas: world.resource::<Personas>().clone(),
        agents,
        exposure,
        offers_choices: world.resource::<Answering>().design.format.offers_choices(),
    })
}

/// `Ask`: queues the requests of this tick.
pub(super) fn ask_models(
    percept: Res<Percept>,
    questionnaire: Res<Questionnaire>,
    answering: Res<Answering>,
    prompts: Res<SurveyPrompts>,
    cultures: Res<Cultures>,
    personas: Res<Personas>,
    network: Res<Network>,
    sheets: Res<Sheets>,
    replies: Res<ReplyTexts>,
    everybody: Query<(&AgentId, &Culture, &Persona)>,
    askers: Query<(&AgentId, &Backbone), With<SpeaksToModel>>,
    mut current: ResMut<CurrentQuestions>,
    mut outbox: ResMut<Outbox>,
) {
    current.0 = None;
    if askers.is_empty() || *percept == Percept::Nothing {
        return;
    }
    let questions = Arc::new(Questions {
        prompts: prompts.0.clone(),
        survey: questionnaire.0.clone(),
        cultures: cultures.clone(),
        personas: personas.clone(),
        agents: by_agent(everybody.iter()),
        exposure: Exposure::of(*percept, &network, &sheets, &replies),
        offers_choices: answering.design.format.offers_choices(),
    });
    // By id: request order is part of the record.
    for (&agent, &backbone) in askers.iter().sort::<&AgentId>() {
        for item in 0..questionnaire.0.len() {
            let conversation = Arc::new(Question { questions: questions.clone(), agent, item });
            for sample in 0..answering.design.samples as u16 {
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

fn by_agent<'w>(agents: impl Iterator<Item = (&'w AgentId, &'w Culture, &'w Persona)>) -> Vec<(Culture, Persona)> {
    let mut agents: Vec<_> = agents.map(|(&agent, &culture, &persona)| (agent, culture, persona)).collect();
    // The order of a query is not a promise.
    agents.sort_unstable_by_key(|(agent, ..)| *agent);
    agents.into_iter().map(|(_, culture, persona)| (culture, persona)).collect()
}
