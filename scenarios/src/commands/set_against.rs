//! Societies set against one of them, in tables a reader can quote: answers at rest, at the end, and what exposure did;
//! votes, posts and figures of pluralism by replicate.

use std::collections::BTreeSet;
use std::sync::Arc;

use pluriverse_engine::seed::SHARED_ARM;
use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::inference::normal::{quantile, t_quantile};

use super::effects::{Label, change_with_interval, label, with_interval};
use super::output::{counted, figure, signed, table};
use super::trajectory::{TickEffect, Trajectory};
use crate::comparison::{against, difference, named};
use crate::resolve::{Resolved, ResolvedSociety};

/// Fewest replicates with an interval of paired differences: Student's t is known from 4 degrees of freedom on.
const FEWEST: usize = 5;

/// A figure of votes, posts or pluralism that societies are compared by.
struct Compared {
    metric: &'static str,
    name: &'static str,
    decimals: usize,
}

const fn compared(metric: &'static str, name: &'static str, decimals: usize) -> Compared {
    Compared { metric, name, decimals }
}

/// What is compared replicate by replicate, where it is observed.
const BY_REPLICATE: [Compared; 15] = [
    compared("overton_coverage", "Overton coverage", 3),
    compared("distribution_w1", "distance from own people (W1)", 3),
    compared("steer_identification", "own people nearest (share)", 3),
    compared("plane_displacement", "displacement on the map", 3),
    compared("plane_spread_ratio", "spread on the map / people's", 3),
    compared("vote_entropy", "entropy of votes (nats)", 3),
    compared("vote_coverage", "projects named", 2),
    compared("vote_beta_cultures", "cultures' ballots (β)", 3),
    compared("vote_information_cultures", "what a culture tells of a ballot", 3),
    compared("platform_activity_gini", "posting: Gini of activity", 3),
    compared("platform_in_group_excess", "posting: own culture seen beyond chance", 3),
    compared("platform_topic_divergence", "posting: topics apart", 3),
    compared("platform_vendi_trigrams", "posting: effective number of texts", 2),
    compared("platform_mean_cosine", "posting: likeness of texts", 3),
    compared("platform_duplicates", "posting: share of texts said before", 3),
];

/// The societies of a run, set against one of them.
pub struct SetAgainst<'a> {
    resolved: &'a Resolved,
    first: &'a ResolvedSociety,
    trajectories: &'a [Trajectory],
    effects: &'a [TickEffect],
}

impl<'a> SetAgainst<'a> {
    /// What a run says of its societies; `None` where none is set against another.
    pub fn of(resolved: &'a Resolved, trajectories: &'a [Trajectory], effects: &'a [TickEffect]) -> Option<Self> {
        let first = resolved.societies.get(resolved.against?)?;
        Some(Self { resolved, first, trajectories, effects })
    }

    /// The tables.
    pub fn render(&self) -> Vec<String> {
        let mut parts = self.answers();
        parts.extend(self.by_replicate());
        parts
    }

    /// The others, in order.
    fn others(&self) -> impl Iterator<Item = &'a ResolvedSociety> {
        let first = self.first;
        self.resolved.societies.iter().filter(move |society| society.name != first.name)
    }

    fn find(&self, society: &str, tick: u32, side: &str, control: &str, metric: &str) -> Option<&'a TickEffect> {
        self.effects.iter().find(|effect| {
            effect.tick == tick
                && *effect.society == *society
                && *effect.treatment == *side
                && *effect.control == *control
                && *effect.metric == *metric
        })
    }

    /// Names of the exposed arm and of the one that is only asked again, where both are run.
    fn arms(&self) -> Option<(Arc<str>, Arc<str>)> {
        let of = |treatment| {
            let arms = self.first.strands.arms.iter().map(|&arm| &self.resolved.arms[arm]);
            arms.into_iter().find(|arm| arm.treatment == treatment).map(|arm| arm.name.clone())
        };
        of(Treatment::Exposed).zip(of(Treatment::ReAsk))
    }

    /// The arm whose figures are told at the end.
    fn told_arm(&self) -> Arc<str> {
        let first = || self.first.strands.arms.first().map(|&arm| self.resolved.arms[arm].name.clone());
        self.arms().map(|(exposed, _)| exposed).or_else(first).unwrap_or_default()
    }

    /// Levels of answers at rest and at the end, and what exposure did.
    fn answers(&self) -> Vec<String> {
        let of_answers = || self.effects.iter().filter(|effect| against(&effect.control).is_some());
        let ticks: BTreeSet<u32> = of_answers().map(|effect| effect.tick).collect();
        let (Some(&start), Some(&end)) = (ticks.first(), ticks.last()) else {
            return Vec::new();
        };
        let mut metrics: Vec<&str> = Vec::new();
        for effect in of_answers() {
            if !metrics.contains(&&*effect.metric) {
                metrics.push(&effect.metric);
            }
        }
        let (arm, first) = (self.told_arm(), &*self.first.name);
        let less = format!("− {first}");
        let at_the_end = format!("at the end, {arm}");
        let mut headers = vec!["", "at rest", &less];
        if end > start {
            headers.extend([at_the_end.as_str(), &less]);
        }
        let levels = self.rows(&metrics, |society, metric| {
            let mut row = self.side(society, start, &arm, metric).to_vec();
            if end > start {
                row.extend(self.side(society, end, &arm, metric));
            }
            row
        });
        let replicates = counted(u64::from(self.first.strands.replicates), "replicate", "replicates");
        let heading = format!("Societies set against {first}: answers, mean of {replicates} [95 % interval]");
        let mut parts = vec![format!("{heading}\n{}", table(&headers, &levels))];
        if let Some((exposed, re_ask)) = self.arms().filter(|_| end > start) {
            let effect = difference(&exposed, &re_ask);
            let rows =
                self.rows(&metrics, |society, metric| self.effect(society, end, (&exposed, &re_ask), metric).to_vec());
            parts.push(format!(
                "Societies set against {first}: what exposure did to the last answers\n{}",
                table(&["", &effect, &less], &rows)
            ));
        }
        parts.push(self.how_to_read());
        parts
    }

    /// Rows by measure and society.
    fn rows(&self, metrics: &[&str], of: impl Fn(&ResolvedSociety, &str) -> Vec<String>) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for metric in metrics {
            let Label { name, unit, .. } = label(metric);
            rows.push(vec![format!("{name} ({unit})")]);
            for society in std::iter::once(self.first).chain(self.others()) {
                let figures = of(society, metric);
                if figures.iter().any(|figure| !figure.is_empty()) {
                    rows.push(std::iter::once(format!("  {}", society.name)).chain(figures).collect());
                }
            }
        }
        rows
    }

    /// A level, and what it is more than that of the first society.
    fn side(&self, society: &ResolvedSociety, tick: u32, arm: &str, metric: &str) -> [String; 2] {
        // Before arms fork they are one.
        let sides = [arm, SHARED_ARM];
        let level = sides.iter().find_map(|side| self.find(&society.name, tick, side, "", metric));
        let less =
            sides.iter().find_map(|side| self.find(&society.name, tick, side, &named(&self.first.name, side), metric));
        [
            level.map_or_else(String::new, |level| with_interval(level, metric)),
            less.map_or_else(String::new, |less| change_with_interval(less, metric)),
        ]
    }

    /// What exposure did, and how much more of it than in the first society.
    fn effect(
        &self,
        society: &ResolvedSociety,
        tick: u32,
        (exposed, re_ask): (&str, &str),
        metric: &str,
    ) -> [String; 2] {
        let side = difference(exposed, re_ask);
        let own = self.find(&society.name, tick, exposed, re_ask, metric);
        let less = self.find(&society.name, tick, &side, &named(&self.first.name, &side), metric);
        [own, less].map(|effect| effect.map_or_else(String::new, |effect| change_with_interval(effect, metric)))
    }

    fn how_to_read(&self) -> String {
        let method = self.resolved.scenario.intervals.method.name();
        format!(
            "Differences are over the same items, which alone are drawn again ({method} bootstrap) unless societies have agents\n\
             enough for them to be drawn too. What exposure did less what it did in {} is a difference of differences.",
            self.first.name
        )
    }

    /// Votes, posts and pluralism, with differences paired by replicate.
    fn by_replicate(&self) -> Option<String> {
        let arm = self.told_arm();
        let mut rows = Vec::new();
        for Compared { metric, name, decimals } in BY_REPLICATE {
            let first = self.values(self.first, &arm, metric);
            if first.iter().all(Option::is_none) {
                continue;
            }
            rows.push(vec![name.to_owned()]);
            for society in std::iter::once(self.first).chain(self.others()) {
                let own = self.values(society, &arm, metric);
                let mut row = vec![format!("  {}", society.name), figure(mean(&own), decimals)];
                if society.name != self.first.name {
                    row.push(paired(&own, &first, decimals));
                }
                rows.push(row);
            }
        }
        if rows.is_empty() {
            return None;
        }
        let less = format!("− {}", self.first.name);
        let replicates = self.first.strands.replicates;
        let note = if (replicates as usize) < FEWEST {
            format!("No intervals: fewer than {FEWEST} replicates.")
        } else {
            format!(
                "Intervals are Student's t over the differences of {replicates} replicates: what chance does with these\n\
                 agents and items, and no more."
            )
        };
        Some(format!(
            "Societies set against {}: the last vote, round of posting and survey, arm {arm} [95 % interval]\n{}\n{note}",
            self.first.name,
            table(&["", "mean", &less], &rows)
        ))
    }

    /// The last figure of a society by replicate, in an arm.
    fn values(&self, society: &ResolvedSociety, arm: &str, metric: &str) -> Vec<Option<f64>> {
        let of_replicate = |replicate: u32| {
            let is = |trajectory: &&Trajectory| {
                trajectory.society == society.name && trajectory.replicate == replicate && *trajectory.arm == *arm
            };
            let trajectory = self.trajectories.iter().find(is)?;
            let polls = trajectory.votes.iter().rev().map(|poll| &poll.figures);
            let rounds = trajectory.platform.iter().rev().chain(trajectory.rounds.iter().rev());
            let found = polls.chain(rounds.map(|round| &round.figures)).find_map(|figures| figures.get(metric));
            found.and_then(|figure| figure.value)
        };
        (0..society.strands.replicates).map(of_replicate).collect()
    }
}

/// The mean; `None` where any is missing.
fn mean(values: &[Option<f64>]) -> Option<f64> {
    let known: Option<Vec<f64>> = values.iter().copied().collect();
    known.filter(|known| !known.is_empty()).map(|known| known.iter().sum::<f64>() / known.len() as f64)
}

/// The mean of differences with its interval.
fn paired(own: &[Option<f64>], other: &[Option<f64>], decimals: usize) -> String {
    let differences: Vec<Option<f64>> =
        own.iter().zip(other).map(|(own, other)| own.zip(*other).map(|(own, other)| own - other)).collect();
    let Some(mean) = mean(&differences) else {
        return "–".to_owned();
    };
    let shown = signed(Some(mean), decimals);
    let replicates = differences.len();
    if replicates < FEWEST {
        return shown;
    }
    let freedom = (replicates - 1) as f64;
    let squares: f64 = differences.iter().flatten().map(|difference| (difference - mean).powi(2)).sum();
    let half = t_quantile(quantile(0.975), freedom) * (squares / freedom / replicates as f64).sqrt();
    format!("{shown} [{}, {}]", signed(Some(mean - half), decimals), signed(Some(mean + half), decimals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_paired_by_replicate_and_have_an_interval_from_five_on() {
        let of = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
        let (own, other) = (of(&[2.0, 3.0, 4.0, 5.0, 6.0]), of(&[1.0, 2.0, 3.0, 4.0, 5.0]));
        assert_eq!(paired(&own, &other, 2), "+1.00 [+1.00, +1.00]");
        assert_eq!(paired(&own[..4], &other[..4], 2), "+1.00");
        // Differences 0 and 2 by turns: sd 1.0954, t(4) 2.776, half width 1.36.
        let apart = of(&[1.0, 4.0, 3.0, 6.0, 5.0]);
        assert_eq!(
            paired(&apart, &other, 2),
            "+0.80 [-0.56, +2.16]".replace('-', &signed(Some(-1.0), 0)[..signed(Some(-1.0), 0).len() - 1])
        );
        assert_eq!(paired(&[None], &[Some(1.0)], 2), "–");
    }
}
