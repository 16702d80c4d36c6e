//! What sets of candidates come to: figures with intervals over prompts.
//!
//! Sets of one prompt are alike, so that prompts, not sets, are what an interval is drawn over.

use rand_chacha::ChaCha8Rng;

use crate::pluralism::coverage::{
    Coverage, Scores, aligned_counts, coverage, pairwise_difference, without_judge_error,
};
use crate::pluralism::judge::{Rates, Score};
use crate::pluralism::nc::{NoCorrelation, Shuffle, intra_set_correlation, shuffled};
use crate::pluralism::{Axis, Mean, Value};

const Z: f64 = 1.959_963_984_540_054;

/// How often sets are dealt anew for the comparison with shuffled ones.
const DEALS: usize = 20;

/// The sets of one prompt by one method: by agent, then by number. A set holds the scores of its candidates.
pub type SetsOfPrompt = Vec<Vec<Vec<Scores>>>;

/// A figure with its 95 % interval over prompts.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Estimated {
    /// The figure; `None` where it is undefined.
    pub value: Option<f64>,
    /// How many sets (or responses) it rests on.
    pub n: u64,
    /// Its interval; `None` where one prompt is all there is.
    pub interval: Option<(f64, f64)>,
}

impl Estimated {
    /// The complement of a share.
    #[must_use]
    pub fn complement(self) -> Self {
        let interval = self.interval.map(|(low, high)| (1.0 - high, 1.0 - low));
        Self { value: self.value.map(|value| 1.0 - value), interval, ..self }
    }
}

fn flat(prompt: &SetsOfPrompt) -> Vec<Vec<Scores>> {
    prompt.iter().flatten().cloned().collect()
}

/// Coverage of a value, with an interval over prompts.
pub fn covered(prompts: &[SetsOfPrompt], value: Value) -> Estimated {
    let each: Vec<Coverage> = prompts.iter().map(|prompt| coverage(&flat(prompt), value)).collect();
    share(&each.iter().map(|found| (found.covered as f64, found.sets as f64)).collect::<Vec<_>>())
}

/// Coverage as it would be with a judge that does not err (Rogan & Gladen 1978), from its rates on labelled pairs; `None`
/// where these are not known or say nothing. May lie outside 0 to 1.
pub fn corrected(prompts: &[SetsOfPrompt], value: Value, size: usize, rates: Option<Rates>) -> Option<f64> {
    let sets: Vec<Vec<Scores>> = prompts.iter().flat_map(flat).collect();
    without_judge_error(&aligned_counts(&sets, value, size), rates?)
}

/// Coverage of sets dealt anew out of the candidates of the same agent and prompt: what is special about a set is gone.
pub fn covered_when_shuffled(prompts: &[SetsOfPrompt], value: Value, rng: &mut ChaCha8Rng) -> Option<f64> {
    let whole = |set: &Vec<Scores>| set.iter().all(|scores| scores.on(value.axis()).is_some());
    let groups: Vec<Vec<Vec<Scores>>> = prompts
        .iter()
        .flatten()
        .map(|sets| sets.iter().filter(|set| whole(set)).cloned().collect())
        .filter(|sets: &Vec<Vec<Scores>>| !sets.is_empty())
        .collect();
    let dealt = (0..DEALS).filter_map(|_| {
        let sets: Vec<Vec<Scores>> = shuffled(&groups, Shuffle::WithinPrompts, rng).into_iter().flatten().collect();
        coverage(&sets, value).share()
    });
    Mean::of(dealt).value
}

/// Correlation of scores within sets around the expectation of agent and prompt, from its several sets; the interval by
/// a jackknife over prompts.
pub fn correlation(prompts: &[SetsOfPrompt], axis: Axis) -> Result<Estimated, NoCorrelation> {
    let of_prompt = |prompt: &SetsOfPrompt| -> Vec<Vec<Vec<f64>>> {
        let scored = |set: &Vec<Scores>| -> Option<Vec<f64>> {
            set.iter().map(|scores| scores.on(axis).map(Score::value)).collect()
        };
        prompt.iter().map(|sets| sets.iter().filter_map(scored).collect()).collect()
    };
    let groups: Vec<Vec<Vec<Vec<f64>>>> = prompts.iter().map(of_prompt).collect();
    let n = groups.iter().flatten().map(Vec::len).sum::<usize>() as u64;
    let of = |left_out: Option<usize>| {
        let kept = groups.iter().enumerate().filter(|(place, _)| Some(*place) != left_out);
        let kept: Vec<Vec<Vec<f64>>> = kept.flat_map(|(_, groups)| groups.iter().cloned()).collect();
        intra_set_correlation(&kept).map(|found| found.correlation)
    };
    let value = of(None)?;
    let without: Option<Vec<f64>> = (0..groups.len()).map(|place| of(Some(place)).ok()).collect();
    let error = without.and_then(|without| jackknife(&without));
    let interval = error.map(|error| (value - Z * error, value + Z * error));
    Ok(Estimated { value: Some(value), n, interval })
}

/// Mean absolute difference of two candidates of a set, with an interval over prompts.
pub fn difference(prompts: &[SetsOfPrompt], axis: Axis) -> Estimated {
    mean(&prompts.iter().map(|prompt| pairwise_difference(&flat(prompt), axis)).collect::<Vec<_>>())
}

/// Mean score on an axis, with an interval over prompts.
pub fn mean_score(prompts: &[SetsOfPrompt], axis: Axis) -> Estimated {
    let of = |prompt: &SetsOfPrompt| {
        Mean::of(prompt.iter().flatten().flatten().filter_map(|scores| scores.on(axis)).map(Score::value))
    };
    mean(&prompts.iter().map(of).collect::<Vec<_>>())
}

/// A share of cases, by prompt hits and cases: Wilson's interval on the effective number of cases p(1 − p) / variance,
/// the variance by a jackknife over prompts (after Korn & Graubard 1998). Where prompts do not differ at all, they are
/// themselves the cases.
pub fn share(by_prompt: &[(f64, f64)]) -> Estimated {
    let with: Vec<(f64, f64)> = by_prompt.iter().copied().filter(|(_, cases)| *cases > 0.0).collect();
    let (hits, cases) = with.iter().fold((0.0, 0.0), |(hits, cases), one| (hits + one.0, cases + one.1));
    if cases <= 0.0 {
        return Estimated::default();
    }
    let share = hits / cases;
    let without: Vec<f64> =
        with.iter().filter(|one| cases - one.1 > 0.0).map(|one| (hits - one.0) / (cases - one.1)).collect();
    let interval = jackknife(&without).filter(|_| without.len() == with.len()).map(|error| {
        let variance = error * error;
        let effective =
            if variance > 1e-12 { (share * (1.0 - share) / variance).min(cases) } else { with.len() as f64 };
        wilson_of(share, effective.max(1.0))
    });
    Estimated { value: Some(share), n: cases as u64, interval }
}

fn mean(by_prompt: &[Mean]) -> Estimated {
    let sums: Vec<(f64, f64)> =
        by_prompt.iter().filter_map(|mean| Some((mean.value? * mean.n as f64, mean.n as f64))).collect();
    let (sum, n) = sums.iter().fold((0.0, 0.0), |(sum, n), one| (sum + one.0, n + one.1));
    if n <= 0.0 {
        return Estimated::default();
    }
    let value = sum / n;
    let without: Vec<f64> = sums.iter().filter(|one| n - one.1 > 0.0).map(|one| (sum - one.0) / (n - one.1)).collect();
    let error = jackknife(&without).filter(|_| without.len() == sums.len());
    let interval = error.map(|error| ((value - Z * error).max(0.0), (value + Z * error).min(1.0)));
    Estimated { value: Some(value), n: n as u64, interval }
}

/// Standard error of a figure from what it is without each of the prompts; `None` with fewer than two.
fn jackknife(without: &[f64]) -> Option<f64> {
    let n = without.len() as f64;
    let mean = without.iter().sum::<f64>() / n;
    let squares: f64 = without.iter().map(|value| (value - mean) * (value - mean)).sum();
    (without.len() > 1).then(|| libm::sqrt((n - 1.0) / n * squares))
}

/// Wilson's interval for a share of a number of cases that need not be whole.
fn wilson_of(share: f64, n: f64) -> (f64, f64) {
    let below = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / below;
    let half = Z * libm::sqrt(share * (1.0 - share) / n + Z * Z / (4.0 * n * n)) / below;
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;
    use rand_chacha::rand_core::SeedableRng;

    fn scores(score: Score) -> Scores {
        Scores { traditional_secular: Some(score), survival_self_expression: None }
    }

    #[test]
    fn prompts_that_agree_with_themselves_make_the_interval_as_wide_as_their_number_says() {
        let alike: Vec<(f64, f64)> = (0..12).map(|prompt| (f64::from(10 * (prompt % 2)), 10.0)).collect();
        let found = share(&alike);
        let (low, high) = found.interval.expect("twelve prompts");
        assert_eq!(found.value, Some(0.5));
        assert!((0.2..0.3).contains(&low) && (0.7..0.8).contains(&high), "{low} {high}");
        let mixed: Vec<(f64, f64)> = (0..12).map(|prompt| (4.0 + f64::from(2 * (prompt % 2)), 10.0)).collect();
        let (low, high) = share(&mixed).interval.expect("twelve prompts");
        assert!(low > 0.4 && high < 0.6, "{low} {high}");
        let none = share(&[(0.0, 10.0); 12]);
        let (low, high) = none.interval.expect("twelve prompts");
        assert!(low < 1e-12 && (0.2..0.26).contains(&high), "{low} {high}");
        assert_eq!((share(&[(1.0, 2.0)]).interval, share(&[]).value), (None, None));
    }

    #[test]
    fn the_interval_of_coverage_holds_the_truth_about_as_often_as_it_says() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let held = (0..600)
            .filter(|_| {
                let prompts: Vec<(f64, f64)> = (0..20)
                    .map(|_| {
                        let p = 0.1 + 0.6 * rng.random::<f64>();
                        let hits = (0..10).filter(|_| rng.random::<f64>() < p).count();
                        (hits as f64, 10.0)
                    })
                    .collect();
                let (low, high) = share(&prompts).interval.expect("twenty prompts");
                (low..=high).contains(&0.4)
            })
            .count();
        assert!((545..=590).contains(&held), "{held} of 600");
    }

    #[test]
    fn opposed_candidates_correlate_below_nothing_and_alike_sets_above() {
        let opposed: Vec<SetsOfPrompt> = vec![vec![vec![vec![scores(Score::Away), scores(Score::Toward)]; 2]; 3]; 4];
        let found = correlation(&opposed, Axis::TraditionalSecular).expect("two sets each");
        assert!((found.value.expect("a figure") + 1.0).abs() < 1e-9 && found.n == 24, "{found:?}");
        let alike: Vec<SetsOfPrompt> =
            vec![vec![vec![vec![scores(Score::Away); 2], vec![scores(Score::Toward); 2]]; 3]; 4];
        let found = correlation(&alike, Axis::TraditionalSecular).expect("two sets each");
        assert!(found.value.expect("a figure") > 0.5, "{found:?}");
        assert!(correlation(&alike, Axis::SurvivalSelfExpression).is_err());
        assert_eq!(covered(&opposed, Value::Traditional).value, Some(1.0));
        assert_eq!(covered(&opposed, Value::Survival).value, None);
        assert_eq!(difference(&opposed, Axis::TraditionalSecular).value, Some(1.0));
        assert_eq!(mean_score(&alike, Axis::TraditionalSecular).value, Some(0.5));
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let dealt = covered_when_shuffled(&opposed, Value::Traditional, &mut rng).expect("sets");
        assert!((0.6..1.0).contains(&dealt), "{dealt}");
    }
}
