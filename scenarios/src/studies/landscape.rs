//! Diversity against alignment over systems (arXiv 2606.05985, section 5.1): a point each, how they hang together, and how sure
//! that is.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::PurposeStreams;
use pluriverse_worlds::inference::normal::{quantile, t_quantile};
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::survey::{ReferenceSheet, Survey};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

use super::scaled::{Row, Scaled};
use super::systems::System;

/// One system.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Point {
    /// Its name.
    pub system: Arc<str>,
    /// Diversity_P in percent.
    pub pairwise_diversity: Option<f64>,
    /// Diversity_S in percent.
    pub structural_diversity: Option<f64>,
    /// Alignment in percent.
    pub alignment: Option<f64>,
    /// Their 95 % intervals over items, in the same order.
    pub intervals: [Option<(f64, f64)>; 3],
}

/// The systems as points, with intervals over items: figures on so many resamples of the items, the same for all systems.
pub fn points(
    survey: &Survey,
    systems: &[System],
    references: &[ReferenceSheet],
    resamples: &Resamples,
    progress: &dyn Fn(u64, &str),
) -> Vec<Point> {
    let drawn: Vec<Vec<f64>> =
        (0..resamples.len()).map(|draw| (0..survey.len()).map(|item| resamples.counts(item)[draw]).collect()).collect();
    let whole = vec![1.0; survey.len()];
    let point = |system: &System| {
        let rows: Vec<Row> = system.sheets.agent_ids().map(|agent| row(system, agent, survey.len())).collect();
        let figures = |weights: &[f64]| {
            let scale = Scaled { survey, weights };
            let (pairwise, structural) = scale.diversity(&rows);
            [pairwise, structural, scale.alignment(&rows, references)]
        };
        let resampled: Vec<[Option<f64>; 3]> = drawn.par_iter().map(|weights| figures(weights)).collect();
        let [pairwise_diversity, structural_diversity, alignment] = figures(&whole);
        Point {
            system: system.name.clone(),
            pairwise_diversity,
            structural_diversity,
            alignment,
            intervals: [0, 1, 2].map(|figure| middle(resampled.iter().map(|figures| figures[figure]).collect())),
        }
    };
    let told = |(done, system): (u64, &System)| {
        progress(done, &system.name);
        point(system)
    };
    (1..).zip(systems).map(told).collect()
}

/// The systems as points, each the mean over samples (the first of which are `samples[0]`, all of the same systems), with
/// Student's t intervals over them: for answers that were given more than once.
pub fn sampled_points(survey: &Survey, samples: &[Vec<System>], references: &[ReferenceSheet]) -> Vec<Point> {
    let whole = vec![1.0; survey.len()];
    let scale = Scaled { survey, weights: &whole };
    let figures = |system: &System| {
        let rows: Vec<Row> = system.sheets.agent_ids().map(|agent| row(system, agent, survey.len())).collect();
        let (pairwise, structural) = scale.diversity(&rows);
        [pairwise, structural, scale.alignment(&rows, references)]
    };
    let point = |(place, system): (usize, &System)| {
        let each: Vec<[Option<f64>; 3]> = samples.par_iter().map(|systems| figures(&systems[place])).collect();
        let of = |figure: usize| each.iter().map(|figures| figures[figure]).collect::<Option<Vec<f64>>>();
        let [pairwise, structural, alignment] = [0, 1, 2].map(|figure| of(figure).map(|values| with_t(&values)));
        let value = |of: Option<(f64, Option<(f64, f64)>)>| of.map(|(mean, _)| mean);
        Point {
            system: system.name.clone(),
            pairwise_diversity: value(pairwise),
            structural_diversity: value(structural),
            alignment: value(alignment),
            intervals: [pairwise, structural, alignment].map(|of| of.and_then(|(_, interval)| interval)),
        }
    };
    samples.first().into_iter().flatten().enumerate().map(point).collect()
}

/// A mean with its 95 % interval by Student's t; none for a single value.
fn with_t(values: &[f64]) -> (f64, Option<(f64, f64)>) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
    // The expansion serves from four degrees of freedom on; below, tables do.
    let t = match values.len() {
        2 => 12.706_204_736,
        3 => 4.302_652_730,
        4 => 3.182_446_305,
        _ => t_quantile(quantile(0.975), n - 1.0),
    };
    let half = t * (variance / n).sqrt();
    (mean, (values.len() > 1).then_some((mean - half, mean + half)))
}

/// The answers of an agent, by item.
pub(super) fn row(system: &System, agent: AgentId, items: usize) -> Row {
    (0..items).map(|item| system.sheets.get(agent, item).ok().map(f64::from)).collect()
}

/// The middle 95 % of resampled figures; `None` where one is undefined, or there are too few items to resample.
pub(super) fn middle(figures: Vec<Option<f64>>) -> Option<(f64, f64)> {
    let mut figures = figures.into_iter().collect::<Option<Vec<f64>>>().filter(|figures| !figures.is_empty())?;
    figures.sort_by(f64::total_cmp);
    let at = |share: f64| figures[(share * (figures.len() - 1) as f64).round() as usize];
    Some((at(0.025), at(0.975)))
}

/// A coefficient of correlation.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Correlation {
    /// The coefficient; `None` for fewer than three systems, or where nothing varies.
    pub coefficient: Option<f64>,
    /// Share of permutations in which it is at least as far from 0 (two-sided, the permutation at hand counted).
    pub p: Option<f64>,
    /// The 95 % percentile interval over resampled systems.
    pub interval: Option<(f64, f64)>,
}

/// How two figures of systems hang together.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Association {
    /// How many systems.
    pub systems: usize,
    /// Pearson's r.
    pub pearson: Correlation,
    /// Spearman's ρ.
    pub spearman: Correlation,
}

/// How two figures hang together, from `draws` permutations and as many resamples.
pub fn association(pairs: &[(f64, f64)], draws: usize, streams: &PurposeStreams) -> Association {
    let of = |coefficient: fn(&[(f64, f64)]) -> Option<f64>| {
        let found = coefficient(pairs).filter(|_| pairs.len() >= 3);
        let Some(found) = found else {
            return Correlation { coefficient: None, p: None, interval: None };
        };
        let mut as_far = 1;
        let mut resampled = Vec::with_capacity(draws);
        for draw in 0..draws {
            let mut rng = streams.stream(AgentId(draw as u32), 0);
            let permuted = coefficient(&permuted(pairs, &mut rng)).unwrap_or(0.0);
            // Equal but for rounding is as far.
            as_far += u32::from(permuted.abs() >= found.abs() - 1e-12);
            let drawn: Vec<(f64, f64)> =
                pairs.iter().map(|_| pairs[rng.random_range(0..pairs.len() as u32) as usize]).collect();
            resampled.extend(coefficient(&drawn));
        }
        resampled.sort_by(f64::total_cmp);
        let at = |share: f64| resampled[((share * (resampled.len() - 1) as f64).round()) as usize];
        Correlation {
            coefficient: Some(found),
            p: Some(f64::from(as_far) / (draws + 1) as f64),
            // Where half of the resamples hold too few different systems, there is no interval.
            interval: (resampled.len() * 2 > draws).then(|| (at(0.025), at(0.975))),
        }
    };
    Association { systems: pairs.len(), pearson: of(pearson), spearman: of(spearman) }
}

fn permuted(pairs: &[(f64, f64)], rng: &mut ChaCha8Rng) -> Vec<(f64, f64)> {
    let mut second: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    for last in (1..second.len()).rev() {
        second.swap(last, rng.random_range(0..=last as u32) as usize);
    }
    pairs.iter().zip(second).map(|(pair, second)| (pair.0, second)).collect()
}

/// Pearson's r; `None` where one of the figures does not vary.
pub fn pearson(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let (mean_x, mean_y) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        xy += (x - mean_x) * (y - mean_y);
        xx += (x - mean_x) * (x - mean_x);
        yy += (y - mean_y) * (y - mean_y);
    }
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
}

/// Spearman's ρ: Pearson's r of the ranks, equal figures sharing theirs.
pub fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let ranks = |of: fn(&(f64, f64)) -> f64| -> Vec<f64> {
        let rank = |value: f64| {
            let below = pairs.iter().filter(|pair| of(pair) < value).count() as f64;
            let equal = pairs.iter().filter(|pair| of(pair).total_cmp(&value).is_eq()).count() as f64;
            below + f64::midpoint(equal, 1.0)
        };
        pairs.iter().map(|pair| rank(of(pair))).collect()
    };
    let ranked: Vec<(f64, f64)> = ranks(|pair| pair.0).into_iter().zip(ranks(|pair| pair.1)).collect();
    pearson(&ranked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_engine::seed::{Purpose, Streams};

    fn associated(pairs: &[(f64, f64)]) -> Association {
        association(pairs, 2000, &Streams::new(1, "s", 0).of(Purpose("test")))
    }

    #[test]
    fn coefficients_and_their_chances_are_those_worked_out_by_hand() {
        let line: Vec<(f64, f64)> = (0..5).map(|x| (f64::from(x), f64::from(x * x * x))).collect();
        let found = associated(&line);
        // Σxy = 354 − 10·100/5 …: r = 154 / √(10 · 2890).
        let r = 154.0 / (10.0_f64 * 2890.0).sqrt();
        assert!((found.pearson.coefficient.expect("it varies") - r).abs() < 1e-12);
        assert_eq!(found.spearman.coefficient, Some(1.0));
        // Of 120 orders two are as far: 1/60.
        assert!((found.spearman.p.expect("told") - 1.0 / 60.0).abs() < 0.01);
        let ties = spearman(&[(1.0, 1.0), (1.0, 2.0), (2.0, 3.0)]).expect("varies");
        assert!((ties - 0.866_025_403_784_438_6).abs() < 1e-12);
    }

    #[test]
    fn means_over_samples_have_students_interval() {
        let (mean, interval) = with_t(&[1.0, 2.0, 3.0, 4.0]);
        // t of three degrees of freedom is 3.182; the standard error √(5/3/4).
        let half = 3.182_446 * (5.0_f64 / 3.0 / 4.0).sqrt();
        let (lower, upper) = interval.expect("four values");
        assert!((mean - 2.5).abs() < 1e-12 && (upper - lower - 2.0 * half).abs() < 1e-5, "{lower} {upper}");
        assert_eq!(with_t(&[1.0]).1, None);
    }

    #[test]
    fn too_few_systems_and_figures_that_do_not_vary_have_no_coefficient() {
        for pairs in [vec![], vec![(1.0, 2.0), (2.0, 1.0)], vec![(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]] {
            assert_eq!(associated(&pairs).pearson.coefficient, None);
        }
    }
}
