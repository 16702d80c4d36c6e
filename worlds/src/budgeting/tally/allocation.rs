//! What a rule decides, and how it came to it.

use num_bigint::{BigInt, BigUint};

use super::rule::Rule;
use crate::budgeting::electorate::Electorate;
use crate::budgeting::exact::Exact;
use crate::budgeting::instance::ProjectIndex;

/// What a rule spends the budget on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allocation {
    /// The rule.
    pub rule: Rule,
    /// The projects funded, in the order in which they were chosen; of a welfare maximum in the order of ties.
    pub funded: Vec<ProjectIndex>,
    /// The choices in order; none where a set is chosen as a whole.
    pub steps: Vec<Step>,
    /// Why no further project was chosen.
    pub stop: Stop,
    /// What only this kind of rule has to tell.
    pub account: Account,
}

/// One choice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The project chosen.
    pub project: ProjectIndex,
    /// What it was chosen for: its score, its score per cost, its load, or its price per utility ρ. `None` is infinite.
    pub value: Option<Exact>,
    /// All projects that were as good, the chosen one among them, in the order of ties.
    pub tied: Vec<ProjectIndex>,
    /// Who paid for it, under Equal Shares.
    pub payment: Option<Payment>,
}

/// How a project was paid for under Equal Shares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    /// The largest amount a voter paid.
    pub largest: Exact,
    /// How many voters paid it.
    pub payers: Exact,
    /// Cost over price: how many voters the project could count on who pay in full.
    pub effective_votes: Exact,
}

/// Why a rule stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// No project that is left fits what is left of the budget.
    NothingFits,
    /// The next project of the ranking does not fit.
    NextDoesNotFit,
    /// Of the projects with the least load one does not fit.
    LeastLoadDoesNotFit,
    /// No project's supporters can pay for it.
    NothingAffordable,
    /// A set was chosen as a whole.
    Optimal,
    /// Nothing more could be added.
    Exhaustive,
    /// With the next increment the outcome would cost more than the budget.
    NextOverspends,
    /// The most that voters are given was reached.
    BoundReached,
}

impl Stop {
    /// The reason in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NothingFits => "no project left fits",
            Self::NextDoesNotFit => "the next project does not fit",
            Self::LeastLoadDoesNotFit => "a project with the minimum load does not fit",
            Self::NothingAffordable => "no project is affordable to its supporters",
            Self::Optimal => "optimal",
            Self::Exhaustive => "exhaustive",
            Self::NextOverspends => "next endowment overspends",
            Self::BoundReached => "the bound was reached",
        }
    }
}

/// What only one kind of rule has to tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Account {
    /// Nothing.
    Plain,
    /// Phragmén's.
    Loads {
        /// The load of each ballot's voter.
        loads: ByBallot,
    },
    /// Of Equal Shares.
    Purses {
        /// What each voter was given at first, in the run that decided.
        endowment: Exact,
        /// What each ballot has left: all of a voter's money, or its part of it where an agent's is split.
        left: ByBallot,
        /// What was tried to spend the rest.
        raised: Option<Raised>,
    },
    /// Of a welfare maximum.
    Optimum {
        /// The welfare reached.
        welfare: Exact,
        /// How many sets reach it; `None` is more than 2¹²⁷.
        sets: Option<u128>,
    },
}

/// A number for each ballot, over one common denominator: equal ballots have equal numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ByBallot {
    group_of_ballot: Vec<u32>,
    by_group: Vec<BigUint>,
    denominator: BigInt,
}

impl ByBallot {
    pub(super) fn new(electorate: &Electorate, by_group: Vec<BigUint>, denominator: BigInt) -> Self {
        let group_of_ballot = (0..electorate.ballots()).map(|ballot| electorate.group_of(ballot) as u32).collect();
        Self { group_of_ballot, by_group, denominator }
    }

    /// How many ballots there are.
    pub fn len(&self) -> usize {
        self.group_of_ballot.len()
    }

    /// Whether there is none; never true of an electorate's.
    pub fn is_empty(&self) -> bool {
        self.group_of_ballot.is_empty()
    }

    /// The number of a ballot, by its place.
    pub fn of(&self, ballot: usize) -> Exact {
        let above = &self.by_group[self.group_of_ballot[ballot] as usize];
        Exact::new(BigInt::from(above.clone()), self.denominator.clone())
    }

    /// The sum over all ballots.
    pub fn total(&self) -> Exact {
        let mut ballots = vec![0_u64; self.by_group.len()];
        for &group in &self.group_of_ballot {
            ballots[group as usize] += 1;
        }
        let each = self.by_group.iter().zip(ballots);
        let sum = each.fold(BigUint::ZERO, |sum, (amount, ballots)| sum + amount * ballots);
        Exact::new(BigInt::from(sum), self.denominator.clone())
    }
}

/// How far endowments were raised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Raised {
    /// By how much at a time: a voter's endowment under Add1, the budget under a budget increase.
    pub step: Exact,
    /// How many steps were tried, the one that went too far included.
    pub tried: u64,
}

/// A rule that cannot be used on these ballots.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RuleFault {
    /// The rule needs approvals.
    #[error("rule {} counts approvals; these ballots hold rankings or points", .0.name())]
    NeedsApprovals(Rule),
    /// Points below zero.
    #[error("rule {} has voters pay for what they like; points below 0 mean nothing to it", .0.name())]
    BelowZero(Rule),
    /// A completion that goes too little further at a time.
    #[error(
        "rule {} was run 20,000 times without an end: take a larger increment, or a larger share of the budget, at a time",
        .0.name()
    )]
    TooManySteps(Rule),
    /// Numbers with too fine a common unit.
    #[error("rule {} reckons in 128 bits, and these costs and scores have no common unit that fits", .0.name())]
    TooFine(Rule),
}
