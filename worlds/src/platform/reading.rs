//! What agents without words keep of what they read: positions, for as long as their memory reaches.

use std::collections::VecDeque;

use bevy_ecs::prelude::Resource;

use super::ids::PostId;

/// Posts an agent knows it has read: so many, the oldest giving way.
const KNOWN: usize = 64;

/// Positions an agent keeps: so many, the oldest giving way however long memory reaches.
const KEPT: usize = 256;

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
    #[expect(clippy::needless_bitwise_bool, reason = "without a branch the loop is of wide instructions")]
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
        while self.reads.front().is_some_and(|oldest| oldest.round.saturating_add(window) <= read.round) {
            self.reads.pop_front();
        }
        if self.reads.len() == KEPT {
            self.reads.pop_front();
        }
        self.reads.push_back(read);
    }

    /// The positions within a window of rounds that ends with this one.
    pub fn within(&self, round: u32, window: u32) -> impl Iterator<Item = &Read> {
        self.reads.iter().filter(move |read| read.round.saturating_add(window) > round)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(item: u16, option: u8, round: u32) -> Read {
        Read { item, option, weight: 16, round }
    }

    #[test]
    fn a_post_is_known_until_sixty_four_others_were_read() {
        let mut log = ReadLog::default();
        assert_eq!(log.meet(PostId(0)), Known::New);
        for post in 1..64 {
            assert_eq!(log.meet(PostId(post)), Known::New);
        }
        assert_eq!(log.meet(PostId(0)), Known::Read);
        assert_eq!(log.meet(PostId(64)), Known::New);
        assert_eq!((log.meet(PostId(1)), log.meet(PostId(0))), (Known::Read, Known::New));
    }

    #[test]
    fn positions_count_for_as_many_rounds_as_memory_reaches() {
        for (window, expected) in [(0, 0.0), (1, 3.0), (2, 3.0 + 2.0), (3, 6.0), (u32::MAX, 6.0)] {
            let mut log = ReadLog::default();
            (1..=3).for_each(|round| log.keep(read(7, round as u8, round), window));
            log.keep(read(8, 5, 3), window);
            assert!((log.on(7, 3, window).0 - expected).abs() < 1e-12, "{window}");
        }
    }
}
