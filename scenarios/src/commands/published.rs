//! Published data, in and out: `measure` of a platform's data, and `export` of a run in published shapes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::record::manifest::Manifest;
use pluriverse_engine::seed::{EXPOSED_ARM, SHARED_ARM};

use super::Exit;
use super::cli::{ExportArgs, ShapeArg};
use super::output::{Form, complain, figure, say, say_json};
use super::platform::{Sheet, fidelity_sheet, label};
use crate::inputs::asset::AssetError;
use crate::inputs::published::record_of;
use crate::inputs::run::{StrandAnswers, StrandName, UnknownItems, answers};
use crate::load::of_manifest;
use crate::resolve::{Asking, resolve};
use crate::shapes::survey::{Interview, InterviewRow, boxed};
use crate::shapes::time::rfc3339;
use crate::shapes::{Fields, PlatformRecord, api, observatory, survey};
use crate::studies::platform_data::{MeasuredData, WINDOW, measure};

/// Measures a folder of published posts and comments.
pub fn measure_data(folder: &Path, form: Form) -> Exit {
    let record = match crate::shapes::read(folder) {
        Ok(record) => record,
        Err(errors) => {
            for error in errors {
                complain(&format!("error: {error}"));
            }
            return Exit::Mistake;
        }
    };
    let measured = measure(&record);
    let problems: Vec<String> = record.check().iter().map(ToString::to_string).collect();
    if form == Form::Json {
        say_json(
            &serde_json::json!({ "data": folder.display().to_string(), "measured": measured, "problems": problems }),
        );
        return Exit::Done;
    }
    say(&sheet(&measured).render());
    say(&format!("\n{}", fidelity_sheet("Beside the published platform", &measured.fidelity).render()));
    for problem in problems {
        say(&format!("Note: {problem}"));
    }
    Exit::Done
}

fn sheet(measured: &MeasuredData) -> Sheet {
    let rows = measured.figures.iter().filter(|(_, value)| value.is_some()).map(|(metric, value)| {
        let (name, factor, decimals) = label(metric);
        vec![name.to_owned(), figure(value.map(|value| value * factor), decimals)]
    });
    Sheet {
        title: format!("{} accounts, {} posts, {} comments", measured.agents, measured.posts, measured.comments),
        headers: vec![String::new(), String::new()],
        rows: rows.collect(),
        below: vec![format!("Words are those of the latest {WINDOW}, or of all where there are fewer.")],
    }
}

/// Writes a run's posts or answers in a published shape.
pub fn export_shape(args: &ExportArgs, shape: ShapeArg) -> Exit {
    let Some(out) = &args.out else {
        complain("error: where to? Add --out DIR");
        return Exit::Mistake;
    };
    let written = match shape {
        ShapeArg::Survey => interviews(args).and_then(|interviews| told(survey::write(&interviews, out))),
        ShapeArg::Observatory => record(args).and_then(|record| {
            let last = record.posts.iter().filter_map(|post| post.created_at).max().unwrap_or_default();
            let date = rfc3339(last).unwrap_or_default();
            told(observatory::write(&record, out, date.get(..10).unwrap_or("1970-01-01"), Fields::WithCulture))
        }),
        ShapeArg::Api => record(args).and_then(|record| told(api::write(&record, out, Fields::WithCulture))),
    };
    match written {
        Ok(()) => {
            say(&format!("written to {}", out.display()));
            Exit::Done
        }
        Err(errors) => {
            for error in errors {
                complain(&format!("error: {error}"));
            }
            Exit::Mistake
        }
    }
}

fn told<T>(result: Result<T, Vec<crate::shapes::ShapeError>>) -> Result<(), Vec<String>> {
    result.map(|_| ()).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn said(error: &AssetError) -> Vec<String> {
    vec![error.message.clone()]
}

/// The strand that is exported: the one asked for, or the exposed arm of the first replicate.
fn strand(args: &ExportArgs) -> Result<StrandName, Vec<String>> {
    let manifest = Manifest::read(&args.run).map_err(|error| vec![error.to_string()])?;
    let scenario = of_manifest(&manifest).map_err(|error| vec![error])?;
    let first = scenario.societies.0.first().map_or_else(|| "society".to_owned(), |(name, _)| name.clone());
    Ok(StrandName {
        society: Arc::from(args.society.clone().unwrap_or(first)),
        arm: Arc::from(args.arm.clone().unwrap_or_else(|| EXPOSED_ARM.to_owned())),
        replicate: args.replicate,
    })
}

fn record(args: &ExportArgs) -> Result<PlatformRecord, Vec<String>> {
    let strand = strand(args)?;
    let record = record_of(&args.run, &strand).map_err(|error| said(&error))?;
    if record.posts.is_empty() {
        return Err(vec![format!(
            "nobody posted in society {}, arm {}, replicate {}",
            strand.society, strand.arm, strand.replicate
        )]);
    }
    Ok(record)
}

/// Every agent's answers, tick by tick: the first is round 0, and so on.
fn interviews(args: &ExportArgs) -> Result<Vec<Interview>, Vec<String>> {
    let manifest = Manifest::read(&args.run).map_err(|error| vec![error.to_string()])?;
    let scenario = of_manifest(&manifest).map_err(|error| vec![error])?;
    let resolved = resolve(scenario, Path::new("."), Asking::Elsewhere)
        .map_err(|mistakes| mistakes.into_iter().map(|mistake| mistake.message).collect::<Vec<_>>())?;
    let strands = answers(&args.run, &resolved.survey, UnknownItems::Refused).map_err(|error| said(&error))?;
    let wanted = strand(args)?;
    let of = |strand: &&StrandAnswers| {
        let name = &strand.name;
        name.society == wanted.society
            && name.replicate == wanted.replicate
            && (name.arm == wanted.arm || *name.arm == *SHARED_ARM)
    };
    let mut interviews = Vec::new();
    let mut ticks: BTreeMap<u32, &StrandAnswers> = BTreeMap::new();
    for strand in strands.iter().filter(of) {
        ticks.extend(strand.ticks.keys().map(|&tick| (tick, strand)));
    }
    let society = resolved.societies.iter().find(|society| society.name == wanted.society);
    for (round, (tick, strand)) in (0..).zip(&ticks) {
        let (_, sheets) = &strand.ticks[tick];
        let mut used: BTreeMap<(Arc<str>, Arc<str>), u32> = BTreeMap::new();
        for (row, (agent, culture)) in strand.agents.iter().zip(&strand.cultures).enumerate() {
            let backbone = society.and_then(|society| society.agents.get(agent.index())).map(|spec| spec.backbone);
            let model = backbone.and_then(|backbone| resolved.backbones.get(backbone.index()));
            let model = model.map_or_else(|| Arc::from("model"), |(name, _)| name.clone());
            // The layout has one agent a model and culture: further ones are models of their own.
            let known = used.entry((model.clone(), culture.clone())).or_default();
            *known += 1;
            let model = if *known == 1 { model } else { Arc::from(format!("{model}-{known}")) };
            let rows = resolved.survey.items.iter().enumerate().map(|(item, asked)| {
                let answer = sheets.get(pluriverse_engine::agent::AgentId(row as u32), item).ok();
                InterviewRow {
                    item: asked.id.clone(),
                    question: asked.question.clone(),
                    instruction: Arc::from(""),
                    response: answer.map(boxed),
                }
            });
            interviews.push(Interview {
                model,
                culture: culture.clone(),
                round,
                system: Arc::from(""),
                rows: rows.collect(),
            });
        }
    }
    if interviews.is_empty() { Err(vec!["no answers of that strand were recorded".to_owned()]) } else { Ok(interviews) }
}
