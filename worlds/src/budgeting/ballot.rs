//! Ballots, as voters hand them in.

use std::sync::Arc;

use super::instance::ProjectIndex;

/// What voters write on a ballot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BallotKind {
    /// The projects they approve.
    Approval,
    /// Projects from the best on, possibly not all.
    Ranking,
    /// Points out of a fixed sum, spread over projects.
    Cumulative,
    /// Points for each project by itself.
    Scoring,
}

impl BallotKind {
    /// The name Pabulib has for it (`vote_type`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Ranking => "ordinal",
            Self::Cumulative => "cumulative",
            Self::Scoring => "scoring",
        }
    }
}

/// One ballot. Projects occur at most once in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Ballot {
    /// The projects named: approved, ranked from the best on, or given points.
    pub projects: Vec<ProjectIndex>,
    /// Points of each of them, in units of 1 / [`Profile::point_scale`]; empty for approvals and rankings.
    pub points: Vec<i64>,
}

/// Who handed a ballot in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Voter {
    /// Identifier of the ballot.
    pub id: Arc<str>,
    /// The agent whose ballot it is, where one casts several; the place of a name in [`Profile::agents`].
    pub agent: Option<u32>,
    /// The ballot.
    pub ballot: Ballot,
}

/// All ballots of an election.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    /// What is written on them.
    pub kind: BallotKind,
    /// The ballots, in the order in which they were given.
    pub voters: Vec<Voter>,
    /// Names of agents that cast several ballots each; empty where every ballot is its own voter.
    pub agents: Vec<Arc<str>>,
    /// What points are in units of one part of: 10 where they have one decimal.
    pub point_scale: i64,
    /// Points of projects a scoring ballot does not name, in the same units.
    pub default_points: i64,
}

/// Who counts as one voter where agents cast several ballots.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub enum VoterUnit {
    /// Every ballot is one voter.
    #[default]
    Ballot,
    /// Every agent is one voter, whose weight is split evenly over the ballots it cast: an agent with few ballots
    /// weighs as much as one with many.
    Agent,
}
