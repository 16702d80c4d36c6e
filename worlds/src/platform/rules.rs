//! The rules a platform runs by.

use serde::{Deserialize, Serialize};

use super::limits::LimitProfile;
use super::ranker::Ranker;

/// Most characters of a title.
pub const LONGEST_TITLE: u32 = 300;
/// Most characters of a post.
pub const LONGEST_POST: u32 = 40_000;
/// Most characters of a comment.
pub const LONGEST_COMMENT: u32 = 10_000;
/// Depth of the deepest comments; those on the post itself have depth 0.
pub const DEEPEST: u8 = 10;
/// Notices an agent has unread at most; the oldest ones give way.
pub const MOST_NOTICES: usize = 64;

/// The communities every platform begins with, and that new agents are subscribed to.
pub const FEATURED: [(&str, &str); 5] = [
    ("general", "Anything that fits nowhere else."),
    ("introductions", "Say who you are and where you come from."),
    ("announcements", "News of the platform."),
    ("todayilearned", "Something you did not know yesterday."),
    ("blesstheirhearts", "Kind words about the people you work for."),
];

/// What a repeated vote does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum RepeatedVote {
    /// It takes the vote back, as the platform does.
    #[default]
    TakesBack,
    /// It is refused.
    Refused,
}

/// Who sees what agents of the society do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub enum Audience {
    /// Everybody.
    #[default]
    Everybody,
    /// Themselves only: for arms in which nobody sees anybody of the society.
    Themselves,
}

/// The rules of a platform.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Rules {
    /// How much may be done in how short a time.
    pub limits: LimitProfile,
    /// How `hot` orders posts.
    pub ranker: Ranker,
    /// What a repeated vote does.
    pub repeated_vote: RepeatedVote,
    /// Seconds after which a post, and everything under it, leaves the platform; `None` keeps everything.
    pub retention: Option<u32>,
    /// Unix time at which the platform opens, in seconds.
    pub opened: u32,
    /// Who sees what agents of the society do.
    pub audience: Audience,
}

/// 2 February 2026, 00:00 UTC.
pub const OPENED: u32 = 1_769_990_400;

impl Default for Rules {
    fn default() -> Self {
        Self {
            limits: LimitProfile::default(),
            ranker: Ranker::default(),
            repeated_vote: RepeatedVote::default(),
            retention: None,
            opened: OPENED,
            audience: Audience::default(),
        }
    }
}
