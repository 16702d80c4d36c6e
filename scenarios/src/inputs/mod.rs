//! What a scenario refers to: surveys, references, cultures, prompts, presets, recordings. Embedded assets or files.

pub mod asset;
pub mod ballot;
pub mod columns;
pub mod comparisons;
pub mod dilemmas;
pub mod drafting;
pub mod figures;
pub mod finished;
pub mod microdata;
pub mod platform;
pub mod published;
pub mod recordings;
pub mod reference;
pub mod run;
pub mod survey;
