//! Whether those who vote differ from one another, or each is scattered by itself: approvals by agent, or by any other
//! group of ballots, a culture for one.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::super::exact::{Exact, fraction};
use super::between::total_variation;
use super::entropy::{shannon, shares};

/// Approvals counted by row and project. A row is whoever is compared: an agent, a culture, a system. Rows without any
/// approval have no distribution and are left out of every figure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowCounts {
    rows: Vec<Vec<u64>>,
    projects: usize,
}

/// Counts that are no table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RowFault {
    /// A row over another number of projects.
    #[error("row {row} counts approvals of {found} projects, not of {projects}")]
    Ragged {
        /// Its place, from 1.
        row: usize,
        /// How many projects it counts.
        found: usize,
        /// How many there are.
        projects: usize,
    },
}

/// How rows are put together. Both ways are the same where all rows have equally many approvals.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Pooling {
    /// The mean of the rows' distributions: every row weighs the same, however much it voted.
    #[default]
    Rows,
    /// The distribution of all approvals: a row weighs as much as it has approvals.
    Approvals,
}

/// Diversity taken apart into that within rows and that between them (Jost 2007), in effective numbers of projects.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Diversity {
    /// exp(H) of the pooled distribution, from 1 to the number of projects.
    pub gamma: f64,
    /// exp of the mean H of the rows, weighted as they are pooled; from 1 to gamma.
    pub alpha: f64,
    /// gamma / alpha: effective number of distinct rows, from 1 to the number of rows.
    pub beta: f64,
    /// Mutual information of row and project in nats, ln beta: pooled H minus mean H, the generalised Jensen-Shannon
    /// divergence of the rows; at least 0.
    pub mutual_information: f64,
}

impl RowCounts {
    /// A table of such rows, each with a count for each project.
    pub fn new(rows: Vec<Vec<u64>>, projects: usize) -> Result<Self, RowFault> {
        match rows.iter().position(|row| row.len() != projects) {
            Some(place) => Err(RowFault::Ragged { row: place + 1, found: rows[place].len(), projects }),
            None => Ok(Self { rows, projects }),
        }
    }

    /// The counts, by row.
    pub fn rows(&self) -> &[Vec<u64>] {
        &self.rows
    }

    /// How many projects there are.
    pub fn projects(&self) -> usize {
        self.projects
    }

    /// The places of the rows with approvals.
    pub fn filled(&self) -> Vec<usize> {
        (0..self.rows.len()).filter(|&row| self.rows[row].iter().any(|count| *count > 0)).collect()
    }

    /// The pooled distribution of some rows, which may be named repeatedly; `None` where none of them has approvals.
    pub fn pooled(&self, rows: &[usize], pooling: Pooling) -> Option<Vec<f64>> {
        match pooling {
            Pooling::Approvals => {
                let mut counts = vec![0_u128; self.projects];
                for &row in rows {
                    counts.iter_mut().zip(&self.rows[row]).for_each(|(sum, count)| *sum += u128::from(*count));
                }
                let total: u128 = counts.iter().sum();
                (total > 0).then(|| counts.iter().map(|&count| count as f64 / total as f64).collect())
            }
            Pooling::Rows => {
                let distributions: Vec<_> = rows.iter().filter_map(|&row| shares(&self.rows[row])).collect();
                let mut sums = vec![0.0; self.projects];
                for distribution in &distributions {
                    sums.iter_mut().zip(distribution).for_each(|(sum, share)| *sum += share);
                }
                let number = distributions.len() as f64;
                (!distributions.is_empty()).then(|| sums.iter().map(|sum| sum / number).collect())
            }
        }
    }

    /// Shannon entropy of each row in nats; `None` for rows without approvals.
    pub fn entropies(&self) -> Vec<Option<f64>> {
        self.rows.iter().map(|row| shares(row).map(|shares| shannon(&shares))).collect()
    }

    /// Diversity within and between rows; `None` where there are no approvals.
    pub fn diversity(&self, pooling: Pooling) -> Option<Diversity> {
        let pooled = shannon(&self.pooled(&self.filled(), pooling)?);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (row, entropy) in self.rows.iter().zip(self.entropies()) {
            let weight = match pooling {
                Pooling::Rows => 1.0,
                Pooling::Approvals => row.iter().map(|&count| u128::from(count)).sum::<u128>() as f64,
            };
            if let Some(entropy) = entropy {
                sum += weight * entropy;
                weights += weight;
            }
        }
        // By concavity at least 0; rounding must not say otherwise.
        let mutual_information = (pooled - sum / weights).max(0.0);
        let (alpha, beta) = (libm::exp(pooled - mutual_information), libm::exp(mutual_information));
        Some(Diversity { gamma: libm::exp(pooled), alpha, beta, mutual_information })
    }

    /// Total variation between the distributions of every two rows with approvals, by their places.
    pub fn total_variations(&self) -> Vec<(usize, usize, Exact)> {
        let filled = self.filled();
        let pairs =
            filled.iter().enumerate().flat_map(|(place, &one)| filled[place + 1..].iter().map(move |&o| (one, o)));
        let apart =
            |(one, other): (usize, usize)| Some((one, other, total_variation(&self.rows[one], &self.rows[other])?));
        pairs.filter_map(apart).collect()
    }

    /// Its mean over all pairs, from 0 to 1; `None` for fewer than two rows with approvals.
    pub fn mean_total_variation(&self) -> Option<Exact> {
        let pairs = self.total_variations();
        // Few denominators are met over and over; adding within each first keeps the sum small.
        let mut sums: BTreeMap<&BigInt, BigInt> = BTreeMap::new();
        for (_, _, apart) in &pairs {
            *sums.entry(apart.denom()).or_default() += apart.numer();
        }
        let sum: Exact = sums.into_iter().filter_map(|(below, above)| fraction(above, below.clone())).sum();
        Some(sum * fraction(1, pairs.len())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_traits::{One, Zero};
    use proptest::prelude::*;

    fn table(rows: &[&[u64]]) -> RowCounts {
        RowCounts::new(rows.iter().map(|row| row.to_vec()).collect(), rows[0].len()).expect("a table")
    }

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-12
    }

    #[test]
    fn rows_without_overlap_count_fully_and_equal_rows_once() {
        for (rows, alpha, beta) in [
            (&[&[4, 0, 0][..], &[0, 4, 0], &[0, 0, 4]][..], 1.0, 3.0),
            (&[&[1, 1, 2], &[2, 2, 4]], 8.0_f64.sqrt(), 1.0),
            (&[&[3, 3, 0, 0], &[0, 0, 3, 3], &[0, 0, 0, 0]], 2.0, 2.0),
        ] {
            for pooling in [Pooling::Rows, Pooling::Approvals] {
                let diversity = table(rows).diversity(pooling).expect("approvals");
                assert!(near(diversity.alpha, alpha) && near(diversity.beta, beta), "{rows:?} {diversity:?}");
                assert!(near(diversity.gamma, alpha * beta) && near(diversity.mutual_information, libm::log(beta)));
            }
        }
    }

    #[test]
    fn rows_weigh_the_same_or_by_their_approvals() {
        let table = table(&[&[3, 0], &[0, 1]]);
        assert_eq!(table.pooled(&[0, 1], Pooling::Rows), Some(vec![0.5, 0.5]));
        assert_eq!(table.pooled(&[0, 1], Pooling::Approvals), Some(vec![0.75, 0.25]));
        assert_eq!(table.pooled(&[0, 0, 1], Pooling::Approvals), Some(vec![6.0 / 7.0, 1.0 / 7.0]));
        let by_approvals = table.diversity(Pooling::Approvals).expect("approvals");
        assert!(near(by_approvals.mutual_information, 2.0 * libm::log(2.0) - 0.75 * libm::log(3.0)));
    }

    #[test]
    fn rows_are_compared_pair_by_pair() {
        let table = table(&[&[2, 2, 0], &[0, 0, 0], &[0, 3, 3], &[1, 2, 1]]);
        let ratio = |above: i64, below: i64| fraction(above, below).expect("a denominator");
        let expected = [(0, 2, ratio(1, 2)), (0, 3, ratio(1, 4)), (2, 3, ratio(1, 4))];
        assert_eq!(table.total_variations(), expected);
        assert_eq!(table.mean_total_variation(), Some(ratio(1, 3)));
        assert_eq!(table.entropies()[1], None);
    }

    #[test]
    fn there_is_no_diversity_of_nothing() {
        let empty = table(&[&[0, 0], &[0, 0]]);
        assert_eq!((empty.diversity(Pooling::Rows), empty.mean_total_variation()), (None, None));
        assert_eq!(table(&[&[1, 0]]).mean_total_variation(), None);
        let fault = RowFault::Ragged { row: 2, found: 1, projects: 2 };
        assert_eq!(RowCounts::new(vec![vec![1, 0], vec![1]], 2), Err(fault));
    }

    proptest! {
        #[test]
        fn beta_lies_between_one_and_the_number_of_rows(
            rows in proptest::collection::vec(proptest::collection::vec(0_u64..9, 5), 1..6),
        ) {
            let table = RowCounts::new(rows, 5).expect("a table");
            for pooling in [Pooling::Rows, Pooling::Approvals] {
                if let Some(Diversity { gamma, alpha, beta, .. }) = table.diversity(pooling) {
                    prop_assert!((1.0..=table.filled().len() as f64 + 1e-9).contains(&beta));
                    prop_assert!((1.0 - 1e-9..=gamma + 1e-9).contains(&alpha) && gamma <= 5.0 + 1e-9);
                }
            }
            if let Some(mean) = table.mean_total_variation() {
                prop_assert!(mean >= Exact::zero() && mean <= Exact::one());
            }
        }

        #[test]
        fn both_ways_of_pooling_agree_on_rows_of_one_size(
            rows in proptest::collection::vec(proptest::sample::subsequence(vec![0_usize, 1, 2, 3, 4], 2), 1..6),
        ) {
            let count = |row: Vec<usize>| (0..5).map(|project| u64::from(row.contains(&project))).collect();
            let table = RowCounts::new(rows.into_iter().map(count).collect(), 5).expect("a table");
            let [rows, approvals] = [Pooling::Rows, Pooling::Approvals].map(|pooling| table.diversity(pooling));
            prop_assert!(rows.zip(approvals).is_some_and(|(rows, approvals)| near(rows.beta, approvals.beta)));
        }
    }
}
