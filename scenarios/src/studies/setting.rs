//! What a study is made with: survey, human reference and cultures, and which cultures of a folder of recordings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_worlds::culture::Cultures;
use pluriverse_worlds::survey::{Coding, Reference, ReferenceSheet, Statistic, Survey};

use crate::file::schema::Items;
use crate::inputs::asset::{self, Asset, AssetError, CULTURES, REFERENCES, SURVEYS};
use crate::inputs::recordings::Index;
use crate::inputs::{reference, survey};

/// Survey, reference and cultures a study is made with.
pub struct Setting {
    /// The items.
    pub survey: Survey,
    /// The human reference.
    pub reference: Reference,
    /// The cultures.
    pub cultures: Cultures,
    /// Digests of the three.
    pub digests: Vec<InputDigest>,
}

impl Setting {
    /// The embedded assets, with the items of the published set.
    pub fn embedded() -> Result<Self, AssetError> {
        Self::of("wvs7-values", &Items::Paper, "wvs7", "countries", Path::new(""))
    }

    /// Assets by name or path, paths relative to `base`.
    pub fn of(survey: &str, items: &Items, figures: &str, cultures: &str, base: &Path) -> Result<Self, AssetError> {
        let figures = Asset::find(&REFERENCES, figures, base)?;
        let survey = Asset::find(&SURVEYS, survey, base)?;
        let cultures = Asset::find(&CULTURES, cultures, base)?;
        let reference = reference::reference(&figures)?;
        Ok(Self {
            survey: survey::survey(&survey, &reference)?.filtered(|item| match items {
                Items::Paper => item.paper,
                Items::All => true,
                Items::Only(ids) => ids.iter().any(|id| **id == *item.id),
            }),
            reference,
            digests: [&figures, &survey, &cultures].map(Asset::digest).to_vec(),
            cultures: asset::cultures(&cultures)?,
        })
    }

    /// The reference sheets by culture code.
    pub fn sheets(&self, statistic: Statistic, coding: Coding) -> BTreeMap<Arc<str>, ReferenceSheet> {
        let sheet = |code: &Arc<str>| (code.clone(), self.reference.sheet(code, &self.survey, statistic, coding));
        self.reference.cultures().map(sheet).collect()
    }
}

/// The cultures asked for, or those all models have in round 0.
pub fn choose_cultures(
    asked: &[String],
    index: &Index,
    setting: &Setting,
) -> Result<BTreeSet<Arc<str>>, Vec<AssetError>> {
    let unknown: Vec<AssetError> = asked
        .iter()
        .filter(|code| !setting.reference.has_culture(code))
        .map(|code| AssetError::new(format!("there is no reference data for culture `{code}`")))
        .collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let different: BTreeSet<&String> = asked.iter().collect();
    if different.len() == 1 {
        return Err(vec![AssetError::new("one culture makes no society: give at least two, joined by commas")]);
    }
    if !asked.is_empty() {
        return Ok(asked.iter().map(|code| Arc::from(code.as_str())).collect());
    }
    let common = index
        .models()
        .into_iter()
        .map(|model| index.cultures(model, 0))
        .reduce(|common, more| common.intersection(&more).copied().collect())
        .unwrap_or_default();
    if common.len() < 2 {
        return Err(vec![AssetError::new(
            "the backbones have fewer than two recorded cultures in common; choose with --cultures",
        )]);
    }
    Ok(common.into_iter().map(Arc::from).collect())
}
