//! What a tick of dilemmas puts before agents.

use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use pluriverse_engine::agent::Backbone;

use crate::culture::Culture;
use crate::dilemmas::Scenario;
use crate::dilemmas::human::CountryAmce;

/// The mechanism's name in tables.
pub const MECHANISM: &str = "dilemmas";

/// Whether dilemmas are judged in ticks of this mechanism: nothing of the survey is asked in them.
pub fn is_dilemmas(mechanism: &str) -> bool {
    mechanism == MECHANISM
}

/// One tick of dilemmas, the same in every arm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DilemmaDesign {
    /// Place of the set in [`DilemmaSets`].
    pub set: u16,
    /// Replies to each scenario in each order, from agents that answer in words.
    pub samples: u16,
    /// Who reads replies in the agents' own words and says what they commit to; `None` where they choose a letter or number.
    pub judge: Option<Backbone>,
}

/// The scenarios of a phase, and whom judgements of them are measured against.
#[derive(Clone, PartialEq, Debug)]
pub struct DilemmaSet {
    /// Pairs by dimension, then controls.
    pub scenarios: Vec<Scenario>,
    /// What people of each culture prefer, by culture; `None` of cultures nobody belongs to.
    pub humans: Vec<Option<CountryAmce>>,
}

impl DilemmaSet {
    /// What people of a culture prefer.
    pub fn human(&self, culture: Culture) -> Option<&CountryAmce> {
        self.humans.get(culture.index())?.as_ref()
    }
}

/// The sets of a scenario, in the order of its phases of dilemmas.
#[derive(Resource, Clone, Debug, Default)]
pub struct DilemmaSets(pub Vec<Arc<DilemmaSet>>);
