//! Posts and comments.

use pluriverse_engine::agent::AgentId;
use serde::Serialize;

use crate::platform::body::Body;
use crate::platform::ids::{CommentId, Moment, PostId, SubmoltId};
use crate::platform::ranker::Votes;

/// What posts and comments have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Content {
    /// Who wrote it.
    pub author: AgentId,
    /// When.
    pub created: Moment,
    /// What it says.
    pub body: Body,
    /// Votes on it.
    #[serde(serialize_with = "serialize_votes")]
    pub votes: Votes,
    /// Whether it is still to be read, and by whom.
    pub standing: Standing,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn serialize_votes<S: serde::Serializer>(votes: &Votes, serializer: S) -> Result<S::Ok, S::Error> {
    (votes.up, votes.down).serialize(serializer)
}

/// Whether something can be read, and by whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Standing {
    /// By everybody.
    Public,
    /// By its author.
    Private,
    /// Its author deleted it: it keeps its place in the thread, without words.
    Deleted,
}

/// A post.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Post {
    /// Who, when, what, and votes.
    pub content: Content,
    /// Where.
    pub submolt: SubmoltId,
    /// How many comments lie under it, deleted ones included.
    pub comments: u32,
    /// Its latest comment; each comment names the one before it.
    pub last: Option<CommentId>,
    /// Votes on it since its author last looked, up less down.
    pub unseen: i16,
    /// Whether its thread is flat.
    pub shape: Shape,
    /// Whether its author is among the commenters.
    pub author: AuthorIn,
}

/// The shape of a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Shape {
    /// No comment has a reply.
    Flat,
    /// One has.
    Deep,
}

/// Whether an author commented under its own post.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum AuthorIn {
    /// Not so far.
    Absent,
    /// It did.
    Returned,
}

impl Post {
    /// Whether feeds list it.
    pub fn is_listed(&self) -> bool {
        self.content.standing == Standing::Public
    }
}

/// A comment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Comment {
    /// Who, when, what, and votes.
    pub content: Content,
    /// Under which post.
    pub post: PostId,
    /// In reply to which comment.
    pub parent: Option<CommentId>,
    /// The comment made under the same post before it.
    pub before: Option<CommentId>,
    /// Depth; 0 on the post itself.
    pub depth: u8,
    /// How many replies it has.
    pub replies: u32,
}
