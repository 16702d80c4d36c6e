//! From what the voices of a panel say about an item to one distribution over its options.

use pluriverse_worlds::panel::ordinal::OrdinalCorrection;
use pluriverse_worlds::panel::tilt::Reach;
use pluriverse_worlds::panel::{Draws, OptionShares, PanelFault, PanelSettings, correct_ordinal};
use pluriverse_worlds::survey::Scale;
use rand_chacha::ChaCha8Rng;

use super::PanelFigures;

/// What a panel came to on an item.
#[derive(Clone, PartialEq, Debug)]
pub struct PanelDecision {
    /// The distribution its answer is drawn from.
    pub shares: OptionShares,
    /// How it came about; `None` for nominal items, whose options have no order to correct along.
    pub figures: Option<PanelFigures>,
}

/// Draws of importance sampling for one item of an agent's tick: `rng` is the agent's stream at that tick.
pub fn draws(settings: &PanelSettings, rng: &ChaCha8Rng, item: usize) -> Draws {
    Draws::standard(settings, |pass| {
        let mut rng = rng.clone();
        rng.set_word_pos((item as u128) << ITEM_WORDS | u128::from(pass) << PASS_WORDS);
        rng
    })
}

/// Words of a stream a pass may take: two a draw.
const PASS_WORDS: u32 = 20;
/// Words of a stream an item may take.
const ITEM_WORDS: u32 = 28;

/// Most draws of a pass.
pub const MOST_DRAWS: u32 = 1 << (PASS_WORDS - 1);
/// Most passes.
pub const MOST_PASSES: u32 = 1 << (ITEM_WORDS - PASS_WORDS);

/// Decides on an item by the distributions of the base and of the personas, each without preference for a place.
/// Ordered options: the panel's correction of the base. Nominal options: the mean over personas, without a correction.
///
/// # Errors
/// Fewer than two personas, unlike numbers of options, settings outside their ranges.
pub fn decide(
    settings: &PanelSettings,
    scale: Scale,
    base: &OptionShares,
    personas: &[OptionShares],
    draws: impl FnOnce() -> Draws,
) -> Result<PanelDecision, PanelFault> {
    if scale == Scale::Nominal {
        return Ok(PanelDecision { shares: pooled(personas, base)?, figures: None });
    }
    let corrected = correct_ordinal(scale, base, personas, settings, &draws())?;
    let figures = figures_of(&corrected, settings);
    Ok(PanelDecision { shares: corrected.shares, figures: Some(figures) })
}

/// The linear opinion pool with equal weights.
fn pooled(personas: &[OptionShares], base: &OptionShares) -> Result<OptionShares, PanelFault> {
    if personas.len() < 2 {
        return Err(PanelFault::TooFew { found: personas.len() });
    }
    let mut sums = vec![0.0; base.options()];
    for (place, persona) in personas.iter().enumerate() {
        if persona.options() != base.options() {
            let whose = format!("persona {}", place + 1);
            return Err(PanelFault::OptionCounts { whose, found: persona.options(), expected: base.options() });
        }
        for (sum, share) in sums.iter_mut().zip(persona.as_slice()) {
            *sum += share;
        }
    }
    OptionShares::new(sums)
}

fn figures_of(corrected: &OrdinalCorrection, settings: &PanelSettings) -> PanelFigures {
    let steering = &corrected.steering;
    // From the axis of −c to c to that of 0 to 1.
    let normal = |on_axis: f64| f64::midpoint(on_axis / settings.ordinal_scale, 1.0);
    PanelFigures {
        base: normal(steering.base),
        panel: normal(steering.mean),
        disagreement: steering.disagreement.sqrt() / (2.0 * settings.ordinal_scale),
        reliability: steering.reliability,
        anchor: steering.anchor,
        correction: steering.correction / (2.0 * settings.ordinal_scale),
        bound: steering.bound / (2.0 * settings.ordinal_scale),
        decided: (corrected.shares.expected_score() - 1.0) / (corrected.shares.options() - 1) as f64,
        reached: corrected.reach == Reach::Reached,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    fn shares(weights: &[f64]) -> OptionShares {
        OptionShares::new(weights.to_vec()).expect("shares")
    }

    fn decided(scale: Scale, base: &OptionShares, personas: &[OptionShares], item: usize) -> PanelDecision {
        let settings = PanelSettings::default();
        let rng = ChaCha8Rng::seed_from_u64(7);
        decide(&settings, scale, base, personas, || draws(&settings, &rng, item)).expect("a panel")
    }

    #[test]
    fn nominal_items_are_pooled_and_never_scored() {
        let base = shares(&[1.0, 0.0, 0.0]);
        let found = decided(Scale::Nominal, &base, &[shares(&[0.0, 1.0, 1.0]), shares(&[0.5, 0.5, 0.0])], 0);
        assert_eq!(found.figures, None);
        assert_eq!(found.shares.as_slice(), [0.25, 0.5, 0.25]);
    }

    #[test]
    fn a_panel_of_one_and_unlike_items_are_refused() {
        let settings = PanelSettings::default();
        let rng = ChaCha8Rng::seed_from_u64(7);
        let base = shares(&[0.5, 0.5]);
        for scale in [Scale::Ordinal, Scale::Nominal] {
            let of =
                |personas: &[OptionShares]| decide(&settings, scale, &base, personas, || draws(&settings, &rng, 0));
            assert!(matches!(of(std::slice::from_ref(&base)), Err(PanelFault::TooFew { found: 1 })));
            assert!(matches!(of(&[base.clone(), shares(&[1.0; 3])]), Err(PanelFault::OptionCounts { .. })));
        }
    }

    #[test]
    fn items_and_passes_draw_apart() {
        let settings = PanelSettings { draws: 3, ..PanelSettings::default() };
        let rng = ChaCha8Rng::seed_from_u64(7);
        let Draws::Standard(one) = draws(&settings, &rng, 1) else { panic!("standard draws") };
        let Draws::Standard(two) = draws(&settings, &rng, 2) else { panic!("standard draws") };
        assert_ne!(one[0], one[1]);
        assert_ne!(one, two);
    }

    proptest! {
        #[test]
        fn a_panel_that_agrees_with_its_base_changes_nothing(weights in prop::collection::vec(0.01_f64..1.0, 2..11)) {
            let base = shares(&weights);
            let found = decided(Scale::Ordinal, &base, &[base.clone(), base.clone(), base.clone()], 3);
            let figures = found.figures.expect("an ordinal item");
            prop_assert!(figures.correction.abs() < f64::MIN_POSITIVE);
            prop_assert_eq!(&found.shares, &base);
        }

        #[test]
        fn corrections_stay_within_their_bound(
            base in prop::collection::vec(0.01_f64..1.0, 4),
            personas in prop::collection::vec(prop::collection::vec(0.01_f64..1.0, 4), 2..6),
            item in 0_usize..400,
        ) {
            let personas: Vec<OptionShares> = personas.iter().map(|weights| shares(weights)).collect();
            let figures = decided(Scale::Ordinal, &shares(&base), &personas, item).figures.expect("an ordinal item");
            prop_assert!(figures.correction.abs() <= figures.bound);
            prop_assert!((0.0..=1.0).contains(&figures.decided));
        }
    }
}
