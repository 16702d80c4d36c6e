//! Posts and comments that are on the platform, as measures want them; and the shapes of threads.

use pluriverse_engine::observation::Observation;

use super::figure;
use crate::platform::ids::PostId;
use crate::platform::measures::threads::{Comment, Post, Threads};
use crate::platform::state::Platform;

/// Posts and comments on the platform, oldest first, by members or guests.
pub(super) struct Talk {
    pub(super) posts: Vec<Post>,
    pub(super) comments: Vec<Comment>,
}

impl Talk {
    pub(super) fn of(platform: &Platform) -> Self {
        let first_post = platform.posts().next().map_or(0, |(id, _)| id.0);
        let first_comment = platform.comments().next().map_or(0, |(id, _)| id.0);
        let posts =
            platform.posts().map(|(_, post)| Post { author: post.content.author.0, at: post.content.created.0 });
        let place = |PostId(post): PostId| post.checked_sub(first_post).map_or(usize::MAX, |place| place as usize);
        let comments = platform.comments().map(|(_, comment)| Comment {
            post: place(comment.post),
            parent: comment.parent.and_then(|parent| parent.0.checked_sub(first_comment)).map(|place| place as usize),
            depth: u32::from(comment.depth),
            author: comment.content.author.0,
            at: comment.content.created.0,
        });
        Self { posts: posts.collect(), comments: comments.collect() }
    }

    /// Figures of threads. Shares of depth, replies and flat threads are over the life of the platform; what needs the
    /// threads themselves is of what is on it.
    pub(super) fn observe_threads(&self, platform: &Platform, out: &mut Vec<Observation>) {
        let totals = platform.totals();
        let share = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
        let comments = totals.all_comments();
        let commented = totals.commented_posts;
        out.push(figure("platform_commented_share", share(commented, totals.posts), totals.posts));
        out.push(figure("platform_comments_per_commented_post", share(comments, commented), commented));
        out.push(figure("platform_depth1_share", share(totals.comments[0], comments), comments));
        out.push(figure("platform_depth2_share", share(totals.comments[1], comments), comments));
        let deeper: u64 = totals.comments[2..].iter().sum();
        out.push(figure("platform_deeper_share", share(deeper, comments), comments));
        let replied: u64 = totals.replied.iter().sum();
        out.push(figure("platform_reply_incidence", share(replied, comments), comments));
        out.push(figure("platform_flat_share", share(totals.flat_posts, commented), commented));
        out.push(figure("platform_author_returns", share(totals.returned_authors, commented), commented));
        let threads = Threads::of(&self.posts, &self.comments);
        let quantiles = threads.comments_per_post;
        let n = quantiles.map_or(0, |quantiles| quantiles.n as u64);
        let median = quantiles.map(|quantiles| quantiles.median);
        out.push(figure("platform_median_comments_per_commented_post", median, n));
        let latency = threads.first_comment;
        let n = latency.map_or(0, |latency| latency.n as u64);
        out.push(figure("platform_median_minutes_to_comment", latency.map(|latency| latency.median / 60.0), n));
        let again = threads.re_entry;
        let n = again.map_or(0, |again| again.n as u64);
        out.push(figure("platform_re_entry", again.map(|again| again.value), n));
    }
}
