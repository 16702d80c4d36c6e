//! JSON lines as the API words its objects, one file for each kind of object (names of jscmp4/Moltbook).

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::error::ShapeError;
use super::record::{AgentRecord, CommentRecord, PlatformRecord, PostRecord, SubmoltRecord};
use super::{Fields, create, time, unoccupied};

mod read;

pub use read::read;
pub(super) use read::{LOOKED_FOR, holds};

const POSTS: &str = "posts_all.jsonl";
const COMMENTS: &str = "comments_all.jsonl";
const AGENTS: &str = "agents_seen.jsonl";
const SUBMOLTS: &str = "submolts.jsonl";

/// Writes the four files into a folder. Fields that a record knows nothing of (`hot_score`, `verification_status` and
/// the like) are null; a community's id is its name; a comment's `depth` is that of [`PlatformRecord::depths`].
///
/// # Errors
/// Where any of the files is there already (nothing is written then), a moment has no text, or the file system refuses.
pub fn write(record: &PlatformRecord, folder: &Path, fields: Fields) -> Result<(), Vec<ShapeError>> {
    unoccupied(&[POSTS, COMMENTS, AGENTS, SUBMOLTS].map(|name| folder.join(name)))?;
    let known: BTreeMap<&str, &AgentRecord> = record.agents.iter().map(|agent| (&*agent.id, agent)).collect();
    let displayed: BTreeMap<&str, &SubmoltRecord> =
        record.submolts.iter().map(|submolt| (&*submolt.name, submolt)).collect();
    let words = Words { known, displayed, fields };
    let comments = record.comments.iter().zip(record.depths());
    let written = [
        lines(&folder.join(POSTS), record.posts.iter().map(|post| words.post(post))),
        lines(&folder.join(COMMENTS), comments.map(|(comment, depth)| words.comment(comment, depth))),
        lines(&folder.join(AGENTS), record.agents.iter().map(|agent| words.agent(agent))),
        lines(&folder.join(SUBMOLTS), record.submolts.iter().map(submolt)),
    ];
    let errors: Vec<ShapeError> = written.into_iter().filter_map(Result::err).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// A moment that has no text, and its field.
struct Unwritable(&'static str, i64);

type Worded<T> = Result<T, Unwritable>;

fn moment(field: &'static str, seconds: Option<i64>) -> Worded<Option<String>> {
    seconds.map(|seconds| time::rfc3339(seconds).ok_or(Unwritable(field, seconds))).transpose()
}

fn lines<T: Serialize>(path: &Path, rows: impl Iterator<Item = Worded<T>>) -> Result<(), ShapeError> {
    let refused = |error: std::io::Error| ShapeError::io(path, &error);
    let mut file = BufWriter::new(create(path)?);
    for (at, row) in rows.enumerate() {
        let row = row.map_err(|Unwritable(field, seconds)| ShapeError::Value {
            file: path.display().to_string(),
            place: "line",
            row: at as u64 + 1,
            field,
            reason: format!("`{seconds}` is outside the years 0 to 9999"),
            more: 0,
        })?;
        serde_json::to_writer(&mut file, &row).map_err(|error| refused(error.into()))?;
        file.write_all(b"\n").map_err(refused)?;
    }
    file.flush().map_err(refused)
}

/// What a record is written from.
struct Words<'r> {
    known: BTreeMap<&'r str, &'r AgentRecord>,
    displayed: BTreeMap<&'r str, &'r SubmoltRecord>,
    fields: Fields,
}

impl<'r> Words<'r> {
    /// The culture as a field: none at all where only the published fields are written.
    fn culture(&self, culture: Option<&'r Arc<str>>) -> Option<Culture<'r>> {
        (self.fields == Fields::WithCulture).then_some(Culture(culture.map(|code| &**code)))
    }

    fn agent(&self, agent: &'r AgentRecord) -> Worded<AgentLine<'r>> {
        Ok(AgentLine {
            id: &agent.id,
            name: &agent.name,
            description: &agent.description,
            karma: agent.karma,
            follower_count: agent.followers,
            following_count: agent.following,
            is_claimed: agent.claimed,
            is_active: None,
            created_at: moment("created_at", agent.created_at)?,
            last_active: moment("last_active", agent.last_active)?,
            avatar_url: None,
            culture: self.culture(agent.culture.as_ref()),
        })
    }

    fn post(&self, post: &'r PostRecord) -> Worded<PostLine<'r>> {
        let author = post.author.as_deref().map(|id| {
            let agent = self.known.get(id).copied();
            Ok(PostAuthor {
                id,
                name: post.author_name.as_deref().or_else(|| Some(&*agent?.name)),
                description: agent.map(|agent| &*agent.description),
                karma: agent.and_then(|agent| agent.karma),
                follower_count: agent.and_then(|agent| agent.followers),
                following_count: agent.and_then(|agent| agent.following),
                is_claimed: agent.and_then(|agent| agent.claimed),
                is_active: None,
                created_at: moment("createdAt", agent.and_then(|agent| agent.created_at))?,
                last_active: moment("lastActive", agent.and_then(|agent| agent.last_active))?,
            })
        });
        let submolt = post.submolt.as_deref().map(|name| {
            let display_name = self.displayed.get(name).and_then(|submolt| submolt.display_name.as_deref());
            PostSubmolt { id: name, name, display_name }
        });
        Ok(PostLine {
            id: &post.id,
            title: &post.title,
            content: (!post.content.is_empty()).then_some(&*post.content),
            url: post.url.as_deref(),
            kind: if post.url.is_some() { "link" } else { "text" },
            author_id: post.author.as_deref(),
            author: author.transpose()?,
            submolt,
            upvotes: post.upvotes,
            downvotes: post.downvotes,
            score: post.net_votes(),
            comment_count: post.comment_count,
            hot_score: None,
            is_pinned: post.pinned,
            is_locked: None,
            is_deleted: post.deleted,
            verification_status: None,
            is_spam: post.spam,
            created_at: moment("created_at", post.created_at)?,
            updated_at: None,
            culture: self.culture(post.culture.as_ref()),
        })
    }

    fn comment(&self, comment: &'r CommentRecord, depth: Option<u32>) -> Worded<CommentLine<'r>> {
        let author = comment.author.as_deref().map(|id| {
            let agent = self.known.get(id).copied();
            CommentAuthor {
                id,
                name: comment.author_name.as_deref().or_else(|| Some(&*agent?.name)),
                karma: agent.and_then(|agent| agent.karma),
                follower_count: agent.and_then(|agent| agent.followers),
            }
        });
        Ok(CommentLine {
            id: &comment.id,
            post_id: &comment.post,
            parent_id: comment.parent.as_deref(),
            depth,
            content: &comment.content,
            author_id: comment.author.as_deref(),
            author,
            upvotes: comment.upvotes,
            downvotes: comment.downvotes,
            score: comment.net_votes(),
            is_deleted: comment.deleted,
            verification_status: None,
            is_spam: comment.spam,
            created_at: moment("created_at", comment.created_at)?,
            updated_at: None,
            culture: self.culture(comment.culture.as_ref()),
        })
    }
}

fn submolt(submolt: &SubmoltRecord) -> Worded<SubmoltLine<'_>> {
    Ok(SubmoltLine {
        id: &submolt.name,
        name: &submolt.name,
        display_name: submolt.display_name.as_deref(),
        description: &submolt.description,
        subscriber_count: submolt.subscribers,
        post_count: submolt.post_count,
        created_at: moment("created_at", submolt.created_at)?,
        last_activity_at: None,
        featured_at: None,
        created_by: None,
    })
}

/// A culture's code, or null where it is not known.
#[derive(Serialize)]
struct Culture<'r>(Option<&'r str>);

/// A field that is always null.
type Null = Option<()>;

#[derive(Serialize)]
struct PostLine<'r> {
    id: &'r str,
    title: &'r str,
    content: Option<&'r str>,
    url: Option<&'r str>,
    #[serde(rename = "type")]
    kind: &'static str,
    author_id: Option<&'r str>,
    author: Option<PostAuthor<'r>>,
    submolt: Option<PostSubmolt<'r>>,
    upvotes: Option<i64>,
    downvotes: Option<i64>,
    score: Option<i64>,
    comment_count: Option<i64>,
    hot_score: Null,
    is_pinned: Option<bool>,
    is_locked: Null,
    is_deleted: Option<bool>,
    verification_status: Null,
    is_spam: Option<bool>,
    created_at: Option<String>,
    updated_at: Null,
    #[serde(skip_serializing_if = "Option::is_none")]
    culture: Option<Culture<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostAuthor<'r> {
    id: &'r str,
    name: Option<&'r str>,
    description: Option<&'r str>,
    karma: Option<i64>,
    follower_count: Option<i64>,
    following_count: Option<i64>,
    is_claimed: Option<bool>,
    is_active: Null,
    created_at: Option<String>,
    last_active: Option<String>,
}

#[derive(Serialize)]
struct PostSubmolt<'r> {
    id: &'r str,
    name: &'r str,
    display_name: Option<&'r str>,
}

#[derive(Serialize)]
struct CommentLine<'r> {
    id: &'r str,
    post_id: &'r str,
    parent_id: Option<&'r str>,
    depth: Option<u32>,
    content: &'r str,
    author_id: Option<&'r str>,
    author: Option<CommentAuthor<'r>>,
    upvotes: Option<i64>,
    downvotes: Option<i64>,
    score: Option<i64>,
    is_deleted: Option<bool>,
    verification_status: Null,
    is_spam: Option<bool>,
    created_at: Option<String>,
    updated_at: Null,
    #[serde(skip_serializing_if = "Option::is_none")]
    culture: Option<Culture<'r>>,
}

#[derive(Serialize)]
struct CommentAuthor<'r> {
    id: &'r str,
    name: Option<&'r str>,
    karma: Option<i64>,
    follower_count: Option<i64>,
}

#[derive(Serialize)]
struct AgentLine<'r> {
    id: &'r str,
    name: &'r str,
    description: &'r str,
    karma: Option<i64>,
    follower_count: Option<i64>,
    following_count: Option<i64>,
    is_claimed: Option<bool>,
    is_active: Null,
    created_at: Option<String>,
    last_active: Option<String>,
    avatar_url: Null,
    #[serde(skip_serializing_if = "Option::is_none")]
    culture: Option<Culture<'r>>,
}

#[derive(Serialize)]
struct SubmoltLine<'r> {
    id: &'r str,
    name: &'r str,
    display_name: Option<&'r str>,
    description: &'r str,
    subscriber_count: Option<i64>,
    post_count: Option<i64>,
    created_at: Option<String>,
    last_activity_at: Null,
    featured_at: Null,
    created_by: Null,
}
