//! `Ask`: whoever wakes is shown what there is, and asked what it does.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::exchange::{Conversation, Message, Outbox, Prompt, Request, RequestId, Role};
use pluriverse_engine::seed::{ArmStreams, Purpose};
use pluriverse_engine::tick::{Acting, Turns};
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::exposure::design::{Treatment, Update};
use pluriverse_worlds::platform::life::{PostPercept, Refused};
use pluriverse_worlds::platform::reading::Readings;
use pluriverse_worlds::platform::round::Round;
use pluriverse_worlds::platform::schedule::{Wake, below};
use pluriverse_worlds::platform::see::{Labels, Seeing, Seen};
use pluriverse_worlds::platform::state::Platform;
use pluriverse_worlds::platform::wording::Words;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::super::draft::DraftsInWords;
use super::{Answering, Awake, DraftTalk, Drafting, OnPlatform, Recollections, SpeaksToModel, Talk, Waking, schema};
use crate::drafts::AnswerDrafting;
use crate::drafts::taking::Taking;
use crate::kinds::panel::{Panels, SPEAKER};
use crate::kinds::surrogate::post::ACT;
use crate::persona::{Persona, Personas};

/// Streams that put drafts of a wake into an order before one is taken.
const ORDER: Purpose = Purpose("draft.wake_order");

/// What somebody awake is shown is made of.
#[derive(SystemParam)]
pub struct Window<'w, 's> {
    readings: Res<'w, Readings>,
    percept: Res<'w, PostPercept>,
    prompts: Option<Res<'w, OnPlatform>>,
    platform: Res<'w, Platform>,
    words: Res<'w, Words>,
    cultures: Res<'w, Cultures>,
    personas: Res<'w, Personas>,
    arm: Res<'w, ArmStreams>,
    recollections: Res<'w, Recollections>,
    answering: Res<'w, Answering>,
    panels: Res<'w, Panels>,
    drafts: Option<Res<'w, DraftsInWords>>,
    everybody: Query<'w, 's, (&'static AgentId, &'static Backbone, &'static Culture, &'static Persona)>,
    drafting: Query<'w, 's, (&'static AgentId, &'static AnswerDrafting)>,
}

/// Whether an arm shows cultures.
pub(super) const fn labels(treatment: Treatment) -> Labels {
    match treatment {
        Treatment::Unlabelled => Labels::Hidden,
        Treatment::Exposed | Treatment::ReAsk | Treatment::Placebo(_) => Labels::Shown,
    }
}

/// The draws of one wake, for rankers that draw.
pub(super) fn draws(arm: &ArmStreams, wake: Wake, round: u32) -> ChaCha8Rng {
    let mut rng = arm.0.of(ACT).stream(wake.agent, round);
    // Far more words than a wake draws.
    rng.set_word_pos(u128::from(wake.ordinal) << 16);
    rng
}

impl Window<'_, '_> {
    /// The agents of the society with what their prompts need, by id.
    fn people(&self) -> Vec<(AgentId, Backbone, Culture, Persona)> {
        let each = |(&agent, &backbone, &culture, &persona): (&AgentId, &Backbone, &Culture, &Persona)| {
            (agent, backbone, culture, persona)
        };
        let mut people: Vec<_> = self.everybody.iter().map(each).collect();
        // The order of a query is not a promise.
        people.sort_unstable_by_key(|(agent, ..)| *agent);
        people
    }

    /// Whom a wake is put to, and the persona it is put to in words. A panel writes through one of its personas: a text
    /// has no distribution that could be corrected.
    fn speaker(&self, wake: Wake, backbone: Backbone, (culture, persona): (Culture, Persona)) -> (Backbone, Arc<str>) {
        let Some(panel) = self.panels.of(backbone) else {
            return (backbone, self.personas.text(persona));
        };
        let mut rng = self.arm.0.of(SPEAKER).stream(wake.agent, self.readings.round);
        rng.set_word_pos(u128::from(wake.ordinal));
        let personas = panel.of(culture);
        let drawn = below(rng.next_u32(), personas.len().max(1) as u32) as usize;
        (panel.over, personas.get(drawn).map_or_else(|| Arc::from(""), |persona| persona.words.clone()))
    }

    /// How those draft that do not act at once, by id.
    fn drafting(&self) -> BTreeMap<AgentId, AnswerDrafting> {
        if self.drafts.is_none() {
            return BTreeMap::new();
        }
        self.drafting.iter().filter(|(_, way)| !way.is_single()).map(|(&agent, &way)| (agent, way)).collect()
    }

    /// How an agent drafts what it does at a wake; `None` where it acts at once.
    fn drafts(&self, wake: Wake, way: Option<&AnswerDrafting>) -> Option<Drafting> {
        let way = *way?;
        let mut rng = self.arm.0.of(ORDER).stream(wake.agent, self.readings.round);
        rng.set_word_pos(u128::from(wake.ordinal) << 6);
        Some(Drafting { way, taking: Taking::new(way, &mut rng)?, prompts: self.drafts.as_ref()?.0.clone() })
    }

    /// What an agent is told when it wakes, and what it sees by that.
    fn messages(
        &self,
        wake: Wake,
        (culture, persona): (Culture, &str),
        refused: Vec<Arc<str>>,
    ) -> Option<(Vec<Message>, Seen)> {
        let (design, posting) = self.percept.0.as_ref()?;
        let prompts = &self.prompts.as_ref()?.0;
        let seeing = Seeing {
            platform: &self.platform,
            words: &self.words,
            cultures: &self.cultures,
            posting,
            labels: labels(design.treatment),
        };
        let mut rng = draws(&self.arm, wake, self.readings.round);
        let mut seen = Seen::default();
        let overview = seeing.overview(wake.agent, refused, &mut |n| below(rng.next_u32(), n), &mut seen);
        let memory = self.recollections.text(wake.agent, self.platform.now(), prompts);
        let checklist: Vec<String> = posting.checklist.iter().map(ToString::to_string).collect();
        let user = prompts.wake(&overview, &checklist, posting.budget.into(), Some(&memory));
        let system = prompts.system(self.cultures.profile(culture), persona);
        let messages = vec![
            Message { role: Role::System, text: Arc::from(system) },
            Message { role: Role::User, text: Arc::from(user) },
        ];
        Some((messages, seen))
    }
}

/// What an agent would be told if it woke when the round begins: whatever answers for it.
pub fn wake_question(world: &mut World, agent: AgentId) -> Option<Prompt> {
    world.run_system_cached_with(prompt_of_wake, agent).ok().flatten()
}

fn prompt_of_wake(agent: In<AgentId>, window: Window) -> Option<Prompt> {
    let people = window.people();
    let (_, backbone, culture, persona) = *people.get(agent.index())?;
    let wake = Wake { at: window.platform.now(), agent: *agent, ordinal: 0 };
    let (_, persona) = window.speaker(wake, backbone, (culture, persona));
    let (messages, _) = window.messages(wake, (culture, &persona), Vec::new())?;
    let talk = Talk { messages, schema: schema(&window.answering) };
    Some(asked(talk, window.drafts(wake, window.drafting().get(&*agent)).as_ref()).prompt())
}

/// What is put to an agent first: at once, or to be drafted.
fn asked(talk: Talk, drafting: Option<&Drafting>) -> Arc<dyn Conversation> {
    match drafting {
        Some(Drafting { way, prompts, .. }) => {
            Arc::new(DraftTalk { talk, way: *way, prompts: prompts.clone(), drafts: None })
        }
        None => Arc::new(talk),
    }
}

/// Queues one request a wake.
pub fn ask_awake(
    turns: Res<Turns>,
    round: Res<Round>,
    window: Window,
    askers: Query<(&AgentId, &Backbone), With<SpeaksToModel>>,
    mut refused: ResMut<Refused>,
    mut awake: ResMut<Awake>,
    mut outbox: ResMut<Outbox>,
) {
    awake.0.clear();
    let Some((design, posting)) = window.percept.0.as_ref().filter(|_| !askers.is_empty()) else {
        return;
    };
    let mut asking: Vec<(AgentId, Backbone)> = askers.iter().map(|(&agent, &backbone)| (agent, backbone)).collect();
    asking.sort_unstable_by_key(|(agent, _)| *agent);
    if refused.readers.is_empty() {
        refused.readers = asking.iter().map(|(agent, _)| *agent).collect();
    }
    let (people, ways) = (window.people(), window.drafting());
    for wake in waking(design.update, turns.acting(), &round) {
        let Ok(place) = asking.binary_search_by_key(&wake.agent, |(agent, _)| *agent) else {
            continue;
        };
        let (_, _, culture, persona) = people[wake.agent.index()];
        let (backbone, persona) = window.speaker(wake, asking[place].1, (culture, persona));
        let Some((messages, seen)) = window.messages(wake, (culture, &persona), refused.take(wake.agent)) else {
            continue;
        };
        let drafting = window.drafts(wake, ways.get(&wake.agent));
        let talk = Talk { messages: messages.clone(), schema: schema(&window.answering) };
        outbox.0.push(Request {
            id: RequestId { agent: wake.agent, slot: wake.ordinal, sample: 0, turn: 0 },
            backbone,
            conversation: asked(talk, drafting.as_ref()),
        });
        let left = posting.budget.into();
        let waking = Waking { wake, backbone, messages, left, wishes: Vec::new(), seen, turns: Vec::new(), drafting };
        awake.0.insert((wake.agent, wake.ordinal), waking);
    }
}

/// Who wakes in this turn: everybody of the round, or whose turn it is.
fn waking(update: Update, acting: Acting, round: &Round) -> Vec<Wake> {
    match (update, acting) {
        (Update::Sequential, Acting::One(_)) => {
            // The wake that time passed up to.
            round.begun.checked_sub(1).and_then(|last| round.wakes.get(last)).copied().into_iter().collect()
        }
        (Update::Sequential, Acting::Everybody) => Vec::new(),
        (Update::Simultaneous, _) => {
            let mut wakes = round.wakes.clone();
            wakes.sort_unstable_by_key(|wake| (wake.agent, wake.ordinal));
            wakes
        }
    }
}
