//! From what the voices of a panel prefer in a dilemma to one judgement: the binary decision of DISCA.

use pluriverse_worlds::dilemmas::asked::Judgement;
use pluriverse_worlds::dilemmas::{Dimension, scenario::Contrast};
use pluriverse_worlds::panel::constants::RunningPrior;
use pluriverse_worlds::panel::gap::logistic;
use pluriverse_worlds::panel::prior::CountryPrior;
use pluriverse_worlds::panel::{Draws, GapPair, PanelFault, PanelSettings, correct};
use serde::{Deserialize, Serialize};

use super::PanelFigures;

/// How log-odds of dilemmas become gaps, and gaps log-odds again. Defaults as published (arXiv 2605.10843).
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JudgingScale {
    /// `T_cat`, by which log-odds are divided, of scenarios about species; above 0 as all of them.
    pub species: f64,
    /// Of those about gender.
    pub gender: f64,
    /// Of those about age.
    pub age: f64,
    /// Of those about fitness.
    pub fitness: f64,
    /// Of those about social standing.
    pub social_value: f64,
    /// Of those about the number of lives.
    pub utilitarianism: f64,
    /// Of controls.
    pub other: f64,
    /// What the decided gap is turned back by.
    pub decided: Calibration,
}

/// How a decided gap becomes log-odds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Calibration {
    /// δ / `T_dec`, as published. Then a panel prefers more or less strongly than its base even where it corrects nothing.
    #[default]
    Published,
    /// δ · `T_cat`: where nothing is corrected, exactly what the base said.
    Base,
}

impl Default for JudgingScale {
    fn default() -> Self {
        let (species, gender, rest, other) = (4.0, 3.5, 1.5, 3.0);
        Self {
            species,
            gender,
            age: rest,
            fitness: rest,
            social_value: rest,
            utilitarianism: rest,
            other,
            decided: Calibration::Published,
        }
    }
}

impl JudgingScale {
    /// The first temperature that is not finite and above 0, with its name.
    pub fn problem(&self) -> Option<(&'static str, f64)> {
        let all = [
            ("species", self.species),
            ("gender", self.gender),
            ("age", self.age),
            ("fitness", self.fitness),
            ("social_value", self.social_value),
            ("utilitarianism", self.utilitarianism),
            ("other", self.other),
        ];
        all.into_iter().find(|(_, temperature)| !(temperature.is_finite() && *temperature > 0.0))
    }

    fn of(&self, contrast: Contrast) -> f64 {
        match contrast.dimension() {
            Some(Dimension::Species) => self.species,
            Some(Dimension::Gender) => self.gender,
            Some(Dimension::Age) => self.age,
            Some(Dimension::Fitness) => self.fitness,
            Some(Dimension::SocialValue) => self.social_value,
            Some(Dimension::Utilitarianism) => self.utilitarianism,
            None => self.other,
        }
    }
}

/// Judges a dilemma by the log-odds of the option labelled B of the base and of the personas, in both orders. Figures
/// are positions between the original order's A (0) and B (1), but `disagreement`, `correction` and `bound`, which are
/// in gaps: log-odds divided by the temperature of the contrast. `prior` is the running prior of who judges, at the
/// beginning of a tick a new one: it takes part where the settings say so, over gaps of B whichever side that spares, as in
/// the published code.
///
/// # Errors
/// Fewer than two personas, log-odds that are not finite, settings outside their ranges.
pub fn judge(
    settings: &PanelSettings,
    scale: &JudgingScale,
    contrast: Contrast,
    base: GapPair,
    personas: &[GapPair],
    (prior, draws): (&mut CountryPrior, impl FnOnce() -> Draws),
) -> Result<(Judgement, PanelFigures), PanelFault> {
    let temperature = scale.of(contrast);
    let gap = |pair: GapPair| GapPair { original: pair.original / temperature, swapped: pair.swapped / temperature };
    let personas: Vec<GapPair> = personas.iter().map(|&pair| gap(pair)).collect();
    let corrected = correct(gap(base), &personas, settings, &draws())?;
    let odds = |delta: f64| match scale.decided {
        Calibration::Published => delta / settings.decision_temperature,
        Calibration::Base => delta * temperature,
    };
    let steering = &corrected.steering;
    let delta = match &settings.running_prior {
        RunningPrior::Off => corrected.delta,
        RunningPrior::On(running) => prior.decide(corrected.delta, running),
    };
    let decided = odds(delta);
    let figures = PanelFigures {
        base: logistic(odds(steering.base)),
        panel: logistic(odds(steering.mean)),
        disagreement: steering.disagreement.sqrt(),
        reliability: steering.reliability,
        anchor: steering.anchor,
        correction: steering.correction,
        bound: steering.bound,
        decided: logistic(decided),
        reached: true,
    };
    Ok((Judgement::exact(GapPair::of(decided)), figures))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::panel::decision::draws;
    use pluriverse_worlds::panel::prior::PriorSettings;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn judged(scale: &JudgingScale, base: GapPair, personas: &[GapPair]) -> (Judgement, PanelFigures) {
        let settings = PanelSettings::default();
        let rng = ChaCha8Rng::seed_from_u64(5);
        let contrast = Contrast::Dimension(Dimension::Species);
        judge(&settings, scale, contrast, base, personas, (&mut CountryPrior::default(), || draws(&settings, &rng, 0)))
            .expect("a panel")
    }

    #[test]
    fn a_panel_of_one_is_refused() {
        let (settings, rng) = (PanelSettings::default(), ChaCha8Rng::seed_from_u64(5));
        let contrast = Contrast::Dimension(Dimension::Age);
        let one = [GapPair::of(1.0)];
        let scale = JudgingScale::default();
        let found = judge(
            &settings,
            &scale,
            contrast,
            GapPair::of(0.0),
            &one,
            (&mut CountryPrior::default(), || draws(&settings, &rng, 0)),
        );
        assert!(matches!(found, Err(PanelFault::TooFew { found: 1 })));
    }

    #[test]
    fn a_temperature_of_nothing_is_named() {
        let scale = JudgingScale { gender: 0.0, ..JudgingScale::default() };
        assert_eq!(scale.problem(), Some(("gender", 0.0)));
        assert_eq!(JudgingScale::default().problem(), None);
    }

    #[test]
    fn a_running_prior_pulls_late_judgements_to_earlier_ones() {
        let on = PriorSettings { wait: 2, scale: 1.0, newest: 0.5 };
        let settings = PanelSettings { running_prior: RunningPrior::On(on), ..PanelSettings::default() };
        let (rng, scale) = (ChaCha8Rng::seed_from_u64(5), JudgingScale::default());
        let mut prior = CountryPrior::default();
        let mut of = |gap: f64| {
            let (contrast, pair) = (Contrast::Dimension(Dimension::Age), GapPair::of(gap));
            let drawn = || draws(&settings, &rng, 0);
            let found = judge(&settings, &scale, contrast, pair, &[pair; 2], (&mut prior, drawn)).expect("a panel");
            found.0.gaps.debiased()
        };
        let alone: Vec<f64> = (0..3).map(|_| of(3.0)).collect();
        assert!(alone.iter().all(|gap| (gap - 4.0).abs() < 1e-9), "{alone:?}");
        let late = of(-3.0);
        assert!(late > -4.0 + 1.0, "{late}");
    }

    proptest! {
        #[test]
        fn a_panel_that_agrees_says_what_its_base_said_or_that_at_the_published_temperature(
            gap in -9.0_f64..9.0,
            label in -3.0_f64..3.0,
        ) {
            let base = GapPair { original: gap + label, swapped: label - gap };
            let own = JudgingScale { decided: Calibration::Base, ..JudgingScale::default() };
            let (judgement, figures) = judged(&own, base, &[base; 3]);
            prop_assert!((judgement.gaps.debiased() - gap).abs() < 1e-9);
            prop_assert!(figures.correction.abs() < f64::MIN_POSITIVE);
            let (published, _) = judged(&JudgingScale::default(), base, &[base; 3]);
            prop_assert!((published.gaps.debiased() - gap / 4.0 / 0.5).abs() < 1e-9);
        }

        #[test]
        fn corrections_stay_in_their_bound_and_swapping_the_options_swaps_the_judgement(
            base in -4.0_f64..4.0,
            personas in prop::collection::vec((-4.0_f64..4.0, -1.0_f64..1.0), 2..6),
        ) {
            let scale = JudgingScale::default();
            let pairs: Vec<GapPair> = personas
                .iter()
                .map(|(gap, label)| GapPair { original: gap + label, swapped: label - gap })
                .collect();
            let (judgement, figures) = judged(&scale, GapPair::of(base), &pairs);
            prop_assert!(figures.correction.abs() <= figures.bound);
            let settings = PanelSettings::default();
            let rng = ChaCha8Rng::seed_from_u64(5);
            let swapped: Vec<GapPair> = pairs.iter().map(|pair| pair.exchanged()).collect();
            let contrast = Contrast::Dimension(Dimension::Species);
            let (other, _) = judge(&settings, &scale, contrast, GapPair::of(base).exchanged(), &swapped, (&mut CountryPrior::default(), || draws(&settings, &rng, 0)))
            .expect("a panel");
            prop_assert!((judgement.gaps.debiased() + other.gaps.debiased()).abs() < 1e-9);
        }
    }
}
