//! A round of virtual time: who wakes in it, what was decided and is still to be done, and what was done.

use std::collections::BinaryHeap;

use bevy_ecs::prelude::Resource;
use pluriverse_engine::agent::AgentId;
use rayon::prelude::*;

use super::action::{Action, Done, Refusal};
use super::ids::{Due, Moment, Target};
use super::schedule::Wake;
use super::state::Platform;

/// The round being lived through.
#[derive(Resource, Clone, PartialEq, Eq, Debug, Default)]
pub struct Round {
    /// Which round of its phase it is, from 1.
    pub number: u32,
    /// When it begins.
    pub from: Moment,
    /// When it ends.
    pub to: Moment,
    /// Who wakes in it, in the order of time.
    pub wakes: Vec<Wake>,
    /// How many of them have begun.
    pub begun: usize,
}

/// An action that was decided, and when it is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scheduled {
    /// When, and by whom.
    pub due: Due,
    /// What.
    pub action: Action,
}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scheduled {
    /// What is due earlier is greater, as a heap wants it.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.due.cmp(&self.due)
    }
}

/// What was decided and is not yet done.
#[derive(Resource, Clone, Debug, Default)]
pub struct Pending {
    /// Decided in this round, in any order.
    pub fresh: Vec<Scheduled>,
    heap: BinaryHeap<Scheduled>,
}

impl Pending {
    /// Takes what is due first, where it is due before a moment.
    pub fn next_before(&mut self, end: Due) -> Option<Scheduled> {
        self.heap.extend(self.fresh.drain(..));
        if self.heap.peek().is_some_and(|next| next.due < end) { self.heap.pop() } else { None }
    }

    /// Takes everything that is due before a moment, in order.
    pub fn all_before(&mut self, end: Moment) -> Vec<Scheduled> {
        let mut due = std::mem::take(&mut self.heap).into_vec();
        due.append(&mut self.fresh);
        let first = due_first(&mut due, end);
        let later = due.split_off(first);
        due.par_sort_unstable_by_key(|scheduled| scheduled.due);
        self.heap.extend(later);
        due
    }

    /// How much is still to be done.
    pub fn len(&self) -> usize {
        self.heap.len() + self.fresh.len()
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Puts what is due before a moment first; how many there are.
fn due_first(scheduled: &mut [Scheduled], end: Moment) -> usize {
    let mut first = 0;
    for place in 0..scheduled.len() {
        if scheduled[place].due.at < end {
            scheduled.swap(first, place);
            first += 1;
        }
    }
    first
}

/// Something an agent did or was refused.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Entry {
    /// When, by whom, and which of its actions.
    pub due: Due,
    /// What.
    pub action: Action,
    /// What came of it.
    pub result: Result<Done, Refusal>,
}

/// Something an agent was shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Impression {
    /// When.
    pub at: Moment,
    /// Who.
    pub viewer: AgentId,
    /// Where.
    pub surface: Surface,
    /// In which place, from 1.
    pub rank: u32,
    /// What.
    pub shown: Target,
    /// By whom it was written.
    pub author: AgentId,
}

/// Where something is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Surface {
    /// Among what happened to the agent.
    Home,
    /// In its feed.
    Feed,
    /// In a list of posts, of one community or all.
    List,
    /// Under a post.
    Thread,
    /// Among what was searched for.
    Search,
}

impl Surface {
    /// The name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Feed => "feed",
            Self::List => "list",
            Self::Thread => "thread",
            Self::Search => "search",
        }
    }
}

/// What happened in the round, in order. Emptied when it is recorded.
#[derive(Resource, Clone, Debug, Default)]
pub struct History {
    /// What was done and refused.
    pub entries: Vec<Entry>,
    /// What was shown, where that is written.
    pub impressions: Vec<Impression>,
}

impl History {
    /// Does what is due, and notes what comes of it.
    pub fn carry_out(&mut self, platform: &mut Platform, scheduled: &Scheduled) -> Result<Done, Refusal> {
        platform.pass_to(scheduled.due.at);
        let result = platform.act(scheduled.due.agent, &scheduled.action);
        self.entries.push(Entry { due: scheduled.due, action: scheduled.action, result });
        result
    }
}

/// Does again what a history says, on a platform as it was before: the same comes of it. Words are taken from
/// `platform.writings`, which has to be as it was.
pub fn replay(platform: &mut Platform, entries: &[Entry]) -> bool {
    let mut again = History::default();
    entries.iter().all(|entry| {
        let scheduled = Scheduled { due: entry.due, action: entry.action };
        again.carry_out(platform, &scheduled) == entry.result
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scheduled(at: u32, agent: u32, ordinal: u32) -> Scheduled {
        let due = Due { at: Moment(at), agent: AgentId(agent), ordinal };
        Scheduled { due, action: Action::HeartbeatOk }
    }

    /// Dues without two of the same: the ordinal, from `first` on, says which of them it is.
    fn dues(first: u32) -> impl Strategy<Value = Vec<Scheduled>> {
        proptest::collection::vec((0..40_u32, 0..4_u32), 0..60).prop_map(move |dues| {
            (first..).zip(dues).map(|(ordinal, (at, agent))| scheduled(at, agent, ordinal)).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_pending_is_done_in_order_however_it_is_taken(first in dues(0), second in dues(60), cut in 0..40_u32) {
            let mut all: Vec<Scheduled> = first.iter().chain(&second).copied().collect();
            all.sort_by_key(|scheduled| (scheduled.due.at, scheduled.due.agent, scheduled.due.ordinal));
            let (mut at_once, mut singly) = (Pending::default(), Pending::default());
            for pending in [&mut at_once, &mut singly] {
                pending.fresh.extend(first.iter().copied());
            }
            let early: Vec<Scheduled> = first.iter().copied().filter(|scheduled| scheduled.due.at.0 < cut).collect();
            prop_assert_eq!(at_once.all_before(Moment(cut)).len(), early.len());
            // What is decided late, and due before what was done already, is done next all the same.
            at_once.fresh.extend(second.iter().copied());
            let mut rest = all.clone();
            rest.retain(|scheduled| !early.contains(scheduled));
            prop_assert_eq!(at_once.len(), rest.len());
            prop_assert_eq!(at_once.all_before(Moment(1_000)), rest);
            prop_assert!(at_once.is_empty());

            singly.fresh.extend(second.iter().copied());
            let end = scheduled(1_000, 0, 0).due;
            let taken: Vec<Scheduled> = std::iter::from_fn(|| singly.next_before(end)).collect();
            prop_assert_eq!(taken, all);
        }
    }

    #[test]
    fn what_is_due_at_the_end_or_behind_it_stays() {
        let fresh = vec![scheduled(5, 1, 0), scheduled(5, 0, 1), scheduled(6, 0, 0)];
        let mut pending = Pending { fresh, ..Pending::default() };
        assert_eq!(pending.next_before(scheduled(5, 0, 1).due), None);
        assert_eq!(pending.next_before(scheduled(5, 0, 2).due), Some(scheduled(5, 0, 1)));
        assert_eq!(pending.all_before(Moment(5)), []);
        assert_eq!(pending.all_before(Moment(6)), [scheduled(5, 1, 0)]);
        assert_eq!(pending.len(), 1);
    }
}
