//! Agents beside humans on the plane: displacement, spread, bias, quadrants, and how much of the plane is covered.

use super::Point;
use super::hull::Hull;

/// How far an agent, or a culture's agents, stand from their people: ‖agent − human‖, at least 0. Even people themselves
/// do not stand at 0 once projected: read it beside the length of the projection's error.
pub fn displacement(agents: Point, humans: Point) -> f64 {
    agents.less(humans).length()
}

/// Mean displacement over pairs of agents and their own people; `None` without any.
pub fn mean_displacement(pairs: &[(Point, Point)]) -> Option<f64> {
    mean(pairs.iter().map(|&(agents, humans)| displacement(agents, humans)))
}

/// Mean distance over pairs of points; `None` for fewer than two.
pub fn spread(points: &[Point]) -> Option<f64> {
    let pairs =
        points.iter().enumerate().flat_map(|(place, a)| points[..place].iter().map(move |b| a.less(*b).length()));
    mean(pairs)
}

/// Spread of agents over that of humans, at least 0: below 1 where cultures were drawn together. Give the same cultures
/// on both sides. Sampling noise of the points adds to the agents' spread. `None` where a side has fewer than two points
/// or the humans all stand on one.
pub fn spread_ratio(agents: &[Point], humans: &[Point]) -> Option<f64> {
    let (agents, humans) = (spread(agents)?, spread(humans)?);
    (humans > 0.0).then(|| agents / humans)
}

/// The mean point; `None` without points.
pub fn centroid(points: &[Point]) -> Option<Point> {
    let first = mean(points.iter().map(|point| point.traditional_secular))?;
    Some(Point::new(first, mean(points.iter().map(|point| point.survival_self_expression))?))
}

/// What leads from the humans' centroid to that of the agents: above 0 where agents are too secular, or too much for
/// self-expression. Give the same cultures on both sides.
pub fn centroid_bias(agents: &[Point], humans: &[Point]) -> Option<Point> {
    Some(centroid(agents)?.less(centroid(humans)?))
}

/// Standard error of the mean of independent points, by axis: what sampling adds to the projection's own error. `None`
/// for fewer than two.
pub fn sampling_error(points: &[Point]) -> Option<Point> {
    let middle = centroid(points).filter(|_| points.len() > 1)?;
    let n = points.len() as f64;
    let error = |axis: fn(Point) -> f64| {
        let squares: f64 = points.iter().map(|point| axis(point.less(middle))).map(|off| off * off).sum();
        libm::sqrt(squares / (n - 1.0) / n)
    };
    Some(Point::new(error(|off| off.traditional_secular), error(|off| off.survival_self_expression)))
}

/// A quarter of the plane, seen from a centre. A point on a line belongs to the higher side.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Quadrant {
    /// Low on both axes.
    TraditionalSurvival,
    /// Traditional, self-expression.
    TraditionalSelfExpression,
    /// Secular-rational, survival.
    SecularSurvival,
    /// High on both axes.
    SecularSelfExpression,
}

impl Quadrant {
    /// Every quadrant.
    pub const ALL: [Self; 4] = [
        Self::TraditionalSurvival,
        Self::TraditionalSelfExpression,
        Self::SecularSurvival,
        Self::SecularSelfExpression,
    ];

    /// The quadrant of a point.
    pub fn of(point: Point, centre: Point) -> Self {
        let off = point.less(centre);
        match (off.traditional_secular >= 0.0, off.survival_self_expression >= 0.0) {
            (false, false) => Self::TraditionalSurvival,
            (false, true) => Self::TraditionalSelfExpression,
            (true, false) => Self::SecularSurvival,
            (true, true) => Self::SecularSelfExpression,
        }
    }

    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TraditionalSurvival => "traditional_survival",
            Self::TraditionalSelfExpression => "traditional_self_expression",
            Self::SecularSurvival => "secular_survival",
            Self::SecularSelfExpression => "secular_self_expression",
        }
    }
}

/// How points fall into the quadrants.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quadrants {
    /// Points by quadrant, in the order of [`Quadrant::ALL`].
    pub counts: [u64; 4],
}

impl Quadrants {
    /// Share of the points in a quadrant; `None` without points.
    pub fn share(&self, quadrant: Quadrant) -> Option<f64> {
        let total: u64 = self.counts.iter().sum();
        (total > 0).then(|| self.counts[quadrant as usize] as f64 / total as f64)
    }

    /// How many quadrants have a point.
    pub fn occupied(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }
}

/// Points by quadrant. The map's own centre is (0, 0), the mean of its respondents; the centroid of the human countries
/// is the other usual one.
pub fn quadrants(points: &[Point], centre: Point) -> Quadrants {
    let mut found = Quadrants::default();
    for &point in points {
        found.counts[Quadrant::of(point, centre) as usize] += 1;
    }
    found
}

/// Share of the humans' hull that the agents' hull covers, 0 to 1. 0 where the agents span no area.
pub fn hull_coverage(agents: &[Point], humans: &Hull) -> f64 {
    Hull::of(agents).map_or(0.0, |agents| (agents.common_area(humans) / humans.area()).clamp(0.0, 1.0))
}

/// Share of human points with an agent no further than `radius`, 0 to 1; `None` without human points. The length of the
/// projection's error is a natural radius.
pub fn reach(agents: &[Point], humans: &[Point], radius: f64) -> Option<f64> {
    let reached = |human: &Point| agents.iter().any(|&agent| displacement(agent, *human) <= radius);
    mean(humans.iter().map(|human| f64::from(u8::from(reached(human)))))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0_u64), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(flat: &[(f64, f64)]) -> Vec<Point> {
        flat.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    #[test]
    fn figures_of_a_small_map_are_those_worked_out_by_hand() {
        let humans = points(&[(0.0, 0.0), (3.0, 4.0), (0.0, 4.0)]);
        assert_eq!(spread(&humans), Some(4.0));
        let agents = points(&[(1.0, 1.0), (2.5, 3.0), (1.0, 3.0)]);
        assert_eq!(spread_ratio(&agents, &humans), Some(0.5));
        assert_eq!(centroid_bias(&agents, &humans), Some(Point::new(0.5, 7.0 / 3.0 - 8.0 / 3.0)));
        assert_eq!(mean_displacement(&[(agents[0], humans[0])]), Some(libm::sqrt(2.0)));
        assert_eq!(quadrants(&humans, Point::new(1.0, 1.0)).counts, [1, 1, 0, 1]);
        assert_eq!(quadrants(&humans, Point::new(0.0, 0.0)).share(Quadrant::SecularSelfExpression), Some(1.0));
        assert_eq!(reach(&agents, &humans, 1.5), Some(1.0));
        assert_eq!(reach(&agents, &humans, 0.1), Some(0.0));
        let hull = Hull::of(&humans).expect("an area");
        assert!((hull_coverage(&humans, &hull) - 1.0).abs() < 1e-12);
        assert!(hull_coverage(&agents[..2], &hull) <= 0.0);
    }

    #[test]
    fn what_needs_points_is_absent_without_them() {
        let one = points(&[(1.0, 2.0)]);
        assert_eq!(
            (spread(&one), spread_ratio(&one, &one), centroid(&[]), sampling_error(&one)),
            (None, None, None, None)
        );
        assert_eq!((centroid_bias(&[], &one), reach(&one, &[], 1.0), mean_displacement(&[])), (None, None, None));
        assert_eq!(spread_ratio(&points(&[(0.0, 0.0), (1.0, 0.0)]), &[one[0], one[0]]), None);
        assert_eq!(quadrants(&[], Point::default()).share(Quadrant::SecularSurvival), None);
    }

    proptest! {
        #[test]
        fn spread_ratio_ignores_shifts_and_follows_scale(
            flat in prop::collection::vec((-3.0_f64..3.0, -3.0_f64..3.0), 3..9), scale in 0.1_f64..3.0, shift in -5.0_f64..5.0
        ) {
            let humans = points(&flat);
            let agents: Vec<Point> = flat.iter().map(|&(x, y)| Point::new(scale * x + shift, scale * y - shift)).collect();
            prop_assume!(spread(&humans).is_some_and(|spread| spread > 1e-3));
            prop_assert!((spread_ratio(&agents, &humans).expect("points") - scale).abs() < 1e-9);
        }
    }
}
