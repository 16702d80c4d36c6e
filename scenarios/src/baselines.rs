//! What every figure is read beside: the humans, and sheets that know no culture. Written with the first tick.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_engine::observation::Observation;
use pluriverse_worlds::survey::measures::baseline::{
    HumanDiversity, human_diversity, leave_one_out, mean_alignment, random_respondents, scale_midpoint,
};
use pluriverse_worlds::survey::{Coding, Reference, ReferenceSheet, Statistic, Survey};
use serde::Serialize;

use crate::resolve::{Resolved, ResolvedSociety};

/// Scope of figures about real populations.
pub const HUMANS: &str = "human_reference";

/// Scope of figures about sheets that know no culture.
pub const BASELINE: &str = "baseline";

/// Human and trivial figures for a set of cultures.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Baselines {
    /// Diversity of the populations by statistic: (statistic, Diversity_P, Diversity_S), in percent.
    pub humans: Vec<(&'static str, Option<f64>, Option<f64>)>,
    /// Root-mean-square distance of two respondents drawn from two of the populations, in percent.
    pub random_respondents: Option<f64>,
    /// Mean alignment of a constant sheet built without the target population, in percent.
    pub leave_one_out: Option<f64>,
    /// Mean alignment of the scale midpoint, in percent.
    pub scale_midpoint: Option<f64>,
    /// How many populations these figures rest on.
    pub populations: u64,
}

impl Baselines {
    /// The figures for a society of so many agents of each culture (by code), under a statistic and coding.
    pub fn of(
        reference: &Reference,
        survey: &Survey,
        composition: &BTreeMap<&str, u64>,
        statistic: Statistic,
        coding: Coding,
    ) -> Self {
        let (cultures, counts): (Vec<&str>, Vec<u64>) = composition
            .iter()
            .map(|(code, count)| (*code, *count))
            .filter(|(code, _)| reference.has_culture(code))
            .unzip();
        let spans = survey.squared_spans();
        let sheets = |statistic| -> Vec<ReferenceSheet> {
            let sheet = |culture: &&str| reference.sheet(culture, survey, statistic, coding);
            cultures.iter().map(sheet).collect()
        };
        let targets = sheets(statistic);
        let constant = |population: usize| leave_one_out(reference, survey, cultures[population], statistic);
        Self {
            humans: Statistic::ALL
                .into_iter()
                .map(|statistic| {
                    let HumanDiversity { pairwise, structural } = human_diversity(&sheets(statistic), &counts, &spans);
                    (statistic.name(), pairwise.value, structural)
                })
                .collect(),
            random_respondents: random_respondents(reference, survey, &cultures, &counts).value,
            leave_one_out: mean_alignment(&targets, &counts, &spans, constant).value,
            scale_midpoint: mean_alignment(&targets, &counts, &spans, |_| scale_midpoint(survey)).value,
            populations: cultures.len() as u64,
        }
    }
}

/// How many agents of each culture a society has, by code.
pub fn composition<'r>(resolved: &'r Resolved, society: &ResolvedSociety) -> BTreeMap<&'r str, u64> {
    let mut counts = BTreeMap::new();
    for agent in &society.agents {
        *counts.entry(&*resolved.cultures.profile(agent.culture).code).or_default() += 1;
    }
    counts
}

/// The baselines of a society as observations.
pub fn observations(resolved: &Resolved, society: &ResolvedSociety) -> Vec<Observation> {
    let reference = &resolved.scenario.reference;
    let baselines = Baselines::of(
        &resolved.reference,
        &resolved.survey,
        &composition(resolved, society),
        reference.statistic,
        reference.coding,
    );
    let n = baselines.populations;
    let mut observations = Vec::new();
    let mut push = |metric, scope, subject: &str, value| {
        observations.push(Observation::of(metric, scope, Arc::from(subject), value, n));
    };
    for &(statistic, pairwise, structural) in &baselines.humans {
        push("pairwise_diversity", HUMANS, statistic, pairwise);
        push("structural_diversity", HUMANS, statistic, structural);
    }
    push("pairwise_diversity", HUMANS, "random_respondents", baselines.random_respondents);
    push("alignment", BASELINE, "leave_one_out", baselines.leave_one_out);
    push("alignment", BASELINE, "scale_midpoint", baselines.scale_midpoint);
    observations
}
