//! What can be measured on a posting platform, as pure functions of plain data: authors, communities and cultures are
//! numbers, texts are strings. A figure that is not defined for what was given is `None`, never 0.

pub mod attention;
pub mod authorship;
pub mod clusters;
pub mod embeddings;
pub mod figure;
#[cfg(test)]
mod fixtures;
pub mod impressions;
pub mod power_law;
pub mod text;
pub mod threads;
pub mod ties;
pub mod topics;
pub mod vectors;
pub mod vendi;
pub mod vocabulary;

pub use figure::{Mean, Quantiles, Share};
pub use text::corpus::{Corpus, Writing};
