//! Decision gaps: how much a model prefers option B to option A, with the two orders of a scenario put together.

use serde::{Deserialize, Serialize};

/// The gaps of one prompt on a scenario and on the same scenario with its options swapped. Each is the log-odds of the
/// option *labelled* B over the one labelled A.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapPair {
    /// δ^AB, in the original order.
    pub original: f64,
    /// δ^BA, with the options swapped.
    pub swapped: f64,
}

impl GapPair {
    /// The pair whose debiased gap is this one: for gaps that know no order, such as a judge's.
    pub const fn of(gap: f64) -> Self {
        Self { original: gap, swapped: -gap }
    }

    /// ½(δ^AB − δ^BA): the preference for the original B, without preference for a label or place.
    pub fn debiased(self) -> f64 {
        f64::midpoint(self.original, -self.swapped)
    }

    /// ½(δ^AB + δ^BA): the preference for whatever is labelled B.
    pub fn position_bias(self) -> f64 {
        f64::midpoint(self.original, self.swapped)
    }

    /// The pair of the scenario whose original order is the other one.
    #[must_use]
    pub const fn exchanged(self) -> Self {
        Self { original: self.swapped, swapped: self.original }
    }
}

/// (z_B − z_A)/T: the gap of two logits or log-probabilities at the temperature of the scenario's category, above 0.
pub fn decision_gap(a: f64, b: f64, temperature: f64) -> f64 {
    (b - a) / temperature
}

/// The gap of a share of answers B among k, with half an answer added to both sides so that unanimity stays finite.
/// `None` without answers.
pub fn sampled_gap(a: u32, b: u32, temperature: f64) -> Option<f64> {
    let (a, b) = (f64::from(a), f64::from(b));
    (a + b > 0.0).then(|| (libm::log(b + 0.5) - libm::log(a + 0.5)) / temperature)
}

/// 1/(1 + exp(−x)), without overflow.
pub fn logistic(x: f64) -> f64 {
    let small = libm::exp(-x.abs());
    if x < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preference_for_a_label_cancels_and_one_for_an_outcome_stays() {
        let label_only = GapPair { original: 1.5, swapped: 1.5 };
        assert!(label_only.debiased().abs() < 1e-15);
        assert!((label_only.position_bias() - 1.5).abs() < 1e-15);
        let both = GapPair { original: 2.0 + 0.5, swapped: -2.0 + 0.5 };
        assert!((both.debiased() - 2.0).abs() < 1e-15);
        assert!((both.exchanged().debiased() + 2.0).abs() < 1e-15);
        assert!((GapPair::of(-0.7).debiased() + 0.7).abs() < 1e-15);
    }

    #[test]
    fn gaps_of_logits_are_scaled_and_gaps_of_samples_are_finite() {
        assert!((decision_gap(1.0, 4.0, 1.5) - 2.0).abs() < 1e-15);
        assert_eq!(sampled_gap(0, 0, 1.0), None);
        let unanimous = sampled_gap(0, 10, 1.0).expect("answers");
        assert!((unanimous - libm::log(21.0)).abs() < 1e-12, "{unanimous}");
        assert_eq!(sampled_gap(3, 3, 1.0), Some(0.0));
    }

    #[test]
    fn the_logistic_neither_overflows_nor_loses_its_symmetry() {
        for x in [0.0, 0.3, 2.0, 40.0, 1e4] {
            assert!((logistic(x) + logistic(-x) - 1.0).abs() < 1e-15, "{x}");
        }
        assert!((logistic(-1e4)).abs() < 1e-300);
    }
}
