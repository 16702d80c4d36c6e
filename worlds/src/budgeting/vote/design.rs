//! The design of a vote: what is decided how, and what of the last poll voters are shown before they cast their ballots.

use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use serde::{Deserialize, Serialize};

use super::form::BallotForm;
use super::paper::BallotPaper;
use crate::budgeting::ballot::VoterUnit;
use crate::budgeting::exact::{Exact, whole};
use crate::budgeting::tally::{Increments, Rule, TieBreaking};
use crate::exposure::ExposureDesign;

/// What ballots of a tick are cast for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// To be seen by others: nothing is decided.
    Poll,
    /// To be counted.
    Vote,
}

/// Which of its own latest answers to the survey an agent that votes in words has before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Recall {
    /// None: what it answered before does not reach its vote (the published protocol's).
    #[default]
    Nothing,
    /// Those to items that bear on a project of the ballot.
    Reasons,
    /// All.
    Everything,
}

/// One tick of a vote phase in one arm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VoteDesign {
    /// Place of the election in [`Elections`].
    pub election: u16,
    /// What the ballots are cast for.
    pub stage: Stage,
    /// How many ballots every agent casts.
    pub samples: u16,
    /// What of its answers a voter has before it.
    pub recall: Recall,
    /// How ballots of the poll before are shown; `None` where there was none. Of the design only treatment, `who`,
    /// `order` and `own` mean something to a ballot.
    pub showing: Option<ExposureDesign>,
}

impl VoteDesign {
    /// The mechanism's name in tables.
    pub const fn mechanism(&self) -> &'static str {
        match self.stage {
            Stage::Poll => "deliberation",
            Stage::Vote => "vote",
        }
    }
}

/// Whether ticks of this mechanism are votes or polls before one: nothing of the survey is asked in them.
pub fn is_vote(mechanism: &str) -> bool {
    matches!(mechanism, "deliberation" | "vote")
}

/// What is decided in a vote phase, and how ballots are counted.
#[derive(Clone, PartialEq, Debug)]
pub struct Election {
    /// What is voted on.
    pub paper: BallotPaper,
    /// What a ballot has to be.
    pub form: BallotForm,
    /// Who counts as one voter.
    pub unit: VoterUnit,
    /// The rules ballots are counted by.
    pub rules: Vec<Rule>,
    /// How ties are broken.
    pub ties: TieBreaking,
    /// What Add1 adds to a voter's endowment at a time; a thousandth of an equal share of the budget where absent.
    pub increment: Option<Exact>,
}

impl Election {
    /// How far completions go at a time with so many voters.
    pub fn increments(&self, voters: &Exact) -> Increments {
        let endowment = || self.paper.instance.budget() / voters / whole(1000);
        Increments { endowment: self.increment.clone().unwrap_or_else(endowment), ..Increments::default() }
    }
}

/// The elections of a scenario, in the order of its vote phases.
#[derive(Resource, Clone, Debug, Default)]
pub struct Elections(pub Vec<Arc<Election>>);
