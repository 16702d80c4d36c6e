//! What a society makes of a set of dilemmas: a flat store, one cell an agent and scenario.

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::{Outcome, OutcomeCounts};

use crate::dilemmas::Scenario;
use crate::panel::GapPair;
use crate::panel::gap::{logistic, sampled_gap};

/// What a judgement rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Grounds {
    /// Log-odds known exactly: a model's own probabilities, or a surrogate's.
    #[default]
    Gap,
    /// Choices that were counted.
    Choices,
}

/// One agent's judgement of one scenario.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Judgement {
    /// Log-odds of the option labelled B in both orders; finite.
    pub gaps: GapPair,
    /// Share of the option labelled B in the original and in the swapped order, 0 to 1.
    pub shares: [f64; 2],
    /// What it rests on.
    pub grounds: Grounds,
}

impl Judgement {
    /// From exact log-odds.
    pub fn exact(gaps: GapPair) -> Self {
        Self { gaps, shares: [logistic(gaps.original), logistic(gaps.swapped)], grounds: Grounds::Gap }
    }

    /// From how often A and B were chosen in each order; `None` where an order has no choice. Gaps are those with half a
    /// choice added to both sides.
    pub fn counted([original, swapped]: [(u32, u32); 2]) -> Option<Self> {
        let gap = |(a, b): (u32, u32)| sampled_gap(a, b, 1.0);
        let share = |(a, b): (u32, u32)| f64::from(b) / f64::from(a + b);
        Some(Self {
            gaps: GapPair { original: gap(original)?, swapped: gap(swapped)? },
            shares: [share(original), share(swapped)],
            grounds: Grounds::Choices,
        })
    }

    /// Probability of the original order's B with the preference for a label taken out: logistic of the debiased gap, or
    /// the mean share over both orders where choices were counted.
    pub fn probability_of_b(&self) -> f64 {
        match self.grounds {
            Grounds::Gap => logistic(self.gaps.debiased()),
            Grounds::Choices => f64::midpoint(self.shares[0], 1.0 - self.shares[1]),
        }
    }

    /// Probability of sparing the preferred side.
    pub fn spares_preferred(&self, scenario: &Scenario) -> f64 {
        scenario.spares_preferred(self.probability_of_b())
    }

    /// How much likelier than ½ whatever is labelled B is chosen, −½ to ½.
    pub fn order_bias(&self) -> f64 {
        f64::midpoint(self.shares[0], self.shares[1]) - 0.5
    }
}

/// Judgements of agents on scenarios, agent-major.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Judgements {
    scenarios: usize,
    outcomes: Vec<Outcome>,
    cells: Vec<Judgement>,
}

/// The part of a store that belongs to some agents next to each other, open to be written.
pub struct JudgementRows<'a> {
    scenarios: usize,
    outcomes: &'a mut [Outcome],
    cells: &'a mut [Judgement],
}

impl Judgements {
    /// A store in which nobody was asked yet.
    pub fn new(agents: usize, scenarios: usize) -> Self {
        let cells = agents * scenarios;
        Self { scenarios, outcomes: vec![Outcome::NotAsked; cells], cells: vec![Judgement::default(); cells] }
    }

    /// How many scenarios each agent judges.
    pub fn scenarios(&self) -> usize {
        self.scenarios
    }

    /// An agent's judgement, or what became of it.
    pub fn get(&self, agent: AgentId, scenario: usize) -> Result<Judgement, Outcome> {
        let cell = agent.index() * self.scenarios + scenario;
        match self.outcomes[cell] {
            Outcome::Answered => Ok(self.cells[cell]),
            outcome => Err(outcome),
        }
    }

    /// Writes an agent's judgement down, or what became of it.
    pub fn set(&mut self, agent: AgentId, scenario: usize, judgement: Result<Judgement, Outcome>) {
        self.rows().set(agent.index(), scenario, judgement);
    }

    /// How many judgements ended in each outcome.
    pub fn outcomes(&self) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        for &outcome in &self.outcomes {
            counts.add(outcome);
        }
        counts
    }

    /// The whole store, open to be written.
    pub fn rows(&mut self) -> JudgementRows<'_> {
        JudgementRows { scenarios: self.scenarios, outcomes: &mut self.outcomes, cells: &mut self.cells }
    }
}

impl<'a> JudgementRows<'a> {
    /// Cut into parts of so many agents, the last one possibly smaller.
    pub fn chunks(self, agents: usize) -> Vec<JudgementRows<'a>> {
        let (scenarios, cells) = (self.scenarios, (agents * self.scenarios).max(1));
        let both = self.outcomes.chunks_mut(cells).zip(self.cells.chunks_mut(cells));
        both.map(|(outcomes, cells)| JudgementRows { scenarios, outcomes, cells }).collect()
    }

    /// Writes the judgement of an agent, by its place in this part.
    pub fn set(&mut self, agent: usize, scenario: usize, judgement: Result<Judgement, Outcome>) {
        let cell = agent * self.scenarios + scenario;
        self.outcomes[cell] = judgement.map_or_else(|outcome| outcome, |_| Outcome::Answered);
        self.cells[cell] = judgement.unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dilemmas::scenario::{Contrast, Control, Label};
    use proptest::prelude::*;

    fn scenario(preferred_at: Label) -> Scenario {
        let contrast = Contrast::Control(Control::SameGroup);
        Scenario { id: "made".to_owned(), contrast, preferred: Vec::new(), other: Vec::new(), preferred_at }
    }

    #[test]
    fn what_is_put_in_comes_out_whatever_part_it_was_written_through() {
        let mut store = Judgements::new(5, 2);
        let judgement = |gap: f64| Judgement::exact(GapPair::of(gap));
        for (chunk, mut rows) in (0_u8..).zip(store.rows().chunks(2)) {
            rows.set(0, 1, Ok(judgement(f64::from(chunk))));
        }
        store.set(AgentId(1), 0, Err(Outcome::TimedOut));
        assert_eq!(store.get(AgentId(2), 1), Ok(judgement(1.0)));
        assert_eq!(store.get(AgentId(4), 1), Ok(judgement(2.0)));
        assert_eq!(store.get(AgentId(1), 0), Err(Outcome::TimedOut));
        assert_eq!(store.outcomes().get(Outcome::Answered), 3);
    }

    #[test]
    fn choices_are_counted_in_both_orders_and_one_order_is_not_enough() {
        let found = Judgement::counted([(1, 3), (4, 0)]).expect("both orders");
        assert!((found.shares[0] - 0.75).abs() < 1e-15 && found.shares[1].abs() < 1e-15);
        assert!((found.probability_of_b() - 0.875).abs() < 1e-15);
        assert!((found.spares_preferred(&scenario(Label::A)) - 0.125).abs() < 1e-15);
        assert!((found.order_bias() + 0.125).abs() < 1e-15);
        assert_eq!(Judgement::counted([(1, 3), (0, 0)]), None);
    }

    proptest! {
        #[test]
        fn a_preference_for_a_label_never_reaches_the_judgement(gap in -9.0_f64..9.0, label in -9.0_f64..9.0) {
            let biased = Judgement::exact(GapPair { original: gap + label, swapped: label - gap });
            let plain = Judgement::exact(GapPair::of(gap));
            let (a, b) = (biased.spares_preferred(&scenario(Label::B)), plain.spares_preferred(&scenario(Label::B)));
            prop_assert!((a - b).abs() < 1e-12);
            prop_assert!(plain.order_bias().abs() < 1e-12);
            let other_side = plain.spares_preferred(&scenario(Label::A));
            prop_assert!((b + other_side - 1.0).abs() < 1e-12);
        }
    }
}
