//! What an agent carries from one tick to the next: bounded by its policy, and shown to it before it is asked again.

use std::collections::VecDeque;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_worlds::exposure::ShownAnswer;
use pluriverse_worlds::exposure::design::MemoryPolicy;

/// What an agent remembers of one item in one round.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RememberedItem {
    /// The option it chose, from 1, in the survey's order; `None` where it gave no answer.
    pub own: Option<i32>,
    /// What it was shown before it did; empty where its policy keeps its own answers only.
    pub shown: Vec<ShownAnswer>,
}

/// What an agent remembers of one round.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RememberedRound {
    /// The round; 0 is before any exposure.
    pub round: u32,
    /// By item.
    pub items: Vec<RememberedItem>,
}

/// The memory of an agent: the last rounds, as many as its policy keeps. Agents that answer in text read it; surrogates
/// and recordings do not.
#[derive(Component, Clone, PartialEq, Eq, Debug, Default)]
pub struct Memory {
    policy: MemoryPolicy,
    rounds: VecDeque<Arc<RememberedRound>>,
}

impl Memory {
    /// An empty memory under a policy.
    pub fn new(policy: MemoryPolicy) -> Self {
        Self { policy, rounds: VecDeque::with_capacity(policy.window()) }
    }

    /// What is kept.
    pub fn policy(&self) -> MemoryPolicy {
        self.policy
    }

    /// Whether anything is remembered.
    pub fn is_empty(&self) -> bool {
        self.rounds.is_empty()
    }

    /// Keeps a round, and forgets the oldest one where the window is full.
    pub fn keep(&mut self, mut round: RememberedRound) {
        let window = self.policy.window();
        if window == 0 {
            return;
        }
        if let MemoryPolicy::Own(_) = self.policy {
            for item in &mut round.items {
                item.shown = Vec::new();
            }
        }
        while self.rounds.len() >= window {
            self.rounds.pop_front();
        }
        self.rounds.push_back(Arc::new(round));
    }

    /// The rounds, oldest first.
    pub fn rounds(&self) -> impl Iterator<Item = &Arc<RememberedRound>> {
        self.rounds.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_more_is_kept_than_the_policy_says(window in 0_u32..5, rounds in 0_u32..1200, kind in 0_u8..3) {
            let policy = match kind {
                0 => MemoryPolicy::None,
                1 => MemoryPolicy::Own(window),
                _ => MemoryPolicy::Seen(window),
            };
            let mut memory = Memory::new(policy);
            let shown = vec![ShownAnswer { culture: None, answer: 1, written: None }];
            for round in 0..rounds {
                let item = RememberedItem { own: Some(1), shown: shown.clone() };
                memory.keep(RememberedRound { round, items: vec![item] });
            }
            let kept: Vec<u32> = memory.rounds().map(|round| round.round).collect();
            let first = rounds.saturating_sub(policy.window() as u32);
            prop_assert_eq!(kept, (first..rounds).collect::<Vec<_>>());
            let seen = memory.rounds().all(|round| round.items[0].shown.is_empty() == (kind < 2));
            prop_assert!(seen || memory.is_empty());
        }
    }
}
