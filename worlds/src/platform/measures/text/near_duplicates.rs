//! How many documents nearly repeat others.

use super::super::figure::Share;
use super::corpus::Corpus;
use super::grams::Grams;

/// Words of a shingle.
pub const SHINGLE: usize = 3;

/// Documents this alike are near duplicates: Jaccard similarity of their sets of shingles.
pub const ALIKE: f64 = 0.8;

/// Permutations in all: bands of rows. Documents as alike as [`ALIKE`] agree in a whole band with probability
/// 1 − (1 − 0.8⁴)¹⁶ = 0.9998.
const BANDS: usize = 16;
const ROWS: usize = 4;

/// Where the constants of the permutations start.
const SEED: u64 = 0x6d69_6e68_6173_6821;

/// Documents at least [`ALIKE`] to an earlier one, exact repetitions included, of all documents of at least [`SHINGLE`]
/// words; `None` where there is none. Candidates are found by `MinHash` with banding (Broder 1997; Leskovec, Rajaraman
/// & Ullman 2014, section 3.4) and then compared exactly, so a rare pair is missed but none is wrongly found.
pub fn near_duplicates(corpus: &Corpus<'_>) -> Option<Share> {
    let sets: Vec<Vec<u32>> = Grams::of(corpus, SHINGLE)
        .counts_by_document()
        .into_iter()
        .map(|counts| counts.into_iter().map(|(shingle, _)| shingle).collect::<Vec<u32>>())
        .filter(|shingles| !shingles.is_empty())
        .collect();
    let signatures: Vec<[u64; BANDS * ROWS]> = sets.iter().map(|shingles| signature(shingles)).collect();
    let mut repeats = vec![false; sets.len()];
    for band in 0..BANDS {
        let rows = |document: usize| &signatures[document][band * ROWS..(band + 1) * ROWS];
        let mut order: Vec<usize> = (0..sets.len()).collect();
        order.sort_unstable_by_key(|&document| (rows(document), document));
        for bucket in order.chunk_by(|&one, &other| rows(one) == rows(other)) {
            for (place, &document) in bucket.iter().enumerate() {
                let alike = |&&earlier: &&usize| jaccard(&sets[earlier], &sets[document]) >= ALIKE;
                repeats[document] = repeats[document] || bucket[..place].iter().any(|earlier| alike(&earlier));
            }
        }
    }
    Share::new(repeats.iter().filter(|repeats| **repeats).count(), sets.len())
}

/// The least of the shingles under each permutation.
fn signature(shingles: &[u32]) -> [u64; BANDS * ROWS] {
    let mut least = [u64::MAX; BANDS * ROWS];
    for &shingle in shingles {
        let shingle = mixed(SEED ^ u64::from(shingle));
        for (permutation, least) in (1_u64..).zip(&mut least) {
            *least = mixed(shingle ^ permutation.wrapping_mul(SEED)).min(*least);
        }
    }
    least
}

/// The finaliser of SplitMix64 (Steele, Lea & Flood 2014), a bijection that looks like chance.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Size of the intersection of two ascending lists over that of their union.
fn jaccard(one: &[u32], other: &[u32]) -> f64 {
    let common = one.iter().filter(|number| other.binary_search(number).is_ok()).count();
    common as f64 / (one.len() + other.len() - common) as f64
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::corpus;
    use super::*;
    use proptest::prelude::*;

    /// Words `from` to `to` as a text; of n words the set of shingles has n − 2.
    fn numbers(from: usize, to: usize) -> String {
        (from..to).map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn documents_are_near_duplicates_from_the_threshold_on() {
        // 20 shingles each. Moved by two words 18 are common: 18/22 = 0.82. By three: 17/23 = 0.74.
        let (first, near, far) = (numbers(0, 22), numbers(2, 24), numbers(3, 25));
        assert_eq!(near_duplicates(&corpus(&[&first, &near])), Share::new(1, 2));
        assert_eq!(near_duplicates(&corpus(&[&first, &far])), Share::new(0, 2));
        assert_eq!(near_duplicates(&corpus(&[&first, "a b", &first, &first])), Share::new(2, 3));
        assert_eq!(near_duplicates(&corpus(&["a b"])), None);
    }

    #[test]
    fn hardly_a_pair_is_missed() {
        // Pairs of 66 words moved by seven: 57/71 = 0.803, just above the threshold; pairs have no word in common.
        let pair = |pair: usize| [numbers(pair * 100, pair * 100 + 66), numbers(pair * 100 + 7, pair * 100 + 73)];
        let texts: Vec<String> = (0..200).flat_map(pair).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert!(near_duplicates(&corpus(&texts)).is_some_and(|share| share.of == 400 && share.count >= 199));
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_comparing_all_pairs_finds(
            texts in prop::collection::vec("[a-b]( [a-b]){2,6}", 1..14),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let corpus = corpus(&texts);
            let counts = Grams::of(&corpus, SHINGLE).counts_by_document();
            let sets: Vec<Vec<u32>> = counts.iter().map(|counts| counts.iter().map(|pair| pair.0).collect()).collect();
            let repeats = |&late: &usize| (0..late).any(|early| jaccard(&sets[early], &sets[late]) >= ALIKE);
            prop_assert_eq!(near_duplicates(&corpus), Share::new((0..sets.len()).filter(repeats).count(), sets.len()));
        }
    }
}
