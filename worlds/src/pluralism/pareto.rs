//! Several objectives at once: the Pareto front, and the hypervolume it dominates.

/// Which way an objective is better.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// More is better.
    Maximise,
    /// Less is better.
    Minimise,
}

impl Direction {
    const fn oriented(self, value: f64) -> f64 {
        match self {
            Self::Maximise => value,
            Self::Minimise => -value,
        }
    }
}

/// Objectives that do not fit together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParetoFault {
    /// Nothing to be good at.
    #[error("there are no objectives")]
    NoObjectives,
    /// A point with another number of objectives.
    #[error("point {point} has {found} objectives, not {expected}")]
    Objectives {
        /// Its place, from 1; 0 is the reference point.
        point: usize,
        /// How many it has.
        found: usize,
        /// How many there are.
        expected: usize,
    },
    /// A value that is no number.
    #[error("an objective of point {0} is not a finite number")]
    NotFinite(usize),
}

/// The points nobody beats.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Front {
    /// Places of the points no other dominates, in order. Equal points are all there.
    pub members: Vec<usize>,
    /// Places of the points with a missing objective: neither in front nor behind.
    pub unplaced: Vec<usize>,
}

/// The Pareto front: a point dominates another where it is at least as good in every objective and better in one.
pub fn front(points: &[Vec<Option<f64>>], directions: &[Direction]) -> Result<Front, ParetoFault> {
    if directions.is_empty() {
        return Err(ParetoFault::NoObjectives);
    }
    let mut found = Front::default();
    let mut placed: Vec<(usize, Vec<f64>)> = Vec::new();
    for (place, point) in points.iter().enumerate() {
        match point.iter().copied().collect::<Option<Vec<f64>>>() {
            Some(whole) => placed.push((place, oriented(place + 1, &whole, directions)?)),
            None if point.len() == directions.len() => found.unplaced.push(place),
            None => {
                let (found, expected) = (point.len(), directions.len());
                return Err(ParetoFault::Objectives { point: place + 1, found, expected });
            }
        }
    }
    // Best first: a later point never dominates an earlier one.
    placed.sort_by(|(a, left), (b, right)| descending(left, right).then(a.cmp(b)));
    let mut kept: Vec<&(usize, Vec<f64>)> = Vec::new();
    for one in &placed {
        // Of two objectives, the last kept point has the best second one.
        let rivals = if directions.len() == 2 { &kept[kept.len().saturating_sub(1)..] } else { &kept[..] };
        if !rivals.iter().any(|rival| dominates(&rival.1, &one.1)) {
            kept.push(one);
        }
    }
    found.members = kept.into_iter().map(|(place, _)| *place).collect();
    found.members.sort_unstable();
    Ok(found)
}

/// The volume that points dominate above a reference point, exactly, in the product of the objectives' units (Zitzler &
/// Thiele 1998; by slicing objectives, While et al. 2006). Points that are not better than the reference in every
/// objective add nothing. Declare the reference before looking: the figure depends on it. Cost grows as the number of
/// points to the power of the number of objectives less 1.
pub fn hypervolume(points: &[Vec<f64>], reference: &[f64], directions: &[Direction]) -> Result<f64, ParetoFault> {
    if directions.is_empty() {
        return Err(ParetoFault::NoObjectives);
    }
    let origin = oriented(0, reference, directions)?;
    let mut gains: Vec<Vec<f64>> = Vec::with_capacity(points.len());
    for (place, point) in points.iter().enumerate() {
        let point = oriented(place + 1, point, directions)?;
        let gain: Vec<f64> = point.iter().zip(&origin).map(|(value, from)| value - from).collect();
        if gain.iter().all(|gain| *gain > 0.0) {
            gains.push(gain);
        }
    }
    Ok(volume(gains, directions.len()))
}

/// Of gains above 0 in their first `objectives`.
fn volume(mut gains: Vec<Vec<f64>>, objectives: usize) -> f64 {
    let last = objectives - 1;
    gains.sort_by(|a, b| descending(&a[last..=last], &b[last..=last]));
    match objectives {
        1 => gains.first().map_or(0.0, |best| best[0]),
        2 => {
            let (mut area, mut widest) = (0.0, 0.0);
            // From the best second objective down, each point adds what is wider.
            for gain in &gains {
                if gain[0] > widest {
                    area += (gain[0] - widest) * gain[1];
                    widest = gain[0];
                }
            }
            area
        }
        _ => {
            let mut sum = 0.0;
            for upto in 1..=gains.len() {
                let depth = gains[upto - 1][last] - gains.get(upto).map_or(0.0, |next| next[last]);
                if depth > 0.0 {
                    sum += depth * volume(undominated(&gains[..upto], last), last);
                }
            }
            sum
        }
    }
}

/// Those no other dominates in their first `objectives`; one of equals.
fn undominated(gains: &[Vec<f64>], objectives: usize) -> Vec<Vec<f64>> {
    let mut sorted: Vec<&[f64]> = gains.iter().map(|gain| &gain[..objectives]).collect();
    sorted.sort_by(|a, b| descending(a, b));
    let mut kept: Vec<Vec<f64>> = Vec::new();
    for one in sorted {
        if !kept.iter().any(|rival| rival.iter().zip(one).all(|(rival, value)| rival >= value)) {
            kept.push(one.to_vec());
        }
    }
    kept
}

fn oriented(point: usize, values: &[f64], directions: &[Direction]) -> Result<Vec<f64>, ParetoFault> {
    if values.len() != directions.len() {
        return Err(ParetoFault::Objectives { point, found: values.len(), expected: directions.len() });
    }
    if values.iter().any(|value| !value.is_finite()) {
        return Err(ParetoFault::NotFinite(point));
    }
    Ok(values.iter().zip(directions).map(|(&value, direction)| direction.oriented(value)).collect())
}

fn dominates(one: &[f64], other: &[f64]) -> bool {
    one.iter().zip(other).all(|(one, other)| one >= other) && one != other
}

fn descending(left: &[f64], right: &[f64]) -> std::cmp::Ordering {
    let orders = left.iter().zip(right).map(|(left, right)| right.total_cmp(left));
    orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
}

#[cfg(test)]
mod tests {
    use super::Direction::{Maximise, Minimise};
    use super::*;
    use proptest::prelude::*;

    fn whole(points: &[Vec<f64>]) -> Vec<Vec<Option<f64>>> {
        points.iter().map(|point| point.iter().copied().map(Some).collect()).collect()
    }

    #[test]
    fn the_front_keeps_equals_and_sets_gaps_apart() {
        let points = vec![
            vec![Some(1.0), Some(5.0)],
            vec![Some(2.0), Some(4.0)],
            vec![Some(2.0), Some(4.0)],
            vec![Some(1.0), Some(6.0)],
            vec![None, Some(0.0)],
            vec![Some(0.5), Some(4.0)],
        ];
        let found = front(&points, &[Maximise, Minimise]).expect("objectives");
        assert_eq!((found.members, found.unplaced), (vec![1, 2], vec![4]));
        let found = front(&points, &[Maximise, Maximise]).expect("objectives");
        assert_eq!(found.members, [1, 2, 3]);
    }

    #[test]
    fn volumes_are_those_worked_out_by_hand() {
        let two = vec![vec![3.0, 1.0], vec![1.0, 3.0], vec![2.0, 2.0], vec![0.5, 0.5], vec![-1.0, 9.0]];
        assert_eq!(hypervolume(&two, &[0.0, 0.0], &[Maximise; 2]), Ok(6.0));
        assert_eq!(hypervolume(&[vec![1.0, 2.0]], &[4.0, 4.0], &[Minimise; 2]), Ok(6.0));
        let three = vec![vec![2.0, 1.0, 1.0], vec![1.0, 2.0, 1.0], vec![1.0, 1.0, 2.0]];
        assert_eq!(hypervolume(&three, &[0.0; 3], &[Maximise; 3]), Ok(4.0));
        assert_eq!(hypervolume(&[], &[0.0; 3], &[Maximise; 3]), Ok(0.0));
        assert_eq!(hypervolume(&[vec![2.0], vec![3.0]], &[1.0], &[Maximise]), Ok(2.0));
    }

    #[test]
    fn odd_objectives_are_refused() {
        let objectives = |point, found| ParetoFault::Objectives { point, found, expected: 2 };
        assert_eq!(front(&[], &[]), Err(ParetoFault::NoObjectives));
        assert_eq!(front(&whole(&[vec![1.0]]), &[Maximise; 2]), Err(objectives(1, 1)));
        assert_eq!(front(&[vec![None]], &[Maximise; 2]), Err(objectives(1, 1)));
        assert_eq!(hypervolume(&[], &[0.0], &[Maximise; 2]), Err(objectives(0, 1)));
        assert_eq!(hypervolume(&[vec![f64::NAN, 1.0]], &[0.0; 2], &[Maximise; 2]), Err(ParetoFault::NotFinite(1)));
    }

    /// Σ over non-empty subsets of ±Π of the least gains.
    fn by_inclusion_and_exclusion(points: &[Vec<f64>], objectives: usize) -> f64 {
        (1_u32..1 << points.len())
            .map(|subset| {
                let chosen: Vec<&Vec<f64>> =
                    points.iter().enumerate().filter(|(place, _)| subset & (1 << place) != 0).map(|(_, p)| p).collect();
                let least = (0..objectives).map(|o| chosen.iter().map(|point| point[o]).fold(f64::INFINITY, f64::min));
                let volume: f64 = least.product();
                if chosen.len() % 2 == 1 { volume } else { -volume }
            })
            .sum()
    }

    fn points() -> impl Strategy<Value = (usize, Vec<Vec<f64>>)> {
        (2_usize..6).prop_flat_map(|objectives| {
            let value = prop_oneof![(1_u8..5).prop_map(f64::from), 0.1_f64..4.0];
            (Just(objectives), prop::collection::vec(prop::collection::vec(value, objectives), 1..8))
        })
    }

    proptest! {
        #[test]
        fn volume_is_that_of_inclusion_and_exclusion_and_of_the_front_alone((objectives, points) in points()) {
            let directions = vec![Maximise; objectives];
            let origin = vec![0.0; objectives];
            let found = hypervolume(&points, &origin, &directions).expect("objectives");
            let expected = by_inclusion_and_exclusion(&points, objectives);
            prop_assert!((found - expected).abs() < 1e-9 * (1.0 + expected), "{} {}", found, expected);
            let members = front(&whole(&points), &directions).expect("objectives").members;
            let best: Vec<Vec<f64>> = members.iter().map(|&place| points[place].clone()).collect();
            prop_assert!((hypervolume(&best, &origin, &directions).expect("objectives") - found).abs() < 1e-9 * (1.0 + found));
            // Turned round, the same.
            let turned: Vec<Vec<f64>> = points.iter().map(|point| point.iter().map(|value| -value).collect()).collect();
            let minimised = hypervolume(&turned, &origin, &vec![Minimise; objectives]).expect("objectives");
            prop_assert!((minimised - found).abs() < 1e-9 * (1.0 + found));
        }

        #[test]
        fn the_front_is_what_comparing_everybody_with_everybody_leaves((objectives, points) in points()) {
            let members = front(&whole(&points), &vec![Maximise; objectives]).expect("objectives").members;
            let expected: Vec<usize> = (0..points.len())
                .filter(|&place| !points.iter().any(|rival| dominates(rival, &points[place])))
                .collect();
            prop_assert_eq!(members, expected);
        }
    }
}
