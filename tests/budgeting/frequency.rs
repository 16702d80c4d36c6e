//! How votes spread over projects.

use pluriverse_worlds::budgeting::exact::{to_f64, whole};
use pluriverse_worlds::budgeting::measures::Breadth;
use pluriverse_worlds::budgeting::measures::breadth::{exact_length, rate_thresholds, share_thresholds};
use serde_json::{Map, Value, json};

use super::{Case, Found, with_cases};

/// A figure by the name the oracle has for it; `None` for those that are objects.
fn figure(name: &str, breadth: &Breadth, length: Option<usize>) -> Option<Found> {
    Some(match name {
        "approvals_total" => Found::Exact(breadth.approvals()),
        "shannon_nats" => Found::Real(breadth.shannon_nats()),
        "shannon_bits" => Found::Real(breadth.shannon_bits()),
        "pielou_evenness" => Found::Real(breadth.evenness().expect("several projects")),
        "effective_number_hill1_expH" => Found::Real(breadth.hill1()),
        "simpson_sum_p2_exact" => Found::Exact(breadth.simpson()),
        "effective_number_hill2_exact" => Found::Exact(breadth.hill2()),
        "hill2" => Found::Real(to_f64(&breadth.hill2())),
        "gini_simpson" => Found::Real(to_f64(&breadth.gini_simpson())),
        "simpson_unbiased_exact" => Found::Exact(breadth.simpson_unbiased().expect("several approvals")),
        "hill0_support" => Found::Exact(whole(breadth.hill0())),
        "berger_parker_exact" => Found::Exact(breadth.hill_infinity().recip()),
        "hill_inf" => Found::Real(to_f64(&breadth.hill_infinity())),
        "gini_exact" => Found::Exact(breadth.gini()),
        "gini" => Found::Real(to_f64(&breadth.gini())),
        "miller_madow_nats" => Found::Real(breadth.miller_madow_nats().expect("whole counts")),
        "min_projects_for_half_of_approvals" => Found::Exact(whole(breadth.projects_for_half())),
        "exact_k" => Found::Exact(whole(length.expect("ballots of one length"))),
        "normalised_breadth_hill1" => Found::Real(breadth.normalised_hill1(length?).expect("more projects than k")),
        "normalised_breadth_hill2" => Found::Real(to_f64(&breadth.normalised_hill2(length?).expect("more than k"))),
        _ => return None,
    })
}

fn check_objects(case: &Case, name: &str, expected: &Map<String, Value>, breadth: &Breadth) {
    let voters = case.electorate.voters();
    let rates = breadth.rates(&voters).expect("voters");
    let top = breadth.top_shares(5);
    for (key, value) in expected {
        let project = || case.instance().find(key).expect("a project");
        let threshold = || key.as_str();
        let found = match name {
            "counts" => Found::Exact(whole(case.electorate.support()[project()])),
            "shares_exact" => Found::Exact(breadth.shares()[project()].clone()),
            "approval_rate_exact" => Found::Exact(rates[project()].clone()),
            "top_k_share_exact" => Found::Exact(top[key.parse::<usize>().expect("a number") - 1].clone()),
            "coverage_share_ge" => {
                let all = share_thresholds(case.instance().len());
                assert_eq!(all.len(), expected.len());
                let at = all.iter().find(|at| at.to_string() == threshold()).expect("the threshold");
                Found::Exact(whole(breadth.coverage_by_share(at)))
            }
            "coverage_rate_ge" => {
                let at = rate_thresholds().into_iter().find(|at| at.to_string() == threshold()).expect("the threshold");
                Found::Exact(whole(breadth.coverage_by_rate(&voters, &at)))
            }
            other => panic!("{other} is not known"),
        };
        found.check(value, &format!("{}, {name}, {key}", case.name));
    }
}

#[test]
fn every_published_figure_of_vote_frequencies_is_reproduced() {
    with_cases("vote frequencies", |case| {
        let breadth = Breadth::of(&case.electorate.support()).expect("votes");
        let length = exact_length(case.file.profile.voters.iter().map(|voter| voter.ballot.projects.len()));
        let expected = case.oracle["vote_frequency"].as_object().expect("figures");
        assert_eq!(json!(length.is_some()), json!(expected.contains_key("exact_k")), "{}", case.name);
        for (name, value) in expected {
            match figure(name, &breadth, length) {
                Some(found) => found.check(value, &format!("{}, {name}", case.name)),
                None => check_objects(case, name, value.as_object().expect("by project"), &breadth),
            }
        }
    });
}
