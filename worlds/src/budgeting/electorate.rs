//! Ballots made ready to be counted: equal ones merged, weights and utilities whole numbers.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;

use super::ballot::{Ballot, BallotKind, Profile, VoterUnit};
use super::exact::{Exact, fraction};
use super::instance::ProjectIndex;

/// Weighted groups of voters with equal ballots, in an order that does not depend on that of the ballots.
///
/// A group *supports* the projects to which its ballot gives a utility above zero. Utilities are 1 for an approved
/// project; for rankings the number of ranked projects below it (Borda over the projects ranked); for cumulative and
/// scoring ballots their points.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Electorate {
    kind: BallotKind,
    projects: usize,
    /// Groups' supports lie one behind the other; those of group `g` from `starts[g]` to `starts[g + 1]`.
    starts: Vec<usize>,
    supported: Vec<u32>,
    utilities: Vec<u64>,
    weights: Vec<u64>,
    /// Weight of one ballot of each group.
    ballot_weights: Vec<u64>,
    /// Weights are in units of 1 / this.
    weight_unit: u64,
    /// Utilities are in units of 1 / this.
    utility_unit: u64,
    group_of_ballot: Vec<u32>,
    /// Utilities below zero, summed by project with their weights; rules that cannot take them say so.
    below_zero: Vec<i128>,
}

/// An electorate that cannot be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ElectorateFault {
    /// No ballot at all.
    #[error("nobody voted: there is no ballot to count")]
    Empty,
    /// Ballots weigh by agent and an agent is not named.
    #[error("ballots are to be weighed by agent, and ballot {0} names none")]
    NoAgent(usize),
    /// Weights or points whose common denominator is too large.
    #[error(
        "these ballots have no common unit within 62 bits: too many different numbers of ballots an agent, or points"
    )]
    TooFine,
}

impl Electorate {
    /// The electorate of a profile over this many projects.
    pub fn new(profile: &Profile, projects: usize, unit: VoterUnit) -> Result<Self, ElectorateFault> {
        if profile.voters.is_empty() {
            return Err(ElectorateFault::Empty);
        }
        let (weights, weight_unit) = weights(profile, unit)?;
        let ballots = Ballots::new(profile, projects);
        let mut order: Vec<usize> = (0..weights.len()).collect();
        let key = |place: usize| (ballots.of(place), weights[place]);
        order.sort_unstable_by(|&one, &other| key(one).cmp(&key(other)));
        let mut electorate = Self {
            kind: profile.kind,
            projects,
            starts: vec![0],
            supported: Vec::new(),
            utilities: Vec::new(),
            weights: Vec::new(),
            ballot_weights: Vec::new(),
            weight_unit,
            utility_unit: profile.point_scale.unsigned_abs().max(1),
            group_of_ballot: vec![0; weights.len()],
            below_zero: vec![0; projects],
        };
        for equal in order.chunk_by(|&one, &other| key(one) == key(other)) {
            let group = electorate.weights.len() as u32;
            for &place in equal {
                electorate.group_of_ballot[place] = group;
            }
            electorate.add(ballots.of(equal[0]), weights[equal[0]], equal.len() as u64);
        }
        electorate.fits().then_some(electorate).ok_or(ElectorateFault::TooFine)
    }

    /// Adds a group of equal ballots of this weight each.
    fn add(&mut self, utilities: &[(u32, i64)], ballot_weight: u64, ballots: u64) {
        let weight = ballot_weight.saturating_mul(ballots);
        for &(project, utility) in utilities {
            if utility > 0 {
                self.supported.push(project);
                self.utilities.push(utility as u64);
            } else {
                self.below_zero[project as usize] += i128::from(utility) * i128::from(weight);
            }
        }
        self.starts.push(self.supported.len());
        self.weights.push(weight);
        self.ballot_weights.push(ballot_weight);
    }

    /// Whether sums over voters and utilities stay within 62 bits.
    fn fits(&self) -> bool {
        let weight: u128 = self.weights.iter().map(|&weight| u128::from(weight)).sum();
        let largest = self.utilities.iter().copied().max().unwrap_or(1).max(1);
        weight * u128::from(largest) < 1 << 62
    }

    /// What the ballots are.
    pub fn kind(&self) -> BallotKind {
        self.kind
    }

    /// How many projects there are.
    pub fn projects(&self) -> usize {
        self.projects
    }

    /// How many ballots were cast.
    pub fn ballots(&self) -> usize {
        self.group_of_ballot.len()
    }

    /// How many groups of equal ballots there are.
    pub fn groups(&self) -> usize {
        self.weights.len()
    }

    /// The projects a group supports, by place, and the utility of each in units of 1 / [`Self::utility_unit`].
    pub fn supports(&self, group: usize) -> impl Iterator<Item = (ProjectIndex, u64)> + '_ {
        let range = self.starts[group]..self.starts[group + 1];
        self.supported[range.clone()].iter().map(|&project| project as usize).zip(self.utilities[range].iter().copied())
    }

    /// The weight of a group in units of 1 / [`Self::weight_unit`].
    pub fn weight(&self, group: usize) -> u64 {
        self.weights[group]
    }

    /// The weight of one ballot of a group.
    pub fn ballot_weight(&self, group: usize) -> u64 {
        self.ballot_weights[group]
    }

    /// The weight of one voter.
    pub fn weight_unit(&self) -> u64 {
        self.weight_unit
    }

    /// The utility that counts as 1.
    pub fn utility_unit(&self) -> u64 {
        self.utility_unit
    }

    /// The group of a ballot, by the ballot's place in the profile.
    pub fn group_of(&self, ballot: usize) -> usize {
        self.group_of_ballot[ballot] as usize
    }

    /// The weight of all groups in units of 1 / [`Self::weight_unit`].
    pub fn total_weight(&self) -> u64 {
        self.weights.iter().sum()
    }

    /// How many voters there are, a voter being what the declared unit says.
    pub fn voters(&self) -> Exact {
        self.in_voters(self.total_weight())
    }

    /// How many voters there would be if each ballot weighed as much as the lightest one: the number of ballots where
    /// all weigh the same.
    pub fn most_votes(&self) -> u64 {
        self.total_weight().div_ceil(self.ballot_weights.iter().copied().min().unwrap_or(1))
    }

    /// A weight as a number of voters.
    pub fn in_voters(&self, weight: impl Into<BigInt>) -> Exact {
        fraction(weight, self.weight_unit).unwrap_or_default()
    }

    /// Weight of the supporters of each project.
    pub fn support(&self) -> Vec<u64> {
        let mut support = vec![0; self.projects];
        for group in 0..self.groups() {
            for (project, _) in self.supports(group) {
                support[project] += self.weights[group];
            }
        }
        support
    }

    /// The score of each project, in units of 1 / ([`Self::weight_unit`] · [`Self::utility_unit`]): approvals, Borda
    /// points or points, summed over voters, those below zero included.
    pub fn raw_scores(&self) -> Vec<i128> {
        let mut scores = self.below_zero.clone();
        for group in 0..self.groups() {
            for (project, utility) in self.supports(group) {
                scores[project] += i128::from(utility) * i128::from(self.weights[group]);
            }
        }
        scores
    }

    /// The score of each project.
    pub fn scores(&self) -> Vec<Exact> {
        let unit = BigInt::from(self.weight_unit) * BigInt::from(self.utility_unit);
        self.raw_scores().into_iter().map(|score| fraction(score, unit.clone()).unwrap_or_default()).collect()
    }

    /// Whether a ballot gives a project less than nothing.
    pub fn goes_below_zero(&self) -> bool {
        self.below_zero.iter().any(|&sum| sum < 0)
    }
}

/// The weight of each ballot and the weight of one voter.
fn weights(profile: &Profile, unit: VoterUnit) -> Result<(Vec<u64>, u64), ElectorateFault> {
    if unit == VoterUnit::Ballot {
        return Ok((vec![1; profile.voters.len()], 1));
    }
    let mut cast: BTreeMap<u32, u64> = BTreeMap::new();
    let mut agents = Vec::new();
    for (place, voter) in profile.voters.iter().enumerate() {
        let agent = voter.agent.ok_or(ElectorateFault::NoAgent(place + 1))?;
        *cast.entry(agent).or_default() += 1;
        agents.push(agent);
    }
    let mut common = 1_u64;
    for &ballots in cast.values() {
        common = common
            .checked_mul(ballots / common.gcd(&ballots))
            // Room is left for sums over voters and for utilities.
            .filter(|common| *common < 1 << 40)
            .ok_or(ElectorateFault::TooFine)?;
    }
    Ok((agents.iter().map(|agent| common / cast[agent]).collect(), common))
}

/// Utilities other than zero of every ballot, by project, one ballot behind the other.
struct Ballots {
    starts: Vec<usize>,
    utilities: Vec<(u32, i64)>,
}

impl Ballots {
    fn new(profile: &Profile, projects: usize) -> Self {
        let mut ballots = Self { starts: vec![0], utilities: Vec::new() };
        for voter in &profile.voters {
            let start = ballots.utilities.len();
            ballots.push(profile, &voter.ballot, projects);
            ballots.utilities[start..].sort_unstable();
            ballots.starts.push(ballots.utilities.len());
        }
        ballots
    }

    fn of(&self, place: usize) -> &[(u32, i64)] {
        &self.utilities[self.starts[place]..self.starts[place + 1]]
    }

    fn push(&mut self, profile: &Profile, ballot: &Ballot, projects: usize) {
        let named = ballot.projects.iter().map(|&project| project as u32);
        match profile.kind {
            BallotKind::Approval => self.utilities.extend(named.map(|project| (project, 1))),
            BallotKind::Ranking => {
                let below = (1..ballot.projects.len() as i64).rev();
                self.utilities.extend(named.zip(below));
            }
            BallotKind::Cumulative | BallotKind::Scoring => {
                let points = named.zip(ballot.points.iter().copied());
                self.utilities.extend(points.filter(|(_, points)| *points != 0));
                if profile.kind == BallotKind::Scoring && profile.default_points != 0 {
                    let unnamed = (0..projects).filter(|project| !ballot.projects.contains(project));
                    self.utilities.extend(unnamed.map(|project| (project as u32, profile.default_points)));
                }
            }
        }
    }
}
