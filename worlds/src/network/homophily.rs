//! Homophily by cultural distance: the nearer two cultures, the likelier a tie between their agents.

use libm::exp;

use super::generate::{Model, pairs};
use crate::culture::Culture;

/// The block model in which agents of cultures at distance d are tied with probability min(1, a·exp(−`strength`·d))
/// (a Waxman kernel on the distance of cultures, as in Boguñá et al. 2004 for social distance), with a such that the
/// expected mean degree is `degree`.
///
/// `counts` are the cultures present, ascending, with their numbers of agents; `distance` is symmetric and not
/// negative. The reason where there is no such model.
pub fn homophily(
    counts: &[(Culture, u64)],
    distance: impl Fn(Culture, Culture) -> f64,
    strength: f64,
    degree: f64,
) -> Result<Model, String> {
    let agents: u64 = counts.iter().map(|(_, count)| count).sum();
    if !(strength >= 0.0 && strength.is_finite()) {
        return Err(format!("`strength` is a number from 0 on, not {strength}"));
    }
    let most = agents.saturating_sub(1) as f64;
    if !(0.0..=most).contains(&degree) {
        return Err(format!("a mean degree of {agents} agents lies from 0 to {most}, not at {degree}"));
    }
    let affinity: Vec<Vec<f64>> =
        counts.iter().map(|&(a, _)| counts.iter().map(|&(b, _)| exp(-strength * distance(a, b))).collect()).collect();
    if affinity.iter().flatten().any(|value| !(value.is_finite() && *value > 0.0)) {
        return Err("some cultures are too far apart for this `strength`".to_owned());
    }
    let scale = solve(counts, &affinity, degree * agents as f64 / 2.0);
    let tie = |affinity: &f64| (scale * affinity).min(1.0);
    Ok(Model::Blocks {
        cultures: counts.iter().map(|(culture, _)| *culture).collect(),
        probability: affinity.iter().map(|row| row.iter().map(tie).collect()).collect(),
    })
}

/// Expected number of edges under this scale.
fn expected(counts: &[(Culture, u64)], affinity: &[Vec<f64>], scale: f64) -> f64 {
    let mut edges = 0.0;
    for (a, (_, of_a)) in counts.iter().enumerate() {
        for (b, (_, of_b)) in counts.iter().enumerate().skip(a) {
            let pairs = if a == b { pairs(*of_a as u32) } else { of_a * of_b };
            edges += pairs as f64 * (scale * affinity[a][b]).min(1.0);
        }
    }
    edges
}

/// The scale at which as many edges are expected, by bisection: expected edges grow with it until all pairs are joined.
fn solve(counts: &[(Culture, u64)], affinity: &[Vec<f64>], edges: f64) -> f64 {
    const STEPS: usize = 200;
    let least = affinity.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let (mut low, mut high) = (0.0, 1.0 / least);
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        if expected(counts, affinity, middle) < edges {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn near(a: Culture, b: Culture) -> f64 {
        (f64::from(a.0) - f64::from(b.0)).abs()
    }

    proptest! {
        #[test]
        fn the_expected_mean_degree_is_the_one_asked_for(
            counts in prop::collection::vec(1_u64..60, 2..6), strength in 0.0_f64..3.0, share in 0.01_f64..0.99
        ) {
            let counts: Vec<(Culture, u64)> = (0..).map(Culture).zip(counts).collect();
            let agents: u64 = counts.iter().map(|(_, count)| count).sum();
            let degree = share * (agents - 1) as f64;
            let Ok(Model::Blocks { probability, .. }) = homophily(&counts, near, strength, degree) else {
                panic!("there is such a network");
            };
            let edges = expected(&counts, &probability, 1.0);
            prop_assert!((2.0 * edges / agents as f64 - degree).abs() < 1e-6 * degree.max(1.0));
            for row in probability.windows(2) {
                prop_assert!(row[0].iter().chain(&row[1]).all(|p| (0.0..=1.0).contains(p)));
            }
        }
    }

    #[test]
    fn ties_grow_rarer_with_distance_and_the_drawn_degree_is_near_the_expected_one() {
        let counts = [(Culture(0), 200), (Culture(1), 200), (Culture(4), 200)];
        let model = homophily(&counts, near, 1.0, 10.0).expect("a model");
        let Model::Blocks { probability, .. } = &model else {
            panic!("blocks");
        };
        assert!(probability[0][0] > probability[0][1] && probability[0][1] > probability[0][2]);
        let agents: Vec<Culture> = counts.iter().flat_map(|&(c, n)| std::iter::repeat_n(c, n as usize)).collect();
        let graph = model.draw(&agents, &mut ChaCha8Rng::seed_from_u64(1));
        let degree = 2.0 * graph.edge_count() as f64 / 600.0;
        // Standard deviation of the mean degree: √(2·3000)/600 at most.
        assert!((degree - 10.0).abs() < 4.0 * 0.13, "{degree}");
        assert!(homophily(&counts, near, -1.0, 10.0).is_err());
        assert!(homophily(&counts, near, 1.0, 600.0).is_err());
    }
}
