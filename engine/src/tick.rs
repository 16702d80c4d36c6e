//! The tick, written down once: its sets in order, its clock, and the plan of ticks a timeline unfolds to.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::schedule::ScheduleLabel;

/// What runs before requests leave the worlds.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct BeforeModel;

/// What runs each time replies are back, as long as it queues requests.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct WithReplies;

/// What runs when nothing is left to be asked.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct AfterModel;

/// The stages of a tick, in order. The first three run in [`BeforeModel`], the fourth in [`WithReplies`], the others in
/// [`AfterModel`].
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TickSystems {
    /// Who acts this tick: so far everybody, simultaneously, on the state of the tick's start.
    Turn,
    /// Worlds put in front of each acting agent what it may see.
    Perceive,
    /// Agents turn percepts into requests, or answer at once where no text is needed.
    Ask,
    /// Agents that cannot read a reply queue another request, where the scenario allows it.
    AskAgain,
    /// Replies become typed intents or typed failures.
    Interpret,
    /// Worlds apply intents in agent order.
    Resolve,
    /// Observers measure.
    Observe,
    /// Events, observations and table rows are handed over.
    Record,
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
