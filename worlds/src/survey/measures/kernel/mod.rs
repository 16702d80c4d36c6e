//! Distances between answer sheets as whole numbers, many at a time.
//!
//! Answers are packed a byte each, 32 to a vector; a squared distance is two squared lengths less twice an inner product,
//! and inner products are what processors are best at. Whatever the processor, the integers are the same.

mod dots;
mod packed;
mod pairs;
mod running;
mod tree;

pub use dots::Instructions;
pub use packed::Packed;
pub use pairs::PairDistances;
pub use running::RunningPairs;
pub use tree::tree;
