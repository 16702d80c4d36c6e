//! From a name or a path to a scenario ready to run, or to its mistakes.

use std::path::{Path, PathBuf};

use crate::catalog;
use crate::file::diagnose::{Mistake, Mistakes, suggestion};
use crate::file::overrides;
use crate::file::read::read;
use crate::file::schema::{BackboneSpec, Scenario};
use crate::resolve::{Resolved, resolve};

/// What to load and what to change about it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Request {
    /// Name of a catalogue scenario, or path of a file.
    pub scenario: String,
    /// The seed to use instead of the file's.
    pub seed: Option<u64>,
    /// Overrides, `key=value`.
    pub set: Vec<String>,
    /// Folder of recordings that replaces every surrogate by the recorded backbone of its preset's name.
    pub recordings: Option<PathBuf>,
}

/// Why there is nothing to run.
#[derive(Debug)]
pub enum LoadError {
    /// There is no such scenario, or an override does not apply.
    Unusable(String),
    /// The scenario has mistakes.
    Mistaken(Mistakes),
}

impl LoadError {
    /// The error as people read it.
    pub fn render(&self) -> String {
        match self {
            Self::Unusable(message) => format!("error: {message}"),
            Self::Mistaken(mistakes) => mistakes.render(),
        }
    }
}

/// Loads a scenario.
pub fn load(request: &Request) -> Result<Resolved, LoadError> {
    let (file, mut text, base) = find(&request.scenario)?;
    for setting in &request.set {
        text = overrides::apply(&text, setting).map_err(LoadError::Unusable)?;
    }
    if let Some(seed) = request.seed {
        text = overrides::apply(&text, &format!("seed={seed}")).map_err(LoadError::Unusable)?;
    }
    let reading = read(&text);
    let mut mistakes = reading.mistakes;
    let resolved = reading.scenario.and_then(|mut scenario| {
        if let Some(folder) = &request.recordings {
            swap_recordings(&mut scenario, folder);
        }
        let own = |mistake: &Mistake| {
            let fields = &reading.mistaken;
            mistake.unless_mistaken.is_none_or(|field| fields.iter().all(|mistaken| mistaken != field))
        };
        resolve(scenario, &base).map_err(|found| mistakes.extend(found.into_iter().filter(own))).ok()
    });
    match resolved {
        Some(resolved) if mistakes.is_empty() => Ok(resolved),
        _ => Err(LoadError::Mistaken(Mistakes { file, text, readable: reading.readable, mistakes })),
    }
}

/// Name, text and folder of a scenario.
fn find(name: &str) -> Result<(String, String, PathBuf), LoadError> {
    let path = Path::new(name);
    if path.is_dir() {
        return Err(LoadError::Unusable(format!("{name} is a folder; name a .ron file in it")));
    }
    if path.is_file() {
        let text = std::fs::read_to_string(path)
            .map_err(|error| LoadError::Unusable(format!("cannot read {name}: {error}")))?;
        // Some editors begin a file with an invisible mark.
        let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
        if text.trim().is_empty() {
            return Err(LoadError::Unusable(format!(
                "{name} is empty; `pluriverse check quickstart` shows a scenario"
            )));
        }
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        return Ok((name.to_owned(), text, base));
    }
    match catalog::by_name(name) {
        Some(text) => Ok((format!("{name}.ron"), text.to_owned(), PathBuf::new())),
        None => Err(LoadError::Unusable(format!(
            "there is no file and no catalogue scenario `{name}`; {}",
            suggestion(name, catalog::SCENARIOS.iter().map(|(name, _)| *name))
        ))),
    }
}

/// Replaces every surrogate by the recorded backbone of its preset's name.
fn swap_recordings(scenario: &mut Scenario, folder: &Path) {
    // Absolute, because paths in a scenario are relative to its file and this one is relative to the caller.
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    for (_, backbone) in &mut scenario.backbones.0 {
        if let BackboneSpec::Surrogate { preset } = backbone {
            *backbone = BackboneSpec::Recorded { path: folder.display().to_string(), model: std::mem::take(preset) };
        }
    }
}
