//! How an agent comes to an answer: at once, or by drafting several and taking one of them.

use bevy_ecs::prelude::*;
use serde::{Deserialize, Serialize};

/// How an agent comes to an answer.
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum AnswerDrafting {
    /// It answers.
    #[default]
    Single,
    /// It makes so many drafts that know nothing of each other, and takes one.
    Independent(u8),
    /// It makes so many drafts that are to stand for diverse values, and takes one.
    Nc(u8),
}

impl AnswerDrafting {
    /// Most drafts of one answer.
    pub const MOST: u8 = 16;

    /// Whether there is nothing to say about it.
    pub fn is_single(&self) -> bool {
        *self == Self::Single
    }

    /// How many drafts it makes; `None` where it answers at once.
    pub const fn drafts(self) -> Option<u8> {
        match self {
            Self::Single => None,
            Self::Independent(drafts) | Self::Nc(drafts) => Some(drafts),
        }
    }

    /// Standard normal numbers as drafts scatter by: as they are for independent drafts; for diverse ones less their
    /// mean and stretched to the same variance, so that they sum to 0 and correlate by −1/(k − 1).
    pub fn spread(self, normals: &mut [f64]) {
        if let (Self::Nc(_), 2..) = (self, normals.len()) {
            repel(normals);
        }
    }
}

/// Independent standard normal numbers made to sum to 0, each still standard normal: they correlate by −1/(k − 1).
pub fn repel(normals: &mut [f64]) {
    let k = normals.len() as f64;
    let mean = normals.iter().sum::<f64>() / k;
    let stretch = libm::sqrt(k / (k - 1.0));
    for normal in normals.iter_mut() {
        *normal = (*normal - mean) * stretch;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn diverse_drafts_sum_to_nothing_and_keep_their_variance() {
        const SETS: usize = 20_000;
        let mut squares = 0.0;
        let mut draw = 0.371_f64;
        let mut uniform = || {
            draw = (draw * 9301.0 + 0.492_97).fract();
            draw
        };
        for _ in 0..SETS {
            let mut normals: Vec<f64> = (0..4).map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0).collect();
            AnswerDrafting::Nc(4).spread(&mut normals);
            squares += normals.iter().map(|normal| normal * normal).sum::<f64>();
        }
        assert!((squares / (4 * SETS) as f64 - 1.0).abs() < 0.05, "{squares}");
    }

    proptest! {
        #[test]
        fn independent_drafts_are_left_alone(mut normals in prop::collection::vec(-3.0_f64..3.0, 2..8)) {
            let before = normals.clone();
            AnswerDrafting::Independent(4).spread(&mut normals);
            prop_assert_eq!(&before, &normals);
            AnswerDrafting::Nc(4).spread(&mut normals);
            prop_assert!(normals.iter().sum::<f64>().abs() < 1e-9);
        }
    }
}
