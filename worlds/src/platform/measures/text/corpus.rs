//! Texts as words.
//!
//! Words are those of Unicode Standard Annex 29 that hold a letter or a digit, in lower case. Chinese characters and
//! hiragana are one word each; marks stay with their letters, apostrophes inside words stay. Languages written without
//! spaces whose words only a dictionary can find, such as Thai, fall into characters. Texts are not normalised: give
//! them in one normal form.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation;

/// A text and who wrote it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Writing<'t> {
    /// The author's number.
    pub author: u32,
    /// The text.
    pub text: &'t str,
}

/// A text with its words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document<'t> {
    /// The author's number.
    pub author: u32,
    /// The text; of a document cut by a window, what is left.
    pub text: &'t str,
    /// Its words as places in [`Corpus::words`]; at least one.
    pub tokens: Vec<u32>,
}

/// Documents, oldest first, and the words that occur in them. Texts without a word are left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Corpus<'t> {
    documents: Vec<Document<'t>>,
    words: Vec<String>,
}

impl<'t> Corpus<'t> {
    /// All of these writings, oldest first.
    pub fn of(writings: &[Writing<'t>]) -> Self {
        Self::new(writings.iter().map(Cut::of).collect())
    }

    /// The latest so many words of a stream of writings, oldest first: the document in which the window begins keeps
    /// its end. `None` where there are fewer words, or none are asked for. Older writings are not looked at.
    pub fn latest_words(writings: &[Writing<'t>], words: usize) -> Option<Self> {
        let mut found = Vec::new();
        let mut missing = words;
        for writing in writings.iter().rev() {
            if missing == 0 {
                break;
            }
            let mut cut = Cut::of(writing);
            cut.keep_last(missing);
            missing -= cut.words.len();
            found.push(cut);
        }
        found.reverse();
        (words > 0 && missing == 0).then(|| Self::new(found))
    }

    /// The latest so many documents of a stream of writings, oldest first, each whole. `None` where there are fewer
    /// with a word, or none are asked for.
    pub fn latest_documents(writings: &[Writing<'t>], documents: usize) -> Option<Self> {
        let with_words = writings.iter().rev().map(Cut::of).filter(|cut| !cut.words.is_empty());
        let mut found: Vec<_> = with_words.take(documents).collect();
        found.reverse();
        (documents > 0 && found.len() == documents).then(|| Self::new(found))
    }

    /// The documents, oldest first.
    pub fn documents(&self) -> &[Document<'t>] {
        &self.documents
    }

    /// The words that occur, each once, in alphabetical order.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// How many words there are in all documents, repetitions included.
    pub fn tokens(&self) -> usize {
        self.documents.iter().map(|document| document.tokens.len()).sum()
    }

    fn new(cuts: Vec<Cut<'t>>) -> Self {
        let mut places = BTreeMap::new();
        for word in cuts.iter().flat_map(|cut| &cut.words) {
            if !places.contains_key(word) {
                places.insert(word.clone(), 0);
            }
        }
        for (place, number) in (0_u32..).zip(places.values_mut()) {
            *number = place;
        }
        let document = |cut: Cut<'t>| {
            let tokens = cut.words.iter().map(|word| places[word]).collect();
            Document { author: cut.author, text: cut.text, tokens }
        };
        let documents = cuts.into_iter().filter(|cut| !cut.words.is_empty()).map(document).collect();
        Self { documents, words: places.into_keys().collect() }
    }
}

/// A text, or the end of one, with its words spelt out.
struct Cut<'t> {
    author: u32,
    text: &'t str,
    words: Vec<String>,
}

impl<'t> Cut<'t> {
    fn of(writing: &Writing<'t>) -> Self {
        let words = writing.text.unicode_words().map(str::to_lowercase).collect();
        Self { author: writing.author, text: writing.text, words }
    }

    fn keep_last(&mut self, most: usize) {
        let Some(first) = self.words.len().checked_sub(most) else { return };
        let mut starts = self.text.unicode_word_indices().map(|(start, _)| start);
        if first > 0
            && let Some(start) = starts.nth(first)
        {
            self.text = &self.text[start..];
            self.words.drain(..first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::{corpus, writings};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_those_of_the_scripts_of_the_world() {
        for (text, words) in [
            ("Don't stop, 2.5 times!", &["2.5", "don't", "stop", "times"][..]),
            ("你好 World", &["world", "你", "好"]),
            ("हिन्दी भाषा", &["भाषा", "हिन्दी"]),
            ("Це м'ята", &["м'ята", "це"]),
            ("🦀 … !?", &[]),
        ] {
            assert_eq!(corpus(&[text]).words(), words, "{text}");
        }
    }

    #[test]
    fn a_window_keeps_the_end_of_the_document_it_begins_in() {
        let stream = writings(&["old words", "One two, three!", "", "four five"]);
        let texts = |window: Option<Corpus<'static>>| -> Option<Vec<&'static str>> {
            window.map(|corpus| corpus.documents().iter().map(|document| document.text).collect())
        };
        assert_eq!(texts(Corpus::latest_words(&stream, 4)), Some(vec!["two, three!", "four five"]));
        assert_eq!(texts(Corpus::latest_words(&stream, 2)), Some(vec!["four five"]));
        assert_eq!(texts(Corpus::latest_words(&stream, 7)).map(|texts| texts.len()), Some(3));
        assert_eq!(Corpus::latest_words(&stream, 8), None);
        assert_eq!(Corpus::latest_words(&stream, 0), None);
        assert_eq!(texts(Corpus::latest_documents(&stream, 2)), Some(vec!["One two, three!", "four five"]));
        assert_eq!(Corpus::latest_documents(&stream, 4), None);
    }

    proptest! {
        #[test]
        fn a_window_has_as_many_words_as_asked_for(
            texts in prop::collection::vec("[a-c ]{0,12}", 0..12), words in 1_usize..20,
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let window = Corpus::latest_words(&writings(&texts), words);
            prop_assert_eq!(window.is_some(), corpus(&texts).tokens() >= words);
            prop_assert!(window.is_none_or(|window| window.tokens() == words));
        }
    }
}
