//! Serving requests: recalled where a reply is known, asked for where it is not, handed back in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rayon::prelude::*;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::accounts::{Bill, Origin};
use super::lane::{Job, Lane, LaneSpec, Next};
use super::wave::{Planned, Wave};
use super::{
    AttemptFailure, Call, CallResult, Completion, ContentDigest, DrawCounter, FailureKind, LaneSnapshot, Limit, Limits,
    ModelIdentity, Prompt, Reply, ReplyKey, Request, Snapshot, Spent, Usage, failed, server_seed,
};
use crate::agent::Backbone;
use crate::outcome::Outcome;
use crate::replies::{Replies, ReplyStoreError, Source, StoredReply};
use crate::run::{StopSignal, Watch};

/// How often, while waiting, somebody's wish to stop is looked for.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Why an exchange ended before every request was settled. What was settled is kept.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// Somebody asked it to.
    #[error("stopped by the user")]
    Stopped,
    /// A limit was reached.
    #[error("{0} reached")]
    LimitReached(Limit),
    /// Only stored replies count, and there is none to this request.
    #[error("no reply is stored")]
    Missing {
        /// Place of the first such request among the requests served.
        place: usize,
        /// How many such requests there are.
        missing: usize,
    },
    /// The store of replies cannot be used.
    #[error(transparent)]
    Store(#[from] ReplyStoreError),
}

/// What serves the requests of a run, from its first tick to its last.
pub struct Exchange {
    lanes: Vec<Option<Lane>>,
    draws: DrawCounter,
    replies: Option<Replies>,
    limits: Limits,
    spent: Spent,
    began: Option<Instant>,
}

/// A call under way.
#[derive(Clone, Copy)]
struct UnderWay {
    task: tokio::task::Id,
    lane: usize,
    job: Job,
    endpoint: usize,
    sent: Instant,
}

/// How a request ended: where it had been queued, and what the last call for it was.
struct Ending<'a> {
    lane: usize,
    job: Job,
    /// Endpoint and duration of the call that settled it; `None` where nobody was asked.
    last: Option<(usize, Duration)>,
    prompt: &'a Arc<Prompt>,
    seed: Option<i64>,
}

/// A call that ended.
struct Done {
    place: usize,
    prompt: Arc<Prompt>,
    seed: Option<i64>,
    result: Result<Completion, AttemptFailure>,
}

type Calls = JoinSet<Done>;

impl Exchange {
    /// An exchange over these backbones (index = [`Backbone`]; `None` for those that never send text).
    pub fn new(lanes: Vec<Option<LaneSpec>>, limits: Limits) -> Self {
        Self {
            lanes: lanes.into_iter().map(|spec| spec.map(Lane::new)).collect(),
            draws: DrawCounter::default(),
            replies: None,
            limits,
            spent: Spent::default(),
            began: None,
        }
    }

    /// Whether any backbone sends text.
    pub fn speaks(&self) -> bool {
        self.lanes.iter().any(Option::is_some)
    }

    /// Keeps every reply in this store, and asks for none that is in it.
    pub fn keep_replies(&mut self, replies: Replies) {
        self.spent.requests = replies.calls_sent();
        self.replies = Some(replies);
    }

    /// Ends the exchange: everything kept is on disk when this returns.
    pub fn close(&mut self) -> Result<(), ReplyStoreError> {
        self.replies.take().map_or(Ok(()), Replies::close)
    }

    /// What the run has used up.
    pub fn spent(&self) -> &Spent {
        &self.spent
    }

    /// How the calls of every backbone went in this session.
    pub fn lanes(&self) -> Vec<LaneSnapshot> {
        let lanes = self.lanes.iter().enumerate();
        lanes.filter_map(|(index, lane)| Some(lane.as_ref()?.snapshot(Backbone(index as u16)))).collect()
    }

    /// Serves all requests and returns the replies in the order of the requests. Requests must come in the run's own
    /// order of execution, which is what draws are counted in.
    pub async fn serve(
        &mut self,
        requests: Vec<Request>,
        watch: &mut dyn Watch,
        stop: &StopSignal,
    ) -> Result<Vec<Reply>, Halt> {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let began = *self.began.get_or_insert_with(Instant::now);
        let planned = self.plan(&requests);
        let progress = Snapshot { requests: requests.len() as u64, ..Snapshot::default() };
        let settled = requests.iter().map(|_| None).collect();
        let mut wave = Wave { requests, planned, settled, progress, began };
        self.recall(&mut wave)?;
        self.queue(&mut wave)?;
        tracing::debug!(requests = wave.requests.len(), known = wave.progress.settled, "exchange planned");
        wave.began = Instant::now();
        let ended = self.dispatch(&mut wave, watch, stop).await;
        tracing::debug!(settled = wave.progress.settled, "exchange ended");
        if let Some(replies) = &mut self.replies {
            // A reply counts when it is durable.
            replies.flush()?;
        }
        ended?;
        Ok(wave.into_replies())
    }

    /// Keys and draws, in order of execution. Prompts are written in parallel; draws are counted one after the other.
    fn plan(&mut self, requests: &[Request]) -> Vec<Planned> {
        let lanes: Vec<Option<&ModelIdentity>> =
            self.lanes.iter().map(|lane| lane.as_ref().map(|lane| &lane.spec.identity)).collect();
        let digests: Vec<Option<(ContentDigest, [u8; 8])>> = requests
            .par_iter()
            .with_min_len(64)
            .map(|request| {
                let identity = (*lanes.get(request.backbone.index())?)?;
                let prompt = request.conversation.prompt();
                let mut prefix = [0; 8];
                if let Some(first) = prompt.messages.first() {
                    prefix.copy_from_slice(&blake3::hash(first.text.as_bytes()).as_bytes()[..8]);
                }
                Some((ContentDigest::of(identity, &prompt), prefix))
            })
            .collect();
        let planned = digests.into_iter().map(|digest| match digest {
            None => Planned { key: ReplyKey::from_bytes([0; 32]), draw: 0, prefix: [0; 8] },
            Some((content, prefix)) => {
                let draw = self.draws.next(&content);
                Planned { key: ReplyKey::of(&content, draw), draw, prefix }
            }
        });
        planned.collect()
    }

    /// Settles what is known already.
    fn recall(&mut self, wave: &mut Wave) -> Result<(), Halt> {
        let Some(replies) = &mut self.replies else {
            return Ok(());
        };
        let (lanes, spent) = (&self.lanes, &mut self.spent);
        let keys: Vec<ReplyKey> = wave.planned.iter().map(|planned| planned.key).collect();
        replies.recall(keys.into_iter(), |place, recalled| {
            let Some(lane) = lanes.get(wave.requests[place].backbone.index()).and_then(Option::as_ref) else {
                return;
            };
            let usage = recalled.result.as_ref().map(|completion| completion.usage).unwrap_or_default();
            let (origin, money, attempts) = match recalled.source {
                Source::Run => (Origin::Stored, lane.spec.price.map(|price| price.of(&usage)), recalled.attempts),
                Source::Cache => (Origin::Cached, lane.spec.price.map(|_| 0.0), 0),
            };
            let bill = Bill { origin, money, attempts };
            if origin == Origin::Stored {
                add(spent, &usage, &bill);
            }
            wave.settle(place, recalled.result, bill);
        })?;
        Ok(())
    }

    /// Queues what is left with the backbones: requests that begin alike together, so that servers that keep what
    /// they have computed of a prompt can use it.
    fn queue(&mut self, wave: &mut Wave) -> Result<(), Halt> {
        let open = |place: &usize| wave.settled[*place].is_none();
        let mut first_of: BTreeMap<[u8; 8], usize> = BTreeMap::new();
        for (place, planned) in wave.planned.iter().enumerate() {
            first_of.entry(planned.prefix).or_insert(place);
        }
        let mut unserved = Vec::new();
        let mut missing = Vec::new();
        let mut queues: Vec<Vec<usize>> = vec![Vec::new(); self.lanes.len()];
        for place in (0..wave.requests.len()).filter(open) {
            let backbone = wave.requests[place].backbone.index();
            match self.lanes.get(backbone).and_then(Option::as_ref) {
                None => unserved.push(place),
                Some(lane) if lane.spec.model.is_none() => missing.push(place),
                Some(_) => queues[backbone].push(place),
            }
        }
        if let Some(&place) = missing.first() {
            return Err(Halt::Missing { place, missing: missing.len() });
        }
        for (lane, mut places) in self.lanes.iter_mut().zip(queues) {
            places.sort_by_key(|&place| (first_of[&wave.planned[place].prefix], wave.requests[place].id.slot, place));
            if let Some(lane) = lane {
                lane.take(places.into_iter().map(|place| Job::new(place, wave.planned[place].key)));
            }
        }
        for place in unserved {
            wave.settle(place, failed(Outcome::Failed, "no model serves this backbone"), Bill::default());
        }
        Ok(())
    }

    /// Sends what is queued until all of it is settled, or until there is a reason to stop.
    async fn dispatch(&mut self, wave: &mut Wave, watch: &mut dyn Watch, stop: &StopSignal) -> Result<(), Halt> {
        let mut calls = Calls::new();
        let mut under_way: BTreeMap<usize, UnderWay> = BTreeMap::new();
        let mut halt: Option<Halt> = None;
        loop {
            let mut wake = None;
            if halt.is_none() {
                match self.send(wave, &mut calls, &mut under_way) {
                    Ok(next) => wake = next,
                    Err(reason) => halt = Some(reason),
                }
                // Before the first byte leaves, also of calls sent just before a limit: what was under way when the
                // process dies must be known.
                if let Some(Err(error)) = self.replies.as_mut().map(Replies::write_log) {
                    halt = Some(error.into());
                }
            }
            if calls.is_empty() && (halt.is_some() || wake.is_none()) {
                break;
            }
            let look_up = Instant::now() + LOOK_UP;
            tokio::select! {
                biased;
                Some(done) = calls.join_next_with_id(), if !calls.is_empty() => {
                    let mut next = Some(done);
                    while let Some(done) = next {
                        self.take_in(wave, &mut under_way, done);
                        next = calls.try_join_next_with_id();
                    }
                }
                () = tokio::time::sleep_until(wake.map_or(look_up, |wake| wake.min(look_up))) => {}
            }
            if halt.is_none() && stop.is_set() {
                halt = Some(Halt::Stopped);
            }
            let elapsed = self.began.map_or(Duration::ZERO, |began| began.elapsed());
            if halt.is_none()
                && wave.is_open()
                && let Some(limit) = self.limits.out_of_time(elapsed)
            {
                halt = Some(Halt::LimitReached(limit));
            }
            self.report(wave, under_way.len(), watch);
        }
        for lane in self.lanes.iter_mut().flatten() {
            lane.drop_queue();
        }
        halt.map_or(Ok(()), Err)
    }

    /// Sends every call that may be sent now; returns when to look again, `None` when nothing is queued.
    fn send(
        &mut self,
        wave: &mut Wave,
        calls: &mut Calls,
        under_way: &mut BTreeMap<usize, UnderWay>,
    ) -> Result<Option<Instant>, Halt> {
        let now = Instant::now();
        let elapsed = self.began.map_or(Duration::ZERO, |began| now - began);
        let mut wake: Option<Instant> = None;
        for index in 0..self.lanes.len() {
            while let Some(lane) = &mut self.lanes[index] {
                match lane.next(now) {
                    Next::Idle => break,
                    Next::Wait(until) => {
                        // Without a moment of its own, the next call that ends says when.
                        let until = until.unwrap_or(now + LOOK_UP);
                        wake = Some(wake.map_or(until, |wake| wake.min(until)));
                        break;
                    }
                    Next::GivenUp(failure) => self.give_up(wave, index, &failure),
                    Next::Ready(endpoint) => {
                        if let Some(limit) = self.limits.reached(&self.spent, under_way.len() as u64, elapsed) {
                            return Err(Halt::LimitReached(limit));
                        }
                        let Some(job) = lane.send(endpoint, now) else {
                            break;
                        };
                        let task = self.start(wave, index, job, endpoint, calls);
                        under_way.insert(job.place, UnderWay { task, lane: index, job, endpoint, sent: now });
                    }
                }
            }
        }
        Ok(wake)
    }

    /// Starts one call.
    fn start(&mut self, wave: &Wave, lane: usize, job: Job, endpoint: usize, calls: &mut Calls) -> tokio::task::Id {
        self.spent.requests += 1;
        let request = wave.requests[job.place].clone();
        let draw = wave.planned[job.place].draw;
        let spec = self.lanes[lane].as_ref().map(|lane| lane.spec.clone());
        if let (Some(replies), Some(lane)) = (&mut self.replies, &self.lanes[lane]) {
            replies.log_sent(&job.key, job.calls, &lane.endpoints.all[endpoint].name);
        }
        let call = async move {
            let prompt = Arc::new(request.conversation.prompt());
            let unserved = || Err(AttemptFailure::new(FailureKind::Unreachable, "no model serves this backbone"));
            let Some((model, spec)) = spec.and_then(|spec| Some((spec.model.clone()?, spec))) else {
                return Done { place: job.place, prompt, seed: None, result: unserved() };
            };
            let seed = spec.identity.seed.map(|base| {
                let content = ContentDigest::of(&spec.identity, &prompt);
                server_seed(base, &content, draw)
            });
            let call = Call { id: request.id, endpoint, prompt: prompt.clone(), seed };
            let limit = spec.settings.timeout;
            let result = tokio::time::timeout(limit, model.attempt(&call)).await.unwrap_or_else(|_| {
                let reason = format!("no reply within {} s", limit.as_secs_f64());
                Err(AttemptFailure::new(FailureKind::TimedOut, reason))
            });
            Done { place: job.place, prompt, seed, result }
        };
        calls.spawn(call).id()
    }

    /// Takes in a call that ended: its reply, its repetition, or its final failure.
    fn take_in(
        &mut self,
        wave: &mut Wave,
        under_way: &mut BTreeMap<usize, UnderWay>,
        done: Result<(tokio::task::Id, Done), tokio::task::JoinError>,
    ) {
        let now = Instant::now();
        let done = match done {
            Ok((_, done)) => done,
            Err(error) => {
                // The call panicked; which one it was is known by its task alone.
                let place = under_way.iter().find(|(_, call)| call.task == error.id()).map(|(place, _)| *place);
                let Some(place) = place else {
                    return;
                };
                let prompt = Arc::new(wave.requests[place].conversation.prompt());
                let reason = "the call ended without a result";
                Done { place, prompt, seed: None, result: Err(AttemptFailure::new(FailureKind::Rejected, reason)) }
            }
        };
        let Some(call) = under_way.remove(&done.place) else {
            return;
        };
        let Some(lane) = &mut self.lanes[call.lane] else {
            return;
        };
        let result = match done.result {
            Ok(completion) => {
                lane.answered(call.endpoint, call.sent, now);
                Ok(completion)
            }
            Err(failure) => {
                let repeated = lane.failed(call.job, call.endpoint, &failure, call.sent, now);
                if let Some(replies) = &mut self.replies {
                    replies.log_failed(&call.job.key, call.job.calls, failure.kind, now - call.sent);
                }
                if repeated {
                    return;
                }
                failed(failure.outcome, &failure.reason)
            }
        };
        let last = Some((call.endpoint, now - call.sent));
        let ending = Ending { lane: call.lane, job: call.job, last, prompt: &done.prompt, seed: done.seed };
        self.conclude(wave, &ending, result);
    }

    /// Gives up everything a backbone still has to answer.
    fn give_up(&mut self, wave: &mut Wave, index: usize, failure: &AttemptFailure) {
        while let Some(job) = self.lanes[index].as_mut().and_then(Lane::pop_any) {
            let prompt = Arc::new(wave.requests[job.place].conversation.prompt());
            let ending = Ending { lane: index, job, last: None, prompt: &prompt, seed: None };
            self.conclude(wave, &ending, failed(failure.outcome, &failure.reason));
        }
    }

    /// Settles a request for good and keeps what became of it.
    fn conclude(&mut self, wave: &mut Wave, ending: &Ending<'_>, result: CallResult) {
        let Some(lane) = &mut self.lanes[ending.lane] else {
            return;
        };
        let job = &ending.job;
        let usage = result.as_ref().map(|completion| completion.usage).unwrap_or_default();
        let money = lane.spec.price.map(|price| price.of(&usage));
        if let Err(failure) = &result {
            lane.failed_for_good(&failure.reason);
        }
        let bill = Bill { origin: Origin::Asked, money, attempts: job.calls };
        add(&mut self.spent, &usage, &bill);
        if let Some(replies) = &self.replies {
            replies.keep(StoredReply {
                key: job.key,
                draw: wave.planned[job.place].draw,
                identity: lane.spec.identity.clone(),
                prompt: ending.prompt.clone(),
                seed: ending.seed,
                result: result.clone(),
                endpoint: ending.last.map(|(endpoint, _)| lane.endpoints.all[endpoint].name.clone()),
                attempts: job.calls,
                latency: ending.last.map(|(_, took)| took),
            });
        }
        wave.settle(job.place, result, bill);
        wave.progress.asked += 1;
    }

    fn report(&self, wave: &mut Wave, in_flight: usize, watch: &mut dyn Watch) {
        wave.progress.in_flight = in_flight as u64;
        wave.progress.waiting = self.lanes.iter().flatten().map(|lane| lane.postponed() as u64).sum();
        wave.progress.spent = self.spent;
        wave.progress.elapsed = wave.began.elapsed();
        watch.exchanging(&wave.progress);
    }
}

fn add(spent: &mut Spent, usage: &Usage, bill: &Bill) {
    let tokens = |count: Option<u32>| u64::from(count.unwrap_or(0));
    spent.prompt_tokens += tokens(usage.prompt);
    spent.cached_tokens += tokens(usage.cached);
    spent.completion_tokens += tokens(usage.completion);
    spent.money += bill.money.unwrap_or(0.0);
    spent.replies += 1;
}
