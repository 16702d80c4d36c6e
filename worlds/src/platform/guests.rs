//! Guests: what agents of another run did on their platform, done again for a placebo to be read.

use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use pluriverse_engine::agent::AgentId;

use super::action::{Action, Done, Sign};
use super::body::{Body, Writing};
use super::ids::{CommentId, Moment, PostId, Target};
use super::rules::Rules;
use super::limits::LimitProfile;
use super::state::Platform;

/// What guests did, in order.
#[derive(Resource, Clone, PartialEq, Debug)]
pub struct Guests(pub Arc<Vec<GuestAct>>);

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
    /// Has guests do what they did before a moment. They did it under the limits of their own platform.
    pub fn act_until(&self, end: Moment, platform: &mut Platform, admitted: &mut Admitted) {
        let rules = *platform.rules();
        platform.set_rules(Rules { limits: LimitProfile::Off, ..rules });
        while let Some(act) = self.0.get(admitted.next).filter(|act| act.at < end) {
            admitted.next += 1;
            let guest = admitted.account(act.guest, platform);
            admitted.do_again(guest, &act.deed, platform);
        }
        platform.set_rules(rules);
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
