//! What a run may use up before it stops.

use std::time::Duration;

use serde::Serialize;

/// What a run may use up. `None` is no limit.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Limits {
    /// Calls sent, failed ones included, over all sessions of the run.
    pub requests: Option<u64>,
    /// Tokens of prompts and replies, over all sessions of the run.
    pub tokens: Option<u64>,
    /// Money, in the currency of the price table, over all sessions of the run.
    pub money: Option<f64>,
    /// Time since this session began.
    pub wall_time: Option<Duration>,
}

/// What a run has used up.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Spent {
    /// Calls sent.
    pub requests: u64,
    /// Tokens of prompts, as far as servers say.
    pub prompt_tokens: u64,
    /// Of these, tokens the server had computed before.
    pub cached_tokens: u64,
    /// Tokens of replies.
    pub completion_tokens: u64,
    /// Money.
    pub money: f64,
    /// Replies paid for, the ground on which the next ones are reckoned.
    pub replies: u64,
}

impl Spent {
    /// Tokens of prompts and replies.
    pub fn tokens(&self) -> u64 {
        self.prompt_tokens + self.completion_tokens
    }
}

/// A limit that was reached.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Limit {
    /// Calls.
    Requests(u64),
    /// Tokens.
    Tokens(u64),
    /// Money.
    Money(f64),
    /// Time.
    WallTime(Duration),
}

impl Limit {
    /// The limit's name in a scenario.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Requests(_) => "requests",
            Self::Tokens(_) => "tokens",
            Self::Money(_) => "money",
            Self::WallTime(_) => "wall_time",
        }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Requests(limit) => write!(formatter, "limits.requests: {limit} calls"),
            Self::Tokens(limit) => write!(formatter, "limits.tokens: {limit} tokens"),
            Self::Money(limit) => write!(formatter, "limits.money: {limit}"),
            Self::WallTime(limit) => write!(formatter, "limits.wall_time: {} s", limit.as_secs_f64()),
        }
    }
}

impl Limits {
    /// The limit that one more call would pass, with `in_flight` calls under way that each may cost what replies cost
    /// so far.
    pub fn reached(&self, spent: &Spent, in_flight: u64, elapsed: Duration) -> Option<Limit> {
        let coming = (in_flight + 1) as f64;
        let each = |used: f64| if spent.replies == 0 { 0.0 } else { used / spent.replies as f64 };
        let passes = |used: f64, limit: f64| used >= limit || used + coming * each(used) > limit;
        if let Some(limit) = self.requests.filter(|&limit| spent.requests >= limit) {
            return Some(Limit::Requests(limit));
        }
        if let Some(limit) = self.tokens.filter(|&limit| passes(spent.tokens() as f64, limit as f64)) {
            return Some(Limit::Tokens(limit));
        }
        if let Some(limit) = self.money.filter(|&limit| passes(spent.money, limit)) {
            return Some(Limit::Money(limit));
        }
        self.out_of_time(elapsed)
    }

    /// The limit of time, where it has passed.
    pub fn out_of_time(&self, elapsed: Duration) -> Option<Limit> {
        self.wall_time.filter(|&limit| elapsed >= limit).map(Limit::WallTime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_reached_before_the_call_that_would_pass_it() {
        let spent = Spent {
            requests: 10,
            prompt_tokens: 900,
            cached_tokens: 500,
            completion_tokens: 100,
            money: 1.0,
            replies: 10,
        };
        let none = Duration::ZERO;
        let limits = |limits: Limits| limits.reached(&spent, 4, none);
        assert_eq!(limits(Limits::default()), None);
        assert_eq!(limits(Limits { requests: Some(10), ..Limits::default() }), Some(Limit::Requests(10)));
        assert_eq!(limits(Limits { requests: Some(11), ..Limits::default() }), None);
        // Four under way and one more at 100 tokens each.
        assert_eq!(limits(Limits { tokens: Some(1499), ..Limits::default() }), Some(Limit::Tokens(1499)));
        assert_eq!(limits(Limits { tokens: Some(1500), ..Limits::default() }), None);
        assert_eq!(limits(Limits { money: Some(1.2), ..Limits::default() }), Some(Limit::Money(1.2)));
        let hour = Duration::from_hours(1);
        let limited = Limits { wall_time: Some(hour), ..Limits::default() };
        assert_eq!(limited.reached(&spent, 0, hour), Some(Limit::WallTime(hour)));
        let free = Limits { tokens: Some(0), ..Limits::default() };
        assert_eq!(free.reached(&Spent::default(), 0, none), Some(Limit::Tokens(0)));
    }
}
