//! The run directory: the recorder that writes files.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::claim::Claim;
use super::effects::{self, EFFECTS};
use super::manifest::{MANIFEST, Manifest, RunStatus, write_whole};
use super::observations::{self, OBSERVATIONS};
use super::table::{TableSpec, TableWriter};
use super::{RecordError, Recorder, TickRecord};
use crate::effect::Effect;
use crate::journal::Event;
use crate::tick::PlannedTick;

/// Name of the journal in a run directory.
pub const JOURNAL: &str = "events.jsonl.zst";

/// Level of the journal's compression.
const JOURNAL_ZSTD_LEVEL: i32 = 3;

/// A run directory that is being written.
pub struct RunDirectory {
    claim: Claim,
    manifest: Manifest,
    observations: TableWriter,
    tables: Vec<TableWriter>,
    journal: BufWriter<File>,
    /// Lines of the current tick, compressed as one frame at its end.
    lines: Vec<u8>,
    /// Names of the documents written so far, under `.part` names until the run ends.
    documents: Vec<String>,
}

/// A line of the journal.
#[derive(Serialize)]
struct JournalLine<'a> {
    society: &'a str,
    arm: &'a str,
    replicate: u32,
    tick: u32,
    round: u32,
    #[serde(flatten)]
    event: &'a Event,
}

impl RunDirectory {
    /// Begins a run in a claimed directory: writes the manifest (status `running`) and opens the files.
    pub fn begin(claim: Claim, manifest: Manifest, tables: &[&'static TableSpec]) -> Result<Self, RecordError> {
        let path = claim.path().to_owned();
        manifest.write(&path)?;
        let journal = File::create(path.join(format!("{JOURNAL}.part")))
            .map_err(|source| RecordError::Io { path: path.display().to_string(), source })?;
        Ok(Self {
            claim,
            manifest,
            observations: TableWriter::create(&path, &OBSERVATIONS)?,
            tables: tables.iter().map(|spec| TableWriter::create(&path, spec)).collect::<Result<_, _>>()?,
            journal: BufWriter::new(journal),
            lines: Vec::new(),
            documents: Vec::new(),
        })
    }

    fn writer_of(&mut self, table: &TableSpec) -> Result<&mut TableWriter, RecordError> {
        self.tables.iter_mut().find(|writer| writer.spec() == table).ok_or_else(|| RecordError::Malformed {
            path: table.name.to_owned(),
            reason: "the run did not declare this table".to_owned(),
        })
    }

    /// Whether a directory already holds a run, whole or not.
    pub fn holds_a_run(path: &Path) -> bool {
        path.join(MANIFEST).exists()
    }

    /// Completes every file, has `before_the_end` write what is made of them, and says in the manifest how the run
    /// ended.
    pub fn finish(
        mut self,
        status: RunStatus,
        before_the_end: impl FnOnce(&Path) -> Result<(), RecordError>,
    ) -> Result<(), RecordError> {
        self.observations.finish()?;
        for table in self.tables {
            table.finish()?;
        }
        let path = self.claim.path().to_owned();
        let whole = path.join(JOURNAL);
        let part = path.join(format!("{JOURNAL}.part"));
        self.journal
            .flush()
            .and_then(|()| std::fs::rename(&part, &whole))
            .map_err(|source| RecordError::Io { path: whole.display().to_string(), source })?;
        for name in &self.documents {
            let whole = path.join(name);
            std::fs::rename(path.join(format!("{name}.part")), &whole)
                .map_err(|source| RecordError::Io { path: whole.display().to_string(), source })?;
        }
        before_the_end(&path)?;
        self.manifest.status = status;
        self.manifest.write(&path)?;
        self.claim.release().map_err(|source| RecordError::Io { path: path.display().to_string(), source })
    }

    /// Writes a side file: outside the promise of identical bytes.
    pub fn write_side_file(path: &Path, name: &str, content: &impl Serialize) -> Result<(), RecordError> {
        let text = serde_json::to_string_pretty(content)
            .map_err(|error| RecordError::Malformed { path: name.to_owned(), reason: error.to_string() })?;
        write_whole(&path.join(name), format!("{text}\n").as_bytes())
    }

    /// Writes a file of text whole or not at all.
    pub fn write_text(path: &Path, name: &str, text: &str) -> Result<(), RecordError> {
        write_whole(&path.join(name), text.as_bytes())
    }
}

impl Recorder for RunDirectory {
    fn append(&mut self, record: TickRecord) -> Result<(), RecordError> {
        self.observations.append(&observations::columns(&record))?;
        for rows in record.tables {
            let writer = self.writer_of(rows.table)?;
            for portion in rows.portions {
                writer.append(&portion)?;
            }
        }
        for document in record.documents {
            if self.documents.contains(&document.name) {
                let reason = "two documents of one name".to_owned();
                return Err(RecordError::Malformed { path: document.name, reason });
            }
            let part = self.claim.path().join(format!("{}.part", document.name));
            std::fs::write(&part, document.text)
                .map_err(|source| RecordError::Io { path: part.display().to_string(), source })?;
            self.documents.push(document.name);
        }
        for event in &record.events {
            let line = JournalLine {
                society: &record.branch.society,
                arm: &record.branch.arm,
                replicate: record.branch.replicate,
                tick: record.tick,
                round: record.now.round,
                event,
            };
            serde_json::to_writer(&mut self.lines, &line)
                .map_err(|error| RecordError::Malformed { path: JOURNAL.to_owned(), reason: error.to_string() })?;
            self.lines.push(b'\n');
        }
        Ok(())
    }

    fn append_effects(&mut self, tick: u32, now: &PlannedTick, effects: Vec<Effect>) -> Result<(), RecordError> {
        self.writer_of(&EFFECTS)?.append(&effects::columns(tick, now, &effects))
    }

    fn end_tick(&mut self, _tick: u32) -> Result<(), RecordError> {
        let io = |source| RecordError::Io { path: JOURNAL.to_owned(), source };
        let frame = zstd::bulk::compress(&self.lines, JOURNAL_ZSTD_LEVEL).map_err(io)?;
        self.lines.clear();
        self.journal.write_all(&frame).and_then(|()| self.journal.flush()).map_err(io)
    }
}
