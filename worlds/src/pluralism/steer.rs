//! Steerability: whether agents steered to a culture come to stand nearest to it.

use super::Mean;

/// Distances d(M_c, H_c') of agents steered to culture c (row) from the people of culture c' (column).
#[derive(Clone, PartialEq, Debug)]
pub struct Specificity {
    rows: Vec<Vec<Option<f64>>>,
}

/// Distances that are no such matrix.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SpecificityFault {
    /// Not as many columns as rows.
    #[error("row {row} has {found} distances, not {expected}")]
    NotSquare {
        /// Its place, from 1.
        row: usize,
        /// Its distances.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// A distance that is none.
    #[error("a distance in row {0} is below zero or no number")]
    NoDistance(usize),
}

/// How often a culture's own people are the nearest.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Identification {
    /// Share of cultures identified, 0 to 1; k cultures equally near count 1/k each.
    pub rate: f64,
    /// What blind guessing, or one constant answer sheet, reaches: 1 / number of cultures.
    pub chance: f64,
    /// Cultures with all their distances.
    pub cultures: u64,
    /// Cultures whose own people are as near as others'.
    pub tied: u64,
}

impl Specificity {
    /// The matrix; `None` where a distance is missing.
    pub fn new(rows: Vec<Vec<Option<f64>>>) -> Result<Self, SpecificityFault> {
        let expected = rows.len();
        for (place, row) in rows.iter().enumerate() {
            if row.len() != expected {
                return Err(SpecificityFault::NotSquare { row: place + 1, found: row.len(), expected });
            }
            if row.iter().flatten().any(|distance| !(distance.is_finite() && *distance >= 0.0)) {
                return Err(SpecificityFault::NoDistance(place + 1));
            }
        }
        Ok(Self { rows })
    }

    /// The matrix, by agents' culture.
    pub fn rows(&self) -> &[Vec<Option<f64>>] {
        &self.rows
    }

    /// Share of cultures c with argmin over c' of S[c, c'] = c. Rows with a missing distance are left out, as the nearest
    /// is not known. `None` without rows.
    pub fn identification(&self) -> Option<Identification> {
        let (mut hits, mut cultures, mut tied) = (0.0, 0_u64, 0);
        for (own, row) in self.whole_rows() {
            let nearest = row.iter().copied().fold(f64::INFINITY, f64::min);
            let near = row.iter().filter(|distance| **distance <= nearest).count();
            cultures += 1;
            if row[own] <= nearest {
                hits += 1.0 / near as f64;
                tied += u64::from(near > 1);
            }
        }
        let chance = 1.0 / self.rows.len() as f64;
        (cultures > 0).then(|| Identification { rate: hits / cultures as f64, chance, cultures, tied })
    }

    /// Mean over cultures of how much further other peoples are than the own: mean over c' ≠ c of S[c, c'] less S[c, c].
    /// Above 0 where steering is specific.
    pub fn margin(&self) -> Mean {
        Mean::of(self.whole_rows().filter_map(|(own, row)| {
            let others = row.iter().enumerate().filter(|&(place, _)| place != own).map(|(_, distance)| *distance);
            Some(Mean::of(others).value? - row[own])
        }))
    }

    fn whole_rows(&self) -> impl Iterator<Item = (usize, Vec<f64>)> {
        self.rows.iter().enumerate().filter_map(|(own, row)| {
            let whole: Option<Vec<f64>> = row.iter().copied().collect();
            Some((own, whole?))
        })
    }
}

/// Mean gain of steering, d(M_default, H_c) − d(M_c, H_c) over cultures with both distances, given as (default, steered):
/// above 0 where steering brings agents nearer.
pub fn gain(cultures: &[(Option<f64>, Option<f64>)]) -> Mean {
    Mean::of(cultures.iter().filter_map(|&(default, steered)| Some(default? - steered?)))
}

/// One item of an answer sheet before and after steering, beside its target.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Steered {
    /// x⁰: the answer without steering.
    pub before: f64,
    /// xᶜ: the answer steered to the culture.
    pub after: f64,
    /// h: what the culture's people answer.
    pub target: f64,
}

/// Normalised steer Σ (xᶜ − x⁰)(h − x⁰) / Σ (h − x⁰)² over items: 0 where nothing moved, 1 where the target is reached,
/// above 1 beyond it, below 0 away from it. Long scales weigh most; divide by each item's span first for equal weights.
/// Noise in x⁰ stands on both sides and raises it: take x⁰ from other draws than any that were compared. `None` where the
/// unsteered answers are the target.
pub fn normalised_steer(items: &[Steered]) -> Option<f64> {
    let (moved, way) = items.iter().fold((0.0, 0.0), |(moved, way), item| {
        let to_go = item.target - item.before;
        (moved + (item.after - item.before) * to_go, way + to_go * to_go)
    });
    (way > 0.0 && moved.is_finite() && way.is_finite()).then(|| moved / way)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matrix(rows: &[[f64; 3]]) -> Specificity {
        Specificity::new(rows.iter().map(|row| row.map(Some).to_vec()).collect()).expect("square")
    }

    #[test]
    fn cultures_are_identified_where_their_own_people_are_nearest() {
        let found = matrix(&[[0.1, 0.4, 0.4], [0.2, 0.3, 0.5], [0.3, 0.3, 0.3]]);
        let identification = found.identification().expect("rows");
        assert!((identification.rate - (1.0 + 1.0 / 3.0) / 3.0).abs() < 1e-12);
        assert_eq!((identification.cultures, identification.tied), (3, 1));
        assert!((found.margin().value.expect("rows") - (0.3 + 0.05 + 0.0) / 3.0).abs() < 1e-12);
    }

    #[test]
    fn one_constant_sheet_identifies_as_many_as_chance() {
        let identification = matrix(&[[0.2, 0.1, 0.3]; 3]).identification().expect("rows");
        assert_eq!((identification.rate, identification.chance), (1.0 / 3.0, 1.0 / 3.0));
    }

    #[test]
    fn rows_with_gaps_are_left_out_and_odd_matrices_refused() {
        let rows = vec![vec![Some(0.1), Some(0.2)], vec![None, Some(0.0)]];
        let found = Specificity::new(rows).expect("square");
        assert_eq!(found.identification().map(|found| (found.rate, found.cultures)), Some((1.0, 1)));
        assert_eq!(Specificity::new(Vec::new()).expect("square").identification(), None);
        assert_eq!(
            Specificity::new(vec![vec![Some(1.0)], vec![Some(1.0)]]),
            Err(SpecificityFault::NotSquare { row: 1, found: 1, expected: 2 })
        );
        assert_eq!(Specificity::new(vec![vec![Some(f64::NAN)]]), Err(SpecificityFault::NoDistance(1)));
        assert_eq!(gain(&[(Some(0.5), Some(0.2)), (None, Some(0.1))]), Mean { value: Some(0.3), n: 1 });
    }

    proptest! {
        #[test]
        fn steer_is_the_share_of_the_way_and_ignores_unit_and_origin(
            items in prop::collection::vec((-3.0_f64..3.0, -3.0_f64..3.0), 1..9), share in -2.0_f64..2.0,
            unit in 0.1_f64..4.0, origin in -5.0_f64..5.0,
        ) {
            prop_assume!(items.iter().any(|(before, target)| (before - target).abs() > 0.01));
            let steered: Vec<Steered> = items.iter().map(|&(before, target)| {
                let [before, target] = [before, target].map(|value| unit * value + origin);
                Steered { before, after: before + share * (target - before), target }
            }).collect();
            prop_assert!((normalised_steer(&steered).expect("a way") - share).abs() < 1e-6);
            let there: Vec<Steered> = steered.iter().map(|item| Steered { before: item.target, ..*item }).collect();
            prop_assert_eq!(normalised_steer(&there), None);
        }
    }
}
