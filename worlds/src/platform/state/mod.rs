//! The state of a platform: accounts, communities, posts, comments and who voted on what, in compact tables.

mod act;
mod content;
mod entry;
mod feed;
mod retain;
mod vote;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use pluriverse_engine::agent::AgentId;
use serde::Serialize;

use super::body::Writings;
use super::ids::{CommentId, Moment, PostId, SubmoltId};
use super::index::PostIndex;
use super::rules::{FEATURED, Rules};
use super::totals::Totals;

pub use content::{Comment, Content, Post, Standing};
pub use entry::{Account, Membership, Notice, NoticeKind, Submolt};
pub use feed::{FeedOf, Reader};

/// A platform.
#[derive(Resource, Clone, PartialEq, Debug, Serialize)]
pub struct Platform {
    rules: Rules,
    now: Moment,
    /// How many accounts, from 0, belong to agents of the society; the others are guests.
    members: u32,
    accounts: Vec<Account>,
    submolts: Vec<Submolt>,
    names: BTreeMap<Arc<str>, SubmoltId>,
    posts: VecDeque<Post>,
    first_post: u32,
    comments: VecDeque<Comment>,
    first_comment: u32,
    everything: PostIndex,
    totals: Totals,
    /// What was written in words.
    #[serde(skip)]
    pub writings: Writings,
}

impl Platform {
    /// A platform that opens now, with its featured communities and an account for each of so many agents.
    pub fn new(rules: Rules, agents: u32) -> Self {
        let mut platform = Self {
            rules,
            now: Moment::default(),
            members: agents,
            accounts: Vec::new(),
            submolts: Vec::new(),
            names: BTreeMap::new(),
            posts: VecDeque::new(),
            first_post: 0,
            comments: VecDeque::new(),
            first_comment: 0,
            everything: PostIndex::default(),
            totals: Totals::default(),
            writings: Writings::default(),
        };
        for (name, description) in FEATURED {
            platform.found(Arc::from(name), Arc::from(description), None);
        }
        for _ in 0..agents {
            platform.join();
        }
        platform
    }

    /// Opens an account and subscribes it to the featured communities.
    pub fn join(&mut self) -> AgentId {
        let featured = FEATURED.len().min(self.submolts.len()) as u32;
        let agent = AgentId(self.accounts.len() as u32);
        self.accounts.push(Account::new(self.now, featured));
        for submolt in &mut self.submolts[..featured as usize] {
            submolt.subscribers += 1;
        }
        agent
    }

    /// Adds a community without asking anybody.
    pub fn found(&mut self, name: Arc<str>, description: Arc<str>, owner: Option<AgentId>) -> SubmoltId {
        if let Some(&known) = self.names.get(&name) {
            return known;
        }
        let id = SubmoltId(self.submolts.len() as u32);
        self.submolts.push(Submolt::new(name.clone(), description, owner, self.now));
        self.names.insert(name, id);
        id
    }

    /// The rules.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Other rules from now on. The order of feeds is kept by the ranker the platform was opened with.
    pub fn set_rules(&mut self, rules: Rules) {
        let reindex = rules.ranker != self.rules.ranker;
        self.rules = rules;
        if reindex {
            self.reindex();
        }
    }

    /// The time.
    pub const fn now(&self) -> Moment {
        self.now
    }

    /// Lets time pass. It never goes back.
    pub fn pass_to(&mut self, moment: Moment) {
        self.now = self.now.max(moment);
    }

    /// How many agents of the society have accounts.
    pub const fn members(&self) -> u32 {
        self.members
    }

    /// Whether an account belongs to an agent of the society.
    pub const fn is_member(&self, agent: AgentId) -> bool {
        agent.0 < self.members
    }

    /// The accounts, by agent.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// An account.
    pub fn account(&self, agent: AgentId) -> Option<&Account> {
        self.accounts.get(agent.index())
    }

    /// The communities, by id.
    pub fn submolts(&self) -> &[Submolt] {
        &self.submolts
    }

    /// A community by its name.
    pub fn submolt(&self, name: &str) -> Option<SubmoltId> {
        self.names.get(name).copied()
    }

    /// A post that is on the platform, deleted or not.
    pub fn post(&self, post: PostId) -> Option<&Post> {
        self.posts.get(post.0.checked_sub(self.first_post)? as usize)
    }

    /// A comment that is on the platform, deleted or not.
    pub fn comment(&self, comment: CommentId) -> Option<&Comment> {
        self.comments.get(comment.0.checked_sub(self.first_comment)? as usize)
    }

    /// The posts on the platform, oldest first.
    pub fn posts(&self) -> impl DoubleEndedIterator<Item = (PostId, &Post)> + ExactSizeIterator {
        let first = self.first_post;
        self.posts.iter().enumerate().map(move |(place, post)| (PostId(first + place as u32), post))
    }

    /// The comments on the platform, oldest first.
    pub fn comments(&self) -> impl DoubleEndedIterator<Item = (CommentId, &Comment)> + ExactSizeIterator {
        let first = self.first_comment;
        self.comments.iter().enumerate().map(move |(place, comment)| (CommentId(first + place as u32), comment))
    }

    /// What happened since the platform opened.
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The state as bytes: the same for the same history.
    pub fn image(&self) -> Vec<u8> {
        // Its types hold nothing JSON cannot.
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn post_mut(&mut self, post: PostId) -> Option<&mut Post> {
        self.posts.get_mut(post.0.checked_sub(self.first_post)? as usize)
    }

    fn comment_mut(&mut self, comment: CommentId) -> Option<&mut Comment> {
        self.comments.get_mut(comment.0.checked_sub(self.first_comment)? as usize)
    }

    /// Builds the order of all feeds anew.
    fn reindex(&mut self) {
        self.everything = PostIndex::default();
        for submolt in &mut self.submolts {
            submolt.posts = PostIndex::default();
        }
        let ranker = self.rules.ranker;
        for (place, post) in self.posts.iter().enumerate().filter(|(_, post)| post.is_listed()) {
            let id = self.first_post + place as u32;
            for index in [&mut self.everything, &mut self.submolts[post.submolt.0 as usize].posts] {
                index.insert(id, &ranker);
                index.revalue(id, super::ranker::Votes::default(), post.content.votes, &ranker);
            }
        }
    }
}
