//! Equal Shares with what is done about the money it leaves.

use num_traits::Zero;

use super::allocation::{Account, Allocation, Raised, RuleFault, Step, Stop};
use super::contest::{Among, Contest};
use super::greedy::{By, Greedy, Misfit};
use super::procedure::resolute;
use super::rule::{Completion, Rule, Utility};
use super::shares::EqualShares;
use crate::budgeting::exact::{Exact, whole};
use crate::budgeting::instance::ProjectIndex;

/// How far completions go at a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Increments {
    /// What Add1 adds to a voter's endowment at a time, in the instance's currency. Equal Shares with Add1 is not
    /// scale-invariant: with costs of order 1 an increment of 1 overspends at once.
    pub endowment: Exact,
    /// By what share of itself a budget increase raises the budget at a time.
    pub budget: Exact,
}

impl Default for Increments {
    /// One unit of money, and one percent of the budget.
    fn default() -> Self {
        Self { endowment: whole(1), budget: Exact::new(1.into(), 100.into()) }
    }
}

/// One run of Equal Shares.
struct Attempt<'a> {
    shares: EqualShares<'a>,
    endowment: Exact,
    steps: Vec<Step>,
    funded: Vec<ProjectIndex>,
}

/// The run that holds, why no further one was tried, and how far it went.
type Ended<'a> = (Attempt<'a>, Stop, Option<Raised>);

impl<'a> Attempt<'a> {
    fn new(contest: &'a Contest<'a>, utility: Utility, endowment: Exact) -> Self {
        let mut shares = EqualShares::new(contest, utility, &endowment);
        let (steps, _) = resolute(contest, &mut shares);
        let funded = steps.iter().map(|step| step.project).collect();
        Self { shares, endowment, steps, funded }
    }
}

/// Carries out Equal Shares and a completion.
pub(super) fn equal_shares(
    contest: &Contest<'_>,
    utility: Utility,
    completion: Completion,
    increments: &Increments,
) -> Result<Allocation, RuleFault> {
    let rule = Rule::EqualShares { utility, completion };
    let raised = match completion {
        Completion::None | Completion::Utilitarian => Some((first(contest, utility), Stop::NothingAffordable, None)),
        Completion::Add1 | Completion::Add1Utilitarian => add_one(contest, utility, &increments.endowment),
        Completion::BudgetIncrease => increase_budget(contest, utility, &increments.budget),
    };
    let (attempt, stop, raised) = raised.ok_or(RuleFault::TooManySteps(rule))?;
    let greedy = matches!(completion, Completion::Utilitarian | Completion::Add1Utilitarian);
    let Attempt { shares, endowment, mut steps, mut funded } = attempt;
    let mut stop = stop;
    if greedy {
        let mut rest = Greedy::new(contest, By::Votes, Misfit::Skip, &funded);
        let (more, end) = resolute(contest, &mut rest);
        funded.extend(more.iter().map(|step| step.project));
        steps.extend(more);
        stop = end;
    }
    let account = Account::Purses { endowment, left: shares.left(), raised };
    Ok(Allocation { rule, funded, steps, stop, account })
}

/// Runs beyond which a completion is given up: an increment that needs more is a slip, and would look like a standstill.
const MOST_RUNS: u64 = 20_000;

/// An equal share of this budget.
pub(super) fn share_of(contest: &Contest<'_>, budget: &Exact) -> Exact {
    budget / contest.electorate.voters()
}

fn first<'a>(contest: &'a Contest<'a>, utility: Utility) -> Attempt<'a> {
    Attempt::new(contest, utility, share_of(contest, contest.instance.budget()))
}

/// The endowment is raised until no supported project fits any more or the budget is overspent; the last outcome that
/// was within the budget counts. `None` where neither comes within [`MOST_RUNS`].
fn add_one<'a>(contest: &'a Contest<'a>, utility: Utility, increment: &Exact) -> Option<Ended<'a>> {
    let mut attempt = first(contest, utility);
    let raised = |tried| Some(Raised { step: increment.clone(), tried });
    for tried in 0..MOST_RUNS {
        if contest.is_exhaustive(&attempt.funded, Among::Supported) {
            return Some((attempt, Stop::Exhaustive, raised(tried)));
        }
        let next = Attempt::new(contest, utility, &attempt.endowment + increment);
        if contest.cost_of(&next.funded) > contest.budget || increment.is_zero() {
            return Some((attempt, Stop::NextOverspends, raised(tried + 1)));
        }
        attempt = next;
    }
    None
}

/// The budget is raised until nothing fits the true one any more or the true one is overspent. `None` where neither
/// comes within [`MOST_RUNS`].
fn increase_budget<'a>(contest: &'a Contest<'a>, utility: Utility, step: &Exact) -> Option<Ended<'a>> {
    let budget = contest.instance.budget();
    let step = budget * step;
    let bound = budget * whole(contest.electorate.most_votes() + 1);
    let raised = |tried| Some(Raised { step: step.clone(), tried });
    let mut attempt = first(contest, utility);
    let mut raised_budget = budget.clone();
    for tried in 0..MOST_RUNS {
        if contest.is_exhaustive(&attempt.funded, Among::All) {
            return Some((attempt, Stop::Exhaustive, raised(tried)));
        }
        raised_budget += &step;
        if raised_budget > bound || step.is_zero() {
            return Some((attempt, Stop::BoundReached, raised(tried)));
        }
        let next = Attempt::new(contest, utility, share_of(contest, &raised_budget));
        if contest.cost_of(&next.funded) > contest.budget {
            return Some((attempt, Stop::NextOverspends, raised(tried + 1)));
        }
        attempt = next;
    }
    None
}
