//! When a pass counts, and how far passes that agree are relied on.

use super::statistics::PanelStatistics;

/// What lets a pass's estimate through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// The estimate counts.
    Open,
    /// Too few draws carry the weight: the correction is 0.
    Starved,
    /// The panel says what the base says: there is nothing to correct, and the estimate would be sampling noise around
    /// an expectation of 0.
    Agreed,
}

impl Gate {
    /// The gate of a pass with this effective share of its draws.
    pub fn of(panel: &PanelStatistics, effective: f64, least: f64) -> Self {
        if panel.agrees() {
            Self::Agreed
        } else if effective < least {
            Self::Starved
        } else {
            Self::Open
        }
    }

    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Starved => "starved",
            Self::Agreed => "agreed",
        }
    }
}

/// r = exp(−V/s) with V = 2·Var(δ*_m) over passes (denominator one less than their number), which is (δ*_1 − δ*_2)² of
/// two. Above 0 to 1; 1 of fewer than two passes.
pub fn reliability(corrections: &[f64], scale: f64) -> f64 {
    libm::exp(-2.0 * variance(corrections) / scale)
}

fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_that_agree_are_relied_on_and_others_the_less_the_more_they_differ() {
        assert!((reliability(&[0.3, 0.3], 0.04) - 1.0).abs() < 1e-15);
        assert!((reliability(&[0.3, 0.5], 0.04) - libm::exp(-1.0)).abs() < 1e-12);
        let three = [0.1, 0.2, 0.4];
        let variance = (0.01 + 0.04 + 0.16 - 0.49 / 3.0) / 2.0;
        assert!((reliability(&three, 0.04) - libm::exp(-2.0 * variance / 0.04)).abs() < 1e-12);
    }

    #[test]
    fn the_gate_closes_below_the_least_share_and_on_agreement() {
        let apart = PanelStatistics::of(0.0, &[1.0, 2.0]);
        assert_eq!(Gate::of(&apart, 0.1, 0.1), Gate::Open);
        assert_eq!(Gate::of(&apart, 0.099, 0.1), Gate::Starved);
        assert_eq!(Gate::of(&PanelStatistics::of(1.0, &[1.0, 1.0]), 1.0, 0.1), Gate::Agreed);
    }
}
