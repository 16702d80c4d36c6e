//! What voters pay under Equal Shares, read off the account of it step by step.

use num_traits::{Signed, Zero};
use proptest::prelude::*;

use super::elections::{ALL_KINDS, Election, elections};
use super::slowly::Slow;
use crate::budgeting::exact::Exact;
use crate::budgeting::tally::{Account, Payment, Rule, Step, Utility};

/// Has supporters pay for one project at this price, and compares with what is told of it.
fn pay(
    slow: &Slow<'_>,
    money: &mut [Exact],
    utility: Utility,
    step: &Step,
    told: &Payment,
) -> Result<Exact, TestCaseError> {
    let (project, rho) = (step.project, step.value.as_ref().expect("a price"));
    let mut paid = Vec::new();
    for (place, voter) in slow.supporters(project) {
        let amount = (rho * slow.weighed(voter, project, utility)).min(money[place].clone());
        money[place] -= &amount;
        paid.push((amount / &voter.weight, &voter.weight));
    }
    let sum: Exact = paid.iter().map(|(amount, weight)| amount * *weight).sum();
    prop_assert_eq!(&sum, slow.cost(project));
    let per_utility = if utility == Utility::Cost { rho * slow.cost(project) } else { rho.clone() };
    let effective = if sum.is_zero() { slow.score(project) } else { &sum / per_utility };
    prop_assert_eq!(&told.effective_votes, &effective);
    let largest = paid.iter().map(|(amount, _)| amount).max().expect("a supporter");
    let payers: Exact = paid.iter().filter(|(amount, _)| amount == largest).map(|(_, weight)| *weight).sum();
    prop_assert_eq!((&told.largest, &told.payers), (largest, &payers));
    Ok(sum)
}

fn follow(election: &Election) -> Result<(), TestCaseError> {
    let slow = Slow::new(election);
    for found in election.allocations() {
        let Rule::EqualShares { utility, .. } = found.rule else { continue };
        let Account::Purses { endowment, left, .. } = found.account else { panic!("an account of purses") };
        let mut money: Vec<Exact> = slow.voters.iter().map(|voter| &voter.weight * &endowment).collect();
        let given: Exact = money.iter().sum();
        let mut spent = Exact::zero();
        // Steps without a payment are those of a completion, which spends what is left of the budget.
        for (step, told) in found.steps.iter().filter_map(|step| Some((step, step.payment.as_ref()?))) {
            spent += pay(&slow, &mut money, utility, step, told)?;
        }
        prop_assert!(money.iter().all(|left| !left.is_negative()));
        prop_assert_eq!(spent + left.total(), given);
        for (ballot, expected) in money.iter().enumerate() {
            prop_assert_eq!(&left.of(ballot), expected);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn every_supporter_pays_its_price_or_all_it_has_and_no_money_is_lost(election in elections(ALL_KINDS)) {
        follow(&election)?;
    }
}
