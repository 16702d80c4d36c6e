//! How agents think: persona and memory, prompts, the reading of answers, and one module a kind of agent.
//!
//! Agents open no socket and no file: what lies in files is read by the composition root and handed over.

pub mod drafts;
pub mod form;
pub mod judging;
pub mod kinds;
pub mod memory;
pub mod parse;
pub mod persona;
pub mod posting;
pub mod profile;
pub mod prompt;
pub mod template;
pub mod voting;
