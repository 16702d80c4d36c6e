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

use super::draft::DraftsInWords;
use super::drafted::{choice_of, drafts_of};
use super::post::{OnPlatform, Recollections};
use super::{Answering, SpeaksToModel, SurveyPrompts};
use crate::drafts::AnswerDrafting;
use crate::drafts::prompt::DraftPrompts;
use crate::kinds::panel::{BaseVoice, Panel, Panels, Presented, Speaker, Voice, Voices};
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
    /// The prompts of drafting, where anybody drafts answers.
    drafts: Option<Arc<DraftPrompts>>,
    /// Replies an answer is made of, or each voice's in either order.
    samples: u16,
}

/// What of an agent goes into its prompts.
struct Asked {
    culture: Culture,
    persona: Persona,
    memory: Vec<Arc<RememberedRound>>,
    /// What it remembers of the platform, to stand before every question.
    recollection: String,
    /// The panel it answers by.
    panel: Option<Arc<Panel>>,
    /// How it comes to an answer.
    drafting: AnswerDrafting,
}

/// What agents were asked this turn; `None` before anybody was.
#[derive(Resource, Default, Clone)]
pub(super) struct CurrentQuestions(pub(super) Option<Arc<Questions>>);

/// One item put to one agent, or to one voice of its panel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Put {
    /// The agent.
    pub agent: AgentId,
    /// The item's place in the survey.
    pub item: usize,
    /// Which voice of its panel, where it has one.
    pub voice: Option<Voice>,
}

struct Question {
    questions: Arc<Questions>,
    put: Put,
}

impl Conversation for Question {
    fn prompt(&self) -> Prompt {
        self.questions.prompt(self.put)
    }
}

impl Questions {
    /// What is put to an agent about an item: to a panel in all its voices, to others once.
    pub fn put(&self, agent: AgentId, item: usize) -> Vec<Put> {
        let Some(voices) = self.voices(agent) else {
            return vec![Put { agent, item, voice: None }];
        };
        (0..voices.count()).map(|number| Put { agent, item, voice: Some(voices.at(number)) }).collect()
    }

    /// The first of what is put to one of an agent's voices; to an agent without a panel, what it is asked.
    pub fn put_to(&self, agent: AgentId, item: usize, speaker: Speaker) -> Put {
        let first = Put { agent, item, voice: None };
        let spoken = |put: &Put| put.voice.is_none_or(|voice| voice.speaker == speaker);
        self.put(agent, item).into_iter().find(spoken).unwrap_or(first)
    }

    /// What a request put to an agent.
    pub(super) fn put_by(&self, id: RequestId) -> Put {
        let voice = self.voices(id.agent).map(|voices| voices.at(id.sample));
        Put { agent: id.agent, item: id.slot as usize, voice }
    }

    /// The panel an agent answers by.
    pub(super) fn panel(&self, agent: AgentId) -> Option<(&Panel, Culture)> {
        let asked = &self.agents[agent.index()];
        Some((asked.panel.as_deref()?, asked.culture))
    }

    /// The voices of an agent's panel.
    pub(super) fn voices(&self, agent: AgentId) -> Option<Voices> {
        let (panel, culture) = self.panel(agent)?;
        Some(Voices::in_both_orders(panel.of(culture).len(), self.samples))
    }

    /// How an agent drafts its answers; `None` where it answers at once.
    pub(super) fn drafting(&self, agent: AgentId) -> Option<AnswerDrafting> {
        let way = self.agents[agent.index()].drafting;
        (!way.is_single() && self.drafts.is_some()).then_some(way)
    }

    /// Whether anybody drafts answers.
    pub(super) fn anybody_drafts(&self) -> bool {
        self.drafts.is_some()
    }

    /// What is asked; first, where an agent drafts its answer.
    pub fn prompt(&self, put: Put) -> Prompt {
        let plain = self.plain(put);
        match (&self.drafts, self.drafting(put.agent)) {
            (Some(prompts), Some(way)) => drafts_of(plain, way, prompts),
            _ => plain,
        }
    }

    /// Which of its drafts an agent takes.
    pub(super) fn choice(&self, put: Put, drafts: &[Arc<str>]) -> Prompt {
        let plain = self.plain(put);
        match &self.drafts {
            Some(prompts) => choice_of(plain, drafts, prompts),
            None => plain,
        }
    }

    /// What is asked of an agent that answers at once.
    fn plain(&self, put: Put) -> Prompt {
        let Put { agent, item, .. } = put;
        let asked = &self.agents[agent.index()];
        let profile = self.cultures.profile(asked.culture);
        let offered = self.offered(put);
        let reordered = offered.as_ref().map(|offered| offered.item(&self.survey.items[item]));
        let as_offered = reordered.as_ref().unwrap_or(&self.survey.items[item]);
        let shown = self.shown(agent, item, offered.as_ref());
        let mut question = asked.recollection.clone();
        if !question.is_empty() {
            question.push_str("\n\n");
        }
        question.push_str(&self.prompts.question(profile, as_offered, &shown, &self.cultures));
        Prompt {
            messages: vec![
                Message { role: Role::System, text: self.system(asked, put.voice) },
                Message { role: Role::User, text: Arc::from(question) },
            ],
            choices: if self.offers_choices { self.prompts.marks(as_offered) } else { Vec::new() },
            schema: None,
        }
    }

    /// Who the model is told to be.
    fn system(&self, asked: &Asked, voice: Option<Voice>) -> Arc<str> {
        let profile = self.cultures.profile(asked.culture);
        let persona = self.personas.text(asked.persona);
        match (voice.map(|voice| voice.speaker), &asked.panel) {
            (Some(Speaker::Persona(place)), Some(panel)) => {
                let persona = panel.of(asked.culture).get(usize::from(place)).map_or("", |persona| &*persona.words);
                self.prompts.system(profile, persona)
            }
            (Some(Speaker::Base), Some(panel)) if panel.base == BaseVoice::Neutral => self.prompts.neutral(),
            _ => self.prompts.system(profile, &persona),
        }
    }

    /// How the options of an item are offered; `None` in the survey's own order.
    pub(super) fn offered(&self, put: Put) -> Option<Offered> {
        let item = &self.survey.items[put.item];
        let order = self.orders.of(put.agent, put.item, item);
        match put.voice.map(|voice| voice.presented) {
            Some(Presented::Reversed) => Some(order.unwrap_or_else(|| Offered::as_written(item)).reversed()),
            Some(Presented::AsAsked) | None => order,
        }
    }

    /// The item with its options in the order in which they are offered.
    pub(super) fn as_offered(&self, put: Put) -> Item {
        let plain = &self.survey.items[put.item];
        self.offered(put).map_or_else(|| plain.clone(), |offered| offered.item(plain))
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
    pub(super) fn reformat(&self, put: Put, said: &Arc<str>) -> Prompt {
        let mut prompt = self.prompt(put);
        prompt.messages.push(Message { role: Role::Assistant, text: said.clone() });
        let behind = self.prompts.reformat(&self.as_offered(put));
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

/// What of every agent goes into [`Questions`].
type Everybody = (
    &'static AgentId,
    &'static Backbone,
    &'static Culture,
    &'static Persona,
    &'static Memory,
    Option<&'static AnswerDrafting>,
);

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
    panels: Res<'w, Panels>,
    drafts: Option<Res<'w, DraftsInWords>>,
    everybody: Query<'w, 's, Everybody>,
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
            .map(|(&agent, &backbone, &culture, &persona, memory, drafting)| {
                let memory = if exposure.is_some() { memory.rounds().cloned().collect() } else { Vec::new() };
                let recollection = self.on_platform.as_ref().map_or_else(String::new, |prompts| {
                    self.recollections.text(agent, self.platform.now(), &prompts.0)
                });
                let panel = self.panels.of(backbone).cloned();
                let drafting = drafting.copied().unwrap_or_default();
                (agent, Asked { culture, persona, memory, recollection, panel, drafting })
            })
            .collect();
        // The order of a query is not a promise.
        agents.sort_unstable_by_key(|(agent, ..)| *agent);
        let drafting = agents.iter().any(|(_, asked)| !asked.drafting.is_single());
        let replies = || self.replies.current();
        Some(Questions {
            prompts: self.prompts.0.clone(),
            survey: self.questionnaire.0.clone(),
            cultures: self.cultures.clone(),
            personas: self.personas.clone(),
            drafts: self.drafts.as_ref().map(|drafts| drafts.0.clone()).filter(|_| drafting),
            agents: agents.into_iter().map(|(_, asked)| asked).collect(),
            showing: exposure.map(|design| self.shower.keep(design, &self.sheets, &self.clock, replies())),
            orders: OptionOrders::new(self.percept.options(), &self.arm.0, self.clock.tick),
            offers_choices: self.answering.design.format.offers_choices(),
            samples: self.answering.design.samples as u16,
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
        let backbone = questions.panel(agent).map_or(backbone, |(panel, _)| panel.over);
        for item in 0..questions.survey.len() {
            queue(&questions, agent, item, backbone, &mut outbox);
        }
    }
    current.0 = Some(questions);
}

/// Queues the requests of one decision: one a sample, of a panel one a voice, order and sample.
fn queue(questions: &Arc<Questions>, agent: AgentId, item: usize, backbone: Backbone, outbox: &mut Outbox) {
    let slot = item as u32;
    let puts = questions.put(agent, item);
    // The requests of a panel are numbered through; those of others share one question.
    let samples = if puts.len() > 1 { 1 } else { questions.samples };
    for (number, put) in puts.into_iter().enumerate() {
        let conversation = Arc::new(Question { questions: questions.clone(), put });
        for sample in 0..samples {
            let id = RequestId { agent, slot, sample: number as u16 + sample, turn: 0 };
            outbox.0.push(Request { id, backbone, conversation: conversation.clone() });
        }
    }
}
