//! Social exposure: before each item agents are shown what others answered in the round before, or what their arm shows
//! them instead.

pub mod design;
pub mod options;
pub mod peers;
pub mod placebo;
pub mod showing;
pub mod turns;

pub use design::{ExposureDesign, Shown};
pub use showing::{Showing, ShownAnswer};
