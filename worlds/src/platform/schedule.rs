//! When agents wake: heartbeats over virtual time, each with a phase and a probability of its own.

use bevy_ecs::prelude::Resource;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{Purpose, PurposeStreams, Streams};
use rand_chacha::rand_core::Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ids::Moment;
use super::rules::OPENED;

/// Streams of what belongs to an agent's heartbeat for life.
const HEARTBEAT: Purpose = Purpose("platform.heartbeat");

/// Streams of whether and when it wakes in a round.
const WAKE: Purpose = Purpose("platform.wake");

/// Seconds it takes to write something: long enough for comments to keep the platform's limit of one in 20 seconds.
pub const PACE: u32 = 21;

/// The heartbeat of a society's agents.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// Minutes between two beats. Each agent's beats have a phase of their own, drawn evenly.
    #[serde(default = "half_an_hour")]
    pub minutes: f64,
    /// How far a beat may lie off its time, as a share of the period, to either side.
    #[serde(default = "tenth")]
    pub jitter: f64,
    /// With what probability an agent wakes at a beat.
    #[serde(default)]
    pub wake: WakeProbability,
    /// Hours of the day, UTC, between which agents wake: from the first up to and without the second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<(u32, u32)>,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self { minutes: half_an_hour(), jitter: tenth(), wake: WakeProbability::default(), hours: None }
    }
}

const fn half_an_hour() -> f64 {
    30.0
}

const fn tenth() -> f64 {
    0.1
}

/// With what probability agents wake at a beat.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum WakeProbability {
    /// 1: for balanced experiments.
    #[default]
    Always,
    /// The same for all.
    Share(f64),
    /// Of its own for each, from a power law cut off at 1: few agents wake often, most of them hardly ever.
    PowerLaw {
        /// The exponent of the density (published activity: 1.70).
        exponent: f64,
        /// The smallest probability.
        least: f64,
    },
}

impl WakeProbability {
    /// The probability of an agent that draws `uniform` from (0, 1].
    fn of(self, uniform: f64) -> f64 {
        match self {
            Self::Always => 1.0,
            Self::Share(share) => share,
            Self::PowerLaw { exponent, least } => (least * libm::pow(uniform, -1.0 / (exponent - 1.0))).min(1.0),
        }
    }
}

/// An agent's heartbeat.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Rhythm {
    phase: u32,
    probability: f64,
}

/// An agent waking.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Wake {
    /// When.
    pub at: Moment,
    /// Who.
    pub agent: AgentId,
    /// Which of the agent's wakes in the round, from 0.
    pub ordinal: u32,
}

/// The heartbeats of a society: a function of seed, agent and design, the same in all arms.
#[derive(Resource, Clone, PartialEq, Debug, Default)]
pub struct Heartbeats {
    rhythms: Vec<Rhythm>,
    period: u32,
    jitter: u32,
    hours: Option<(u32, u32)>,
}

/// Agents that share a unit of parallel work.
const CHUNK: usize = 4096;

impl Heartbeats {
    /// Draws the heartbeats of so many agents. Wake probabilities are drawn by strata: each agent's from a slice of its
    /// own of the distribution, and who gets which slice is drawn. So a society of a few hundred holds as many busy
    /// agents under every seed, where independent draws from a heavy tail would make another platform of each.
    pub fn draw(design: &Heartbeat, agents: u32, streams: &Streams) -> Self {
        let streams = streams.of(HEARTBEAT);
        let period = libm::round(design.minutes * 60.0).clamp(1.0, f64::from(u32::MAX)) as u32;
        let drawn = |agent: u32| {
            let mut rng = streams.stream(AgentId(agent), 0);
            [rng.next_u32(), rng.next_u32(), rng.next_u32()]
        };
        let drawn: Vec<[u32; 3]> = (0..agents).into_par_iter().map(drawn).collect();
        let mut order: Vec<u32> = (0..agents).collect();
        order.par_sort_unstable_by_key(|&agent| (drawn[agent as usize][1], agent));
        let mut rhythms = vec![Rhythm { phase: 0, probability: 0.0 }; agents as usize];
        for (stratum, &agent) in order.iter().enumerate() {
            let [phase, _, within] = drawn[agent as usize];
            let within = (f64::from(within) + 1.0) / 4_294_967_296.0;
            let uniform = (stratum as f64 + within) / f64::from(agents);
            rhythms[agent as usize] = Rhythm { phase: below(phase, period), probability: design.wake.of(uniform) };
        }
        // Less than half a period, so that two beats never coincide.
        let jitter = ((f64::from(period) * design.jitter) as u32).min((period - 1) / 2);
        Self { rhythms, period, jitter, hours: design.hours }
    }

    /// Who wakes from one moment up to another, in the order of time, of two at one moment the smaller id first. Where
    /// rounds begin and end moves nobody's wakes, so surveys in between shift nothing.
    pub fn wakes(&self, from: Moment, to: Moment, streams: &Streams) -> Vec<Wake> {
        let streams = streams.of(WAKE);
        let chunks: Vec<Vec<Wake>> = self
            .rhythms
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(chunk, rhythms)| {
                let mut wakes = Vec::new();
                for (place, rhythm) in rhythms.iter().enumerate() {
                    let agent = AgentId((chunk * CHUNK + place) as u32);
                    self.beats(rhythm, from, to, agent, &streams, &mut wakes);
                }
                wakes
            })
            .collect();
        let mut wakes = chunks.concat();
        wakes.par_sort_unstable();
        wakes
    }

    fn beats(
        &self,
        rhythm: &Rhythm,
        from: Moment,
        to: Moment,
        agent: AgentId,
        streams: &PurposeStreams,
        wakes: &mut Vec<Wake>,
    ) {
        let (period, phase, jitter) = (u64::from(self.period), u64::from(rhythm.phase), u64::from(self.jitter));
        // The first beat that chance can move up to `from`, and where those end that it can move to before `to`.
        let first = u64::from(from.0).saturating_sub(jitter + phase).div_ceil(period);
        let end = u64::from(to.0) + jitter;
        if phase + first * period >= end {
            return;
        }
        let threshold = (rhythm.probability * 4_294_967_296.0) as u64;
        let mut rng = streams.stream(agent, 0);
        // Two draws a beat, found by its number, whatever round it is asked for in.
        rng.set_word_pos(u128::from(first) * 2);
        let mut ordinal = 0;
        for beat in (phase + first * period..end).step_by(self.period as usize) {
            let (drawn, shift) = (rng.next_u32(), rng.next_u32());
            if u64::from(drawn) >= threshold {
                continue;
            }
            let later = beat + u64::from(below(shift, 2 * self.jitter + 1));
            let at = Moment(later.saturating_sub(jitter).min(u64::from(u32::MAX)) as u32);
            if at >= from && at < to && self.is_open(at) {
                wakes.push(Wake { at, agent, ordinal });
                ordinal += 1;
            }
        }
    }

    fn is_open(&self, at: Moment) -> bool {
        let hour = (OPENED % 86_400 + at.0 % 86_400) % 86_400 / 3_600;
        match self.hours {
            None => true,
            Some((from, to)) if from <= to => (from..to).contains(&hour),
            Some((from, to)) => hour >= from || hour < to,
        }
    }

    /// The mean probability with which an agent wakes at a beat.
    pub fn mean_probability(&self) -> Option<f64> {
        let sum: f64 = self.rhythms.iter().map(|rhythm| rhythm.probability).sum();
        (!self.rhythms.is_empty()).then(|| sum / self.rhythms.len() as f64)
    }
}

/// A draw scaled to the numbers below `n`.
pub fn below(draw: u32, n: u32) -> u32 {
    ((u64::from(draw) * u64::from(n)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const HOUR: u32 = 3_600;

    fn streams(seed: u64) -> Streams {
        Streams::new(seed, "society", 0)
    }

    fn wakes(heartbeats: &Heartbeats, from: u32, to: u32) -> Vec<(Moment, AgentId)> {
        let wakes = heartbeats.wakes(Moment(from), Moment(to), &streams(1));
        assert!(wakes.is_sorted());
        wakes.into_iter().map(|wake| (wake.at, wake.agent)).collect()
    }

    fn by_agent(wakes: &[(Moment, AgentId)]) -> BTreeMap<u32, Vec<u32>> {
        let mut by_agent: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (at, agent) in wakes {
            by_agent.entry(agent.0).or_default().push(at.0);
        }
        by_agent
    }

    #[test]
    fn agents_wake_once_a_period_give_or_take_the_jitter() {
        let heartbeats = Heartbeats::draw(&Heartbeat::default(), 500, &streams(1));
        let by_agent = by_agent(&wakes(&heartbeats, 0, 48 * HOUR));
        assert_eq!(by_agent.len(), 500);
        for (agent, wakes) in by_agent {
            assert_eq!(wakes.len().abs_diff(96), usize::from(wakes.len() != 96), "{agent}");
            let phase = heartbeats.rhythms[agent as usize].phase;
            let mut off = Vec::new();
            for (beat, at) in (0..).zip(&wakes) {
                off.push(i64::from(*at) - i64::from(phase + beat * 1_800));
            }
            assert!(off.iter().all(|off| (-180..=180).contains(off)), "{agent} {off:?}");
            // Each beat is moved by itself.
            assert!(off.iter().any(|off| *off < -60) && off.iter().any(|off| *off > 60));
            assert!(wakes.windows(2).all(|pair| (1_440..=2_160).contains(&(pair[1] - pair[0]))));
        }
    }

    #[test]
    fn phases_are_even_over_the_period() {
        let heartbeats = Heartbeats::draw(&Heartbeat::default(), 18_000, &streams(2));
        let mut tenths = [0_u32; 10];
        for rhythm in &heartbeats.rhythms {
            tenths[rhythm.phase as usize / 180] += 1;
        }
        // 1,800 each; a standard deviation is 40.
        assert!(tenths.iter().all(|tenth| tenth.abs_diff(1_800) < 200), "{tenths:?}");
    }

    #[test]
    fn where_rounds_begin_and_end_moves_nobodys_wakes() {
        let wake = WakeProbability::PowerLaw { exponent: 1.7, least: 0.05 };
        for design in [
            Heartbeat { wake, ..Heartbeat::default() },
            Heartbeat { minutes: 240.0, jitter: 0.5, ..Heartbeat::default() },
            Heartbeat { minutes: 1.0, hours: Some((22, 3)), ..Heartbeat::default() },
        ] {
            let heartbeats = Heartbeats::draw(&design, 200, &streams(3));
            let whole = wakes(&heartbeats, 0, 6 * HOUR);
            assert!(!whole.is_empty());
            for cuts in [vec![HOUR, 2 * HOUR, 3 * HOUR], vec![1], vec![777, 778, 10_000, 20_000]] {
                let starts = [0].into_iter().chain(cuts.clone());
                let ends = cuts.into_iter().chain([6 * HOUR]);
                let parts: Vec<_> = starts.zip(ends).flat_map(|(from, to)| wakes(&heartbeats, from, to)).collect();
                assert_eq!(parts, whole);
            }
        }
    }

    #[test]
    fn no_two_wakes_of_an_agent_fall_into_one_second() {
        for (minutes, jitter) in [(1.0, 0.5), (0.05, 0.5), (30.0, 0.5), (1.0 / 60.0, 0.5), (0.1, 0.1)] {
            let design = Heartbeat { minutes, jitter, ..Heartbeat::default() };
            let heartbeats = Heartbeats::draw(&design, 20, &streams(4));
            for (agent, wakes) in by_agent(&wakes(&heartbeats, 0, 4 * HOUR)) {
                assert!(wakes.windows(2).all(|pair| pair[0] < pair[1]), "{minutes} {agent}");
            }
        }
    }

    #[test]
    fn wakes_are_numbered_in_a_round_and_are_those_of_the_streams() {
        let heartbeats = Heartbeats::draw(&Heartbeat::default(), 50, &streams(5));
        let first = heartbeats.wakes(Moment(HOUR), Moment(4 * HOUR), &streams(5));
        assert_eq!(first, heartbeats.wakes(Moment(HOUR), Moment(4 * HOUR), &streams(5)));
        assert_ne!(first, heartbeats.wakes(Moment(HOUR), Moment(4 * HOUR), &streams(6)));
        assert_eq!(heartbeats, Heartbeats::draw(&Heartbeat::default(), 50, &streams(5)));
        let mut next = BTreeMap::new();
        for wake in &first {
            let expected = next.entry(wake.agent).or_insert(0);
            assert_eq!(wake.ordinal, *expected);
            *expected += 1;
        }
    }

    #[test]
    fn a_power_law_cut_off_at_one_has_the_mean_and_tail_of_its_formula() {
        // Mean: least + least^(α−1)·(1 − least^(2−α))/(2 − α). Share above x: (least/x)^(α−1), up to 1 and at it.
        for (exponent, least, mean, above_tenth, always) in [
            (1.7, 0.01, 0.109_369_056_851_165_76, 0.199_526_231, 0.039_810_717),
            (1.7, 0.05, 0.292_742_675_371_930_16, 0.615_572_207, 0.122_821_948),
            (2.5, 0.02, 0.054_343_145_750_507_624, 0.089_442_719, 0.002_828_427),
        ] {
            let design = Heartbeat { wake: WakeProbability::PowerLaw { exponent, least }, ..Heartbeat::default() };
            let agents = 100_000;
            let heartbeats = Heartbeats::draw(&design, agents, &streams(7));
            let found = heartbeats.mean_probability().expect("agents");
            assert!((found - mean).abs() < 0.02 * mean, "{exponent} {least} {found}");
            let share = |holds: &dyn Fn(f64) -> bool| {
                let found = heartbeats.rhythms.iter().filter(|rhythm| holds(rhythm.probability)).count();
                found as f64 / f64::from(agents)
            };
            assert!((share(&|probability| probability > 0.1) - above_tenth).abs() < 0.005);
            assert!((share(&|probability| probability >= 1.0) - always).abs() < 0.002);
            assert!(share(&|probability| probability < least) <= 0.0);
            // And they wake that often: agents × 2 beats an hour × hours.
            let woken = wakes(&heartbeats, 0, 4 * HOUR).len() as f64 / (f64::from(agents) * 8.0);
            assert!((woken - mean).abs() < 0.03 * mean, "{woken}");
        }
    }

    #[test]
    fn agents_wake_within_their_hours() {
        for (hours, expected) in [((8, 10), vec![8, 9]), ((22, 1), vec![0, 22, 23])] {
            let design = Heartbeat { hours: Some(hours), ..Heartbeat::default() };
            let heartbeats = Heartbeats::draw(&design, 100, &streams(8));
            // The platform opens at midnight.
            let mut seen: Vec<u32> = wakes(&heartbeats, 0, 72 * HOUR).iter().map(|(at, _)| at.0 / HOUR % 24).collect();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen, expected);
        }
    }
}
