//! What a figure must be read beside: answer sheets that know no culture, the humans themselves, and two respondents
//! drawn at random.

use super::alignment;
use super::distance::{between_references, percent};
use super::diversity::{Mean, minimum_spanning_tree};
use crate::survey::item::Survey;
use crate::survey::reference::{Coding, Reference, ReferenceSheet, Statistic};

/// Diversity of real populations under one statistic, with the same formulas as for agents.
#[derive(Clone, PartialEq, Debug)]
pub struct HumanDiversity {
    /// Diversity_P over the populations, in percent.
    pub pairwise: Mean,
    /// Diversity_S over the populations, in percent.
    pub structural: Option<f64>,
}

/// The diversity of a society whose agents answer exactly as their populations' reference sheets: `counts` agents of
/// each population. With one agent each, the diversity of the populations themselves.
pub fn human_diversity(sheets: &[ReferenceSheet], counts: &[u64], squared_spans: &[u32]) -> HumanDiversity {
    let distance = |a: usize, b: usize| between_references(&sheets[a], &sheets[b], squared_spans).0;
    // Agents of one population stand on one spot: edges of length zero, one for each beyond the first.
    let clones: u64 = counts.iter().map(|count| count.saturating_sub(1)).sum();
    let tree = minimum_spanning_tree(sheets.len(), distance);
    let edges = tree.as_ref().map_or(0, Vec::len) as u64 + clones;
    let length = tree.map(|tree| tree.iter().map(|edge| edge.length).sum::<f64>());
    HumanDiversity {
        pairwise: over_pairs(counts, distance),
        structural: length.filter(|_| edges > 0).map(|length| length / edges as f64),
    }
}

/// The mean over pairs of agents of a figure of their populations, `counts` agents of each.
fn over_pairs(counts: &[u64], figure: impl Fn(usize, usize) -> Option<f64>) -> Mean {
    let (mut sum, mut n) = (0.0, 0);
    for (a, &of_a) in counts.iter().enumerate() {
        for (b, &of_b) in counts.iter().enumerate().skip(a) {
            let pairs = if a == b { of_a * of_a.saturating_sub(1) / 2 } else { of_a * of_b };
            if let Some(value) = Some(pairs).filter(|&pairs| pairs > 0).and_then(|_| figure(a, b)) {
                sum += value * pairs as f64;
                n += pairs;
            }
        }
    }
    Mean { value: (n > 0).then(|| sum / n as f64), n }
}

/// A constant sheet built without the target population: the median over the other populations' medians, or, for the
/// mean reference, the rounded mean over their means. In option numbers, whatever the coding of the reference it is
/// scored against. What it scores needs no knowledge of the target culture. Where the median falls between two options
/// it stays there, which no agent could answer: that makes the constant the harder to beat.
pub fn leave_one_out(reference: &Reference, survey: &Survey, left_out: &str, statistic: Statistic) -> ReferenceSheet {
    let summary = match statistic {
        Statistic::Mode | Statistic::Median => Statistic::Median,
        Statistic::Mean => Statistic::Mean,
    };
    let others: Vec<ReferenceSheet> = reference
        .cultures()
        .filter(|culture| culture.as_ref() != left_out)
        .map(|culture| reference.sheet(culture, survey, summary, Coding::Corrected))
        .collect();
    (0..survey.len())
        .map(|item| {
            let mut values: Vec<f64> = others.iter().filter_map(|sheet| sheet[item]).collect();
            values.sort_by(f64::total_cmp);
            let middle = values.len() / 2;
            match (values.len(), statistic) {
                (0, _) => None,
                (n, Statistic::Mean) => Some((values.iter().sum::<f64>() / n as f64).round()),
                (n, _) if n % 2 == 0 => Some(f64::midpoint(values[middle - 1], values[middle])),
                _ => Some(values[middle]),
            }
        })
        .collect()
}

/// The sheet that answers every item with the middle of its scale, in option numbers.
pub fn scale_midpoint(survey: &Survey) -> ReferenceSheet {
    survey.items.iter().map(|item| Some(f64::midpoint(1.0, f64::from(item.option_count())))).collect()
}

/// Mean alignment over agents, `counts` of each population, of the sheet `baseline` makes for each, in percent.
pub fn mean_alignment(
    references: &[ReferenceSheet],
    counts: &[u64],
    squared_spans: &[u32],
    baseline: impl Fn(usize) -> ReferenceSheet,
) -> Mean {
    let (mut sum, mut n) = (0.0, 0);
    for (population, (reference, &count)) in references.iter().zip(counts).enumerate() {
        let sheet = baseline(population);
        if let Some(percent) = alignment::of_values(squared_spans, reference, |item| sheet[item]).percent {
            sum += percent * count as f64;
            n += count;
        }
    }
    Mean { value: (n > 0).then(|| sum / n as f64), n }
}

/// Root-mean-square distance between two respondents drawn at random in place of two agents, in percent: the mean over
/// pairs of agents, `counts` of each population, of 100·√Σ E(x−y)² / √ΣΔ².
pub fn random_respondents(reference: &Reference, survey: &Survey, cultures: &[&str], counts: &[u64]) -> Mean {
    let moments: Vec<Vec<Option<(f64, f64)>>> = cultures
        .iter()
        .map(|culture| survey.items.iter().map(|item| moments(reference, culture, &item.id)).collect())
        .collect();
    let spans = survey.squared_spans();
    over_pairs(counts, |a, b| {
        let (mut squared, mut maximum) = (0.0, 0.0);
        for (item, &span) in spans.iter().enumerate() {
            if let (Some((mean_a, var_a)), Some((mean_b, var_b))) = (moments[a][item], moments[b][item]) {
                squared += var_a + var_b + (mean_a - mean_b) * (mean_a - mean_b);
                maximum += f64::from(span);
            }
        }
        percent(squared, maximum)
    })
}

/// Mean and variance of a population's codes on an item.
fn moments(reference: &Reference, culture: &str, item: &str) -> Option<(f64, f64)> {
    let shares = reference.shares(culture, item)?;
    let total: f64 = shares.iter().map(|&(_, share)| share).sum();
    let mean = shares.iter().map(|&(code, share)| f64::from(code) * share).sum::<f64>() / total;
    let square =
        shares.iter().map(|&(code, share)| (f64::from(code) - mean) * (f64::from(code) - mean) * share).sum::<f64>();
    Some((mean, square / total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_society_of_humans_has_the_pairs_and_the_tree_of_its_composition() {
        let sheets: Vec<ReferenceSheet> =
            [[1.0, 1.0], [3.0, 1.0], [1.0, 4.0]].map(|row| row.map(Some).to_vec()).to_vec();
        let spans = [16, 9];
        let one_by_one = |counts: [u64; 3]| -> Vec<ReferenceSheet> {
            sheets.iter().zip(counts).flat_map(|(sheet, n)| std::iter::repeat_n(sheet.clone(), n as usize)).collect()
        };
        for counts in [[1, 1, 1], [2, 1, 1], [3, 0, 2], [1, 0, 0]] {
            let present: Vec<usize> = (0..3).filter(|&population| counts[population] > 0).collect();
            let (of, n): (Vec<ReferenceSheet>, Vec<u64>) =
                present.iter().map(|&population| (sheets[population].clone(), counts[population])).unzip();
            let found = human_diversity(&of, &n, &spans);
            let agents = one_by_one(counts);
            let expected = human_diversity(&agents, &vec![1; agents.len()], &spans);
            let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() < 1e-12,
                (a, b) => a == b,
            };
            assert!(near(found.pairwise.value, expected.pairwise.value), "{counts:?} {found:?} {expected:?}");
            assert!(near(found.structural, expected.structural), "{counts:?} {found:?} {expected:?}");
            assert_eq!(found.pairwise.n, expected.pairwise.n);
        }
    }

    #[test]
    fn a_baseline_weighs_populations_by_their_agents() {
        let references: Vec<ReferenceSheet> = vec![vec![Some(1.0)], vec![Some(3.0)]];
        let mean = mean_alignment(&references, &[3, 1], &[4], |_| vec![Some(1.0)]);
        // Alignment 100 for three agents, 0 for one.
        assert_eq!((mean.value, mean.n), (Some(75.0), 4));
    }
}
