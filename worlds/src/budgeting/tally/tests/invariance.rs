//! What must not matter to any rule, and what may only help.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::elections::{ALL_KINDS, APPROVALS, Election, Told, elections, shuffled};
use crate::budgeting::ballot::{Ballot, BallotKind, VoterUnit};
use crate::budgeting::exact::{Exact, whole};
use crate::budgeting::instance::ProjectIndex;
use crate::budgeting::tally::{Increments, Payment, Raised, Rule, RuleFault, Utility};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn no_rule_overspends_or_funds_anything_twice(election in elections(ALL_KINDS)) {
        for rule in Rule::all() {
            let negative = election.electorate().goes_below_zero();
            let fault = match rule {
                Rule::SequentialPhragmen if election.kind != BallotKind::Approval => {
                    Some(RuleFault::NeedsApprovals(rule))
                }
                Rule::EqualShares { .. } if negative => Some(RuleFault::BelowZero(rule)),
                _ => None,
            };
            let found = election.tally(rule);
            prop_assert_eq!(found.as_ref().err(), fault.as_ref());
            let Ok(found) = found else { continue };
            prop_assert_eq!(found.rule, rule);
            let distinct: BTreeSet<_> = found.funded.iter().collect();
            prop_assert_eq!(distinct.len(), found.funded.len());
            let spent: Exact = found.funded.iter().map(|&project| &election.costs[project]).sum();
            prop_assert!(spent <= election.budget);
            if !matches!(rule, Rule::MaxWelfare { .. }) {
                prop_assert!(found.steps.iter().map(|step| &step.project).eq(&found.funded));
                prop_assert!(found.steps.iter().all(|step| step.tied[0] == step.project));
            }
        }
    }

    #[test]
    fn who_votes_for_a_funded_project_alone_never_unfunds_it(election in elections(APPROVALS), chosen in 0_usize..8) {
        for rule in [Rule::ApprovalRanking, Rule::GreedyByVotes, Rule::GreedyByVotesPerCost] {
            let funded = election.tally(rule).expect("approvals").funded;
            let Some(&project) = funded.get(chosen % funded.len().max(1)) else { continue };
            let mut more = election.clone();
            more.ballots.push(Ballot { projects: vec![project], points: Vec::new() });
            more.agents.push(99);
            prop_assert!(more.tally(rule).expect("approvals").funded.contains(&project));
        }
    }

    #[test]
    fn the_order_of_voters_is_of_no_matter((election, _, order) in shuffled(ALL_KINDS)) {
        let ballots = order.iter().map(|&ballot| election.ballots[ballot].clone()).collect();
        let agents = order.iter().map(|&ballot| election.agents[ballot]).collect();
        let mut expected = election.told();
        for told in &mut expected {
            let by_ballot = std::mem::take(&mut told.by_ballot);
            let in_order = order.iter().filter_map(|&ballot| by_ballot.get(ballot));
            told.by_ballot = in_order.cloned().collect();
        }
        prop_assert_eq!(Election { ballots, agents, ..election }.told(), expected);
    }

    #[test]
    fn the_order_of_projects_is_of_no_matter((election, order, _) in shuffled(ALL_KINDS)) {
        let expected = election.told();
        prop_assert_eq!(reordered(election, &order).told(), expected);
    }

    #[test]
    fn the_currency_is_of_no_matter(election in elections(ALL_KINDS), above in 1_u32..50, below in 1_u32..50) {
        let factor = whole(above) / whole(below);
        let expected: Vec<Told> = election.told().into_iter().map(|told| converted(told, &factor)).collect();
        let Increments { endowment, budget } = election.increments;
        let changed = Election {
            costs: election.costs.iter().map(|cost| cost * &factor).collect(),
            budget: &election.budget * &factor,
            // Add1 gives money, a budget increase a share of the budget.
            increments: Increments { endowment: endowment * &factor, budget },
            ..election
        };
        prop_assert_eq!(changed.told(), expected);
    }

    #[test]
    fn agents_who_all_vote_equally_often_count_as_their_ballots_do(election in elections(ALL_KINDS), each in 1_u32..4) {
        let mut by_ballot = Election { unit: VoterUnit::Ballot, ..election };
        let agents = by_ballot.ballots.len() as u32;
        let ballots = by_ballot.ballots.clone();
        // Ballots stand for all ballots of an agent, turned round so that an agent's differ.
        for turn in 1..each as usize {
            by_ballot.ballots.extend((0..ballots.len()).map(|place| ballots[(place + turn) % ballots.len()].clone()));
        }
        by_ballot.agents = (0..agents).cycle().take(by_ballot.ballots.len()).collect();
        let mut by_agent = Election { unit: VoterUnit::Agent, ..by_ballot.clone() };
        // What Add1 gives an agent is shared by its ballots.
        by_agent.increments.endowment *= whole(each);
        for (one, other) in by_ballot.told().into_iter().zip(by_agent.told()) {
            prop_assert_eq!((one.funded, one.stop), (other.funded, other.stop), "{:?}", one.rule);
            prop_assert_eq!(one.outcomes, other.outcomes);
        }
    }
}

/// The same election with its projects in another order.
fn reordered(election: Election, order: &[ProjectIndex]) -> Election {
    let place = |project: &ProjectIndex| order.iter().position(|other| other == project).expect("a place");
    let ballot = |ballot: &Ballot| Ballot { projects: ballot.projects.iter().map(place).collect(), ..ballot.clone() };
    Election {
        ids: order.iter().map(|&project| election.ids[project].clone()).collect(),
        costs: order.iter().map(|&project| election.costs[project].clone()).collect(),
        ballots: election.ballots.iter().map(ballot).collect(),
        ..election
    }
}

/// What is told in another currency.
fn converted(mut told: Told, factor: &Exact) -> Told {
    let rule = told.rule;
    let money = |amount: Exact| amount * factor;
    for (_, value, _, payment) in &mut told.steps {
        *value = value.take().map(|value| match (rule, &payment) {
            (Rule::GreedyByVotesPerCost, _) => value / factor,
            (Rule::SequentialPhragmen, _) | (Rule::EqualShares { utility: Utility::Cardinality, .. }, Some(_)) => {
                value * factor
            }
            // Votes, and money for money.
            _ => value,
        });
        *payment = payment.take().map(|told| Payment { largest: money(told.largest), ..told });
    }
    if rule != (Rule::MaxWelfare { utility: Utility::Cardinality }) {
        told.figure *= factor;
    }
    told.raised = told.raised.map(|raised| Raised { step: money(raised.step), ..raised });
    told.by_ballot = told.by_ballot.into_iter().map(money).collect();
    told
}
