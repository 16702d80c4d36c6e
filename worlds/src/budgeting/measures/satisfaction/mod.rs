//! What voters get from what was funded.

mod category;
mod fair_share;

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::Zero;

use super::super::electorate::Electorate;
use super::super::exact::{Exact, common_denominator, fraction, whole};
use super::super::instance::{Instance, ProjectIndex};
use super::gini::gini;

pub use category::category_proportionality;
pub use fair_share::{FairShare, Figure};

/// By what the satisfaction of a voter is measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SatisfactionKind {
    /// How many funded projects the voter supports.
    Cardinality,
    /// What the funded projects the voter supports cost together.
    Cost,
}

/// How satisfied voters are, in projects or in money.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spread {
    /// Sum over voters, at least 0.
    pub welfare: Exact,
    /// Mean over voters.
    pub average: Exact,
    /// Gini coefficient over voters, from 0 to below 1; 0 where nobody has anything.
    pub gini: Exact,
    /// What the least satisfied voter has.
    pub least: Exact,
}

/// What a set of funded projects means to an electorate. A voter supports the projects to which the ballot gives a
/// utility above zero; voters count with their weights.
#[derive(Clone, PartialEq, Debug)]
pub struct Satisfaction {
    /// What the funded projects cost.
    pub total_cost: Exact,
    /// Their cost as a share of the budget; `None` where the budget is 0.
    pub budget_used: Option<Exact>,
    /// Whether no further project fits into what is left.
    pub exhaustive: bool,
    /// Whether no further project that anybody supports fits into what is left.
    pub exhaustive_over_supported: bool,
    /// Funded projects supported.
    pub cardinality: Spread,
    /// Cost of the funded projects supported.
    pub cost: Spread,
    /// Share of voters who support a funded project, from 0 to 1.
    pub with_funded: Exact,
    /// How many voters support how many funded projects; without numbers nobody has.
    pub histogram: BTreeMap<usize, Exact>,
    /// How near what is spent on voters is to an equal share of the budget.
    pub fair_share: FairShare,
    /// See [`category_proportionality`].
    pub category_proportionality: Option<f64>,
}

impl Satisfaction {
    /// What these funded projects mean to an electorate over the instance's projects.
    pub fn of(instance: &Instance, electorate: &Electorate, funded: &[ProjectIndex]) -> Self {
        let is_funded = membership(instance.len(), funded);
        let funded: Vec<ProjectIndex> = (0..instance.len()).filter(|&project| is_funded[project]).collect();
        let (costs, unit) = scaled_costs(instance);
        let groups = electorate.groups();
        let (mut numbers, mut spent) = (vec![0_usize; groups], vec![BigInt::zero(); groups]);
        let mut weights: BTreeMap<usize, u64> = BTreeMap::new();
        for group in 0..groups {
            for (project, _) in electorate.supports(group).filter(|(project, _)| is_funded[*project]) {
                numbers[group] += 1;
                spent[group] += &costs[project];
            }
            *weights.entry(numbers[group]).or_default() += electorate.weight(group);
        }
        let total_cost = instance.cost_of(&funded);
        let without: u64 = weights.get(&0).copied().unwrap_or_default();
        let voters = electorate.total_weight();
        let support = electorate.support();
        let left = instance.budget() - &total_cost;
        let fits = |project: &ProjectIndex| !is_funded[*project] && *instance.cost(*project) <= left;
        let fitting: Vec<ProjectIndex> = (0..instance.len()).filter(fits).collect();
        Self {
            budget_used: (!instance.budget().is_zero()).then(|| &total_cost / instance.budget()),
            total_cost,
            exhaustive: fitting.is_empty(),
            exhaustive_over_supported: fitting.iter().all(|&project| support[project] == 0),
            cardinality: Spread::of(electorate, numbers.into_iter().map(BigInt::from).collect(), &BigInt::from(1)),
            cost: Spread::of(electorate, spent, &unit),
            with_funded: fraction(voters - without, voters).unwrap_or_default(),
            histogram: weights.into_iter().map(|(number, weight)| (number, electorate.in_voters(weight))).collect(),
            fair_share: FairShare::of(instance, electorate, &is_funded),
            category_proportionality: category_proportionality(instance, electorate, &funded),
        }
    }
}

impl Spread {
    /// Of what each group has, in units of 1 / `unit`.
    fn of(electorate: &Electorate, amounts: Vec<BigInt>, unit: &BigInt) -> Self {
        let sum: BigInt = amounts.iter().enumerate().map(|(group, amount)| amount * electorate.weight(group)).sum();
        let welfare = electorate.in_voters(sum) / unit;
        let least = whole(amounts.iter().min().cloned().unwrap_or_default()) / unit;
        let held = amounts.into_iter().enumerate().map(|(group, amount)| (amount, electorate.weight(group)));
        Self { average: &welfare / electorate.voters(), welfare, gini: gini(held).unwrap_or_default(), least }
    }
}

/// Costs of all projects as whole numbers of a common unit, and how many of these units are 1.
pub(super) fn scaled_costs(instance: &Instance) -> (Vec<BigInt>, BigInt) {
    let unit = common_denominator(instance.projects().iter().map(|project| &project.cost));
    (instance.projects().iter().map(|project| scaled(&project.cost, &unit)).collect(), unit)
}

/// A number in units of 1 / `unit`, a multiple of its denominator.
pub(super) fn scaled(value: &Exact, unit: &BigInt) -> BigInt {
    value.numer() * (unit / value.denom())
}

/// Whether each project is among these.
pub(super) fn membership(projects: usize, among: &[ProjectIndex]) -> Vec<bool> {
    let mut is_among = vec![false; projects];
    for &project in among {
        is_among[project] = true;
    }
    is_among
}

#[cfg(test)]
mod tests {
    use super::super::super::ballot::VoterUnit;
    use super::super::fixtures::{electorate, instance, named, of_agents, of_ballots, ratio, unit_costs};
    use super::*;
    use num_traits::One;
    use proptest::prelude::*;

    #[test]
    fn five_voters_are_as_satisfied_as_worked_out_by_hand() {
        let instance = instance(&["60", "50", "40"], 100);
        let electorate = electorate(&[("ab", 1), ("a", 1), ("ac", 1), ("bc", 1), ("c", 1)], 3);
        let both = Satisfaction::of(&instance, &electorate, &named("ca"));
        assert_eq!((both.total_cost, both.budget_used), (whole(100), Some(whole(1))));
        assert!(both.exhaustive && both.exhaustive_over_supported);
        let cardinality = Spread { welfare: whole(6), average: ratio(6, 5), gini: ratio(2, 15), least: whole(1) };
        let cost = Spread { welfare: whole(300), average: whole(60), gini: ratio(14, 75), least: whole(40) };
        assert_eq!((both.cardinality, both.cost), (cardinality, cost));
        assert_eq!(both.with_funded, whole(1));
        assert_eq!(both.histogram, BTreeMap::from([(1, whole(4)), (2, whole(1))]));
        let one = Satisfaction::of(&instance, &electorate, &named("c"));
        assert_eq!((one.with_funded, one.budget_used), (ratio(3, 5), Some(ratio(2, 5))));
        assert_eq!(one.histogram, BTreeMap::from([(0, whole(2)), (1, whole(3))]));
        assert!(!one.exhaustive);
    }

    #[test]
    fn a_project_nobody_supports_may_be_left_over() {
        let instance = instance(&["2.5", "2.5", "1"], 6);
        let electorate = electorate(&[("ab", 3), ("b", 1)], 3);
        for (funded, exhaustive, over_supported) in [("ab", false, true), ("abc", true, true), ("a", false, false)] {
            let found = Satisfaction::of(&instance, &electorate, &named(funded));
            assert_eq!((found.exhaustive, found.exhaustive_over_supported), (exhaustive, over_supported), "{funded}");
        }
        let nothing = Satisfaction::of(&instance, &electorate, &[]);
        assert_eq!((nothing.cost.gini, nothing.with_funded), (Exact::zero(), Exact::zero()));
    }

    #[test]
    fn agents_weigh_the_same_however_often_they_vote() {
        let ballots = vec![named("a"), named("a"), named("b"), named("c")];
        let electorate = of_agents(ballots, &[0, 0, 0, 1], 3, VoterUnit::Agent);
        let found = Satisfaction::of(&unit_costs(3, 1), &electorate, &named("a"));
        assert_eq!((found.cardinality.welfare, found.with_funded), (ratio(2, 3), ratio(1, 3)));
        assert_eq!(found.histogram, BTreeMap::from([(0, ratio(4, 3)), (1, ratio(2, 3))]));
        assert_eq!(found.cardinality.gini, ratio(2, 3));
    }

    proptest! {
        #[test]
        fn funding_more_never_takes_from_anybody(
            ballots in proptest::collection::vec(
                proptest::sample::subsequence(vec![0_usize, 1, 2, 3, 4], 0..=5), 1..12,
            ),
            funded in proptest::sample::subsequence(vec![0_usize, 1, 2, 3], 0..=4),
        ) {
            let instance = instance(&["3", "1.5", "4", "1", "5"], 9);
            let electorate = of_ballots(ballots, 5);
            let before = Satisfaction::of(&instance, &electorate, &funded);
            let after = Satisfaction::of(&instance, &electorate, &[funded, vec![4]].concat());
            prop_assert!(before.cost.welfare <= after.cost.welfare && before.cost.least <= after.cost.least);
            prop_assert!(before.with_funded <= after.with_funded && after.with_funded <= Exact::one());
            prop_assert!(before.fair_share.capped_ratio.exact <= after.fair_share.capped_ratio.exact);
            prop_assert_eq!(before.histogram.values().sum::<Exact>(), electorate.voters());
            prop_assert!(after.cost.gini >= Exact::zero() && after.cost.gini < Exact::one());
        }
    }
}
