//! Votes as a world: what is put to the vote, ballots cast tick by tick, and what they decide.

pub mod ballot_box;
pub mod design;
pub mod form;
pub mod jury;
pub mod observe;
pub mod paper;
pub mod plugin;
pub mod profile;
pub mod record;
pub mod showing;
pub mod state;

pub use ballot_box::BallotBox;
pub use design::{Election, Elections, Recall, Stage, VoteDesign, is_vote};
pub use form::{BallotFault, BallotForm, Named};
pub use paper::{BallotPaper, Favours, Reason};
