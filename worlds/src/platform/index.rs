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

    /// The largest score of a post; 0 where there is none.
    pub fn best_score(&self) -> i32 {
        self.by_score.last_key_value().map_or(0, |(&score, _)| score)
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

/// The first `limit` posts of several indices taken together that are `wanted`, each once, by a ranker of score and
/// time.
pub fn merged<'a>(
    buckets: impl Iterator<Item = Bucket<'a>>,
    timed: &Timed<'_>,
    created: impl Fn(u32) -> Moment,
    wanted: impl Fn(u32) -> bool,
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
        if into.last() != Some(&head.post) && wanted(head.post) {
            into.push(head.post);
        }
        match advance(head.bucket, head.taken + 1) {
            Some(next) => *head = next,
            None => drop(std::collections::binary_heap::PeekMut::pop(head)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::platform::ranker::{rising, wilson};

    /// What can be done to an index: a new post, one taken out, one voted on. Places are among the posts there are.
    #[derive(Clone, Debug)]
    enum Step {
        Add,
        Remove(usize),
        Vote(usize, u32, u32),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => Just(Step::Add),
            1 => (0..1_000_usize).prop_map(Step::Remove),
            6 => (0..1_000_usize, 0..6_u32, 0..6_u32).prop_map(|(place, up, down)| Step::Vote(place, up, down)),
        ];
        proptest::collection::vec(step, 0..300)
    }

    /// Three posts a second, so that many are of one age.
    fn created(post: u32) -> Moment {
        Moment(post / 3)
    }

    fn build(steps: &[Step], ranker: &Ranker) -> (PostIndex, BTreeMap<u32, Votes>) {
        let (mut index, mut posts, mut next) = (PostIndex::default(), BTreeMap::new(), 0);
        for step in steps {
            let chosen = |place: usize| posts.keys().nth(place % posts.len().max(1)).copied();
            match *step {
                Step::Add => {
                    index.insert(next, ranker);
                    posts.insert(next, Votes::default());
                    next += 1;
                }
                Step::Remove(place) => {
                    if let Some(post) = chosen(place)
                        && let Some(votes) = posts.remove(&post)
                    {
                        index.remove(post, votes, ranker);
                    }
                }
                Step::Vote(place, up, down) => {
                    if let Some(post) = chosen(place)
                        && let Some(votes) = posts.get_mut(&post)
                    {
                        let to = Votes { up, down };
                        index.revalue(post, *votes, to, ranker);
                        *votes = to;
                    }
                }
            }
        }
        (index, posts)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn an_index_holds_what_a_plain_map_holds_in_the_order_of_id_score_and_key(steps in steps()) {
            let ranker = Ranker::Best { z: 1.96 };
            let (index, posts) = build(&steps, &ranker);
            prop_assert_eq!(index.len(), posts.len());
            prop_assert!(index.recent().iter().eq(posts.keys()));
            let mut buckets: BTreeMap<i32, Vec<u32>> = BTreeMap::new();
            for (post, votes) in &posts {
                buckets.entry(votes.score()).or_default().push(*post);
            }
            let found: BTreeMap<i32, Vec<u32>> =
                index.buckets().map(|bucket| (bucket.score, bucket.posts.iter().copied().collect())).collect();
            prop_assert_eq!(found, buckets);
            let mut keys: Vec<(f64, u32)> = posts.iter().map(|(post, votes)| (wilson(*votes, 1.96), *post)).collect();
            keys.sort_by(|one, other| other.0.total_cmp(&one.0).then(other.1.cmp(&one.1)));
            prop_assert!(index.by_key().map(|(_, post)| post).eq(keys.into_iter().map(|(_, post)| post)));
        }

        #[test]
        fn indices_merge_as_their_posts_sort(steps in steps(), limit in 0..40_usize, late in 0..50_u32) {
            // Posts with negative scores rise as they age: those queues are read from their old ends.
            let (index, posts) = build(&steps, &Ranker::Rising);
            let now = Moment(100 + late);
            let timed = Timed { ranker: &Ranker::Rising, opened: 0.0, now };
            let mut sorted: Vec<(f64, u32)> =
                posts.iter().map(|(post, votes)| (rising(votes.score(), now.since(created(*post))), *post)).collect();
            sorted.sort_by(|one, other| other.0.total_cmp(&one.0).then(other.1.cmp(&one.1)));
            let mut found = vec![7];
            merged(index.buckets(), &timed, created, |_| true, limit, &mut found);
            prop_assert!(found.iter().eq(sorted.iter().take(limit).map(|(_, post)| post)));
        }
    }

    #[test]
    fn of_posts_of_one_second_with_few_friends_the_larger_id_rises_first() {
        let mut index = PostIndex::default();
        for post in 0..4 {
            index.insert(post, &Ranker::Rising);
            index.revalue(post, Votes::default(), Votes { up: 0, down: 2 }, &Ranker::Rising);
        }
        let timed = Timed { ranker: &Ranker::Rising, opened: 0.0, now: Moment(7_200) };
        let mut found = Vec::new();
        // Posts 0 to 2 are of one second, post 3 is of the next: the older ones have sunk less far.
        merged(index.buckets(), &timed, created, |_| true, 4, &mut found);
        assert_eq!(found, [2, 1, 0, 3]);
    }
}
