//! What agents without words keep of what they read: positions, for as long as their memory reaches.

use std::collections::VecDeque;

use bevy_ecs::prelude::Resource;

use super::ids::PostId;

/// Posts an agent knows it has read: so many, the oldest giving way.
const KNOWN: usize = 64;

/// A position that was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Read {
    /// On which item.
    pub item: u16,
    /// Which option.
    pub option: u8,
    /// How much it weighs, in sixteenths.
    pub weight: u8,
    /// In which round.
    pub round: u32,
}

/// What one agent read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadLog {
    known: [u32; KNOWN],
    next: u8,
    reads: VecDeque<Read>,
}

impl Default for ReadLog {
    fn default() -> Self {
        Self { known: [u32::MAX; KNOWN], next: 0, reads: VecDeque::new() }
    }
}

/// Whether a post was read before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// It is new to the agent.
    New,
    /// It is among those read last.
    Read,
}

impl ReadLog {
    /// Notes that a post is read, and whether it was before.
    pub fn meet(&mut self, post: PostId) -> Known {
        // No branch in the loop: it runs fifteen times a wake.
        if self.known.iter().fold(false, |found, &known| found | (known == post.0)) {
            return Known::Read;
        }
        self.known[usize::from(self.next)] = post.0;
        self.next = (self.next + 1) % KNOWN as u8;
        Known::New
    }

    /// Keeps a position, where memory reaches over so many rounds, and forgets what lies further back.
    pub fn keep(&mut self, read: Read, window: u32) {
        if window == 0 {
            return;
        }
        while self.reads.front().is_some_and(|oldest| oldest.round + window <= read.round) {
            self.reads.pop_front();
        }
        self.reads.push_back(read);
    }

    /// The positions within a window of rounds that ends with this one.
    pub fn within(&self, round: u32, window: u32) -> impl Iterator<Item = &Read> {
        self.reads.iter().filter(move |read| read.round + window > round)
    }

    /// Weighted sum of the options read on an item, and the sum of the weights.
    pub fn on(&self, item: u16, round: u32, window: u32) -> (f64, f64) {
        let (mut sum, mut weights) = (0_u32, 0_u32);
        for read in self.within(round, window).filter(|read| read.item == item) {
            sum += u32::from(read.option) * u32::from(read.weight);
            weights += u32::from(read.weight);
        }
        (f64::from(sum) / 16.0, f64::from(weights) / 16.0)
    }
}

/// What agents read, by agent.
#[derive(Resource, Clone, PartialEq, Eq, Debug, Default)]
pub struct Readings {
    /// By agent.
    pub logs: Vec<ReadLog>,
    /// The round of the platform that was lived through last, from 1; 0 before any.
    pub round: u32,
    /// Rounds over which positions are kept.
    pub window: u32,
}
