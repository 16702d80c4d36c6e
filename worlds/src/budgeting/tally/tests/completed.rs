//! Completions of Equal Shares, against runs of it on larger budgets.

use num_traits::Zero;
use proptest::prelude::*;

use super::elections::{ALL_KINDS, Election, elections};
use super::slowly::Slow;
use crate::budgeting::exact::{Exact, whole};
use crate::budgeting::tally::{Account, Allocation, Completion, Rule, Stop, Utility};

/// How Equal Shares comes out without a completion on so large a budget.
fn run(election: &Election, utility: Utility, budget: &Exact) -> Allocation {
    let raised = Election { budget: budget.clone(), ..election.clone() };
    raised.tally(Rule::EqualShares { utility, completion: Completion::None }).expect("ballots it takes")
}

/// The last run of Equal Shares that counts, why it is the last, and how many runs with more money were tried.
fn complete(election: &Election, utility: Utility, completion: Completion) -> (Allocation, Stop, u64) {
    let slow = Slow::new(election);
    let votes: Exact = slow.voters.iter().map(|voter| &voter.weight).sum();
    let lightest = slow.voters.iter().map(|voter| &voter.weight).min().expect("a voter");
    let most = &votes / lightest;
    let budget = &election.budget;
    let mut raised = budget.clone();
    let mut last = run(election, utility, budget);
    let by = match completion {
        Completion::None | Completion::Utilitarian => return (last, Stop::NothingAffordable, 0),
        Completion::Add1 | Completion::Add1Utilitarian => &election.increments.endowment * &votes,
        Completion::BudgetIncrease => budget * &election.increments.budget,
    };
    let increases = completion == Completion::BudgetIncrease;
    for tried in 0.. {
        let left = budget - slow.cost_of(&last.funded);
        let counts = |project| increases || slow.supporters(project).next().is_some();
        let fits = |project| counts(project) && *slow.cost(project) <= left && !last.funded.contains(&project);
        if !slow.order.iter().any(|&project| fits(project)) {
            return (last, Stop::Exhaustive, tried);
        }
        raised += &by;
        if increases && (by.is_zero() || raised > budget * (most.ceil() + whole(1))) {
            return (last, Stop::BoundReached, tried);
        }
        let next = run(election, utility, &raised);
        if slow.cost_of(&next.funded) > *budget {
            return (last, Stop::NextOverspends, tried + 1);
        }
        last = next;
    }
    unreachable!("who has more buys everything in the end")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn completions_are_runs_of_equal_shares_with_more_money(election in elections(ALL_KINDS)) {
        for found in election.allocations() {
            let Rule::EqualShares { utility, completion } = found.rule else { continue };
            let (run, mut stop, expected_tried) = complete(&election, utility, completion);
            let mut steps = run.steps;
            if matches!(completion, Completion::Utilitarian | Completion::Add1Utilitarian) {
                let (more, end) = Slow::new(&election).greedy(Rule::GreedyByVotes, &run.funded);
                steps.extend(more);
                stop = end;
            }
            prop_assert!(found.funded.iter().eq(steps.iter().map(|step| &step.project)));
            prop_assert_eq!((found.steps, found.stop), (steps, stop));
            let Account::Purses { endowment, left, raised } = found.account else { panic!("purses") };
            let Account::Purses { endowment: expected, left: as_run, .. } = run.account else { panic!("purses") };
            prop_assert_eq!((endowment, raised.map_or(0, |raised| raised.tried)), (expected, expected_tried));
            for ballot in 0..left.len() {
                prop_assert_eq!(left.of(ballot), as_run.of(ballot));
            }
        }
    }
}
