//! The tick, written down once: its sets in order, its clock, and the plan of ticks a timeline unfolds to.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::schedule::ScheduleLabel;

use crate::agent::AgentId;

/// What runs before requests leave the worlds.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct BeforeModel;

/// What runs each time replies are back, as long as it queues requests.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct WithReplies;

/// What runs when nothing is left to be asked in a turn.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct AfterTurn;

/// What runs when every turn of a tick was taken.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct AfterModel;

/// The stages of a tick, in order. The first three run in [`BeforeModel`], the fourth in [`WithReplies`], the fifth and
/// sixth in [`AfterTurn`], the others in [`AfterModel`].
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TickSystems {
    /// Who acts: everybody at once, on the state of the tick's start, or one agent after another ([`Turns`]).
    Turn,
    /// Worlds put in front of each acting agent what it may see.
    Perceive,
    /// Agents turn percepts into requests, or answer at once where no text is needed.
    Ask,
    /// Agents that cannot read a reply queue another request, where the scenario allows it.
    AskAgain,
    /// Replies become typed intents or typed failures.
    Interpret,
    /// What this turn decided can be seen by the turns after it.
    Settle,
    /// Worlds apply intents in agent order.
    Resolve,
    /// Observers measure.
    Observe,
    /// Events, observations and table rows are handed over.
    Record,
}

/// Who acts in the turn that is being run.
#[derive(Resource, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Acting {
    /// Everybody, at once.
    #[default]
    Everybody,
    /// One agent.
    One(AgentId),
}

impl Acting {
    /// Whether an agent acts.
    pub fn includes(self, agent: AgentId) -> bool {
        match self {
            Self::Everybody => true,
            Self::One(acting) => acting == agent,
        }
    }
}

/// The turns of a tick. Without an order there is one, in which everybody acts.
#[derive(Resource, Clone, PartialEq, Eq, Debug, Default)]
pub struct Turns {
    order: Vec<AgentId>,
    next: usize,
}

impl Turns {
    /// One turn in which everybody acts.
    pub fn all_at_once(&mut self) {
        self.order.clear();
    }

    /// One turn an agent, in this order.
    pub fn one_by_one(&mut self, order: Vec<AgentId>) {
        self.order = order;
    }

    /// Whether the first turn of a tick is being run.
    pub fn is_first(&self) -> bool {
        self.next == 0
    }

    /// Who acts in the turn being run.
    pub fn acting(&self) -> Acting {
        self.order.get(self.next).map_or(Acting::Everybody, |agent| Acting::One(*agent))
    }

    /// The order, where there is one.
    pub fn order(&self) -> &[AgentId] {
        &self.order
    }

    /// Back before the first turn.
    pub(crate) fn begin(&mut self) {
        self.order.clear();
        self.next = 0;
    }

    /// Ends the turn being run; whether another one follows.
    pub(crate) fn advance(&mut self) -> bool {
        self.next += 1;
        self.next < self.order.len()
    }
}

/// One tick of the plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedTick {
    /// Index of the phase in the timeline.
    pub phase: u32,
    /// The mechanism of the phase, as written in tables: `survey`, `exposure`, …
    pub mechanism: Arc<str>,
    /// The round the scenario counts; 0 is the state before any interaction.
    pub round: u32,
}

/// Where the run stands. Set by the run loop before each tick.
#[derive(Resource, Clone, PartialEq, Eq, Debug)]
pub struct Clock {
    /// Synchronous steps since the start of the run.
    pub tick: u32,
    /// The tick being run.
    pub now: PlannedTick,
}

impl Clock {
    /// The clock at this tick of a plan.
    pub fn at(tick: usize, plan: &[PlannedTick]) -> Option<Self> {
        plan.get(tick).map(|now| Self { tick: tick as u32, now: now.clone() })
    }
}
