//! How widely embedded documents are spread, and whether their middle moves.

use super::vectors::mean_cosine;
use super::vendi::{Symmetric, Vendi, of_kernel};

/// The embeddings of the documents of a window, each to length 1.
#[derive(Clone, PartialEq, Debug)]
pub struct Embeddings {
    vectors: Vec<Vec<f64>>,
    /// The mean of the vectors.
    centroid: Vec<f64>,
}

impl Embeddings {
    /// Those of these vectors, one a document. Vectors of length 0 and those that are not finite are left out; `None`
    /// where none is left, or where their lengths differ.
    pub fn new(vectors: &[&[f32]]) -> Option<Self> {
        let vectors: Vec<Vec<f64>> = vectors.iter().filter_map(|vector| unit(vector)).collect();
        let dimensions = vectors.first()?.len();
        if vectors.iter().any(|vector| vector.len() != dimensions) {
            return None;
        }
        let mut centroid = vec![0.0; dimensions];
        for vector in &vectors {
            for (sum, value) in centroid.iter_mut().zip(vector) {
                *sum += value;
            }
        }
        for sum in &mut centroid {
            *sum /= vectors.len() as f64;
        }
        Some(Self { vectors, centroid })
    }

    /// How many documents there are; at least one.
    pub fn documents(&self) -> usize {
        self.vectors.len()
    }

    /// Mean cosine distance 1 − cos over pairs of documents, from 0, all alike, to 1 + 1/(n − 1); `None` for a single
    /// document.
    pub fn dispersion(&self) -> Option<f64> {
        let n = self.documents();
        mean_cosine(n as f64 * length(&self.centroid), n).map(|cosine| 1.0 - cosine)
    }

    /// Semantic radius: mean Euclidean distance of the vectors of length 1 to their mean, from 0, all alike, to 1.
    pub fn radius(&self) -> f64 {
        let distance = |vector: &Vec<f64>| {
            let squares = vector.iter().zip(&self.centroid).map(|(one, other)| (one - other) * (one - other));
            squares.sum::<f64>().sqrt()
        };
        self.vectors.iter().map(distance).sum::<f64>() / self.documents() as f64
    }

    /// 1 − cos between the means of two windows, this one the later, from 0, the same direction, to 2; `None` where
    /// their dimensions differ or a mean is 0.
    pub fn drift_since(&self, earlier: &Self) -> Option<f64> {
        let lengths = length(&self.centroid) * length(&earlier.centroid);
        let product: f64 = self.centroid.iter().zip(&earlier.centroid).map(|(one, other)| one * other).sum();
        (self.centroid.len() == earlier.centroid.len() && lengths > 0.0).then(|| 1.0 - product / lengths)
    }

    /// The Vendi score with the cosine as kernel, from the smaller of the n × n and the d × d matrix of products;
    /// `None` where both are larger than [`MOST`](super::vendi::MOST). Negative cosines make it no smaller.
    pub fn vendi(&self) -> Option<Vendi> {
        let (n, d) = (self.documents(), self.centroid.len());
        if n.min(d) > super::vendi::MOST {
            return None;
        }
        if n <= d {
            return of_kernel(Symmetric::products(&self.vectors), n);
        }
        let column = |place: usize| self.vectors.iter().map(|vector| vector[place]).collect();
        of_kernel(Symmetric::products(&(0..d).map(column).collect::<Vec<Vec<f64>>>()), n)
    }
}

fn unit(vector: &[f32]) -> Option<Vec<f64>> {
    let vector: Vec<f64> = vector.iter().map(|&value| f64::from(value)).collect();
    let length = length(&vector);
    (length > 0.0 && length.is_finite()).then(|| vector.iter().map(|value| value / length).collect())
}

fn length(vector: &[f64]) -> f64 {
    vector.iter().map(|value| value * value).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn embeddings(vectors: &[&[f32]]) -> Embeddings {
        Embeddings::new(vectors).expect("vectors")
    }

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    #[test]
    fn spread_is_that_worked_out_by_hand() {
        // At right angles: mean (1/2, 1/2), at distance √½ of both; eigenvalues 1/2 and 1/2.
        let two = embeddings(&[&[3.0, 0.0], &[0.0, 0.5]]);
        assert!(two.dispersion().is_some_and(|found| near(found, 1.0)) && near(two.radius(), 0.5_f64.sqrt()));
        assert!(two.vendi().is_some_and(|vendi| near(vendi.score, 2.0) && vendi.documents == 2));
        // Three in two dimensions, cosines 1, 0 and 0: distances 0, 1 and 1; eigenvalues 2/3 and 1/3.
        let three = embeddings(&[&[1.0, 0.0], &[1.0, 0.0], &[0.0, 1.0]]);
        assert!(three.dispersion().is_some_and(|found| near(found, 2.0 / 3.0)));
        let entropy = -(2.0 * libm::log(2.0 / 3.0) + libm::log(1.0 / 3.0)) / 3.0;
        assert!(three.vendi().is_some_and(|vendi| near(vendi.score, libm::exp(entropy)) && vendi.documents == 3));
    }

    #[test]
    fn drift_runs_from_the_same_direction_to_the_opposite() {
        let east = embeddings(&[&[1.0, 0.0]]);
        for (later, expected) in [
            (&[[2.0, 0.0]][..], Some(0.0)),
            (&[[0.0, 1.0]], Some(1.0)),
            (&[[-1.0, 0.0]], Some(2.0)),
            (&[[1.0, 0.0], [0.0, 1.0]], Some(1.0 - 0.5_f64.sqrt())),
            (&[[1.0, 0.0], [-1.0, 0.0]], None),
        ] {
            let later: Vec<&[f32]> = later.iter().map(<[f32; 2]>::as_slice).collect();
            let drift = embeddings(&later).drift_since(&east);
            assert!(drift.is_some() == expected.is_some() && drift.zip(expected).is_none_or(|(a, b)| near(a, b)));
        }
        assert_eq!(embeddings(&[&[1.0]]).drift_since(&east), None);
    }

    #[test]
    fn vectors_without_a_direction_are_left_out() {
        let found = embeddings(&[&[0.0, 0.0], &[1.0, 0.0], &[f32::NAN, 1.0]]);
        assert_eq!((found.documents(), found.dispersion()), (1, None));
        assert_eq!(Embeddings::new(&[&[0.0]]), None);
        assert_eq!(Embeddings::new(&[&[1.0], &[1.0, 0.0]]), None);
    }

    proptest! {
        #[test]
        fn spread_is_bounded_and_the_same_from_either_matrix(
            vectors in prop::collection::vec(prop::collection::vec(-1.0_f32..1.0, 4), 2..10),
        ) {
            let vectors: Vec<&[f32]> = vectors.iter().map(Vec::as_slice).collect();
            if let Some(found) = Embeddings::new(&vectors) {
                let n = found.documents() as f64;
                prop_assert!((0.0..=1.0 + 1e-9).contains(&found.radius()));
                prop_assert!(found.dispersion().is_none_or(|d| d >= -1e-9 && d <= 1.0 + 1.0 / (n - 1.0) + 1e-9));
                let vendi = found.vendi().expect("a score").score;
                let kernel = of_kernel(Symmetric::products(&found.vectors), found.documents()).expect("a score").score;
                prop_assert!(near(vendi, kernel) && vendi >= 1.0 - 1e-9 && vendi <= n.min(4.0) + 1e-9);
            }
        }
    }
}
