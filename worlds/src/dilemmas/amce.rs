//! Average marginal component effects from choices, with standard errors.

use std::collections::BTreeMap;

use super::dimension::{Dimension, Preferences};

/// One answer to a dilemma.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Observation {
    /// The dimension it is about.
    pub dimension: Dimension,
    /// The pair it answers: answers to one pair, in both orders or repeated, are not independent.
    pub pair: u32,
    /// Probability of sparing the preferred side, 0 to 1; a choice is 0 or 1, and "either" ½.
    pub spares_preferred: f64,
    /// Lives on the preferred side less lives on the other.
    pub lives_apart: i32,
}

/// An effect.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Effect {
    /// Mean share in which the preferred side is spared, 0 to 1: the coefficient of the regression without intercept on
    /// the indicator of the preferred side.
    pub share: f64,
    /// P(spare | preferred) − P(spare | other) = 2·share − 1, −1 to 1.
    pub amce: f64,
    /// Standard error of `amce` with pairs as the units; `None` of a single pair.
    pub error: Option<f64>,
    /// Number of pairs.
    pub pairs: u32,
}

/// A line through the shares.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Slope {
    /// Change of the share by one life more.
    pub slope: f64,
    /// Its standard error; `None` of two observations.
    pub error: Option<f64>,
}

/// The effect of a dimension; `None` without observations of it.
pub fn effect(observations: &[Observation], dimension: Dimension) -> Option<Effect> {
    let mut pairs: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for observation in observations.iter().filter(|observation| observation.dimension == dimension) {
        let (sum, count) = pairs.entry(observation.pair).or_default();
        *sum += observation.spares_preferred;
        *count += 1.0;
    }
    if pairs.is_empty() {
        return None;
    }
    let means: Vec<f64> = pairs.values().map(|(sum, count)| sum / count).collect();
    let n = means.len() as f64;
    let share = means.iter().sum::<f64>() / n;
    let squares: f64 = means.iter().map(|mean| (mean - share) * (mean - share)).sum();
    let error = (means.len() > 1).then(|| 2.0 * libm::sqrt(squares / (n - 1.0) / n));
    Some(Effect { share, amce: 2.0 * share - 1.0, error, pairs: means.len() as u32 })
}

/// The shares of all six dimensions; `None` where one has no observations.
pub fn preferences(observations: &[Observation]) -> Option<Preferences> {
    let mut shares = [0.0; 6];
    for dimension in Dimension::ALL {
        shares[dimension.index()] = effect(observations, dimension)?.share;
    }
    Some(Preferences(shares))
}

/// The least-squares slope, with intercept, of the share on how many lives are apart, over the dimension of lives: a
/// diagnostic. `None` where nothing varies.
pub fn slope_of_lives(observations: &[Observation]) -> Option<Slope> {
    let points: Vec<(f64, f64)> = observations
        .iter()
        .filter(|observation| observation.dimension == Dimension::Utilitarianism)
        .map(|observation| (f64::from(observation.lives_apart), observation.spares_preferred))
        .collect();
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - x) * (point.0 - x)).sum();
    if points.len() < 2 || spread <= 0.0 {
        return None;
    }
    let slope = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum::<f64>() / spread;
    let residual = |point: &(f64, f64)| point.1 - y - slope * (point.0 - x);
    let squares: f64 = points.iter().map(|point| residual(point) * residual(point)).sum();
    let error = (points.len() > 2).then(|| libm::sqrt(squares / (n - 2.0) / spread));
    Some(Slope { slope, error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(pair: u32, spares_preferred: f64) -> Observation {
        Observation { dimension: Dimension::Age, pair, spares_preferred, lives_apart: 0 }
    }

    #[test]
    fn an_effect_is_twice_the_share_less_one_with_pairs_as_units() {
        let observations = [(0, 1.0), (0, 0.0), (1, 1.0), (1, 1.0), (2, 1.0), (2, 0.5)].map(|(p, s)| observation(p, s));
        let found = effect(&observations, Dimension::Age).expect("observed");
        assert!((found.share - 0.75).abs() < 1e-15 && (found.amce - 0.5).abs() < 1e-15);
        // Pair means 0.5, 1 and 0.75: variance 1/16 of three.
        assert!((found.error.expect("three pairs") - 2.0 * libm::sqrt(1.0 / 48.0)).abs() < 1e-12);
        assert_eq!(found.pairs, 3);
        assert_eq!(effect(&observations[..2], Dimension::Age).expect("observed").error, None);
        assert_eq!(effect(&observations, Dimension::Gender), None);
        assert_eq!(preferences(&observations), None);
    }

    #[test]
    fn answering_every_pair_twice_the_same_does_not_make_it_surer() {
        let once: Vec<Observation> = (0..8).map(|pair| observation(pair, f64::from(pair % 2))).collect();
        let twice: Vec<Observation> = once.iter().chain(&once).copied().collect();
        assert_eq!(effect(&once, Dimension::Age), effect(&twice, Dimension::Age));
    }

    #[test]
    fn lives_apart_have_a_slope_where_they_vary() {
        let lives = |lives_apart, spares_preferred| Observation {
            dimension: Dimension::Utilitarianism,
            pair: 0,
            spares_preferred,
            lives_apart,
        };
        let found = slope_of_lives(&[lives(1, 0.6), lives(2, 0.7), lives(4, 0.9)]).expect("a line");
        assert!((found.slope - 0.1).abs() < 1e-12 && found.error.expect("three points") < 1e-12);
        assert_eq!(slope_of_lives(&[lives(1, 0.6), lives(1, 0.7)]), None);
        assert_eq!(slope_of_lives(&[]), None);
    }
}
