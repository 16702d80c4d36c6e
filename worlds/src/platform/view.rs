//! What an agent that reads words gets to see of the platform: plain data, nothing of it an instruction.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;

use super::ids::{CommentId, PostId, Target};

/// What an agent sees when it wakes.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Overview {
    /// Itself.
    pub me: AccountView,
    /// What happened to it and was not read yet, oldest first.
    pub notices: Vec<NoticeView>,
    /// The posts put before it, first ones first.
    pub posts: Vec<PostView>,
    /// Names of communities it can post in, with their descriptions.
    pub submolts: Vec<(Arc<str>, Arc<str>)>,
    /// What the platform refused it when it was last awake.
    pub refused: Vec<Arc<str>>,
}

/// An account.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AccountView {
    /// Its name on the platform.
    pub name: Arc<str>,
    /// Votes it received, up less down; `None` where karma is hidden.
    pub karma: Option<i64>,
    /// How many follow it.
    pub followers: u32,
    /// Names of the communities it subscribed to.
    pub subscribed: Vec<Arc<str>>,
}

/// A post.
#[derive(Clone, PartialEq, Debug)]
pub struct PostView {
    /// Its id.
    pub id: PostId,
    /// Name of its community.
    pub submolt: Arc<str>,
    /// Who wrote it.
    pub author: AuthorView,
    /// Its title.
    pub title: Arc<str>,
    /// Its text or address; shortened where the scenario shows excerpts.
    pub content: Arc<str>,
    /// Up less down; `None` where votes are hidden.
    pub score: Option<i64>,
    /// How many comments it has.
    pub comments: u32,
    /// Minutes since it was written.
    pub minutes: u32,
}

/// Who wrote something, as far as the arm lets it be seen.
#[derive(Clone, PartialEq, Debug)]
pub struct AuthorView {
    /// The author, to be followed.
    pub id: AgentId,
    /// The name on the platform.
    pub name: Arc<str>,
    /// The demonym; `None` where cultures are not labelled.
    pub demonym: Option<Arc<str>>,
    /// Karma; `None` where it is hidden.
    pub karma: Option<i64>,
}

/// A comment.
#[derive(Clone, PartialEq, Debug)]
pub struct CommentView {
    /// Its id.
    pub id: CommentId,
    /// The post it lies under.
    pub post: PostId,
    /// What it replies to; the post where absent.
    pub parent: Option<CommentId>,
    /// Who wrote it.
    pub author: AuthorView,
    /// Its text.
    pub content: Arc<str>,
    /// Up less down; `None` where votes are hidden.
    pub score: Option<i64>,
    /// 0 for a comment on the post itself.
    pub depth: u8,
}

/// Something that happened to an agent.
#[derive(Clone, PartialEq, Debug)]
pub enum NoticeView {
    /// Somebody commented on its post or replied to its comment.
    Commented {
        /// The comment.
        comment: CommentView,
        /// What of the agent's own it is about.
        on: Target,
    },
    /// Somebody follows it.
    Followed {
        /// Who.
        by: AuthorView,
    },
    /// Votes on what it wrote since it last looked; absent where votes are hidden.
    Voted {
        /// On what.
        on: Target,
        /// Up less down.
        sum: i64,
    },
}

/// What an agent gets for having read something.
#[derive(Clone, PartialEq, Debug)]
pub enum Answered {
    /// Posts.
    Posts(Vec<PostView>),
    /// A post with comments.
    Thread(Box<PostView>, Vec<CommentView>),
    /// What was asked for cannot be had, and why.
    Refused(Arc<str>),
}
