//! The platform against a slow reference, over random histories, and cases worked out by hand.

mod feeds;
mod hand;
mod invariants;
mod limits;
mod reference;
mod script;
mod writings;
