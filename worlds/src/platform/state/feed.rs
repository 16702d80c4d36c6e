//! Reading: feeds, threads and searches. Nothing here changes anything.

use std::collections::BinaryHeap;

use pluriverse_engine::agent::AgentId;

use super::content::{Comment, Standing};
use super::Platform;
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

    /// The listed posts of those an agent follows.
    fn followed(&self, of: FeedOf) -> impl Iterator<Item = u32> + '_ {
        let follows = match of {
            FeedOf::Agent(agent) => self.account(agent).map_or(&[][..], |account| &account.follows),
            FeedOf::Everybody | FeedOf::Submolt(_) => &[],
        };
        let posts = follows.iter().flat_map(|&whom| self.accounts[whom as usize].posts.iter().copied());
        posts.filter(|&post| self.post(PostId(post)).is_some_and(super::content::Post::is_listed))
    }

    fn created(&self, post: u32) -> Moment {
        self.post(PostId(post)).map_or_else(Moment::default, |post| post.content.created)
    }

    fn by_time(&self, of: FeedOf, ranker: &Ranker, limit: usize, now: Moment, reader: &mut Reader) {
        let timed = Timed { ranker, opened: f64::from(self.rules.opened), now };
        let buckets = self.indices(of).flat_map(PostIndex::buckets);
        merged(buckets, &timed, |post| self.created(post), limit, &mut reader.posts);
        let key = |post: u32| {
            let score = self.post(PostId(post)).map_or(0, |post| post.content.votes.score());
            timed.key(score, self.created(post))
        };
        let shown = self.followed(of).filter(|&post| timed.shows(self.created(post)));
        join(reader, shown, key, limit);
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
        join(reader, self.followed(of), f64::from, limit);
    }

    fn by_votes(&self, of: FeedOf, ranker: &Ranker, limit: usize, reader: &mut Reader) {
        reader.posts.clear();
        let mut heads: Vec<_> = self.indices(of).map(|index| index.by_key().peekable()).collect();
        while reader.posts.len() < limit {
            let first = heads.iter_mut().enumerate().filter_map(|(which, head)| Some((*head.peek()?, which))).max();
            let Some(((_, post), which)) = first else {
                break;
            };
            heads[which].next();
            reader.posts.push(post);
        }
        let order = |post: u32| {
            let votes = self.post(PostId(post)).map(|post| post.content.votes).unwrap_or_default();
            f64::from_bits(key(ranker, votes).unwrap_or_default())
        };
        join(reader, self.followed(of), order, limit);
    }

    fn any(&self, of: FeedOf, limit: usize, draw: &mut impl FnMut(u32) -> u32, reader: &mut Reader) {
        reader.posts.clear();
        let account = if let FeedOf::Agent(agent) = of { self.account(agent) } else { None };
        let subscribed = account.map_or(&[][..], |account| &account.subscribed);
        let elsewhere =
            |post: &u32| self.post(PostId(*post)).is_some_and(|post| subscribed.binary_search(&post.submolt.0).is_err());
        let followed: Vec<u32> = self.followed(of).filter(elsewhere).collect();
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

/// Joins other posts into a feed, by the key it is ordered by.
fn join(reader: &mut Reader, others: impl Iterator<Item = u32>, key: impl Fn(u32) -> f64, limit: usize) {
    reader.spare.clear();
    reader.spare.extend(others.map(|post| (key(post), post)));
    if reader.spare.is_empty() {
        return;
    }
    reader.spare.extend(reader.posts.iter().map(|&post| (key(post), post)));
    reader.spare.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(other.1.cmp(&one.1)));
    reader.spare.dedup_by_key(|(_, post)| *post);
    reader.posts.clear();
    reader.posts.extend(reader.spare.iter().take(limit).map(|(_, post)| *post));
}
