//! Accounts and communities.

use std::collections::VecDeque;
use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use serde::Serialize;

use crate::platform::action::Sign;
use crate::platform::body::WritingId;
use crate::platform::ids::{CommentId, Moment, PostId, Target};
use crate::platform::index::PostIndex;
use crate::platform::limits::LimitLog;
use crate::platform::rules::MOST_NOTICES;

/// An account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Account {
    /// When it was opened.
    pub created: Moment,
    /// When it last did something.
    pub active: Moment,
    /// Votes received on posts and comments, up less down; what has left the platform keeps counting.
    pub karma: i32,
    /// How many follow it.
    pub followers: u32,
    /// Posts made.
    pub posts_made: u32,
    /// Comments made.
    pub comments_made: u32,
    /// Upvotes received, those taken back left out.
    pub upvotes: u32,
    /// How it describes itself.
    pub profile: Option<WritingId>,
    /// Its posts that are on the platform, oldest first.
    pub posts: VecDeque<u32>,
    /// Whom it follows, by id.
    pub follows: Vec<u32>,
    /// The communities it subscribed to, by id.
    pub subscribed: Vec<u32>,
    /// What happened to it and was not read, oldest first.
    pub notices: VecDeque<Notice>,
    pub(super) votes: Vec<Cast>,
    pub(super) threads: Vec<u32>,
    pub(super) log: LimitLog,
}

/// Whether an account is subscribed or follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Membership {
    /// It is.
    In,
    /// It is not.
    Out,
}

/// Something that happened to an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Notice {
    /// When.
    pub at: Moment,
    /// Who did it.
    pub by: AgentId,
    /// What.
    pub kind: NoticeKind,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum NoticeKind {
    /// A comment on the agent's post.
    OnPost(CommentId),
    /// A reply to the agent's comment.
    OnComment(CommentId),
    /// Somebody follows the agent.
    Followed,
}

impl Account {
    /// A new account, subscribed to the first so many communities.
    pub(super) fn new(now: Moment, featured: u32) -> Self {
        Self {
            created: now,
            active: now,
            karma: 0,
            followers: 0,
            posts_made: 0,
            comments_made: 0,
            upvotes: 0,
            profile: None,
            posts: VecDeque::new(),
            follows: Vec::new(),
            subscribed: (0..featured).collect(),
            notices: VecDeque::new(),
            votes: Vec::new(),
            threads: Vec::new(),
            log: LimitLog::default(),
        }
    }

    pub(super) fn notify(&mut self, notice: Notice) {
        if self.notices.len() == MOST_NOTICES {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
    }

    /// Its vote on something.
    pub fn vote_on(&self, target: Target) -> Option<Sign> {
        let place = self.votes.binary_search_by_key(&Cast::place(target), |cast| cast.target()).ok()?;
        Some(self.votes[place].sign())
    }

    /// How many votes of it are on the platform.
    pub fn votes(&self) -> usize {
        self.votes.len()
    }

    /// Its votes on what is on the platform.
    pub fn cast(&self) -> impl Iterator<Item = (Target, Sign)> + '_ {
        self.votes.iter().map(|cast| (cast.names(), cast.sign()))
    }
}

/// Puts a number into a list that is in order, or takes it out. Whether anything changed.
pub(super) fn set(list: &mut Vec<u32>, value: u32, membership: Membership) -> Changed {
    match (list.binary_search(&value), membership) {
        (Err(place), Membership::In) => {
            list.insert(place, value);
            Changed::Yes
        }
        (Ok(place), Membership::Out) => {
            list.remove(place);
            Changed::Yes
        }
        _ => Changed::No,
    }
}

/// Whether something changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Changed {
    Yes,
    No,
}

/// A vote in eight bytes: what on, and which way. Younger targets are larger, so that new votes go to the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Cast(u64);

impl Cast {
    pub(super) fn new(target: Target, sign: Sign) -> Self {
        Self(Self::place(target) << 1 | u64::from(sign == Sign::Up))
    }

    /// Where votes on a target lie in the order of votes: posts before comments.
    pub(super) fn place(target: Target) -> u64 {
        match target {
            Target::Post(post) => u64::from(post.0),
            Target::Comment(comment) => 1 << 32 | u64::from(comment.0),
        }
    }

    pub(super) const fn target(self) -> u64 {
        self.0 >> 1
    }

    pub(super) const fn names(self) -> Target {
        let place = self.target();
        if place >> 32 == 0 { Target::Post(PostId(place as u32)) } else { Target::Comment(CommentId(place as u32)) }
    }

    pub(super) const fn sign(self) -> Sign {
        if self.0 & 1 == 1 { Sign::Up } else { Sign::Down }
    }
}

/// A community.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Submolt {
    /// Its name.
    pub name: Arc<str>,
    /// What it is about.
    pub description: Arc<str>,
    /// Who founded it.
    pub owner: Option<AgentId>,
    /// When.
    pub created: Moment,
    /// How many subscribed.
    pub subscribers: u32,
    /// Posts made in it.
    pub posts_made: u32,
    /// The posts in it that feeds list.
    pub posts: PostIndex,
}

impl Submolt {
    pub(super) fn new(name: Arc<str>, description: Arc<str>, owner: Option<AgentId>, created: Moment) -> Self {
        Self { name, description, owner, created, subscribers: 0, posts_made: 0, posts: PostIndex::default() }
    }
}
