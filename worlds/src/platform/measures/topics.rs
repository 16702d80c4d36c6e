//! How far the topics of groups differ.

use super::figure::entropy_bits;

/// What a group weighs in the mixture of all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weights {
    /// All groups the same.
    Equal,
    /// As much as it has items. The divergence is then the mutual information of group and topic.
    BySize,
}

/// How far the distributions over topics differ between groups. Figures of few items lean high: of n items in G groups
/// over T topics, by size and without any difference, about (G − 1)(T − 1) / (2 n ln 2) bits are expected (Miller
/// 1955).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Divergence {
    /// Items of all groups.
    pub items: usize,
    /// Groups that have items; at least two.
    pub groups: usize,
    /// Topics that occur.
    pub topics: usize,
    /// Generalised Jensen–Shannon divergence H(Σ w P) − Σ w H(P) in bits, from 0, all the same, to log₂ of the number
    /// of groups (Lin 1991, section V).
    pub bits: f64,
    /// Mean divergence of pairs of groups, the two weighing the same, in bits, from 0 to 1.
    pub pairwise_bits: f64,
}

/// The divergence of items, each a group and a topic; `None` for fewer than two groups.
pub fn jensen_shannon(items: &[(u32, u32)], weights: Weights) -> Option<Divergence> {
    let (groups, topics) = (different(items.iter().map(|item| item.0)), different(items.iter().map(|item| item.1)));
    let mut counts = vec![vec![0_u64; topics.len()]; groups.len()];
    for &(group, topic) in items {
        let place = |list: &[u32], number| list.partition_point(|&other| other < number);
        counts[place(&groups, group)][place(&topics, topic)] += 1;
    }
    let shares: Vec<Vec<f64>> = counts.iter().map(|counts| shares(counts)).collect();
    let entropies: Option<Vec<f64>> = counts.iter().map(|counts| entropy_bits(counts.iter().copied())).collect();
    let (entropies, n) = (entropies?, groups.len());
    let weight = |group: usize| match weights {
        Weights::Equal => 1.0 / n as f64,
        Weights::BySize => counts[group].iter().sum::<u64>() as f64 / items.len() as f64,
    };
    let all: Vec<usize> = (0..n).collect();
    let between = |groups: &[usize], weight: &dyn Fn(usize) -> f64| {
        let mixed =
            (0..topics.len()).map(|topic| groups.iter().map(|&group| weight(group) * shares[group][topic]).sum());
        let within: f64 = groups.iter().map(|&group| weight(group) * entropies[group]).sum();
        (entropy_of_shares(mixed) - within).max(0.0)
    };
    let pairs = || all.iter().flat_map(|&one| (0..one).map(move |other| [other, one]));
    (n >= 2).then(|| Divergence {
        items: items.len(),
        groups: n,
        topics: topics.len(),
        bits: between(&all, &weight),
        pairwise_bits: pairs().map(|pair| between(&pair, &|_| 0.5)).sum::<f64>() / pairs().count() as f64,
    })
}

fn different(numbers: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn shares(counts: &[u64]) -> Vec<f64> {
    let total: u64 = counts.iter().sum();
    counts.iter().map(|&count| count as f64 / total as f64).collect()
}

fn entropy_of_shares(shares: impl Iterator<Item = f64>) -> f64 {
    shares.filter(|share| *share > 0.0).map(|share| -share * libm::log2(share)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-12
    }

    #[test]
    fn groups_differ_as_worked_out_by_hand() {
        // (1, 0), (0, 1) and (1/2, 1/2) with 1, 1 and 2 items: H(1/2) − 0 − 0 − w H(1/2) with w = 1/3 or 1/2.
        let items = [(5, 1), (6, 2), (9, 1), (9, 2)];
        let equal = jensen_shannon(&items, Weights::Equal).expect("groups");
        let sized = jensen_shannon(&items, Weights::BySize).expect("groups");
        assert_eq!((equal.items, equal.groups, equal.topics), (4, 3, 2));
        assert!(near(equal.bits, 2.0 / 3.0) && near(sized.bits, 0.5));
        // One bit between the first two; of the others H(3/4) − 1/2.
        let quarter = 2.0 - 0.75 * libm::log2(3.0);
        assert!(near(equal.pairwise_bits, (1.0 + 2.0 * (quarter - 0.5)) / 3.0));
    }

    #[test]
    fn one_group_does_not_differ_from_anything() {
        assert_eq!(jensen_shannon(&[(1, 1), (1, 2)], Weights::Equal), None);
        assert_eq!(jensen_shannon(&[], Weights::BySize), None);
    }

    proptest! {
        #[test]
        fn divergence_is_bounded_blind_to_names_and_0_for_groups_that_say_the_same(
            items in prop::collection::vec((0_u32..4, 0_u32..5), 2..40),
        ) {
            for weights in [Weights::Equal, Weights::BySize] {
                let found = jensen_shannon(&items, weights);
                let renamed: Vec<_> = items.iter().rev().map(|&(group, topic)| (9 - group, 40 - 3 * topic)).collect();
                let again = jensen_shannon(&renamed, weights);
                prop_assert_eq!(found.is_some(), again.is_some());
                if let Some((found, again)) = found.zip(again) {
                    prop_assert!(near(found.bits, again.bits) && near(found.pairwise_bits, again.pairwise_bits));
                    prop_assert!(found.bits >= 0.0 && found.bits <= libm::log2(found.groups as f64) + 1e-12);
                    prop_assert!((0.0..=1.0 + 1e-12).contains(&found.pairwise_bits));
                }
                let same: Vec<_> = items.iter().flat_map(|&(_, topic)| [(0, topic), (1, topic)]).collect();
                prop_assert!(jensen_shannon(&same, weights).is_some_and(|found| found.bits < 1e-12));
            }
        }
    }
}
