//! The survey as part of a society's state: resources of the ECS world and the systems that open a tick.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::journal::{Event, Journal};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::ArmStreams;
use pluriverse_engine::tick::{Acting, Clock, Turns};

use super::item::Survey;
use super::sheet::AnswerSheets;
use crate::budgeting::vote::design::VoteDesign;
use crate::dilemmas::asked::design::{self as dilemmas, DilemmaDesign};
use crate::drafting::design::DraftDesign;
use crate::exposure::design::{ExposureDesign, OptionOrder, Shown, Update};
use crate::exposure::turns::order_of_turns;
use crate::platform::posting::PostDesign;

/// The questionnaire of a society.
#[derive(Resource, Clone, Debug)]
pub struct Questionnaire(pub Arc<Survey>);

/// The answers of a society now, in the round before, and when it was first asked.
#[derive(Resource, Clone, Debug)]
pub struct Sheets {
    /// The answers as of the last resolved tick.
    pub current: AnswerSheets,
    /// The answers one tick earlier.
    pub previous: AnswerSheets,
    /// The answers of the first survey; kept only when something measures against them.
    pub origin: Option<AnswerSheets>,
    /// In how many ticks answers were asked for, so far.
    pub asked: u32,
    /// While agents act one after another: the answers as they stand in the turn being run.
    pub in_turn: Option<AnswerSheets>,
}

/// Whether the first answers are kept to measure drift against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeepOrigin {
    /// Keep a copy: one more byte an answer.
    Yes,
    /// Do not.
    No,
}

impl Sheets {
    /// Empty sheets for a society that was not asked yet.
    pub fn new(agents: usize, items: usize, keep_origin: KeepOrigin) -> Self {
        let empty = AnswerSheets::new(agents, items);
        Self {
            previous: empty.clone(),
            origin: (keep_origin == KeepOrigin::Yes).then(|| empty.clone()),
            current: empty,
            asked: 0,
            in_turn: None,
        }
    }

    /// The answers that can be seen in the turn being run.
    pub fn seen(&self) -> &AnswerSheets {
        self.in_turn.as_ref().unwrap_or(&self.current)
    }
}

/// What agents mean to answer this tick: filled in `Ask` and `Interpret`, applied in `Resolve`.
#[derive(Resource, Debug)]
pub struct AnswerIntents(pub AnswerSheets);

/// Whether anything reads a society's answers while it goes on. Agents that follow a classical model hold opinions;
/// where nobody looks, what they would answer is not written.
#[derive(Resource, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AnswersWanted {
    /// Answers are written in every tick.
    #[default]
    EveryTick,
    /// After the first survey they are not.
    Never,
}

/// Requests of this tick that brought no answer for a reason worth writing down, in the order they were found.
#[derive(Resource, Default, Debug)]
pub struct Failures(pub Vec<Failure>);

/// One request that brought no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Who was asked.
    pub agent: AgentId,
    /// Which item.
    pub item: usize,
    /// What became of the request.
    pub outcome: Outcome,
    /// Why, for people.
    pub reason: Arc<str>,
}

/// What agents wrote, by agent and item.
pub type KeptReplies = BTreeMap<(AgentId, usize), Arc<str>>;

/// What agents wrote, for backbones that write: this round's replies while they come in, and the last round's.
#[derive(Resource, Clone, Default, Debug)]
pub struct ReplyTexts {
    incoming: KeptReplies,
    current: Arc<KeptReplies>,
}

impl ReplyTexts {
    /// Keeps a reply of this tick; it is shown from the next one on.
    pub fn keep(&mut self, agent: AgentId, item: usize, text: Arc<str>) {
        self.incoming.insert((agent, item), text);
    }

    /// The replies that can be seen in the turn being run.
    pub fn current(&self) -> Arc<KeptReplies> {
        self.current.clone()
    }

    /// Lets what an agent wrote in its turn be seen in the turns after it.
    fn settle(&mut self, agent: AgentId) {
        let of_agent = (agent, 0)..=(agent, usize::MAX);
        let current = Arc::make_mut(&mut self.current);
        let old: Vec<(AgentId, usize)> = current.range(of_agent.clone()).map(|(place, _)| *place).collect();
        for place in old {
            current.remove(&place);
        }
        current.extend(self.incoming.range(of_agent).map(|(place, text)| (*place, text.clone())));
    }

    pub(super) fn commit(&mut self) {
        self.current = Arc::new(std::mem::take(&mut self.incoming));
    }
}

/// How an answer spreads over the options of its item, where more is known than the answer itself.
#[derive(Clone, PartialEq, Debug)]
pub struct Distribution {
    /// Share of each option, in the survey's order.
    pub shares: Vec<f64>,
    /// Share that falls on no option. Shares and tail sum to 1.
    pub tail: f64,
    /// How many replies it rests on; `None` where it is the model's own probabilities.
    pub samples: Option<u32>,
}

/// The distributions behind this tick's answers; filled in `Interpret`, emptied when they are recorded.
#[derive(Resource, Default, Debug)]
pub struct Distributions(pub BTreeMap<(AgentId, usize), Distribution>);

/// What a phase of the timeline puts in front of agents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PhaseDesign {
    /// The survey, nothing shown, its options in this order.
    Survey(OptionOrder),
    /// The survey, with peers' answers shown, or what the arm shows in their place.
    Exposure(ExposureDesign),
    /// A ballot, or a poll before it.
    Vote(VoteDesign),
    /// A round on the platform.
    Post(PostDesign),
    /// A set of dilemmas.
    Dilemmas(DilemmaDesign),
    /// Replies to everyday prompts are drafted and judged.
    Draft(DraftDesign),
}

impl PhaseDesign {
    /// The mechanism's name in tables.
    pub const fn mechanism(&self) -> &'static str {
        match self {
            Self::Survey(_) => "survey",
            Self::Exposure(_) => "exposure",
            Self::Vote(design) => design.mechanism(),
            Self::Post(_) => "post",
            Self::Dilemmas(_) => dilemmas::MECHANISM,
            Self::Draft(_) => DraftDesign::MECHANISM,
        }
    }

    /// Whether agents are asked the survey in it.
    pub const fn asks_the_survey(&self) -> bool {
        !matches!(self, Self::Vote(_) | Self::Post(_) | Self::Dilemmas(_) | Self::Draft(_))
    }
}

/// Whether the survey is asked in ticks of this mechanism.
pub fn asks_the_survey(mechanism: &str) -> bool {
    matches!(mechanism, "survey" | "exposure")
}

/// Whether agents are on the platform in ticks of this mechanism.
pub fn is_post(mechanism: &str) -> bool {
    mechanism == "post"
}

/// The designs of the timeline's phases as the arm has them, by phase index.
#[derive(Resource, Clone, PartialEq, Eq, Debug)]
pub struct Timeline(pub Vec<PhaseDesign>);

impl Timeline {
    /// Whether words written in this phase may be shown later on.
    pub fn shows_replies_from(&self, phase: u32) -> bool {
        let shows = |design: &PhaseDesign| match design {
            PhaseDesign::Exposure(exposure) => exposure.shown == Shown::Reply && exposure.treatment.shows(),
            PhaseDesign::Survey(_)
            | PhaseDesign::Vote(_)
            | PhaseDesign::Post(_)
            | PhaseDesign::Dilemmas(_)
            | PhaseDesign::Draft(_) => false,
        };
        self.0.iter().skip(phase as usize).any(shows)
    }
}

/// What agents perceive this tick.
#[derive(Resource, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Percept {
    /// Nothing is asked.
    #[default]
    Nothing,
    /// Every item is asked, its options in this order, and nothing else is shown.
    Items(OptionOrder),
    /// Every item is asked, and shown with it is what the design says.
    Exposure(ExposureDesign),
}

impl Percept {
    /// The design, where agents are in an exposure phase, whatever their arm shows them.
    pub fn exposure(self) -> Option<ExposureDesign> {
        match self {
            Self::Exposure(design) => Some(design),
            Self::Nothing | Self::Items(_) => None,
        }
    }

    /// In which order options are offered.
    pub fn options(self) -> OptionOrder {
        match self {
            Self::Nothing => OptionOrder::AsIs,
            Self::Items(order) => order,
            Self::Exposure(design) => design.options,
        }
    }
}

/// `Turn`: who acts. In the first turn of a tick the last tick's intents are forgotten, and the order of turns is drawn
/// where agents act one after another.
pub fn open_turn(
    clock: Res<Clock>,
    timeline: Res<Timeline>,
    streams: Res<ArmStreams>,
    wanted: Res<AnswersWanted>,
    mut turns: ResMut<Turns>,
    mut intents: ResMut<AnswerIntents>,
    mut sheets: ResMut<Sheets>,
    mut journal: ResMut<Journal>,
) {
    if !turns.is_first() {
        return;
    }
    if *wanted == AnswersWanted::EveryTick || clock.tick == 0 {
        intents.0.clear();
    }
    let agents = intents.0.agents() as u32;
    journal.push(Event::TickStarted { acting: u64::from(agents) });
    let sequential = |design: &PhaseDesign| matches!(design, PhaseDesign::Exposure(exposure) if exposure.update == Update::Sequential);
    if timeline.0.get(clock.now.phase as usize).is_some_and(sequential) {
        turns.one_by_one(order_of_turns(agents, &streams.0, clock.tick));
        sheets.in_turn = Some(sheets.current.clone());
    } else {
        turns.all_at_once();
    }
}

/// `Perceive`: what this phase puts in front of every agent.
pub fn put_items_in_front(clock: Res<Clock>, timeline: Res<Timeline>, mut percept: ResMut<Percept>) {
    *percept = match timeline.0.get(clock.now.phase as usize) {
        Some(PhaseDesign::Survey(order)) => Percept::Items(*order),
        Some(PhaseDesign::Exposure(design)) => Percept::Exposure(*design),
        Some(PhaseDesign::Vote(_) | PhaseDesign::Post(_) | PhaseDesign::Dilemmas(_) | PhaseDesign::Draft(_)) | None => {
            Percept::Nothing
        }
    };
}

/// Whether answers were asked for in the tick being run.
pub fn answers_were_asked(percept: Res<Percept>) -> bool {
    *percept != Percept::Nothing
}

/// `Settle`: what an agent answered in its own turn can be seen in the turns after it.
pub fn settle_turn(
    turns: Res<Turns>,
    intents: Res<AnswerIntents>,
    mut sheets: ResMut<Sheets>,
    mut texts: ResMut<ReplyTexts>,
) {
    if let (Acting::One(agent), Some(in_turn)) = (turns.acting(), &mut sheets.in_turn) {
        in_turn.copy_row(&intents.0, agent);
        texts.settle(agent);
    }
}
