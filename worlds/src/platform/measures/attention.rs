//! How unequally activity, votes and impressions are spread.

/// Gini coefficient Σ (2i − n − 1) x₍ᵢ₎ / (n Σ x) of counts in ascending order (Sen 1973), from 0, all the same, to
/// below 1. Those who have nothing count: give a 0 for each. 0 where nobody has anything; `None` where there is nobody.
pub fn gini(counts: &[u64]) -> Option<f64> {
    let mut counts = counts.to_vec();
    counts.sort_unstable();
    let n = counts.len() as i128;
    let total: i128 = counts.iter().map(|&count| i128::from(count)).sum();
    let above: i128 = (1..).zip(&counts).map(|(i, &count)| (2 * i - n - 1) * i128::from(count)).sum();
    match (n, total) {
        (0, _) => None,
        (_, 0) => Some(0.0),
        _ => Some(above as f64 / (n * total) as f64),
    }
}

/// Share of the `k` largest counts in their sum, from 0 to 1, and 1 where there are no more than `k`; `None` where the
/// sum is 0.
pub fn top_share(counts: &[u64], k: usize) -> Option<f64> {
    let mut counts = counts.to_vec();
    counts.sort_unstable_by(|one, other| other.cmp(one));
    let sum = |counts: &[u64]| counts.iter().map(|&count| u128::from(count)).sum::<u128>();
    let total = sum(&counts);
    (total > 0).then(|| sum(&counts[..k.min(counts.len())]) as f64 / total as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_are_as_unequal_as_worked_out_by_hand() {
        for (counts, expected) in [
            // Sorted 2, 3, 3: (−2·2 + 0·3 + 2·3) / (3·8).
            (&[3, 2, 3][..], Some(2.0 / 24.0)),
            // One of ten has everything: (10 − 1)·5 / (10·5).
            (&[0, 0, 0, 0, 0, 0, 0, 0, 0, 5], Some(0.9)),
            (&[7, 7, 7], Some(0.0)),
            (&[0, 0], Some(0.0)),
            (&[], None),
        ] {
            assert_eq!(gini(counts), expected, "{counts:?}");
        }
    }

    #[test]
    fn the_top_has_the_share_worked_out_by_hand() {
        for (counts, k, expected) in [
            (&[1, 5, 2, 2][..], 1, Some(0.5)),
            (&[1, 5, 2, 2], 2, Some(0.7)),
            (&[1, 5, 2, 2], 9, Some(1.0)),
            (&[1, 5, 2, 2], 0, Some(0.0)),
            (&[0, 0], 1, None),
            (&[], 1, None),
        ] {
            assert_eq!(top_share(counts, k), expected, "{counts:?} {k}");
        }
    }

    proptest! {
        #[test]
        fn inequality_is_bounded_blind_to_order_and_scale_and_grows_with_those_who_have_nothing(
            counts in prop::collection::vec(0_u64..1_000, 1..40), scale in 1_u64..9,
        ) {
            let found = gini(&counts).expect("somebody");
            prop_assert!((0.0..1.0).contains(&found));
            let turned: Vec<u64> = counts.iter().rev().map(|count| count * scale).collect();
            prop_assert!((gini(&turned).expect("somebody") - found).abs() < 1e-12);
            let more = [&counts[..], &[0]].concat();
            prop_assert!(gini(&more).expect("somebody") >= found);
        }
    }
}
