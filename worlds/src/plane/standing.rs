//! Cultures of a society on the plane, and all of them together beside their people.

use std::sync::Arc;

use super::compare::{
    Quadrants, centroid_bias, displacement, hull_coverage, mean_displacement, quadrants, spread_ratio,
};
use super::procrustes::{Reflection, procrustes};
use super::{Place, Placed, Plane, Point};

/// Where the agents of a culture stand.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    /// Code of the culture.
    pub code: Arc<str>,
    /// Their place; `None` where they have too few indicators.
    pub placed: Option<Placed>,
    /// Where their people stand, where that may be compared.
    pub humans: Option<Point>,
}

impl Standing {
    /// How far they stand from their people, in units of the map.
    pub fn displacement(&self) -> Option<f64> {
        Some(displacement(self.placed?.at, self.humans?))
    }

    /// Whether the projection extrapolates to them.
    pub fn is_outside(&self) -> Option<bool> {
        self.placed.map(|placed| placed.place == Place::OutsideHull)
    }
}

/// The cultures of a society taken together. What sets agents beside humans rests on the same cultures on both sides:
/// those that are placed and whose people may be compared.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Together {
    /// Cultures placed.
    pub placed: u64,
    /// Cultures compared with their people.
    pub compared: u64,
    /// Mean displacement of cultures from their people, in units of the map.
    pub displacement: Option<f64>,
    /// Spread of the cultures' agents over that of their people; below 1 where cultures were drawn together.
    pub spread_ratio: Option<f64>,
    /// From the people's centroid to the agents'.
    pub centroid_bias: Option<Point>,
    /// How well the agents' configuration fits that of their people, 0 to 1, without mirroring.
    pub procrustes: Option<f64>,
    /// Share of the countries' hull that the agents' hull covers, 0 to 1.
    pub hull_coverage: Option<f64>,
    /// Share of placed cultures outside the countries' hull.
    pub outside: Option<f64>,
    /// Placed cultures by quadrant of the map, centre (0, 0).
    pub quadrants: Quadrants,
}

impl Together {
    /// Of a society's cultures.
    pub fn of(plane: &Plane, cultures: &[Standing]) -> Self {
        let points: Vec<Point> = cultures.iter().filter_map(|culture| Some(culture.placed?.at)).collect();
        let pairs: Vec<(Point, Point)> =
            cultures.iter().filter_map(|culture| Some((culture.placed?.at, culture.humans?))).collect();
        let (agents, humans): (Vec<Point>, Vec<Point>) = pairs.iter().copied().unzip();
        let outside = cultures.iter().filter(|culture| culture.is_outside() == Some(true)).count();
        let any = !points.is_empty();
        Self {
            placed: points.len() as u64,
            compared: pairs.len() as u64,
            displacement: mean_displacement(&pairs),
            spread_ratio: spread_ratio(&agents, &humans),
            centroid_bias: centroid_bias(&agents, &humans),
            procrustes: procrustes(&agents, &humans, Reflection::Forbidden).map(|found| found.r_squared),
            hull_coverage: any.then(|| hull_coverage(&points, plane.hull())),
            outside: any.then(|| outside as f64 / points.len() as f64),
            quadrants: quadrants(&points, Point::default()),
        }
    }

    /// The fit that as many unrelated points reach in the mean: 1/(n − 1); `None` for fewer than three.
    pub fn procrustes_of_unrelated(&self) -> Option<f64> {
        (self.compared > 2).then(|| 1.0 / (self.compared as f64 - 1.0))
    }
}
