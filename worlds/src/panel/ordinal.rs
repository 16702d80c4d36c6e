//! Panels on ordinal items: the expected score takes the place of the gap, and the base distribution is tilted to the
//! corrected score. Ours, not the paper's.

use super::constants::PanelSettings;
use super::correction::{Steering, steer};
use super::draws::Draws;
use super::fault::PanelFault;
use super::shares::{OptionShares, same_options};
use super::tilt::{Reach, tilt};
use crate::survey::item::Scale;

/// A corrected distribution over options.
#[derive(Clone, PartialEq, Debug)]
pub struct OrdinalCorrection {
    /// How the score was moved, on the axis from −c to c.
    pub steering: Steering,
    /// Expected score of the base, from 1 to the number of options.
    pub base_score: f64,
    /// The score steered to, before it is held within what the base's options allow.
    pub score: f64,
    /// θ of the tilt.
    pub theta: f64,
    /// Whether the score is reached.
    pub reach: Reach,
    /// The corrected distribution.
    pub shares: OptionShares,
}

/// Corrects a distribution over the options of an item by those of a panel, each debiased already where it was asked in
/// both orders. The safe blend and the running prior are for log-odds and have no part in it.
///
/// # Errors
/// As [`super::correct`]; also a nominal item, and distributions over unlike options.
pub fn correct_ordinal(
    scale: Scale,
    base: &OptionShares,
    panel: &[OptionShares],
    settings: &PanelSettings,
    draws: &Draws,
) -> Result<OrdinalCorrection, PanelFault> {
    if scale == Scale::Nominal {
        return Err(PanelFault::Nominal);
    }
    for (place, persona) in panel.iter().enumerate() {
        same_options(&format!("persona {}", place + 1), persona, base)?;
    }
    let span = (base.options() - 1) as f64;
    let on_axis = |shares: &OptionShares| {
        let place = (shares.expected_score() - 1.0) / span;
        settings.ordinal_scale * (2.0 * place - 1.0)
    };
    let positions: Vec<f64> = panel.iter().map(on_axis).collect();
    let steering = steer(on_axis(base), &positions, settings, draws)?;
    let base_score = base.expected_score();
    // From the base, so that no correction is no correction to the last bit.
    let score = base_score + (steering.delta - steering.base) * span / (2.0 * settings.ordinal_scale);
    let found = tilt(base, score);
    Ok(OrdinalCorrection { steering, base_score, score, theta: found.theta, reach: found.reach, shares: found.shares })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::draws::stream;

    fn shares(weights: &[f64]) -> OptionShares {
        OptionShares::new(weights.to_vec()).expect("shares")
    }

    fn correct(scale: Scale, base: &[f64], panel: &[&[f64]]) -> Result<OrdinalCorrection, PanelFault> {
        let settings = PanelSettings::default();
        let draws = Draws::standard(&settings, |pass| stream(1, "XXX", "item", pass));
        let panel: Vec<OptionShares> = panel.iter().map(|weights| shares(weights)).collect();
        correct_ordinal(scale, &shares(base), &panel, &settings, &draws)
    }

    #[test]
    fn a_panel_moves_the_score_towards_itself() {
        let base = [0.4, 0.3, 0.2, 0.1];
        let high: &[f64] = &[0.05, 0.15, 0.3, 0.5];
        let found = correct(Scale::Ordinal, &base, &[high, high, &[0.1, 0.2, 0.3, 0.4]]).expect("a panel");
        assert_eq!(found.reach, Reach::Reached);
        assert!(found.shares.expected_score() > found.base_score + 0.5, "{found:?}");
        assert!((found.shares.expected_score() - found.score).abs() < 1e-9);
    }

    #[test]
    fn a_panel_that_agrees_leaves_the_base_as_it_is() {
        let base: &[f64] = &[0.4, 0.3, 0.2, 0.1];
        let found = correct(Scale::Ordinal, base, &[base, base, base]).expect("a panel");
        assert_eq!((found.theta, found.shares), (0.0, shares(base)));
    }

    #[test]
    fn counting_options_from_the_other_end_turns_the_correction_round() {
        let mirrored = |weights: &[f64]| weights.iter().rev().copied().collect::<Vec<f64>>();
        let (base, one, two) = ([0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4], [0.2, 0.2, 0.2, 0.4]);
        let found = correct(Scale::Ordinal, &base, &[&one, &two]).expect("a panel");
        let other = correct(Scale::Ordinal, &mirrored(&base), &[&mirrored(&one), &mirrored(&two)]).expect("a panel");
        for (a, b) in found.shares.as_slice().iter().zip(other.shares.as_slice().iter().rev()) {
            assert!((a - b).abs() < 1e-12, "{found:?} {other:?}");
        }
    }

    #[test]
    fn nominal_items_unlike_options_and_panels_of_one_are_refused() {
        let base: &[f64] = &[0.5, 0.5];
        assert_eq!(correct(Scale::Nominal, base, &[base, base]), Err(PanelFault::Nominal));
        assert_eq!(correct(Scale::Binary, base, &[base]), Err(PanelFault::TooFew { found: 1 }));
        let unlike = correct(Scale::Binary, base, &[base, &[0.1, 0.2, 0.7]]).expect_err("unlike options");
        assert_eq!(unlike.to_string(), "persona 2 answered an item of 3 options, the base prompt one of 2");
    }
}
