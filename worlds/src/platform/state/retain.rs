//! What is older than the retention window leaves the platform.

use super::Platform;
use crate::platform::body::Body;
use crate::platform::ids::PostId;

impl Platform {
    /// Lets go of posts and comments that have reached the age at which they leave. A comment on a post that has left
    /// can be neither read nor voted on, and leaves when its own time has come.
    pub fn let_go(&mut self) {
        let Some(window) = self.rules.retention else {
            return;
        };
        let now = self.now;
        while let Some(post) = self.posts.front()
            && now.since(post.content.created) >= window
        {
            let id = PostId(self.first_post);
            let (author, body) = (post.content.author, post.content.body);
            if post.is_listed() {
                self.unlist(id);
            }
            self.forget(body);
            self.accounts[author.index()].posts.pop_front();
            self.posts.pop_front();
            self.first_post += 1;
        }
        while let Some(comment) = self.comments.front()
            && now.since(comment.content.created) >= window
        {
            let body = comment.content.body;
            self.forget(body);
            self.comments.pop_front();
            self.first_comment += 1;
        }
    }

    fn forget(&mut self, body: Body) {
        if let Body::Written(words) = body {
            self.writings.forget(words);
        }
    }

    /// Takes a post out of all feeds.
    pub(super) fn unlist(&mut self, id: PostId) {
        let Some(post) = self.post(id) else {
            return;
        };
        let (submolt, votes) = (post.submolt, post.content.votes);
        let ranker = self.rules.ranker;
        self.everything.remove(id.0, votes, &ranker);
        self.submolts[submolt.0 as usize].posts.remove(id.0, votes, &ranker);
    }
}
