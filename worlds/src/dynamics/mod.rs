//! Classical opinion dynamics: what a society would do if it followed one of the old stories. As null models they are
//! carried out beside societies of language models, and fitted to them.
//!
//! Opinions are numbers, one an agent and item; what they are rounded to is an answer. All functions here are pure.

pub mod averaging;
pub mod bounded;
pub mod copying;
pub mod fit;
pub mod opinions;
pub mod story;

pub use opinions::Opinions;
pub use story::NullModel;
