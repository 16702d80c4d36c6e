//! Tables of the Moltbook Observatory Archive: names and columns of `observatory/database/migrations.py`
//! (kelkalot/moltbook-observatory), and `dump_date`, which the archive adds.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cell::Cell;
use super::error::ShapeError;
use super::record::{AgentRecord, CommentRecord, PlatformRecord, PostRecord, SubmoltRecord};
use super::{Fields, create, time, unoccupied};

mod decode;
mod encode;
mod read;

pub use read::read;
pub(super) use read::{LOOKED_FOR, holds};

/// How a column is written. What is read may be stored otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Text,
    Whole,
    Flag,
    /// Unix seconds, written as RFC 3339.
    Moment,
}

/// Whether a table can do without a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Need {
    Required,
    Optional,
    /// Not of the published shape.
    Ours,
}

/// A table and its columns: name, kind and need, in order.
#[derive(Debug)]
struct Table {
    name: &'static str,
    columns: &'static [(&'static str, Kind, Need)],
}

macro_rules! table {
    ($name:literal: $($column:literal $kind:ident $need:ident),+ $(,)?) => {
        Table { name: $name, columns: &[$(($column, Kind::$kind, Need::$need)),+] }
    };
}

static AGENTS: Table = table! { "agents":
    "id" Text Required, "name" Text Required, "description" Text Optional, "karma" Whole Optional,
    "follower_count" Whole Optional, "following_count" Whole Optional, "is_claimed" Flag Optional,
    "owner_x_handle" Text Optional, "first_seen_at" Moment Optional, "last_seen_at" Moment Optional,
    "created_at" Moment Optional, "avatar_url" Text Optional, "dump_date" Text Optional, "culture" Text Ours,
};

static POSTS: Table = table! { "posts":
    "id" Text Required, "agent_id" Text Required, "agent_name" Text Optional, "submolt" Text Required,
    "title" Text Required, "content" Text Required, "url" Text Optional, "score" Whole Optional,
    "comment_count" Whole Optional, "created_at" Moment Required, "fetched_at" Moment Optional,
    "is_pinned" Flag Optional, "dump_date" Text Optional, "culture" Text Ours,
};

static COMMENTS: Table = table! { "comments":
    "id" Text Required, "post_id" Text Required, "agent_id" Text Required, "agent_name" Text Optional,
    "parent_id" Text Required, "content" Text Required, "score" Whole Optional, "created_at" Moment Required,
    "fetched_at" Moment Optional, "dump_date" Text Optional, "culture" Text Ours,
};

static SUBMOLTS: Table = table! { "submolts":
    "name" Text Required, "display_name" Text Optional, "description" Text Optional,
    "subscriber_count" Whole Optional, "post_count" Whole Optional, "created_at" Moment Optional,
    "first_seen_at" Moment Optional, "avatar_url" Text Optional, "banner_url" Text Optional,
    "dump_date" Text Optional,
};

/// Writes `data/<table>/<dump_date>.parquet` below a folder. Columns that a record knows nothing of (owners, avatars,
/// when something was first seen) are there and empty; votes for and against become the score.
///
/// # Errors
/// Where `dump_date` is no `YYYY-MM-DD`, any of the files is there already (nothing is written then), a moment has no
/// text, or the file system refuses.
pub fn write(record: &PlatformRecord, folder: &Path, dump_date: &str, fields: Fields) -> Result<(), Vec<ShapeError>> {
    if time::day(dump_date).is_none() {
        return Err(vec![ShapeError::Name {
            name: dump_date.to_owned(),
            reason: "a dump is called by its YYYY-MM-DD",
        }]);
    }
    let path = |table: &Table| folder.join("data").join(table.name).join(format!("{dump_date}.parquet"));
    unoccupied(&[&AGENTS, &SUBMOLTS, &POSTS, &COMMENTS].map(path))?;
    let date = Cell::Text(dump_date.into());
    let dump = Dump { date, fields };
    let written = [
        dump.write(&AGENTS, path(&AGENTS), &record.agents, agent),
        dump.write(&SUBMOLTS, path(&SUBMOLTS), &record.submolts, submolt),
        dump.write(&POSTS, path(&POSTS), &record.posts, post),
        dump.write(&COMMENTS, path(&COMMENTS), &record.comments, comment),
    ];
    let errors: Vec<ShapeError> = written.into_iter().filter_map(Result::err).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

struct Dump {
    date: Cell,
    fields: Fields,
}

impl Dump {
    fn write<T>(&self, table: &Table, path: PathBuf, rows: &[T], cell: fn(&T, &str) -> Cell) -> Result<(), ShapeError> {
        let columns: Vec<(&'static str, Kind)> = table
            .columns
            .iter()
            .filter(|(.., need)| *need != Need::Ours || self.fields == Fields::WithCulture)
            .map(|&(name, kind, _)| (name, kind))
            .collect();
        let of = |row: &T, column: &str| if column == "dump_date" { self.date.clone() } else { cell(row, column) };
        encode::write(create(&path)?, &path, table.name, &columns, rows, of)
    }
}

fn agent(agent: &AgentRecord, column: &str) -> Cell {
    match column {
        "id" => text(&agent.id),
        "name" => text(&agent.name),
        "description" => text(&agent.description),
        "karma" => whole(agent.karma),
        "follower_count" => whole(agent.followers),
        "following_count" => whole(agent.following),
        "is_claimed" => flag(agent.claimed),
        "last_seen_at" => moment(agent.last_active),
        "created_at" => moment(agent.created_at),
        "culture" => optional(agent.culture.as_ref()),
        _ => Cell::Null,
    }
}

fn submolt(submolt: &SubmoltRecord, column: &str) -> Cell {
    match column {
        "name" => text(&submolt.name),
        "display_name" => optional(submolt.display_name.as_ref()),
        "description" => text(&submolt.description),
        "subscriber_count" => whole(submolt.subscribers),
        "post_count" => whole(submolt.post_count),
        "created_at" => moment(submolt.created_at),
        _ => Cell::Null,
    }
}

fn post(post: &PostRecord, column: &str) -> Cell {
    match column {
        "id" => text(&post.id),
        "agent_id" => optional(post.author.as_ref()),
        "agent_name" => optional(post.author_name.as_ref()),
        "submolt" => optional(post.submolt.as_ref()),
        "title" => text(&post.title),
        "content" => text(&post.content),
        "url" => optional(post.url.as_ref()),
        "score" => whole(post.net_votes()),
        "comment_count" => whole(post.comment_count),
        "created_at" => moment(post.created_at),
        "fetched_at" => moment(post.fetched_at),
        "is_pinned" => flag(post.pinned),
        "culture" => optional(post.culture.as_ref()),
        _ => Cell::Null,
    }
}

fn comment(comment: &CommentRecord, column: &str) -> Cell {
    match column {
        "id" => text(&comment.id),
        "post_id" => text(&comment.post),
        "agent_id" => optional(comment.author.as_ref()),
        "agent_name" => optional(comment.author_name.as_ref()),
        "parent_id" => optional(comment.parent.as_ref()),
        "content" => text(&comment.content),
        "score" => whole(comment.net_votes()),
        "created_at" => moment(comment.created_at),
        "fetched_at" => moment(comment.fetched_at),
        "culture" => optional(comment.culture.as_ref()),
        _ => Cell::Null,
    }
}

fn text(text: &Arc<str>) -> Cell {
    Cell::Text(text.clone())
}

fn optional(text: Option<&Arc<str>>) -> Cell {
    text.map_or(Cell::Null, |text| Cell::Text(text.clone()))
}

fn whole(number: Option<i64>) -> Cell {
    number.map_or(Cell::Null, Cell::Whole)
}

fn flag(flag: Option<bool>) -> Cell {
    flag.map_or(Cell::Null, Cell::Flag)
}

fn moment(seconds: Option<i64>) -> Cell {
    seconds.map_or(Cell::Null, Cell::Moment)
}
