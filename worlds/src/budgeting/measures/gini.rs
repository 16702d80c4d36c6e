//! How unequal amounts are.

use num_bigint::BigInt;
use num_traits::Zero;

use super::super::exact::{Exact, fraction};

/// Gini coefficient of amounts, each held by as many as its weight says: Σ (2i − n − 1) x₍ᵢ₎ / (n Σ x) over amounts in
/// ascending order (Sen 1973). From 0, all hold the same, to below 1. Weights may be in any unit: multiplying all of
/// them changes nothing. 0 where nobody holds anything; `None` where there is nobody. Amounts are at least 0.
pub fn gini(amounts: impl IntoIterator<Item = (BigInt, u64)>) -> Option<Exact> {
    let mut amounts: Vec<(BigInt, u64)> = amounts.into_iter().collect();
    amounts.sort_unstable();
    let holders: BigInt = amounts.iter().map(|(_, weight)| BigInt::from(*weight)).sum();
    if holders.is_zero() {
        return None;
    }
    let (mut below, mut above, mut total) = (BigInt::zero(), BigInt::zero(), BigInt::zero());
    for (amount, weight) in amounts {
        // Σ (2i − n − 1) over the w places behind the first C of them is w (2C + w − n).
        let held = amount * weight;
        above += &held * (&below * 2 + weight - &holders);
        below += weight;
        total += held;
    }
    Some(fraction(above, holders * total).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_traits::One;
    use proptest::prelude::*;

    fn of(amounts: &[(u64, u64)]) -> Option<Exact> {
        gini(amounts.iter().map(|&(amount, weight)| (BigInt::from(amount), weight)))
    }

    #[test]
    fn amounts_are_as_unequal_as_worked_out_by_hand() {
        for (amounts, expected) in [
            (&[(3, 1), (2, 1), (3, 1)][..], Some((1, 12))),
            (&[(0, 1), (1, 4), (2, 1)], Some((5, 18))),
            (&[(0, 9), (5, 1)], Some((9, 10))),
            (&[(0, 3)], Some((0, 1))),
            (&[(7, 5)], Some((0, 1))),
            (&[(7, 0)], None),
            (&[], None),
        ] {
            let expected = expected.and_then(|(above, below)| fraction(above, below));
            assert_eq!(of(amounts), expected, "{amounts:?}");
        }
    }

    proptest! {
        #[test]
        fn it_is_the_mean_difference_of_two_holders(
            amounts in proptest::collection::vec((0_u64..20, 1_u64..5), 1..8),
            unit in 1_u64..7,
        ) {
            let found = of(&amounts).expect("somebody holds something");
            prop_assert!(found >= Exact::zero() && found < Exact::one());
            let (mut differences, mut holders, mut total) = (0, 0, 0);
            for &(one, weight) in &amounts {
                holders += weight;
                total += one * weight;
                differences += amounts.iter().map(|&(other, more)| one.abs_diff(other) * weight * more).sum::<u64>();
            }
            prop_assert_eq!(&found, &fraction(differences, 2 * holders * total).unwrap_or_default());
            let scaled: Vec<_> = amounts.iter().map(|&(amount, weight)| (amount, weight * unit)).collect();
            prop_assert_eq!(Some(found), of(&scaled));
        }
    }
}
