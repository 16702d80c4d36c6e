//! The culture-centred score: what is left of a model's nearness to people once what all countries have in common is
//! taken away from both. Ours, not the paper's.

use super::dimension::Preferences;
use super::measures::{macro_average, pearson};

/// One country.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CentredCountry {
    /// Euclidean distance of the centred vectors, at least 0.
    pub distance: f64,
    /// Pearson's r of the centred vectors; `None` where one does not vary.
    pub correlation: Option<f64>,
    /// 1 where the nearest centred human vector is the country's own, 1/k where it is one of k equally near, else 0.
    pub identified: f64,
}

/// All of them.
#[derive(Clone, PartialEq, Debug)]
pub struct CentredScore {
    /// By country.
    pub countries: Vec<CentredCountry>,
    /// Mean distance.
    pub distance: f64,
    /// Mean correlation over the countries that have one.
    pub correlation: Option<f64>,
    /// Share of countries identified; `chance` of it is for nothing.
    pub identification: f64,
    /// 1 / number of countries.
    pub chance: f64,
}

/// Scores a model's vectors against people's, country by country in the same order. `None` of fewer than two countries,
/// or unlike numbers of them.
pub fn centred_score(models: &[Preferences], humans: &[Preferences]) -> Option<CentredScore> {
    if models.len() != humans.len() || models.len() < 2 {
        return None;
    }
    let (models, humans) = (centred(models), centred(humans));
    let countries: Vec<CentredCountry> = models
        .iter()
        .enumerate()
        .map(|(own, model)| CentredCountry {
            distance: distance(model, &humans[own]),
            correlation: pearson(model, &humans[own]),
            identified: identified(model, &humans, own),
        })
        .collect();
    let mean = |of: fn(&CentredCountry) -> f64| macro_average(&countries.iter().map(of).collect::<Vec<f64>>());
    let correlations: Vec<f64> = countries.iter().filter_map(|country| country.correlation).collect();
    Some(CentredScore {
        distance: mean(|country| country.distance)?,
        correlation: macro_average(&correlations),
        identification: mean(|country| country.identified)?,
        chance: 1.0 / countries.len() as f64,
        countries,
    })
}

/// Vectors less their mean over countries.
fn centred(of: &[Preferences]) -> Vec<[f64; 6]> {
    let mut means = [0.0; 6];
    for (dimension, mean) in means.iter_mut().enumerate() {
        *mean = of.iter().map(|preferences| preferences.0[dimension]).sum::<f64>() / of.len() as f64;
    }
    let less = |preferences: &Preferences| {
        let mut vector = preferences.0;
        vector.iter_mut().zip(means).for_each(|(value, mean)| *value -= mean);
        vector
    };
    of.iter().map(less).collect()
}

fn distance(a: &[f64; 6], b: &[f64; 6]) -> f64 {
    libm::sqrt(a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum())
}

fn identified(model: &[f64; 6], humans: &[[f64; 6]], own: usize) -> f64 {
    let distances: Vec<f64> = humans.iter().map(|human| distance(model, human)).collect();
    let nearest = distances.iter().copied().fold(f64::INFINITY, f64::min);
    let ties = distances.iter().filter(|distance| **distance <= nearest).count();
    if distances[own] <= nearest { 1.0 / ties as f64 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn humans() -> Vec<Preferences> {
        (0..4_u32)
            .map(|country| {
                Preferences([0, 1, 2, 3, 4, 5].map(|d: u32| 0.5 + 0.01 * f64::from((country * 7 + d * 3) % 11)))
            })
            .collect()
    }

    #[test]
    fn a_model_that_is_off_everywhere_by_the_same_is_perfect_once_centred() {
        let off: Vec<Preferences> =
            humans().iter().map(|human| Preferences(human.0.map(|share| share - 0.3))).collect();
        let score = centred_score(&off, &humans()).expect("four countries");
        assert!(score.distance < 1e-12 && (score.identification - 1.0).abs() < 1e-15);
        assert!((score.correlation.expect("varies") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_model_that_knows_no_culture_identifies_by_chance() {
        let score = centred_score(&[Preferences::constant(0.65); 4], &humans()).expect("four countries");
        assert!((score.identification - score.chance).abs() < 1e-15, "{score:?}");
        assert_eq!(score.correlation, None);
        let same = centred_score(&[Preferences::constant(0.65); 3], &[Preferences::constant(0.7); 3]);
        assert!((same.expect("three countries").identification - 1.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn one_country_has_nothing_to_be_centred_by() {
        assert_eq!(centred_score(&humans()[..1], &humans()[..1]), None);
        assert_eq!(centred_score(&humans()[..2], &humans()), None);
    }
}
