//! Surveys: our own format, or a file in the published `wvs.json` layout.

use std::collections::BTreeSet;
use std::sync::Arc;

use pluriverse_worlds::survey::{Item, Reference, Scale, Survey};
use serde::Deserialize;

use super::asset::{Asset, AssetError};

/// Reads a survey. Files ending in `.json` are taken as the published layout, whose first codes are told by the
/// reference; everything else is our format.
pub fn survey(asset: &Asset, reference: &Reference) -> Result<Survey, AssetError> {
    let survey = match asset.extension() {
        Some("json") => published(asset, reference)?,
        _ => asset.ron()?,
    };
    check(asset, &survey)?;
    Ok(survey)
}

/// Every item whose options and the reference's codes disagree, in words.
pub fn disagreements(survey: &Survey, reference: &Reference) -> Vec<String> {
    survey
        .items
        .iter()
        .filter_map(|item| {
            let outside = reference.codes_outside(item);
            let (culture, code) = outside.first()?;
            Some(format!(
                "item {} has {} options (codes {} to {}), and the reference holds code {code} for {culture}",
                item.id,
                item.option_count(),
                item.first_code,
                item.first_code + item.option_count() - 1,
            ))
        })
        .collect()
}

fn check(asset: &Asset, survey: &Survey) -> Result<(), AssetError> {
    let mut ids = BTreeSet::new();
    for item in &survey.items {
        let mut options = BTreeSet::new();
        let problem = if item.id.trim().is_empty() {
            "has no id"
        } else if !ids.insert(&item.id) {
            "is there twice"
        } else if item.options.len() < 2 {
            "has fewer than two options"
        } else if item.options.len() > 100 {
            "has more than 100 options"
        } else if !item.options.iter().all(|option| options.insert(option)) {
            "has the same option twice"
        } else if item.scale == Scale::Binary && item.options.len() != 2 {
            "is Binary and has not two options"
        } else if !(-1000..=1000).contains(&item.first_code) {
            "has a first_code that no data file begins with"
        } else {
            continue;
        };
        return Err(AssetError::new(format!("{}: item `{}` {problem}", asset.label, item.id)));
    }
    if survey.is_empty() {
        return Err(AssetError::new(format!("{} holds no item", asset.label)));
    }
    Ok(())
}

/// An item of the published layout.
#[derive(Deserialize)]
struct PublishedItem {
    #[serde(rename = "Q_id")]
    id: String,
    question: String,
    option: Vec<String>,
}

fn published(asset: &Asset, reference: &Reference) -> Result<Survey, AssetError> {
    let items: Vec<PublishedItem> = serde_json::from_str(&asset.text)
        .map_err(|error| AssetError::new(format!("{} is not in the published layout: {error}", asset.label)))?;
    let items = items
        .into_iter()
        .map(|item| {
            let mut first = Item {
                question: Arc::from(without_options(&item.question, &item.option)),
                id: Arc::from(item.id),
                theme: Arc::from(""),
                scale: if item.option.len() == 2 { Scale::Binary } else { Scale::Ordinal },
                options: item.option.into_iter().map(Arc::from).collect(),
                first_code: 1,
                paper: true,
            };
            // The layout does not say where codes begin; a population that answered 0 does.
            if reference.codes_outside(&first).iter().any(|&(_, code)| code == 0) {
                first.first_code = 0;
            }
            first
        })
        .collect();
    Ok(Survey {
        name: Arc::from(asset.path.as_ref().and_then(|path| path.file_stem()?.to_str()).unwrap_or("survey")),
        source: Arc::from(asset.label.as_str()),
        items,
        aside: 0,
    })
}

/// The question without the numbered options the published layout repeats at its end: templates list them.
fn without_options(question: &str, options: &[String]) -> String {
    let listed: Vec<String> =
        options.iter().enumerate().map(|(index, option)| format!("{}. {option}", index + 1)).collect();
    question.strip_suffix(&listed.join(" ")).unwrap_or(question).trim_end().to_owned()
}
