//! The thread that writes replies down: many at a time, one commit for all.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::row::Row;
use super::store::{Access, Store};
use super::{ReplyStoreError, StoredReply};

/// Replies written at once, at most.
const MOST: usize = 512;

/// How long replies are gathered before they are written. A commit costs the same for one as for many; what is
/// gathered when the process dies is paid for twice.
const GATHER: Duration = Duration::from_millis(2);

enum Order {
    Keep(Box<StoredReply>),
    Copy(Box<Row>),
    Flush(SyncSender<Result<(), ReplyStoreError>>),
}

/// The writing end of a store.
pub(super) struct Writer {
    orders: SyncSender<Order>,
    thread: JoinHandle<Result<(), ReplyStoreError>>,
}

impl Writer {
    /// Starts writing to these stores: the run's, and a shared one behind it.
    pub(super) fn start(paths: Vec<PathBuf>) -> Result<Self, ReplyStoreError> {
        let stores = paths.iter().map(|path| Store::open(path, Access::ReadWrite)).collect::<Result<Vec<_>, _>>()?;
        let (orders, inbox) = sync_channel(4 * MOST);
        let first = paths.first().cloned().unwrap_or_default();
        let thread = std::thread::Builder::new()
            .name("replies".to_owned())
            .spawn(move || write(stores, &inbox))
            .map_err(|error| super::unusable(&first, &error))?;
        Ok(Self { orders, thread })
    }

    /// Keeps a reply. When writing has failed, the next [`Writer::flush`] says so.
    pub(super) fn keep(&self, reply: StoredReply) {
        let _ = self.orders.send(Order::Keep(Box::new(reply)));
    }

    /// Copies what a shared store knew into the run's.
    pub(super) fn copy(&self, row: Row) {
        let _ = self.orders.send(Order::Copy(Box::new(row)));
    }

    /// Waits until everything is on disk.
    pub(super) fn flush(&self) -> Result<(), ReplyStoreError> {
        let (done, written) = sync_channel(1);
        let _ = self.orders.send(Order::Flush(done));
        written.recv().unwrap_or_else(|_| Err(ended()))
    }

    /// Ends the thread and closes its connections.
    pub(super) fn close(self) -> Result<(), ReplyStoreError> {
        drop(self.orders);
        self.thread.join().unwrap_or_else(|_| Err(ended()))
    }
}

fn ended() -> ReplyStoreError {
    ReplyStoreError::Unusable {
        path: super::REPLIES.to_owned(),
        reason: "the thread that writes it has ended".to_owned(),
    }
}

fn write(mut stores: Vec<Store>, orders: &Receiver<Order>) -> Result<(), ReplyStoreError> {
    let mut failed: Option<String> = None;
    while let Ok(first) = orders.recv() {
        let (rows, waiting) = gather(first, orders);
        let result = match &failed {
            Some(reason) => Err(ReplyStoreError::Unusable { path: super::REPLIES.to_owned(), reason: reason.clone() }),
            None => store(&mut stores, rows),
        };
        if let Err(error) = &result {
            failed.get_or_insert_with(|| error.to_string());
        }
        if let Some(waiting) = waiting {
            // Nobody waits any more when the run has ended.
            let _ = waiting.send(result);
        }
    }
    for store in stores {
        store.close()?;
    }
    match failed {
        Some(reason) => Err(ReplyStoreError::Unusable { path: super::REPLIES.to_owned(), reason }),
        None => Ok(()),
    }
}

/// The rows of the next commit, and who waits for it.
fn gather(first: Order, orders: &Receiver<Order>) -> (Vec<Row>, Option<SyncSender<Result<(), ReplyStoreError>>>) {
    let mut rows = Vec::new();
    let until = tokio::time::Instant::now() + GATHER;
    let mut order = Ok(first);
    while let Ok(next) = order {
        match next {
            Order::Keep(reply) => rows.push(Row::of(&reply)),
            Order::Copy(row) => rows.push(Row { from_cache: true, ..*row }),
            Order::Flush(waiting) => return (rows, Some(waiting)),
        }
        if rows.len() >= MOST {
            break;
        }
        order = match orders.recv_timeout(until - tokio::time::Instant::now()) {
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            next => next,
        };
    }
    (rows, None)
}

fn store(stores: &mut [Store], rows: Vec<Row>) -> Result<(), ReplyStoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let Some((run, shared)) = stores.split_first_mut() else {
        return Ok(());
    };
    run.insert(&rows)?;
    // Failures are this run's own, and what came from the cache is there.
    let worth: Vec<Row> = rows.into_iter().filter(|row| row.failure.is_none() && !row.from_cache).collect();
    if worth.is_empty() {
        return Ok(());
    }
    shared.iter_mut().try_for_each(|store| store.insert(&worth))
}
