//! How agents vote: prompts and the reading of ballots for those that write, utilities for those that do not.

pub mod leanings;
pub mod prompt;
pub mod read;

pub use leanings::Leanings;
pub use prompt::{VotePromptTemplates, VotePrompts};
pub use read::{BallotReading, read_ballot};
