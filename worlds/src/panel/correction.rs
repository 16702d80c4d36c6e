//! The correction of a decision by a panel: sampled, gated, shrunk, and turned into a probability.

use super::blend::{Blended, safe_blend};
use super::constants::{Blend, PanelSettings, Rule, Shrinkage};
use super::draws::Draws;
use super::fault::PanelFault;
use super::gap::{GapPair, logistic};
use super::gate::reliability;
use super::importance::{Pass, pass};
use super::statistics::PanelStatistics;

/// A scalar moved by a panel. Gaps are in log-odds; for ordinal items the scalar is the expected score on −c to c.
#[derive(Clone, PartialEq, Debug)]
pub struct Steering {
    /// δ_base.
    pub base: f64,
    /// δ̄.
    pub mean: f64,
    /// D², at least 0.
    pub disagreement: f64,
    /// σ as used.
    pub sigma: f64,
    /// The passes.
    pub passes: Vec<Pass>,
    /// r, above 0 to 1.
    pub reliability: f64,
    /// δ* = r·mean(δ*_m): at most `bound` in size.
    pub correction: f64,
    /// r·max|ε|.
    pub bound: f64,
    /// γ̂, from 0 to 1; applied only where the settings say so.
    pub plug_in: f64,
    /// The share of the way from base to mean that is gone, 0 to 1: the anchor a, or γ̂ in its place.
    pub anchor: f64,
    /// δ = a·δ̄ + (1 − a)·δ_base + δ*.
    pub delta: f64,
}

/// A corrected binary decision.
#[derive(Clone, PartialEq, Debug)]
pub struct Correction {
    /// How the gap was moved.
    pub steering: Steering,
    /// What the safe blend made of it; `None` where it is off.
    pub blended: Option<Blended>,
    /// The gap decided by.
    pub delta: f64,
    /// p(B) = logistic(δ/T_dec), of the original order.
    pub probability: f64,
}

impl Correction {
    /// p(B) of the base alone, at the same temperature.
    pub fn base_probability(&self, settings: &PanelSettings) -> f64 {
        logistic(self.steering.base / settings.decision_temperature)
    }
}

/// Corrects a binary decision: gaps are debiased by option swap, then steered; the safe blend follows where it is on.
/// The running prior needs what came before: see [`super::prior::CountryPrior`].
///
/// # Errors
/// Settings outside their range, a panel of fewer than two, gaps or draws that are not finite.
pub fn correct(
    base: GapPair,
    panel: &[GapPair],
    settings: &PanelSettings,
    draws: &Draws,
) -> Result<Correction, PanelFault> {
    let gaps: Vec<f64> = panel.iter().map(|pair| pair.debiased()).collect();
    let steering = steer(base.debiased(), &gaps, settings, draws)?;
    let blended = match &settings.blend {
        Blend::Off => None,
        Blend::Safe(blend) => {
            Some(safe_blend(steering.base, steering.delta, steering.reliability, steering.disagreement, blend))
        }
    };
    let delta = blended.map_or(steering.delta, |blended| blended.delta);
    let probability = logistic(delta / settings.decision_temperature);
    Ok(Correction { steering, blended, delta, probability })
}

/// Steers a scalar by the scalars of a panel.
///
/// # Errors
/// As [`correct`].
pub fn steer(base: f64, panel: &[f64], settings: &PanelSettings, draws: &Draws) -> Result<Steering, PanelFault> {
    settings.check()?;
    if panel.len() < 2 {
        return Err(PanelFault::TooFew { found: panel.len() });
    }
    if !base.is_finite() {
        return Err(PanelFault::BaseGap { gap: base });
    }
    if let Some(place) = panel.iter().position(|gap| !gap.is_finite()) {
        return Err(PanelFault::PersonaGap { persona: place + 1, gap: panel[place] });
    }
    let statistics = PanelStatistics::of(base, panel);
    let sigma = match settings.sigma_rule {
        Rule::Paper => settings.sigma,
        Rule::Code => statistics.deviation().max(settings.sigma),
    };
    let epsilons = draws.epsilons(sigma, &statistics)?;
    let passes: Vec<Pass> = epsilons.iter().map(|draws| pass(&statistics, draws, sigma, settings)).collect();
    let corrections: Vec<f64> = passes.iter().map(|pass| pass.correction).collect();
    let reliability = reliability(&corrections, settings.reliability);
    let largest = epsilons.iter().flatten().map(|draw| draw.abs()).fold(0.0, f64::max);
    let mean = (corrections.iter().sum::<f64>() / corrections.len() as f64).clamp(-largest, largest);
    let correction = reliability * mean;
    let plug_in = statistics.plug_in();
    let anchor = match settings.shrinkage {
        Shrinkage::Off => anchor(&passes, settings),
        Shrinkage::PlugIn => plug_in,
    };
    Ok(Steering {
        base,
        mean: statistics.mean(),
        disagreement: statistics.disagreement,
        sigma,
        reliability,
        correction,
        bound: reliability * largest,
        plug_in,
        anchor,
        delta: base + anchor * statistics.shift + correction,
        passes,
    })
}

/// a, above 0 to 1, by either rule.
fn anchor(passes: &[Pass], settings: &PanelSettings) -> f64 {
    let shares = passes.iter().map(|pass| pass.effective);
    match settings.anchor {
        Rule::Paper => (shares.sum::<f64>() / passes.len() as f64 / settings.effective).min(1.0),
        Rule::Code => shares.fold(1.0, f64::min).max(settings.effective),
    }
}
