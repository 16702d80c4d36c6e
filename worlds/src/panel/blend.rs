//! The safe blend: a corrected gap only moves the base gap a little, and only behind gates.

use serde::{Deserialize, Serialize};

use super::constants::{at_least, positive, share};
use super::fault::PanelFault;

/// The gates and weights of the safe blend, as published with the open-ended runs. Thresholds are in log-odds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SafeBlend {
    /// Largest weight α of the corrected gap, 0 to 1.
    pub weight: f64,
    /// Least reliability, 0 to 1.
    pub reliability: f64,
    /// A base gap of this size may not change its sign; at least 0.
    pub confident: f64,
    /// Most the gap may move, in multiples of the base gap or of `floor`, whichever is larger; above 0.
    pub ratio: f64,
    /// Size below which a base gap counts as this large for `ratio`; above 0.
    pub floor: f64,
    /// Largest standard deviation of the panel; above 0.
    pub deviation: f64,
    /// A country whose mean weight is smaller goes back to its base gaps; 0 to 1.
    pub country: f64,
}

impl Default for SafeBlend {
    fn default() -> Self {
        Self { weight: 0.30, reliability: 0.85, confident: 0.5, ratio: 2.5, floor: 0.5, deviation: 3.0, country: 0.05 }
    }
}

impl SafeBlend {
    pub(super) fn check(&self) -> Result<(), PanelFault> {
        share("blend.weight", self.weight)?;
        share("blend.reliability", self.reliability)?;
        at_least("blend.confident", self.confident, 0.0, "finite and at least 0")?;
        positive("blend.ratio", self.ratio)?;
        positive("blend.floor", self.floor)?;
        positive("blend.deviation", self.deviation)?;
        share("blend.country", self.country)
    }
}

/// A blended gap.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Blended {
    /// α: 0 where a gate is closed.
    pub weight: f64,
    /// (1 − α)·base + α·corrected.
    pub delta: f64,
    /// The first gate that is closed.
    pub closed: Option<ClosedGate>,
}

/// What keeps a corrected gap out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClosedGate {
    /// It would turn a confident base decision round.
    Sign,
    /// The passes differ too much.
    Reliability,
    /// It lies too far from the base gap.
    Distance,
    /// The personas lie too far apart.
    Disagreement,
}

/// What becomes of a country's scenarios after the blend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CountryBlend {
    /// They keep their blended gaps.
    Kept,
    /// They go back to their base gaps.
    Reverted,
}

/// Blends a corrected gap into the base gap. `disagreement` is D².
pub fn safe_blend(base: f64, corrected: f64, reliability: f64, disagreement: f64, settings: &SafeBlend) -> Blended {
    let closed = if base.abs() >= settings.confident && base * corrected < 0.0 {
        Some(ClosedGate::Sign)
    } else if reliability < settings.reliability {
        Some(ClosedGate::Reliability)
    } else if (corrected - base).abs() > settings.ratio * base.abs().max(settings.floor) {
        Some(ClosedGate::Distance)
    } else if libm::sqrt(disagreement) > settings.deviation {
        Some(ClosedGate::Disagreement)
    } else {
        None
    };
    let weight = if closed.is_none() { settings.weight * reliability.clamp(0.0, 1.0) } else { 0.0 };
    // From the base, so that a closed gate and an agreeing panel change nothing to the last bit.
    Blended { weight, delta: base + weight * (corrected - base), closed }
}

/// Whether a country with these weights, one a scenario, keeps its blend. One without scenarios does not.
pub fn country_blend(weights: &[f64], settings: &SafeBlend) -> CountryBlend {
    let mean = weights.iter().sum::<f64>() / (weights.len().max(1) as f64);
    if weights.is_empty() || mean < settings.country { CountryBlend::Reverted } else { CountryBlend::Kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_gate_closes_on_its_own() {
        let cases = [
            ((1.0, 2.0, 0.9, 1.0), None),
            ((1.0, -0.1, 0.9, 1.0), Some(ClosedGate::Sign)),
            ((0.49, -0.1, 0.9, 1.0), None),
            ((0.5, 0.0, 0.9, 1.0), None),
            ((1.0, 2.0, 0.84, 1.0), Some(ClosedGate::Reliability)),
            ((1.0, 3.6, 0.9, 1.0), Some(ClosedGate::Distance)),
            ((0.1, 1.4, 0.9, 1.0), Some(ClosedGate::Distance)),
            ((1.0, 2.0, 0.9, 9.1), Some(ClosedGate::Disagreement)),
        ];
        for ((base, corrected, reliability, disagreement), closed) in cases {
            let found = safe_blend(base, corrected, reliability, disagreement, &SafeBlend::default());
            assert_eq!(found.closed, closed, "{base} {corrected}");
            let weight = if closed.is_none() { 0.3 * reliability } else { 0.0 };
            assert!((found.weight - weight).abs() < 1e-15);
            assert!((found.delta - (base + weight * (corrected - base))).abs() < 1e-15);
        }
    }

    #[test]
    fn a_country_that_hardly_moved_goes_back() {
        let settings = SafeBlend::default();
        assert_eq!(country_blend(&[], &settings), CountryBlend::Reverted);
        assert_eq!(country_blend(&[0.27, 0.0, 0.0, 0.0, 0.0, 0.0], &settings), CountryBlend::Reverted);
        assert_eq!(country_blend(&[0.27, 0.0, 0.0, 0.0, 0.0], &settings), CountryBlend::Kept);
    }
}
