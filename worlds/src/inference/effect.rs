//! What a treatment does: differences between arms, averaged over replicates, with their intervals.

use super::Method;
use super::drawn::Figures;
use super::resample::{Drawn, FEWEST_ITEMS, Resamples};
use super::sensitivity::Sensitivity;

/// From this many agents on, agents are treated as drawn from a population of agents; fewer are those that were meant.
pub const AGENTS_DRAWN_FROM: usize = 20;

/// One side of one replicate of a comparison, and with which sign it counts.
#[derive(Clone, PartialEq, Debug)]
pub struct Term {
    /// 1 for a treatment, −1 for what it is compared with.
    pub sign: f64,
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
    /// Variance by items, by agents, and by what of the latter is chance within items.
    variances: Option<Variances>,
}

/// Variances of a figure by what is drawn.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
struct Variances {
    items: f64,
    agents: f64,
    chance: f64,
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
    /// The mean over `replicates` of these terms. `agents` is how many agents there are, of whom those looked at stand for
    /// all.
    pub fn of(terms: &[Term], replicates: usize, agents: usize) -> Self {
        let share = |term: &Term| term.sign / replicates as f64;
        let items = terms.first().map_or(0, |term| term.measured.items.len());
        let mut influences = vec![0.0; items];
        for term in terms {
            let share = share(term);
            influences.iter_mut().zip(&term.measured.items).for_each(|(sum, more)| *sum += share * more);
        }
        let estimate: Option<Vec<f64>> = terms.iter().map(|term| Some(share(term) * term.measured.value?)).collect();
        let drawn = terms.iter().map(|term| Some((share(term), term.measured.drawn.as_ref()?))).collect();
        let drawn: Option<Vec<(f64, &Figures)>> = drawn;
        let variances =
            (agents >= AGENTS_DRAWN_FROM).then(|| variances(terms, &influences, replicates, agents)).flatten();
        Self {
            estimate: estimate.map(|each| each.iter().sum()),
            influences,
            drawn: drawn.map(|each| summed(&each)),
            variances,
        }
    }

    /// How the figure changes with the weight of each item.
    pub fn influences(&self) -> &[f64] {
        &self.influences
    }

    /// The 95 % interval over items and, where there are agents enough, over agents.
    ///
    /// Items are drawn again with replacement. Where agents are treated as drawn as well, the interval is widened by
    /// √(1 + (V_agents − V_chance)/V_items) about the estimate: the variance of two-way clustering (Cameron, Gelbach &
    /// Miller 2011, eq. 2.7), V_chance being what agents differ by only because items are few.
    pub fn interval(&self, resamples: &Resamples, method: Method) -> Interval {
        let drawn = if self.variances.is_some() { DrawnFrom::ItemsAndAgents } else { DrawnFrom::Items };
        let Some(estimate) = self.estimate.filter(|_| self.influences.len() >= FEWEST_ITEMS) else {
            return Interval { ends: None, drawn };
        };
        let figures = self.drawn.clone().unwrap_or_else(|| {
            // Where it would be dear to compute anew, to first order.
            let none_moved: f64 = self.influences.iter().sum();
            let moved = resamples.sums(self.influences.iter().copied());
            moved.into_iter().map(|moved| estimate + moved - none_moved).collect()
        });
        let stretch = self.variances.map_or(1.0, |v| {
            let added = (v.agents - v.chance).max(0.0);
            if v.items > 0.0 { (1.0 + added / v.items).sqrt() } else { 1.0 }
        });
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
fn variances(terms: &[Term], influences: &[f64], replicates: usize, agents: usize) -> Option<Variances> {
    let first = terms.first()?.measured.agents.as_ref()?;
    let mut of = vec![0.0; first.of.len()];
    let mut by_item = vec![0.0; first.by_item.len()];
    for term in terms {
        let shares = term.measured.agents.as_ref()?;
        let share = term.sign / replicates as f64;
        of.iter_mut().zip(&shares.of).for_each(|(sum, more)| *sum += share * more);
        by_item.iter_mut().zip(&shares.by_item).for_each(|(sum, more)| *sum += share * more);
    }
    // Those looked at stand for all.
    let scale = if of.is_empty() { 0.0 } else { agents as f64 / of.len() as f64 };
    let squares = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
    Some(Variances { items: squares(influences), agents: scale * squares(&of), chance: scale * squares(&by_item) })
}
