//! Small elections for tests.

use std::sync::Arc;

use super::super::ballot::{Ballot, BallotKind, Profile, Voter, VoterUnit};
use super::super::electorate::Electorate;
use super::super::exact::{Exact, parse, whole};
use super::super::instance::{Instance, Project, ProjectIndex};

/// Projects `a`, `b`, ... of these costs and a budget.
pub(super) fn instance(costs: &[&str], budget: u64) -> Instance {
    let project = |(place, cost): (usize, &&str)| Project {
        id: letter(place),
        name: letter(place),
        category: Arc::default(),
        dimension: Arc::default(),
        description: Arc::default(),
        cost: parse(cost).expect("a cost"),
    };
    Instance::new(costs.iter().enumerate().map(project).collect(), whole(budget)).expect("an instance")
}

/// Projects that cost 1 each.
pub(super) fn unit_costs(projects: usize, budget: u64) -> Instance {
    instance(&vec!["1"; projects], budget)
}

/// Approval ballots in letters, as often as their number says.
pub(super) fn electorate(ballots: &[(&str, usize)], projects: usize) -> Electorate {
    let ballots = ballots.iter().flat_map(|(ballot, number)| vec![named(ballot); *number]).collect();
    of_ballots(ballots, projects)
}

/// An electorate of approval ballots.
pub(super) fn of_ballots(ballots: Vec<Vec<ProjectIndex>>, projects: usize) -> Electorate {
    let agents = vec![0; ballots.len()];
    of_agents(ballots, &agents, projects, VoterUnit::Ballot)
}

/// An electorate of approval ballots cast by agents.
pub(super) fn of_agents(
    ballots: Vec<Vec<ProjectIndex>>,
    agents: &[u32],
    projects: usize,
    unit: VoterUnit,
) -> Electorate {
    let voter = |(projects, agent): (Vec<ProjectIndex>, &u32)| Voter {
        id: Arc::default(),
        agent: Some(*agent),
        ballot: Ballot { projects, points: Vec::new() },
    };
    let profile = Profile {
        kind: BallotKind::Approval,
        voters: ballots.into_iter().zip(agents).map(voter).collect(),
        agents: Vec::new(),
        point_scale: 1,
        default_points: 0,
    };
    Electorate::new(&profile, projects, unit).expect("an electorate")
}

/// Projects in letters.
pub(super) fn named(letters: &str) -> Vec<ProjectIndex> {
    letters.bytes().map(|letter| usize::from(letter - b'a')).collect()
}

/// A fraction.
pub(super) fn ratio(above: u64, below: u64) -> Exact {
    Exact::new(above.into(), below.into())
}

fn letter(place: usize) -> Arc<str> {
    char::from(b'a' + place as u8).to_string().into()
}
