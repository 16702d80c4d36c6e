//! Cultures: what an agent is grounded in. Plain data, here because both agents (who they are) and measures (whom
//! they are compared with) read it.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use serde::{Deserialize, Serialize};

/// The culture of an agent: an index into [`Cultures`].
#[derive(Component, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[component(immutable)]
pub struct Culture(pub u16);

impl Culture {
    /// The culture as an index into [`Cultures`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A point on the Inglehart–Welzel cultural map.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapPosition {
    /// Traditional (low) to secular-rational (high) values.
    pub traditional_secular: f64,
    /// Survival (low) to self-expression (high) values.
    pub survival_self_expression: f64,
    /// Year of the survey the point comes from.
    pub year: u16,
}

/// A country as agents and tables name it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CultureProfile {
    /// ISO 3166-1 alpha-3 code.
    pub code: Arc<str>,
    /// The country's name as it stands in a sentence, e.g. `the United States`.
    pub country: Arc<str>,
    /// What its people are called, as an adjective.
    pub demonym: Arc<str>,
    /// Its main languages as BCP 47 tags, the most spoken first.
    pub languages: Vec<Arc<str>>,
    /// Where its people stand on the Inglehart–Welzel map.
    pub position: MapPosition,
}

/// The cultures of a run, in the order of the asset (by code); [`Culture`] indexes them.
#[derive(Resource, Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cultures {
    /// Where the facts come from.
    pub source: Arc<str>,
    /// The cultures.
    pub cultures: Vec<CultureProfile>,
}

impl Cultures {
    /// The culture with this code.
    pub fn by_code(&self, code: &str) -> Option<Culture> {
        self.cultures.iter().position(|profile| &*profile.code == code).map(|index| Culture(index as u16))
    }

    /// The profile of a culture of this list.
    pub fn profile(&self, culture: Culture) -> &CultureProfile {
        &self.cultures[culture.index()]
    }

    /// The codes, in order.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.cultures.iter().map(|profile| &*profile.code)
    }
}
