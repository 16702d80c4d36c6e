//! What counting alone does to distances between distributions, and how it is taken out.
//!
//! An empirical distribution is never quite where its truth is, so distances from it are too large. Two ways to deal with
//! that: take the bias out ([`divergence_corrected`]), or print beside the figure what as many people drawn from the
//! human distribution would show ([`of_people`], [`drawn`]).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::distribution::{Compared, Distribution};

/// How the bias of the Jensen–Shannon divergence is estimated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Correction {
    /// (m − 1)/(8 n ln 2) bits for each side of n answers, over the m options that either side uses: the bias to second
    /// order where both sides have one truth. Takes out too much where their truths differ, up to a third of the bias in
    /// the cases tried.
    SameTruth,
    /// Σ q(1 − p)/(p + q) / (4 n ln 2) bits for a side p of n answers beside q: the bias to second order wherever the
    /// truths lie, at the shares found, from half the second derivative ½ q/(p (p + q)) of the divergence in nats and the
    /// variance p(1 − p)/n. It is [`Self::SameTruth`] where p = q. Leaves less than a tenth of the bias from 30 answers
    /// on, and up to an eighth with 20, in the cases tried.
    #[default]
    SecondOrder,
}

impl Correction {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameTruth => "same_truth",
            Self::SecondOrder => "second_order",
        }
    }
}

/// Jensen–Shannon divergence with the bias of counting taken out, in bits. It may fall below 0, so that its mean is right:
/// take the mean over items first, and only then clip, or a square root. Sides without a number of answers count as exact.
pub fn divergence_corrected(pair: &Compared<'_>, correction: Correction) -> f64 {
    pair.divergence() - bias(pair.agents, pair.humans, correction) - bias(pair.humans, pair.agents, correction)
}

/// Distance from the corrected divergence: its square root, 0 where that is below 0. Clipped and bent, so that it is biased
/// again for near sides; a mean over items is better taken of divergences.
pub fn distance_corrected(pair: &Compared<'_>, correction: Correction) -> f64 {
    libm::sqrt(divergence_corrected(pair, correction).max(0.0))
}

/// What as many people as there are agents, drawn from the human distribution, show in the mean, exactly: the figures of a
/// perfect society of that size.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OfPeople {
    /// Jensen–Shannon divergence in bits.
    pub divergence: f64,
    /// Total variation.
    pub total_variation: f64,
    /// W1 over the span; `None` for a nominal item.
    pub wasserstein: Option<f64>,
}

/// The figures of `n` people drawn from the humans of a pair, the humans taken as exact. All are sums over options of
/// functions of one binomial count; Σ|p̂ − p| and Σ|F̂ − F| are mean absolute deviations (De Moivre 1730). `None` for n = 0.
///
/// Total variation and W1 have no bias correction: away from 0 they hardly need one, and at 0, where they bend, none is
/// exact. The figure less the one here is the excess over perfect people; it takes out too much for a far society.
pub fn of_people(pair: &Compared<'_>, n: u64) -> Option<OfPeople> {
    if n == 0 {
        return None;
    }
    let shares = pair.humans.shares();
    let (mut below, mut sum) = (0.0, 0.0);
    for share in &shares[..shares.len() - 1] {
        below += share;
        sum += absolute_deviation(n, below);
    }
    Some(OfPeople {
        divergence: shares.iter().map(|&share| option_divergence(n, share)).sum(),
        total_variation: shares.iter().map(|&share| absolute_deviation(n, share)).sum::<f64>() / 2.0,
        wasserstein: pair.is_ordinal().then(|| sum / (shares.len() - 1) as f64),
    })
}

/// A figure of `n` people drawn from the humans, over many draws.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Drawn {
    /// Its mean.
    pub mean: f64,
    /// Its 95 % quantile: a society above it is further away than people would be.
    pub upper: f64,
}

/// The same by simulation, for any figure of a pair. `None` without draws or people.
pub fn drawn(
    pair: &Compared<'_>,
    n: u64,
    draws: usize,
    figure: impl Fn(&Compared<'_>) -> Option<f64>,
    rng: &mut ChaCha8Rng,
) -> Option<Drawn> {
    let mut figures: Vec<f64> = (0..draws)
        .filter_map(|_| {
            let people = Distribution::from_counts(&multinomial(pair.humans.shares(), n, rng)).ok()?;
            figure(&pair.with_agents(&people).ok()?)
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    let last = figures.len().checked_sub(1)?;
    let upper = figures[libm::ceil(0.95 * figures.len() as f64) as usize - 1];
    Some(Drawn { mean: figures.iter().sum::<f64>() / (last + 1) as f64, upper })
}

/// How many of `n` draws from shares that sum to 1 fall on each option.
pub(super) fn multinomial(shares: &[f64], n: u64, rng: &mut ChaCha8Rng) -> Vec<u64> {
    let mut counts = vec![0; shares.len()];
    // Shares sum to 1 but for rounding: what is left over falls to an option that has a share.
    let fallback = shares.iter().rposition(|share| *share > 0.0).unwrap_or_default();
    for _ in 0..n {
        let mut rest = rng.random::<f64>();
        let found = shares.iter().position(|share| {
            rest -= share;
            rest < 0.0
        });
        counts[found.unwrap_or(fallback)] += 1;
    }
    counts
}

/// What counting on one side adds to the divergence, in bits.
fn bias(side: &Distribution, other: &Distribution, correction: Correction) -> f64 {
    let Some(answers) = side.answers() else { return 0.0 };
    let used = side.shares().iter().zip(other.shares()).filter(|(p, q)| *p + *q > 0.0);
    let sum: f64 = match correction {
        Correction::SameTruth => (used.count() as f64 - 1.0) / 2.0,
        Correction::SecondOrder => used.map(|(p, q)| q * (1.0 - p) / (p + q)).sum(),
    };
    sum / (4.0 * answers as f64 * std::f64::consts::LN_2)
}

/// E of one option's part of the divergence between a binomial share and its truth, in bits.
fn option_divergence(n: u64, share: f64) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        return 0.0;
    }
    let size = n as f64;
    let odds = libm::log(share) - libm::log1p(-share);
    let mut log_probability = size * libm::log1p(-share);
    let mut sum = 0.0;
    for count in 0..=n {
        let found = count as f64 / size;
        let of_found = if count > 0 { found * libm::log2(2.0 * found / (found + share)) } else { 0.0 };
        sum += libm::exp(log_probability) * (of_found + share * libm::log2(2.0 * share / (found + share))) / 2.0;
        log_probability += odds + libm::log((size - count as f64) / (count as f64 + 1.0));
    }
    sum
}

/// E|X/n − p| for X binomial: 2 v C(n, v) pᵛ (1 − p)ⁿ⁻ᵛ⁺¹ / n with v = ⌊np⌋ + 1.
fn absolute_deviation(n: u64, share: f64) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        return 0.0;
    }
    let size = n as f64;
    let v = libm::floor(size * share) + 1.0;
    if v > size {
        // np rounded up to n: too near to 1 to deviate.
        return 0.0;
    }
    let choose = libm::lgamma(size + 1.0) - libm::lgamma(v + 1.0) - libm::lgamma(size - v + 1.0);
    2.0 * v * libm::exp(choose + v * libm::log(share) + (size - v + 1.0) * libm::log1p(-share)) / size
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::item::Scale;
    use rand_chacha::rand_core::SeedableRng;

    fn of(shares: &[f64]) -> Distribution {
        Distribution::from_shares(shares, None).expect("shares")
    }

    fn w1(pair: &Compared<'_>) -> Option<f64> {
        pair.wasserstein()
    }

    /// The part of the divergence that is linear in the agents' shares: its mean is 0, and without it the mean of the
    /// rest takes far fewer draws.
    fn linear(drawn: &Distribution, truth: &[f64], other: &[f64]) -> f64 {
        let slopes = truth.iter().zip(other).map(|(p, q)| libm::log2(2.0 * p / (p + q)) / 2.0);
        slopes.zip(drawn.shares()).zip(truth).map(|((slope, found), truth)| slope * (found - truth)).sum()
    }

    /// How far the mean divergence is too large: as it is, and after each correction, with `n` answers of agents and `m`
    /// of people where they are not exact.
    fn biases(agents: &[f64], humans: &[f64], n: u64, m: Option<u64>, seed: u64) -> [f64; 3] {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (exact_agents, exact) = (of(agents), of(humans));
        let truth = Compared::new(&exact_agents, &exact, Scale::Ordinal).expect("comparable").divergence();
        let draws = 12_000;
        let mut sums = [0.0; 3];
        for _ in 0..draws {
            let found = Distribution::from_counts(&multinomial(agents, n, &mut rng)).expect("answers");
            let people = m.map(|m| Distribution::from_counts(&multinomial(humans, m, &mut rng)).expect("answers"));
            let known = people.as_ref().unwrap_or(&exact);
            let pair = Compared::new(&found, known, Scale::Ordinal).expect("comparable");
            let off = truth + linear(&found, agents, humans) + linear(known, humans, agents);
            sums[0] += pair.divergence() - off;
            sums[1] += divergence_corrected(&pair, Correction::SameTruth) - off;
            sums[2] += divergence_corrected(&pair, Correction::SecondOrder) - off;
        }
        sums.map(|sum| sum / f64::from(draws))
    }

    const CASES: [(&[f64], &[f64]); 6] = [
        (&[0.5, 0.5], &[0.3, 0.7]),
        (&[0.25, 0.25, 0.25, 0.25], &[0.25, 0.25, 0.25, 0.25]),
        (&[0.1, 0.2, 0.3, 0.4], &[0.4, 0.3, 0.2, 0.1]),
        (&[0.7, 0.2, 0.1], &[0.1, 0.3, 0.6]),
        (&[0.02, 0.08, 0.2, 0.3, 0.4], &[0.1, 0.2, 0.3, 0.3, 0.1]),
        (
            &[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
            &[0.05, 0.05, 0.05, 0.1, 0.1, 0.1, 0.1, 0.15, 0.15, 0.15],
        ),
    ];

    #[test]
    fn less_than_a_tenth_of_the_bias_is_left_wherever_the_truths_lie() {
        for (place, (agents, humans)) in CASES.into_iter().enumerate() {
            for (n, m) in [(30, None), (50, None), (100, Some(100)), (40, Some(300))] {
                let [plain, _, left] = biases(agents, humans, n, m, place as u64);
                assert!(plain > 0.0 && left.abs() < 0.1 * plain, "{place} {n} {m:?}: {plain} {left} {}", left / plain);
            }
        }
    }

    #[test]
    fn the_correction_for_one_truth_is_right_only_there() {
        let [plain, left, _] = biases(CASES[1].0, CASES[1].1, 50, None, 40);
        assert!(left.abs() < 0.1 * plain, "{plain} {left}");
        let [plain, left, _] = biases(CASES[3].0, CASES[3].1, 50, None, 41);
        assert!(left > 0.2 * plain, "{plain} {left}");
    }

    #[test]
    fn figures_of_perfect_people_are_those_simulated() {
        let mut rng = ChaCha8Rng::seed_from_u64(30);
        for (place, (_, humans)) in CASES.into_iter().enumerate() {
            let truth = of(humans);
            let pair = Compared::new(&truth, &truth, Scale::Ordinal).expect("comparable");
            for n in [1, 7, 40] {
                let expected = of_people(&pair, n).expect("people");
                let mut mean = |figure: fn(&Compared<'_>) -> Option<f64>| {
                    drawn(&pair, n, 8000, figure, &mut rng).expect("draws").mean
                };
                for (expected, found) in [
                    (expected.total_variation, mean(|pair| Some(pair.total_variation()))),
                    (expected.wasserstein.expect("ordinal"), mean(w1)),
                    (expected.divergence, mean(|pair| Some(pair.divergence()))),
                ] {
                    assert!((found / expected - 1.0).abs() < 0.04, "{place} {n}: {expected} {found}");
                }
            }
        }
    }

    #[test]
    fn many_people_are_counted_without_underflow() {
        let humans = of(&[0.5, 0.3, 0.2]);
        let pair = Compared::new(&humans, &humans, Scale::Nominal).expect("comparable");
        let found = of_people(&pair, 20_000).expect("people");
        let expected = 2.0 / (8.0 * 20_000.0 * std::f64::consts::LN_2);
        assert!((found.divergence / expected - 1.0).abs() < 1e-3, "{found:?}");
        assert_eq!((found.wasserstein, of_people(&pair, 0)), (None, None));
    }

    #[test]
    fn a_society_is_read_beside_the_upper_end_of_people() {
        let (agents, humans) = (of(&[0.0, 0.0, 1.0]), of(&[0.2, 0.3, 0.5]));
        let pair = Compared::new(&agents, &humans, Scale::Ordinal).expect("comparable");
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let found = drawn(&pair, 25, 2000, w1, &mut rng).expect("draws");
        assert!(found.upper > found.mean && w1(&pair).is_some_and(|figure| figure > found.upper), "{found:?}");
        assert!(drawn(&pair, 25, 0, w1, &mut rng).is_none());
        assert!(drawn(&pair, 0, 9, w1, &mut rng).is_none());
    }

    #[test]
    fn sides_that_are_exact_need_no_correction_and_near_ones_may_fall_below_zero() {
        let (agents, humans) = (of(&[0.2, 0.8]), of(&[0.6, 0.4]));
        let exact = Compared::new(&agents, &humans, Scale::Ordinal).expect("comparable");
        let same = Distribution::from_counts(&[30, 20]).expect("answers");
        let near = Compared::new(&same, &humans, Scale::Ordinal).expect("comparable");
        for correction in [Correction::SameTruth, Correction::SecondOrder] {
            assert!((divergence_corrected(&exact, correction) - exact.divergence()).abs() < 1e-15);
            assert!(divergence_corrected(&near, correction) < 0.0 && distance_corrected(&near, correction) <= 0.0);
        }
    }
}
