//! How heavy the tail of counts is: the discrete power law p(x) = x^−α / ζ(α, x_min) for x ≥ x_min.

/// Tails of fewer counts are not fitted.
pub const LEAST_TAIL: usize = 10;

/// Exponents are looked for in this range.
pub const EXPONENTS: (f64, f64) = (1.001, 6.0);

/// No more than this many starts of the tail are tried, spread evenly over the distinct counts.
const STARTS: usize = 64;

/// A fitted tail.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PowerLaw {
    /// α, within [`EXPONENTS`]; a value at the upper end says that the tail is no heavier than that.
    pub exponent: f64,
    /// x_min, the least count of the tail.
    pub start: u64,
    /// How many counts the tail has.
    pub tail: usize,
    /// Kolmogorov–Smirnov distance of the tail from the law, from 0 to 1. It says how far off the fit is, not whether
    /// a power law is the right family.
    pub distance: f64,
}

/// The law by maximum likelihood with the start that leaves the smallest Kolmogorov–Smirnov distance (Clauset, Shalizi
/// & Newman 2009, eqs 3.5 and 3.9), the first of equal ones. Zeros are left out. `None` unless some tail has at least
/// [`LEAST_TAIL`] counts, of which two differ.
pub fn fit(counts: &[u64]) -> Option<PowerLaw> {
    let mut counts: Vec<u64> = counts.iter().copied().filter(|&count| count > 0).collect();
    counts.sort_unstable();
    let distinct = distinct(&counts);
    let starts: Vec<usize> = (0..distinct.len().saturating_sub(1))
        .filter(|&first| distinct[first..].iter().map(|(_, n)| n).sum::<usize>() >= LEAST_TAIL)
        .collect();
    let step = starts.len().div_ceil(STARTS).max(1);
    let mut best: Option<PowerLaw> = None;
    for &first in starts.iter().step_by(step) {
        let fitted = fit_from(&distinct[first..]);
        if best.is_none_or(|best| fitted.distance < best.distance) {
            best = Some(fitted);
        }
    }
    best
}

/// Hurwitz zeta function Σ (a + k)^−s over k ≥ 0 for s > 1 and a > 0, by Euler–Maclaurin summation (Johansson 2015)
/// to about nine digits for s up to 6.
pub fn hurwitz_zeta(s: f64, a: f64) -> f64 {
    let mut sum = 0.0;
    let mut x = a;
    while x < FAR {
        sum += libm::pow(x, -s);
        x += 1.0;
    }
    let power = libm::pow(x, -s);
    let inverse = 1.0 / (x * x);
    let mut term = s * power / x;
    let mut corrections = 0.0;
    for (place, coefficient) in COEFFICIENTS.iter().enumerate() {
        corrections += coefficient * term;
        let next = 2.0 * place as f64 + 1.0;
        term *= (s + next) * (s + next + 1.0) * inverse;
    }
    sum + power * x / (s - 1.0) + power / 2.0 + corrections
}

/// Terms are added one by one up to here.
const FAR: f64 = 20.0;

/// Bernoulli numbers B₂ₖ over (2k)!.
const COEFFICIENTS: [f64; 4] = [1.0 / 12.0, -1.0 / 720.0, 1.0 / 30_240.0, -1.0 / 1_209_600.0];

/// Distinct values of an ascending list and how often each occurs.
fn distinct(sorted: &[u64]) -> Vec<(u64, usize)> {
    sorted.chunk_by(|one, other| one == other).map(|same| (same[0], same.len())).collect()
}

/// The law of a whole tail, which starts at its least value.
fn fit_from(tail: &[(u64, usize)]) -> PowerLaw {
    let start = tail[0].0;
    let n: usize = tail.iter().map(|(_, n)| n).sum();
    let logs: f64 = tail.iter().map(|&(value, n)| n as f64 * libm::log(value as f64)).sum();
    let cost = |exponent: f64| n as f64 * libm::log(hurwitz_zeta(exponent, start as f64)) + exponent * logs;
    let exponent = minimum(cost);
    let whole = hurwitz_zeta(exponent, start as f64);
    let below = |value: u64| 1.0 - hurwitz_zeta(exponent, value as f64) / whole;
    let (mut seen, mut distance) = (0, 0.0_f64);
    for &(value, times) in tail {
        // Between values the empirical distribution stands still: the gap is widest just before the next or at it.
        distance = distance.max((seen as f64 / n as f64 - below(value)).abs());
        seen += times;
        distance = distance.max((seen as f64 / n as f64 - below(value.saturating_add(1))).abs());
    }
    PowerLaw { exponent, start, tail: n, distance }
}

/// Where a convex function of the exponent is least, by golden section.
fn minimum(cost: impl Fn(f64) -> f64) -> f64 {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = EXPONENTS;
    let inner = |low: f64, high: f64| (high - golden * (high - low), low + golden * (high - low));
    let (mut left, mut right) = inner(low, high);
    let (mut at_left, mut at_right) = (cost(left), cost(right));
    for _ in 0..42 {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = inner(low, high).0;
            at_left = cost(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = inner(low, high).1;
            at_right = cost(right);
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_zeta_function_has_its_known_values() {
        let pi = std::f64::consts::PI;
        for (s, a, expected) in [
            (2.0, 1.0, pi * pi / 6.0),
            (4.0, 1.0, pi * pi * pi * pi / 90.0),
            (2.0, 3.0, pi * pi / 6.0 - 1.25),
            (1.5, 1.0, 2.612_375_348_685_488),
            (6.0, 1.0, 1.017_343_061_984_449),
            (1.001, 1.0, 1_000.577_288_474_011_4),
        ] {
            assert!((hurwitz_zeta(s, a) / expected - 1.0).abs() < 1e-9, "{s} {a} {}", hurwitz_zeta(s, a));
        }
    }

    /// Counts that occur as often as a power law from 1 on expects of `n`, rounded.
    fn expected_counts(exponent: f64, n: f64) -> Vec<u64> {
        let zeta = hurwitz_zeta(exponent, 1.0);
        (1_u64..2_000)
            .flat_map(|x| {
                let times = libm::round(n * libm::pow(x as f64, -exponent) / zeta) as usize;
                std::iter::repeat_n(x, times)
            })
            .collect()
    }

    #[test]
    fn a_tail_made_by_the_law_has_its_exponent() {
        for exponent in [1.8, 2.5, 3.2] {
            let fitted = fit(&expected_counts(exponent, 20_000.0)).expect("a tail");
            assert!((fitted.exponent - exponent).abs() < 0.06, "{exponent}: {fitted:?}");
            assert!(fitted.distance < 0.02 && fitted.tail >= LEAST_TAIL);
        }
    }

    #[test]
    fn the_start_is_found_where_counts_below_it_follow_no_law() {
        let mut counts: Vec<u64> = expected_counts(2.5, 200_000.0).into_iter().filter(|&x| x >= 6).collect();
        for low in 1..6 {
            counts.extend(std::iter::repeat_n(low, 300));
        }
        // Counts are rounded to whole ones, so a neighbour of the true start may fit a trifle better.
        assert!(fit(&counts).is_some_and(|fitted| (6..=7).contains(&fitted.start)));
    }

    #[test]
    fn short_and_even_tails_are_not_fitted() {
        let (nine, ten): (Vec<u64>, Vec<u64>) = ((1..10).collect(), (1..11).collect());
        assert_eq!((fit(&[]), fit(&[0; 40]), fit(&[3; 40]), fit(&nine)), (None, None, None, None));
        assert_eq!(fit(&ten).map(|fitted| (fitted.start, fitted.tail)), Some((1, 10)));
    }

    proptest! {
        #[test]
        fn fits_stay_in_range_and_are_blind_to_order_and_zeros(
            counts in prop::collection::vec(0_u64..60, 0..120),
        ) {
            let turned: Vec<u64> = counts.iter().rev().copied().chain([0]).collect();
            let fitted = fit(&counts);
            prop_assert_eq!(fitted, fit(&turned));
            if let Some(fitted) = fitted {
                prop_assert!((1.0..=6.0).contains(&fitted.exponent) && (0.0..=1.0).contains(&fitted.distance));
                prop_assert!(fitted.tail >= LEAST_TAIL && counts.contains(&fitted.start));
            }
        }
    }
}
