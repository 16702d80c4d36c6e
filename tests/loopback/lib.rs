//! A loopback server that speaks the chat-completions protocol and misbehaves on command. Test code: it keeps a record
//! of every request it saw, which is what proves that nothing is asked twice.

mod http;
mod reply;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;

pub use reply::{chat_reply, chosen_option, draw};

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its body.
    pub body: Value,
    /// How often this body had come before.
    pub nth: u32,
    /// The key it was sent with: what stands in `authorization` or `api-key`.
    pub key: Option<String>,
    /// Requests being answered when it came, itself included.
    pub in_flight: usize,
}

impl Arrival {
    /// What tells the request from others: its messages and its seed.
    pub fn identity(&self) -> String {
        format!("{}#{}", self.body["messages"], self.body["seed"])
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Act {
    /// Answers with this text.
    Say(String),
    /// Answers with status 200 and this body.
    Body(String),
    /// Answers with this status, these headers and this body.
    Status(u16, Vec<(&'static str, String)>, String),
    /// Answers in chunks of a few bytes, with this pause between them.
    Slowly(String, Duration),
    /// Sends half of a reply and resets the connection.
    ResetMidBody,
    /// Sends half of a reply and closes the connection.
    Truncate,
    /// Closes the connection without a word.
    Close,
    /// Never answers.
    Hang,
}

/// What a server has seen.
#[derive(Default, Debug)]
struct Seen {
    arrivals: Vec<Arrival>,
    counts: BTreeMap<String, u32>,
    in_flight: usize,
    most_in_flight: usize,
    connections: usize,
}

/// Decides what is done with a request, and after how long.
pub type Script = dyn Fn(&Arrival) -> (Duration, Act) + Send + Sync;

/// How much of what comes in is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Every request.
    Everything,
    /// Counts alone, for load.
    Counts,
}

/// A running server; it ends when this is dropped.
pub struct Loopback {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    _runtime: Option<tokio::runtime::Runtime>,
}

pub(crate) struct Shared {
    script: Box<Script>,
    seen: Arc<Mutex<Seen>>,
    keep: Keep,
}

impl Loopback {
    /// Starts a server on a free port, on a thread of its own.
    pub fn start(script: impl Fn(&Arrival) -> (Duration, Act) + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime builds");
        let (address, seen, serving) = runtime.block_on(bind(0, Keep::Everything, Box::new(script)));
        runtime.spawn(serving);
        Self { address, seen, _runtime: Some(runtime) }
    }

    /// Serves on this port until the process ends.
    pub async fn serve_forever(port: u16, script: impl Fn(&Arrival) -> (Duration, Act) + Send + Sync + 'static) {
        let (address, _, serving) = bind(port, Keep::Counts, Box::new(script)).await;
        println!("READY http://{address}/v1");
        serving.await;
    }

    /// Its address, as a base URL.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Every request so far, in the order of arrival.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.seen().arrivals.clone()
    }

    /// How often each request came, by identity.
    pub fn counts(&self) -> BTreeMap<String, u32> {
        self.seen().counts.clone()
    }

    /// Requests so far.
    pub fn calls(&self) -> usize {
        self.seen().arrivals.len()
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.seen().connections
    }

    /// Most requests being answered at once.
    pub fn most_in_flight(&self) -> usize {
        self.seen().most_in_flight
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("nobody panics while holding it")
    }
}

async fn bind(
    port: u16,
    keep: Keep,
    script: Box<Script>,
) -> (SocketAddr, Arc<Mutex<Seen>>, impl Future<Output = ()> + Send) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let seen = Arc::new(Mutex::new(Seen::default()));
    let shared = Arc::new(Shared { script, seen: seen.clone(), keep });
    (address, seen, async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            shared.seen.lock().expect("unpoisoned").connections += 1;
            tokio::spawn(http::connection(stream, shared.clone()));
        }
    })
}

impl Shared {
    pub(crate) fn arrive(&self, body: &[u8], key: Option<String>) -> (Duration, Act, Value) {
        let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let mut arrival = Arrival { body, nth: 0, key, in_flight: 0 };
        {
            let mut seen = self.seen.lock().expect("unpoisoned");
            seen.in_flight += 1;
            seen.most_in_flight = seen.most_in_flight.max(seen.in_flight);
            arrival.in_flight = seen.in_flight;
            if self.keep == Keep::Everything {
                let count = seen.counts.entry(arrival.identity()).or_default();
                arrival.nth = *count;
                *count += 1;
                seen.arrivals.push(arrival.clone());
            }
        }
        let (latency, act) = (self.script)(&arrival);
        (latency, act, arrival.body)
    }

    pub(crate) fn leave(&self) {
        self.seen.lock().expect("unpoisoned").in_flight -= 1;
    }
}
