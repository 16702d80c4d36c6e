//! From a name or a path to a scenario ready to run, or to its mistakes.

use std::path::{Path, PathBuf};

use pluriverse_engine::record::manifest::Manifest;

use crate::catalog;
use crate::file::diagnose::{Mistake, Mistakes, suggestion};
use crate::file::overrides;
use crate::file::read::read;
use crate::file::schema::{BackboneSpec, Scenario};
use crate::resolve::{Asking, Resolved, is_variable, resolve};

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
    /// Table of prices to use instead of the file's.
    pub prices: Option<PathBuf>,
    /// Whom the scenario is to ask.
    pub asking: Asking,
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
        if let Some(file) = &request.prices {
            // Absolute, like the recordings below.
            scenario.prices = Some(std::path::absolute(file).unwrap_or_else(|_| file.clone()).display().to_string());
        }
        let own = |mistake: &Mistake| {
            let fields = &reading.mistaken;
            mistake.unless_mistaken.is_none_or(|field| fields.iter().all(|mistaken| mistaken != field))
        };
        resolve(scenario, &base, request.asking).map_err(|found| mistakes.extend(found.into_iter().filter(own))).ok()
    });
    match resolved {
        Some(resolved) if mistakes.is_empty() => Ok(resolved),
        _ => {
            let (text, readable) = (without_secrets(&text), without_secrets(&reading.readable));
            Err(LoadError::Mistaken(Mistakes { file, text, readable, mistakes }))
        }
    }
}

/// A run directory's manifest and its scenario, resolved again to ask nobody, from the very inputs it was made from.
/// `base` is the folder its relative paths start from.
pub fn load_run(directory: &Path, base: &Path) -> Result<(Manifest, Resolved), LoadError> {
    let unusable = |message: String| LoadError::Unusable(message);
    let manifest = Manifest::read(directory).map_err(|error| unusable(error.to_string()))?;
    let scenario = of_manifest(&manifest).map_err(unusable)?;
    let resolved = resolve(scenario, base, Asking::Nobody).map_err(|mistakes| {
        let list: Vec<&str> = mistakes.iter().map(|mistake| mistake.message.as_str()).collect();
        unusable(format!("{}; --base names the folder that the run's relative paths start from", list.join("; ")))
    })?;
    if let Some(changed) = resolved.inputs.iter().find(|input| !manifest.inputs.contains(input)) {
        return Err(unusable(format!("{} is not what the run was made with", changed.name)));
    }
    if resolved.digest() != manifest.digest {
        return Err(unusable("this version of the program makes another run of the same scenario".to_owned()));
    }
    Ok((manifest, resolved))
}

/// The scenario a run directory was made from.
pub fn of_manifest(manifest: &Manifest) -> Result<Scenario, String> {
    let mut resolved = manifest.resolved.clone();
    if let Some(fields) = resolved.as_object_mut() {
        // What format 1.0 called `limits.failure_share`; no part of what a run is.
        fields.remove("max_missing");
    }
    serde_json::from_value(resolved).map_err(|error| format!("the manifest's scenario cannot be read: {error}"))
}

/// The text with what may be a secret starred out, byte for byte: diagnostics show source lines. Secrets are in web
/// addresses, and where somebody wrote a key in place of the name of its variable.
fn without_secrets(text: &str) -> String {
    let mut shown = text.to_owned();
    for (start, word) in text.match_indices("key") {
        let after = &text[start + word.len()..];
        let value = after.trim_start_matches(['"', ' ', ':', '\t', '\n', '\r']);
        let from = text.len() - value.len();
        let end = from + value.find(['"', ',', '\n', ')']).unwrap_or(value.len());
        let colon = after.trim_start_matches(['"', ' ']).starts_with(':');
        // Only texts: brackets decide where the mistakes are.
        if colon && text[..from].ends_with('"') && !is_variable(&text[from..end]) {
            shown.replace_range(from..end, &"*".repeat(end - from));
        }
    }
    for (start, _) in text.match_indices("://") {
        let from = start + "://".len();
        let end = from + text[from..].find(['"', '\n']).unwrap_or(text.len() - from);
        let address = &text[from..end];
        let host = address.find('/').unwrap_or(address.len());
        let mut hide = |range: std::ops::Range<usize>| {
            let stars = "*".repeat(range.len());
            shown.replace_range(range, &stars);
        };
        if let Some(at) = address[..host].rfind('@') {
            hide(from..from + at);
        }
        if let Some(query) = address.find(['?', '#']) {
            hide(from + query + 1..end);
        }
    }
    shown
}

/// Name, text and folder of a scenario.
fn find(name: &str) -> Result<(String, String, PathBuf), LoadError> {
    let path = Path::new(name);
    // A folder that happens to be called like a scenario of the catalogue is not what was meant.
    if path.is_dir() && catalog::by_name(name).is_none() {
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
        if let BackboneSpec::Surrogate { preset, .. } = backbone {
            *backbone = BackboneSpec::Recorded { path: folder.display().to_string(), model: std::mem::take(preset) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_addresses_are_starred_out_and_nothing_else_moves() {
        let text = "a: \"https://me:pw@host/v1?key=s\", // see https://host/é\nb: \"http://h/v1\"";
        let shown = without_secrets(text);
        assert_eq!(shown, "a: \"https://*****@host/v1?*****\", // see https://host/é\nb: \"http://h/v1\"");
        assert_eq!(shown.len(), text.len());
        let keys = "key: \"sk-1é\", key_header: \"x\", \"key\": \"MY_KEY\", monkey: (";
        assert_eq!(without_secrets(keys), "key: \"******\", key_header: \"x\", \"key\": \"MY_KEY\", monkey: (");
    }
}
