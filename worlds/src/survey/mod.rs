//! The survey: a questionnaire, the answers of a society, the human reference, and what can be measured on them.

pub mod counted;
pub mod item;
pub mod measures;
pub mod observe;
pub mod plugin;
pub mod record;
pub mod reference;
pub mod resolve;
pub mod sheet;
pub mod state;

pub use item::{Item, Scale, Survey};
pub use reference::{Coding, Reference, ReferenceSheet, Statistic};
pub use sheet::{AnswerSheets, Cell};
