//! Pairwise measures of societies too large to compare everybody with everybody: estimates from a seeded sample,
//! with their interval.

use pluriverse_engine::agent::AgentId;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::distance::between_agents;
use super::diversity::{Mean, structural_diversity};
use crate::survey::sheet::AnswerSheets;

/// An estimate with its 95 % interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// The estimate, or `None` where nothing could be compared.
    pub value: Option<f64>,
    /// The 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// How many draws it rests on.
    pub n: u64,
}

/// 97.5 % quantile of the normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// 97.5 % quantile of Student's t with [`TREES`] − 1 degrees of freedom.
const T_95_TREES: f64 = 2.093_024_054_408_263;

/// Number of sub-societies whose trees are averaged.
const TREES: usize = 20;

/// Diversity_P from `draws` pairs drawn with replacement. The interval is the mean ± 1.96 standard errors; distances
/// lie in 0 to 100, so with the default of 100,000 draws its half-width is at most 0.31 points.
pub fn pairwise_diversity(
    sheets: &AnswerSheets,
    squared_spans: &[u32],
    agents: &[AgentId],
    draws: usize,
    rng: &mut ChaCha8Rng,
) -> Estimate {
    let n = agents.len() as u32;
    if n < 2 {
        return Estimate { value: None, interval: None, n: 0 };
    }
    let drawn: Vec<(AgentId, AgentId)> = (0..draws)
        .map(|_| {
            let a = rng.random_range(0..n);
            // Uniform over the others.
            let b = (a + 1 + rng.random_range(0..n - 1)) % n;
            (agents[a as usize], agents[b as usize])
        })
        .collect();
    let distances: Vec<Option<f64>> =
        drawn.par_iter().map(|&(a, b)| between_agents(sheets, squared_spans, a, b).percent()).collect();
    let distances: Vec<f64> = distances.into_iter().flatten().collect();
    interval(&distances, Z_95)
}

/// Expected Diversity_S of a sub-society of `size` agents, from twenty seeded sub-societies. A tree over a sample
/// is not a tree over the society: edges grow shorter as agents are added, so compare only figures of one `size`.
pub fn structural_diversity_of_sample(
    sheets: &AnswerSheets,
    squared_spans: &[u32],
    agents: &[AgentId],
    size: usize,
    rng: &mut ChaCha8Rng,
) -> Estimate {
    let samples: Vec<Vec<AgentId>> = (0..TREES).map(|_| sample(agents, size, rng)).collect();
    let trees: Vec<Option<f64>> =
        samples.par_iter().map(|sample| structural_diversity(sheets, squared_spans, sample)).collect();
    let trees: Vec<f64> = trees.into_iter().flatten().collect();
    let estimate = interval(&trees, T_95_TREES);
    // Trees that do not close are missing: what is left is no random sample, and has no interval.
    Estimate { interval: estimate.interval.filter(|_| trees.len() == TREES), ..estimate }
}

/// `size` different agents, each set equally likely (Floyd's algorithm), in id order.
pub fn sample(agents: &[AgentId], size: usize, rng: &mut ChaCha8Rng) -> Vec<AgentId> {
    let n = agents.len();
    let mut chosen = std::collections::BTreeSet::new();
    for last in n - size.min(n)..n {
        let index = rng.random_range(0..=last as u32) as usize;
        if !chosen.insert(index) {
            chosen.insert(last);
        }
    }
    chosen.into_iter().map(|index| agents[index]).collect()
}

fn interval(values: &[f64], quantile: f64) -> Estimate {
    let Mean { value, n } = Mean::of(values.iter().copied());
    let interval = value.filter(|_| n > 1).map(|mean| {
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let half = quantile * (squares / (n - 1) as f64 / n as f64).sqrt();
        (mean - half, mean + half)
    });
    Estimate { value, interval, n }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::measures::diversity;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn the_interval_covers_the_exact_figure_about_as_often_as_it_says() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut sheets = AnswerSheets::new(300, 20);
        for agent in sheets.agent_ids() {
            for item in 0..20 {
                sheets.set(agent, item, Ok(rng.random_range(1..=4)));
            }
        }
        let agents: Vec<AgentId> = sheets.agent_ids().collect();
        let spans = [9; 20];
        let exact = diversity::pairwise_diversity(&sheets, &spans, &agents).value.expect("pairs");
        let covered = (0..200)
            .filter(|_| {
                let estimate = pairwise_diversity(&sheets, &spans, &agents, 400, &mut rng);
                let (lower, upper) = estimate.interval.expect("an interval");
                (lower..=upper).contains(&exact)
            })
            .count();
        assert!((180..=200).contains(&covered), "{covered} of 200");
    }

    #[test]
    fn samples_hold_different_agents_and_never_more_than_there_are() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let agents: Vec<AgentId> = (0..10).map(AgentId).collect();
        for size in [0, 1, 9, 10, 20] {
            let chosen = sample(&agents, size, &mut rng);
            assert_eq!(chosen.len(), size.min(10));
            assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
