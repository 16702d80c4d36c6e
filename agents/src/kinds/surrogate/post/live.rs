//! When surrogates decide: all on the round's start, or one after another as time goes.

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{ArmStreams, Streams};
use pluriverse_engine::tick::{Acting, Turns};
use pluriverse_worlds::exposure::design::Update;
use pluriverse_worlds::platform::ids::{Due, Moment};
use pluriverse_worlds::platform::life::PostPercept;
use pluriverse_worlds::platform::reading::Readings;
use pluriverse_worlds::platform::round::{History, Pending, Round};
use pluriverse_worlds::platform::schedule::Wake;
use pluriverse_worlds::platform::state::Platform;
use pluriverse_worlds::survey::state::Sheets;
use rayon::prelude::*;

use super::{Deciding, Posters, Scratch};
use crate::kinds::surrogate::Surrogates;
use crate::persona::Personas;

/// Everything surrogates decide by.
#[derive(SystemParam)]
pub struct Platforming<'w> {
    percept: Res<'w, PostPercept>,
    posters: Res<'w, Posters>,
    surrogates: Res<'w, Surrogates>,
    personas: Res<'w, Personas>,
    sheets: Res<'w, Sheets>,
    streams: Res<'w, Streams>,
    arm: Res<'w, ArmStreams>,
}

impl Platforming<'_> {
    fn deciding(&self, round: u32, window: u32) -> Option<(Update, Deciding<'_>)> {
        let (design, posting) = self.percept.0.as_ref()?;
        let who = (&*self.posters, &*self.surrogates, &*self.personas);
        let streams = (&*self.streams, &*self.arm);
        let deciding = Deciding::new(posting, who, &self.sheets, streams, (round, window));
        Some((design.update, deciding))
    }
}

/// Agents that share a unit of parallel work.
const CHUNK: usize = 1024;

/// `Ask`, in snapshot order: every surrogate decides on the platform as it was when the round began.
pub fn act_on_snapshot(
    platforming: Platforming,
    platform: Res<Platform>,
    mut round: ResMut<Round>,
    mut readings: ResMut<Readings>,
    mut pending: ResMut<Pending>,
    mut history: ResMut<History>,
) {
    let (number, window) = (readings.round, readings.window);
    let Some((Update::Simultaneous, mut deciding)) = platforming.deciding(number, window) else {
        return;
    };
    deciding.read_together(&platform);
    // By agent, so that disjoint parts of the society can decide at once.
    let mut wakes: Vec<Wake> = round.wakes.clone();
    wakes.par_sort_unstable_by_key(|wake| (wake.agent, wake.ordinal));
    round.begun = round.wakes.len();
    let decided: Vec<Scratch> = readings
        .logs
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(chunk, logs)| {
            let (first, end) = (chunk * CHUNK, chunk * CHUNK + logs.len());
            let from = wakes.partition_point(|wake| wake.agent.index() < first);
            let mut scratch = Scratch::default();
            for &wake in wakes[from..].iter().take_while(|wake| wake.agent.index() < end) {
                deciding.wake(&platform, wake, &mut logs[wake.agent.index() - first], &mut scratch);
            }
            scratch
        })
        .collect();
    for scratch in decided {
        pending.fresh.extend(scratch.scheduled);
        history.impressions.extend(scratch.impressions);
    }
}

/// `Ask`, in asynchronous order: time passes up to the wake of the agent whose turn it is.
pub fn live_until_next_turn(
    turns: Res<Turns>,
    platforming: Platforming,
    mut platform: ResMut<Platform>,
    mut round: ResMut<Round>,
    mut readings: ResMut<Readings>,
    mut pending: ResMut<Pending>,
    mut history: ResMut<History>,
) {
    let Acting::One(agent) = turns.acting() else {
        return;
    };
    let (number, window) = (readings.round, readings.window);
    let Some((Update::Sequential, deciding)) = platforming.deciding(number, window) else {
        return;
    };
    let next = round.wakes[round.begun..].iter().find(|wake| wake.agent == agent).copied();
    let Some(wake) = next else {
        return;
    };
    let end = Due { at: wake.at, agent, ordinal: wake.ordinal << 12 };
    Living {
        platform: &mut platform,
        round: &mut round,
        readings: &mut readings,
        pending: &mut pending,
        history: &mut history,
    }
    .until(end, &deciding);
    // The wake whose turn it is has begun.
    round.begun += 1;
}

/// `Resolve`, in asynchronous order: time passes up to the end of the round.
pub fn live_to_the_end(
    platforming: Platforming,
    mut platform: ResMut<Platform>,
    mut round: ResMut<Round>,
    mut readings: ResMut<Readings>,
    mut pending: ResMut<Pending>,
    mut history: ResMut<History>,
) {
    let (number, window) = (readings.round, readings.window);
    let Some((Update::Sequential, deciding)) = platforming.deciding(number, window) else {
        return;
    };
    let end = Due { at: round.to, agent: AgentId(0), ordinal: 0 };
    Living {
        platform: &mut platform,
        round: &mut round,
        readings: &mut readings,
        pending: &mut pending,
        history: &mut history,
    }
    .until(end, &deciding);
}

/// What changes while time passes.
struct Living<'a> {
    platform: &'a mut Platform,
    round: &'a mut Round,
    readings: &'a mut Readings,
    pending: &'a mut Pending,
    history: &'a mut History,
}

impl Living<'_> {
    /// Does what is due and lets surrogates wake, in the order of time, up to a moment.
    fn until(&mut self, end: Due, deciding: &Deciding<'_>) {
        let mut scratch = Scratch::default();
        loop {
            let wake = self.round.wakes.get(self.round.begun).copied();
            let wakes_at = wake.map(|wake| Due { at: wake.at, agent: wake.agent, ordinal: wake.ordinal << 12 });
            let until = wakes_at.filter(|at| *at < end).unwrap_or(end);
            while let Some(scheduled) = self.pending.next_before(until) {
                // A refusal is part of the history.
                let _ = self.history.carry_out(self.platform, &scheduled);
            }
            let (Some(wake), true) = (wake, until < end) else {
                return;
            };
            self.round.begun += 1;
            self.platform.pass_to(Moment(wake.at.0));
            let log = &mut self.readings.logs[wake.agent.index()];
            deciding.wake(self.platform, wake, log, &mut scratch);
            self.pending.fresh.append(&mut scratch.scheduled);
            self.history.impressions.append(&mut scratch.impressions);
        }
    }
}
