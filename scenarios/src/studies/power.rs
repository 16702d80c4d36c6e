//! How many replicates an effect of a given size needs, from a pilot run.

use std::sync::Arc;

use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::inference::Measure;
use pluriverse_worlds::inference::effect::{Combined, Term};
use pluriverse_worlds::inference::power::Variation;
use pluriverse_worlds::survey::state::asks_the_survey;
use serde::Serialize;

use super::fit::chosen;
use crate::comparison::{ComparedSociety, Contrast};
use crate::file::diagnose::suggestion;
use crate::inputs::asset::AssetError;
use crate::inputs::finished::FinishedRun;
use crate::resolve::ResolvedSociety;

/// Numbers of replicates for which the smallest effect is told.
pub const LADDER: [u64; 6] = [1, 3, 10, 30, 100, 300];

/// What is to be found out.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Question {
    /// The society; all by default.
    pub society: Option<String>,
    /// The treatment; the exposed arm by default.
    pub treatment: Option<String>,
    /// What it is compared with; the re-ask arm by default.
    pub control: Option<String>,
    /// The round; the last one of exposure by default.
    pub round: Option<u32>,
    /// Probability with which an effect is to be found.
    pub power: f64,
}

/// What a pilot says of one measure.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct MeasurePower {
    /// The measure.
    pub measure: &'static str,
    /// The effect in the pilot.
    pub pilot: Option<f64>,
    /// Its standard error with the pilot's replicates.
    pub standard_error: f64,
    /// Standard deviation of the effect because items, and agents where they are drawn, are few.
    pub drawn: f64,
    /// Standard deviation of a single replicate's effect because answers are given by chance.
    pub chance: f64,
    /// Smallest effects found with so many replicates: those of [`LADDER`].
    pub smallest: Vec<(u64, f64)>,
    /// The smallest effect found with any number of replicates.
    pub limit: f64,
    #[serde(skip)]
    variation: Variation,
}

impl MeasurePower {
    /// Fewest replicates with which an effect of this size is found; none where no number suffices.
    pub fn replicates_for(&self, effect: f64, power: f64) -> Option<u64> {
        self.variation.replicates_for(effect, power)
    }
}

/// What a pilot says of one society.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SocietyPower {
    /// The society.
    pub society: Arc<str>,
    /// The treatment.
    pub treatment: Arc<str>,
    /// What it is compared with.
    pub control: Arc<str>,
    /// The round.
    pub round: u32,
    /// Replicates of the pilot.
    pub replicates: u32,
    /// Items.
    pub items: usize,
    /// Requests of one replicate, all arms.
    pub requests_each: u64,
    /// By measure.
    pub measures: Vec<MeasurePower>,
}

/// What a pilot run says of the effects a longer one could find.
pub fn power_of_run(run: &FinishedRun, question: &Question) -> Result<Vec<SocietyPower>, AssetError> {
    let societies = chosen(run, question.society.as_deref())?;
    societies.into_iter().map(|society| of_society(run, society, question)).collect()
}

fn of_society(run: &FinishedRun, society: &ResolvedSociety, question: &Question) -> Result<SocietyPower, AssetError> {
    let replicates = society.strands.replicates;
    if replicates < 2 {
        return Err(AssetError {
            message: format!(
                "society `{}` was run once: how much chance does shows only between replicates",
                society.name
            ),
            help: Some("run the pilot with replicates: 2 or more".to_owned()),
        });
    }
    let compared = ComparedSociety::of(&run.resolved, society);
    let arm = |named: &Option<String>, treatment| arm(run, society, &compared, named.as_deref(), treatment);
    let treatment = arm(&question.treatment, Treatment::Exposed)?;
    let control = arm(&question.control, Treatment::ReAsk)?;
    if treatment == control {
        return Err(AssetError::new("an arm has no effect against itself: name two"));
    }
    let (tick, round) = tick_of(run, question.round)?;
    let histories = run.histories(society);
    let (terms, _) = compared.terms(&histories.at(tick), tick, Contrast::Between(treatment, control));
    let name = |place: usize| run.resolved.arms[society.strands.arms[place]].name.clone();
    let agents = society.agents.len();
    let measures = terms
        .into_iter()
        .filter_map(|(measure, terms)| of_measure(measure, &terms, replicates, agents, question.power));
    Ok(SocietyPower {
        society: society.name.clone(),
        treatment: name(treatment),
        control: name(control),
        round,
        replicates,
        items: run.resolved.survey.measured().len(),
        requests_each: requests_of_a_replicate(run, society),
        measures: measures.collect(),
    })
}

fn of_measure(measure: Measure, terms: &[Term], replicates: u32, agents: usize, power: f64) -> Option<MeasurePower> {
    let by_replicate: Vec<Combined> = terms
        .chunks((terms.len() / replicates as usize).max(1))
        .map(|both| {
            let alone = both.iter().map(|term| Term { share: term.share * f64::from(replicates), ..term.clone() });
            Combined::of(&alone.collect::<Vec<_>>(), agents)
        })
        .collect();
    let variation = Combined::variation(&by_replicate)?;
    let nothing = variation.drawn == 0.0 && variation.chance == 0.0;
    // A measure that does not depend on the weights of items, as far as is known, has no error to tell.
    (!nothing).then(|| MeasurePower {
        measure: measure.name(),
        pilot: Combined::of(terms, agents).estimate,
        standard_error: variation.standard_error(u64::from(replicates)),
        drawn: variation.drawn.sqrt(),
        chance: variation.chance.sqrt(),
        smallest: LADDER.map(|replicates| (replicates, variation.smallest_effect(replicates, power))).to_vec(),
        limit: variation.limit(power),
        variation,
    })
}

/// The place of a named arm among those that were run, or of the one of a treatment.
fn arm(
    run: &FinishedRun,
    society: &ResolvedSociety,
    compared: &ComparedSociety,
    named: Option<&str>,
    treatment: Treatment,
) -> Result<usize, AssetError> {
    let names: Vec<&str> = society.strands.arms.iter().map(|&arm| &*run.resolved.arms[arm].name).collect();
    let known = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match named {
        Some(name) => names.iter().position(|known| *known == name).ok_or_else(|| {
            AssetError::new(format!("there is no arm `{name}`; {}", suggestion(name, names.iter().copied())))
        }),
        None => compared.arm_of(treatment).ok_or_else(|| AssetError {
            message: format!(
                "society `{}` has no arm of treatment {}: its arms are {known}",
                society.name,
                treatment.name()
            ),
            help: Some("name two arms with --treatment and --control".to_owned()),
        }),
    }
}

/// The tick of an exposure round, or of the last one, with the round.
pub(super) fn tick_of(run: &FinishedRun, round: Option<u32>) -> Result<(u32, u32), AssetError> {
    let mut exposures = (0..).zip(&run.resolved.plan).filter(|(_, planned)| *planned.mechanism == *"exposure");
    let found = match round {
        Some(round) => exposures.find(|(_, planned)| planned.round == round),
        None => exposures.last(),
    };
    found.map(|(tick, planned)| (tick, planned.round)).ok_or_else(|| {
        AssetError::new(match round {
            Some(round) => format!("the run has no exposure round {round}"),
            None => "the run has no exposure".to_owned(),
        })
    })
}

fn requests_of_a_replicate(run: &FinishedRun, society: &ResolvedSociety) -> u64 {
    let arms = society.strands.arms.len() as u64;
    let asked = |ticks: &[PlannedTick]| ticks.iter().filter(|tick| asks_the_survey(&tick.mechanism)).count() as u64;
    let plan = &run.resolved.plan;
    let ticks = asked(plan);
    let shared = run.resolved.fork.map_or(ticks, |fork| asked(&plan[..fork as usize]));
    let samples = run.resolved.scenario.answer.samples.max(1) as u64;
    society.agents.len() as u64 * run.resolved.survey.len() as u64 * (shared + (ticks - shared) * arms) * samples
}
