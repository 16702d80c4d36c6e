//! The formulas by which posts and comments are ranked.

use serde::{Deserialize, Serialize};

use super::ids::Moment;

/// Seconds that are worth a tenfold score: 12.5 hours.
const DECADE: f64 = 45_000.0;

/// The moment from which Reddit counts, in seconds of Unix time.
const REDDIT_EPOCH: f64 = 1_134_028_003.0;

/// The quantile of Reddit's confidence sort: one-sided 90 %.
pub const REDDIT_CONFIDENCE: f64 = 1.281_551_565_545;

/// How `hot` orders posts. Ties go to the newer post, then to the larger id.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Ranker {
    /// The open-sourced server's: sign(s)·log10(max(|s|, 1)) + t/45000.
    #[default]
    MoltbookHot,
    /// Newest first.
    New,
    /// By score, within the last so many hours; of all time where absent.
    Top {
        /// Hours.
        #[serde(default)]
        hours: Option<u32>,
    },
    /// (s + 1)/(age in hours + 2)^1.5.
    Rising,
    /// (u + d)·(1 − |u − d|/max(u + d, 1)).
    Controversial,
    /// Lower end of Wilson's interval for the share of upvotes.
    Best {
        /// The normal quantile of the interval.
        #[serde(default = "confidence")]
        z: f64,
    },
    /// Reddit's hot, rounded to seven decimals.
    RedditHot,
    /// Any, in any order: drawn anew for every reading.
    Random,
    /// Some of the top of Reddit's hot, drawn at random, as OASIS recommends.
    OasisRandomTopK {
        /// How many are drawn.
        #[serde(default = "drawn")]
        k: u32,
        /// Of how many.
        #[serde(default = "recommended")]
        of: u32,
    },
}

fn confidence() -> f64 {
    REDDIT_CONFIDENCE
}

const fn drawn() -> u32 {
    5
}

const fn recommended() -> u32 {
    100
}

impl Ranker {
    /// The name used in tables and files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MoltbookHot => "moltbook_hot",
            Self::New => "new",
            Self::Top { .. } => "top",
            Self::Rising => "rising",
            Self::Controversial => "controversial",
            Self::Best { .. } => "best",
            Self::RedditHot => "reddit_hot",
            Self::Random => "random",
            Self::OasisRandomTopK { .. } => "oasis_random_top_k",
        }
    }
}

/// Votes on something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Votes {
    /// Up.
    pub up: u32,
    /// Down.
    pub down: u32,
}

impl Votes {
    /// Up less down.
    pub const fn score(self) -> i32 {
        self.up as i32 - self.down as i32
    }
}

fn magnitude(score: i32) -> f64 {
    f64::from(score.signum()) * libm::log10(f64::from(score.unsigned_abs().max(1)))
}

/// Moltbook's `hot` at a moment of Unix time.
pub fn moltbook_hot(score: i32, created: f64) -> f64 {
    magnitude(score) + created / DECADE
}

/// Reddit's `hot`.
pub fn reddit_hot(score: i32, created: f64) -> f64 {
    let exact = magnitude(score) + (created - REDDIT_EPOCH) / DECADE;
    libm::round(exact * 1e7) / 1e7
}

/// `rising`, after so many seconds.
pub fn rising(score: i32, age: u32) -> f64 {
    let hours = f64::from(age) / 3_600.0 + 2.0;
    f64::from(score + 1) / (hours * libm::sqrt(hours))
}

/// `controversial`: many votes that fall evenly.
pub fn controversial(votes: Votes) -> f64 {
    let all = f64::from(votes.up) + f64::from(votes.down);
    all * (1.0 - f64::from(votes.score().unsigned_abs()) / all.max(1.0))
}

/// The lower end of Wilson's interval for the share of upvotes; 0 without votes.
pub fn wilson(votes: Votes, z: f64) -> f64 {
    let n = f64::from(votes.up) + f64::from(votes.down);
    // Without upvotes it is 0, which rounding would miss.
    if votes.up == 0 {
        return 0.0;
    }
    let p = f64::from(votes.up) / n;
    let spread = z * libm::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
    (p + z * z / (2.0 * n) - spread) / (1.0 + z * z / n)
}

/// The key of a ranker whose order is known from score and time alone; larger is earlier in the feed.
#[derive(Clone, Copy, Debug)]
pub struct Timed<'a> {
    /// The ranker.
    pub ranker: &'a Ranker,
    /// Unix time at which the platform opened.
    pub opened: f64,
    /// Now.
    pub now: Moment,
}

impl Timed<'_> {
    /// The key of a post.
    pub fn key(&self, score: i32, created: Moment) -> f64 {
        let at = self.opened + f64::from(created.0);
        match self.ranker {
            Ranker::Rising => rising(score, self.now.since(created)),
            Ranker::Top { .. } => f64::from(score),
            Ranker::RedditHot | Ranker::OasisRandomTopK { .. } => reddit_hot(score, at),
            Ranker::New => at,
            // The others are ordered by an index of their own.
            Ranker::MoltbookHot | Ranker::Controversial | Ranker::Best { .. } | Ranker::Random => {
                moltbook_hot(score, at)
            }
        }
    }

    /// Whether of posts with this score the older one comes first.
    pub const fn older_first(&self, score: i32) -> bool {
        matches!(self.ranker, Ranker::Rising) && score < -1
    }

    /// Whether a post is shown at all.
    pub fn shows(&self, created: Moment) -> bool {
        match self.ranker {
            Ranker::Top { hours: Some(hours) } => self.now.since(created) < hours.saturating_mul(3_600),
            _ => true,
        }
    }
}
