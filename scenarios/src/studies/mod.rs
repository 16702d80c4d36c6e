//! Studies: pure functions over answer sheets, behind a thin command each.

pub mod calibrate;
pub mod measure;
pub mod setting;
