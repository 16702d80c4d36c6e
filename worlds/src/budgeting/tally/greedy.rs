//! Rules that go down a list: approval ranking, greedy by votes, greedy by votes per cost.

use num_bigint::BigInt;

use super::allocation::Stop;
use super::contest::Contest;
use super::procedure::{Funding, Next, Procedure, bits};
use crate::budgeting::exact::Exact;
use crate::budgeting::instance::ProjectIndex;

/// What projects are sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum By {
    /// Their score.
    Votes,
    /// Their score per cost.
    VotesPerCost,
}

/// What happens at a project that does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Misfit {
    /// It is passed over.
    Skip,
    /// The rule ends.
    End,
}

/// A greedy rule under way.
#[derive(Clone)]
pub(super) struct Greedy<'a> {
    contest: &'a Contest<'a>,
    misfit: Misfit,
    /// What each project is sorted by; `None` is infinite.
    values: Vec<Option<Exact>>,
    left: BigInt,
    funded: Vec<ProjectIndex>,
    /// Projects not funded yet.
    open: Vec<ProjectIndex>,
}

impl<'a> Greedy<'a> {
    /// A greedy rule that starts with some projects already funded.
    pub(super) fn new(contest: &'a Contest<'a>, by: By, misfit: Misfit, funded: &[ProjectIndex]) -> Self {
        let value = |project: usize| match by {
            By::Votes => Some(contest.scores[project].clone()),
            // A project that costs nothing gives its votes at no cost.
            By::VotesPerCost if contest.costs[project] == BigInt::ZERO => None,
            By::VotesPerCost => Some(&contest.scores[project] / contest.instance.cost(project)),
        };
        Self {
            contest,
            misfit,
            values: (0..contest.costs.len()).map(value).collect(),
            left: &contest.budget - contest.cost_of(funded),
            funded: funded.to_vec(),
            open: (0..contest.costs.len()).filter(|project| !funded.contains(project)).collect(),
        }
    }

    fn fits(&self, project: ProjectIndex) -> bool {
        self.contest.costs[project] <= self.left
    }

    /// Whether one value is sorted before another.
    fn better(&self, one: ProjectIndex, other: ProjectIndex) -> std::cmp::Ordering {
        match (&self.values[one], &self.values[other]) {
            (Some(value), Some(than)) => value.cmp(than),
            (None, None) => self.contest.scores[one].cmp(&self.contest.scores[other]),
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(_), None) => std::cmp::Ordering::Less,
        }
    }
}

impl Procedure for Greedy<'_> {
    fn next(&mut self) -> Next {
        let eligible = |project: &&ProjectIndex| self.misfit == Misfit::End || self.fits(**project);
        let Some(&best) = self.open.iter().filter(eligible).max_by(|one, other| self.better(**one, **other)) else {
            return Next::End(Stop::NothingFits);
        };
        let tied = self.open.iter().filter(eligible).filter(|&&project| self.better(project, best).is_eq());
        Next::Choice { tied: tied.copied().collect(), value: self.values[best].clone() }
    }

    fn fund(&mut self, project: ProjectIndex) -> Funding {
        if !self.fits(project) {
            return Funding::Ends(Stop::NextDoesNotFit);
        }
        self.left -= &self.contest.costs[project];
        self.funded.push(project);
        self.open.retain(|&open| open != project);
        Funding::Funded(None)
    }

    fn funded(&self) -> &[ProjectIndex] {
        &self.funded
    }

    fn fingerprint(&self) -> Vec<u64> {
        bits(&self.funded, self.contest.costs.len())
    }
}
