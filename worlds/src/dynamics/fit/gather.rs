//! What models are fitted from: sums over the answers to each item, gathered in one pass.

use pluriverse_engine::agent::AgentId;

use super::{CONFIDENCES, Rounds};
use crate::dynamics::opinions::Opinions;
use crate::network::Network;
use crate::survey::Survey;

/// Sums over steps of products of features, of features and steps, and of squared steps.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Moments<const N: usize> {
    pub(super) products: [[f64; N]; N],
    pub(super) with_step: [f64; N],
    pub(super) squared: f64,
}

impl<const N: usize> Moments<N> {
    const NONE: Self = Self { products: [[0.0; N]; N], with_step: [0.0; N], squared: 0.0 };

    fn take_in(&mut self, features: [f64; N], step: f64) {
        for (row, a) in self.products.iter_mut().zip(features) {
            row.iter_mut().zip(features).for_each(|(sum, b)| *sum += a * b);
        }
        self.with_step.iter_mut().zip(features).for_each(|(sum, a)| *sum += a * step);
        self.squared += step * step;
    }

    /// Sums of several items, each counted so often.
    pub(super) fn of_items<'m>(items: impl Iterator<Item = (&'m Self, f64)>) -> Self {
        let mut sum = Self::NONE;
        for (item, weight) in items.filter(|(_, weight)| *weight > 0.0) {
            for (row, more) in sum.products.iter_mut().zip(&item.products) {
                row.iter_mut().zip(more).for_each(|(sum, more)| *sum += weight * more);
            }
            sum.with_step.iter_mut().zip(&item.with_step).for_each(|(sum, more)| *sum += weight * more);
            sum.squared += weight * item.squared;
        }
        sum
    }
}

/// Answers to one item that are alike in all the voter model knows of them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Alike {
    /// Whether the answer was kept: 1 or 0.
    pub(super) kept: f64,
    /// Share of those seen who held what was answered next.
    pub(super) copied: f64,
    /// How many options the item has.
    pub(super) options: f64,
    /// How many such answers there are.
    pub(super) count: f64,
}

/// Everything the answers to one item say.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct OfItem {
    pub(super) steps: u64,
    /// Features: mean of those seen − x, first answer − x, 1, −x.
    pub(super) linear: Moments<4>,
    /// Hegselmann and Krause's mean − x, by confidence.
    pub(super) averaging: Vec<Moments<1>>,
    /// Deffuant's mean step, by confidence.
    pub(super) meeting: Vec<Moments<1>>,
    /// Axelrod's mean step.
    pub(super) alike: Moments<1>,
    pub(super) copies: Vec<Alike>,
}

impl OfItem {
    fn new() -> Self {
        Self {
            steps: 0,
            linear: Moments::NONE,
            averaging: vec![Moments::NONE; CONFIDENCES.len()],
            meeting: vec![Moments::NONE; CONFIDENCES.len()],
            alike: Moments::NONE,
            copies: Vec::new(),
        }
    }
}

/// Gathers the rounds of several strands, item by item.
pub(super) fn gather(survey: &Survey, strands: &[Rounds<'_>]) -> Vec<OfItem> {
    let mut items: Vec<OfItem> = survey.measured().iter().map(|_| OfItem::new()).collect();
    for strand in strands {
        let first = Opinions::of_answers(strand.first, survey);
        for (before, after) in &strand.steps {
            let (before, after) = (Opinions::of_answers(before, survey), Opinions::of_answers(after, survey));
            let round = Round { survey, network: strand.network, first: &first, before: &before, after: &after };
            for agent in 0..before.agents() {
                round.add_agent(&mut items, agent);
            }
        }
    }
    items
}

/// One round of one strand.
struct Round<'a> {
    survey: &'a Survey,
    network: &'a Network,
    first: &'a Opinions,
    before: &'a Opinions,
    after: &'a Opinions,
}

/// Somebody an agent sees.
struct Seen<'a> {
    weight: f64,
    row: &'a [f64],
    /// Share of items on which both held the same.
    alike: f64,
}

impl Round<'_> {
    fn add_agent(&self, items: &mut [OfItem], agent: usize) {
        let own = self.before.row(agent);
        let peers = self.network.peers(AgentId(agent as u32));
        let seen: Vec<Seen<'_>> = (0..peers.len())
            .map(|place| {
                let row = self.before.row(peers.get(place).index());
                Seen { weight: peers.weight(place), row, alike: share_alike(own, row) }
            })
            .collect();
        for (index, item) in items.iter_mut().enumerate() {
            let (x, next, first) = (own[index], self.after.row(agent)[index], self.first.row(agent)[index]);
            // Weight, opinion and likeness of everybody seen who has one.
            let others: Vec<(f64, f64, f64)> = seen
                .iter()
                .map(|peer| (peer.weight, peer.row[index], peer.alike))
                .filter(|(_, y, _)| !y.is_nan())
                .collect();
            if x.is_nan() || next.is_nan() || first.is_nan() || others.is_empty() {
                continue;
            }
            item.take_in(x, next, first, &others, f64::from(self.survey.items[index].option_count()));
        }
    }
}

impl OfItem {
    fn take_in(&mut self, x: f64, next: f64, first: f64, others: &[(f64, f64, f64)], options: f64) {
        let step = next - x;
        let weights: f64 = others.iter().map(|(weight, ..)| weight).sum();
        let mean_of = |of: &dyn Fn(f64, f64) -> f64| {
            others.iter().map(|&(weight, y, alike)| weight * of(y, alike)).sum::<f64>() / weights
        };
        self.steps += 1;
        self.linear.take_in([mean_of(&|y, _| y) - x, first - x, 1.0, -x], step);
        self.alike.take_in([mean_of(&|y, alike| alike * (y - x))], step);
        for (place, &confidence) in CONFIDENCES.iter().enumerate() {
            let within = others.iter().filter(|(_, y, _)| (y - x).abs() <= confidence);
            let (sum, count) = within.fold((x, 1.0), |(sum, count), &(_, y, _)| (sum + y, count + 1.0));
            self.averaging[place].take_in([sum / count - x], step);
            let meeting = mean_of(&|y, _| if (y - x).abs() < confidence { y - x } else { 0.0 });
            self.meeting[place].take_in([meeting], step);
        }
        let kept = f64::from(u8::from(step.abs() < SAME));
        let copied = mean_of(&|y, _| f64::from(u8::from((y - next).abs() < SAME)));
        let known =
            |alike: &&mut Alike| alike.kept.to_bits() == kept.to_bits() && alike.copied.to_bits() == copied.to_bits();
        match self.copies.iter_mut().find(known) {
            Some(alike) => alike.count += 1.0,
            None => self.copies.push(Alike { kept, copied, options, count: 1.0 }),
        }
    }
}

/// Opinions that are the same option.
const SAME: f64 = 1e-9;

/// Share of items on which two rows hold the same, of those both have an opinion on; 0 without any.
fn share_alike(a: &[f64], b: &[f64]) -> f64 {
    let (mut same, mut both) = (0_u32, 0_u32);
    for difference in a.iter().zip(b).map(|(a, b)| a - b).filter(|difference| !difference.is_nan()) {
        both += 1;
        same += u32::from(difference.abs() < SAME);
    }
    if both == 0 { 0.0 } else { f64::from(same) / f64::from(both) }
}
