//! What things on the platform are called, and when they happen.

use pluriverse_engine::agent::AgentId;
use serde::Serialize;

/// A community.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct SubmoltId(pub u32);

/// A post. Ids are given in the order of creation, so that a larger one is never older.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct PostId(pub u32);

/// A comment. Ids are given in the order of creation, over all posts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct CommentId(pub u32);

/// What can be voted on and deleted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub enum Target {
    /// A post.
    Post(PostId),
    /// A comment.
    Comment(CommentId),
}

impl Target {
    /// `post` or `comment`, as written in tables.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Post(_) => "post",
            Self::Comment(_) => "comment",
        }
    }

    /// Its number among its kind.
    pub const fn number(self) -> u32 {
        match self {
            Self::Post(post) => post.0,
            Self::Comment(comment) => comment.0,
        }
    }
}

/// A moment of virtual time: seconds since the platform opened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
pub struct Moment(pub u32);

impl Moment {
    /// This many seconds later; the end of time where there is no later.
    #[must_use]
    pub const fn later(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds since an earlier moment; 0 where it is not earlier.
    pub const fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Who acts when: the key in which a round's actions are applied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Due {
    /// The moment.
    pub at: Moment,
    /// The agent; of several at one moment the smaller id acts first.
    pub agent: AgentId,
    /// Which of the agent's actions.
    pub ordinal: u32,
}
