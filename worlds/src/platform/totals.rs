//! What happened on a platform since it opened, as counts that outlive what has left it.

use serde::Serialize;

/// Depths that are told apart: 0 to [`super::rules::DEEPEST`].
pub const DEPTHS: usize = super::rules::DEEPEST as usize + 1;

/// Counts over the life of a platform. Deleted posts and comments count: they were made.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Totals {
    /// Posts.
    pub posts: u64,
    /// Posts with at least one comment.
    pub commented_posts: u64,
    /// Commented posts all of whose comments are on the post itself.
    pub flat_posts: u64,
    /// Commented posts whose author commented in the thread.
    pub returned_authors: u64,
    /// Comments, by depth.
    pub comments: [u64; DEPTHS],
    /// Comments with at least one reply, by depth.
    pub replied: [u64; DEPTHS],
    /// Comments by somebody who was in the thread before, as author or commenter.
    pub re_entries: u64,
    /// Upvotes cast, turned ones included, whatever became of them.
    pub upvotes: u64,
    /// Downvotes cast.
    pub downvotes: u64,
    /// Votes taken back.
    pub taken_back: u64,
    /// Actions that were not refused, reading apart.
    pub actions: u64,
    /// Readings that were not refused.
    pub readings: u64,
    /// Refusals.
    pub refused: u64,
}

impl Totals {
    /// All comments.
    pub fn all_comments(&self) -> u64 {
        self.comments.iter().sum()
    }
}
