//! Studies: pure functions over answer sheets, behind a thin command each.

pub mod calibrate;
pub mod compare;
pub mod fit;
pub mod measure;
pub mod power;
pub mod setting;
