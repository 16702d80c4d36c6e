//! Studies: pure functions over answer sheets, behind a thin command each.

pub mod calibrate;
pub mod compare;
pub mod comparisons;
pub mod compositions;
pub mod dilemmas;
pub mod fit;
pub mod landscape;
pub mod measure;
pub mod mixed;
pub mod objectives;
pub mod platform_data;
pub mod power;
pub mod robustness;
pub mod scaled;
pub mod setting;
pub mod systems;
