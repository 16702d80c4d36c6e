//! The manifest of a run directory: what was run, from what, and whether it is whole.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::RecordError;

/// Version of the run directory's format, `major.minor`: readers accept the same major.
///
/// - 1.0: `manifest.json`, `observations.parquet`, `answers.parquet`, `events.jsonl.zst`, `costs.json`.
/// - 1.1: answers have `distribution`, `tail` and `samples`; runs with language models have `requests.parquet` and the
///   side files `replies.sqlite` and `calls.jsonl`; the manifest holds no settings of how servers are reached.
/// - 1.2: `network_edges.parquet`, `network_nodes.parquet`, observations of scope `network`; runs with several arms or
///   replicates have `effects.parquet`, and rows of arm `shared` for what arms have in common; `requests.parquet` tells
///   how each request was put; `report.html`.
/// - 1.3: `ballots.parquet`, `tallies.parquet` and `.pb` files where there are votes.
/// - 1.4: `platform_events.parquet`, `posts.parquet`, `comments.parquet` and `impressions.parquet` where agents post.
pub const FORMAT_VERSION: &str = "1.4";

/// Name of the manifest in a run directory.
pub const MANIFEST: &str = "manifest.json";

/// Whether a run directory is whole.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum RunStatus {
    /// The run was started. Found in a directory nobody writes to, it means the process was killed: files ending in
    /// `.part` are not whole.
    Running,
    /// The plan was carried out.
    Complete {
        /// Ticks carried out.
        ticks: u32,
    },
    /// The run stopped before its end; every file holds whole ticks up to there.
    Interrupted {
        /// Ticks carried out.
        ticks: u32,
        /// Why it stopped, for people.
        reason: String,
    },
}

/// One input of a run and the digest of its content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InputDigest {
    /// What it is, e.g. `survey wvs7-values`.
    pub name: String,
    /// BLAKE3 of its bytes, in hex.
    pub blake3: String,
}

/// What was run, from what, and whether it is whole.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT_VERSION`] of the writer.
    pub format: String,
    /// Version of the program.
    pub pluriverse: String,
    /// The scenario's name.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// Digest of the resolved scenario and its inputs: two runs of one digest and one seed are the same run.
    pub digest: String,
    /// Whether the directory is whole.
    pub status: RunStatus,
    /// Digests of assets, prompts, reference and recordings.
    pub inputs: Vec<InputDigest>,
    /// The scenario with every default filled in.
    pub resolved: serde_json::Value,
}

impl Manifest {
    /// Reads the manifest of a run directory.
    pub fn read(dir: &Path) -> Result<Self, RecordError> {
        let path = dir.join(MANIFEST);
        let malformed = |reason: String| RecordError::Malformed { path: path.display().to_string(), reason };
        let text = std::fs::read_to_string(&path).map_err(|error| malformed(error.to_string()))?;
        let manifest: Self = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        if manifest.format.split('.').next() != FORMAT_VERSION.split('.').next() {
            return Err(malformed(format!(
                "format {} is not readable by this version, which writes {FORMAT_VERSION}",
                manifest.format
            )));
        }
        Ok(manifest)
    }

    /// Writes the manifest, whole or not at all.
    pub fn write(&self, dir: &Path) -> Result<(), RecordError> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| RecordError::Malformed { path: MANIFEST.to_owned(), reason: error.to_string() })?;
        write_whole(&dir.join(MANIFEST), format!("{text}\n").as_bytes())
    }
}

/// Writes a file under a temporary name and renames it into place.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), RecordError> {
    let temporary = path.with_extension("tmp");
    std::fs::write(&temporary, bytes)
        .and_then(|()| std::fs::rename(&temporary, path))
        .map_err(|source| RecordError::Io { path: path.display().to_string(), source })
}
