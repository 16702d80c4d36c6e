//! The ballots of a society in one tick: a flat store, so that a million voters cost no allocation each.

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::{Outcome, OutcomeCounts};

use crate::budgeting::ballot::{Ballot, BallotKind};

/// Ballots by agent and sample: agent-major, all of an agent's samples one behind the other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BallotBox {
    agents: usize,
    samples: usize,
    /// Most projects a ballot can name.
    width: usize,
    has_points: bool,
    outcomes: Vec<Outcome>,
    lengths: Vec<u16>,
    named: Vec<u16>,
    points: Vec<i64>,
}

/// The part of a box that belongs to some agents next to each other, open to be written.
pub struct BallotRows<'a> {
    samples: usize,
    width: usize,
    outcomes: &'a mut [Outcome],
    lengths: &'a mut [u16],
    named: &'a mut [u16],
    points: &'a mut [i64],
}

impl BallotBox {
    /// A box in which nobody was asked yet.
    pub fn new(agents: usize, samples: usize, width: usize, kind: BallotKind) -> Self {
        let cells = agents * samples;
        let has_points = matches!(kind, BallotKind::Cumulative | BallotKind::Scoring);
        Self {
            agents,
            samples,
            width,
            has_points,
            outcomes: vec![Outcome::NotAsked; cells],
            lengths: vec![0; cells],
            named: vec![0; cells * width],
            points: vec![0; if has_points { cells * width } else { 0 }],
        }
    }

    /// How many agents it is for.
    pub fn agents(&self) -> usize {
        self.agents
    }

    /// How many ballots each of them casts.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// An agent's ballot, or what became of it.
    pub fn get(&self, agent: AgentId, sample: usize) -> Result<Ballot, Outcome> {
        let named = self.named(agent, sample)?;
        let start = self.cell(agent, sample) * self.width;
        let points = if self.has_points { self.points[start..start + named.len()].to_vec() } else { Vec::new() };
        Ok(Ballot { projects: named.iter().map(|&project| usize::from(project)).collect(), points })
    }

    /// The projects an agent's ballot names, or what became of it.
    pub fn named(&self, agent: AgentId, sample: usize) -> Result<&[u16], Outcome> {
        let cell = self.cell(agent, sample);
        match self.outcomes[cell] {
            Outcome::Answered => Ok(&self.named[cell * self.width..][..usize::from(self.lengths[cell])]),
            outcome => Err(outcome),
        }
    }

    /// Writes down an agent's ballot, or what became of it.
    pub fn set(&mut self, agent: AgentId, sample: usize, ballot: Result<&Ballot, Outcome>) {
        self.rows().set(agent.index(), sample, ballot);
    }

    /// How many ballots ended in each outcome.
    pub fn outcomes(&self) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        for &outcome in &self.outcomes {
            counts.add(outcome);
        }
        counts
    }

    /// The whole box, open to be written.
    pub fn rows(&mut self) -> BallotRows<'_> {
        BallotRows {
            samples: self.samples,
            width: self.width,
            outcomes: &mut self.outcomes,
            lengths: &mut self.lengths,
            named: &mut self.named,
            points: &mut self.points,
        }
    }

    fn cell(&self, agent: AgentId, sample: usize) -> usize {
        agent.index() * self.samples + sample
    }
}

impl<'a> BallotRows<'a> {
    /// Cut into parts of so many agents, the last one possibly smaller.
    pub fn chunks(self, agents: usize) -> Vec<BallotRows<'a>> {
        let (samples, width) = (self.samples, self.width);
        let cells = (agents * samples).max(1);
        let mut points = self.points.chunks_mut((cells * width).max(1));
        self.outcomes
            .chunks_mut(cells)
            .zip(self.lengths.chunks_mut(cells))
            .zip(self.named.chunks_mut((cells * width).max(1)))
            .map(|((outcomes, lengths), named)| BallotRows {
                samples,
                width,
                outcomes,
                lengths,
                named,
                points: points.next().unwrap_or_default(),
            })
            .collect()
    }

    /// Writes down the ballot of an agent, by its place in this part.
    pub fn set(&mut self, agent: usize, sample: usize, ballot: Result<&Ballot, Outcome>) {
        let cell = agent * self.samples + sample;
        let ballot = match ballot {
            Ok(ballot) => ballot,
            Err(outcome) => {
                self.outcomes[cell] = outcome;
                self.lengths[cell] = 0;
                return;
            }
        };
        let start = cell * self.width;
        self.outcomes[cell] = Outcome::Answered;
        self.lengths[cell] = ballot.projects.len() as u16;
        for (to, &project) in self.named[start..].iter_mut().zip(&ballot.projects) {
            *to = project as u16;
        }
        for (to, &points) in self.points.iter_mut().skip(start).zip(&ballot.points) {
            *to = points;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_comes_out_whatever_part_it_was_written_through() {
        let mut ballots = BallotBox::new(5, 2, 3, BallotKind::Cumulative);
        let ballot = |first: usize| Ballot { projects: vec![first, 9], points: vec![first as i64, 1] };
        for (chunk, mut rows) in ballots.rows().chunks(2).into_iter().enumerate() {
            rows.set(0, 1, Ok(&ballot(chunk)));
        }
        ballots.set(AgentId(1), 0, Err(Outcome::TimedOut));
        assert_eq!(ballots.get(AgentId(0), 1), Ok(ballot(0)));
        assert_eq!(ballots.get(AgentId(2), 1), Ok(ballot(1)));
        assert_eq!(ballots.get(AgentId(4), 1), Ok(ballot(2)));
        assert_eq!(ballots.get(AgentId(1), 0), Err(Outcome::TimedOut));
        assert_eq!(ballots.get(AgentId(0), 0), Err(Outcome::NotAsked));
        assert_eq!(ballots.outcomes().get(Outcome::Answered), 3);
    }
}
