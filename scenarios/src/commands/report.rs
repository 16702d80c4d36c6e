//! `pluriverse report` and `pluriverse compare`: pages about runs.

use std::path::{Path, PathBuf};

use pluriverse_engine::record::directory::RunDirectory;
use pluriverse_engine::record::manifest::RunStatus;

use super::Exit;
use super::cli::{CompareArgs, ReportArgs};
use super::effects::{Label, label};
use super::output::{Form, complain, complain_of, figure, say, say_json, signed, table};
use crate::inputs::finished::FinishedRun;
use crate::load::load_run;
use crate::report::{REPORT, comparison_page, how_to_read, write};
use crate::studies::compare::{Beside, Estimated, Unit, beside, objections};

/// Carries `report` out.
pub fn execute(args: &ReportArgs, form: Form) -> Exit {
    let (manifest, resolved) = match load_run(&args.run, args.base.as_deref().unwrap_or(Path::new(""))) {
        Ok(loaded) => loaded,
        Err(error) => {
            complain(&error.render());
            return Exit::Mistake;
        }
    };
    if manifest.status == RunStatus::Running {
        complain(&format!(
            "error: {} never ended: its files are not whole; take it up with run --resume --out {0}",
            args.run.display()
        ));
        return Exit::Mistake;
    }
    let path = args.run.join(REPORT);
    match write(&resolved, &manifest.status, &args.run) {
        Ok(()) if form == Form::Json => {
            say_json(&serde_json::json!({ "report": path.display().to_string() }));
            Exit::Done
        }
        Ok(()) => {
            say(&format!("written to {}", path.display()));
            Exit::Done
        }
        Err(error) => {
            complain(&format!("error: {error}"));
            Exit::Failed
        }
    }
}

/// Carries `compare` out.
pub fn compare(args: &CompareArgs, form: Form) -> Exit {
    let base = args.base.as_deref().unwrap_or(Path::new(""));
    let mut runs: Vec<(String, FinishedRun)> = Vec::new();
    let mut unusable = false;
    for (directory, name) in args.runs.iter().zip(names(&args.runs)) {
        match FinishedRun::read(directory, base) {
            Ok(run) => runs.push((name, run)),
            Err(error) => {
                complain_of(&error);
                unusable = true;
            }
        }
    }
    if unusable {
        return Exit::Mistake;
    }
    let objections = objections(&runs);
    if !objections.is_empty() {
        for objection in objections {
            complain(&format!("error: {objection}"));
        }
        return Exit::Mistake;
    }
    if let Err(reason) = free(&args.out) {
        complain(&format!("error: {reason}; choose another --out"));
        return Exit::Mistake;
    }
    let found = beside(&runs);
    let places: Vec<&Path> = args.runs.iter().map(PathBuf::as_path).collect();
    let page = comparison_page(&runs, &places, &found);
    let written = page.and_then(|page| {
        let folder = args.out.parent().unwrap_or(Path::new(""));
        let name = args.out.file_name().unwrap_or_default().to_string_lossy();
        RunDirectory::write_text(folder, &name, &page)
    });
    if let Err(error) = written {
        complain(&format!("error: {error}"));
        return Exit::Failed;
    }
    match form {
        Form::Json => say_json(&found),
        Form::Tables => tell(&found, &args.out),
    }
    Exit::Done
}

/// Names of runs: those of their directories, the whole path where two share one.
fn names(directories: &[PathBuf]) -> Vec<String> {
    let last = |path: &PathBuf| {
        path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
    };
    let short: Vec<String> = directories.iter().map(last).collect();
    let shared = |name: &String| short.iter().filter(|known| *known == name).count() > 1;
    directories
        .iter()
        .zip(&short)
        .map(|(path, name)| if shared(name) { path.display().to_string() } else { name.clone() })
        .collect()
}

/// Whether a page may be written here: where nothing is, or a page of ours.
fn free(out: &Path) -> Result<(), String> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if RunDirectory::holds_a_run(folder) {
        return Err(format!("{} is a run, and keeps its own page", folder.display()));
    }
    if out.is_dir() {
        return Err(format!("{} is a folder", out.display()));
    }
    match std::fs::read_to_string(out) {
        Ok(text) if text.contains(crate::report::GENERATOR) => Ok(()),
        Ok(_) => Err(format!("{} is there and is no page of this program", out.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("cannot use {}: {error}", out.display())),
    }
}

fn tell(found: &Beside, out: &Path) {
    say(&format!("Compared after round {}, over the same {} items", found.round, found.items));
    let first = &found.units[0];
    for unit in &found.units[1..] {
        let arms = if unit.arm == first.arm {
            format!("arm {}", unit.arm)
        } else {
            format!("arm {} of {} and arm {} of {}: other treatments", unit.arm, unit.name, first.arm, first.name)
        };
        say(&format!("\n{} against {} ({arms})\n{}", unit.name, first.name, against(first, unit)));
    }
    say(&format!("\n{}\n\nwritten to {}", how_to_read(found), out.display()));
}

fn against(first: &Unit, unit: &Unit) -> String {
    let controlled = unit.measures.iter().any(|measure| measure.effect_difference.estimate.is_some());
    let mut headers = vec!["", "", &first.name, &unit.name, "difference", "95 % interval"];
    if controlled {
        headers.extend(["difference of effects", "95 % interval"]);
    }
    let rows: Vec<Vec<String>> = first
        .measures
        .iter()
        .zip(&unit.measures)
        .map(|(of_first, own)| {
            let Label { name, unit, factor, decimals } = label(own.measure);
            let level = |level: &Estimated| figure(level.estimate.map(|value| value * factor), decimals);
            let told = |found: &Estimated| {
                let end = |value: f64| signed(Some(value * factor), decimals);
                let interval = found.interval.map(|(low, high)| format!("{} to {}", end(low), end(high)));
                [
                    signed(found.estimate.map(|value| value * factor), decimals),
                    interval.unwrap_or_else(|| "–".to_owned()),
                ]
            };
            let mut row = vec![name.to_owned(), unit.to_owned(), level(&of_first.level), level(&own.level)];
            row.extend(told(&own.level_difference));
            if controlled {
                row.extend(told(&own.effect_difference));
            }
            row
        })
        .collect();
    table(&headers, &rows)
}
