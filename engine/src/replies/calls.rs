//! The log of calls: one line before a call is sent, one when it failed. A call without a second line either brought a
//! reply that is in the store, or was under way when the process died.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::{ReplyStoreError, unusable};
use crate::exchange::{FailureKind, ReplyKey};

/// Name of the log in a run directory: a side file.
pub const CALLS: &str = "calls.jsonl";

/// The log of calls of a run.
pub(super) struct CallLog {
    path: PathBuf,
    file: File,
    lines: String,
    sent: u64,
    unsettled: Vec<(ReplyKey, u64)>,
}

/// A line of the log, as far as it is read again.
#[derive(Deserialize)]
struct Line {
    key: String,
    #[serde(default)]
    failed: Option<String>,
}

impl CallLog {
    /// Opens the log of a run directory and reads what earlier sessions left. A torn last line is ended.
    pub(super) fn open(directory: &Path) -> Result<Self, ReplyStoreError> {
        let path = directory.join(CALLS);
        let io = |error: std::io::Error| unusable(&path, &error);
        let mut file = File::options().create(true).append(true).read(true).open(&path).map_err(io)?;
        let mut open: BTreeMap<[u8; 32], i64> = BTreeMap::new();
        let (mut sent, mut whole) = (0, true);
        let mut reader = BufReader::new(&file);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).map_err(io)? > 0 {
            whole = line.ends_with(b"\n");
            // What was torn is skipped: its call was never sent, or has a line of its own.
            if let Ok(Line { key, failed }) = serde_json::from_slice(&line)
                && let Ok(key) = blake3::Hash::from_hex(&key)
            {
                let step = if failed.is_some() { -1 } else { 1 };
                sent += u64::from(failed.is_none());
                *open.entry(*key.as_bytes()).or_default() += step;
            }
            line.clear();
        }
        if !whole {
            file.write_all(b"\n").map_err(io)?;
        }
        let unsettled = open
            .into_iter()
            .filter_map(|(key, open)| Some((ReplyKey::from_bytes(key), u64::try_from(open).ok().filter(|&n| n > 0)?)));
        Ok(Self { file, lines: String::new(), sent, unsettled: unsettled.collect(), path: path.clone() })
    }

    /// Calls sent, over all sessions.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Requests with calls that have not failed, and how many: one was answered, perhaps, and the others were lost.
    pub(super) fn unsettled(&self) -> &[(ReplyKey, u64)] {
        &self.unsettled
    }

    pub(super) fn note_sent(&mut self, key: &ReplyKey, call: u32, endpoint: &str) {
        self.sent += 1;
        let endpoint = serde_json::Value::from(endpoint);
        // Writing to a string cannot fail.
        let _ = writeln!(self.lines, r#"{{"key":"{}","call":{call},"sent_to":{endpoint}}}"#, key.hex());
    }

    pub(super) fn note_failed(&mut self, key: &ReplyKey, call: u32, kind: FailureKind, took: Duration) {
        let ms = took.as_millis();
        let _ = writeln!(self.lines, r#"{{"key":"{}","call":{call},"failed":"{}","ms":{ms}}}"#, key.hex(), kind.name());
    }

    /// Hands the noted lines to the system: they survive the process, though not the machine.
    pub(super) fn write(&mut self) -> Result<(), ReplyStoreError> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(self.lines.as_bytes());
        self.lines.clear();
        written.map_err(|error| unusable(&self.path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> ReplyKey {
        ReplyKey::from_bytes([n; 32])
    }

    #[test]
    fn what_was_under_way_is_known_even_behind_a_torn_line() {
        let folder = std::env::temp_dir().join(format!("pluriverse-calls-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("made");
        let mut log = CallLog::open(&folder).expect("opened");
        for n in 0..3 {
            log.note_sent(&key(n), 1, "http://host/v1");
        }
        log.note_failed(&key(1), 1, FailureKind::Broken, Duration::from_millis(3));
        log.write().expect("written");
        let path = folder.join(CALLS);
        let mut torn = std::fs::read(&path).expect("read");
        torn.extend_from_slice(br#"{"key":"0404"#);
        std::fs::write(&path, torn).expect("written");

        let mut log = CallLog::open(&folder).expect("opened");
        assert_eq!((log.sent(), log.unsettled()), (3, &[(key(0), 1), (key(2), 1)][..]));
        log.note_sent(&key(1), 2, "http://host/v1");
        log.note_sent(&key(2), 2, "http://host/v1");
        log.write().expect("written");
        let log = CallLog::open(&folder).expect("opened");
        assert_eq!((log.sent(), log.unsettled()), (5, &[(key(0), 1), (key(1), 1), (key(2), 2)][..]));
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
