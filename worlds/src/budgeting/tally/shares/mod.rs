//! The Method of Equal Shares (Peters, Pierczyński & Skowron 2021, arXiv 2008.13276).
//!
//! Every voter gets an equal share of the budget. A project is affordable at price ρ when its supporters pay for it
//! together, each ρ times its utility or all it has. The project of least ρ is bought, until none is affordable.

mod price;
mod purses;

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};

use self::price::{Price, price};
use self::purses::{Amount, Purses};
use super::allocation::{ByBallot, Payment, Stop};
use super::contest::Contest;
use super::procedure::{Funding, Next, Procedure};
use super::rule::Utility;
use crate::budgeting::exact::{Exact, whole};
use crate::budgeting::instance::ProjectIndex;

/// Equal Shares under way.
#[derive(Clone)]
pub(super) struct EqualShares<'a> {
    contest: &'a Contest<'a>,
    utility: Utility,
    purses: Purses,
    funded: Vec<ProjectIndex>,
    open: Vec<Candidate>,
}

/// A project that may still be affordable.
#[derive(Clone)]
struct Candidate {
    project: ProjectIndex,
    /// The last ρ found for it, below which it cannot fall since voters only lose money; `None` before the first.
    at_least: Option<Exact>,
    /// The price that goes with it, where it was found in this round.
    price: Option<Price>,
}

impl<'a> EqualShares<'a> {
    /// Voters with this endowment each, in the currency of the instance.
    pub(super) fn new(contest: &'a Contest<'a>, utility: Utility, endowment: &Exact) -> Self {
        let electorate = contest.electorate;
        let each = endowment * whole(contest.money_unit.clone()) / whole(electorate.weight_unit());
        let purses = Purses::new(electorate.groups(), each.numer().magnitude(), each.denom().magnitude().clone());
        let supported = (0..contest.costs.len()).filter(|&project| !contest.supporters[project].is_empty());
        let open = supported.map(|project| Candidate { project, at_least: None, price: None }).collect();
        Self { contest, utility, purses, funded: Vec::new(), open }
    }

    /// What each ballot has left.
    pub(super) fn left(&self) -> ByBallot {
        let electorate = self.contest.electorate;
        let of_ballot = |group: usize| self.purses.amount(group as u32) * electorate.ballot_weight(group);
        let denominator = BigInt::from(self.purses.parts().clone()) * &self.contest.money_unit;
        ByBallot::new(electorate, (0..electorate.groups()).map(of_ballot).collect(), denominator)
    }

    fn money(&self, parts: impl Into<BigInt>) -> Exact {
        Exact::new(parts.into(), BigInt::from(self.purses.parts().clone()) * &self.contest.money_unit)
    }

    /// The cost of a project, in parts.
    fn cost(&self, project: ProjectIndex) -> BigUint {
        self.contest.costs[project].magnitude() * self.purses.parts()
    }

    /// What a voter pays for one utility at this price, in money.
    fn per_utility(&self, price: &Price) -> Exact {
        let electorate = self.contest.electorate;
        let units = whole(electorate.weight_unit()) * whole(electorate.utility_unit());
        if price.share == 0 { Exact::zero() } else { self.money(price.rest.clone()) * units / whole(price.share) }
    }

    /// ρ: what a voter pays for one utility as this rule counts it.
    fn rho(&self, project: ProjectIndex, per_utility: Exact) -> Exact {
        let cost = self.contest.instance.cost(project);
        match self.utility {
            Utility::Cost if !cost.is_zero() => per_utility / cost,
            Utility::Cost | Utility::Cardinality => per_utility,
        }
    }

    fn payment(&self, project: ProjectIndex, price: &Price) -> Payment {
        let electorate = self.contest.electorate;
        // What each pays per unit of weight, in `share`th parts.
        let paid =
            self.contest.supporters[project].iter().zip(&price.exhausted).map(|(&(group, utility), exhausted)| {
                let amount = if *exhausted { self.purses.amount(group) * price.share } else { &price.rest * utility };
                (amount, electorate.weight(group as usize))
            });
        let (largest, payers) =
            paid.fold((BigUint::ZERO, 0), |(most, payers), (amount, weight)| match amount.cmp(&most) {
                Ordering::Less => (most, payers),
                Ordering::Equal => (most, payers + weight),
                Ordering::Greater => (amount, weight),
            });
        let per_utility = self.per_utility(price);
        let cost = self.contest.instance.cost(project);
        Payment {
            largest: self.money(largest) * whole(electorate.weight_unit()) / whole(price.share.max(1)),
            payers: electorate.in_voters(payers),
            effective_votes: if per_utility.is_zero() {
                self.contest.scores[project].clone()
            } else {
                cost / per_utility
            },
        }
    }

    /// Has supporters pay.
    fn charge(&mut self, project: ProjectIndex, price: &Price) {
        let share = BigUint::from(price.share.max(1));
        // The price becomes a whole number of parts.
        let factor = &share / share.gcd(&price.rest);
        self.purses.cut(factor.to_u64().unwrap_or(1));
        let each = &price.rest * factor / share;
        let mut known: Option<(u64, Amount)> = None;
        for (&(group, utility), &exhausted) in self.contest.supporters[project].iter().zip(&price.exhausted) {
            if exhausted {
                self.purses.empty(group);
                continue;
            }
            let amount = match known.take() {
                Some((of, amount)) if of == utility => amount,
                _ => Amount::new(&(&each * utility)),
            };
            self.purses.take(group, &amount);
            known = Some((utility, amount));
        }
    }
}

impl Procedure for EqualShares<'_> {
    fn next(&mut self) -> Next {
        let mut open = std::mem::take(&mut self.open);
        open.sort_by(|one, other| one.at_least.cmp(&other.at_least).then(one.project.cmp(&other.project)));
        let mut best: Option<Exact> = None;
        for candidate in &mut open {
            candidate.price = None;
            if best.as_ref().is_some_and(|best| candidate.at_least.as_ref().is_some_and(|least| least > best)) {
                break;
            }
            let project = candidate.project;
            let supporters = &self.contest.supporters[project];
            candidate.price = price(&self.purses, self.contest.electorate, supporters, &self.cost(project));
            let Some(found) = &candidate.price else {
                // Whoever cannot be paid for now never can.
                candidate.project = usize::MAX;
                continue;
            };
            let rho = self.rho(project, self.per_utility(found));
            if best.as_ref().is_none_or(|best| rho < *best) {
                best = Some(rho.clone());
            }
            candidate.at_least = Some(rho);
        }
        open.retain(|candidate| candidate.project != usize::MAX);
        self.open = open;
        if best.is_none() {
            return Next::End(Stop::NothingAffordable);
        }
        let tied = self.open.iter().filter(|candidate| candidate.price.is_some() && candidate.at_least == best);
        Next::Choice { tied: tied.map(|candidate| candidate.project).collect(), value: best }
    }

    fn fund(&mut self, project: ProjectIndex) -> Funding {
        let place = self.open.iter().position(|candidate| candidate.project == project);
        let Some(price) = place.and_then(|place| self.open.remove(place).price) else {
            return Funding::Ends(Stop::NothingAffordable);
        };
        let payment = self.payment(project, &price);
        self.charge(project, &price);
        self.funded.push(project);
        Funding::Funded(Some(payment))
    }

    fn funded(&self) -> &[ProjectIndex] {
        &self.funded
    }

    fn fingerprint(&self) -> Vec<u64> {
        let mut funded = super::procedure::bits(&self.funded, self.contest.costs.len());
        // Different denominators make equal purses look different, which costs a detour and never an outcome.
        funded.extend(self.purses.words());
        funded
    }
}
