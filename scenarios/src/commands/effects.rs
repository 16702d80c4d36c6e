//! Arms as people read them: trajectories side by side, and what exposure does.

use std::collections::BTreeSet;
use std::sync::Arc;

use pluriverse_engine::seed::SHARED_ARM;
use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::inference::resample::FEWEST_ITEMS;

use super::output::{counted, figure, signed, table};
use super::trajectory::TickEffect;
use super::votes::of_answers;
use crate::comparison::{BEFORE, PAIRED};
use crate::resolve::{Resolved, ResolvedSociety};

/// The measure the run is about.
pub const DIVERSITY: &str = "pairwise_diversity";

/// How a measure is told: its name in tables, what it is multiplied by, and decimals.
pub struct Label {
    /// What people call it.
    pub name: &'static str,
    /// In which unit it is told.
    pub unit: &'static str,
    /// Factor to that unit.
    pub factor: f64,
    /// Decimals.
    pub decimals: usize,
}

/// How a measure is told.
pub fn label(metric: &str) -> Label {
    let label = |name, unit, factor, decimals| Label { name, unit, factor, decimals };
    match metric {
        DIVERSITY => label("diversity (Diversity_P)", "points", 1.0, 2),
        "structural_diversity" => label("tree (Diversity_S)", "points", 1.0, 2),
        "alignment" => label("alignment", "points", 1.0, 2),
        "agreement" => label("agreement (van der Eijk's A)", "−1 to 1", 1.0, 3),
        "plurality" => label("plurality", "%", 100.0, 1),
        "unanimity" => label("unanimous items", "%", 100.0, 1),
        "entropy" => label("entropy", "0 to 1", 1.0, 3),
        "changed" => label("changed answers", "%", 100.0, 1),
        "toward_peers" => label("changes toward peers", "%", 100.0, 1),
        "drift" => label("drift from first answers", "points", 1.0, 2),
        "krippendorff_alpha" => label("Krippendorff's α", "at most 1", 1.0, 3),
        "polarisation" => label("polarisation (Esteban–Ray)", "0 to 1", 1.0, 3),
        "bimodality" => label("bimodality", "above 0", 1.0, 3),
        "cultural_fst" => label("cultural F_ST", "at most 1", 1.0, 3),
        "heterogeneity_within" => label("heterogeneity within cultures", "0 to 1", 1.0, 3),
        "heterogeneity_total" => label("heterogeneity in all", "0 to 1", 1.0, 3),
        "clusters" => label("clusters", "number", 1.0, 2),
        "human_w1" => label("distance from humans (W1)", "0 to 1", 1.0, 3),
        "human_jsd" => label("distance from humans (JSD)", "bits", 1.0, 3),
        _ => label("", "", 1.0, 3),
    }
}

/// The effects of one society.
pub struct Told<'a> {
    resolved: &'a Resolved,
    society: &'a ResolvedSociety,
    effects: Vec<&'a TickEffect>,
}

impl<'a> Told<'a> {
    /// What is known of the answers of a society's arms; `None` where none were compared.
    pub fn of(resolved: &'a Resolved, society: &'a ResolvedSociety, effects: &'a [TickEffect]) -> Option<Self> {
        let of_society: Vec<&TickEffect> =
            effects.iter().filter(|effect| effect.society == society.name && of_answers(effect)).collect();
        (!of_society.is_empty()).then_some(Self { resolved, society, effects: of_society })
    }

    /// The tables and sentences.
    pub fn render(&self) -> Vec<String> {
        let mut parts = vec![self.trajectories()];
        parts.extend(self.effects_of_exposure());
        parts.extend(self.other_contrasts());
        parts.push(self.how_to_read());
        parts
    }

    /// A level or effect after a tick.
    pub fn find(&self, tick: u32, treatment: &str, control: &str, metric: &str) -> Option<&'a TickEffect> {
        let wanted = |effect: &&&TickEffect| {
            effect.tick == tick
                && *effect.treatment == *treatment
                && *effect.control == *control
                && *effect.metric == *metric
        };
        self.effects.iter().find(wanted).copied()
    }

    /// Names of the arms that were run, in order.
    pub fn arms(&self) -> Vec<Arc<str>> {
        self.society.strands.arms.iter().map(|&arm| self.resolved.arms[arm].name.clone()).collect()
    }

    /// The arm of a treatment.
    pub fn arm_of(&self, treatment: Treatment) -> Option<Arc<str>> {
        let arms = self.society.strands.arms.iter().map(|&arm| &self.resolved.arms[arm]);
        arms.into_iter().find(|arm| arm.treatment == treatment).map(|arm| arm.name.clone())
    }

    /// The last tick in which arms were exposed, or the last tick; with its round.
    pub fn last(&self) -> Option<(u32, u32)> {
        let exposed = self.effects.iter().rev().find(|effect| *effect.mechanism == *"exposure");
        exposed.or(self.effects.last()).map(|effect| (effect.tick, effect.round))
    }

    fn replicates(&self) -> u32 {
        self.society.strands.replicates
    }

    /// Diversity by round and arm.
    fn trajectories(&self) -> String {
        let arms = self.arms();
        let control = self.arm_of(Treatment::ReAsk);
        let exposed = self.arm_of(Treatment::Exposed);
        let contrast = exposed.zip(control);
        let ticks: BTreeSet<(u32, u32)> = self.effects.iter().map(|effect| (effect.tick, effect.round)).collect();
        let metric = if self.effects.iter().any(|effect| *effect.metric == *DIVERSITY) {
            DIVERSITY
        } else {
            &self.effects[0].metric
        };
        let mut headers = vec!["round".to_owned()];
        headers.extend(arms.iter().map(ToString::to_string));
        if let Some((exposed, control)) = &contrast {
            headers.push(format!("{exposed} − {control}"));
        }
        let rows: Vec<Vec<String>> = ticks
            .into_iter()
            .map(|(tick, round)| {
                let mut row = vec![round.to_string()];
                let shared = self.find(tick, SHARED_ARM, "", metric);
                for (place, arm) in arms.iter().enumerate() {
                    row.push(match (shared, self.find(tick, arm, "", metric)) {
                        (Some(shared), _) if place == 0 => with_interval(shared, metric),
                        (Some(_), _) => "same answers".to_owned(),
                        (None, own) => own.map_or_else(String::new, |own| with_interval(own, metric)),
                    });
                }
                if let Some((exposed, control)) = &contrast {
                    let effect = self.find(tick, exposed, control, metric);
                    row.push(effect.map_or_else(String::new, |effect| change_with_interval(effect, metric)));
                }
                row
            })
            .collect();
        let replicates = counted(u64::from(self.replicates()), "replicate", "replicates");
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let label = label(metric);
        format!("{} by round, mean of {replicates} [95 % interval]\n{}", label.name, table(&headers, &rows))
    }

    /// What exposure does, measure by measure, after the last round.
    fn effects_of_exposure(&self) -> Option<String> {
        let (tick, round) = self.last()?;
        let (exposed, control) = self.arm_of(Treatment::Exposed).zip(self.arm_of(Treatment::ReAsk))?;
        let mut metrics: Vec<&str> = Vec::new();
        for effect in &self.effects {
            if !metrics.contains(&&*effect.metric) {
                metrics.push(&effect.metric);
            }
        }
        let rows: Vec<Vec<String>> = metrics
            .into_iter()
            .filter_map(|metric| {
                let effect = self.find(tick, &exposed, &control, metric)?;
                let Label { name, unit, factor, decimals } = label(metric);
                let level = |arm: &str| {
                    let level = self.find(tick, arm, "", metric).and_then(|level| level.estimate);
                    figure(level.map(|level| level * factor), decimals)
                };
                let before = self.find(tick, &exposed, BEFORE, metric).and_then(|before| before.estimate);
                let naive = before.map_or_else(String::new, |before| signed(Some(before * factor), decimals));
                Some(vec![
                    name.to_owned(),
                    unit.to_owned(),
                    level(&exposed),
                    level(&control),
                    signed(effect.estimate.map(|estimate| estimate * factor), decimals),
                    interval(effect, metric),
                    effect.answers.to_string(),
                    naive,
                ])
            })
            .collect();
        let effect = format!("{exposed} − {control}");
        let headers = ["", "", &exposed, &control, effect.as_str(), "95 % interval", "answers", "before–after alone"];
        (!rows.is_empty()).then(|| format!("Effect of exposure after round {round}\n{}", table(&headers, &rows)))
    }

    /// Diversity in every other contrast after the last round.
    fn other_contrasts(&self) -> Option<String> {
        let (tick, round) = self.last()?;
        let main = self.arm_of(Treatment::Exposed).zip(self.arm_of(Treatment::ReAsk));
        let rows: Vec<Vec<String>> = self
            .effects
            .iter()
            .filter(|effect| effect.tick == tick && *effect.metric == *DIVERSITY && !effect.control.is_empty())
            .filter(|effect| *effect.control != *BEFORE)
            .filter(|effect| {
                main.as_ref().is_none_or(|(one, other)| (&effect.treatment, &effect.control) != (one, other))
            })
            .map(|effect| {
                vec![
                    format!("{} − {}", effect.treatment, effect.control),
                    signed(effect.estimate, 2),
                    interval(effect, DIVERSITY),
                    effect.answers.to_string(),
                ]
            })
            .collect();
        let headers = ["", "diversity", "95 % interval", "answers"];
        (!rows.is_empty()).then(|| format!("Other contrasts after round {round}\n{}", table(&headers, &rows)))
    }

    /// What the figures rest on, and how to read them.
    pub fn how_to_read(&self) -> String {
        let agents = self.society.agents.len();
        let drawn = if self.effects.iter().any(|effect| *effect.resampled == *"items and agents") {
            "items and agents are treated as drawn from larger populations (measures of trees and α: items alone)"
                .to_owned()
        } else {
            format!("the {agents} agents are those that were meant, and only items are treated as drawn")
        };
        let method = self.resolved.scenario.intervals.method.name();
        let items = self.resolved.survey.len();
        let mut lines = vec![if items < FEWEST_ITEMS {
            format!("No intervals: fewer than {FEWEST_ITEMS} items.")
        } else {
            let resamples = self.resolved.scenario.intervals.resamples;
            format!("Intervals: {method} bootstrap over {items} items, {resamples} resamples; {drawn}.")
        }];
        if self.society.strands.arms.len() > 1 {
            lines.push(
                "Effects are paired by agent, item and replicate: an answer that one side lacks counts on neither. Levels are \
                 of all answers an arm has."
                    .to_owned(),
            );
        }
        if let Some(re_ask) = self.arm_of(Treatment::ReAsk) {
            if self.arm_of(Treatment::Exposed).is_some_and(|exposed| exposed != re_ask) {
                lines.push(
                    "Before–after alone is the exposed arm less its own first answers: it holds what asking again does."
                        .to_owned(),
                );
            }
        } else if self.society.strands.arms.len() > 1 {
            lines.push("No arm was only asked again: no contrast here is the effect of exposure.".to_owned());
        }
        if agents > PAIRED.max(self.resolved.scenario.estimate.above as usize) {
            lines.push(format!(
                "Measures of pairs and trees rest on {PAIRED} agents drawn by seed, the same in all arms: trees of other numbers \
                 of agents are other quantities."
            ));
        }
        lines.extend(self.half_drift());
        lines.join("\n")
    }

    /// After how many rounds half of the last round's drift was reached, by arm.
    fn half_drift(&self) -> Option<String> {
        let each: Vec<String> = self
            .arms()
            .iter()
            .filter_map(|arm| {
                let rounds: Vec<(u32, f64)> = self
                    .effects
                    .iter()
                    .filter(|e| *e.metric == *"drift" && e.treatment == *arm && e.control.is_empty())
                    .filter(|e| *e.mechanism == *"exposure")
                    .filter_map(|e| Some((e.round, e.estimate?)))
                    .collect();
                Some(format!("{arm} {:.1}", time_to_half(&rounds)?))
            })
            .collect();
        (!each.is_empty())
            .then(|| format!("Half of the last round's drift was reached after rounds: {}.", each.join(", ")))
    }
}

/// Time to half-drift: the first moment, in rounds, at which drift has reached half of what it is in the last round;
/// between rounds in proportion, from 0 in round 0. `None` where there was none.
pub fn time_to_half(rounds: &[(u32, f64)]) -> Option<f64> {
    let half = rounds.last().map(|(_, drift)| drift / 2.0).filter(|half| *half > 0.0)?;
    let mut before = (0.0, 0.0);
    for &(round, drift) in rounds {
        let round = f64::from(round);
        if drift >= half {
            return Some(before.0 + (half - before.1) / (drift - before.1) * (round - before.0));
        }
        before = (round, drift);
    }
    None
}

/// A level with its interval.
pub fn with_interval(effect: &TickEffect, metric: &str) -> String {
    let Label { factor, decimals, .. } = label(metric);
    let value = figure(effect.estimate.map(|estimate| estimate * factor), decimals);
    match effect.interval {
        Some((lower, upper)) => format!("{value} [{:.decimals$}, {:.decimals$}]", lower * factor, upper * factor),
        None => value,
    }
}

/// A difference with its interval, both with their signs.
pub fn change_with_interval(effect: &TickEffect, metric: &str) -> String {
    let Label { factor, decimals, .. } = label(metric);
    let value = signed(effect.estimate.map(|estimate| estimate * factor), decimals);
    if effect.interval.is_some() {
        format!("{value} [{}]", interval(effect, metric).replace(" to ", ", "))
    } else {
        value
    }
}

/// An interval, or a dash.
fn interval(effect: &TickEffect, metric: &str) -> String {
    let Label { factor, decimals, .. } = label(metric);
    let end = |value: f64| signed(Some(value * factor), decimals);
    effect.interval.map_or_else(|| "–".to_owned(), |(lower, upper)| format!("{} to {}", end(lower), end(upper)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_drift_is_reached_between_rounds_in_proportion() {
        assert_eq!(time_to_half(&[(1, 8.0), (2, 9.0), (3, 10.0)]), Some(5.0 / 8.0));
        assert_eq!(time_to_half(&[(1, 1.0), (2, 3.0), (3, 4.0)]), Some(1.5));
        assert_eq!(time_to_half(&[(1, 0.0), (2, 0.0)]), None);
        assert_eq!(time_to_half(&[]), None);
    }
}
