//! Items drawn again, and intervals read off what comes of it.

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::PurposeStreams;
use rand::RngExt;

use super::Method;
use super::normal::{cumulative, quantile, t_quantile};

/// Fewest items an interval is made from.
pub const FEWEST_ITEMS: usize = 10;

/// Largest share of resamples in which a figure may be undefined before its interval is.
const UNDEFINED_AT_MOST: f64 = 0.05;

/// How often each item is drawn in each resample.
#[derive(Clone, PartialEq, Debug)]
pub struct Resamples {
    resamples: usize,
    /// Item-major: sums over items are then made for all resamples side by side.
    counts: Vec<f64>,
}

impl Resamples {
    /// `resamples` draws of as many items with replacement, each from its own stream.
    pub fn draw(items: usize, resamples: usize, streams: &PurposeStreams) -> Self {
        let mut counts = vec![0.0; items * resamples];
        for resample in (0..resamples).filter(|_| items > 0) {
            let mut rng = streams.stream(AgentId(resample as u32), 0);
            for _ in 0..items {
                counts[rng.random_range(0..items as u32) as usize * resamples + resample] += 1.0;
            }
        }
        Self { resamples, counts }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.resamples
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.resamples == 0
    }

    /// How often an item was drawn, by resample.
    pub fn counts(&self, item: usize) -> &[f64] {
        &self.counts[item * self.resamples..][..self.resamples]
    }

    /// Σ over items of a value times how often the item was drawn, by resample. Items of value 0 cost nothing.
    pub fn sums(&self, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.resamples];
        self.add(&mut sums, values);
        sums
    }

    /// Adds such sums.
    pub fn add(&self, sums: &mut [f64], values: impl Iterator<Item = f64>) {
        for (item, value) in values.enumerate().filter(|(_, value)| *value != 0.0) {
            for (sum, count) in sums.iter_mut().zip(self.counts(item)) {
                *sum += value * count;
            }
        }
    }
}

/// What an interval is made from.
pub struct Drawn<'a> {
    /// The figure on the items as they are.
    pub estimate: f64,
    /// The figure on each resample; NaN where it is undefined.
    pub figures: Vec<f64>,
    /// How the figure changes with the weight of each item: for the acceleration of [`Method::Bca`].
    pub influences: &'a [f64],
    /// By how much variation that resampling items does not show widens the interval, from 1.
    pub stretch: f64,
}

impl Drawn<'_> {
    /// The 95 % interval; `None` where nothing varies or too many resamples are undefined.
    pub fn interval(self, method: Method) -> Option<(f64, f64)> {
        let all = self.figures.len();
        let mut figures = self.figures;
        figures.retain(|figure| !figure.is_nan());
        if figures.is_empty() || ((all - figures.len()) as f64) > UNDEFINED_AT_MOST * all as f64 {
            return None;
        }
        figures.sort_by(f64::total_cmp);
        if !varies(&figures) {
            return None;
        }
        let tails = [0.025, 0.975];
        let stretch = self.stretch * expansion(self.influences);
        let [lower, upper] = match method {
            Method::Percentile => tails,
            Method::Bca => bca_tails(&figures, self.estimate, self.influences, tails),
        }
        .map(|tail| self.estimate + stretch * (at(&figures, tail) - self.estimate));
        Some((lower.min(upper), upper.max(lower)))
    }
}

/// Whether sorted figures differ by more than the rounding of their sums.
fn varies(sorted: &[f64]) -> bool {
    let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
    last - first > 1e-12 * first.abs().max(last.abs()).max(1e-3)
}

/// By how much resampled figures have to be spread further for an interval of 95 %: what is resampled varies as if
/// there were n items and their variance were known, and both the n and the variance are those of a sample (Hesterberg
/// 2015, section 3.5: √(n/(n − 1)) · t/z). How well the variance is known depends on how unevenly items count: its
/// degrees of freedom are 2(Σu²)² / (Σu⁴ − (Σu²)²/n), n for normal influences u and fewer where a few items make the
/// figure.
fn expansion(influences: &[f64]) -> f64 {
    const FEWEST: f64 = 4.0;
    let n = influences.len() as f64;
    let (squares, fourths) = influences.iter().fold((0.0, 0.0), |(squares, fourths), u| {
        let square = u * u;
        (squares + square, fourths + square * square)
    });
    let unevenness = fourths - squares * squares / n;
    if n < 2.0 || unevenness <= 0.0 {
        return 1.0;
    }
    let freedom = (2.0 * squares * squares / unevenness).clamp(FEWEST, n.max(FEWEST));
    let z = quantile(0.975);
    (n / (n - 1.0)).sqrt() * t_quantile(z, freedom) / z
}

/// The tails at which bias-corrected and accelerated percentiles are read (Efron 1987, eq. 2.3): bias from the share of
/// resampled figures below the estimate, acceleration from the skewness of the influences.
fn bca_tails(figures: &[f64], estimate: f64, influences: &[f64], tails: [f64; 2]) -> [f64; 2] {
    let below = figures.partition_point(|&figure| figure < estimate) as f64;
    let not_above = figures.partition_point(|&figure| figure <= estimate) as f64;
    let n = figures.len() as f64;
    // Figures equal to the estimate count half; never 0 or 1, whose quantiles are infinite.
    let share = (f64::midpoint(below, not_above) / n).clamp(0.5 / n, 1.0 - 0.5 / n);
    let bias = quantile(share);
    let (cubes, squares) =
        influences.iter().fold((0.0, 0.0), |(cubes, squares), u| (cubes + u * u * u, squares + u * u));
    let acceleration = if squares > 0.0 { cubes / (6.0 * squares * squares.sqrt()) } else { 0.0 };
    tails.map(|tail| {
        let z = bias + quantile(tail);
        let divisor = 1.0 - acceleration * z;
        if divisor <= 0.0 { tail } else { cumulative(bias + z / divisor) }
    })
}

/// The figure below which this share of sorted figures lies, between neighbours in proportion.
fn at(sorted: &[f64], share: f64) -> f64 {
    let place = (share * (sorted.len() as f64 + 1.0) - 1.0).clamp(0.0, sorted.len() as f64 - 1.0);
    let (low, part) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + part * (sorted[high] - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_engine::seed::{Purpose, Streams};
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn streams() -> PurposeStreams {
        Streams::new(3, "s", 0).of(Purpose("test"))
    }

    #[test]
    fn every_resample_holds_as_many_items_as_there_are() {
        let resamples = Resamples::draw(40, 300, &streams());
        assert_eq!(resamples.len(), 300);
        assert!(resamples.sums(std::iter::repeat_n(1.0, 40)).iter().all(|sum| (sum - 40.0).abs() < 1e-12));
        let mean = resamples.counts(7).iter().sum::<f64>() / 300.0;
        assert!((mean - 1.0).abs() < 4.0 / 300_f64.sqrt(), "{mean}");
        assert!(Resamples::draw(0, 5, &streams()).sums(std::iter::empty()).iter().all(|sum| *sum == 0.0));
    }

    #[test]
    fn intervals_of_means_cover_the_true_mean_about_as_often_as_they_say() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let resamples = Resamples::draw(100, 999, &streams());
        for method in [Method::Percentile, Method::Bca] {
            let covered = (0..400)
                .filter(|_| {
                    // Skewed: squares of uniform numbers, mean 1/3.
                    let figures: Vec<f64> = (0..100).map(|_| rng.random::<f64>().powi(2)).collect();
                    let mean = figures.iter().sum::<f64>() / 100.0;
                    let influences: Vec<f64> = figures.iter().map(|figure| (figure - mean) / 100.0).collect();
                    let figures = resamples.sums(figures.iter().map(|figure| figure / 100.0));
                    let drawn = Drawn { estimate: mean, figures, influences: &influences, stretch: 1.0 };
                    let (lower, upper) = drawn.interval(method).expect("an interval");
                    (lower..=upper).contains(&(1.0 / 3.0))
                })
                .count();
            assert!((368..=393).contains(&covered), "{method:?}: {covered} of 400");
        }
    }

    #[test]
    fn intervals_over_few_items_are_spread_as_wide_as_students_t() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let resamples = Resamples::draw(10, 999, &streams());
        let (mut covered, mut wide, mut plain) = (0, 0.0, 0.0);
        for _ in 0..1000 {
            let figures: Vec<f64> = (0..10).map(|_| (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0).collect();
            let mean = figures.iter().sum::<f64>() / 10.0;
            let influences: Vec<f64> = figures.iter().map(|figure| (figure - mean) / 10.0).collect();
            let variance = figures.iter().map(|figure| (figure - mean).powi(2)).sum::<f64>() / 9.0;
            let figures = resamples.sums(figures.iter().map(|figure| figure / 10.0));
            let drawn = Drawn { estimate: mean, figures, influences: &influences, stretch: 1.0 };
            let (lower, upper) = drawn.interval(Method::Percentile).expect("an interval");
            covered += u32::from((lower..=upper).contains(&0.0));
            wide += (upper - lower) / 2.0;
            // Student's t with 9 degrees of freedom.
            plain += 2.262 * (variance / 10.0).sqrt();
        }
        assert!((935..=965).contains(&covered), "{covered} of 1000");
        assert!((wide / plain - 1.0).abs() < 0.06, "{}", wide / plain);
    }

    #[test]
    fn what_does_not_vary_has_no_interval() {
        let drawn = |figures: Vec<f64>| Drawn { estimate: 1.0, figures, influences: &[0.0], stretch: 1.0 };
        assert_eq!(drawn(vec![1.0; 50]).interval(Method::Bca), None);
        let mut undefined = vec![f64::NAN; 10];
        undefined.extend((0..40).map(f64::from));
        assert_eq!(drawn(undefined).interval(Method::Percentile), None);
    }
}
