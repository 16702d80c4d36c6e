//! What people of a country prefer: AMCEs with their standard errors, as an asset of figures.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::dimension::{Dimension, Preferences};

/// Largest standard error from which a country is no longer reliable.
pub const MODERATE_FROM: f64 = 0.03;

/// Largest standard error from which a country is unreliable.
pub const UNRELIABLE_FROM: f64 = 0.10;

/// How far a country's figures can be trusted, by the largest of their standard errors.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Reliability {
    /// Below 0.03.
    Reliable,
    /// From 0.03 to 0.10.
    Moderate,
    /// From 0.10: few people answered.
    Unreliable,
}

impl Reliability {
    /// The mark that belongs to a largest standard error.
    pub fn of_error(largest: f64) -> Self {
        if largest >= UNRELIABLE_FROM {
            Self::Unreliable
        } else if largest >= MODERATE_FROM {
            Self::Moderate
        } else {
            Self::Reliable
        }
    }

    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reliable => "reliable",
            Self::Moderate => "moderate",
            Self::Unreliable => "unreliable",
        }
    }
}

/// An AMCE.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// P(spare | preferred side) − P(spare | other side), −1 to 1.
    pub amce: f64,
    /// Its standard error, at least 0.
    pub error: f64,
}

impl Estimate {
    /// (1 + AMCE)/2: the share in which the preferred side is spared.
    pub fn share(self) -> f64 {
        f64::midpoint(1.0, self.amce)
    }
}

/// The AMCEs of a country.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountryAmce {
    /// ISO 3166-1 alpha-3 code.
    pub code: Arc<str>,
    /// How far its figures can be trusted.
    pub reliability: Reliability,
    /// Humans over animals.
    pub species: Estimate,
    /// Women over men.
    pub gender: Estimate,
    /// The young over the old.
    pub age: Estimate,
    /// The fit over the unfit.
    pub fitness: Estimate,
    /// High over low social status.
    pub social_value: Estimate,
    /// More over fewer lives.
    pub utilitarianism: Estimate,
}

impl CountryAmce {
    /// The estimate of a dimension.
    pub const fn of(&self, dimension: Dimension) -> Estimate {
        match dimension {
            Dimension::Species => self.species,
            Dimension::Gender => self.gender,
            Dimension::Age => self.age,
            Dimension::Fitness => self.fitness,
            Dimension::SocialValue => self.social_value,
            Dimension::Utilitarianism => self.utilitarianism,
        }
    }

    /// h: the shares in which preferred sides are spared.
    pub fn preferences(&self) -> Preferences {
        Preferences(Dimension::ALL.map(|dimension| self.of(dimension).share()))
    }

    /// The largest standard error.
    pub fn largest_error(&self) -> f64 {
        Dimension::ALL.into_iter().map(|dimension| self.of(dimension).error).fold(0.0, f64::max)
    }
}

/// The AMCEs of many countries.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HumanAmces {
    /// Where the figures come from.
    pub source: Arc<str>,
    /// The countries, by code.
    pub countries: Vec<CountryAmce>,
}

/// What is wrong with figures about people.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum HumanFault {
    /// The country is not in the reference.
    #[error("no human preferences of {code}: the reference has {known}")]
    UnknownCountry {
        /// The code asked for.
        code: String,
        /// The codes there are.
        known: String,
    },
    /// A figure outside its range.
    #[error("{code}: the {dimension} estimate is no AMCE with a standard error")]
    Figure {
        /// Which country.
        code: String,
        /// Which dimension.
        dimension: &'static str,
    },
    /// A mark that does not fit the errors.
    #[error("{code} is marked {marked}, but its largest standard error is {largest}")]
    Mark {
        /// Which country.
        code: String,
        /// How it is marked.
        marked: &'static str,
        /// Its largest standard error.
        largest: f64,
    },
    /// Codes twice or out of order.
    #[error("{code} stands twice or out of order")]
    Order {
        /// Which country.
        code: String,
    },
    /// A file of shares that cannot be read.
    #[error("no shares by country and dimension: {problem}")]
    Shares {
        /// Why.
        problem: String,
    },
}

impl HumanAmces {
    /// Says what is wrong with the figures, the first thing found.
    pub fn check(&self) -> Result<(), HumanFault> {
        for (place, country) in self.countries.iter().enumerate() {
            let code = || country.code.to_string();
            if place > 0 && self.countries[place - 1].code >= country.code {
                return Err(HumanFault::Order { code: code() });
            }
            for dimension in Dimension::ALL {
                let Estimate { amce, error } = country.of(dimension);
                if !(-1.0..=1.0).contains(&amce) || !error.is_finite() || error < 0.0 {
                    return Err(HumanFault::Figure { code: code(), dimension: dimension.name() });
                }
            }
            let largest = country.largest_error();
            if Reliability::of_error(largest) != country.reliability {
                return Err(HumanFault::Mark { code: code(), marked: country.reliability.name(), largest });
            }
        }
        Ok(())
    }

    /// The figures of a country.
    ///
    /// # Errors
    /// A country the reference does not have.
    pub fn country(&self, code: &str) -> Result<&CountryAmce, HumanFault> {
        self.countries.iter().find(|country| &*country.code == code).ok_or_else(|| {
            let known: Vec<&str> = self.countries.iter().map(|country| &*country.code).collect();
            HumanFault::UnknownCountry { code: code.to_owned(), known: known.join(", ") }
        })
    }
}

/// The shares of the published recordings: JSON with `human_amce_share`, by country and dimension.
///
/// # Errors
/// Another layout, a dimension that is missing, or a share outside 0 to 1.
pub fn read_shares(text: &str) -> Result<BTreeMap<String, Preferences>, HumanFault> {
    #[derive(Deserialize)]
    struct Layout {
        human_amce_share: BTreeMap<String, BTreeMap<String, f64>>,
    }
    let layout: Layout =
        serde_json::from_str(text).map_err(|error| HumanFault::Shares { problem: error.to_string() })?;
    let preferences = |code: &str, shares: &BTreeMap<String, f64>| {
        let mut found = [0.0; 6];
        for dimension in Dimension::ALL {
            let share = shares.get(dimension.name()).copied().filter(|share| (0.0..=1.0).contains(share));
            let missing = || HumanFault::Shares { problem: format!("{code} has no {} share", dimension.name()) };
            found[dimension.index()] = share.ok_or_else(missing)?;
        }
        Ok(Preferences(found))
    };
    layout.human_amce_share.iter().map(|(code, shares)| Ok((code.clone(), preferences(code, shares)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str, reliability: Reliability, error: f64) -> CountryAmce {
        let estimate = Estimate { amce: 0.2, error: 0.01 };
        CountryAmce {
            code: code.into(),
            reliability,
            species: Estimate { amce: 0.6, error },
            gender: estimate,
            age: estimate,
            fitness: estimate,
            social_value: estimate,
            utilitarianism: estimate,
        }
    }

    fn reference(countries: Vec<CountryAmce>) -> HumanAmces {
        HumanAmces { source: "made up".into(), countries }
    }

    #[test]
    fn shares_are_half_of_one_plus_the_effect() {
        let found = country("AAA", Reliability::Reliable, 0.01).preferences();
        assert!((found.of(Dimension::Species) - 0.8).abs() < 1e-15);
        assert!((found.of(Dimension::Age) - 0.6).abs() < 1e-15);
    }

    #[test]
    fn marks_follow_the_largest_error_and_codes_their_order() {
        let fine = reference(vec![
            country("AAA", Reliability::Reliable, 0.029),
            country("BBB", Reliability::Moderate, 0.03),
            country("CCC", Reliability::Unreliable, 0.10),
        ]);
        assert_eq!(fine.check(), Ok(()));
        let unmarked = reference(vec![country("AAA", Reliability::Reliable, 0.2)]);
        assert!(matches!(unmarked.check(), Err(HumanFault::Mark { .. })));
        let twice =
            reference(vec![country("AAA", Reliability::Reliable, 0.0), country("AAA", Reliability::Reliable, 0.0)]);
        assert!(matches!(twice.check(), Err(HumanFault::Order { .. })));
        let negative = reference(vec![country("AAA", Reliability::Reliable, -0.1)]);
        assert!(matches!(negative.check(), Err(HumanFault::Figure { .. })));
    }

    #[test]
    fn a_country_outside_the_reference_is_named_with_those_inside() {
        let fault = reference(vec![country("AAA", Reliability::Reliable, 0.0)]).country("ZZZ").expect_err("unknown");
        assert_eq!(fault.to_string(), "no human preferences of ZZZ: the reference has AAA");
    }

    #[test]
    fn published_shares_are_read_or_refused_with_the_reason() {
        let whole = r#"{"human_amce_share": {"AAA": {"Species": 0.8, "Gender": 0.5, "Age": 0.7, "Fitness": 0.6,
            "SocialValue": 0.7, "Utilitarianism": 0.75}}}"#;
        let found = read_shares(whole).expect("whole");
        assert!((found["AAA"].of(Dimension::Utilitarianism) - 0.75).abs() < 1e-15);
        let missing = read_shares(&whole.replace("Age", "Agee")).expect_err("no age");
        assert_eq!(missing.to_string(), "no shares by country and dimension: AAA has no Age share");
        assert!(read_shares(&whole.replace("0.8", "8")).is_err());
        assert!(read_shares("[]").is_err());
    }
}
