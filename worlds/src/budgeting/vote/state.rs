//! Votes as part of a society's state, and the systems that open and close a tick of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::journal::{Event, Journal};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{ArmStreams, Purpose};
use pluriverse_engine::simulation::TickOutcomes;
use pluriverse_engine::tick::Clock;
use rand::RngExt;

use super::ballot_box::BallotBox;
use super::design::{Elections, VoteDesign};
use super::form::BallotFault;
use crate::exposure::design::{Placebo, Treatment};
use crate::exposure::placebo::Placebos;
use crate::network::Network;
use crate::survey::state::{PhaseDesign, Questionnaire, Timeline};

/// Streams that permute projects for the placebo that shows ballots across them.
const ACROSS: Purpose = Purpose("vote.across");

/// What is voted on this tick; `None` where nothing is.
#[derive(Resource, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VotePercept(pub Option<VoteDesign>);

/// The ballots cast in the last tick that had any.
#[derive(Resource, Clone, Debug, Default)]
pub struct Ballots(pub BallotBox);

/// The ballots of this tick: filled in `Ask` and `Interpret`, cast in `Resolve`.
#[derive(Resource, Debug, Default)]
pub struct BallotIntents(pub BallotBox);

/// A ballot that could not be cast, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spoilt {
    /// What became of the request.
    pub outcome: Outcome,
    /// What is wrong with the ballot, where one was read.
    pub fault: Option<BallotFault>,
    /// Why, for people.
    pub reason: Arc<str>,
}

/// This tick's ballots that could not be cast, by agent and sample, where more is known than the outcome.
#[derive(Resource, Default, Debug)]
pub struct SpoiltBallots(pub BTreeMap<(AgentId, u32), Spoilt>);

/// The permutation of projects under which a placebo shows ballots.
#[derive(Resource, Clone, Debug, Default)]
pub struct ProjectsAcross(pub Vec<u16>);

/// `Turn` of a tick with a vote: an empty box.
pub fn open_vote(
    clock: Res<Clock>,
    timeline: Res<Timeline>,
    elections: Res<Elections>,
    network: Res<Network>,
    mut intents: ResMut<BallotIntents>,
) {
    if let Some(PhaseDesign::Vote(design)) = timeline.0.get(clock.now.phase as usize) {
        let election = &elections.0[usize::from(design.election)];
        let projects = election.paper.instance.len();
        let (_, width) = election.form.bounds(projects);
        let (agents, samples) = (network.agents() as usize, usize::from(design.samples));
        intents.0 = BallotBox::new(agents, samples, width, election.form.kind());
    }
}

/// `Perceive`: the ballot paper is put in front of every agent, and what placebos show is drawn.
pub fn put_ballots_in_front(
    clock: Res<Clock>,
    timeline: Res<Timeline>,
    elections: Res<Elections>,
    streams: Res<ArmStreams>,
    network: Res<Network>,
    questionnaire: Res<Questionnaire>,
    mut percept: ResMut<VotePercept>,
    mut placebos: ResMut<Placebos>,
    mut across: ResMut<ProjectsAcross>,
) {
    percept.0 = match timeline.0.get(clock.now.phase as usize) {
        Some(PhaseDesign::Vote(design)) => Some(*design),
        _ => None,
    };
    let Some((design, showing)) = percept.0.and_then(|design| Some((design, design.showing?))) else {
        return;
    };
    match showing.treatment {
        Treatment::Placebo(Placebo::AcrossItems) => {
            let projects = elections.0[usize::from(design.election)].paper.instance.len() as u16;
            let mut order: Vec<u16> = (0..projects).collect();
            let mut rng = streams.0.of(ACROSS).stream(AgentId(0), clock.tick);
            // Sattolo's algorithm: one cycle through all projects, so that none stays in its place.
            for last in (1..order.len()).rev() {
                order.swap(last, rng.random_range(0..last as u32) as usize);
            }
            across.0 = order;
        }
        treatment => {
            *placebos = Placebos::draw(treatment, network.agents(), &questionnaire.0, &streams.0, clock.tick);
        }
    }
}

/// `Resolve`: all ballots are cast at once, and what went wrong is written down in agent order.
pub fn cast_ballots(
    percept: Res<VotePercept>,
    mut intents: ResMut<BallotIntents>,
    mut ballots: ResMut<Ballots>,
    spoilt: Res<SpoiltBallots>,
    mut outcomes: ResMut<TickOutcomes>,
    mut journal: ResMut<Journal>,
) {
    if percept.0.is_none() {
        return;
    }
    ballots.0 = std::mem::take(&mut intents.0);
    outcomes.0.merge(&ballots.0.outcomes());
    for (&(agent, sample), spoilt) in &spoilt.0 {
        journal.push(Event::RequestFailed {
            agent,
            subject: Arc::from(format!("ballot {sample}")),
            outcome: spoilt.outcome,
            reason: spoilt.reason.clone(),
        });
    }
}
