//! Overton pluralism on a survey: which of the options that people find reasonable a society's answers cover.

use super::Mean;
use super::coverage::expected_coverage;
use super::distribution::Distribution;

/// The smallest share of people that makes an option reasonable, unless said otherwise.
pub const THRESHOLD: f64 = 0.10;

/// The thresholds of a sweep.
pub const SWEEP: [f64; 7] = [0.05, 0.075, 0.10, 0.125, 0.15, 0.175, 0.20];

/// Answers of a society or a culture to one item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answered<'a> {
    /// How many chose each option.
    pub counts: &'a [u64],
    /// How many answered something that is no option.
    pub outside: u64,
}

impl Answered<'_> {
    /// How many answers there are.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum::<u64>() + self.outside
    }
}

/// Overton coverage of one item.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Overton {
    /// |W|: options in the window.
    pub window: usize,
    /// |W ∩ answered| / |W|, 0 to 1.
    pub coverage: f64,
    /// Share of the people within the window whose option was answered, 0 to 1.
    pub weighted: f64,
    /// Over-reach: share of the answers outside the window, 0 to 1.
    pub over_reach: f64,
    /// The coverage that so few answers could reach at best: min(n, |W|) / |W|.
    pub attainable: f64,
}

/// Coverage of the window W = options with a human share of at least `threshold`. `None` without answers, where no option
/// reaches the threshold, or where the options do not match.
pub fn overton(humans: &Distribution, answered: Answered<'_>, threshold: f64) -> Option<Overton> {
    let total = answered.total();
    let window = window(humans, answered, threshold)?;
    if total == 0 {
        return None;
    }
    let covered: Vec<usize> = window.iter().copied().filter(|&option| answered.counts[option] > 0).collect();
    let share = |options: &[usize]| options.iter().map(|&option| humans.shares()[option]).sum::<f64>();
    let inside: u64 = window.iter().map(|&option| answered.counts[option]).sum();
    Some(Overton {
        window: window.len(),
        coverage: covered.len() as f64 / window.len() as f64,
        weighted: (share(&covered) / share(&window)).min(1.0),
        over_reach: (total - inside) as f64 / total as f64,
        attainable: (total as usize).min(window.len()) as f64 / window.len() as f64,
    })
}

/// Coverage at every threshold of a sweep.
pub fn sweep(humans: &Distribution, answered: Answered<'_>, thresholds: &[f64]) -> Vec<(f64, Option<Overton>)> {
    thresholds.iter().map(|&threshold| (threshold, overton(humans, answered, threshold))).collect()
}

/// Coverage in the mean of `n` people drawn from the human distribution: what a perfect society of that size would show.
/// `None` where no option reaches the threshold.
pub fn of_people(humans: &Distribution, n: u64, threshold: f64) -> Option<f64> {
    let reached = humans.shares().iter().copied().filter(|share| *share >= threshold);
    Mean::of(reached.map(|share| 1.0 - libm::pow(1.0 - share, n as f64))).value
}

/// Coverage brought down to `n` answers drawn without replacement from those there are, so that societies of different
/// sizes compare: unbiased for the coverage of n answers of the same society. `None` where there are fewer.
pub fn rarefied(humans: &Distribution, answered: Answered<'_>, n: u64, threshold: f64) -> Option<f64> {
    let window = window(humans, answered, threshold)?;
    let shares: Option<Vec<f64>> =
        window.iter().map(|&option| expected_coverage(answered.counts[option], answered.total(), n)).collect();
    Mean::of(shares?).value
}

/// The means of items over those with a window and answers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MeanOverton {
    /// Mean coverage.
    pub coverage: Mean,
    /// Mean weighted coverage.
    pub weighted: Mean,
    /// Mean over-reach.
    pub over_reach: Mean,
    /// Mean attainable coverage.
    pub attainable: Mean,
}

/// Of the items of a survey.
pub fn mean_overton(items: &[Overton]) -> MeanOverton {
    let of = |figure: fn(&Overton) -> f64| Mean::of(items.iter().map(figure));
    MeanOverton {
        coverage: of(|item| item.coverage),
        weighted: of(|item| item.weighted),
        over_reach: of(|item| item.over_reach),
        attainable: of(|item| item.attainable),
    }
}

fn window(humans: &Distribution, answered: Answered<'_>, threshold: f64) -> Option<Vec<usize>> {
    let shares = humans.shares();
    let window: Vec<usize> = (0..shares.len()).filter(|&option| shares[option] >= threshold).collect();
    (answered.counts.len() == shares.len() && !window.is_empty()).then_some(window)
}

#[cfg(test)]
mod tests {
    use super::super::bias::multinomial;
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn people() -> Distribution {
        Distribution::from_shares(&[0.4, 0.06, 0.12, 0.42], None).expect("shares")
    }

    #[test]
    fn coverage_and_over_reach_are_those_worked_out_by_hand() {
        let answered = Answered { counts: &[6, 2, 0, 1], outside: 1 };
        let found = overton(&people(), answered, THRESHOLD).expect("a window and answers");
        assert_eq!((found.window, found.coverage, found.over_reach, found.attainable), (3, 2.0 / 3.0, 0.3, 1.0));
        assert!((found.weighted - 0.82 / 0.94).abs() < 1e-12);
        let swept = sweep(&people(), answered, &SWEEP);
        let windows: Vec<usize> = swept.iter().map(|(_, found)| found.expect("a window").window).collect();
        assert_eq!(windows, [4, 3, 3, 2, 2, 2, 2]);
        let one = overton(&people(), Answered { counts: &[1, 0, 0, 0], outside: 0 }, THRESHOLD).expect("an answer");
        assert_eq!((one.coverage, one.attainable), (1.0 / 3.0, 1.0 / 3.0));
    }

    #[test]
    fn without_answers_or_window_there_is_no_coverage() {
        let nobody = Answered { counts: &[0; 4], outside: 0 };
        assert_eq!(overton(&people(), nobody, THRESHOLD), None);
        assert_eq!(overton(&people(), Answered { counts: &[1; 4], outside: 0 }, 0.5), None);
        assert_eq!(overton(&people(), Answered { counts: &[1; 3], outside: 0 }, THRESHOLD), None);
        assert_eq!(of_people(&people(), 9, 0.5), None);
        assert_eq!(rarefied(&people(), nobody, 1, THRESHOLD), None);
        assert_eq!(mean_overton(&[]).coverage.value, None);
    }

    #[test]
    fn the_coverage_of_people_and_of_smaller_societies_is_recovered() {
        let humans = people();
        let mut rng = ChaCha8Rng::seed_from_u64(21);
        let draws = 20_000;
        let (small, large) = (5, 30);
        let truth = of_people(&humans, small, THRESHOLD).expect("a window");
        let (mut seen, mut plain, mut brought_down) = (0.0, 0.0, 0.0);
        for _ in 0..draws {
            let few = multinomial(humans.shares(), small, &mut rng);
            let many = multinomial(humans.shares(), large, &mut rng);
            let [few, many] = [&few, &many].map(|counts| Answered { counts, outside: 0 });
            seen += overton(&humans, few, THRESHOLD).expect("answers").coverage / f64::from(draws);
            plain += overton(&humans, many, THRESHOLD).expect("answers").coverage / f64::from(draws);
            brought_down += rarefied(&humans, many, small, THRESHOLD).expect("answers") / f64::from(draws);
        }
        assert!((seen - truth).abs() < 0.005, "{seen} {truth}");
        assert!((brought_down - truth).abs() < 0.1 * (plain - truth), "{truth} {plain} {brought_down}");
    }

    proptest! {
        #[test]
        fn figures_are_bounded_and_more_answers_never_cover_less(
            shares in prop::collection::vec(0.01_f64..1.0, 5), counts in prop::collection::vec(0_u64..4, 5),
            outside in 0_u64..3, more in 0_usize..5, threshold in 0.01_f64..0.3,
        ) {
            let humans = Distribution::from_shares(&shares, None).expect("shares");
            let answered = Answered { counts: &counts, outside };
            if let Some(found) = overton(&humans, answered, threshold) {
                for figure in [found.coverage, found.weighted, found.over_reach, found.attainable] {
                    prop_assert!((0.0..=1.0).contains(&figure));
                }
                prop_assert!(found.coverage <= found.attainable);
                let mut grown = counts.clone();
                grown[more] += 1;
                let grown = overton(&humans, Answered { counts: &grown, outside }, threshold).expect("still");
                prop_assert!(grown.coverage >= found.coverage && grown.weighted >= found.weighted - 1e-12);
                let all = rarefied(&humans, answered, answered.total(), threshold).expect("all of them");
                prop_assert!((all - found.coverage).abs() < 1e-12);
            }
        }
    }
}
