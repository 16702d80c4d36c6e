//! What an agent sees, as the documents it is written into. The order of the fields is fixed, and what the arm hides is
//! not there.

use std::borrow::Cow;

use pluriverse_worlds::platform::view::{Answered, AuthorView, CommentView, NoticeView, Overview, PostView};
use serde::Serialize;

use super::escape::cut;
use super::memory::{Deed, Remembered};
use crate::posting::schema::{agent_id, comment_id, post_id, target_id};

/// Most characters of a title, a description or a refusal.
const LONGEST_LINE: usize = 300;
/// Most characters of a name.
const LONGEST_NAME: usize = 64;

/// What an agent sees when it wakes.
#[derive(Serialize)]
pub(super) struct Home<'a> {
    you: You<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<Cow<'a, str>>,
    notices: Vec<Notice<'a>>,
    posts: Vec<Post<'a>>,
    submolts: Vec<Submolt<'a>>,
}

#[derive(Serialize)]
struct You<'a> {
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    karma: Option<i64>,
    followers: u32,
    subscribed: Vec<Cow<'a, str>>,
}

#[derive(Serialize)]
struct Submolt<'a> {
    name: Cow<'a, str>,
    about: Cow<'a, str>,
}

#[derive(Serialize)]
struct Author<'a> {
    id: String,
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    demonym: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    karma: Option<i64>,
}

#[derive(Serialize)]
struct Post<'a> {
    id: String,
    submolt: Cow<'a, str>,
    author: Author<'a>,
    title: Cow<'a, str>,
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shortened: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<i64>,
    comments: u32,
    minutes_ago: u32,
}

#[derive(Serialize)]
struct Comment<'a> {
    id: String,
    post: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<String>,
    author: Author<'a>,
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shortened: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<i64>,
    depth: u8,
}

#[derive(Serialize)]
struct Notice<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Author<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sum: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<Comment<'a>>,
}

/// What reading brought.
#[derive(Serialize)]
pub(super) struct Brought<'a> {
    answers: Vec<Answer<'a>>,
}

#[derive(Serialize)]
struct Answer<'a> {
    to: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    posts: Option<Vec<Post<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<Post<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<Vec<Comment<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Cow<'a, str>>,
}

/// What an agent remembers.
#[derive(Serialize)]
pub(super) struct Memories<'a> {
    memories: Vec<Memory<'a>>,
}

#[derive(Serialize)]
struct Memory<'a> {
    minutes_ago: u32,
    you: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<By<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Cow<'a, str>>,
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shortened: Option<bool>,
}

#[derive(Serialize)]
struct By<'a> {
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    demonym: Option<Cow<'a, str>>,
}

/// What was wrong with a reply.
#[derive(Serialize)]
pub(super) struct Unread<'a> {
    problem: Cow<'a, str>,
}

impl<'a> Home<'a> {
    pub(super) fn new(seen: &'a Overview, excerpt: usize) -> Self {
        let me = &seen.me;
        Self {
            you: You {
                name: name(&me.name),
                karma: me.karma,
                followers: me.followers,
                subscribed: me.subscribed.iter().map(|submolt| name(submolt)).collect(),
            },
            refused: seen.refused.iter().map(|refusal| line(refusal)).collect(),
            notices: seen.notices.iter().map(|notice| Notice::new(notice, excerpt)).collect(),
            posts: posts(&seen.posts, excerpt),
            submolts: seen
                .submolts
                .iter()
                .map(|(own, about)| Submolt { name: name(own), about: line(about) })
                .collect(),
        }
    }
}

impl<'a> Brought<'a> {
    pub(super) fn new(answered: &'a [(impl AsRef<str>, Answered)], excerpt: usize) -> Self {
        let one = |(verb, answered): &'a (_, Answered)| {
            let empty =
                Answer { to: name(AsRef::as_ref(verb)), posts: None, post: None, comments: None, refused: None };
            match answered {
                Answered::Posts(found) => Answer { posts: Some(posts(found, excerpt)), ..empty },
                Answered::Thread(post, found) => Answer {
                    post: Some(Post::new(post, excerpt)),
                    comments: Some(found.iter().map(|comment| Comment::new(comment, excerpt)).collect()),
                    ..empty
                },
                Answered::Refused(why) => Answer { refused: Some(line(why)), ..empty },
            }
        };
        Self { answers: answered.iter().map(one).collect() }
    }
}

impl<'a> Memories<'a> {
    pub(super) fn new(remembered: &'a [Remembered], excerpt: usize) -> Self {
        let one = |memory: &'a Remembered| {
            let (content, was_cut) = cut(memory.content.text(), excerpt);
            // An excerpt that was taken when the memory was made is marked like one that is taken now.
            let marked = memory.content.is_shortened() && !was_cut;
            Memory {
                minutes_ago: memory.minutes,
                you: memory.deed.name(),
                by: (memory.deed != Deed::Wrote)
                    .then(|| By { name: name(&memory.author), demonym: memory.demonym.as_deref().map(name) }),
                title: (!memory.title.is_empty()).then(|| line(&memory.title)),
                content: if marked { Cow::Owned(format!("{content}…")) } else { content },
                shortened: mark(was_cut || marked),
            }
        };
        Self { memories: remembered.iter().map(one).collect() }
    }
}

impl<'a> Unread<'a> {
    pub(super) fn new(why: &'a str) -> Self {
        Self { problem: line(why) }
    }
}

impl<'a> Post<'a> {
    fn new(post: &'a PostView, excerpt: usize) -> Self {
        let (title, title_cut) = cut(&post.title, LONGEST_LINE);
        let (content, content_cut) = cut(&post.content, excerpt);
        Self {
            id: post_id(post.id),
            submolt: name(&post.submolt),
            author: Author::new(&post.author),
            title,
            content,
            shortened: mark(title_cut || content_cut),
            score: post.score,
            comments: post.comments,
            minutes_ago: post.minutes,
        }
    }
}

impl<'a> Comment<'a> {
    fn new(comment: &'a CommentView, excerpt: usize) -> Self {
        let (content, was_cut) = cut(&comment.content, excerpt);
        Self {
            id: comment_id(comment.id),
            post: post_id(comment.post),
            in_reply_to: comment.parent.map(comment_id),
            author: Author::new(&comment.author),
            content,
            shortened: mark(was_cut),
            score: comment.score,
            depth: comment.depth,
        }
    }
}

impl<'a> Author<'a> {
    fn new(author: &'a AuthorView) -> Self {
        Self {
            id: agent_id(author.id),
            name: name(&author.name),
            demonym: author.demonym.as_deref().map(name),
            karma: author.karma,
        }
    }
}

impl<'a> Notice<'a> {
    fn new(notice: &'a NoticeView, excerpt: usize) -> Self {
        let empty = |kind| Notice { kind, on: None, by: None, sum: None, comment: None };
        match notice {
            NoticeView::Commented { comment, on } => {
                Notice { on: Some(target_id(*on)), comment: Some(Comment::new(comment, excerpt)), ..empty("comment") }
            }
            NoticeView::Followed { by } => Notice { by: Some(Author::new(by)), ..empty("follow") },
            NoticeView::Voted { on, sum } => Notice { on: Some(target_id(*on)), sum: Some(*sum), ..empty("votes") },
        }
    }
}

fn posts(posts: &[PostView], excerpt: usize) -> Vec<Post<'_>> {
    posts.iter().map(|post| Post::new(post, excerpt)).collect()
}

fn name(text: &str) -> Cow<'_, str> {
    cut(text, LONGEST_NAME).0
}

fn line(text: &str) -> Cow<'_, str> {
    cut(text, LONGEST_LINE).0
}

/// A text that is whole says nothing about it.
fn mark(shortened: bool) -> Option<bool> {
    shortened.then_some(true)
}
