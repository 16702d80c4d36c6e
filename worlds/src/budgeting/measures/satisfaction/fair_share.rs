//! How near what is spent on each voter is to an equal share of the budget.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::super::super::electorate::Electorate;
use super::super::super::exact::{Exact, common_denominator, fraction, to_f64};
use super::super::super::instance::Instance;
use super::scaled;

/// Largest common denominator a mean is reckoned over exactly, in bits. Mostly a few hundred are needed, but every
/// voter who wants less than an equal share of the budget may bring a denominator of its own.
const MOST_BITS: u64 = 1 << 17;

/// A mean of fractions over voters.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// The mean; `None` where its denominator would be longer than 131,072 bits.
    pub exact: Option<Exact>,
    /// The mean in double precision.
    pub value: f64,
}

/// Fair shares (Maly, Rey, Endriss & Lackner 2023, arXiv 2205.07517). What is spent on a voter, y, is the sum of
/// c(p) / s(p) over the funded projects p the voter supports, with their costs c and numbers of supporters s; the fair
/// share z is the lesser of B/n and the same sum over all projects the voter supports. Voters whose z is 0, above all
/// those who support nothing, have what is fair: their ratio is 1 and their distance 0.
#[derive(Clone, PartialEq, Debug)]
pub struct FairShare {
    /// Mean of min(1, y / z) over voters, from 0 to 1.
    pub capped_ratio: Figure,
    /// 1 minus the mean of |y − z| / z over voters, at most 1. Below 0 where much is spent on some.
    pub closeness: Figure,
}

impl FairShare {
    /// How fair it is to fund the projects for which `is_funded` is set.
    pub(super) fn of(instance: &Instance, electorate: &Electorate, is_funded: &[bool]) -> Self {
        // Weights stand for voters here: all amounts shrink by the same factor, and only their ratios are looked at.
        let each = |(support, project)| fraction(1, support).unwrap_or_default() * instance.cost(project);
        let shares: Vec<Exact> = electorate.support().into_iter().zip(0..).map(each).collect();
        let voters = BigInt::from(electorate.total_weight());
        let equal = instance.budget() / &voters;
        let unit = common_denominator(shares.iter().chain([&equal]));
        let shares: Vec<BigInt> = shares.iter().map(|share| scaled(share, &unit)).collect();
        let equal = scaled(&equal, &unit);
        let (mut capped, mut distance) = (Sum::default(), Sum::default());
        for group in 0..electorate.groups() {
            let (mut wanted, mut spent) = (BigInt::zero(), BigInt::zero());
            for (project, _) in electorate.supports(group) {
                // Beyond an equal share it does not matter how much is wanted.
                if wanted < equal {
                    wanted += &shares[project];
                }
                if is_funded[project] {
                    spent += &shares[project];
                }
            }
            let (fair, weight) = (wanted.min(equal.clone()), electorate.weight(group));
            if fair.is_zero() {
                capped.add(BigInt::from(weight), BigInt::one());
                continue;
            }
            let apart = if spent > fair { &spent - &fair } else { &fair - &spent };
            distance.add(apart * weight, fair.clone());
            capped.add(spent.min(fair.clone()) * weight, fair);
        }
        let distance = distance.mean(&voters);
        let closeness = Figure { exact: distance.exact.map(|mean| Exact::one() - mean), value: 1.0 - distance.value };
        Self { capped_ratio: capped.mean(&voters), closeness }
    }
}

/// Fractions to be summed, their numerators by denominator.
#[derive(Default)]
struct Sum {
    by_denominator: BTreeMap<BigInt, BigInt>,
}

impl Sum {
    fn add(&mut self, above: BigInt, below: BigInt) {
        *self.by_denominator.entry(below).or_default() += above;
    }

    fn mean(self, number: &BigInt) -> Figure {
        if let Some(sum) = self.exact() {
            let mean = sum / number;
            return Figure { value: to_f64(&mean), exact: Some(mean) };
        }
        // Not in lowest terms: that would take longer than all the rest, and the nearest double is the same.
        let parts = self.by_denominator.into_iter().map(|(below, above)| Exact::new_raw(above, below * number));
        Figure { exact: None, value: parts.map(|part| to_f64(&part)).sum() }
    }

    fn exact(&self) -> Option<Exact> {
        let mut common = BigInt::one();
        let mut parts = Vec::new();
        for (below, above) in &self.by_denominator {
            let part = fraction(above.clone(), below.clone())?;
            // The common denominator is by far the longer number: one division first makes both short.
            let shared = part.denom().gcd(&(&common % part.denom()));
            common *= part.denom() / shared;
            if common.bits() > MOST_BITS {
                return None;
            }
            parts.push(part);
        }
        let sum: BigInt = parts.iter().map(|part| scaled(part, &common)).sum();
        fraction(sum, common)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::{electorate, instance, named, ratio};
    use super::super::membership;
    use super::*;

    fn of(instance: &Instance, electorate: &Electorate, funded: &str) -> FairShare {
        FairShare::of(instance, electorate, &membership(instance.len(), &named(funded)))
    }

    #[test]
    fn fair_shares_are_those_worked_out_by_hand() {
        // c/s are 20, 25 and 40/3; B/n is 20: all but the voter of c alone want at least that.
        let instance = instance(&["60", "50", "40"], 100);
        let electorate = electorate(&[("ab", 1), ("a", 1), ("ac", 1), ("bc", 1), ("c", 1)], 3);
        for (funded, capped, closeness) in [
            // Spent: 20, 20, 100/3, 40/3 and 40/3 of 20, 20, 20, 20 and 40/3.
            ("ac", ratio(14, 15), ratio(4, 5)),
            ("c", ratio(7, 15), ratio(7, 15)),
            ("", Exact::zero(), Exact::zero()),
        ] {
            let found = of(&instance, &electorate, funded);
            assert_eq!((found.capped_ratio.exact, found.closeness.exact), (Some(capped), Some(closeness)), "{funded}");
        }
    }

    #[test]
    fn who_wants_nothing_has_what_is_fair() {
        let instance = instance(&["1", "1", "0"], 1);
        let electorate = electorate(&[("a", 1), ("", 2), ("c", 1)], 3);
        let found = of(&instance, &electorate, "");
        assert_eq!(found.capped_ratio.exact, Some(ratio(3, 4)));
        assert_eq!(found.closeness.exact, Some(ratio(3, 4)));
        // All of 1 is spent on a voter to whom 1/4 would be fair.
        assert_eq!(of(&instance, &electorate, "a").closeness.exact, Some(ratio(1, 4)));
    }

    #[test]
    fn a_mean_too_long_to_write_down_is_a_double() {
        let mut sum = Sum::default();
        let mut expected = 0.0;
        // Numbers of 400 bits with few common factors.
        for odd in (1_i64..2400).step_by(2) {
            let below = (BigInt::one() << 400) - odd;
            sum.add(&below / 3, below);
            expected += 1.0 / 3.0;
        }
        let mean = sum.mean(&BigInt::from(1200));
        assert!(mean.exact.is_none());
        assert!((mean.value - expected / 1200.0).abs() < 1e-12);
    }
}
