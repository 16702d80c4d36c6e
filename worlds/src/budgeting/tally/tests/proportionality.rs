//! Theorems on what groups of voters get who agree on something.

use proptest::prelude::*;

use super::elections::{APPROVALS, Election, elections, of_equal_costs};
use crate::budgeting::measures::axioms::{Cohesive, cohesive, ejr_plus};
use crate::budgeting::measures::{SatisfactionKind, SearchLimit, Verdict};
use crate::budgeting::tally::{Completion, Rule, Utility};

fn equal_shares(utility: Utility) -> Rule {
    Rule::EqualShares { utility, completion: Completion::None }
}

/// Verdicts on what a rule funds.
fn verdicts(election: &Election, rule: Rule, kind: SatisfactionKind) -> (Cohesive, Option<Verdict>) {
    let funded = election.tally(rule).expect("approvals").funded;
    let (instance, electorate) = (election.instance(), election.electorate());
    let order: Vec<usize> = (0..instance.len()).collect();
    let found = cohesive(&instance, &electorate, &funded, kind, &order, SearchLimit::default());
    (found, ejr_plus(&instance, &electorate, &funded, &order))
}

proptest! {
    // Peters, Pierczyński & Skowron 2021 (arXiv 2008.13276); Brill & Peters 2023 (arXiv 2302.01989) for EJR+.
    #[test]
    fn equal_shares_satisfies_ejr_where_costs_are_equal(election in of_equal_costs()) {
        let (found, plus) = verdicts(&election, equal_shares(Utility::Cardinality), SatisfactionKind::Cardinality);
        prop_assert_eq!(found.ejr, Verdict::Holds);
        prop_assert_eq!(found.pjr, Verdict::Holds);
        prop_assert_eq!(plus.unwrap_or(Verdict::Holds), Verdict::Holds);
    }

    // EJR-1: Peters, Pierczyński & Skowron 2021 for any additive utilities. EJR-X, which implies it: Brill, Forster,
    // Lackner, Maly & Peters 2023 (arXiv 2302.03672) for utilities that grow with costs, and not faster than these.
    #[test]
    fn equal_shares_satisfies_ejr_up_to_any_project_whatever_costs(election in elections(APPROVALS)) {
        for (utility, kind) in [
            (Utility::Cardinality, SatisfactionKind::Cardinality),
            (Utility::Cost, SatisfactionKind::Cost),
        ] {
            let (found, _) = verdicts(&election, equal_shares(utility), kind);
            prop_assert_eq!(found.ejr_1, Verdict::Holds);
            prop_assert_eq!(found.ejr_x, Verdict::Holds);
        }
    }

    // Brill, Freeman, Janson & Lackner 2017 for committees. It holds as well where c does not divide B: let k = ⌊B/c⌋
    // projects be funded, and voters S, whom ℓ projects are due, support fewer than ℓ of these together. Their loads
    // sum up to c(ℓ - 1) at most, so no load exceeds cℓ/|S|, or a project they all support would have been bought
    // instead. Of the sum of all loads, ck, the others carry c(k - ℓ + 1) or more, so |S|(k + 1) ≤ ℓn; but |S| ≥ ℓnc/B
    // and B/c < k + 1. That the rule ends at a tie of which one project does not fit is of no matter: none does.
    #[test]
    fn phragmen_satisfies_pjr_where_costs_are_equal(election in of_equal_costs()) {
        let (found, _) = verdicts(&election, Rule::SequentialPhragmen, SatisfactionKind::Cardinality);
        prop_assert_eq!(found.pjr, Verdict::Holds);
    }
}
