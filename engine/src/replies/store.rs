//! The store: one SQLite file that any SQLite tool opens.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::row::Row;
use super::{ReplyStoreError, unusable};
use crate::exchange::{CallResult, ReplyKey};

/// Name of the store in a run directory or a cache.
pub const REPLIES: &str = "replies.sqlite";

/// Version of the store's tables.
pub const STORE_VERSION: i64 = 1;

/// Marks the file as ours: "PLUR".
const APPLICATION: i64 = 0x504C_5552;

const SCHEMA: &str = "
CREATE TABLE replies (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    model TEXT NOT NULL,
    sampling TEXT NOT NULL,
    draw INTEGER NOT NULL,
    seed INTEGER,
    messages TEXT NOT NULL,
    choices TEXT,
    failure TEXT,
    reason TEXT,
    text TEXT,
    reasoning TEXT,
    refusal TEXT,
    finish_reason TEXT,
    logprobs TEXT,
    prompt_tokens INTEGER,
    cached_tokens INTEGER,
    completion_tokens INTEGER,
    served_model TEXT,
    fingerprint TEXT,
    endpoint TEXT,
    attempts INTEGER NOT NULL,
    latency_ms INTEGER,
    from_cache INTEGER NOT NULL
);";

/// What a store is opened for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Access {
    /// Reading; it must be there.
    ReadOnly,
    /// Reading and writing; it is made when it is not there.
    ReadWrite,
}

/// One connection to a store.
pub(super) struct Store {
    connection: Connection,
    path: PathBuf,
    access: Access,
}

impl Store {
    /// Opens a store.
    pub(super) fn open(path: &Path, access: Access) -> Result<Self, ReplyStoreError> {
        let broken = |error: rusqlite::Error| unusable(path, &error);
        if access == Access::ReadOnly && !path.is_file() {
            return Err(unusable(path, &"there is no such file"));
        }
        let flags = match access {
            Access::ReadWrite => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Access::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(broken)?;
        connection.busy_timeout(std::time::Duration::from_secs(30)).map_err(broken)?;
        let store = Self { connection, path: path.to_owned(), access };
        if access == Access::ReadWrite {
            store.prepare().map_err(broken)?;
        }
        store.check_version()?;
        Ok(store)
    }

    /// Makes the tables in a fresh file. A commit is on disk when it returns.
    fn prepare(&self) -> Result<(), rusqlite::Error> {
        let connection = &self.connection;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Two processes may come to a fresh cache at the same moment.
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let fresh: i64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
        if fresh == 0 {
            connection.execute_batch(SCHEMA)?;
            connection.pragma_update(None, "application_id", APPLICATION)?;
            connection.pragma_update(None, "user_version", STORE_VERSION)?;
        }
        connection.execute_batch("COMMIT")
    }

    fn check_version(&self) -> Result<(), ReplyStoreError> {
        let path = self.path.display().to_string();
        let pragma = |name: &str| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let (application, found) = pragma("application_id")
            .and_then(|application| Ok((application, pragma("user_version")?)))
            .map_err(|error| ReplyStoreError::Foreign { path: path.clone(), reason: error.to_string() })?;
        if application != APPLICATION {
            return Err(ReplyStoreError::Foreign { path, reason: "another program's database".to_owned() });
        }
        if found != STORE_VERSION {
            return Err(ReplyStoreError::OtherVersion { path, found });
        }
        Ok(())
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> Result<bool, ReplyStoreError> {
        let any = self.connection.query_row("SELECT 1 FROM replies LIMIT 1", [], |_| Ok(())).optional();
        any.map(|found| found.is_none()).map_err(|error| unusable(&self.path, &error))
    }

    /// Holds what is there still while many keys are looked up: one lock for all of them.
    pub(super) fn begin_reading(&self) -> Result<(), ReplyStoreError> {
        self.connection.execute_batch("BEGIN").map_err(|error| unusable(&self.path, &error))
    }

    /// Lets go of what [`Store::begin_reading`] holds.
    pub(super) fn end_reading(&self) -> Result<(), ReplyStoreError> {
        self.connection.execute_batch("COMMIT").map_err(|error| unusable(&self.path, &error))
    }

    /// What came of the request of this key, the calls it took, and whether it came from a cache.
    pub(super) fn find(&self, key: &ReplyKey) -> Result<Option<(CallResult, u32, bool)>, ReplyStoreError> {
        let found = self
            .connection
            .prepare_cached(Row::SELECT_RESULT)
            .and_then(|mut statement| statement.query_row([&key.bytes()[..]], Row::result).optional());
        found.map_err(|error| unusable(&self.path, &error))
    }

    /// Everything kept under this key.
    pub(super) fn row(&self, key: &ReplyKey) -> Result<Option<Row>, ReplyStoreError> {
        let found = self
            .connection
            .prepare_cached(Row::SELECT_ONE)
            .and_then(|mut statement| statement.query_row([&key.bytes()[..]], Row::read).optional());
        found.map_err(|error| unusable(&self.path, &error))
    }

    /// Everything kept, by key.
    pub(super) fn each(&self, mut then: impl FnMut(Row) -> std::io::Result<()>) -> Result<(), ReplyStoreError> {
        let broken = |error: rusqlite::Error| unusable(&self.path, &error);
        let mut statement = self.connection.prepare(Row::SELECT_ALL).map_err(broken)?;
        let mut rows = statement.query([]).map_err(broken)?;
        while let Some(row) = rows.next().map_err(broken)? {
            then(Row::read(row).map_err(broken)?).map_err(|error| unusable(&self.path, &error))?;
        }
        Ok(())
    }

    /// Adds rows in one transaction; what is there already stays as it is.
    pub(super) fn insert(&mut self, rows: &[Row]) -> Result<(), ReplyStoreError> {
        let path = &self.path;
        let broken = |error: rusqlite::Error| unusable(path, &error);
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(broken)?;
        for row in rows {
            let mut statement = transaction.prepare_cached(Row::INSERT).map_err(broken)?;
            row.insert(&mut statement).map_err(broken)?;
        }
        transaction.commit().map_err(broken)
    }

    /// Forgets final failures; returns how many there were.
    pub(super) fn forget_failures(&mut self) -> Result<u64, ReplyStoreError> {
        let forgotten = self.connection.execute("DELETE FROM replies WHERE failure IS NOT NULL", []);
        forgotten.map(|rows| rows as u64).map_err(|error| unusable(&self.path, &error))
    }

    /// Closes the connection. The last writer leaves one plain file, which can be read where nothing can be written.
    pub(super) fn close(self) -> Result<(), ReplyStoreError> {
        let path = self.path;
        if self.access == Access::ReadWrite {
            // While somebody else reads or writes it, the journal stays; the last one takes it away.
            let _ = self.connection.pragma_update(None, "journal_mode", "DELETE");
        }
        self.connection.close().map_err(|(_, error)| unusable(&path, &error))
    }
}
