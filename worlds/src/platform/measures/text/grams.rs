//! Runs of words.

use super::corpus::Corpus;

/// The n-grams of documents: runs of n words within a document, numbered from 0 without gaps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grams {
    by_document: Vec<Vec<u32>>,
    types: usize,
}

impl Grams {
    /// The n-grams of a corpus for n from 1 to `longest`, in this order.
    pub fn up_to(corpus: &Corpus<'_>, longest: usize) -> Vec<Self> {
        let mut all = Vec::with_capacity(longest);
        for n in 1..=longest {
            let next = match all.last() {
                None => Self::words(corpus),
                Some(shorter) => Self::extended(shorter, corpus, n),
            };
            all.push(next);
        }
        all
    }

    /// The n-grams of a corpus for one n of at least 1.
    pub fn of(corpus: &Corpus<'_>, n: usize) -> Self {
        let words = Self::words(corpus);
        (2..=n).fold(words, |shorter, n| Self::extended(&shorter, corpus, n))
    }

    /// The n-grams of each document in order; none of a document of fewer than n words.
    pub fn by_document(&self) -> &[Vec<u32>] {
        &self.by_document
    }

    /// How many different n-grams there are.
    pub fn types(&self) -> usize {
        self.types
    }

    /// How many n-grams there are, repetitions included.
    pub fn tokens(&self) -> usize {
        self.by_document.iter().map(Vec::len).sum()
    }

    /// How often each occurs, by number.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.types];
        for &gram in self.by_document.iter().flatten() {
            counts[gram as usize] += 1;
        }
        counts
    }

    /// How often each occurs in each document: pairs of a number and a count, by ascending number.
    pub fn counts_by_document(&self) -> Vec<Vec<(u32, u32)>> {
        self.by_document.iter().map(|grams| counted(grams)).collect()
    }

    fn words(corpus: &Corpus<'_>) -> Self {
        let by_document = corpus.documents().iter().map(|document| document.tokens.clone()).collect();
        Self { by_document, types: corpus.words().len() }
    }

    /// Runs of n words: a run of n − 1 and the word behind it.
    fn extended(shorter: &Self, corpus: &Corpus<'_>, n: usize) -> Self {
        let pair = |(&run, &word): (&u32, &u32)| (u64::from(run) << 32) | u64::from(word);
        let pairs: Vec<Vec<u64>> = shorter
            .by_document
            .iter()
            .zip(corpus.documents())
            .map(|(runs, document)| runs.iter().zip(document.tokens.iter().skip(n - 1)).map(pair).collect())
            .collect();
        let mut known: Vec<u64> = pairs.iter().flatten().copied().collect();
        known.sort_unstable();
        known.dedup();
        let number = |pair: &u64| known.partition_point(|other| other < pair) as u32;
        let by_document = pairs.iter().map(|pairs| pairs.iter().map(number).collect()).collect();
        Self { by_document, types: known.len() }
    }
}

/// Numbers and how often each occurs, by ascending number.
fn counted(numbers: &[u32]) -> Vec<(u32, u32)> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.chunk_by(|one, other| one == other).map(|same| (same[0], same.len() as u32)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::corpus;
    use super::*;

    #[test]
    fn runs_stay_within_a_document_and_are_the_same_wherever_they_occur() {
        let corpus = corpus(&["a b a b", "b", "b a b"]);
        let grams = Grams::up_to(&corpus, 4);
        // 1: a, b. 2: ab, ba. 3: aba, bab. 4: abab.
        assert_eq!(grams.iter().map(Grams::types).collect::<Vec<_>>(), [2, 2, 2, 1]);
        assert_eq!(grams.iter().map(Grams::tokens).collect::<Vec<_>>(), [8, 5, 3, 1]);
        assert_eq!(grams[1].by_document(), [vec![0, 1, 0], vec![], vec![1, 0]]);
        assert_eq!(grams[1].counts(), [3, 2]);
        assert_eq!(grams[1].counts_by_document(), [vec![(0, 2), (1, 1)], vec![], vec![(0, 1), (1, 1)]]);
        assert_eq!(Grams::of(&corpus, 3), grams[2]);
    }
}
