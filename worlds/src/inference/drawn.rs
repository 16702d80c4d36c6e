//! Measures on items drawn again: computed anew on every resample, all resamples side by side.

use super::resample::Resamples;
use crate::survey::measures::diversity::minimum_spanning_tree;

/// Sums of squares by item: what a distance is made of.
#[derive(Clone, PartialEq, Debug)]
pub struct Squares {
    /// (x − y)² by item; 0 where it does not count.
    pub squared: Vec<f64>,
    /// Δ² by item; 0 where it does not count.
    pub maximum: Vec<f64>,
}

/// Figures by resample; NaN where they are undefined.
pub type Figures = Vec<f64>;

/// The mean over items of a figure of each, where it is defined.
pub fn mean(figures: &[Option<f64>], resamples: &Resamples) -> Figures {
    let sums = resamples.sums(figures.iter().map(|figure| figure.unwrap_or(0.0)));
    let defined = resamples.sums(figures.iter().map(|figure| f64::from(u8::from(figure.is_some()))));
    divided(&sums, &defined)
}

/// Σ part / Σ whole.
pub fn ratio(part: &[f64], whole: &[f64], resamples: &Resamples) -> Figures {
    divided(&resamples.sums(part.iter().copied()), &resamples.sums(whole.iter().copied()))
}

fn divided(part: &[f64], whole: &[f64]) -> Figures {
    // 0/0 is NaN: undefined.
    part.iter().zip(whole).map(|(part, whole)| part / whole).collect()
}

/// 100·√Σ(x − y)² / √ΣΔ² of each of these.
pub fn distances(of: &[Squares], resamples: &Resamples) -> Vec<Figures> {
    let Some(first) = of.first() else {
        return Vec::new();
    };
    // Most distances count every item: what they can be at most is summed once, and what is missing taken away.
    let items = first.maximum.len();
    let most: Vec<f64> =
        (0..items).map(|item| of.iter().map(|squares| squares.maximum[item]).fold(0.0, f64::max)).collect();
    let of_most = resamples.sums(most.iter().copied());
    let distance = |squares: &Squares| {
        let squared = resamples.sums(squares.squared.iter().copied());
        let mut maximum = of_most.clone();
        resamples.add(&mut maximum, squares.maximum.iter().zip(&most).map(|(own, most)| own - most));
        let percent = |(squared, maximum): (&f64, &f64)| {
            if *maximum > 0.0 { squared.sqrt() / maximum.sqrt() * 100.0 } else { f64::NAN }
        };
        squared.iter().zip(&maximum).map(percent).collect()
    };
    of.iter().map(distance).collect()
}

/// The mean of distances, each figure over those that are defined.
pub fn mean_distance(distances: &[Figures], resamples: usize) -> Figures {
    let (mut sums, mut counts) = (vec![0.0; resamples], vec![0.0; resamples]);
    for figures in distances {
        for ((sum, count), figure) in sums.iter_mut().zip(&mut counts).zip(figures) {
            if !figure.is_nan() {
                *sum += figure;
                *count += 1.0;
            }
        }
    }
    divided(&sums, &counts)
}

/// A figure of the minimum spanning tree over `nodes`, from the distances of all pairs in order.
pub fn of_trees(
    nodes: usize,
    pairs: &[Figures],
    resamples: usize,
    figure: impl Fn(&[crate::survey::measures::diversity::Edge]) -> Option<f64>,
) -> Figures {
    (0..resamples)
        .map(|resample| {
            let length = |a: usize, b: usize| Some(pairs[place_of_pair(a, b, nodes)][resample]).filter(|l| !l.is_nan());
            minimum_spanning_tree(nodes, length).and_then(|edges| figure(&edges)).unwrap_or(f64::NAN)
        })
        .collect()
}

/// Place of a pair a < b in the list (0,1), (0,2), …, (1,2), … of the pairs of `nodes`.
fn place_of_pair(a: usize, b: usize, nodes: usize) -> usize {
    a * nodes - a * (a + 1) / 2 + b - a - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_engine::seed::{Purpose, Streams};

    fn resamples(items: usize) -> Resamples {
        Resamples::draw(items, 50, &Streams::new(5, "s", 0).of(Purpose("test")))
    }

    fn near(found: &[f64], expected: impl Fn(&dyn Fn(usize) -> f64) -> f64, resamples: &Resamples) {
        for (resample, found) in found.iter().enumerate() {
            let expected = expected(&|item| resamples.counts(item)[resample]);
            assert!((found - expected).abs() < 1e-9 || found.is_nan() && expected.is_nan(), "{found} {expected}");
        }
    }

    #[test]
    fn pairs_are_numbered_in_order() {
        let pairs: Vec<(usize, usize)> = (0..6).flat_map(|a| (a + 1..6).map(move |b| (a, b))).collect();
        for (place, &(a, b)) in pairs.iter().enumerate() {
            assert_eq!(place_of_pair(a, b, 6), place);
        }
    }

    #[test]
    fn figures_are_those_of_items_counted_as_often_as_they_were_drawn() {
        let resamples = resamples(4);
        let figures = [Some(1.0), None, Some(4.0), Some(-2.0)];
        near(&mean(&figures, &resamples), |w| (w(0) + 4.0 * w(2) - 2.0 * w(3)) / (w(0) + w(2) + w(3)), &resamples);
        near(
            &ratio(&[1.0, 0.0, 2.0, 0.0], &[2.0, 3.0, 2.0, 0.0], &resamples),
            |w| (w(0) + 2.0 * w(2)) / (2.0 * w(0) + 3.0 * w(1) + 2.0 * w(2)),
            &resamples,
        );
        let squares =
            |squared: [f64; 4], maximum: [f64; 4]| Squares { squared: squared.to_vec(), maximum: maximum.to_vec() };
        let of = [
            squares([4.0, 1.0, 0.0, 9.0], [16.0, 9.0, 1.0, 9.0]),
            squares([1.0, 0.0, 1.0, 0.0], [16.0, 0.0, 1.0, 9.0]),
        ];
        let found = distances(&of, &resamples);
        let one = |w: &dyn Fn(usize) -> f64| {
            100.0 * ((4.0 * w(0) + w(1) + 9.0 * w(3)) / (16.0 * w(0) + 9.0 * w(1) + w(2) + 9.0 * w(3))).sqrt()
        };
        let other = |w: &dyn Fn(usize) -> f64| 100.0 * ((w(0) + w(2)) / (16.0 * w(0) + w(2) + 9.0 * w(3))).sqrt();
        near(&found[0], one, &resamples);
        near(&found[1], other, &resamples);
        near(
            &mean_distance(&found, 50),
            |w| if other(w).is_nan() { one(w) } else { f64::midpoint(one(w), other(w)) },
            &resamples,
        );
    }
}
