//! The exact maximum of additive welfare: a 0/1 knapsack.
//!
//! Projects are taken from the last in the order of ties to the first. After each, what can be reached with those taken
//! so far is kept as the pairs of cost and welfare that no other pair beats in both. Read backwards, these lists tell
//! for any budget and any remaining projects the most that can be reached, so that the set that comes first in the
//! order of ties is found without a wrong turn, and all optimal sets can be counted.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::allocation::{Account, Allocation, RuleFault, Stop};
use super::contest::Contest;
use super::rule::{Rule, Utility};
use crate::budgeting::exact::{Exact, whole};
use crate::budgeting::instance::ProjectIndex;

/// A cost and the most that can be had for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Point {
    cost: u128,
    welfare: u128,
}

/// The problem in whole numbers.
pub(super) struct Knapsack {
    /// Projects that can be part of an optimum, in the order of ties.
    projects: Vec<ProjectIndex>,
    points: Vec<Point>,
    budget: u128,
    /// `reach[k]`: what can be had of the projects from place `k` on, by ascending cost and welfare.
    reach: Vec<Vec<Point>>,
}

impl Knapsack {
    pub(super) fn new(contest: &Contest<'_>, utility: Utility) -> Result<Self, RuleFault> {
        let fault = RuleFault::TooFine(Rule::MaxWelfare { utility });
        let scores = contest.electorate.raw_scores();
        let small = |value: &BigInt| value.to_u128().filter(|value| *value < 1 << 100).ok_or(fault);
        let mut projects = Vec::new();
        let mut points = Vec::new();
        for &project in contest.by_rank() {
            // What lowers welfare is in no optimum.
            let Ok(score) = u128::try_from(scores[project]) else {
                continue;
            };
            let cost = small(&contest.costs[project])?;
            let welfare = match utility {
                Utility::Cardinality => score,
                Utility::Cost => score.checked_mul(cost).filter(|welfare| *welfare < 1 << 120).ok_or(fault)?,
            };
            projects.push(project);
            points.push(Point { cost, welfare });
        }
        let mut knapsack = Self { projects, points, budget: small(&contest.budget)?, reach: Vec::new() };
        knapsack.fill();
        Ok(knapsack)
    }

    /// Works out what can be reached from every place on.
    fn fill(&mut self) {
        let mut reach = vec![vec![Point { cost: 0, welfare: 0 }]];
        for &point in self.points.iter().rev() {
            let without = &reach[reach.len() - 1];
            reach.push(merged(without, point, self.budget));
        }
        reach.reverse();
        self.reach = reach;
    }

    /// The most that can be had of the projects from a place on for this much.
    fn most(&self, place: usize, left: u128) -> u128 {
        let reach = &self.reach[place];
        reach[..reach.partition_point(|point| point.cost <= left)].last().map_or(0, |point| point.welfare)
    }

    /// The optimum.
    pub(super) fn optimum(&self) -> u128 {
        self.most(0, self.budget)
    }

    /// The optimal set that comes first in the order of ties: of two, that which has the first project they differ in.
    pub(super) fn first(&self) -> Vec<ProjectIndex> {
        let mut left = self.budget;
        let mut chosen = Vec::new();
        for (place, point) in self.points.iter().enumerate() {
            if self.with(place, left, *point) == Some(self.most(place, left)) {
                chosen.push(self.projects[place]);
                left -= point.cost;
            }
        }
        chosen
    }

    /// How many sets are optimal; `None` where they are beyond counting.
    pub(super) fn count(&self) -> Option<u128> {
        let mut open: BTreeMap<u128, u128> = BTreeMap::from([(self.budget, 1)]);
        for (place, point) in self.points.iter().enumerate() {
            let mut after: BTreeMap<u128, u128> = BTreeMap::new();
            for (left, ways) in open {
                let most = self.most(place, left);
                let mut add = |left: u128| {
                    let sum = after.entry(left).or_default();
                    *sum = sum.checked_add(ways)?;
                    Some(())
                };
                if self.with(place, left, *point) == Some(most) {
                    add(left - point.cost)?;
                }
                if self.most(place + 1, left) == most {
                    add(left)?;
                }
            }
            open = after;
        }
        open.into_values().try_fold(0_u128, u128::checked_add)
    }

    /// Every optimal set, each as places in ascending order; `None` where there are more than `most`.
    pub(super) fn all(&self, most: usize) -> Option<Vec<Vec<ProjectIndex>>> {
        if self.count().is_none_or(|count| count > most as u128) {
            return None;
        }
        let mut open: Vec<(u128, Vec<ProjectIndex>)> = vec![(self.budget, Vec::new())];
        for (place, point) in self.points.iter().enumerate() {
            let mut after = Vec::new();
            for (left, chosen) in open {
                let best = self.most(place, left);
                if self.with(place, left, *point) == Some(best) {
                    let mut with = chosen.clone();
                    with.push(self.projects[place]);
                    after.push((left - point.cost, with));
                }
                if self.most(place + 1, left) == best {
                    after.push((left, chosen));
                }
            }
            open = after;
        }
        let mut sets: Vec<Vec<ProjectIndex>> = open.into_iter().map(|(_, chosen)| chosen).collect();
        for set in &mut sets {
            set.sort_unstable();
        }
        sets.sort_unstable();
        Some(sets)
    }

    /// The most that can be had from a place on when its project is taken; `None` where it does not fit.
    fn with(&self, place: usize, left: u128, point: Point) -> Option<u128> {
        Some(self.most(place + 1, left.checked_sub(point.cost)?) + point.welfare)
    }
}

/// What can be reached without a project and with it, less what something no dearer beats.
fn merged(without: &[Point], point: Point, budget: u128) -> Vec<Point> {
    let shifted = |old: &Point| Point { cost: old.cost + point.cost, welfare: old.welfare + point.welfare };
    let mut with = without.iter().map(shifted).take_while(|new| new.cost <= budget).peekable();
    let mut old = without.iter().copied().peekable();
    let mut merged: Vec<Point> = Vec::with_capacity(without.len());
    loop {
        let next = match (old.peek(), with.peek()) {
            (Some(one), Some(other)) if (one.cost, other.welfare) <= (other.cost, one.welfare) => old.next(),
            (Some(_), None) => old.next(),
            (_, Some(_)) => with.next(),
            (None, None) => return merged,
        };
        merged.extend(next.filter(|next| merged.last().is_none_or(|last| next.welfare > last.welfare)));
    }
}

/// Carries out the rule.
pub(super) fn max_welfare(contest: &Contest<'_>, utility: Utility) -> Result<Allocation, RuleFault> {
    let knapsack = Knapsack::new(contest, utility)?;
    let electorate = contest.electorate;
    let mut unit = BigInt::from(electorate.weight_unit()) * BigInt::from(electorate.utility_unit());
    if utility == Utility::Cost {
        unit *= &contest.money_unit;
    }
    let welfare = whole(BigInt::from(knapsack.optimum())) / Exact::from_integer(unit);
    Ok(Allocation {
        rule: Rule::MaxWelfare { utility },
        funded: knapsack.first(),
        steps: Vec::new(),
        stop: Stop::Optimal,
        account: Account::Optimum { welfare, sets: knapsack.count() },
    })
}
