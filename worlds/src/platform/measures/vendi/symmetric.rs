//! Symmetric matrices.

/// A symmetric matrix, of which the lower triangle is kept.
#[derive(Clone, PartialEq, Debug)]
pub struct Symmetric {
    lower: Vec<Vec<f64>>,
}

impl Symmetric {
    /// The matrix whose i-th row starts with these i + 1 values; missing ones are 0, those above the diagonal ignored.
    pub fn from_lower(mut lower: Vec<Vec<f64>>) -> Self {
        for (row, values) in lower.iter_mut().enumerate() {
            values.resize(row + 1, 0.0);
        }
        Self { lower }
    }

    /// The products of all pairs of these vectors of one length.
    pub fn products(vectors: &[Vec<f64>]) -> Self {
        let row = |place: usize| vectors[..=place].iter().map(|other| dot(other, &vectors[place])).collect();
        Self { lower: (0..vectors.len()).map(row).collect() }
    }

    /// How many rows it has.
    pub fn size(&self) -> usize {
        self.lower.len()
    }

    /// The value in a row and a column of at most that row.
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.lower[row][column]
    }

    pub(super) fn into_lower(self) -> Vec<Vec<f64>> {
        self.lower
    }
}

/// How many sums are carried side by side: a fixed order of addition that processors with vectors can keep.
const LANES: usize = 8;

/// The product of two vectors of one length.
pub(super) fn dot(one: &[f64], other: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (ones, others) = (one.chunks_exact(LANES), other.chunks_exact(LANES));
    let rest: f64 = ones.remainder().iter().zip(others.remainder()).map(|(one, other)| one * other).sum();
    for (one, other) in ones.zip(others) {
        for lane in 0..LANES {
            sums[lane] += one[lane] * other[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}
