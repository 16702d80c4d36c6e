//! How broadly approvals are spread over projects.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::super::exact::{Exact, fraction, to_f64, whole};
use super::entropy::{bits, shannon, shares};
use super::gini::gini;

/// A distribution of approvals over projects; p is a project's share of all approvals, m the number of projects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breadth {
    counts: Vec<u64>,
    /// Counts are in units of 1 / this.
    unit: u64,
    total: BigInt,
}

impl Breadth {
    /// The distribution of these approvals by project; `None` where nobody approved anything.
    pub fn of(counts: &[u64]) -> Option<Self> {
        Self::of_weights(counts, 1)
    }

    /// The distribution of weighted approvals by project, in units of 1 / `unit`; `None` where nobody approved anything
    /// or the unit is 0.
    pub fn of_weights(weights: &[u64], unit: u64) -> Option<Self> {
        let total: BigInt = weights.iter().map(|&weight| BigInt::from(weight)).sum();
        let some = unit > 0 && !total.is_zero();
        some.then(|| Self { counts: weights.to_vec(), unit, total })
    }

    /// How many approvals there are.
    pub fn approvals(&self) -> Exact {
        fraction(self.total.clone(), self.unit).unwrap_or_default()
    }

    /// Share of each project in all approvals, from 0 to 1.
    pub fn shares(&self) -> Vec<Exact> {
        self.counts.iter().map(|&count| self.share(count)).collect()
    }

    /// Approvals of each project by voter, from 0 to 1 where a voter approves a project once; `None` without voters.
    pub fn rates(&self, voters: &Exact) -> Option<Vec<Exact>> {
        let approvals = |&count: &u64| Some(fraction(count, self.unit)? / voters);
        if voters.is_zero() { None } else { self.counts.iter().map(approvals).collect() }
    }

    /// Shannon entropy H = −Σ p ln p in nats, from 0 to ln m (Shannon 1948).
    pub fn shannon_nats(&self) -> f64 {
        shannon(&shares(&self.counts).unwrap_or_default())
    }

    /// The same in bits, from 0 to log₂ m.
    pub fn shannon_bits(&self) -> f64 {
        bits(self.shannon_nats())
    }

    /// Evenness H / ln m, from 0 to 1 (Pielou 1966); `None` for a single project.
    pub fn evenness(&self) -> Option<f64> {
        let projects = self.counts.len();
        (projects > 1).then(|| self.shannon_nats() / libm::log(projects as f64))
    }

    /// Hill number of order 0: how many projects anybody approves (Hill 1973).
    pub fn hill0(&self) -> usize {
        self.counts.iter().filter(|count| **count > 0).count()
    }

    /// Hill number of order 1, exp(H): how many equally approved projects have this entropy, from 1 to m (Jost 2006).
    pub fn hill1(&self) -> f64 {
        libm::exp(self.shannon_nats())
    }

    /// Hill number of order 2, 1 / Σ p², from 1 to m (inverse Simpson; Laakso & Taagepera 1979).
    pub fn hill2(&self) -> Exact {
        self.simpson().recip()
    }

    /// Hill number of infinite order, 1 / max p, from 1 to m (inverse of Berger & Parker 1970).
    pub fn hill_infinity(&self) -> Exact {
        let largest = self.counts.iter().copied().max().unwrap_or_default();
        fraction(self.total.clone(), largest).unwrap_or_default()
    }

    /// Σ p²: chance that two approvals drawn with replacement are of one project, from 1/m to 1 (Simpson 1949).
    pub fn simpson(&self) -> Exact {
        let squares: BigInt = self.counts.iter().map(|&count| BigInt::from(count) * count).sum();
        fraction(squares, &self.total * &self.total).unwrap_or_default()
    }

    /// 1 − Σ p²: chance that two such approvals are of different projects, from 0 to 1 − 1/m.
    pub fn gini_simpson(&self) -> Exact {
        Exact::one() - self.simpson()
    }

    /// Σ s (s − 1) / (S (S − 1)) of approvals s and their sum S: Simpson's chance without replacement, unbiased. `None`
    /// for fewer than two approvals, and for weights other than whole approvals, which are no counts.
    pub fn simpson_unbiased(&self) -> Option<Exact> {
        let pairs: BigInt = self.counts.iter().map(|&count| BigInt::from(count) * (BigInt::from(count) - 1)).sum();
        if self.unit == 1 { fraction(pairs, &self.total * (&self.total - 1)) } else { None }
    }

    /// Entropy corrected for bias, H + (D₀ − 1) / 2S in nats (Miller 1955). `None` for weights other than whole
    /// approvals. Approvals on one ballot are not drawn independently, so the correction is of the first order only.
    pub fn miller_madow_nats(&self) -> Option<f64> {
        let correction = (self.hill0() as f64 - 1.0) / (2.0 * to_f64(&self.approvals()));
        (self.unit == 1).then(|| self.shannon_nats() + correction)
    }

    /// Gini coefficient of the approvals of all projects, from 0 to 1 − 1/m.
    pub fn gini(&self) -> Exact {
        gini(self.counts.iter().map(|&count| (BigInt::from(count), 1))).unwrap_or_default()
    }

    /// How many projects have at least this share of all approvals.
    pub fn coverage_by_share(&self, threshold: &Exact) -> usize {
        self.counts.iter().filter(|count| self.share(**count) >= *threshold).count()
    }

    /// How many projects at least this share of so many voters approves.
    pub fn coverage_by_rate(&self, voters: &Exact, threshold: &Exact) -> usize {
        let least = threshold * voters * BigInt::from(self.unit);
        self.counts.iter().filter(|count| whole(**count) >= least).count()
    }

    /// Share of the most approved project in all approvals, of the two most approved, and so on to this many or to all.
    pub fn top_shares(&self, most: usize) -> Vec<Exact> {
        let mut sum = BigInt::zero();
        let add = |count: u64| {
            sum += count;
            fraction(sum.clone(), self.total.clone()).unwrap_or_default()
        };
        self.descending().into_iter().take(most).map(add).collect()
    }

    /// Least number of projects that hold at least half of all approvals.
    pub fn projects_for_half(&self) -> usize {
        let half = fraction(1, 2).unwrap_or_default();
        1 + self.top_shares(self.counts.len()).iter().take_while(|share| **share < half).count()
    }

    /// (D₁ − k) / (m − k) where every ballot names exactly k projects, from 0 to 1: a ballot names different projects,
    /// so no share is above 1/k and no Hill number below k. The normalisation is ours. `None` unless 0 < k < m.
    pub fn normalised_hill1(&self, length: usize) -> Option<f64> {
        let (length, projects) = self.bounds(length)?;
        Some((self.hill1() - length as f64) / (projects - length) as f64)
    }

    /// The same of D₂.
    pub fn normalised_hill2(&self, length: usize) -> Option<Exact> {
        let (length, projects) = self.bounds(length)?;
        Some((self.hill2() - whole(length)) / whole(projects - length))
    }

    fn share(&self, count: u64) -> Exact {
        fraction(count, self.total.clone()).unwrap_or_default()
    }

    fn descending(&self) -> Vec<u64> {
        let mut counts = self.counts.clone();
        counts.sort_unstable_by(|one, other| other.cmp(one));
        counts
    }

    fn bounds(&self, length: usize) -> Option<(usize, usize)> {
        let projects = self.counts.len();
        (length > 0 && length < projects).then_some((length, projects))
    }
}

/// Shares of all approvals at which coverage is told: 1/100, 1/50, 1/20, 1/(2m) and 1/m for m projects, each once.
pub fn share_thresholds(projects: usize) -> Vec<Exact> {
    let mut thresholds = Vec::new();
    for threshold in [100, 50, 20, 2 * projects, projects].into_iter().filter_map(|below| fraction(1, below)) {
        if !thresholds.contains(&threshold) {
            thresholds.push(threshold);
        }
    }
    thresholds
}

/// Shares of all voters at which coverage is told: 1/20, 1/10, 1/4 and 1/2.
pub fn rate_thresholds() -> Vec<Exact> {
    [20, 10, 4, 2].into_iter().filter_map(|below| fraction(1, below)).collect()
}

/// How many projects every ballot names, where all name equally many; `None` where they do not, or there is no ballot.
pub fn exact_length(lengths: impl IntoIterator<Item = usize>) -> Option<usize> {
    let mut lengths = lengths.into_iter();
    let first = lengths.next()?;
    lengths.all(|length| length == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(above: u64, below: u64) -> Exact {
        fraction(above, below).expect("a denominator")
    }

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-12
    }

    #[test]
    fn figures_of_three_projects_are_those_worked_out_by_hand() {
        let breadth = Breadth::of(&[3, 2, 3]).expect("approvals");
        assert_eq!(breadth.approvals(), whole(8));
        assert_eq!(breadth.shares(), [ratio(3, 8), ratio(1, 4), ratio(3, 8)]);
        assert_eq!(breadth.rates(&whole(5)), Some(vec![ratio(3, 5), ratio(2, 5), ratio(3, 5)]));
        // −(3/4) ln(3/8) − (1/4) ln(1/4) = 11/4 ln 2 − 3/4 ln 3.
        let entropy = 2.75 * std::f64::consts::LN_2 - 0.75 * libm::log(3.0);
        assert!(near(breadth.shannon_nats(), entropy));
        assert!(near(breadth.shannon_bits(), entropy / std::f64::consts::LN_2));
        assert!(breadth.evenness().is_some_and(|evenness| near(evenness, entropy / libm::log(3.0))));
        assert!(near(breadth.hill1(), libm::exp(entropy)));
        assert!(breadth.miller_madow_nats().is_some_and(|nats| near(nats, entropy + 0.125)));
        assert_eq!(breadth.hill0(), 3);
        assert_eq!(breadth.hill2(), ratio(32, 11));
        assert_eq!(breadth.hill_infinity(), ratio(8, 3));
        assert_eq!(breadth.simpson(), ratio(11, 32));
        assert_eq!(breadth.gini_simpson(), ratio(21, 32));
        assert_eq!(breadth.simpson_unbiased(), Some(ratio(1, 4)));
        assert_eq!(breadth.gini(), ratio(1, 12));
        assert_eq!(breadth.top_shares(5), [ratio(3, 8), ratio(3, 4), whole(1)]);
        assert_eq!(breadth.projects_for_half(), 2);
    }

    #[test]
    fn coverage_counts_projects_at_a_threshold_as_above_it() {
        let breadth = Breadth::of(&[10, 5, 4, 1, 0]).expect("approvals");
        for (threshold, by_share, by_rate) in
            [((1, 20), 4, 4), ((1, 10), 3, 4), ((1, 5), 3, 3), ((1, 4), 2, 3), ((1, 2), 1, 2), ((0, 1), 5, 5)]
        {
            let threshold = ratio(threshold.0, threshold.1);
            assert_eq!(breadth.coverage_by_share(&threshold), by_share, "{threshold}");
            assert_eq!(breadth.coverage_by_rate(&whole(10), &threshold), by_rate, "{threshold}");
        }
    }

    #[test]
    fn the_floor_of_exact_ballots_is_taken_off() {
        let breadth = Breadth::of(&[4, 4, 4, 4, 0]).expect("approvals");
        assert_eq!(breadth.normalised_hill2(2), Some(ratio(2, 3)));
        assert!(breadth.normalised_hill1(2).is_some_and(|breadth| near(breadth, 2.0 / 3.0)));
        for length in [0, 5, 6] {
            assert_eq!((breadth.normalised_hill1(length), breadth.normalised_hill2(length)), (None, None));
        }
        for (lengths, expected) in [(&[2, 2, 2][..], Some(2)), (&[2, 3], None), (&[], None)] {
            assert_eq!(exact_length(lengths.iter().copied()), expected);
        }
    }

    #[test]
    fn what_is_undefined_is_none() {
        assert_eq!((Breadth::of(&[]), Breadth::of(&[0, 0])), (None, None));
        let one = Breadth::of(&[1]).expect("an approval");
        assert_eq!((one.evenness(), one.simpson_unbiased(), one.rates(&Exact::zero())), (None, None, None));
        let halves = Breadth::of_weights(&[3, 2], 2).expect("weights");
        assert_eq!((halves.simpson_unbiased(), halves.miller_madow_nats()), (None, None));
        assert_eq!(halves.approvals(), ratio(5, 2));
        assert_eq!(halves.coverage_by_rate(&whole(2), &ratio(3, 4)), 1);
    }

    proptest! {
        #[test]
        fn hill_numbers_fall_with_their_order(counts in proptest::collection::vec(0_u64..50, 1..12), unit in 1_u64..9) {
            if let Some(breadth) = Breadth::of_weights(&counts, unit) {
                let (hill1, hill2) = (breadth.hill1(), to_f64(&breadth.hill2()));
                prop_assert!(breadth.hill0() <= counts.len());
                prop_assert!(hill1 <= breadth.hill0() as f64 + 1e-9);
                prop_assert!(hill2 <= hill1 + 1e-9);
                prop_assert!(breadth.hill_infinity() <= breadth.hill2() && breadth.hill_infinity() >= Exact::one());
                prop_assert!(breadth.gini() >= Exact::zero() && breadth.gini() < Exact::one());
                prop_assert_eq!(breadth.shares().into_iter().sum::<Exact>(), Exact::one());
                prop_assert_eq!(breadth.top_shares(counts.len()).pop(), Some(Exact::one()));
                let plain = Breadth::of(&counts).expect("approvals");
                prop_assert_eq!((plain.shares(), plain.gini()), (breadth.shares(), breadth.gini()));
            }
        }

        #[test]
        fn exact_ballots_keep_breadth_between_0_and_1(
            ballots in proptest::collection::vec(proptest::sample::subsequence(vec![0_usize, 1, 2, 3, 4, 5], 3), 1..20),
        ) {
            let mut counts = [0; 6];
            for &project in ballots.iter().flatten() {
                counts[project] += 1;
            }
            let breadth = Breadth::of(&counts).expect("approvals");
            let normalised = breadth.normalised_hill2(3).expect("3 of 6");
            prop_assert!(normalised >= Exact::zero() && normalised <= Exact::one());
            prop_assert!(breadth.normalised_hill1(3).is_some_and(|breadth| (-1e-9..=1.0 + 1e-9).contains(&breadth)));
        }
    }
}
