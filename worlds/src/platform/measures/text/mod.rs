//! How alike texts are, without a model.
//!
//! Most figures of texts depend on how much text there is, so compare windows of equally many words
//! ([`corpus::Corpus::latest_words`]) or documents ([`corpus::Corpus::latest_documents`]).

pub mod compression;
pub mod corpus;
pub mod grams;
pub mod lexical;
pub mod near_duplicates;
pub mod repetition;
pub mod self_bleu;
