//! The share of people whom models reach on the plane, in three reconstructions.
//!
//! Community Alignment reports that 41 % of human preferences are reached, "taking the minimum of the two axes". The
//! exact formula is not published. What is computed here are three reconstructions with names of their own; none is to be
//! labelled as the paper's measure.

use super::Mean;

/// What goes beside every figure of this file.
pub const NOTE: &str = "a reconstruction: the published description does not fix a formula";

/// Scores of a person or a model on both axes, each 0 to 1.
pub type Position = [f64; 2];

/// Which range of a group of models counts as reached, on one axis.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Range {
    /// From the lowest to the highest model. It only widens with more models.
    #[default]
    Full,
    /// From the 2.5 % to the 97.5 % quantile of the models (linear interpolation of order statistics).
    Central95,
}

/// Share of people in the models' range, axis by axis, and its two combinations.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct InRange {
    /// A_a: share of people within the models' range on each axis.
    pub axes: [f64; 2],
    /// `min_of_axes`: the smaller of the two.
    pub min_of_axes: f64,
    /// `both_axes`: share of people within both ranges at once, at most the former.
    pub both_axes: f64,
}

/// The first two reconstructions; `None` without people or models or with scores that are no numbers.
pub fn in_range(people: &[Position], models: &[Position], range: Range) -> Option<InRange> {
    if people.iter().chain(models).flatten().any(|score| !score.is_finite()) {
        return None;
    }
    let ranges = [bounds(models, 0, range)?, bounds(models, 1, range)?];
    let within = |person: &Position, axis: usize| (ranges[axis].0..=ranges[axis].1).contains(&person[axis]);
    let share =
        |holds: &dyn Fn(&Position) -> bool| Mean::of(people.iter().map(|p| f64::from(u8::from(holds(p))))).value;
    let axes = [share(&|person| within(person, 0))?, share(&|person| within(person, 1))?];
    let both_axes = share(&|person| within(person, 0) && within(person, 1))?;
    Some(InRange { axes, min_of_axes: axes[0].min(axes[1]), both_axes })
}

/// `overlap`: the third reconstruction, the overlap coefficient Σ min(p_h, p_m) of people and models on a histogram of
/// `bins` × `bins` equal cells of the unit square, 0 to 1 (Inman & Bradley 1989). Few models or fine bins make it too
/// small: 21 models cannot overlap with more than 21 cells. `None` without people, models or bins, or with scores outside
/// 0 to 1.
pub fn overlap(people: &[Position], models: &[Position], bins: usize) -> Option<f64> {
    let (people, models) = (histogram(people, bins)?, histogram(models, bins)?);
    Some(people.iter().zip(&models).map(|(a, b)| a.min(*b)).sum::<f64>().clamp(0.0, 1.0))
}

fn bounds(models: &[Position], axis: usize, range: Range) -> Option<(f64, f64)> {
    let mut scores: Vec<f64> = models.iter().map(|model| model[axis]).collect();
    scores.sort_by(f64::total_cmp);
    let (first, last) = (*scores.first()?, *scores.last()?);
    Some(match range {
        Range::Full => (first, last),
        Range::Central95 => (quantile(&scores, 0.025), quantile(&scores, 0.975)),
    })
}

/// Quantile of sorted, non-empty values by linear interpolation (type 7 of Hyndman & Fan 1996).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = libm::floor(place);
    let (low, high) = (sorted[below as usize], sorted[(below as usize + 1).min(sorted.len() - 1)]);
    low + (place - below) * (high - low)
}

fn histogram(positions: &[Position], bins: usize) -> Option<Vec<f64>> {
    if positions.is_empty() || bins == 0 {
        return None;
    }
    let mut cells = vec![0_u64; bins * bins];
    for position in positions {
        if position.iter().any(|score| !(0.0..=1.0).contains(score)) {
            return None;
        }
        let bin = |score: f64| ((score * bins as f64) as usize).min(bins - 1);
        cells[bin(position[0]) * bins + bin(position[1])] += 1;
    }
    Some(cells.into_iter().map(|count| count as f64 / positions.len() as f64).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn people_are_counted_in_the_ranges_worked_out_by_hand() {
        let models = [[0.5, 0.4], [0.9, 0.8]];
        let people = [[0.5, 0.4], [0.7, 0.9], [0.4, 0.5], [0.8, 0.6]];
        let found = in_range(&people, &models, Range::Full).expect("people and models");
        assert_eq!((found.axes, found.min_of_axes, found.both_axes), ([0.75, 0.75], 0.75, 0.5));
        assert_eq!(overlap(&people, &models, 2), Some(0.75));
        assert_eq!((in_range(&[], &models, Range::Full), in_range(&people, &[], Range::Full)), (None, None));
        assert_eq!((overlap(&people, &models, 0), overlap(&[[1.5, 0.0]], &models, 2)), (None, None));
    }

    #[test]
    fn a_known_share_of_people_is_recovered() {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let people: Vec<Position> = (0..100_000).map(|_| [rng.random(), rng.random()]).collect();
        let models: Vec<Position> =
            (0..20_001).map(|step| 0.6 + 0.3 * f64::from(step) / 20_000.0).map(|score| [score, score]).collect();
        let full = in_range(&people, &models, Range::Full).expect("people and models");
        assert!((full.min_of_axes - 0.3).abs() < 0.01 && (full.both_axes - 0.09).abs() < 0.005, "{full:?}");
        let central = in_range(&people, &models, Range::Central95).expect("people and models");
        assert!((central.min_of_axes - 0.285).abs() < 0.01, "{central:?}");
    }

    proptest! {
        #[test]
        fn rates_are_ordered_and_whole_for_models_like_the_people(
            people in prop::collection::vec((0.0_f64..=1.0, 0.0_f64..=1.0), 1..20),
            models in prop::collection::vec((0.0_f64..=1.0, 0.0_f64..=1.0), 1..20),
            bins in 1_usize..6,
        ) {
            let people: Vec<Position> = people.into_iter().map(|(a, b)| [a, b]).collect();
            let models: Vec<Position> = models.into_iter().map(|(a, b)| [a, b]).collect();
            for range in [Range::Full, Range::Central95] {
                let found = in_range(&people, &models, range).expect("both");
                prop_assert!(0.0 <= found.both_axes && found.both_axes <= found.min_of_axes && found.min_of_axes <= 1.0);
            }
            let same = in_range(&people, &people, Range::Full).expect("both");
            prop_assert!(same.both_axes >= 1.0);
            let shared = overlap(&people, &models, bins).expect("both");
            prop_assert!((0.0..=1.0).contains(&shared));
            prop_assert_eq!(Some(shared), overlap(&models, &people, bins));
            prop_assert!((overlap(&people, &people, bins).expect("both") - 1.0).abs() < 1e-12);
        }
    }
}
