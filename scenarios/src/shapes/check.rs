//! What does not fit together in a record: depths of comments, orphans, circles, repeated ids.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::record::{CommentRecord, Keyed, PlatformRecord};

/// A way in which a record does not fit together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ProblemKind {
    /// Several agents have one id.
    RepeatedAgent,
    /// Several communities have one name.
    RepeatedSubmolt,
    /// Several posts have one id.
    RepeatedPost,
    /// Several comments have one id.
    RepeatedComment,
    /// A comment's post is not in the record.
    MissingPost,
    /// The comment that a comment answers is not in the record.
    MissingParent,
    /// The comment that a comment answers is under another post.
    ParentInOtherPost,
    /// A comment answers itself, at once or by way of others.
    ParentCycle,
}

/// One kind of problem of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// With how many rows. Of rows with one id all but the first count.
    pub count: usize,
    /// The id of the first of them.
    pub first: Arc<str>,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ProblemKind::RepeatedAgent => "agents repeat the id of another",
            ProblemKind::RepeatedSubmolt => "communities repeat the name of another",
            ProblemKind::RepeatedPost => "posts repeat the id of another",
            ProblemKind::RepeatedComment => "comments repeat the id of another",
            ProblemKind::MissingPost => "comments are under a post that is not there",
            ProblemKind::MissingParent => "comments answer one that is not there",
            ProblemKind::ParentInOtherPost => "comments answer one under another post",
            ProblemKind::ParentCycle => "comments answer each other in a circle",
        };
        write!(formatter, "{} {what} (first: {})", self.count, self.first)
    }
}

impl PlatformRecord {
    /// The depth of each comment, by following parents: 0 at the top of a post, one more than the parent's below.
    /// `None` where the chain of parents leaves the record or runs in a circle. Of comments with one id the first is
    /// the parent. O(n log n) in the number of comments.
    pub fn depths(&self) -> Vec<Option<u32>> {
        climb(&parents(&self.comments)).depths
    }

    /// Everything that does not fit together, one entry for each kind of problem there is, in order of kinds.
    pub fn check(&self) -> Vec<Problem> {
        let mut found = Found::default();
        found.repeated(ProblemKind::RepeatedAgent, &self.agents);
        found.repeated(ProblemKind::RepeatedSubmolt, &self.submolts);
        found.repeated(ProblemKind::RepeatedPost, &self.posts);
        found.repeated(ProblemKind::RepeatedComment, &self.comments);
        let posts = sorted(&self.posts);
        let parents = parents(&self.comments);
        for (comment, parent) in self.comments.iter().zip(&parents) {
            if place_of(&posts, &self.posts, &comment.post).is_none() {
                found.add(ProblemKind::MissingPost, &comment.id);
            }
            match *parent {
                Parent::Unknown => found.add(ProblemKind::MissingParent, &comment.id),
                Parent::Comment(at) if self.comments[at as usize].post != comment.post => {
                    found.add(ProblemKind::ParentInOtherPost, &comment.id);
                }
                Parent::None | Parent::Comment(_) => {}
            }
        }
        for at in climb(&parents).circling {
            found.add(ProblemKind::ParentCycle, &self.comments[at as usize].id);
        }
        found.0.into_iter().map(|(kind, (count, first))| Problem { kind, count, first }).collect()
    }

    /// The record with one row for each id: the last, in the place of the first. What a crawler appended again is so
    /// counted once, as it was last seen.
    #[must_use]
    pub fn newest(self) -> Self {
        Self {
            agents: newest(self.agents),
            submolts: newest(self.submolts),
            posts: newest(self.posts),
            comments: newest(self.comments),
        }
    }
}

fn newest<T: Keyed>(rows: Vec<T>) -> Vec<T> {
    let mut places: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let mut kept: Vec<T> = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(&place) = places.get(row.key()) {
            kept[place] = row;
        } else {
            places.insert(row.key().clone(), kept.len());
            kept.push(row);
        }
    }
    kept
}

/// Problems so far: how many rows have them, and the first of these.
#[derive(Default)]
struct Found(BTreeMap<ProblemKind, (usize, Arc<str>)>);

impl Found {
    fn add(&mut self, kind: ProblemKind, id: &Arc<str>) {
        self.0.entry(kind).or_insert_with(|| (0, id.clone())).0 += 1;
    }

    fn repeated<T: Keyed>(&mut self, kind: ProblemKind, rows: &[T]) {
        let order = sorted(rows);
        let key = |place: u32| rows[place as usize].key();
        let mut repeated: Vec<u32> =
            order.windows(2).filter(|pair| key(pair[0]) == key(pair[1])).map(|pair| pair[1]).collect();
        repeated.sort_unstable();
        for place in repeated {
            self.add(kind, key(place));
        }
    }
}

/// The places of rows in order of their ids; equal ids in order of rows.
fn sorted<T: Keyed>(rows: &[T]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    order.sort_by(|&a, &b| rows[a as usize].key().cmp(rows[b as usize].key()));
    order
}

/// The place of the first row with an id.
fn place_of<T: Keyed>(order: &[u32], rows: &[T], id: &str) -> Option<u32> {
    let at = order.partition_point(|&place| &**rows[place as usize].key() < id);
    order.get(at).copied().filter(|&place| &**rows[place as usize].key() == id)
}

/// What a comment answers.
#[derive(Clone, Copy)]
enum Parent {
    None,
    Comment(u32),
    Unknown,
}

fn parents(comments: &[CommentRecord]) -> Vec<Parent> {
    let order = sorted(comments);
    comments
        .iter()
        .map(|comment| match &comment.parent {
            None => Parent::None,
            Some(id) => place_of(&order, comments, id).map_or(Parent::Unknown, Parent::Comment),
        })
        .collect()
}

/// What following all parents comes to.
struct Climbed {
    depths: Vec<Option<u32>>,
    /// The comments that lie on a circle, in order.
    circling: Vec<u32>,
}

fn climb(parents: &[Parent]) -> Climbed {
    const NOT_YET: u32 = u32::MAX;
    // The walk that came by first: a second visit within one walk is a circle, one of an earlier walk is settled.
    let mut walks = vec![NOT_YET; parents.len()];
    let mut depths: Vec<Option<u32>> = vec![None; parents.len()];
    let (mut path, mut circling): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
    for start in 0..parents.len() as u32 {
        path.clear();
        let mut at = start;
        let mut above: Option<u32> = loop {
            if walks[at as usize] == start {
                let from = path.iter().position(|&place| place == at).unwrap_or(path.len());
                circling.extend_from_slice(&path[from..]);
                break None;
            }
            if walks[at as usize] != NOT_YET {
                break depths[at as usize].map(|depth| depth + 1);
            }
            walks[at as usize] = start;
            path.push(at);
            match parents[at as usize] {
                Parent::None => break Some(0),
                Parent::Unknown => break None,
                Parent::Comment(parent) => at = parent,
            }
        };
        for &place in path.iter().rev() {
            depths[place as usize] = above;
            above = above.map(|depth| depth + 1);
        }
    }
    circling.sort_unstable();
    Climbed { depths, circling }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::shapes::record::PostRecord;

    fn comment(id: &str, post: &str, parent: &str) -> CommentRecord {
        CommentRecord {
            id: id.into(),
            post: post.into(),
            parent: (!parent.is_empty()).then(|| parent.into()),
            ..CommentRecord::default()
        }
    }

    fn record(comments: Vec<CommentRecord>) -> PlatformRecord {
        let posts = ["p", "q"].map(|id| PostRecord { id: id.into(), ..PostRecord::default() });
        PlatformRecord { posts: posts.to_vec(), comments, ..PlatformRecord::default() }
    }

    fn told(record: &PlatformRecord) -> Vec<(ProblemKind, usize, String)> {
        record.check().into_iter().map(|problem| (problem.kind, problem.count, problem.first.to_string())).collect()
    }

    #[test]
    fn depths_follow_parents_wherever_they_stand() {
        let record = record(vec![comment("c", "p", "b"), comment("b", "p", "a"), comment("a", "p", "")]);
        assert_eq!(record.depths(), [Some(2), Some(1), Some(0)]);
        assert_eq!(record.check(), []);
    }

    #[test]
    fn circles_and_lost_parents_have_no_depth_and_are_counted() {
        let record = record(vec![
            comment("to circle", "p", "x"),
            comment("x", "p", "y"),
            comment("y", "p", "x"),
            comment("itself", "p", "itself"),
            comment("orphan", "p", "gone"),
            comment("below orphan", "p", "orphan"),
            comment("top", "p", ""),
        ]);
        assert_eq!(record.depths(), [None, None, None, None, None, None, Some(0)]);
        assert_eq!(
            told(&record),
            [(ProblemKind::MissingParent, 1, "orphan".into()), (ProblemKind::ParentCycle, 3, "x".into())]
        );
    }

    #[test]
    fn everything_else_that_does_not_fit_is_counted_with_the_first() {
        let mut record = record(vec![
            comment("a", "p", ""),
            comment("b", "q", "a"),
            comment("c", "gone", ""),
            comment("a", "p", ""),
            comment("a", "q", ""),
        ]);
        record.posts.push(record.posts[0].clone());
        record.agents = vec![<_>::default(), <_>::default()];
        record.submolts = vec![<_>::default(), <_>::default()];
        assert_eq!(
            told(&record),
            [
                (ProblemKind::RepeatedAgent, 1, String::new()),
                (ProblemKind::RepeatedSubmolt, 1, String::new()),
                (ProblemKind::RepeatedPost, 1, "p".into()),
                (ProblemKind::RepeatedComment, 2, "a".into()),
                (ProblemKind::MissingPost, 1, "c".into()),
                (ProblemKind::ParentInOtherPost, 1, "b".into()),
            ]
        );
        let newest = record.newest();
        assert_eq!(newest.comments.iter().map(|comment| &*comment.id).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(&*newest.comments[0].post, "q", "the last version, in the place of the first");
        assert_eq!(newest.posts.len(), 2);
    }

    #[test]
    fn a_long_chain_takes_no_stack() {
        let chain = (0..100_000_u32)
            .map(|at| comment(&at.to_string(), "p", &at.checked_sub(1).map_or(String::new(), |at| at.to_string())));
        assert_eq!(record(chain.rev().collect()).depths()[0], Some(99_999));
    }

    proptest! {
        #[test]
        fn a_depth_is_one_more_than_the_parents_or_unknown_as_it_is(
            links in prop::collection::vec(prop::option::of(0_u8..24), 0..20),
        ) {
            let comments: Vec<CommentRecord> = links
                .iter()
                .enumerate()
                .map(|(at, link)| {
                    comment(&at.to_string(), "p", &link.map_or(String::new(), |link| link.to_string()))
                })
                .collect();
            let record = record(comments);
            let depths = record.depths();
            for (link, depth) in links.iter().zip(&depths) {
                let expected = match link {
                    None => Some(0),
                    Some(link) => depths.get(usize::from(*link)).copied().flatten().map(|depth| depth + 1),
                };
                prop_assert_eq!(*depth, expected);
            }
        }
    }
}
