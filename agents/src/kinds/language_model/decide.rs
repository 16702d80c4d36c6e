//! From the readings of one decision's replies to its answer.

use std::sync::Arc;

use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::survey::state::Distribution;

use crate::form::Take;
use crate::parse::Reading;

/// What a decision came to.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Decision {
    /// The option chosen, from 1, or what became of the requests instead.
    pub(super) answer: Result<i32, Outcome>,
    /// Which of the readings it is that of, for the words that go with it.
    pub(super) reading: usize,
    /// How it spreads over the options, where more is known than the answer.
    pub(super) distribution: Option<Distribution>,
    /// Why there is no answer, where that is not for the reading to say.
    pub(super) reason: Option<Arc<str>>,
}

/// Decides among the readings of one decision, one a sample (at least one). `chance` is a seeded draw.
pub(super) fn decide(readings: &[&Reading], options: usize, take: Take, chance: u64) -> Decision {
    if let [reading] = readings {
        let taken = reading.distribution.as_ref().and_then(|distribution| choose(&distribution.shares, take, chance));
        let answer = if reading.distribution.is_some() { taken.ok_or(Outcome::Unparsable) } else { reading.answer };
        return Decision { answer, reading: 0, distribution: reading.distribution.clone(), reason: None };
    }
    let answers: Vec<(usize, i32)> =
        readings.iter().enumerate().filter_map(|(place, reading)| Some((place, reading.answer.ok()?))).collect();
    let mut counts = vec![0.0; options];
    for (_, answer) in &answers {
        // Rule `paper` lets numbers pass that are no option.
        if let Some(count) = usize::try_from(answer - 1).ok().and_then(|place| counts.get_mut(place)) {
            *count += 1.0;
        }
    }
    let counted: f64 = counts.iter().sum();
    let total = readings.len() as f64;
    let distribution = Distribution {
        shares: counts.iter().map(|count| count / total).collect(),
        tail: (total - counted) / total,
        samples: Some(readings.len() as u32),
    };
    let chosen = choose(&distribution.shares, take, chance).or_else(|| answers.first().map(|(_, answer)| *answer));
    let place = answers.iter().find(|(_, answer)| Some(*answer) == chosen).map_or(0, |(place, _)| *place);
    let answer = chosen.ok_or_else(|| missing(readings));
    Decision { answer, reading: place, distribution: Some(distribution), reason: None }
}

/// What became of a decision none of whose replies holds an answer: what became of the first.
fn missing(readings: &[&Reading]) -> Outcome {
    readings.first().and_then(|reading| reading.answer.err()).unwrap_or(Outcome::Unparsable)
}

/// An option, from 1, by these shares; `None` where nothing has any.
pub(super) fn choose(shares: &[f64], take: Take, chance: u64) -> Option<i32> {
    let largest = shares.iter().copied().fold(0.0, f64::max);
    if largest <= 0.0 {
        return None;
    }
    let place = match take {
        Take::Mode => {
            let tied: Vec<usize> = (0..shares.len()).filter(|&place| shares[place] >= largest).collect();
            tied[(chance % tied.len() as u64) as usize]
        }
        Take::Draw => {
            // 53 bits, from 0 to below 1.
            let sum: f64 = shares.iter().sum();
            let mut left = (chance >> 11) as f64 / (1_u64 << 53) as f64 * sum;
            let drawn = shares.iter().position(|share| {
                left -= share;
                left < 0.0
            });
            drawn.or_else(|| shares.iter().rposition(|&share| share > 0.0))?
        }
    };
    Some(place as i32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reading(answer: Result<i32, Outcome>) -> Reading {
        Reading { answer, rule: "lenient", reason: None, distribution: None }
    }

    fn decided(answers: &[Result<i32, Outcome>], take: Take, chance: u64) -> Decision {
        let readings: Vec<Reading> = answers.iter().map(|&answer| reading(answer)).collect();
        decide(&readings.iter().collect::<Vec<_>>(), 3, take, chance)
    }

    #[test]
    fn several_replies_make_a_distribution_and_failures_its_tail() {
        let answers = [Ok(2), Err(Outcome::TimedOut), Ok(2), Ok(3)];
        let found = decided(&answers, Take::Mode, 0);
        assert_eq!((found.answer, found.reading), (Ok(2), 0));
        let distribution = found.distribution.expect("a distribution");
        assert_eq!(distribution.shares, [0.0, 0.5, 0.25]);
        assert!((distribution.tail - 0.25).abs() < 1e-12);
        assert_eq!(distribution.samples, Some(4));
        assert_eq!(
            decided(&[Err(Outcome::TimedOut), Err(Outcome::Failed)], Take::Mode, 0).answer,
            Err(Outcome::TimedOut)
        );
    }

    #[test]
    fn ties_are_drawn_and_draws_follow_the_shares() {
        let tie = [Ok(1), Ok(3)];
        assert_eq!([0, 1].map(|chance| decided(&tie, Take::Mode, chance).answer), [Ok(1), Ok(3)]);
        let drawn = |chance| decided(&[Ok(1), Ok(1), Ok(1), Ok(3)], Take::Draw, chance).answer;
        assert_eq!([drawn(0), drawn(u64::MAX / 2), drawn(u64::MAX)], [Ok(1), Ok(1), Ok(3)]);
        assert_eq!(decided(&tie, Take::Draw, u64::MAX).reading, 1);
    }

    #[test]
    fn one_reply_is_its_own_answer() {
        let found = decided(&[Ok(7)], Take::Mode, 0);
        assert_eq!((found.answer, found.distribution), (Ok(7), None));
    }

    proptest! {
        #[test]
        fn what_is_chosen_has_a_share(shares in prop::collection::vec(0.0_f64..1.0, 1..12), chance in any::<u64>()) {
            for take in [Take::Mode, Take::Draw] {
                if let Some(option) = choose(&shares, take, chance) {
                    prop_assert!(shares[option as usize - 1] > 0.0);
                }
            }
        }
    }
}
