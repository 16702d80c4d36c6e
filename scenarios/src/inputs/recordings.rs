//! A folder of recordings in the published layout:
//!
//! ```text
//! wvs_evaluation/{model}_{CULTURE}_system.jsonl                       round 0
//! wvs_evaluation_interaction/{model}_{CULTURE}_system.jsonl           round 1
//! wvs_evaluation_interaction_round{k}/{model}_{CULTURE}_system.jsonl  round k
//! wvs_pb_evaluation/{model}_{CULTURE}.jsonl                           ballots
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pluriverse_agents::kinds::recorded::{RecordedBallots, RecordedRound, Recording, RecordingError};

use super::asset::AssetError;
use crate::file::diagnose::suggestion;

/// The files of a folder of recordings, found by name and not yet read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Index {
    root: PathBuf,
    /// Files by model, round and culture.
    files: BTreeMap<(String, u32, String), PathBuf>,
    /// Files of ballots by model and culture.
    ballots: BTreeMap<(String, String), PathBuf>,
}

const ROUND_ZERO: &str = "wvs_evaluation";
const INTERACTION: &str = "wvs_evaluation_interaction";
const BALLOTS: &str = "wvs_pb_evaluation";

/// The folder of a round.
pub(crate) fn folder(round: u32) -> String {
    match round {
        0 => ROUND_ZERO.to_owned(),
        1 => INTERACTION.to_owned(),
        round => format!("{INTERACTION}_round{round}"),
    }
}

/// The round of a folder.
fn round(name: &str) -> Option<u32> {
    match name {
        ROUND_ZERO => Some(0),
        INTERACTION => Some(1),
        other => {
            let round = other.strip_prefix(INTERACTION)?.strip_prefix("_round")?.parse().ok()?;
            // One name a round: `_round1` or `_round02` would be read in the order the folder happens to list them.
            (round > 1 && folder(round) == other).then_some(round)
        }
    }
}

impl Index {
    /// Looks through a folder of recordings.
    pub fn of(root: &Path) -> Result<Self, AssetError> {
        let cannot = |path: &Path, error: std::io::Error| {
            AssetError::new(format!("cannot read recordings in {}: {error}", path.display()))
        };
        let mut files = BTreeMap::new();
        let mut ballots = BTreeMap::new();
        for entry in std::fs::read_dir(root).map_err(|error| cannot(root, error))? {
            let path = entry.map_err(|error| cannot(root, error))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let round = round(name);
            if round.is_none() && name != BALLOTS {
                continue;
            }
            for file in std::fs::read_dir(&path).map_err(|error| cannot(&path, error))? {
                let file = file.map_err(|error| cannot(&path, error))?.path();
                let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                let suffix = if round.is_some() { "_system.jsonl" } else { ".jsonl" };
                let Some((model, culture)) = name.strip_suffix(suffix).and_then(|stem| stem.rsplit_once('_')) else {
                    continue;
                };
                match round {
                    Some(round) => files.insert((model.to_owned(), round, culture.to_owned()), file),
                    None => ballots.insert((model.to_owned(), culture.to_owned()), file),
                };
            }
        }
        if files.is_empty() {
            return Err(AssetError {
                message: format!("{} holds no recordings", root.display()),
                help: Some(format!("expected {ROUND_ZERO}/MODEL_CULTURE_system.jsonl and the like below it")),
            });
        }
        Ok(Self { root: root.to_owned(), files, ballots })
    }

    /// The models with any recording.
    pub fn models(&self) -> BTreeSet<&str> {
        self.files.keys().map(|(model, ..)| model.as_str()).collect()
    }

    /// The rounds recorded of a model.
    pub fn rounds(&self, model: &str) -> BTreeSet<u32> {
        self.files.keys().filter(|(recorded, ..)| recorded == model).map(|(_, round, _)| *round).collect()
    }

    /// The cultures recorded of a model in a round.
    pub fn cultures(&self, model: &str, round: u32) -> BTreeSet<&str> {
        self.files
            .keys()
            .filter(|(recorded, at, _)| recorded == model && *at == round)
            .map(|(.., culture)| culture.as_str())
            .collect()
    }

    /// Reads the files of a model for these cultures and rounds. A file that is not there is no error here: what is
    /// asked of it becomes a typed failure that names it.
    pub fn read(
        &self,
        model: &str,
        cultures: &BTreeSet<Arc<str>>,
        rounds: &BTreeSet<u32>,
    ) -> Result<Recording, Vec<AssetError>> {
        if !self.models().contains(model) {
            return Err(vec![AssetError {
                message: format!("{} holds no recordings of `{model}`", self.root.display()),
                help: Some(suggestion(model, self.models())),
            }]);
        }
        let mut errors = Vec::new();
        let mut recording = Recording { model: Arc::from(model), ..Recording::default() };
        for &round in rounds {
            for culture in cultures {
                let key = (model.to_owned(), round, culture.to_string());
                let recorded = match self.files.get(&key) {
                    // An empty round whose file name says what would have to be there.
                    None => RecordedRound {
                        file: Arc::from(format!(
                            "{}/{model}_{culture}_system.jsonl (which does not exist)",
                            folder(round)
                        )),
                        replies: BTreeMap::new(),
                    },
                    Some(path) => match read_file(path, &self.root, RecordedRound::parse) {
                        Ok(recorded) => recorded,
                        Err(error) => {
                            errors.push(error);
                            continue;
                        }
                    },
                };
                recording.rounds.insert((culture.clone(), round), recorded);
            }
        }
        if errors.is_empty() { Ok(recording) } else { Err(errors) }
    }

    /// Reads the ballots of a model for these cultures. A file that is not there becomes ballots that are not recorded.
    pub fn read_ballots(
        &self,
        model: &str,
        cultures: &BTreeSet<Arc<str>>,
    ) -> Result<BTreeMap<Arc<str>, RecordedBallots>, Vec<AssetError>> {
        let mut errors = Vec::new();
        let mut recorded = BTreeMap::new();
        for culture in cultures {
            let missing = || RecordedBallots {
                file: Arc::from(format!("{BALLOTS}/{model}_{culture}.jsonl (which does not exist)")),
                ..RecordedBallots::default()
            };
            let found = self.ballots.get(&(model.to_owned(), culture.to_string()));
            match found.map_or_else(|| Ok(missing()), |path| read_file(path, &self.root, RecordedBallots::parse)) {
                Ok(ballots) => {
                    recorded.insert(culture.clone(), ballots);
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(recorded) } else { Err(errors) }
    }
}

fn read_file<T>(
    path: &Path,
    root: &Path,
    parse: impl Fn(&str, &str) -> Result<T, RecordingError>,
) -> Result<T, AssetError> {
    let content = std::fs::read_to_string(path)
        .map_err(|error| AssetError::new(format!("cannot read recording {}: {error}", path.display())))?;
    // Named below the folder, so that what is written of it does not depend on where the folder lies.
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    parse(&name, &content).map_err(|error| AssetError::new(error.to_string()))
}
