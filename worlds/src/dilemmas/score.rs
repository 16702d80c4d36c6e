//! Every measure of how near preferences are to people's, by country and over countries.

use super::centred::{CentredCountry, centred_score};
use super::dimension::Preferences;
use super::measures::{jensen_shannon, macro_average, misalignment, pearson};

/// A country's preferences against its people's.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CountryScore {
    /// MIS, 0 to √6.
    pub misalignment: f64,
    /// Jensen–Shannon distance, 0 to 1; `None` where nothing is ever preferred.
    pub jensen_shannon: Option<f64>,
    /// Pearson's r, −1 to 1; `None` where the preferences do not vary.
    pub pearson: Option<f64>,
    /// Once what countries have in common is taken away; `None` of a single country.
    pub centred: Option<CentredCountry>,
}

/// All countries: means, each country weighing the same.
#[derive(Clone, PartialEq, Debug)]
pub struct Score {
    /// By country.
    pub countries: Vec<CountryScore>,
    /// Macro MIS.
    pub misalignment: f64,
    /// Mean Jensen–Shannon distance of the countries that have one.
    pub jensen_shannon: Option<f64>,
    /// Mean r of the countries that have one.
    pub pearson: Option<f64>,
    /// Mean centred distance.
    pub centred_distance: Option<f64>,
    /// Mean centred r of the countries that have one.
    pub centred_correlation: Option<f64>,
    /// Share of countries nearest to their own people; `None` of a single country.
    pub identification: Option<f64>,
    /// What it is for nothing: 1 by the number of countries.
    pub chance: f64,
}

/// Scores preferences against people's, country by country in the same order. `None` of no country, or unlike numbers.
pub fn score(models: &[Preferences], humans: &[Preferences]) -> Option<Score> {
    if models.len() != humans.len() {
        return None;
    }
    let centred = centred_score(models, humans);
    let countries: Vec<CountryScore> = models
        .iter()
        .zip(humans)
        .enumerate()
        .map(|(place, (model, human))| CountryScore {
            misalignment: misalignment(model, human),
            jensen_shannon: jensen_shannon(model, human),
            pearson: pearson(&model.0, &human.0),
            centred: centred.as_ref().map(|score| score.countries[place]),
        })
        .collect();
    let mean = |of: fn(&CountryScore) -> Option<f64>| {
        let figures: Vec<f64> = countries.iter().filter_map(of).collect();
        macro_average(&figures)
    };
    Some(Score {
        misalignment: mean(|country| Some(country.misalignment))?,
        jensen_shannon: mean(|country| country.jensen_shannon),
        pearson: mean(|country| country.pearson),
        centred_distance: centred.as_ref().map(|score| score.distance),
        centred_correlation: centred.as_ref().and_then(|score| score.correlation),
        identification: centred.as_ref().map(|score| score.identification),
        chance: 1.0 / countries.len() as f64,
        countries,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUMANS: [Preferences; 2] =
        [Preferences([0.8, 0.55, 0.73, 0.58, 0.68, 0.75]), Preferences([0.7, 0.6, 0.7, 0.5, 0.7, 0.8])];

    #[test]
    fn people_themselves_are_at_no_distance_and_know_their_country() {
        let found = score(&HUMANS, &HUMANS).expect("two countries");
        assert!(found.misalignment < 1e-15 && found.centred_distance.expect("two") < 1e-15);
        assert!(found.pearson.expect("varies") > 1.0 - 1e-12 && found.identification == Some(1.0));
    }

    #[test]
    fn one_country_is_scored_without_what_needs_another() {
        let found = score(&[Preferences::constant(0.5)], &HUMANS[..1]).expect("a country");
        assert!(found.misalignment > 0.4 && found.jensen_shannon.is_some());
        assert_eq!((found.pearson, found.identification, found.centred_distance), (None, None, None));
        assert_eq!(score(&[], &[]), None);
        assert_eq!(score(&HUMANS[..1], &HUMANS), None);
    }
}
