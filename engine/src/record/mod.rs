//! The recorder: what a run leaves behind, tick by tick.

use crate::effect::Effect;
use crate::journal::Event;
use crate::observation::Observation;
use crate::simulation::Branch;
use crate::tick::PlannedTick;

pub mod claim;
pub mod directory;
pub mod document;
pub mod effects;
pub mod manifest;
pub mod observations;
pub mod read;
pub mod table;

use document::Document;
use table::Rows;

/// What one society produced in one tick.
#[derive(Debug)]
pub struct TickRecord {
    /// Which society, arm and replicate.
    pub branch: Branch,
    /// The tick.
    pub tick: u32,
    /// What the tick was for.
    pub now: PlannedTick,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What observers measured, in order.
    pub observations: Vec<Observation>,
    /// Rows of the worlds' own tables.
    pub tables: Vec<Rows>,
    /// Files of text.
    pub documents: Vec<Document>,
}

/// Takes in what a run produces. Calls come in the order ticks and societies were carried out.
pub trait Recorder {
    /// One society's part of a tick.
    fn append(&mut self, record: TickRecord) -> Result<(), RecordError>;

    /// What comparing the arms after a tick comes to.
    fn append_effects(&mut self, tick: u32, now: &PlannedTick, effects: Vec<Effect>) -> Result<(), RecordError>;

    /// All societies' parts of this tick are in.
    fn end_tick(&mut self, tick: u32) -> Result<(), RecordError>;
}

/// What could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file system said no.
    #[error("cannot write {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A table could not be encoded or decoded.
    #[error("cannot write or read table {table}: {source}")]
    Table {
        /// The table.
        table: String,
        /// What the encoder said.
        source: parquet::errors::ParquetError,
    },
    /// A file of a run directory is not what it should be.
    #[error("{path} is not usable: {reason}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}
