//! Exponential tilt: the distribution nearest to a base, in relative entropy, that has a given expected score.

use super::shares::OptionShares;

/// A score this share of the reachable range from its ends is the farthest a tilt goes.
const MARGIN: f64 = 1e-6;

/// Steps of the root search; it needs about ten.
const STEPS: usize = 200;

/// Whether a tilt has the score asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// It has.
    Reached,
    /// The score lies outside what the base's options allow, or at the end of it: the tilt goes as far as it can.
    Clamped,
    /// The base gives all weight to one option, and no tilt changes it.
    Fixed,
}

/// p(o) ∝ p_base(o)·exp(θ·o).
#[derive(Clone, PartialEq, Debug)]
pub struct Tilt {
    /// θ, by step of one option; 0 leaves the base as it is.
    pub theta: f64,
    /// The tilted distribution.
    pub shares: OptionShares,
    /// Whether it has the score asked for.
    pub reach: Reach,
}

/// Tilts a distribution to an expected score between 1 and its number of options. Options without weight stay without.
/// Newton's method inside a shrinking bracket: the same steps on every machine.
pub fn tilt(base: &OptionShares, score: f64) -> Tilt {
    let weighted = |place: &usize| base.as_slice()[*place] > 0.0;
    let places = 0..base.options();
    let (lowest, highest) = (places.clone().find(weighted), places.rev().find(weighted));
    let (Some(lowest), Some(highest)) = (lowest, highest) else {
        return Tilt { theta: 0.0, shares: base.clone(), reach: Reach::Fixed };
    };
    if lowest == highest {
        return Tilt { theta: 0.0, shares: base.clone(), reach: Reach::Fixed };
    }
    let (low, high) = ((lowest + 1) as f64, (highest + 1) as f64);
    let margin = MARGIN * (high - low);
    let target = score.clamp(low + margin, high - margin);
    let reach = if (low + margin..=high - margin).contains(&score) { Reach::Reached } else { Reach::Clamped };
    if (target - base.expected_score()).abs() <= f64::EPSILON {
        return Tilt { theta: 0.0, shares: base.clone(), reach };
    }
    let theta = root(base, target);
    Tilt { theta, shares: OptionShares::new(tilted(base, theta)).unwrap_or_else(|_| base.clone()), reach }
}

/// θ at which the tilted distribution has this score. The score grows with θ.
fn root(base: &OptionShares, target: f64) -> f64 {
    let (mut below, mut above) = bracket(base, target);
    let mut theta = 0.0_f64.clamp(below, above);
    for _ in 0..STEPS {
        let (score, variance) = moments(base, theta);
        if score < target {
            below = theta;
        } else {
            above = theta;
        }
        if (score - target).abs() < 1e-14 || above - below < 1e-14 {
            break;
        }
        let newton = theta - (score - target) / variance;
        // Also where the variance is 0 and the step no number.
        theta = if newton > below && newton < above { newton } else { f64::midpoint(below, above) };
    }
    theta
}

/// Two values of θ with the target's between them.
fn bracket(base: &OptionShares, target: f64) -> (f64, f64) {
    let (mut below, mut above) = (-1.0, 1.0);
    while moments(base, below).0 > target && below > -1e4 {
        below *= 2.0;
    }
    while moments(base, above).0 < target && above < 1e4 {
        above *= 2.0;
    }
    (below, above)
}

/// Mean and variance of the score under a tilt.
fn moments(base: &OptionShares, theta: f64) -> (f64, f64) {
    let weights = tilted(base, theta);
    let total: f64 = weights.iter().sum();
    let scored = || weights.iter().enumerate().map(|(place, weight)| ((place + 1) as f64, weight / total));
    let mean: f64 = scored().map(|(score, share)| score * share).sum();
    let variance = scored().map(|(score, share)| (score - mean) * (score - mean) * share).sum();
    (mean, variance)
}

/// Weights of a tilt, the largest of them 1.
fn tilted(base: &OptionShares, theta: f64) -> Vec<f64> {
    let logs: Vec<f64> =
        base.as_slice().iter().enumerate().map(|(place, share)| libm::log(*share) + theta * place as f64).collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logs.iter().map(|log| libm::exp(log - largest)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shares(weights: &[f64]) -> OptionShares {
        OptionShares::new(weights.to_vec()).expect("shares")
    }

    #[test]
    fn two_options_are_tilted_to_the_share_asked_for() {
        let found = tilt(&shares(&[0.5, 0.5]), 1.8);
        assert!((found.shares.as_slice()[1] - 0.8).abs() < 1e-12);
        assert!((found.theta - libm::log(4.0)).abs() < 1e-10, "{}", found.theta);
    }

    #[test]
    fn what_cannot_be_reached_is_said() {
        let unused_end = tilt(&shares(&[0.5, 0.5, 0.0]), 2.5);
        assert_eq!(unused_end.reach, Reach::Clamped);
        assert!((unused_end.shares.expected_score() - 2.0).abs() < 1e-5);
        assert!(unused_end.shares.as_slice()[2].abs() < 1e-300);
        assert_eq!(tilt(&shares(&[0.0, 1.0, 0.0]), 2.5).reach, Reach::Fixed);
        assert_eq!(tilt(&shares(&[0.2, 0.8]), 1.0).reach, Reach::Clamped);
    }

    proptest! {
        #[test]
        fn any_score_inside_the_range_is_reached_and_the_order_of_tilts_kept(
            weights in prop::collection::vec(1e-9..1.0_f64, 2..11),
            place in 0.001..0.999_f64,
        ) {
            let base = shares(&weights);
            let score = 1.0 + place * (base.options() - 1) as f64;
            let found = tilt(&base, score);
            prop_assert_eq!(found.reach, Reach::Reached);
            prop_assert!((found.shares.expected_score() - score).abs() < 1e-9);
            // log p/p_base is a line in the option, of slope θ.
            let ratios: Vec<f64> = found.shares.as_slice().iter().zip(base.as_slice())
                .map(|(tilted, base)| libm::log(*tilted) - libm::log(*base)).collect();
            for pair in ratios.windows(2).filter(|pair| pair.iter().all(|ratio| ratio.is_finite())) {
                prop_assert!((pair[1] - pair[0] - found.theta).abs() < 1e-6 * found.theta.abs().max(1.0));
            }
        }
    }
}
