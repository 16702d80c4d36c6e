//! Replies, kept: what a run has paid for is never asked for again.
//!
//! A run directory holds `replies.sqlite`, one row a reply or final failure, and `calls.jsonl`, one line a call sent
//! and a call failed. A reply is on disk before it counts. Another folder may hold a store shared between runs.

mod calls;
mod export;
mod reader;
mod row;
mod store;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use calls::CALLS;
pub use export::export;
pub use reader::{Kept, ReplyReader};
pub use store::{REPLIES, STORE_VERSION};

use crate::exchange::{CallResult, FailureKind, ModelIdentity, Prompt, ReplyKey};
use calls::CallLog;
use store::{Access, Store};
use writer::Writer;

/// A reply, or a final failure, with everything that is kept about it.
#[derive(Clone, Debug)]
pub struct StoredReply {
    /// Its key.
    pub key: ReplyKey,
    /// How often the run had asked the same before.
    pub draw: u32,
    /// Which model was asked, under which settings.
    pub identity: ModelIdentity,
    /// What was asked.
    pub prompt: Arc<Prompt>,
    /// The seed that was sent.
    pub seed: Option<i64>,
    /// What came of it.
    pub result: CallResult,
    /// Who answered.
    pub endpoint: Option<Arc<str>>,
    /// Calls it took.
    pub attempts: u32,
    /// Time of the last call.
    pub latency: Option<Duration>,
}

/// Where a known reply was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// In the run's own store.
    Run,
    /// In the shared cache.
    Cache,
}

/// A known reply.
#[derive(Clone, Debug)]
pub struct Recalled {
    /// What came of the request.
    pub result: CallResult,
    /// Calls it took.
    pub attempts: u32,
    /// Where it was found.
    pub source: Source,
}

/// What may be done with a shared cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CacheUse {
    /// Replies are taken from it and added to it.
    ReadWrite,
    /// Replies are taken from it.
    ReadOnly,
}

/// What cannot be done with a store of replies.
#[derive(Debug, thiserror::Error)]
pub enum ReplyStoreError {
    /// It was written by another version.
    #[error("{path} is a store of replies of version {found}; this program reads version {STORE_VERSION}")]
    OtherVersion {
        /// The file.
        path: String,
        /// Its version.
        found: i64,
    },
    /// It is something else.
    #[error("{path} is not a store of replies: {reason}")]
    Foreign {
        /// The file.
        path: String,
        /// What it is or lacks.
        reason: String,
    },
    /// It cannot be read or written.
    #[error("cannot use {path}: {reason}")]
    Unusable {
        /// The file.
        path: String,
        /// What the system or the database said.
        reason: String,
    },
}

/// Whether a shared cache can be used: nothing is made.
pub fn check_cache(folder: &Path, cache_use: CacheUse) -> Result<(), ReplyStoreError> {
    let path = folder.join(REPLIES);
    if path.exists() || cache_use == CacheUse::ReadOnly {
        return Store::open(&path, Access::ReadOnly)?.close();
    }
    if folder.exists() && !folder.is_dir() {
        return Err(unusable(folder, &"it is no folder"));
    }
    Ok(())
}

/// The replies of a run, and of a shared cache where there is one.
pub struct Replies {
    store: Store,
    /// Nothing to look up in a store that was empty when it was opened: a run never asks for one key twice.
    empty: bool,
    cache: Option<Store>,
    writer: Option<Writer>,
    calls: Option<CallLog>,
    /// Calls that were under way when earlier sessions died.
    lost: u64,
}

impl Replies {
    /// Opens the store of a run directory for reading and writing, made when it is not there, and a shared cache.
    pub fn open(directory: &Path, cache: Option<(&Path, CacheUse)>) -> Result<Self, ReplyStoreError> {
        let store = Store::open(&directory.join(REPLIES), Access::ReadWrite)?;
        let shared = match cache {
            None => None,
            Some((folder, CacheUse::ReadOnly)) => Some(Store::open(&folder.join(REPLIES), Access::ReadOnly)?),
            Some((folder, CacheUse::ReadWrite)) => {
                std::fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
                Some(Store::open(&folder.join(REPLIES), Access::ReadWrite)?)
            }
        };
        let calls = CallLog::open(directory)?;
        let lost = calls.unsettled().iter().try_fold(0, |lost, (key, open)| {
            let answered = matches!(store.find(key)?, Some((Ok(_), ..)));
            Ok::<u64, ReplyStoreError>(lost + open - u64::from(answered))
        })?;
        let mut paths: Vec<PathBuf> = vec![directory.join(REPLIES)];
        paths.extend(cache.filter(|(_, use_)| *use_ == CacheUse::ReadWrite).map(|(folder, _)| folder.join(REPLIES)));
        Ok(Self {
            empty: store.is_empty()?,
            store,
            cache: shared,
            writer: Some(Writer::start(paths)?),
            calls: Some(calls),
            lost,
        })
    }

    /// Opens the store of a run directory for reading alone.
    pub fn read_only(directory: &Path) -> Result<Self, ReplyStoreError> {
        let store = Store::open(&directory.join(REPLIES), Access::ReadOnly)?;
        Ok(Self { empty: store.is_empty()?, store, cache: None, writer: None, calls: None, lost: 0 })
    }

    /// Calls sent so far, over all sessions of the run.
    pub fn calls_sent(&self) -> u64 {
        self.calls.as_ref().map_or(0, CallLog::sent)
    }

    /// Calls that were under way when earlier sessions died, all together: what they were for may be paid for twice.
    pub fn lost_in_flight(&self) -> u64 {
        self.lost
    }

    /// Forgets final failures, so that they are asked for again; returns how many there were.
    pub fn forget_failures(&mut self) -> Result<u64, ReplyStoreError> {
        self.store.forget_failures()
    }

    /// The replies to these keys, where they are known, in the order of the keys. What the cache knows becomes part of
    /// the run's own store.
    pub fn recall(
        &mut self,
        keys: impl Iterator<Item = ReplyKey>,
        mut then: impl FnMut(usize, Recalled),
    ) -> Result<(), ReplyStoreError> {
        if self.empty && self.cache.is_none() {
            return Ok(());
        }
        let stores = || std::iter::once(&self.store).chain(&self.cache);
        stores().try_for_each(Store::begin_reading)?;
        for (place, key) in keys.enumerate() {
            if let Some(recalled) = self.look_up(&key)? {
                then(place, recalled);
            }
        }
        stores().try_for_each(Store::end_reading)
    }

    fn look_up(&self, key: &ReplyKey) -> Result<Option<Recalled>, ReplyStoreError> {
        if !self.empty
            && let Some((result, attempts, cached)) = self.store.find(key)?
        {
            let source = if cached { Source::Cache } else { Source::Run };
            return Ok(Some(Recalled { result, attempts, source }));
        }
        let Some(cache) = &self.cache else {
            return Ok(None);
        };
        let Some((result, attempts, _)) = cache.find(key)? else {
            return Ok(None);
        };
        if result.is_err() {
            return Ok(None);
        }
        if let (Some(writer), Some(row)) = (&self.writer, cache.row(key)?) {
            writer.copy(row);
        }
        Ok(Some(Recalled { result, attempts, source: Source::Cache }))
    }

    /// Keeps a reply; it is on disk when [`Replies::flush`] returns, and usually before.
    pub fn keep(&self, reply: StoredReply) {
        if let Some(writer) = &self.writer {
            writer.keep(reply);
        }
    }

    /// Notes that a call is about to be sent. Written by [`Replies::write_log`].
    pub fn log_sent(&mut self, key: &ReplyKey, call: u32, endpoint: &str) {
        if let Some(calls) = &mut self.calls {
            calls.note_sent(key, call, endpoint);
        }
    }

    /// Notes that a call failed. Written by [`Replies::write_log`].
    pub fn log_failed(&mut self, key: &ReplyKey, call: u32, kind: FailureKind, took: Duration) {
        if let Some(calls) = &mut self.calls {
            calls.note_failed(key, call, kind, took);
        }
    }

    /// Hands what was noted of calls to the system.
    pub fn write_log(&mut self) -> Result<(), ReplyStoreError> {
        self.calls.as_mut().map_or(Ok(()), CallLog::write)
    }

    /// Waits until everything kept is on disk.
    pub fn flush(&mut self) -> Result<(), ReplyStoreError> {
        self.write_log()?;
        self.writer.as_ref().map_or(Ok(()), Writer::flush)
    }

    /// Closes the stores, with everything kept on disk and no journal left beside them.
    pub fn close(mut self) -> Result<(), ReplyStoreError> {
        self.flush()?;
        let writer = self.writer.take();
        for store in std::iter::once(self.store).chain(self.cache) {
            store.close()?;
        }
        writer.map_or(Ok(()), Writer::close)
    }
}

fn unusable(path: &Path, reason: &dyn std::fmt::Display) -> ReplyStoreError {
    ReplyStoreError::Unusable { path: path.display().to_string(), reason: reason.to_string() }
}
