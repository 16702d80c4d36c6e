//! `Record`: what happened on the platform, as rows of tables.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableRows, TableSpec};
use pluriverse_engine::simulation::Branch;
use pluriverse_engine::tick::Clock;
use rayon::prelude::*;

use super::action::{Action, Done, Refusal};
use super::ids::{CommentId, PostId, Target};
use super::life::PostPercept;
use super::posting::{RecordImpressions, RecordWords};
use super::round::{Entry, History, Impression, Surface};
use super::state::{Content, Platform};
use super::wording::Words;
use crate::culture::{Culture, Cultures};
use crate::survey::Survey;
use crate::survey::record::BackboneNames;
use crate::survey::state::Questionnaire;

macro_rules! table {
    ($($name:literal $kind:ident),+ $(,)?) => {
        &[
            ("society", ColumnKind::Text),
            ("arm", ColumnKind::Text),
            ("replicate", ColumnKind::Integer),
            ("tick", ColumnKind::Integer),
            ("round", ColumnKind::Integer),
            ("at", ColumnKind::Integer),
            ("agent", ColumnKind::Integer),
            $(($name, ColumnKind::$kind)),+
        ]
    };
}

/// `platform_events.parquet`: one row for everything an agent did or was refused, in order.
pub static EVENTS: TableSpec = TableSpec {
    name: "platform_events",
    columns: table! {
        "action" Text, "on" Text, "number" Integer, "result" Text, "made" Integer, "retry_after" Integer,
    },
};

/// `posts.parquet`: one row a post, as it was made.
pub static POSTS: TableSpec = TableSpec {
    name: "posts",
    columns: table! {
        "culture" Text, "backbone" Text, "post" Integer, "submolt" Text, "type" Text, "title" Text, "content" Text,
        "item" Text, "option" Integer, "wording" Integer,
    },
};

/// `comments.parquet`: one row a comment, as it was made.
pub static COMMENTS: TableSpec = TableSpec {
    name: "comments",
    columns: table! {
        "culture" Text, "backbone" Text, "comment" Integer, "post" Integer, "parent" Integer, "depth" Integer,
        "content" Text, "item" Text, "option" Integer, "wording" Integer,
    },
};

/// `impressions.parquet`: one row for everything an agent was shown, where impressions are recorded.
pub static IMPRESSIONS: TableSpec = TableSpec {
    name: "impressions",
    columns: table! { "surface" Text, "rank" Integer, "on" Text, "number" Integer, "author" Integer },
};

/// Rows of a row group.
const PORTION: usize = 1 << 17;

/// Hands over what happened in the round.
pub fn record_platform(
    clock: Res<Clock>,
    branch: Res<Branch>,
    percept: Res<PostPercept>,
    platform: Res<Platform>,
    words: Res<Words>,
    questionnaire: Res<Questionnaire>,
    cultures: Res<Cultures>,
    backbones: Res<BackboneNames>,
    members: Query<(&AgentId, &Backbone)>,
    mut history: ResMut<History>,
    mut tables: ResMut<TableRows>,
) {
    let Some((_, posting)) = &percept.0 else {
        return;
    };
    let mut history = std::mem::take(&mut *history);
    let place = Place { branch: branch.clone(), clock: clock.clone() };
    let mut of: Vec<(AgentId, Backbone)> = members.iter().map(|(&agent, &backbone)| (agent, backbone)).collect();
    // The order of a query is not a promise.
    of.sort_unstable_by_key(|(agent, _)| *agent);
    let authors = Authors {
        cultures: cultures.cultures.iter().map(|profile| profile.code.clone()).collect(),
        backbones: backbones.0.clone(),
        backbone: of.into_iter().map(|(_, backbone)| backbone).collect(),
        words: words.clone(),
        survey: questionnaire.0.clone(),
        choice: posting.words,
    };
    let made = |wanted: fn(&Done) -> bool| {
        let entries = history.entries.iter();
        entries.filter(move |entry| entry.result.as_ref().is_ok_and(wanted)).copied().collect::<Vec<Entry>>()
    };
    let posts = made(|done| matches!(done, Done::Posted(_)));
    let comments = made(|done| matches!(done, Done::Commented(_)));
    for portion in posts.chunks(PORTION) {
        push(&mut tables, &POSTS, post_columns(&place, portion, &platform, &authors));
    }
    for portion in comments.chunks(PORTION) {
        push(&mut tables, &COMMENTS, comment_columns(&place, portion, &platform, &authors));
    }
    tables.0.push(Rows { table: &EVENTS, portions: portions(place.clone(), history.entries, event_columns) });
    if posting.impressions != RecordImpressions::None {
        // Impressions were noted by agent: in order of time they read like the events.
        history.impressions.sort_by_key(|seen| (seen.at, seen.viewer));
        let rows = portions(place, history.impressions, impression_columns);
        tables.0.push(Rows { table: &IMPRESSIONS, portions: rows });
    }
}

fn push(tables: &mut TableRows, table: &'static TableSpec, columns: Vec<Column>) {
    tables.0.push(Rows { table, portions: Box::new(std::iter::once(columns)) });
}

/// Rows made portion by portion while they are written.
fn portions<T: Send + Sync + 'static>(
    place: Place,
    rows: Vec<T>,
    columns: fn(&Place, &[T]) -> Vec<Column>,
) -> Box<dyn Iterator<Item = Vec<Column>> + Send + Sync> {
    let mut from = 0;
    Box::new(std::iter::from_fn(move || {
        let portion = &rows[from..(from + PORTION).min(rows.len())];
        from += portion.len();
        (!portion.is_empty()).then(|| columns(&place, portion))
    }))
}

/// Where in a run something happened.
#[derive(Clone)]
struct Place {
    branch: Branch,
    clock: Clock,
}

impl Place {
    /// The columns every table begins with.
    fn columns(
        &self,
        rows: usize,
        at: impl Iterator<Item = u32>,
        agents: impl Iterator<Item = AgentId>,
    ) -> Vec<Column> {
        vec![
            Column::same_text(&self.branch.society, rows),
            Column::same_text(&self.branch.arm, rows),
            Column::same_integer(i64::from(self.branch.replicate), rows),
            Column::same_integer(i64::from(self.clock.tick), rows),
            Column::same_integer(i64::from(self.clock.now.round), rows),
            Column::Integer(at.map(|at| Some(i64::from(at))).collect()),
            Column::Integer(agents.map(|agent| Some(i64::from(agent.0))).collect()),
        ]
    }
}

/// Everything that is told of authors.
struct Authors {
    cultures: Vec<Arc<str>>,
    backbones: Vec<Arc<str>>,
    backbone: Vec<Backbone>,
    words: Words,
    survey: Arc<Survey>,
    choice: RecordWords,
}

impl Authors {
    fn columns(&self, entries: &[Entry]) -> [Column; 2] {
        let culture =
            |entry: &Entry| self.words.culture(entry.due.agent.index()).map_or(0, |culture| u32::from(culture.0));
        let backbone = |entry: &Entry| u32::from(self.backbone[entry.due.agent.index()].0);
        [
            Column::Text { values: self.cultures.clone(), rows: entries.iter().map(culture).collect() },
            Column::Text { values: self.backbones.clone(), rows: entries.iter().map(backbone).collect() },
        ]
    }

    /// Whether words are written for what was said.
    fn words_for(&self, content: &Content) -> bool {
        self.choice == RecordWords::All || content.body.stance().is_none()
    }

    /// Item, option and wording of positions.
    fn stances(&self, contents: &[&Content]) -> [Column; 3] {
        let none = self.survey.items.len() as u32;
        let mut items: Vec<Arc<str>> = self.survey.items.iter().map(|item| item.id.clone()).collect();
        items.push(Arc::from(""));
        let stance = |content: &&Content| content.body.stance();
        [
            Column::Text {
                values: items,
                rows: contents.iter().map(|content| stance(content).map_or(none, |at| u32::from(at.item))).collect(),
            },
            Column::Integer(contents.iter().map(|content| stance(content).map(|at| i64::from(at.option))).collect()),
            Column::Integer(contents.iter().map(|content| stance(content).map(|at| i64::from(at.wording))).collect()),
        ]
    }
}

/// Texts row by row.
fn texts(texts: Vec<Arc<str>>) -> Column {
    Column::Text { rows: (0..texts.len() as u32).collect(), values: texts }
}

fn post_columns(place: &Place, entries: &[Entry], platform: &Platform, authors: &Authors) -> Vec<Column> {
    let posted: Vec<(&Entry, PostId)> = entries
        .iter()
        .filter_map(|entry| match entry.result {
            Ok(Done::Posted(post)) => Some((entry, post)),
            _ => None,
        })
        .collect();
    let posts: Vec<_> = posted.iter().filter_map(|(_, id)| platform.post(*id)).collect();
    let contents: Vec<&Content> = posts.iter().map(|post| &post.content).collect();
    let said: Vec<(Arc<str>, Arc<str>)> = posts
        .iter()
        .map(
            |post| {
                if authors.words_for(&post.content) { authors.words.of_post(platform, post) } else { <_>::default() }
            },
        )
        .collect();
    let submolts = platform.submolts().iter().map(|submolt| submolt.name.clone()).collect();
    let link = |content: &&Content| match content.body {
        super::body::Body::Written(id) => {
            platform.writings.get(id).is_some_and(|writing| writing.link == super::body::Link::Yes)
        }
        super::body::Body::Stated(_) => false,
    };
    let due = || posted.iter().map(|(entry, _)| entry.due);
    let mut columns = place.columns(posted.len(), due().map(|due| due.at.0), due().map(|due| due.agent));
    columns.extend(authors.columns(entries));
    columns.extend([
        Column::Integer(posted.iter().map(|(_, id)| Some(i64::from(id.0))).collect()),
        Column::Text { values: submolts, rows: posts.iter().map(|post| post.submolt.0).collect() },
        Column::Text {
            values: vec![Arc::from("text"), Arc::from("link")],
            rows: contents.iter().map(|content| u32::from(link(content))).collect(),
        },
        texts(said.iter().map(|(title, _)| title.clone()).collect()),
        texts(said.into_iter().map(|(_, text)| text).collect()),
    ]);
    columns.extend(authors.stances(&contents));
    columns
}

fn comment_columns(place: &Place, entries: &[Entry], platform: &Platform, authors: &Authors) -> Vec<Column> {
    let made: Vec<(&Entry, CommentId)> = entries
        .iter()
        .filter_map(|entry| match entry.result {
            Ok(Done::Commented(comment)) => Some((entry, comment)),
            _ => None,
        })
        .collect();
    let comments: Vec<_> = made.iter().filter_map(|(_, id)| platform.comment(*id)).collect();
    let contents: Vec<&Content> = comments.iter().map(|comment| &comment.content).collect();
    let said = comments.iter().map(|comment| {
        if authors.words_for(&comment.content) { authors.words.of_comment(platform, comment) } else { <_>::default() }
    });
    let due = || made.iter().map(|(entry, _)| entry.due);
    let mut columns = place.columns(made.len(), due().map(|due| due.at.0), due().map(|due| due.agent));
    columns.extend(authors.columns(entries));
    columns.extend([
        Column::Integer(made.iter().map(|(_, id)| Some(i64::from(id.0))).collect()),
        Column::Integer(comments.iter().map(|comment| Some(i64::from(comment.post.0))).collect()),
        Column::Integer(comments.iter().map(|comment| comment.parent.map(|parent| i64::from(parent.0))).collect()),
        Column::Integer(comments.iter().map(|comment| Some(i64::from(comment.depth))).collect()),
        texts(said.collect()),
    ]);
    columns.extend(authors.stances(&contents));
    columns
}

/// What an action is about: its kind and number.
fn about(action: &Action) -> (&'static str, Option<u32>) {
    match *action {
        Action::Vote { target, .. } | Action::DeleteOwn { target } => (target.kind(), Some(target.number())),
        Action::Comment { parent: Some(parent), .. } => ("comment", Some(parent.0)),
        Action::Comment { post, .. } | Action::GetPost { post } | Action::GetComments { post, .. } => {
            ("post", Some(post.0))
        }
        Action::Follow { whom } | Action::Unfollow { whom } => ("agent", Some(whom.0)),
        Action::CreatePost { submolt, .. }
        | Action::Subscribe { submolt }
        | Action::Unsubscribe { submolt }
        // What is called by a name that nothing has has no number.
        | Action::ListPosts { submolt: Some(submolt), .. } => {
            ("submolt", Some(submolt.0).filter(|&number| number != u32::MAX))
        }
        _ => ("", None),
    }
}

/// What came of an action: its name, what was made, and when it could be tried again.
fn result(entry: &Entry) -> (&'static str, Option<u32>, Option<u32>) {
    match entry.result {
        Ok(Done::Ok) => ("ok", None, None),
        Ok(Done::Posted(post)) => ("ok", Some(post.0), None),
        Ok(Done::Commented(comment)) => ("ok", Some(comment.0), None),
        Ok(Done::Founded(submolt)) => ("ok", Some(submolt.0), None),
        Ok(Done::Voted) => ("voted", None, None),
        Ok(Done::Turned) => ("turned", None, None),
        Ok(Done::TakenBack) => ("taken_back", None, None),
        Err(refusal @ Refusal::RateLimited { retry_after, .. }) => (refusal.name(), None, Some(retry_after)),
        Err(refusal) => (refusal.name(), None, None),
    }
}

/// Few names in many rows, each held once: found by where they lie, which is quicker than by what they say.
fn names(rows: impl Iterator<Item = &'static str>) -> Column {
    let (mut known, mut places): (Vec<&'static str>, Vec<u32>) = (Vec::new(), Vec::new());
    for name in rows {
        let place = known.iter().position(|known| std::ptr::eq(*known, name) || *known == name);
        places.push(place.unwrap_or(known.len()) as u32);
        if place.is_none() {
            known.push(name);
        }
    }
    Column::Text { values: known.into_iter().map(Arc::from).collect(), rows: places }
}

fn whole(values: impl Iterator<Item = Option<u32>>) -> Column {
    Column::Integer(values.map(|value| value.map(i64::from)).collect())
}

fn event_columns(place: &Place, entries: &[Entry]) -> Vec<Column> {
    let mut columns = place.columns(
        entries.len(),
        entries.iter().map(|entry| entry.due.at.0),
        entries.iter().map(|entry| entry.due.agent),
    );
    let made: [&(dyn Fn() -> Column + Sync); 6] = [
        &|| names(entries.iter().map(|entry| entry.action.verb())),
        &|| names(entries.iter().map(|entry| about(&entry.action).0)),
        &|| whole(entries.iter().map(|entry| about(&entry.action).1)),
        &|| names(entries.iter().map(|entry| result(entry).0)),
        &|| whole(entries.iter().map(|entry| result(entry).1)),
        &|| whole(entries.iter().map(|entry| result(entry).2)),
    ];
    columns.par_extend(made.par_iter().map(|make| make()));
    columns
}

fn impression_columns(place: &Place, seen: &[Impression]) -> Vec<Column> {
    let mut columns = place.columns(seen.len(), seen.iter().map(|seen| seen.at.0), seen.iter().map(|seen| seen.viewer));
    columns.extend([
        names(seen.iter().map(|seen| Surface::name(seen.surface))),
        whole(seen.iter().map(|seen| Some(seen.rank))),
        names(seen.iter().map(|seen| Target::kind(seen.shown))),
        whole(seen.iter().map(|seen| Some(seen.shown.number()))),
        whole(seen.iter().map(|seen| Some(seen.author.0))),
    ]);
    columns
}

/// The cultures of a society's agents, by account.
pub fn cultures_of(agents: impl IntoIterator<Item = Culture>) -> Arc<Vec<Culture>> {
    Arc::new(agents.into_iter().collect())
}
