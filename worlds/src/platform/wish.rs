//! What an agent that writes in words wants to do, before the platform knows whether it can.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;

use super::action::{CommentSort, Sign, Sort};
use super::body::Link;
use super::ids::{CommentId, PostId, Target};

/// An action as an agent words it: communities by name, texts in full. What it names need not exist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wish {
    /// Write a post.
    CreatePost {
        /// Name of the community.
        submolt: Arc<str>,
        /// Title.
        title: Arc<str>,
        /// Text, or an address.
        content: Arc<str>,
        /// Which of the two.
        link: Link,
    },
    /// Write a comment.
    Comment {
        /// Under which post.
        post: PostId,
        /// In reply to which comment.
        parent: Option<CommentId>,
        /// Text.
        content: Arc<str>,
    },
    /// Vote.
    Vote {
        /// On what.
        target: Target,
        /// Up or down.
        sign: Sign,
    },
    /// Follow an agent.
    Follow(AgentId),
    /// Unfollow an agent.
    Unfollow(AgentId),
    /// Subscribe to a community.
    Subscribe(Arc<str>),
    /// Leave a community.
    Unsubscribe(Arc<str>),
    /// Found a community.
    CreateSubmolt {
        /// Its name.
        name: Arc<str>,
        /// What it is about.
        description: Arc<str>,
    },
    /// Mark everything as read.
    MarkRead,
    /// Delete what one wrote.
    DeleteOwn(Target),
    /// Describe oneself anew.
    UpdateProfile(Arc<str>),
    /// Do nothing.
    HeartbeatOk,
    /// Read what happened to one, and an overview.
    Home,
    /// Read one's feed.
    GetFeed(Sort),
    /// Read posts.
    ListPosts {
        /// Name of the community; all where absent.
        submolt: Option<Arc<str>>,
        /// In which order.
        sort: Sort,
    },
    /// Read a post.
    GetPost(PostId),
    /// Read the comments of a post.
    GetComments(PostId, CommentSort),
    /// Look posts up.
    Search(Arc<str>),
}
