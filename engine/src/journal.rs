//! The journal: what happened, in order. One closed enum, written as JSON lines.

use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use serde::Serialize;

use crate::agent::AgentId;
use crate::outcome::{Outcome, serialize_name};

/// Something that happened in a society.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A tick began.
    TickStarted {
        /// How many agents act in it.
        acting: u64,
    },
    /// One request brought no answer. Written where a reason is known beyond the outcome itself.
    RequestFailed {
        /// Who was asked.
        agent: AgentId,
        /// What was asked, e.g. a survey item.
        subject: Arc<str>,
        /// What became of it.
        #[serde(serialize_with = "serialize_name")]
        outcome: Outcome,
        /// Why, for people.
        reason: Arc<str>,
    },
    /// Something that is no request could not be done.
    NotDone {
        /// What, e.g. a rule by which ballots were to be counted.
        subject: Arc<str>,
        /// Why, for people.
        reason: Arc<str>,
    },
    /// How many requests of the tick ended so.
    Outcomes {
        /// What became of them.
        #[serde(serialize_with = "serialize_name")]
        outcome: Outcome,
        /// How many.
        count: u64,
    },
}

/// The events of the current tick, in order. Emptied by the recorder.
#[derive(Resource, Default, Debug)]
pub struct Journal(pub Vec<Event>);

impl Journal {
    /// Appends an event.
    pub fn push(&mut self, event: Event) {
        self.0.push(event);
    }
}
