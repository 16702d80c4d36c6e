//! Sequential Phragmén: supporters earn money at one rate, and a project is bought as soon as its supporters can.
//!
//! The load of a voter is the time at which the last project it supports was bought, so that all voters together have
//! no more different loads than there are projects funded: each project only counts how many of its supporters have
//! which. Loads are whole numbers over one common denominator.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{One, ToPrimitive};

use super::allocation::{ByBallot, Stop};
use super::contest::Contest;
use super::procedure::{Funding, Next, Procedure};
use crate::budgeting::exact::Exact;
use crate::budgeting::instance::ProjectIndex;

/// Sequential Phragmén under way.
#[derive(Clone)]
pub(super) struct Phragmen<'a> {
    contest: &'a Contest<'a>,
    /// Weight of each project's supporters.
    support: Vec<u64>,
    /// Loads per weight unit, in parts of a money unit: before anything was funded, and after each project.
    loads: Vec<BigUint>,
    /// How many parts a money unit has.
    parts: BigUint,
    /// Which of the loads each group has.
    of_group: Vec<u32>,
    /// By project: weight of the supporters with each load.
    weights: Vec<Vec<u64>>,
    left: BigInt,
    funded: Vec<ProjectIndex>,
    open: Vec<ProjectIndex>,
    /// What the projects last named would make the load of their supporters, as `sum / support`.
    next_load: Option<(BigUint, u64)>,
}

impl<'a> Phragmen<'a> {
    pub(super) fn new(contest: &'a Contest<'a>) -> Self {
        let support = contest.electorate.support();
        Self {
            contest,
            loads: vec![BigUint::ZERO],
            parts: BigUint::one(),
            of_group: vec![0; contest.electorate.groups()],
            weights: support.iter().map(|&weight| vec![weight]).collect(),
            support,
            left: contest.budget.clone(),
            funded: Vec::new(),
            // What costs more than the whole budget never keeps others from being funded.
            open: (0..contest.costs.len()).filter(|&project| contest.costs[project] <= contest.budget).collect(),
            next_load: None,
        }
    }

    /// The load of each ballot's voter, in money.
    pub(super) fn loads(&self) -> ByBallot {
        let electorate = self.contest.electorate;
        let per_voter = |&load: &u32| &self.loads[load as usize] * electorate.weight_unit();
        let denominator = BigInt::from(self.parts.clone()) * &self.contest.money_unit;
        ByBallot::new(electorate, self.of_group.iter().map(per_voter).collect(), denominator)
    }

    /// `sum / share` parts per weight unit, in money per voter.
    fn per_voter(&self, sum: BigUint, share: u64) -> Exact {
        let above = BigInt::from(sum) * self.contest.electorate.weight_unit();
        Exact::new(above, BigInt::from(self.parts.clone()) * share * &self.contest.money_unit)
    }

    /// What a project's supporters would carry together, in parts; `None` where it has none.
    fn sum_with(&self, project: ProjectIndex) -> Option<BigUint> {
        let carried = self.weights[project].iter().zip(&self.loads).filter(|(weight, _)| **weight > 0);
        let cost = self.contest.costs[project].magnitude() * &self.parts;
        (self.support[project] > 0).then(|| carried.fold(cost, |sum, (&weight, load)| sum + load * weight))
    }

    /// Compares what two projects would make the load of their supporters; an infinite one is the greatest.
    fn compare(&self, one: (ProjectIndex, &Option<BigUint>), other: (ProjectIndex, &Option<BigUint>)) -> Ordering {
        match (one.1, other.1) {
            (Some(sum), Some(than)) => (sum * self.support[other.0]).cmp(&(than * self.support[one.0])),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}

impl Procedure for Phragmen<'_> {
    fn next(&mut self) -> Next {
        let sums: Vec<Option<BigUint>> = self.open.iter().map(|&project| self.sum_with(project)).collect();
        let each = || self.open.iter().copied().zip(&sums);
        // Infinite loads come last: unsupported projects are reached when nothing else is left.
        let Some(least) = each().min_by(|&one, &other| self.compare(one, other)) else {
            return Next::End(Stop::NothingFits);
        };
        let tied: Vec<ProjectIndex> =
            each().filter(|&one| self.compare(one, least).is_eq()).map(|(project, _)| project).collect();
        if tied.iter().any(|&project| self.contest.costs[project] > self.left) {
            return Next::End(Stop::LeastLoadDoesNotFit);
        }
        let next_load = least.1.clone().map(|sum| (sum, self.support[least.0]));
        let value = next_load.clone().map(|(sum, share)| self.per_voter(sum, share));
        self.next_load = next_load;
        Next::Choice { tied, value }
    }

    fn fund(&mut self, project: ProjectIndex) -> Funding {
        let new = self.loads.len();
        let (sum, share) = self.next_load.take().unwrap_or((BigUint::ZERO, 1));
        // The new load becomes a whole number of parts.
        let factor = share / share.gcd(&(&sum % share).to_u64().unwrap_or(0));
        for load in &mut self.loads {
            *load *= factor;
        }
        self.parts *= factor;
        self.loads.push(sum * factor / share);
        for weights in &mut self.weights {
            weights.push(0);
        }
        for &(group, _) in &self.contest.supporters[project] {
            let (group, weight) = (group as usize, self.contest.electorate.weight(group as usize));
            let old = std::mem::replace(&mut self.of_group[group], new as u32) as usize;
            for (supported, _) in self.contest.electorate.supports(group) {
                self.weights[supported][old] -= weight;
                self.weights[supported][new] += weight;
            }
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
        // The order of funding decides the loads; equal orders of equal sets go on alike.
        self.funded.iter().map(|&project| project as u64).collect()
    }
}
