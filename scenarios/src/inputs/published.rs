//! Platforms between shapes: what a run's agents did as published data, and published data as guests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::record::RecordError;
use pluriverse_engine::record::read::read_portions;
use pluriverse_worlds::culture::Cultures;
use pluriverse_worlds::platform::body::{Link, Writing};
use pluriverse_worlds::platform::guests::{Deed, GuestAct, Guests, Says};
use pluriverse_worlds::platform::ids::Moment;
use pluriverse_worlds::platform::record::{COMMENTS, EVENTS, POSTS};
use pluriverse_worlds::platform::rules::{FEATURED, LONGEST_COMMENT, LONGEST_POST, LONGEST_TITLE, OPENED};
use pluriverse_worlds::platform::see::name_of;

use super::asset::AssetError;
use super::columns::Columns;
use super::run::StrandName;
use crate::shapes::{AgentRecord, CommentRecord, PlatformRecord, PostRecord, SubmoltRecord};

/// What one strand of a run did, as plain rows. Ids are `p1`, `c1` and `a1` for numbers 0.
pub fn record_of(directory: &Path, strand: &StrandName) -> Result<PlatformRecord, AssetError> {
    let failed = |error: RecordError| AssetError::new(error.to_string());
    let mut told = Told::read(directory, strand).map_err(failed)?;
    let mut record = PlatformRecord::default();
    let posts = Columns::read(directory, &POSTS).map_err(failed)?;
    for row in posts.of_strand(strand) {
        let post = told.post(&posts, row);
        record.posts.push(post);
    }
    let comments = Columns::read(directory, &COMMENTS).map_err(failed)?;
    for row in comments.of_strand(strand) {
        let comment = told.comment(&comments, row);
        record.comments.push(comment);
    }
    record.submolts = submolts(&record.posts);
    record.agents = told.agents();
    Ok(record)
}

/// What events tell of posts, comments and agents.
#[derive(Default)]
struct Told {
    /// Up- and downvotes, by kind and number.
    votes: BTreeMap<(bool, u32), (i64, i64)>,
    cast: BTreeMap<(u32, bool, u32), bool>,
    deleted: BTreeSet<(bool, u32)>,
    active: BTreeMap<u32, u32>,
    followers: BTreeMap<u32, i64>,
    following: BTreeMap<u32, i64>,
    karma: BTreeMap<u32, i64>,
    cultures: BTreeMap<u32, Arc<str>>,
    comments: BTreeMap<u32, i64>,
}

impl Told {
    fn read(directory: &Path, strand: &StrandName) -> Result<Self, RecordError> {
        let mut told = Self::default();
        read_portions(directory, &EVENTS, &mut |columns| {
            let events = Columns::of(&EVENTS, columns);
            for row in events.of_strand(strand) {
                told.take(&events, row);
            }
        })?;
        let comments = Columns::read(directory, &COMMENTS)?;
        for row in comments.of_strand(strand) {
            *told.comments.entry(comments.number("post", row).unwrap_or_default()).or_default() += 1;
        }
        Ok(told)
    }

    fn take(&mut self, events: &Columns<'_>, row: usize) {
        let agent = events.number("agent", row).unwrap_or_default();
        self.active.insert(agent, events.number("at", row).unwrap_or_default());
        let (action, result) = (events.text("action", row), events.text("result", row));
        let target = (events.text("on", row) == "post", events.number("number", row).unwrap_or_default());
        match (action, result) {
            (_, "voted" | "turned" | "taken_back") => {
                let up = action.starts_with("up");
                let before = self.cast.remove(&(agent, target.0, target.1));
                if result != "taken_back" {
                    self.cast.insert((agent, target.0, target.1), up);
                }
                let votes = self.votes.entry(target).or_default();
                match before {
                    Some(true) => votes.0 -= 1,
                    Some(false) => votes.1 -= 1,
                    None => {}
                }
                match (result != "taken_back", up) {
                    (true, true) => votes.0 += 1,
                    (true, false) => votes.1 += 1,
                    (false, _) => {}
                }
            }
            ("delete_own", "ok") => {
                self.deleted.insert(target);
            }
            ("follow" | "unfollow", "ok") => {
                let change = if action == "follow" { 1 } else { -1 };
                *self.followers.entry(target.1).or_default() += change;
                *self.following.entry(agent).or_default() += change;
            }
            _ => {}
        }
    }

    fn post(&mut self, posts: &Columns<'_>, row: usize) -> PostRecord {
        let (number, author) =
            (posts.number("post", row).unwrap_or_default(), posts.number("agent", row).unwrap_or_default());
        let (up, down) = self.votes.get(&(true, number)).copied().unwrap_or_default();
        *self.karma.entry(author).or_default() += up - down;
        self.cultures.insert(author, Arc::from(posts.text("culture", row)));
        let link = posts.text("type", row) == "link";
        let content: Arc<str> = Arc::from(posts.text("content", row));
        PostRecord {
            id: Arc::from(format!("p{number}")),
            author: Some(Arc::from(format!("a{author}"))),
            author_name: Some(name_of(AgentId(author))),
            submolt: Some(Arc::from(posts.text("submolt", row))),
            title: Arc::from(posts.text("title", row)),
            content: if link { Arc::from("") } else { content.clone() },
            url: link.then_some(content),
            score: Some(up - down),
            upvotes: Some(up),
            downvotes: Some(down),
            comment_count: Some(self.comments.get(&number).copied().unwrap_or_default()),
            created_at: Some(moment(posts.number("at", row).unwrap_or_default())),
            pinned: Some(false),
            deleted: Some(self.deleted.contains(&(true, number))),
            culture: Some(Arc::from(posts.text("culture", row))),
            ..PostRecord::default()
        }
    }

    fn comment(&mut self, comments: &Columns<'_>, row: usize) -> CommentRecord {
        let (number, author) =
            (comments.number("comment", row).unwrap_or_default(), comments.number("agent", row).unwrap_or_default());
        let (up, down) = self.votes.get(&(false, number)).copied().unwrap_or_default();
        *self.karma.entry(author).or_default() += up - down;
        self.cultures.insert(author, Arc::from(comments.text("culture", row)));
        let parent = comments.integer("parent", row);
        CommentRecord {
            id: Arc::from(format!("c{number}")),
            post: Arc::from(format!("p{}", comments.number("post", row).unwrap_or_default())),
            parent: parent.map(|parent| Arc::from(format!("c{parent}"))),
            author: Some(Arc::from(format!("a{author}"))),
            author_name: Some(name_of(AgentId(author))),
            content: Arc::from(comments.text("content", row)),
            score: Some(up - down),
            upvotes: Some(up),
            downvotes: Some(down),
            created_at: Some(moment(comments.number("at", row).unwrap_or_default())),
            deleted: Some(self.deleted.contains(&(false, number))),
            culture: Some(Arc::from(comments.text("culture", row))),
            ..CommentRecord::default()
        }
    }

    fn agents(&self) -> Vec<AgentRecord> {
        let row = |(&agent, &last): (&u32, &u32)| AgentRecord {
            id: Arc::from(format!("a{agent}")),
            name: name_of(AgentId(agent)),
            karma: Some(self.karma.get(&agent).copied().unwrap_or_default()),
            followers: Some(self.followers.get(&agent).copied().unwrap_or_default()),
            following: Some(self.following.get(&agent).copied().unwrap_or_default()),
            created_at: Some(i64::from(OPENED)),
            last_active: Some(moment(last)),
            culture: self.cultures.get(&agent).cloned(),
            ..AgentRecord::default()
        };
        self.active.iter().map(row).collect()
    }
}

/// Communities by what was posted in them.
fn submolts(posts: &[PostRecord]) -> Vec<SubmoltRecord> {
    let mut counts: BTreeMap<Arc<str>, (i64, i64)> = BTreeMap::new();
    for post in posts {
        if let (Some(name), Some(at)) = (&post.submolt, post.created_at) {
            let entry = counts.entry(name.clone()).or_insert((0, at));
            entry.0 += 1;
        }
    }
    let about = |name: &str| FEATURED.iter().find(|(known, _)| *known == name).map_or("", |(_, about)| about);
    let row = |(name, (posts, first)): (Arc<str>, (i64, i64))| SubmoltRecord {
        display_name: Some(name.clone()),
        description: Arc::from(about(&name)),
        post_count: Some(posts),
        created_at: Some(first),
        subscribers: None,
        name,
    };
    counts.into_iter().map(row).collect()
}

/// A moment of virtual time in Unix seconds.
fn moment(at: u32) -> i64 {
    i64::from(OPENED) + i64::from(at)
}

/// Published data as guests who did it all before the platform opened: posts and comments in the order in which they
/// were made. What was deleted or held for spam is left out, and so are comments on what is not there; votes of which
/// only sums are known cannot be cast again. Texts are cut to what the platform takes.
pub fn guests_of(record: &PlatformRecord, cultures: &Cultures) -> Guests {
    let mut guests: BTreeMap<Arc<str>, u32> = BTreeMap::new();
    let mut of: Vec<Option<pluriverse_worlds::culture::Culture>> = Vec::new();
    let mut guest = |author: &Option<Arc<str>>, culture: &Option<Arc<str>>| {
        let name = author.clone().unwrap_or_default();
        *guests.entry(name).or_insert_with(|| {
            of.push(culture.as_deref().and_then(|code| cultures.by_code(code)));
            of.len() as u32 - 1
        })
    };
    let kept = |deleted: Option<bool>, spam: Option<bool>| deleted != Some(true) && spam != Some(true);
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    // Each act with when it was done, posts before comments of one moment.
    let mut acts: Vec<((i64, bool, u32), GuestAct)> = Vec::new();
    for post in record.posts.iter().filter(|post| kept(post.deleted, post.spam)) {
        let (content, link) = match &post.url {
            Some(url) if post.content.is_empty() => (url.clone(), Link::Yes),
            _ => (post.content.clone(), Link::No),
        };
        let title =
            if post.title.trim().is_empty() { Arc::from("(untitled)") } else { cut(&post.title, LONGEST_TITLE) };
        let content = if content.trim().is_empty() { title.clone() } else { cut(&content, LONGEST_POST) };
        let number = numbers.len() as u32;
        numbers.insert(&post.id, number);
        let submolt = post.submolt.clone().unwrap_or_else(|| Arc::from(FEATURED[0].0));
        let says = Says::Words(Writing { title, content, link });
        let act = GuestAct {
            at: Moment(0),
            guest: guest(&post.author, &post.culture),
            deed: Deed::Post { number, submolt, says },
        };
        acts.push(((post.created_at.unwrap_or_default(), false, number), act));
    }
    let mut replies: BTreeMap<&str, u32> = BTreeMap::new();
    for (number, comment) in (0..).zip(&record.comments) {
        replies.insert(&comment.id, number);
    }
    for (number, comment) in (0..).zip(&record.comments) {
        let Some(&post) = numbers.get(&*comment.post).filter(|_| kept(comment.deleted, comment.spam)) else {
            continue;
        };
        if comment.content.trim().is_empty() {
            continue;
        }
        let parent = comment.parent.as_ref().and_then(|parent| replies.get(&**parent).copied());
        let content = cut(&comment.content, LONGEST_COMMENT);
        let says = Says::Words(Writing { title: Arc::from(""), content, link: Link::No });
        let act = GuestAct {
            at: Moment(0),
            guest: guest(&comment.author, &comment.culture),
            deed: Deed::Comment { number, post, parent, says },
        };
        acts.push(((comment.created_at.unwrap_or_default(), true, number), act));
    }
    acts.sort_by_key(|(key, _)| *key);
    Guests { acts: Arc::new(acts.into_iter().map(|(_, act)| act).collect()), cultures: Arc::new(of) }
}

fn cut(text: &Arc<str>, most: u32) -> Arc<str> {
    match text.char_indices().nth(most as usize) {
        None => text.clone(),
        Some((end, _)) => Arc::from(&text[..end]),
    }
}
