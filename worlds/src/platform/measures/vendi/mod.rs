//! The Vendi score: how many different documents there are in effect.

mod eigen;
mod symmetric;

pub use symmetric::Symmetric;

use super::text::corpus::Corpus;
use super::vectors::UnitVectors;

/// Scores of more documents are not made: the time grows with the cube of their number.
pub const MOST: usize = 512;

/// What makes two texts alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kernel {
    /// Cosine of TF-IDF vectors ([`UnitVectors::tf_idf`]).
    TfIdf,
    /// Cosine of counts of runs of three words ([`UnitVectors::trigram_counts`]).
    Trigrams,
}

/// A Vendi score.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Vendi {
    /// How many documents it is of. Only scores of equally many compare.
    pub documents: usize,
    /// exp(−Σ λ ln λ) over the eigenvalues λ of K/n, from 1, all alike, to n, nothing in common (Friedman & Dieng 2023,
    /// definition 3.1).
    pub score: f64,
}

/// The score of the documents of a corpus that have a vector under the kernel; `None` for none or more than [`MOST`].
pub fn of_texts(corpus: &Corpus<'_>, kernel: Kernel) -> Option<Vendi> {
    let vectors = match kernel {
        Kernel::TfIdf => UnitVectors::tf_idf(corpus),
        Kernel::Trigrams => UnitVectors::trigram_counts(corpus),
    };
    let documents = vectors.rows().len();
    if documents > MOST { None } else { of_kernel(vectors.cosines(), documents) }
}

/// The score of so many documents from their kernel, or from any matrix with the same eigenvalues other than 0, such as
/// XᵀX where the kernel is XXᵀ. The kernel is positive semidefinite with 1 on its diagonal. `None` without documents,
/// for a matrix of more than [`MOST`] rows, and for one that is not finite.
pub fn of_kernel(matrix: Symmetric, documents: usize) -> Option<Vendi> {
    if documents == 0 || matrix.size() > MOST {
        return None;
    }
    let shares = eigen::eigenvalues(matrix)?.into_iter().map(|value| value / documents as f64);
    // Eigenvalues that should be 0 come out a little to either side of it.
    let entropy: f64 = shares.filter(|share| *share > 0.0).map(|share| -share * libm::log(share)).sum();
    Some(Vendi { documents, score: libm::exp(entropy) })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::corpus;
    use super::*;
    use proptest::prelude::*;

    fn near(found: Option<Vendi>, documents: usize, score: f64) -> bool {
        found.is_some_and(|found| found.documents == documents && (found.score - score).abs() < 1e-9)
    }

    #[test]
    fn scores_run_from_documents_all_alike_to_documents_with_nothing_in_common() {
        for kernel in [Kernel::TfIdf, Kernel::Trigrams] {
            assert!(near(of_texts(&corpus(&["a b c"; 7]), kernel), 7, 1.0));
            assert!(near(of_texts(&corpus(&["a b c", "d e f", "g h i"]), kernel), 3, 3.0));
            assert!(near(of_texts(&corpus(&["a b c", "d e f", "a b c", "d e f"]), kernel), 4, 2.0));
            assert_eq!(of_texts(&corpus(&[]), kernel), None);
        }
        assert_eq!(of_texts(&corpus(&["a b", "c"]), Kernel::Trigrams), None);
    }

    #[test]
    fn a_score_of_two_documents_is_that_worked_out_by_hand() {
        // Cosine c has eigenvalues (1 ± c) / 2.
        let c = 0.5_f64.sqrt();
        let (more, less) = (f64::midpoint(1.0, c), f64::midpoint(1.0, -c));
        let expected = libm::exp(-more * libm::log(more) - less * libm::log(less));
        assert!(near(of_texts(&corpus(&["a b c d", "a b c"]), Kernel::Trigrams), 2, expected));
    }

    #[test]
    fn too_many_documents_have_no_score() {
        assert_eq!(of_texts(&corpus(&["a"; MOST + 1]), Kernel::TfIdf), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn scores_lie_between_1_and_n_and_do_not_depend_on_order(
            texts in prop::collection::vec("[a-e]( [a-e]){2,6}", 1..12),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let turned: Vec<&str> = texts.iter().rev().copied().collect();
            for kernel in [Kernel::TfIdf, Kernel::Trigrams] {
                let found = of_texts(&corpus(&texts), kernel).expect("documents");
                prop_assert!(found.score >= 1.0 - 1e-9 && found.score <= texts.len() as f64 + 1e-9, "{found:?}");
                prop_assert!(near(of_texts(&corpus(&turned), kernel), texts.len(), found.score));
            }
            // Counts do not depend on the other documents, so saying everything twice changes nothing.
            let (once, twice) = (corpus(&texts), corpus(&[&texts[..], &texts[..]].concat()));
            let score = of_texts(&once, Kernel::Trigrams).expect("documents").score;
            prop_assert!(near(of_texts(&twice, Kernel::Trigrams), 2 * texts.len(), score));
        }
    }
}
