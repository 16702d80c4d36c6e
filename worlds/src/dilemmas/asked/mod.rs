//! Dilemmas as part of a society's life: a set that every agent judges in a tick, in both orders of its options.

pub mod design;
pub mod judgements;
pub mod observe;
pub mod plugin;
pub mod record;
pub mod state;

pub use design::{DilemmaDesign, DilemmaSet, DilemmaSets, is_dilemmas};
pub use judgements::{Grounds, Judgement, Judgements};
