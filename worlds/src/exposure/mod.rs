//! Social exposure: before each item agents are shown what others answered in the round before.

pub mod design;
pub mod network;
pub mod peers;
pub mod perceive;

pub use design::{ExposureDesign, Shown};
pub use network::Network;
