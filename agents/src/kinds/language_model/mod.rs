//! Agents that answer in text: percept to prompt to request, reply to answer.

mod again;
mod ask;
mod decide;
mod dilemmas;
mod draft;
mod drafted;
mod interpret;
mod panel;
pub mod post;
mod record;
mod remember;
mod verdicts;
mod vote;

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::simulation::SimulationBuilder;
use pluriverse_engine::tick::TickSystems;

pub use ask::{Put, Questions, question};
pub use dilemmas::{DilemmaQuestions, JudgingPrompts, dilemma_question};
pub use draft::DraftsInWords;
pub use record::REQUESTS;
pub use vote::{VoteQuestions, Voting, vote_question};

use pluriverse_worlds::platform::life::{close_round, open_round};

use crate::form::AnswerDesign;
use crate::parse::{ParseRule, Reader};
use crate::prompt::Prompts;

/// Marks agents whose backbone is a language model behind the exchange.
#[derive(Component, Clone, Copy, Debug)]
pub struct SpeaksToModel;

/// The prompts of a society's language-model agents.
#[derive(Resource, Clone)]
pub struct SurveyPrompts(pub Arc<Prompts>);

/// How answers are asked for and read.
#[derive(Resource, Clone, Copy, Debug)]
pub struct Answering {
    /// How they are asked for.
    pub design: AnswerDesign,
    /// How words are read.
    pub rule: ParseRule,
}

impl Answering {
    /// How replies are read.
    pub fn reader(&self) -> Reader {
        Reader { format: self.design.format, rule: self.rule }
    }
}

/// Adds language-model agents to a society: expects the survey world and that of votes, [`SurveyPrompts`], [`Voting`]
/// and [`Answering`].
pub fn plugin(simulation: &mut SimulationBuilder) {
    simulation.world.init_resource::<ask::CurrentQuestions>();
    simulation.world.init_resource::<vote::CurrentVote>();
    simulation.world.init_resource::<dilemmas::CurrentDilemmas>();
    simulation.world.init_resource::<draft::CurrentDrafts>();
    simulation.world.init_resource::<drafted::UnderWay>();
    simulation.world.init_resource::<record::Dialogue>();
    simulation.world.init_resource::<post::Awake>();
    simulation.world.init_resource::<post::Recollections>();
    simulation
        .inherit::<post::Recollections>()
        .before_model(post::take_turns_awake.in_set(TickSystems::Turn).after(open_round))
        // Kinds write the answers of their own agents: their order among each other cannot show.
        .before_model(
            (
                ask::ask_models,
                vote::ask_for_ballots,
                post::ask_awake,
                dilemmas::ask_for_judgements,
                draft::ask_for_drafts,
            )
                .chain()
                .in_set(TickSystems::Ask)
                .ambiguous_with(TickSystems::Ask),
        )
        // Between being put in front of an agent and being asked.
        .before_model(remember::begin_to_remember.after(TickSystems::Perceive).before(TickSystems::Ask))
        .with_replies(
            (
                again::ask_again,
                drafted::go_on_drafting,
                vote::ask_for_ballots_again,
                post::read_on,
                dilemmas::ask_for_judgements_again,
                draft::draft_on,
            )
                .chain()
                .in_set(TickSystems::AskAgain),
        )
        .after_turn(
            (
                interpret::read_replies,
                remember::remember,
                vote::read_ballots,
                post::read_awake,
                dilemmas::read_judgements,
                draft::read_drafts,
            )
                .chain()
                .in_set(TickSystems::Interpret)
                .ambiguous_with(TickSystems::Interpret),
        )
        .after_model(post::remember_deeds.in_set(TickSystems::Resolve).after(close_round))
        // Tables are written apart: their order among each other cannot show.
        .after_model(record::record_requests.in_set(TickSystems::Record).ambiguous_with(TickSystems::Record));
}
