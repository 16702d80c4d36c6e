//! Whether two configurations of points have the same shape.

use super::Point;
use super::compare::centroid;

/// Whether a configuration may be mirrored to fit the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reflection {
    /// The axes of the plane have a direction: mirrored is not the same.
    #[default]
    Forbidden,
    /// Mirrored where that fits better.
    Allowed,
}

/// The similarity transform that carries one configuration onto another with the least squares.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Similarity {
    /// Factor, at least 0; the least-squares one, which noise makes too small.
    pub scale: f64,
    /// Rotation, anticlockwise with the first axis to the right, in radians from −π to π.
    pub rotation: f64,
    /// Whether the first configuration was mirrored at the first axis before it was turned.
    pub mirrored: bool,
    /// Where the first configuration's centroid goes.
    pub onto: Point,
    /// Root mean square distance of corresponding points after the transform.
    pub residual: f64,
    /// Share of the second configuration's spread that is explained, 0 to 1. Of n unrelated points it is 1/(n − 1) in the
    /// mean (n − 1 points of a plane as complex numbers): nothing to be proud of with five cultures.
    pub r_squared: f64,
    from: Point,
}

impl Similarity {
    /// Where a point of the first configuration goes.
    pub fn apply(&self, point: Point) -> Point {
        let off = point.less(self.from);
        let (x, y) = (off.traditional_secular, off.survival_self_expression);
        let y = if self.mirrored { -y } else { y };
        let (sin, cos) = (libm::sin(self.rotation), libm::cos(self.rotation));
        Point::new(
            self.onto.traditional_secular + self.scale * (cos * x - sin * y),
            self.onto.survival_self_expression + self.scale * (sin * x + cos * y),
        )
    }
}

/// Procrustes analysis with translation, rotation and scale (Gower 1975) of `from` onto `onto`, point by point. `None`
/// for fewer than three pairs, which always fit, for sides of different length, or where a side stands on one point.
pub fn procrustes(from: &[Point], onto: &[Point], reflection: Reflection) -> Option<Similarity> {
    if from.len() != onto.len() || from.len() < 3 {
        return None;
    }
    let (from_middle, onto_middle) = (centroid(from)?, centroid(onto)?);
    let (mut turned, mut mirrored) = ((0.0, 0.0), (0.0, 0.0));
    let (mut of_from, mut of_onto) = (0.0, 0.0);
    for (&a, &b) in from.iter().zip(onto) {
        let (a, b) = (a.less(from_middle), b.less(onto_middle));
        let (ax, ay) = (a.traditional_secular, a.survival_self_expression);
        let (bx, by) = (b.traditional_secular, b.survival_self_expression);
        // As complex numbers: Σ conj(a)·b without and Σ a·b with a mirror.
        turned = (turned.0 + ax * bx + ay * by, turned.1 + ax * by - ay * bx);
        mirrored = (mirrored.0 + ax * bx - ay * by, mirrored.1 + ax * by + ay * bx);
        of_from += ax * ax + ay * ay;
        of_onto += bx * bx + by * by;
    }
    if !(of_from > 0.0 && of_onto > 0.0 && (of_from * of_onto).is_finite()) {
        return None;
    }
    let mirror =
        reflection == Reflection::Allowed && libm::hypot(mirrored.0, mirrored.1) > libm::hypot(turned.0, turned.1);
    let (re, im) = if mirror { mirrored } else { turned };
    let fitted = libm::hypot(re, im);
    let r_squared = (fitted / of_from * (fitted / of_onto)).clamp(0.0, 1.0);
    Some(Similarity {
        scale: fitted / of_from,
        rotation: libm::atan2(im, re),
        mirrored: mirror,
        onto: onto_middle,
        residual: libm::sqrt((1.0 - r_squared) * of_onto / from.len() as f64),
        r_squared,
        from: from_middle,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn points(flat: &[(f64, f64)]) -> Vec<Point> {
        flat.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    fn cloud() -> impl Strategy<Value = Vec<(f64, f64)>> {
        prop::collection::vec((-3.0_f64..3.0, -3.0_f64..3.0), 3..12)
    }

    fn spreads(flat: &[(f64, f64)]) -> bool {
        crate::plane::spread(&points(flat)).is_some_and(|spread| spread > 0.1)
    }

    #[test]
    fn two_points_or_one_place_have_no_shape() {
        let line = points(&[(0.0, 0.0), (1.0, 1.0), (3.0, 0.0)]);
        let spot = points(&[(1.0, 1.0); 3]);
        assert!(procrustes(&line[..2], &line[..2], Reflection::Allowed).is_none());
        assert!(procrustes(&line, &line[..2], Reflection::Allowed).is_none());
        assert!(procrustes(&spot, &line, Reflection::Forbidden).is_none());
        assert!(procrustes(&line, &spot, Reflection::Forbidden).is_none());
    }

    #[test]
    fn unrelated_points_explain_one_part_in_as_many_as_there_are_but_one() {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        for n in [5_usize, 19] {
            let mut draw = || -> Vec<Point> { (0..n).map(|_| Point::new(normal(), normal())).collect() };
            let fits =
                (0..4000).map(|_| procrustes(&draw(), &draw(), Reflection::Forbidden).expect("a shape").r_squared);
            let mean = fits.sum::<f64>() / 4000.0;
            let expected = 1.0 / (n as f64 - 1.0);
            assert!((mean / expected - 1.0).abs() < 0.06, "{n}: {mean} {expected}");
        }
    }

    proptest! {
        #[test]
        fn a_known_similarity_is_recovered(
            flat in cloud(), scale in 0.1_f64..4.0, angle in -3.0_f64..3.0, dx in -5.0_f64..5.0, dy in -5.0_f64..5.0,
            mirror in any::<bool>(),
        ) {
            prop_assume!(spreads(&flat));
            let from = points(&flat);
            let onto: Vec<Point> = flat.iter().map(|&(x, y)| {
                let y = if mirror { -y } else { y };
                let (sin, cos) = (libm::sin(angle), libm::cos(angle));
                Point::new(scale * (cos * x - sin * y) + dx, scale * (sin * x + cos * y) + dy)
            }).collect();
            let reflection = if mirror { Reflection::Allowed } else { Reflection::Forbidden };
            let found = procrustes(&from, &onto, reflection).expect("a shape");
            prop_assert!(found.r_squared > 1.0 - 1e-9 && found.residual < 1e-5 * scale * 10.0);
            for (&a, b) in from.iter().zip(&onto) {
                prop_assert!(found.apply(a).less(*b).length() < 1e-6);
            }
            // A line can be mirrored onto itself: the transform is the same, its description is not.
            if found.mirrored == mirror {
                prop_assert!((found.scale - scale).abs() < 1e-9);
                let apart = libm::fabs(found.rotation - angle);
                prop_assert!(apart < 1e-6 || (apart - 2.0 * std::f64::consts::PI).abs() < 1e-6);
            }
        }

        #[test]
        fn the_residual_is_what_is_left_and_a_mirror_never_fits_worse(a in cloud(), b in cloud()) {
            let n = a.len().min(b.len());
            prop_assume!(spreads(&a[..n]) && spreads(&b[..n]));
            let (a, b) = (points(&a[..n]), points(&b[..n]));
            let plain = procrustes(&a, &b, Reflection::Forbidden).expect("a shape");
            let free = procrustes(&a, &b, Reflection::Allowed).expect("a shape");
            prop_assert!(free.r_squared >= plain.r_squared - 1e-12);
            let squares: f64 = a.iter().zip(&b).map(|(&a, b)| plain.apply(a).less(*b).length()).map(|d| d * d).sum();
            prop_assert!((libm::sqrt(squares / n as f64) - plain.residual).abs() < 1e-6);
            // R² is symmetric in the two configurations.
            let back = procrustes(&b, &a, Reflection::Forbidden).expect("a shape");
            prop_assert!((back.r_squared - plain.r_squared).abs() < 1e-9);
        }
    }
}
