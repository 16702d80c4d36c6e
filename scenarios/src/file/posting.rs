//! A posting phase as a user writes it.

use pluriverse_worlds::exposure::design::{MemoryPolicy, Update};
use pluriverse_worlds::platform::action::Sort;
use pluriverse_worlds::platform::limits::LimitProfile;
use pluriverse_worlds::platform::posting::{
    Extent, Habits, PlatformMetric, RecordImpressions, RecordWords, SocialProof, Visible, WakeBudget,
};
use pluriverse_worlds::platform::ranker::Ranker;
use pluriverse_worlds::platform::rules::RepeatedVote;
use pluriverse_worlds::platform::schedule::Heartbeat;
use serde::{Deserialize, Serialize};

/// Rounds on the platform.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostSpec {
    /// How many rounds.
    pub rounds: i64,
    /// Minutes of virtual time a round takes.
    #[serde(default = "half_an_hour")]
    pub minutes: f64,
    /// When agents wake.
    #[serde(default)]
    pub heartbeat: Heartbeat,
    /// How much an agent may do in how short a time.
    #[serde(default)]
    pub limits: LimitProfile,
    /// How `hot` orders posts.
    #[serde(default)]
    pub ranker: Ranker,
    /// What a vote does that repeats an earlier one.
    #[serde(default)]
    pub repeated_vote: RepeatedVote,
    /// Hours after which posts leave the platform; never where absent.
    #[serde(default)]
    pub retention: Option<f64>,
    /// Whether scores are shown.
    #[serde(default)]
    pub votes: Visible,
    /// Whether karma is shown.
    #[serde(default)]
    pub karma: Visible,
    /// How much of a text is shown.
    #[serde(default)]
    pub extent: Extent,
    /// How much an agent does when it wakes.
    #[serde(default)]
    pub budget: WakeBudget,
    /// In which order agents with a language model are shown their feed.
    #[serde(default = "newest")]
    pub sort: Sort,
    /// What agents with a language model are told to do when they wake.
    #[serde(default)]
    pub checklist: Checklist,
    /// What an agent keeps of what it did and read, in rounds.
    #[serde(default = "two_days")]
    pub memory: MemoryPolicy,
    /// When what an agent does can be seen.
    #[serde(default)]
    pub update: Update,
    /// What agents without a language model do.
    #[serde(default)]
    pub habits: Habits,
    /// How votes and karma weigh what they read.
    #[serde(default)]
    pub proof: SocialProof,
    /// By which grammar they put positions into words: the embedded one or a path.
    #[serde(default = "talk")]
    pub grammar: String,
    /// Ask the survey after every so many rounds too, out of band.
    #[serde(default)]
    pub probe: Option<i64>,
    /// Whose impressions are written.
    #[serde(default)]
    pub impressions: RecordImpressions,
    /// Whether words are made for the tables.
    #[serde(default)]
    pub words: RecordWords,
    /// What is measured.
    #[serde(default = "everything")]
    pub observe: Vec<PlatformMetric>,
    /// After every so many rounds, and after the last.
    #[serde(default = "a_day")]
    pub every: i64,
    /// Words in the windows in which words are measured.
    #[serde(default = "window")]
    pub window: i64,
    /// A folder with posts and comments that are on the platform when it opens.
    #[serde(default)]
    pub seeded: Option<String>,
}

/// What agents with a language model are told to do when they wake, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Checklist {
    /// Like the platform's of late February 2026: answer first, read, vote, comment, and post only with something to
    /// say.
    #[default]
    Late,
    /// Like its first one: look at what is new, consider posting, explore.
    Early,
    /// In the scenario's own words.
    Steps(Vec<String>),
}

fn half_an_hour() -> f64 {
    30.0
}
fn newest() -> Sort {
    Sort::New
}
fn two_days() -> MemoryPolicy {
    MemoryPolicy::Seen(96)
}
fn talk() -> String {
    "talk".to_owned()
}
fn everything() -> Vec<PlatformMetric> {
    PlatformMetric::ALL.map(|(metric, _)| metric).to_vec()
}
fn a_day() -> i64 {
    48
}
fn window() -> i64 {
    2_000
}
