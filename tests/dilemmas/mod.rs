//! Moral dilemmas: those that were recorded, and those a society judges.

mod recorded;
mod society;
