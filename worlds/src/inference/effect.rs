//! What a treatment does: differences between arms, averaged over replicates, with their intervals.

use super::Method;
use super::drawn::Figures;
use super::power::Variation;
use super::resample::{Drawn, FEWEST_ITEMS, Resamples};
use super::sensitivity::{AgentShares, Sensitivity};

/// From this many agents on, agents are treated as drawn from a population of agents; fewer are those that were meant.
pub const AGENTS_DRAWN_FROM: usize = 20;

/// One side of one replicate of a comparison, and how much it counts.
#[derive(Clone, PartialEq, Debug)]
pub struct Term {
    /// One over the number of replicates; negative for what a treatment is compared with.
    pub share: f64,
    /// The measure.
    pub measured: Sensitivity,
}

/// A mean over replicates of signed measures: a level of an arm, or a difference between two.
#[derive(Clone, PartialEq, Debug)]
pub struct Combined {
    /// The figure; `None` where it is undefined in any replicate.
    pub estimate: Option<f64>,
    influences: Vec<f64>,
    /// On every resample, where every term was computed anew on it.
    drawn: Option<Figures>,
    /// How it depends on agents, where these are treated as drawn: one entry a society.
    agents: Vec<OfAgents>,
}

/// How a figure depends on the agents of one society.
#[derive(Clone, PartialEq, Debug)]
struct OfAgents {
    /// For how many agents each of those looked at stands.
    each_for: f64,
    shares: AgentShares,
}

impl OfAgents {
    /// Variance because agents are drawn, beyond what of it is chance within items.
    fn variance(&self) -> f64 {
        self.each_for * (squares(&self.shares.of) - squares(&self.shares.by_item))
    }
}

/// What an interval treats as drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DrawnFrom {
    /// Items.
    Items,
    /// Items and agents.
    ItemsAndAgents,
}

impl DrawnFrom {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::ItemsAndAgents => "items and agents",
        }
    }
}

/// An interval and what it was made of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// Lower and upper end; `None` where there is none.
    pub ends: Option<(f64, f64)>,
    /// What was treated as drawn.
    pub drawn: DrawnFrom,
}

impl Combined {
    /// The sum of these terms. `agents` is how many agents there are, of whom those looked at stand for all.
    pub fn of(terms: &[Term], agents: usize) -> Self {
        let items = terms.first().map_or(0, |term| term.measured.items.len());
        let mut influences = vec![0.0; items];
        for term in terms {
            influences.iter_mut().zip(&term.measured.items).for_each(|(sum, more)| *sum += term.share * more);
        }
        let estimate: Option<Vec<f64>> = terms.iter().map(|term| Some(term.share * term.measured.value?)).collect();
        let drawn = terms.iter().map(|term| Some((term.share, term.measured.drawn.as_ref()?))).collect();
        let drawn: Option<Vec<(f64, &Figures)>> = drawn;
        Self {
            estimate: estimate.map(|each| each.iter().sum()),
            influences,
            drawn: drawn.map(|each| summed(&each)),
            agents: if agents >= AGENTS_DRAWN_FROM {
                of_agents(terms, agents).into_iter().collect()
            } else {
                Vec::new()
            },
        }
    }

    /// The difference to a figure of another society over the same items, whose agents are others.
    #[must_use]
    pub fn less(&self, other: &Self) -> Self {
        let difference = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
        Self {
            estimate: self.estimate.zip(other.estimate).map(|(a, b)| a - b),
            influences: difference(&self.influences, &other.influences),
            drawn: self.drawn.as_ref().zip(other.drawn.as_ref()).map(|(a, b)| difference(a, b)),
            agents: self.agents.iter().chain(&other.agents).cloned().collect(),
        }
    }

    /// How the figure changes with the weight of each item.
    pub fn influences(&self) -> &[f64] {
        &self.influences
    }

    /// What varies of figures of the same items and agents in several replicates: see [`Variation`]. `None` for fewer
    /// than two.
    pub fn variation(replicates: &[Self]) -> Option<Variation> {
        let of_items: Vec<&[f64]> = replicates.iter().map(|one| one.influences.as_slice()).collect();
        let mut total = Variation::of(&of_items)?;
        let societies = replicates.iter().map(|one| one.agents.len()).min().unwrap_or(0);
        for society in 0..societies {
            let own = |of: fn(&AgentShares) -> &[f64]| {
                let each: Vec<&[f64]> = replicates.iter().map(|one| of(&one.agents[society].shares)).collect();
                Variation::of(&each)
            };
            let (agents, within) = (own(|shares| &shares.of)?, own(|shares| &shares.by_item)?);
            let each_for = replicates[0].agents[society].each_for;
            total.drawn += each_for * (agents.drawn - within.drawn).max(0.0);
            total.chance += each_for * (agents.chance - within.chance);
        }
        total.chance = total.chance.max(0.0);
        Some(total)
    }

    /// The 95 % interval over items and, where there are agents enough, over agents.
    ///
    /// Items are drawn again with replacement. Where agents are treated as drawn as well, the interval is widened by
    /// √(1 + (V_agents − V_chance)/V_items) about the estimate: the variance of two-way clustering (Cameron, Gelbach &
    /// Miller 2011, eq. 2.7), V_chance being what agents differ by only because items are few.
    pub fn interval(&self, resamples: &Resamples, method: Method) -> Interval {
        let drawn = if self.agents.is_empty() { DrawnFrom::Items } else { DrawnFrom::ItemsAndAgents };
        let Some(estimate) = self.estimate.filter(|_| self.influences.len() >= FEWEST_ITEMS) else {
            return Interval { ends: None, drawn };
        };
        let figures = self.drawn.clone().unwrap_or_else(|| {
            // Where it would be dear to compute anew, to first order.
            let none_moved: f64 = self.influences.iter().sum();
            let moved = resamples.sums(self.influences.iter().copied());
            moved.into_iter().map(|moved| estimate + moved - none_moved).collect()
        });
        let (by_items, by_agents) =
            (squares(&self.influences), self.agents.iter().map(OfAgents::variance).sum::<f64>().max(0.0));
        let stretch = if by_items > 0.0 { (1.0 + by_agents / by_items).sqrt() } else { 1.0 };
        let ends = Drawn { estimate, figures, influences: &self.influences, stretch }.interval(method);
        Interval { ends, drawn }
    }
}

/// Signed sums over terms, resample by resample.
fn summed(terms: &[(f64, &Figures)]) -> Figures {
    let mut sums = vec![0.0; terms.first().map_or(0, |(_, figures)| figures.len())];
    for (share, figures) in terms {
        sums.iter_mut().zip(*figures).for_each(|(sum, figure)| *sum += share * figure);
    }
    sums
}

/// `None` where a term does not say how it depends on agents.
fn of_agents(terms: &[Term], agents: usize) -> Option<OfAgents> {
    let first = terms.first()?.measured.agents.as_ref()?;
    let mut shares = AgentShares { of: vec![0.0; first.of.len()], by_item: vec![0.0; first.by_item.len()] };
    for term in terms {
        let own = term.measured.agents.as_ref()?;
        shares.of.iter_mut().zip(&own.of).for_each(|(sum, more)| *sum += term.share * more);
        shares.by_item.iter_mut().zip(&own.by_item).for_each(|(sum, more)| *sum += term.share * more);
    }
    let looked_at = shares.of.len();
    Some(OfAgents { each_for: if looked_at == 0 { 0.0 } else { agents as f64 / looked_at as f64 }, shares })
}

fn squares(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}
