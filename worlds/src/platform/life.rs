//! The systems of a round on the platform: who wakes, and what was decided is done.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::OutcomeCounts;
use pluriverse_engine::seed::Streams;
use pluriverse_engine::simulation::TickOutcomes;
use pluriverse_engine::tick::{Clock, Turns};

use super::guests::{Admitted, Guests};
use super::posting::{PostDesign, Posting, Postings};
use super::reading::{ReadLog, Readings};
use super::round::{Entry, History, Pending, Round};
use super::rules::{Audience, Rules};
use super::schedule::Heartbeats;
use super::state::Platform;
use crate::exposure::design::{MemoryPolicy, Treatment};
use crate::network::Network;
use crate::survey::state::{PhaseDesign, Timeline};

/// What is posted on this tick; `None` where nothing is.
#[derive(Resource, Clone, Debug, Default)]
pub struct PostPercept(pub Option<(PostDesign, Arc<Posting>)>);

/// The heartbeats, and for which set-up they were drawn.
#[derive(Resource, Clone, Debug, Default)]
pub struct KnownHeartbeats(Option<(u16, Heartbeats)>);

/// What became of the requests of this round, filled in `Interpret`.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct WakeOutcomes(pub OutcomeCounts);

/// What the platform refused agents that read words, until they are told.
#[derive(Resource, Clone, PartialEq, Debug, Default)]
pub struct Refused {
    /// Who reads words, by id.
    pub readers: Vec<AgentId>,
    kept: BTreeMap<AgentId, Vec<Arc<str>>>,
}

impl Refused {
    /// Notes what was refused.
    fn note(&mut self, entries: &[Entry]) {
        if self.readers.is_empty() {
            return;
        }
        for entry in entries {
            let Err(refusal) = entry.result else {
                continue;
            };
            if self.readers.binary_search(&entry.due.agent).is_ok() {
                let kept = self.kept.entry(entry.due.agent).or_default();
                kept.push(Arc::from(format!("{}: {}", entry.action.verb(), refusal.words())));
            }
        }
    }

    /// Takes what an agent is to be told.
    pub fn take(&mut self, agent: AgentId) -> Vec<Arc<str>> {
        self.kept.remove(&agent).unwrap_or_default()
    }
}

/// The rules in an arm: those of the set-up, and who sees what agents of the society do.
pub fn rules_of(posting: &Posting, treatment: Treatment) -> Rules {
    let audience = match treatment {
        Treatment::Exposed | Treatment::Unlabelled => Audience::Everybody,
        Treatment::ReAsk | Treatment::Placebo(_) => Audience::Themselves,
    };
    Rules { audience, ..posting.rules }
}

/// `Turn`: a round begins. What is too old leaves, guests do what they did elsewhere, and who wakes is drawn.
pub fn open_round(
    turns: Res<Turns>,
    clock: Res<Clock>,
    timeline: Res<Timeline>,
    postings: Res<Postings>,
    streams: Res<Streams>,
    network: Res<Network>,
    guests: Option<Res<Guests>>,
    mut percept: ResMut<PostPercept>,
    mut platform: ResMut<Platform>,
    mut heartbeats: ResMut<KnownHeartbeats>,
    mut round: ResMut<Round>,
    mut readings: ResMut<Readings>,
    mut admitted: ResMut<Admitted>,
) {
    if !turns.is_first() {
        return;
    }
    percept.0 = None;
    let Some(PhaseDesign::Post(design)) = timeline.0.get(clock.now.phase as usize) else {
        return;
    };
    let posting = postings.0[usize::from(design.posting)].clone();
    if platform.totals() == &super::totals::Totals::default() && platform.now().0 == 0 {
        // Nothing happened on it yet: it opens under the rules of its first round.
        *platform = Platform::new(rules_of(&posting, design.treatment), network.agents());
    }
    platform.set_rules(rules_of(&posting, design.treatment));
    let begins = heartbeats.0.as_ref().is_none_or(|(known, _)| *known != design.posting);
    round.number = if begins { 1 } else { round.number + 1 };
    round.from = round.to;
    round.to = round.from.later(posting.round);
    if let Some(guests) = guests {
        guests.act_until(round.from, &mut platform, &mut admitted);
    }
    platform.pass_to(round.from);
    platform.let_go();
    if begins {
        heartbeats.0 = Some((design.posting, Heartbeats::draw(&posting.heartbeat, network.agents(), &streams)));
    }
    readings.round += 1;
    if let Some((_, heartbeats)) = &heartbeats.0 {
        round.wakes = heartbeats.wakes(round.from, round.to, &streams);
    }
    round.begun = 0;
    readings.logs.resize_with(network.agents() as usize, ReadLog::default);
    readings.window = match design.memory {
        MemoryPolicy::Seen(rounds) => rounds,
        MemoryPolicy::None | MemoryPolicy::Own(_) => 0,
    };
    percept.0 = Some((*design, posting));
}

/// `Resolve`: what was decided and is due in this round is done, in order of time, and of agents within a moment.
pub fn close_round(
    percept: Res<PostPercept>,
    round: Res<Round>,
    mut platform: ResMut<Platform>,
    mut pending: ResMut<Pending>,
    mut history: ResMut<History>,
    mut refused: ResMut<Refused>,
    mut wake_outcomes: ResMut<WakeOutcomes>,
    mut outcomes: ResMut<TickOutcomes>,
) {
    if percept.0.is_none() {
        return;
    }
    let due = pending.all_before(round.to);
    history.entries.reserve(due.len());
    for scheduled in due {
        // A refusal is part of the history.
        let _ = history.carry_out(&mut platform, &scheduled);
    }
    refused.note(&history.entries);
    outcomes.0.merge(&std::mem::take(&mut wake_outcomes.0));
}
