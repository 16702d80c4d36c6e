//! A panel of personas as a user writes it.

use pluriverse_agents::kinds::panel::{BaseVoice, JudgingScale};
use pluriverse_agents::profile::Profile;
use pluriverse_worlds::panel::PanelSettings;
use serde::{Deserialize, Serialize};

use super::personas::MicrodataSpec;

/// A panel over a backbone: agents of it answer through personas of their culture.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelSpec {
    /// Name of the backbone its voices are of.
    pub over: String,
    /// Whose voice is corrected.
    #[serde(default)]
    pub base: BaseVoice,
    /// Who its personas are.
    #[serde(default)]
    pub personas: PanelPersonas,
    /// What a distribution counted from replies is smoothed by: so much of a reply, spread evenly over the options.
    #[serde(default = "one_reply")]
    pub smoothing: f64,
    /// The constants.
    #[serde(default)]
    pub settings: PanelSettings,
    /// How gaps of dilemmas are scaled.
    #[serde(default)]
    pub dilemmas: JudgingScale,
}

/// Where a panel's personas come from.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum PanelPersonas {
    /// From the human reference: one that stands for all of its culture, and the others drawn from its shares item by
    /// item.
    #[default]
    Marginals,
    /// From survey microdata: one that stands for all of its culture, and the others drawn from its cells by weight.
    Microdata(Box<MicrodataSpec>),
    /// These, whatever the culture; the panel has as many.
    Given(Vec<Profile>),
}

const fn one_reply() -> f64 {
    1.0
}
