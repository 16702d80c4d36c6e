//! Participatory budgeting: projects, ballots, the rules that turn ballots into spending, and what can be measured on
//! both.

pub mod ballot;
pub mod count;
pub mod electorate;
pub mod exact;
pub mod instance;
pub mod measures;
pub mod pabulib;
pub mod tally;
pub mod vote;

pub use ballot::{Ballot, BallotKind, Profile, Voter, VoterUnit};
pub use electorate::Electorate;
pub use exact::Exact;
pub use instance::{Instance, Project, ProjectIndex};
