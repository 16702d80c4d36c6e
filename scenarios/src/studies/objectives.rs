//! Several objectives at once over configurations: which nobody beats, what they span, and what steering between them is
//! worth.

use std::sync::Arc;

use pluriverse_worlds::inference::normal::{quantile, t_quantile};
use pluriverse_worlds::pluralism::pareto::{Direction, ParetoFault, front, hypervolume};
use pluriverse_worlds::pluralism::trade_off::{FAMILY, TradeOff, trade_off};
use serde::Serialize;

/// Something to be good at.
#[derive(Clone, PartialEq, Debug)]
pub struct Objective {
    /// The metric, as it is called among the observations.
    pub metric: Arc<str>,
    /// Which way is better.
    pub direction: Direction,
    /// The worst value that counts: where the hypervolume is measured from.
    pub reference: f64,
}

/// What is wrong with an objective as it was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ObjectiveFault {
    /// A word behind the colon that says no direction.
    #[error("`{0}`: behind the colon stands max or min")]
    Direction(String),
    /// A metric of which more is not known to be better or worse.
    #[error("`{0}` is not known to be better higher or lower: write `{0}:max` or `{0}:min`")]
    Undirected(String),
    /// A metric without a natural worst value.
    #[error("`{0}` has no worst value by nature: give one for every objective with --reference")]
    NoReference(String),
}

/// Metrics of which less is better and which are worst at 1.
const WORST_AT_ONE: [&str; 14] = [
    "distribution_w1",
    "distribution_jsd",
    "distribution_jsd_uncorrected",
    "distribution_jsd_distance",
    "distribution_tv_nominal",
    "overton_over_reach",
    "overton_own_over_reach",
    "human_w1",
    "human_jsd",
    "human_jsd_uncorrected",
    "missing",
    "out_of_range",
    "plane_outside_hull",
    "polarisation",
];

/// Metrics of which more is better and which are worst at 0.
const WORST_AT_ZERO: [&str; 15] = [
    "pairwise_diversity",
    "structural_diversity",
    "alignment",
    "overton_coverage",
    "overton_weighted",
    "overton_own_coverage",
    "overton_own_weighted",
    "global_opinion_qa",
    "opinion_qa",
    "opinion_qa_representativeness",
    "opinion_qa_consistency",
    "steer_identification",
    "plane_procrustes_r2",
    "plane_hull_coverage",
    "entropy",
];

impl Objective {
    /// Reads `metric`, `metric:max` or `metric:min`; `reference` where one was given.
    pub fn read(text: &str, reference: Option<f64>) -> Result<Self, ObjectiveFault> {
        let (metric, word) = text.split_once(':').map_or((text, None), |(metric, word)| (metric, Some(word)));
        let direction = match word {
            Some("max") => Direction::Maximise,
            Some("min") => Direction::Minimise,
            Some(_) => return Err(ObjectiveFault::Direction(text.to_owned())),
            None if WORST_AT_ZERO.contains(&metric) => Direction::Maximise,
            None if WORST_AT_ONE.contains(&metric) || metric == "plane_displacement" => Direction::Minimise,
            None => return Err(ObjectiveFault::Undirected(metric.to_owned())),
        };
        let natural = match direction {
            Direction::Maximise if WORST_AT_ZERO.contains(&metric) => Some(0.0),
            Direction::Minimise if WORST_AT_ONE.contains(&metric) => Some(1.0),
            _ => None,
        };
        let reference = reference.or(natural).ok_or_else(|| ObjectiveFault::NoReference(metric.to_owned()))?;
        Ok(Self { metric: Arc::from(metric), direction, reference })
    }

    fn is_maximised(&self) -> bool {
        self.direction == Direction::Maximise
    }
}

/// A configuration: a society of a run under one arm.
#[derive(Clone, PartialEq, Debug)]
pub struct Configuration {
    /// Its name.
    pub name: String,
    /// By replicate, by objective; `None` where undefined.
    pub replicates: Vec<Vec<Option<f64>>>,
}

/// What a configuration came to.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Placed {
    /// Its name.
    pub name: String,
    /// Mean over replicates by objective; `None` where it is undefined in one.
    pub means: Vec<Option<f64>>,
    /// 95 % intervals by Student's t over replicates; `None` for one.
    pub intervals: Vec<Option<(f64, f64)>>,
    /// Whether nobody beats it; `None` where an objective is undefined.
    pub in_front: Option<bool>,
    /// Share of replicates in which nobody beats it; `None` where replicates differ in number or there is one.
    pub often_in_front: Option<f64>,
}

/// What steering between configurations is worth.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Steering {
    /// Mean over weighings of what the configuration chosen for each is worth, 0 to 1.
    pub steered: f64,
    /// The same of the best one configuration for all.
    pub fixed: f64,
    /// Which that is.
    pub best_fixed: String,
    /// The same of perfect choice.
    pub ceiling: f64,
    /// The configuration chosen for each weighing, from all weight on the second objective to all on the first.
    pub chosen: Vec<String>,
    /// Whether configurations were chosen on other replicates than they are scored on: else the score is its own
    /// ceiling.
    pub cross_fitted: bool,
}

/// Configurations over objectives.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Found {
    /// The configurations, in order.
    pub configurations: Vec<Placed>,
    /// The volume between the front of the means and the reference point, in the product of the objectives' units.
    pub hypervolume: f64,
    /// The steering score of two objectives; `None` for another number, or with an objective undefined.
    pub steering: Option<Steering>,
}

/// Sets configurations against each other.
pub fn study(configurations: &[Configuration], objectives: &[Objective]) -> Result<Found, ParetoFault> {
    let directions: Vec<Direction> = objectives.iter().map(|objective| objective.direction).collect();
    let reference: Vec<f64> = objectives.iter().map(|objective| objective.reference).collect();
    let means: Vec<Vec<Option<f64>>> = configurations.iter().map(|one| means(one, 0..one.replicates.len())).collect();
    let of_means = front(&means, &directions)?;
    let often = often_in_front(configurations, &directions)?;
    let whole: Vec<Vec<f64>> = means.iter().filter_map(|means| means.iter().copied().collect()).collect();
    let placed = configurations.iter().enumerate().map(|(place, one)| Placed {
        name: one.name.clone(),
        means: means[place].clone(),
        intervals: (0..objectives.len()).map(|objective| interval(one, objective)).collect(),
        in_front: (!of_means.unplaced.contains(&place)).then(|| of_means.members.contains(&place)),
        often_in_front: often.as_ref().map(|often| often[place]),
    });
    Ok(Found {
        configurations: placed.collect(),
        hypervolume: hypervolume(&whole, &reference, &directions)?,
        steering: steering(configurations, objectives),
    })
}

/// Means over some replicates; `None` where an objective is undefined in one.
fn means(one: &Configuration, replicates: impl IntoIterator<Item = usize>) -> Vec<Option<f64>> {
    let rows: Vec<&Vec<Option<f64>>> = replicates.into_iter().map(|replicate| &one.replicates[replicate]).collect();
    let mean = |objective: usize| {
        let values: Option<Vec<f64>> = rows.iter().map(|row| row[objective]).collect();
        values.filter(|values| !values.is_empty()).map(|values| values.iter().sum::<f64>() / values.len() as f64)
    };
    let objectives = one.replicates.first().map_or(0, Vec::len);
    (0..objectives).map(mean).collect()
}

fn interval(one: &Configuration, objective: usize) -> Option<(f64, f64)> {
    let values: Option<Vec<f64>> = one.replicates.iter().map(|row| row[objective]).collect();
    let values = values.filter(|values| values.len() > 1)?;
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let half = t_quantile(quantile(0.975), n - 1.0) * (variance / n).sqrt();
    Some((mean - half, mean + half))
}

fn often_in_front(configurations: &[Configuration], directions: &[Direction]) -> Result<Option<Vec<f64>>, ParetoFault> {
    let replicates = configurations.first().map_or(0, |one| one.replicates.len());
    if replicates < 2 || configurations.iter().any(|one| one.replicates.len() != replicates) {
        return Ok(None);
    }
    let mut often = vec![0.0; configurations.len()];
    for replicate in 0..replicates {
        let points: Vec<Vec<Option<f64>>> =
            configurations.iter().map(|one| one.replicates[replicate].clone()).collect();
        for member in front(&points, directions)?.members {
            often[member] += 1.0 / replicates as f64;
        }
    }
    Ok(Some(often))
}

/// The trade-off-steerable score over [`FAMILY`]: each objective carried to 0 (the worst mean) to 1 (the best), the
/// configuration for each weighing chosen on half of the replicates and scored on the other, both ways round.
fn steering(configurations: &[Configuration], objectives: &[Objective]) -> Option<Steering> {
    if objectives.len() != 2 || configurations.len() < 2 {
        return None;
    }
    let all = |one: &Configuration| means(one, 0..one.replicates.len()).into_iter().collect::<Option<Vec<f64>>>();
    let whole: Vec<Vec<f64>> = configurations.iter().map(all).collect::<Option<_>>()?;
    let scale = Scale::of(&whole, objectives);
    let least = configurations.iter().map(|one| one.replicates.len()).min()?;
    let half = |one: &Configuration, parity: usize| {
        let picked = (0..one.replicates.len()).filter(move |replicate| replicate % 2 == parity);
        means(one, picked).into_iter().collect::<Option<Vec<f64>>>()
    };
    let halves: Vec<Vec<Vec<f64>>> = if least > 1 {
        (0..2)
            .map(|parity| configurations.iter().map(|one| half(one, parity)).collect::<Option<Vec<_>>>())
            .collect::<Option<_>>()?
    } else {
        vec![whole.clone()]
    };
    let family: Vec<Vec<f64>> = FAMILY.iter().rev().map(|weights| vec![weights[1], weights[0]]).collect();
    let scores: Vec<TradeOff> = (0..halves.len())
        .map(|scored| {
            let chosen_on = &halves[(scored + 1) % halves.len()];
            let chosen = scale.best(chosen_on, &family);
            trade_off(&scale.scaled(&halves[scored]), &family, &chosen).ok()
        })
        .collect::<Option<_>>()?;
    let mean = |of: fn(&TradeOff) -> f64| {
        scores.iter().map(|score| of(score) / score.family as f64).sum::<f64>() / scores.len() as f64
    };
    let best = scale.best(&whole, &family);
    let overall = trade_off(&scale.scaled(&whole), &family, &best).ok()?;
    Some(Steering {
        steered: mean(|score| score.steered),
        fixed: mean(|score| score.fixed),
        best_fixed: configurations[overall.best_fixed].name.clone(),
        ceiling: mean(|score| score.ceiling),
        chosen: best.into_iter().map(|place| configurations[place].name.clone()).collect(),
        cross_fitted: halves.len() > 1,
    })
}

/// Objectives carried to 0 to 1 by the range of the configurations' means.
struct Scale {
    worst: Vec<f64>,
    best: Vec<f64>,
}

impl Scale {
    fn of(points: &[Vec<f64>], objectives: &[Objective]) -> Self {
        let range = |objective: usize| {
            let values = points.iter().map(|point| point[objective]);
            let (low, high) =
                values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
            if objectives[objective].is_maximised() { (low, high) } else { (high, low) }
        };
        let (worst, best) = (0..objectives.len()).map(range).unzip();
        Self { worst, best }
    }

    fn scaled(&self, points: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let carry = |(objective, value): (usize, &f64)| {
            let range = self.best[objective] - self.worst[objective];
            if range.abs() > 0.0 { (value - self.worst[objective]) / range } else { 0.0 }
        };
        points.iter().map(|point| point.iter().enumerate().map(carry).collect()).collect()
    }

    /// The best configuration for each weighing; the first of equals.
    fn best(&self, points: &[Vec<f64>], family: &[Vec<f64>]) -> Vec<usize> {
        let scaled = self.scaled(points);
        let worth = |weights: &[f64], place: usize| -> f64 {
            weights.iter().zip(&scaled[place]).map(|(weight, value)| weight * value).sum()
        };
        let best = |weights: &Vec<f64>| {
            (1..scaled.len())
                .fold(0, |best, next| if worth(weights, next) > worth(weights, best) { next } else { best })
        };
        family.iter().map(best).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration(name: &str, replicates: &[[f64; 2]]) -> Configuration {
        let replicates = replicates.iter().map(|row| row.map(Some).to_vec()).collect();
        Configuration { name: name.to_owned(), replicates }
    }

    fn objectives() -> Vec<Objective> {
        ["pairwise_diversity", "distribution_w1"].map(|text| Objective::read(text, None).expect("known")).to_vec()
    }

    #[test]
    fn objectives_are_read_with_their_directions_and_worst_values() {
        let [first, second] = objectives().try_into().expect("two");
        assert_eq!((first.direction, first.reference), (Direction::Maximise, 0.0));
        assert_eq!((second.direction, second.reference), (Direction::Minimise, 1.0));
        assert_eq!(Objective::read("drift", None), Err(ObjectiveFault::Undirected("drift".to_owned())));
        assert_eq!(Objective::read("drift:min", None), Err(ObjectiveFault::NoReference("drift".to_owned())));
        assert_eq!(Objective::read("drift:down", None), Err(ObjectiveFault::Direction("drift:down".to_owned())));
        assert_eq!(Objective::read("drift:min", Some(40.0)).map(|read| read.reference), Ok(40.0));
    }

    #[test]
    fn the_front_its_volume_and_the_dominated_are_told() {
        let points = [
            configuration("a", &[[30.0, 0.2]]),
            configuration("b", &[[20.0, 0.1]]),
            configuration("c", &[[20.0, 0.3]]),
        ];
        let found = study(&points, &objectives()).expect("objectives");
        let in_front: Vec<Option<bool>> = found.configurations.iter().map(|one| one.in_front).collect();
        assert_eq!(in_front, [Some(true), Some(true), Some(false)]);
        assert!((found.hypervolume - (30.0 * 0.8 + 20.0 * 0.1)).abs() < 1e-9);
        let steering = found.steering.expect("two objectives");
        // One replicate: chosen as the best where it is scored.
        assert!(!steering.cross_fitted && (steering.steered - steering.ceiling).abs() < 1e-12);
        assert_eq!(steering.chosen.first().map(String::as_str), Some("b"));
        assert_eq!(steering.chosen.last().map(String::as_str), Some("a"));
    }

    #[test]
    fn what_chance_alone_chooses_gains_nothing_on_other_replicates() {
        // All alike but for noise that differs between halves: the best of one half is not that of the other.
        let points = [
            configuration("a", &[[31.0, 0.3], [29.0, 0.3]]),
            configuration("b", &[[29.0, 0.3], [31.0, 0.3]]),
            configuration("c", &[[30.5, 0.3], [30.0, 0.3]]),
        ];
        let steering = study(&points, &objectives()).expect("objectives").steering.expect("two");
        assert!(steering.cross_fitted && steering.steered <= steering.fixed, "{steering:?}");
    }
}
