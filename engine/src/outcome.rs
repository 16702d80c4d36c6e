//! What became of one request. A failed call is one of these, never a value.

use serde::{Deserialize, Serialize};

/// What became of one request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Outcome {
    /// An answer that counts.
    Answered,
    /// The agent declined to answer.
    Refused,
    /// A reply came, and no answer can be read from it.
    Unparsable,
    /// A number was read that is not an option (parse rule `lenient`).
    OutOfRange,
    /// No reply within the time allowed.
    TimedOut,
    /// The server refused the request for its rate.
    RateLimited,
    /// The call failed for another reason.
    Failed,
    /// Not sent: the run's budget was used up.
    OverBudget,
    /// The recording holds no reply to this request.
    NotRecorded,
    /// Nobody asked.
    NotAsked,
}

impl Outcome {
    /// Every outcome, in the order tables show them.
    pub const ALL: [Self; 10] = [
        Self::Answered,
        Self::Refused,
        Self::Unparsable,
        Self::OutOfRange,
        Self::TimedOut,
        Self::RateLimited,
        Self::Failed,
        Self::OverBudget,
        Self::NotRecorded,
        Self::NotAsked,
    ];

    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Unparsable => "unparsable",
            Self::OutOfRange => "out_of_range",
            Self::TimedOut => "timed_out",
            Self::RateLimited => "rate_limited",
            Self::Failed => "failed",
            Self::OverBudget => "over_budget",
            Self::NotRecorded => "not_recorded",
            Self::NotAsked => "not_asked",
        }
    }

    /// The outcome of this name, as written in tables and files.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// The place of the outcome in [`Outcome::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Writes an outcome by its name in tables and files.
pub fn serialize_name<S: serde::Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.name())
}

/// How many requests ended in each outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OutcomeCounts([u64; Outcome::ALL.len()]);

impl OutcomeCounts {
    /// Counts one more request with this outcome.
    pub fn add(&mut self, outcome: Outcome) {
        self.add_many(outcome, 1);
    }

    /// Counts `count` more requests with this outcome.
    pub fn add_many(&mut self, outcome: Outcome, count: u64) {
        self.0[outcome.index()] += count;
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    /// How many requests ended in this outcome.
    pub const fn get(&self, outcome: Outcome) -> u64 {
        self.0[outcome.index()]
    }

    /// How many requests were made: all outcomes but [`Outcome::NotAsked`].
    pub fn asked(&self) -> u64 {
        self.0.iter().sum::<u64>() - self.get(Outcome::NotAsked)
    }

    /// How many requests were made and brought no answer.
    pub fn missing(&self) -> u64 {
        self.asked() - self.get(Outcome::Answered)
    }

    /// The outcomes that occurred, in table order, without [`Outcome::Answered`].
    pub fn failures(&self) -> impl Iterator<Item = (Outcome, u64)> + '_ {
        Outcome::ALL
            .into_iter()
            .filter(|&outcome| outcome != Outcome::Answered && outcome != Outcome::NotAsked)
            .map(|outcome| (outcome, self.get(outcome)))
            .filter(|&(_, count)| count > 0)
    }
}
