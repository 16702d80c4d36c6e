//! The rules carried out once more, voter by voter in fractions, as their definitions read.

use num_traits::{One, Signed, Zero};
use proptest::prelude::*;

use super::elections::{ALL_KINDS, APPROVALS, Election, elections};
use crate::budgeting::ballot::{Ballot, BallotKind, VoterUnit};
use crate::budgeting::exact::{Exact, whole};
use crate::budgeting::instance::ProjectIndex;
use crate::budgeting::tally::{Account, Completion, Rule, Step, Stop, Utility};

/// A ballot as a voter of its own.
pub(super) struct Voter {
    pub(super) weight: Exact,
    /// What it gives each project.
    utilities: Vec<Exact>,
}

impl Voter {
    fn supports(&self, project: ProjectIndex) -> bool {
        self.utilities[project].is_positive()
    }
}

/// An election with nothing merged and nothing scaled.
pub(super) struct Slow<'a> {
    pub(super) election: &'a Election,
    pub(super) voters: Vec<Voter>,
    /// All projects in the order of ties.
    pub(super) order: Vec<ProjectIndex>,
}

impl<'a> Slow<'a> {
    pub(super) fn new(election: &'a Election) -> Self {
        let weight = |agent: &u32| match election.unit {
            VoterUnit::Ballot => Exact::one(),
            VoterUnit::Agent => whole(election.agents.iter().filter(|other| *other == agent).count()).recip(),
        };
        let voter = |(ballot, agent)| Voter { weight: weight(agent), utilities: utilities(election, ballot) };
        let voters = election.ballots.iter().zip(&election.agents).map(voter).collect();
        Self { election, voters, order: election.contest(|contest| contest.by_rank().to_vec()) }
    }

    pub(super) fn cost(&self, project: ProjectIndex) -> &Exact {
        &self.election.costs[project]
    }

    pub(super) fn cost_of(&self, projects: &[ProjectIndex]) -> Exact {
        projects.iter().map(|&project| self.cost(project)).sum()
    }

    pub(super) fn score(&self, project: ProjectIndex) -> Exact {
        self.voters.iter().map(|voter| &voter.weight * &voter.utilities[project]).sum()
    }

    pub(super) fn supporters(&self, project: ProjectIndex) -> impl Iterator<Item = (usize, &Voter)> {
        self.voters.iter().enumerate().filter(move |(_, voter)| voter.supports(project))
    }

    /// Of these the first with the least value, and all that have it; what has none, an infinite one, comes last.
    fn least(
        &self,
        open: &[ProjectIndex],
        value: impl Fn(ProjectIndex) -> Option<Exact>,
    ) -> Option<(Option<Exact>, Vec<ProjectIndex>)> {
        let in_order = self.order.iter().copied().filter(|project| open.contains(project));
        let values: Vec<_> = in_order.map(|project| (value(project), project)).collect();
        let least = values.iter().map(|(value, _)| value).min_by_key(|value| (value.is_none(), *value))?;
        Some((least.clone(), values.iter().filter(|(value, _)| value == least).map(|&(_, project)| project).collect()))
    }

    /// Down the list by score (per cost), with these projects funded before.
    pub(super) fn greedy(&self, rule: Rule, before: &[ProjectIndex]) -> (Vec<Step>, Stop) {
        // A project that costs nothing has votes per cost without limit; of several the one with more votes is first.
        let limitless = |project| rule == Rule::GreedyByVotesPerCost && self.cost(project).is_zero();
        let key = |project: ProjectIndex| match rule {
            Rule::GreedyByVotesPerCost if !limitless(project) => (false, self.score(project) / self.cost(project)),
            _ => (limitless(project), self.score(project)),
        };
        let mut open: Vec<_> = self.order.iter().copied().filter(|project| !before.contains(project)).collect();
        let mut left = &self.election.budget - self.cost_of(before);
        let mut steps = Vec::new();
        loop {
            let fitting = open.iter().copied().filter(|&one| rule == Rule::ApprovalRanking || *self.cost(one) <= left);
            let Some(best) = fitting.clone().map(key).max() else { return (steps, Stop::NothingFits) };
            let tied: Vec<_> = fitting.filter(|&project| key(project) == best).collect();
            let project = tied[0];
            if *self.cost(project) > left {
                return (steps, Stop::NextDoesNotFit);
            }
            left -= self.cost(project);
            open.retain(|&one| one != project);
            steps.push(Step { project, value: (!best.0).then_some(best.1), tied, payment: None });
        }
    }

    /// Sequential Phragmén, and the load of every ballot.
    fn phragmen(&self) -> (Vec<Step>, Stop, Vec<Exact>) {
        let mut loads = vec![Exact::zero(); self.voters.len()];
        let mut left = self.election.budget.clone();
        let mut open: Vec<_> = self.order.iter().copied().filter(|&one| *self.cost(one) <= left).collect();
        let mut steps = Vec::new();
        loop {
            let load = |project| {
                let weight: Exact = self.supporters(project).map(|(_, voter)| &voter.weight).sum();
                let carried: Exact = self.supporters(project).map(|(place, voter)| &loads[place] * &voter.weight).sum();
                (!weight.is_zero()).then(|| (self.cost(project) + carried) / weight)
            };
            let Some((value, tied)) = self.least(&open, load) else { return (steps, Stop::NothingFits, loads) };
            if tied.iter().any(|&project| *self.cost(project) > left) {
                return (steps, Stop::LeastLoadDoesNotFit, loads);
            }
            let project = tied[0];
            for (place, _) in self.supporters(project) {
                loads[place] = value.clone().expect("what is supported has a load");
            }
            left -= self.cost(project);
            open.retain(|&one| one != project);
            steps.push(Step { project, value, tied, payment: None });
        }
    }

    /// The least ρ at which supporters who pay ρ times their utility, or all they have, pay for a project together.
    ///
    /// Some of those with the least money per utility pay all they have, so ρ is what is left to pay for the others,
    /// divided by their utilities. However many pay all they have, it is tried.
    fn rho(&self, project: ProjectIndex, utility: Utility, money: &[Exact]) -> Option<Exact> {
        let cost = self.cost(project);
        let mut supporters: Vec<(Exact, Exact)> = self
            .supporters(project)
            .map(|(place, voter)| (money[place].clone(), self.weighed(voter, project, utility)))
            .collect();
        if cost.is_zero() {
            return (!supporters.is_empty()).then(Exact::zero);
        }
        supporters.sort_by_key(|(has, utility)| has / utility);
        let candidate = |poorer: usize| {
            let paid: Exact = supporters[..poorer].iter().map(|(has, _)| has).sum();
            let utilities: Exact = supporters[poorer..].iter().map(|(_, utility)| utility).sum();
            (cost - paid) / utilities
        };
        let pays =
            |rho: &Exact| -> Exact { supporters.iter().map(|(has, utility)| (rho * utility).min(has.clone())).sum() };
        (0..supporters.len()).map(candidate).filter(|rho| pays(rho) == *cost).min()
    }

    /// What a ballot has of a project, in the utility of one whole voter.
    pub(super) fn weighed(&self, voter: &Voter, project: ProjectIndex, utility: Utility) -> Exact {
        let each = &voter.weight * &voter.utilities[project];
        if utility == Utility::Cost { each * self.cost(project) } else { each }
    }

    /// Equal Shares with so much for every voter, and what each ballot has left.
    fn equal_shares(&self, utility: Utility, endowment: &Exact) -> (Vec<Step>, Vec<Exact>) {
        let mut left: Vec<Exact> = self.voters.iter().map(|voter| endowment * &voter.weight).collect();
        let mut open = self.order.clone();
        let mut steps = Vec::new();
        loop {
            let least = self.least(&open, |project| self.rho(project, utility, &left));
            let Some((Some(rho), tied)) = least else { return (steps, left) };
            let project = tied[0];
            for (place, voter) in self.supporters(project) {
                let due = &rho * self.weighed(voter, project, utility);
                left[place] = (&left[place] - due).max(Exact::zero());
            }
            open.retain(|&one| one != project);
            steps.push(Step { project, value: Some(rho), tied, payment: None });
        }
    }
}

fn utilities(election: &Election, ballot: &Ballot) -> Vec<Exact> {
    let of = |project: ProjectIndex| {
        let place = ballot.projects.iter().position(|&named| named == project);
        match (election.kind, place) {
            (BallotKind::Approval, Some(_)) => whole(1),
            (BallotKind::Ranking, Some(place)) => whole(ballot.projects.len() - 1 - place),
            (BallotKind::Cumulative | BallotKind::Scoring, Some(place)) => whole(ballot.points[place]),
            (BallotKind::Scoring, None) => whole(election.unnamed),
            (_, None) => Exact::zero(),
        }
    };
    (0..election.ids.len()).map(|project| of(project) / whole(election.scale)).collect()
}

/// Payments are a matter of their own.
fn without_payments(steps: Vec<Step>) -> Vec<Step> {
    steps.into_iter().map(|step| Step { payment: None, ..step }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn greedy_rules_go_down_the_list(election in elections(ALL_KINDS)) {
        let slow = Slow::new(&election);
        for rule in [Rule::ApprovalRanking, Rule::GreedyByVotes, Rule::GreedyByVotesPerCost] {
            let found = election.tally(rule).expect("any ballots");
            prop_assert_eq!((found.steps, found.stop), slow.greedy(rule, &[]));
        }
        let ranking = election.ranking();
        let rich = Election { budget: election.costs.iter().sum(), ..election.clone() };
        prop_assert_eq!(ranking.concat(), rich.tally(Rule::GreedyByVotes).expect("any ballots").funded);
        let scores: Vec<_> = ranking.iter().map(|tied| tied.iter().map(|&one| slow.score(one)).collect()).collect();
        prop_assert!(scores.iter().all(|tied: &Vec<_>| tied.iter().all(|score| *score == tied[0])));
        prop_assert!(scores.is_sorted_by(|one, next| one[0] > next[0]));
    }

    #[test]
    fn phragmen_is_that_of_loads_voter_by_voter(election in elections(APPROVALS)) {
        let found = election.tally(Rule::SequentialPhragmen).expect("approvals");
        let slow = Slow::new(&election);
        let (steps, stop, expected) = slow.phragmen();
        prop_assert_eq!((&found.steps, found.stop), (&steps, stop));
        let Account::Loads { loads } = found.account else { panic!("an account of loads") };
        for (ballot, expected) in expected.iter().enumerate() {
            prop_assert_eq!(&loads.of(ballot), expected);
        }
        // What was bought with support is carried, and nothing else.
        let carried: Exact = expected.iter().zip(&slow.voters).map(|(load, voter)| load * &voter.weight).sum();
        let supported = found.funded.iter().copied().filter(|&project| slow.supporters(project).next().is_some());
        prop_assert_eq!(carried, slow.cost_of(&supported.collect::<Vec<_>>()));
    }

    #[test]
    fn equal_shares_is_that_of_purses_voter_by_voter(election in elections(ALL_KINDS)) {
        let slow = Slow::new(&election);
        let votes: Exact = slow.voters.iter().map(|voter| &voter.weight).sum();
        for utility in [Utility::Cardinality, Utility::Cost] {
            let rule = Rule::EqualShares { utility, completion: Completion::None };
            let Ok(found) = election.tally(rule) else { continue };
            let endowment = &election.budget / &votes;
            let (steps, expected) = slow.equal_shares(utility, &endowment);
            prop_assert_eq!((without_payments(found.steps), found.stop), (steps, Stop::NothingAffordable));
            let Account::Purses { endowment: given, left, raised: None } = found.account else { panic!("purses") };
            prop_assert_eq!(given, endowment);
            prop_assert!((0..left.len()).map(|ballot| left.of(ballot)).eq(expected));
        }
    }
}
