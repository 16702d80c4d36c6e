//! How well authors can be told apart by how they write.

use std::collections::BTreeMap;

use super::text::corpus::Writing;

/// Authors with fewer texts are left out.
pub const LEAST_TEXTS: usize = 4;

/// How well authors are guessed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Identifiability {
    /// Authors to choose from; at least two.
    pub authors: usize,
    /// Texts whose author was guessed.
    pub texts: usize,
    /// Share of them guessed rightly, from 0 to 1.
    pub accuracy: f64,
    /// Share of them by the author of most: what always guessing that author would reach. A fall of accuracy towards it
    /// is a loss of individual style.
    pub chance: f64,
}

/// Accuracy of multinomial naive Bayes with add-one smoothing (Manning, Raghavan & Schütze 2008, section 13.2) over the
/// character 3-grams of texts, in lower case and with white space as single blanks. It learns from each author's first,
/// third, ... text and is asked for the others, texts in the order given; 3-grams it never saw are passed over. Authors
/// with fewer than [`LEAST_TEXTS`] texts of at least three characters are left out; `None` unless two remain. Authors
/// who repeat themselves word by word are easy to guess, so read it beside the duplicates.
pub fn identifiability(writings: &[Writing<'_>]) -> Option<Identifiability> {
    let mut by_author: BTreeMap<u32, Vec<Vec<u64>>> = BTreeMap::new();
    for writing in writings {
        let trigrams = trigrams(writing.text);
        if !trigrams.is_empty() {
            by_author.entry(writing.author).or_default().push(trigrams);
        }
    }
    let authors: Vec<Vec<Vec<u64>>> = by_author.into_values().filter(|texts| texts.len() >= LEAST_TEXTS).collect();
    if authors.len() < 2 {
        return None;
    }
    let model = Model::learn(&authors);
    let (mut right, mut asked, mut most) = (0, 0, 0);
    for (author, texts) in authors.iter().enumerate() {
        let tests = texts.iter().skip(1).step_by(2);
        most = most.max(tests.len());
        asked += tests.len();
        right += tests.filter(|text| model.guess(text) == author).count();
    }
    let share = |count: usize| count as f64 / asked as f64;
    Some(Identifiability { authors: authors.len(), texts: asked, accuracy: share(right), chance: share(most) })
}

/// What was learnt of authors.
struct Model {
    /// Known 3-grams, ascending.
    known: Vec<u64>,
    /// For each of them, who wrote it and ln(count + 1). Whoever did not would add ln 1 = 0.
    users: Vec<Vec<(usize, f64)>>,
    /// Logarithm of each author's share of the texts.
    prior: Vec<f64>,
    /// Logarithm of each author's smoothed number of 3-grams.
    total: Vec<f64>,
}

impl Model {
    fn learn(authors: &[Vec<Vec<u64>>]) -> Self {
        let training = |texts: &[Vec<u64>]| texts.iter().step_by(2).flatten().copied().collect::<Vec<u64>>();
        let learnt: Vec<Vec<u64>> = authors.iter().map(|texts| training(texts)).collect();
        let mut known: Vec<u64> = learnt.iter().flatten().copied().collect();
        known.sort_unstable();
        known.dedup();
        let mut users = vec![Vec::new(); known.len()];
        for (author, grams) in learnt.iter().enumerate() {
            let mut grams = grams.clone();
            grams.sort_unstable();
            for same in grams.chunk_by(|one, other| one == other) {
                let place = known.partition_point(|&other| other < same[0]);
                users[place].push((author, libm::log(same.len() as f64 + 1.0)));
            }
        }
        let texts: Vec<f64> = authors.iter().map(|texts| texts.len().div_ceil(2) as f64).collect();
        let all: f64 = texts.iter().sum();
        let prior = texts.iter().map(|texts| libm::log(texts / all)).collect();
        let total = learnt.iter().map(|grams| libm::log((grams.len() + known.len()) as f64)).collect();
        Self { known, users, prior, total }
    }

    /// The likeliest author, of equal ones the first.
    fn guess(&self, text: &[u64]) -> usize {
        let mut scores = self.prior.clone();
        let mut seen = 0.0;
        for users in text.iter().filter_map(|gram| self.known.binary_search(gram).ok()).map(|place| &self.users[place])
        {
            seen += 1.0;
            for &(author, log) in users {
                scores[author] += log;
            }
        }
        let scored = scores.iter().zip(&self.total).map(|(score, total)| score - seen * total).enumerate();
        scored.reduce(|best, next| if next.1 > best.1 { next } else { best }).map_or(0, |(author, _)| author)
    }
}

/// The character 3-grams of a text, each packed into one number: a character has 21 bits.
fn trigrams(text: &str) -> Vec<u64> {
    let spelt = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let characters: Vec<u64> = spelt.chars().map(|character| u64::from(u32::from(character))).collect();
    characters.windows(3).map(|run| (run[0] << 42) | (run[1] << 21) | run[2]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts<'t>(texts: &[(u32, &'t str)]) -> Vec<Writing<'t>> {
        texts.iter().map(|&(author, text)| Writing { author, text }).collect()
    }

    #[test]
    fn authors_with_words_of_their_own_are_told_apart() {
        let own = texts(&[(7, "crabs"), (7, "Crabs!"), (9, "votes"), (9, "votes"), (7, "crab"), (7, "crabs")]);
        let all = [own, texts(&[(9, "voted"), (9, "votes"), (5, "crabs"), (9, "a vote")])].concat();
        let found = identifiability(&all).expect("two authors");
        // Tested: the second and the fourth text of 7, and of 9, who has five texts.
        assert_eq!((found.authors, found.texts), (2, 4));
        assert!((found.accuracy - 1.0).abs() < 1e-12 && (found.chance - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_guess_is_that_worked_out_by_hand() {
        // Learnt: of author 1 abc, abc; of author 2 abc, bcd, bcd, cde. Known: abc, bcd, cde.
        // For abc: 1/2 · 3/5 against 1/2 · 2/7; for bcd: 1/2 · 1/5 against 1/2 · 3/7.
        let own = [(1, "abc"), (1, "bcd"), (1, "abc"), (1, "abc"), (2, "abcd"), (2, "abc"), (2, "bcde"), (2, "bcd")];
        let found = identifiability(&texts(&own)).expect("two authors");
        assert!((found.accuracy - 0.5).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn those_who_write_more_are_not_guessed_for_that() {
        // Learnt: of author 1 abc twice of eight, of author 2 once of two, of seven known: 3/15 against 2/9 for abc.
        let first = [(1, "abcabc"), (1, "uvw"), (1, "uvwxyz"), (1, "uvw")];
        let second = [(2, "abc"), (2, "abc"), (2, "bca"), (2, "abc")];
        let found = identifiability(&texts(&[first, second].concat())).expect("two authors");
        assert!((found.accuracy - 1.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn who_writes_too_little_is_left_out() {
        let few = [(1, "crabs"), (1, "crabs"), (1, "crabs"), (2, "votes"), (2, "votes"), (2, "votes"), (2, "votes")];
        assert_eq!(identifiability(&texts(&few)), None);
        assert_eq!(identifiability(&texts(&[few.as_slice(), &[(1, "ab")]].concat())), None);
        assert!(identifiability(&texts(&[few.as_slice(), &[(1, "abc")]].concat())).is_some());
    }

    proptest! {
        #[test]
        fn those_who_write_the_same_are_guessed_by_chance_and_names_do_not_matter(
            own in prop::collection::vec("[a-d]{3,8}", 4..8), others in prop::collection::vec("[c-f]{3,8}", 4..8),
        ) {
            let by = |author: u32, texts: &'_ [String]| -> Vec<(u32, String)> {
                texts.iter().map(|text| (author, text.clone())).collect()
            };
            let found = |all: &[(u32, String)]| {
                identifiability(&all.iter().map(|(author, text)| Writing { author: *author, text }).collect::<Vec<_>>())
            };
            let same = found(&[by(1, &own), by(2, &own)].concat()).expect("two authors");
            prop_assert!((same.accuracy - 0.5).abs() < 1e-12 && (same.chance - 0.5).abs() < 1e-12);
            let apart = found(&[by(1, &own), by(2, &others)].concat());
            prop_assert_eq!(apart, found(&[by(4, &own), by(8, &others)].concat()));
            prop_assert!(apart.is_some_and(|found| (0.0..=1.0).contains(&found.accuracy)));
        }
    }
}
