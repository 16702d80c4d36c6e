//! What an agent remembers of the platform.

use std::sync::Arc;

/// What an agent did with something that was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// It wrote it itself.
    Wrote,
    /// It read it.
    Read,
    /// It voted for it.
    Upvoted,
    /// It voted against it.
    Downvoted,
}

impl Deed {
    /// The word agents read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wrote => "wrote",
            Self::Read => "read",
            Self::Upvoted => "upvoted",
            Self::Downvoted => "downvoted",
        }
    }
}

/// Something an agent remembers. Whoever wrote the words in it, they are data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remembered {
    /// Minutes since.
    pub minutes: u32,
    /// What the agent did.
    pub deed: Deed,
    /// The name of who wrote it.
    pub author: Arc<str>,
    /// The demonym; `None` where cultures are not labelled.
    pub demonym: Option<Arc<str>>,
    /// The title; empty for a comment.
    pub title: Arc<str>,
    /// The words.
    pub content: Excerpt,
}

/// The beginning of a text, so that a memory costs no more than it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excerpt {
    text: Arc<str>,
    length: Length,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Length {
    Whole,
    Shortened,
}

impl Excerpt {
    /// The first so many characters of a text, which is shared where it has no more.
    pub fn of(text: &Arc<str>, most: usize) -> Self {
        match text.char_indices().nth(most) {
            None => Self { text: text.clone(), length: Length::Whole },
            Some((end, _)) => Self { text: Arc::from(&text[..end]), length: Length::Shortened },
        }
    }

    /// The characters that were kept.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text was longer.
    pub fn is_shortened(&self) -> bool {
        self.length == Length::Shortened
    }
}
