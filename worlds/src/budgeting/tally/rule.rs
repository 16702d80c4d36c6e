//! The rules by name.

use serde::{Deserialize, Serialize};

/// What a voter has of a funded project it supports.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub enum Utility {
    /// The project itself: 1, or what the ballot gives it.
    #[default]
    Cardinality,
    /// The money spent on it: that times its cost.
    Cost,
}

/// What is done with money that the Method of Equal Shares leaves unspent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub enum Completion {
    /// Nothing.
    #[default]
    None,
    /// The rest is spent greedily by votes.
    Utilitarian,
    /// Every voter is given more, an increment at a time, for as long as the outcome stays within the budget (Add1).
    Add1,
    /// Add1, and what is then left is spent greedily by votes (Add1U).
    Add1Utilitarian,
    /// The budget is raised in steps for as long as the outcome stays within the true one.
    BudgetIncrease,
}

/// A voting rule. Sources: Rey & Maly 2023 (arXiv 2303.00621) for the greedy rules and welfare, Los, Christoff & Grossi
/// 2022 (arXiv 2203.12324) for Phragmén, Peters, Pierczyński & Skowron 2021 (arXiv 2008.13276) for Equal Shares.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Rule {
    /// Projects by score, from the top until one does not fit.
    ApprovalRanking,
    /// Projects by score; one that does not fit is passed over.
    GreedyByVotes,
    /// Projects by score per cost; one that does not fit is passed over.
    GreedyByVotesPerCost,
    /// The affordable set of projects that gives voters most in sum.
    MaxWelfare {
        /// What voters have of a project.
        #[serde(default)]
        utility: Utility,
    },
    /// Projects in the order in which their supporters, earning at one rate, can pay for them.
    SequentialPhragmen,
    /// Projects paid for by their supporters, each out of an equal share of the budget.
    EqualShares {
        /// What voters have of a project.
        #[serde(default)]
        utility: Utility,
        /// What is done with the rest.
        #[serde(default)]
        completion: Completion,
    },
}

impl Rule {
    /// Every rule there is.
    pub fn all() -> Vec<Self> {
        let utilities = [Utility::Cardinality, Utility::Cost];
        let completions = [
            Completion::None,
            Completion::Utilitarian,
            Completion::Add1,
            Completion::Add1Utilitarian,
            Completion::BudgetIncrease,
        ];
        let mut rules = vec![Self::ApprovalRanking, Self::GreedyByVotes, Self::GreedyByVotesPerCost];
        rules.extend(utilities.map(|utility| Self::MaxWelfare { utility }));
        rules.push(Self::SequentialPhragmen);
        for utility in utilities {
            rules.extend(completions.map(|completion| Self::EqualShares { utility, completion }));
        }
        rules
    }

    /// The name used on the command line, in tables and in files.
    pub fn name(self) -> &'static str {
        use Completion as C;
        use Utility::{Cardinality, Cost};
        match self {
            Self::ApprovalRanking => "approval-ranking",
            Self::GreedyByVotes => "greedy-votes",
            Self::GreedyByVotesPerCost => "greedy-votes-per-cost",
            Self::MaxWelfare { utility: Cardinality } => "max-welfare",
            Self::MaxWelfare { utility: Cost } => "max-welfare-cost",
            Self::SequentialPhragmen => "phragmen",
            Self::EqualShares { utility: Cardinality, completion } => match completion {
                C::None => "equal-shares",
                C::Utilitarian => "equal-shares+utilitarian",
                C::Add1 => "equal-shares+add1",
                C::Add1Utilitarian => "equal-shares+add1u",
                C::BudgetIncrease => "equal-shares+budget-increase",
            },
            Self::EqualShares { utility: Cost, completion } => match completion {
                C::None => "equal-shares-cost",
                C::Utilitarian => "equal-shares-cost+utilitarian",
                C::Add1 => "equal-shares-cost+add1",
                C::Add1Utilitarian => "equal-shares-cost+add1u",
                C::BudgetIncrease => "equal-shares-cost+budget-increase",
            },
        }
    }

    /// The rule of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|rule| rule.name() == name)
    }
}
