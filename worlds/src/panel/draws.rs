//! The draws of importance sampling: given, or standard normal from a stream of their own.

use pluriverse_engine::seed::draw_by_name;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::constants::PanelSettings;
use super::fault::PanelFault;
use super::statistics::PanelStatistics;
use crate::inference::normal::quantile;

/// Draws by pass.
#[derive(Clone, PartialEq, Debug)]
pub enum Draws {
    /// ε_k in units of gaps, as they are.
    Given(Vec<Vec<f64>>),
    /// Standard normal draws. They are multiplied by σ, and by the direction in which the panel lies from the base: the
    /// distribution stays the same, and swapping the options of a scenario flips the sign of its correction exactly.
    Standard(Vec<Vec<f64>>),
}

impl Draws {
    /// Standard normal draws, as many as the settings say, each pass from a stream of its own; passes count from 0.
    pub fn standard(settings: &PanelSettings, mut stream: impl FnMut(u32) -> ChaCha8Rng) -> Self {
        let pass = |pass| {
            let mut rng = stream(pass);
            (0..settings.draws).map(|_| normal(&mut rng)).collect()
        };
        Self::Standard((0..settings.passes).map(pass).collect())
    }

    /// ε_k by pass for a panel.
    ///
    /// # Errors
    /// Fewer than two passes, or one that is empty or holds a draw that is not finite.
    pub(super) fn epsilons(&self, sigma: f64, panel: &PanelStatistics) -> Result<Vec<Vec<f64>>, PanelFault> {
        let (passes, scale) = match self {
            Self::Given(passes) => (passes, 1.0),
            Self::Standard(passes) => (passes, sigma * panel.orientation().unwrap_or(1.0)),
        };
        if passes.len() < 2 {
            return Err(PanelFault::TooFewPasses { found: passes.len() });
        }
        let unusable = |draws: &Vec<f64>| draws.is_empty() || draws.iter().any(|draw| !draw.is_finite());
        if let Some(place) = passes.iter().position(unusable) {
            return Err(PanelFault::Draws { pass: place + 1 });
        }
        Ok(passes.iter().map(|draws| draws.iter().map(|draw| draw * scale).collect()).collect())
    }
}

/// The stream of one pass for one scenario of one country in one run: the same draws wherever and whenever it is asked.
pub fn stream(run: u64, country: &str, scenario: &str, pass: u32) -> ChaCha8Rng {
    let (run, pass) = (run.to_string(), pass.to_string());
    ChaCha8Rng::seed_from_u64(draw_by_name(&["panel draws", &run, country, scenario, &pass]))
}

/// A standard normal draw: the quantile of the middle of one of 2⁵³ equal slices of (0, 1).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    const SLICES: f64 = 9_007_199_254_740_992.0;
    quantile(((rng.next_u64() >> 11) as f64 + 0.5) / SLICES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_every_name_and_on_nothing_else() {
        let settings = PanelSettings::default();
        let draws = |run, country: &str, scenario: &str| {
            Draws::standard(&settings, |pass| stream(run, country, scenario, pass))
        };
        let first = draws(1, "BRA", "7");
        assert_eq!(first, draws(1, "BRA", "7"));
        for other in [draws(2, "BRA", "7"), draws(1, "CHN", "7"), draws(1, "BRA", "8")] {
            assert_ne!(first, other);
        }
        let Draws::Standard(passes) = first else { panic!("standard draws") };
        assert_eq!((passes.len(), passes[0].len()), (2, 64));
        assert_ne!(passes[0], passes[1]);
    }

    #[test]
    fn standard_draws_are_standard_normal() {
        let settings = PanelSettings { draws: 20_000, ..PanelSettings::default() };
        let Draws::Standard(passes) = Draws::standard(&settings, |pass| stream(3, "a", "b", pass)) else {
            panic!("standard draws")
        };
        for draws in passes {
            let n = draws.len() as f64;
            let mean = draws.iter().sum::<f64>() / n;
            let variance = draws.iter().map(|draw| (draw - mean) * (draw - mean)).sum::<f64>() / n;
            assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
        }
    }

    #[test]
    fn too_few_passes_and_unusable_draws_are_refused() {
        let panel = PanelStatistics::of(0.0, &[1.0, 2.0]);
        let found = |passes| Draws::Given(passes).epsilons(1.0, &panel);
        assert_eq!(found(vec![vec![0.1]]), Err(PanelFault::TooFewPasses { found: 1 }));
        assert_eq!(found(vec![vec![0.1], Vec::new()]), Err(PanelFault::Draws { pass: 2 }));
        assert_eq!(found(vec![vec![f64::NAN], vec![0.1]]), Err(PanelFault::Draws { pass: 1 }));
    }
}
