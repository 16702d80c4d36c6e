//! What every rule funds, in which order, out of which ties, and what that means to voters.

use std::collections::BTreeMap;

use pluriverse_worlds::budgeting::Exact;
use pluriverse_worlds::budgeting::exact::parse;
use pluriverse_worlds::budgeting::measures::axioms::{cohesive, ejr_plus, order_by_id};
use pluriverse_worlds::budgeting::measures::{Satisfaction, SatisfactionKind, SearchLimit, Verdict};
use pluriverse_worlds::budgeting::tally::{
    Account, Allocation, Contest, IdOrder, Increments, Rule, Step, TieBreaking, TieKey, tally, tied_outcomes,
};
use serde_json::{Value, json};

use super::{Case, Found, with_cases};

/// The oracle's name of a rule taken apart: the rule, and what breaks ties before ids do.
fn rule(name: &str) -> (Rule, Vec<TieKey>) {
    let (base, ties) = name.split_once('@').unwrap_or((name, ""));
    let ours = base
        .replace("greedy_cost", "greedy-votes")
        .replace("greedy_cardinality", "greedy-votes-per-cost")
        .replace("sequential_phragmen", "phragmen")
        .replace("max_welfare_cardinality", "max-welfare")
        .replace("max_welfare_cost", "max-welfare-cost")
        .replace("mes_cardinality", "equal-shares")
        .replace("mes_cost", "equal-shares-cost")
        .replace("+add1+utilitarian", "+add1u")
        .replace("budget_increase_1pct", "budget-increase");
    let keys = match ties {
        "" => vec![],
        "max_votes_then_min_cost_then_lexico" => vec![TieKey::MostVotes, TieKey::LowestCost],
        "min_cost_then_max_votes_then_lexico" => vec![TieKey::LowestCost, TieKey::MostVotes],
        "max_cost_then_max_votes_then_lexico" => vec![TieKey::HighestCost, TieKey::MostVotes],
        other => panic!("{other} is not known"),
    };
    (Rule::named(&ours).unwrap_or_else(|| panic!("{ours} is not known")), keys)
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

fn check_step(case: &Case, step: &Step, expected: &Value, what: &str) {
    assert_eq!(json!(case.ids(&[step.project])[0]), expected["project"], "{what}");
    let value = if expected["rho"].is_null() { &expected["load"] } else { &expected["rho"] };
    match &step.value {
        Some(found) => Found::Exact(found.clone()).check(value, what),
        None => assert!(value.is_null(), "{what}: infinite, not {value}"),
    }
    let tied: Vec<String> = serde_json::from_value(expected["tied"].clone()).expect("ids");
    assert_eq!(sorted(case.ids(&step.tied)), sorted(tied), "{what}");
    if let Some(payment) = &step.payment {
        Found::Exact(payment.largest.clone()).check(&expected["max_payment"], what);
        Found::Exact(payment.payers.clone()).check(&expected["payers_of_max"], what);
        Found::Exact(payment.effective_votes.clone()).check(&expected["effective_votes"], what);
    }
}

fn check_account(account: &Account, expected: &Value, what: &str) {
    let each = |found: Vec<Value>, expected: &Value| {
        if let Some(expected) = expected.as_array() {
            assert_eq!(found, *expected, "{what}");
        }
    };
    match account {
        Account::Plain => {}
        Account::Loads { loads } => {
            each(
                (0..loads.len()).map(|ballot| json!(loads.of(ballot).to_string())).collect(),
                &expected["final_loads"],
            );
        }
        Account::Purses { endowment, left, raised } => {
            for key in ["endowment", "final_endowment"] {
                if !expected[key].is_null() {
                    Found::Exact(endowment.clone()).check(&expected[key], what);
                }
            }
            if !expected["money_left_total"].is_null() {
                Found::Exact(left.total()).check(&expected["money_left_total"], what);
            }
            each((0..left.len()).map(|ballot| json!(left.of(ballot).to_string())).collect(), &expected["money_left"]);
            if let Some(tried) = expected["increments_done"].as_u64() {
                assert_eq!(raised.as_ref().map(|raised| raised.tried), Some(tried), "{what}");
            }
        }
        Account::Optimum { welfare, sets } => {
            Found::Exact(welfare.clone()).check(&expected["optimum"], what);
            assert_eq!(sets.map(|sets| json!(sets as u64)), Some(expected["optimal_sets"].clone()), "{what}");
        }
    }
}

fn check_allocation(case: &Case, found: &Allocation, expected: &Value, what: &str) {
    let funded = case.ids(&found.funded);
    if !expected["selection_order"].is_null() {
        assert_eq!(json!(funded), expected["selection_order"], "{what}");
    }
    // Of several optimal sets the oracle holds the one its solver happened to find.
    if expected["unique"] != json!(false) {
        assert_eq!(json!(sorted(funded)), expected["funded_sorted"], "{what}");
    }
    for (step, expected) in found.steps.iter().zip(expected["steps"].as_array().into_iter().flatten()) {
        check_step(case, step, expected, what);
    }
    if !expected["stop"].is_null() {
        assert_eq!(json!(found.stop.words()), expected["stop"], "{what}");
    }
    check_account(&found.account, expected, what);
}

#[test]
fn every_published_outcome_is_reproduced_step_by_step() {
    with_cases("outcomes of rules", |case| {
        for (name, expected) in case.oracle["rules"].as_object().expect("rules") {
            let what = format!("{}, {name}", case.name);
            let (rule, keys) = rule(name);
            let ties = TieBreaking { keys, ids: IdOrder::Lexicographic };
            let contest = Contest::new(case.instance(), &case.electorate, &ties);
            let increment = expected["increment"].as_str().and_then(parse);
            let default = Increments::default();
            let increments = Increments { endowment: increment.unwrap_or(default.endowment), ..default };
            let found = tally(&contest, rule, &increments).unwrap_or_else(|fault| panic!("{what}: {fault}"));
            check_allocation(case, &found, expected, &what);
            let irresolute = &case.oracle["irresolute"][name];
            if !irresolute.is_null() {
                let outcomes = tied_outcomes(&contest, rule).expect("a rule for approvals").expect("few outcomes");
                let mut found: Vec<Vec<String>> = outcomes.iter().map(|outcome| sorted(case.ids(outcome))).collect();
                found.sort();
                assert_eq!(json!(found), *irresolute, "{what}");
            }
        }
    });
}

#[test]
fn projects_are_ranked_with_their_ties() {
    with_cases("rankings", |case| {
        let ties = TieBreaking { keys: Vec::new(), ids: IdOrder::Lexicographic };
        let contest = Contest::new(case.instance(), &case.electorate, &ties);
        let groups: Vec<Vec<String>> = contest.ranking().iter().map(|group| case.ids(group)).collect();
        assert_eq!(json!(groups), case.oracle["approval_ranking_tied_groups"], "{}", case.name);
        assert_eq!(json!(groups.concat()), case.oracle["approval_ranking"], "{}", case.name);
    });
}

fn check_axioms(case: &Case, funded: &[usize], kind: SatisfactionKind, expected: &Value, what: &str) {
    let order = order_by_id(case.instance());
    let found = cohesive(case.instance(), &case.electorate, funded, kind, &order, SearchLimit::default());
    assert_eq!(json!(found.sets), expected["cohesive_T_examined"], "{what}");
    let mut violations = BTreeMap::new();
    for (name, verdict) in [
        ("EJR", &found.ejr),
        ("EJR_x_strict", &found.ejr_x),
        ("EJR_1_strict", &found.ejr_1),
        ("EJR_x_weak_pabutools", &found.ejr_x_weak),
        ("EJR_1_weak_pabutools", &found.ejr_1_weak),
        ("PJR", &found.pjr),
    ] {
        // Where the oracle did not decide, neither need we.
        if !expected[name].is_null() {
            assert_eq!(json!(*verdict == Verdict::Holds), expected[name], "{what}, {name}");
        }
        if let Verdict::Violated { by } = verdict
            && (!name.contains("weak") || !expected["first_violation_T"][name].is_null())
        {
            violations.insert(name, case.ids(by));
        }
    }
    assert_eq!(json!(violations), expected["first_violation_T"], "{what}");
}

#[test]
fn every_published_measure_and_axiom_of_an_outcome_is_reproduced() {
    with_cases("measures of outcomes", |case| {
        for (name, rule) in case.oracle["rules"].as_object().expect("rules") {
            let ids = rule["funded_sorted"].as_array().expect("ids").iter();
            let funded: Vec<usize> =
                ids.map(|id| case.instance().find(id.as_str().expect("an id")).expect("a project")).collect();
            let of = Satisfaction::of(case.instance(), &case.electorate, &funded);
            for (figure, expected) in rule["measures"].as_object().expect("measures") {
                let what = format!("{}, {name}, {figure}", case.name);
                let whole = |count: &Exact| count.to_string().parse::<u64>().expect("a whole number");
                let histogram: BTreeMap<String, u64> =
                    of.histogram.iter().map(|(funded, count)| (funded.to_string(), whole(count))).collect();
                let found = match figure.as_str() {
                    "total_cost" => Found::Exact(of.total_cost.clone()),
                    "budget_used_exact" => Found::Exact(of.budget_used.clone().expect("a budget")),
                    "exhaustive_all" => Found::Same(json!(of.exhaustive)),
                    "exhaustive_supported" => Found::Same(json!(of.exhaustive_over_supported)),
                    "welfare_cardinality" => Found::Exact(of.cardinality.welfare.clone()),
                    "welfare_cost" => Found::Exact(of.cost.welfare.clone()),
                    "avg_satisfaction_cardinality" => Found::Exact(of.cardinality.average.clone()),
                    "avg_satisfaction_cost" => Found::Exact(of.cost.average.clone()),
                    "share_with_a_funded_project" => Found::Exact(of.with_funded.clone()),
                    "gini_cardinality" => Found::Exact(of.cardinality.gini.clone()),
                    "gini_cost" => Found::Exact(of.cost.gini.clone()),
                    "min_satisfaction" => Found::Exact(of.cardinality.least.clone()),
                    "satisfaction_histogram_cardinality" => Found::Same(json!(histogram)),
                    "avg_capped_fair_share_ratio" => {
                        Found::Exact(of.fair_share.capped_ratio.exact.clone().expect("small"))
                    }
                    "one_minus_avg_normalised_distance_to_fair_share" => {
                        Found::Exact(of.fair_share.closeness.exact.clone().expect("small"))
                    }
                    "axioms_cardinality" | "axioms_cost" => {
                        let kind = if figure.ends_with("cost") {
                            SatisfactionKind::Cost
                        } else {
                            SatisfactionKind::Cardinality
                        };
                        check_axioms(case, &funded, kind, expected, &what);
                        continue;
                    }
                    "EJR_plus_unit" => {
                        let order = order_by_id(case.instance());
                        let verdict = ejr_plus(case.instance(), &case.electorate, &funded, &order);
                        Found::Same(json!(verdict.expect("equal costs") == Verdict::Holds))
                    }
                    other => panic!("{other} is not known"),
                };
                found.check(expected, &what);
            }
        }
    });
}
