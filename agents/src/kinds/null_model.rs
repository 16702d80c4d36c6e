//! Agents that follow a classical model of opinion dynamics: they answer the first survey as a surrogate does, and from
//! then on their opinions move as the model says, and never by chance of asking.
//!
//! Opinions are numbers between options; an answer is the nearest option. Agents of other kinds in the same society are
//! seen with what they answered.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{ArmStreams, Purpose, Streams};
use pluriverse_engine::simulation::{SimulationBuilder, TickOutcomes};
use pluriverse_engine::tick::{Clock, TickSystems};
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::dynamics::opinions::nearest_option;
use pluriverse_worlds::dynamics::story::Round;
use pluriverse_worlds::dynamics::{NullModel, Opinions};
use pluriverse_worlds::exposure::design::{Placebo, Treatment, Who};
use pluriverse_worlds::exposure::showing::Shower;
use pluriverse_worlds::exposure::{ExposureDesign, Showing};
use pluriverse_worlds::network::Network;
use pluriverse_worlds::network::graph::{Direction, Edge, Graph};
use pluriverse_worlds::survey::state::{AnswerIntents, AnswersWanted, Percept, Questionnaire, Sheets};
use pluriverse_worlds::survey::{AnswerSheets, Cell, Survey};
use rayon::prelude::*;

use super::surrogate::answer::{Draws, Situation, answer_row};
use super::surrogate::model::Mind;
use super::surrogate::{PERSON, REQUEST};
use crate::persona::{Persona, Personas};

/// Streams that draw encounters.
const ENCOUNTERS: Purpose = Purpose("null_model.encounters");

/// A classical model and what its agents answer at first.
#[derive(Clone, PartialEq, Debug)]
pub struct NullMind {
    /// What answers the first survey.
    pub mind: Arc<Mind>,
    /// How opinions move.
    pub model: NullModel,
}

/// Marks agents that follow a classical model.
#[derive(Component, Clone, Copy, Debug)]
pub struct FollowsNullModel;

/// The classical models of a run, by backbone.
#[derive(Resource, Clone, Debug, Default)]
pub struct NullModels(pub Vec<Option<NullMind>>);

/// The opinions of a society with agents that follow a classical model: now, at first, and room for the next.
#[derive(Resource, Clone, PartialEq, Debug)]
pub struct SocietyOpinions {
    /// As they are.
    pub now: Opinions,
    /// As they were first.
    pub first: Opinions,
    next: Opinions,
}

impl SocietyOpinions {
    /// These opinions, which are also the first.
    pub fn new(now: Opinions) -> Self {
        Self { first: now.clone(), next: now.clone(), now }
    }
}

/// Adds agents that follow a classical model to a society: expects the survey world and [`NullModels`].
pub fn plugin(simulation: &mut SimulationBuilder) {
    simulation.inherit::<SocietyOpinions>().before_model(
        answer_by_null_model
            .in_set(TickSystems::Ask)
            // Kinds write the answers of their own agents: their order among each other cannot show.
            .ambiguous_with(TickSystems::Ask),
    );
}

fn answer_by_null_model(
    clock: Res<Clock>,
    percept: Res<Percept>,
    streams: Res<Streams>,
    arm: Res<ArmStreams>,
    models: Res<NullModels>,
    shower: Shower,
    questionnaire: Res<Questionnaire>,
    sheets: Res<Sheets>,
    wanted: Res<AnswersWanted>,
    personas: Res<Personas>,
    agents: Query<(&AgentId, &Backbone, &Culture, &Persona), With<FollowsNullModel>>,
    opinions: Option<ResMut<SocietyOpinions>>,
    mut intents: ResMut<AnswerIntents>,
    mut outcomes: ResMut<TickOutcomes>,
    mut commands: Commands,
) {
    if *percept == Percept::Nothing || agents.is_empty() {
        return;
    }
    let mut members: Vec<Member> =
        agents.iter().map(|(&agent, &backbone, &culture, &persona)| (agent, backbone, culture, persona)).collect();
    // The order of a query is not a promise.
    members.sort_unstable_by_key(|&(agent, ..)| agent);
    let survey = &questionnaire.0;
    let Some(mut opinions) = opinions else {
        let first = first_answers(&members, &models, &personas, (&streams, &arm), clock.tick, &intents.0);
        for &(agent, ..) in &members {
            intents.0.copy_row(&first, agent);
        }
        commands.insert_resource(SocietyOpinions::new(Opinions::of_answers(&first, survey)));
        return;
    };
    let opinions = &mut *opinions;
    if let Some(design) = percept.exposure().filter(|design| design.treatment.shows()) {
        let showing = shower.showing(design, &sheets, &clock);
        let stepped =
            Stepped { members: &members, models: &models, survey, sheets: &sheets.current, showing: &showing };
        stepped.step(opinions, &arm, clock.tick);
    }
    match *wanted {
        AnswersWanted::EveryTick => write_answers(&members, &opinions.now, survey, &mut intents.0),
        // Counted without being written: every opinion is an answer.
        AnswersWanted::Never => {
            outcomes.0.add_many(Outcome::Answered, (members.len() * survey.len()) as u64);
        }
    }
}

/// An agent: who it is and what it is grounded in.
type Member = (AgentId, Backbone, Culture, Persona);

/// What a surrogate answers at first, never missing.
fn first_answers(
    members: &[Member],
    models: &NullModels,
    personas: &Personas,
    (streams, arm): (&Streams, &ArmStreams),
    tick: u32,
    like: &AnswerSheets,
) -> AnswerSheets {
    let items = like.items();
    let mut first = AnswerSheets::new(like.agents(), items);
    let (person, request) = (streams.of(PERSON), arm.0.of(REQUEST));
    let mut draws = Draws::new(items);
    for &(agent, backbone, culture, persona) in members {
        if let Some(null) = models.0.get(backbone.index()).and_then(Option::as_ref) {
            draws.draw(&person, &request, agent, tick);
            let row = &mut first.cells_mut()[agent.index() * items..][..items];
            let stance = personas.stance(persona);
            let situation = Situation { asked_before: tick, shown: None, own: None, stance };
            answer_row(row, &null.mind, culture, &draws, situation);
        }
    }
    first
}

fn write_answers(members: &[Member], opinions: &Opinions, survey: &Survey, intents: &mut AnswerSheets) {
    let items = intents.items();
    let spans: Vec<i32> = survey.items.iter().map(pluriverse_worlds::survey::Item::span).collect();
    let mut follows = vec![false; intents.agents()];
    for (agent, ..) in members {
        follows[agent.index()] = true;
    }
    let rows = intents.cells_mut().par_chunks_mut(items.max(1)).enumerate();
    rows.filter(|(agent, _)| follows[*agent]).for_each(|(agent, row)| {
        for ((cell, &opinion), &span) in row.iter_mut().zip(opinions.row(agent)).zip(&spans) {
            *cell = if opinion.is_nan() { Cell::missing(Outcome::Failed) } else { nearest_option(opinion, span) };
        }
    });
}

/// What a step of a society is made of.
struct Stepped<'a> {
    members: &'a [Member],
    models: &'a NullModels,
    survey: &'a Survey,
    sheets: &'a AnswerSheets,
    showing: &'a Showing<'a>,
}

impl Stepped<'_> {
    /// Moves the opinions of everybody who follows a model.
    fn step(&self, opinions: &mut SocietyOpinions, arm: &ArmStreams, tick: u32) {
        let agents = opinions.now.agents();
        if self.members.len() < agents {
            let mut follows = vec![false; agents];
            for (agent, ..) in self.members {
                follows[agent.index()] = true;
            }
            let others = (0..agents as u32).map(AgentId).filter(|agent| !follows[agent.index()]);
            opinions.now.take_answers_of(others, self.sheets, self.survey);
        }
        let seen = self.seen(&opinions.now);
        let sampled = self.sampled(agents as u32);
        let network = sampled.as_ref().unwrap_or(self.showing.network);
        let mut backbones: Vec<Backbone> = self.members.iter().map(|(_, backbone, ..)| *backbone).collect();
        backbones.sort_unstable();
        backbones.dedup();
        let mut moved: Option<Opinions> = None;
        for backbone in &backbones {
            let Some(null) = self.models.0.get(backbone.index()).and_then(Option::as_ref) else {
                continue;
            };
            let mut rng = arm.0.of(ENCOUNTERS).stream(AgentId(u32::from(backbone.0)), tick);
            let SocietyOpinions { now, first, next } = &mut *opinions;
            let round = Round { now, seen: seen.as_ref().unwrap_or(now), first, network };
            null.model.step(&round, next, &mut rng);
            if backbones.len() > 1 || self.members.len() < agents {
                // Others keep what they hold: each model moves its own agents.
                let kept = moved.get_or_insert_with(|| now.clone());
                for (agent, ..) in self.members.iter().filter(|(_, of, ..)| of == backbone) {
                    kept.take_row(next, agent.index());
                }
            }
        }
        match moved {
            Some(moved) => opinions.now = moved,
            None => std::mem::swap(&mut opinions.now, &mut opinions.next),
        }
    }

    /// What can be seen of everybody, where it is not what they hold.
    fn seen(&self, now: &Opinions) -> Option<Opinions> {
        let ExposureDesign { treatment: Treatment::Placebo(placebo), .. } = self.showing.design else {
            return None;
        };
        let items = now.items();
        let row = |agent: usize| -> Vec<f64> {
            let peer = AgentId(agent as u32);
            match placebo {
                // The next along the donors' cycle, whoever looks.
                Placebo::Donor => now.row(self.showing.placebos.successor(peer).index()).to_vec(),
                Placebo::AcrossItems => {
                    (0..items).map(|item| now.row(agent)[self.showing.placebos.item(item)]).collect()
                }
                Placebo::Uniform => {
                    let position = |item: usize| {
                        let answer = self.showing.uniform(peer, item, 1).first().copied().unwrap_or(1);
                        f64::from(answer - 1) / f64::from(self.survey.items[item].span().max(1))
                    };
                    (0..items).map(position).collect()
                }
                Placebo::OtherRun => {
                    let position = |item: usize| {
                        let other = self.showing.other?;
                        let answer = other.answer(self.showing.round, peer, item)?;
                        Some(f64::from(answer - 1) / f64::from(self.survey.items[item].span().max(1)))
                    };
                    (0..items).map(|item| position(item).unwrap_or(f64::NAN)).collect()
                }
            }
        };
        Some(Opinions::new(items, (0..now.agents()).flat_map(row).collect()))
    }

    /// The network of a round in which everybody is shown a sample of its peers.
    fn sampled(&self, agents: u32) -> Option<Network> {
        if !matches!(self.showing.design.who, Who::Sampled(_)) {
            return None;
        }
        let edges: Vec<Edge> = (0..agents)
            .flat_map(|source| {
                let places = self.showing.places(AgentId(source));
                places.into_iter().map(move |place| Edge { source, target: place.peer.0, weight: place.weight })
            })
            .collect();
        Graph::new(agents, &edges, Direction::Directed).ok().map(|graph| Network::Graph(Arc::new(graph)))
    }
}
