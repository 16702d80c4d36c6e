//! Whether groups of voters who agree get what they are due: axioms of proportionality, verified exactly.
//!
//! Groups are weighed: a voter is one unit of weight, and n is the weight of all. Ballots are read as approvals of the
//! projects they support.

mod cohesive;
mod groups;
mod justified;
mod union;

use super::super::instance::{Instance, ProjectIndex};

pub use cohesive::{Cohesive, cohesive};
pub use justified::{ejr_plus, justified_representation};

/// What became of verifying an axiom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// No group can complain.
    Holds,
    /// A group can.
    Violated {
        /// The first set of projects, in the declared order, that a group agrees on and is denied.
        by: Vec<ProjectIndex>,
    },
    /// The search ended at its limit without a violation.
    NotDecided,
}

/// How many sets of projects a search looks at before it gives up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SearchLimit(pub u64);

impl Default for SearchLimit {
    fn default() -> Self {
        Self(1_000_000)
    }
}

/// All projects by their ids, compared as strings: the order in which sets are looked at unless another is declared.
pub fn order_by_id(instance: &Instance) -> Vec<ProjectIndex> {
    let mut order: Vec<ProjectIndex> = (0..instance.len()).collect();
    order.sort_by(|&one, &other| instance.projects()[one].id.cmp(&instance.projects()[other].id));
    order
}
