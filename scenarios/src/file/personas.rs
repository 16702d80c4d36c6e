//! Where personas come from, as a scenario writes it.

use pluriverse_agents::profile::microdata::{Coding, MicrodataSettings, UnknownCodes, Weights};
use pluriverse_agents::profile::{AgeBands, Demographic, Profile};
use serde::{Deserialize, Serialize};

/// Where the personas of a member come from.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum PersonaSpec {
    /// Each agent is somebody of a cell of survey microdata, drawn by the cell's weight.
    Microdata(Box<MicrodataSpec>),
    /// Each agent's values are drawn item by item from the shares of the human reference.
    Marginals,
    /// These profiles, in order: agents of each culture take one after another, and begin again behind the last.
    Given(Vec<Profile>),
}

/// A file of survey microdata, and which groups of people are made of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MicrodataSpec {
    /// The file: the official CSV of the World Values Survey's wave 7.
    pub file: String,
    /// The demographics by which people are put into cells. The last is given up first where cells are too small.
    #[serde(default = "default_cells")]
    pub by: Vec<Demographic>,
    /// The smallest effective number of people of a cell, from 1 on.
    #[serde(default = "default_minimum")]
    pub minimum: f64,
    /// How respondents are weighted.
    #[serde(default)]
    pub weights: Weights,
    /// Which coding items are read in.
    #[serde(default)]
    pub coding: Coding,
    /// What is made of codes that stand for nothing known.
    #[serde(default)]
    pub unknown_codes: UnknownCodes,
    /// The bands that ages are cut into.
    #[serde(default)]
    pub ages: AgeBands,
}

impl MicrodataSpec {
    /// How the file is read, whichever cultures are.
    pub fn settings(&self) -> MicrodataSettings {
        MicrodataSettings {
            weights: self.weights.clone(),
            coding: self.coding,
            unknown_codes: self.unknown_codes,
            ages: self.ages.clone(),
            cross: self.by.clone(),
            cultures: Vec::new(),
        }
    }
}

fn default_cells() -> Vec<Demographic> {
    vec![Demographic::Age, Demographic::Sex, Demographic::Education]
}
fn default_minimum() -> f64 {
    30.0
}
