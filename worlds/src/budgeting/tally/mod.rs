//! From ballots to spending: voting rules in exact arithmetic, with every tie told.

mod allocation;
mod completion;
mod contest;
mod greedy;
mod order;
mod phragmen;
mod procedure;
mod rule;
mod shares;
mod welfare;

pub use allocation::{Account, Allocation, ByBallot, Payment, Raised, RuleFault, Step, Stop};
pub use completion::Increments;
pub use contest::Contest;
pub use order::{IdOrder, TieBreaking, TieKey, natural};
pub use rule::{Completion, Rule, Utility};

use self::completion::{equal_shares, share_of};
use self::greedy::{By, Greedy, Misfit};
use self::phragmen::Phragmen;
use self::procedure::{irresolute, resolute};
use self::shares::EqualShares;
use self::welfare::{Knapsack, max_welfare};
use super::ballot::BallotKind;
use super::instance::ProjectIndex;

/// Carries out a rule, ties broken in the contest's order.
pub fn tally(contest: &Contest<'_>, rule: Rule, increments: &Increments) -> Result<Allocation, RuleFault> {
    check(contest, rule)?;
    Ok(match rule {
        Rule::ApprovalRanking => greedy(contest, rule, By::Votes, Misfit::End),
        Rule::GreedyByVotes => greedy(contest, rule, By::Votes, Misfit::Skip),
        Rule::GreedyByVotesPerCost => greedy(contest, rule, By::VotesPerCost, Misfit::Skip),
        Rule::MaxWelfare { utility } => max_welfare(contest, utility)?,
        Rule::SequentialPhragmen => phragmen(contest),
        Rule::EqualShares { utility, completion } => equal_shares(contest, utility, completion, increments)?,
    })
}

/// Every set of projects, in ascending order of places, that a rule can come to by breaking ties in some way; `None`
/// where there are too many ways to follow, or where a completion makes the rule more than one run.
pub fn tied_outcomes(contest: &Contest<'_>, rule: Rule) -> Result<Option<Vec<Vec<ProjectIndex>>>, RuleFault> {
    check(contest, rule)?;
    let greedy = |by, misfit| irresolute(Greedy::new(contest, by, misfit, &[]));
    let outcomes = match rule {
        Rule::ApprovalRanking => greedy(By::Votes, Misfit::End),
        Rule::GreedyByVotes => greedy(By::Votes, Misfit::Skip),
        Rule::GreedyByVotesPerCost => greedy(By::VotesPerCost, Misfit::Skip),
        Rule::SequentialPhragmen => irresolute(Phragmen::new(contest)),
        Rule::MaxWelfare { utility } => return Ok(Knapsack::new(contest, utility)?.all(MOST_OUTCOMES)),
        Rule::EqualShares { utility, completion: Completion::None } => {
            irresolute(EqualShares::new(contest, utility, &share_of(contest, contest.instance.budget())))
        }
        Rule::EqualShares { .. } => None,
    };
    Ok(outcomes.map(|outcomes| outcomes.into_iter().collect()))
}

/// Optimal sets beyond which they are only counted.
const MOST_OUTCOMES: usize = 10_000;

fn check(contest: &Contest<'_>, rule: Rule) -> Result<(), RuleFault> {
    let electorate = contest.electorate;
    match rule {
        Rule::SequentialPhragmen if electorate.kind() != BallotKind::Approval => Err(RuleFault::NeedsApprovals(rule)),
        Rule::EqualShares { .. } if electorate.goes_below_zero() => Err(RuleFault::BelowZero(rule)),
        _ => Ok(()),
    }
}

fn greedy(contest: &Contest<'_>, rule: Rule, by: By, misfit: Misfit) -> Allocation {
    let (steps, stop) = resolute(contest, &mut Greedy::new(contest, by, misfit, &[]));
    Allocation { rule, funded: steps.iter().map(|step| step.project).collect(), steps, stop, account: Account::Plain }
}

fn phragmen(contest: &Contest<'_>) -> Allocation {
    let mut procedure = Phragmen::new(contest);
    let (steps, stop) = resolute(contest, &mut procedure);
    Allocation {
        rule: Rule::SequentialPhragmen,
        funded: steps.iter().map(|step| step.project).collect(),
        steps,
        stop,
        account: Account::Loads { loads: procedure.loads() },
    }
}

#[cfg(test)]
mod tests;
