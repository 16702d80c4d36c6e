//! `study objectives`.

use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::seed::SHARED_ARM;
use pluriverse_worlds::pluralism::pareto::Direction;
use serde::Serialize;

use crate::commands::cli::ObjectivesArgs;
use crate::commands::output::{Form, figure, say, say_json, table};
use crate::commands::trajectory::{Round, Trajectory};
use crate::inputs::asset::AssetError;
use crate::inputs::figures::trajectories;
use crate::studies::objectives::{Configuration, Found, Objective, study};

/// What `objectives --json` prints.
#[derive(Serialize)]
struct ObjectivesReport<'a> {
    objectives: Vec<JsonObjective<'a>>,
    #[serde(flatten)]
    found: &'a Found,
}

#[derive(Serialize)]
struct JsonObjective<'a> {
    metric: &'a str,
    direction: &'static str,
    reference: f64,
}

/// Carries the study out.
pub(super) fn execute(args: &ObjectivesArgs, form: Form) -> Result<(), Vec<AssetError>> {
    let objectives = objectives(args)?;
    let configurations = configurations(args, &objectives)?;
    let found = study(&configurations, &objectives).map_err(|fault| vec![AssetError::new(fault.to_string())])?;
    if form == Form::Json {
        let objectives = objectives.iter().map(|objective| JsonObjective {
            metric: &objective.metric,
            direction: word(objective.direction),
            reference: objective.reference,
        });
        say_json(&ObjectivesReport { objectives: objectives.collect(), found: &found });
    } else {
        print(&objectives, &found);
    }
    Ok(())
}

const fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Maximise => "max",
        Direction::Minimise => "min",
    }
}

fn objectives(args: &ObjectivesArgs) -> Result<Vec<Objective>, Vec<AssetError>> {
    let (names, given) = (&args.objectives, &args.reference);
    if !given.is_empty() && given.len() != names.len() {
        let message = format!("{} objectives need {0} reference values, not {}", names.len(), given.len());
        return Err(vec![AssetError::new(message)]);
    }
    let mut read = Vec::new();
    let mut errors = Vec::new();
    for (place, name) in names.iter().enumerate() {
        match Objective::read(name, given.get(place).copied()) {
            Ok(objective) if read.iter().any(|known: &Objective| known.metric == objective.metric) => {
                errors.push(AssetError::new(format!("objective `{}` is named twice", objective.metric)));
            }
            Ok(objective) => read.push(objective),
            Err(fault) => errors.push(AssetError::new(fault.to_string())),
        }
    }
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

/// Every society of every run under every arm, with its objectives by replicate.
fn configurations(args: &ObjectivesArgs, objectives: &[Objective]) -> Result<Vec<Configuration>, Vec<AssetError>> {
    let mut found: Vec<Configuration> = Vec::new();
    let mut errors = Vec::new();
    for run in &args.runs {
        let strands = match trajectories(run) {
            Ok(strands) => strands,
            Err(error) => {
                errors.push(AssetError::new(error.to_string()));
                continue;
            }
        };
        let missing: Vec<&Arc<str>> = objectives
            .iter()
            .map(|objective| &objective.metric)
            .filter(|metric| !strands.iter().any(|strand| has(strand, metric)))
            .collect();
        for metric in missing {
            errors.push(AssetError {
                message: format!("{} has no figure of the society called `{metric}`", run.display()),
                help: Some(format!("figures of its last round are {}", known(&strands))),
            });
        }
        found.extend(of_run(args, run, &strands, objectives));
    }
    if errors.is_empty() && found.is_empty() {
        let message = match args.round {
            Some(round) => format!("no run has answers in round {round}"),
            None => "the runs hold no answers to a survey".to_owned(),
        };
        errors.push(AssetError::new(message));
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

fn of_run(args: &ObjectivesArgs, run: &Path, strands: &[Trajectory], objectives: &[Objective]) -> Vec<Configuration> {
    let name = |strand: &Trajectory| {
        let run = run.file_name().map_or_else(|| run.display().to_string(), |name| name.to_string_lossy().into_owned());
        let parts =
            [(args.runs.len() > 1).then_some(run), Some(strand.society.to_string()), Some(strand.arm.to_string())];
        parts.into_iter().flatten().collect::<Vec<String>>().join(", ")
    };
    let mut found: Vec<Configuration> = Vec::new();
    for strand in strands.iter().filter(|strand| *strand.arm != *SHARED_ARM) {
        let Some(round) = round_of(args, strand) else { continue };
        let values = |objective: &Objective| round.figures.get(&objective.metric).and_then(|figure| figure.value);
        let row: Vec<Option<f64>> = objectives.iter().map(values).collect();
        let name = name(strand);
        match found.iter_mut().find(|known| known.name == name) {
            Some(known) => known.replicates.push(row),
            None => found.push(Configuration { name, replicates: vec![row] }),
        }
    }
    found
}

/// The round that is asked for, or the last.
fn round_of<'s>(args: &ObjectivesArgs, strand: &'s Trajectory) -> Option<&'s Round> {
    match args.round {
        Some(wanted) => strand.rounds.iter().find(|round| round.round == wanted),
        None => strand.rounds.last(),
    }
}

fn has(strand: &Trajectory, metric: &Arc<str>) -> bool {
    strand.rounds.iter().any(|round| round.figures.contains_key(metric))
}

fn known(strands: &[Trajectory]) -> String {
    let mut names: Vec<&str> = strands
        .iter()
        .filter_map(|strand| strand.rounds.last())
        .flat_map(|round| round.figures.keys())
        .map(|name| &**name)
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

fn print(objectives: &[Objective], found: &Found) {
    let names: Vec<String> =
        objectives.iter().map(|objective| format!("{} ({})", objective.metric, word(objective.direction))).collect();
    let mut headers = vec!["configuration"];
    headers.extend(names.iter().map(String::as_str));
    headers.extend(["front", "in replicates %"]);
    let rows: Vec<Vec<String>> = found
        .configurations
        .iter()
        .map(|one| {
            let cell = |(mean, interval): (&Option<f64>, &Option<(f64, f64)>)| match interval {
                Some((lower, upper)) => format!("{} [{lower:.3}, {upper:.3}]", figure(*mean, 3)),
                None => figure(*mean, 3),
            };
            let mut row = vec![one.name.clone()];
            row.extend(one.means.iter().zip(&one.intervals).map(cell));
            row.push(match one.in_front {
                Some(true) => "yes".to_owned(),
                Some(false) => "dominated".to_owned(),
                None => "undefined".to_owned(),
            });
            row.push(one.often_in_front.map_or_else(String::new, |share| format!("{:.0}", share * 100.0)));
            row
        })
        .collect();
    say(&table(&headers, &rows));
    let reference: Vec<String> =
        objectives.iter().map(|objective| format!("{} {}", objective.metric, objective.reference)).collect();
    say(&format!(
        "\nHypervolume of the means {:.4}, from the reference point {}.",
        found.hypervolume,
        reference.join(", ")
    ));
    if let Some(steering) = &found.steering {
        let how = if steering.cross_fitted {
            "chosen on one half of the replicates, scored on the other"
        } else {
            "chosen on what it is scored on, for want of replicates: its own ceiling"
        };
        say(&format!(
            "Trade-off-steerable score (w = 0, .25, .5, .75, 1 on {}, objectives scaled by the range of the means; 0 to 1): \
             steered {:.3} ({how}); best fixed {:.3} ({}); ceiling {:.3}.\nChosen from w = 0 to 1: {}.",
            objectives[0].metric,
            steering.steered,
            steering.fixed,
            steering.best_fixed,
            steering.ceiling,
            steering.chosen.join("; ")
        ));
    }
    if found.configurations.iter().any(|one| one.intervals.iter().any(Option::is_some)) {
        say("Intervals: 95 %, Student's t over replicates.");
    }
}
