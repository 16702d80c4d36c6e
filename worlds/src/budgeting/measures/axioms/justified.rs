//! Axioms for projects of equal cost that can be verified whatever the size: justified representation and EJR+.

use num_traits::{ToPrimitive, Zero};

use super::super::super::electorate::Electorate;
use super::super::super::instance::{Instance, ProjectIndex};
use super::super::satisfaction::membership;
use super::Verdict;

/// Justified representation (Aziz et al. 2017): of every group of at least n/k voters who support a common project, one
/// supports a funded project. The committee size k is ⌊B/c⌋. The first project of `order` whose supporters are denied
/// one is named. `None` where costs differ or are 0, for then there is no k.
pub fn justified_representation(
    instance: &Instance,
    electorate: &Electorate,
    funded: &[ProjectIndex],
    order: &[ProjectIndex],
) -> Option<Verdict> {
    let denied = Denied::of(instance, electorate, funded)?;
    Some(denied.verdict(order, 1))
}

/// EJR+ (Brill & Peters 2023, arXiv 2302.01989): there is no project that is not funded and no ℓ from 1 to k such that
/// at least ℓ n/k of its supporters each support fewer than ℓ funded projects. k is ⌊B/c⌋: where c does not divide B,
/// EJR+ therefore does not imply EJR over costs. The first such project of `order` is named. `None` where costs differ
/// or are 0.
pub fn ejr_plus(
    instance: &Instance,
    electorate: &Electorate,
    funded: &[ProjectIndex],
    order: &[ProjectIndex],
) -> Option<Verdict> {
    let denied = Denied::of(instance, electorate, funded)?;
    Some(denied.verdict(order, usize::MAX))
}

/// Supporters of what is not funded.
struct Denied {
    /// Weight of a project's supporters by how many funded projects they support; empty for funded projects.
    weights: Vec<Vec<u64>>,
    total: u128,
    committee: u128,
}

impl Denied {
    fn of(instance: &Instance, electorate: &Electorate, funded: &[ProjectIndex]) -> Option<Self> {
        let cost = instance.equal_cost().filter(|cost| !cost.is_zero())?;
        let committee = (instance.budget() / cost).floor().to_integer().to_u64().unwrap_or(u64::MAX);
        let is_funded = membership(instance.len(), funded);
        let levels = is_funded.iter().filter(|is_funded| **is_funded).count() + 1;
        let mut weights: Vec<Vec<u64>> =
            is_funded.iter().map(|is_funded| if *is_funded { Vec::new() } else { vec![0; levels] }).collect();
        for group in 0..electorate.groups() {
            let satisfied = electorate.supports(group).filter(|(project, _)| is_funded[*project]).count();
            for (project, _) in electorate.supports(group).filter(|(project, _)| !is_funded[*project]) {
                weights[project][satisfied] += electorate.weight(group);
            }
        }
        Some(Self { weights, total: electorate.total_weight().into(), committee: committee.into() })
    }

    /// Whether for no ℓ up to this a project is denied to ℓ n/k supporters who have fewer than ℓ.
    fn verdict(&self, order: &[ProjectIndex], most: usize) -> Verdict {
        let is_denied = |project: &&ProjectIndex| {
            let mut below = 0;
            let mut levels = self.weights[**project].iter().zip(1_u64..).take(most);
            levels.any(|(weight, level)| {
                below += u128::from(*weight);
                below * self.committee >= u128::from(level) * self.total
            })
        };
        match order.iter().find(is_denied) {
            Some(&project) => Verdict::Violated { by: vec![project] },
            None => Verdict::Holds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::ballot::VoterUnit;
    use super::super::super::fixtures::{electorate, instance, named, of_agents, unit_costs};
    use super::super::order_by_id;
    use super::*;

    fn verdicts(instance: &Instance, electorate: &Electorate, funded: &str) -> [Option<Verdict>; 2] {
        let (funded, order) = (named(funded), order_by_id(instance));
        [
            justified_representation(instance, electorate, &funded, &order),
            ejr_plus(instance, electorate, &funded, &order),
        ]
    }

    fn violated(by: &str) -> Verdict {
        Verdict::Violated { by: named(by) }
    }

    #[test]
    fn a_third_of_the_voters_is_due_a_third_of_the_projects() {
        let instance = unit_costs(6, 3);
        // Two thirds approve a to d, one third e and f.
        let electorate = electorate(&[("abcd", 6), ("ef", 3)], 6);
        for (funded, representation, plus) in [
            ("abc", Some(violated("e")), Some(violated("e"))),
            ("abe", Some(Verdict::Holds), Some(Verdict::Holds)),
            ("aef", Some(Verdict::Holds), Some(violated("b"))),
            ("ef", Some(violated("a")), Some(violated("a"))),
        ] {
            assert_eq!(verdicts(&instance, &electorate, funded), [representation, plus], "{funded}");
        }
    }

    #[test]
    fn a_group_one_voter_short_is_due_nothing() {
        for (others, expected) in [(6, Some(violated("b"))), (7, Some(Verdict::Holds))] {
            let electorate = electorate(&[("a", others), ("b", 3)], 2);
            let [representation, plus] = verdicts(&instance(&["2", "2"], 7), &electorate, "a");
            assert_eq!((&representation, &plus), (&expected, &expected));
        }
    }

    #[test]
    fn agents_are_due_the_same_however_often_they_vote() {
        let ballots: Vec<_> = ["a", "a", "a", "b"].into_iter().map(named).collect();
        for (unit, expected) in [(VoterUnit::Ballot, Some(Verdict::Holds)), (VoterUnit::Agent, Some(violated("b")))] {
            let electorate = of_agents(ballots.clone(), &[0, 0, 0, 1], 2, unit);
            assert_eq!(verdicts(&unit_costs(2, 2), &electorate, "a"), [expected.clone(), expected]);
        }
    }

    #[test]
    fn without_a_committee_size_there_is_no_verdict() {
        let electorate = electorate(&[("a", 1)], 2);
        assert_eq!(verdicts(&instance(&["1", "2"], 2), &electorate, ""), [None, None]);
        assert_eq!(verdicts(&instance(&["0", "0"], 2), &electorate, ""), [None, None]);
    }

    #[test]
    fn the_order_says_which_of_several_is_named() {
        let electorate = electorate(&[("abc", 2)], 3);
        let found = ejr_plus(&unit_costs(3, 2), &electorate, &[1], &[2, 1, 0]);
        assert_eq!(found, Some(violated("c")));
    }
}
