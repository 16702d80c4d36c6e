//! Observatory tables as records, the latest dump of a row winning.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::decode::{Batch, Open};
use super::{AGENTS, COMMENTS, POSTS, SUBMOLTS, Table};
use crate::shapes::cell::{Cell, Pool, Sheet};
use crate::shapes::error::ShapeError;
use crate::shapes::record::{AgentRecord, CommentRecord, Keyed, PlatformRecord, PostRecord, SubmoltRecord};
use crate::shapes::time;

pub(in crate::shapes) const LOOKED_FOR: &str =
    "data/posts/*.parquet, posts/*.parquet, data/posts.parquet or posts.parquet, and so for comments";

/// Whether a folder holds posts or comments of this shape.
pub(in crate::shapes) fn holds(folder: &Path) -> Result<bool, ShapeError> {
    Ok(!files(folder, &POSTS)?.is_empty() || !files(folder, &COMMENTS)?.is_empty())
}

/// Reads the tables of a folder: `data/<table>/*.parquet`, `<table>/*.parquet`, `data/<table>.parquet` and
/// `<table>.parquet`, all there are. Of rows with one id those of the latest dump are kept, in the place of the
/// earliest; a dump is dated by its rows' `dump_date`, or else by the name of its file, or else lies before all others.
/// Rows that one dump repeats stay, for [`PlatformRecord::check`] to count.
///
/// # Errors
/// Every mistake at once: one for each file that lacks columns or cannot be decoded, one for each column with values
/// that cannot be read, one for each table that is missing of posts and comments.
pub fn read(folder: &Path) -> Result<PlatformRecord, Vec<ShapeError>> {
    let mut reading = Reading { folder, pool: Pool::default(), errors: Vec::new() };
    let record = PlatformRecord {
        agents: reading.table(&AGENTS, agent),
        submolts: reading.table(&SUBMOLTS, submolt),
        posts: reading.table(&POSTS, post),
        comments: reading.table(&COMMENTS, comment),
    };
    if reading.errors.is_empty() { Ok(record) } else { Err(reading.errors) }
}

/// The files of a table with the days of their names, earliest first.
fn files(folder: &Path, table: &Table) -> Result<Vec<(Option<i64>, PathBuf)>, ShapeError> {
    let mut files = Vec::new();
    for base in [folder.to_owned(), folder.join("data")] {
        let flat = base.join(format!("{}.parquet", table.name));
        if flat.is_file() {
            files.push((None, flat));
        }
        let tree = base.join(table.name);
        if !tree.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&tree).map_err(|error| ShapeError::io(&tree, &error))? {
            let path = entry.map_err(|error| ShapeError::io(&tree, &error))?.path();
            if path.extension().is_some_and(|extension| extension == "parquet") {
                files.push((path.file_stem().and_then(|stem| stem.to_str()).and_then(time::day), path));
            }
        }
    }
    // The order in which a folder lists its files is not a promise.
    files.sort();
    Ok(files)
}

struct Reading<'f> {
    folder: &'f Path,
    pool: Pool,
    errors: Vec<ShapeError>,
}

impl Reading<'_> {
    fn table<T: Keyed>(&mut self, table: &'static Table, of: fn(&mut Sheet<'_>, &Row<'_>) -> T) -> Vec<T> {
        let mut merge = Merge { rows: Vec::new(), versions: Vec::new(), places: BTreeMap::new() };
        let files = files(self.folder, table).unwrap_or_else(|error| {
            self.errors.push(error);
            Vec::new()
        });
        if files.is_empty() && [POSTS.name, COMMENTS.name].contains(&table.name) {
            self.errors.push(ShapeError::MissingPart {
                folder: self.folder.display().to_string(),
                part: table.name,
                looked_for: format!("data/{0}/*.parquet, {0}/*.parquet, data/{0}.parquet and {0}.parquet", table.name),
            });
        }
        for (day, path) in files {
            if let Err(error) = self.file(&path, day, table, of, &mut merge) {
                self.errors.push(error);
            }
        }
        merge.rows
    }

    fn file<T: Keyed>(
        &mut self,
        path: &Path,
        day: Option<i64>,
        table: &'static Table,
        of: fn(&mut Sheet<'_>, &Row<'_>) -> T,
        merge: &mut Merge<T>,
    ) -> Result<(), ShapeError> {
        let open = Open::new(path, table)?;
        let of_file = day.map_or(i64::MIN, |day| day * 86_400);
        let mut sheet = Sheet::new(path, "row", &mut self.pool);
        let read = open.batches(&mut |batch| {
            for at in 0..batch.rows {
                sheet.row += 1;
                let row = Row { batch, at };
                let version = sheet.moment("dump_date", row.cell("dump_date")).unwrap_or(of_file);
                let record = of(&mut sheet, &row);
                merge.take(record, version);
            }
        });
        self.errors.extend(sheet.faults());
        read
    }
}

/// One row of a batch.
struct Row<'b> {
    batch: &'b Batch<'b>,
    at: usize,
}

impl Row<'_> {
    fn cell(&self, column: &str) -> &Cell {
        self.batch.cell(self.at, column)
    }
}

/// Rows of several dumps.
struct Merge<T> {
    rows: Vec<T>,
    versions: Vec<i64>,
    places: BTreeMap<Arc<str>, usize>,
}

impl<T: Keyed> Merge<T> {
    fn take(&mut self, row: T, version: i64) {
        match self.places.get(row.key()).map(|&place| (place, self.versions[place])) {
            Some((place, known)) if known < version => {
                self.rows[place] = row;
                self.versions[place] = version;
            }
            Some((_, known)) if known > version => {}
            known => {
                if known.is_none() {
                    self.places.insert(row.key().clone(), self.rows.len());
                }
                self.rows.push(row);
                self.versions.push(version);
            }
        }
    }
}

/// The author: by id, or by name where the id is missing, as the poller itself does with its agents.
fn author(sheet: &mut Sheet<'_>, row: &Row<'_>) -> (Option<Arc<str>>, Option<Arc<str>>) {
    let name = sheet.shared("agent_name", row.cell("agent_name"));
    (sheet.shared("agent_id", row.cell("agent_id")).or_else(|| name.clone()), name)
}

fn agent(sheet: &mut Sheet<'_>, row: &Row<'_>) -> AgentRecord {
    let name = sheet.id("name", row.cell("name"));
    AgentRecord {
        id: sheet.shared("id", row.cell("id")).unwrap_or_else(|| name.clone()),
        name,
        description: sheet.text("description", row.cell("description")).unwrap_or_default(),
        karma: sheet.whole("karma", row.cell("karma")),
        followers: sheet.whole("follower_count", row.cell("follower_count")),
        following: sheet.whole("following_count", row.cell("following_count")),
        claimed: sheet.flag("is_claimed", row.cell("is_claimed")),
        created_at: sheet.moment("created_at", row.cell("created_at")),
        last_active: sheet.moment("last_seen_at", row.cell("last_seen_at")),
        culture: sheet.shared("culture", row.cell("culture")),
    }
}

fn submolt(sheet: &mut Sheet<'_>, row: &Row<'_>) -> SubmoltRecord {
    SubmoltRecord {
        name: sheet.id("name", row.cell("name")),
        display_name: sheet.text("display_name", row.cell("display_name")),
        description: sheet.text("description", row.cell("description")).unwrap_or_default(),
        subscribers: sheet.whole("subscriber_count", row.cell("subscriber_count")),
        post_count: sheet.whole("post_count", row.cell("post_count")),
        created_at: sheet.moment("created_at", row.cell("created_at")),
    }
}

fn post(sheet: &mut Sheet<'_>, row: &Row<'_>) -> PostRecord {
    let (author, author_name) = author(sheet, row);
    PostRecord {
        id: sheet.id("id", row.cell("id")),
        author,
        author_name,
        submolt: sheet.shared("submolt", row.cell("submolt")),
        title: sheet.text("title", row.cell("title")).unwrap_or_default(),
        content: sheet.text("content", row.cell("content")).unwrap_or_default(),
        url: sheet.text("url", row.cell("url")),
        score: sheet.whole("score", row.cell("score")),
        comment_count: sheet.whole("comment_count", row.cell("comment_count")),
        created_at: sheet.moment("created_at", row.cell("created_at")),
        fetched_at: sheet.moment("fetched_at", row.cell("fetched_at")),
        pinned: sheet.flag("is_pinned", row.cell("is_pinned")),
        culture: sheet.shared("culture", row.cell("culture")),
        ..PostRecord::default()
    }
}

fn comment(sheet: &mut Sheet<'_>, row: &Row<'_>) -> CommentRecord {
    let (author, author_name) = author(sheet, row);
    CommentRecord {
        id: sheet.id("id", row.cell("id")),
        post: sheet.id("post_id", row.cell("post_id")),
        parent: sheet.shared("parent_id", row.cell("parent_id")),
        author,
        author_name,
        content: sheet.text("content", row.cell("content")).unwrap_or_default(),
        score: sheet.whole("score", row.cell("score")),
        created_at: sheet.moment("created_at", row.cell("created_at")),
        fetched_at: sheet.moment("fetched_at", row.cell("fetched_at")),
        culture: sheet.shared("culture", row.cell("culture")),
        ..CommentRecord::default()
    }
}
