//! Posts in order, kept so while they are voted on: a feed is read off, never sorted.
//!
//! Every ranker of score and time orders posts of one score by age alone. So posts lie in one queue a score, by id
//! (which is by age), and a feed merges the heads of the queues. A vote moves a post between two queues, near their
//! young ends as a rule. Rankers of up- and downvotes apart have keys that only votes change: a sorted set.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

use serde::Serialize;

use super::ids::Moment;
use super::ranker::{Ranker, Timed, Votes, controversial, wilson};

/// Posts of one community, or of all.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct PostIndex {
    recent: VecDeque<u32>,
    by_score: BTreeMap<i32, VecDeque<u32>>,
    /// Keys as whole numbers of the same order.
    by_key: BTreeSet<(u64, u32)>,
}

/// Where posts of one score lie, for a feed.
#[derive(Clone, Copy)]
pub struct Bucket<'a> {
    score: i32,
    posts: &'a VecDeque<u32>,
}

impl PostIndex {
    /// Adds a post without votes.
    pub fn insert(&mut self, post: u32, ranker: &Ranker) {
        place(&mut self.recent, post);
        place(self.by_score.entry(0).or_default(), post);
        if let Some(key) = key(ranker, Votes::default()) {
            self.by_key.insert((key, post));
        }
    }

    /// Takes a post out.
    pub fn remove(&mut self, post: u32, votes: Votes, ranker: &Ranker) {
        take(&mut self.recent, post);
        self.take_from_bucket(votes.score(), post);
        if let Some(key) = key(ranker, votes) {
            self.by_key.remove(&(key, post));
        }
    }

    /// Puts a post where its votes belong.
    pub fn revalue(&mut self, post: u32, from: Votes, to: Votes, ranker: &Ranker) {
        if from.score() != to.score() {
            self.take_from_bucket(from.score(), post);
            place(self.by_score.entry(to.score()).or_default(), post);
        }
        if let (Some(old), Some(new)) = (key(ranker, from), key(ranker, to))
            && old != new
        {
            self.by_key.remove(&(old, post));
            self.by_key.insert((new, post));
        }
    }

    fn take_from_bucket(&mut self, score: i32, post: u32) {
        if let Some(bucket) = self.by_score.get_mut(&score) {
            take(bucket, post);
            if bucket.is_empty() {
                self.by_score.remove(&score);
            }
        }
    }

    /// How many posts it holds.
    pub fn len(&self) -> usize {
        self.recent.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.recent.is_empty()
    }

    /// The posts, oldest first.
    pub fn recent(&self) -> &VecDeque<u32> {
        &self.recent
    }

    /// The queues, by score.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket<'_>> {
        self.by_score.iter().map(|(&score, posts)| Bucket { score, posts })
    }

    /// The posts by the key of votes apart, first ones first.
    pub fn by_key(&self) -> impl Iterator<Item = (u64, u32)> {
        self.by_key.iter().rev().copied()
    }
}

/// Keeps a queue in order; a new post goes to its end.
fn place(queue: &mut VecDeque<u32>, post: u32) {
    if queue.back().is_none_or(|&last| last < post) {
        queue.push_back(post);
    } else if let Err(place) = queue.binary_search(&post) {
        queue.insert(place, post);
    }
}

fn take(queue: &mut VecDeque<u32>, post: u32) {
    if let Ok(place) = queue.binary_search(&post) {
        queue.remove(place);
    }
}

/// The key of votes apart, for rankers that have one.
pub fn key(ranker: &Ranker, votes: Votes) -> Option<u64> {
    match ranker {
        Ranker::Controversial => Some(ordered(controversial(votes))),
        Ranker::Best { z } => Some(ordered(wilson(votes, *z))),
        _ => None,
    }
}

/// A number from 0 on as a whole number of the same order.
fn ordered(key: f64) -> u64 {
    key.max(0.0).to_bits()
}

/// One queue's next post in a merge.
struct Head<'a> {
    key: f64,
    post: u32,
    bucket: Bucket<'a>,
    taken: usize,
}

impl Head<'_> {
    fn rank(&self) -> (f64, u32) {
        (self.key, self.post)
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head<'_> {}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let (one, two) = (self.rank(), other.rank());
        one.0.total_cmp(&two.0).then(one.1.cmp(&two.1))
    }
}

/// The post in a place of a queue that is read from its old end: of posts of one age the larger id comes first.
fn oldest_first(posts: &VecDeque<u32>, place: usize, age: impl Fn(u32) -> u32) -> u32 {
    let at = age(posts[place]);
    let first = posts.partition_point(|&post| age(post) > at);
    let end = posts.partition_point(|&post| age(post) >= at);
    posts[first + end - 1 - place]
}

/// The first `limit` posts of several indices taken together, each once, by a ranker of score and time.
pub fn merged<'a>(
    buckets: impl Iterator<Item = Bucket<'a>>,
    timed: &Timed<'_>,
    created: impl Fn(u32) -> Moment,
    limit: usize,
    into: &mut Vec<u32>,
) {
    into.clear();
    let advance = |bucket: Bucket<'a>, taken: usize| {
        let last = bucket.posts.len().checked_sub(taken + 1)?;
        let post = if timed.older_first(bucket.score) {
            oldest_first(bucket.posts, taken, |post| timed.now.since(created(post)))
        } else {
            bucket.posts[last]
        };
        let created = created(post);
        // In a queue that is read from its young end, everything behind is older still.
        timed.shows(created).then(|| Head { key: timed.key(bucket.score, created), post, bucket, taken })
    };
    let mut heads: BinaryHeap<Head<'a>> = buckets.filter_map(|bucket| advance(bucket, 0)).collect();
    while into.len() < limit {
        let Some(mut head) = heads.peek_mut() else {
            return;
        };
        // Equal posts of two indices have equal keys and come one behind the other.
        if into.last() != Some(&head.post) {
            into.push(head.post);
        }
        match advance(head.bucket, head.taken + 1) {
            Some(next) => *head = next,
            None => drop(std::collections::binary_heap::PeekMut::pop(head)),
        }
    }
}
