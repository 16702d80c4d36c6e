//! Two distributions over the options of one item: how far apart they are, and which is wider.

use crate::survey::item::Scale;

use super::Mean;

/// Fewest answers of a culture from which its distribution should be judged.
pub const ENOUGH_REPLICATES: u64 = 20;

/// Shares of the options of one item, in their order, and of how many answers.
#[derive(Clone, PartialEq, Debug)]
pub struct Distribution {
    shares: Vec<f64>,
    answers: Option<u64>,
}

/// Why two distributions cannot be compared, or one cannot be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DistributionFault {
    /// Nobody answered.
    #[error("there are no answers")]
    Empty,
    /// A share that is none.
    #[error("a share is below zero or no finite number")]
    NoShare,
    /// Other options.
    #[error("one side has {0} options and the other {1}")]
    Options(usize, usize),
    /// One option is no choice.
    #[error("an item needs two options")]
    OneOption,
}

impl Distribution {
    /// Of counted answers.
    pub fn from_counts(counts: &[u64]) -> Result<Self, DistributionFault> {
        let shares: Vec<f64> = counts.iter().map(|&count| count as f64).collect();
        Self::from_shares(&shares, Some(counts.iter().sum()))
    }

    /// Of shares in any unit, which are renormalised (published shares lack the non-answers), from so many answers where
    /// that is known; `None` is a population, or exact.
    pub fn from_shares(shares: &[f64], answers: Option<u64>) -> Result<Self, DistributionFault> {
        if shares.iter().any(|share| !(share.is_finite() && *share >= 0.0)) {
            return Err(DistributionFault::NoShare);
        }
        let total: f64 = shares.iter().sum();
        if total <= 0.0 || !total.is_finite() || answers == Some(0) {
            return Err(DistributionFault::Empty);
        }
        Ok(Self { shares: shares.iter().map(|share| share / total).collect(), answers })
    }

    /// The shares, which sum to 1.
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// Of how many answers.
    pub const fn answers(&self) -> Option<u64> {
        self.answers
    }

    /// Number of options.
    pub fn options(&self) -> usize {
        self.shares.len()
    }

    /// Shannon entropy in bits, 0 to log₂ of the number of options.
    pub fn entropy(&self) -> f64 {
        entropy(&self.shares)
    }

    /// Entropy with the bias of counting taken out to first order, in bits: plus (used options − 1)/(2 n ln 2) (Miller
    /// 1955). Options that happen not to be seen leave some of it: about a sixth with 20 answers over four options. The
    /// plain entropy where the number of answers is not known.
    pub fn entropy_corrected(&self) -> f64 {
        let used = self.shares.iter().filter(|share| **share > 0.0).count() as f64;
        let bias = self.answers.map_or(0.0, |n| (used - 1.0) / (2.0 * n as f64 * std::f64::consts::LN_2));
        self.entropy() + bias
    }

    /// Mean option number less 1.
    pub fn mean(&self) -> f64 {
        self.shares.iter().enumerate().map(|(option, share)| option as f64 * share).sum()
    }

    /// Variance of the option number, divided by n, in squared steps.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        let off = self.shares.iter().enumerate().map(|(option, share)| (option as f64 - mean, share));
        off.map(|(off, share)| off * off * share).sum()
    }

    /// Variance divided by n − 1, which counting does not bias; that of a population is left as it is. `None` for a single
    /// answer.
    pub fn variance_corrected(&self) -> Option<f64> {
        match self.answers {
            Some(1) => None,
            Some(n) => Some(self.variance() * n as f64 / (n as f64 - 1.0)),
            None => Some(self.variance()),
        }
    }
}

/// A culture's agents beside its people on one item.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Compared<'a> {
    /// The agents.
    pub agents: &'a Distribution,
    /// The people.
    pub humans: &'a Distribution,
    scale: Scale,
}

impl<'a> Compared<'a> {
    /// Both over the same options of an item with this scale. Special options of an ordinal item ("not a national") are
    /// to be left out before.
    pub fn new(agents: &'a Distribution, humans: &'a Distribution, scale: Scale) -> Result<Self, DistributionFault> {
        if agents.options() != humans.options() {
            return Err(DistributionFault::Options(agents.options(), humans.options()));
        }
        if humans.options() < 2 {
            return Err(DistributionFault::OneOption);
        }
        Ok(Self { agents, humans, scale })
    }

    /// Other answers in the place of the agents'.
    pub fn with_agents(self, agents: &'a Distribution) -> Result<Self, DistributionFault> {
        Self::new(agents, self.humans, self.scale)
    }

    /// Whether the order of the options means something.
    pub fn is_ordinal(&self) -> bool {
        self.scale != Scale::Nominal
    }

    /// Jensen–Shannon divergence in bits, H((p+q)/2) − (H(p)+H(q))/2, 0 to 1 (Lin 1991). Symmetric.
    pub fn divergence(&self) -> f64 {
        jensen_shannon(&self.agents.shares, &self.humans.shares)
    }

    /// Jensen–Shannon distance, the square root of the divergence in bits, 0 to 1: a metric.
    pub fn distance(&self) -> f64 {
        libm::sqrt(self.divergence())
    }

    /// Total variation ½ Σ|p − q|, 0 to 1.
    pub fn total_variation(&self) -> f64 {
        total_variation(&self.agents.shares, &self.humans.shares)
    }

    /// Wasserstein distance of option numbers over their span, Σ|F_A − F_H|/(m − 1), 0 to 1; `None` for a nominal item.
    pub fn wasserstein(&self) -> Option<f64> {
        self.is_ordinal().then(|| wasserstein(&self.agents.shares, &self.humans.shares))
    }

    /// Variance of the agents over that of the people, both corrected for counting; below 1 where agents are alike.
    /// `None` for a nominal item, a single answer, or people who do not vary.
    pub fn variance_ratio(&self) -> Option<f64> {
        let (agents, humans) = (self.agents.variance_corrected()?, self.humans.variance_corrected()?);
        (self.is_ordinal() && humans > 0.0).then(|| agents / humans)
    }

    /// Entropy of the agents less that of the people, both with the bias of counting taken out, in bits; below 0 where
    /// agents are alike.
    pub fn entropy_gap(&self) -> f64 {
        self.agents.entropy_corrected() - self.humans.entropy_corrected()
    }

    /// Whether the agents' side has too few answers to be judged as a distribution.
    pub fn is_thin(&self) -> bool {
        self.agents.answers.is_some_and(|answers| answers < ENOUGH_REPLICATES)
    }

    /// The best score any single answer could reach, and which option gives it (from 0): 1 − W1 at the people's median for
    /// an ordinal item, 1 − Jensen–Shannon distance at their mode for a nominal one. What a deterministic agent is to be
    /// read beside.
    pub fn best_single_answer(&self) -> (usize, f64) {
        let humans = &self.humans.shares;
        let score = |option: usize| {
            let mut point = vec![0.0; humans.len()];
            point[option] = 1.0;
            if self.is_ordinal() {
                1.0 - wasserstein(&point, humans)
            } else {
                1.0 - libm::sqrt(jensen_shannon(&point, humans))
            }
        };
        (1..humans.len()).fold((0, score(0)), |best, option| {
            let found = score(option);
            if found > best.1 { (option, found) } else { best }
        })
    }
}

/// How near agents' distributions are to their people's, over items.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Distributional {
    /// 1 − mean W1 over ordinal and binary items, 0 to 1.
    pub ordinal: Mean,
    /// 1 − mean Jensen–Shannon distance (base 2) over all items, 0 to 1.
    pub all: Mean,
    /// What the best single answer to each ordinal item would score.
    pub best_single: Mean,
    /// Items on which the agents' side has fewer than [`ENOUGH_REPLICATES`] answers.
    pub thin: u64,
}

/// The distributional scores over items.
pub fn distributional(items: &[Compared<'_>]) -> Distributional {
    let ordinal = || items.iter().filter(|item| item.is_ordinal());
    Distributional {
        ordinal: Mean::of(ordinal().filter_map(Compared::wasserstein).map(|distance| 1.0 - distance)),
        all: Mean::of(items.iter().map(|item| 1.0 - item.distance())),
        best_single: Mean::of(ordinal().map(|item| item.best_single_answer().1)),
        thin: items.iter().filter(|item| item.is_thin()).count() as u64,
    }
}

/// −Σ p log₂ p.
pub(super) fn entropy(shares: &[f64]) -> f64 {
    let used = shares.iter().filter(|share| **share > 0.0);
    // Adding zero takes the sign off a negative zero.
    -used.map(|share| share * libm::log2(*share)).sum::<f64>() + 0.0
}

/// In bits. As ½ Σ p log(2p/(p+q)) + ½ Σ q log(2q/(p+q)): exactly 0 for equal sides and never below.
pub(super) fn jensen_shannon(p: &[f64], q: &[f64]) -> f64 {
    let half = |one: f64, both: f64| if one > 0.0 { one * libm::log2(2.0 * one / both) } else { 0.0 };
    let twice: f64 = p.iter().zip(q).map(|(&p, &q)| half(p, p + q) + half(q, p + q)).sum();
    (twice / 2.0).clamp(0.0, 1.0)
}

pub(super) fn total_variation(p: &[f64], q: &[f64]) -> f64 {
    (p.iter().zip(q).map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0).clamp(0.0, 1.0)
}

pub(super) fn wasserstein(p: &[f64], q: &[f64]) -> f64 {
    let (mut apart, mut sum) = (0.0, 0.0);
    for (p, q) in p.iter().zip(q).take(p.len() - 1) {
        apart += p - q;
        sum += f64::abs(apart);
    }
    (sum / (p.len() - 1) as f64).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::super::bias::multinomial;
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn of(shares: &[f64]) -> Distribution {
        Distribution::from_shares(shares, None).expect("shares")
    }

    #[test]
    fn distances_are_those_worked_out_by_hand() {
        let (agents, humans) = (of(&[1.0, 0.0, 0.0]), of(&[0.25, 0.25, 0.5]));
        let pair = Compared::new(&agents, &humans, Scale::Ordinal).expect("comparable");
        assert_eq!((pair.total_variation(), pair.wasserstein()), (0.75, Some(0.625)));
        // H(.625, .125, .25) − (0 + 1.5)/2.
        let expected = entropy(&[0.625, 0.125, 0.25]) - 0.75;
        assert!((pair.divergence() - expected).abs() < 1e-12);
        assert!((pair.distance() * pair.distance() - expected).abs() < 1e-12);
        assert_eq!(pair.best_single_answer(), (1, 0.625));
        assert_eq!((pair.variance_ratio(), pair.entropy_gap()), (Some(0.0), -1.5));
        let opposed = (of(&[1.0, 0.0]), of(&[0.0, 1.0]));
        let pair = Compared::new(&opposed.0, &opposed.1, Scale::Binary).expect("comparable");
        assert_eq!((pair.divergence(), pair.wasserstein(), pair.variance_ratio()), (1.0, Some(1.0), None));
    }

    #[test]
    fn nominal_items_have_no_ordinal_figures_and_bad_sides_are_refused() {
        let (two, three) = (of(&[0.5, 0.5]), of(&[0.2, 0.3, 0.5]));
        let pair = Compared::new(&two, &two, Scale::Nominal).expect("comparable");
        assert_eq!((pair.wasserstein(), pair.variance_ratio()), (None, None));
        assert_eq!(Compared::new(&two, &three, Scale::Ordinal), Err(DistributionFault::Options(2, 3)));
        let one = of(&[1.0]);
        assert_eq!(Compared::new(&one, &one, Scale::Ordinal), Err(DistributionFault::OneOption));
        assert_eq!(Distribution::from_counts(&[0, 0]), Err(DistributionFault::Empty));
        assert_eq!(Distribution::from_shares(&[0.5, -0.1], None), Err(DistributionFault::NoShare));
        let scores = distributional(&[pair, Compared::new(&three, &three, Scale::Ordinal).expect("comparable")]);
        assert_eq!((scores.ordinal, scores.all), (Mean { value: Some(1.0), n: 1 }, Mean { value: Some(1.0), n: 2 }));
        assert_eq!(distributional(&[]).ordinal.value, None);
    }

    #[test]
    fn a_known_variance_ratio_and_entropy_gap_are_recovered() {
        let (truth_agents, truth_humans) = (of(&[0.1, 0.5, 0.3, 0.1]), of(&[0.3, 0.2, 0.2, 0.3]));
        let truth = truth_agents.variance() / truth_humans.variance();
        let gap = truth_agents.entropy() - truth_humans.entropy();
        let mut rng = ChaCha8Rng::seed_from_u64(12);
        let (draws, n) = (50_000, 50);
        let (mut ratio, mut plain_ratio, mut corrected_gap, mut plain_gap) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..draws {
            let agents = Distribution::from_counts(&multinomial(truth_agents.shares(), n, &mut rng)).expect("answers");
            let pair = Compared::new(&agents, &truth_humans, Scale::Ordinal).expect("comparable");
            ratio += pair.variance_ratio().expect("people vary") / f64::from(draws);
            plain_ratio += agents.variance() / truth_humans.variance() / f64::from(draws);
            corrected_gap += pair.entropy_gap() / f64::from(draws);
            plain_gap += (agents.entropy() - truth_humans.entropy()) / f64::from(draws);
        }
        assert!((ratio - truth).abs() < 0.1 * (plain_ratio - truth).abs(), "{truth} {plain_ratio} {ratio}");
        assert!((corrected_gap - gap).abs() < 0.1 * (plain_gap - gap).abs(), "{gap} {plain_gap} {corrected_gap}");
    }

    fn shares(options: usize) -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(prop_oneof![Just(0.0), 0.0_f64..1.0], options)
            .prop_filter("answers", |shares| shares.iter().sum::<f64>() > 1e-3)
    }

    proptest! {
        #[test]
        fn distances_are_bounded_symmetric_and_metric(
            (a, b, c) in (2_usize..9).prop_flat_map(|m| (shares(m), shares(m), shares(m)))
        ) {
            let (a, b, c) = (of(&a), of(&b), of(&c));
            let figures = |x: &Distribution, y: &Distribution| {
                let pair = Compared::new(x, y, Scale::Ordinal).expect("comparable");
                [pair.distance(), pair.total_variation(), pair.wasserstein().expect("ordinal")]
            };
            let (ab, ba, aa) = (figures(&a, &b), figures(&b, &a), figures(&a, &a));
            let (ac, cb) = (figures(&a, &c), figures(&c, &b));
            for place in 0..3 {
                prop_assert!((0.0..=1.0).contains(&ab[place]));
                prop_assert!((ab[place] - ba[place]).abs() < 1e-7);
                prop_assert!(aa[place] <= 0.0);
                prop_assert!(ab[place] <= ac[place] + cb[place] + 1e-7);
            }
            // The divergence lies between TV²/2-like and TV bounds (Lin 1991): JSD ≤ TV.
            prop_assert!(ab[0] * ab[0] <= ab[1] + 1e-9);
            let entropies = entropy(&a.shares.iter().zip(&b.shares).map(|(p, q)| f64::midpoint(*p, *q)).collect::<Vec<_>>());
            prop_assert!((entropies - f64::midpoint(a.entropy(), b.entropy()) - ab[0] * ab[0]).abs() < 1e-9);
        }

        #[test]
        fn no_single_answer_beats_the_best(humans in shares(5), option in 0_usize..5) {
            let humans = of(&humans);
            let mut point = [0.0; 5];
            point[option] = 1.0;
            let point = of(&point);
            let pair = Compared::new(&point, &humans, Scale::Ordinal).expect("comparable");
            prop_assert!(1.0 - pair.wasserstein().expect("ordinal") <= pair.best_single_answer().1 + 1e-12);
        }
    }
}
