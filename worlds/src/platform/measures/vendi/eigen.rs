//! Eigenvalues of symmetric matrices.

use super::symmetric::{Symmetric, dot};

/// Steps for one eigenvalue, at most; two or three are usual.
const STEPS: usize = 60;

/// The eigenvalues of a matrix in no particular order, to about machine precision times the largest: reduction to
/// tridiagonal form by Householder reflections, then the implicit QL method (Martin, Reinsch & Wilkinson 1968;
/// Dubrulle, Martin & Wilkinson 1968). `None` where the matrix is not finite.
pub(super) fn eigenvalues(matrix: Symmetric) -> Option<Vec<f64>> {
    let (mut diagonal, mut beside) = tridiagonal(matrix.into_lower());
    let norm = diagonal.iter().zip(&beside).map(|(value, beside)| value.abs() + beside.abs()).fold(0.0, f64::max);
    // The maximum passes over what is not a number.
    if !diagonal.iter().chain(&beside).all(|value| value.is_finite()) {
        return None;
    }
    for first in 0..diagonal.len() {
        let mut steps = 0;
        loop {
            let unsplit = |&place: &usize| beside[place].abs() > f64::EPSILON * norm;
            let last = first + (first..diagonal.len() - 1).take_while(unsplit).count();
            if last == first {
                break;
            }
            if steps == STEPS {
                return None;
            }
            steps += 1;
            step(&mut diagonal[first..=last], &mut beside[first..=last]);
        }
    }
    Some(diagonal)
}

/// The diagonal of a tridiagonal matrix with the eigenvalues of this one, and what stands beside it, after which a 0.
fn tridiagonal(mut lower: Vec<Vec<f64>>) -> (Vec<f64>, Vec<f64>) {
    let n = lower.len();
    let (mut diagonal, mut beside) = (vec![0.0; n], vec![0.0; n]);
    while let Some(mut row) = lower.pop() {
        let place = lower.len();
        diagonal[place] = row.pop().unwrap_or_default();
        let Some(&last) = row.last() else { break };
        if row[..place - 1].iter().all(|value| *value == 0.0) {
            beside[place - 1] = last;
            continue;
        }
        let image = -libm::copysign(dot(&row, &row).sqrt(), last);
        beside[place - 1] = image;
        row[place - 1] -= image;
        reflect(&mut lower, &row);
    }
    (diagonal, beside)
}

/// Both sides of a matrix reflected in the plane that a vector v is normal to: A − v qᵀ − q vᵀ with p = 2Av / v·v and
/// q = p − (p·v / v·v) v.
fn reflect(lower: &mut [Vec<f64>], normal: &[f64]) {
    let square = dot(normal, normal);
    let mut image = vec![0.0; normal.len()];
    for (place, row) in lower.iter().enumerate() {
        image[place] += dot(row, &normal[..=place]);
        for (image, value) in image[..place].iter_mut().zip(row) {
            *image += normal[place] * value;
        }
    }
    for value in &mut image {
        *value *= 2.0 / square;
    }
    let along = dot(&image, normal) / square;
    for (value, normal) in image.iter_mut().zip(normal) {
        *value -= along * normal;
    }
    for (place, row) in lower.iter_mut().enumerate() {
        let (by_image, by_normal) = (normal[place], image[place]);
        for ((value, image), normal) in row.iter_mut().zip(&image).zip(normal) {
            *value -= by_image * image + by_normal * normal;
        }
    }
}

/// One implicit QL step with Wilkinson's shift on an unreduced tridiagonal matrix of at least two rows.
fn step(diagonal: &mut [f64], beside: &mut [f64]) {
    let last = diagonal.len() - 1;
    let ratio = (diagonal[1] - diagonal[0]) / (2.0 * beside[0]);
    let shift = ratio + libm::copysign((ratio * ratio + 1.0).sqrt(), ratio);
    let mut bulge = diagonal[last] - diagonal[0] + beside[0] / shift;
    let (mut sine, mut cosine, mut moved) = (1.0, 1.0, 0.0);
    for place in (0..last).rev() {
        let (off, along) = (sine * beside[place], cosine * beside[place]);
        let length = (off * off + bulge * bulge).sqrt();
        beside[place + 1] = length;
        if length == 0.0 {
            diagonal[place + 1] -= moved;
            beside[last] = 0.0;
            return;
        }
        (sine, cosine) = (off / length, bulge / length);
        let rest = diagonal[place + 1] - moved;
        let turned = (diagonal[place] - rest) * sine + 2.0 * cosine * along;
        moved = sine * turned;
        diagonal[place + 1] = rest + moved;
        bulge = cosine * turned - along;
    }
    diagonal[0] -= moved;
    beside[0] = bulge;
    beside[last] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(lower: Vec<Vec<f64>>) -> Option<Vec<f64>> {
        let mut values = eigenvalues(Symmetric::from_lower(lower))?;
        values.sort_by(f64::total_cmp);
        Some(values)
    }

    #[test]
    fn eigenvalues_are_those_worked_out_by_hand() {
        let cases = [
            (vec![], vec![]),
            (vec![vec![3.0]], vec![3.0]),
            // λ² − 4λ + 3.
            (vec![vec![2.0], vec![1.0, 2.0]], vec![1.0, 3.0]),
            // All ones: rank one.
            (vec![vec![1.0], vec![1.0, 1.0], vec![1.0, 1.0, 1.0]], vec![0.0, 0.0, 3.0]),
            // A path of three with 2 on the diagonal: 2 − √2, 2, 2 + √2.
            (
                vec![vec![2.0], vec![-1.0, 2.0], vec![0.0, -1.0, 2.0]],
                vec![2.0 - 2.0_f64.sqrt(), 2.0, 2.0 + 2.0_f64.sqrt()],
            ),
            // Triangles of one and two nodes apart from one another: 5, and −1 and 1.
            (vec![vec![0.0], vec![1.0, 0.0], vec![0.0, 0.0, 5.0]], vec![-1.0, 1.0, 5.0]),
        ];
        for (lower, expected) in cases {
            let found = sorted(lower.clone()).expect("a finite matrix");
            assert_eq!(found.len(), expected.len());
            assert!(found.iter().zip(&expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found:?}");
        }
    }

    #[test]
    fn matrices_that_are_not_finite_have_no_eigenvalues() {
        assert_eq!(sorted(vec![vec![1.0], vec![f64::NAN, 1.0]]), None);
        assert_eq!(sorted(vec![vec![f64::INFINITY]]), None);
        assert_eq!(sorted(vec![vec![f64::NAN]]), None);
    }

    proptest! {
        #[test]
        fn trace_and_sum_of_squares_are_kept(values in prop::collection::vec(-1.0_f64..1.0, 78)) {
            let mut values = values.into_iter();
            let lower: Vec<Vec<f64>> = (1..13).map(|n| values.by_ref().take(n).collect()).collect();
            let trace: f64 = lower.iter().filter_map(|row| row.last()).sum();
            let square = |row: &Vec<f64>| {
                let all: f64 = row.iter().map(|value| value * value).sum();
                2.0 * all - row.last().map_or(0.0, |value| value * value)
            };
            let squares: f64 = lower.iter().map(square).sum();
            let found = sorted(lower).expect("a finite matrix");
            prop_assert!((found.iter().sum::<f64>() - trace).abs() < 1e-10);
            prop_assert!((found.iter().map(|value| value * value).sum::<f64>() - squares).abs() < 1e-10);
        }
    }
}
