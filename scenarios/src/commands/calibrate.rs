//! `pluriverse calibrate`: surrogate presets fitted to recordings.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::kinds::surrogate::fit::{FIT_SEEDS, ITERATIONS};
use pluriverse_agents::kinds::surrogate::model::{HumanPositions, Presets};
use pluriverse_agents::parse::ParseRule;
use pluriverse_engine::record::manifest::write_whole;
use pluriverse_worlds::survey::{Coding, ReferenceSheet, Statistic};

use super::Exit;
use super::cli::CalibrateArgs;
use super::output::{Form, complain, say, say_json, table};
use super::progress::Progress;
use crate::file::diagnose::suggestion;
use crate::file::read::dialect;
use crate::inputs::asset::AssetError;
use crate::inputs::recordings::Index;
use crate::studies::calibrate::{CHECK_SEEDS, Comparison, Context, Fitted, RESOLVED_CHANGE, calibrate};
use crate::studies::setting::{Setting, choose_cultures};

/// Carries the command out.
pub fn execute(args: &CalibrateArgs, form: Form, progress: &Progress) -> Exit {
    if let Some(out) = &args.out
        && (out.is_dir() || !out.parent().is_some_and(|folder| folder == Path::new("") || folder.is_dir()))
    {
        complain(&format!("error: cannot write {}: it is a folder, or its folder is not there", out.display()));
        return Exit::Mistake;
    }
    let fitted = match fit_all(args, progress) {
        Ok(fitted) => fitted,
        Err(errors) => {
            for error in errors {
                let help = error.help.map(|help| format!("\n  help: {help}")).unwrap_or_default();
                complain(&format!("error: {}{help}", error.message));
            }
            return Exit::Mistake;
        }
    };
    progress.finish();
    if form == Form::Json {
        say_json(&fitted);
    } else {
        print(&fitted);
    }
    if let Some(out) = &args.out {
        if let Err(error) = write_whole(out, presets_text(&fitted).as_bytes()) {
            complain(&format!("error: {error}"));
            return Exit::Failed;
        }
        if form == Form::Tables {
            say(&format!("\nwritten to {}", out.display()));
        }
    }
    if fitted.iter().all(Fitted::holds) { Exit::Done } else { Exit::Failed }
}

/// Fits every backbone asked for.
pub fn fit_all(args: &CalibrateArgs, progress: &Progress) -> Result<Vec<Fitted>, Vec<AssetError>> {
    let setting = Setting::embedded().map_err(|error| vec![error])?;
    let index = Index::of(&args.dir).map_err(|error| vec![error])?;
    let cultures = choose_cultures(&args.cultures, &index, &setting)?;
    let human = HumanPositions::new(&setting.survey, &setting.reference, &setting.cultures);
    let mut sheets = setting.sheets(Statistic::Mode, Coding::AsPublished);
    let references: Vec<Option<ReferenceSheet>> = setting.cultures.codes().map(|code| sheets.remove(code)).collect();
    let context =
        Context { survey: &setting.survey, cultures: &setting.cultures, human: &human, references: &references };
    let names: Vec<&str> = if args.backbones.is_empty() {
        index.models().into_iter().collect()
    } else {
        args.backbones.iter().map(String::as_str).collect()
    };
    let mut errors = Vec::new();
    let mut fitted = Vec::new();
    for (done, name) in names.iter().enumerate() {
        let rounds = [0, 1].into();
        match index.read(name, &cultures, &rounds) {
            Err(mut found) => errors.append(&mut found),
            Ok(recording) => match calibrate(&context, &recording, &cultures, ParseRule::Paper) {
                Some(preset) => fitted.push(preset),
                None => errors.push(AssetError {
                    message: format!("round 0 of {name} holds no usable answer for these cultures"),
                    help: Some(suggestion(name, index.models())),
                }),
            },
        }
        progress.step(done as u64 + 1, names.len() as u64, name);
    }
    if errors.is_empty() { Ok(fitted) } else { Err(errors) }
}

/// The presets as a file.
pub fn presets_text(fitted: &[Fitted]) -> String {
    let presets = Presets {
        source: Arc::from(
            "Fitted by `pluriverse calibrate` to the recordings published with arXiv 2606.05985 (five cultures, rounds 0 \
             and 1); figures of fit are printed by that command.",
        ),
        presets: fitted.iter().map(|preset| (preset.name.clone(), preset.parameters)).collect::<BTreeMap<_, _>>(),
    };
    let pretty = ron::ser::PrettyConfig::new().struct_names(true).depth_limit(2);
    // Plain data: RON can hold all of it.
    let text = dialect().to_string_pretty(&presets, pretty).unwrap_or_default();
    format!(
        "// Surrogate parameters, one line a backbone; their meaning is in the guide and in the docs of `Parameters`.\n{text}\n"
    )
}

fn print(fitted: &[Fitted]) {
    say(&format!(
        "{ITERATIONS} steps on {FIT_SEEDS} societies each; simulated: mean over the unseen seeds 0 to {}, from smallest \
         to largest\n",
        CHECK_SEEDS - 1
    ));
    let fitted_to = |preset: &Fitted| [preset.diversity, preset.alignment];
    say(&comparisons(fitted, ["diversity", "alignment"], fitted_to));
    say("");
    let also = |preset: &Fitted| [preset.diversity_change, preset.structural];
    say(&comparisons(fitted, ["change of diversity", "tree (not fitted)"], also));
    say(&format!(
        "\nA preset holds when the means of diversity and alignment lie within 1 point of the recorded ones, every seed \
         within 3,\nand a change of diversity over {RESOLVED_CHANGE} points has its recorded sign.\n"
    ));
    say(&parameters(fitted));
}

fn comparisons(fitted: &[Fitted], names: [&str; 2], of: impl Fn(&Fitted) -> [Option<Comparison>; 2]) -> String {
    let cells = |comparison: Option<Comparison>| match comparison {
        None => vec!["–".to_owned(), String::new(), String::new()],
        Some(Comparison { recorded, mean, min, max }) => {
            vec![format!("{recorded:.2}"), format!("{mean:.2}"), format!("{min:.2} to {max:.2}")]
        }
    };
    let rows: Vec<Vec<String>> = fitted
        .iter()
        .map(|preset| {
            let mut row = vec![preset.name.to_string()];
            row.extend(of(preset).into_iter().flat_map(cells));
            row.push(if preset.holds() { "yes" } else { "NO" }.to_owned());
            row
        })
        .collect();
    let headers = ["", names[0], "simulated", "from–to", names[1], "simulated", "from–to", "holds"];
    table(&headers, &rows)
}

fn parameters(fitted: &[Fitted]) -> String {
    let rows: Vec<Vec<String>> = fitted
        .iter()
        .map(|preset| {
            let p = &preset.parameters;
            let house = [p.acquiescence, p.scale_use, p.self_expression_lean, p.culture_pull];
            let spread = [p.house_deviation, p.own_deviation, p.dispersion, p.refusal];
            let mut row = vec![preset.name.to_string()];
            row.extend(house.into_iter().chain(spread).map(|value| format!("{value:.3}")));
            row.push(if p.conformity_fitted { format!("{:.3}", p.conformity) } else { "unfitted".to_owned() });
            row
        })
        .collect();
    let headers = [
        "parameters",
        "acquiesc.",
        "scale use",
        "lean",
        "pull",
        "house dev.",
        "own dev.",
        "dispersion",
        "refusal",
        "conformity",
    ];
    table(&headers, &rows)
}
