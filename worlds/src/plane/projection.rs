//! From indicators to a point of the plane, with its error and a warning outside the hull of the countries.

use serde::{Deserialize, Serialize};

use super::Point;
use super::figures::{Country, Edition, Figures, FiguresFault};
use super::hull::Hull;
use super::indicators::{INDICATORS, Indicators};

/// One axis as a linear function of the indicators.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Value where every indicator is 0.
    pub intercept: f64,
    /// What one unit of each indicator adds, in the order of [`super::Indicator::ALL`]. Together they interpolate; single
    /// ones are artefacts of a regression on few countries and mean nothing by themselves.
    pub slopes: [f64; INDICATORS],
    /// Root mean square error where each country is left out of the fit in turn.
    pub error: f64,
    /// The largest of these errors.
    pub largest: f64,
}

impl Line {
    /// The value at these indicators.
    pub fn at(&self, indicators: &[f64; INDICATORS]) -> f64 {
        self.slopes.iter().zip(indicators).fold(self.intercept, |sum, (slope, value)| sum + slope * value)
    }

    fn is_finite(&self) -> bool {
        let mut numbers = self.slopes.iter().chain([&self.intercept, &self.error, &self.largest]);
        numbers.all(|number| number.is_finite())
    }
}

/// A linear projection of indicators onto the plane.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projection {
    /// The axis from traditional to secular-rational values.
    pub traditional_secular: Line,
    /// The axis from survival to self-expression values.
    pub survival_self_expression: Line,
}

impl Projection {
    /// The point of ten indicators.
    pub fn at(&self, indicators: &[f64; INDICATORS]) -> Point {
        Point::new(self.traditional_secular.at(indicators), self.survival_self_expression.at(indicators))
    }

    /// Root mean square leave-one-out error of each axis.
    pub const fn error(&self) -> Point {
        Point::new(self.traditional_secular.error, self.survival_self_expression.error)
    }

    /// Whether every coefficient is a finite number.
    pub fn is_finite(&self) -> bool {
        self.traditional_secular.is_finite() && self.survival_self_expression.is_finite()
    }
}

/// What happens to somebody with fewer than ten indicators.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Partial {
    /// Only complete cases are placed, as the official scores are.
    #[default]
    CompleteOnly,
    /// Whoever has at least so many of the ten is placed; indicators that are missing take their mean over the comparable
    /// countries, which draws the point towards the middle and widens its error. Tao et al. 2024 keep cases with 6 of 10
    /// ([`Partial::TAO`]); how they fill the rest, by probabilistic principal components, is not done here.
    FillFrom(usize),
}

impl Partial {
    /// Six of ten.
    pub const TAO: Self = Self::FillFrom(6);

    /// How many indicators somebody must have.
    pub fn needed(self) -> usize {
        match self {
            Self::CompleteOnly => INDICATORS,
            Self::FillFrom(least) => least.clamp(1, INDICATORS),
        }
    }
}

/// On which side of the countries' hull a point lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Between the countries: interpolation.
    WithinHull,
    /// Beyond them: the projection extrapolates and is not to be trusted.
    OutsideHull,
}

/// Somebody's place on the plane.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Placed {
    /// The point.
    pub at: Point,
    /// One standard error of each axis: of the projection, and of filling where something was filled. Sampling error of
    /// the answers is not in it (see [`super::sampling_error`]).
    pub error: Point,
    /// How many of the ten indicators were there.
    pub indicators: usize,
    /// Whether to believe it.
    pub place: Place,
}

/// Why somebody has no place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotPlaced {
    /// Too few indicators.
    #[error("{present} of 10 indicators are there; {needed} are needed")]
    TooFew {
        /// How many there are.
        present: usize,
        /// How many there must be.
        needed: usize,
    },
    /// A missing indicator that no country has either.
    #[error("a missing indicator cannot be filled: no comparable country has all ten")]
    NothingToFillWith,
}

/// The plane: countries, their hull, and the projection.
#[derive(Clone, PartialEq, Debug)]
pub struct Plane {
    figures: Figures,
    edition: Edition,
    hull: Hull,
    complete: Vec<[f64; INDICATORS]>,
}

impl Plane {
    /// The plane of published figures. `indicators` gives a country's own, from its shares of answers, or `None` where
    /// they are not known; they are only needed to fill what partial answers leave open.
    pub fn new(
        figures: Figures,
        edition: Edition,
        indicators: impl Fn(&str) -> Option<Indicators>,
    ) -> Result<Self, FiguresFault> {
        figures.check()?;
        let points: Vec<Point> = figures.comparable(edition).map(|(_, point)| point).collect();
        let hull = Hull::of(&points).ok_or(FiguresFault::NoArea)?;
        let complete = figures
            .comparable(edition)
            .filter_map(|(code, _)| indicators(code))
            .filter_map(|indicators| whole(&indicators))
            .collect();
        Ok(Self { figures, edition, hull, complete })
    }

    /// The figures it was made of.
    pub const fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The hull of the comparable countries.
    pub const fn hull(&self) -> &Hull {
        &self.hull
    }

    /// The published position of a country, for drawing. Compare only where [`Self::comparable`] has one.
    pub fn published(&self, code: &str) -> Option<Point> {
        self.figures.country(code).map(|country| country.position(self.edition))
    }

    /// The published position of a country whose survey belongs to the wave of the answers.
    pub fn comparable(&self, code: &str) -> Option<Point> {
        let comparable = |country: &&Country| country.comparable;
        self.figures.country(code).filter(comparable).map(|country| country.position(self.edition))
    }

    /// Where somebody with these indicators stands.
    pub fn place(&self, indicators: &Indicators, partial: Partial) -> Result<Placed, NotPlaced> {
        let (present, needed) = (indicators.present(), partial.needed());
        if present < needed {
            return Err(NotPlaced::TooFew { present, needed });
        }
        let projection = &self.figures.projection;
        let (values, error) = match whole(indicators) {
            Some(values) => (values, projection.error()),
            None => self.filled(indicators).ok_or(NotPlaced::NothingToFillWith)?,
        };
        let at = projection.at(&values);
        let place = if self.hull.contains(at) { Place::WithinHull } else { Place::OutsideHull };
        Ok(Placed { at, error, indicators: present, place })
    }

    /// Missing indicators at the countries' means, and the error with what filling adds: the root mean square over
    /// countries of what the missing indicators would have moved.
    fn filled(&self, indicators: &Indicators) -> Option<([f64; INDICATORS], Point)> {
        if self.complete.is_empty() {
            return None;
        }
        let n = self.complete.len() as f64;
        let mut means = [0.0; INDICATORS];
        for (place, mean) in means.iter_mut().enumerate() {
            *mean = self.complete.iter().map(|country| country[place]).sum::<f64>() / n;
        }
        let mut values = means;
        for (value, given) in values.iter_mut().zip(indicators.values()) {
            *value = given.unwrap_or(*value);
        }
        let missing = |line: &Line, country: &[f64; INDICATORS]| -> f64 {
            let open = (0..INDICATORS).filter(|&place| indicators.values()[place].is_none());
            open.map(|place| line.slopes[place] * (country[place] - means[place])).sum()
        };
        let widened = |line: &Line| {
            let squares: f64 =
                self.complete.iter().map(|country| missing(line, country)).map(|moved| moved * moved).sum();
            libm::sqrt(line.error * line.error + squares / n)
        };
        let Projection { traditional_secular, survival_self_expression } = &self.figures.projection;
        Some((values, Point::new(widened(traditional_secular), widened(survival_self_expression))))
    }
}

/// All ten, where all are there.
pub(super) fn whole(indicators: &Indicators) -> Option<[f64; INDICATORS]> {
    let mut values = [0.0; INDICATORS];
    for (value, given) in values.iter_mut().zip(indicators.values()) {
        *value = (*given)?;
    }
    Some(values)
}
