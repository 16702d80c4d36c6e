//! How certain breadth is where an agent casts several ballots: agents are resampled, never their ballots, which are
//! not independent of one another.

use rand::RngExt;

use super::agents::{Pooling, RowCounts};
use super::entropy::{hill2, shannon};

/// A figure of a distribution of approvals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Statistic {
    /// Shannon entropy, in nats.
    Shannon,
    /// Hill number of order 1, an effective number of projects.
    Hill1,
    /// Hill number of order 2, an effective number of projects.
    Hill2,
}

impl Statistic {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Shannon, Self::Hill1, Self::Hill2];

    /// The figure of a distribution of shares that sum to 1.
    pub fn of(self, shares: &[f64]) -> f64 {
        match self {
            Self::Shannon => shannon(shares),
            Self::Hill1 => libm::exp(shannon(shares)),
            Self::Hill2 => hill2(shares),
        }
    }
}

/// A figure without each row in turn (Quenouille 1956, Tukey 1958), in the figure's unit.
#[derive(Clone, PartialEq, Debug)]
pub struct Jackknife {
    /// The figure of all rows.
    pub estimate: f64,
    /// The figure without a row, by row; `None` for rows without approvals, which are not among the n.
    pub leave_one_out: Vec<Option<f64>>,
    /// √((n − 1)/n Σ (θ₋ᵢ − θ̄)²), at least 0.
    pub standard_error: f64,
    /// n θ − (n − 1) θ̄. It may lie outside the range of the figure.
    pub bias_corrected: f64,
}

/// The jackknife over rows; `None` for fewer than two rows with approvals.
pub fn jackknife(rows: &RowCounts, statistic: Statistic, pooling: Pooling) -> Option<Jackknife> {
    let filled = rows.filled();
    if filled.len() < 2 {
        return None;
    }
    let figure = |rows_in: &[usize]| rows.pooled(rows_in, pooling).map(|shares| statistic.of(&shares));
    let without = |row: &usize| filled.iter().copied().filter(|other| other != row).collect::<Vec<_>>();
    let estimate = figure(&filled)?;
    let mut leave_one_out = vec![None; rows.rows().len()];
    for row in &filled {
        leave_one_out[*row] = figure(&without(row));
    }
    let n = filled.len() as f64;
    let mean = leave_one_out.iter().flatten().sum::<f64>() / n;
    let squares: f64 = leave_one_out.iter().flatten().map(|figure| (figure - mean) * (figure - mean)).sum();
    let (standard_error, bias_corrected) = (((n - 1.0) / n * squares).sqrt(), n * estimate - (n - 1.0) * mean);
    Some(Jackknife { estimate, leave_one_out, standard_error, bias_corrected })
}

/// A 95 % interval, in the figure's unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// Its lower end.
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
}

/// Intervals of all figures, from the same resamples.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Intervals {
    /// Of the Shannon entropy, in nats.
    pub shannon: Interval,
    /// Of the Hill number of order 1.
    pub hill1: Interval,
    /// Of the Hill number of order 2.
    pub hill2: Interval,
}

/// Percentile intervals of the cluster bootstrap (Davison & Hinkley 1997, section 3.8): as many rows as have approvals
/// are drawn with replacement, `resamples` times. Pooled entropy falls when rows repeat, so the intervals lean
/// downwards, and over fewer than about ten rows they are too narrow. `None` for fewer than two such rows or no
/// resample.
pub fn bootstrap(
    rows: &RowCounts,
    pooling: Pooling,
    resamples: usize,
    generator: &mut impl rand::Rng,
) -> Option<Intervals> {
    intervals(resamples, || resample(rows, &rows.filled(), pooling, generator))
}

/// The same of each figure of the first system minus that of the second; both are resampled, independently.
pub fn bootstrap_difference(
    first: &RowCounts,
    second: &RowCounts,
    pooling: Pooling,
    resamples: usize,
    generator: &mut impl rand::Rng,
) -> Option<Intervals> {
    let (rows_first, rows_second) = (first.filled(), second.filled());
    intervals(resamples, || {
        let minuend = resample(first, &rows_first, pooling, generator)?;
        let subtrahend = resample(second, &rows_second, pooling, generator)?;
        Some([minuend[0] - subtrahend[0], minuend[1] - subtrahend[1], minuend[2] - subtrahend[2]])
    })
}

/// All figures of as many rows as there are, drawn with replacement.
fn resample(rows: &RowCounts, filled: &[usize], pooling: Pooling, generator: &mut impl rand::Rng) -> Option<[f64; 3]> {
    if filled.len() < 2 {
        return None;
    }
    let drawn: Vec<usize> =
        filled.iter().map(|_| filled[generator.random_range(0..filled.len() as u64) as usize]).collect();
    let shares = rows.pooled(&drawn, pooling)?;
    Some(Statistic::ALL.map(|statistic| statistic.of(&shares)))
}

fn intervals(resamples: usize, draw: impl FnMut() -> Option<[f64; 3]>) -> Option<Intervals> {
    let drawn: Vec<[f64; 3]> = std::iter::repeat_with(draw).take(resamples).collect::<Option<_>>()?;
    if drawn.is_empty() {
        return None;
    }
    let [shannon, hill1, hill2] = [0, 1, 2].map(|place| {
        let mut figures: Vec<f64> = drawn.iter().map(|figures| figures[place]).collect();
        figures.sort_by(f64::total_cmp);
        Interval { lower: percentile(&figures, 0.025), upper: percentile(&figures, 0.975) }
    });
    Some(Intervals { shannon, hill1, hill2 })
}

/// The figure below which this share of sorted figures lies, between neighbours in proportion, as for the intervals of
/// effects: the i-th of n figures is at i / (n + 1).
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = (share * (sorted.len() as f64 + 1.0) - 1.0).clamp(0.0, sorted.len() as f64 - 1.0);
    let (low, part) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + part * (sorted[high] - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn table(rows: &[[u64; 3]]) -> RowCounts {
        RowCounts::new(rows.iter().map(|row| row.to_vec()).collect(), 3).expect("a table")
    }

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-12
    }

    #[test]
    fn the_jackknife_is_that_worked_out_by_hand() {
        // Two rows with approvals: without one the other is alone, and its only project counts once.
        let jackknife = jackknife(&table(&[[2, 0, 0], [0, 0, 0], [0, 2, 0]]), Statistic::Hill2, Pooling::Approvals);
        let jackknife = jackknife.expect("two rows");
        assert!(near(jackknife.estimate, 2.0) && near(jackknife.standard_error, 0.0));
        assert!(near(jackknife.bias_corrected, 3.0));
        assert_eq!(jackknife.leave_one_out, [Some(1.0), None, Some(1.0)]);
    }

    #[test]
    fn the_standard_error_of_three_rows_is_that_worked_out_by_hand() {
        // Without the first: (1/2, 1/2, 0); without the second: (2/3, 1/3, 0); without the third: (1, 0, 0).
        let rows = table(&[[2, 0, 0], [1, 0, 0], [0, 1, 0]]);
        let jackknife = jackknife(&rows, Statistic::Hill2, Pooling::Approvals).expect("three rows");
        let figures = [2.0, 1.8, 1.0];
        let mean = 1.6;
        let squares: f64 = figures.iter().map(|figure: &f64| (figure - mean) * (figure - mean)).sum();
        assert!(near(jackknife.standard_error, (squares * 2.0 / 3.0).sqrt()));
        assert!(near(jackknife.bias_corrected, 3.0 * 1.6 - 2.0 * mean), "{jackknife:?}");
    }

    #[test]
    fn intervals_hold_the_estimate_and_come_back_from_their_seed() {
        let rows = table(&[[4, 1, 0], [0, 4, 1], [1, 0, 4], [2, 2, 1], [5, 0, 0], [1, 2, 2]]);
        let of = |seed: u64| bootstrap(&rows, Pooling::Rows, 999, &mut ChaCha8Rng::seed_from_u64(seed));
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let Intervals { shannon, hill1, hill2 } = of(1).expect("six rows");
        let pooled = rows.pooled(&rows.filled(), Pooling::Rows).expect("approvals");
        for (interval, statistic) in [shannon, hill1, hill2].iter().zip(Statistic::ALL) {
            assert!(interval.lower < interval.upper && interval.lower < statistic.of(&pooled), "{interval:?}");
        }
        // exp keeps order, but lies between neighbours in other proportions.
        assert!((libm::exp(shannon.lower) - hill1.lower).abs() < 1e-2 && hill2.upper <= 3.0);
    }

    #[test]
    fn equal_rows_leave_nothing_uncertain() {
        let (one, other) = (table(&[[1, 1, 2]; 4]), table(&[[3, 0, 0]; 2]));
        let generator = &mut ChaCha8Rng::seed_from_u64(3);
        let interval = bootstrap_difference(&one, &other, Pooling::Approvals, 99, generator).expect("rows").hill2;
        assert!(near(interval.lower, 16.0 / 6.0 - 1.0) && near(interval.upper, 16.0 / 6.0 - 1.0));
    }

    #[test]
    fn a_single_row_has_no_interval() {
        let (single, several) = (table(&[[1, 2, 3], [0, 0, 0]]), table(&[[1, 0, 0], [0, 1, 0]]));
        let generator = &mut ChaCha8Rng::seed_from_u64(4);
        assert_eq!(jackknife(&single, Statistic::Shannon, Pooling::Rows), None);
        assert_eq!(bootstrap(&single, Pooling::Rows, 9, generator), None);
        assert_eq!(bootstrap(&several, Pooling::Rows, 0, generator), None);
        assert_eq!(bootstrap_difference(&several, &single, Pooling::Rows, 9, generator), None);
    }
}
