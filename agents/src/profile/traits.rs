//! Sociodemographic traits, as surveys code them and as profiles name them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A band of ages in whole years, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeBand {
    /// The youngest age in it.
    pub from: u8,
    /// The oldest age in it; `None` where it has no upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u8>,
}

/// How ages are cut into bands: the youngest age of each band, rising from 0.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub struct AgeBands(Vec<u8>);

impl Default for AgeBands {
    /// Under 36, 36 to 55, over 55: the bands of DISCA's personas (arXiv 2605.10843).
    fn default() -> Self {
        Self(vec![0, 36, 56])
    }
}

impl AgeBands {
    /// Bands that begin at these ages.
    ///
    /// # Errors
    /// The reason where the ages do not rise from 0.
    pub fn new(starts: Vec<u8>) -> Result<Self, String> {
        let rises = starts.array_windows::<2>().all(|[a, b]| a < b);
        if starts.first() == Some(&0) && rises {
            Ok(Self(starts))
        } else {
            Err(format!("age bands begin at 0 and rise, as in [0, 36, 56], not {starts:?}"))
        }
    }

    /// The band an age lies in.
    pub fn of(&self, age: u8) -> AgeBand {
        let place = self.0.iter().rposition(|start| *start <= age).unwrap_or(0);
        let from = self.0.get(place).copied().unwrap_or(0);
        AgeBand { from, to: self.0.get(place + 1).map(|next| next.saturating_sub(1)) }
    }
}

impl TryFrom<Vec<u8>> for AgeBands {
    type Error = String;

    fn try_from(starts: Vec<u8>) -> Result<Self, String> {
        Self::new(starts)
    }
}

impl From<AgeBands> for Vec<u8> {
    fn from(bands: AgeBands) -> Self {
        bands.0
    }
}

/// Sex, as the survey's interviewers code it (Q260).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Sex {
    /// Code 1.
    Male,
    /// Code 2.
    Female,
}

/// Highest education in three groups (Q275R; ISCED 2011).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Education {
    /// ISCED 0 to 2: up to lower secondary.
    Lower,
    /// ISCED 3 and 4: upper secondary, and what follows it below a tertiary degree.
    Middle,
    /// ISCED 5 to 8: tertiary.
    Higher,
}

/// Household income in three groups, relative to the country (Q288R).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Income {
    /// Steps 1 to 3 of 10.
    Low,
    /// Steps 4 to 7 of 10.
    Medium,
    /// Steps 8 to 10 of 10.
    High,
}

/// Where somebody lives (H_URBRURAL).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Residence {
    /// Code 1.
    Urban,
    /// Code 2.
    Rural,
}

/// Religious denomination in ten groups (Q289).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Religion {
    /// Code 0. `NoReligion` in files, where `None` means that nothing is said.
    #[serde(rename = "NoReligion")]
    None,
    /// Code 1.
    Catholic,
    /// Code 2.
    Protestant,
    /// Code 3.
    Orthodox,
    /// Code 4.
    Jewish,
    /// Code 5.
    Muslim,
    /// Code 6.
    Hindu,
    /// Code 7.
    Buddhist,
    /// Code 8: Christian of another church.
    OtherChristian,
    /// Code 9.
    Other,
}

impl Religion {
    /// Every denomination, at the place of its code.
    pub const ALL: [Self; 10] = [
        Self::None,
        Self::Catholic,
        Self::Protestant,
        Self::Orthodox,
        Self::Jewish,
        Self::Muslim,
        Self::Hindu,
        Self::Buddhist,
        Self::OtherChristian,
        Self::Other,
    ];
}

/// What people can be grouped by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Demographic {
    /// Band of ages.
    Age,
    /// Sex.
    Sex,
    /// Education in three groups.
    Education,
    /// Income in three groups.
    Income,
    /// Urban or rural.
    Residence,
    /// Denomination.
    Religion,
    /// Region of the country.
    Region,
}

impl Demographic {
    /// Every demographic.
    pub const ALL: [Self; 7] =
        [Self::Age, Self::Sex, Self::Education, Self::Income, Self::Residence, Self::Religion, Self::Region];
}

/// What somebody is on one demographic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Trait {
    /// Band of ages.
    Age(AgeBand),
    /// Sex.
    Sex(Sex),
    /// Education.
    Education(Education),
    /// Income.
    Income(Income),
    /// Urban or rural.
    Residence(Residence),
    /// Denomination.
    Religion(Religion),
    /// Region: a code of the survey file, or a name.
    Region(Arc<str>),
}

impl Trait {
    /// What it is a trait of.
    pub const fn demographic(&self) -> Demographic {
        match self {
            Self::Age(_) => Demographic::Age,
            Self::Sex(_) => Demographic::Sex,
            Self::Education(_) => Demographic::Education,
            Self::Income(_) => Demographic::Income,
            Self::Residence(_) => Demographic::Residence,
            Self::Religion(_) => Demographic::Religion,
            Self::Region(_) => Demographic::Region,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_age_lies_in_the_band_that_holds_it() {
        let bands = AgeBands::default();
        for (age, from, to) in
            [(0, 0, Some(35)), (35, 0, Some(35)), (36, 36, Some(55)), (56, 56, None), (255, 56, None)]
        {
            assert_eq!(bands.of(age), AgeBand { from, to }, "{age}");
        }
        assert_eq!(AgeBands::new(vec![0]).expect("one band").of(40), AgeBand { from: 0, to: None });
        for starts in [vec![], vec![1], vec![0, 5, 5], vec![0, 9, 3]] {
            assert!(AgeBands::new(starts).is_err());
        }
    }
}
