//! How much each document says what those before it said.

use super::super::figure::Mean;
use super::corpus::Corpus;
use super::grams::Grams;

/// How many predecessors a document is compared with by custom.
pub const PREDECESSORS: usize = 20;

/// Runs of up to this many words are compared.
const LONGEST: usize = 4;

/// What stands for no match: ε of Chen & Cherry (2014), with the value NLTK gives it.
const NO_MATCH: f64 = 0.1;

/// Mean BLEU-4 of documents against their `predecessors` predecessors as references, from 0, nothing in common, to 1
/// (Zhu et al. 2018, who compare with all others). BLEU is that of a sentence (Papineni et al. 2002) smoothed by method
/// 1 of Chen & Cherry (2014). Only documents of at least four words that have all their predecessors are rated; `None`
/// where there is none, or no predecessor is asked for.
pub fn self_bleu(corpus: &Corpus<'_>, predecessors: usize) -> Option<Mean> {
    let counts: Vec<Vec<Vec<(u32, u32)>>> =
        Grams::up_to(corpus, LONGEST).iter().map(Grams::counts_by_document).collect();
    let lengths: Vec<usize> = corpus.documents().iter().map(|document| document.tokens.len()).collect();
    let rated = |document: &usize| predecessors > 0 && lengths[*document] >= LONGEST;
    Mean::of((predecessors..lengths.len()).filter(rated).map(|document| {
        let references = document - predecessors..document;
        let mut logs = 0.0;
        for (n, counts) in (1..).zip(&counts) {
            let matches = clipped(&counts[document], &counts[references.clone()]);
            if n == 1 && matches == 0 {
                return 0.0;
            }
            let total = (lengths[document] + 1 - n) as f64;
            logs += libm::log(if matches == 0 { NO_MATCH } else { f64::from(matches) } / total);
        }
        brevity(lengths[document], &lengths[references]) * libm::exp(logs / LONGEST as f64)
    }))
}

/// How many of the candidate's n-grams occur in a reference, each as often as in the reference that has it most often.
fn clipped(candidate: &[(u32, u32)], references: &[Vec<(u32, u32)>]) -> u32 {
    let mut most = vec![0; candidate.len()];
    for reference in references {
        let mut rest = &reference[..];
        for (&(gram, count), most) in candidate.iter().zip(&mut most) {
            while let Some(((other, _), later)) = rest.split_first()
                && *other < gram
            {
                rest = later;
            }
            if let Some(&(other, times)) = rest.first()
                && other == gram
            {
                *most = times.min(count).max(*most);
            }
        }
    }
    most.iter().sum()
}

/// The brevity penalty by the reference closest in length, of two the shorter.
fn brevity(length: usize, references: &[usize]) -> f64 {
    let closest = references.iter().min_by_key(|&&reference| (reference.abs_diff(length), reference));
    match closest {
        Some(&closest) if closest > length => libm::exp(1.0 - closest as f64 / length as f64),
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::corpus;
    use super::*;
    use proptest::prelude::*;

    fn bleu(texts: &[&str], predecessors: usize) -> Option<f64> {
        self_bleu(&corpus(texts), predecessors).map(|mean| mean.value)
    }

    fn near(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 1e-12)
    }

    #[test]
    fn scores_are_those_worked_out_by_hand() {
        // 4/5, 2/4, 1/3 and ε/2 as nothing matches: (0.8 · 0.5 · 1/3 · 0.05)^¼.
        let expected = libm::pow(0.8 * 0.5 / 3.0 * 0.05, 0.25);
        assert!(near(bleu(&["a b c d f", "a b c x d"], 1), expected));
        // Three words of the candidate are clipped to the two of the reference: 2/4, 1/3, ε/2, ε/1, five words to four.
        let expected = libm::exp(1.0 - 5.0 / 4.0) * libm::pow(0.5 / 3.0 * 0.05 * 0.1, 0.25);
        assert!(near(bleu(&["a a b c d", "a a a e"], 1), expected));
        // What the reference has more often counts once; four words to five.
        assert!(near(bleu(&["a a b c d", "a b c d"], 1), libm::exp(1.0 - 5.0 / 4.0)));
        // Each run occurs in one of the two references.
        assert!(near(bleu(&["a b c d e", "b c d e f", "a b c d e f"], 2), libm::pow(1.0, 0.25)));
        assert!(near(bleu(&["a b c d", "e f g h"], 1), 0.0));
    }

    #[test]
    fn short_documents_and_those_without_all_predecessors_are_not_rated() {
        assert_eq!(self_bleu(&corpus(&["a b c d", "a b c d", "a b c", "a b c d"]), 2), Some(Mean { value: 1.0, n: 1 }));
        assert_eq!(
            (bleu(&["a b c d", "a b c d"], 2), bleu(&["a b c d"; 3], 0), bleu(&["a"; 3], 1)),
            (None, None, None)
        );
    }

    proptest! {
        #[test]
        fn scores_are_bounded_and_those_of_repeated_documents_1(
            texts in prop::collection::vec("[a-f]( [a-f]){3,9}", 2..8),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let found = bleu(&texts, 1).expect("a predecessor");
            prop_assert!((0.0..=1.0 + 1e-12).contains(&found));
            prop_assert!(near(bleu(&[texts[0]; 4], 2), 1.0));
        }
    }
}
