//! Published shapes of a posting platform's data, read and written:
//!
//! ```text
//! Observatory  data/{agents,posts,comments,submolts}/YYYY-MM-DD.parquet          daily dumps; or {table}.parquet
//! API          posts_all.jsonl, comments_all.jsonl, agents_seen.jsonl, submolts.jsonl
//! survey       wvs_evaluation[_interaction[_round{r}]]/{model}_{CULTURE}_system.jsonl      written only
//! ```
//!
//! The first is that of the Moltbook Observatory Archive (SimulaMet/moltbook-observatory-archive), the second that of
//! crawls of the API (jscmp4/Moltbook), the third that of the recordings which `inputs::recordings` reads.

use std::fs::{DirBuilder, File, OpenOptions};
use std::path::{Path, PathBuf};

pub use check::{Problem, ProblemKind};
pub use error::ShapeError;
pub use record::{AgentRecord, CommentRecord, PlatformRecord, PostRecord, SubmoltRecord};

pub mod api;
mod cell;
mod check;
mod error;
pub mod observatory;
mod record;
pub mod survey;
pub mod time;

#[cfg(test)]
mod tests;

/// A shape that a folder's data can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Parquet tables of the Observatory.
    Observatory,
    /// JSON lines as the API words them.
    Api,
}

/// Which fields are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fields {
    /// Those of the published shape and no others.
    Published,
    /// Also `culture`, behind the others, of agents, posts and comments.
    WithCulture,
}

/// The shape of a folder's data, told by the names of its files.
///
/// # Errors
/// Where the folder cannot be listed, or holds neither shape or both; the error says what was looked for.
pub fn shape_of(folder: &Path) -> Result<Shape, ShapeError> {
    let told = |reason: String| ShapeError::Unrecognised { folder: folder.display().to_string(), reason };
    std::fs::read_dir(folder).map_err(|error| ShapeError::io(folder, &error))?;
    match (observatory::holds(folder)?, api::holds(folder)) {
        (true, false) => Ok(Shape::Observatory),
        (false, true) => Ok(Shape::Api),
        (true, true) => Err(told("holds both Observatory tables and API lines: give them a folder each".to_owned())),
        (false, false) => Err(told(format!(
            "holds no data of a known shape: looked for Observatory tables ({}) and for API lines ({})",
            observatory::LOOKED_FOR,
            api::LOOKED_FOR
        ))),
    }
}

/// Reads a folder of either shape. Posts and comments must be there; agents and communities may be missing, and stay
/// empty then. Rows that do not fit together are no errors: see [`PlatformRecord::check`].
///
/// # Errors
/// Every mistake of every file at once; faulty values are counted, with the first of them.
pub fn read(folder: &Path) -> Result<PlatformRecord, Vec<ShapeError>> {
    match shape_of(folder).map_err(|error| vec![error])? {
        Shape::Observatory => observatory::read(folder),
        Shape::Api => api::read(folder),
    }
}

/// Refuses to go on where any of these files is there already.
fn unoccupied(paths: &[PathBuf]) -> Result<(), Vec<ShapeError>> {
    let there = paths.iter().filter(|path| path.exists());
    let errors: Vec<_> = there.map(|path| ShapeError::Occupied { file: path.display().to_string() }).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// A new file, and the folders above it.
fn create(path: &Path) -> Result<File, ShapeError> {
    let folder = path.parent().unwrap_or(path);
    DirBuilder::new().recursive(true).create(folder).map_err(|error| ShapeError::io(folder, &error))?;
    OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| ShapeError::io(path, &error))
}
