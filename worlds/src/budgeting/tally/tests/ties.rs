//! Every outcome that ties can make, against all orders in which they can be broken.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::elections::{ALL_KINDS, Election, elections, elections_of};
use super::slowly::Slow;
use crate::budgeting::instance::ProjectIndex;
use crate::budgeting::tally::{Completion, IdOrder, Rule, TieBreaking, TieKey};

/// All orders of the first so many ids.
fn orders(of: usize) -> Vec<Vec<String>> {
    if of == 0 {
        return vec![Vec::new()];
    }
    let with = |order: Vec<String>| {
        (0..of).map(move |place| {
            let mut order = order.clone();
            order.insert(place, of.to_string());
            order
        })
    };
    orders(of - 1).into_iter().flat_map(with).collect()
}

fn funded(election: &Election, rule: Rule) -> Option<Vec<ProjectIndex>> {
    let mut funded = election.tally(rule).ok()?.funded;
    funded.sort_unstable();
    Some(funded)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn tied_outcomes_are_those_of_all_orders_of_ties(election in elections_of(ALL_KINDS, 2..=4)) {
        for rule in Rule::all() {
            if funded(&election, rule).is_none() {
                continue;
            }
            let Some(expected) = election.tied(rule) else {
                let completes = matches!(rule, Rule::EqualShares { completion, .. } if completion != Completion::None);
                prop_assert!(completes, "{rule:?}");
                continue;
            };
            let of_order = |ids| funded(&Election { ids, ties: TieBreaking::default(), ..election.clone() }, rule);
            let found: BTreeSet<_> = orders(election.ids.len()).into_iter().filter_map(of_order).collect();
            if matches!(rule, Rule::MaxWelfare { .. }) {
                // A set is never chosen where one that contains it is as good.
                let contained = |set: &Vec<_>| {
                    expected.iter().any(|other| other.len() > set.len() && set.iter().all(|one| other.contains(one)))
                };
                let largest = expected.iter().filter(|set| !contained(set)).cloned().collect();
                prop_assert_eq!(found, largest);
            } else {
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn ties_are_broken_by_the_declared_keys_and_then_by_id(election in elections(ALL_KINDS)) {
        let ids = match election.ties.ids {
            IdOrder::Natural => ["1", "2", "9", "010", "10", "a", "p2", "p10"],
            IdOrder::Lexicographic => ["010", "1", "10", "2", "9", "a", "p10", "p2"],
        };
        let slow = Slow::new(&election);
        let value = |project, key: &TieKey| match key {
            TieKey::MostVotes => -slow.score(project),
            TieKey::LowestCost => slow.cost(project).clone(),
            TieKey::HighestCost => -slow.cost(project),
        };
        let key = |project: &ProjectIndex| {
            let values: Vec<_> = election.ties.keys.iter().map(|key| value(*project, key)).collect();
            (values, ids.iter().position(|id| *id == election.ids[*project]))
        };
        prop_assert!(slow.order.is_sorted_by_key(key));
    }

    #[test]
    fn the_declared_order_leads_to_one_of_the_tied_outcomes(election in elections(ALL_KINDS)) {
        for rule in Rule::all() {
            let Some(funded) = funded(&election, rule) else { continue };
            if let Some(outcomes) = election.tied(rule) {
                prop_assert!(outcomes.contains(&funded), "{rule:?}: {funded:?} of {outcomes:?}");
            }
        }
    }
}
