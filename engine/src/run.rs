//! The run loop: societies stepped side by side, one await a tick, limits, and a summary of why it ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exchange::{Exchange, Inbox, Outbox, Request};
use crate::journal::{Event, Journal};
use crate::observation::Observations;
use crate::outcome::OutcomeCounts;
use crate::record::{Recorder, TickRecord};
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
}

/// Everything a run needs besides its recorder.
pub struct Run {
    /// The societies, stepped side by side in this order.
    pub simulations: Vec<Simulation>,
    /// Who serves their requests.
    pub exchange: Exchange,
    /// The ticks to carry out.
    pub plan: Vec<PlannedTick>,
    /// Largest share of a society's requests in one tick that may bring no answer, 0 to 1.
    pub failure_share: f64,
}

impl Run {
    /// Carries out the plan. A tick is recorded whole or not at all.
    pub async fn carry_out(
        &mut self,
        recorder: &mut dyn Recorder,
        watch: &mut dyn Watch,
        stop: &StopSignal,
    ) -> Result<RunSummary, crate::record::RecordError> {
        let total = self.plan.len() as u32;
        let mut outcomes = OutcomeCounts::default();
        for tick in 0..total {
            if stop.is_set() {
                return Ok(summary(EndReason::Interrupted, tick, outcomes));
            }
            let now = self.plan[tick as usize].clone();
            tracing::debug!(tick, mechanism = %now.mechanism, round = now.round, "tick");
            if !self.exchange_texts(tick, &now, stop).await {
                return Ok(summary(EndReason::Interrupted, tick, outcomes));
            }
            for simulation in &mut self.simulations {
                simulation.run_after_model();
                outcomes.merge(&simulation.world.resource::<TickOutcomes>().0);
                recorder.append(drain(simulation, tick, &now))?;
            }
            recorder.end_tick(tick)?;
            watch.tick_done(tick, total, &now);
            if let Some(end) = self.over_failure_share() {
                return Ok(summary(end, tick + 1, outcomes));
            }
        }
        Ok(summary(EndReason::Completed, total, outcomes))
    }

    /// Runs the first half of the tick in every society and brings the replies home. False when stopped on the way.
    async fn exchange_texts(&mut self, tick: u32, now: &PlannedTick, stop: &StopSignal) -> bool {
        let mut requests: Vec<Request> = Vec::new();
        let mut counts = Vec::with_capacity(self.simulations.len());
        for simulation in &mut self.simulations {
            simulation.run_before_model(tick, now);
            let mut batch = std::mem::take(&mut simulation.world.resource_mut::<Outbox>().0);
            batch.sort_by_key(|request| request.id);
            counts.push(batch.len());
            requests.append(&mut batch);
        }
        let replies = tokio::select! {
            biased;
            replies = self.exchange.serve(requests) => replies,
            () = stopped(stop) => return false,
        };
        let mut replies = replies.into_iter();
        for (simulation, count) in self.simulations.iter_mut().zip(counts) {
            simulation.world.resource_mut::<Inbox>().0 = replies.by_ref().take(count).collect();
        }
        true
    }

    fn over_failure_share(&self) -> Option<EndReason> {
        self.simulations.iter().find_map(|simulation| {
            let outcomes = simulation.world.resource::<TickOutcomes>().0;
            let share = outcomes.missing() as f64 / outcomes.asked().max(1) as f64;
            (share > self.failure_share)
                .then(|| EndReason::TooManyFailures { society: simulation.branch().society.clone(), share })
        })
    }
}

async fn stopped(stop: &StopSignal) {
    // Only looked at while a model is being waited for, which takes far longer than this.
    while !stop.is_set() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
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
        tables: std::mem::take(&mut world.resource_mut::<crate::record::table::TableRows>().0),
    }
}
