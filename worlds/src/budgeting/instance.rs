//! What is voted on: projects with their costs, and a budget.

use std::collections::BTreeMap;
use std::sync::Arc;

use num_traits::{Signed, Zero};

use super::exact::Exact;

/// Place of a project in its instance, from 0.
pub type ProjectIndex = usize;

/// Something money can be spent on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Project {
    /// Identifier, unique in the instance.
    pub id: Arc<str>,
    /// Its name; may be empty.
    pub name: Arc<str>,
    /// What it belongs to; may be empty.
    pub category: Arc<str>,
    /// The value dimension it stands for; may be empty.
    pub dimension: Arc<str>,
    /// What would be done; may be empty.
    pub description: Arc<str>,
    /// What it costs, at least 0.
    pub cost: Exact,
}

/// Projects and the budget they compete for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instance {
    projects: Vec<Project>,
    budget: Exact,
    by_id: BTreeMap<Arc<str>, ProjectIndex>,
}

/// What is wrong with an instance.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InstanceFault {
    /// Nothing to vote on.
    #[error("there is no project to vote on")]
    NoProjects,
    /// Two projects of one id.
    #[error("two projects have the id `{id}`")]
    Repeated {
        /// The id.
        id: Arc<str>,
        /// Place of the second of them.
        place: ProjectIndex,
    },
    /// A cost below zero.
    #[error("project `{id}` costs {cost}; a cost is 0 or more")]
    NegativeCost {
        /// The project.
        id: Arc<str>,
        /// Its place.
        place: ProjectIndex,
        /// Its cost.
        cost: Exact,
    },
    /// A budget of which nothing can be bought.
    #[error("the budget of {budget} is below the cost of every project; the cheapest costs {cheapest}")]
    NothingAffordable {
        /// The budget.
        budget: Exact,
        /// The lowest cost.
        cheapest: Exact,
    },
}

impl Instance {
    /// An instance, or everything that is wrong with it.
    pub fn new(projects: Vec<Project>, budget: Exact) -> Result<Self, Vec<InstanceFault>> {
        let mut faults = Vec::new();
        let mut by_id = BTreeMap::new();
        for (place, project) in projects.iter().enumerate() {
            if by_id.insert(project.id.clone(), place).is_some() {
                faults.push(InstanceFault::Repeated { id: project.id.clone(), place });
            }
            if project.cost.is_negative() {
                let (id, cost) = (project.id.clone(), project.cost.clone());
                faults.push(InstanceFault::NegativeCost { id, place, cost });
            }
        }
        match projects.iter().map(|project| &project.cost).min() {
            None => faults.push(InstanceFault::NoProjects),
            Some(cheapest) if *cheapest > budget => {
                faults.push(InstanceFault::NothingAffordable { budget: budget.clone(), cheapest: cheapest.clone() });
            }
            Some(_) => {}
        }
        if faults.is_empty() { Ok(Self { projects, budget, by_id }) } else { Err(faults) }
    }

    /// The projects, in the order in which they were given.
    pub fn projects(&self) -> &[Project] {
        &self.projects
    }

    /// How many projects there are.
    pub fn len(&self) -> usize {
        self.projects.len()
    }

    /// Whether there is none; never true.
    pub fn is_empty(&self) -> bool {
        self.projects.is_empty()
    }

    /// What can be spent.
    pub fn budget(&self) -> &Exact {
        &self.budget
    }

    /// What a project costs.
    pub fn cost(&self, project: ProjectIndex) -> &Exact {
        &self.projects[project].cost
    }

    /// What some projects cost together.
    pub fn cost_of(&self, projects: &[ProjectIndex]) -> Exact {
        projects.iter().fold(Exact::zero(), |sum, &project| sum + self.cost(project))
    }

    /// The project of this id.
    pub fn find(&self, id: &str) -> Option<ProjectIndex> {
        self.by_id.get(id).copied()
    }

    /// The cost of each project where all cost the same.
    pub fn equal_cost(&self) -> Option<&Exact> {
        let first = &self.projects.first()?.cost;
        self.projects.iter().all(|project| project.cost == *first).then_some(first)
    }
}
