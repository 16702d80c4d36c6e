//! How varied the words of a window are.

use super::super::figure::entropy_bits;
use super::corpus::Corpus;
use super::grams::Grams;

/// The moving window of the type-token ratio, in words.
pub const MOVING_WINDOW: usize = 50;

/// Runs of up to this many words are counted.
pub const LONGEST_RUN: usize = 5;

/// How varied the words of a window are. All but the moving figure depend on its size.
#[derive(Clone, PartialEq, Debug)]
pub struct Lexical {
    /// Words in the window, repetitions included.
    pub tokens: usize,
    /// Distinct-n, different n-grams over all n-grams within documents, for n = 1 to 5, each above 0 and at most 1 (Li
    /// et al. 2016); `None` where no document has n words.
    pub distinct: [Option<f64>; LONGEST_RUN],
    /// Shannon entropy of the 3-grams, in bits, from 0 to log₂ of their number.
    pub trigram_bits: Option<f64>,
    /// The same over log₂ of the number of different 3-grams, from 0 to 1. It hides collapse, as the divisor shrinks
    /// along. `None` for fewer than two.
    pub trigram_evenness: Option<f64>,
    /// Moving-average type-token ratio over [`MOVING_WINDOW`] words, documents read one after another (Covington &
    /// McFall 2010), above 0 and at most 1; `None` for fewer words.
    pub moving_type_token_ratio: Option<f64>,
}

impl Lexical {
    /// The figures of a corpus.
    pub fn of(corpus: &Corpus<'_>) -> Self {
        let grams = Grams::up_to(corpus, LONGEST_RUN);
        let mut distinct = [None; LONGEST_RUN];
        for (ratio, grams) in distinct.iter_mut().zip(&grams) {
            let tokens = grams.tokens();
            *ratio = (tokens > 0).then(|| grams.types() as f64 / tokens as f64);
        }
        let trigram_bits = entropy_bits(grams[2].counts());
        let most = (grams[2].types() > 1).then(|| libm::log2(grams[2].types() as f64));
        Self {
            tokens: corpus.tokens(),
            distinct,
            trigram_bits,
            trigram_evenness: trigram_bits.zip(most).map(|(bits, most)| bits / most),
            moving_type_token_ratio: moving_type_token_ratio(corpus, MOVING_WINDOW),
        }
    }
}

fn moving_type_token_ratio(corpus: &Corpus<'_>, window: usize) -> Option<f64> {
    let tokens: Vec<usize> =
        corpus.documents().iter().flat_map(|document| &document.tokens).map(|&token| token as usize).collect();
    let mut counts = vec![0_usize; corpus.words().len()];
    let (mut types, mut sum) = (0, 0);
    for (place, &token) in tokens.iter().enumerate() {
        types += usize::from(counts[token] == 0);
        counts[token] += 1;
        if let Some(leaving) = place.checked_sub(window) {
            counts[tokens[leaving]] -= 1;
            types -= usize::from(counts[tokens[leaving]] == 0);
        }
        if place + 1 >= window {
            sum += types;
        }
    }
    let windows = (tokens.len() + 1).saturating_sub(window);
    (window > 0 && windows > 0).then(|| sum as f64 / (windows * window) as f64)
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::corpus;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn variety_is_that_worked_out_by_hand() {
        let lexical = Lexical::of(&corpus(&["a b a b c", "a b a"]));
        // 1-grams: 3 of 8. 2-grams ab ba ab bc, ab ba: 3 of 6. 3-grams aba bab abc, aba: 3 of 4. 4: 2 of 2. 5: 1 of 1.
        assert_eq!(lexical.distinct, [Some(0.375), Some(0.5), Some(0.75), Some(1.0), Some(1.0)]);
        // Shares 1/2, 1/4, 1/4.
        assert_eq!(lexical.trigram_bits, Some(1.5));
        assert!(lexical.trigram_evenness.is_some_and(|found| (found - 1.5 / libm::log2(3.0)).abs() < 1e-12));
        assert_eq!((lexical.tokens, lexical.moving_type_token_ratio), (8, None));
    }

    #[test]
    fn the_moving_ratio_is_that_worked_out_by_hand() {
        // Windows of 3 in a b a | c: a b a has 2 types, b a c has 3.
        assert_eq!(moving_type_token_ratio(&corpus(&["a b a", "c"]), 3), Some(5.0 / 6.0));
        assert_eq!(moving_type_token_ratio(&corpus(&["a b a", "c"]), 5), None);
    }

    #[test]
    fn short_documents_have_no_long_runs() {
        let lexical = Lexical::of(&corpus(&["a b", "a"]));
        assert_eq!(lexical.distinct, [Some(2.0 / 3.0), Some(1.0), None, None, None]);
        assert_eq!((lexical.trigram_bits, lexical.trigram_evenness), (None, None));
    }

    proptest! {
        #[test]
        fn repeating_every_document_halves_distinct_and_keeps_entropy(
            texts in prop::collection::vec("[a-d]( [a-d]){2,8}", 1..8),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let once = Lexical::of(&corpus(&texts));
            let twice = Lexical::of(&corpus(&[&texts[..], &texts[..]].concat()));
            for (once, twice) in once.distinct.iter().zip(twice.distinct) {
                prop_assert_eq!(once.map(|ratio| ratio / 2.0), twice);
                prop_assert!(once.is_none_or(|ratio| ratio > 0.0 && ratio <= 1.0));
            }
            let bits = once.trigram_bits.zip(twice.trigram_bits);
            prop_assert!(bits.is_some_and(|(once, twice)| (once - twice).abs() < 1e-9));
            prop_assert!(once.trigram_evenness.is_none_or(|evenness| (0.0..=1.0 + 1e-12).contains(&evenness)));
        }
    }
}
