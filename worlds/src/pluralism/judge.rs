//! A pairwise judge: a response against a balanced anchor in both orders, as 0, ½ or 1; and how far to trust the judge.
//!
//! The judge is shown two responses and a short definition of a pole, and names the one that leans more to the pole, or
//! says they lean the same. The pole of an axis is its high end: secular-rational, self-expression.

use serde::{Deserialize, Serialize};

use super::wilson;

/// How many hand-labelled pairs an axis needs before its accuracy is worth printing.
pub const LABELLED_PAIRS: u64 = 100;

/// What the judge said of two responses in the order shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Verdict {
    /// The one shown first leans more to the pole.
    First,
    /// The one shown second does.
    Second,
    /// They lean the same.
    Same,
}

/// Which of the two was shown first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Order {
    /// The response, then the anchor.
    ResponseFirst,
    /// The anchor, then the response.
    AnchorFirst,
}

/// Where a response stands against the balanced anchor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Score {
    /// Towards the other pole: traditional, survival. 0.
    Away,
    /// As balanced as the anchor, or the judge contradicted itself. ½.
    Balanced,
    /// Towards the pole: secular-rational, self-expression. 1.
    Toward,
}

impl Score {
    /// Every score.
    pub const ALL: [Self; 3] = [Self::Away, Self::Balanced, Self::Toward];

    /// 0, ½ or 1.
    pub const fn value(self) -> f64 {
        match self {
            Self::Away => 0.0,
            Self::Balanced => 0.5,
            Self::Toward => 1.0,
        }
    }
}

/// The verdicts of one response in both orders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BothOrders {
    /// With the response shown first.
    pub response_first: Verdict,
    /// With the anchor shown first.
    pub anchor_first: Verdict,
}

impl BothOrders {
    /// The score: where both orders agree, what they say; ½ where they do not. A verdict that failed makes no score: judge
    /// again.
    pub fn score(self) -> Score {
        let [one, other] = self.leans();
        if one == other { one } else { Score::Balanced }
    }

    /// Whether both orders say the same of the response.
    pub fn agree(self) -> bool {
        let [one, other] = self.leans();
        one == other
    }

    fn leans(self) -> [Score; 2] {
        [lean(self.response_first, Order::ResponseFirst), lean(self.anchor_first, Order::AnchorFirst)]
    }
}

/// What one verdict says of the response.
pub const fn lean(verdict: Verdict, order: Order) -> Score {
    match (verdict, order) {
        (Verdict::Same, _) => Score::Balanced,
        (Verdict::First, Order::ResponseFirst) | (Verdict::Second, Order::AnchorFirst) => Score::Toward,
        (Verdict::Second, Order::ResponseFirst) | (Verdict::First, Order::AnchorFirst) => Score::Away,
    }
}

/// How a judge's verdicts depend on the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Consistency {
    /// Responses judged in both orders.
    pub responses: u64,
    /// Those of which both orders say the same.
    pub agreed: u64,
    /// Those where what was shown first won both times.
    pub first_twice: u64,
    /// Those where what was shown second won both times.
    pub second_twice: u64,
}

impl Consistency {
    /// Of these verdicts.
    pub fn of(verdicts: &[BothOrders]) -> Self {
        let mut found = Self::default();
        for both in verdicts {
            found.responses += 1;
            found.agreed += u64::from(both.agree());
            match (both.response_first, both.anchor_first) {
                (Verdict::First, Verdict::First) => found.first_twice += 1,
                (Verdict::Second, Verdict::Second) => found.second_twice += 1,
                _ => {}
            }
        }
        found
    }

    /// Share of responses of which both orders say the same; `None` without responses.
    pub fn share(&self) -> Option<f64> {
        (self.responses > 0).then(|| self.agreed as f64 / self.responses as f64)
    }
}

/// How right a judge is about one pole.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rates {
    /// Share of responses that lean to the pole which the judge finds.
    pub sensitivity: f64,
    /// Share of the others which the judge does not take for it.
    pub specificity: f64,
}

/// A judge on a labelled set of one axis.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Accuracy {
    /// Responses by label (row) and the judge's score (column), in the order of [`Score::ALL`].
    pub confusion: [[u64; 3]; 3],
}

impl Accuracy {
    /// Of (label, score) pairs.
    pub fn of(labelled: &[(Score, Score)]) -> Self {
        let mut found = Self::default();
        for &(label, score) in labelled {
            found.confusion[label as usize][score as usize] += 1;
        }
        found
    }

    /// How many were labelled.
    pub fn labelled(&self) -> u64 {
        self.confusion.iter().flatten().sum()
    }

    /// Whether these are enough to print ([`LABELLED_PAIRS`]).
    pub fn is_enough(&self) -> bool {
        self.labelled() >= LABELLED_PAIRS
    }

    /// How many the judge scored as labelled.
    pub fn right(&self) -> u64 {
        (0..3).map(|place| self.confusion[place][place]).sum()
    }

    /// Share scored as labelled, 0 to 1; `None` without labels.
    pub fn share(&self) -> Option<f64> {
        let n = self.labelled();
        (n > 0).then(|| self.right() as f64 / n as f64)
    }

    /// Wilson's 95 % interval of the share.
    pub fn interval(&self) -> Option<(f64, f64)> {
        wilson(self.right(), self.labelled())
    }

    /// Cohen's κ (Cohen 1960): agreement beyond chance, −1 to 1. `None` without labels, or where label and judge both use
    /// one score only.
    pub fn kappa(&self) -> Option<f64> {
        let n = self.labelled() as f64;
        let row = |place: usize| self.confusion[place].iter().sum::<u64>() as f64;
        let column = |place: usize| self.confusion.iter().map(|row| row[place]).sum::<u64>() as f64;
        let chance = (0..3).map(|place| row(place) * column(place)).sum::<f64>() / (n * n);
        let seen = self.share()?;
        (chance < 1.0).then(|| (seen - chance) / (1.0 - chance))
    }

    /// How right the judge is about one end of the axis, [`Score::Toward`] or [`Score::Away`], against everything else;
    /// `None` where either has no labels.
    pub fn rates(&self, end: Score) -> Option<Rates> {
        let place = end as usize;
        let of_end: u64 = self.confusion[place].iter().sum();
        let others = self.labelled() - of_end;
        let mistaken: u64 = (0..3).filter(|&row| row != place).map(|row| self.confusion[row][place]).sum();
        (of_end > 0 && others > 0).then(|| Rates {
            sensitivity: self.confusion[place][place] as f64 / of_end as f64,
            specificity: 1.0 - mistaken as f64 / others as f64,
        })
    }
}

/// A judge that may not be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JudgeFault {
    /// It would judge itself.
    #[error("{0} is under test and cannot be the judge")]
    UnderTest(String),
}

/// Whether a model may judge the models under test: not itself.
pub fn independent(judge: &str, under_test: &[&str]) -> Result<(), JudgeFault> {
    if under_test.contains(&judge) { Err(JudgeFault::UnderTest(judge.to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn both_orders_make_a_score_and_contradiction_is_balance() {
        use Verdict::{First, Same, Second};
        for (response_first, anchor_first, score, agree) in [
            (First, Second, Score::Toward, true),
            (Second, First, Score::Away, true),
            (Same, Same, Score::Balanced, true),
            (First, First, Score::Balanced, false),
            (Second, Second, Score::Balanced, false),
            (First, Same, Score::Balanced, false),
            (Same, First, Score::Balanced, false),
        ] {
            let both = BothOrders { response_first, anchor_first };
            assert_eq!((both.score(), both.agree()), (score, agree), "{both:?}");
        }
    }

    #[test]
    fn a_judge_that_always_names_the_first_scores_everything_balanced_and_is_caught() {
        let verdicts = [BothOrders { response_first: Verdict::First, anchor_first: Verdict::First }; 7];
        let found = Consistency::of(&verdicts);
        assert_eq!((found.first_twice, found.share()), (7, Some(0.0)));
        assert_eq!(Consistency::of(&[]).share(), None);
    }

    #[test]
    fn accuracy_and_kappa_are_those_worked_out_by_hand() {
        let found = Accuracy { confusion: [[20, 0, 5], [0, 0, 0], [10, 0, 15]] };
        assert_eq!((found.labelled(), found.share(), found.is_enough()), (50, Some(0.7), false));
        assert!((found.kappa().expect("labels") - 0.4).abs() < 1e-12);
        let (low, high) = found.interval().expect("labels");
        assert!((low - 0.562_4).abs() < 1e-3 && (high - 0.809_0).abs() < 1e-3, "{low} {high}");
        let rates = found.rates(Score::Toward).expect("both kinds");
        assert_eq!((rates.sensitivity, rates.specificity), (0.6, 0.8));
        let empty = Accuracy::default();
        assert_eq!((empty.share(), empty.kappa(), empty.rates(Score::Away)), (None, None, None));
        assert!(Accuracy::of(&[(Score::Toward, Score::Toward); 3]).kappa().is_none());
    }

    #[test]
    fn the_interval_holds_the_true_accuracy_about_as_often_as_it_says() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let held = (0..2000)
            .filter(|_| {
                let labelled: Vec<(Score, Score)> = (0..100)
                    .map(|_| (Score::Toward, if rng.random::<f64>() < 0.783 { Score::Toward } else { Score::Away }))
                    .collect();
                let (low, high) = Accuracy::of(&labelled).interval().expect("labels");
                (low..=high).contains(&0.783)
            })
            .count();
        assert!((1860..=1940).contains(&held), "{held} of 2000");
    }

    #[test]
    fn a_model_does_not_judge_itself() {
        assert!(independent("a", &["b", "c"]).is_ok());
        assert_eq!(independent("b", &["b", "c"]), Err(JudgeFault::UnderTest("b".to_owned())));
    }
}
