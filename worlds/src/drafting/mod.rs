//! Drafting as a world: everyday prompts, sets of candidate replies to them, and which values those sets give a voice.

pub mod design;
pub mod drafts;
pub mod figures;
pub mod observe;
pub mod plugin;
pub mod record;
pub mod state;

pub use design::{
    Choosing, DraftDesign, Drafting, Draftings, EverydayPrompt, LabelledPair, Method, SurrogateDrafts, is_draft,
};
pub use drafts::{Candidate, DraftBox, JudgeReport};
