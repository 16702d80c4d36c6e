//! The six dimensions of a dilemma, and preferences over them.

use serde::{Deserialize, Serialize};

/// In what two groups of a dilemma differ.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Dimension {
    /// Humans or animals.
    Species,
    /// Women or men.
    Gender,
    /// The young or the old.
    Age,
    /// The fit or the unfit.
    Fitness,
    /// High or low social status.
    SocialValue,
    /// More or fewer lives.
    Utilitarianism,
}

impl Dimension {
    /// Every dimension, in the order of [`Preferences`].
    pub const ALL: [Self; 6] =
        [Self::Species, Self::Gender, Self::Age, Self::Fitness, Self::SocialValue, Self::Utilitarianism];

    /// The name used in tables, files and the published recordings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Species => "Species",
            Self::Gender => "Gender",
            Self::Age => "Age",
            Self::Fitness => "Fitness",
            Self::SocialValue => "SocialValue",
            Self::Utilitarianism => "Utilitarianism",
        }
    }

    /// The dimension with this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.name() == name)
    }

    /// The side whose sparing counts as preference: the one an AMCE above 0 speaks for.
    pub const fn preferred(self) -> &'static str {
        match self {
            Self::Species => "Humans",
            Self::Gender => "Female",
            Self::Age => "Young",
            Self::Fitness => "Fit",
            Self::SocialValue => "High",
            Self::Utilitarianism => "More",
        }
    }

    /// Its place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// For each dimension the share, 0 to 1, in which the preferred side is spared; ½ is no preference.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Preferences(pub [f64; 6]);

impl Preferences {
    /// The same share in every dimension.
    pub const fn constant(share: f64) -> Self {
        Self([share; 6])
    }

    /// The share of one dimension.
    pub const fn of(&self, dimension: Dimension) -> f64 {
        self.0[dimension.index()]
    }
}

/// T_cat: the temperatures by which a scenario's logit gap is divided, above 0, with the published defaults.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GapTemperatures {
    /// Of species.
    pub species: f64,
    /// Of gender.
    pub gender: f64,
    /// Of age.
    pub age: f64,
    /// Of fitness.
    pub fitness: f64,
    /// Of social status.
    pub social_value: f64,
    /// Of the number of lives.
    pub utilitarianism: f64,
    /// Of anything else, controls for one.
    pub other: f64,
}

impl Default for GapTemperatures {
    fn default() -> Self {
        Self { species: 4.0, gender: 3.5, age: 1.5, fitness: 1.5, social_value: 1.5, utilitarianism: 1.5, other: 3.0 }
    }
}

impl GapTemperatures {
    /// The temperature of a dimension; `None` is anything else.
    pub const fn of(&self, dimension: Option<Dimension>) -> f64 {
        match dimension {
            Some(Dimension::Species) => self.species,
            Some(Dimension::Gender) => self.gender,
            Some(Dimension::Age) => self.age,
            Some(Dimension::Fitness) => self.fitness,
            Some(Dimension::SocialValue) => self.social_value,
            Some(Dimension::Utilitarianism) => self.utilitarianism,
            None => self.other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_are_found_by_name_and_stand_in_order() {
        for (place, dimension) in Dimension::ALL.into_iter().enumerate() {
            assert_eq!(dimension.index(), place);
            assert_eq!(Dimension::by_name(dimension.name()), Some(dimension));
        }
        assert_eq!(Dimension::by_name("species"), None);
    }
}
