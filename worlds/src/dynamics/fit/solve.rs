//! The best parameters of each model, given how often each item counts.

use super::gather::{Alike, Moments, OfItem};
use super::{CONFIDENCES, Story};

/// A model's parameters, and its squared error as a function of sums over items.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Solution {
    /// Coefficients of the four linear features.
    Linear([f64; 4]),
    /// Coefficient of a mean that depends on a confidence, and the confidence's place.
    Bounded(f64, usize),
    /// Coefficient of Axelrod's mean step.
    Alike(f64),
}

impl Solution {
    /// The solution in the terms of the model's parameters; NaN where one is not determined.
    pub(super) fn parameters(self, story: Story) -> Vec<f64> {
        match (self, story) {
            (Self::Bounded(share, confidence), _) => vec![share, CONFIDENCES[confidence]],
            (Self::Alike(share), _) => vec![share],
            (Self::Linear([a, c, constant, slope]), Story::BiasedFriedkinJohnsen) => {
                // constant − slope · x is b(β − x).
                vec![a, c, slope, constant / slope]
            }
            (Self::Linear([a, c, ..]), Story::FriedkinJohnsen) => vec![a, c],
            // In the mean, noise draws toward the middle: e(½ − x) in the features 1 and −x.
            (Self::Linear([copying, _, _, noise]), Story::Voter) => vec![copying, noise],
            (Self::Linear([a, ..]), _) => vec![a],
        }
    }

    /// Σ (step − predicted step)² over the answers to an item.
    pub(super) fn squared_error(self, story: Story, item: &OfItem) -> f64 {
        match self {
            Self::Linear(coefficients) => error(&item.linear, coefficients),
            Self::Bounded(share, confidence) => error(&bounded(story, item)[confidence], [share]),
            Self::Alike(share) => error(&item.alike, [share]),
        }
    }
}

/// Sums by confidence of a model of bounded confidence.
fn bounded(story: Story, item: &OfItem) -> &[Moments<1>] {
    if story == Story::HegselmannKrause { &item.averaging } else { &item.meeting }
}

/// ‖step − F·c‖² from sums; NaN where a coefficient is.
fn error<const N: usize>(moments: &Moments<N>, coefficients: [f64; N]) -> f64 {
    let mut error = moments.squared;
    for (place, c) in coefficients.iter().enumerate() {
        error -= 2.0 * c * moments.with_step[place];
        error +=
            coefficients.iter().zip(&moments.products[place]).map(|(other, product)| c * other * product).sum::<f64>();
    }
    // Rounding may leave a little less than nothing.
    if error < 0.0 { 0.0 } else { error }
}

/// The best solution when each item counts as often as its weight says.
pub(super) fn solve(story: Story, items: &[OfItem], weights: &[f64]) -> Solution {
    let counted = || items.iter().zip(weights.iter().copied());
    match story {
        Story::DeGroot | Story::FriedkinJohnsen | Story::BiasedFriedkinJohnsen => {
            let sums = Moments::of_items(counted().map(|(item, weight)| (&item.linear, weight)));
            Solution::Linear(least_squares(&sums, story.linear_features()))
        }
        Story::HegselmannKrause | Story::Deffuant => {
            let each = (0..CONFIDENCES.len()).map(|confidence| {
                let of = |(item, weight)| (&bounded(story, item)[confidence], weight);
                let sums = Moments::of_items(counted().map(of));
                let [share] = least_squares(&sums, 1);
                (error(&sums, [share]), Solution::Bounded(share, confidence))
            });
            // Where all are equally good, the smallest confidence; where a feature is always 0, no error is a number.
            let best = each.filter(|(error, _)| !error.is_nan()).min_by(|a, b| a.0.total_cmp(&b.0));
            best.map_or(Solution::Bounded(f64::NAN, 0), |(_, solution)| solution)
        }
        Story::Axelrod => {
            let sums = Moments::of_items(counted().map(|(item, weight)| (&item.alike, weight)));
            let [share] = least_squares(&sums, 1);
            Solution::Alike(share)
        }
        Story::Voter => {
            let (copying, noise) = mixture(counted().map(|(item, weight)| (item.copies.as_slice(), weight)));
            Solution::Linear([copying, 0.0, noise / 2.0, noise])
        }
    }
}

/// Solves for the first `n` coefficients by elimination with pivoting; all are NaN where they are not determined.
fn least_squares<const N: usize>(moments: &Moments<N>, n: usize) -> [f64; N] {
    let mut rows: Vec<Vec<f64>> = (0..n)
        .map(|row| {
            let mut cells = moments.products[row][..n].to_vec();
            cells.push(moments.with_step[row]);
            cells
        })
        .collect();
    for column in 0..n {
        let largest = |a: &usize, b: &usize| rows[*a][column].abs().total_cmp(&rows[*b][column].abs());
        let pivot = (column..n).max_by(largest).unwrap_or(column);
        rows.swap(column, pivot);
        let lead = rows[column].clone();
        if lead[column].abs() < 1e-9 {
            return [f64::NAN; N];
        }
        for (_, row) in rows.iter_mut().enumerate().filter(|(place, _)| *place != column) {
            let factor = row[column] / lead[column];
            row.iter_mut().zip(&lead).for_each(|(cell, above)| *cell -= factor * above);
        }
    }
    let mut coefficients = [0.0; N];
    for (place, row) in rows.iter().enumerate() {
        coefficients[place] = row[n] / row[place];
    }
    coefficients
}

/// Copying and noise of the voter model by expectation–maximisation: an answer is kept, copied from one of those seen,
/// or any of the options. NaN without answers.
fn mixture<'m>(items: impl Iterator<Item = (&'m [Alike], f64)>) -> (f64, f64) {
    const STEPS: usize = 60;
    let items: Vec<(&[Alike], f64)> = items.filter(|(_, weight)| *weight > 0.0).collect();
    let total: f64 =
        items.iter().map(|(item, weight)| weight * item.iter().map(|alike| alike.count).sum::<f64>()).sum();
    let (mut copying, mut noise) = (0.1, 0.1);
    for _ in 0..STEPS {
        let (mut copied, mut any) = (0.0, 0.0);
        for (item, weight) in &items {
            for alike in *item {
                let kept = (1.0 - copying - noise) * alike.kept;
                let (from_others, at_random) = (copying * alike.copied, noise / alike.options);
                let share = weight * alike.count / (kept + from_others + at_random);
                copied += share * from_others;
                any += share * at_random;
            }
        }
        (copying, noise) = (copied / total, any / total);
    }
    (copying, noise)
}
