//! What agents live in. One folder a world: its state, what an agent perceives, how intents resolve, and its
//! measures as pure functions. Worlds never talk to a model.

pub mod budgeting;
pub mod culture;
pub mod dilemmas;
pub mod drafting;
pub mod dynamics;
pub mod exposure;
pub mod inference;
pub mod network;
pub mod panel;
pub mod plane;
pub mod platform;
pub mod pluralism;
pub mod survey;
