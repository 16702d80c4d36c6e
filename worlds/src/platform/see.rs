//! What agents that read words are shown: overviews, feeds and threads, as far as arm and scenario let them be seen.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;

use super::action::{Action, CommentSort, Sort};
use super::ids::{CommentId, Moment, PostId, SubmoltId, Target};
use super::posting::{Posting, Visible};
use super::round::{Impression, Surface};
use super::state::{FeedOf, NoticeKind, Platform, Reader};
use super::view::{AccountView, Answered, AuthorView, CommentView, NoticeView, Overview, PostView};
use super::wish::Wish;
use super::wording::Words;
use crate::culture::Cultures;

/// Comments that are shown under a post.
const COMMENTS: usize = 35;

/// Communities an overview names.
const SUBMOLTS: usize = 20;

/// Posts that a search goes through, from the latest on.
const SEARCHED: usize = 10_000;

/// Whether what is read says which culture its author is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Labels {
    /// It does.
    Shown,
    /// It does not.
    Hidden,
}

/// How an agent is called on the platform.
pub fn name_of(agent: AgentId) -> Arc<str> {
    Arc::from(format!("molty_{}", agent.0))
}

/// A platform as agents see it.
#[derive(Clone, Copy, Debug)]
pub struct Seeing<'a> {
    /// The platform.
    pub platform: &'a Platform,
    /// How positions become words, and who is of which culture.
    pub words: &'a Words,
    /// The cultures.
    pub cultures: &'a Cultures,
    /// What of it is shown.
    pub posting: &'a Posting,
    /// Whether cultures are.
    pub labels: Labels,
}

/// What an agent was shown, in the order in which it was.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seen(pub Vec<Impression>);

impl Seeing<'_> {
    /// What an agent sees when it wakes. `draw(n)` draws a number below n; only rankers that draw call it.
    pub fn overview(
        &self,
        me: AgentId,
        refused: Vec<Arc<str>>,
        draw: &mut impl FnMut(u32) -> u32,
        seen: &mut Seen,
    ) -> Overview {
        let feed = self.feed(FeedOf::Agent(me), self.posting.sort, draw);
        Overview {
            me: self.account(me),
            notices: self.notices(me, seen),
            posts: self.posts(me, &feed, Surface::Feed, seen),
            submolts: self.submolts(me),
            refused,
        }
    }

    /// What an agent gets for a wish that only reads; a platform that refuses it says so. `None` for other wishes.
    pub fn answer(
        &self,
        me: AgentId,
        wish: &Wish,
        draw: &mut impl FnMut(u32) -> u32,
        seen: &mut Seen,
    ) -> Option<Answered> {
        let nothing = || Answered::Refused(Arc::from("there is no such thing, or none any more"));
        Some(match wish {
            Wish::Home => {
                let mut seen_again = Seen::default();
                Answered::Posts(self.overview(me, Vec::new(), draw, &mut seen_again).posts)
            }
            Wish::GetFeed(sort) => {
                let feed = self.feed(FeedOf::Agent(me), *sort, draw);
                Answered::Posts(self.posts(me, &feed, Surface::Feed, seen))
            }
            Wish::ListPosts { submolt, sort } => {
                let of = match submolt {
                    None => Some(FeedOf::Everybody),
                    Some(name) => self.platform.submolt(name).map(FeedOf::Submolt),
                };
                of.map_or_else(nothing, |of| {
                    Answered::Posts(self.posts(me, &self.feed(of, *sort, draw), Surface::List, seen))
                })
            }
            Wish::GetPost(post) => self.thread(me, *post, CommentSort::default(), seen).unwrap_or_else(nothing),
            Wish::GetComments(post, sort) => self.thread(me, *post, *sort, seen).unwrap_or_else(nothing),
            Wish::Search(query) => {
                let words = |id: PostId| {
                    let (title, text) = self.words.post(self.platform, id).unwrap_or_default();
                    format!("{title}\n{text}")
                };
                let limit = self.posting.budget.feed as usize;
                let found: Vec<u32> =
                    self.platform.search(query, limit, SEARCHED, words).into_iter().map(|post| post.0).collect();
                Answered::Posts(self.posts(me, &found, Surface::Search, seen))
            }
            _ => return None,
        })
    }

    fn feed(&self, of: FeedOf, sort: Sort, draw: &mut impl FnMut(u32) -> u32) -> Vec<u32> {
        let mut reader = Reader::default();
        let limit = self.posting.budget.feed as usize;
        self.platform.feed(of, sort, limit, self.platform.now(), draw, &mut reader);
        reader.posts
    }

    fn posts(&self, me: AgentId, posts: &[u32], surface: Surface, seen: &mut Seen) -> Vec<PostView> {
        let mut views = Vec::new();
        for &post in posts {
            if let Some(view) = self.post(PostId(post)) {
                self.note(me, surface, views.len() as u32 + 1, Target::Post(view.id), view.author.id, seen);
                views.push(view);
            }
        }
        views
    }

    fn thread(&self, me: AgentId, post: PostId, sort: CommentSort, seen: &mut Seen) -> Option<Answered> {
        let view = self.post(post).filter(|_| self.platform.can_read(Target::Post(post), me))?;
        self.note(me, Surface::Thread, 1, Target::Post(post), view.author.id, seen);
        let mut comments = Vec::new();
        for id in self.platform.thread(post, sort, COMMENTS, me) {
            if let Some(comment) = self.comment(id) {
                let rank = comments.len() as u32 + 2;
                self.note(me, Surface::Thread, rank, Target::Comment(id), comment.author.id, seen);
                comments.push(comment);
            }
        }
        Some(Answered::Thread(Box::new(view), comments))
    }

    fn note(&self, viewer: AgentId, surface: Surface, rank: u32, shown: Target, author: AgentId, seen: &mut Seen) {
        seen.0.push(Impression { at: self.platform.now(), viewer, surface, rank, shown, author });
    }

    fn account(&self, me: AgentId) -> AccountView {
        let Some(account) = self.platform.account(me) else {
            return AccountView::default();
        };
        let submolts = self.platform.submolts();
        AccountView {
            name: name_of(me),
            karma: if_shown(self.posting.karma, account.karma),
            followers: account.followers,
            subscribed: account.subscribed.iter().map(|&id| submolts[id as usize].name.clone()).collect(),
        }
    }

    fn author(&self, id: AgentId) -> AuthorView {
        let culture = self.words.culture(id.index()).filter(|_| self.labels == Labels::Shown);
        AuthorView {
            id,
            name: name_of(id),
            demonym: culture.map(|culture| self.cultures.profile(culture).demonym.clone()),
            karma: self.platform.account(id).and_then(|account| if_shown(self.posting.karma, account.karma)),
        }
    }

    /// A post as it is shown.
    pub fn post(&self, id: PostId) -> Option<PostView> {
        let post = self.platform.post(id)?;
        let (title, text) = self.words.of_post(self.platform, post);
        let shown = self.posting.extent.characters() as usize;
        let content = match text.char_indices().nth(shown) {
            None => text,
            Some((0, _)) => Arc::from(""),
            Some((end, _)) => Arc::from(format!("{}…", &text[..end])),
        };
        Some(PostView {
            id,
            submolt: self.submolt(post.submolt),
            author: self.author(post.content.author),
            title,
            content,
            score: if_shown(self.posting.votes, post.content.votes.score()),
            comments: post.comments,
            minutes: self.platform.now().since(post.content.created) / 60,
        })
    }

    /// A comment as it is shown.
    pub fn comment(&self, id: CommentId) -> Option<CommentView> {
        let comment = self.platform.comment(id)?;
        Some(CommentView {
            id,
            post: comment.post,
            parent: comment.parent,
            author: self.author(comment.content.author),
            content: self.words.of_comment(self.platform, comment),
            score: if_shown(self.posting.votes, comment.content.votes.score()),
            depth: comment.depth,
        })
    }

    fn submolt(&self, id: SubmoltId) -> Arc<str> {
        self.platform.submolts().get(id.0 as usize).map(|submolt| submolt.name.clone()).unwrap_or_default()
    }

    fn notices(&self, me: AgentId, seen: &mut Seen) -> Vec<NoticeView> {
        let Some(account) = self.platform.account(me) else {
            return Vec::new();
        };
        let mut views = Vec::new();
        for notice in &account.notices {
            let (on, id) = match notice.kind {
                NoticeKind::Followed => {
                    views.push(NoticeView::Followed { by: self.author(notice.by) });
                    continue;
                }
                NoticeKind::OnPost(id) => (self.platform.comment(id).map(|comment| Target::Post(comment.post)), id),
                NoticeKind::OnComment(id) => {
                    (self.platform.comment(id).and_then(|comment| comment.parent).map(Target::Comment), id)
                }
            };
            if let Some((on, comment)) = on.zip(self.comment(id)) {
                self.note(me, Surface::Home, views.len() as u32 + 1, Target::Comment(id), notice.by, seen);
                views.push(NoticeView::Commented { comment, on });
            }
        }
        if self.posting.votes == Visible::Shown {
            let own = account.posts.iter().map(|&post| PostId(post));
            views.extend(own.filter_map(|id| {
                let sum = i64::from(self.platform.post(id)?.unseen);
                (sum != 0).then_some(NoticeView::Voted { on: Target::Post(id), sum })
            }));
        }
        views
    }

    /// The communities of an agent, and then the largest others.
    fn submolts(&self, me: AgentId) -> Vec<(Arc<str>, Arc<str>)> {
        let submolts = self.platform.submolts();
        let own: &[u32] = self.platform.account(me).map_or(&[], |account| &account.subscribed);
        let mut order: Vec<u32> = (0..submolts.len() as u32).collect();
        let size = |id: u32| submolts[id as usize].posts_made;
        order.sort_by_key(|&id| (own.binary_search(&id).is_err(), std::cmp::Reverse(size(id)), id));
        let named = order.into_iter().take(SUBMOLTS.max(own.len())).map(|id| &submolts[id as usize]);
        named.map(|submolt| (submolt.name.clone(), submolt.description.clone())).collect()
    }
}

fn if_shown(visible: Visible, value: i32) -> Option<i64> {
    (visible == Visible::Shown).then_some(i64::from(value))
}

/// The action by which a wish that only reads is noted; `None` for other wishes.
pub fn reading_of(wish: &Wish, platform: &mut Platform, limit: u8) -> Option<Action> {
    use super::body::{Link, Writing};
    Some(match wish {
        Wish::Home => Action::Home,
        Wish::GetFeed(sort) => Action::GetFeed { sort: *sort, limit },
        Wish::ListPosts { submolt, sort } => {
            let submolt = submolt.as_ref().map(|name| platform.submolt(name).unwrap_or(SubmoltId(u32::MAX)));
            Action::ListPosts { submolt, sort: *sort, limit }
        }
        Wish::GetPost(post) => Action::GetPost { post: *post },
        Wish::GetComments(post, sort) => Action::GetComments { post: *post, sort: *sort, limit: COMMENTS as u8 },
        Wish::Search(query) => {
            let query =
                platform.writings.keep(Writing { title: Arc::from(""), content: query.clone(), link: Link::No });
            Action::Search { query, limit }
        }
        _ => return None,
    })
}

/// The action a wish that writes comes to. What it names and is not there keeps a number that nothing has, so that the
/// platform refuses it like any other. `None` for wishes that only read.
pub fn action_of(wish: &Wish, platform: &mut Platform) -> Option<Action> {
    use super::body::{Body, Link, Writing};
    let keep = |platform: &mut Platform, title: &Arc<str>, content: &Arc<str>, link: Link| {
        platform.writings.keep(Writing { title: title.clone(), content: content.clone(), link })
    };
    let known = |platform: &Platform, name: &str| platform.submolt(name).unwrap_or(SubmoltId(u32::MAX));
    let untitled: Arc<str> = Arc::from("");
    Some(match wish {
        Wish::CreatePost { submolt, title, content, link } => {
            let submolt = known(platform, submolt);
            Action::CreatePost { submolt, body: Body::Written(keep(platform, title, content, *link)) }
        }
        Wish::Comment { post, parent, content } => Action::Comment {
            post: *post,
            parent: *parent,
            body: Body::Written(keep(platform, &untitled, content, Link::No)),
        },
        Wish::Vote { target, sign } => Action::Vote { target: *target, sign: *sign },
        Wish::Follow(whom) => Action::Follow { whom: *whom },
        Wish::Unfollow(whom) => Action::Unfollow { whom: *whom },
        Wish::Subscribe(name) => Action::Subscribe { submolt: known(platform, name) },
        Wish::Unsubscribe(name) => Action::Unsubscribe { submolt: known(platform, name) },
        Wish::CreateSubmolt { name, description } => {
            Action::CreateSubmolt { about: Body::Written(keep(platform, name, description, Link::No)) }
        }
        Wish::MarkRead => Action::MarkRead { until: Moment(platform.now().0) },
        Wish::DeleteOwn(target) => Action::DeleteOwn { target: *target },
        Wish::UpdateProfile(about) => Action::UpdateProfile { about: keep(platform, &untitled, about, Link::No) },
        Wish::HeartbeatOk => Action::HeartbeatOk,
        Wish::Home
        | Wish::GetFeed(_)
        | Wish::ListPosts { .. }
        | Wish::GetPost(_)
        | Wish::GetComments(..)
        | Wish::Search(_) => return None,
    })
}
