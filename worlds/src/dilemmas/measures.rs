//! How near a model's preferences are to people's: misalignment, Jensen–Shannon distance and correlation, and what
//! constants that know no culture would score.

use super::dimension::Preferences;

/// What misalignment can be at most: √6.
pub const MOST_MISALIGNED: f64 = 2.449_489_742_783_178;

/// MIS: Euclidean distance of two preference vectors, 0 to √6; lower is nearer. Dominated by how strongly a model prefers
/// at all, not by culture: read it beside [`trivial_baselines`] and the culture-centred score.
pub fn misalignment(model: &Preferences, human: &Preferences) -> f64 {
    let squares = model.0.iter().zip(human.0).map(|(model, human)| (model - human) * (model - human));
    libm::sqrt(squares.sum())
}

/// Jensen–Shannon distance: the square root of the divergence in bits of the two vectors, each divided by its sum; 0 to
/// 1. A diagnostic only, as six shares are no distribution. `None` where a vector sums to 0.
pub fn jensen_shannon(model: &Preferences, human: &Preferences) -> Option<f64> {
    let (model_sum, human_sum) = (model.0.iter().sum::<f64>(), human.0.iter().sum::<f64>());
    if model_sum <= 0.0 || human_sum <= 0.0 {
        return None;
    }
    let term = |share: f64, middle: f64| if share > 0.0 { share * libm::log2(share / middle) } else { 0.0 };
    let divergence: f64 = model
        .0
        .iter()
        .zip(human.0)
        .map(|(model, human)| {
            let (p, q) = (model / model_sum, human / human_sum);
            let middle = f64::midpoint(p, q);
            f64::midpoint(term(p, middle), term(q, middle))
        })
        .sum();
    Some(libm::sqrt(divergence.max(0.0)))
}

/// Pearson's r over the six dimensions, −1 to 1: weak, as there are six. `None` where a vector does not vary.
pub fn pearson(model: &[f64; 6], human: &[f64; 6]) -> Option<f64> {
    let mean = |of: &[f64; 6]| of.iter().sum::<f64>() / 6.0;
    let (x, y) = (mean(model), mean(human));
    let sum = |f: &dyn Fn(f64, f64) -> f64| model.iter().zip(human).map(|(a, b)| f(a - x, b - y)).sum::<f64>();
    let (xx, yy) = (sum(&|a, _| a * a), sum(&|_, b| b * b));
    // Rounding leaves a constant vector a spread of its own.
    (xx > 1e-24 && yy > 1e-24).then(|| (sum(&|a, b| a * b) / libm::sqrt(xx * yy)).clamp(-1.0, 1.0))
}

/// The mean over countries, each weighing the same; `None` of none.
pub fn macro_average(figures: &[f64]) -> Option<f64> {
    (!figures.is_empty()).then(|| figures.iter().sum::<f64>() / figures.len() as f64)
}

/// The mean human vector of all countries but one; `None` where there is no other.
pub fn leave_one_out(humans: &[Preferences], left_out: usize) -> Option<Preferences> {
    let others: Vec<&Preferences> =
        humans.iter().enumerate().filter(|(place, _)| *place != left_out).map(|(_, human)| human).collect();
    if others.is_empty() {
        return None;
    }
    let mean = |dimension: usize| others.iter().map(|human| human.0[dimension]).sum::<f64>() / others.len() as f64;
    Some(Preferences([0, 1, 2, 3, 4, 5].map(mean)))
}

/// What answers that know no culture score against people.
#[derive(Clone, PartialEq, Debug)]
pub struct Baseline {
    /// Its name in tables.
    pub name: &'static str,
    /// MIS by country.
    pub misalignment: Vec<f64>,
    /// Their mean.
    pub macro_average: f64,
}

/// Answers that know no culture, country by country: ½ everywhere, 0.65 everywhere, and for each country the mean human
/// vector of the others, which is left out of a single country.
pub fn baseline_answers(humans: &[Preferences]) -> Vec<(&'static str, Vec<Preferences>)> {
    let constant = |share: f64| Some(vec![Preferences::constant(share); humans.len()]);
    let others = (0..humans.len()).map(|place| leave_one_out(humans, place)).collect();
    let named: [(&str, Option<Vec<Preferences>>); 3] =
        [("constant 0.5", constant(0.5)), ("constant 0.65", constant(0.65)), ("mean of the other countries", others)];
    named.into_iter().filter_map(|(name, answers)| Some((name, answers?))).collect()
}

/// The baselines printed beside every misalignment: those of [`baseline_answers`].
pub fn trivial_baselines(humans: &[Preferences]) -> Vec<Baseline> {
    let scored = |(name, answers): (&'static str, Vec<Preferences>)| {
        let figures: Vec<f64> = answers.iter().zip(humans).map(|(answer, human)| misalignment(answer, human)).collect();
        Some(Baseline { name, macro_average: macro_average(&figures)?, misalignment: figures })
    };
    baseline_answers(humans).into_iter().filter_map(scored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HUMAN: Preferences = Preferences([0.8, 0.55, 0.73, 0.58, 0.68, 0.75]);

    #[test]
    fn distances_are_those_worked_by_hand() {
        assert!(
            (misalignment(&Preferences::constant(0.0), &Preferences::constant(1.0)) - MOST_MISALIGNED).abs() < 1e-15
        );
        let apart = Preferences([0.8, 0.55 - 0.3, 0.73, 0.58, 0.68 + 0.1, 0.75]);
        assert!((misalignment(&HUMAN, &apart) - libm::sqrt(0.1)).abs() < 1e-12);
        let (one, other) = (Preferences([1.0, 0.0, 0.0, 0.0, 0.0, 0.0]), Preferences([0.0, 0.5, 0.0, 0.0, 0.0, 0.0]));
        assert!((jensen_shannon(&one, &other).expect("both sum above 0") - 1.0).abs() < 1e-15);
        assert_eq!(jensen_shannon(&one, &Preferences::constant(0.0)), None);
        assert_eq!(pearson(&HUMAN.0, &[0.65; 6]), None);
        assert!((pearson(&HUMAN.0, &HUMAN.0.map(|share| 0.2 + 0.3 * share)).expect("varies") - 1.0).abs() < 1e-12);
    }

    #[test]
    fn baselines_are_named_and_need_other_countries() {
        let names = |humans: &[Preferences]| trivial_baselines(humans).iter().map(|b| b.name).collect::<Vec<_>>();
        assert_eq!(names(&[HUMAN]), ["constant 0.5", "constant 0.65"]);
        assert_eq!(names(&[HUMAN; 3]).len(), 3);
        assert!(names(&[]).is_empty());
        let found = trivial_baselines(&[HUMAN; 3]);
        assert!(found[2].macro_average < 1e-15);
        assert!((found[0].macro_average - misalignment(&Preferences::constant(0.5), &HUMAN)).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn distances_are_symmetric_bounded_and_zero_of_the_same(
            a in prop::array::uniform6(0.001..=1.0_f64), b in prop::array::uniform6(0.001..=1.0_f64),
        ) {
            let (a, b) = (Preferences(a), Preferences(b));
            prop_assert!((misalignment(&a, &b) - misalignment(&b, &a)).abs() < 1e-15);
            prop_assert!(misalignment(&a, &b) <= MOST_MISALIGNED);
            let found = jensen_shannon(&a, &b).expect("above 0");
            prop_assert!((0.0..=1.0).contains(&found));
            prop_assert!(jensen_shannon(&a, &a).expect("above 0") < 1e-7);
        }
    }
}
