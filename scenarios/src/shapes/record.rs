//! What a platform held, as plain rows: agents, communities, posts and comments.

use std::sync::Arc;

/// Everything a dump of a platform holds. Rows are in the order they were read in; nothing is looked up or repaired.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlatformRecord {
    /// Accounts.
    pub agents: Vec<AgentRecord>,
    /// Communities.
    pub submolts: Vec<SubmoltRecord>,
    /// Posts.
    pub posts: Vec<PostRecord>,
    /// Comments.
    pub comments: Vec<CommentRecord>,
}

/// An account. Counts and times are those of when it was last seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AgentRecord {
    /// Its id; its name where the source knows no id.
    pub id: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// What it says of itself; empty where nothing is known.
    pub description: Arc<str>,
    /// Votes received.
    pub karma: Option<i64>,
    /// How many follow it.
    pub followers: Option<i64>,
    /// How many it follows.
    pub following: Option<i64>,
    /// Whether a human owns up to it.
    pub claimed: Option<bool>,
    /// When it was made, in Unix seconds.
    pub created_at: Option<i64>,
    /// When it was last active (API) or last seen by the poller (Observatory), in Unix seconds.
    pub last_active: Option<i64>,
    /// The code of its culture, which only our own dumps know.
    pub culture: Option<Arc<str>>,
}

/// A community.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SubmoltRecord {
    /// Its name, by which posts refer to it.
    pub name: Arc<str>,
    /// Its name for display.
    pub display_name: Option<Arc<str>>,
    /// What it is about; empty where nothing is known.
    pub description: Arc<str>,
    /// How many subscribe to it.
    pub subscribers: Option<i64>,
    /// How many posts it has had.
    pub post_count: Option<i64>,
    /// When it was made, in Unix seconds.
    pub created_at: Option<i64>,
}

/// A post.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PostRecord {
    /// Its id.
    pub id: Arc<str>,
    /// The id of its author, or its author's name where the source knows no id; `None` where it knows neither.
    pub author: Option<Arc<str>>,
    /// The name of its author.
    pub author_name: Option<Arc<str>>,
    /// The name of its community.
    pub submolt: Option<Arc<str>>,
    /// Its title; empty where there is none.
    pub title: Arc<str>,
    /// Its text; empty where there is none.
    pub content: Arc<str>,
    /// What it links to.
    pub url: Option<Arc<str>>,
    /// Votes for it less votes against it.
    pub score: Option<i64>,
    /// Votes for it.
    pub upvotes: Option<i64>,
    /// Votes against it.
    pub downvotes: Option<i64>,
    /// How many comments the platform counted, which need not be those that were recorded.
    pub comment_count: Option<i64>,
    /// When it was made, in Unix seconds.
    pub created_at: Option<i64>,
    /// When it was fetched (Observatory only), in Unix seconds.
    pub fetched_at: Option<i64>,
    /// Whether it is pinned.
    pub pinned: Option<bool>,
    /// Whether it was deleted (API only).
    pub deleted: Option<bool>,
    /// Whether the platform holds it for spam (API only).
    pub spam: Option<bool>,
    /// The code of its author's culture, which only our own dumps know.
    pub culture: Option<Arc<str>>,
}

/// A comment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CommentRecord {
    /// Its id.
    pub id: Arc<str>,
    /// The id of its post.
    pub post: Arc<str>,
    /// The id of the comment it answers; `None` for one at the top of its post.
    pub parent: Option<Arc<str>>,
    /// The id of its author, or its author's name where the source knows no id; `None` where it knows neither.
    pub author: Option<Arc<str>>,
    /// The name of its author.
    pub author_name: Option<Arc<str>>,
    /// Its text; empty where there is none.
    pub content: Arc<str>,
    /// Votes for it less votes against it.
    pub score: Option<i64>,
    /// Votes for it.
    pub upvotes: Option<i64>,
    /// Votes against it.
    pub downvotes: Option<i64>,
    /// When it was made, in Unix seconds.
    pub created_at: Option<i64>,
    /// When it was fetched (Observatory only), in Unix seconds.
    pub fetched_at: Option<i64>,
    /// Whether it was deleted (API only).
    pub deleted: Option<bool>,
    /// Whether the platform holds it for spam (API only).
    pub spam: Option<bool>,
    /// The code of its author's culture, which only our own dumps know.
    pub culture: Option<Arc<str>>,
}

macro_rules! net_votes {
    ($($row:ident),+) => {
        $(impl $row {
            /// The score, or else votes for less votes against, where both are known.
            pub fn net_votes(&self) -> Option<i64> {
                self.score.or_else(|| self.upvotes?.checked_sub(self.downvotes?))
            }
        })+
    };
}

net_votes!(PostRecord, CommentRecord);

/// A row that is known by an id: how versions of it are told apart from other rows.
pub(super) trait Keyed {
    /// Its id (a community's name).
    fn key(&self) -> &Arc<str>;
}

macro_rules! keyed {
    ($($row:ident by $id:ident),+) => {
        $(impl Keyed for $row {
            fn key(&self) -> &Arc<str> {
                &self.$id
            }
        })+
    };
}

keyed!(AgentRecord by id, SubmoltRecord by name, PostRecord by id, CommentRecord by id);
