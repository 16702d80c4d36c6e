//! From readings of replies to a judgement: choices counted in both orders, or the log-odds of two letters.

use std::sync::Arc;

use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::dilemmas::asked::Judgement;
use pluriverse_worlds::panel::GapPair;

use crate::parse::Reading;

/// Probability given to a letter that is not among the alternatives the server listed: log-odds stay within about 21.
const UNLISTED: f64 = 1e-9;

/// Why there is no judgement.
pub type Failed = (Outcome, Arc<str>);

/// The log-odds of B over A that the probabilities of a reply give; `None` where neither letter has any.
pub fn gap_of(shares: &[f64]) -> Option<f64> {
    let [a, b] = *shares else { return None };
    let log = |share: f64| libm::log(share.max(UNLISTED));
    (a > 0.0 || b > 0.0).then(|| log(b) - log(a))
}

/// What was read of one agent's replies to one scenario, order by order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Choices {
    counts: [(u32, u32); 2],
    gaps: [Option<f64>; 2],
    /// Sum and number of the gaps that judges' verdicts make.
    verdicts: [(f64, u32); 2],
    failed: [Option<Failed>; 2],
}

impl Choices {
    /// Takes in what was read of one reply in one order: 0 the original, 1 the swapped one.
    pub fn take_in(&mut self, order: usize, reading: &Reading) {
        if let Some(gap) = reading.distribution.as_ref().and_then(|distribution| gap_of(&distribution.shares)) {
            self.gaps[order] = Some(gap);
            return;
        }
        let failure = match reading.answer {
            Ok(1) => return self.counts[order].0 += 1,
            Ok(2) => return self.counts[order].1 += 1,
            // Rule `paper` lets numbers pass that are no option.
            Ok(other) => (Outcome::OutOfRange, Arc::from(format!("{other} is neither of two options"))),
            Err(outcome) => (outcome, reading.reason.clone().unwrap_or_default()),
        };
        self.failed[order].get_or_insert(failure);
    }

    /// Takes in the gap of a judge's verdict on one reply in one order, or what became of it.
    pub fn take_in_verdict(&mut self, order: usize, gap: Result<f64, Failed>) {
        match gap {
            Ok(gap) => {
                let (sum, count) = self.verdicts[order];
                self.verdicts[order] = (sum + gap, count + 1);
            }
            Err(failure) => {
                self.failed[order].get_or_insert(failure);
            }
        }
    }

    /// The judgement; what became of the first request that failed where an order brought no choice.
    pub fn judgement(self) -> Result<Judgement, Failed> {
        if let [Some(original), Some(swapped)] = self.gaps {
            return Ok(Judgement::exact(GapPair { original, swapped }));
        }
        if let [(original, one @ 1..), (swapped, other @ 1..)] = self.verdicts {
            let (original, swapped) = (original / f64::from(one), swapped / f64::from(other));
            return Ok(Judgement::exact(GapPair { original, swapped }));
        }
        if let Some(judgement) = Judgement::counted(self.counts) {
            return Ok(judgement);
        }
        let unread = || (Outcome::Unparsable, Arc::from("one of the two orders brought no choice"));
        let empty = |order: &usize| {
            self.gaps[*order].is_none() && self.counts[*order] == (0, 0) && self.verdicts[*order].1 == 0
        };
        let failed = [0, 1].into_iter().filter(empty).find_map(|order| self.failed[order].clone());
        Err(failed.unwrap_or_else(unread))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_worlds::survey::state::Distribution;

    fn reading(answer: Result<i32, Outcome>, shares: Option<[f64; 2]>) -> Reading {
        let distribution = shares.map(|shares| Distribution { shares: shares.to_vec(), tail: 0.0, samples: None });
        Reading { answer, rule: "lenient", reason: Some(Arc::from("why")), distribution }
    }

    fn judged(readings: &[(usize, Reading)]) -> Result<Judgement, Failed> {
        let mut choices = Choices::default();
        for (order, reading) in readings {
            choices.take_in(*order, reading);
        }
        choices.judgement()
    }

    #[test]
    fn choices_make_shares_and_probabilities_make_gaps() {
        let said = |order, option| (order, reading(Ok(option), None));
        let found = judged(&[said(0, 2), said(0, 1), said(1, 1), said(1, 1)]).expect("both orders");
        assert!((found.shares[0] - 0.5).abs() < 1e-15 && found.shares[1].abs() < 1e-15);
        let likely = |order, a, b| (order, reading(Ok(1), Some([a, b])));
        let found = judged(&[likely(0, 0.2, 0.6), likely(1, 0.5, 0.25)]).expect("both orders");
        assert!((found.gaps.original - libm::log(3.0)).abs() < 1e-12);
        assert!((found.gaps.debiased() - f64::midpoint(libm::log(3.0), libm::log(2.0))).abs() < 1e-12);
    }

    #[test]
    fn a_letter_the_server_did_not_list_is_unlikely_and_not_impossible() {
        assert!((gap_of(&[1.0, 0.0]).expect("one letter") + libm::log(1e9)).abs() < 1e-9);
        assert_eq!(gap_of(&[0.0, 0.0]), None);
    }

    #[test]
    fn an_order_without_a_choice_fails_with_what_became_of_its_requests() {
        let said = |order, answer| (order, reading(answer, None));
        let failed = |readings: &[(usize, Reading)]| judged(readings).expect_err("no judgement").0;
        assert_eq!(failed(&[said(0, Ok(2)), said(1, Err(Outcome::TimedOut))]), Outcome::TimedOut);
        assert_eq!(failed(&[said(0, Ok(3)), said(1, Ok(1))]), Outcome::OutOfRange);
        assert_eq!(failed(&[said(0, Ok(1))]), Outcome::Unparsable);
        let some = [said(0, Ok(2)), said(0, Err(Outcome::Refused)), said(1, Ok(1))];
        assert!(judged(&some).is_ok(), "one of several replies is enough");
    }
}
