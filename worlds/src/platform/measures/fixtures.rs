//! Texts for tests.

use super::text::corpus::{Corpus, Writing};

/// A corpus of texts, the i-th by the i-th author.
pub(super) fn corpus<'t>(texts: &[&'t str]) -> Corpus<'t> {
    Corpus::of(&writings(texts))
}

/// Texts, the i-th by the i-th author.
pub(super) fn writings<'t>(texts: &[&'t str]) -> Vec<Writing<'t>> {
    (0..).zip(texts).map(|(author, text)| Writing { author, text }).collect()
}
