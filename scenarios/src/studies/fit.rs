//! Which classical story the societies of a run follow, and how much of it is influence.

use std::sync::Arc;

use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_worlds::dynamics::fit::{Fit, Parameter, Rounds, Story, difference, fit};
use pluriverse_worlds::exposure::design::{Treatment, Who};
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::network::Network;
use serde::Serialize;

use crate::inputs::asset::AssetError;
use crate::inputs::finished::{FinishedRun, Histories, History};
use crate::resolve::{ResolvedArm, ResolvedSociety};

/// Fewest exposure rounds a fit is made from: after a single one, where an agent began and what it held last are the
/// same.
pub const FEWEST_ROUNDS: usize = 2;

/// The stories of one society.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SocietyFit {
    /// The society.
    pub society: Arc<str>,
    /// How many agents it has.
    pub agents: usize,
    /// How many exposure rounds the fit is made from.
    pub rounds: usize,
    /// How many replicates.
    pub replicates: u32,
    /// Each arm by itself.
    pub arms: Vec<ArmFit>,
    /// Parameters of the exposed arm less those of every other one.
    pub controlled: Vec<Controlled>,
}

/// The models fitted to one arm.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ArmFit {
    /// The arm.
    pub arm: Arc<str>,
    /// Pairs of an answer before and after a round.
    pub steps: u64,
    /// Root mean squared step, first option 0 and last option 1: the error of "no change".
    pub no_change: f64,
    /// The models.
    pub models: Vec<ModelFit>,
}

/// One model.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ModelFit {
    /// Its name.
    pub model: &'static str,
    /// Its parameters.
    pub parameters: Vec<Estimate>,
    /// Root mean squared error on items it was not fitted to.
    pub error: f64,
    /// 1 − error / error of "no change".
    pub gain: f64,
    /// The 95 % interval of the gain.
    pub gain_interval: Option<(f64, f64)>,
}

/// A parameter and its 95 % interval.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Estimate {
    /// The parameter.
    pub parameter: &'static str,
    /// The estimate; none where it is not determined.
    pub estimate: Option<f64>,
    /// Its interval; none where there is none.
    pub interval: Option<(f64, f64)>,
}

/// A parameter of the exposed arm less that of another.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Controlled {
    /// The exposed arm.
    pub treatment: Arc<str>,
    /// The other arm.
    pub control: Arc<str>,
    /// The model.
    pub model: &'static str,
    /// The difference.
    #[serde(flatten)]
    pub difference: Estimate,
}

impl From<&Parameter> for Estimate {
    fn from(parameter: &Parameter) -> Self {
        Self { parameter: parameter.name, estimate: parameter.estimate, interval: parameter.interval }
    }
}

/// Fits every model to every arm of the societies of a run (of one of them, where it is named).
pub fn fit_run(run: &FinishedRun, society: Option<&str>) -> Result<Vec<SocietyFit>, AssetError> {
    let rounds = exposures(run);
    if rounds.len() < FEWEST_ROUNDS {
        return Err(AssetError {
            message: format!(
                "a fit needs at least {FEWEST_ROUNDS} rounds of exposure, and this run has {}: before the second, what an \
                 agent held last is what it held at first",
                rounds.len()
            ),
            help: Some("run the scenario with Exposure(rounds: 2) or more".to_owned()),
        });
    }
    let societies = chosen(run, society)?;
    Ok(societies.into_iter().map(|society| fit_society(run, society, &rounds)).collect())
}

/// The societies of a run, or the one that is named.
pub(super) fn chosen<'r>(run: &'r FinishedRun, named: Option<&str>) -> Result<Vec<&'r ResolvedSociety>, AssetError> {
    let all = &run.resolved.societies;
    let Some(name) = named else {
        return Ok(all.iter().collect());
    };
    let found: Vec<&ResolvedSociety> = all.iter().filter(|society| *society.name == *name).collect();
    if found.is_empty() {
        let names: Vec<String> = all.iter().map(|society| format!("`{}`", society.name)).collect();
        let message = format!("the run has no society `{name}`; it has {}", names.join(", "));
        return Err(AssetError::new(message));
    }
    Ok(found)
}

/// Ticks in which agents are exposed to each other.
fn exposures(run: &FinishedRun) -> Vec<u32> {
    let ticks = (0..).zip(&run.resolved.plan);
    ticks.filter(|(tick, planned)| *tick > 0 && *planned.mechanism == *"exposure").map(|(tick, _)| tick).collect()
}

fn fit_society(run: &FinishedRun, society: &ResolvedSociety, rounds: &[u32]) -> SocietyFit {
    let streams = Streams::new(run.resolved.seed(), &society.name, 0).of(Purpose("inference.items"));
    let resamples = Resamples::draw(
        run.resolved.survey.measured().len(),
        run.resolved.scenario.intervals.resamples as usize,
        &streams,
    );
    let histories = run.histories(society);
    let arms: Vec<(&ResolvedArm, Option<Fit>)> = society
        .strands
        .arms
        .iter()
        .enumerate()
        .map(|(place, &arm)| {
            let arm = &run.resolved.arms[arm];
            (arm, fit_arm(run, arm, place, &histories, rounds, &resamples))
        })
        .collect();
    let fitted = arms.iter().filter_map(|(arm, fit)| Some(ArmFit::of(arm, fit.as_ref()?)));
    SocietyFit {
        society: society.name.clone(),
        agents: society.agents.len(),
        rounds: rounds.len(),
        replicates: society.strands.replicates,
        arms: fitted.collect(),
        controlled: controlled(&arms),
    }
}

fn fit_arm(
    run: &FinishedRun,
    arm: &ResolvedArm,
    place: usize,
    histories: &Histories<'_>,
    rounds: &[u32],
    resamples: &Resamples,
) -> Option<Fit> {
    let of_arm: Vec<&History<'_>> = histories.by_replicate.iter().map(|arms| &arms[place]).collect();
    let agents =
        of_arm.first().and_then(|history| history.ticks.first_key_value()).map_or(0, |(_, first)| first.agents());
    // Who is shown everybody sees everybody, whatever the network.
    let all = arm.designs().all(|design| design.who == Who::All);
    let complete = Network::Complete { agents: agents as u32 };
    let strands: Vec<Rounds<'_>> = of_arm
        .iter()
        .filter_map(|history| {
            let (_, first) = history.ticks.first_key_value()?;
            let steps =
                rounds.iter().filter_map(|tick| Some((*history.ticks.get(&(tick - 1))?, *history.ticks.get(tick)?)));
            let network = if all { &complete } else { &history.network };
            Some(Rounds { network, first, steps: steps.collect() })
        })
        .collect();
    fit(&run.resolved.survey, &strands, &Story::ALL, resamples)
}

impl ArmFit {
    fn of(arm: &ResolvedArm, fit: &Fit) -> Self {
        let model = |fitted: &pluriverse_worlds::dynamics::fit::Fitted| ModelFit {
            model: fitted.story.name(),
            parameters: fitted.parameters.iter().map(Estimate::from).collect(),
            error: fitted.error,
            gain: fitted.gain,
            gain_interval: fitted.gain_interval,
        };
        Self {
            arm: arm.name.clone(),
            steps: fit.steps,
            no_change: fit.no_change,
            models: fit.models.iter().map(model).collect(),
        }
    }

    /// The model that predicts best.
    pub fn best(&self) -> Option<&ModelFit> {
        self.models.iter().min_by(|a, b| a.error.total_cmp(&b.error))
    }
}

fn controlled(arms: &[(&ResolvedArm, Option<Fit>)]) -> Vec<Controlled> {
    let Some((exposed, Some(treated))) = arms.iter().find(|(arm, _)| arm.treatment == Treatment::Exposed) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (control, fit) in arms.iter().filter(|(arm, _)| arm.name != exposed.name) {
        for (one, other) in treated.models.iter().zip(fit.iter().flat_map(|fit| &fit.models)) {
            for (of_one, of_other) in one.parameters.iter().zip(&other.parameters) {
                found.push(Controlled {
                    treatment: exposed.name.clone(),
                    control: control.name.clone(),
                    model: one.story.name(),
                    difference: Estimate::from(&difference(of_one, of_other)),
                });
            }
        }
    }
    found
}
