//! Guests: who is on a platform without being of the society. What they do is known beforehand: that of agents of another
//! run, of strangers for a placebo, or of published data a platform is seeded with.

use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{Purpose, Streams};
use rand_chacha::rand_core::Rng;

use super::action::{Action, Done, Sign};
use super::body::{Body, Stance, Writing};
use super::ids::{CommentId, Moment, PostId, Target};
use super::limits::LimitProfile;
use super::posting::Posting;
use super::rules::{FEATURED, Rules};
use super::schedule::{Heartbeats, below};
use super::state::Platform;
use crate::culture::Culture;

/// Streams of what strangers say.
const STRANGERS: Purpose = Purpose("platform.strangers");

/// What guests do, in the order of time, and who they are.
#[derive(Resource, Clone, PartialEq, Debug, Default)]
pub struct Guests {
    /// What they do.
    pub acts: Arc<Vec<GuestAct>>,
    /// Their cultures, by number; of some nothing is known.
    pub cultures: Arc<Vec<Option<Culture>>>,
}

/// Something a guest did.
#[derive(Clone, PartialEq, Debug)]
pub struct GuestAct {
    /// When.
    pub at: Moment,
    /// Who, by number in the other run.
    pub guest: u32,
    /// What.
    pub deed: Deed,
}

/// What a guest did. Posts and comments are named by the numbers they had in the other run.
#[derive(Clone, PartialEq, Debug)]
pub enum Deed {
    /// Wrote a post.
    Post {
        /// Its number.
        number: u32,
        /// Name of its community.
        submolt: Arc<str>,
        /// What it says.
        says: Says,
    },
    /// Wrote a comment.
    Comment {
        /// Its number.
        number: u32,
        /// The post it lies under.
        post: u32,
        /// The comment it replies to.
        parent: Option<u32>,
        /// What it says.
        says: Says,
    },
    /// Voted.
    Vote {
        /// On what.
        target: Target,
        /// Up or down.
        sign: Sign,
    },
}

/// What a guest said.
#[derive(Clone, PartialEq, Debug)]
pub enum Says {
    /// A position.
    Position(super::body::Stance),
    /// Words.
    Words(Writing),
}

/// How far guests have been admitted, and under which numbers they and what they wrote go here.
#[derive(Resource, Clone, PartialEq, Debug, Default)]
pub struct Admitted {
    next: usize,
    accounts: Vec<Option<AgentId>>,
    posts: Vec<Option<PostId>>,
    comments: Vec<Option<CommentId>>,
}

impl Guests {
    /// Strangers for a placebo: one for each agent of the society, of the same culture and waking as often by the same
    /// design, whose posts take positions drawn evenly from the options of items drawn evenly. They do nothing else.
    /// `options` says how many options each item has.
    pub fn strangers(
        posting: &Posting,
        cultures: &[Culture],
        options: &[u32],
        until: Moment,
        streams: &Streams,
    ) -> Self {
        let heartbeats = Heartbeats::draw(&posting.heartbeat, cultures.len() as u32, streams);
        let says = streams.of(STRANGERS);
        // Streams of their own, so that strangers do not wake with the agents they stand for.
        let wakes = streams.of_arm("strangers");
        let odds = (posting.habits.post * 4_294_967_296.0) as u64;
        let mut acts = Vec::new();
        for (slice, from) in (0..).zip((0..until.0).step_by(posting.round as usize)) {
            let tick = u32::MAX - slice;
            for wake in heartbeats.wakes(Moment(from), Moment(from).later(posting.round), &wakes) {
                let mut rng = says.stream(wake.agent, tick);
                rng.set_word_pos(u128::from(wake.ordinal) << 4);
                if u64::from(rng.next_u32()) >= odds {
                    continue;
                }
                let item = below(rng.next_u32(), options.len() as u32);
                let option = 1 + below(rng.next_u32(), options[item as usize]);
                let stance = Stance { item: item as u16, option: option as u8, wording: rng.next_u32() as u16 };
                let deed = Deed::Post {
                    number: acts.len() as u32,
                    submolt: Arc::from(FEATURED[0].0),
                    says: Says::Position(stance),
                };
                acts.push(GuestAct { at: wake.at, guest: wake.agent.0, deed });
            }
        }
        Self { acts: Arc::new(acts), cultures: Arc::new(cultures.iter().copied().map(Some).collect()) }
    }

    /// These guests and others, in the order of time; what happens at one moment stays in this order.
    #[must_use]
    pub fn and(&self, others: &Self) -> Self {
        let number = |deed: &Deed| match deed {
            Deed::Post { number, .. } | Deed::Comment { number, .. } => number + 1,
            Deed::Vote { .. } => 0,
        };
        let after = self.acts.iter().map(|act| number(&act.deed)).max().unwrap_or_default();
        let first = self.cultures.len() as u32;
        let moved = others.acts.iter().map(|act| GuestAct { guest: act.guest + first, ..act.moved_by(after) });
        let mut acts: Vec<GuestAct> = self.acts.iter().cloned().chain(moved).collect();
        acts.sort_by_key(|act| act.at);
        let cultures = self.cultures.iter().chain(&*others.cultures).copied().collect();
        Self { acts: Arc::new(acts), cultures: Arc::new(cultures) }
    }

    /// Their cultures in the order in which they are admitted; of whom nothing is known, the one given.
    pub fn cultures_as_admitted(&self, unknown: Culture) -> Vec<Culture> {
        let mut met = vec![false; self.cultures.len()];
        let mut admitted = Vec::new();
        for act in &*self.acts {
            let guest = act.guest as usize;
            if !std::mem::replace(&mut met[guest], true) {
                admitted.push(self.cultures[guest].unwrap_or(unknown));
            }
        }
        admitted
    }

    /// Has guests do what they do up to a moment and at it. They do it under no limits: their own platform set those.
    pub fn act_until(&self, end: Moment, platform: &mut Platform, admitted: &mut Admitted) {
        let rules = *platform.rules();
        platform.set_rules(Rules { limits: LimitProfile::Off, ..rules });
        while let Some(act) = self.acts.get(admitted.next).filter(|act| act.at <= end) {
            admitted.next += 1;
            platform.pass_to(act.at);
            let guest = admitted.account(act.guest, platform);
            admitted.do_again(guest, &act.deed, platform);
        }
        platform.set_rules(rules);
    }
}

impl GuestAct {
    /// The same with numbers of posts and comments moved up.
    fn moved_by(&self, by: u32) -> Self {
        let mut moved = self.clone();
        match &mut moved.deed {
            Deed::Post { number, .. } => *number += by,
            Deed::Comment { number, post, parent, .. } => {
                *number += by;
                *post += by;
                if let Some(parent) = parent {
                    *parent += by;
                }
            }
            Deed::Vote { target, .. } => match target {
                Target::Post(post) => post.0 += by,
                Target::Comment(comment) => comment.0 += by,
            },
        }
        moved
    }
}

impl Admitted {
    fn account(&mut self, guest: u32, platform: &mut Platform) -> AgentId {
        *slot(&mut self.accounts, guest).get_or_insert_with(|| platform.join())
    }

    fn do_again(&mut self, guest: AgentId, deed: &Deed, platform: &mut Platform) {
        let action = match deed {
            Deed::Post { submolt, says, .. } => {
                let submolt = platform.found(submolt.clone(), Arc::from(""), None);
                Some(Action::CreatePost { submolt, body: body(says, platform) })
            }
            Deed::Comment { post, parent, says, .. } => {
                let known = parent.map(|parent| known(&self.comments, parent));
                match (known_post(&self.posts, *post), known) {
                    (Some(post), None) => Some(Action::Comment { post, parent: None, body: body(says, platform) }),
                    (Some(post), Some(Some(parent))) => {
                        Some(Action::Comment { post, parent: Some(parent), body: body(says, platform) })
                    }
                    _ => None,
                }
            }
            Deed::Vote { target, sign } => {
                let target = match target {
                    Target::Post(post) => known_post(&self.posts, post.0).map(Target::Post),
                    Target::Comment(comment) => known(&self.comments, comment.0).map(Target::Comment),
                };
                target.map(|target| Action::Vote { target, sign: *sign })
            }
        };
        // What was on a platform that let things go earlier can be gone here.
        match (action.map(|action| platform.act(guest, &action)), deed) {
            (Some(Ok(Done::Posted(post))), Deed::Post { number, .. }) => *slot(&mut self.posts, *number) = Some(post),
            (Some(Ok(Done::Commented(comment))), Deed::Comment { number, .. }) => {
                *slot(&mut self.comments, *number) = Some(comment);
            }
            _ => {}
        }
    }

    /// Which guest of the other run an account belongs to.
    pub fn guest_of(&self, account: AgentId) -> Option<u32> {
        self.accounts.iter().position(|known| *known == Some(account)).map(|place| place as u32)
    }
}

fn body(says: &Says, platform: &mut Platform) -> Body {
    match says {
        Says::Position(stance) => Body::Stated(*stance),
        Says::Words(writing) => Body::Written(platform.writings.keep(writing.clone())),
    }
}

fn slot<T: Clone>(list: &mut Vec<Option<T>>, place: u32) -> &mut Option<T> {
    let place = place as usize;
    if list.len() <= place {
        list.resize(place + 1, None);
    }
    &mut list[place]
}

fn known(list: &[Option<CommentId>], number: u32) -> Option<CommentId> {
    list.get(number as usize).copied().flatten()
}

fn known_post(list: &[Option<PostId>], number: u32) -> Option<PostId> {
    list.get(number as usize).copied().flatten()
}
