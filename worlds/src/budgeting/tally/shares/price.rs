//! What a project would cost its supporters: the least price per utility at which they can pay for it together.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use num_bigint::BigUint;
use num_integer::Integer;

use super::purses::{Amount, Purses};
use crate::budgeting::electorate::Electorate;

/// The price of a project: supporters pay `rest / share` parts for each unit of utility, those who have less all they
/// have.
#[derive(Clone, Debug)]
pub(super) struct Price {
    /// What those who can pay in full pay together, in parts.
    pub(super) rest: BigUint,
    /// Their utilities, summed with their weights.
    pub(super) share: u64,
    /// Supporters that pay all they have and less than the price asks, by place among the supporters.
    pub(super) exhausted: Vec<bool>,
}

/// The least price at which supporters (groups with their utilities) can pay `cost` parts; `None` where they have not
/// enough together.
///
/// Whoever has less than an even share of what is still to be paid pays all it has and leaves more to the others; the
/// price is found when nobody new falls short. That never empties the list: were everybody short of an even share,
/// they had too little together.
pub(super) fn price(
    purses: &Purses,
    electorate: &Electorate,
    supporters: &[(u32, u64)],
    cost: &BigUint,
) -> Option<Price> {
    let weight = |group: u32| electorate.weight(group as usize);
    if purses.sum(supporters.iter().map(|&(group, _)| (group, weight(group)))) < *cost {
        return None;
    }
    let mut rest = cost.clone();
    let mut share: u64 = supporters.iter().map(|&(group, utility)| weight(group) * utility).sum();
    let mut exhausted = vec![false; supporters.len()];
    // Nobody to share a cost with: only a project that costs nothing gets here.
    while share > 0 {
        let mut thresholds = Thresholds::new(&rest, share);
        let mut newly = Vec::new();
        for (place, &(group, utility)) in supporters.iter().enumerate().filter(|(place, _)| !exhausted[*place]) {
            if purses.compare(group, thresholds.of(utility)) == Ordering::Less {
                newly.push(place);
            }
        }
        if newly.is_empty() {
            break;
        }
        rest -= purses.sum(newly.iter().map(|&place| (supporters[place].0, weight(supporters[place].0))));
        for place in newly {
            let (group, utility) = supporters[place];
            share -= weight(group) * utility;
            exhausted[place] = true;
        }
    }
    Some(Price { rest, share, exhausted })
}

/// Amounts a supporter must have to pay in full, by utility: the least whole number of parts that is enough.
struct Thresholds<'a> {
    rest: &'a BigUint,
    share: u64,
    known: BTreeMap<u64, Amount>,
    /// The one asked for last: nearly always the next one too.
    last: Option<(u64, Amount)>,
}

impl<'a> Thresholds<'a> {
    fn new(rest: &'a BigUint, share: u64) -> Self {
        Self { rest, share, known: BTreeMap::new(), last: None }
    }

    fn of(&mut self, utility: u64) -> &Amount {
        let (rest, share) = (self.rest, self.share);
        let make = || Amount::new(&(rest * utility).div_ceil(&BigUint::from(share)));
        if self.last.as_ref().is_none_or(|(known, _)| *known != utility) {
            let amount = self.known.entry(utility).or_insert_with(make).clone();
            self.last = Some((utility, amount));
        }
        &self.last.get_or_insert_with(|| (utility, make())).1
    }
}
