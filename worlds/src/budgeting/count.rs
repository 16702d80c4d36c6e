//! An election counted by a rule: what it funds, what that means to voters, and which axioms it keeps.

use super::electorate::Electorate;
use super::instance::{Instance, ProjectIndex};
use super::measures::axioms::{Cohesive, cohesive, ejr_plus, justified_representation};
use super::measures::{Satisfaction, SatisfactionKind, SearchLimit, Verdict};
use super::tally::{Allocation, Contest, Increments, Rule, RuleFault, tally};

/// Axioms verified on what a rule funded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Axioms {
    /// Justified representation; `None` where costs differ.
    pub justified_representation: Option<Verdict>,
    /// EJR+; `None` where costs differ.
    pub ejr_plus: Option<Verdict>,
    /// Axioms of cohesive groups, satisfaction being the number of funded projects.
    pub cardinality: Cohesive,
    /// The same, satisfaction being the money spent on them; `None` where all costs are equal and it is the same thing.
    pub cost: Option<Cohesive>,
}

impl Axioms {
    /// Verifies them all. Sets are looked at in this order of projects.
    pub fn of(
        instance: &Instance,
        electorate: &Electorate,
        funded: &[ProjectIndex],
        order: &[ProjectIndex],
        limit: SearchLimit,
    ) -> Self {
        let cohesive = |kind| cohesive(instance, electorate, funded, kind, order, limit);
        Self {
            justified_representation: justified_representation(instance, electorate, funded, order),
            ejr_plus: ejr_plus(instance, electorate, funded, order),
            cardinality: cohesive(SatisfactionKind::Cardinality),
            cost: instance.equal_cost().is_none().then(|| cohesive(SatisfactionKind::Cost)),
        }
    }
}

/// What a rule makes of an election.
#[derive(Clone, PartialEq, Debug)]
pub struct Counted {
    /// What it funds and how it came to that.
    pub allocation: Allocation,
    /// What that means to voters.
    pub satisfaction: Satisfaction,
    /// Which axioms it keeps.
    pub axioms: Axioms,
}

impl Counted {
    /// Counts an election by a rule.
    pub fn of(
        contest: &Contest<'_>,
        rule: Rule,
        increments: &Increments,
        limit: SearchLimit,
    ) -> Result<Self, RuleFault> {
        let allocation = tally(contest, rule, increments)?;
        let (instance, electorate) = (contest.instance, contest.electorate);
        Ok(Self {
            satisfaction: Satisfaction::of(instance, electorate, &allocation.funded),
            axioms: Axioms::of(instance, electorate, &allocation.funded, contest.by_rank(), limit),
            allocation,
        })
    }
}
