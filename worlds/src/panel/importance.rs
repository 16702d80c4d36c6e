//! Prospect-theory importance sampling: one pass of draws around the panel's mean, weighted by what each would be worth
//! to the personas and to their mean (arXiv 2605.10843).

use super::constants::{PanelSettings, ValueFunction};
use super::gate::Gate;
use super::statistics::PanelStatistics;

/// One pass.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pass {
    /// ESS: 1/(K Σw²), the share of the draws that counts, above 0 to 1.
    pub effective: f64,
    /// Σ w_k ε_k before the gate.
    pub estimate: f64,
    /// δ*_m: the estimate, or 0 behind a closed gate.
    pub correction: f64,
    /// What the gate did.
    pub gate: Gate,
    /// Largest utility of a draw.
    pub best: f64,
    /// Mean utility of the draws.
    pub mean: f64,
}

impl ValueFunction {
    /// v(z).
    pub fn of(&self, z: f64) -> f64 {
        let value = if z >= 0.0 { libm::pow(z, self.gains) } else { -self.aversion * libm::pow(-z, self.losses) };
        self.floor.map_or(value, |floor| value.max(-floor))
    }
}

/// One pass over draws ε in units of gaps; there is at least one.
pub fn pass(panel: &PanelStatistics, draws: &[f64], sigma: f64, settings: &PanelSettings) -> Pass {
    let utilities: Vec<f64> = draws.iter().map(|&draw| utility(panel, draw, sigma, settings)).collect();
    let best = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = utilities.iter().map(|u| libm::exp((u - best) / settings.temperature)).collect();
    let total: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| (weight / total) * (weight / total)).sum();
    let count = draws.len() as f64;
    let effective = 1.0 / (count * squares);
    let largest = draws.iter().map(|draw| draw.abs()).fold(0.0, f64::max);
    let sum: f64 = weights.iter().zip(draws).map(|(weight, draw)| weight / total * draw).sum();
    // A convex combination of the draws: only rounding can carry it past the largest.
    let estimate = sum.clamp(-largest, largest);
    let gate = Gate::of(panel, effective, settings.effective);
    let correction = if gate == Gate::Open { estimate } else { 0.0 };
    Pass { effective, estimate, correction, gate, best, mean: utilities.iter().sum::<f64>() / count }
}

/// U: what moving the decision to the panel's mean plus this draw is worth, against leaving it at the base.
fn utility(panel: &PanelStatistics, draw: f64, sigma: f64, settings: &PanelSettings) -> f64 {
    let candidate = panel.shift + draw;
    let gain = |offset: &f64| settings.value.of((offset.abs() - (candidate - offset).abs()) / sigma);
    let personas = panel.offsets.iter().map(gain).sum::<f64>() / panel.offsets.len() as f64;
    let consensus = settings.value.of((panel.shift.abs() - draw.abs()) / sigma);
    (1.0 - settings.consensus) * personas + settings.consensus * consensus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_weigh_more_than_gains_down_to_a_floor() {
        let value = ValueFunction::default();
        assert!((value.of(1.0) - 1.0).abs() < 1e-15);
        assert!((value.of(-1.0) + 2.25).abs() < 1e-15);
        assert!((value.of(2.0) - libm::pow(2.0, 0.88)).abs() < 1e-15);
        let floored = ValueFunction { floor: Some(0.5), ..value };
        assert!((floored.of(-3.0) + 0.5).abs() < 1e-15);
    }

    #[test]
    fn equal_draws_count_in_full_and_one_dominant_draw_counts_for_one() {
        let panel = PanelStatistics::of(0.0, &[1.0, 1.2]);
        let settings = PanelSettings::default();
        let equal = pass(&panel, &[0.1; 8], 0.3, &settings);
        assert!((equal.effective - 1.0).abs() < 1e-12);
        assert!((equal.correction - 0.1).abs() < 1e-12);
        let sharp = PanelSettings { temperature: 1e-3, ..settings };
        let dominated = pass(&panel, &[0.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0], 0.3, &sharp);
        assert!((dominated.effective - 1.0 / 12.0).abs() < 1e-9);
        assert_eq!((dominated.gate, dominated.correction), (Gate::Starved, 0.0));
    }
}
