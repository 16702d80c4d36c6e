//! Kinds of agents, one module each.

pub mod language_model;
pub mod null_model;
pub mod panel;
pub mod recorded;
pub mod scripted;
pub mod surrogate;
