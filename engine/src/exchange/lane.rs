//! One backbone's place in the exchange: its queue, its repetitions, its endpoints.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::endpoints::{Choice, Endpoints, LONGEST_PAUSE, waiting};
use super::{AttemptFailure, FailureKind, LaneSnapshot, LanguageModel, ModelIdentity, Price, ReplyKey};
use crate::agent::Backbone;

/// How a backbone is asked; none of it changes what a reply is, only whether and when it comes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LaneSettings {
    /// Calls under way at once, at most.
    pub in_flight: usize,
    /// Calls a request gets before its failure is final.
    pub attempts: u16,
    /// Time a call has, from sending to the last byte.
    pub timeout: Duration,
    /// Wait before the first repetition; doubles with each.
    pub backoff: Duration,
}

impl Default for LaneSettings {
    fn default() -> Self {
        Self { in_flight: 64, attempts: 6, timeout: Duration::from_mins(2), backoff: Duration::from_millis(500) }
    }
}

/// Being asked to slow down is no fault of a request: it gets so many times more calls.
const PATIENCE: u16 = 5;

/// Longest wait before a repetition that the server did not ask for.
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// So many reasons for failures are told apart.
const MOST_REASONS: usize = 50;

/// A backbone as given to the exchange.
#[derive(Clone)]
pub struct LaneSpec {
    /// What tells its model apart.
    pub identity: ModelIdentity,
    /// Who is asked; nobody, when only stored replies count.
    pub model: Option<Arc<dyn LanguageModel>>,
    /// How it is asked.
    pub settings: LaneSettings,
    /// What it costs, where known.
    pub price: Option<Price>,
}

impl LaneSpec {
    /// A backbone that asks this model.
    pub fn asking(model: Arc<dyn LanguageModel>, settings: LaneSettings) -> Self {
        Self { identity: model.identity(), model: Some(model), settings, price: None }
    }
}

/// A request on its way: where it stands among the requests, and what was tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Job {
    pub(super) place: usize,
    pub(super) key: ReplyKey,
    /// Calls made.
    pub(super) calls: u32,
    faults: u16,
    limited: u16,
}

impl Job {
    pub(super) fn new(place: usize, key: ReplyKey) -> Self {
        Self { place, key, calls: 0, faults: 0, limited: 0 }
    }
}

/// What can be done next.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Next {
    /// A call can go to this endpoint.
    Ready(usize),
    /// Nothing before this moment, or before a call under way ends (`None`).
    Wait(Option<Instant>),
    /// Nobody will answer what is left, for this reason.
    GivenUp(AttemptFailure),
    /// Nothing is left to send.
    Idle,
}

/// One backbone's queue, repetitions and endpoints.
pub(super) struct Lane {
    pub(super) spec: LaneSpec,
    pub(super) endpoints: Endpoints,
    fresh: VecDeque<Job>,
    later: BinaryHeap<Reverse<(Instant, usize)>>,
    /// Jobs in `later`, by place.
    postponed: BTreeMap<usize, Job>,
    statistics: Statistics,
}

#[derive(Default)]
struct Statistics {
    calls: u64,
    failed: BTreeMap<FailureKind, u64>,
    /// Requests that failed for good, by reason.
    reasons: BTreeMap<Arc<str>, u64>,
    most_in_flight: usize,
    by_endpoint: Vec<u64>,
    /// Times to replies, by powers of 2^(1/8) milliseconds.
    latencies: BTreeMap<u32, u64>,
    longest: Duration,
}

impl Lane {
    pub(super) fn new(spec: LaneSpec) -> Self {
        let names = spec.model.as_ref().map_or_else(Vec::new, |model| model.endpoints());
        let settings = &spec.settings;
        let statistics = Statistics { by_endpoint: vec![0; names.len()], ..Statistics::default() };
        let endpoints = Endpoints::new(names, settings.in_flight.max(1), settings.attempts.max(1), settings.backoff);
        Self {
            spec,
            endpoints,
            fresh: VecDeque::new(),
            later: BinaryHeap::new(),
            postponed: BTreeMap::new(),
            statistics,
        }
    }

    /// Takes the jobs of a wave, in the order of sending.
    pub(super) fn take(&mut self, jobs: impl IntoIterator<Item = Job>) {
        self.endpoints.forgive();
        self.fresh.extend(jobs);
    }

    /// Forgets what was not sent.
    pub(super) fn drop_queue(&mut self) {
        self.fresh.clear();
        self.later.clear();
        self.postponed.clear();
    }

    /// Jobs that failed and wait for their repetition.
    pub(super) fn postponed(&self) -> usize {
        self.postponed.len()
    }

    /// What can be done next.
    pub(super) fn next(&self, now: Instant) -> Next {
        if self.fresh.is_empty() && self.postponed.is_empty() {
            return Next::Idle;
        }
        let due = self.later.peek().map(|Reverse((when, _))| *when);
        if self.fresh.is_empty() && due.is_some_and(|due| due > now) {
            return Next::Wait(due);
        }
        match self.endpoints.choose(now) {
            Choice::Wait(until) => Next::Wait(until),
            Choice::GivenUp(failure) => Next::GivenUp(failure),
            Choice::Send(endpoint) => Next::Ready(endpoint),
        }
    }

    /// Takes the job that is sent to this endpoint now: repetitions that are due first.
    pub(super) fn send(&mut self, endpoint: usize, now: Instant) -> Option<Job> {
        let due = self.later.peek().is_some_and(|Reverse((when, _))| *when <= now);
        let job = if due {
            self.later.pop().and_then(|Reverse((_, place))| self.postponed.remove(&place))
        } else {
            self.fresh.pop_front()
        };
        job.map(|job| {
            self.endpoints.sent(endpoint);
            self.statistics.sent(endpoint, self.endpoints.in_flight());
            Job { calls: job.calls + 1, ..job }
        })
    }

    /// Any job that is left, for giving up.
    pub(super) fn pop_any(&mut self) -> Option<Job> {
        self.fresh.pop_front().or_else(|| {
            self.later.clear();
            self.postponed.pop_first().map(|(_, job)| job)
        })
    }

    /// A call was answered.
    pub(super) fn answered(&mut self, endpoint: usize, sent: Instant, now: Instant) {
        self.endpoints.answered(endpoint, now);
        self.statistics.answered(now - sent);
    }

    /// A call failed: true when the job is queued again, false when its failure is final.
    pub(super) fn failed(
        &mut self,
        job: Job,
        endpoint: usize,
        failure: &AttemptFailure,
        sent: Instant,
        now: Instant,
    ) -> bool {
        self.endpoints.failed(endpoint, failure, sent, now);
        *self.statistics.failed.entry(failure.kind).or_default() += 1;
        let settings = &self.spec.settings;
        let mut job = job;
        let (count, most) = if failure.kind == FailureKind::RateLimited {
            job.limited += 1;
            (job.limited, settings.attempts.saturating_mul(PATIENCE))
        } else {
            job.faults += 1;
            (job.faults, settings.attempts)
        };
        let others = self.endpoints.all.iter().any(|endpoint| !endpoint.is_given_up());
        let may_pass = failure.kind.may_pass() || (failure.kind == FailureKind::Denied && others);
        if !may_pass || count >= most {
            return false;
        }
        let wait = waiting(settings.backoff, count, LONGEST_BACKOFF);
        // Spread over half the wait, so that calls that failed together do not come back together.
        let share = (job.key.spread() >> (job.calls % 32)) as u8;
        let wait = wait / 2 + wait.mul_f64(f64::from(share) / 512.0);
        let when = now + wait.max(failure.retry_after.unwrap_or_default().min(LONGEST_PAUSE));
        self.later.push(Reverse((when, job.place)));
        self.postponed.insert(job.place, job);
        true
    }

    /// A request failed for good, for this reason.
    pub(super) fn failed_for_good(&mut self, reason: &Arc<str>) {
        let reasons = &mut self.statistics.reasons;
        // Servers that say something new each time are not listened to for ever.
        if reasons.len() < MOST_REASONS || reasons.contains_key(reason) {
            *reasons.entry(reason.clone()).or_default() += 1;
        }
    }

    /// How its calls went.
    pub(super) fn snapshot(&self, backbone: Backbone) -> LaneSnapshot {
        let statistics = &self.statistics;
        let names = self.endpoints.all.iter().map(|endpoint| endpoint.name.clone());
        let mut reasons: Vec<(Arc<str>, u64)> =
            statistics.reasons.iter().map(|(reason, count)| (reason.clone(), *count)).collect();
        reasons.sort_by_key(|(_, count)| Reverse(*count));
        LaneSnapshot {
            backbone,
            reasons,
            calls: statistics.calls,
            failed: statistics.failed.iter().map(|(kind, count)| (kind.name(), *count)).collect(),
            most_in_flight: statistics.most_in_flight as u64,
            latency_ms: statistics.latency_ms(),
            endpoints: names.zip(statistics.by_endpoint.iter().copied()).collect(),
        }
    }
}

impl Statistics {
    fn sent(&mut self, endpoint: usize, in_flight: usize) {
        self.calls += 1;
        self.by_endpoint[endpoint] += 1;
        self.most_in_flight = self.most_in_flight.max(in_flight);
    }

    fn answered(&mut self, took: Duration) {
        *self.latencies.entry(bucket(took)).or_default() += 1;
        self.longest = self.longest.max(took);
    }

    fn latency_ms(&self) -> Option<[u64; 3]> {
        let total: u64 = self.latencies.values().sum();
        let quantile = |share: f64| {
            let mut left = (total as f64 * share).ceil() as u64;
            for (&bucket, &count) in &self.latencies {
                if left <= count {
                    return middle(bucket).min(self.longest.as_millis() as u64);
                }
                left -= count;
            }
            self.longest.as_millis() as u64
        };
        (total > 0).then(|| [quantile(0.5), quantile(0.95), self.longest.as_millis() as u64])
    }
}

/// Eight buckets a doubling, in whole numbers: the highest bit and the three below it.
fn bucket(took: Duration) -> u32 {
    let micros = (took.as_micros() as u64).max(8);
    let top = micros.ilog2();
    top * 8 + ((micros >> (top - 3)) & 7) as u32
}

/// The middle of a bucket, in milliseconds, rounded.
fn middle(bucket: u32) -> u64 {
    let (top, low) = (bucket / 8, u64::from(bucket % 8));
    let (start, width) = ((8 + low) << (top - 3), 1_u64 << (top - 3));
    (start + width / 2 + 500) / 1000
}

#[cfg(test)]
mod tests {
    use super::super::{AttemptFuture, Call, Completion};
    use super::*;

    struct Anybody;

    impl LanguageModel for Anybody {
        fn identity(&self) -> ModelIdentity {
            ModelIdentity { kind: "test", model: Arc::from("m"), sampling: Arc::from("{}"), seed: None }
        }

        fn endpoints(&self) -> Vec<Arc<str>> {
            vec![Arc::from("here")]
        }

        fn attempt<'a>(&'a self, _call: &'a Call) -> AttemptFuture<'a> {
            Box::pin(async { Ok(Completion::of_text("1")) })
        }
    }

    fn lane(attempts: u16) -> Lane {
        let settings = LaneSettings { attempts, backoff: Duration::from_secs(2), ..LaneSettings::default() };
        let mut lane = Lane::new(LaneSpec::asking(Arc::new(Anybody), settings));
        lane.take([Job::new(0, ReplyKey::from_bytes([7; 32]))]);
        lane
    }

    /// Sends the only job and lets it fail; whether it is queued again, and when.
    fn fail_once(lane: &mut Lane, failure: &AttemptFailure, now: Instant) -> (bool, Option<Instant>) {
        assert_eq!(lane.next(now), Next::Ready(0));
        let job = lane.send(0, now).expect("a job");
        let repeated = lane.failed(job, 0, failure, now, now);
        let until = match lane.next(now) {
            Next::Wait(until) => until,
            _ => None,
        };
        (repeated, until)
    }

    #[test]
    fn a_failed_request_waits_longer_each_time_and_is_given_up_in_the_end() {
        let mut now = Instant::now();
        let mut lane = lane(3);
        let failure = AttemptFailure::new(FailureKind::Broken, "why");
        for (least, most) in [(1, 2), (2, 4)] {
            let (repeated, until) = fail_once(&mut lane, &failure, now);
            let wait = until.expect("a wait") - now;
            assert!(repeated && wait >= Duration::from_secs(least) && wait <= Duration::from_secs(most), "{wait:?}");
            now += wait;
        }
        assert_eq!(fail_once(&mut lane, &failure, now), (false, None));
        assert_eq!(lane.next(now), Next::Idle);
    }

    #[test]
    fn being_asked_to_slow_down_is_no_fault_and_the_wish_is_honoured() {
        let mut now = Instant::now();
        let mut lane = lane(2);
        let mut failure = AttemptFailure::new(FailureKind::RateLimited, "slowly");
        failure.retry_after = Some(Duration::from_secs(50));
        for _ in 0..9 {
            let (repeated, until) = fail_once(&mut lane, &failure, now);
            let until = until.expect("a wait");
            assert!(repeated && until - now >= Duration::from_secs(50));
            now = until;
        }
        assert_eq!(fail_once(&mut lane, &failure, now), (false, None));
    }

    #[test]
    fn quantiles_of_latency_are_within_a_sixteenth() {
        let mut statistics = Statistics::default();
        for ms in 1..=1000 {
            statistics.answered(Duration::from_millis(ms));
        }
        let [median, high, longest] = statistics.latency_ms().expect("replies came");
        assert!((470..=530).contains(&median), "{median}");
        assert!((890..=1000).contains(&high), "{high}");
        assert_eq!(longest, 1000);
    }
}
