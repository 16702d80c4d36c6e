//! Moral dilemmas: those that were recorded, and those a society judges.

mod panel;
mod recorded;
mod society;
