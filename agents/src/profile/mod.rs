//! Who an agent is beyond its culture: a sociodemographic profile with value dimensions, from survey microdata
//! ([`microdata`], [`cells`]), from aggregate shares ([`marginals`]), or as given; and its words ([`words`]).

pub mod cells;
pub mod dimensions;
pub mod marginals;
pub mod microdata;
pub mod pool;
pub mod record;
pub mod stance;
pub mod tally;
#[cfg(test)]
mod tests;
pub mod traits;
pub mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};

pub use cells::Cells;
pub use dimensions::{Dimensions, Level};
pub use traits::{AgeBand, AgeBands, Demographic, Education, Income, Religion, Residence, Sex, Trait};
pub use words::{ProfileTemplates, ProfileWords};

/// A sociodemographic profile with value dimensions. What is `None` is left unsaid.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// Band of ages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<AgeBand>,
    /// Sex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Education.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub education: Option<Education>,
    /// Income.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub income: Option<Income>,
    /// Urban or rural.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residence: Option<Residence>,
    /// Denomination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub religion: Option<Religion>,
    /// Region of the country: its name, or its code in the survey file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Arc<str>>,
    /// Level on each value dimension, by the dimension's id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<Arc<str>, Level>,
}

/// A profile that cannot be put into words.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProfileFault {
    /// A band of ages that holds no age.
    #[error("ages from {from} to {to} hold nobody: write the younger age first")]
    Age {
        /// Its first age.
        from: u8,
        /// Its last age.
        to: u8,
    },
    /// A region without a name.
    #[error("the region has no name: write one, or leave the region out")]
    Region,
    /// A value dimension there is none of.
    #[error("there is no value dimension `{id}`: write one of {known}")]
    Dimension {
        /// What was written.
        id: Arc<str>,
        /// The dimensions there are.
        known: String,
    },
    /// A level its dimension does not have.
    #[error("`{id}` has levels 0 to {last}, 0 being the most of it, not {level}")]
    Level {
        /// The dimension.
        id: Arc<str>,
        /// What was written.
        level: u8,
        /// Its last level.
        last: u8,
    },
}

impl Profile {
    /// The profile of these traits, without values.
    pub fn of_traits<'a>(traits: impl IntoIterator<Item = &'a Trait>) -> Self {
        let mut profile = Self::default();
        for one in traits {
            match one {
                Trait::Age(band) => profile.age = Some(*band),
                Trait::Sex(sex) => profile.sex = Some(*sex),
                Trait::Education(education) => profile.education = Some(*education),
                Trait::Income(income) => profile.income = Some(*income),
                Trait::Residence(residence) => profile.residence = Some(*residence),
                Trait::Religion(religion) => profile.religion = Some(*religion),
                Trait::Region(region) => profile.region = Some(region.clone()),
            }
        }
        profile
    }

    /// Everything that keeps it from being put into words with these dimensions; empty where nothing does.
    pub fn faults(&self, dimensions: &Dimensions) -> Vec<ProfileFault> {
        let mut faults = Vec::new();
        if let Some(AgeBand { from, to: Some(to) }) = self.age
            && from > to
        {
            faults.push(ProfileFault::Age { from, to });
        }
        if self.region.as_ref().is_some_and(|region| region.trim().is_empty()) {
            faults.push(ProfileFault::Region);
        }
        for (id, level) in &self.values {
            match dimensions.by_id(id) {
                None => {
                    let ids: Vec<&str> = dimensions.dimensions.iter().map(|dimension| &*dimension.id).collect();
                    faults.push(ProfileFault::Dimension { id: id.clone(), known: ids.join(", ") });
                }
                Some(dimension) if usize::from(level.0) >= dimension.levels.len() => {
                    let last = dimension.levels.len().saturating_sub(1) as u8;
                    faults.push(ProfileFault::Level { id: id.clone(), level: level.0, last });
                }
                Some(_) => {}
            }
        }
        faults
    }
}

/// A number in [0, 1), from one word of a stream.
fn uniform(rng: &mut impl Rng) -> f64 {
    const SLICES: f64 = 9_007_199_254_740_992.0;
    (rng.next_u64() >> 11) as f64 / SLICES
}

/// The place drawn by its weight (each ≥ 0); `None` where no weight is above 0, and then nothing is drawn.
fn drawn_by_weight(weights: impl Iterator<Item = f64> + Clone, rng: &mut impl Rng) -> Option<usize> {
    let total: f64 = weights.clone().sum();
    if total <= 0.0 {
        return None;
    }
    let mark = uniform(rng) * total;
    let (mut below, mut last) = (0.0, None);
    for (place, weight) in weights.enumerate().filter(|(_, weight)| *weight > 0.0) {
        below += weight;
        last = Some(place);
        if mark < below {
            break;
        }
    }
    last
}
