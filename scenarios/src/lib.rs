//! The composition root: scenario files and their diagnostics, the catalogue, spawning, the command line. The only
//! crate that knows agents and worlds; it simulates nothing itself.

pub mod baselines;
pub mod beside;
pub mod catalog;
pub mod commands;
pub mod comparison;
pub mod file;
pub mod inputs;
pub mod load;
pub mod report;
pub mod resolve;
pub mod shapes;
pub mod spawn;
pub mod studies;
