//! How many documents repeat others.

use super::super::figure::Share;
use super::corpus::Corpus;
use super::grams::Grams;

/// Runs of this many words count as repeated by custom.
pub const RUN: usize = 4;

/// Documents with a run of `run` words that another document has too, of all documents that long (after Salkar et al.
/// 2022); `None` where there is none. It grows with the number of documents.
pub fn self_repetition(corpus: &Corpus<'_>, run: usize) -> Option<Share> {
    let grams = Grams::of(corpus, run);
    let by_document: Vec<&Vec<u32>> = grams.by_document().iter().filter(|grams| !grams.is_empty()).collect();
    // The document a run was seen in, or that it was seen in several.
    let mut seen: Vec<Option<Option<usize>>> = vec![None; grams.types()];
    for (document, grams) in by_document.iter().enumerate() {
        for &gram in *grams {
            let seen = &mut seen[gram as usize];
            *seen = match *seen {
                None => Some(Some(document)),
                Some(Some(other)) if other == document => Some(Some(document)),
                Some(_) => Some(None),
            };
        }
    }
    let repeats = |grams: &&&Vec<u32>| grams.iter().any(|&gram| seen[gram as usize] == Some(None));
    Share::new(by_document.iter().filter(repeats).count(), by_document.len())
}

/// Documents whose text an earlier document has too, but for case and white space, of all documents; `None` without
/// documents.
pub fn exact_duplicates(corpus: &Corpus<'_>) -> Option<Share> {
    let spell = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut texts: Vec<String> = corpus.documents().iter().map(|document| spell(document.text)).collect();
    let all = texts.len();
    texts.sort_unstable();
    texts.dedup();
    Share::new(all - texts.len(), all)
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::corpus;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn documents_repeat_as_many_runs_as_counted_by_hand() {
        let share = |count, of| Share::new(count, of);
        for (texts, expected) in [
            // The first and the third share c d e f; the second repeats only itself; the fourth is too short.
            (&["a b c d e f", "x x x x x", "c d e f", "a b c"][..], share(2, 3)),
            (&["a b c d", "a b c e"], share(0, 2)),
            (&["a b c d"; 3], share(3, 3)),
            (&["a"], None),
            (&[], None),
        ] {
            assert_eq!(self_repetition(&corpus(texts), RUN), expected, "{texts:?}");
        }
    }

    #[test]
    fn duplicates_differ_in_case_and_white_space_only() {
        let texts = ["Hello  there!", "hello\nthere!", "hello there", "HELLO THERE!"];
        assert_eq!(exact_duplicates(&corpus(&texts)), Share::new(2, 4));
        assert_eq!(exact_duplicates(&corpus(&[])), None);
    }

    proptest! {
        #[test]
        fn shares_do_not_depend_on_order_and_everything_repeats_when_said_twice(
            texts in prop::collection::vec("[a-c]( [a-c]){0,8}", 1..10),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let turned: Vec<&str> = texts.iter().rev().copied().collect();
            prop_assert_eq!(self_repetition(&corpus(&texts), RUN), self_repetition(&corpus(&turned), RUN));
            prop_assert_eq!(exact_duplicates(&corpus(&texts)), exact_duplicates(&corpus(&turned)));
            let twice = corpus(&[&texts[..], &turned[..]].concat());
            prop_assert!(self_repetition(&twice, RUN).is_none_or(|share| share.count == share.of));
            prop_assert!(exact_duplicates(&twice).is_some_and(|share| share.count * 2 >= share.of));
        }
    }
}
