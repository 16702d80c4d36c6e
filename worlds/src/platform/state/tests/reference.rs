//! A slow platform: every figure is counted anew from what happened, over plain maps.

use std::collections::{BTreeMap, BTreeSet};

use super::script::{Begin, MEMBERS};
use crate::platform::action::{Action, Done, Refusal, Sign};
use crate::platform::body::{Body, Writing};
use crate::platform::ids::{Moment, Target};
use crate::platform::ranker::Votes;
use crate::platform::round::Entry;
use crate::platform::rules::{Audience, FEATURED, RepeatedVote, Rules};
use crate::platform::state::NoticeKind;
use crate::platform::state::content::Standing;

/// A post or comment.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) author: u32,
    pub(super) at: Moment,
    pub(super) standing: Standing,
    pub(super) gone: bool,
    /// The community of a post.
    pub(super) submolt: u32,
    /// The post of a comment.
    pub(super) post: u32,
    pub(super) parent: Option<u32>,
    /// Votes since its author last looked.
    pub(super) unseen: i32,
    /// Whether it was public when it was made.
    pub(super) counts: bool,
}

/// What happened, in plain maps.
pub(super) struct Reference {
    pub(super) rules: Rules,
    pub(super) created: Vec<Moment>,
    pub(super) posts: Vec<Item>,
    pub(super) comments: Vec<Item>,
    pub(super) votes: BTreeMap<(u32, Target), Sign>,
    pub(super) follows: BTreeSet<(u32, u32)>,
    pub(super) subscribed: BTreeSet<(u32, u32)>,
    pub(super) names: Vec<String>,
    pub(super) notices: BTreeMap<u32, Vec<(Moment, u32, NoticeKind)>>,
    pub(super) entries: Vec<Entry>,
}

impl Reference {
    pub(super) fn new(rules: Rules) -> Self {
        let mut reference = Self {
            rules,
            created: Vec::new(),
            posts: Vec::new(),
            comments: Vec::new(),
            votes: BTreeMap::new(),
            follows: BTreeSet::new(),
            subscribed: BTreeSet::new(),
            names: FEATURED.iter().map(|(name, _)| (*name).to_owned()).collect(),
            notices: BTreeMap::new(),
            entries: Vec::new(),
        };
        (0..MEMBERS).for_each(|_| reference.join(Moment(0)));
        reference
    }

    fn join(&mut self, at: Moment) {
        let agent = self.created.len() as u32;
        self.subscribed.extend((0..FEATURED.len() as u32).map(|submolt| (agent, submolt)));
        self.created.push(at);
    }

    pub(super) fn begin(&mut self, begin: &Begin) {
        if let Some(window) = self.rules.retention {
            for item in self.posts.iter_mut().chain(&mut self.comments) {
                item.gone |= begin.at.0 >= item.at.0 + window;
            }
        }
        (0..begin.joins).for_each(|_| self.join(begin.at));
    }

    /// Whether what an agent does counts for others.
    pub(super) fn counts(&self, agent: u32) -> bool {
        self.rules.audience == Audience::Everybody || agent >= MEMBERS
    }

    pub(super) fn item(&self, target: Target) -> Option<&Item> {
        match target {
            Target::Post(post) => self.posts.get(post.0 as usize),
            Target::Comment(comment) => self.comments.get(comment.0 as usize),
        }
    }

    pub(super) fn depth(&self, comment: u32) -> usize {
        self.comments[comment as usize].parent.map_or(0, |parent| 1 + self.depth(parent))
    }

    /// An item that an agent can read.
    fn read(&self, target: Target, agent: u32) -> Result<&Item, Refusal> {
        let item = self.item(target).filter(|item| !item.gone).ok_or(Refusal::UnknownTarget)?;
        let post_gone = matches!(target, Target::Comment(_)) && self.posts[item.post as usize].gone;
        let hidden = item.standing == Standing::Private && item.author != agent;
        if post_gone || hidden || item.standing == Standing::Deleted { Err(Refusal::UnknownTarget) } else { Ok(item) }
    }

    /// What has to come of an action, limits apart.
    pub(super) fn expect(&self, entry: &Entry, words: &[Writing]) -> Result<Done, Refusal> {
        let agent = entry.due.agent.0;
        let submolt = |submolt: u32| {
            if (submolt as usize) < self.names.len() { Ok(Done::Ok) } else { Err(Refusal::UnknownTarget) }
        };
        if agent as usize >= self.created.len() {
            return Err(Refusal::UnknownTarget);
        }
        match entry.action {
            Action::CreatePost { submolt: place, body } => {
                submolt(place.0)?;
                check(body, words, (300, 40_000))?;
                Ok(Done::Posted(crate::platform::ids::PostId(self.posts.len() as u32)))
            }
            Action::Comment { post, parent, body } => {
                self.read(Target::Post(post), agent)?;
                if let Some(parent) = parent {
                    if self.read(Target::Comment(parent), agent)?.post != post.0 {
                        return Err(Refusal::WrongPost);
                    }
                    if self.depth(parent.0) == 10 {
                        return Err(Refusal::TooDeep);
                    }
                }
                check(body, words, (0, 10_000))?;
                Ok(Done::Commented(crate::platform::ids::CommentId(self.comments.len() as u32)))
            }
            Action::Vote { target, sign } => self.expect_vote(agent, target, sign),
            Action::Follow { whom } | Action::Unfollow { whom } => match whom.0 {
                same if same == agent => Err(Refusal::SelfFollow),
                other if other as usize >= self.created.len() => Err(Refusal::UnknownTarget),
                _ => Ok(Done::Ok),
            },
            Action::Subscribe { submolt: place }
            | Action::Unsubscribe { submolt: place }
            | Action::ListPosts { submolt: Some(place), .. } => submolt(place.0),
            Action::GetPost { post } | Action::GetComments { post, .. } => {
                self.read(Target::Post(post), agent).map(|_| Done::Ok)
            }
            Action::CreateSubmolt { about } => self.expect_submolt(about, words),
            Action::DeleteOwn { target } => {
                if self.read(target, agent)?.author == agent {
                    Ok(Done::Ok)
                } else {
                    Err(Refusal::NotOwn)
                }
            }
            Action::UpdateProfile { about } if words[about.0 as usize].content.len() > 1_000 => {
                Err(Refusal::TooLong { most: 1_000 })
            }
            _ => Ok(Done::Ok),
        }
    }

    fn expect_vote(&self, agent: u32, target: Target, sign: Sign) -> Result<Done, Refusal> {
        if self.read(target, agent)?.author == agent {
            return Err(Refusal::SelfVote);
        }
        match self.votes.get(&(agent, target)) {
            None => Ok(Done::Voted),
            Some(cast) if *cast != sign => Ok(Done::Turned),
            Some(_) if self.rules.repeated_vote == RepeatedVote::Refused => Err(Refusal::DuplicateVote),
            Some(_) => Ok(Done::TakenBack),
        }
    }

    fn expect_submolt(&self, about: Body, words: &[Writing]) -> Result<Done, Refusal> {
        let name = name(about, words);
        let described = if let Body::Written(id) = about { words[id.0 as usize].content.len() } else { 0 };
        if name.contains(' ') {
            Err(Refusal::BadName)
        } else if described > 1_000 {
            Err(Refusal::TooLong { most: 1_000 })
        } else if self.names.contains(&name) {
            Err(Refusal::NameTaken)
        } else {
            Ok(Done::Founded(crate::platform::ids::SubmoltId(self.names.len() as u32)))
        }
    }

    /// Lets an entry happen.
    pub(super) fn happen(&mut self, entry: &Entry, words: &[Writing]) {
        self.entries.push(*entry);
        let Ok(done) = entry.result else {
            return;
        };
        let (agent, at) = (entry.due.agent.0, entry.due.at);
        match entry.action {
            Action::CreatePost { submolt, .. } => self.posts.push(self.made(agent, at, submolt.0, 0, None)),
            Action::Comment { post, parent, .. } => {
                let Done::Commented(id) = done else { panic!("a comment is commented") };
                let item = self.made(agent, at, 0, post.0, parent.map(|parent| parent.0));
                if item.counts {
                    let kind = parent.map_or(NoticeKind::OnPost(id), |_| NoticeKind::OnComment(id));
                    let whom = parent.map_or(Target::Post(post), Target::Comment);
                    self.notify(self.item(whom).map_or(agent, |item| item.author), agent, at, kind);
                }
                self.comments.push(item);
            }
            Action::Vote { target, sign } => self.cast(agent, target, sign, done),
            Action::Follow { whom } => self.follow(agent, whom.0, at),
            Action::Unfollow { whom } => drop(self.follows.remove(&(agent, whom.0))),
            Action::Subscribe { submolt } => drop(self.subscribed.insert((agent, submolt.0))),
            Action::Unsubscribe { submolt } => drop(self.subscribed.remove(&(agent, submolt.0))),
            Action::CreateSubmolt { about } => {
                self.subscribed.insert((agent, self.names.len() as u32));
                self.names.push(name(about, words));
            }
            Action::MarkRead { until } => {
                self.notices.entry(agent).or_default().retain(|(at, ..)| *at > until);
                self.posts.iter_mut().filter(|post| post.author == agent).for_each(|post| post.unseen = 0);
            }
            Action::DeleteOwn { target: Target::Post(post) } => {
                self.posts[post.0 as usize].standing = Standing::Deleted;
            }
            Action::DeleteOwn { target: Target::Comment(comment) } => {
                self.comments[comment.0 as usize].standing = Standing::Deleted;
            }
            _ => {}
        }
    }

    fn made(&self, author: u32, at: Moment, submolt: u32, post: u32, parent: Option<u32>) -> Item {
        let counts = self.counts(author);
        let standing = if counts { Standing::Public } else { Standing::Private };
        Item { author, at, standing, gone: false, submolt, post, parent, unseen: 0, counts }
    }

    fn follow(&mut self, agent: u32, whom: u32, at: Moment) {
        if self.follows.insert((agent, whom)) && self.counts(agent) {
            self.notify(whom, agent, at, NoticeKind::Followed);
        }
    }

    fn notify(&mut self, whom: u32, by: u32, at: Moment, kind: NoticeKind) {
        if whom != by {
            let notices = self.notices.entry(whom).or_default();
            notices.push((at, by, kind));
            if notices.len() > 64 {
                notices.remove(0);
            }
        }
    }

    fn cast(&mut self, agent: u32, target: Target, sign: Sign, done: Done) {
        let worth = |sign: Sign| if sign == Sign::Up { 1 } else { -1 };
        let before = self.votes.get(&(agent, target)).map_or(0, |&sign| worth(sign));
        if done == Done::TakenBack {
            self.votes.remove(&(agent, target));
        } else {
            self.votes.insert((agent, target), sign);
        }
        let after = self.votes.get(&(agent, target)).map_or(0, |&sign| worth(sign));
        if self.counts(agent)
            && let Target::Post(post) = target
        {
            self.posts[post.0 as usize].unseen += after - before;
        }
    }

    /// Votes that count, by target, counted anew.
    pub(super) fn tally(&self) -> BTreeMap<Target, Votes> {
        let mut tally: BTreeMap<Target, Votes> = BTreeMap::new();
        for (&(agent, target), sign) in &self.votes {
            if self.counts(agent) {
                let votes = tally.entry(target).or_default();
                match sign {
                    Sign::Up => votes.up += 1,
                    Sign::Down => votes.down += 1,
                }
            }
        }
        tally
    }
}

fn name(about: Body, words: &[Writing]) -> String {
    match about {
        Body::Stated(stance) => format!("topic-{}", stance.item + 1),
        Body::Written(id) => words[id.0 as usize].title.to_string(),
    }
}

fn check(body: Body, words: &[Writing], (title, content): (u32, u32)) -> Result<(), Refusal> {
    let Body::Written(id) = body else {
        return Ok(());
    };
    let writing = &words[id.0 as usize];
    if writing.content.trim().is_empty() || (title > 0 && writing.title.trim().is_empty()) {
        return Err(Refusal::Empty);
    }
    for (text, most) in [(&writing.title, title), (&writing.content, content)] {
        if text.chars().count() > most as usize {
            return Err(Refusal::TooLong { most });
        }
    }
    Ok(())
}
