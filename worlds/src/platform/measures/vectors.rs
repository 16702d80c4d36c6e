//! Documents as vectors of length 1.

use super::text::corpus::Corpus;
use super::text::grams::Grams;
use super::vendi::Symmetric;

/// Sparse vectors of length 1, one a document: pairs of a dimension and a value, by ascending dimension.
#[derive(Clone, PartialEq, Debug)]
pub struct UnitVectors {
    rows: Vec<Vec<(u32, f64)>>,
    dimensions: usize,
}

impl UnitVectors {
    /// Counts of words times ln((1 + N) / (1 + df)) + 1, for N documents of which df have the word, to length 1 (the
    /// smoothed TF-IDF of scikit-learn; Salton & Buckley 1988). Words are weighed within the corpus given, one vector
    /// for each of its documents.
    pub fn tf_idf(corpus: &Corpus<'_>) -> Self {
        let words = Grams::of(corpus, 1);
        let counts = words.counts_by_document();
        let mut documents_with = vec![0_u32; words.types()];
        for &(word, _) in counts.iter().flatten() {
            documents_with[word as usize] += 1;
        }
        let all = 1.0 + counts.len() as f64;
        let weights: Vec<f64> =
            documents_with.iter().map(|&with| libm::log(all / (1.0 + f64::from(with))) + 1.0).collect();
        let weighted = |(word, count): (u32, u32)| (word, f64::from(count) * weights[word as usize]);
        let row = |counts: Vec<(u32, u32)>| unit(counts.into_iter().map(weighted).collect());
        Self { rows: counts.into_iter().map(row).collect(), dimensions: words.types() }
    }

    /// Counts of runs of three words, to length 1. Documents of fewer words have no vector.
    pub fn trigram_counts(corpus: &Corpus<'_>) -> Self {
        let trigrams = Grams::of(corpus, 3);
        let plain = |(run, count): (u32, u32)| (run, f64::from(count));
        let row = |counts: Vec<(u32, u32)>| unit(counts.into_iter().map(plain).collect());
        let counts = trigrams.counts_by_document().into_iter().filter(|counts| !counts.is_empty());
        Self { rows: counts.map(row).collect(), dimensions: trigrams.types() }
    }

    /// The vectors.
    pub fn rows(&self) -> &[Vec<(u32, f64)>] {
        &self.rows
    }

    /// How many dimensions there are.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The length of the sum of all vectors, from 0 to their number.
    pub fn length_of_sum(&self) -> f64 {
        let mut sum = vec![0.0; self.dimensions];
        for &(place, value) in self.rows.iter().flatten() {
            sum[place as usize] += value;
        }
        sum.iter().map(|value| value * value).sum::<f64>().sqrt()
    }

    /// Cosines of all pairs, with 1 on the diagonal.
    pub fn cosines(&self) -> Symmetric {
        let mut dense = vec![0.0; self.dimensions];
        let mut lower = Vec::with_capacity(self.rows.len());
        for (document, row) in self.rows.iter().enumerate() {
            for &(place, value) in row {
                dense[place as usize] = value;
            }
            let mut cosines: Vec<f64> = self.rows[..document].iter().map(|other| dot(other, &dense)).collect();
            cosines.push(1.0);
            lower.push(cosines);
            for &(place, _) in row {
                dense[place as usize] = 0.0;
            }
        }
        Symmetric::from_lower(lower)
    }
}

/// The product of a sparse and a dense vector.
pub(super) fn dot(sparse: &[(u32, f64)], dense: &[f64]) -> f64 {
    sparse.iter().map(|&(place, value)| value * dense[place as usize]).sum()
}

/// Mean cosine over pairs of n unit vectors from the length of their sum: ‖Σ‖² = n + Σ cos over ordered pairs. `None`
/// for fewer than two.
pub(super) fn mean_cosine(length_of_sum: f64, n: usize) -> Option<f64> {
    let n = n as f64;
    (n >= 2.0).then(|| (length_of_sum * length_of_sum - n) / (n * (n - 1.0)))
}

fn unit(mut row: Vec<(u32, f64)>) -> Vec<(u32, f64)> {
    let length = row.iter().map(|(_, value)| value * value).sum::<f64>().sqrt();
    for (_, value) in &mut row {
        *value /= length;
    }
    row
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::corpus;
    use super::*;

    #[test]
    fn weights_are_those_worked_out_by_hand() {
        // a is in both of two documents: ln(3/3) + 1 = 1; b in one: ln(3/2) + 1.
        let vectors = UnitVectors::tf_idf(&corpus(&["a a b", "a"]));
        let weight = libm::log(1.5) + 1.0;
        let length = (4.0 + weight * weight).sqrt();
        assert_eq!(vectors.rows()[1], [(0, 1.0)]);
        for (found, expected) in vectors.rows()[0].iter().zip([2.0 / length, weight / length]) {
            assert!((found.1 - expected).abs() < 1e-12);
        }
        assert!((vectors.cosines().at(1, 0) - 2.0 / length).abs() < 1e-12);
    }

    #[test]
    fn documents_without_a_run_of_three_words_have_no_vector_of_runs() {
        // abc, bcd against abc: 1/√2.
        let vectors = UnitVectors::trigram_counts(&corpus(&["a b c d", "a b", "a b c"]));
        assert_eq!((vectors.rows().len(), vectors.dimensions()), (2, 2));
        assert!((vectors.cosines().at(1, 0) - 0.5_f64.sqrt()).abs() < 1e-12);
    }
}
