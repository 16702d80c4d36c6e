//! The running country prior of the published headline runs: decisions are pulled to a running mean of earlier ones.
//!
//! It is not in the paper. Late decisions are nearly the country's mean (weight 0.93 at the 310th), and all depend on
//! the order of scenarios; that is why it is off unless asked for.

use serde::{Deserialize, Serialize};

use super::constants::{positive, share};
use super::fault::PanelFault;

/// How the prior runs.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PriorSettings {
    /// Weight of the newest decision in the running mean, 0 to 1.
    pub newest: f64,
    /// Scenarios before the prior weighs anything.
    pub wait: u32,
    /// Scenarios after those in which the weight of what is not the prior falls to 1/e; above 0.
    pub scale: f64,
}

impl Default for PriorSettings {
    fn default() -> Self {
        Self { newest: 0.1, wait: 50, scale: 100.0 }
    }
}

impl PriorSettings {
    pub(super) fn check(&self) -> Result<(), PanelFault> {
        share("running_prior.newest", self.newest)?;
        positive("running_prior.scale", self.scale)
    }

    /// α_h after so many scenarios: 0 for the first `wait`, then 1 − exp(−(t − wait)/scale).
    pub fn weight(&self, seen: u32) -> f64 {
        if seen < self.wait { 0.0 } else { 1.0 - libm::exp(-f64::from(seen - self.wait) / self.scale) }
    }
}

/// The prior of one country, in the middle of its scenarios.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct CountryPrior {
    /// δ_country.
    pub mean: f64,
    /// How many decisions it has seen.
    pub seen: u32,
}

impl CountryPrior {
    /// α_h·δ_country + (1 − α_h)·δ_micro with the mean and weight before this decision, which then joins the mean.
    pub fn decide(&mut self, delta: f64, settings: &PriorSettings) -> f64 {
        let weight = settings.weight(self.seen);
        let decided = weight * self.mean + (1.0 - weight) * delta;
        self.mean = (1.0 - settings.newest) * self.mean + settings.newest * delta;
        self.seen += 1;
        decided
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_decisions_stand_and_late_ones_are_nearly_the_mean() {
        let settings = PriorSettings::default();
        let mut prior = CountryPrior::default();
        for _ in 0..50 {
            assert!((prior.decide(2.0, &settings) - 2.0).abs() < 1e-15);
        }
        assert!((prior.mean - 2.0 * (1.0 - libm::pow(0.9, 50.0))).abs() < 1e-12);
        // The 51st still stands; the 52nd is the first that the mean before it has a share in.
        assert!((prior.decide(-3.0, &settings) + 3.0).abs() < 1e-15);
        let (mean, weight) = (prior.mean, 1.0 - libm::exp(-0.01));
        assert!((prior.decide(4.0, &settings) - (weight * mean + (1.0 - weight) * 4.0)).abs() < 1e-15);
        assert!((prior.mean - (0.9 * mean + 0.4)).abs() < 1e-15);
        assert!((settings.weight(310) - 0.926).abs() < 5e-4);
        let late = CountryPrior { mean: 2.0, seen: 310 }.decide(-2.0, &settings);
        assert!(late > 1.5, "{late}");
    }
}
