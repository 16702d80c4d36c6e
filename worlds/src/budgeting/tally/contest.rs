//! An election ready to be decided: instance, electorate, scores, and the order in which ties are broken.

use num_bigint::BigInt;
use num_traits::Zero;

use super::order::TieBreaking;
use crate::budgeting::electorate::Electorate;
use crate::budgeting::exact::{Exact, common_denominator};
use crate::budgeting::instance::{Instance, ProjectIndex};

/// An election ready to be decided. Money is in whole units, of which `money_unit` make 1 of the instance's currency.
#[derive(Clone, Debug)]
pub struct Contest<'a> {
    /// What is voted on.
    pub instance: &'a Instance,
    /// Who votes.
    pub electorate: &'a Electorate,
    /// Score of each project.
    pub scores: Vec<Exact>,
    pub(super) costs: Vec<BigInt>,
    pub(super) budget: BigInt,
    pub(super) money_unit: BigInt,
    /// Groups that support each project, and the utility it gives them.
    pub(super) supporters: Vec<Vec<(u32, u64)>>,
    ranks: Vec<usize>,
    by_rank: Vec<ProjectIndex>,
}

impl<'a> Contest<'a> {
    /// An election with its ties broken in this way. The electorate is one over the instance's projects.
    pub fn new(instance: &'a Instance, electorate: &'a Electorate, ties: &TieBreaking) -> Self {
        let scores = electorate.scores();
        let by_rank = ties.sorted(instance, &scores);
        let mut ranks = vec![0; by_rank.len()];
        for (rank, &project) in by_rank.iter().enumerate() {
            ranks[project] = rank;
        }
        let costs = instance.projects().iter().map(|project| &project.cost);
        let money_unit = common_denominator(costs.clone().chain(std::iter::once(instance.budget())));
        let in_units = |amount: &Exact| amount.numer() * (&money_unit / amount.denom());
        let mut supporters = vec![Vec::new(); instance.len()];
        for group in 0..electorate.groups() {
            for (project, utility) in electorate.supports(group) {
                supporters[project].push((group as u32, utility));
            }
        }
        Self {
            instance,
            electorate,
            costs: costs.map(in_units).collect(),
            budget: in_units(instance.budget()),
            money_unit,
            scores,
            supporters,
            ranks,
            by_rank,
        }
    }

    /// All projects in the order in which ties are broken.
    pub fn by_rank(&self) -> &[ProjectIndex] {
        &self.by_rank
    }

    /// All projects from the highest score on, equal ones in the order of ties; and the groups of equal score.
    pub fn ranking(&self) -> Vec<Vec<ProjectIndex>> {
        let mut order = self.by_rank.clone();
        // Stable: the order of ties stays.
        order.sort_by(|&one, &other| self.scores[other].cmp(&self.scores[one]));
        order.chunk_by(|&one, &other| self.scores[one] == self.scores[other]).map(<[ProjectIndex]>::to_vec).collect()
    }

    /// Sorts projects into the order in which ties are broken.
    pub(super) fn in_order(&self, mut projects: Vec<ProjectIndex>) -> Vec<ProjectIndex> {
        projects.sort_by_key(|&project| self.ranks[project]);
        projects
    }

    /// What some projects cost, in units.
    pub(super) fn cost_of(&self, projects: &[ProjectIndex]) -> BigInt {
        projects.iter().fold(BigInt::zero(), |sum, &project| sum + &self.costs[project])
    }

    /// Whether no project beside these fits what they leave, of all or of those anybody supports.
    pub(super) fn is_exhaustive(&self, funded: &[ProjectIndex], among: Among) -> bool {
        let left = &self.budget - self.cost_of(funded);
        let counts = |project: ProjectIndex| among == Among::All || !self.supporters[project].is_empty();
        !(0..self.costs.len())
            .any(|project| counts(project) && !funded.contains(&project) && self.costs[project] <= left)
    }
}

/// Which projects could still be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Among {
    /// Every one.
    All,
    /// Those somebody supports.
    Supported,
}
