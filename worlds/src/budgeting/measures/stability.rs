//! How alike the ballots are that one agent casts.

use std::collections::BTreeMap;

use super::super::exact::{Exact, fraction};
use super::super::instance::ProjectIndex;

/// Mean over all pairs of ballots of their Jaccard index |A ∩ B| / |A ∪ B| (Jaccard 1912), from 0, no two share a
/// project, to 1, all are equal. Two empty ballots are equal. `None` for fewer than two ballots.
pub fn mean_jaccard<'a>(ballots: impl IntoIterator<Item = &'a [ProjectIndex]>) -> Option<Exact> {
    let mut groups: BTreeMap<Vec<u64>, u64> = BTreeMap::new();
    for ballot in ballots {
        *groups.entry(bits(ballot)).or_default() += 1;
    }
    let groups: Vec<(Vec<u64>, u64)> = groups.into_iter().collect();
    let all = u128::from(groups.iter().map(|(_, number)| number).sum::<u64>());
    // How many pairs have which sizes of intersection and union: few sizes, so that few fractions are added.
    let mut pairs: BTreeMap<(u32, u32), u128> = BTreeMap::new();
    for (place, (one, number)) in groups.iter().enumerate() {
        let number = u128::from(*number);
        *pairs.entry((1, 1)).or_default() += number * (number - 1) / 2;
        for (other, more) in &groups[..place] {
            *pairs.entry(sizes(one, other)).or_default() += number * u128::from(*more);
        }
    }
    let sum: Exact =
        pairs.into_iter().filter_map(|((shared, either), number)| fraction(number * u128::from(shared), either)).sum();
    Some(sum * fraction(2, all.checked_mul(all.checked_sub(1)?)?)?)
}

/// One bit for each project, without zeros behind the last: equal ballots have equal bits.
fn bits(ballot: &[ProjectIndex]) -> Vec<u64> {
    let mut words = vec![0; ballot.iter().max().map_or(0, |last| last / 64 + 1)];
    for project in ballot {
        words[project / 64] |= 1 << (project % 64);
    }
    words
}

fn sizes(one: &[u64], other: &[u64]) -> (u32, u32) {
    let ones = |words: &[u64]| words.iter().map(|word| word.count_ones()).sum::<u32>();
    let shared = one.iter().zip(other).map(|(one, other)| (one & other).count_ones()).sum::<u32>();
    (shared, ones(one) + ones(other) - shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(ballots: &[Vec<usize>]) -> Option<Exact> {
        mean_jaccard(ballots.iter().map(Vec::as_slice))
    }

    #[test]
    fn ballots_are_as_alike_as_worked_out_by_hand() {
        for (ballots, expected) in [
            (vec![vec![0, 1], vec![1, 0]], Some((1, 1))),
            (vec![vec![0, 1], vec![1, 2]], Some((1, 3))),
            (vec![vec![0, 70], vec![70], vec![0]], Some((1, 3))),
            (vec![vec![0], vec![0], vec![1]], Some((1, 3))),
            (vec![vec![], vec![]], Some((1, 1))),
            (vec![vec![], vec![3]], Some((0, 1))),
            (vec![vec![0]], None),
            (vec![], None),
        ] {
            let expected = expected.and_then(|(above, below)| fraction(above, below));
            assert_eq!(of(&ballots), expected, "{ballots:?}");
        }
    }

    proptest! {
        #[test]
        fn grouping_equal_ballots_changes_nothing(
            ballots in proptest::collection::vec(proptest::sample::subsequence(vec![0_usize, 1, 2, 3], 0..=4), 2..9),
        ) {
            let mut sum = Exact::default();
            for (place, one) in ballots.iter().enumerate() {
                for other in &ballots[..place] {
                    let shared = one.iter().filter(|project| other.contains(project)).count();
                    let either = one.len() + other.len() - shared;
                    sum += if either == 0 { fraction(1, 1) } else { fraction(shared, either) }.expect("a denominator");
                }
            }
            let pairs = ballots.len() * (ballots.len() - 1) / 2;
            prop_assert_eq!(of(&ballots), fraction(1, pairs).map(|share| share * sum));
        }
    }
}
