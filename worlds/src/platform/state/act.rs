//! One action applied to the platform, or refused.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;

use super::Platform;
use super::content::{AuthorIn, Comment, Content, Post, Shape, Standing};
use super::entry::{Changed, Membership, Notice, NoticeKind, set};
use crate::platform::action::{Action, Done, Refusal};
use crate::platform::body::{Body, WritingId};
use crate::platform::ids::{CommentId, Moment, PostId, SubmoltId, Target};
use crate::platform::rules::{Audience, DEEPEST, LONGEST_COMMENT, LONGEST_POST, LONGEST_TITLE};

/// Characters of a community's name.
const SUBMOLT_NAME: std::ops::RangeInclusive<usize> = 2..=30;

/// Characters of a description.
const LONGEST_DESCRIPTION: u32 = 1_000;

impl Platform {
    /// Does what an agent wants, now, or says why not. Words of what is refused are let go.
    pub fn act(&mut self, agent: AgentId, action: &Action) -> Result<Done, Refusal> {
        let result = self.attempt(agent, action);
        match (&result, action) {
            (Ok(_), action) if action.reads() => self.totals.readings += 1,
            (Ok(_), _) => self.totals.actions += 1,
            (Err(_), _) => self.totals.refused += 1,
        }
        let kept = result.is_ok()
            && matches!(action, Action::CreatePost { .. } | Action::Comment { .. } | Action::UpdateProfile { .. });
        if !kept && let Some(words) = words(action) {
            self.writings.forget(words);
        }
        result
    }

    fn attempt(&mut self, agent: AgentId, action: &Action) -> Result<Done, Refusal> {
        let now = self.now;
        let profile = self.rules.limits;
        let account = self.accounts.get_mut(agent.index()).ok_or(Refusal::UnknownTarget)?;
        account.active = now;
        account.log.allows(profile, now.since(account.created), action, now)?;
        let done = self.carry_out(agent, action)?;
        self.accounts[agent.index()].log.note(profile, action, now);
        Ok(done)
    }

    fn carry_out(&mut self, agent: AgentId, action: &Action) -> Result<Done, Refusal> {
        match *action {
            Action::CreatePost { submolt, body } => self.create_post(agent, submolt, body).map(Done::Posted),
            Action::Comment { post, parent, body } => self.comment_on(agent, post, parent, body).map(Done::Commented),
            Action::Vote { target, sign } => self.vote(agent, target, sign),
            Action::Follow { whom } => self.follow(agent, whom, Membership::In),
            Action::Unfollow { whom } => self.follow(agent, whom, Membership::Out),
            Action::Subscribe { submolt } => self.subscribe(agent, submolt, Membership::In),
            Action::Unsubscribe { submolt } => self.subscribe(agent, submolt, Membership::Out),
            Action::CreateSubmolt { about } => self.create_submolt(agent, about).map(Done::Founded),
            Action::MarkRead { until } => Ok(self.mark_read(agent, until)),
            Action::DeleteOwn { target } => self.delete_own(agent, target),
            Action::UpdateProfile { about } => self.update_profile(agent, about),
            Action::ListPosts { submolt: Some(submolt), .. } => self.known(submolt).map(|()| Done::Ok),
            Action::GetPost { post } | Action::GetComments { post, .. } => {
                self.readable(Target::Post(post), agent).map(|_| Done::Ok)
            }
            Action::HeartbeatOk
            | Action::Home
            | Action::GetFeed { .. }
            | Action::ListPosts { submolt: None, .. }
            | Action::Search { .. } => Ok(Done::Ok),
        }
    }

    /// How what an agent does stands.
    pub(super) fn standing(&self, agent: AgentId) -> Standing {
        match self.rules.audience {
            Audience::Themselves if self.is_member(agent) => Standing::Private,
            Audience::Themselves | Audience::Everybody => Standing::Public,
        }
    }

    fn known(&self, submolt: SubmoltId) -> Result<(), Refusal> {
        if (submolt.0 as usize) < self.submolts.len() { Ok(()) } else { Err(Refusal::UnknownTarget) }
    }

    /// Whether an agent can read something: what is public, and what it wrote itself.
    pub fn can_read(&self, target: Target, agent: AgentId) -> bool {
        self.readable(target, agent).is_ok()
    }

    /// What an agent can read: what is public, and what it wrote itself.
    pub(super) fn readable(&self, target: Target, agent: AgentId) -> Result<&Content, Refusal> {
        let content = match target {
            Target::Post(post) => self.post(post).map(|post| &post.content),
            // A comment goes with its post.
            Target::Comment(comment) => self
                .comment(comment)
                .filter(|comment| self.post(comment.post).is_some())
                .map(|comment| &comment.content),
        };
        let content = content.ok_or(Refusal::UnknownTarget)?;
        match content.standing {
            Standing::Public => Ok(content),
            Standing::Private if content.author == agent => Ok(content),
            Standing::Private | Standing::Deleted => Err(Refusal::UnknownTarget),
        }
    }

    fn check_words(&self, body: Body, longest_title: u32, longest: u32) -> Result<(), Refusal> {
        let Body::Written(id) = body else {
            return Ok(());
        };
        let writing = self.writings.get(id).ok_or(Refusal::Empty)?;
        if writing.content.trim().is_empty() || (longest_title > 0 && writing.title.trim().is_empty()) {
            return Err(Refusal::Empty);
        }
        for (text, most) in [(&writing.title, longest_title), (&writing.content, longest)] {
            if text.chars().nth(most as usize).is_some() {
                return Err(Refusal::TooLong { most });
            }
        }
        Ok(())
    }

    fn content(&self, author: AgentId, body: Body) -> Content {
        let votes = crate::platform::ranker::Votes::default();
        Content { author, created: self.now, body, votes, standing: self.standing(author) }
    }

    fn create_post(&mut self, agent: AgentId, submolt: SubmoltId, body: Body) -> Result<PostId, Refusal> {
        self.known(submolt)?;
        self.check_words(body, LONGEST_TITLE, LONGEST_POST)?;
        let id = PostId(self.first_post + self.posts.len() as u32);
        let content = self.content(agent, body);
        let community = &mut self.submolts[submolt.0 as usize];
        community.posts_made += 1;
        if content.standing == Standing::Public {
            community.posts.insert(id.0, &self.rules.ranker);
            self.everything.insert(id.0, &self.rules.ranker);
        }
        self.posts.push_back(Post {
            content,
            submolt,
            comments: 0,
            last: None,
            unseen: 0,
            shape: Shape::Flat,
            author: AuthorIn::Absent,
        });
        let account = &mut self.accounts[agent.index()];
        account.posts.push_back(id.0);
        account.posts_made += 1;
        self.totals.posts += 1;
        Ok(id)
    }

    fn comment_on(
        &mut self,
        agent: AgentId,
        post: PostId,
        parent: Option<CommentId>,
        body: Body,
    ) -> Result<CommentId, Refusal> {
        self.readable(Target::Post(post), agent)?;
        let mut depth = 0;
        if let Some(parent) = parent {
            self.readable(Target::Comment(parent), agent)?;
            let above = self.comment(parent).ok_or(Refusal::UnknownTarget)?;
            if above.post != post {
                return Err(Refusal::WrongPost);
            }
            depth = above.depth + 1;
            if depth > DEEPEST {
                return Err(Refusal::TooDeep);
            }
        }
        self.check_words(body, 0, LONGEST_COMMENT)?;
        let id = CommentId(self.first_comment + self.comments.len() as u32);
        let content = self.content(agent, body);
        let before = self.post(post).and_then(|post| post.last);
        self.comments.push_back(Comment { content, post, parent, before, depth, replies: 0 });
        self.accounts[agent.index()].comments_made += 1;
        self.totals.comments[usize::from(depth)] += 1;
        if content.standing == Standing::Public {
            self.hang_in(agent, post, parent, id);
        }
        Ok(id)
    }

    /// Lets a public comment count in its thread, and tells whom it concerns.
    fn hang_in(&mut self, agent: AgentId, post: PostId, parent: Option<CommentId>, id: CommentId) {
        let now = self.now;
        let Some(place) = post.0.checked_sub(self.first_post) else {
            return;
        };
        let thread = &mut self.posts[place as usize];
        let author = thread.content.author;
        if thread.comments == 0 {
            self.totals.commented_posts += 1;
            self.totals.flat_posts += 1;
        }
        thread.comments += 1;
        thread.last = Some(id);
        if author == agent && thread.author == AuthorIn::Absent {
            thread.author = AuthorIn::Returned;
            self.totals.returned_authors += 1;
        }
        if parent.is_some() && thread.shape == Shape::Flat {
            thread.shape = Shape::Deep;
            self.totals.flat_posts -= 1;
        }
        let first_post = self.first_post;
        let account = &mut self.accounts[agent.index()];
        if account.threads.len().is_power_of_two() {
            account.threads.retain(|&thread| thread >= first_post);
        }
        if set(&mut account.threads, post.0, Membership::In) == Changed::No || author == agent {
            self.totals.re_entries += 1;
        }
        let (whom, kind) = match parent.and_then(|parent| self.comment_mut(parent)) {
            None => (author, NoticeKind::OnPost(id)),
            Some(above) => {
                above.replies += 1;
                let (whom, depth, first) = (above.content.author, above.depth, above.replies == 1);
                if first {
                    self.totals.replied[usize::from(depth)] += 1;
                }
                (whom, NoticeKind::OnComment(id))
            }
        };
        if whom != agent {
            self.accounts[whom.index()].notify(Notice { at: now, by: agent, kind });
        }
    }

    fn follow(&mut self, agent: AgentId, whom: AgentId, membership: Membership) -> Result<Done, Refusal> {
        if agent == whom {
            return Err(Refusal::SelfFollow);
        }
        if whom.index() >= self.accounts.len() {
            return Err(Refusal::UnknownTarget);
        }
        let (now, standing) = (self.now, self.standing(agent));
        let changed = set(&mut self.accounts[agent.index()].follows, whom.0, membership);
        if changed == Changed::Yes && standing == Standing::Public {
            let followed = &mut self.accounts[whom.index()];
            match membership {
                Membership::In => {
                    followed.followers += 1;
                    followed.notify(Notice { at: now, by: agent, kind: NoticeKind::Followed });
                }
                Membership::Out => followed.followers -= 1,
            }
        }
        Ok(Done::Ok)
    }

    fn subscribe(&mut self, agent: AgentId, submolt: SubmoltId, membership: Membership) -> Result<Done, Refusal> {
        self.known(submolt)?;
        if set(&mut self.accounts[agent.index()].subscribed, submolt.0, membership) == Changed::Yes {
            let subscribers = &mut self.submolts[submolt.0 as usize].subscribers;
            match membership {
                Membership::In => *subscribers += 1,
                Membership::Out => *subscribers -= 1,
            }
        }
        Ok(Done::Ok)
    }

    fn create_submolt(&mut self, agent: AgentId, about: Body) -> Result<SubmoltId, Refusal> {
        let (name, description) = match about {
            Body::Stated(stance) => (Arc::from(format!("topic-{}", stance.item + 1)), Arc::from("")),
            Body::Written(words) => {
                let writing = self.writings.get(words).ok_or(Refusal::Empty)?;
                (writing.title.clone(), writing.content.clone())
            }
        };
        let allowed = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '-');
        if !SUBMOLT_NAME.contains(&name.len()) || !name.chars().all(allowed) {
            return Err(Refusal::BadName);
        }
        if description.chars().nth(LONGEST_DESCRIPTION as usize).is_some() {
            return Err(Refusal::TooLong { most: LONGEST_DESCRIPTION });
        }
        if self.names.contains_key(&name) {
            return Err(Refusal::NameTaken);
        }
        let id = self.found(name, description, Some(agent));
        self.subscribe(agent, id, Membership::In)?;
        Ok(id)
    }

    fn mark_read(&mut self, agent: AgentId, until: Moment) -> Done {
        let account = &mut self.accounts[agent.index()];
        while account.notices.front().is_some_and(|notice| notice.at <= until) {
            account.notices.pop_front();
        }
        let first = self.first_post;
        for &post in &account.posts {
            if let Some(post) = self.posts.get_mut((post - first) as usize) {
                post.unseen = 0;
            }
        }
        Done::Ok
    }

    fn delete_own(&mut self, agent: AgentId, target: Target) -> Result<Done, Refusal> {
        let content = *self.readable(target, agent)?;
        if content.author != agent {
            return Err(Refusal::NotOwn);
        }
        match target {
            Target::Post(id) => {
                if content.standing == Standing::Public {
                    self.unlist(id);
                }
                if let Some(post) = self.post_mut(id) {
                    post.content.standing = Standing::Deleted;
                }
            }
            Target::Comment(id) => {
                if let Some(comment) = self.comment_mut(id) {
                    comment.content.standing = Standing::Deleted;
                }
            }
        }
        if let Body::Written(words) = content.body {
            self.writings.forget(words);
        }
        Ok(Done::Ok)
    }

    fn update_profile(&mut self, agent: AgentId, about: WritingId) -> Result<Done, Refusal> {
        let writing = self.writings.get(about).ok_or(Refusal::Empty)?;
        if writing.content.chars().nth(LONGEST_DESCRIPTION as usize).is_some() {
            return Err(Refusal::TooLong { most: LONGEST_DESCRIPTION });
        }
        if let Some(old) = self.accounts[agent.index()].profile.replace(about) {
            self.writings.forget(old);
        }
        Ok(Done::Ok)
    }
}

/// The words an action brings, where it brings any.
pub(in crate::platform) fn words(action: &Action) -> Option<WritingId> {
    match *action {
        Action::CreatePost { body: Body::Written(words), .. }
        | Action::Comment { body: Body::Written(words), .. }
        | Action::CreateSubmolt { about: Body::Written(words) }
        | Action::UpdateProfile { about: words } => Some(words),
        Action::Search { query, .. } => Some(query),
        _ => None,
    }
}
