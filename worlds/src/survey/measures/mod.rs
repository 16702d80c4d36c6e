//! Measures of a society's answers, as pure functions over answer sheets. Distances, alignments and diversities are
//! in percent (0 to 100), as the paper prints them; per-item figures in 0 to 1.

pub mod alignment;
pub mod baseline;
pub mod by_culture;
pub mod distance;
pub mod diversity;
pub mod drift;
pub mod estimate;
pub mod item;
pub mod kernel;
pub mod krippendorff;
pub mod polarisation;
