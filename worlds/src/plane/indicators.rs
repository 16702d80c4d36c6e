//! The ten indicators of the plane, from single answers, from the answers of a group, or from shares of a population.

/// How many indicators there are.
pub const INDICATORS: usize = 10;

/// The World Values Survey Wave 7 questions the indicators are made of. Q46 is not among the published 223 items: it is
/// asked in addition. All count their options from 1, so that codes are option numbers.
pub const QUESTIONS: [&str; 14] =
    ["Q46", "Q57", "Q45", "Q209", "Q164", "Q182", "Q184", "Q254", "Q154", "Q155", "Q8", "Q14", "Q15", "Q17"];

/// One of the ten indicators, in the order of the projection's slopes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Indicator {
    /// Q46: 1 very happy to 4 not at all.
    Happiness,
    /// Q57: 1 most people can be trusted, 2 one must be careful.
    Trust,
    /// Q45: more respect for authority is 1 good, 2 indifferent, 3 bad.
    Authority,
    /// Q209: 1 signed a petition, 2 might, 3 never would.
    Petition,
    /// Q164: importance of God, 1 to 10.
    God,
    /// Q182: homosexuality is never (1) to always (10) justifiable.
    Homosexuality,
    /// Q184: abortion is never (1) to always (10) justifiable.
    Abortion,
    /// Q254: 1 very proud to 4 not at all proud; option 5, not a national, is no answer.
    Pride,
    /// Y002, from Q154 and Q155: 1 materialist to 3 postmaterialist.
    Postmaterialism,
    /// Y003, from Q8, Q14, Q15 and Q17: −2 obedience and faith to 2 independence and determination.
    Autonomy,
}

impl Indicator {
    /// Every indicator, in order.
    pub const ALL: [Self; INDICATORS] = [
        Self::Happiness,
        Self::Trust,
        Self::Authority,
        Self::Petition,
        Self::God,
        Self::Homosexuality,
        Self::Abortion,
        Self::Pride,
        Self::Postmaterialism,
        Self::Autonomy,
    ];

    /// Its place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The variable of the Integrated Values Surveys it corresponds to.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Happiness => "A008",
            Self::Trust => "A165",
            Self::Authority => "E018",
            Self::Petition => "E025",
            Self::God => "F063",
            Self::Homosexuality => "F118",
            Self::Abortion => "F120",
            Self::Pride => "G006",
            Self::Postmaterialism => "Y002",
            Self::Autonomy => "Y003",
        }
    }

    /// The questions it is made of.
    pub const fn questions(self) -> &'static [&'static str] {
        match self {
            Self::Happiness => &["Q46"],
            Self::Trust => &["Q57"],
            Self::Authority => &["Q45"],
            Self::Petition => &["Q209"],
            Self::God => &["Q164"],
            Self::Homosexuality => &["Q182"],
            Self::Abortion => &["Q184"],
            Self::Pride => &["Q254"],
            Self::Postmaterialism => &["Q154", "Q155"],
            Self::Autonomy => &["Q8", "Q14", "Q15", "Q17"],
        }
    }

    /// Its smallest and largest value.
    pub const fn range(self) -> (f64, f64) {
        match self {
            Self::Happiness | Self::Pride => (1.0, 4.0),
            Self::Trust => (1.0, 2.0),
            Self::Authority | Self::Petition | Self::Postmaterialism => (1.0, 3.0),
            Self::God | Self::Homosexuality | Self::Abortion => (1.0, 10.0),
            Self::Autonomy => (-2.0, 2.0),
        }
    }

    /// The largest code of its questions that counts; the smallest is 1.
    const fn largest_code(self) -> i32 {
        match self {
            Self::Trust | Self::Autonomy => 2,
            Self::Authority | Self::Petition => 3,
            Self::Happiness | Self::Pride | Self::Postmaterialism => 4,
            Self::God | Self::Homosexuality | Self::Abortion => 10,
        }
    }

    /// What a code of one of its questions adds to it.
    fn part(self, code: i32) -> f64 {
        match self {
            Self::Postmaterialism => f64::from(u8::from(code == 2 || code == 4)),
            Self::Autonomy => f64::from(u8::from(code == 1)),
            _ => f64::from(code),
        }
    }

    /// From the mean part of each of its questions.
    fn whole(self, parts: &[f64]) -> f64 {
        match (self, parts) {
            (Self::Postmaterialism, [first, second]) => 1.0 + first + second,
            (Self::Autonomy, [independence, determination, faith, obedience]) => {
                (independence + determination) - (faith + obedience)
            }
            (_, parts) => parts.iter().sum(),
        }
    }
}

/// The ten indicators of somebody, in the order of [`Indicator::ALL`]; `None` where an answer it needs is missing or is
/// none of the codes that count.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Indicators([Option<f64>; INDICATORS]);

impl Indicators {
    /// From values already coded. Numbers that are not finite are taken as absent.
    pub fn new(values: [Option<f64>; INDICATORS]) -> Self {
        Self(values.map(|value| value.filter(|value| value.is_finite())))
    }

    /// Of one respondent or agent, from its option number for each question.
    pub fn of_answers(answer: impl Fn(&str) -> Option<i32>) -> Self {
        Self::made(|indicator, question| {
            let code = answer(question)?;
            counts(indicator, code).then(|| indicator.part(code))
        })
    }

    /// Of a population, from its (code, share) pairs for each question. Shares need not sum to 1: each question is
    /// averaged over those with an answer that counts. Postmaterialism and autonomy are sums over questions, so that
    /// their means follow exactly from the shares of each.
    pub fn of_shares<'a>(shares: impl Fn(&str) -> Option<&'a [(i32, f64)]>) -> Self {
        Self::made(|indicator, question| {
            let shares = shares(question)?;
            mean(indicator, shares.iter().copied())
        })
    }

    /// Of a group, a culture or a society: each question averaged over its members with an answer, member `i` with
    /// weight `weights[i]` ≥ 0. The way to place several samples or personas of a culture.
    pub fn of_group(weights: &[f64], answer: impl Fn(usize, &str) -> Option<i32>) -> Self {
        Self::made(|indicator, question| {
            let answers =
                weights.iter().enumerate().filter_map(|(member, &weight)| Some((answer(member, question)?, weight)));
            mean(indicator, answers)
        })
    }

    /// The value of an indicator, where there is one.
    pub const fn get(&self, indicator: Indicator) -> Option<f64> {
        self.0[indicator.index()]
    }

    /// All values, in order.
    pub const fn values(&self) -> &[Option<f64>; INDICATORS] {
        &self.0
    }

    /// How many of the ten there are.
    pub fn present(&self) -> usize {
        self.0.iter().flatten().count()
    }

    fn made(part: impl Fn(Indicator, &str) -> Option<f64>) -> Self {
        Self(Indicator::ALL.map(|indicator| {
            let parts: Option<Vec<f64>> =
                indicator.questions().iter().map(|question| part(indicator, question)).collect();
            parts.map(|parts| indicator.whole(&parts))
        }))
    }
}

fn counts(indicator: Indicator, code: i32) -> bool {
    (1..=indicator.largest_code()).contains(&code)
}

/// The mean part of a question over the codes that count.
fn mean(indicator: Indicator, weighted: impl Iterator<Item = (i32, f64)>) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (code, weight) in weighted.filter(|&(code, weight)| counts(indicator, code) && weight > 0.0) {
        sum += weight * indicator.part(code);
        total += weight;
    }
    (total > 0.0).then(|| sum / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn sheet(answers: &[(&'static str, i32)]) -> BTreeMap<&'static str, i32> {
        answers.iter().copied().collect()
    }

    #[test]
    fn composite_indicators_follow_their_published_coding() {
        let postmaterialism = |first, second| {
            let answers = sheet(&[("Q154", first), ("Q155", second)]);
            Indicators::of_answers(|question| answers.get(question).copied()).get(Indicator::Postmaterialism)
        };
        assert_eq!(
            [postmaterialism(1, 3), postmaterialism(2, 1), postmaterialism(3, 4), postmaterialism(4, 2)],
            [Some(1.0), Some(2.0), Some(2.0), Some(3.0)]
        );
        let autonomy = |codes: [i32; 4]| {
            let answers = sheet(&[("Q8", codes[0]), ("Q14", codes[1]), ("Q15", codes[2]), ("Q17", codes[3])]);
            Indicators::of_answers(|question| answers.get(question).copied()).get(Indicator::Autonomy)
        };
        assert_eq!(
            [autonomy([1, 1, 2, 2]), autonomy([2, 2, 1, 1]), autonomy([1, 2, 1, 2])],
            [2.0, -2.0, 0.0].map(Some)
        );
    }

    #[test]
    fn an_answer_that_does_not_count_is_absent_and_takes_its_composite_with_it() {
        let answers = sheet(&[("Q254", 5), ("Q57", 3), ("Q45", 0), ("Q46", 4), ("Q154", 2), ("Q8", 1), ("Q14", 1)]);
        let found = Indicators::of_answers(|question| answers.get(question).copied());
        assert_eq!(found.present(), 1);
        assert_eq!(found.get(Indicator::Happiness), Some(4.0));
    }

    #[test]
    fn a_group_has_the_mean_of_its_members_who_answered_and_the_shares_of_a_population_give_the_same() {
        let members = [sheet(&[("Q254", 1)]), sheet(&[("Q254", 4)]), sheet(&[("Q254", 5)]), sheet(&[])];
        let of = |weights: &[f64]| {
            Indicators::of_group(weights, |member, question| members[member].get(question).copied())
                .get(Indicator::Pride)
        };
        assert_eq!(
            [of(&[1.0; 4]), of(&[1.0, 3.0, 9.0, 9.0]), of(&[0.0, 0.0, 1.0, 1.0])],
            [Some(2.5), Some(3.25), None]
        );
        let shares = [(4, 0.3), (1, 0.1), (5, 0.2)];
        let population = Indicators::of_shares(|question| (question == "Q254").then_some(&shares[..]));
        assert!((population.get(Indicator::Pride).expect("answers") - 3.25).abs() < 1e-12);
    }

    #[test]
    fn every_question_belongs_to_one_indicator() {
        let of_indicators: Vec<&str> = Indicator::ALL.iter().flat_map(|one| one.questions()).copied().collect();
        assert_eq!(of_indicators, QUESTIONS);
        assert!(Indicator::ALL.iter().enumerate().all(|(place, one)| one.index() == place));
    }
}
