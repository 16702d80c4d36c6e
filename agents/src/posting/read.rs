//! Reading actions out of what a model wrote. Whatever it quotes stays words: actions are the elements of a list that
//! stands outermost in the reply, and of nothing else.

mod action;
mod json;
mod scan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_worlds::platform::wish::Wish;

use super::schema::Left;
use crate::parse::spoken;

/// Bytes of the longest reply that is read.
pub const LONGEST_REPLY: usize = 1 << 20;

/// What a reply asks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReadReply {
    /// What the agent wants, in its order. Empty where its list is.
    pub wishes: Vec<Wish>,
    /// How many elements of the list were dropped, by reason.
    pub dropped: BTreeMap<Dropped, u32>,
}

/// Why an element of a list is no wish.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
pub enum Dropped {
    /// It is no object with a verb.
    #[error("an action is an object with the field \"do\"")]
    NotAnAction,
    /// The platform knows no such verb.
    #[error("unknown verb in \"do\"")]
    UnknownVerb,
    /// The verb needs a field that is not there.
    #[error("the field \"{0}\" is missing")]
    Missing(&'static str),
    /// The field holds no id of its kind.
    #[error("the field \"{0}\" holds no id of its kind")]
    BadId(&'static str),
    /// The field holds something that cannot stand there.
    #[error("the field \"{0}\" holds what cannot stand there")]
    BadValue(&'static str),
    /// Two fields are there of which there can be one.
    #[error("there can be \"{0}\" or \"{1}\", not both")]
    Both(&'static str, &'static str),
    /// More than may still be done.
    #[error("more than could still be done")]
    OverBudget,
}

/// Why a reply gives no list of actions.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unread {
    /// It is too long.
    #[error("the reply is longer than {LONGEST_REPLY} bytes")]
    TooLong,
    /// Nothing was said, thinking aside.
    #[error("the reply says nothing")]
    Empty,
    /// There is no JSON in it.
    #[error("there is no JSON in the reply")]
    NotJson,
    /// Its JSON cannot be read: what a reader of JSON says of it, which quotes nothing.
    #[error("the JSON in the reply cannot be read: {0}")]
    Broken(Arc<str>),
    /// It ends before its JSON does.
    #[error("the reply ends before its JSON does")]
    CutOff,
    /// Its JSON is no list of actions.
    #[error("there is no list of actions in the reply")]
    NoActions,
}

impl Dropped {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAnAction => "not_an_action",
            Self::UnknownVerb => "unknown_verb",
            Self::Missing(_) => "missing_field",
            Self::BadId(_) => "bad_id",
            Self::BadValue(_) => "bad_value",
            Self::Both(..) => "two_for_one",
            Self::OverBudget => "over_budget",
        }
    }
}

impl Unread {
    /// The name used in tables and files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Empty => "empty",
            Self::NotJson => "not_json",
            Self::Broken(_) => "broken_json",
            Self::CutOff => "cut_off",
            Self::NoActions => "no_actions",
        }
    }
}

/// Reads the actions in a reply: `{"actions": [...]}`, or the list alone, as the whole reply or within prose or a fence.
///
/// Of several lists the last one counts. One is not taken from what was thought aloud, from a block of platform data
/// that the reply repeats, from within another document, or from a quotation: behind a quotation mark or on a line
/// that begins with `>`. Commas behind last elements and bare control characters in texts are repaired, and nothing
/// else is.
///
/// At most `left.actions` wishes write and `left.reads` only read; marking as read and doing nothing are free, once.
pub fn read_actions(reply: &str, left: Left) -> Result<ReadReply, Unread> {
    if reply.len() > LONGEST_REPLY {
        return Err(Unread::TooLong);
    }
    if spoken(reply).is_empty() {
        return Err(Unread::Empty);
    }
    let mut read = ReadReply::default();
    let (mut left, mut free) = (left, Free::default());
    for item in scan::last_list(reply)? {
        let wish = action::wish(&item).and_then(|wish| {
            let room = match &wish {
                Wish::HeartbeatOk => &mut free.heartbeats,
                Wish::MarkRead => &mut free.marks,
                wish if only_reads(wish) => &mut left.reads,
                _ => &mut left.actions,
            };
            *room = room.checked_sub(1).ok_or(Dropped::OverBudget)?;
            Ok(wish)
        });
        match wish {
            Ok(wish) => read.wishes.push(wish),
            Err(why) => *read.dropped.entry(why).or_default() += 1,
        }
    }
    Ok(read)
}

/// Whether a wish only reads, so that an answer is to be shown.
pub const fn only_reads(wish: &Wish) -> bool {
    matches!(
        wish,
        Wish::Home
            | Wish::GetFeed(_)
            | Wish::ListPosts { .. }
            | Wish::GetPost(_)
            | Wish::GetComments(..)
            | Wish::Search(_)
    )
}

struct Free {
    heartbeats: u32,
    marks: u32,
}

impl Default for Free {
    fn default() -> Self {
        Self { heartbeats: 1, marks: 1 }
    }
}
