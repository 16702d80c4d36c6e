//! Reading: feeds, threads and searches. Nothing here changes anything.

use std::collections::BinaryHeap;

use pluriverse_engine::agent::AgentId;

use super::Platform;
use super::content::{Comment, Post, Standing};
use crate::platform::action::{CommentSort, Sort};
use crate::platform::ids::{CommentId, Moment, PostId, SubmoltId};
use crate::platform::index::{PostIndex, key, merged};
use crate::platform::ranker::{Ranker, Timed, controversial};

/// Which posts a feed is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FeedOf {
    /// Those of an agent's communities and of those it follows; of all, where that is none.
    Agent(AgentId),
    /// All.
    Everybody,
    /// Those of a community.
    Submolt(SubmoltId),
}

/// Room in which feeds are put together.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// The posts of the feed that was read last, first ones first.
    pub posts: Vec<u32>,
    spare: Vec<(f64, u32)>,
}

impl Platform {
    /// Reads a feed into `reader.posts`, as of a moment. `draw(n)` draws a number below n; only rankers that draw call
    /// it.
    pub fn feed(
        &self,
        of: FeedOf,
        sort: Sort,
        limit: usize,
        now: Moment,
        draw: &mut impl FnMut(u32) -> u32,
        reader: &mut Reader,
    ) {
        let ranker = match sort {
            Sort::Hot => self.rules.ranker,
            Sort::New => Ranker::New,
            Sort::Top => Ranker::Top { hours: None },
            Sort::Rising => Ranker::Rising,
        };
        self.ranked(of, &ranker, limit, now, draw, reader);
        if let FeedOf::Agent(_) = of
            && reader.posts.is_empty()
        {
            self.ranked(FeedOf::Everybody, &ranker, limit, now, draw, reader);
        }
    }

    fn ranked(
        &self,
        of: FeedOf,
        ranker: &Ranker,
        limit: usize,
        now: Moment,
        draw: &mut impl FnMut(u32) -> u32,
        reader: &mut Reader,
    ) {
        match ranker {
            Ranker::Random => self.any(of, limit, draw, reader),
            Ranker::OasisRandomTopK { k, of: top } => {
                // Its users share one list of the top; a community has its own.
                let shared = if let FeedOf::Submolt(_) = of { of } else { FeedOf::Everybody };
                self.by_time(shared, ranker, *top as usize, now, reader);
                let drawn = (*k as usize).min(limit).min(reader.posts.len());
                for place in 0..drawn {
                    let other = place + draw((reader.posts.len() - place) as u32) as usize;
                    reader.posts.swap(place, other);
                }
                reader.posts.truncate(drawn);
            }
            Ranker::Controversial | Ranker::Best { .. } => self.by_votes(of, ranker, limit, reader),
            Ranker::New => self.newest(of, limit, reader),
            Ranker::MoltbookHot | Ranker::Top { .. } | Ranker::Rising | Ranker::RedditHot => {
                self.by_time(of, ranker, limit, now, reader);
            }
        }
    }

    /// The indices a feed is made of.
    fn indices(&self, of: FeedOf) -> impl Iterator<Item = &PostIndex> {
        let one = match of {
            FeedOf::Everybody => Some(&self.everything),
            FeedOf::Submolt(submolt) => self.submolts.get(submolt.0 as usize).map(|submolt| &submolt.posts),
            FeedOf::Agent(_) => None,
        };
        let subscribed = match of {
            FeedOf::Agent(agent) => self.account(agent).map_or(&[][..], |account| &account.subscribed),
            FeedOf::Everybody | FeedOf::Submolt(_) => &[],
        };
        one.into_iter().chain(subscribed.iter().map(|&submolt| &self.submolts[submolt as usize].posts))
    }

    /// The posts of those an agent follows in communities it is not subscribed to: for each of them, listed ones with
    /// their numbers, youngest first.
    fn followed(&self, of: FeedOf) -> impl Iterator<Item = impl Iterator<Item = (u32, &Post)>> {
        let account = if let FeedOf::Agent(agent) = of { self.account(agent) } else { None };
        let follows = account.map_or(&[][..], |account| &account.follows);
        let subscribed = account.map_or(&[][..], |account| &account.subscribed);
        follows.iter().map(move |&whom| {
            let posts = self.accounts[whom as usize].posts.iter().rev();
            let posts = posts.filter_map(|&post| Some((post, self.post(PostId(post))?)));
            posts.filter(|(_, post)| post.is_listed() && subscribed.binary_search(&post.submolt.0).is_err())
        })
    }

    /// Whether a post belongs to an agent's feed, where those it follows posted so much that it takes less to go through
    /// all posts in order until enough of them belong to it.
    fn wanted(&self, of: FeedOf, limit: usize) -> Option<impl Fn(u32) -> bool> {
        let account = if let FeedOf::Agent(agent) = of { self.account(agent)? } else { return None };
        let posts: usize = account.follows.iter().map(|&whom| self.accounts[whom as usize].posts.len()).sum();
        // One of so many posts in order is by somebody followed: the way to the last of `limit` against all of theirs.
        if posts.saturating_mul(posts) <= 4 * limit.saturating_mul(self.everything.len()) {
            return None;
        }
        Some(move |post| {
            self.post(PostId(post)).is_some_and(|post| {
                account.subscribed.binary_search(&post.submolt.0).is_ok()
                    || account.follows.binary_search(&post.content.author.0).is_ok()
            })
        })
    }

    fn created(&self, post: u32) -> Moment {
        self.post(PostId(post)).map_or_else(Moment::default, |post| post.content.created)
    }

    fn by_time(&self, of: FeedOf, ranker: &Ranker, limit: usize, now: Moment, reader: &mut Reader) {
        let timed = Timed { ranker, opened: f64::from(self.rules.opened), now };
        let created = |post| self.created(post);
        if let Some(wanted) = self.wanted(of, limit) {
            merged(self.everything.buckets(), &timed, created, wanted, limit, &mut reader.posts);
            return;
        }
        let buckets = self.indices(of).flat_map(PostIndex::buckets);
        merged(buckets, &timed, created, |_| true, limit, &mut reader.posts);
        let key = |_, post: &Post| timed.key(post.content.votes.score(), post.content.created);
        let best = self.everything.best_score();
        let reach = |_, post: &Post| match post.content.created {
            created if !timed.shows(created) => f64::NEG_INFINITY,
            _ if timed.older_first(best) => f64::INFINITY,
            created => timed.key(best, created),
        };
        self.add_followed(of, limit, key, reach, reader);
    }

    fn newest(&self, of: FeedOf, limit: usize, reader: &mut Reader) {
        reader.posts.clear();
        // Of two indices only the ids at their heads are compared; the rest makes the order total.
        let head = |index: &PostIndex, taken: usize| Some(index.recent()[index.len().checked_sub(taken + 1)?]);
        let indices: Vec<&PostIndex> = self.indices(of).collect();
        let mut places: BinaryHeap<(u32, usize, usize)> =
            indices.iter().enumerate().filter_map(|(which, index)| Some((head(index, 0)?, which, 0))).collect();
        while reader.posts.len() < limit {
            let Some((post, which, taken)) = places.pop() else {
                break;
            };
            reader.posts.push(post);
            if let Some(next) = head(indices[which], taken + 1) {
                places.push((next, which, taken + 1));
            }
        }
        let key = |post, _: &Post| f64::from(post);
        self.add_followed(of, limit, key, key, reader);
    }

    fn by_votes(&self, of: FeedOf, ranker: &Ranker, limit: usize, reader: &mut Reader) {
        reader.posts.clear();
        if let Some(wanted) = self.wanted(of, limit) {
            let all = self.everything.by_key().map(|(_, post)| post);
            reader.posts.extend(all.filter(|&post| wanted(post)).take(limit));
            return;
        }
        let mut heads: Vec<_> = self.indices(of).map(|index| index.by_key().peekable()).collect();
        while reader.posts.len() < limit {
            let first = heads.iter_mut().enumerate().filter_map(|(which, head)| Some((*head.peek()?, which))).max();
            let Some(((_, post), which)) = first else {
                break;
            };
            heads[which].next();
            reader.posts.push(post);
        }
        let key = |_, post: &Post| f64::from_bits(key(ranker, post.content.votes).unwrap_or_default());
        self.add_followed(of, limit, key, |_, _| f64::INFINITY, reader);
    }

    /// Joins the posts of those an agent follows into a feed that is in order, by its key. `reach` is the largest key
    /// that a post and the same author's older ones can have; −∞ where they are not shown.
    fn add_followed(
        &self,
        of: FeedOf,
        limit: usize,
        key: impl Fn(u32, &Post) -> f64,
        reach: impl Fn(u32, &Post) -> f64,
        reader: &mut Reader,
    ) {
        let listed = reader.posts.iter().filter_map(|&post| Some((key(post, self.post(PostId(post))?), post)));
        reader.spare.clear();
        reader.spare.extend(listed);
        for posts in self.followed(of) {
            for (id, post) in posts {
                let most = reach(id, post);
                let least = if reader.spare.len() < limit { None } else { reader.spare.last() };
                let least = least.map_or(f64::NEG_INFINITY, |last| last.0);
                // Authors can have any number of posts: those that cannot get among the first ones are not looked at.
                if most < least || most <= f64::NEG_INFINITY {
                    break;
                }
                let new = (key(id, post), id);
                if new.0 < least {
                    continue;
                }
                let before = |other: &(f64, u32)| other.0.total_cmp(&new.0).then(other.1.cmp(&new.1)).is_gt();
                let place = reader.spare.partition_point(before);
                if place < limit {
                    reader.spare.insert(place, new);
                    reader.spare.truncate(limit);
                }
            }
        }
        reader.posts.clear();
        reader.posts.extend(reader.spare.iter().map(|(_, post)| *post));
    }

    fn any(&self, of: FeedOf, limit: usize, draw: &mut impl FnMut(u32) -> u32, reader: &mut Reader) {
        reader.posts.clear();
        if let Some(wanted) = self.wanted(of, limit) {
            // Enough of all posts belong to the feed to draw from all, as a rule.
            let all = self.everything.recent();
            for _ in 0..all.len() {
                let post = all[draw(all.len() as u32) as usize];
                if wanted(post) && !reader.posts.contains(&post) {
                    reader.posts.push(post);
                }
                if reader.posts.len() >= limit {
                    return;
                }
            }
            reader.posts.clear();
        }
        let followed: Vec<u32> = self.followed(of).flatten().map(|(post, _)| post).collect();
        let all = self.indices(of).map(PostIndex::len).sum::<usize>() + followed.len();
        // Drawn without replacement, by Floyd's method, and then in the order of drawing.
        let wanted = limit.min(all);
        let mut places: Vec<usize> = Vec::with_capacity(wanted);
        for last in all - wanted..all {
            let place = draw(last as u32 + 1) as usize;
            places.push(if places.contains(&place) { last } else { place });
        }
        for place in (1..places.len()).rev() {
            places.swap(place, draw(place as u32 + 1) as usize);
        }
        for mut place in places {
            if let Some(&post) = followed.get(place) {
                reader.posts.push(post);
                continue;
            }
            place -= followed.len();
            for index in self.indices(of) {
                if let Some(&post) = index.recent().get(place) {
                    reader.posts.push(post);
                    break;
                }
                place -= index.len();
            }
        }
    }

    /// The comments of a post that an agent can read, by depth, then by `sort`, at most so many.
    pub fn thread(&self, post: PostId, sort: CommentSort, limit: usize, agent: AgentId) -> Vec<CommentId> {
        let mut thread: Vec<(CommentId, &Comment)> = self.latest_comments(post).collect();
        thread.retain(|(_, comment)| comment.content.standing == Standing::Public);
        if self.standing(agent) == Standing::Private {
            // What only its author can read hangs in no thread.
            let own = |comment: &Comment| comment.post == post && comment.content.author == agent;
            let since = self.post(post).map_or(self.now, |post| post.content.created);
            let young = self.comments().rev().take_while(|(_, comment)| comment.content.created >= since);
            thread.extend(young.filter(|(_, comment)| own(comment) && comment.content.standing == Standing::Private));
        }
        thread.sort_by(|(one_id, one), (other_id, other)| {
            let order = match sort {
                CommentSort::Top => {
                    let scores = other.content.votes.score().cmp(&one.content.votes.score());
                    scores.then(one_id.cmp(other_id))
                }
                CommentSort::New => other_id.cmp(one_id),
                CommentSort::Controversial => controversial(other.content.votes)
                    .total_cmp(&controversial(one.content.votes))
                    .then(one_id.cmp(other_id)),
            };
            one.depth.cmp(&other.depth).then(order)
        });
        thread.truncate(limit);
        thread.into_iter().map(|(id, _)| id).collect()
    }

    /// The comments that count in a post's thread, latest first; deleted ones are among them.
    pub fn latest_comments(&self, post: PostId) -> impl Iterator<Item = (CommentId, &Comment)> {
        let mut next = self.post(post).and_then(|post| post.last);
        std::iter::from_fn(move || {
            let id = next?;
            let comment = self.comment(id)?;
            next = comment.before;
            Some((id, comment))
        })
    }

    /// The latest posts in whose words a query occurs, whatever the case, at most so many. `words` gives the words of a
    /// post, `within` says how far back is searched.
    pub fn search(&self, query: &str, limit: usize, within: usize, words: impl Fn(PostId) -> String) -> Vec<PostId> {
        let query = query.trim().to_lowercase();
        let recent = self.everything.recent().iter().rev().take(within).map(|&post| PostId(post));
        let found = recent.filter(|&post| !query.is_empty() && words(post).to_lowercase().contains(&query));
        found.take(limit).collect()
    }
}
