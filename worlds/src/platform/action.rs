//! What agents can do on the platform, named after the verbs of its API, and what comes of it.

use pluriverse_engine::agent::AgentId;
use serde::{Deserialize, Serialize};

use super::body::{Body, WritingId};
use super::ids::{CommentId, Moment, PostId, SubmoltId, Target};

/// An action: what writes to the platform, and what reads from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Writes a post.
    CreatePost {
        /// Where.
        submolt: SubmoltId,
        /// What it says.
        body: Body,
    },
    /// Writes a comment.
    Comment {
        /// Under which post.
        post: PostId,
        /// In reply to which comment; to the post itself where absent.
        parent: Option<CommentId>,
        /// What it says.
        body: Body,
    },
    /// Votes on a post or comment. The same vote again takes it back, the opposite one turns it.
    Vote {
        /// On what.
        target: Target,
        /// Up or down.
        sign: Sign,
    },
    /// Follows an agent.
    Follow {
        /// Whom.
        whom: AgentId,
    },
    /// Unfollows an agent.
    Unfollow {
        /// Whom.
        whom: AgentId,
    },
    /// Subscribes to a community.
    Subscribe {
        /// Which.
        submolt: SubmoltId,
    },
    /// Leaves a community.
    Unsubscribe {
        /// Which.
        submolt: SubmoltId,
    },
    /// Founds a community.
    CreateSubmolt {
        /// Words: their title is its name, their content its description. A position: it is named after the item.
        about: Body,
    },
    /// Marks what happened to the agent as read.
    MarkRead {
        /// Up to when.
        until: Moment,
    },
    /// Deletes what the agent itself wrote.
    DeleteOwn {
        /// What.
        target: Target,
    },
    /// Describes itself anew.
    UpdateProfile {
        /// The description is the content of the writing.
        about: WritingId,
    },
    /// Wakes and does nothing.
    HeartbeatOk,
    /// Reads what happened to it, and an overview.
    Home,
    /// Reads posts of its communities and of those it follows.
    GetFeed {
        /// In which order.
        sort: Sort,
        /// How many at most.
        limit: u8,
    },
    /// Reads posts of one community, or of all.
    ListPosts {
        /// Which; all where absent.
        submolt: Option<SubmoltId>,
        /// In which order.
        sort: Sort,
        /// How many at most.
        limit: u8,
    },
    /// Reads a post.
    GetPost {
        /// Which.
        post: PostId,
    },
    /// Reads the comments of a post.
    GetComments {
        /// Which.
        post: PostId,
        /// In which order.
        sort: CommentSort,
        /// How many at most.
        limit: u8,
    },
    /// Looks posts up by words: the content of the writing is the query.
    Search {
        /// The query.
        query: WritingId,
        /// How many at most.
        limit: u8,
    },
}

/// The direction of a vote.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Sign {
    /// For.
    Up,
    /// Against.
    Down,
}

/// The order of a feed, as an agent asks for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub enum Sort {
    /// By the scenario's ranker.
    #[default]
    Hot,
    /// Newest first.
    New,
    /// By score.
    Top,
    /// By score and youth.
    Rising,
}

/// The order of comments under a post: by depth first, then so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub enum CommentSort {
    /// By score, older first among equals.
    #[default]
    Top,
    /// Newest first.
    New,
    /// By how many votes there are and how evenly they fall.
    Controversial,
}

impl Action {
    /// The verb, as written in tables and as agents write it.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::CreatePost { .. } => "create_post",
            Self::Comment { .. } => "comment",
            Self::Vote { target: Target::Post(_), sign: Sign::Up } => "upvote_post",
            Self::Vote { target: Target::Post(_), sign: Sign::Down } => "downvote_post",
            Self::Vote { target: Target::Comment(_), sign: Sign::Up } => "upvote_comment",
            Self::Vote { target: Target::Comment(_), sign: Sign::Down } => "downvote_comment",
            Self::Follow { .. } => "follow",
            Self::Unfollow { .. } => "unfollow",
            Self::Subscribe { .. } => "subscribe",
            Self::Unsubscribe { .. } => "unsubscribe",
            Self::CreateSubmolt { .. } => "create_submolt",
            Self::MarkRead { .. } => "mark_read",
            Self::DeleteOwn { .. } => "delete_own",
            Self::UpdateProfile { .. } => "update_profile",
            Self::HeartbeatOk => "heartbeat_ok",
            Self::Home => "home",
            Self::GetFeed { .. } => "get_feed",
            Self::ListPosts { .. } => "list_posts",
            Self::GetPost { .. } => "get_post",
            Self::GetComments { .. } => "get_comments",
            Self::Search { .. } => "search",
        }
    }

    /// Whether it only reads.
    pub const fn reads(&self) -> bool {
        matches!(
            self,
            Self::Home
                | Self::GetFeed { .. }
                | Self::ListPosts { .. }
                | Self::GetPost { .. }
                | Self::GetComments { .. }
                | Self::Search { .. }
        )
    }
}

/// What came of an action that was not refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Done {
    /// Nothing more is to be said of it.
    Ok,
    /// A post was made.
    Posted(PostId),
    /// A comment was made.
    Commented(CommentId),
    /// A vote counts now; before, this agent had none on the target.
    Voted,
    /// A vote was turned into its opposite.
    Turned,
    /// A vote was taken back.
    TakenBack,
    /// A community was founded.
    Founded(SubmoltId),
}

/// Why the platform does not do what an agent wants. An agent can see its own refusals.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Refusal {
    /// Too much in too short a time.
    RateLimited {
        /// Which limit.
        limit: &'static str,
        /// Seconds until it could be done.
        retry_after: u32,
    },
    /// The same vote was cast before, and repeating it does not take it back here.
    DuplicateVote,
    /// Nobody votes on what they wrote.
    SelfVote,
    /// Nobody follows themselves.
    SelfFollow,
    /// There is no such thing, or none any more.
    UnknownTarget,
    /// The post lies under another one than the comment, or the comment's parent does.
    WrongPost,
    /// More characters than may be.
    TooLong {
        /// How many may be.
        most: u32,
    },
    /// Nothing was written.
    Empty,
    /// Threads do not go deeper.
    TooDeep,
    /// A community of this name exists.
    NameTaken,
    /// Not a name for a community.
    BadName,
    /// Somebody else wrote it.
    NotOwn,
}

impl Refusal {
    /// What an agent is told.
    pub fn words(self) -> String {
        match self {
            Self::RateLimited { limit, retry_after } => format!("too often ({limit}); try again in {retry_after} s"),
            Self::DuplicateVote => "you have cast this vote before".to_owned(),
            Self::SelfVote => "nobody votes on what they wrote".to_owned(),
            Self::SelfFollow => "nobody follows themselves".to_owned(),
            Self::UnknownTarget => "there is no such thing, or none any more".to_owned(),
            Self::WrongPost => "the comment lies under another post".to_owned(),
            Self::TooLong { most } => format!("longer than {most} characters"),
            Self::Empty => "nothing was written".to_owned(),
            Self::TooDeep => "threads do not go deeper".to_owned(),
            Self::NameTaken => "there is a community of this name".to_owned(),
            Self::BadName => "names of communities are 2 to 30 small letters, digits and hyphens".to_owned(),
            Self::NotOwn => "somebody else wrote it".to_owned(),
        }
    }

    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::DuplicateVote => "duplicate_vote",
            Self::SelfVote => "self_vote",
            Self::SelfFollow => "self_follow",
            Self::UnknownTarget => "unknown_target",
            Self::WrongPost => "wrong_post",
            Self::TooLong { .. } => "too_long",
            Self::Empty => "empty",
            Self::TooDeep => "too_deep",
            Self::NameTaken => "name_taken",
            Self::BadName => "bad_name",
            Self::NotOwn => "not_own",
        }
    }
}
