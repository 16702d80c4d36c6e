//! The platform: agents that post, comment, vote, follow and read ranked feeds, over virtual time.
//!
//! [`state::Platform`] is the state and what can be done to it; [`state::Platform::act`] is the only way. Everything
//! else decides what is done when ([`schedule`], [`round`], [`life`]), shows it ([`view`]), or measures it.

pub mod action;
pub mod body;
pub mod fidelity;
pub mod guests;
pub mod ids;
pub mod index;
pub mod life;
pub mod limits;
pub mod measures;
pub mod observe;
pub mod plugin;
pub mod posting;
pub mod ranker;
pub mod reading;
pub mod record;
pub mod round;
pub mod rules;
pub mod schedule;
pub mod see;
pub mod state;
pub mod totals;
pub mod view;
pub mod wish;
pub mod wording;
