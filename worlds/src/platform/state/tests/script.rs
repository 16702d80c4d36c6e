//! Random histories: agents and guests that do everything there is to do, sensibly and otherwise, over virtual time.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::platform::action::{Action, CommentSort, Sign, Sort};
use crate::platform::body::{Body, Link, Stance, Writing, Writings};
use crate::platform::ids::{CommentId, Due, Moment, PostId, SubmoltId, Target};
use crate::platform::round::{Entry, History, Scheduled};
use crate::platform::rules::{LONGEST_COMMENT, LONGEST_TITLE, Rules};
use crate::platform::schedule::below;
use crate::platform::state::Platform;

/// Agents of the society.
pub(super) const MEMBERS: u32 = 24;

/// Guests there are in the end.
const GUESTS: usize = 6;

/// Seconds after which what is old may leave, and guests may come.
const ROUND: u32 = 1_800;

/// What happens between two entries: a round begins.
#[derive(Clone, Copy)]
pub(super) struct Begin {
    /// Before which entry.
    pub(super) entry: usize,
    /// When.
    pub(super) at: Moment,
    /// How many guests open an account.
    pub(super) joins: u32,
}

/// An agent doing one kind of thing many times over.
struct Burst {
    agent: AgentId,
    kind: u32,
    left: u32,
}

/// A history as it comes about.
pub(super) struct Play {
    pub(super) platform: Platform,
    pub(super) history: History,
    pub(super) begins: Vec<Begin>,
    /// All words ever written, by id.
    pub(super) words: Vec<Writing>,
    rng: ChaCha8Rng,
    now: Moment,
    burst: Option<Burst>,
}

impl Play {
    pub(super) fn new(rules: Rules, seed: u64) -> Self {
        Self {
            platform: Platform::new(rules, MEMBERS),
            history: History::default(),
            begins: Vec::new(),
            words: Vec::new(),
            rng: ChaCha8Rng::seed_from_u64(seed),
            now: Moment(0),
            burst: None,
        }
    }

    pub(super) fn below(&mut self, n: u32) -> u32 {
        below(self.rng.next_u32(), n)
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// A round may begin, and somebody does something.
    pub(super) fn step(&mut self) -> Entry {
        self.pass_time();
        if self.now.since(self.begins.last().map_or(Moment(0), |begin| begin.at)) >= ROUND {
            let guests = self.platform.accounts().len() - MEMBERS as usize;
            let joins = if guests < GUESTS { self.below(2) } else { 0 };
            self.begin(joins);
        }
        let accounts = self.platform.accounts().len() as u32;
        let burst = self.burst.as_ref().map(|burst| (burst.agent, burst.kind));
        let (agent, kind) = match burst {
            Some(burst) => burst,
            // Now and then somebody without an account.
            None => (AgentId(self.below(accounts * 100 + 1) / 100), self.below(100)),
        };
        let action = self.action(agent, kind);
        let due = Due { at: self.now, agent, ordinal: self.history.entries.len() as u32 };
        let _ = self.history.carry_out(&mut self.platform, &Scheduled { due, action });
        self.history.entries[self.history.entries.len() - 1]
    }

    fn begin(&mut self, joins: u32) {
        self.begins.push(Begin { entry: self.history.entries.len(), at: self.now, joins });
        begin(&mut self.platform, self.now, joins);
    }

    fn pass_time(&mut self) {
        let seconds = match (&mut self.burst, self.rng.next_u32() % 100) {
            (Some(burst), chance) => {
                burst.left -= 1;
                if burst.left == 0 {
                    self.burst = None;
                }
                u32::from(chance < 8)
            }
            (None, 0..50) => 0,
            (None, 50..75) => self.below(30),
            (None, 75..95) => 30 + self.below(90),
            (None, 95..99) => 300 + self.below(1_500),
            (None, _) => 3_600 + self.below(14_400),
        };
        self.now = self.now.later(seconds);
        if self.burst.is_none() && self.below(300) == 0 {
            let agent = AgentId(self.below(MEMBERS));
            let kind = [5, 30, 99][self.below(3) as usize];
            let left = if self.chance(25) { 560 } else { 120 };
            self.burst = Some(Burst { agent, kind, left });
        }
    }

    fn action(&mut self, agent: AgentId, kind: u32) -> Action {
        match kind {
            0..18 => Action::CreatePost { submolt: self.submolt(), body: self.body(LONGEST_TITLE, "title") },
            18..48 => self.comment(),
            48..72 => self.vote(agent),
            72..77 => Action::Follow { whom: self.whom() },
            77..79 => Action::Unfollow { whom: self.whom() },
            79..82 => Action::Subscribe { submolt: self.submolt() },
            82..84 => Action::Unsubscribe { submolt: self.submolt() },
            84..85 => self.found(),
            85..87 => Action::MarkRead { until: Moment(self.now.0.saturating_sub(self.below(5_000))) },
            87..91 => Action::DeleteOwn { target: self.own(agent) },
            91..92 => {
                let content = if self.chance(20) { "x".repeat(1_001) } else { "about me".into() };
                Action::UpdateProfile { about: self.keep("", &content) }
            }
            92..93 => Action::HeartbeatOk,
            93..94 => Action::Home,
            94..95 => Action::GetFeed { sort: Sort::Hot, limit: 15 },
            95..96 => Action::ListPosts { submolt: Some(self.submolt()), sort: Sort::New, limit: 15 },
            96..97 => Action::GetPost { post: self.post() },
            97..98 => Action::GetComments { post: self.post(), sort: CommentSort::Top, limit: 15 },
            98..99 => Action::Search { query: self.keep("", "words"), limit: 15 },
            _ => Action::ListPosts { submolt: None, sort: Sort::Top, limit: 15 },
        }
    }

    fn comment(&mut self) -> Action {
        let parent = if self.chance(70) { Some(self.parent()) } else { None };
        let under = parent.and_then(|parent| self.platform.comment(parent)).map(|comment| comment.post);
        let post = match under {
            Some(post) if self.chance(95) => post,
            _ => self.post(),
        };
        Action::Comment { post, parent, body: self.body(0, "") }
    }

    fn vote(&mut self, agent: AgentId) -> Action {
        let cast: Vec<Target> = self
            .platform
            .account(agent)
            .map_or(Vec::new(), |account| account.cast().map(|(target, _)| target).collect());
        let target = match self.below(10) {
            0..3 if !cast.is_empty() => cast[self.below(cast.len() as u32) as usize],
            3 => self.own(agent),
            4..7 => Target::Comment(self.recent_comment()),
            _ => Target::Post(self.post()),
        };
        Action::Vote { target, sign: if self.chance(70) { Sign::Up } else { Sign::Down } }
    }

    fn found(&mut self) -> Action {
        let number = self.below(40);
        let about = match self.below(6) {
            0 => Body::Stated(Stance { item: number as u16, option: 1, wording: 0 }),
            1 => Body::Written(self.keep("Not A Name", "")),
            2 => Body::Written(self.keep(&format!("too-long-{number}"), &"d".repeat(1_001))),
            _ => Body::Written(self.keep(&format!("place-{number}"), "somewhere")),
        };
        Action::CreateSubmolt { about }
    }

    fn whom(&mut self) -> AgentId {
        AgentId(self.below(self.platform.accounts().len() as u32 + 1))
    }

    fn submolt(&mut self) -> SubmoltId {
        SubmoltId(self.below(self.platform.submolts().len() as u32 + 1))
    }

    /// A post: a young one as a rule, sometimes one that has left or never was.
    fn post(&mut self) -> PostId {
        let young = 1 + self.below(12);
        let last = self.platform.posts().next_back().map(|(id, _)| id.0);
        match (last, self.below(20)) {
            (Some(last), 0) => PostId(self.below(last + 3)),
            (Some(last), _) => PostId((last + 1).saturating_sub(young)),
            (None, _) => PostId(0),
        }
    }

    fn recent_comment(&mut self) -> CommentId {
        let young = 1 + self.below(15);
        let last = self.platform.comments().next_back().map(|(id, _)| id.0);
        match (last, self.below(20)) {
            (Some(last), 0) => CommentId(self.below(last + 3)),
            (Some(last), _) => CommentId((last + 1).saturating_sub(young)),
            (None, _) => CommentId(0),
        }
    }

    /// A comment to reply to: often the deepest of the young ones, so that threads grow as deep as they can.
    fn parent(&mut self) -> CommentId {
        let young = self.platform.comments().rev().take(20);
        let deepest = young.max_by_key(|(_, comment)| comment.depth).map(|(id, _)| id);
        match deepest {
            Some(id) if self.chance(60) => id,
            _ => self.recent_comment(),
        }
    }

    /// Something an agent wrote, where it wrote anything of late.
    fn own(&mut self, agent: AgentId) -> Target {
        let post = self.platform.account(agent).and_then(|account| account.posts.back().copied());
        let comment = {
            let mut young = self.platform.comments().rev().take(60);
            young.find(|(_, comment)| comment.content.author == agent).map(|(id, _)| id)
        };
        match (post, comment, self.below(5)) {
            (_, Some(comment), 0..2) => Target::Comment(comment),
            (Some(post), _, 0..4) => Target::Post(PostId(post)),
            (_, _, 0..3) => Target::Comment(self.recent_comment()),
            _ => Target::Post(self.post()),
        }
    }

    fn body(&mut self, longest_title: u32, title: &str) -> Body {
        let most = longest_title as usize;
        match self.below(40) {
            0 => Body::Written(self.keep(title, " ")),
            1 => Body::Written(self.keep(&"t".repeat(most + 1), "words")),
            2 if longest_title == 0 => Body::Written(self.keep(title, &"c".repeat(LONGEST_COMMENT as usize + 1))),
            2..20 => Body::Written(self.keep(title, "some words")),
            _ => Body::Stated(Stance { item: self.below(200) as u16, option: 1, wording: 0 }),
        }
    }

    fn keep(&mut self, title: &str, content: &str) -> crate::platform::body::WritingId {
        let writing = Writing { title: Arc::from(title), content: Arc::from(content), link: Link::No };
        self.words.push(writing.clone());
        self.platform.writings.keep(writing)
    }

    /// All words, as a platform has to hold them on which the history is to happen again.
    pub(super) fn all_words(&self) -> Writings {
        let mut writings = Writings::default();
        for writing in &self.words {
            writings.keep(writing.clone());
        }
        writings
    }
}

/// A round begins on a platform.
pub(super) fn begin(platform: &mut Platform, at: Moment, joins: u32) {
    platform.pass_to(at);
    platform.let_go();
    for _ in 0..joins {
        platform.join();
    }
}
