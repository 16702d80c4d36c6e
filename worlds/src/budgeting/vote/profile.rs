//! The ballots of a society as those of an election.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;

use super::ballot_box::BallotBox;
use super::form::BallotForm;
use crate::budgeting::ballot::{Profile, Voter};
use crate::budgeting::measures::RowCounts;
use crate::budgeting::measures::agents::RowFault;

/// The ballots that were cast, agent by agent. `name` tells what an agent is called.
pub fn profile(ballots: &BallotBox, form: BallotForm, name: impl Fn(AgentId) -> Arc<str>) -> Profile {
    let mut voters = Vec::new();
    for agent in agents(ballots) {
        let name = name(agent);
        for sample in 0..ballots.samples() {
            if let Ok(ballot) = ballots.get(agent, sample) {
                voters.push(Voter { id: Arc::from(format!("{name}-{sample}")), agent: Some(agent.0), ballot });
            }
        }
    }
    Profile {
        kind: form.kind(),
        voters,
        agents: agents(ballots).map(name).collect(),
        point_scale: 1,
        default_points: 0,
    }
}

/// How often each agent names each project.
pub fn counts_by_agent(ballots: &BallotBox, projects: usize) -> Result<RowCounts, RowFault> {
    let row = |agent| {
        let mut counts = vec![0_u64; projects];
        add_counts(ballots, agent, &mut counts);
        counts
    };
    RowCounts::new(agents(ballots).map(row).collect(), projects)
}

/// How often each group of agents names each project; `group` tells which an agent belongs to.
pub fn counts_by_group(
    ballots: &BallotBox,
    projects: usize,
    groups: usize,
    group: impl Fn(AgentId) -> usize,
) -> Vec<Vec<u64>> {
    let mut counts = vec![vec![0; projects]; groups];
    for agent in agents(ballots) {
        add_counts(ballots, agent, &mut counts[group(agent)]);
    }
    counts
}

/// The agents of a box, in order.
pub fn agents(ballots: &BallotBox) -> impl Iterator<Item = AgentId> + use<> {
    (0..ballots.agents() as u32).map(AgentId)
}

fn add_counts(ballots: &BallotBox, agent: AgentId, counts: &mut [u64]) {
    for sample in 0..ballots.samples() {
        for &project in ballots.named(agent, sample).unwrap_or_default() {
            counts[usize::from(project)] += 1;
        }
    }
}
