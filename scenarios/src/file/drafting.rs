//! A drafting phase as a user writes it.

use pluriverse_worlds::drafting::{Choosing, Method, SurrogateDrafts};
use serde::{Deserialize, Serialize};

/// Replies to everyday prompts, drafted by several methods and judged.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftSpec {
    /// The everyday prompts: the embedded ones or a path.
    #[serde(default = "everyday")]
    pub prompts: String,
    /// Only these of them, by id; all where empty.
    #[serde(default)]
    pub only: Vec<String>,
    /// How sets are made.
    #[serde(default = "methods")]
    pub methods: Vec<Method>,
    /// Candidates a set.
    #[serde(default = "four")]
    pub size: i64,
    /// Sets of each method, prompt and agent.
    #[serde(default = "two")]
    pub sets: i64,
    /// Who drafts under `Backbones`: as many as candidates.
    #[serde(default)]
    pub backbones: Vec<String>,
    /// The backbone that judges texts.
    #[serde(default)]
    pub judge: Option<String>,
    /// What the judge is tried on.
    #[serde(default)]
    pub labelled: Labelled,
    /// Whether agents choose one draft of every set.
    #[serde(default)]
    pub choosing: Choosing,
    /// How agents without words draft, and how those drafts are judged.
    #[serde(default)]
    pub surrogate: SurrogateDrafts,
    /// A table of people's scores on both axes, for alignment rates.
    #[serde(default)]
    pub humans: Option<String>,
}

/// What a judge of texts is tried on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Labelled {
    /// The contrasts of the prompts, each against its anchor.
    #[default]
    Contrasts,
    /// Pairs of a file.
    File(String),
    /// Nothing: how far to trust the judge stays unknown.
    Nothing,
}

fn everyday() -> String {
    "everyday".to_owned()
}
fn methods() -> Vec<Method> {
    vec![Method::Independent, Method::Nc]
}
fn four() -> i64 {
    4
}
fn two() -> i64 {
    2
}
