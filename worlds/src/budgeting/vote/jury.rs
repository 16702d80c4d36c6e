//! `Observe`: what the outcomes of a vote are worth to a jury, by power means: of the agents who voted, and of human
//! profiles, whose people's answers say what they would name.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::observation::{Observation, Observations};

use super::ballot_box::BallotBox;
use super::design::{Election, Stage};
use super::observe::CountedVotes;
use super::profile::agents;
use super::state::{Ballots, VotePercept};
use crate::budgeting::ballot::Ballot;
use crate::budgeting::tally::Rule;
use crate::culture::Culture;
use crate::pluralism::Mean;
use crate::pluralism::jury::{Juror, Welfare, Zeros, approval_satisfaction, satisfaction, welfare};
use crate::survey::observe::{Measurement, Metric};

/// Where utilities are carried to for the rescaled means, so that one juror with nothing does not make them 0.
pub const RESCALED_FROM: f64 = 0.01;

/// How the people of a culture would fill a ballot paper in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HumanBallot {
    /// The culture.
    pub culture: Culture,
    /// Their ballot.
    pub ballot: Ballot,
}

/// Ballots of human profiles by election; none where no item of the survey bears on a project, or none is observed.
#[derive(Resource, Clone, Debug, Default)]
pub struct HumanBallots(pub Vec<Arc<Vec<HumanBallot>>>);

/// Who sits on a jury.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Jury {
    /// Every agent with a ballot, alike.
    Agents,
    /// The human profile of every culture, weighing as many as it has agents.
    People,
}

impl Jury {
    /// Names of its figures.
    pub const fn metrics(self) -> [&'static str; 8] {
        match self {
            Self::Agents => [
                "tally_jury_utilitarian",
                "tally_jury_nash",
                "tally_jury_harmonic",
                "tally_jury_rawls",
                "tally_jury_gini",
                "tally_jury_with_nothing",
                "tally_jury_nash_rescaled",
                "tally_jury_harmonic_rescaled",
            ],
            Self::People => [
                "tally_people_utilitarian",
                "tally_people_nash",
                "tally_people_harmonic",
                "tally_people_rawls",
                "tally_people_gini",
                "tally_people_with_nothing",
                "tally_people_nash_rescaled",
                "tally_people_harmonic_rescaled",
            ],
        }
    }
}

/// What every rule's outcome is worth to both juries, where that is observed.
pub fn observe_juries(
    measurement: Res<Measurement>,
    percept: Res<VotePercept>,
    ballots: Res<Ballots>,
    counted: Res<CountedVotes>,
    humans: Res<HumanBallots>,
    members: Query<(&AgentId, &Culture)>,
    mut observations: ResMut<Observations>,
) {
    let Some(design) = percept.0.filter(|design| design.stage == Stage::Vote) else {
        return;
    };
    if !measurement.asks_for(Metric::Jury) {
        return;
    }
    let people = humans.0.get(usize::from(design.election));
    let people: Vec<(&HumanBallot, u64)> = people
        .iter()
        .flat_map(|ballots| ballots.iter())
        .map(|ballot| (ballot, members.iter().filter(|(_, culture)| **culture == ballot.culture).count() as u64))
        .filter(|(_, agents)| *agents > 0)
        .collect();
    for (rule, counted) in counted.0.iter().filter_map(|(rule, counted)| Some((*rule, counted.as_ref().ok()?))) {
        let funded = &counted.allocation.funded;
        observations.0.extend(of_jury(Jury::Agents, rule, &jurors_of_agents(&ballots.0, funded)));
        if !people.is_empty() {
            observations.0.extend(of_jury(Jury::People, rule, &jurors_of_people(&people, funded)));
        }
    }
}

/// The agents with a ballot, each worth the mean over its ballots of the share of it that is funded.
pub fn jurors_of_agents(ballots: &BallotBox, funded: &[usize]) -> Vec<Juror> {
    let utility = |agent| {
        let cast = (0..ballots.samples()).filter_map(|sample| ballots.get(agent, sample).ok());
        Mean::of(cast.filter_map(|ballot| worth(&ballot, funded))).value
    };
    agents(ballots).filter_map(|agent| Some(Juror { weight: 1.0, utility: utility(agent)? })).collect()
}

/// What an outcome is worth to who cast a ballot: the share of the projects it names that are funded, or of its points,
/// where it gives points. `None` for a ballot that wants nothing.
fn worth(ballot: &Ballot, funded: &[usize]) -> Option<f64> {
    if ballot.points.is_empty() {
        return approval_satisfaction(&ballot.projects, funded);
    }
    let projects = ballot.projects.iter().max().map_or(0, |last| last + 1);
    let mut utilities = vec![0.0; projects];
    for (&project, &points) in ballot.projects.iter().zip(&ballot.points) {
        utilities[project] = points.max(0) as f64;
    }
    satisfaction(&utilities, funded)
}

/// Human profiles, each weighing as many as it stands for.
pub fn jurors_of_people(people: &[(&HumanBallot, u64)], funded: &[usize]) -> Vec<Juror> {
    let juror = |&(ballot, agents): &(&HumanBallot, u64)| {
        Some(Juror { weight: agents as f64, utility: worth(&ballot.ballot, funded)? })
    };
    people.iter().filter_map(juror).collect()
}

/// The ballot of a profile with these utilities of the projects of an election.
pub fn human_ballot(election: &Election, culture: Culture, utilities: &[f64]) -> HumanBallot {
    HumanBallot { culture, ballot: election.form.of_utilities(utilities, 0.0) }
}

fn of_jury(jury: Jury, rule: Rule, jurors: &[Juror]) -> Vec<Observation> {
    let plain = welfare(jurors, Zeros::Limit).ok();
    let rescaled = welfare(jurors, Zeros::Rescale(RESCALED_FROM)).ok();
    let n = jurors.len() as u64;
    let of = |found: Option<Welfare>, figure: fn(&Welfare) -> f64| found.as_ref().map(figure);
    let values = [
        of(plain, |welfare| welfare.utilitarian),
        of(plain, |welfare| welfare.nash),
        of(plain, |welfare| welfare.harmonic),
        of(plain, |welfare| welfare.rawls),
        of(plain, |welfare| welfare.gini),
        of(plain, |welfare| welfare.with_nothing as f64 / welfare.jurors as f64),
        of(rescaled, |welfare| welfare.nash),
        of(rescaled, |welfare| welfare.harmonic),
    ];
    let figure = |(metric, value)| Observation::of(metric, "rule", Arc::from(rule.name()), value, n);
    jury.metrics().into_iter().zip(values).map(figure).collect()
}
