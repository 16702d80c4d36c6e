//! Ballot papers: our own format, or a file in the published `wvs_project.json` layout.

use std::sync::Arc;

use num_traits::Zero;
use pluriverse_worlds::budgeting::exact::{self, Exact};
use pluriverse_worlds::budgeting::vote::{BallotPaper, Reason};
use pluriverse_worlds::budgeting::{Instance, Project};
use serde::Deserialize;

use super::asset::{Asset, AssetError};

/// A ballot paper as it is written.
#[derive(Deserialize)]
#[serde(rename = "Ballot", deny_unknown_fields)]
struct Written {
    name: Arc<str>,
    #[serde(default, rename = "source")]
    _source: Arc<str>,
    intro: Arc<str>,
    #[serde(default)]
    currency: Arc<str>,
    #[serde(default)]
    budget: Option<String>,
    projects: Vec<WrittenProject>,
}

/// A project as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProject {
    id: Arc<str>,
    #[serde(default)]
    name: Arc<str>,
    #[serde(default)]
    category: Arc<str>,
    #[serde(default)]
    dimension: Arc<str>,
    cost: String,
    #[serde(default)]
    description: Arc<str>,
    #[serde(default)]
    because: Vec<Reason>,
}

/// A project of the published layout.
#[derive(Deserialize)]
struct Published {
    id: i64,
    name: Arc<str>,
    #[serde(default)]
    category: Arc<str>,
    #[serde(default)]
    dimension: Arc<str>,
    cost: serde_json::Number,
    #[serde(default)]
    description: Arc<str>,
}

/// Reads a ballot paper; `budget` stands above the paper's own. Every mistake at once.
pub fn ballot(asset: &Asset, budget: Option<&str>) -> Result<BallotPaper, Vec<AssetError>> {
    let written = match asset.extension() {
        Some("json") => published(asset),
        _ => asset.ron(),
    };
    let written = written.map_err(|error| vec![error])?;
    let mut errors = Vec::new();
    let mut error = |message: String| errors.push(AssetError::new(format!("{}: {message}", asset.label)));
    let mut projects = Vec::new();
    let mut reasons = Vec::new();
    for project in written.projects {
        let cost = amount(&project.cost);
        if cost.is_none() {
            error(format!("project `{}` costs `{}`, which is no number", project.id, project.cost));
        }
        if !is_id(&project.id) {
            let id = &project.id;
            error(format!("`{id}` cannot be a project's id: ids are words without commas, colons and blanks"));
        }
        reasons.push(project.because);
        projects.push(Project {
            id: project.id,
            name: project.name,
            category: project.category,
            dimension: project.dimension,
            description: project.description,
            cost: cost.unwrap_or_else(Exact::zero),
        });
    }
    let to_spend = budget.or(written.budget.as_deref()).and_then(amount);
    let Some(to_spend) = to_spend.filter(|_| errors.is_empty()) else {
        if errors.is_empty() {
            let help = Some("write `budget: \"40000\"` in the vote, or in the ballot paper".to_owned());
            errors.push(AssetError { message: format!("{}: there is no budget to spend", asset.label), help });
        }
        return Err(errors);
    };
    let instance = Instance::new(projects, to_spend).map_err(|faults| {
        faults.iter().map(|fault| AssetError::new(format!("{}: {fault}", asset.label))).collect::<Vec<_>>()
    })?;
    Ok(BallotPaper { name: written.name, intro: written.intro, currency: written.currency, instance, reasons })
}

/// An amount of money: a whole number, a decimal with a point, or a fraction. A comma may part decimals or thousands,
/// and is refused.
pub fn amount(text: &str) -> Option<Exact> {
    exact::parse(text).filter(|_| !text.contains(','))
}

/// Whether an id can stand in a list that a voter writes.
fn is_id(id: &str) -> bool {
    !id.is_empty() && !id.contains(|character: char| character.is_whitespace() || ",;:=#{}".contains(character))
}

fn published(asset: &Asset) -> Result<Written, AssetError> {
    let projects: Vec<Published> = serde_json::from_str(&asset.text)
        .map_err(|error| AssetError::new(format!("{}: not in the published layout: {error}", asset.label)))?;
    let project = |project: Published| WrittenProject {
        id: Arc::from(project.id.to_string()),
        name: project.name,
        category: project.category,
        dimension: project.dimension,
        cost: project.cost.to_string(),
        description: project.description,
        because: Vec::new(),
    };
    Ok(Written {
        name: Arc::from("published projects"),
        _source: Arc::from(""),
        intro: Arc::from("Public money is to be shared out among projects proposed for the whole country."),
        currency: Arc::from(""),
        budget: None,
        projects: projects.into_iter().map(project).collect(),
    })
}
