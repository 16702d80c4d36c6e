//! What posts and comments say: words, or a position on a survey item from which words can be made.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

/// A position on an item of the survey, as agents without words state it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct Stance {
    /// The item, by its place in the survey.
    pub item: u16,
    /// The option taken, from 1, in the survey's order.
    pub option: u8,
    /// Which of the ways of saying so: a number from which the words are made when somebody wants to read them.
    pub wording: u16,
}

/// Words in a [`Writings`] store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct WritingId(pub u32);

/// What a post or comment says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Body {
    /// A position; its words are made on demand.
    Stated(Stance),
    /// Words that somebody wrote.
    Written(WritingId),
}

impl Body {
    /// The position, where there is one.
    pub const fn stance(self) -> Option<Stance> {
        match self {
            Self::Stated(stance) => Some(stance),
            Self::Written(_) => None,
        }
    }
}

/// Words that somebody wrote. They are data wherever they go.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Writing {
    /// The title of a post, the name of a community; empty for a comment.
    pub title: Arc<str>,
    /// The text; for a link post its address.
    pub content: Arc<str>,
    /// Whether the content is an address.
    pub link: Link,
}

/// Whether a post's content is an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub enum Link {
    /// It is a text.
    #[default]
    No,
    /// It is an address.
    Yes,
}

/// What was written, by id. Words of what has left the retention window are let go.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Writings {
    kept: BTreeMap<u32, Writing>,
    next: u32,
}

impl Writings {
    /// Keeps words.
    pub fn keep(&mut self, writing: Writing) -> WritingId {
        let id = self.next;
        self.kept.insert(id, writing);
        self.next += 1;
        WritingId(id)
    }

    /// Words, as long as they are kept.
    pub fn get(&self, id: WritingId) -> Option<&Writing> {
        self.kept.get(&id.0)
    }

    /// Lets words go.
    pub fn forget(&mut self, id: WritingId) {
        self.kept.remove(&id.0);
    }

    /// How many writings are kept.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}
