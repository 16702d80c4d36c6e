//! What can be measured on ballots and on what was funded, as pure functions.

pub mod agents;
pub mod axioms;
pub mod between;
pub mod breadth;
mod entropy;
#[cfg(test)]
mod fixtures;
pub mod gini;
pub mod satisfaction;
pub mod stability;
pub mod uncertainty;

pub use agents::{Diversity, Pooling, RowCounts};
pub use axioms::{SearchLimit, Verdict};
pub use between::Between;
pub use breadth::Breadth;
pub use satisfaction::{Satisfaction, SatisfactionKind};
