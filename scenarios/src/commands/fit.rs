//! `pluriverse fit`: classical models of opinion dynamics fitted to a run.

use std::path::Path;

use super::Exit;
use super::cli::FitArgs;
use super::output::{Form, complain_of, counted, figure, say, say_json, signed, table};
use crate::inputs::finished::FinishedRun;
use crate::studies::fit::{ArmFit, Controlled, Estimate, ModelFit, SocietyFit, fit_run};

/// Parameters whose difference between arms is told; the others are in JSON.
const TOLD: [(&str, &str); 3] =
    [("DeGroot", "influence"), ("Friedkin–Johnsen", "influence"), ("Friedkin–Johnsen", "anchor")];

/// Carries the command out.
pub fn execute(args: &FitArgs, form: Form) -> Exit {
    let base = args.base.as_deref().unwrap_or(Path::new(""));
    let run = FinishedRun::read(&args.run, base);
    let fitted = run.and_then(|run| Ok((fit_run(&run, args.society.as_deref())?, run)));
    match fitted {
        Ok((fits, _)) if form == Form::Json => {
            say_json(&fits);
            Exit::Done
        }
        Ok((fits, run)) => {
            for fit in &fits {
                tell(fit);
            }
            say(&how_to_read(run.resolved.scenario.intervals.resamples as u64, &fits));
            Exit::Done
        }
        Err(error) => {
            complain_of(&error);
            Exit::Mistake
        }
    }
}

fn tell(fit: &SocietyFit) {
    say(&format!(
        "{}: {}, {} of exposure, {}",
        fit.society,
        counted(fit.agents as u64, "agent", "agents"),
        counted(fit.rounds as u64, "round", "rounds"),
        counted(u64::from(fit.replicates), "replicate", "replicates")
    ));
    for arm in &fit.arms {
        say(&format!("\n{}: {} answers before and after a round\n{}", arm.arm, arm.steps, models(arm)));
        say(&verdict(arm));
    }
    let rows: Vec<Vec<String>> = fit.controlled.iter().filter(|each| is_told(each)).map(row).collect();
    if rows.is_empty() {
        say("\nNo other arm was run: these are upper bounds of influence, for asking again moves answers too.\n");
    } else {
        let headers = ["parameter", "model", "arms", "difference", "95 % interval"];
        say(&format!("\nWhat is left of it when a control is taken off\n{}\n", table(&headers, &rows)));
    }
}

/// A row a parameter; what is told of the model itself stands in its first.
fn models(arm: &ArmFit) -> String {
    let blank = || vec![String::new(); 3];
    let mut rows = vec![vec!["no change".to_owned(), format!("{:.4}", arm.no_change), String::new(), String::new()]];
    rows[0].extend(blank());
    for model in &arm.models {
        for (place, parameter) in model.parameters.iter().enumerate() {
            let mut row = if place == 0 { told_of(model) } else { vec![String::new(); 4] };
            row.extend(told(parameter));
            rows.push(row);
        }
    }
    let headers = ["model", "error", "gain %", "95 % interval", "parameter", "estimate", "95 % interval"];
    table(&headers, &rows)
}

fn told_of(model: &ModelFit) -> Vec<String> {
    let gain = |share: f64| signed(Some(share * 100.0), 1);
    vec![
        model.model.to_owned(),
        format!("{:.4}", model.error),
        if model.gain.is_nan() { "–".to_owned() } else { gain(model.gain) },
        model.gain_interval.map_or_else(|| "–".to_owned(), |(from, to)| format!("{} to {}", gain(from), gain(to))),
    ]
}

fn told(parameter: &Estimate) -> Vec<String> {
    let interval = parameter.interval.map(|(from, to)| format!("{from:.3} to {to:.3}"));
    vec![parameter.parameter.to_owned(), figure(parameter.estimate, 3), interval.unwrap_or_else(|| "–".to_owned())]
}

/// Which story the arm follows, as far as that can be said.
fn verdict(arm: &ArmFit) -> String {
    let beats = |model: &&ModelFit| model.gain_interval.is_some_and(|(from, _)| from > 0.0);
    match arm.best().filter(beats) {
        Some(best) => format!(
            "Answers move most like {}: its error is {:.1} % below that of \"no change\".",
            best.model,
            best.gain * 100.0
        ),
        None => "No model predicts the next answers better than \"no change\" by more than chance.".to_owned(),
    }
}

fn is_told(each: &Controlled) -> bool {
    TOLD.contains(&(each.model, each.difference.parameter))
}

fn row(each: &Controlled) -> Vec<String> {
    let Estimate { parameter, estimate, interval } = &each.difference;
    vec![
        (*parameter).to_owned(),
        each.model.to_owned(),
        format!("{} − {}", each.treatment, each.control),
        signed(*estimate, 3),
        interval.map_or_else(
            || "–".to_owned(),
            |(from, to)| format!("{} to {}", signed(Some(from), 3), signed(Some(to), 3)),
        ),
    ]
}

fn how_to_read(resamples: u64, fits: &[SocietyFit]) -> String {
    let controlled = if fits.iter().any(|fit| !fit.controlled.is_empty()) {
        "\nFresh noise around a fixed disposition looks like influence and like an anchor: read the differences between arms."
    } else {
        ""
    };
    format!(
        "Error: root mean squared error of the step, first option 0 and last option 1, on items left out of the fit (5 \
         parts).\nGain: by how much that is below the error of \"no change\". Intervals: percentile bootstrap over items, \
         {resamples} resamples.{controlled}"
    )
}
