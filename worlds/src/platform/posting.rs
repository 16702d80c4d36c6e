//! How a posting phase is set up: what a round is, who wakes, what is shown, and how much an agent does.

use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use serde::{Deserialize, Serialize};

use super::action::Sort;
use super::rules::Rules;
use super::schedule::Heartbeat;
use crate::exposure::design::{MemoryPolicy, Treatment, Update};

/// A posting phase in one arm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PostDesign {
    /// Place of its set-up in [`Postings`].
    pub posting: u16,
    /// What the society is put through.
    pub treatment: Treatment,
    /// What an agent keeps of what it did and read, in rounds.
    pub memory: MemoryPolicy,
    /// When what an agent does can be seen: `Simultaneous` is a snapshot of the round's start, `Sequential` is
    /// asynchronous.
    pub update: Update,
}

/// Whether something is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Visible {
    /// It is.
    #[default]
    Shown,
    /// It is not.
    Hidden,
}

/// How much of a post a feed shows to an agent that reads words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Extent {
    /// Titles only.
    Title,
    /// Title, and the text up to so many characters.
    Excerpt(u32),
    /// Everything, up to 10,000 characters.
    #[default]
    Full,
}

impl Extent {
    /// Characters of a text that are shown.
    pub const fn characters(self) -> u32 {
        match self {
            Self::Title => 0,
            Self::Excerpt(most) => most,
            Self::Full => 10_000,
        }
    }
}

/// How much an agent does when it wakes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WakeBudget {
    /// Posts a feed shows.
    #[serde(default = "fifteen")]
    pub feed: u32,
    /// Readings an agent that writes words may ask for besides its feed, each of them another request to its model.
    #[serde(default)]
    pub reads: u32,
    /// Actions.
    #[serde(default = "ten")]
    pub actions: u32,
}

const fn fifteen() -> u32 {
    15
}

const fn ten() -> u32 {
    10
}

impl Default for WakeBudget {
    fn default() -> Self {
        Self { feed: fifteen(), reads: 0, actions: ten() }
    }
}

/// Whose impressions are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum RecordImpressions {
    /// Nobody's.
    #[default]
    None,
    /// Those of every so many-th agent.
    Sample(u32),
    /// Everybody's.
    All,
}

/// Whether posts and comments of agents without words are written with the words made for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum RecordWords {
    /// They are.
    #[default]
    All,
    /// Only what was written in words is; positions are written either way.
    Written,
}

/// What agents without words do when they wake, as probabilities. The defaults are those of the catalogue's `moltbook`,
/// set so that the whole is shaped like the published platform; none is taken from it one by one.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Habits {
    /// Writing a post.
    pub post: f64,
    /// Commenting on a post that was read.
    pub comment: f64,
    /// Commenting on another comment instead of the post, where there is one.
    pub reply_in_thread: f64,
    /// Answering a comment on what it wrote itself.
    pub reply: f64,
    /// Voting on a post that was read.
    pub vote: f64,
    /// Voting down one that it disagrees with entirely, where it votes; in proportion where it disagrees less.
    pub vote_down: f64,
    /// Following the author of a post it voted for.
    pub follow: f64,
    /// Subscribing to the community of a post it voted for.
    pub subscribe: f64,
    /// Founding a community before it posts.
    pub found: f64,
    /// Posting in the first featured community.
    pub general: f64,
    /// Posting, where not there, in the community of a post it has just read.
    pub imitate: f64,
    /// Reading what is new instead of what is hot.
    pub read_new: f64,
    /// Deleting a post of its own, at each wake.
    pub delete: f64,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            post: 0.3,
            comment: 0.35,
            reply_in_thread: 0.08,
            reply: 0.055,
            vote: 0.25,
            vote_down: 0.06,
            follow: 0.01,
            subscribe: 0.03,
            found: 0.7,
            general: 0.45,
            imitate: 0.2,
            read_new: 0.7,
            delete: 0.001,
        }
    }
}

/// How votes and karma weigh what agents without words read, where they are shown. A post weighs 1 + votes·log₂(1 + s)
/// + karma·log₂(1 + k) for a score s and an author's karma k above 0, up to 15.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SocialProof {
    /// For the score.
    pub votes: f64,
    /// For the author's karma.
    pub karma: f64,
}

impl Default for SocialProof {
    fn default() -> Self {
        Self { votes: 0.5, karma: 0.1 }
    }
}

/// What is measured on a platform besides the survey's measures.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum PlatformMetric {
    /// Inequality of activity, of votes received and of communities.
    Attention,
    /// Shapes of threads, replies, returns.
    Threads,
    /// Words: distinct n-grams, entropy, compression, self-BLEU, vocabularies, duplicates, topics, authorship, Vendi.
    Text,
    /// Who comments on whom: reciprocity, assortativity, modularity, E–I index.
    Ties,
    /// Who is shown whom, by culture.
    Impressions,
}

impl PlatformMetric {
    /// All, with what they are.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Attention, "Gini, power-law exponents and top shares of activity, votes and communities"),
        (Self::Threads, "comments a post, depths, reply incidence, flat threads, returning authors"),
        (
            Self::Text,
            "distinct-n, entropy, compression, self-BLEU, vocabularies, duplicates, topics, authorship, Vendi",
        ),
        (Self::Ties, "reciprocity, assortativity by culture, modularity, E-I index of who comments on whom"),
        (Self::Impressions, "whose posts agents are shown, by culture"),
    ];
}

/// The set-up of a posting phase, the same in all arms.
#[derive(Clone, PartialEq, Debug)]
pub struct Posting {
    /// How many rounds the phase has.
    pub rounds: u32,
    /// Seconds of virtual time a round takes.
    pub round: u32,
    /// When agents wake.
    pub heartbeat: Heartbeat,
    /// The platform's rules.
    pub rules: Rules,
    /// Whether scores are shown.
    pub votes: Visible,
    /// Whether karma is shown.
    pub karma: Visible,
    /// How much of a text is shown.
    pub extent: Extent,
    /// How much an agent does.
    pub budget: WakeBudget,
    /// In which order agents that read words are shown their feed.
    pub sort: Sort,
    /// What agents that read words are told to do when they wake, in order.
    pub checklist: Vec<Arc<str>>,
    /// What agents without words do.
    pub habits: Habits,
    /// How votes and karma weigh what they read.
    pub proof: SocialProof,
    /// Whose impressions are written.
    pub impressions: RecordImpressions,
    /// Whether words are made for the tables.
    pub words: RecordWords,
    /// What is measured.
    pub observe: Vec<PlatformMetric>,
    /// After every so many rounds, and after the last.
    pub every: u32,
    /// Words in the windows in which words are measured.
    pub window: u32,
}

/// The set-ups of a scenario's posting phases, in order.
#[derive(Resource, Clone, Debug, Default)]
pub struct Postings(pub Vec<Arc<Posting>>);
