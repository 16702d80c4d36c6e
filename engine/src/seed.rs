//! Random streams: numbers are a function of (seed, society, replicate, purpose, agent, tick, draw).
//!
//! Nothing is shared between streams, so that adding an observer, an agent kind or another society shifts nobody's
//! numbers, and a run can be taken up at any tick.

use bevy_ecs::prelude::Resource;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::agent::AgentId;

/// The arm whose streams are the replicate's own.
pub const EXPOSED_ARM: &str = "exposed";

/// What arms have in common before they fork is written as an arm of this name; its streams are the replicate's own.
pub const SHARED_ARM: &str = "shared";

/// What a stream is drawn for. The name is part of the key: renaming a purpose changes its numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Purpose(pub &'static str);

/// The root of all streams of one society in one replicate.
#[derive(Resource, Clone, Debug)]
pub struct Streams {
    key: [u8; 32],
}

impl Streams {
    /// The streams of a society, by the run's seed, the society's name and the replicate.
    pub fn new(seed: u64, society: &str, replicate: u32) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("pluriverse 2026 random streams");
        hasher.update(&seed.to_le_bytes());
        hasher.update(&replicate.to_le_bytes());
        hasher.update(society.as_bytes());
        Self { key: *hasher.finalize().as_bytes() }
    }

    /// The streams of one arm: what differs between arms that forked from the same answers. The exposed arm keeps the
    /// replicate's own, so that adding an arm to a scenario shifts nobody's numbers in it.
    #[must_use]
    pub fn of_arm(&self, arm: &str) -> Self {
        if arm == EXPOSED_ARM || arm == SHARED_ARM {
            return self.clone();
        }
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(b"arm");
        hasher.update(arm.as_bytes());
        Self { key: *hasher.finalize().as_bytes() }
    }

    /// The streams of one purpose.
    pub fn of(&self, purpose: Purpose) -> PurposeStreams {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(purpose.0.as_bytes());
        PurposeStreams { key: *hasher.finalize().as_bytes() }
    }
}

/// The streams of the arm a simulation is: for what agents draw in answering and in being shown what they are shown.
/// [`Streams`] are for what all arms of a replicate have in common.
#[derive(Resource, Clone, Debug)]
pub struct ArmStreams(pub Streams);

/// The streams of one purpose: one ChaCha8 stream for each agent and tick.
#[derive(Clone, Copy, Debug)]
pub struct PurposeStreams {
    key: [u8; 32],
}

impl PurposeStreams {
    /// The generator of this agent at this tick, at draw 0. Word `w` of the stream is draw `w`.
    pub fn stream(&self, agent: AgentId, tick: u32) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::from_seed(self.key);
        rng.set_stream((u64::from(agent.0) << 32) | u64::from(tick));
        rng
    }
}

/// A number from 0 to 2⁶⁴ − 1 that is a function of these names alone: the same in every run, for what belongs to a
/// named thing rather than to a seed.
pub fn draw_by_name(names: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new_derive_key("pluriverse 2026 draws by name");
    for name in names {
        // Length first, so that no two lists of names run together.
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::Rng;

    fn first(seed: u64, society: &str, replicate: u32, purpose: &'static str, agent: u32, tick: u32) -> u64 {
        Streams::new(seed, society, replicate).of(Purpose(purpose)).stream(AgentId(agent), tick).next_u64()
    }

    #[test]
    fn every_coordinate_of_a_stream_changes_its_numbers() {
        let base = first(1, "a", 0, "p", 0, 0);
        assert_eq!(base, first(1, "a", 0, "p", 0, 0));
        for other in [
            first(2, "a", 0, "p", 0, 0),
            first(1, "b", 0, "p", 0, 0),
            first(1, "a", 1, "p", 0, 0),
            first(1, "a", 0, "q", 0, 0),
            first(1, "a", 0, "p", 1, 0),
            first(1, "a", 0, "p", 0, 1),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn arms_draw_apart_and_the_exposed_one_draws_as_if_it_were_alone() {
        let streams = Streams::new(1, "a", 0);
        let first = |streams: &Streams| streams.of(Purpose("p")).stream(AgentId(0), 0).next_u64();
        assert_eq!(first(&streams), first(&streams.of_arm(EXPOSED_ARM)));
        assert_ne!(first(&streams), first(&streams.of_arm("re-ask")));
        assert_ne!(first(&streams.of_arm("placebo")), first(&streams.of_arm("re-ask")));
        // No purpose is another arm.
        assert_ne!(first(&streams.of_arm("p")), first(&streams));
    }

    #[test]
    fn the_numbers_of_a_stream_are_pinned() {
        // A change here changes every published surrogate run: it needs a new major format version.
        assert_eq!(first(42, "society", 0, "surrogate.dispersion", 7, 3), PINNED);
    }

    const PINNED: u64 = 3_400_611_144_090_121_468;
}
