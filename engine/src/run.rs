//! The run loop: societies stepped side by side, one place a tick where it waits, and a summary of why it ended.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::agent::{AgentId, Backbone};
use crate::effect::Comparison;
use crate::exchange::{Accounts, Exchange, Halt, Inbox, Limit, Outbox, Request, Snapshot, Tally};
use crate::journal::{Event, Journal};
use crate::observation::Observations;
use crate::outcome::OutcomeCounts;
use crate::record::document::Documents;
use crate::record::table::TableRows;
use crate::record::{RecordError, Recorder, TickRecord};
use crate::replies::ReplyStoreError;
use crate::simulation::{Simulation, TickOutcomes};
use crate::tick::PlannedTick;

/// A request to stop after the current tick, shared with whoever may ask for it.
#[derive(Clone, Debug, Default)]
pub struct StopSignal(Arc<AtomicBool>);

impl StopSignal {
    /// Asks the run to stop.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Why a run ended.
#[derive(Clone, PartialEq, Debug)]
pub enum EndReason {
    /// The plan was carried out.
    Completed,
    /// Somebody asked it to stop.
    Interrupted,
    /// More requests of the last tick brought no answer than the scenario allows.
    TooManyFailures {
        /// The society in which it happened.
        society: Arc<str>,
        /// Share of requests without an answer, 0 to 1.
        share: f64,
    },
    /// A limit was reached.
    LimitReached(Limit),
    /// Only stored replies count, and there is none to a request.
    ReplyMissing(MissingReply),
}

/// The first request of a run that no stored reply answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissingReply {
    /// The society.
    pub society: Arc<str>,
    /// The tick.
    pub tick: u32,
    /// The agent.
    pub agent: AgentId,
    /// What the agent was to decide, e.g. the index of a survey item.
    pub slot: u32,
    /// Who was to answer.
    pub backbone: Backbone,
    /// How many replies the tick lacks.
    pub missing: usize,
}

/// What breaks a run off.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The run directory cannot be written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The store of replies cannot be used.
    #[error(transparent)]
    Replies(#[from] ReplyStoreError),
}

/// What a finished run was.
#[derive(Clone, PartialEq, Debug)]
pub struct RunSummary {
    /// Why it ended.
    pub end: EndReason,
    /// How many ticks were carried out and recorded.
    pub ticks: u32,
    /// Requests by outcome over all ticks and societies.
    pub outcomes: OutcomeCounts,
}

/// Watches a run as it goes, for progress only: nothing it does can change what is recorded.
pub trait Watch {
    /// A tick of `total` is recorded.
    fn tick_done(&mut self, tick: u32, total: u32, now: &PlannedTick);

    /// How the exchange of a tick stands: told often, shown as often as it likes.
    fn exchanging(&mut self, _snapshot: &Snapshot) {}
}

/// Nobody watches.
impl Watch for () {
    fn tick_done(&mut self, _tick: u32, _total: u32, _now: &PlannedTick) {}
}

/// A simulation and the ticks it lives through.
pub struct Strand {
    /// The simulation.
    pub simulation: Simulation,
    /// The ticks it is stepped in.
    pub ticks: Range<u32>,
    /// Place of the strand whose state it takes over before its first tick.
    pub forks_from: Option<usize>,
}

impl Strand {
    /// A strand that lives through a whole plan.
    pub fn whole(simulation: Simulation, ticks: u32) -> Self {
        Self { simulation, ticks: 0..ticks, forks_from: None }
    }
}

/// Everything a run needs besides its recorder.
pub struct Run {
    /// The strands, stepped side by side in this order: societies, in each its replicates, in each what its arms have
    /// in common and then the arms.
    pub strands: Vec<Strand>,
    /// What is compared between them after every tick.
    pub comparison: Option<Box<dyn Comparison>>,
    /// Who serves their requests.
    pub exchange: Exchange,
    /// The ticks to carry out.
    pub plan: Vec<PlannedTick>,
    /// Largest share of a society's requests in one tick that may bring no answer, 0 to 1.
    pub failure_share: f64,
    /// What the replies cost, so far.
    pub tally: Tally,
}

impl Run {
    /// Carries out the plan. A tick is recorded whole or not at all.
    pub async fn carry_out(
        &mut self,
        recorder: &mut dyn Recorder,
        watch: &mut dyn Watch,
        stop: &StopSignal,
    ) -> Result<RunSummary, RunError> {
        let total = self.plan.len() as u32;
        let mut outcomes = OutcomeCounts::default();
        for tick in 0..total {
            if stop.is_set() {
                return Ok(summary(EndReason::Interrupted, tick, outcomes));
            }
            let now = self.plan[tick as usize].clone();
            tracing::debug!(tick, mechanism = %now.mechanism, round = now.round, "tick");
            self.fork(tick);
            if let Some(end) = self.take_turns(tick, &now, watch, stop).await? {
                return Ok(summary(end, tick, outcomes));
            }
            for strand in self.strands.iter_mut().filter(|strand| strand.ticks.contains(&tick)) {
                let simulation = &mut strand.simulation;
                simulation.run_after_model();
                outcomes.merge(&simulation.world.resource::<TickOutcomes>().0);
                self.tally.add(now.phase, &std::mem::take(&mut simulation.world.resource_mut::<Accounts>().0));
                recorder.append(drain(simulation, tick, &now))?;
            }
            if let Some(comparison) = &mut self.comparison {
                recorder.append_effects(tick, &now, comparison.compare(&self.strands, tick, &now))?;
            }
            recorder.end_tick(tick)?;
            watch.tick_done(tick, total, &now);
            if let Some(end) = self.over_failure_share(tick) {
                return Ok(summary(end, tick + 1, outcomes));
            }
        }
        Ok(summary(EndReason::Completed, total, outcomes))
    }

    /// Hands the state of what arms have in common over to those that begin with this tick.
    pub fn fork(&mut self, tick: u32) {
        for place in 0..self.strands.len() {
            let strand = &self.strands[place];
            // What a strand forks from stands before it.
            if let Some(from) = strand.forks_from.filter(|from| strand.ticks.start == tick && *from < place) {
                let (before, after) = self.strands.split_at_mut(place);
                after[0].simulation.fork_from(&before[from].simulation);
            }
        }
    }

    /// Takes the turns of a tick in every strand that lives in it, side by side. The reason where it had to end on the
    /// way.
    async fn take_turns(
        &mut self,
        tick: u32,
        now: &PlannedTick,
        watch: &mut dyn Watch,
        stop: &StopSignal,
    ) -> Result<Option<EndReason>, RunError> {
        let mut acting: Vec<bool> = self.strands.iter().map(|strand| strand.ticks.contains(&tick)).collect();
        for strand in acting_in(&mut self.strands, &acting) {
            strand.simulation.begin_tick(tick, now);
        }
        while acting.contains(&true) {
            for strand in acting_in(&mut self.strands, &acting) {
                strand.simulation.run_before_model();
            }
            if let Some(end) = self.exchange_texts(tick, watch, stop).await? {
                return Ok(Some(end));
            }
            for (strand, acts) in self.strands.iter_mut().zip(&mut acting).filter(|(_, acts)| **acts) {
                *acts = strand.simulation.run_after_turn();
            }
        }
        Ok(None)
    }

    /// Brings replies home until nothing is left to be asked in this turn. The reason where it had to end on the way.
    async fn exchange_texts(
        &mut self,
        tick: u32,
        watch: &mut dyn Watch,
        stop: &StopSignal,
    ) -> Result<Option<EndReason>, RunError> {
        loop {
            let (requests, counts) = self.collect();
            if requests.is_empty() {
                return Ok(None);
            }
            let ids: Vec<_> = requests.iter().map(|request| (request.id, request.backbone)).collect();
            let mut replies = match self.exchange.serve(requests, watch, stop).await {
                Ok(replies) => replies.into_iter(),
                Err(Halt::Stopped) => return Ok(Some(EndReason::Interrupted)),
                Err(Halt::LimitReached(limit)) => return Ok(Some(EndReason::LimitReached(limit))),
                Err(Halt::Store(error)) => return Err(error.into()),
                Err(Halt::Missing { place, missing }) => {
                    let (id, backbone) = ids[place];
                    let society = self.society_of(place, &counts);
                    let missing = MissingReply { society, tick, agent: id.agent, slot: id.slot, backbone, missing };
                    return Ok(Some(EndReason::ReplyMissing(missing)));
                }
            };
            for (strand, count) in self.strands.iter_mut().zip(counts) {
                let simulation = &mut strand.simulation;
                simulation.world.resource_mut::<Inbox>().add(replies.by_ref().take(count));
                if count > 0 {
                    simulation.run_with_replies();
                }
            }
        }
    }

    /// The requests queued in all strands, in order of execution, and how many each queued.
    fn collect(&mut self) -> (Vec<Request>, Vec<usize>) {
        let mut requests: Vec<Request> = Vec::new();
        let mut counts = Vec::with_capacity(self.strands.len());
        for strand in &mut self.strands {
            let mut batch = std::mem::take(&mut strand.simulation.world.resource_mut::<Outbox>().0);
            batch.sort_by_key(|request| request.id);
            counts.push(batch.len());
            requests.append(&mut batch);
        }
        (requests, counts)
    }

    /// The society that made the request at this place.
    fn society_of(&self, place: usize, counts: &[usize]) -> Arc<str> {
        let mut before = 0;
        let owner = self.strands.iter().zip(counts).find(|(_, count)| {
            before += **count;
            place < before
        });
        owner.map_or_else(|| Arc::from(""), |(strand, _)| strand.simulation.branch().society.clone())
    }

    fn over_failure_share(&self, tick: u32) -> Option<EndReason> {
        self.strands.iter().filter(|strand| strand.ticks.contains(&tick)).find_map(|strand| {
            let outcomes = strand.simulation.world.resource::<TickOutcomes>().0;
            let share = outcomes.missing() as f64 / outcomes.asked().max(1) as f64;
            (share > self.failure_share)
                .then(|| EndReason::TooManyFailures { society: strand.simulation.branch().society.clone(), share })
        })
    }
}

fn acting_in<'s>(strands: &'s mut [Strand], acting: &[bool]) -> impl Iterator<Item = &'s mut Strand> {
    strands.iter_mut().zip(acting).filter(|(_, acts)| **acts).map(|(strand, _)| strand)
}

fn summary(end: EndReason, ticks: u32, outcomes: OutcomeCounts) -> RunSummary {
    RunSummary { end, ticks, outcomes }
}

fn drain(simulation: &mut Simulation, tick: u32, now: &PlannedTick) -> TickRecord {
    let branch = simulation.branch().clone();
    let world = &mut simulation.world;
    let mut events = std::mem::take(&mut world.resource_mut::<Journal>().0);
    let outcomes = world.resource::<TickOutcomes>().0;
    events.extend(
        crate::outcome::Outcome::ALL
            .into_iter()
            .map(|outcome| (outcome, outcomes.get(outcome)))
            .filter(|&(_, count)| count > 0)
            .map(|(outcome, count)| Event::Outcomes { outcome, count }),
    );
    TickRecord {
        branch,
        tick,
        now: now.clone(),
        events,
        observations: std::mem::take(&mut world.resource_mut::<Observations>().0),
        tables: std::mem::take(&mut world.resource_mut::<TableRows>().0),
        documents: std::mem::take(&mut world.resource_mut::<Documents>().0),
    }
}
