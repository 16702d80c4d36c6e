//! Panels: agents that answer through personas of their culture, whose disagreement becomes a bounded correction (DISCA,
//! arXiv 2605.10843).
//!
//! A panel is a base voice and N personas over one backbone. Each voice says how it would spread over the options of an
//! item, with options in both orders; [`decision`] turns that into one distribution, from which the agent's answer is
//! drawn; in a dilemma [`judgement`] turns their log-odds into one judgement. Agents with a language model ask their voices in words ([`voices`]); surrogates compute them
//! (`kinds::surrogate::panel`). What is said in a text has no distribution to correct: on a platform of posts a panel
//! that writes speaks through one of its personas, drawn anew at every wake.

pub mod decision;
pub mod figures;
pub mod judgement;
pub mod voices;

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::Backbone;
use pluriverse_engine::seed::Purpose;
use pluriverse_engine::simulation::SimulationBuilder;
use pluriverse_engine::tick::TickSystems;
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::drafting::observe::observe_drafts;
use pluriverse_worlds::panel::PanelSettings;
use pluriverse_worlds::platform::record::record_platform;
use serde::{Deserialize, Serialize};

use crate::profile::stance::Stance;

pub use decision::{PanelDecision, decide};
pub use figures::{PanelFigures, PanelLog, PanelSums};
use figures::{observe_panels, record_panels};
pub use judgement::{Calibration, JudgingScale, judge};
pub use voices::{Presented, Speaker, Voice, Voices};

/// Adds what panels note to a society: expects [`Panels`], and the observers of the survey, of votes, of the platform and of dilemmas.
pub fn plugin(simulation: &mut SimulationBuilder) {
    simulation.world.init_resource::<PanelLog>();
    simulation.after_model(observe_panels.in_set(TickSystems::Observe).after(observe_drafts)).after_model(
        record_panels.in_set(TickSystems::Record).after(record_platform).ambiguous_with(TickSystems::Record),
    );
}

/// Streams of a panel's importance sampling.
pub const DRAWS: Purpose = Purpose("panel.draws");

/// Streams of the importance sampling behind judgements of dilemmas.
pub const JUDGEMENT_DRAWS: Purpose = Purpose("panel.judgement");

/// Streams that draw an answer from a panel's distribution.
pub const TAKE: Purpose = Purpose("panel.take");

/// Streams that draw the persona a panel writes through.
pub const SPEAKER: Purpose = Purpose("panel.speaker");

/// Whose voice a panel corrects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum BaseVoice {
    /// Nobody's in particular, as published: a model that was told of no country.
    #[default]
    Neutral,
    /// The agent's own without a panel: a model that was told its country.
    Culture,
}

/// A persona of a panel.
#[derive(Clone, PartialEq, Debug)]
pub struct PanelPersona {
    /// Its words in a prompt, behind those of its culture.
    pub words: Arc<str>,
    /// Where they put it, for agents without words.
    pub stance: Arc<Stance>,
}

/// A panel over a backbone.
#[derive(Clone, PartialEq, Debug)]
pub struct Panel {
    /// The backbone its voices are of.
    pub over: Backbone,
    /// Whose voice is corrected.
    pub base: BaseVoice,
    /// What a distribution counted from replies is smoothed by: this much of a reply, spread evenly over the options,
    /// so that a correction can reach options no reply happened to choose. At least 0.
    pub smoothing: f64,
    /// The constants.
    pub settings: PanelSettings,
    /// How gaps of dilemmas are scaled.
    pub judging: JudgingScale,
    /// By culture; empty where nobody of the culture has a panel.
    pub personas: Vec<Vec<PanelPersona>>,
}

impl Panel {
    /// The personas of a culture.
    pub fn of(&self, culture: Culture) -> &[PanelPersona] {
        self.personas.get(culture.index()).map_or(&[], Vec::as_slice)
    }
}

/// The panels of a run, by backbone; `None` where a backbone is none.
#[derive(Resource, Clone, Debug, Default)]
pub struct Panels(pub Vec<Option<Arc<Panel>>>);

impl Panels {
    /// The panel of a backbone.
    pub fn of(&self, backbone: Backbone) -> Option<&Arc<Panel>> {
        self.0.get(backbone.index()).and_then(Option::as_ref)
    }
}
