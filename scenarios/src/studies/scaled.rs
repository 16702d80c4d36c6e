//! The paper's measures with a weight for every item: for reweighed and for resampled items.

use pluriverse_worlds::survey::Survey;
use pluriverse_worlds::survey::measures::diversity::{Mean, mean_edge, minimum_spanning_tree};

/// Values of an agent or population, by item.
pub type Row = Vec<Option<f64>>;

/// Distances under weights.
pub(super) struct Scaled<'a> {
    pub(super) survey: &'a Survey,
    /// By item.
    pub(super) weights: &'a [f64],
}

impl Scaled<'_> {
    /// 100·√Σw(x − y)² / √ΣwΔ² over the items both have.
    pub(super) fn distance(&self, a: &Row, b: &Row) -> Option<f64> {
        let (mut squared, mut most) = (0.0, 0.0);
        for ((item, weight), (a, b)) in self.survey.items.iter().zip(self.weights).zip(a.iter().zip(b)) {
            if let (Some(a), Some(b)) = (a, b) {
                squared += weight * (a - b) * (a - b);
                most += weight * f64::from(item.span()).powi(2);
            }
        }
        (most > 0.0).then(|| squared.sqrt() / most.sqrt() * 100.0)
    }

    /// Diversity_P and Diversity_S.
    pub(super) fn diversity(&self, rows: &[Row]) -> (Option<f64>, Option<f64>) {
        let n = rows.len();
        let tree = minimum_spanning_tree(n, |a, b| self.distance(&rows[a], &rows[b]));
        (self.pairwise(rows), tree.as_deref().and_then(mean_edge))
    }

    /// Diversity_P.
    pub(super) fn pairwise(&self, rows: &[Row]) -> Option<f64> {
        let n = rows.len();
        let pairs = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
        Mean::of(pairs.filter_map(|(a, b)| self.distance(&rows[a], &rows[b]))).value
    }

    /// Alignment: the mean over agents of 100 less the distance from their people.
    pub(super) fn alignment(&self, rows: &[Row], humans: &[Row]) -> Option<f64> {
        let each = rows.iter().zip(humans).filter_map(|(row, human)| Some(100.0 - self.distance(row, human)?));
        Mean::of(each).value
    }
}
