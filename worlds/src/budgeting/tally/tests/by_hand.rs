//! Elections worked out by hand.

use std::collections::BTreeSet;

use super::elections::{Election, number, places};
use crate::budgeting::ballot::{Ballot, BallotKind, VoterUnit};
use crate::budgeting::exact::{Exact, whole};
use crate::budgeting::instance::ProjectIndex;
use crate::budgeting::tally::{Account, Allocation, IdOrder, Rule, RuleFault, Stop, TieBreaking};

fn rule(name: &str) -> Rule {
    Rule::named(name).expect("a rule")
}

fn counted(election: &Election, name: &str) -> Allocation {
    election.tally(rule(name)).expect("ballots the rule takes")
}

/// Values of all steps, `inf` where one is infinite.
fn values(found: &Allocation) -> String {
    let text = |value: &Option<Exact>| value.as_ref().map_or("inf".to_owned(), ToString::to_string);
    found.steps.iter().map(|step| text(&step.value)).collect::<Vec<_>>().join(" ")
}

/// Largest payment, how many paid it, and effective votes, of each step.
fn payments(found: &Allocation) -> Vec<[Exact; 3]> {
    let payments = found.steps.iter().filter_map(|step| step.payment.clone());
    payments.map(|payment| [payment.largest, payment.payers, payment.effective_votes]).collect()
}

/// What is left to each ballot, or its load.
fn each_ballot(found: &Allocation) -> Vec<Exact> {
    match &found.account {
        Account::Loads { loads: each } | Account::Purses { left: each, .. } => {
            assert!(!each.is_empty());
            (0..each.len()).map(|ballot| each.of(ballot)).collect()
        }
        Account::Plain | Account::Optimum { .. } => Vec::new(),
    }
}

fn numbers(texts: &str) -> Vec<Exact> {
    texts.split_whitespace().map(number).collect()
}

#[test]
fn every_rule_is_found_by_its_name() {
    for rule in Rule::all() {
        assert_eq!(Rule::named(rule.name()), Some(rule));
    }
}

#[test]
fn greedy_rules_pass_over_what_does_not_fit_and_approval_ranking_ends_there() {
    let dear = Election::of_letters(&["2", "4", "1"], "3", &[("a", 3), ("b", 2), ("c", 1)]);
    let free = Election::of_letters(&["0", "0", "1"], "1", &[("a", 1), ("b", 2), ("c", 3)]);
    let unwanted = Election::of_letters(&["1", "1"], "2", &[("a", 1)]);
    for (election, name, funded, expected, stop) in [
        (&dear, "approval-ranking", "a", "3", Stop::NextDoesNotFit),
        (&dear, "greedy-votes", "ac", "3 1", Stop::NothingFits),
        (&dear, "greedy-votes-per-cost", "ac", "3/2 1", Stop::NothingFits),
        (&free, "approval-ranking", "cba", "3 2 1", Stop::NothingFits),
        (&free, "greedy-votes", "cba", "3 2 1", Stop::NothingFits),
        (&free, "greedy-votes-per-cost", "bac", "inf inf 3", Stop::NothingFits),
        // What nobody wants is funded by what is left.
        (&unwanted, "greedy-votes", "ab", "1 0", Stop::NothingFits),
        (&unwanted, "phragmen", "ab", "1 inf", Stop::NothingFits),
        (&unwanted, "equal-shares", "a", "1", Stop::NothingAffordable),
        (&unwanted, "equal-shares+utilitarian", "ab", "1 0", Stop::NothingFits),
    ] {
        let found = counted(election, name);
        assert_eq!((&found.funded, values(&found).as_str(), found.stop), (&places(funded), expected, stop), "{name}");
    }
}

#[test]
fn phragmen_ends_at_a_tie_of_which_one_does_not_fit() {
    // Cases that pabutools 1.2.3 was seen to decide so. In the second, a and b tie at load 1 after c.
    for (costs, ballots, funded, expected, loads, outcomes) in [
        (&["2", "1"][..], &[("a", 2), ("b", 1)][..], "a", "1", "1 1 0", &["a", "b"][..]),
        (&["2", "1", "1"], &[("c", 2), ("a", 2), ("b", 1)], "c", "1/2", "1/2 1/2 0 0 0", &["c"]),
    ] {
        let election = Election::of_letters(costs, "2", ballots);
        let found = counted(&election, "phragmen");
        assert_eq!((&found.funded, values(&found).as_str()), (&places(funded), expected));
        assert_eq!(found.stop, Stop::LeastLoadDoesNotFit);
        assert_eq!(each_ballot(&found), numbers(loads));
        let outcomes: BTreeSet<_> = outcomes.iter().map(|outcome| places(outcome)).collect();
        assert_eq!(election.tied(Rule::SequentialPhragmen), Some(outcomes));
    }
}

#[test]
fn of_two_projects_bought_it_matters_which_came_first() {
    // a and b tie. Who supports only the first of them carries less afterwards, or has more left, so that its own
    // project is bought, and not that of who supports only the second.
    for (costs, budget, name) in
        [(["1"; 4], "3", "phragmen"), (["1", "1", "0.375", "0.375"], "2.625", "equal-shares-cost")]
    {
        let election = Election::of_letters(&costs, budget, &[("ac", 1), ("ab", 1), ("bd", 1)]);
        let outcomes = ["abc", "abd"].map(places);
        assert_eq!(counted(&election, name).funded, outcomes[0], "{name}");
        assert_eq!(election.tied(rule(name)), Some(BTreeSet::from(outcomes)), "{name}");
    }
}

/// Thirteen voters who each approve a project and the three behind it, round a circle: all have four votes.
fn circle(ids: IdOrder) -> Election {
    let ballots = (0..13).map(|voter| (voter..voter + 4).map(|place| place % 13).collect());
    Election {
        ids: (1..=13).map(|id| id.to_string()).collect(),
        ballots: ballots.map(|projects| Ballot { projects, points: Vec::new() }).collect(),
        agents: (0..13).collect(),
        ties: TieBreaking { keys: Vec::new(), ids },
        ..Election::of_letters(&["1"; 13], "4", &[])
    }
}

#[test]
fn thirteen_tied_projects_are_taken_in_the_declared_order() {
    for (name, natural, lexicographic) in [
        ("approval-ranking", "1 2 3 4", "1 10 11 12"),
        ("greedy-votes", "1 2 3 4", "1 10 11 12"),
        ("greedy-votes-per-cost", "1 2 3 4", "1 10 11 12"),
        ("max-welfare", "1 2 3 4", "1 10 11 12"),
        ("max-welfare-cost", "1 2 3 4", "1 10 11 12"),
        // Who has paid 1/4 of 4/13 cannot pay as much again; of projects whose four supporters have paid nothing those
        // from 5 to 10 come second, and third what is left of them.
        ("equal-shares", "1 5 9", "1 10 5"),
        ("equal-shares-cost", "1 5 9", "1 10 5"),
        ("equal-shares+utilitarian", "1 5 9 2", "1 10 5 11"),
        // The one voter without a load, 10 or 6, decides what comes fourth.
        ("phragmen", "1 5 9 10", "1 10 5 6"),
    ] {
        for (ids, funded) in [(IdOrder::Natural, natural), (IdOrder::Lexicographic, lexicographic)] {
            let election = circle(ids);
            let found = counted(&election, name);
            let named: Vec<&str> = found.funded.iter().map(|&project| election.ids[project].as_str()).collect();
            assert_eq!(named.join(" "), funded, "{name}");
            assert!(found.steps.first().is_none_or(|first| first.tied.len() == 13), "{name}");
        }
    }
    let election = circle(IdOrder::Natural);
    assert_eq!(election.ranking(), [(0..13).collect::<Vec<ProjectIndex>>()]);
    let phragmen = counted(&election, "phragmen");
    assert_eq!(values(&phragmen), "1/4 1/4 1/4 7/16");
    assert_eq!(phragmen.steps[3].tied, [9, 10, 11, 12]);
    let Account::Optimum { sets, .. } = counted(&election, "max-welfare").account else { panic!("an optimum") };
    assert_eq!(sets, Some(715), "4 of 13");
}

#[test]
fn supporters_pay_in_proportion_to_their_points() {
    let points = |projects: &str, points: &[i64]| Ballot { projects: places(projects), points: points.to_vec() };
    let election = Election {
        kind: BallotKind::Cumulative,
        ballots: vec![points("ab", &[4, 1]), points("ba", &[3, 2]), points("bc", &[2, 3])],
        agents: vec![0, 1, 2],
        ..Election::of_letters(&["3", "3", "2"], "6", &[])
    };
    // All have 2. At 1/2 a point both a and b can be paid for; a costs the first voter 2 and the second 1. Then b would
    // cost the third 1 a point, and c costs it 2/3, after which b is out of reach.
    let found = counted(&election, "equal-shares");
    assert_eq!((&found.funded, values(&found).as_str()), (&places("ac"), "1/2 2/3"));
    assert_eq!(found.steps[0].tied, places("ab"));
    assert_eq!(payments(&found), [["2", "1", "6"], ["2", "1", "3"]].map(|texts| texts.map(number)));
    assert_eq!(each_ballot(&found), numbers("0 1 0"));
    let outcomes = BTreeSet::from([places("ac"), places("b")]);
    assert_eq!(election.tied(rule("equal-shares")), Some(outcomes));
    // By money, b and c are equally good in the second place: 1/3 a point and unit of cost.
    let found = counted(&election, "equal-shares-cost");
    assert_eq!((&found.funded, values(&found).as_str()), (&places("ab"), "1/6 1/3"));
    assert_eq!(found.steps[1].tied, places("bc"));
    assert_eq!(each_ballot(&found), numbers("0 0 0"));
}

#[test]
fn who_has_too_little_pays_all_and_others_pay_more() {
    let election = Election::of_letters(&["2", "0.6"], "3", &[("ab", 1), ("a", 2)]);
    let found = counted(&election, "equal-shares");
    assert_eq!((&found.funded, values(&found).as_str()), (&places("ba"), "3/5 4/5"));
    assert_eq!(payments(&found), [["3/5", "1", "1"], ["4/5", "2", "5/2"]].map(|texts| texts.map(number)));
    assert_eq!(each_ballot(&found), numbers("0 1/5 1/5"));
}

#[test]
fn endowments_are_raised_as_far_as_the_increment_lets_them() {
    let small = Election::of_letters(&["0.5", "0.5", "0.5"], "1", &[("a", 2), ("bc", 1)]);
    let large = Election::of_letters(&["50", "50", "50"], "100", &[("a", 2), ("bc", 1)]);
    let unwanted = Election::of_letters(&["1", "1"], "2", &[("a", 1)]);
    // Everybody has a third of the budget, and the third voter needs half of it for b.
    for (election, name, increment, funded, stop, tried, endowment) in [
        (&small, "equal-shares", "1", "a", Stop::NothingAffordable, None, "1/3"),
        // With 4/3 all three are bought: too large an increment for costs of order 1.
        (&small, "equal-shares+add1", "1", "a", Stop::NextOverspends, Some(1), "1/3"),
        (&small, "equal-shares+add1u", "1", "ab", Stop::NothingFits, Some(1), "1/3"),
        (&small, "equal-shares+add1", "0.1", "ab", Stop::Exhaustive, Some(2), "8/15"),
        (&large, "equal-shares+add1", "1", "ab", Stop::Exhaustive, Some(17), "151/3"),
        (&small, "equal-shares+budget-increase", "1", "ab", Stop::Exhaustive, Some(50), "1/2"),
        (&large, "equal-shares-cost+budget-increase", "1", "ab", Stop::Exhaustive, Some(50), "50"),
        // What nobody wants keeps a budget increase going to its bound, twice the budget here, and Add1 not.
        (&unwanted, "equal-shares+budget-increase", "1", "a", Stop::BoundReached, Some(100), "4"),
        (&unwanted, "equal-shares+add1", "1", "a", Stop::Exhaustive, Some(0), "2"),
    ] {
        let mut election = election.clone();
        election.increments.endowment = number(increment);
        let found = counted(&election, name);
        assert_eq!((&found.funded, found.stop), (&places(funded), stop), "{name} {increment}");
        let Account::Purses { endowment: given, raised, .. } = found.account else { panic!("an account of purses") };
        assert_eq!((given, raised.map(|raised| raised.tried)), (number(endowment), tried), "{name} {increment}");
    }
}

#[test]
fn maximum_welfare_may_do_without_the_most_wanted() {
    let crowded = Election::of_letters(&["3", "2", "2"], "4", &[("a", 3), ("b", 2), ("c", 2)]);
    let tied = Election::of_letters(&["1", "1", "1"], "2", &[("abc", 1)]);
    let unwanted = Election::of_letters(&["1", "1"], "2", &[("b", 1)]);
    for (election, name, funded, welfare, sets) in [
        (&crowded, "max-welfare", "bc", 4, 1),
        (&crowded, "max-welfare-cost", "a", 9, 1),
        (&tied, "max-welfare", "ab", 2, 3),
        (&unwanted, "max-welfare", "ab", 1, 2),
    ] {
        let found = counted(election, name);
        let expected = Account::Optimum { welfare: whole(welfare), sets: Some(sets) };
        assert_eq!((found.funded, found.account), (places(funded), expected), "{name}");
    }
}

#[test]
fn scores_are_approvals_borda_points_or_points() {
    let named = |projects: &str, points: &[i64]| Ballot { projects: places(projects), points: points.to_vec() };
    for (kind, ballots, scale, unnamed, expected) in [
        (BallotKind::Approval, [named("ba", &[]), named("b", &[])], 1, 0, "1 2 0"),
        // Ranked last counts as not ranked.
        (BallotKind::Ranking, [named("abc", &[]), named("cb", &[])], 1, 0, "2 1 1"),
        (BallotKind::Cumulative, [named("ab", &[15, 5]), named("cb", &[20, 0])], 10, 0, "3/2 1/2 2"),
        (BallotKind::Scoring, [named("ab", &[3, -1]), named("c", &[1])], 2, -1, "1 -1 0"),
    ] {
        let agents = vec![0, 1];
        let election = Election::of_letters(&["1", "1", "1"], "2", &[]);
        let election = Election { kind, ballots: ballots.to_vec(), scale, unnamed, agents, ..election };
        assert_eq!(election.contest(|contest| contest.scores.clone()), numbers(expected), "{kind:?}");
    }
}

#[test]
fn an_agent_of_many_ballots_weighs_as_much_as_one_of_few() {
    let by_ballot =
        Election { agents: vec![0, 0, 0, 1], ..Election::of_letters(&["1", "1"], "2", &[("a", 3), ("b", 1)]) };
    let by_agent = Election { unit: VoterUnit::Agent, ..by_ballot.clone() };
    for (election, name, funded, expected, each) in [
        (&by_ballot, "equal-shares", "a", "1/3", "1/6 1/6 1/6 1/2"),
        (&by_agent, "equal-shares", "ab", "1 1", "0 0 0 0"),
        (&by_ballot, "phragmen", "ab", "1/3 1", "1/3 1/3 1/3 1"),
        (&by_agent, "phragmen", "ab", "1 1", "1 1 1 1"),
        (&by_ballot, "greedy-votes", "ab", "3 1", ""),
        (&by_agent, "greedy-votes", "ab", "1 1", ""),
    ] {
        let found = counted(election, name);
        assert_eq!((&found.funded, values(&found).as_str()), (&places(funded), expected), "{name}");
        assert_eq!(each_ballot(&found), numbers(each), "{name}");
    }
}

#[test]
fn what_is_beyond_reckoning_is_told() {
    // One voter for 16 projects, of which 8 can be had: 12870 sets, and more ways to them.
    let many = Election::of_letters(&["1"; 16], "8", &[("abcdefghijklmnop", 1)]);
    for name in ["greedy-votes", "phragmen", "max-welfare"] {
        assert_eq!(many.tied(rule(name)), None, "{name}");
    }
    // Free projects that nobody wants can be had or not.
    for (projects, expected) in [(127, Some(1 << 127)), (128, None)] {
        let ids = (0..projects).map(|id| id.to_string()).collect();
        let free = Election { ids, ..Election::of_letters(&vec!["0"; projects], "1", &[("", 1)]) };
        let Account::Optimum { sets, .. } = counted(&free, "max-welfare").account else { panic!("an optimum") };
        assert_eq!(sets, expected);
    }
    // 2¹⁰⁰ units of money are too many.
    for (cost, fits) in [("1267650600228229401496703205375", true), ("1267650600228229401496703205376", false)] {
        let election = Election::of_letters(&["1", cost], cost, &[("b", 2), ("a", 1)]);
        for name in ["max-welfare", "max-welfare-cost"] {
            let rule = rule(name);
            // Both cost one unit more than there is.
            let expected = if fits { Ok(places("b")) } else { Err(RuleFault::TooFine(rule)) };
            assert_eq!(election.tally(rule).map(|found| found.funded), expected, "{name}");
        }
    }
}
