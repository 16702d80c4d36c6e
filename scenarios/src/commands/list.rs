//! `pluriverse list`: what a scenario can refer to.

use std::collections::BTreeSet;
use std::path::Path;

use pluriverse_worlds::budgeting::tally::Rule;
use pluriverse_worlds::platform::posting::PlatformMetric;
use pluriverse_worlds::survey::Survey;
use pluriverse_worlds::survey::observe::Metric;
use serde::Serialize;

use super::Exit;
use super::output::{Form, complain, say, say_json, table};
use crate::catalog;
use crate::file::read::{dialect, read};
use crate::inputs::asset::{self, Asset, AssetError, BALLOTS, CULTURES, PRESETS, REFERENCES, SURVEYS};
use crate::inputs::ballot::ballot;
use crate::inputs::{reference, survey};

/// Everything a scenario can refer to: (name, what it is).
#[derive(Serialize)]
struct Catalogue {
    scenarios: Vec<(String, String)>,
    surveys: Vec<(String, String)>,
    cultures: Vec<(String, String)>,
    backbones: Vec<(String, String)>,
    ballots: Vec<(String, String)>,
    rules: Vec<(String, String)>,
    metrics: Vec<(String, String)>,
    platform_metrics: Vec<(String, String)>,
}

/// Carries the command out.
pub fn execute(form: Form) -> Exit {
    let catalogue = match catalogue() {
        Ok(catalogue) => catalogue,
        Err(error) => {
            complain(&format!("error: {error}"));
            return Exit::Failed;
        }
    };
    if form == Form::Json {
        say_json(&catalogue);
        return Exit::Done;
    }
    let sections = [
        ("scenario", "run it with `pluriverse run NAME`", &catalogue.scenarios),
        ("survey", "", &catalogue.surveys),
        ("culture", "", &catalogue.cultures),
        ("backbone", "as Surrogate(preset: NAME), or Recorded(path: DIR, model: NAME)", &catalogue.backbones),
        ("ballot", "as Vote(ballot: NAME)", &catalogue.ballots),
        ("rule", "as `tally --rule NAME`; in a scenario as it stands beside it", &catalogue.rules),
        ("metric", "", &catalogue.metrics),
        ("on a platform", "as Post(observe: [NAME])", &catalogue.platform_metrics),
    ];
    for (index, (word, hint, entries)) in sections.into_iter().enumerate() {
        let rows: Vec<Vec<String>> = entries.iter().map(|(name, what)| vec![name.clone(), what.clone()]).collect();
        if index > 0 {
            say("");
        }
        say(&table(&[word, hint], &rows));
    }
    Exit::Done
}

fn themes(survey: &Survey) -> usize {
    let themes: BTreeSet<&str> = survey.items.iter().map(|item| &*item.theme).collect();
    themes.len()
}

fn catalogue() -> Result<Catalogue, AssetError> {
    let here = Path::new("");
    let reference = reference::reference(&Asset::find(&REFERENCES, "wvs7", here)?)?;
    let surveys = SURVEYS
        .embedded
        .iter()
        .map(|(name, _)| {
            let survey = survey::survey(&Asset::find(&SURVEYS, name, here)?, &reference)?;
            Ok(((*name).to_owned(), format!("{} items in {} themes", survey.len(), themes(&survey))))
        })
        .collect::<Result<_, AssetError>>()?;
    let cultures = asset::cultures(&Asset::find(&CULTURES, "countries", here)?)?;
    let presets = asset::presets(&Asset::find(&PRESETS, "recorded-backbones", here)?)?;
    Ok(Catalogue {
        scenarios: catalog::SCENARIOS
            .iter()
            .map(|(name, text)| ((*name).to_owned(), read(text).scenario.map(|s| s.about).unwrap_or_default()))
            .collect(),
        surveys,
        cultures: cultures
            .cultures
            .iter()
            .map(|profile| (profile.code.to_string(), format!("{} ({})", profile.country, profile.demonym)))
            .collect(),
        backbones: presets
            .presets
            .iter()
            .map(|(name, parameters)| {
                let conformity = if parameters.conformity_fitted {
                    format!("conformity {:+.3}", parameters.conformity)
                } else {
                    "conformity 0, not fitted: no exposure was recorded".to_owned()
                };
                (name.to_string(), format!("culture pull {:.2}, {conformity}", parameters.culture_pull))
            })
            .collect(),
        ballots: BALLOTS
            .embedded
            .iter()
            .map(|(name, _)| {
                let paper = ballot(&Asset::find(&BALLOTS, name, here)?, None).map_err(|mut errors| errors.remove(0))?;
                let projects = paper.instance.len();
                Ok((
                    (*name).to_owned(),
                    format!("{projects} projects, budget {} {}", paper.instance.budget(), paper.currency),
                ))
            })
            .collect::<Result<_, AssetError>>()?,
        rules: Rule::all().into_iter().map(|rule| (rule.name().to_owned(), in_ron(rule))).collect(),
        platform_metrics: PlatformMetric::ALL
            .iter()
            .map(|(metric, what)| (format!("{metric:?}"), (*what).to_owned()))
            .collect(),
        metrics: Metric::ALL.iter().map(|(metric, what)| (format!("{metric:?}"), (*what).to_owned())).collect(),
    })
}

/// A rule as a scenario names it.
fn in_ron(rule: Rule) -> String {
    dialect().to_string(&rule).unwrap_or_default().replace("r#None", "None")
}
