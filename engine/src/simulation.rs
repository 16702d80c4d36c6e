//! One society under one arm in one replicate: an ECS world and the schedules around the await.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::schedule::{LogLevel, ScheduleBuildSettings, ScheduleLabel, SingleThreadedExecutor};
use bevy_ecs::system::ScheduleSystem;

use crate::exchange::{Accounts, Inbox, Outbox};
use crate::journal::Journal;
use crate::observation::Observations;
use crate::outcome::OutcomeCounts;
use crate::record::document::Documents;
use crate::record::table::TableRows;
use crate::seed::{ArmStreams, Streams};
use crate::tick::{AfterModel, AfterTurn, BeforeModel, Clock, PlannedTick, TickSystems, Turns, WithReplies};

/// Which of the run's societies, arms and replicates a simulation is.
#[derive(Resource, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Branch {
    /// The society's name in the scenario.
    pub society: Arc<str>,
    /// The treatment arm.
    pub arm: Arc<str>,
    /// The replicate, from 0.
    pub replicate: u32,
}

/// Requests of the current tick by outcome, filled by worlds in [`TickSystems::Resolve`].
#[derive(Resource, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TickOutcomes(pub OutcomeCounts);

/// How the order of systems that no constraint orders is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SystemOrder {
    /// The order of registration.
    #[default]
    AsRegistered,
    /// Shuffled by this seed, to prove that the constraints suffice.
    Shuffled(u64),
}

/// A schedule that cannot be built: two systems touch the same data and nothing orders them.
#[derive(Debug, thiserror::Error)]
#[error("schedule {schedule} is ambiguous: {reason}")]
pub struct ScheduleError {
    schedule: String,
    reason: String,
}

/// Copies a part of one world's state to another world.
type Copier = fn(&World, &mut World);

/// One society under one arm in one replicate.
pub struct Simulation {
    /// The state: agents as entities, everything else as resources.
    pub world: World,
    before: Schedule,
    with_replies: Schedule,
    after_turn: Schedule,
    after: Schedule,
    inherited: Vec<Copier>,
}

impl Simulation {
    /// Which society, arm and replicate this is.
    pub fn branch(&self) -> &Branch {
        self.world.resource::<Branch>()
    }

    /// Takes over the state of another simulation of the same society: everything plugins declared to be inherited.
    pub fn fork_from(&mut self, other: &Self) {
        for copy in &self.inherited {
            copy(&other.world, &mut self.world);
        }
    }

    /// Sets the clock before the first turn of a tick.
    pub fn begin_tick(&mut self, tick: u32, now: &PlannedTick) {
        self.world.insert_resource(Clock { tick, now: now.clone() });
        *self.world.resource_mut::<TickOutcomes>() = TickOutcomes::default();
        self.world.resource_mut::<Turns>().begin();
    }

    /// Runs the sets up to [`TickSystems::Ask`] of a turn and leaves the requests in the [`Outbox`].
    pub fn run_before_model(&mut self) {
        self.before.run(&mut self.world);
    }

    /// Runs [`TickSystems::AskAgain`] with the replies in the [`Inbox`], and leaves new requests in the [`Outbox`].
    pub fn run_with_replies(&mut self) {
        self.with_replies.run(&mut self.world);
    }

    /// Runs [`TickSystems::Interpret`] and [`TickSystems::Settle`] with the replies in the [`Inbox`]; whether another
    /// turn follows.
    pub fn run_after_turn(&mut self) -> bool {
        self.after_turn.run(&mut self.world);
        self.world.resource_mut::<Turns>().advance()
    }

    /// Runs the sets from [`TickSystems::Resolve`] on.
    pub fn run_after_model(&mut self) {
        self.after.run(&mut self.world);
    }
}

/// Puts a simulation together. A plugin is a function that takes this builder.
pub struct SimulationBuilder {
    /// The state, open to plugins.
    pub world: World,
    before: Schedule,
    with_replies: Schedule,
    after_turn: Schedule,
    after: Schedule,
    inherited: Vec<Copier>,
    order: SystemOrder,
}

impl SimulationBuilder {
    /// An empty society with the tick's sets in order and the engine's own resources in place.
    pub fn new(branch: Branch, streams: Streams, order: SystemOrder) -> Self {
        let mut world = World::new();
        world.insert_resource(ArmStreams(streams.of_arm(&branch.arm)));
        world.insert_resource(branch);
        world.insert_resource(streams);
        world.init_resource::<Outbox>();
        world.init_resource::<Inbox>();
        world.init_resource::<Accounts>();
        world.init_resource::<Journal>();
        world.init_resource::<Observations>();
        world.init_resource::<TableRows>();
        world.init_resource::<Documents>();
        world.init_resource::<TickOutcomes>();
        world.init_resource::<Turns>();
        let mut before = Schedule::new(BeforeModel);
        before.configure_sets((TickSystems::Turn, TickSystems::Perceive, TickSystems::Ask).chain());
        let mut with_replies = Schedule::new(WithReplies);
        with_replies.configure_sets(TickSystems::AskAgain);
        let mut after_turn = Schedule::new(AfterTurn);
        after_turn.configure_sets((TickSystems::Interpret, TickSystems::Settle).chain());
        let mut after = Schedule::new(AfterModel);
        after.configure_sets((TickSystems::Resolve, TickSystems::Observe, TickSystems::Record).chain());
        Self { world, before, with_replies, after_turn, after, inherited: Vec::new(), order }
    }

    /// Adds systems to [`BeforeModel`].
    pub fn before_model<M>(&mut self, systems: impl IntoScheduleConfigs<ScheduleSystem, M>) -> &mut Self {
        self.before.add_systems(systems);
        self
    }

    /// Adds systems to [`WithReplies`].
    pub fn with_replies<M>(&mut self, systems: impl IntoScheduleConfigs<ScheduleSystem, M>) -> &mut Self {
        self.with_replies.add_systems(systems);
        self
    }

    /// Adds systems to [`AfterTurn`].
    pub fn after_turn<M>(&mut self, systems: impl IntoScheduleConfigs<ScheduleSystem, M>) -> &mut Self {
        self.after_turn.add_systems(systems);
        self
    }

    /// Declares a resource to be state that an arm takes over when it forks from what it has in common with others.
    pub fn inherit<R: Resource + Clone>(&mut self) -> &mut Self {
        self.inherited.push(|from, to| {
            if let Some(state) = from.get_resource::<R>() {
                to.insert_resource(state.clone());
            }
        });
        self
    }

    /// Adds systems to [`AfterModel`].
    pub fn after_model<M>(&mut self, systems: impl IntoScheduleConfigs<ScheduleSystem, M>) -> &mut Self {
        self.after.add_systems(systems);
        self
    }

    /// Builds the schedules, single-threaded, with ambiguities as errors.
    pub fn build(mut self) -> Result<Simulation, ScheduleError> {
        strict(&mut self.before, &mut self.world, self.order, BeforeModel)?;
        strict(&mut self.with_replies, &mut self.world, self.order, WithReplies)?;
        strict(&mut self.after_turn, &mut self.world, self.order, AfterTurn)?;
        strict(&mut self.after, &mut self.world, self.order, AfterModel)?;
        Ok(Simulation {
            world: self.world,
            before: self.before,
            with_replies: self.with_replies,
            after_turn: self.after_turn,
            after: self.after,
            inherited: self.inherited,
        })
    }
}

fn strict(
    schedule: &mut Schedule,
    world: &mut World,
    order: SystemOrder,
    label: impl ScheduleLabel,
) -> Result<(), ScheduleError> {
    schedule.set_executor(SingleThreadedExecutor::new());
    schedule.set_build_settings(ScheduleBuildSettings {
        ambiguity_detection: LogLevel::Error,
        // A sync point inserted by the scheduler could hide a missing order.
        auto_insert_apply_deferred: false,
        shuffle_seed: match order {
            SystemOrder::AsRegistered => None,
            SystemOrder::Shuffled(seed) => Some(seed),
        },
        ..ScheduleBuildSettings::default()
    });
    schedule.initialize(world).map(|_| ()).map_err(|error| ScheduleError {
        schedule: format!("{label:?}"),
        reason: error.to_string(schedule.graph(), world),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Resource, Default)]
    struct Shared(u32);

    fn writes(mut shared: ResMut<Shared>) {
        shared.0 += 1;
    }

    fn reads(shared: Res<Shared>) {
        assert!(shared.0 < 2);
    }

    fn builder() -> SimulationBuilder {
        let branch = Branch { society: Arc::from("s"), arm: Arc::from("a"), replicate: 0 };
        let mut builder = SimulationBuilder::new(branch, Streams::new(1, "s", 0), SystemOrder::AsRegistered);
        builder.world.init_resource::<Shared>();
        builder
    }

    #[test]
    fn two_systems_that_touch_the_same_data_without_an_order_are_an_error_that_names_them() {
        let mut ambiguous = builder();
        ambiguous.after_model(writes.in_set(TickSystems::Observe)).after_model(reads.in_set(TickSystems::Observe));
        let error = ambiguous.build().err().expect("an ambiguity").to_string();
        assert!(error.contains("writes") && error.contains("reads"), "{error}");

        let mut ordered = builder();
        ordered.after_model(writes.in_set(TickSystems::Resolve)).after_model(reads.in_set(TickSystems::Observe));
        assert!(ordered.build().is_ok());
    }
}
