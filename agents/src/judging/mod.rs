//! How agents that write judge dilemmas: the words of a dilemma, and the reading of what was chosen.

pub mod choice;
pub mod prompt;

pub use choice::{Choices, Failed, gap_of};
pub use prompt::{DilemmaPromptTemplates, DilemmaPrompts};
