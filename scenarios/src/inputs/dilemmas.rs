//! What dilemmas are measured against and made of: human preferences, and recordings in the layout published with
//! arXiv 2605.10843.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pluriverse_worlds::dilemmas::human::{Reliability, read_shares};
use pluriverse_worlds::dilemmas::recording::{self, RecordedScenario, RecordingFault};
use pluriverse_worlds::dilemmas::{HumanAmces, Preferences};

use super::asset::{AMCES, Asset, AssetError};

/// Name of the embedded human preferences.
pub const EMBEDDED: &str = "amce";

/// Human shares that lie beside recordings in the published layout.
const BESIDE: &str = "human_amce.json";

/// Faults of one file that are told one by one.
const TOLD: usize = 20;

/// What people of countries prefer.
pub struct Humans {
    /// Where that was found.
    pub label: String,
    /// Shares by country.
    pub shares: BTreeMap<String, Preferences>,
    /// How far they can be trusted, where that is known.
    pub reliability: BTreeMap<String, Reliability>,
}

impl Humans {
    /// From an asset by name, a file of our format, or a file of shares in the published layout (`.json`).
    pub fn find(name: &str, base: &Path) -> Result<Self, AssetError> {
        let asset = Asset::find(&AMCES, name, base)?;
        if asset.extension() != Some("json") {
            return Ok(Self::of(&amces(&asset)?, asset.label));
        }
        let file = asset.path.as_deref().unwrap_or(base).display();
        let shares = read_shares(&asset.text).map_err(|fault| AssetError::new(format!("{file}: {fault}")))?;
        // Shares come without errors: how far they can be trusted is taken from our own figures of the same people.
        let known = Self::find(EMBEDDED, base)?;
        Ok(Self { label: asset.label, shares, reliability: known.reliability })
    }

    fn of(amces: &HumanAmces, label: String) -> Self {
        let named = |country: &pluriverse_worlds::dilemmas::human::CountryAmce| country.code.to_string();
        Self {
            label,
            shares: amces.countries.iter().map(|country| (named(country), country.preferences())).collect(),
            reliability: amces.countries.iter().map(|country| (named(country), country.reliability)).collect(),
        }
    }

    /// Whether a country's figures rest on too few people.
    pub fn unreliable(&self, country: &str) -> bool {
        self.reliability.get(country) == Some(&Reliability::Unreliable)
    }
}

/// Human preferences as an asset.
pub fn amces(asset: &Asset) -> Result<HumanAmces, AssetError> {
    let amces: HumanAmces = asset.ron()?;
    amces.check().map_err(|fault| AssetError::new(format!("{}: {fault}", asset.label)))?;
    if amces.countries.is_empty() {
        Err(AssetError::new(format!("{} lists no country", asset.label)))
    } else {
        Ok(amces)
    }
}

/// The scenarios one model was recorded on.
pub struct RecordedModel {
    /// The file's name without its ending.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// Its rows, in its order.
    pub rows: Vec<RecordedScenario>,
}

/// Every recording of a folder, by name, or the one file that is named.
pub fn recordings(at: &Path, models: &[String]) -> Result<Vec<RecordedModel>, Vec<AssetError>> {
    let one = |error: AssetError| vec![error];
    let files = files(at).map_err(one)?;
    let name = |file: &Path| file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let known: Vec<String> = files.iter().map(|file| name(file)).collect();
    if let Some(wanted) = models.iter().find(|model| !known.contains(model)) {
        let help = crate::file::diagnose::suggestion(wanted, known.iter().map(String::as_str));
        return Err(one(AssetError { message: format!("there is no recording `{wanted}`"), help: Some(help) }));
    }
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for file in files.into_iter().filter(|file| models.is_empty() || models.contains(&name(file))) {
        match read(&file) {
            Ok(rows) => found.push(RecordedModel { name: name(&file), file, rows }),
            Err(faults) => errors.extend(faults),
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

/// Where the human shares of recordings lie, if they lie beside them.
pub fn beside(at: &Path) -> Option<PathBuf> {
    let folder = if at.is_dir() { at } else { at.parent()? };
    let file = folder.join(BESIDE);
    file.is_file().then_some(file)
}

fn files(at: &Path) -> Result<Vec<PathBuf>, AssetError> {
    if at.is_file() {
        return Ok(vec![at.to_owned()]);
    }
    let unreadable = |error: std::io::Error| AssetError::new(format!("cannot read {}: {error}", at.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(at).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(AssetError {
            message: format!("{} holds no recording of dilemmas", at.display()),
            help: Some("each model is a .csv of one row a country and scenario".to_owned()),
        });
    }
    Ok(files)
}

fn read(file: &Path) -> Result<Vec<RecordedScenario>, Vec<AssetError>> {
    let told = |what: &dyn std::fmt::Display| AssetError::new(format!("{}: {what}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| vec![told(&error)])?;
    let faults = match recording::read(&text) {
        Ok(rows) if rows.is_empty() => return Err(vec![told(&"no scenario is recorded in it")]),
        Ok(rows) => return Ok(rows),
        Err(faults) => faults,
    };
    let mut errors: Vec<AssetError> = faults.iter().take(TOLD).map(|fault| told(&message(fault))).collect();
    if faults.len() > TOLD {
        errors.push(told(&format!("{} more cells cannot be read", faults.len() - TOLD)));
    }
    Err(errors)
}

fn message(fault: &RecordingFault) -> String {
    match fault {
        RecordingFault::MissingColumn { column } => format!("line 1: there is no column `{column}`"),
        RecordingFault::Cell { line, column, found, expected } => {
            format!("line {line}, column {column}: `{found}` is not {expected}")
        }
    }
}
