//! How far two distributions of approvals are apart.

use std::iter::Sum;
use std::ops::Mul;

use num_bigint::BigInt;
use num_traits::Zero;

use super::super::exact::{Exact, fraction};
use super::entropy::{bits, shannon, shares};

/// Distances between the distributions p and q of approvals in two systems.
#[derive(Clone, PartialEq, Debug)]
pub struct Between {
    /// Total variation ½ Σ |p − q|, from 0 to 1.
    pub total_variation: Exact,
    /// Jensen-Shannon divergence in nats, from 0 to ln 2: entropy of (p + q) / 2 minus the mean of both entropies (Lin
    /// 1991).
    pub divergence_nats: f64,
    /// The same in bits, from 0 to 1.
    pub divergence_bits: f64,
    /// Root of the divergence in nats, a metric, from 0 to √(ln 2) (Endres & Schindelin 2003).
    pub distance_nats: f64,
    /// Root of the divergence in bits, from 0 to 1.
    pub distance_bits: f64,
    /// Hellinger distance √(½ Σ (√p − √q)²), from 0 to 1.
    pub hellinger: f64,
    /// Pearson's statistic of the 2 × m table of counts, at least 0. It describes; it is no test, for approvals of one
    /// ballot or of one agent are not independent.
    pub chi_square: f64,
}

impl Between {
    /// The distances between approvals counted by project in two systems; `None` where one of them has no approvals or
    /// they are over different numbers of projects.
    pub fn of(first: &[u64], second: &[u64]) -> Option<Self> {
        let total_variation = total_variation(first, second)?;
        let (p, q) = (shares(first)?, shares(second)?);
        let middle: Vec<f64> = p.iter().zip(&q).map(|(p, q)| f64::midpoint(*p, *q)).collect();
        // Rounding must not leave a root of something below zero.
        let divergence_nats = (shannon(&middle) - f64::midpoint(shannon(&p), shannon(&q))).max(0.0);
        let divergence_bits = bits(divergence_nats);
        let squares: f64 = p.iter().zip(&q).map(|(p, q)| (p.sqrt() - q.sqrt()) * (p.sqrt() - q.sqrt())).sum();
        Some(Self {
            total_variation,
            divergence_nats,
            divergence_bits,
            distance_nats: divergence_nats.sqrt(),
            distance_bits: divergence_bits.sqrt(),
            hellinger: (squares / 2.0).sqrt(),
            chi_square: chi_square(first, second),
        })
    }
}

/// Total variation ½ Σ |p − q| of two distributions of counts, from 0 to 1; `None` where one is empty or they are over
/// different numbers of projects.
pub fn total_variation(first: &[u64], second: &[u64]) -> Option<Exact> {
    let fits = |counts: &[u64]| counts.iter().map(|&count| u128::from(count)).sum::<u128>() < 1 << 63;
    if first.len() != second.len() {
        None
    } else if fits(first) && fits(second) {
        apart::<u128>(first, second)
    } else {
        apart::<BigInt>(first, second)
    }
}

/// Total variation, reckoned in numbers that hold twice the product of both totals.
fn apart<Number>(first: &[u64], second: &[u64]) -> Option<Exact>
where
    Number: From<u64> + Clone + Ord + Sum + Mul<Output = Number> + Into<BigInt>,
{
    let sum = |counts: &[u64]| counts.iter().map(|&count| Number::from(count)).sum::<Number>();
    let (all_first, all_second) = (sum(first), sum(second));
    let larger = |(&one, &other): (&u64, &u64)| {
        (all_second.clone() * Number::from(one)).max(all_first.clone() * Number::from(other))
    };
    let larger: BigInt = first.iter().zip(second).map(larger).sum::<Number>().into();
    // Σ |a − b| = 2 Σ max(a, b) − Σ a − Σ b, and here both sums are the product of the totals.
    let product: BigInt = (all_first * all_second).into();
    fraction(larger - &product, product)
}

fn chi_square(first: &[u64], second: &[u64]) -> f64 {
    let sum = |counts: &[u64]| counts.iter().map(|&count| count as f64).sum::<f64>();
    let (all_first, all_second) = (sum(first), sum(second));
    let all = all_first + all_second;
    let mut statistic = 0.0;
    for (&one, &other) in first.iter().zip(second).filter(|(one, other)| !(one.is_zero() && other.is_zero())) {
        let column = one as f64 + other as f64;
        for (observed, row) in [(one as f64, all_first), (other as f64, all_second)] {
            let expected = row * column / all;
            statistic += (observed - expected) * (observed - expected) / expected;
        }
    }
    statistic
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_traits::One;
    use proptest::prelude::*;
    use std::f64::consts::LN_2;

    #[test]
    fn distances_are_those_worked_out_by_hand() {
        let near = |one: f64, other: f64| (one - other).abs() < 1e-12;
        // (1/2, 1/2, 0) and (0, 1/2, 1/2), whose middle is (1/4, 1/2, 1/4): 3/2 ln 2 − ln 2.
        let halves = Between::of(&[2, 2, 0], &[0, 3, 3]).expect("approvals");
        assert_eq!(halves.total_variation, fraction(1, 2).expect("a half"));
        assert!(near(halves.divergence_nats, LN_2 / 2.0) && near(halves.divergence_bits, 0.5));
        assert!(near(halves.distance_nats, (LN_2 / 2.0).sqrt()) && near(halves.distance_bits, 0.5_f64.sqrt()));
        assert!(near(halves.hellinger, 0.5_f64.sqrt()));
        // Expected 0.8, 2, 1.2 and 1.2, 3, 1.8.
        let expected = 1.44 / 0.8 + 1.44 / 1.2 + 1.44 / 1.2 + 1.44 / 1.8;
        assert!(near(halves.chi_square, expected), "{} {expected}", halves.chi_square);
        let apart = Between::of(&[5, 0], &[0, 1]).expect("approvals");
        assert_eq!(apart.total_variation, Exact::one());
        assert!(near(apart.divergence_bits, 1.0) && near(apart.hellinger, 1.0));
    }

    #[test]
    fn there_is_no_distance_to_nothing() {
        for (first, second) in [(&[0, 0][..], &[1, 0][..]), (&[1, 0], &[0, 0]), (&[1], &[1, 0]), (&[], &[])] {
            assert_eq!(Between::of(first, second), None);
        }
    }

    #[test]
    fn counts_of_any_size_are_compared_exactly() {
        let most = u64::MAX;
        for (first, second, expected) in [([most, most], [most, 0], (1, 2)), ([most, 0], [1, 3], (3, 4))] {
            assert_eq!(total_variation(&first, &second), fraction(expected.0, expected.1));
        }
    }

    proptest! {
        #[test]
        fn distances_are_metrics_in_their_ranges(
            rows in proptest::collection::vec([0_u64..30, 0..30, 0..30, 1..30], 3),
        ) {
            let of = |one: usize, other: usize| Between::of(&rows[one], &rows[other]).expect("approvals");
            let (near, back, far, beyond) = (of(0, 1), of(1, 0), of(0, 2), of(1, 2));
            prop_assert_eq!(&near.total_variation, &back.total_variation);
            prop_assert!((near.distance_nats - back.distance_nats).abs() < 1e-7);
            prop_assert!(near.total_variation >= Exact::zero() && near.total_variation <= Exact::one());
            prop_assert!(near.divergence_nats <= LN_2 + 1e-12 && near.hellinger <= 1.0 + 1e-12);
            prop_assert!(far.total_variation <= near.total_variation + beyond.total_variation);
            prop_assert!(far.distance_nats <= near.distance_nats + beyond.distance_nats + 1e-7);
            prop_assert!(far.hellinger <= near.hellinger + beyond.hellinger + 1e-9);
            prop_assert!(of(0, 0).total_variation.is_zero() && of(0, 0).divergence_nats < 1e-12);
        }
    }
}
