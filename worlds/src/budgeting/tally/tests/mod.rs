//! The voting rules put to the test: theorems about them, slow ways to the same result, and elections worked out by
//! hand.

mod by_hand;
mod completed;
mod elections;
mod invariance;
mod money;
mod proportionality;
mod slowly;
mod ties;
mod welfare;
