//! The endpoints of one backbone: which to send to, how many calls each takes, which of them are down.
//!
//! An endpoint's ceiling moves: it is halved when the server says it has too much to do (once for all calls that were
//! under way together), and grows again by a sixteenth of the backbone's ceiling a round trip. An endpoint that cannot
//! be connected to is left alone for a while that doubles, then probed by a single call; when as many probes in a row
//! as a request has attempts have failed, it is given up.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{AttemptFailure, FailureKind};

/// Longest a server's own wish to be left alone is honoured before it is asked again.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Longest an endpoint that is down is left alone.
const LONGEST_DOWN: Duration = Duration::from_secs(30);

/// Largest share of the backbone's ceiling that a busy endpoint loses in the end: some calls always go on.
const FLOOR: f64 = 1.0 / 16.0;

/// The state of one endpoint.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) name: Arc<str>,
    pub(super) in_flight: usize,
    /// Calls it takes at once, as far as is known.
    ceiling: f64,
    /// When the ceiling was last lowered: calls sent before tell nothing new.
    lowered: Option<Instant>,
    paused_until: Option<Instant>,
    /// Probes in a row that could not connect, and when the last was counted.
    strikes: u16,
    struck: Option<Instant>,
    last_reply: Option<Instant>,
    /// Why it was given up.
    given_up: Option<AttemptFailure>,
}

/// Where the next call may go.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Choice {
    /// To this endpoint.
    Send(usize),
    /// Nowhere before this moment, or before a call under way ends (`None`).
    Wait(Option<Instant>),
    /// Nowhere: every endpoint was given up, the last for this reason.
    GivenUp(AttemptFailure),
}

/// The endpoints of one backbone.
#[derive(Clone, Debug)]
pub(super) struct Endpoints {
    pub(super) all: Vec<Endpoint>,
    most: usize,
    probes: u16,
    backoff: Duration,
}

impl Endpoints {
    /// Endpoints of these names, each taking up to `most` calls, given up after `probes` failed probes.
    pub(super) fn new(names: Vec<Arc<str>>, most: usize, probes: u16, backoff: Duration) -> Self {
        let endpoint = |name| Endpoint {
            name,
            in_flight: 0,
            ceiling: most as f64,
            lowered: None,
            paused_until: None,
            strikes: 0,
            struck: None,
            last_reply: None,
            given_up: None,
        };
        Self { all: names.into_iter().map(endpoint).collect(), most, probes, backoff }
    }

    /// Calls under way.
    pub(super) fn in_flight(&self) -> usize {
        self.all.iter().map(|endpoint| endpoint.in_flight).sum()
    }

    /// Gives every endpoint another chance: a server may have come back since the last tick.
    pub(super) fn forgive(&mut self) {
        for endpoint in &mut self.all {
            (endpoint.strikes, endpoint.given_up) = (0, None);
        }
    }

    /// Where the next call may go: to the least loaded endpoint that takes one.
    pub(super) fn choose(&self, now: Instant) -> Choice {
        if self.in_flight() >= self.most {
            return Choice::Wait(None);
        }
        let open = |endpoint: &&(usize, &Endpoint)| {
            let takes = if endpoint.1.strikes > 0 { 1 } else { endpoint.1.ceiling as usize };
            endpoint.1.wake().is_none_or(|until| until <= now) && endpoint.1.in_flight < takes.max(1)
        };
        let alive: Vec<(usize, &Endpoint)> =
            self.all.iter().enumerate().filter(|(_, endpoint)| endpoint.given_up.is_none()).collect();
        if let Some((index, _)) = alive.iter().filter(open).min_by_key(|(index, e)| (e.in_flight, *index)) {
            return Choice::Send(*index);
        }
        match self.all.iter().rev().find_map(|endpoint| endpoint.given_up.clone()) {
            Some(failure) if alive.is_empty() => Choice::GivenUp(failure),
            _ => Choice::Wait(alive.iter().filter_map(|(_, e)| e.wake()).filter(|&until| until > now).min()),
        }
    }

    /// A call went to this endpoint.
    pub(super) fn sent(&mut self, endpoint: usize) {
        self.all[endpoint].in_flight += 1;
    }

    /// A call to this endpoint was answered.
    pub(super) fn answered(&mut self, endpoint: usize, now: Instant) {
        let most = self.most as f64;
        let endpoint = &mut self.all[endpoint];
        endpoint.in_flight -= 1;
        endpoint.strikes = 0;
        endpoint.last_reply = Some(now);
        endpoint.ceiling = (endpoint.ceiling + most / 16.0 / endpoint.ceiling).min(most);
    }

    /// A call that was sent to this endpoint at `sent` failed.
    pub(super) fn failed(&mut self, endpoint: usize, failure: &AttemptFailure, sent: Instant, now: Instant) {
        let (most, probes, backoff) = (self.most as f64, self.probes, self.backoff);
        let endpoint = &mut self.all[endpoint];
        endpoint.in_flight -= 1;
        let news = |last: Option<Instant>| last.is_none_or(|last| sent >= last);
        if failure.kind.tells_of_load() && news(endpoint.lowered) {
            endpoint.ceiling = (endpoint.ceiling / 2.0).max((most * FLOOR).max(1.0));
            endpoint.lowered = Some(now);
        }
        if let Some(wish) = failure.retry_after {
            let until = now + wish.min(LONGEST_PAUSE);
            endpoint.paused_until = Some(endpoint.paused_until.map_or(until, |paused| paused.max(until)));
        }
        let silent = failure.kind == FailureKind::TimedOut && endpoint.last_reply.is_none_or(|last| last < sent);
        match failure.kind {
            FailureKind::Denied => endpoint.given_up = Some(failure.clone()),
            FailureKind::Unreachable => endpoint.strike(failure, sent, now, probes, backoff),
            FailureKind::TimedOut if silent => endpoint.strike(failure, sent, now, probes, backoff),
            FailureKind::TimedOut => {}
            // Somebody is there.
            _ => (endpoint.strikes, endpoint.last_reply) = (0, Some(now)),
        }
    }
}

impl Endpoint {
    /// Whether it was given up.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.is_some()
    }

    fn wake(&self) -> Option<Instant> {
        self.paused_until
    }

    fn strike(&mut self, failure: &AttemptFailure, sent: Instant, now: Instant, probes: u16, backoff: Duration) {
        // Calls that were under way when the last strike was counted are part of it.
        if self.struck.is_some_and(|struck| sent < struck) {
            return;
        }
        self.strikes += 1;
        self.struck = Some(now);
        self.paused_until = Some(now + waiting(backoff, self.strikes, LONGEST_DOWN));
        if self.strikes >= probes {
            self.given_up = Some(failure.clone());
        }
    }
}

/// The wait before the `n`-th repetition (from 1): doubling from `first`, up to `longest`.
pub(super) fn waiting(first: Duration, n: u16, longest: Duration) -> Duration {
    first.saturating_mul(1 << u32::from(n.saturating_sub(1)).min(16)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(names: &[&str], most: usize) -> Endpoints {
        Endpoints::new(names.iter().map(|name| Arc::from(*name)).collect(), most, 3, Duration::from_secs(1))
    }

    fn failure(kind: FailureKind) -> AttemptFailure {
        AttemptFailure::new(kind, "why")
    }

    fn fill(endpoints: &mut Endpoints, now: Instant) -> usize {
        let mut sent = 0;
        while let Choice::Send(endpoint) = endpoints.choose(now) {
            endpoints.sent(endpoint);
            sent += 1;
        }
        sent
    }

    #[test]
    fn the_ceiling_is_reached_exactly_and_the_least_loaded_endpoint_comes_first() {
        let now = Instant::now();
        let mut two = endpoints(&["a", "b"], 7);
        assert_eq!(fill(&mut two, now), 7);
        assert_eq!([two.all[0].in_flight, two.all[1].in_flight], [4, 3]);
        assert_eq!(two.choose(now), Choice::Wait(None));
        two.answered(1, now);
        assert_eq!(two.choose(now), Choice::Send(1));
    }

    #[test]
    fn load_halves_the_ceiling_once_a_round_trip_and_replies_raise_it_again() {
        let start = Instant::now();
        let mut one = endpoints(&["a"], 64);
        assert_eq!(fill(&mut one, start), 64);
        let later = start + Duration::from_secs(1);
        for _ in 0..64 {
            one.failed(0, &failure(FailureKind::RateLimited), start, later);
        }
        assert_eq!(fill(&mut one, later), 32);
        for _ in 0..32 {
            one.answered(0, later);
        }
        let grown = fill(&mut one, later);
        assert!((35..=37).contains(&grown), "{grown}");
        for _ in 0..10_000 {
            one.answered(0, later);
            one.sent(0);
        }
        while one.all[0].in_flight > 0 {
            one.answered(0, later);
        }
        assert_eq!(fill(&mut one, later), 64);
    }

    #[test]
    fn a_server_that_asks_to_be_left_alone_is_left_alone() {
        let now = Instant::now();
        let mut one = endpoints(&["a"], 8);
        one.sent(0);
        let mut busy = failure(FailureKind::RateLimited);
        busy.retry_after = Some(Duration::from_secs(5));
        one.failed(0, &busy, now, now);
        assert_eq!(one.choose(now), Choice::Wait(Some(now + Duration::from_secs(5))));
        assert_eq!(one.choose(now + Duration::from_secs(5)), Choice::Send(0));
    }

    #[test]
    fn a_dead_endpoint_is_isolated_and_the_others_go_on() {
        let mut now = Instant::now();
        let mut two = endpoints(&["dead", "alive"], 4);
        let mut to_dead = 0;
        for _ in 0..200 {
            match two.choose(now) {
                Choice::Send(0) => {
                    two.sent(0);
                    to_dead += 1;
                    two.failed(0, &failure(FailureKind::Unreachable), now, now);
                }
                Choice::Send(_) => {
                    two.sent(1);
                    two.answered(1, now);
                }
                other => panic!("{other:?}"),
            }
            now += Duration::from_millis(100);
        }
        assert_eq!(to_dead, 3);
        assert!(two.all[0].is_given_up() && !two.all[1].is_given_up());
        two.forgive();
        assert!(!two.all[0].is_given_up());
    }

    #[test]
    fn when_all_are_given_up_the_reason_is_known() {
        let now = Instant::now();
        let mut one = endpoints(&["a"], 4);
        one.sent(0);
        one.failed(0, &AttemptFailure::new(FailureKind::Denied, "401: no such key"), now, now);
        assert_eq!(one.choose(now), Choice::GivenUp(AttemptFailure::new(FailureKind::Denied, "401: no such key")));
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let second = Duration::from_secs(1);
        let waits: Vec<u64> = (1..=7).map(|n| waiting(second, n, Duration::from_secs(30)).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    }
}
