//! What a run may use up and what it pays: limits and prices.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use pluriverse_engine::exchange::{Limits, Price};
use serde::{Deserialize, Serialize};

use super::inputs::note;
use crate::file::diagnose::Mistake;
use crate::file::schema::{BackboneSpec, Scenario};
use crate::inputs::asset::{Asset, Kind};
use crate::path;

/// No prices are embedded: they change.
static PRICES: Kind = Kind { word: "prices", embedded: &[] };

/// A table of prices, as users write it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename = "Prices", deny_unknown_fields)]
pub struct Prices {
    /// The currency.
    pub currency: String,
    /// Prices by model, per million tokens.
    pub per_million: BTreeMap<String, PriceSpec>,
}

/// Prices of a model, per million tokens.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceSpec {
    /// Tokens of prompts.
    pub input: f64,
    /// Tokens of prompts that the server had computed before; like `input` where absent.
    #[serde(default)]
    pub cached_input: Option<f64>,
    /// Tokens of replies.
    pub output: f64,
}

impl Prices {
    /// The prices of a model.
    pub fn of(&self, model: &str) -> Option<Price> {
        self.per_million.get(model).map(|spec| Price {
            input: spec.input,
            cached_input: spec.cached_input.unwrap_or(spec.input),
            output: spec.output,
        })
    }
}

/// The limits of a scenario.
pub(super) fn limits(scenario: &Scenario, mistakes: &mut Vec<Mistake>) -> Limits {
    let spec = &scenario.limits;
    let counts = [("requests", spec.requests), ("tokens", spec.tokens)];
    for (name, limit) in counts {
        if let Some(limit) = limit.filter(|limit| *limit < 0) {
            mistakes.push(Mistake::at(path!["limits", name], format!("a limit is a number from 0 on, not {limit}")));
        }
    }
    for (name, limit) in [("money", spec.money), ("wall_time", spec.wall_time)] {
        if let Some(limit) = limit.filter(|limit| !(0.0..=1e12).contains(limit)) {
            mistakes.push(Mistake::at(path!["limits", name], format!("a limit is a number from 0 on, not {limit}")));
        }
    }
    if !(0.0..=1.0).contains(&spec.failure_share) {
        let message = format!("a share lies between 0 and 1, not at {}", spec.failure_share);
        mistakes.push(Mistake::at(path!["limits", "failure_share"], message));
    }
    if spec.money.is_some() && scenario.prices.is_none() {
        mistakes.push(
            Mistake::at(path!["limits", "money"], "money cannot be limited without prices")
                .help("write `prices: \"prices.ron\"`, a table of prices by model"),
        );
    }
    Limits {
        requests: spec.requests.map(|limit| limit.max(0) as u64),
        tokens: spec.tokens.map(|limit| limit.max(0) as u64),
        money: spec.money,
        wall_time: spec.wall_time.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
    }
}

/// The table of prices of a scenario, which must hold every model it pays for.
pub(super) fn prices(scenario: &Scenario, base: &Path, mistakes: &mut Vec<Mistake>) -> Option<Prices> {
    let name = scenario.prices.as_ref()?;
    let table = Asset::find(&PRICES, name, base).and_then(|asset| asset.ron::<Prices>());
    let table = table.map_err(|error| note(error, path!["prices"], mistakes)).ok()?;
    let below = |price: &PriceSpec| {
        [Some(price.input), price.cached_input, Some(price.output)]
            .into_iter()
            .flatten()
            .any(|p| !(0.0..1e9).contains(&p))
    };
    for (model, _) in table.per_million.iter().filter(|(_, price)| below(price)) {
        mistakes.push(Mistake::at(path!["prices"], format!("a price of `{model}` is no amount of money")));
    }
    for (backbone, spec) in &scenario.backbones.0 {
        if let BackboneSpec::OpenAi(spec) = spec
            && table.of(&spec.model).is_none()
        {
            let known = table.per_million.keys().map(String::as_str);
            let message = format!("the table of prices {name} has no price of model `{}`", spec.model);
            mistakes
                .push(Mistake::at(path!["backbones", backbone.as_str(), "model"], message).meant(&spec.model, known));
        }
    }
    Some(table)
}
