//! What one surrogate does when it wakes.

use pluriverse_engine::agent::AgentId;
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::platform::action::{Action, CommentSort, Sign, Sort};
use pluriverse_worlds::platform::body::{Body, Stance};
use pluriverse_worlds::platform::ids::{CommentId, Due, Moment, PostId, SubmoltId, Target};
use pluriverse_worlds::platform::posting::Habits;
use pluriverse_worlds::platform::reading::{Known, Read, ReadLog};
use pluriverse_worlds::platform::round::{Impression, Scheduled, Surface};
use pluriverse_worlds::platform::schedule::{PACE, Wake, below};
use pluriverse_worlds::platform::state::{FeedOf, NoticeKind, Platform, Post, Reader};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::Deciding;
use crate::kinds::surrogate::answer::{Statement, option_now};
use crate::kinds::surrogate::drafted::{Drafting, option_drafted};
use crate::kinds::surrogate::model::Mind;
use crate::persona::Persona;

/// Habits as thresholds of 32-bit draws.
#[derive(Clone, Copy, Debug)]
pub struct Odds {
    post: u64,
    comment: u64,
    reply_in_thread: u64,
    reply: u64,
    vote: u64,
    follow: u64,
    subscribe: u64,
    found: u64,
    general: u64,
    imitate: u64,
    read_new: u64,
    delete: u64,
}

impl Odds {
    /// The thresholds of these habits.
    pub fn of(habits: &Habits) -> Self {
        Self {
            post: threshold(habits.post),
            comment: threshold(habits.comment),
            reply_in_thread: threshold(habits.reply_in_thread),
            reply: threshold(habits.reply),
            vote: threshold(habits.vote),
            follow: threshold(habits.follow),
            subscribe: threshold(habits.subscribe),
            found: threshold(habits.found),
            general: threshold(habits.general),
            imitate: threshold(habits.imitate),
            read_new: threshold(habits.read_new),
            delete: threshold(habits.delete),
        }
    }
}

fn threshold(probability: f64) -> u64 {
    (probability.clamp(0.0, 1.0) * 4_294_967_296.0) as u64
}

/// Room for one agent's decisions, and what comes of them.
#[derive(Debug, Default)]
pub struct Scratch {
    /// What was decided.
    pub scheduled: Vec<Scheduled>,
    /// What was shown, where that is written.
    pub impressions: Vec<Impression>,
    reader: Reader,
}

/// Comments on what it wrote that an agent looks at, latest first.
const NOTICES: usize = 8;

/// Items an agent comes back to.
const FAVOURITES: u32 = 8;

/// One agent awake.
struct Session<'a> {
    deciding: &'a Deciding<'a>,
    platform: &'a Platform,
    mind: &'a Mind,
    culture: Culture,
    persona: Persona,
    /// How it comes to what it says, where not at once.
    drafting: Option<Drafting>,
    agent: AgentId,
    rng: ChaCha8Rng,
    at: Moment,
    due: Due,
    reads: &'a mut ReadLog,
    scratch: &'a mut Scratch,
    acted: u32,
    wrote: Wrote,
}

/// Whether an agent has written anything since it woke.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrote {
    Nothing,
    Something,
}

impl Deciding<'_> {
    /// Decides what a surrogate does at a wake, as the platform stands. Whether the agent is a surrogate.
    pub(super) fn wake(&self, platform: &Platform, wake: Wake, reads: &mut ReadLog, scratch: &mut Scratch) {
        let Some((backbone, culture, persona, way)) = self.posters.get(wake.agent) else {
            return;
        };
        let Some(mind) = self.surrogates.0[backbone.index()].as_deref() else {
            return;
        };
        let mut rng = self.act.stream(wake.agent, self.round);
        if wake.ordinal > 0 {
            // Far more words than a wake draws.
            rng.set_word_pos(u128::from(wake.ordinal) << 16);
        }
        let due = Due { at: wake.at, agent: wake.agent, ordinal: wake.ordinal << 12 };
        let (agent, at) = (wake.agent, wake.at);
        let mut session = Session {
            deciding: self,
            platform,
            mind,
            culture,
            persona,
            drafting: Drafting::new(way, || self.drafted.stream(wake.agent, self.round)),
            agent,
            rng,
            at,
            due,
            reads,
            scratch,
            acted: 0,
            wrote: Wrote::Nothing,
        };
        session.go();
    }
}

impl Session<'_> {
    fn go(&mut self) {
        self.read(Action::Home);
        self.look_home();
        self.look_at_posts();
        self.consider_posting();
        if self.chance(self.deciding.odds.delete)
            && let Some(&post) = self.platform.account(self.agent).and_then(|account| account.posts.back())
        {
            self.act(Action::DeleteOwn { target: Target::Post(PostId(post)) });
        }
        if self.wrote == Wrote::Nothing {
            self.schedule(Action::HeartbeatOk, 1);
        }
    }

    fn chance(&mut self, odds: u64) -> bool {
        u64::from(self.rng.next_u32()) < odds
    }

    fn draw(&mut self, n: u32) -> u32 {
        below(self.rng.next_u32(), n)
    }

    /// Schedules so many seconds after what was scheduled last.
    fn schedule(&mut self, action: Action, seconds: u32) {
        self.due = Due { at: self.due.at.later(seconds), agent: self.agent, ordinal: self.due.ordinal + 1 };
        self.scratch.scheduled.push(Scheduled { due: self.due, action });
    }

    fn read(&mut self, action: Action) {
        self.schedule(action, 1);
    }

    /// Schedules what writes, within the budget.
    fn act(&mut self, action: Action) {
        if self.acted == self.deciding.posting.budget.actions {
            return;
        }
        self.acted += 1;
        self.wrote = Wrote::Something;
        // Votes and the like take a moment, words take longer.
        let spoken = matches!(action, Action::CreatePost { .. } | Action::Comment { .. });
        let seconds = if spoken { PACE + self.draw(20) } else { 1 + self.draw(4) };
        self.schedule(action, seconds);
    }

    fn show(&mut self, surface: Surface, rank: u32, shown: Target, author: AgentId) {
        let every = self.deciding.every;
        if every > 0 && self.agent.0.is_multiple_of(every) {
            let (at, viewer) = (self.at, self.agent);
            self.scratch.impressions.push(Impression { at, viewer, surface, rank, shown, author });
        }
    }

    /// Reads comments on what it wrote, and answers some.
    fn look_home(&mut self) {
        let Some(account) = self.platform.account(self.agent) else {
            return;
        };
        if account.notices.is_empty() {
            return;
        }
        for (rank, notice) in (1..).zip(account.notices.iter().rev().take(NOTICES)) {
            let (NoticeKind::OnPost(id) | NoticeKind::OnComment(id)) = notice.kind else {
                continue;
            };
            let Some(comment) = self.platform.comment(id) else {
                continue;
            };
            self.show(Surface::Home, rank, Target::Comment(id), notice.by);
            self.take_in(comment.content.body, 0, notice.by);
            if self.chance(self.deciding.odds.reply) {
                self.comment(comment.post, Some(id), comment.content.body.stance());
            }
        }
        // It costs nothing, as for agents that answer in text.
        self.wrote = Wrote::Something;
        self.schedule(Action::MarkRead { until: self.at }, 1);
    }

    fn look_at_posts(&mut self) {
        let limit = self.deciding.posting.budget.feed.min(100) as u8;
        let mut reader = std::mem::take(&mut self.scratch.reader);
        let (of, sort, surface) = if self.chance(self.deciding.odds.read_new) {
            self.read(Action::GetFeed { sort: Sort::New, limit });
            (FeedOf::Agent(self.agent), Sort::New, Surface::Feed)
        } else {
            self.read(Action::ListPosts { submolt: None, sort: Sort::Hot, limit });
            (FeedOf::Everybody, Sort::Hot, Surface::List)
        };
        let (platform, at) = (self.platform, self.at);
        match &self.deciding.hot {
            Some(hot) if of == FeedOf::Everybody => {
                reader.posts.clear();
                reader.posts.extend_from_slice(hot);
            }
            _ => platform.feed(of, sort, usize::from(limit), at, &mut |n| below(self.rng.next_u32(), n), &mut reader),
        }
        for (rank, &post) in (1..).zip(&reader.posts) {
            let id = PostId(post);
            if let Some(post) = platform.post(id) {
                self.show(surface, rank, Target::Post(id), post.content.author);
                if self.reads.meet(id) == Known::New && post.content.author != self.agent {
                    self.consider(id, post);
                }
            }
        }
        self.scratch.reader = reader;
    }

    /// Reads a post that is new to it, and votes and comments as it likes.
    fn consider(&mut self, id: PostId, post: &Post) {
        let stance = post.content.body.stance();
        self.take_in(post.content.body, post.content.votes.score(), post.content.author);
        let odds = self.deciding.odds;
        if self.chance(odds.vote) {
            let disagreement = stance.map_or(0.5, |stance| self.disagreement(stance));
            let down = threshold(self.deciding.habits().vote_down * disagreement);
            if self.chance(down) {
                self.act(Action::Vote { target: Target::Post(id), sign: Sign::Down });
            } else if self.chance(threshold(1.0 - disagreement)) {
                self.act(Action::Vote { target: Target::Post(id), sign: Sign::Up });
                if self.chance(odds.follow) {
                    self.act(Action::Follow { whom: post.content.author });
                }
                if self.chance(odds.subscribe) {
                    self.act(Action::Subscribe { submolt: post.submolt });
                }
            }
        }
        if self.chance(odds.comment) {
            let other = post.last.filter(|_| self.chance(odds.reply_in_thread));
            if other.is_some() {
                self.read(Action::GetComments { post: id, sort: CommentSort::New, limit: 35 });
            }
            self.comment(id, other, stance);
        }
    }

    /// Keeps a position that is read.
    fn take_in(&mut self, body: Body, score: i32, author: AgentId) {
        let (Some(Stance { item, option, .. }), true) = (body.stance(), self.deciding.window > 0) else {
            return;
        };
        let karma = self.platform.account(author).map_or(0, |account| account.karma);
        let proof = self.deciding.proof;
        let weight = (1.0 + proof.votes * log2_of(score) + proof.karma * log2_of(karma)).clamp(0.0, 15.0);
        let read = Read { item, option, weight: (weight * 16.0) as u8, round: self.deciding.round };
        self.reads.keep(read, self.deciding.window);
    }

    /// How far a position lies from the agent's own last answer, from 0 to 1; a half where it has none.
    fn disagreement(&self, stance: Stance) -> f64 {
        let item = usize::from(stance.item);
        let span = f64::from(self.mind.spans[item]);
        match self.deciding.answers.row(self.agent)[item].narrow() {
            Some(own) if span > 0.0 => (f64::from(own - i32::from(stance.option)).abs() / span).min(1.0),
            _ => 0.5,
        }
    }

    /// Its own stance on an item, now.
    fn stance(&mut self, item: u16) -> Stance {
        let mut person = self.deciding.person.stream(self.agent, 0);
        person.set_word_pos(u128::from(item / 2));
        let bits = person.next_u32() >> (16 * u32::from(item % 2));
        let request = self.rng.next_u32();
        let statement = Statement {
            agent: self.agent,
            round: self.deciding.round,
            person: bits as u16,
            request,
            asked_before: self.deciding.asked_before,
            read: self.reads.on(item, self.deciding.round, self.deciding.window),
            stance: self.persona_on(item),
        };
        let item_place = usize::from(item);
        let option = match &mut self.drafting {
            Some(drafting) => option_drafted(self.mind, self.culture, item_place, &statement, drafting),
            None => option_now(self.mind, self.culture, item_place, &statement, &self.deciding.panel),
        };
        // Bits of the draw that chose nothing yet.
        Stance { item, option, wording: (request >> 16) as u16 }
    }

    /// Where its persona stands on an item, where it says.
    fn persona_on(&self, item: u16) -> Option<f32> {
        let stances = self.deciding.personas.stance(self.persona);
        let place = stances.binary_search_by_key(&item, |&(place, _)| place).ok()?;
        Some(stances[place].1)
    }

    fn comment(&mut self, post: PostId, parent: Option<CommentId>, on: Option<Stance>) {
        let item = on.map_or_else(|| self.topic(), |stance| stance.item);
        let body = Body::Stated(self.stance(item));
        self.act(Action::Comment { post, parent, body });
    }

    /// An item to speak about: one it comes back to, as a rule.
    fn topic(&mut self) -> u16 {
        let items = self.mind.spans.len() as u32;
        let drawn = self.rng.next_u32();
        if drawn % 10 < 7 {
            let favourite = (drawn >> 8) % FAVOURITES;
            let mixed = (self.agent.0 * FAVOURITES + favourite).wrapping_mul(0x9E37_79B1);
            (below(mixed, items)) as u16
        } else {
            self.draw(items) as u16
        }
    }

    fn consider_posting(&mut self) {
        let odds = self.deciding.odds;
        if !self.chance(odds.post) {
            return;
        }
        let item = self.topic();
        let stance = self.stance(item);
        if self.chance(odds.found) {
            self.act(Action::CreateSubmolt { about: Body::Stated(stance) });
        }
        let submolt = self.place();
        self.act(Action::CreatePost { submolt, body: Body::Stated(stance) });
    }

    /// Where it posts.
    fn place(&mut self) -> SubmoltId {
        let odds = self.deciding.odds;
        if self.chance(odds.general) {
            return SubmoltId(0);
        }
        let read = self.scratch.reader.posts.len() as u32;
        if read > 0 && self.chance(odds.imitate) {
            let place = self.draw(read) as usize;
            let post = PostId(self.scratch.reader.posts[place]);
            if let Some(post) = self.platform.post(post) {
                return post.submolt;
            }
        }
        let subscribed = self.platform.account(self.agent).map_or(&[][..], |account| &account.subscribed);
        let place = self.draw(subscribed.len().max(1) as u32) as usize;
        subscribed.get(place).map_or(SubmoltId(0), |&submolt| SubmoltId(submolt))
    }
}

/// log₂(1 + x) for what is above 0, else 0.
fn log2_of(count: i32) -> f64 {
    if count > 0 { libm::log2(f64::from(count) + 1.0) } else { 0.0 }
}
