//! Distributions over the options of an item: from log-probabilities, samples or shares, with both orders put together.

use super::fault::PanelFault;

/// Probabilities of the options of an item in the survey's order; they sum to 1.
#[derive(Clone, PartialEq, Debug)]
pub struct OptionShares(Vec<f64>);

impl OptionShares {
    /// From shares or weights, at least 0 and finite with a sum above 0, which they are divided by.
    ///
    /// # Errors
    /// [`PanelFault::Shares`], also for fewer than two options.
    pub fn new(weights: Vec<f64>) -> Result<Self, PanelFault> {
        if weights.len() < 2 {
            return Err(PanelFault::Shares { problem: "there are fewer than two options" });
        }
        if weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0) {
            return Err(PanelFault::Shares { problem: "an option's weight is negative or not finite" });
        }
        let total: f64 = weights.iter().sum();
        if !total.is_finite() || total <= 0.0 {
            return Err(PanelFault::Shares { problem: "no option has any weight" });
        }
        Ok(Self(weights.into_iter().map(|weight| weight / total).collect()))
    }

    /// softmax of log-probabilities or logits; −∞ is an option that cannot be chosen.
    ///
    /// # Errors
    /// [`PanelFault::Shares`], also for NaN and +∞.
    pub fn of_logs(logs: &[f64]) -> Result<Self, PanelFault> {
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if !largest.is_finite() || logs.iter().any(|log| log.is_nan()) {
            return Err(PanelFault::Shares { problem: "a log-probability is NaN, or the largest is not finite" });
        }
        Self::new(logs.iter().map(|log| libm::exp(log - largest)).collect())
    }

    /// From how often each option was sampled, with `pseudo` more of each: with 0, an option never sampled can never be
    /// reached by a correction.
    ///
    /// # Errors
    /// [`PanelFault::Shares`], also where nothing was sampled.
    pub fn of_counts(counts: &[u32], pseudo: f64) -> Result<Self, PanelFault> {
        Self::new(counts.iter().map(|count| f64::from(*count) + pseudo).collect())
    }

    /// The mean of the distribution as asked and the one asked in reverse, both in the order in which the options stood
    /// before the agent: without preference for a place.
    ///
    /// # Errors
    /// [`PanelFault::OptionCounts`] where they are over unlike options.
    pub fn debiased(original: &Self, reversed: &Self) -> Result<Self, PanelFault> {
        same_options("the reversed item", reversed, original)?;
        Self::new(original.0.iter().zip(reversed.0.iter().rev()).map(|(a, b)| f64::midpoint(*a, *b)).collect())
    }

    /// By option.
    pub fn as_slice(&self) -> &[f64] {
        &self.0
    }

    /// Number of options, at least 2.
    pub fn options(&self) -> usize {
        self.0.len()
    }

    /// E\[o\], from 1 to the number of options.
    pub fn expected_score(&self) -> f64 {
        self.0.iter().enumerate().map(|(place, share)| (place + 1) as f64 * share).sum()
    }
}

/// Says so where a distribution is over another number of options than the base's.
pub(super) fn same_options(whose: &str, of: &OptionShares, base: &OptionShares) -> Result<(), PanelFault> {
    let (found, expected) = (of.options(), base.options());
    if found == expected { Ok(()) } else { Err(PanelFault::OptionCounts { whose: whose.to_owned(), found, expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_distribution_is_refused() {
        for weights in [vec![], vec![1.0], vec![0.0, 0.0], vec![1.0, -0.1], vec![1.0, f64::NAN], vec![f64::MAX; 3]] {
            assert!(matches!(OptionShares::new(weights.clone()), Err(PanelFault::Shares { .. })), "{weights:?}");
        }
        for logs in [vec![f64::NEG_INFINITY; 2], vec![0.0, f64::NAN], vec![0.0, f64::INFINITY], vec![]] {
            assert!(matches!(OptionShares::of_logs(&logs), Err(PanelFault::Shares { .. })), "{logs:?}");
        }
        assert!(OptionShares::of_counts(&[0, 0], 0.0).is_err());
    }

    #[test]
    fn every_source_gives_the_same_distribution() {
        let shares = OptionShares::new(vec![1.0, 3.0]).expect("shares");
        let logs = OptionShares::of_logs(&[-700.0, -700.0 + libm::log(3.0)]).expect("logs");
        let counts = OptionShares::of_counts(&[0, 2], 1.0).expect("counts");
        for other in [logs, counts] {
            assert!(other.as_slice().iter().zip(shares.as_slice()).all(|(a, b)| (a - b).abs() < 1e-12));
        }
        assert!((shares.expected_score() - 1.75).abs() < 1e-15);
    }

    #[test]
    fn a_preference_for_a_place_cancels() {
        let first = OptionShares::new(vec![1.0, 0.0, 0.0]).expect("shares");
        let debiased = OptionShares::debiased(&first, &first).expect("alike");
        assert_eq!(debiased.as_slice(), [0.5, 0.0, 0.5]);
        assert!((debiased.expected_score() - 2.0).abs() < 1e-15);
    }
}
