//! The survey world's place in the tick.

use bevy_ecs::prelude::*;
use pluriverse_engine::seed::ArmStreams;
use pluriverse_engine::simulation::SimulationBuilder;
use pluriverse_engine::tick::TickSystems;

use super::counted::{AnswersByCulture, count_by_culture};
use super::observe::{
    observe_alignment, observe_diversity, observe_drift, observe_items, observe_missing, observe_structure,
};
use super::record::record_answers;
use super::resolve::resolve_answers;
use super::sheet::AnswerSheets;
use super::state::{
    AnswerIntents, AnswersWanted, Distributions, Failures, Percept, ReplyTexts, Sheets, answers_were_asked, open_turn,
    put_items_in_front, settle_turn,
};
use crate::exposure::placebo::Placebos;
use crate::exposure::showing::{Everybody, ShowingStreams};
use crate::exposure::turns::draw_placebos;
use crate::network::Network;
use crate::plane::observe::{OnPlane, observe_plane};
use crate::pluralism::observe::{ItemResamples, People, observe_pluralism};

/// Adds the survey to a society: expects the resources `Questionnaire`, `Timeline`, `Sheets`, `Measurement`,
/// `ReferenceSheets`, `HumanSharesOf`, `RecordAnswers`, `BackboneNames`, `Cultures` and `Network` to be in the world.
pub fn plugin(simulation: &mut SimulationBuilder) {
    let sheets = simulation.world.resource::<Sheets>();
    let intents = AnswerSheets::new(sheets.current.agents(), sheets.current.items());
    simulation.world.insert_resource(AnswerIntents(intents));
    simulation.world.init_resource::<AnswersWanted>();
    simulation.world.init_resource::<Failures>();
    simulation.world.init_resource::<Distributions>();
    simulation.world.init_resource::<ReplyTexts>();
    simulation.world.init_resource::<Percept>();
    simulation.world.init_resource::<Placebos>();
    simulation.world.init_resource::<AnswersByCulture>();
    simulation.world.init_resource::<OnPlane>();
    simulation.world.init_resource::<People>();
    simulation.world.init_resource::<ItemResamples>();
    let streams = ShowingStreams::new(&simulation.world.resource::<ArmStreams>().0);
    simulation.world.insert_resource(streams);
    let agents = simulation.world.resource::<Network>().agents();
    simulation.world.insert_resource(Everybody(Network::Complete { agents }));
    simulation
        .inherit::<Sheets>()
        .inherit::<ReplyTexts>()
        .before_model(open_turn.in_set(TickSystems::Turn))
        .before_model((put_items_in_front, draw_placebos).chain().in_set(TickSystems::Perceive))
        .after_turn(settle_turn.in_set(TickSystems::Settle))
        .after_model(resolve_answers.in_set(TickSystems::Resolve).run_if(answers_were_asked))
        .after_model(
            // One order of rows in the table of observations.
            (
                count_by_culture,
                observe_diversity,
                observe_alignment,
                observe_items,
                observe_structure,
                observe_plane,
                observe_pluralism,
                observe_drift,
                observe_missing,
            )
                .chain()
                .in_set(TickSystems::Observe)
                .run_if(answers_were_asked),
        )
        .after_model(record_answers.in_set(TickSystems::Record).run_if(answers_were_asked));
}
