//! `Record`: the tables of ballots and of what they decided, and the ballots as a Pabulib file.

use std::fmt::Write;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::record::document::{Document, Documents};
use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableRows, TableSpec};
use pluriverse_engine::simulation::Branch;
use pluriverse_engine::tick::Clock;

use super::ballot_box::BallotBox;
use super::design::{Election, Elections, Stage};
use super::observe::CountedVotes;
use super::profile::profile;
use super::state::{Ballots, SpoiltBallots, VotePercept};
use crate::budgeting::count::Counted;
use crate::budgeting::exact::to_f64;
use crate::budgeting::pabulib;
use crate::culture::{Culture, Cultures};
use crate::survey::record::BackboneNames;

/// `ballots.parquet`: one row a ballot, whether it was cast or not.
pub static BALLOTS: TableSpec = TableSpec {
    name: "ballots",
    columns: &[
        ("society", ColumnKind::Text),
        ("arm", ColumnKind::Text),
        ("replicate", ColumnKind::Integer),
        ("tick", ColumnKind::Integer),
        ("round", ColumnKind::Integer),
        ("mechanism", ColumnKind::Text),
        ("agent", ColumnKind::Integer),
        ("culture", ColumnKind::Text),
        ("backbone", ColumnKind::Text),
        ("sample", ColumnKind::Integer),
        ("projects", ColumnKind::Text),
        ("points", ColumnKind::Text),
        ("outcome", ColumnKind::Text),
        ("fault", ColumnKind::Text),
    ],
};

/// `tallies.parquet`: one row a rule and project.
pub static TALLIES: TableSpec = TableSpec {
    name: "tallies",
    columns: &[
        ("society", ColumnKind::Text),
        ("arm", ColumnKind::Text),
        ("replicate", ColumnKind::Integer),
        ("tick", ColumnKind::Integer),
        ("round", ColumnKind::Integer),
        ("rule", ColumnKind::Text),
        ("project", ColumnKind::Text),
        ("cost", ColumnKind::Real),
        ("votes", ColumnKind::Integer),
        ("funded", ColumnKind::Integer),
        ("place", ColumnKind::Integer),
        ("tied_with", ColumnKind::Text),
    ],
};

/// Hands over this tick's ballots and what they decided.
pub fn record_votes(
    clock: Res<Clock>,
    branch: Res<Branch>,
    percept: Res<VotePercept>,
    elections: Res<Elections>,
    ballots: Res<Ballots>,
    counted: Res<CountedVotes>,
    cultures: Res<Cultures>,
    backbones: Res<BackboneNames>,
    members: Query<(&AgentId, &Culture, &Backbone)>,
    mut spoilt: ResMut<SpoiltBallots>,
    mut tables: ResMut<TableRows>,
    mut documents: ResMut<Documents>,
) {
    let spoilt = std::mem::take(&mut spoilt.0);
    let Some(design) = percept.0 else {
        return;
    };
    let election = elections.0[usize::from(design.election)].clone();
    let mut members: Vec<(AgentId, Culture, Backbone)> =
        members.iter().map(|(&agent, &culture, &backbone)| (agent, culture, backbone)).collect();
    // The order of a query is not a promise.
    members.sort_unstable_by_key(|(agent, ..)| *agent);
    let names: Vec<Arc<str>> = cultures.cultures.iter().map(|profile| profile.code.clone()).collect();
    let faults = spoilt.into_iter().map(|(key, spoilt)| (key, spoilt.fault.map_or("", |fault| fault.name())));
    let rows = BallotRowsOf {
        place: Place { branch: branch.clone(), clock: clock.clone() },
        election: election.clone(),
        ballots: ballots.0.clone(),
        cultures: names.clone(),
        backbones: backbones.0.clone(),
        faults: faults.collect(),
        members: members.clone(),
        next: 0,
    };
    tables.0.push(Rows { table: &BALLOTS, portions: Box::new(rows) });
    if design.stage == Stage::Poll {
        return;
    }
    let place = Place { branch: branch.clone(), clock: clock.clone() };
    let votes = super::profile::counts_by_group(&ballots.0, election.paper.instance.len(), 1, |_| 0).remove(0);
    for (rule, counted) in &counted.0 {
        if let Ok(counted) = counted {
            let columns = tally_columns(&place, &election, rule.name(), counted, &votes);
            tables.0.push(Rows { table: &TALLIES, portions: Box::new(std::iter::once(columns)) });
        }
    }
    let culture_of = |agent: usize| names[members[agent].1.index()].clone();
    documents.0.extend(pabulib_file(&place, &election, &ballots.0, culture_of));
}

/// Where in a run something happened.
struct Place {
    branch: Branch,
    clock: Clock,
}

impl Place {
    /// The columns every table begins with.
    fn columns(&self, rows: usize) -> Vec<Column> {
        vec![
            Column::same_text(&self.branch.society, rows),
            Column::same_text(&self.branch.arm, rows),
            Column::same_integer(i64::from(self.branch.replicate), rows),
            Column::same_integer(i64::from(self.clock.tick), rows),
            Column::same_integer(i64::from(self.clock.now.round), rows),
        ]
    }
}

/// Agents whose ballots make one row group.
const PORTION: usize = 16_384;

/// The ballots of a tick, turned into rows portion by portion.
struct BallotRowsOf {
    place: Place,
    election: Arc<Election>,
    ballots: BallotBox,
    cultures: Vec<Arc<str>>,
    backbones: Vec<Arc<str>>,
    faults: std::collections::BTreeMap<(AgentId, u32), &'static str>,
    members: Vec<(AgentId, Culture, Backbone)>,
    next: usize,
}

impl Iterator for BallotRowsOf {
    type Item = Vec<Column>;

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.next;
        self.next = (from + PORTION).min(self.members.len());
        (from < self.next).then(|| self.columns(from, self.next))
    }
}

impl BallotRowsOf {
    fn columns(&self, from: usize, to: usize) -> Vec<Column> {
        let samples = self.ballots.samples();
        let rows: Vec<(usize, usize)> =
            (from..to).flat_map(|member| (0..samples).map(move |sample| (member, sample))).collect();
        let member = |of: &dyn Fn(&(AgentId, Culture, Backbone)) -> u32| -> Vec<u32> {
            rows.iter().map(|(place, _)| of(&self.members[*place])).collect()
        };
        let ballot = |&(place, sample): &(usize, usize)| self.ballots.get(self.members[place].0, sample);
        let ids = self.election.paper.instance.projects();
        let projects = |row: &(usize, usize)| {
            let named = ballot(row).map(|ballot| ballot.projects).unwrap_or_default();
            named.iter().map(|&project| &*ids[project].id).collect::<Vec<_>>().join(",")
        };
        let points = |row: &(usize, usize)| {
            let given = ballot(row).map(|ballot| ballot.points).unwrap_or_default();
            given.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        };
        let outcome = |row: &(usize, usize)| ballot(row).map_or_else(|outcome| outcome, |_| Outcome::Answered).index();
        let fault = |&(place, sample): &(usize, usize)| {
            Arc::from(self.faults.get(&(self.members[place].0, sample as u32)).copied().unwrap_or_default())
        };
        let mut columns = self.place.columns(rows.len());
        columns.extend([
            Column::same_text(&self.place.clock.now.mechanism, rows.len()),
            Column::Integer(member(&|row| row.0.0).into_iter().map(|id| Some(i64::from(id))).collect()),
            Column::Text { values: self.cultures.clone(), rows: member(&|row| u32::from(row.1.0)) },
            Column::Text { values: self.backbones.clone(), rows: member(&|row| u32::from(row.2.0)) },
            Column::Integer(rows.iter().map(|(_, sample)| Some(*sample as i64)).collect()),
            Column::distinct(rows.iter().map(|row| Arc::from(projects(row)))),
            Column::distinct(rows.iter().map(|row| Arc::from(points(row)))),
            Column::Text {
                values: Outcome::ALL.iter().map(|outcome| Arc::from(outcome.name())).collect(),
                rows: rows.iter().map(|row| outcome(row) as u32).collect(),
            },
            Column::distinct(rows.iter().map(fault)),
        ]);
        columns
    }
}

fn tally_columns(place: &Place, election: &Election, rule: &str, counted: &Counted, votes: &[u64]) -> Vec<Column> {
    let projects = election.paper.instance.projects();
    let allocation = &counted.allocation;
    let at = |project: usize| allocation.funded.iter().position(|funded| *funded == project);
    let tied = |project: usize| {
        let step = allocation.steps.iter().find(|step| step.project == project && step.tied.len() > 1);
        let others = step.into_iter().flat_map(|step| &step.tied).filter(|other| **other != project);
        Arc::from(others.map(|&other| &*projects[other].id).collect::<Vec<_>>().join(","))
    };
    let each = 0..projects.len();
    let mut columns = place.columns(projects.len());
    columns.extend([
        Column::same_text(&Arc::from(rule), projects.len()),
        Column::distinct(projects.iter().map(|project| project.id.clone())),
        Column::Real(projects.iter().map(|project| Some(to_f64(&project.cost))).collect()),
        Column::Integer(votes.iter().map(|&count| Some(count as i64)).collect()),
        Column::Integer(each.clone().map(|project| Some(i64::from(at(project).is_some()))).collect()),
        Column::Integer(each.clone().map(|project| at(project).map(|place| place as i64 + 1)).collect()),
        Column::distinct(each.map(tied)),
    ]);
    columns
}

/// The ballots as a Pabulib file, cultures as districts; `None` where nobody voted.
fn pabulib_file(
    place: &Place,
    election: &Election,
    ballots: &BallotBox,
    culture_of: impl Fn(usize) -> Arc<str>,
) -> Option<Document> {
    let Branch { society, arm, replicate } = &place.branch;
    let tick = place.clock.tick;
    let profile = profile(ballots, election.form, |agent| Arc::from(agent.0.to_string()));
    let agents = profile.voters.iter().map(|voter| voter.agent.unwrap_or_default() as usize);
    let districts: Vec<Arc<str>> = agents.map(culture_of).collect();
    let what = format!("ballots of society {society}, arm {arm}, replicate {replicate}, tick {tick}");
    let (least, most) = election.form.bounds(election.paper.instance.len());
    let meta = [
        ("description", Arc::from(what)),
        ("unit", society.clone()),
        ("instance", election.paper.name.clone()),
        ("currency", election.paper.currency.clone()),
        ("min_length", Arc::from(least.to_string())),
        ("max_length", Arc::from(most.to_string())),
    ];
    let meta = meta.map(|(key, value)| (Arc::from(key), value)).to_vec();
    let mut file = pabulib::Election::new(election.paper.instance.clone(), profile, meta).ok()?;
    file.voter_columns.push(pabulib::Column::new("district", districts.iter().map(AsRef::as_ref)));
    let name = format!("ballots-{}-{}-r{replicate}-t{tick}.pb", plain(society), plain(arm));
    Some(Document { name, text: pabulib::write(&file) })
}

/// A name as part of a file's: no two names become one.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    for character in name.chars() {
        match character {
            ' ' => plain.push('_'),
            character if character.is_alphanumeric() || character == '-' => plain.push(character),
            // Writing to a string cannot fail.
            other => drop(write!(plain, "~{:x}", u32::from(other))),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_as_different_as_the_names_they_are_made_of() {
        for (name, expected) in
            [("low diversity", "low_diversity"), ("low_diversity", "low~5fdiversity"), ("a/../b", "a~2f~2e~2e~2fb")]
        {
            assert_eq!(plain(name), expected);
        }
    }
}
