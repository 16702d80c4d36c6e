//! Every subset of cultures: how diverse a system is whichever cultures are in it (arXiv 2606.05985, section 5.3).

use pluriverse_worlds::inference::drawn::{self, Figures, Squares};
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::survey::Survey;
use pluriverse_worlds::survey::measures::diversity::Mean;
use serde::Serialize;

use super::landscape::middle;
use super::scaled::Row;

/// More cultures than this have too many subsets to go through.
pub const MOST_CULTURES: usize = 24;

/// The quantiles that are told, in percent.
pub const QUANTILES: [u8; 5] = [5, 25, 50, 75, 95];

/// Diversity_P over all subsets of one size.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OfSize {
    /// How many cultures.
    pub cultures: usize,
    /// How many subsets.
    pub subsets: u64,
    /// The smallest Diversity_P, in percent.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation over subsets.
    pub deviation: f64,
    /// The [`QUANTILES`], between neighbours in proportion.
    pub quantiles: [f64; 5],
    /// The subset of the smallest, places of cultures; of equals the first.
    pub least: Vec<u8>,
    /// The subset of the largest.
    pub most: Vec<u8>,
    /// The 95 % interval, over items, of the largest less the humans' largest; see [`gap_interval`].
    pub gap_interval: Option<(f64, f64)>,
}

/// All subsets of two cultures and more, by size. `distances` are those of each two cultures, row by row, symmetric.
///
/// 2^C subsets in time and memory: a sum is kept for each.
pub fn compositions(distances: &[f64], cultures: usize) -> Vec<OfSize> {
    assert!(cultures <= MOST_CULTURES && distances.len() == cultures * cultures);
    let mut found: Vec<Gathered> = (0..=cultures).map(|size| Gathered::new(choose(cultures, size))).collect();
    let mut walk = Walk { distances, cultures, found: &mut found };
    walk.below(0, 0, 0, 0.0, &vec![0.0; cultures]);
    found.into_iter().enumerate().skip(2).map(|(size, gathered)| gathered.told(size)).collect()
}

fn choose(n: usize, k: usize) -> usize {
    (0..k).fold(1, |product, step| product * (n - step) / (step + 1))
}

/// Subsets of one size as they are met.
struct Gathered {
    values: Vec<f64>,
    least: (f64, u32),
    most: (f64, u32),
}

impl Gathered {
    fn new(subsets: usize) -> Self {
        Self { values: Vec::with_capacity(subsets), least: (f64::INFINITY, 0), most: (f64::NEG_INFINITY, 0) }
    }

    fn told(mut self, size: usize) -> OfSize {
        let n = self.values.len() as f64;
        let mean = self.values.iter().sum::<f64>() / n;
        let squares = self.values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        let quantiles = QUANTILES.map(|percent| quantile(&mut self.values, f64::from(percent) / 100.0));
        let members = |set: u32| (0..32).filter(|place| set & (1 << place) != 0).collect();
        OfSize {
            cultures: size,
            subsets: self.values.len() as u64,
            min: self.least.0,
            max: self.most.0,
            mean,
            deviation: (squares / n).sqrt(),
            quantiles,
            least: members(self.least.1),
            most: members(self.most.1),
            gap_interval: None,
        }
    }
}

/// The value below which this share lies, between neighbours in proportion.
fn quantile(values: &mut [f64], share: f64) -> f64 {
    let place = share * (values.len() - 1) as f64;
    let low = place.floor() as usize;
    let (_, &mut at, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let next = above.iter().copied().fold(f64::INFINITY, f64::min);
    if place.fract() > 0.0 { at + place.fract() * (next - at) } else { at }
}

struct Walk<'a> {
    distances: &'a [f64],
    cultures: usize,
    found: &'a mut [Gathered],
}

impl Walk<'_> {
    /// Goes through the subsets that hold `set` and otherwise only cultures from `next` on, those with `next` first: subsets of
    /// one size come in the order of their members. `to` are the sums of each culture's distances to the set.
    fn below(&mut self, next: usize, set: u32, size: usize, sum: f64, to: &[f64]) {
        if next == self.cultures {
            return;
        }
        let with = sum + to[next];
        let own = &self.distances[next * self.cultures..][..self.cultures];
        let mut closer = [0.0; MOST_CULTURES];
        for ((closer, to), own) in closer.iter_mut().zip(to).zip(own).skip(next + 1) {
            *closer = to + own;
        }
        self.take(set | (1 << next), size + 1, with);
        self.below(next + 1, set | (1 << next), size + 1, with, &closer[..self.cultures]);
        self.below(next + 1, set, size, sum, to);
    }

    fn take(&mut self, set: u32, size: usize, sum: f64) {
        if size < 2 {
            return;
        }
        let value = sum / (size * (size - 1) / 2) as f64;
        let gathered = &mut self.found[size];
        gathered.values.push(value);
        if value < gathered.least.0 {
            gathered.least = (value, set);
        }
        if value > gathered.most.0 {
            gathered.most = (value, set);
        }
    }
}

/// Distances of each two of these rows on resampled items: by pair (a, b), a before b, a figure a resample.
pub fn resampled_distances(rows: &[Row], survey: &Survey, resamples: &Resamples) -> Vec<Figures> {
    let pair = |a: &Row, b: &Row| {
        let (mut squared, mut maximum) = (vec![0.0; survey.len()], vec![0.0; survey.len()]);
        for (item, (a, b)) in a.iter().zip(b).enumerate() {
            if let (Some(a), Some(b)) = (a, b) {
                squared[item] = (a - b) * (a - b);
                maximum[item] = f64::from(survey.items[item].span()).powi(2);
            }
        }
        Squares { squared, maximum }
    };
    let squares: Vec<Squares> = (0..rows.len())
        .flat_map(|a| (a + 1..rows.len()).map(move |b| (a, b)))
        .map(|(a, b)| pair(&rows[a], &rows[b]))
        .collect();
    drawn::distances(&squares, resamples)
}

/// The 95 % interval of the difference between a system's Diversity_P over its subset and the humans' over theirs, from
/// [`resampled_distances`] of `cultures` rows each; the subsets are held as they were found. `None` where a distance is
/// undefined on a resample.
pub fn gap_interval(
    (system, subset): (&[Figures], &[u8]),
    (humans, human_subset): (&[Figures], &[u8]),
    cultures: usize,
) -> Option<(f64, f64)> {
    let place = |a: usize, b: usize| a * (2 * cultures - a - 1) / 2 + b - a - 1;
    let mean = |distances: &[Figures], subset: &[u8], draw: usize| {
        let pairs = subset.iter().enumerate().flat_map(|(first, &a)| subset[first + 1..].iter().map(move |&b| (a, b)));
        let lengths = pairs.map(|(a, b)| distances[place(a.into(), b.into())][draw]);
        Mean::of(lengths).value.filter(|mean| !mean.is_nan())
    };
    let draws = system.first().map_or(0, Vec::len);
    let difference = |draw| Some(mean(system, subset, draw)? - mean(humans, human_subset, draw)?);
    middle((0..draws).map(difference).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_gap_is_that_of_the_pairs_within_each_subset() {
        // Every pair of four has a length of its own; a resample scales it.
        let distances = |base: f64| -> Vec<Figures> {
            let pairs = (0..4_u8).flat_map(|a| (a + 1..4).map(move |b| base + f64::from(10 * a + b)));
            pairs.map(|length| (0..200).map(|draw| length * f64::from(draw)).collect()).collect()
        };
        let (system, humans) = (distances(100.0), distances(0.0));
        let of_system = (113.0 + 123.0 + 112.0) / 3.0;
        let (lower, upper) = gap_interval((&system, &[1, 2, 3]), (&humans, &[0, 2]), 4).expect("an interval");
        // 0.025 and 0.975 of the way from resample 0 to resample 199.
        assert!((lower - 5.0 * (of_system - 2.0)).abs() < 1e-9, "{lower}");
        assert!((upper - 194.0 * (of_system - 2.0)).abs() < 1e-9, "{upper}");
    }

    proptest! {
        #[test]
        fn every_subset_is_met_once_and_its_figure_is_the_mean_over_its_pairs(
            points in prop::collection::vec(0_u8..50, 2..9)
        ) {
            let c = points.len();
            let distance = |a: usize, b: usize| f64::from(points[a].abs_diff(points[b]));
            let distances: Vec<f64> = (0..c * c).map(|place| distance(place / c, place % c)).collect();
            let found = compositions(&distances, c);
            prop_assert_eq!(found.iter().map(|of| of.subsets).sum::<u64>(), (1 << c) - 1 - c as u64);
            for of in &found {
                let mut values: Vec<f64> = (0_u32..1 << c)
                    .filter(|set| set.count_ones() as usize == of.cultures)
                    .map(|set| {
                        let members: Vec<usize> = (0..c).filter(|place| set & (1 << place) != 0).collect();
                        let pairs = members.iter().flat_map(|&a| members.iter().filter(move |&&b| b > a).map(move |&b| (a, b)));
                        let lengths: Vec<f64> = pairs.map(|(a, b)| distance(a, b)).collect();
                        lengths.iter().sum::<f64>() / lengths.len() as f64
                    })
                    .collect();
                values.sort_by(f64::total_cmp);
                prop_assert!((of.min - values[0]).abs() < 1e-9 && (of.max - values[values.len() - 1]).abs() < 1e-9);
                prop_assert!((of.mean - values.iter().sum::<f64>() / values.len() as f64).abs() < 1e-9);
                let middle = 0.5 * (values.len() - 1) as f64;
                let (low, high) = (values[middle.floor() as usize], values[middle.ceil() as usize]);
                prop_assert!((of.quantiles[2] - f64::midpoint(low, high)).abs() < 1e-9);
            }
        }
    }
}
