//! Moral dilemmas: those that were recorded, and those a society judges.

mod open;
mod panel;
mod recorded;
mod society;
