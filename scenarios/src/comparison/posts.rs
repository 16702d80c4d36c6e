//! Arms set against each other by what was measured on their platforms.

use pluriverse_engine::effect::Effect;
use pluriverse_engine::run::Strand;
use pluriverse_worlds::inference::normal::{quantile, t_quantile};
use pluriverse_worlds::platform::observe::PlatformFigures;

use super::ComparedSociety;
use super::society::{Contrast, State};

/// Replicates below which there is no interval: two differences say nothing of how they spread.
const FEWEST: usize = 3;

impl ComparedSociety {
    /// Every level and effect of a round after which the platform was measured. What is measured on a platform is one
    /// figure a replicate, so intervals are over replicates: mean ± t·s/√n, differences paired by replicate.
    pub(super) fn compare_posts(&self, strands: &[Strand], tick: u32) -> Vec<Effect> {
        let state = self.state(tick);
        let contrasts = match state {
            State::Shared => vec![Contrast::Level(0)],
            State::Forked => self.contrasts(false),
        };
        contrasts.into_iter().flat_map(|contrast| self.of_posts(strands, contrast, state)).collect()
    }

    fn of_posts(&self, strands: &[Strand], contrast: Contrast, state: State) -> Vec<Effect> {
        let figures = |replicate: usize, arm: usize| {
            let place = self.place(replicate, (state == State::Forked).then_some(arm));
            strands[place].simulation.world.resource::<PlatformFigures>()
        };
        let (treatment, control) = self.names(contrast, state);
        let metrics: Vec<&'static str> = match contrast {
            Contrast::Level(arm) | Contrast::Before(arm) | Contrast::Between(arm, _) => {
                figures(0, arm).0.iter().map(|(metric, ..)| *metric).collect()
            }
        };
        let effect = |metric: &'static str| {
            let of = |replicate: usize| match contrast {
                Contrast::Level(arm) | Contrast::Before(arm) => figures(replicate, arm).get(metric),
                Contrast::Between(arm, other) => {
                    Some(figures(replicate, arm).get(metric)? - figures(replicate, other).get(metric)?)
                }
            };
            let values: Option<Vec<f64>> = (0..self.replicates).map(of).collect();
            let interval = values.as_deref().and_then(interval);
            Effect {
                society: self.name.clone(),
                treatment: treatment.clone(),
                control: control.clone(),
                metric,
                estimate: values.as_deref().map(mean),
                interval,
                answers: 0,
                replicates: self.replicates as u32,
                agents: self.setting.cultures.len() as u64,
                items: 0,
                resampled: if interval.is_some() { "replicates" } else { "" },
                method: if interval.is_some() { "student" } else { "" },
                resamples: 0,
            }
        };
        metrics.into_iter().map(effect).collect()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The 95 % interval of the mean of values that are drawn independently.
fn interval(values: &[f64]) -> Option<(f64, f64)> {
    if values.len() < FEWEST {
        return None;
    }
    let (mean, n) = (mean(values), values.len() as f64);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let half = t_quantile(quantile(0.975), n - 1.0) * libm::sqrt(squares / (n - 1.0) / n);
    Some((mean - half, mean + half))
}
