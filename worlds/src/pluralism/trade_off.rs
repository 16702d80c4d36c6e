//! Trade-off-steerable benchmark: a model steered to each way of weighing objectives, against the best that stays fixed.

/// The usual family over two objectives: w on the first and 1 − w on the second, w = 0, ¼, ½, ¾, 1.
pub const FAMILY: [[f64; 2]; 5] = [[0.0, 1.0], [0.25, 0.75], [0.5, 0.5], [0.75, 0.25], [1.0, 0.0]];

/// The score of a family of weighings.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TradeOff {
    /// Σ over f of f(M_f): the model as steered to each weighing.
    pub steered: f64,
    /// The largest Σ over f of f(M) of one configuration M for all.
    pub fixed: f64,
    /// Which configuration that is; the first of equals.
    pub best_fixed: usize,
    /// Σ over f of the largest f(M): what perfect steering among these configurations reaches.
    pub ceiling: f64,
    /// How many weighings.
    pub family: usize,
}

impl TradeOff {
    /// What steering gains over the best fixed configuration, a weighing; below 0 where it does harm.
    pub fn advantage(&self) -> f64 {
        (self.steered - self.fixed) / self.family as f64
    }

    /// Advantage as a share of what could be gained, at most 1; `None` where nothing could.
    pub fn share_of_ceiling(&self) -> Option<f64> {
        let room = self.ceiling - self.fixed;
        (room > 0.0).then(|| (self.steered - self.fixed) / room)
    }
}

/// Why there is no score.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TradeOffFault {
    /// Nothing to weigh.
    #[error("there are no configurations or no weighings")]
    Empty,
    /// Numbers of objectives differ.
    #[error("configurations and weighings do not all have the same number of objectives")]
    Objectives,
    /// A number that is none, or a weight below zero.
    #[error("an objective is no finite number, or a weight is none or below zero")]
    NoNumber,
    /// Not one configuration for each weighing.
    #[error("each weighing needs one of the configurations")]
    Chosen,
}

/// The score: `configurations[m][o]` is objective o of configuration m, more being better and all in comparable units;
/// `family[f][o]` its weight in weighing f; `chosen[f]` the configuration that is the model steered to f. Choose it by the
/// instruction given, or on other data: chosen as the best on the data it is scored with it is the ceiling, which noise
/// alone lifts above any fixed configuration.
pub fn trade_off(
    configurations: &[Vec<f64>],
    family: &[Vec<f64>],
    chosen: &[usize],
) -> Result<TradeOff, TradeOffFault> {
    let (Some(first), false) = (configurations.first(), family.is_empty()) else {
        return Err(TradeOffFault::Empty);
    };
    if configurations.iter().chain(family).any(|row| row.len() != first.len()) {
        return Err(TradeOffFault::Objectives);
    }
    let weights_usable = family.iter().flatten().all(|weight| weight.is_finite() && *weight >= 0.0);
    if !weights_usable || configurations.iter().flatten().any(|value| !value.is_finite()) {
        return Err(TradeOffFault::NoNumber);
    }
    if chosen.len() != family.len() || chosen.iter().any(|&place| place >= configurations.len()) {
        return Err(TradeOffFault::Chosen);
    }
    let value = |weights: &[f64], place: usize| -> f64 {
        weights.iter().zip(&configurations[place]).map(|(weight, objective)| weight * objective).sum()
    };
    let fixed = |place: usize| family.iter().map(|weights| value(weights, place)).sum::<f64>();
    let best_fixed =
        (1..configurations.len()).fold(0, |best, place| if fixed(place) > fixed(best) { place } else { best });
    let largest =
        |weights: &[f64]| (0..configurations.len()).map(|place| value(weights, place)).fold(f64::MIN, f64::max);
    Ok(TradeOff {
        steered: family.iter().zip(chosen).map(|(weights, &place)| value(weights, place)).sum(),
        fixed: fixed(best_fixed),
        best_fixed,
        ceiling: family.iter().map(|weights| largest(weights)).sum(),
        family: family.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn family() -> Vec<Vec<f64>> {
        FAMILY.iter().map(|weights| weights.to_vec()).collect()
    }

    #[test]
    fn steering_between_two_extremes_beats_either_and_a_compromise() {
        let configurations = [vec![1.0, 0.0], vec![0.0, 1.0], vec![0.55, 0.55]];
        let found = trade_off(&configurations, &family(), &[1, 1, 2, 0, 0]).expect("a score");
        assert!((found.steered - (1.0 + 0.75 + 0.55 + 0.75 + 1.0)).abs() < 1e-12);
        assert!((found.fixed - 2.75).abs() < 1e-12 && found.best_fixed == 2);
        assert_eq!((found.steered, found.share_of_ceiling()), (found.ceiling, Some(1.0)));
        assert!((found.advantage() - 1.3 / 5.0).abs() < 1e-12);
        let backwards = trade_off(&configurations, &family(), &[0, 0, 2, 1, 1]).expect("a score");
        assert!(backwards.advantage() < 0.0);
        let alone = trade_off(&configurations[..1], &family(), &[0; 5]).expect("a score");
        assert_eq!((alone.advantage(), alone.share_of_ceiling()), (0.0, None));
    }

    #[test]
    fn odd_input_is_refused() {
        let one = [vec![1.0, 2.0]];
        assert_eq!(trade_off(&[], &family(), &[]), Err(TradeOffFault::Empty));
        assert_eq!(trade_off(&one, &[], &[]), Err(TradeOffFault::Empty));
        assert_eq!(trade_off(&one, &[vec![1.0]], &[0]), Err(TradeOffFault::Objectives));
        assert_eq!(trade_off(&one, &[vec![1.0, -1.0]], &[0]), Err(TradeOffFault::NoNumber));
        assert_eq!(trade_off(&[vec![f64::NAN, 0.0]], &family(), &[0; 5]), Err(TradeOffFault::NoNumber));
        assert_eq!(trade_off(&one, &family(), &[0, 0, 0, 0, 1]), Err(TradeOffFault::Chosen));
    }

    proptest! {
        #[test]
        fn the_ceiling_is_never_below_what_is_steered_or_fixed(
            configurations in prop::collection::vec(prop::collection::vec(-2.0_f64..2.0, 2), 1..6),
            picks in prop::collection::vec(0_usize..6, 5),
        ) {
            let chosen: Vec<usize> = picks.iter().map(|pick| pick % configurations.len()).collect();
            let found = trade_off(&configurations, &family(), &chosen).expect("a score");
            prop_assert!(found.ceiling >= found.steered - 1e-12 && found.ceiling >= found.fixed - 1e-12);
        }
    }
}
