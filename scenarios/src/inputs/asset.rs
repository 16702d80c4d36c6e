//! Embedded assets, each replaceable by a path.

use std::path::{Path, PathBuf};

use pluriverse_agents::kinds::surrogate::model::Presets;
use pluriverse_agents::prompt::PromptTemplates;
use pluriverse_agents::voting::VotePromptTemplates;
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_worlds::culture::Cultures;
use serde::de::DeserializeOwned;

use crate::file::diagnose::suggestion;
use crate::file::read::dialect;

/// A kind of asset: what it is called and what of it is embedded.
pub struct Kind {
    /// What it is called in messages.
    pub word: &'static str,
    /// Names and contents of the embedded ones.
    pub embedded: &'static [(&'static str, &'static str)],
}

/// Surveys.
pub static SURVEYS: Kind =
    Kind { word: "survey", embedded: &[("wvs7-values", include_str!("../../../assets/surveys/wvs7-values.ron"))] };

/// Human references.
pub static REFERENCES: Kind =
    Kind { word: "reference", embedded: &[("wvs7", include_str!("../../../assets/reference/wvs7.shares"))] };

/// Lists of cultures.
pub static CULTURES: Kind =
    Kind { word: "cultures", embedded: &[("countries", include_str!("../../../assets/cultures.ron"))] };

/// Prompt templates.
pub static PROMPTS: Kind =
    Kind { word: "prompts", embedded: &[("survey", include_str!("../../../assets/prompts/survey.ron"))] };

/// Surrogate presets.
pub static PRESETS: Kind = Kind {
    word: "presets",
    embedded: &[("recorded-backbones", include_str!("../../../assets/presets/recorded-backbones.ron"))],
};

/// Ballot papers.
pub static BALLOTS: Kind = Kind {
    word: "ballot",
    embedded: &[("national-priorities", include_str!("../../../assets/ballots/national-priorities.ron"))],
};

/// Prompt templates of votes.
pub static VOTE_PROMPTS: Kind =
    Kind { word: "vote prompts", embedded: &[("vote", include_str!("../../../assets/prompts/vote.ron"))] };

/// Prompt templates of posting.
pub static POST_PROMPTS: Kind =
    Kind { word: "post prompts", embedded: &[("post", include_str!("../../../assets/prompts/post.ron"))] };

/// Prompt templates of dilemmas.
pub static DILEMMA_PROMPTS: Kind =
    Kind { word: "dilemma prompts", embedded: &[("dilemmas", include_str!("../../../assets/prompts/dilemmas.ron"))] };

/// Human preferences in dilemmas.
pub static AMCES: Kind =
    Kind { word: "human preferences", embedded: &[("amce", include_str!("../../../assets/reference/amce.ron"))] };

/// Grammars by which agents without a language model speak.
pub static GRAMMARS: Kind =
    Kind { word: "grammar", embedded: &[("talk", include_str!("../../../assets/grammars/talk.ron"))] };

/// Value dimensions of profiles.
pub static DIMENSIONS: Kind =
    Kind { word: "dimensions", embedded: &[("ten-values", include_str!("../../../assets/dimensions.ron"))] };

/// Templates that put profiles into words.
pub static PROFILE_PROMPTS: Kind =
    Kind { word: "profile prompts", embedded: &[("profile", include_str!("../../../assets/prompts/profile.ron"))] };

/// Figures of the Inglehart–Welzel plane.
pub static PLANES: Kind =
    Kind { word: "plane", embedded: &[("plane", include_str!("../../../assets/reference/plane.ron"))] };

/// The text of an asset and where it came from.
pub struct Asset {
    /// What it is, for the manifest and messages.
    pub label: String,
    /// Its text.
    pub text: String,
    /// Its file, where it is one.
    pub path: Option<PathBuf>,
}

impl Asset {
    /// The asset of this name, or the file at this path (relative to `base`).
    pub fn find(kind: &Kind, name: &str, base: &Path) -> Result<Self, AssetError> {
        if let Some((_, text)) = kind.embedded.iter().find(|(embedded, _)| *embedded == name) {
            return Ok(Self { label: format!("{} {name}", kind.word), text: (*text).to_owned(), path: None });
        }
        let path = base.join(name);
        if !name.contains(['/', '\\', '.']) && !path.exists() {
            return Err(AssetError {
                message: format!("there is no {} `{name}`", kind.word),
                help: Some(format!(
                    "{}; or give a path",
                    suggestion(name, kind.embedded.iter().map(|(name, _)| *name))
                )),
            });
        }
        let text = std::fs::read_to_string(&path).map_err(|error| AssetError {
            message: format!("cannot read {} {}: {error}", kind.word, path.display()),
            help: Some("paths are relative to the scenario file".to_owned()),
        })?;
        Ok(Self { label: format!("{} {name}", kind.word), text, path: Some(path) })
    }

    /// Name and digest of the content.
    pub fn digest(&self) -> InputDigest {
        InputDigest { name: self.label.clone(), blake3: blake3::hash(self.text.as_bytes()).to_hex().to_string() }
    }

    /// The asset read as RON.
    pub fn ron<T: DeserializeOwned>(&self) -> Result<T, AssetError> {
        dialect()
            .from_str(&self.text)
            .map_err(|error| AssetError { message: format!("{}, {error}", self.label), help: None })
    }

    /// The asset's file extension, where it is a file.
    pub fn extension(&self) -> Option<&str> {
        self.path.as_ref()?.extension()?.to_str()
    }
}

/// An asset that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct AssetError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl AssetError {
    /// An error without a suggestion.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }
}

/// The cultures of a scenario.
pub fn cultures(asset: &Asset) -> Result<Cultures, AssetError> {
    let cultures: Cultures = asset.ron()?;
    let mut codes: Vec<&str> = cultures.codes().collect();
    codes.sort_unstable();
    match codes.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(AssetError::new(format!("{}: culture {} is listed twice", asset.label, pair[0]))),
        None if codes.iter().any(|code| code.trim().is_empty()) => {
            Err(AssetError::new(format!("{}: a culture has no code", asset.label)))
        }
        None if codes.is_empty() => Err(AssetError::new(format!("{} lists no culture", asset.label))),
        None => Ok(cultures),
    }
}

/// The prompt templates of a scenario.
pub fn prompts(asset: &Asset) -> Result<PromptTemplates, AssetError> {
    asset.ron()
}

/// The prompt templates of a scenario's votes.
pub fn vote_prompts(asset: &Asset) -> Result<VotePromptTemplates, AssetError> {
    asset.ron()
}

/// The surrogate presets of a scenario.
pub fn presets(asset: &Asset) -> Result<Presets, AssetError> {
    let presets: Presets = asset.ron()?;
    match presets.presets.iter().find_map(|(name, parameters)| Some((name, parameters.problem()?))) {
        Some((name, problem)) => Err(AssetError::new(format!("{}: preset `{name}`: {problem}", asset.label))),
        None => Ok(presets),
    }
}
