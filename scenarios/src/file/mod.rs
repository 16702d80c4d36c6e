//! Scenario files: the schema, the reader that finds every mistake at once, and overrides from the command line.

pub mod diagnose;
pub mod dilemmas;
pub mod drafting;
pub mod in_order;
pub mod members;
pub mod outline;
pub mod overrides;
pub mod panel;
pub mod personas;
pub mod posting;
pub mod read;
pub mod schema;
