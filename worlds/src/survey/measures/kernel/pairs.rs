//! Diversity_P over all pairs, exact and whatever the order.

use rayon::prelude::*;

use super::Packed;
use super::packed::{Products, Sums};
use crate::survey::measures::diversity::Mean;

/// Agents whose pairs with everybody behind them make one task.
const STRIP: usize = 64;

/// Agents that stay in the nearest cache while those of a strip are compared with them.
const BLOCK: usize = 64;

/// Steps of which a distance that is no count is kept: 2⁴⁰ to a percent.
const STEPS: f64 = 1_099_511_627_776.0;

/// Distances over pairs of agents, as whole numbers, so that their order cannot show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PairDistances {
    /// ΣΔ² over all items.
    maximum: u32,
    /// Pairs of agents who answered everything, by Σ(x − y)².
    whole: Vec<u64>,
    /// Distances of all other pairs, in 2⁻⁴⁰ percent.
    steps: u128,
    /// How many these are.
    others: u64,
}

impl PairDistances {
    /// No pairs.
    pub(super) fn none(maximum: u32) -> Self {
        Self { maximum, whole: vec![0; maximum as usize + 1], steps: 0, others: 0 }
    }

    /// All pairs of these agents. Time grows with the square of their number, memory with the number.
    pub fn of(packed: &Packed) -> Self {
        let agents = packed.agents();
        let strips = agents.div_ceil(STRIP);
        let fresh = || Self::none(packed.maximum());
        (0..strips)
            .into_par_iter()
            .fold(fresh, |mut found, strip| {
                let mut products = Products::default();
                let rows = strip * STRIP..((strip + 1) * STRIP).min(agents);
                for block in (rows.start..agents).step_by(BLOCK) {
                    for agent in rows.clone() {
                        let others = block.max(agent + 1)..(block + BLOCK).min(agents);
                        packed.for_each(agent, others, &mut products, |_, sums| found.add(sums));
                    }
                }
                found
            })
            .reduce(fresh, Self::plus)
    }

    /// Counts a pair.
    pub(super) fn add(&mut self, sums: Sums) {
        match self.bin(sums) {
            Some(bin) => self.whole[bin] += 1,
            None if sums.1 > 0 => {
                self.steps += steps(sums);
                self.others += 1;
            }
            None => {}
        }
    }

    /// Takes a pair that was counted out again.
    pub(super) fn take_out(&mut self, sums: Sums) {
        match self.bin(sums) {
            Some(bin) => self.whole[bin] -= 1,
            None if sums.1 > 0 => {
                self.steps -= steps(sums);
                self.others -= 1;
            }
            None => {}
        }
    }

    fn bin(&self, (squared, maximum): Sums) -> Option<usize> {
        // Numbers that are no option can be farther apart than options.
        (maximum == self.maximum && squared <= maximum).then_some(squared as usize)
    }

    fn plus(mut self, more: Self) -> Self {
        for (sum, more) in self.whole.iter_mut().zip(&more.whole) {
            *sum += more;
        }
        Self { steps: self.steps + more.steps, others: self.others + more.others, ..self }
    }

    /// Diversity_P: the mean distance in percent, and over how many pairs.
    pub fn mean(&self) -> Mean {
        let n = self.whole.iter().sum::<u64>() + self.others;
        let root = f64::from(self.maximum).sqrt();
        let of_whole: f64 = (0_u32..)
            .zip(&self.whole)
            .filter(|(_, count)| **count > 0)
            .map(|(squared, &count)| count as f64 * (f64::from(squared).sqrt() / root * 100.0))
            .sum();
        let sum = of_whole + self.steps as f64 / STEPS;
        Mean { value: (n > 0).then(|| sum / n as f64), n }
    }
}

fn steps((squared, maximum): Sums) -> u128 {
    u128::from((f64::from(squared).sqrt() / f64::from(maximum).sqrt() * 100.0 * STEPS + 0.5) as u64)
}
