//! How far answers to an item are torn apart.

use libm::pow;

/// Sensitivity α of Esteban and Ray's measure: the largest their axioms allow, and the usual one.
pub const ESTEBAN_RAY_ALPHA: f64 = 1.6;

/// Fewest answers and options for which a coefficient of bimodality says anything.
pub const BIMODALITY_NEEDS: (u64, usize) = (20, 5);

/// Esteban and Ray's polarisation of a histogram over ordered options (Esteban & Ray 1994, eq. 3, with α = 1.6):
/// K·Σᵢ Σⱼ πᵢ^(1+α)·πⱼ·|yᵢ − yⱼ| with options at y = 0, …, 1 and K = 2^(1+α), so that 0 is one opinion and 1 is two
/// camps of equal size at the ends. `None` for fewer than two answers or options.
pub fn esteban_ray(histogram: &[u64]) -> Option<f64> {
    let total: u64 = histogram.iter().sum();
    if total < 2 || histogram.len() < 2 {
        return None;
    }
    let shares: Vec<f64> = histogram.iter().map(|&count| count as f64 / total as f64).collect();
    let identification: Vec<f64> = shares.iter().map(|&share| pow(share, 1.0 + ESTEBAN_RAY_ALPHA)).collect();
    let span = (histogram.len() - 1) as f64;
    let mut sum = 0.0;
    for (i, identified) in identification.iter().enumerate() {
        for (j, share) in shares.iter().enumerate() {
            sum += identified * share * i.abs_diff(j) as f64 / span;
        }
    }
    Some(sum * pow(2.0, 1.0 + ESTEBAN_RAY_ALPHA))
}

/// Sarle's coefficient of bimodality, (g² + 1) / (k + 3(n−1)²/((n−2)(n−3))), with the sample skewness g and the sample
/// excess kurtosis k corrected for bias (SAS Institute 1990; Pfister et al. 2013): 5/9 for a uniform spread, above it
/// for two camps, below it for one. It is unreliable for few answers and few options: `None` below 20 answers or 5
/// options, and where answers do not vary.
pub fn bimodality(histogram: &[u64]) -> Option<f64> {
    let answers: u64 = histogram.iter().sum();
    if answers < BIMODALITY_NEEDS.0 || histogram.len() < BIMODALITY_NEEDS.1 {
        return None;
    }
    let n = answers as f64;
    let moment = |power: i32, about: f64| {
        let terms =
            (0_u32..).zip(histogram).map(|(place, &count)| count as f64 * (f64::from(place) - about).powi(power));
        terms.sum::<f64>() / n
    };
    let mean = moment(1, 0.0);
    let (second, third, fourth) = (moment(2, mean), moment(3, mean), moment(4, mean));
    if second <= 0.0 {
        return None;
    }
    let skewness = (n * (n - 1.0)).sqrt() / (n - 2.0) * third / (second * second.sqrt());
    let excess = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * (fourth / (second * second) - 3.0) + 6.0);
    Some((skewness * skewness + 1.0) / (excess + 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_opinion_is_not_polarised_and_two_camps_at_the_ends_are_wholly() {
        assert_eq!(esteban_ray(&[0, 7, 0]), Some(0.0));
        assert!((esteban_ray(&[5, 0, 0, 5]).expect("answers") - 1.0).abs() < 1e-12);
        // Half as far apart is half as polarised; unequal camps are less so.
        assert!((esteban_ray(&[5, 5, 0]).expect("answers") - 0.5).abs() < 1e-12);
        assert!(esteban_ray(&[8, 0, 2]).expect("answers") < 1.0);
        assert_eq!(esteban_ray(&[1, 0]), None);
    }

    #[test]
    fn bimodality_knows_its_landmarks_and_its_limits() {
        // Uniform over many options tends to 5/9, two equal camps to 1, a bell to about 1/3.
        let near = |histogram: &[u64], expected: f64, within: f64| {
            let found = bimodality(histogram).expect("enough answers");
            assert!((found - expected).abs() < within, "{histogram:?}: {found}");
        };
        near(&[1000; 100], 5.0 / 9.0, 1e-3);
        near(&[5000, 0, 0, 0, 5000], 1.0, 1e-3);
        near(&[1, 10, 45, 120, 210, 252, 210, 120, 45, 10, 1], 1.0 / 2.8, 2e-3);
        assert_eq!(bimodality(&[2, 1, 0, 1, 1]), None, "five agents");
        assert_eq!(bimodality(&[20, 20, 20, 20]), None, "four options");
        assert_eq!(bimodality(&[0, 0, 40, 0, 0]), None, "no variance");
    }

    proptest! {
        #[test]
        fn polarisation_is_a_share_and_looks_the_same_from_either_end(
            histogram in prop::collection::vec(0_u64..30, 2..11)
        ) {
            prop_assume!(histogram.iter().sum::<u64>() > 1);
            let backwards: Vec<u64> = histogram.iter().rev().copied().collect();
            let (one, other) = (esteban_ray(&histogram).expect("answers"), esteban_ray(&backwards).expect("answers"));
            prop_assert!((one - other).abs() < 1e-12);
            prop_assert!((0.0..=1.0 + 1e-12).contains(&one));
        }
    }
}
