//! What a figure must be read beside: answer sheets that know no culture, the humans themselves, and two respondents
//! drawn at random.

use super::alignment;
use super::distance::{between_references, percent};
use super::diversity::{Mean, mean_edge, minimum_spanning_tree};
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

/// The diversity of these populations' reference sheets.
pub fn human_diversity(sheets: &[ReferenceSheet], squared_spans: &[u32]) -> HumanDiversity {
    let distance = |a: usize, b: usize| between_references(&sheets[a], &sheets[b], squared_spans).0;
    let n = sheets.len();
    HumanDiversity {
        pairwise: Mean::of((0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).filter_map(|(a, b)| distance(a, b))),
        structural: minimum_spanning_tree(n, distance).and_then(|edges| mean_edge(&edges)),
    }
}

/// A constant sheet built without the target population: the median over the other populations' medians, or, for the
/// mean reference, the rounded mean over their means. In option numbers, as an agent would answer it, whatever the
/// coding of the reference it is scored against. What it scores needs no knowledge of the target culture.
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

/// Mean alignment over these populations of the sheet `baseline` makes for each, in percent.
pub fn mean_alignment(
    references: &[ReferenceSheet],
    squared_spans: &[u32],
    baseline: impl Fn(usize) -> ReferenceSheet,
) -> Mean {
    Mean::of(references.iter().enumerate().filter_map(|(population, reference)| {
        let sheet = baseline(population);
        alignment::of_values(squared_spans, reference, |item| sheet[item]).percent
    }))
}

/// Root-mean-square distance between two respondents drawn at random from two different populations of these, in
/// percent: the mean over pairs of populations of 100·√Σ E(x−y)² / √ΣΔ².
pub fn random_respondents(reference: &Reference, survey: &Survey, cultures: &[&str]) -> Mean {
    let moments: Vec<Vec<Option<(f64, f64)>>> = cultures
        .iter()
        .map(|culture| survey.items.iter().map(|item| moments(reference, culture, &item.id)).collect())
        .collect();
    let spans = survey.squared_spans();
    let n = cultures.len();
    Mean::of((0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).filter_map(|(a, b)| {
        let (mut squared, mut maximum) = (0.0, 0.0);
        for (item, &span) in spans.iter().enumerate() {
            if let (Some((mean_a, var_a)), Some((mean_b, var_b))) = (moments[a][item], moments[b][item]) {
                squared += var_a + var_b + (mean_a - mean_b) * (mean_a - mean_b);
                maximum += f64::from(span);
            }
        }
        percent(squared, maximum)
    }))
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
