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

impl Ranker {
    /// Whether it orders the same posts alike at whatever moment they are read, and for whomever.
    pub const fn is_steady(&self) -> bool {
        match self {
            Self::MoltbookHot
            | Self::New
            | Self::Top { hours: None }
            | Self::Controversial
            | Self::Best { .. }
            | Self::RedditHot => true,
            Self::Top { hours: Some(_) } | Self::Rising | Self::Random | Self::OasisRandomTopK { .. } => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// 2 February 2026, 00:00 UTC: 39 333.12 times 45 000 s.
    const OPENED: f64 = 1_769_990_400.0;

    fn votes(up: u32, down: u32) -> Votes {
        Votes { up, down }
    }

    fn near(found: f64, expected: f64, what: &str) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{what}: {found} is not {expected}");
    }

    #[test]
    fn moltbook_hot_is_a_decade_of_score_for_twelve_and_a_half_hours() {
        let cases = [
            (0, 39_333.12),
            (1, 39_333.12),
            (-1, 39_333.12),
            (2, 39_333.421_029_995_67),
            (10, 39_334.12),
            (-10, 39_332.12),
            (100, 39_335.12),
            (-100, 39_331.12),
        ];
        for (score, expected) in cases {
            near(moltbook_hot(score, OPENED), expected, "hot");
        }
        near(moltbook_hot(1, OPENED + 45_000.0), 39_334.12, "hot");
        // To outrank a post without votes that is a day younger takes a score of 84: log10(84) > 1.92.
        let younger = moltbook_hot(0, OPENED + 86_400.0);
        assert!(moltbook_hot(83, OPENED) < younger && moltbook_hot(84, OPENED) > younger);
    }

    #[test]
    fn reddit_hot_counts_from_its_own_epoch_and_has_seven_decimals() {
        let cases = [
            (0, OPENED, 14_132.497_711_1),
            (-1, OPENED, 14_132.497_711_1),
            (10, OPENED, 14_133.497_711_1),
            (-10, OPENED, 14_131.497_711_1),
            (-3, OPENED, 14_132.020_589_9),
            (7, OPENED + 1.0, 14_133.342_831_4),
            (-7, REDDIT_EPOCH, -0.845_098_0),
            (5, REDDIT_EPOCH - 3.0, 0.698_903_3),
        ];
        for (score, created, expected) in cases {
            let found = reddit_hot(score, created);
            near(found, expected, "reddit");
            assert!((found * 1e7 - libm::round(found * 1e7)).abs() < 1e-4);
        }
    }

    #[test]
    fn rising_is_score_over_age_to_one_and_a_half() {
        let cases = [
            (0, 0, 0.353_553_390_593_273_73),
            (0, 3_600, 0.192_450_089_729_875_27),
            (0, 14_400, 0.068_041_381_743_977_17),
            (0, 86_400, 0.007_542_928_274_545_54),
            (9, 3_600, 1.924_500_897_298_752_5),
            (4, 1_800, 1.264_911_064_067_351_8),
            (-1, 50, 0.0),
            (-3, 3_600, -0.384_900_179_459_750_5),
        ];
        for (score, age, expected) in cases {
            near(rising(score, age), expected, "rising");
        }
    }

    #[test]
    fn controversial_is_many_votes_that_fall_evenly() {
        let cases = [
            (votes(0, 0), 0.0),
            (votes(1, 0), 0.0),
            (votes(10, 0), 0.0),
            (votes(3, 3), 6.0),
            (votes(5, 4), 8.0),
            (votes(4, 5), 8.0),
            (votes(100, 50), 100.0),
        ];
        for (votes, expected) in cases {
            near(controversial(votes), expected, "controversial");
        }
    }

    #[test]
    fn wilson_is_the_lower_end_of_the_interval_for_either_quantile() {
        let cases = [
            (1, 0, 0.378_447_503_225_206_15, 0.206_543_291_473_892_94),
            (10, 0, 0.858_931_317_909_383_6, 0.722_459_831_233_383_4),
            (1, 1, 0.164_251_720_029_841_76, 0.094_528_654_800_861_1),
            (3, 1, 0.432_541_450_368_986_5, 0.300_636_052_442_646_63),
            (60, 40, 0.536_089_556_152_968_4, 0.502_000_784_618_402_5),
            (600, 400, 0.579_997_926_296_221_9, 0.569_308_860_622_099_3),
        ];
        for (up, down, ninety, ninety_five) in cases {
            near(wilson(votes(up, down), REDDIT_CONFIDENCE), ninety, "80 %");
            near(wilson(votes(up, down), 1.96), ninety_five, "95 %");
        }
        near(wilson(votes(3, 1), 0.0), 0.75, "the share itself");
    }

    #[test]
    fn wilson_is_exactly_zero_without_upvotes_so_that_such_posts_tie() {
        for down in 0..1_000 {
            for z in [REDDIT_CONFIDENCE, 1.96, 2.575_829] {
                assert_eq!(wilson(votes(0, down), z).to_bits(), 0);
            }
        }
    }

    #[test]
    fn top_shows_what_is_younger_than_its_window() {
        let cases = [(None, 0, true), (Some(1), 6_401, true), (Some(1), 6_400, false), (Some(2), 2_801, true)];
        for (hours, created, shown) in cases {
            let ranker = Ranker::Top { hours };
            let timed = Timed { ranker: &ranker, opened: OPENED, now: Moment(10_000) };
            assert_eq!(timed.shows(Moment(created)), shown, "{hours:?} {created}");
            assert!((timed.key(-4, Moment(created)) + 4.0).abs() < f64::EPSILON);
        }
    }
}
