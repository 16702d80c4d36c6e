//! The candidates of a society in one tick, what the judge said of them, and which of them were chosen.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::{Outcome, OutcomeCounts};

use crate::pluralism::coverage::Scores;
use crate::pluralism::judge::{Accuracy, BothOrders, Consistency};

/// One candidate reply.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    /// What became of drafting it.
    pub outcome: Outcome,
    /// Its words, where there are any.
    pub text: Option<Arc<str>>,
    /// Where it stands on the map relative to the anchor, where it has no words.
    pub at: Option<[f64; 2]>,
    /// What the judge said of it, by axis.
    pub verdicts: [Option<BothOrders>; 2],
    /// What became of judging it: [`Outcome::Answered`] where both axes were judged in both orders.
    pub judged: Outcome,
}

impl Default for Candidate {
    fn default() -> Self {
        Self { outcome: Outcome::NotAsked, text: None, at: None, verdicts: [None; 2], judged: Outcome::NotAsked }
    }
}

impl Candidate {
    /// Its score on each axis, where it was judged.
    pub fn scores(&self) -> Scores {
        let [traditional_secular, survival_self_expression] =
            self.verdicts.map(|verdicts| verdicts.map(BothOrders::score));
        Scores { traditional_secular, survival_self_expression }
    }
}

/// How a judge did, by axis.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct JudgeReport {
    /// On what it was tried on.
    pub accuracy: [Accuracy; 2],
    /// Between the two orders, on the candidates.
    pub consistency: [Consistency; 2],
    /// Labelled pairs of which it said nothing that can be read.
    pub unread: [u64; 2],
}

/// The candidates of a tick: by agent, set and place in the set.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DraftBox {
    agents: usize,
    sets: usize,
    size: usize,
    candidates: Vec<Candidate>,
    chosen: Vec<Result<u16, Outcome>>,
    /// How the judge of texts did on labelled pairs; the rest of the report is worked out of the candidates.
    pub tried: JudgeReport,
}

impl DraftBox {
    /// A box in which nobody drafted yet: so many agents, sets an agent, and candidates a set.
    pub fn new(agents: usize, sets: usize, size: usize) -> Self {
        Self {
            agents,
            sets,
            size,
            candidates: vec![Candidate::default(); agents * sets * size],
            chosen: vec![Err(Outcome::NotAsked); agents * sets],
            tried: JudgeReport::default(),
        }
    }

    /// How many agents it is for.
    pub fn agents(&self) -> usize {
        self.agents
    }

    /// How many sets each of them makes.
    pub fn sets(&self) -> usize {
        self.sets
    }

    /// The candidates of a set.
    pub fn set(&self, agent: AgentId, set: usize) -> &[Candidate] {
        &self.candidates[(agent.index() * self.sets + set) * self.size..][..self.size]
    }

    /// The candidates of a set, open to be written.
    pub fn set_mut(&mut self, agent: AgentId, set: usize) -> &mut [Candidate] {
        &mut self.candidates[(agent.index() * self.sets + set) * self.size..][..self.size]
    }

    /// Which candidate the agent chose, from 0, or why none.
    pub fn chosen(&self, agent: AgentId, set: usize) -> Result<u16, Outcome> {
        self.chosen[agent.index() * self.sets + set]
    }

    /// Writes down what an agent chose.
    pub fn choose(&mut self, agent: AgentId, set: usize, chosen: Result<u16, Outcome>) {
        self.chosen[agent.index() * self.sets + set] = chosen;
    }

    /// How drafting, judging and choosing ended: one count each a candidate, a candidate and a set.
    pub fn outcomes(&self) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        for candidate in &self.candidates {
            counts.add(candidate.outcome);
            counts.add(candidate.judged);
        }
        for chosen in &self.chosen {
            counts.add(chosen.map_or_else(|outcome| outcome, |_| Outcome::Answered));
        }
        counts
    }

    /// Every agent, by id.
    pub fn everybody(&self) -> impl Iterator<Item = AgentId> + use<> {
        (0..self.agents as u32).map(AgentId)
    }
}
