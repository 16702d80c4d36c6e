//! Moral-Machine dilemmas: pairs of groups that differ in one of six dimensions, what a model's choices say about it,
//! and how near that is to what people of a country chose (Awad et al. 2018; arXiv 2407.02273; arXiv 2605.10843).
//!
//! Structure and figures only; the words of a dilemma live with the prompts. `asked` is the tick in which a society
//! judges dilemmas.

pub mod amce;
pub mod asked;
pub mod centred;
pub mod dimension;
pub mod generate;
pub mod human;
pub mod measures;
pub mod recording;
pub mod scenario;
pub mod score;

pub use dimension::{Dimension, Preferences};
pub use generate::{DilemmaSettings, generate};
pub use human::HumanAmces;
pub use scenario::Scenario;
pub use score::{Score, score};
