//! Maximum welfare against all sets of projects.

use std::collections::BTreeSet;

use num_traits::{Signed, Zero};
use proptest::prelude::*;

use super::elections::{ALL_KINDS, Election, elections};
use super::slowly::Slow;
use crate::budgeting::exact::Exact;
use crate::budgeting::instance::ProjectIndex;
use crate::budgeting::tally::{Account, Rule, Stop, Utility};

/// The highest welfare, and all affordable sets that have it.
fn optima(election: &Election, utility: Utility) -> (Exact, BTreeSet<Vec<ProjectIndex>>) {
    let slow = Slow::new(election);
    let welfare = |&project: &ProjectIndex| match utility {
        Utility::Cardinality => slow.score(project),
        Utility::Cost => slow.score(project) * slow.cost(project),
    };
    let worth: Vec<Exact> = (0..election.ids.len()).map(|project| welfare(&project)).collect();
    // What voters like less than nothing is left alone, also where it adds nothing because it costs nothing.
    let liked = |set: &Vec<_>| !set.iter().any(|&project| slow.score(project).is_negative());
    let sets = (0_u32..1 << worth.len()).map(|set| (0..worth.len()).filter(|one| set >> one & 1 == 1).collect());
    let affordable = sets.filter(|set| liked(set) && slow.cost_of(set) <= election.budget);
    let mut best = (Exact::zero(), BTreeSet::new());
    for set in affordable {
        let sum: Exact = set.iter().map(|&project| &worth[project]).sum();
        if sum > best.0 {
            best = (sum.clone(), BTreeSet::new());
        }
        if sum == best.0 {
            best.1.insert(set);
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn maximum_welfare_is_that_of_trying_all_sets(election in elections(ALL_KINDS)) {
        let order = election.contest(|contest| contest.by_rank().to_vec());
        for utility in [Utility::Cardinality, Utility::Cost] {
            let rule = Rule::MaxWelfare { utility };
            let found = election.tally(rule).expect("any ballots");
            let (best, sets) = optima(&election, utility);
            // Of two sets, that is first which has the first project they differ in.
            let key = |set: &&Vec<ProjectIndex>| order.iter().map(|project| set.contains(project)).collect::<Vec<_>>();
            let first = sets.iter().max_by_key(key).expect("a set");
            let first: Vec<_> = order.iter().copied().filter(|project| first.contains(project)).collect();
            prop_assert_eq!((&found.funded, found.stop), (&first, Stop::Optimal));
            let expected = Account::Optimum { welfare: best, sets: Some(sets.len() as u128) };
            prop_assert_eq!(found.account, expected);
            prop_assert_eq!(election.tied(rule), Some(sets));
        }
    }
}
