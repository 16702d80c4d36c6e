//! Axioms about all sets of projects a large enough group agrees on.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, ToPrimitive, Zero};

use super::super::super::electorate::Electorate;
use super::super::super::exact::common_denominator;
use super::super::super::instance::{Instance, ProjectIndex};
use super::super::satisfaction::{SatisfactionKind, membership, scaled};
use super::groups::Groups;
use super::union::UnionSearch;
use super::{SearchLimit, Verdict};

/// Verdicts on axioms of cohesive groups. A set T of projects is cohesive where the voters who support all of it are at
/// least a share c(T)/B of all, and there is one; every group of supporters of such a weight is then due T. W is what
/// was funded and u a voter's satisfaction. Where T is within W nobody can complain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cohesive {
    /// Cohesive sets that were looked at: all there are where the search is complete.
    pub sets: u64,
    /// Whether all sets were looked at that can be cohesive.
    pub complete: bool,
    /// Extended justified representation: a member has u(W) ≥ u(T) (Aziz et al. 2017; Peters, Pierczyński & Skowron
    /// 2021).
    pub ejr: Verdict,
    /// EJR up to any project: a member has u(W) ≥ u(T), or u(W + t) > u(T) for every t of T outside W (Brill, Forster,
    /// Lackner, Maly & Peters 2023, arXiv 2302.03672).
    pub ejr_x: Verdict,
    /// EJR up to one project: the same for some t (Peters, Pierczyński & Skowron 2021, arXiv 2008.13276).
    pub ejr_1: Verdict,
    /// EJR up to any project with ≥ for >, as pabutools has it.
    pub ejr_x_weak: Verdict,
    /// EJR up to one project with ≥ for >, as pabutools has it.
    pub ejr_1_weak: Verdict,
    /// Proportional justified representation: what the group's members support of W, taken together, is worth at least
    /// u(T) (Sánchez-Fernández et al. 2017; Aziz, Lee & Talmon 2018).
    pub pjr: Verdict,
}

/// Verifies all of these axioms. Sets are looked at by going through the projects in `order`, each time first with and
/// then without the next one, which is lexicographically by places in `order`; what cannot be cohesive is left out with
/// all that contains it. The first violation of each axiom is named, its projects in that order. The search looks at
/// `limit` sets at most, and takes as many steps at most to find groups that violate PJR.
pub fn cohesive(
    instance: &Instance,
    electorate: &Electorate,
    funded: &[ProjectIndex],
    kind: SatisfactionKind,
    order: &[ProjectIndex],
    limit: SearchLimit,
) -> Cohesive {
    let mut search = Search::new(instance, electorate, funded, kind, limit);
    let everybody = search.groups.everybody();
    let complete = search.extend(order, &everybody, &BigInt::zero()).is_some();
    let [ejr, ejr_x, ejr_1, ejr_x_weak, ejr_1_weak, mut pjr] = search.violations.map(|violation| match violation {
        Some(by) => Verdict::Violated { by },
        None if complete => Verdict::Holds,
        None => Verdict::NotDecided,
    });
    if search.union_undecided && pjr == Verdict::Holds {
        pjr = Verdict::NotDecided;
    }
    Cohesive { sets: search.sets, complete, ejr, ejr_x, ejr_1, ejr_x_weak, ejr_1_weak, pjr }
}

/// Place of PJR among the violations, behind the five that are about single members.
const PJR: usize = 5;

struct Search {
    groups: Groups,
    is_funded: Vec<bool>,
    /// Costs, in the unit of `budget`.
    costs: Vec<BigInt>,
    budget: BigInt,
    total: BigInt,
    /// What each project adds to the satisfaction of who supports it, and the same of the funded projects alone.
    worth: Vec<BigInt>,
    worth_of_funded: Vec<BigInt>,
    chosen: Vec<ProjectIndex>,
    sets: u64,
    left: u64,
    union_steps: u64,
    union_undecided: bool,
    violations: [Option<Vec<ProjectIndex>>; 6],
}

impl Search {
    fn new(
        instance: &Instance,
        electorate: &Electorate,
        funded: &[ProjectIndex],
        kind: SatisfactionKind,
        limit: SearchLimit,
    ) -> Self {
        let is_funded = membership(instance.len(), funded);
        let funded: Vec<ProjectIndex> = (0..instance.len()).filter(|&project| is_funded[project]).collect();
        let unit = common_denominator(instance.projects().iter().map(|one| &one.cost).chain([instance.budget()]));
        let costs: Vec<BigInt> = instance.projects().iter().map(|project| scaled(&project.cost, &unit)).collect();
        let worth = match kind {
            SatisfactionKind::Cardinality => vec![BigInt::one(); instance.len()],
            SatisfactionKind::Cost => costs.clone(),
        };
        Self {
            groups: Groups::new(electorate, &funded, &worth),
            is_funded,
            costs,
            budget: scaled(instance.budget(), &unit),
            total: electorate.total_weight().into(),
            worth_of_funded: funded.iter().map(|&project| worth[project].clone()).collect(),
            worth,
            chosen: Vec::new(),
            sets: 0,
            left: limit.0,
            union_steps: limit.0,
            union_undecided: false,
            violations: Default::default(),
        }
    }

    /// Looks at all sets that add some of these projects to the chosen ones, which cost so much and are supported by
    /// these groups; `None` where the limit is reached before.
    fn extend(&mut self, order: &[ProjectIndex], agreeing: &[u64], cost: &BigInt) -> Option<()> {
        let mut both = vec![0; agreeing.len()];
        for (place, &project) in order.iter().enumerate() {
            self.left = self.left.checked_sub(1)?;
            let cost = cost + &self.costs[project];
            let Some(required) = self.required(&cost) else { continue };
            self.groups.intersect(agreeing, project, &mut both);
            if self.groups.weight(&both, self.groups.len()) >= required {
                self.chosen.push(project);
                self.sets += 1;
                self.judge(&both, required);
                self.extend(&order[place + 1..], &both, &cost)?;
                self.chosen.pop();
            }
        }
        Some(())
    }

    /// The least weight that is due projects of this cost; `None` where not even everybody is.
    fn required(&self, cost: &BigInt) -> Option<u64> {
        if cost > &self.budget {
            return None;
        }
        // Projects that cost nothing are due to any group with a member.
        if cost.is_zero() { Some(1) } else { (&self.total * cost).div_ceil(&self.budget).to_u64() }
    }

    /// Whether the groups that support all chosen projects can complain.
    fn judge(&mut self, agreeing: &[u64], required: u64) {
        let missing =
            self.chosen.iter().filter(|project| !self.is_funded[**project]).map(|&project| &self.worth[project]);
        let (Some(least), Some(most)) = (missing.clone().min(), missing.max()) else { return };
        let due: BigInt = self.chosen.iter().map(|&project| &self.worth[project]).sum();
        let lacking = self.groups.below(&due);
        if self.groups.weight(agreeing, lacking) < required {
            // Whoever complains by any of the axioms complains by EJR.
            return;
        }
        // Worths are whole numbers: what is at most x is below x + 1. Who has what is due never complains.
        let strict = |more: &BigInt| self.groups.below(&(&due - more + 1)).min(lacking);
        let weak = |more: &BigInt| self.groups.below(&(&due - more));
        for (axiom, first) in [lacking, strict(least), strict(most), weak(least), weak(most)].into_iter().enumerate() {
            if self.violations[axiom].is_none() && self.groups.weight(agreeing, first) >= required {
                self.violations[axiom] = Some(self.chosen.clone());
            }
        }
        if self.violations[PJR].is_none() {
            let wishes = self.groups.wishes(agreeing, lacking);
            let (worth, steps) = (&self.worth_of_funded, &mut self.union_steps);
            match (UnionSearch { worth, bound: due, required, steps }).exists(&wishes) {
                Some(true) => self.violations[PJR] = Some(self.chosen.clone()),
                Some(false) => {}
                None => self.union_undecided = true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::ballot::VoterUnit;
    use super::super::super::super::exact::{Exact, fraction, whole};
    use super::super::super::fixtures::{electorate, instance, named, of_agents, of_ballots, unit_costs};
    use super::super::{ejr_plus, justified_representation, order_by_id};
    use super::*;
    use proptest::prelude::*;

    fn of(instance: &Instance, electorate: &Electorate, funded: &str, kind: SatisfactionKind) -> Cohesive {
        cohesive(instance, electorate, &named(funded), kind, &order_by_id(instance), SearchLimit::default())
    }

    fn violated(by: &str) -> Verdict {
        Verdict::Violated { by: named(by) }
    }

    #[test]
    fn five_voters_complain_as_worked_out_by_hand() {
        let instance = instance(&["60", "50", "40"], 100);
        let electorate = electorate(&[("ab", 1), ("a", 1), ("ac", 1), ("bc", 1), ("c", 1)], 3);
        // Cohesive are a, with 3 of 5 for 60 of 100, and c.
        let (count, cost) = (SatisfactionKind::Cardinality, SatisfactionKind::Cost);
        assert_eq!(of(&instance, &electorate, "c", count).ejr, Verdict::Holds);
        assert_eq!(of(&instance, &electorate, "b", count).ejr, violated("c"));
        let by_cost = of(&instance, &electorate, "c", cost);
        assert_eq!((by_cost.sets, by_cost.complete), (2, true));
        assert_eq!((by_cost.ejr, by_cost.ejr_1, by_cost.pjr), (violated("a"), Verdict::Holds, violated("a")));
        assert_eq!(of(&instance, &electorate, "ac", cost).ejr, Verdict::Holds);
    }

    #[test]
    fn up_to_one_and_up_to_any_differ_by_what_is_added() {
        let unanimous = (instance(&["1", "2", "3", "3"], 6), electorate(&[("abcd", 2)], 4));
        // Of a set with c or d only one of the two voters supports all.
        let divided = (instance(&["1", "3", "2", "2"], 4), electorate(&[("abc", 1), ("abd", 1)], 4));
        let holds = || Verdict::Holds;
        for ((instance, electorate), funded, expected) in [
            (&unanimous, "", ["a", "a", "a", "ab", "ab"].map(violated)),
            (&unanimous, "d", ["abc", "abc", "abc", "abc", "abd"].map(violated)),
            (&unanimous, "ad", [violated("abc"), violated("abc"), violated("abd"), holds(), holds()]),
            (&divided, "cd", [violated("ab"), violated("ab"), holds(), violated("ab"), holds()]),
        ] {
            let found = of(instance, electorate, funded, SatisfactionKind::Cost);
            let found = [found.ejr, found.ejr_x, found.ejr_1, found.ejr_x_weak, found.ejr_1_weak];
            assert_eq!(found, expected, "{funded}");
        }
    }

    #[test]
    fn a_group_may_be_represented_together_and_not_in_any_member() {
        // Two thirds share a and b; each member has one funded project, and together they have two.
        let electorate = electorate(&[("abc", 1), ("abd", 1), ("e", 1)], 5);
        let found = of(&unit_costs(5, 3), &electorate, "cde", SatisfactionKind::Cardinality);
        assert_eq!((found.ejr, found.pjr), (violated("ab"), Verdict::Holds));
    }

    #[test]
    fn the_search_gives_up_at_its_limit() {
        let instance = unit_costs(8, 4);
        let electorate = electorate(&[("abcdefgh", 4)], 8);
        let order = order_by_id(&instance);
        let of = |funded: &str, limit: u64| {
            let (funded, limit) = (named(funded), SearchLimit(limit));
            cohesive(&instance, &electorate, &funded, SatisfactionKind::Cardinality, &order, limit)
        };
        let stopped = of("abcd", 50);
        assert_eq!((stopped.complete, stopped.ejr, stopped.pjr), (false, Verdict::NotDecided, Verdict::NotDecided));
        assert!(stopped.sets <= 50);
        let complete = of("abcd", 1000);
        // All sets of 1 to 4 of 8.
        assert_eq!((complete.sets, complete.complete, complete.ejr), (8 + 28 + 56 + 70, true, Verdict::Holds));
        // What was found before counts.
        assert_eq!(of("", 50).ejr, violated("a"));
    }

    #[test]
    fn what_costs_nothing_is_due_to_anybody() {
        let instance = instance(&["0", "2"], 2);
        let electorate = electorate(&[("a", 1), ("b", 9)], 2);
        assert_eq!(of(&instance, &electorate, "b", SatisfactionKind::Cardinality).ejr, violated("a"));
        assert_eq!(of(&instance, &electorate, "b", SatisfactionKind::Cost).ejr, Verdict::Holds);
    }

    /// What some voters are due, read off the definitions: verdicts of all axioms on one group and one set.
    fn complaints(ballots: &[&Vec<usize>], set: &[usize], funded: &[usize], worth: &[u64]) -> [bool; 6] {
        let sum = |projects: &mut dyn Iterator<Item = &usize>| projects.map(|&project| worth[project]).sum::<u64>();
        let due = sum(&mut set.iter());
        let missing: Vec<u64> = set.iter().filter(|one| !funded.contains(one)).map(|&one| worth[one]).collect();
        if missing.is_empty() {
            return [false; 6];
        }
        let has: Vec<u64> =
            ballots.iter().map(|ballot| sum(&mut funded.iter().filter(|one| ballot.contains(one)))).collect();
        let nobody = |content: &dyn Fn(u64) -> bool| !has.iter().any(|&has| has >= due || content(has));
        let together = sum(&mut funded.iter().filter(|one| ballots.iter().any(|ballot| ballot.contains(one))));
        [
            nobody(&|_| false),
            nobody(&|has| missing.iter().all(|more| has + more > due)),
            nobody(&|has| missing.iter().any(|more| has + more > due)),
            nobody(&|has| missing.iter().all(|more| has + more >= due)),
            nobody(&|has| missing.iter().any(|more| has + more >= due)),
            together < due,
        ]
    }

    /// All verdicts by trying all sets and all groups.
    fn by_brute_force(
        ballots: &[Vec<usize>],
        agents: &[u32],
        costs: &[u64],
        budget: u64,
        funded: &[usize],
        worth: &[u64],
    ) -> [Verdict; 6] {
        let mut verdicts = [const { Verdict::Holds }; 6];
        let ballots_of = |one: usize| agents.iter().filter(|agent| **agent == agents[one]).count();
        let weight = |one: usize| fraction(1, ballots_of(one)).expect("a ballot");
        let all: Exact = (0..ballots.len()).map(weight).sum();
        let mut sets: Vec<Vec<usize>> = (1_usize..1 << costs.len())
            .map(|set| (0..costs.len()).filter(|one| set >> one & 1 == 1).collect())
            .collect();
        sets.sort();
        for set in sets {
            let cost: u64 = set.iter().map(|&one| costs[one]).sum();
            for group in 1_usize..1 << ballots.len() {
                let members: Vec<usize> = (0..ballots.len()).filter(|one| group >> one & 1 == 1).collect();
                let agree = members.iter().all(|&one| set.iter().all(|project| ballots[one].contains(project)));
                let large = members.iter().map(|&one| weight(one)).sum::<Exact>() * whole(budget) >= whole(cost) * &all;
                if agree && large {
                    let members: Vec<_> = members.iter().map(|&one| &ballots[one]).collect();
                    let complaints = complaints(&members, &set, funded, worth);
                    for (verdict, _) in verdicts
                        .iter_mut()
                        .zip(complaints)
                        .filter(|(verdict, complains)| *complains && **verdict == Verdict::Holds)
                    {
                        *verdict = Verdict::Violated { by: set.clone() };
                    }
                }
            }
        }
        verdicts
    }

    fn ballots() -> impl Strategy<Value = Vec<Vec<usize>>> {
        proptest::collection::vec(proptest::sample::subsequence(vec![0_usize, 1, 2, 3, 4], 0..=5), 1..7)
    }

    fn verdicts(found: Cohesive) -> [Verdict; 6] {
        [found.ejr, found.ejr_x, found.ejr_1, found.ejr_x_weak, found.ejr_1_weak, found.pjr]
    }

    proptest! {
        #[test]
        fn verdicts_are_those_of_trying_everything(
            ballots in ballots(),
            agents in proptest::collection::vec(0_u32..3, 7),
            costs in proptest::collection::vec(0_u64..4, 5),
            budget in 3_u64..9,
            funded in proptest::sample::subsequence(vec![0_usize, 1, 2, 3, 4], 0..=4),
            kind in proptest::sample::select(vec![SatisfactionKind::Cardinality, SatisfactionKind::Cost]),
        ) {
            let texts: Vec<String> = costs.iter().map(u64::to_string).collect();
            let instance = instance(&texts.iter().map(String::as_str).collect::<Vec<_>>(), budget);
            let agents = &agents[..ballots.len()];
            let electorate = of_agents(ballots.clone(), agents, 5, VoterUnit::Agent);
            let worth = if kind == SatisfactionKind::Cost { costs.clone() } else { vec![1; 5] };
            let found = cohesive(&instance, &electorate, &funded, kind, &[0, 1, 2, 3, 4], SearchLimit::default());
            let expected = by_brute_force(&ballots, agents, &costs, budget, &funded, &worth);
            prop_assert_eq!(verdicts(found), expected);
        }

        #[test]
        fn stronger_axioms_imply_weaker_ones(
            ballots in ballots(),
            committee in 1_u64..5,
            funded in proptest::sample::subsequence(vec![0_usize, 1, 2, 3, 4], 0..=4),
        ) {
            let (instance, electorate) = (unit_costs(5, committee), of_ballots(ballots, 5));
            let order = order_by_id(&instance);
            let limit = SearchLimit::default();
            let found = cohesive(&instance, &electorate, &funded, SatisfactionKind::Cardinality, &order, limit);
            let plus = ejr_plus(&instance, &electorate, &funded, &order);
            let representation = justified_representation(&instance, &electorate, &funded, &order);
            let holds = |verdict: &Verdict| *verdict == Verdict::Holds;
            let [ejr, x, one, x_weak, one_weak, pjr] = verdicts(found).map(|verdict| holds(&verdict));
            let (plus, representation) = (plus == Some(Verdict::Holds), representation == Some(Verdict::Holds));
            for (stronger, weaker) in [
                (plus, ejr), (ejr, x), (x, one), (x, x_weak), (one, one_weak), (x_weak, one_weak), (ejr, pjr),
                (pjr, representation), (plus, representation),
            ] {
                prop_assert!(!stronger || weaker);
            }
            // With unit satisfactions, more than what is due by one project is what is due without it.
            prop_assert!(ejr == x && x == one);
        }

        #[test]
        fn funding_more_never_gives_cause_to_complain(
            ballots in ballots(),
            funded in proptest::sample::subsequence(vec![0_usize, 1, 2, 3], 0..=4),
            kind in proptest::sample::select(vec![SatisfactionKind::Cardinality, SatisfactionKind::Cost]),
        ) {
            let (instance, electorate) = (instance(&["3", "1.5", "4", "1", "5"], 9), of_ballots(ballots, 5));
            let (order, limit) = (order_by_id(&instance), SearchLimit::default());
            let before = cohesive(&instance, &electorate, &funded, kind, &order, limit);
            let after = cohesive(&instance, &electorate, &[funded, vec![4]].concat(), kind, &order, limit);
            for (before, after) in verdicts(before).into_iter().zip(verdicts(after)) {
                prop_assert!(before != Verdict::Holds || after == Verdict::Holds);
            }
        }
    }
}
