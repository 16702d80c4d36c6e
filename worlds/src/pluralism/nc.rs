//! Whether candidates of one set repel each other: correlation within sets, for negative-correlation sampling.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The sets of one prompt: scores of the candidates, set by set.
pub type PromptSets = Vec<Vec<f64>>;

/// Correlation of candidates' scores within sets.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct IntraSet {
    /// ρ̂: below 0 where candidates of a set repel each other, about 0 for independent draws, above 0 where sets share
    /// something. Its expectation is at least −1/(k − 1) for sets of k; the estimate may lie beyond.
    pub correlation: f64,
    /// Its jackknife standard error over prompts; `None` with one prompt.
    pub standard_error: Option<f64>,
    /// Prompts it rests on.
    pub prompts: u64,
}

/// Why there is no correlation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoCorrelation {
    /// A score that is no number.
    #[error("a score is not a finite number")]
    NotFinite,
    /// No prompt has two sets with a pair of candidates among them.
    #[error("no prompt has two sets: around its own mean a set of k always shows −1/(k − 1)")]
    OneSetEach,
    /// Scores do not vary within prompts.
    #[error("scores do not vary within prompts")]
    Constant,
}

/// Correlation within sets around the prompt's expectation, from two or more sets of every prompt by the same method.
/// The expectation is never estimated from the set itself, nor from another method, whose mean may differ: products of
/// scores from different sets of a prompt stand for its square. With pairs within sets W and between sets B,
/// ρ̂ = Σ_x (mean_W s_i s_j − mean_B s_i s_j) / Σ_x (mean s² − mean_B s_i s_j); each term is unbiased. Prompts with fewer
/// than two sets, or with single candidates only, are left out.
pub fn intra_set_correlation(prompts: &[PromptSets]) -> Result<IntraSet, NoCorrelation> {
    if prompts.iter().flatten().flatten().any(|score| !score.is_finite()) {
        return Err(NoCorrelation::NotFinite);
    }
    let terms: Vec<(f64, f64)> = prompts.iter().filter_map(|sets| between_and_within(sets)).collect();
    ratio(&terms).map_err(|()| if terms.is_empty() { NoCorrelation::OneSetEach } else { NoCorrelation::Constant })
}

/// Correlation within sets around expectations that are known, one of each prompt, rather than estimated from the same
/// sets: Σ (s_i − μ)(s_j − μ) over pairs, by Σ (s − μ)², each as a mean of its prompt.
pub fn around_expectations(prompts: &[(f64, PromptSets)]) -> Result<IntraSet, NoCorrelation> {
    if prompts.iter().any(|(mean, sets)| !mean.is_finite() || sets.iter().flatten().any(|score| !score.is_finite())) {
        return Err(NoCorrelation::NotFinite);
    }
    let terms: Vec<(f64, f64)> = prompts
        .iter()
        .filter_map(|(mean, sets)| {
            let off: PromptSets = sets.iter().map(|set| set.iter().map(|score| score - mean).collect()).collect();
            let sums = Sums::of(&off);
            Some((sums.within()?, sums.squares / sums.scores))
        })
        .collect();
    ratio(&terms).map_err(|()| if terms.is_empty() { NoCorrelation::OneSetEach } else { NoCorrelation::Constant })
}

/// Among which candidates sets are shuffled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shuffle {
    /// Those of the same prompt: what is special about a set goes, what is special about a prompt stays.
    WithinPrompts,
    /// All: the prompts go as well.
    AcrossPrompts,
}

/// Sets of the same sizes with candidates shuffled among them: the comparison for coverage and differences of sets.
#[must_use]
pub fn shuffled<T: Clone>(prompts: &[Vec<Vec<T>>], shuffle: Shuffle, rng: &mut ChaCha8Rng) -> Vec<Vec<Vec<T>>> {
    match shuffle {
        Shuffle::WithinPrompts => prompts.iter().flat_map(|sets| dealt(std::slice::from_ref(sets), rng)).collect(),
        Shuffle::AcrossPrompts => dealt(prompts, rng),
    }
}

fn dealt<T: Clone>(prompts: &[Vec<Vec<T>>], rng: &mut ChaCha8Rng) -> Vec<Vec<Vec<T>>> {
    let mut all: Vec<T> = prompts.iter().flatten().flatten().cloned().collect();
    for last in (1..all.len()).rev() {
        all.swap(last, rng.random_range(0..=last as u64) as usize);
    }
    let mut rest = all.into_iter();
    prompts.iter().map(|sets| sets.iter().map(|set| rest.by_ref().take(set.len()).collect()).collect()).collect()
}

/// Sums over the sets of a prompt.
struct Sums {
    scores: f64,
    sum: f64,
    squares: f64,
    of_sets: f64,
    ordered_pairs: f64,
}

impl Sums {
    fn of(sets: &[Vec<f64>]) -> Self {
        let mut sums = Self { scores: 0.0, sum: 0.0, squares: 0.0, of_sets: 0.0, ordered_pairs: 0.0 };
        for set in sets {
            let (size, total) = (set.len() as f64, set.iter().sum::<f64>());
            sums.scores += size;
            sums.sum += total;
            sums.squares += set.iter().map(|score| score * score).sum::<f64>();
            sums.of_sets += total * total;
            sums.ordered_pairs += size * (size - 1.0);
        }
        sums
    }

    /// Mean product of two candidates of a set.
    fn within(&self) -> Option<f64> {
        (self.ordered_pairs > 0.0).then(|| (self.of_sets - self.squares) / self.ordered_pairs)
    }

    /// Mean product of two candidates of different sets.
    fn between(&self) -> Option<f64> {
        let pairs = self.scores * (self.scores - 1.0) - self.ordered_pairs;
        (pairs > 0.0).then(|| (self.sum * self.sum - self.of_sets) / pairs)
    }
}

/// Covariance within sets and variance, of one prompt.
fn between_and_within(sets: &[Vec<f64>]) -> Option<(f64, f64)> {
    // Centred first: the same in exact arithmetic, and nothing cancels.
    let (n, sum) = sets.iter().flatten().fold((0.0, 0.0), |(n, sum), score| (n + 1.0, sum + score));
    let centred: PromptSets = sets.iter().map(|set| set.iter().map(|score| score - sum / n).collect()).collect();
    let sums = Sums::of(&centred);
    let between = sums.between()?;
    Some((sums.within()? - between, sums.squares / sums.scores - between))
}

fn ratio(terms: &[(f64, f64)]) -> Result<IntraSet, ()> {
    let (above, below) = terms.iter().fold((0.0, 0.0), |(above, below), term| (above + term.0, below + term.1));
    if below <= 1e-12 {
        return Err(());
    }
    let without: Vec<f64> = terms
        .iter()
        .map(|term| (above - term.0, below - term.1))
        .filter(|(_, below)| *below > 1e-12)
        .map(|(above, below)| above / below)
        .collect();
    let n = terms.len() as f64;
    let standard_error = (terms.len() > 1 && without.len() == terms.len()).then(|| {
        let mean = without.iter().sum::<f64>() / n;
        libm::sqrt((n - 1.0) / n * without.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>())
    });
    Ok(IntraSet { correlation: above / below, standard_error, prompts: terms.len() as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    fn normal(rng: &mut ChaCha8Rng) -> f64 {
        (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
    }

    /// `prompts` × 2 sets of 4 with this correlation within sets, around means that differ by prompt.
    fn simulated(correlation: f64, prompts: usize, rng: &mut ChaCha8Rng) -> Vec<PromptSets> {
        let k = 4.0;
        (0..prompts)
            .map(|_| {
                let mean = 3.0 * normal(rng);
                let mut set = || -> Vec<f64> {
                    let draws: Vec<f64> = (0..4).map(|_| normal(rng)).collect();
                    let middle = draws.iter().sum::<f64>() / k;
                    // Eigenvalues 1 + (k − 1)ρ of the mean and 1 − ρ of the differences.
                    let (of_mean, of_rest) = (libm::sqrt(1.0 + (k - 1.0) * correlation), libm::sqrt(1.0 - correlation));
                    draws.iter().map(|draw| mean + of_mean * middle + of_rest * (draw - middle)).collect()
                };
                vec![set(), set()]
            })
            .collect()
    }

    #[test]
    fn a_known_correlation_within_sets_is_recovered() {
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        for truth in [-0.3, -0.1, 0.0, 0.25] {
            let found = intra_set_correlation(&simulated(truth, 6000, &mut rng)).expect("two sets each");
            let error = found.standard_error.expect("many prompts");
            assert!((found.correlation - truth).abs() < 3.0 * error && error < 0.02, "{truth}: {found:?}");
        }
    }

    #[test]
    fn the_interval_of_the_jackknife_holds_the_truth() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let held = (0..400)
            .filter(|_| {
                let found = intra_set_correlation(&simulated(-0.2, 60, &mut rng)).expect("two sets each");
                (found.correlation + 0.2).abs() < 1.96 * found.standard_error.expect("many prompts")
            })
            .count();
        assert!((360..=396).contains(&held), "{held} of 400");
    }

    #[test]
    fn around_known_expectations_one_set_is_enough() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let prompts: Vec<(f64, PromptSets)> =
            (0..20_000).map(|_| (2.0, vec![(0..4).map(|_| 2.0 + normal(&mut rng)).collect()])).collect();
        let found = around_expectations(&prompts).expect("known means");
        assert!(found.correlation.abs() < 3.0 * found.standard_error.expect("many prompts"), "{found:?}");
        let opposed = [(0.5, vec![vec![0.0, 1.0]]), (0.5, vec![vec![1.0, 0.0]])];
        assert_eq!(around_expectations(&opposed).map(|found| found.correlation), Ok(-1.0));
    }

    #[test]
    fn what_is_not_identified_is_said() {
        assert_eq!(intra_set_correlation(&[]), Err(NoCorrelation::OneSetEach));
        assert_eq!(intra_set_correlation(&[vec![vec![0.0, 1.0]]]), Err(NoCorrelation::OneSetEach));
        assert_eq!(intra_set_correlation(&[vec![vec![0.0], vec![1.0]]]), Err(NoCorrelation::OneSetEach));
        assert_eq!(intra_set_correlation(&[vec![vec![1.0, 1.0], vec![1.0, 1.0]]]), Err(NoCorrelation::Constant));
        assert_eq!(intra_set_correlation(&[vec![vec![f64::NAN, 1.0]]]), Err(NoCorrelation::NotFinite));
    }

    #[test]
    fn shuffling_takes_the_correlation_away() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let sets = simulated(-0.3, 3000, &mut rng);
        let within = shuffled(&sets, Shuffle::WithinPrompts, &mut rng);
        let found = intra_set_correlation(&within).expect("two sets each");
        assert!(found.correlation.abs() < 3.0 * found.standard_error.expect("many prompts"), "{found:?}");
        let across = shuffled(&sets, Shuffle::AcrossPrompts, &mut rng);
        let sizes = |prompts: &[PromptSets]| -> Vec<usize> { prompts.iter().flatten().map(Vec::len).collect() };
        assert_eq!((sizes(&within), sizes(&across)), (sizes(&sets), sizes(&sets)));
        let sorted = |prompts: &[PromptSets]| {
            let mut all: Vec<f64> = prompts.iter().flatten().flatten().copied().collect();
            all.sort_by(f64::total_cmp);
            all
        };
        assert_eq!((sorted(&within), sorted(&across)), (sorted(&sets), sorted(&sets)));
    }

    proptest! {
        #[test]
        fn correlation_ignores_shifts_of_prompts_and_the_unit(
            flat in prop::collection::vec(prop::collection::vec(-1.0_f64..1.0, 8), 2..6), shift in -9.0_f64..9.0, unit in 0.1_f64..5.0,
        ) {
            let sets = |change: &dyn Fn(usize, f64) -> f64| -> Vec<PromptSets> {
                flat.iter().enumerate().map(|(place, scores)| {
                    scores.chunks(4).map(|set| set.iter().map(|&score| change(place, score)).collect()).collect()
                }).collect()
            };
            let plain = intra_set_correlation(&sets(&|_, score| score));
            let moved = intra_set_correlation(&sets(&|place, score| unit * (score + shift * place as f64)));
            if let (Ok(plain), Ok(moved)) = (plain, moved) {
                prop_assert!((plain.correlation - moved.correlation).abs() < 1e-6 * (1.0 + plain.correlation.abs()));
            }
        }
    }
}
