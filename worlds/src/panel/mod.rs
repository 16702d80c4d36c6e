//! Persona panels: how much personas of a country disagree with a model and with one another, and a correction of the
//! model's choice that is bounded, and shrinks where it cannot be relied on (DISCA, arXiv 2605.10843).
//!
//! Pure functions of gaps, distributions and draws; prompts and models live elsewhere. A gap is the log-odds of option
//! B over option A. [`correct`] is the front door for binary dilemmas, [`correct_ordinal`] for ordinal items.

pub mod blend;
pub mod constants;
pub mod correction;
pub mod draws;
pub mod fault;
pub mod gap;
pub mod gate;
pub mod importance;
pub mod open_ended;
#[cfg(test)]
mod oracle;
pub mod ordinal;
pub mod prior;
pub mod shares;
pub mod statistics;
#[cfg(test)]
mod tests;
pub mod tilt;

pub use constants::PanelSettings;
pub use correction::{Correction, Steering, correct};
pub use draws::Draws;
pub use fault::PanelFault;
pub use gap::GapPair;
pub use ordinal::{OrdinalCorrection, correct_ordinal};
pub use shares::OptionShares;
