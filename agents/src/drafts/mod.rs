//! Candidate sets in words: what is asked for, how a set is read, and what a judge is asked and says.

pub mod answers;
pub mod prompt;
pub mod read;
pub mod taking;
pub mod verdict;

pub use answers::AnswerDrafting;
pub use prompt::{DraftPromptTemplates, DraftPrompts};
pub use read::{draft, number, sections};
pub use verdict::verdict;

/// How often a reply that cannot be read is asked for again: the same prompt, another draw.
pub const RETRIES: u16 = 3;
