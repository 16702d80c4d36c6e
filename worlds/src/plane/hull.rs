//! Convex hulls: what lies between the countries.

use super::Point;

/// Twice the area below which a corner counts as none, in squared units of the map.
const FLAT: f64 = 1e-12;

/// A convex polygon with an area.
#[derive(Clone, PartialEq, Debug)]
pub struct Hull {
    corners: Vec<Point>,
}

impl Hull {
    /// The convex hull of points (Andrew 1979); `None` where they span no area or are no numbers.
    pub fn of(points: &[Point]) -> Option<Self> {
        if points.iter().any(|point| !point.is_finite()) {
            return None;
        }
        let mut sorted = points.to_vec();
        sorted.sort_by(|a, b| {
            let by_first = a.traditional_secular.total_cmp(&b.traditional_secular);
            by_first.then(a.survival_self_expression.total_cmp(&b.survival_self_expression))
        });
        let mut corners = half(sorted.iter().copied());
        corners.extend(half(sorted.iter().rev().copied()));
        let hull = Self { corners };
        (hull.corners.len() > 2 && hull.area() > FLAT).then_some(hull)
    }

    /// Its corners, anticlockwise with the first axis to the right.
    pub fn corners(&self) -> &[Point] {
        &self.corners
    }

    /// Its area, above 0.
    pub fn area(&self) -> f64 {
        area(&self.corners)
    }

    /// Whether a point lies within it or on its edge.
    pub fn contains(&self, point: Point) -> bool {
        edges(&self.corners).all(|(from, to)| turn(from, to, point) >= -FLAT)
    }

    /// The area it has in common with another, from 0 to the smaller of both (Sutherland & Hodgman 1974).
    pub fn common_area(&self, other: &Self) -> f64 {
        let mut kept = self.corners.clone();
        for (from, to) in edges(&other.corners) {
            kept = clipped(&kept, from, to);
        }
        area(&kept).min(self.area()).min(other.area())
    }
}

/// One chain of the hull, without its last point, which starts the other.
fn half(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut chain: Vec<Point> = Vec::new();
    for point in points {
        while let [.., before, last] = chain[..]
            && turn(before, last, point) <= FLAT
        {
            chain.pop();
        }
        chain.push(point);
    }
    chain.pop();
    chain
}

/// What of a polygon lies left of a line.
fn clipped(polygon: &[Point], from: Point, to: Point) -> Vec<Point> {
    let mut kept = Vec::with_capacity(polygon.len() + 1);
    for (a, b) in edges(polygon) {
        let (side_a, side_b) = (turn(from, to, a), turn(from, to, b));
        if side_a >= 0.0 {
            kept.push(a);
        }
        if (side_a > 0.0 && side_b < 0.0) || (side_a < 0.0 && side_b > 0.0) {
            let share = side_a / (side_a - side_b);
            let way = b.less(a);
            kept.push(Point::new(
                a.traditional_secular + share * way.traditional_secular,
                a.survival_self_expression + share * way.survival_self_expression,
            ));
        }
    }
    kept
}

fn edges(corners: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    corners.iter().copied().zip(corners.iter().copied().cycle().skip(1))
}

/// Twice the signed area of a triangle: above 0 where the third point lies left of the way from the first to the second.
fn turn(from: Point, to: Point, point: Point) -> f64 {
    let (way, off) = (to.less(from), point.less(from));
    way.traditional_secular * off.survival_self_expression - way.survival_self_expression * off.traditional_secular
}

fn area(corners: &[Point]) -> f64 {
    let Some(&first) = corners.first() else { return 0.0 };
    edges(corners).map(|(a, b)| turn(first, a, b)).sum::<f64>() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(flat: &[(f64, f64)]) -> Vec<Point> {
        flat.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    #[test]
    fn a_square_has_four_corners_its_area_and_its_share_of_a_shifted_one() {
        let square = points(&[(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (1.0, 1.0), (1.0, 0.0)]);
        let hull = Hull::of(&square).expect("an area");
        assert_eq!((hull.corners().len(), hull.area()), (4, 4.0));
        let shifted: Vec<Point> =
            square.iter().map(|p| Point::new(p.traditional_secular + 1.0, p.survival_self_expression)).collect();
        let away: Vec<Point> =
            square.iter().map(|p| Point::new(p.traditional_secular + 5.0, p.survival_self_expression)).collect();
        let common = |other: &[Point]| hull.common_area(&Hull::of(other).expect("an area"));
        assert_eq!((common(&shifted), common(&away), common(&square)), (2.0, 0.0, 4.0));
    }

    #[test]
    fn points_without_area_have_no_hull() {
        for flat in
            [&[][..], &[(1.0, 1.0)], &[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)], &[(0.0, 0.0), (f64::NAN, 1.0), (1.0, 0.0)]]
        {
            assert!(Hull::of(&points(flat)).is_none(), "{flat:?}");
        }
    }

    proptest! {
        #[test]
        fn a_hull_holds_its_points_and_every_mean_of_them(
            flat in prop::collection::vec((-3.0_f64..3.0, -3.0_f64..3.0), 3..20),
        ) {
            let cloud = points(&flat);
            if let Some(hull) = Hull::of(&cloud) {
                prop_assert!(cloud.iter().all(|&point| hull.contains(point)));
                let n = cloud.len() as f64;
                let mean = Point::new(
                    flat.iter().map(|p| p.0).sum::<f64>() / n,
                    flat.iter().map(|p| p.1).sum::<f64>() / n,
                );
                prop_assert!(hull.contains(mean));
                prop_assert!(!hull.contains(Point::new(9.0, 0.0)));
                prop_assert!((hull.common_area(&hull) - hull.area()).abs() < 1e-9);
            }
        }

        #[test]
        fn common_area_is_symmetric(
            a in prop::collection::vec((-3.0_f64..3.0, -3.0_f64..3.0), 3..9),
            b in prop::collection::vec((-3.0_f64..3.0, -3.0_f64..3.0), 3..9),
        ) {
            if let (Some(a), Some(b)) = (Hull::of(&points(&a)), Hull::of(&points(&b))) {
                prop_assert!((a.common_area(&b) - b.common_area(&a)).abs() < 1e-9);
                prop_assert!(a.common_area(&b) >= -1e-12);
            }
        }
    }
}
