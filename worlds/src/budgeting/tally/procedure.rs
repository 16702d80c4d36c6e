//! Rules that choose one project after another, run with ties broken or followed along every tied choice.

use std::collections::BTreeSet;

use super::allocation::{Payment, Step, Stop};
use super::contest::Contest;
use crate::budgeting::exact::Exact;
use crate::budgeting::instance::ProjectIndex;

/// What could be chosen next.
pub(super) enum Next {
    /// One of these, all equally good.
    Choice {
        /// The projects, in any order.
        tied: Vec<ProjectIndex>,
        /// What they are chosen for; `None` is infinite.
        value: Option<Exact>,
    },
    /// Nothing.
    End(Stop),
}

/// What came of a choice.
pub(super) enum Funding {
    /// The project is funded.
    Funded(Option<Payment>),
    /// It is not, and nothing after it is.
    Ends(Stop),
}

/// A rule under way.
pub(super) trait Procedure: Clone {
    /// What could be chosen next.
    fn next(&mut self) -> Next;

    /// Chooses a project that [`Self::next`] named.
    fn fund(&mut self, project: ProjectIndex) -> Funding;

    /// The projects funded so far, in order.
    fn funded(&self) -> &[ProjectIndex];

    /// What of the state decides how the rule goes on: equal where it goes on alike.
    fn fingerprint(&self) -> Vec<u64>;
}

/// Runs a rule to its end, ties broken.
pub(super) fn resolute(contest: &Contest<'_>, procedure: &mut impl Procedure) -> (Vec<Step>, Stop) {
    let mut steps = Vec::new();
    loop {
        let (tied, value) = match procedure.next() {
            Next::Choice { tied, value } => (contest.in_order(tied), value),
            Next::End(stop) => return (steps, stop),
        };
        let project = tied[0];
        match procedure.fund(project) {
            Funding::Funded(payment) => steps.push(Step { project, value, tied, payment }),
            Funding::Ends(stop) => return (steps, stop),
        }
    }
}

/// States beyond which following tied choices is given up.
const MOST_STATES: usize = 20_000;

/// Every outcome a rule can come to by breaking ties in some way, each as places in ascending order; `None` where there
/// are too many ways.
pub(super) fn irresolute(procedure: impl Procedure) -> Option<BTreeSet<Vec<ProjectIndex>>> {
    let mut outcomes = BTreeSet::new();
    let mut known = BTreeSet::new();
    let mut open = vec![procedure];
    while let Some(mut state) = open.pop() {
        if known.len() > MOST_STATES {
            return None;
        }
        let end = |state: &_| sorted(Procedure::funded(state));
        match state.next() {
            Next::End(_) => {
                outcomes.insert(end(&state));
            }
            Next::Choice { tied, .. } => {
                for project in tied {
                    let mut after = state.clone();
                    match after.fund(project) {
                        Funding::Funded(_) => {
                            if known.insert(after.fingerprint()) {
                                open.push(after);
                            }
                        }
                        Funding::Ends(_) => {
                            outcomes.insert(end(&after));
                        }
                    }
                }
            }
        }
    }
    Some(outcomes)
}

fn sorted(projects: &[ProjectIndex]) -> Vec<ProjectIndex> {
    let mut projects = projects.to_vec();
    projects.sort_unstable();
    projects
}

/// A set of projects as bits.
pub(super) fn bits(projects: &[ProjectIndex], of: usize) -> Vec<u64> {
    let mut words = vec![0; of.div_ceil(64)];
    for &project in projects {
        words[project / 64] |= 1 << (project % 64);
    }
    words
}
