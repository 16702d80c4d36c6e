//! How far people agree on which of four replies is best, and how many of them one reply for all, one for each country, or
//! several replies satisfy.
//!
//! Figures go over prompts whose same four replies several people chose from. Who chose is compared with everybody else
//! who chose there: leaving the person out, so that nobody is predicted by their own choice.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_worlds::inference::Method;
use pluriverse_worlds::inference::resample::{Drawn, FEWEST_ITEMS, Resamples};
use serde::Serialize;

use crate::inputs::comparisons::{Comparison, REPLIES};

/// Resamples of prompts.
const RESAMPLES: usize = 1000;

/// A share with its 95 % interval over prompts.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Share {
    /// The share, 0 to 1; `None` where there is nothing to take it of.
    pub value: Option<f64>,
    /// Percentile bootstrap over prompts; `None` of fewer than ten.
    pub interval: Option<(f64, f64)>,
    /// How many pairs of people, or choices, it rests on.
    pub n: u64,
}

/// What a file of comparisons comes to.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ComparisonStudy {
    /// How many choices there are, and by how many people.
    pub choices: usize,
    /// How many people.
    pub people: usize,
    /// Choices by country.
    pub countries: BTreeMap<Arc<str>, usize>,
    /// Share of choices by the letter of the reply: a quarter each where places do not matter.
    pub letters: [f64; REPLIES],
    /// Prompts whose replies at least two people chose from.
    pub shared_prompts: usize,
    /// Probability that two people of one country choose the same; a quarter by chance.
    pub agreement_within: Share,
    /// The same of two people of different countries.
    pub agreement_between: Share,
    /// Choices that fall on the k replies most chosen by everybody else, for k = 1, 2, 3.
    pub satisfied: [Share; REPLIES - 1],
    /// Choices that fall on the reply most chosen by everybody else, where others of the own country chose too.
    pub by_all: Share,
    /// The same of the reply most chosen by others of the own country.
    pub by_country: Share,
}

/// Studies comparisons.
pub fn study(rows: &[Comparison]) -> ComparisonStudy {
    let mut letters = [0.0; REPLIES];
    let mut countries: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let mut people: Vec<&str> = rows.iter().map(|row| &*row.person).collect();
    people.sort_unstable();
    people.dedup();
    let mut by_prompt: BTreeMap<(&str, [&str; REPLIES]), Vec<&Comparison>> = BTreeMap::new();
    for row in rows {
        letters[row.preferred] += 1.0 / rows.len() as f64;
        *countries.entry(row.country.clone()).or_default() += 1;
        by_prompt.entry((&row.prompt, row.replies.each_ref().map(|reply| &**reply))).or_default().push(row);
    }
    let shared: Vec<Vec<&Comparison>> = by_prompt.into_values().filter(|chosen| chosen.len() > 1).collect();
    let streams = Streams::new(0, "comparisons", 0);
    let resamples = Resamples::draw(shared.len(), RESAMPLES, &streams.of(Purpose("comparisons.prompts")));
    let counts: Vec<Counts> = shared.iter().map(|chosen| Counts::of(chosen)).collect();
    let share = |of: &dyn Fn(&Counts) -> (f64, f64)| share(&counts.iter().map(of).collect::<Vec<_>>(), &resamples);
    ComparisonStudy {
        choices: rows.len(),
        people: people.len(),
        countries,
        letters,
        shared_prompts: shared.len(),
        agreement_within: share(&|counts| counts.within),
        agreement_between: share(&|counts| counts.between),
        satisfied: [0, 1, 2].map(|k| share(&|counts| (counts.satisfied[k], counts.people))),
        by_all: share(&|counts| (counts.by_all, counts.compatriots)),
        by_country: share(&|counts| (counts.by_country, counts.compatriots)),
    }
}

/// What the choices on one prompt add to the figures.
#[derive(Default)]
struct Counts {
    /// Pairs of one country that agree, and all such pairs.
    within: (f64, f64),
    /// The same of two countries.
    between: (f64, f64),
    people: f64,
    satisfied: [f64; REPLIES - 1],
    /// People with others of their country.
    compatriots: f64,
    by_all: f64,
    by_country: f64,
}

impl Counts {
    fn of(chosen: &[&Comparison]) -> Self {
        let mut counts = Self { people: chosen.len() as f64, ..Self::default() };
        for (place, one) in chosen.iter().enumerate() {
            for other in &chosen[place + 1..] {
                let (agree, pairs) =
                    if one.country == other.country { &mut counts.within } else { &mut counts.between };
                *agree += f64::from(u8::from(one.preferred == other.preferred));
                *pairs += 1.0;
            }
            let votes = |own: bool| {
                let mut votes = [0_u32; REPLIES];
                let others = chosen.iter().enumerate().filter(|(number, _)| *number != place).map(|(_, other)| other);
                for other in others.filter(|other| !own || other.country == one.country) {
                    votes[other.preferred] += 1;
                }
                votes
            };
            let (all, own) = (votes(false), votes(true));
            for (k, satisfied) in (1..).zip(&mut counts.satisfied) {
                *satisfied += among_first(&all, one.preferred, k);
            }
            if own.iter().any(|&votes| votes > 0) {
                counts.compatriots += 1.0;
                counts.by_all += among_first(&all, one.preferred, 1);
                counts.by_country += among_first(&own, one.preferred, 1);
            }
        }
        counts
    }
}

/// The probability that a reply is among the k with the most votes, replies of equal votes drawn by lot.
fn among_first(votes: &[u32; REPLIES], reply: usize, k: usize) -> f64 {
    let above = votes.iter().filter(|&&other| other > votes[reply]).count();
    let equal = votes.iter().filter(|&&other| other == votes[reply]).count();
    (k.saturating_sub(above) as f64 / equal as f64).min(1.0)
}

fn share(counts: &[(f64, f64)], resamples: &Resamples) -> Share {
    let (part, whole): (Vec<f64>, Vec<f64>) = counts.iter().copied().unzip();
    let (sum, all): (f64, f64) = (part.iter().sum(), whole.iter().sum());
    let value = (all > 0.0).then(|| sum / all);
    let interval = value.filter(|_| counts.len() >= FEWEST_ITEMS).and_then(|estimate| {
        let parts = resamples.sums(part.iter().copied());
        let figures = parts.into_iter().zip(resamples.sums(whole.iter().copied())).map(|(part, whole)| part / whole);
        let influences: Vec<f64> = counts.iter().map(|(part, whole)| (part - estimate * whole) / all).collect();
        Drawn { estimate, figures: figures.collect(), influences: &influences, stretch: 1.0 }
            .interval(Method::Percentile)
    });
    Share { value, interval, n: all.round() as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn choice(prompt: usize, country: &str, preferred: usize) -> Comparison {
        Comparison {
            line: 2,
            person: Arc::from("p"),
            country: Arc::from(country),
            prompt: Arc::from(format!("{prompt}")),
            replies: ["a", "b", "c", "d"].map(Arc::from),
            preferred,
        }
    }

    #[test]
    fn countries_that_each_want_a_reply_of_their_own_are_satisfied_by_country_and_not_by_all() {
        let rows: Vec<Comparison> = (0..12)
            .flat_map(|prompt| {
                let two =
                    |country: &'static str, reply| [choice(prompt, country, reply), choice(prompt, country, reply)];
                two("x", 0).into_iter().chain(two("y", 3))
            })
            .collect();
        let found = study(&rows);
        let value = |share: Share| share.value.expect("a share");
        assert!((value(found.agreement_within) - 1.0).abs() < 1e-12);
        assert!(value(found.agreement_between).abs() < 1e-12);
        assert!((value(found.by_country) - 1.0).abs() < 1e-12);
        // Everybody else is one compatriot against two of the other country.
        assert!(value(found.by_all).abs() < 1e-12);
        assert!((value(found.satisfied[1]) - 1.0).abs() < 1e-12);
        assert_eq!((found.shared_prompts, found.choices), (12, 48));
    }

    #[test]
    fn nobody_is_predicted_by_their_own_choice() {
        let found = study(&[choice(0, "x", 0), choice(0, "x", 1), choice(1, "x", 2)]);
        assert_eq!(found.shared_prompts, 1);
        assert!(found.satisfied[0].value.expect("a share").abs() < 1e-12);
        assert_eq!(found.agreement_between.value, None);
        assert_eq!(found.agreement_within.interval, None);
    }

    proptest! {
        #[test]
        fn more_replies_satisfy_no_fewer(choices in prop::collection::vec((0_usize..3, 0_usize..4), 2..40)) {
            let rows: Vec<Comparison> = choices.iter().map(|&(prompt, reply)| choice(prompt, "x", reply)).collect();
            let found = study(&rows);
            let values: Vec<f64> = found.satisfied.iter().filter_map(|share| share.value).collect();
            prop_assert!(values.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12));
            prop_assert!(values.iter().all(|value| (0.0..=1.0 + 1e-12).contains(value)));
            prop_assert!((found.letters.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }
}
