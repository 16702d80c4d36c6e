//! What is put to the vote: a ballot's projects, and what speaks for each of them in a survey.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::budgeting::instance::Instance;

/// Which end of an item's options speaks for a project.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Favours {
    /// The first option.
    First,
    /// The last option.
    Last,
    /// The middle of the options.
    Middle,
}

impl Favours {
    /// How much an answer at this position, 0 the first option and 1 the last, speaks for the project: 0 to 1.
    pub fn support(self, position: f64) -> f64 {
        match self {
            Self::First => 1.0 - position,
            Self::Last => position,
            Self::Middle => 1.0 - (2.0 * position - 1.0).abs(),
        }
    }
}

/// An item of a survey that bears on a project.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Id of the item.
    pub item: Arc<str>,
    /// Which end of its options speaks for the project.
    pub favours: Favours,
}

/// What voters are given: the projects, and a word about them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BallotPaper {
    /// Its name.
    pub name: Arc<str>,
    /// What the vote is about, for prompts.
    pub intro: Arc<str>,
    /// The currency costs are in, for prompts and files.
    pub currency: Arc<str>,
    /// Projects and budget.
    pub instance: Instance,
    /// By project: the items that bear on it.
    pub reasons: Vec<Vec<Reason>>,
}
