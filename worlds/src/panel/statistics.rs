//! Statistics of a panel around the base: mean, disagreement, and the share of the way to the mean worth going.

/// A panel's gaps as seen from the base gap.
#[derive(Clone, PartialEq, Debug)]
pub struct PanelStatistics {
    /// δ_base.
    pub base: f64,
    /// δ_i − δ_base by persona.
    pub offsets: Vec<f64>,
    /// Δ = δ̄ − δ_base.
    pub shift: f64,
    /// D² = Σ(δ_i − δ̄)²/(N − 1): unbiased for τ² where δ_i = δ_h + η_i with Var η = τ².
    pub disagreement: f64,
}

impl PanelStatistics {
    /// Statistics of at least two gaps; everything is 0 of fewer.
    pub fn of(base: f64, gaps: &[f64]) -> Self {
        // From the base, so that a panel that agrees with it shifts it by exactly 0.
        let offsets: Vec<f64> = gaps.iter().map(|gap| gap - base).collect();
        let n = offsets.len() as f64;
        let shift = if offsets.is_empty() { 0.0 } else { offsets.iter().sum::<f64>() / n };
        let squares: f64 = offsets.iter().map(|offset| (offset - shift) * (offset - shift)).sum();
        let disagreement = if offsets.len() < 2 { 0.0 } else { squares / (n - 1.0) };
        Self { base, offsets, shift, disagreement }
    }

    /// δ̄.
    pub fn mean(&self) -> f64 {
        self.base + self.shift
    }

    /// √D²: standard deviation of the panel.
    pub fn deviation(&self) -> f64 {
        libm::sqrt(self.disagreement)
    }

    /// Whether every persona says what the base says.
    pub fn agrees(&self) -> bool {
        self.offsets.iter().all(|offset| *offset == 0.0)
    }

    /// γ̂ = Δ²₊/(Δ²₊ + D²/N) with Δ²₊ = max(Δ² − D²/N, 0): the plug-in of [`least_risk_share`]. From 0 to 1; 0 where the
    /// panel does not differ from the base by more than its own noise.
    pub fn plug_in(&self) -> f64 {
        let noise = self.disagreement / (self.offsets.len().max(1) as f64);
        let signal = (self.shift * self.shift - noise).max(0.0);
        if signal > 0.0 { signal / (signal + noise) } else { 0.0 }
    }

    /// 1 or −1, other for the same panel with its options swapped; `None` where nothing in it has a sign.
    pub(super) fn orientation(&self) -> Option<f64> {
        let signed = [self.shift, self.base].into_iter().chain(self.offsets.iter().copied());
        signed.into_iter().find(|value| *value != 0.0).map(f64::signum)
    }
}

/// γ* = Δ_h²/(Δ_h² + τ²/N): the share of the way to the panel's mean at which δ_base + γΔ has least squared risk, if the
/// people's own offset Δ_h and the personas' variance τ² were known (Proposition 1). 0 where neither is above 0.
pub fn least_risk_share(human_offset: f64, variance: f64, personas: u32) -> f64 {
    let (signal, noise) = (human_offset * human_offset, variance / f64::from(personas.max(1)));
    if signal > 0.0 { signal / (signal + noise) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::{Draws, PanelSettings, draws::stream};

    #[test]
    fn mean_and_disagreement_are_those_of_the_gaps() {
        let statistics = PanelStatistics::of(0.5, &[1.0, 2.0, 4.0]);
        assert!((statistics.mean() - 7.0 / 3.0).abs() < 1e-15);
        assert!((statistics.disagreement - 7.0 / 3.0).abs() < 1e-14);
        assert!((statistics.shift - 11.0 / 6.0).abs() < 1e-15);
    }

    #[test]
    fn a_panel_that_agrees_with_the_base_shifts_it_by_nothing_at_all() {
        // A third of three times 0.1 is not 0.1.
        let statistics = PanelStatistics::of(0.1, &[0.1; 3]);
        assert!(statistics.agrees());
        assert_eq!((statistics.shift, statistics.disagreement, statistics.plug_in()), (0.0, 0.0, 0.0));
    }

    #[test]
    fn disagreement_is_unbiased_and_no_share_beats_the_least_risk_one() {
        let (human, base, tau, personas) = (0.8, 0.2, 0.9, 4_u32);
        let (draws, tau_squared) = (8_000_u32, tau * tau);
        let settings = PanelSettings { draws: draws * personas, ..PanelSettings::default() };
        let Draws::Standard(noise) = Draws::standard(&settings, |pass| stream(5, "a", "b", pass)) else {
            panic!("standard draws")
        };
        let best = least_risk_share(human - base, tau_squared, personas);
        let (mut disagreement, mut risks) = (0.0, [0.0; 3]);
        for etas in noise[0].chunks(personas as usize) {
            let gaps: Vec<f64> = etas.iter().map(|eta| human + tau * eta).collect();
            let statistics = PanelStatistics::of(base, &gaps);
            disagreement += statistics.disagreement / f64::from(draws);
            for (risk, share) in risks.iter_mut().zip([best, best - 0.2, best + 0.2]) {
                let error = base + share * statistics.shift - human;
                *risk += error * error / f64::from(draws);
            }
        }
        assert!((disagreement - tau_squared).abs() < 0.03, "{disagreement}");
        assert!(risks[0] < risks[1] && risks[0] < risks[2], "{risks:?}");
    }
}
