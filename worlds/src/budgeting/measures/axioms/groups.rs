//! Voters as bits, from the least satisfied on: who supports all of a set is an intersection, who has too little a
//! prefix.

use num_bigint::BigInt;

use super::super::super::electorate::Electorate;
use super::super::super::instance::ProjectIndex;
use super::union::Wishes;

/// A set of groups of voters, one bit for each.
pub(super) type Bits = Vec<u64>;

/// Groups of voters in ascending order of their satisfaction.
pub(super) struct Groups {
    supporters: Vec<Bits>,
    weights: Vec<u64>,
    /// The weight of every group, where it is the same.
    equal_weight: Option<u64>,
    /// Distinct satisfactions in ascending order, and how many groups have less than each.
    levels: Vec<(BigInt, usize)>,
    /// What each group supports of the funded projects, one bit for each of these.
    wishes: Vec<Bits>,
}

impl Groups {
    /// The groups of an electorate, satisfied by what each of these funded projects, in ascending order, is worth.
    pub(super) fn new(electorate: &Electorate, funded: &[ProjectIndex], worth: &[BigInt]) -> Self {
        let satisfaction = |group: usize| {
            let funded = electorate.supports(group).filter(|(project, _)| funded.binary_search(project).is_ok());
            funded.map(|(project, _)| &worth[project]).sum::<BigInt>()
        };
        let mut order: Vec<(BigInt, usize)> =
            (0..electorate.groups()).map(|group| (satisfaction(group), group)).collect();
        order.sort_unstable();
        let mut supporters = vec![vec![0; order.len().div_ceil(64)]; electorate.projects()];
        let mut wishes = vec![vec![0; funded.len().div_ceil(64)]; order.len()];
        let mut levels: Vec<(BigInt, usize)> = Vec::new();
        let mut weights = Vec::new();
        for (position, (satisfaction, group)) in order.into_iter().enumerate() {
            for (project, _) in electorate.supports(group) {
                set(&mut supporters[project], position);
                if let Ok(place) = funded.binary_search(&project) {
                    set(&mut wishes[position], place);
                }
            }
            if levels.last().is_none_or(|(last, _)| *last != satisfaction) {
                levels.push((satisfaction, position));
            }
            weights.push(electorate.weight(group));
        }
        let equal_weight = weights.first().copied().filter(|first| weights.iter().all(|weight| weight == first));
        Self { supporters, weights, equal_weight, levels, wishes }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }

    /// All of them.
    pub(super) fn everybody(&self) -> Bits {
        let mut everybody = vec![0; self.len().div_ceil(64)];
        (0..self.len()).for_each(|position| set(&mut everybody, position));
        everybody
    }

    /// Writes those of these groups that support a project.
    pub(super) fn intersect(&self, groups: &[u64], project: ProjectIndex, both: &mut [u64]) {
        for ((both, group), supporter) in both.iter_mut().zip(groups).zip(&self.supporters[project]) {
            *both = group & supporter;
        }
    }

    /// Weight of those of these groups that are among the first ones.
    pub(super) fn weight(&self, groups: &[u64], first: usize) -> u64 {
        let inside = |word: usize| {
            let bits = groups[word];
            if word == first / 64 { bits & ((1 << (first % 64)) - 1) } else { bits }
        };
        let words = 0..groups.len().min(first / 64 + 1);
        match self.equal_weight {
            Some(weight) => weight * words.map(|word| u64::from(inside(word).count_ones())).sum::<u64>(),
            None => words.flat_map(|word| ones(inside(word)).map(move |bit| self.weights[64 * word + bit])).sum(),
        }
    }

    /// How many groups have a satisfaction below this: they are the first ones.
    pub(super) fn below(&self, satisfaction: &BigInt) -> usize {
        let level = self.levels.partition_point(|(level, _)| level < satisfaction);
        self.levels.get(level).map_or(self.len(), |(_, first)| *first)
    }

    /// What those of these groups that are among the first ones support of the funded projects.
    pub(super) fn wishes(&self, groups: &[u64], first: usize) -> Wishes {
        let mut wishes = Wishes::new();
        for (word, bits) in groups.iter().enumerate().take(first / 64 + 1) {
            for position in ones(*bits).map(|bit| 64 * word + bit).filter(|position| *position < first) {
                *wishes.entry(self.wishes[position].clone()).or_default() += self.weights[position];
            }
        }
        wishes
    }
}

fn set(bits: &mut [u64], place: usize) {
    bits[place / 64] |= 1 << (place % 64);
}

/// Places of the bits that are set.
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        (word != 0).then(|| {
            word &= word - 1;
            bit
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::super::ballot::VoterUnit;
    use super::super::super::fixtures::{named, of_agents, of_ballots};
    use super::*;

    #[test]
    fn weights_of_first_groups_are_sums_over_them() {
        // Group i of 130 supports project 0 where i is even, and as many further projects as tell it from others.
        let ballots: Vec<Vec<usize>> =
            (0..130).map(|one| (0..9).filter(|bit| (2 * one + 1 - one % 2) >> bit & 1 == 1).collect()).collect();
        let agents: Vec<u32> = (0..130).map(|one| one % 7).collect();
        for unit in [VoterUnit::Ballot, VoterUnit::Agent] {
            let electorate = of_agents(ballots.clone(), &agents, 9, unit);
            let groups = Groups::new(&electorate, &[1, 2, 3], &vec![BigInt::from(1); 9]);
            let everybody = groups.everybody();
            let mut supporters = vec![0; everybody.len()];
            groups.intersect(&everybody, 0, &mut supporters);
            assert_eq!(groups.weight(&everybody, groups.len()), electorate.total_weight());
            assert_eq!(groups.weight(&supporters, groups.len()), electorate.support()[0]);
            for first in [0, 1, 63, 64, 65, 127, 128, 129] {
                let summed: u64 = groups.weights[..first].iter().sum();
                assert_eq!(groups.weight(&everybody, first), summed, "{first}");
                assert_eq!(groups.wishes(&everybody, first).values().sum::<u64>(), summed, "{first}");
            }
        }
    }

    #[test]
    fn groups_stand_in_order_of_their_satisfaction() {
        let electorate = of_ballots(["ab", "a", "c", "bc", ""].into_iter().map(named).collect(), 3);
        let groups = Groups::new(&electorate, &[0, 1], &[3, 4, 5].map(BigInt::from));
        for (satisfaction, below) in [(0, 0), (1, 2), (3, 2), (4, 3), (5, 4), (7, 4), (8, 5)] {
            assert_eq!(groups.below(&BigInt::from(satisfaction)), below, "{satisfaction}");
        }
    }
}
