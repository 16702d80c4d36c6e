//! What threads look like: how many comments, how deep, by whom, how soon.

use super::figure::{Mean, Quantiles, Share};

/// A post as far as its thread goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Post {
    /// Who wrote it.
    pub author: u32,
    /// When, in seconds.
    pub at: u32,
}

/// A comment as far as its thread goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comment {
    /// The post, as a place in the list of posts.
    pub post: usize,
    /// The comment it replies to, as a place in the list of comments; `None` for a direct comment on the post.
    pub parent: Option<usize>,
    /// Replies between it and its post: 0 for a direct comment on the post.
    pub depth: u32,
    /// Who wrote it.
    pub author: u32,
    /// When, in seconds.
    pub at: u32,
}

/// Posts or comments of one depth and what replies to them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Level {
    /// How many there are: at depth 0 the posts with comments, then comments.
    pub nodes: usize,
    /// Mean number of direct replies.
    pub children: f64,
}

/// Figures of threads. Depth 1 is a direct comment on a post, as in the literature. What is young had little time to be
/// answered, so figures of replies and latency lean low near the end of the data.
#[derive(Clone, PartialEq, Debug)]
pub struct Threads {
    /// Posts with at least one comment, of all posts.
    pub commented: Option<Share>,
    /// Comments of posts that have any.
    pub comments_per_post: Option<Quantiles>,
    /// Comments at depth 1, at depth 2, and at depth 3 or more, of all comments; `None` without comments.
    pub by_depth: Option<[Share; 3]>,
    /// What replies to the posts with comments (first), to comments of depth 1, and so on down to the deepest comment.
    pub levels: Vec<Level>,
    /// Comments with at least one direct reply, of all comments.
    pub replied: Option<Share>,
    /// Threads none of whose comments replies to a comment, of all threads with comments.
    pub flat: Option<Share>,
    /// Threads in which the post's author comments, of all threads with comments.
    pub author_returns: Option<Share>,
    /// Commenters who comment at least twice in a thread, of all pairs of a thread and one of its commenters.
    pub repeat_commenters: Option<Share>,
    /// Mean over threads with comments of the share of comments whose author has commented in the thread before: the
    /// re-entry rate of Eziz (2026). The post's author is new until the first own comment.
    pub re_entry: Option<Mean>,
    /// Seconds from a post to its first comment.
    pub first_comment: Option<Quantiles>,
    /// Seconds from a comment to its first direct reply, of those that have one.
    pub first_reply: Option<Quantiles>,
}

impl Threads {
    /// The figures of these posts and comments. Comments are in any order; those on posts that are not in the list are
    /// left out, and parents that are not in the list are as if they were not told.
    pub fn of(posts: &[Post], comments: &[Comment]) -> Self {
        let mut tally = Tally::new(posts.len(), comments.len());
        for comment in comments.iter().filter(|comment| comment.post < posts.len()) {
            tally.add(comment);
        }
        tally.figures(posts, comments)
    }
}

/// What is counted in the pass over the comments.
struct Tally {
    total: usize,
    comments: Vec<u64>,
    replies: Vec<u64>,
    first_comment: Vec<u32>,
    first_reply: Vec<Option<u32>>,
    by_depth: Vec<usize>,
    presence: Vec<(usize, u32)>,
}

impl Tally {
    fn new(posts: usize, comments: usize) -> Self {
        Self {
            total: 0,
            comments: vec![0; posts],
            replies: vec![0; posts],
            first_comment: vec![u32::MAX; posts],
            first_reply: vec![None; comments],
            by_depth: Vec::new(),
            presence: Vec::with_capacity(comments),
        }
    }

    fn add(&mut self, comment: &Comment) {
        self.total += 1;
        self.comments[comment.post] += 1;
        self.replies[comment.post] += u64::from(comment.depth > 0);
        let first = &mut self.first_comment[comment.post];
        *first = comment.at.min(*first);
        if let Some(first) = comment.parent.and_then(|parent| self.first_reply.get_mut(parent)) {
            *first = Some(first.map_or(comment.at, |first| first.min(comment.at)));
        }
        let depth = comment.depth as usize;
        self.by_depth.resize(self.by_depth.len().max(depth + 1), 0);
        self.by_depth[depth] += 1;
        self.presence.push((comment.post, comment.author));
    }

    fn figures(mut self, posts: &[Post], comments: &[Comment]) -> Threads {
        self.presence.sort_unstable();
        let threads: Vec<usize> = (0..posts.len()).filter(|&post| self.comments[post] > 0).collect();
        let of_threads = |holds: &dyn Fn(usize) -> bool| {
            Share::new(threads.iter().filter(|&&post| holds(post)).count(), threads.len())
        };
        let returned = |post: usize| self.presence.binary_search(&(post, posts[post].author)).is_ok();
        let latency = |post: usize| u64::from(self.first_comment[post].saturating_sub(posts[post].at));
        let waited =
            |(first, comment): (&Option<u32>, &Comment)| first.map(|at| u64::from(at.saturating_sub(comment.at)));
        let answered = self.first_reply.iter().zip(comments).filter_map(waited).collect::<Vec<_>>();
        Threads {
            commented: Share::new(threads.len(), posts.len()),
            comments_per_post: Quantiles::of(threads.iter().map(|&post| self.comments[post]).collect()),
            by_depth: self.shares_by_depth(),
            levels: self.levels(threads.len()),
            replied: Share::new(answered.len(), self.total),
            flat: of_threads(&|post| self.replies[post] == 0),
            author_returns: of_threads(&returned),
            repeat_commenters: self.repeat_commenters(),
            re_entry: self.re_entry(),
            first_comment: Quantiles::of(threads.iter().map(|&post| latency(post)).collect()),
            first_reply: Quantiles::of(answered),
        }
    }

    fn shares_by_depth(&self) -> Option<[Share; 3]> {
        let at = |depth: usize| self.by_depth.get(depth).copied().unwrap_or_default();
        let share = |count: usize| Share::new(count, self.total);
        Some([share(at(0))?, share(at(1))?, share(self.total - at(0) - at(1))?])
    }

    fn levels(&self, threads: usize) -> Vec<Level> {
        let nodes = std::iter::once(threads).chain(self.by_depth.iter().copied());
        let children = self.by_depth.iter().copied().chain([0]);
        let level = |(nodes, children): (usize, usize)| Level { nodes, children: children as f64 / nodes as f64 };
        nodes.zip(children).filter(|(nodes, _)| *nodes > 0).map(level).collect()
    }

    /// Of sorted presence.
    fn repeat_commenters(&self) -> Option<Share> {
        let commenters = self.presence.chunk_by(|one, other| one == other);
        let (repeated, all) =
            commenters.fold((0, 0), |(repeated, all), own| (repeated + usize::from(own.len() > 1), all + 1));
        Share::new(repeated, all)
    }

    /// Of sorted presence.
    fn re_entry(&self) -> Option<Mean> {
        Mean::of(self.presence.chunk_by(|one, other| one.0 == other.0).map(|thread| {
            let commenters = thread.chunk_by(|one, other| one == other).count();
            (thread.len() - commenters) as f64 / thread.len() as f64
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn comment(post: usize, parent: Option<usize>, depth: u32, author: u32, at: u32) -> Comment {
        Comment { post, parent, depth, author, at }
    }

    fn share(count: usize, of: usize) -> Option<Share> {
        Share::new(count, of)
    }

    /// Post 0 by 1 at 0 s: 2 (10 s) ← 1 (15 s) ← 2 (35 s), and 3 (20 s). Post 1 by 2 at 100 s: 3 (160 s), 3 (170 s).
    /// Post 2 has no comment.
    fn small() -> (Vec<Post>, Vec<Comment>) {
        let posts = [(1, 0), (2, 100), (3, 200)].map(|(author, at)| Post { author, at });
        let comments = [
            comment(0, None, 0, 2, 10),
            comment(0, Some(0), 1, 1, 15),
            comment(0, Some(1), 2, 2, 35),
            comment(0, None, 0, 3, 20),
            comment(1, None, 0, 3, 160),
            comment(1, None, 0, 3, 170),
        ];
        (posts.to_vec(), comments.to_vec())
    }

    #[test]
    fn threads_are_those_worked_out_by_hand() {
        let (posts, comments) = small();
        let threads = Threads::of(&posts, &comments);
        assert_eq!(threads.commented, share(2, 3));
        assert_eq!(threads.comments_per_post.map(|found| (found.mean, found.median)), Some((3.0, 3.0)));
        assert_eq!(threads.by_depth.map(|shares| shares.map(|share| share.count)), Some([4, 1, 1]));
        let levels: Vec<_> = threads.levels.iter().map(|level| (level.nodes, level.children)).collect();
        assert_eq!(levels, [(2, 2.0), (4, 0.25), (1, 1.0), (1, 0.0)]);
        assert_eq!(threads.replied, share(2, 6));
        assert_eq!(threads.flat, share(1, 2));
        assert_eq!(threads.author_returns, share(1, 2));
        // Of (0, 1), (0, 2), (0, 3) and (1, 3), the second and the last.
        assert_eq!(threads.repeat_commenters, share(2, 4));
        // 1 of 4 comments, and 1 of 2.
        assert_eq!(threads.re_entry, Some(Mean { value: 0.375, n: 2 }));
        assert_eq!(threads.first_comment.map(|found| (found.n, found.mean)), Some((2, 35.0)));
        assert_eq!(threads.first_reply.map(|found| (found.n, found.mean)), Some((2, 12.5)));
    }

    #[test]
    fn a_single_reply_makes_a_thread_deep_and_the_earliest_reply_is_the_first() {
        let comments = [comment(0, None, 0, 2, 10), comment(0, Some(0), 1, 3, 30), comment(0, Some(0), 1, 4, 20)];
        let threads = Threads::of(&[Post { author: 1, at: 0 }], &comments);
        assert_eq!((threads.flat, threads.replied), (share(0, 1), share(1, 3)));
        assert_eq!(threads.first_reply.map(|found| found.mean), Some(10.0));
    }

    #[test]
    fn posts_nobody_comments_on_have_no_figures() {
        let threads = Threads::of(&small().0, &[comment(9, None, 0, 1, 5)]);
        assert_eq!(threads.commented, share(0, 3));
        assert_eq!((threads.by_depth, threads.replied, threads.flat), (None, None, None));
        assert_eq!((threads.re_entry, threads.first_comment), (None, None));
        assert!(threads.levels.is_empty());
    }

    proptest! {
        #[test]
        fn names_of_authors_and_order_of_direct_comments_do_not_matter(
            drawn in prop::collection::vec((0_usize..4, 0_u32..5, 0_u32..50), 0..40),
        ) {
            let posts: Vec<Post> = (0..4).map(|author| Post { author, at: 0 }).collect();
            let renamed: Vec<Post> = posts.iter().map(|post| Post { author: 90 - post.author, ..*post }).collect();
            let of = |name: &dyn Fn(u32) -> u32| -> Vec<Comment> {
                drawn.iter().map(|&(post, author, at)| comment(post, None, 0, name(author), at)).collect()
            };
            let found = Threads::of(&posts, &of(&|author| author));
            let mut turned = of(&|author| 90 - author);
            turned.reverse();
            prop_assert_eq!(&found, &Threads::of(&renamed, &turned));
            prop_assert!(found.re_entry.is_none_or(|mean| (0.0..1.0).contains(&mean.value)));
            prop_assert!(found.flat.is_none_or(|flat| flat.count == flat.of));
        }
    }
}
