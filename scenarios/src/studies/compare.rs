//! Several runs set against each other: what can be compared, and what differs by how much.

use std::sync::Arc;

use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::inference::Measure;
use pluriverse_worlds::inference::effect::Combined;
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::survey::observe::Metric;
use serde::Serialize;

use crate::comparison::{ComparedSociety, Contrast};
use crate::inputs::finished::FinishedRun;
use crate::resolve::{Resolved, ResolvedBackbone, ResolvedSociety};

/// A figure and its 95 % interval.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Estimated {
    /// The figure; none where it is undefined.
    pub estimate: Option<f64>,
    /// Its interval; none where there is none.
    pub interval: Option<(f64, f64)>,
}

/// One measure of one society of one run, beside the first society's.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct MeasureBeside {
    /// The measure.
    pub measure: &'static str,
    /// Its level in the exposed arm (or the only one).
    pub level: Estimated,
    /// That less the first society's; nothing for the first.
    pub level_difference: Estimated,
    /// Exposed less asked again, where both were run.
    pub effect: Estimated,
    /// That less the first society's.
    pub effect_difference: Estimated,
}

/// One society of one run.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Unit {
    /// What it is called: the run, and the society where a run has several.
    pub name: String,
    /// Number of its run, from 0.
    pub run: usize,
    /// The society.
    pub society: Arc<str>,
    /// The arm whose levels are told.
    pub arm: Arc<str>,
    /// How many agents.
    pub agents: usize,
    /// How many replicates.
    pub replicates: u32,
    /// By measure, in order; only those that every run observed.
    pub measures: Vec<MeasureBeside>,
}

/// Several runs beside each other.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Beside {
    /// The round that is compared: the last one that all have, 0 where one has no exposure.
    pub round: u32,
    /// How many items.
    pub items: usize,
    /// Resamples behind the intervals.
    pub resamples: usize,
    /// How intervals are made.
    pub method: &'static str,
    /// Every society of every run, in order; the first is what others are set against.
    pub units: Vec<Unit>,
}

/// Why runs cannot be compared: every reason.
pub fn objections(runs: &[(String, FinishedRun)]) -> Vec<String> {
    let Some(((first_name, first), others)) = runs.split_first() else {
        return vec!["there is no run to compare".to_owned()];
    };
    let mut found = Vec::new();
    if others.is_empty() {
        found.push("one run alone is not a comparison: name two or more".to_owned());
    }
    for (name, run) in others {
        let (a, b) = (&first.resolved, &run.resolved);
        let mut object = |what: String| found.push(format!("{first_name} and {name} {what}"));
        if first.manifest.digest == run.manifest.digest {
            object("are the same run: the same scenario, inputs and seed".to_owned());
        }
        if a.survey.items != b.survey.items {
            object(format!("asked different items: {}", items_apart(a, b)));
        }
        if a.reference.name != b.reference.name || a.survey.items == b.survey.items && a.reference_sheets_differ(b) {
            object(format!(
                "are measured against different humans: {} and {}",
                reference_in_words(a),
                reference_in_words(b)
            ));
        }
        if reads_text(a) && reads_text(b) && a.scenario.parse != b.scenario.parse {
            object(format!(
                "read answers by different rules: {} and {}",
                a.scenario.parse.name(),
                b.scenario.parse.name()
            ));
        }
        let clusters = |resolved: &Resolved| resolved.scenario.observe.contains(&Metric::Clusters);
        let within = |resolved: &Resolved| resolved.scenario.cluster_within;
        if clusters(a) && clusters(b) && (within(a) - within(b)).abs() > 0.0 {
            object(format!("cut clusters at different distances: {} and {}", within(a), within(b)));
        }
    }
    found
}

fn items_apart(a: &Resolved, b: &Resolved) -> String {
    let (one, other) = (&a.survey, &b.survey);
    let lacks = |here: &pluriverse_worlds::survey::Survey, there: &pluriverse_worlds::survey::Survey| {
        here.items.iter().filter(|item| there.items.iter().all(|known| known.id != item.id)).count()
    };
    let (of_one, of_other) = (lacks(one, other), lacks(other, one));
    if of_one + of_other > 0 {
        return format!(
            "{} items of {} and {} of {}, of which {of_one} and {of_other} are not in the other",
            one.len(),
            one.name,
            other.len(),
            other.name
        );
    }
    "the same ids with other options, words or order".to_owned()
}

fn reference_in_words(resolved: &Resolved) -> String {
    let reference = &resolved.scenario.reference;
    format!("{} ({}, {})", reference.figures, reference.statistic.name(), reference.coding.name())
}

/// Whether any backbone's words are read.
fn reads_text(resolved: &Resolved) -> bool {
    let reads =
        |(_, backbone): &(_, ResolvedBackbone)| backbone.speaks() || matches!(backbone, ResolvedBackbone::Recorded(_));
    resolved.backbones.iter().any(reads)
}

/// Runs beside each other that nothing speaks against.
pub fn beside(runs: &[(String, FinishedRun)]) -> Beside {
    let round = runs.iter().map(|(_, run)| last_round(run)).min().unwrap_or(0);
    let measures = measures_in_common(runs);
    let societies = runs.iter().enumerate().flat_map(|(number, (name, run))| {
        run.resolved.societies.iter().map(move |society| (number, name, run, society))
    });
    let mut units = Vec::new();
    let mut first: Option<(Vec<Parts>, Arc<Resamples>)> = None;
    for (number, name, run, society) in societies {
        let compared = ComparedSociety::of(&run.resolved, society);
        // The same resamples of items for all: what items have in common with themselves cancels out.
        let resamples = first.as_ref().map_or_else(|| compared.resamples().clone(), |(_, resamples)| resamples.clone());
        let compared = compared.resampled_as(resamples.clone());
        let arm = compared.arm_of(Treatment::Exposed).unwrap_or(0);
        let parts = parts(run, society, &compared, round, &measures);
        let of_first = first.get_or_insert_with(|| (parts.clone(), resamples.clone()));
        let estimated = |combined: Option<&Combined>| {
            combined.map_or_else(Estimated::default, |combined| Estimated {
                estimate: combined.estimate,
                interval: combined.interval(&resamples, runs[0].1.resolved.scenario.intervals.method).ends,
            })
        };
        let is_first = units.is_empty();
        let less = |own: Option<&Combined>, other: Option<&Combined>| {
            own.zip(other).filter(|_| !is_first).map(|(own, other)| own.less(other))
        };
        let measures = parts.iter().zip(&of_first.0).map(|(own, other)| MeasureBeside {
            measure: own.measure.name(),
            level: estimated(own.level.as_ref()),
            level_difference: estimated(less(own.level.as_ref(), other.level.as_ref()).as_ref()),
            effect: estimated(own.effect.as_ref()),
            effect_difference: estimated(less(own.effect.as_ref(), other.effect.as_ref()).as_ref()),
        });
        units.push(Unit {
            name: if run.resolved.societies.len() > 1 { format!("{name}, {}", society.name) } else { name.clone() },
            run: number,
            society: society.name.clone(),
            arm: run.resolved.arms[society.strands.arms[arm]].name.clone(),
            agents: society.agents.len(),
            replicates: society.strands.replicates,
            measures: measures.collect(),
        });
    }
    let scenario = &runs[0].1.resolved.scenario;
    Beside {
        round,
        items: runs[0].1.resolved.survey.measured().len(),
        resamples: scenario.intervals.resamples as usize,
        method: scenario.intervals.method.name(),
        units,
    }
}

/// A measure of one society.
#[derive(Clone)]
struct Parts {
    measure: Measure,
    level: Option<Combined>,
    effect: Option<Combined>,
}

fn parts(
    run: &FinishedRun,
    society: &ResolvedSociety,
    compared: &ComparedSociety,
    round: u32,
    measures: &[Measure],
) -> Vec<Parts> {
    let tick = tick_of(run, round);
    let histories = run.histories(society);
    let at = histories.at(tick);
    let agents = society.agents.len();
    let combined = |contrast| -> Vec<(Measure, Combined)> {
        let (terms, _) = compared.terms(&at, tick, contrast);
        terms.into_iter().map(|(measure, terms)| (measure, Combined::of(&terms, agents))).collect()
    };
    let exposed = compared.arm_of(Treatment::Exposed).unwrap_or(0);
    let levels = combined(Contrast::Level(exposed));
    let control = compared.arm_of(Treatment::ReAsk).filter(|control| *control != exposed && round > 0);
    let effects = control.map_or_else(Vec::new, |control| combined(Contrast::Between(exposed, control)));
    let find = |of: &[(Measure, Combined)], wanted: Measure| {
        of.iter().find(|(measure, _)| *measure == wanted).map(|(_, combined)| combined.clone())
    };
    measures
        .iter()
        .map(|&measure| Parts { measure, level: find(&levels, measure), effect: find(&effects, measure) })
        .collect()
}

/// The last exposure round; 0 without one.
fn last_round(run: &FinishedRun) -> u32 {
    let exposures = run.resolved.plan.iter().filter(|tick| *tick.mechanism == *"exposure");
    exposures.map(|tick| tick.round).next_back().unwrap_or(0)
}

/// The tick of an exposure round; the first tick for 0.
fn tick_of(run: &FinishedRun, round: u32) -> u32 {
    let exposed = |tick: &pluriverse_engine::tick::PlannedTick| tick.round == round && *tick.mechanism == *"exposure";
    run.resolved.plan.iter().position(exposed).unwrap_or(0) as u32
}

/// Measures that every run observed, in the order of the first.
fn measures_in_common(runs: &[(String, FinishedRun)]) -> Vec<Measure> {
    let of = |run: &FinishedRun| -> Vec<Measure> {
        run.resolved
            .scenario
            .observe
            .iter()
            .flat_map(|metric| crate::comparison::measures_of(*metric))
            .copied()
            .collect()
    };
    let mut common = runs.first().map_or_else(Vec::new, |(_, run)| of(run));
    for (_, run) in runs {
        let own = of(run);
        common.retain(|measure| own.contains(measure));
    }
    common
}
