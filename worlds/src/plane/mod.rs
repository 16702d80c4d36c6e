//! The Inglehart–Welzel plane: where agents, cultures and societies stand between traditional and secular-rational, and
//! between survival and self-expression values, beside the published positions of countries.
//!
//! Answers become ten indicators (`indicators`), and these a point by a linear projection fitted on country means
//! (`projection`): a tool for interpolating between countries. Average several samples or personas of a culture before
//! projecting, print the error beside every point, and mind the warning outside the hull of the countries.

mod compare;
mod figures;
mod fit;
mod hull;
mod indicators;
pub mod observe;
mod procrustes;
mod projection;
mod standing;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use compare::{
    Quadrant, Quadrants, centroid, centroid_bias, displacement, hull_coverage, mean_displacement, quadrants, reach,
    sampling_error, spread, spread_ratio,
};
pub use figures::{Country, Edition, Figures, FiguresFault};
pub use fit::{Fit, FitFault, fit};
pub use hull::Hull;
pub use indicators::{INDICATORS, Indicator, Indicators, QUESTIONS};
pub use procrustes::{Reflection, Similarity, procrustes};
pub use projection::{Line, NotPlaced, Partial, Place, Placed, Plane, Projection};
pub use standing::{Standing, Together};

/// A point of the plane, or a difference of two, in the units of the published map.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Traditional (low) to secular-rational (high) values: TradAgg.
    pub traditional_secular: f64,
    /// Survival (low) to self-expression (high) values: SurvSAgg.
    pub survival_self_expression: f64,
}

impl Point {
    /// A point from TradAgg and SurvSAgg.
    pub const fn new(traditional_secular: f64, survival_self_expression: f64) -> Self {
        Self { traditional_secular, survival_self_expression }
    }

    /// What leads from another point to this one.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self::new(
            self.traditional_secular - other.traditional_secular,
            self.survival_self_expression - other.survival_self_expression,
        )
    }

    /// Euclidean length, at least 0.
    pub fn length(self) -> f64 {
        libm::hypot(self.traditional_secular, self.survival_self_expression)
    }

    /// Whether both coordinates are finite numbers.
    pub const fn is_finite(self) -> bool {
        self.traditional_secular.is_finite() && self.survival_self_expression.is_finite()
    }
}
