//! What holds of every correction.
#![expect(clippy::float_cmp, reason = "zeros and signs are exact by construction, and that is what is tested")]

use proptest::prelude::*;

use super::constants::{Blend, Rule, Shrinkage};
use super::draws::stream;
use super::gate::Gate;
use super::*;

fn draws(settings: &PanelSettings, scenario: &str) -> Draws {
    Draws::standard(settings, |pass| stream(7, "BRA", scenario, pass))
}

fn settings() -> impl Strategy<Value = PanelSettings> {
    let rule = || prop_oneof![Just(Rule::Paper), Just(Rule::Code)];
    let shrinkage = prop_oneof![Just(Shrinkage::Off), Just(Shrinkage::PlugIn)];
    let floor = prop_oneof![Just(None), Just(Some(0.5)), Just(Some(2.0))];
    let blend = prop_oneof![Just(Blend::Off), Just(Blend::Safe(blend::SafeBlend::default()))];
    (rule(), rule(), shrinkage, floor, blend, 2_u32..5, 1_u32..80, 0.01..3.0_f64, 0.0..=1.0_f64).prop_map(
        |(anchor, sigma_rule, shrinkage, floor, blend, passes, draws, sigma, consensus)| {
            let value = constants::ValueFunction { floor, ..constants::ValueFunction::default() };
            let default = PanelSettings::default();
            PanelSettings { passes, draws, sigma, sigma_rule, consensus, value, anchor, shrinkage, blend, ..default }
        },
    )
}

fn gaps() -> impl Strategy<Value = (GapPair, Vec<GapPair>)> {
    // Some gaps are shared, so that ties and zeros come up.
    let gap = || prop_oneof![-8.0..8.0_f64, Just(0.0), Just(1.0), Just(-1.0)];
    let pair = move || (gap(), gap()).prop_map(|(original, swapped)| GapPair { original, swapped });
    (pair(), prop::collection::vec(pair(), 2..7))
}

proptest! {
    #[test]
    fn a_correction_is_never_larger_than_its_bound((base, panel) in gaps(), settings in settings()) {
        let found = correct(base, &panel, &settings, &draws(&settings, "bound")).expect("a panel");
        let steering = &found.steering;
        prop_assert!(steering.correction.abs() <= steering.bound);
        prop_assert!(steering.reliability > 0.0 || steering.bound == 0.0);
        prop_assert!(steering.reliability <= 1.0);
        prop_assert!((0.0..=1.0).contains(&steering.anchor) && (0.0..=1.0).contains(&steering.plug_in));
        prop_assert!((0.0..=1.0).contains(&found.probability) && found.delta.is_finite());
        let reach = (steering.mean - steering.base).abs() + steering.bound;
        prop_assert!((found.delta - steering.base).abs() <= reach + 1e-12);
        for pass in &steering.passes {
            prop_assert!(pass.effective > 0.0 && pass.effective <= 1.0 + 1e-12, "{pass:?}");
        }
    }

    #[test]
    fn a_panel_that_agrees_with_the_base_corrects_nothing(
        base in -8.0..8.0_f64, bias in -3.0..3.0_f64, personas in 2_usize..9, settings in settings(),
    ) {
        let pair = GapPair { original: base + bias, swapped: -base + bias };
        let found = correct(pair, &vec![pair; personas], &settings, &draws(&settings, "agreed")).expect("a panel");
        prop_assert_eq!(found.steering.correction, 0.0);
        prop_assert_eq!(found.delta, pair.debiased());
        prop_assert_eq!(found.probability, found.base_probability(&settings));
        prop_assert!(found.steering.passes.iter().all(|pass| pass.gate == Gate::Agreed));
    }

    #[test]
    fn swapping_the_options_flips_the_sign_and_nothing_else((base, panel) in gaps(), settings in settings()) {
        let draws = draws(&settings, "swap");
        let exchanged: Vec<GapPair> = panel.iter().map(|pair| pair.exchanged()).collect();
        let found = correct(base, &panel, &settings, &draws).expect("a panel");
        let other = correct(base.exchanged(), &exchanged, &settings, &draws).expect("a panel");
        prop_assert_eq!(found.delta, -other.delta);
        prop_assert_eq!(found.steering.correction, -other.steering.correction);
        prop_assert_eq!(found.steering.disagreement, other.steering.disagreement);
        prop_assert_eq!(found.steering.reliability, other.steering.reliability);
        prop_assert_eq!(found.steering.bound, other.steering.bound);
        prop_assert!((found.probability + other.probability - 1.0).abs() < 1e-15);
    }

    #[test]
    fn given_draws_turned_round_with_the_options_turn_the_correction_round((base, panel) in gaps()) {
        let settings = PanelSettings::default();
        let Draws::Standard(given) = draws(&settings, "given") else { panic!("standard draws") };
        let turned = given.iter().map(|pass| pass.iter().map(|draw| -draw).collect()).collect();
        let exchanged: Vec<GapPair> = panel.iter().map(|pair| pair.exchanged()).collect();
        let found = correct(base, &panel, &settings, &Draws::Given(given)).expect("a panel");
        let other = correct(base.exchanged(), &exchanged, &settings, &Draws::Given(turned)).expect("a panel");
        prop_assert_eq!(found.delta, -other.delta);
    }
}

#[test]
fn panels_that_cannot_be_corrected_with_are_refused() {
    let settings = PanelSettings::default();
    let draws = draws(&settings, "refused");
    let fine = GapPair::of(0.3);
    let correct = |base, panel: &[GapPair]| correct(base, panel, &settings, &draws);
    assert_eq!(correct(fine, &[]), Err(PanelFault::TooFew { found: 0 }));
    let alone = correct(fine, &[fine]).expect_err("a panel of one");
    assert_eq!(alone.to_string(), "a panel of 1 has no disagreement to measure: at least 2 personas are needed");
    assert!(matches!(correct(GapPair::of(f64::NAN), &[fine, fine]), Err(PanelFault::BaseGap { .. })));
    let infinite = [fine, GapPair { original: f64::INFINITY, swapped: 0.0 }];
    assert!(matches!(correct(fine, &infinite), Err(PanelFault::PersonaGap { persona: 2, .. })));
}

#[test]
fn the_code_widens_draws_to_the_panels_own_deviation() {
    let panel = [GapPair::of(-2.0), GapPair::of(2.0)];
    let sigma = |sigma_rule| {
        let settings = PanelSettings { sigma_rule, ..PanelSettings::default() };
        correct(GapPair::of(0.5), &panel, &settings, &draws(&settings, "sigma")).expect("a panel").steering.sigma
    };
    assert!((sigma(Rule::Paper) - 0.3).abs() < 1e-15);
    assert!((sigma(Rule::Code) - libm::sqrt(8.0)).abs() < 1e-15);
}

#[test]
fn the_plug_in_takes_the_place_of_the_anchor() {
    let panel = [GapPair::of(1.0), GapPair::of(2.0)];
    let settings = PanelSettings { shrinkage: Shrinkage::PlugIn, ..PanelSettings::default() };
    let steering = correct(GapPair::of(0.5), &panel, &settings, &draws(&settings, "plug")).expect("a panel").steering;
    // Δ = 1, D² = 1/2: Δ²₊ = 3/4 and γ̂ = 3/4.
    assert!((steering.anchor - 0.75).abs() < 1e-12);
    assert!((steering.delta - (0.5 + 0.75 + steering.correction)).abs() < 1e-12);
}
