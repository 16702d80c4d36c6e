//! Which kinds of pluralism a society keeps: of the values its texts voice, of the answers it finds reasonable, of the
//! peoples it can be steered to, and of the distribution of opinions; and benchmarks over several objectives and jurors.
//!
//! Pure functions over plain data. What is absent is an [`Option`] or a named fault, never a number.

pub mod alignment_rate;
pub mod bias;
pub mod coverage;
pub mod distribution;
pub mod judge;
pub mod jury;
pub mod nc;
pub mod observe;
pub mod overton;
pub mod pareto;
pub mod scores;
pub mod steer;
pub mod trade_off;

use serde::{Deserialize, Serialize};

/// One of the two axes of the Inglehart–Welzel plane.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Axis {
    /// From traditional to secular-rational values.
    TraditionalSecular,
    /// From survival to self-expression values.
    SurvivalSelfExpression,
}

/// One of the four poles of the plane.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Value {
    /// Traditional values.
    Traditional,
    /// Secular-rational values.
    Secular,
    /// Survival values.
    Survival,
    /// Self-expression values.
    SelfExpression,
}

impl Value {
    /// Every value.
    pub const ALL: [Self; 4] = [Self::Traditional, Self::Secular, Self::Survival, Self::SelfExpression];

    /// The axis it is a pole of.
    pub const fn axis(self) -> Axis {
        match self {
            Self::Traditional | Self::Secular => Axis::TraditionalSecular,
            Self::Survival | Self::SelfExpression => Axis::SurvivalSelfExpression,
        }
    }

    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traditional => "traditional",
            Self::Secular => "secular",
            Self::Survival => "survival",
            Self::SelfExpression => "self_expression",
        }
    }
}

/// A mean and how many values it is of; without values there is none.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Mean {
    /// The mean.
    pub value: Option<f64>,
    /// How many values.
    pub n: u64,
}

impl Mean {
    /// Of these values, added in their order.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let (sum, n) = values.into_iter().fold((0.0, 0_u64), |(sum, n), value| (sum + value, n + 1));
        Self { value: (n > 0).then(|| sum / n as f64), n }
    }
}

/// Wilson's 95 % interval for a share of `hits` in `n` independent cases (Wilson 1927); `None` without cases.
pub fn wilson(hits: u64, n: u64) -> Option<(f64, f64)> {
    const Z: f64 = 1.959_963_984_540_054;
    if n == 0 || hits > n {
        return None;
    }
    let (share, n) = (hits as f64 / n as f64, n as f64);
    let below = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / below;
    let half = Z * libm::sqrt(share * (1.0 - share) / n + Z * Z / (4.0 * n * n)) / below;
    Some(((middle - half).max(0.0), (middle + half).min(1.0)))
}
