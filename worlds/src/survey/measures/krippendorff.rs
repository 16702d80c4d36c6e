//! Krippendorff's α for ordinal data: items are units, agents are coders.

use std::collections::BTreeMap;

use super::item::Spread;

/// Coincidences of the items of a survey, kept apart by number of options: α is defined where categories are common.
#[derive(Clone, PartialEq, Debug)]
pub struct Coincidences {
    groups: Vec<Group>,
}

/// The items with equally many options.
#[derive(Clone, PartialEq, Debug)]
struct Group {
    options: usize,
    units: Vec<Unit>,
}

/// One item: pairs of answers within it, each answer counting once in all.
#[derive(Clone, PartialEq, Debug)]
struct Unit {
    item: usize,
    /// Row-major, options × options, symmetric; sums to the number of answers.
    pairs: Vec<f64>,
}

impl Coincidences {
    /// The coincidences of the answers to every item. Items with fewer than two answers, and answers that are no
    /// option, have none.
    pub fn of(spreads: &[Spread]) -> Self {
        let mut groups: BTreeMap<usize, Vec<Unit>> = BTreeMap::new();
        for (item, spread) in spreads.iter().enumerate() {
            let answers: u64 = spread.options.iter().sum();
            if answers >= 2 && spread.options.len() >= 2 {
                let pairs = pairs(&spread.options, answers);
                groups.entry(spread.options.len()).or_default().push(Unit { item, pairs });
            }
        }
        Self { groups: groups.into_iter().map(|(options, units)| Group { options, units }).collect() }
    }

    /// α with every item counted once; `None` where nothing varies.
    pub fn alpha(&self) -> Option<f64> {
        self.weighted(&|_| 1.0)
    }

    /// α with every item counted `weight` times: 1 − D_o/D_e within each group of items with equally many options,
    /// averaged over groups by their numbers of answers. Groups in which nothing varies are left out.
    ///
    /// With coincidences o and their marginals n, δ²(c,k) = (Σ_{g=c..k} n_g − (n_c + n_k)/2)², D_o = Σ o·δ²/n and
    /// D_e = Σ n_c·n_k·δ²/(n(n−1)) (Krippendorff 2011, ordinal metric). 1: all agents agree item by item; 0: as if
    /// answers were dealt at random; below 0: they disagree systematically.
    pub fn weighted(&self, weight: &impl Fn(usize) -> f64) -> Option<f64> {
        let each: Vec<(f64, f64)> = self.groups.iter().filter_map(|group| group.alpha(weight)).collect();
        mean_by_answers(&each)
    }

    /// How α changes with the weight of each item, at weight 1: ∂α/∂w, by item of the survey (0 for items without
    /// pairs).
    pub fn influences(&self, items: usize) -> Vec<f64> {
        const STEP: f64 = 1e-6;
        let mut influences = vec![0.0; items];
        let plain: Vec<Option<(f64, f64)>> = self.groups.iter().map(|group| group.alpha(&|_| 1.0)).collect();
        for (place, group) in self.groups.iter().enumerate() {
            for unit in &group.units {
                let at = |step: f64| {
                    let mut each = plain.clone();
                    each[place] = group.alpha(&|item| if item == unit.item { 1.0 + step } else { 1.0 });
                    mean_by_answers(&each.into_iter().flatten().collect::<Vec<_>>())
                };
                influences[unit.item] = at(STEP).zip(at(-STEP)).map_or(0.0, |(up, down)| (up - down) / (2.0 * STEP));
            }
        }
        influences
    }

    /// α on items drawn again: `counts(item)` says how often an item was drawn in each of so many resamples. NaN where
    /// it is undefined.
    pub fn drawn<'c>(&self, resamples: usize, counts: impl Fn(usize) -> &'c [f64]) -> Vec<f64> {
        let (mut sums, mut answers) = (vec![0.0; resamples], vec![0.0; resamples]);
        for group in &self.groups {
            let m = group.options;
            // Cell by cell of the coincidences, all resamples side by side.
            let mut observed = vec![Vec::new(); m * m];
            for unit in &group.units {
                for (cell, &pairs) in unit.pairs.iter().enumerate().filter(|(_, pairs)| **pairs > 0.0) {
                    let sums: &mut Vec<f64> = &mut observed[cell];
                    sums.resize(resamples, 0.0);
                    for (sum, count) in sums.iter_mut().zip(counts(unit.item)) {
                        *sum += pairs * count;
                    }
                }
            }
            for resample in 0..resamples {
                let cells: Vec<f64> = observed.iter().map(|sums| sums.get(resample).copied().unwrap_or(0.0)).collect();
                if let Some((alpha, n)) = alpha(m, &cells) {
                    sums[resample] += alpha * n;
                    answers[resample] += n;
                }
            }
        }
        sums.iter().zip(&answers).map(|(sum, answers)| sum / answers).collect()
    }

    /// How many answers there are to compare.
    pub fn answers(&self) -> u64 {
        let units = self.groups.iter().flat_map(|group| &group.units);
        units.map(|unit| unit.pairs.iter().sum::<f64>().round() as u64).sum()
    }
}

fn mean_by_answers(each: &[(f64, f64)]) -> Option<f64> {
    let answers: f64 = each.iter().map(|(_, answers)| answers).sum();
    (answers > 0.0).then(|| each.iter().map(|(alpha, answers)| alpha * answers).sum::<f64>() / answers)
}

impl Group {
    /// α of the group and its number of answers.
    fn alpha(&self, weight: &impl Fn(usize) -> f64) -> Option<(f64, f64)> {
        let mut observed = vec![0.0; self.options * self.options];
        for unit in &self.units {
            let weight = weight(unit.item);
            for (sum, pairs) in observed.iter_mut().zip(&unit.pairs) {
                *sum += weight * pairs;
            }
        }
        alpha(self.options, &observed)
    }
}

/// α of coincidences over `m` options, and the number of answers they are made of.
fn alpha(m: usize, observed: &[f64]) -> Option<(f64, f64)> {
    let marginal: Vec<f64> = observed.chunks(m).map(|row| row.iter().sum()).collect();
    let n: f64 = marginal.iter().sum();
    let (mut disagreement, mut expected) = (0.0, 0.0);
    for c in 0..m {
        // Σ from c to k of the marginals, as k grows.
        let mut between = marginal[c];
        for k in c + 1..m {
            between += marginal[k];
            let distance = between - f64::midpoint(marginal[c], marginal[k]);
            let squared = distance * distance;
            disagreement += observed[c * m + k] * squared;
            expected += marginal[c] * marginal[k] * squared;
        }
    }
    (n > 1.0 && expected > 0.0).then(|| (1.0 - (n - 1.0) * disagreement / expected, n))
}

fn pairs(histogram: &[u64], answers: u64) -> Vec<f64> {
    let others = answers as f64 - 1.0;
    let cell = |(c, &of_c): (usize, &u64)| {
        histogram.iter().enumerate().map(move |(k, &of_k)| {
            let pairs = if c == k { of_c * of_c.saturating_sub(1) } else { of_c * of_k };
            pairs as f64 / others
        })
    };
    histogram.iter().enumerate().flat_map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spread(options: &[u64]) -> Spread {
        Spread { options: options.to_vec(), outside: BTreeMap::new() }
    }

    fn of(items: &[&[u64]]) -> Option<f64> {
        Coincidences::of(&items.iter().map(|item| spread(item)).collect::<Vec<_>>()).alpha()
    }

    #[test]
    fn the_published_example_has_its_published_value() {
        // Krippendorff 2011, "Computing Krippendorff's alpha-reliability", example C: four observers, twelve units,
        // five values, ordinal α = 0.815.
        let units: [&[u64]; 12] = [
            &[3, 0, 0, 0, 0],
            &[0, 3, 1, 0, 0],
            &[0, 0, 4, 0, 0],
            &[0, 0, 4, 0, 0],
            &[0, 4, 0, 0, 0],
            &[1, 1, 1, 1, 0],
            &[0, 0, 0, 4, 0],
            &[3, 1, 0, 0, 0],
            &[0, 4, 0, 0, 0],
            &[0, 0, 0, 0, 3],
            &[2, 0, 0, 0, 0],
            &[0, 0, 1, 0, 0],
        ];
        let found = of(&units).expect("answers vary");
        assert!((found - 0.815).abs() < 5e-4, "{found}");
    }

    #[test]
    fn agreement_is_one_and_nothing_that_varies_is_nothing() {
        assert_eq!(of(&[&[4, 0, 0], &[0, 0, 4]]), Some(1.0));
        assert_eq!(of(&[&[4, 0, 0], &[4, 0, 0]]), None);
        assert_eq!(of(&[&[1, 0], &[0, 1]]), None);
        assert!(of(&[&[2, 0, 2], &[2, 0, 2]]).expect("answers vary") < 0.0);
    }

    proptest! {
        #[test]
        fn an_item_that_counts_twice_is_two_items(
            items in prop::collection::vec(prop::collection::vec(0_u64..4, 2..5), 2..7), twice in 0_usize..7
        ) {
            let twice = twice % items.len();
            let spreads: Vec<Spread> = items.iter().map(|item| spread(item)).collect();
            let mut doubled = spreads.clone();
            doubled.push(spreads[twice].clone());
            let weighted = Coincidences::of(&spreads).weighted(&|item| if item == twice { 2.0 } else { 1.0 });
            let listed = Coincidences::of(&doubled).alpha();
            prop_assert_eq!(weighted.is_some(), listed.is_some());
            if let (Some(weighted), Some(listed)) = (weighted, listed) {
                prop_assert!((weighted - listed).abs() < 1e-9);
                prop_assert!(listed <= 1.0 + 1e-12);
            }
        }
    }
}
