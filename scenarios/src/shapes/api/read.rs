//! JSON lines of the API as records, whichever of its wordings they have.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::{AGENTS, COMMENTS, POSTS, SUBMOLTS};
use crate::shapes::cell::{Cell, Pool, Sheet};
use crate::shapes::error::ShapeError;
use crate::shapes::record::{AgentRecord, CommentRecord, PlatformRecord, PostRecord, SubmoltRecord};

pub(in crate::shapes) const LOOKED_FOR: &str = "posts_all.jsonl and comments_all.jsonl";

/// The crawler's own name for communities: one JSON array.
const SUBMOLT_ARRAY: &str = "submolts.json";

/// Whether a folder holds posts or comments of this shape.
pub(in crate::shapes) fn holds(folder: &Path) -> bool {
    [POSTS, COMMENTS].iter().any(|name| folder.join(name).is_file())
}

/// Reads `posts_all.jsonl`, `comments_all.jsonl`, `agents_seen.jsonl` and `submolts.jsonl` (or `submolts.json`, one
/// array). Authors and communities may be objects, or stand flat in the line (`author_id`, `author_name`, `agent_id`,
/// `agent_name`, `submolt_name`). Lines that repeat an id stay: see [`PlatformRecord::newest`].
///
/// # Errors
/// Every mistake at once: for each file the first line that is no JSON object of this shape, that lacks required fields
/// or holds a value that cannot be read, each with how many there are like it.
pub fn read(folder: &Path) -> Result<PlatformRecord, Vec<ShapeError>> {
    let mut reading = Reading { pool: Pool::default(), errors: Vec::new() };
    for part in [POSTS, COMMENTS].into_iter().filter(|name| !folder.join(name).is_file()) {
        let part = if part == POSTS { "posts" } else { "comments" };
        let (folder, looked_for) = (folder.display().to_string(), format!("{part}_all.jsonl"));
        reading.errors.push(ShapeError::MissingPart { folder, part, looked_for });
    }
    let agents = reading.lines(&folder.join(AGENTS), &["name"], agent);
    let mut submolts = reading.lines(&folder.join(SUBMOLTS), &["name"], submolt);
    if !folder.join(SUBMOLTS).is_file() {
        submolts = reading.array(&folder.join(SUBMOLT_ARRAY), &["name"], submolt);
    }
    let posts =
        reading.lines(&folder.join(POSTS), &["id", "title", "content", "author", "submolt", "created_at"], post);
    let required = ["id", "post_id", "parent_id", "content", "author", "created_at"];
    let comments = reading.lines(&folder.join(COMMENTS), &required, comment);
    let record = PlatformRecord { agents, submolts, posts, comments };
    if reading.errors.is_empty() { Ok(record) } else { Err(reading.errors) }
}

/// A line of any of the files. Wordings of the same thing are fields of their own: a line may have several.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Line {
    id: Cell,
    name: Cell,
    display_name: Cell,
    description: Cell,
    title: Cell,
    content: Cell,
    url: Cell,
    author: Named,
    author_id: Cell,
    author_name: Cell,
    agent_id: Cell,
    agent_name: Cell,
    submolt: Named,
    submolt_name: Cell,
    post_id: Cell,
    parent_id: Cell,
    replies: Option<Vec<IgnoredAny>>,
    upvotes: Cell,
    downvotes: Cell,
    score: Cell,
    comment_count: Cell,
    is_pinned: Cell,
    is_deleted: Cell,
    is_spam: Cell,
    karma: Cell,
    follower_count: Cell,
    #[serde(rename = "followerCount")]
    follower_count_camel: Cell,
    following_count: Cell,
    #[serde(rename = "followingCount")]
    following_count_camel: Cell,
    is_claimed: Cell,
    #[serde(rename = "isClaimed")]
    is_claimed_camel: Cell,
    last_active: Cell,
    #[serde(rename = "lastActive")]
    last_active_camel: Cell,
    created_at: Cell,
    #[serde(rename = "createdAt")]
    created_at_camel: Cell,
    subscriber_count: Cell,
    post_count: Cell,
    culture: Cell,
}

impl Line {
    fn author_id(&self) -> Cell {
        self.author_id.clone().or(self.author.id.clone()).or(self.agent_id.clone())
    }

    fn author_name(&self) -> Cell {
        self.author.name.clone().or(self.author_name.clone()).or(self.agent_name.clone())
    }

    fn submolt(&self) -> Cell {
        self.submolt.name.clone().or(self.submolt_name.clone())
    }

    fn created_at(&self) -> Cell {
        self.created_at.clone().or(self.created_at_camel.clone())
    }

    /// Whether a field that the file requires is there. Ids must say something; others may be null, as a deleted
    /// author is.
    fn has(&self, field: &str) -> bool {
        match field {
            "id" => self.id.is_some(),
            "name" => self.name.is_some(),
            "post_id" => self.post_id.is_some(),
            "title" => self.title.is_there(),
            "content" => self.content.is_there() || self.url.is_some(),
            "author" => self.author_id().or(self.author_name()).is_there(),
            "submolt" => self.submolt().is_there(),
            "created_at" => self.created_at().is_there(),
            // Lines at the top may leave it out; a whole file without it has no threads to read.
            _ => true,
        }
    }
}

/// An object with an id and a name, or the name alone.
#[derive(Default)]
struct Named {
    id: Cell,
    name: Cell,
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrObject;
        impl<'de> Visitor<'de> for NameOrObject {
            type Value = Named;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object with a name, a name or null")
            }
            fn visit_unit<E: Error>(self) -> Result<Named, E> {
                Ok(Named { id: Cell::Absent, name: Cell::Null })
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Named, E> {
                Ok(Named { id: Cell::Absent, name: Cell::Text(name.into()) })
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named, A::Error> {
                // There, whatever it says.
                let mut named = Named { id: Cell::Absent, name: Cell::Null };
                while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
                    match &*key {
                        "id" => named.id = map.next_value()?,
                        "name" => named.name = map.next_value()?,
                        _ => map.next_value::<IgnoredAny>().map(|_| ())?,
                    }
                }
                Ok(named)
            }
        }
        deserializer.deserialize_any(NameOrObject)
    }
}

struct Reading {
    pool: Pool,
    errors: Vec<ShapeError>,
}

/// What lines of a file did wrong: the first of each kind and how many more.
#[derive(Default)]
struct Wrong {
    broken: Option<(u64, String, u64)>,
    lacking: BTreeMap<Vec<&'static str>, (u64, Vec<String>, u64)>,
}

impl Wrong {
    fn broken(&mut self, line: u64, reason: String) {
        self.broken.get_or_insert((line, reason, 0)).2 += 1;
    }

    fn lacking(&mut self, line: u64, missing: Vec<&'static str>, text: &[u8]) {
        let there = || {
            let value: serde_json::Value = serde_json::from_slice(text).unwrap_or_default();
            value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default()
        };
        self.lacking.entry(missing).or_insert_with(|| (line, there(), 0)).2 += 1;
    }

    fn errors(self, file: &str, required: &[&'static str]) -> impl Iterator<Item = ShapeError> {
        let broken = self.broken.map(|(line, reason, count)| ShapeError::Line {
            file: file.to_owned(),
            line,
            reason,
            more: count - 1,
        });
        let mut lacking: Vec<_> = self.lacking.into_iter().collect();
        lacking.sort_by_key(|(_, (line, ..))| *line);
        let lacking = lacking.into_iter().map(move |(missing, (line, there, count))| {
            let strange = there.iter().filter(|name| !required.contains(&name.as_str())).cloned().collect();
            ShapeError::MissingFields { file: file.to_owned(), line, missing, there, strange, more: count - 1 }
        });
        broken.into_iter().chain(lacking)
    }
}

impl Reading {
    /// The rows of a file of lines; none where there is no such file.
    fn lines<T>(&mut self, path: &Path, required: &[&'static str], of: fn(&mut Sheet<'_>, &Line) -> T) -> Vec<T> {
        let refused = |error: std::io::Error| ShapeError::io(path, &error);
        let mut file = match File::open(path) {
            Ok(file) => BufReader::new(file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.errors.push(refused(error));
                return Vec::new();
            }
        };
        let (mut rows, mut wrong, mut text) = (Vec::new(), Wrong::default(), Vec::new());
        let mut sheet = Sheet::new(path, "line", &mut self.pool);
        let mut parents = Parents::default();
        loop {
            text.clear();
            match file.read_until(b'\n', &mut text) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    self.errors.push(refused(error));
                    return rows;
                }
            }
            sheet.row += 1;
            let text = text.trim_ascii();
            if text.is_empty() {
                continue;
            }
            match object(text) {
                Err(reason) => wrong.broken(sheet.row, reason),
                Ok(line) => {
                    parents.look(&line, sheet.row, text);
                    rows.extend(row(&line, required, text, &mut sheet, &mut wrong, of));
                }
            }
        }
        if let Some((row, text)) = parents.first.filter(|_| required.contains(&"parent_id") && !parents.told) {
            wrong.lacking(row, vec!["parent_id"], &text);
        }
        self.errors.extend(wrong.errors(sheet.file(), required));
        self.errors.extend(sheet.faults());
        rows
    }

    /// The rows of a file that is one array; none where there is no such file.
    fn array<T>(&mut self, path: &Path, required: &[&'static str], of: fn(&mut Sheet<'_>, &Line) -> T) -> Vec<T> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.errors.push(ShapeError::io(path, &error));
                return Vec::new();
            }
        };
        let (mut sheet, mut wrong) = (Sheet::new(path, "row", &mut self.pool), Wrong::default());
        let objects: Vec<&serde_json::value::RawValue> = serde_json::from_slice(&text).unwrap_or_else(|error| {
            wrong.broken(error.line() as u64, reason(&error));
            Vec::new()
        });
        let mut rows = Vec::new();
        for text in objects.into_iter().map(|object| object.get().as_bytes()) {
            sheet.row += 1;
            match object(text) {
                Err(reason) => wrong.broken(sheet.row, reason),
                Ok(line) => rows.extend(row(&line, required, text, &mut sheet, &mut wrong, of)),
            }
        }
        self.errors.extend(wrong.errors(sheet.file(), required));
        self.errors.extend(sheet.faults());
        rows
    }
}

/// Whether any line of a file tells its parent, and the first line in case none does.
#[derive(Default)]
struct Parents {
    told: bool,
    first: Option<(u64, Vec<u8>)>,
}

impl Parents {
    fn look(&mut self, line: &Line, row: u64, text: &[u8]) {
        self.told |= line.parent_id.is_there();
        if self.first.is_none() {
            self.first = Some((row, text.to_owned()));
        }
    }
}

fn row<T>(
    line: &Line,
    required: &[&'static str],
    text: &[u8],
    sheet: &mut Sheet<'_>,
    wrong: &mut Wrong,
    of: fn(&mut Sheet<'_>, &Line) -> T,
) -> Option<T> {
    let missing: Vec<&'static str> = required.iter().copied().filter(|field| !line.has(field)).collect();
    if !missing.is_empty() {
        wrong.lacking(sheet.row, missing, text);
        return None;
    }
    if line.replies.as_ref().is_some_and(|replies| !replies.is_empty()) {
        wrong.broken(sheet.row, "holds replies within `replies`, where each comment has a line of its own".to_owned());
        return None;
    }
    Some(of(sheet, line))
}

/// A line, or what is wrong with it. Arrays are refused here: serde would take their elements for fields in order.
fn object(text: &[u8]) -> Result<Line, String> {
    if text.first().is_some_and(|sign| *sign != b'{') {
        return Err("not a JSON object".to_owned());
    }
    serde_json::from_slice(text).map_err(|error| reason(&error))
}

/// What is wrong with a line, and where in it: the parser's own line number is always 1.
fn reason(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let told = told.split_once(" at line ").map_or(told.as_str(), |(told, _)| told);
    format!("not a JSON object of this shape: {told} (column {})", error.column())
}

fn author(sheet: &mut Sheet<'_>, line: &Line) -> (Option<Arc<str>>, Option<Arc<str>>) {
    let name = sheet.shared("author name", &line.author_name());
    (sheet.shared("author id", &line.author_id()).or_else(|| name.clone()), name)
}

fn agent(sheet: &mut Sheet<'_>, line: &Line) -> AgentRecord {
    let either = |snake: &Cell, camel: &Cell| snake.clone().or(camel.clone());
    let name = sheet.id("name", &line.name);
    AgentRecord {
        id: sheet.shared("id", &line.id).unwrap_or_else(|| name.clone()),
        name,
        description: sheet.text("description", &line.description).unwrap_or_default(),
        karma: sheet.whole("karma", &line.karma),
        followers: sheet.whole("follower_count", &either(&line.follower_count, &line.follower_count_camel)),
        following: sheet.whole("following_count", &either(&line.following_count, &line.following_count_camel)),
        claimed: sheet.flag("is_claimed", &either(&line.is_claimed, &line.is_claimed_camel)),
        created_at: sheet.moment("created_at", &line.created_at()),
        last_active: sheet.moment("last_active", &either(&line.last_active, &line.last_active_camel)),
        culture: sheet.shared("culture", &line.culture),
    }
}

fn submolt(sheet: &mut Sheet<'_>, line: &Line) -> SubmoltRecord {
    SubmoltRecord {
        name: sheet.id("name", &line.name),
        display_name: sheet.text("display_name", &line.display_name),
        description: sheet.text("description", &line.description).unwrap_or_default(),
        subscribers: sheet.whole("subscriber_count", &line.subscriber_count),
        post_count: sheet.whole("post_count", &line.post_count),
        created_at: sheet.moment("created_at", &line.created_at()),
    }
}

fn post(sheet: &mut Sheet<'_>, line: &Line) -> PostRecord {
    let (author, author_name) = author(sheet, line);
    PostRecord {
        id: sheet.id("id", &line.id),
        author,
        author_name,
        submolt: sheet.shared("submolt", &line.submolt()),
        title: sheet.text("title", &line.title).unwrap_or_default(),
        content: sheet.text("content", &line.content).unwrap_or_default(),
        url: sheet.text("url", &line.url),
        score: sheet.whole("score", &line.score),
        upvotes: sheet.whole("upvotes", &line.upvotes),
        downvotes: sheet.whole("downvotes", &line.downvotes),
        comment_count: sheet.whole("comment_count", &line.comment_count),
        created_at: sheet.moment("created_at", &line.created_at()),
        fetched_at: None,
        pinned: sheet.flag("is_pinned", &line.is_pinned),
        deleted: sheet.flag("is_deleted", &line.is_deleted),
        spam: sheet.flag("is_spam", &line.is_spam),
        culture: sheet.shared("culture", &line.culture),
    }
}

fn comment(sheet: &mut Sheet<'_>, line: &Line) -> CommentRecord {
    let (author, author_name) = author(sheet, line);
    CommentRecord {
        id: sheet.id("id", &line.id),
        post: sheet.id("post_id", &line.post_id),
        parent: sheet.shared("parent_id", &line.parent_id),
        author,
        author_name,
        content: sheet.text("content", &line.content).unwrap_or_default(),
        score: sheet.whole("score", &line.score),
        upvotes: sheet.whole("upvotes", &line.upvotes),
        downvotes: sheet.whole("downvotes", &line.downvotes),
        created_at: sheet.moment("created_at", &line.created_at()),
        fetched_at: None,
        deleted: sheet.flag("is_deleted", &line.is_deleted),
        spam: sheet.flag("is_spam", &line.is_spam),
        culture: sheet.shared("culture", &line.culture),
    }
}
