//! Whether a group can be found whose ballots together reach little of what was funded.

use std::collections::BTreeMap;

use num_bigint::BigInt;

/// Voters by what they support of what was funded: weight by set of funded projects, one bit for each.
pub(super) type Wishes = BTreeMap<Vec<u64>, u64>;

/// A search for a group of voters of at least some weight who together support funded projects of less than some worth.
pub(super) struct UnionSearch<'a> {
    /// What each funded project is worth.
    pub worth: &'a [BigInt],
    /// What the group's projects have to be worth less than.
    pub bound: BigInt,
    /// The weight the group has to have.
    pub required: u64,
    /// How many steps may be taken; used up as they are.
    pub steps: &'a mut u64,
}

impl UnionSearch<'_> {
    /// Whether there is such a group among these voters; `None` where the steps do not suffice to tell.
    pub(super) fn exists(&mut self, wishes: &Wishes) -> Option<bool> {
        let candidates: Vec<(&[u64], u64)> = wishes.iter().map(|(wish, weight)| (wish.as_slice(), *weight)).collect();
        let nothing = vec![0; self.worth.len().div_ceil(64)];
        self.branch(candidates, &nothing)
    }

    /// Looks for a group that supports all of `taken` at most, or more. Either it gets the project most candidates
    /// lack, or it does without all who support it.
    fn branch(&mut self, mut candidates: Vec<(&[u64], u64)>, taken: &[u64]) -> Option<bool> {
        *self.steps = self.steps.checked_sub(1)?;
        candidates.retain(|(wish, _)| self.is_cheap(&either(taken, wish)));
        if candidates.iter().map(|(_, weight)| weight).sum::<u64>() < self.required {
            return Some(false);
        }
        let mut lacking = vec![0_u64; self.worth.len()];
        for (wish, weight) in &candidates {
            let lacks = |project: &usize| has(wish, *project) && !has(taken, *project);
            (0..self.worth.len()).filter(lacks).for_each(|project| lacking[project] += weight);
        }
        let most = lacking.iter().copied().max().unwrap_or_default();
        let Some(project) = lacking.iter().position(|weight| *weight == most && most > 0) else {
            return Some(self.is_cheap(taken));
        };
        let mut more = taken.to_vec();
        more[project / 64] |= 1 << (project % 64);
        let without = candidates.iter().copied().filter(|(wish, _)| !has(wish, project)).collect();
        if self.is_cheap(&more) && self.branch(candidates, &more)? {
            return Some(true);
        }
        self.branch(without, taken)
    }

    fn is_cheap(&self, projects: &[u64]) -> bool {
        let worth = self.worth.iter().enumerate().filter(|(project, _)| has(projects, *project));
        worth.map(|(_, worth)| worth).sum::<BigInt>() < self.bound
    }
}

fn has(projects: &[u64], project: usize) -> bool {
    projects[project / 64] >> (project % 64) & 1 == 1
}

fn either(one: &[u64], other: &[u64]) -> Vec<u64> {
    one.iter().zip(other).map(|(one, other)| one | other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn search(wishes: &[(u64, u64)], worth: &[u64], bound: u64, required: u64, mut steps: u64) -> Option<bool> {
        let worth: Vec<BigInt> = worth.iter().map(|&worth| worth.into()).collect();
        let wishes = wishes.iter().map(|&(wish, weight)| (vec![wish], weight)).collect();
        UnionSearch { worth: &worth, bound: bound.into(), required, steps: &mut steps }.exists(&wishes)
    }

    #[test]
    fn a_group_is_found_where_wishes_overlap() {
        let wishes = [(0b011, 2), (0b110, 2), (0b001, 1)];
        for (bound, required, expected) in [(3, 3, true), (3, 4, false), (4, 5, true), (2, 1, true), (1, 1, false)] {
            assert_eq!(search(&wishes, &[1, 1, 1], bound, required, 100), Some(expected), "{bound} {required}");
        }
        assert_eq!(search(&wishes, &[1, 1, 1], 3, 4, 1), None);
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_trying_all_unions_finds(
            wishes in proptest::collection::btree_map(0_u64..64, 1_u64..4, 1..8),
            worth in proptest::collection::vec(0_u64..5, 6),
            bound in 0_u64..15,
            required in 1_u64..10,
        ) {
            let wishes: Vec<_> = wishes.into_iter().collect();
            let expected = (0_u64..64).any(|union| {
                let sum: u64 = worth.iter().zip(0..).map(|(worth, project)| worth * (union >> project & 1)).sum();
                let inside = wishes.iter().filter(|(wish, _)| wish & !union == 0);
                sum < bound && inside.map(|(_, weight)| weight).sum::<u64>() >= required
            });
            prop_assert_eq!(search(&wishes, &worth, bound, required, 1_000_000), Some(expected));
        }
    }
}
