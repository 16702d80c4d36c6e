//! How alike the words of authors and documents are.

use std::collections::{BTreeMap, BTreeSet};

use super::text::corpus::Corpus;
use super::vectors::{UnitVectors, mean_cosine};

/// How much authors' vocabularies overlap.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Overlap {
    /// Authors who wrote enough; at least two.
    pub authors: usize,
    /// Mean over their pairs of the Jaccard similarity of their vocabularies, from 0, no word in common, to 1.
    pub jaccard: f64,
}

/// How widely documents are spread in TF-IDF space.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread {
    /// How many documents there are; at least two.
    pub documents: usize,
    /// 1 − ‖mean of the unit vectors‖, from 0, all alike, to below 1. Of n documents with nothing in common it is
    /// 1 − 1/√n.
    pub dispersion: f64,
    /// Mean cosine over pairs of documents, from 0 to 1.
    pub mean_cosine: f64,
}

/// Words that more than this share of the authors uses: a list of stop words in whatever languages are spoken. Make it
/// once, from the first window, and keep it: made anew each time it would take away the very words in which authors
/// grow alike.
pub fn common_words(corpus: &Corpus<'_>, share: f64) -> BTreeSet<String> {
    let mut users = vec![BTreeSet::new(); corpus.words().len()];
    for document in corpus.documents() {
        for &token in &document.tokens {
            users[token as usize].insert(document.author);
        }
    }
    let authors = corpus.documents().iter().map(|document| document.author).collect::<BTreeSet<_>>().len();
    let common = |users: &BTreeSet<u32>| users.len() as f64 > share * authors as f64;
    let words = corpus.words().iter().zip(&users).filter(|(_, users)| common(users));
    words.map(|(word, _)| word.clone()).collect()
}

/// The overlap of authors' vocabularies: the different ones among the latest `words_each` words of each, words that are
/// `left_out` not counted. Authors with fewer are left out, as a vocabulary grows with what is written. `None` unless
/// two authors remain, or where no word is asked for.
pub fn inter_agent_jaccard(corpus: &Corpus<'_>, words_each: usize, left_out: &BTreeSet<String>) -> Option<Overlap> {
    let content: Vec<bool> = corpus.words().iter().map(|word| !left_out.contains(word)).collect();
    let mut latest: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for document in corpus.documents().iter().rev() {
        let words = latest.entry(document.author).or_default();
        let own = document.tokens.iter().rev().copied().filter(|&token| content[token as usize]);
        words.extend(own.take(words_each - words.len().min(words_each)));
    }
    let full = latest.into_values().filter(|words| words_each > 0 && words.len() == words_each);
    let vocabularies: Vec<Vec<u32>> = full.map(different).collect();
    let n = vocabularies.len() as f64;
    (vocabularies.len() >= 2).then(|| Overlap {
        authors: vocabularies.len(),
        jaccard: similarities(&vocabularies, corpus.words().len()) / (n * (n - 1.0) / 2.0),
    })
}

/// How widely documents are spread; `None` for fewer than two.
pub fn tf_idf_spread(corpus: &Corpus<'_>) -> Option<Spread> {
    let vectors = UnitVectors::tf_idf(corpus);
    let (length, documents) = (vectors.length_of_sum(), vectors.rows().len());
    let mean_cosine = mean_cosine(length, documents)?;
    Some(Spread { documents, dispersion: 1.0 - length / documents as f64, mean_cosine })
}

fn different(mut words: Vec<u32>) -> Vec<u32> {
    words.sort_unstable();
    words.dedup();
    words
}

/// The sum of Jaccard similarities over pairs, by the lists of who uses a word.
fn similarities(vocabularies: &[Vec<u32>], words: usize) -> f64 {
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); words];
    let mut sum = 0.0;
    for (author, vocabulary) in vocabularies.iter().enumerate() {
        let mut common = vec![0_usize; author];
        for &word in vocabulary {
            for &user in &users[word as usize] {
                common[user] += 1;
            }
            users[word as usize].push(author);
        }
        for (&common, other) in common.iter().zip(vocabularies) {
            sum += common as f64 / (vocabulary.len() + other.len() - common) as f64;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::corpus;
    use super::super::text::corpus::Writing;
    use super::*;
    use proptest::prelude::*;

    fn none() -> BTreeSet<String> {
        BTreeSet::new()
    }

    #[test]
    fn vocabularies_overlap_as_worked_out_by_hand() {
        // {a, b}, {b, c}, {c}: 1/3, 0 and 1/2.
        let found = inter_agent_jaccard(&corpus(&["a b b", "b c c", "c c c"]), 3, &none()).expect("three authors");
        assert!((found.jaccard - 5.0 / 18.0).abs() < 1e-12 && found.authors == 3);
        // Without b: {a}, {c}, {c}, of one word each.
        let left_out = BTreeSet::from(["b".to_owned()]);
        let found = inter_agent_jaccard(&corpus(&["a b b", "b c c", "c c c"]), 1, &left_out).expect("three authors");
        assert!((found.jaccard - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn only_the_latest_words_of_those_who_wrote_enough_count() {
        let by = |author, text| Writing { author, text };
        let writings = [by(1, "x y"), by(2, "z a b"), by(1, "a"), by(3, "a"), by(1, "b")];
        let found = inter_agent_jaccard(&Corpus::of(&writings), 2, &none());
        assert_eq!(found, Some(Overlap { authors: 2, jaccard: 1.0 }));
        assert_eq!(inter_agent_jaccard(&Corpus::of(&writings), 4, &none()), None);
        assert_eq!(inter_agent_jaccard(&Corpus::of(&writings), 0, &none()), None);
    }

    #[test]
    fn words_are_common_when_more_than_the_share_uses_them() {
        let words = common_words(&corpus(&["a b c", "a b", "a", "a d d"]), 0.5);
        assert_eq!(words, BTreeSet::from(["a".to_owned()]));
    }

    #[test]
    fn spread_runs_from_documents_all_alike_to_documents_with_nothing_in_common() {
        let same = tf_idf_spread(&corpus(&["a b", "b a", "a b"])).expect("documents");
        assert!(same.dispersion.abs() < 1e-12 && (same.mean_cosine - 1.0).abs() < 1e-12);
        let apart = tf_idf_spread(&corpus(&["a", "b", "c", "d"])).expect("documents");
        assert!((apart.dispersion - 0.5).abs() < 1e-12 && apart.mean_cosine.abs() < 1e-12);
        assert_eq!(tf_idf_spread(&corpus(&["a"])), None);
    }

    proptest! {
        #[test]
        fn figures_do_not_depend_on_order_and_agree_with_all_pairs(
            texts in prop::collection::vec("[a-f]( [a-f]){3,6}", 2..9),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let turned: Vec<&str> = texts.iter().rev().copied().collect();
            let overlap = |texts: &[&str]| inter_agent_jaccard(&corpus(texts), 4, &none()).expect("authors");
            prop_assert!((overlap(&texts).jaccard - overlap(&turned).jaccard).abs() < 1e-12);
            prop_assert!((0.0..=1.0).contains(&overlap(&texts).jaccard));
            let cosines = UnitVectors::tf_idf(&corpus(&texts)).cosines();
            let pairs = (0..texts.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
            let (sum, n) = pairs.fold((0.0, 0.0), |(sum, n), (i, j)| (sum + cosines.at(i, j), n + 1.0));
            let spread = tf_idf_spread(&corpus(&texts)).expect("documents");
            prop_assert!((spread.mean_cosine - sum / n).abs() < 1e-9);
        }
    }
}
