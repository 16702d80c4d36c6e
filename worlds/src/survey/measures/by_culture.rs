//! Answers to an item counted by culture: what is between cultures and what is within them, and how far each is from
//! the people it stands for.

use std::sync::OnceLock;

use libm::{lgamma, log, log2};
use pluriverse_engine::agent::AgentId;
use rayon::prelude::*;

use crate::culture::Culture;
use crate::survey::item::Survey;
use crate::survey::reference::Reference;
use crate::survey::sheet::AnswerSheets;

/// How the agents of one culture answered one item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The culture.
    pub culture: Culture,
    /// How many chose each option (index 0 = option 1).
    pub options: Vec<u64>,
    /// How many gave an answer that is no option.
    pub outside: u64,
}

impl Group {
    /// Answers that are options.
    pub fn answers(&self) -> u64 {
        self.options.iter().sum()
    }
}

/// How the agents of every culture answered every item, by item; cultures ascending.
pub fn groups(sheets: &AnswerSheets, cultures: &[Culture], survey: &Survey) -> Vec<Vec<Group>> {
    let mut present: Vec<Culture> = cultures.to_vec();
    present.sort_unstable();
    present.dedup();
    let empty = || -> Vec<Vec<Group>> {
        let group = |culture: &Culture, options| Group { culture: *culture, options: vec![0; options], outside: 0 };
        survey.items.iter().map(|item| present.iter().map(|c| group(c, item.options.len())).collect()).collect()
    };
    let add = |mut groups: Vec<Vec<Group>>, agent: AgentId| {
        if let Ok(place) = present.binary_search(&cultures[agent.index()]) {
            for (cell, groups) in sheets.row(agent).iter().zip(&mut groups) {
                let group = &mut groups[place];
                // Option 1 is index 0; cells that are no answer lie above every option.
                match group.options.get_mut(usize::from(cell.byte()).wrapping_sub(1)) {
                    Some(count) => *count += 1,
                    None => group.outside += u64::from(cell.is_answer()),
                }
            }
        }
        groups
    };
    let agents: Vec<AgentId> = sheets.agent_ids().collect();
    // Whole numbers: the order of addition cannot show.
    agents.par_chunks(4096).map(|chunk| chunk.iter().copied().fold(empty(), add)).reduce(empty, |mut sum, more| {
        for (sum, more) in sum.iter_mut().flatten().zip(more.into_iter().flatten()) {
            sum.outside += more.outside;
            for (sum, more) in sum.options.iter_mut().zip(more.options) {
                *sum += more;
            }
        }
        sum
    })
}

/// How heterogeneous answers to one item are within cultures and over all.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Heterogeneity {
    /// Mean over cultures of the probability that two agents of one culture answer differently (H_S), 0 to 1.
    pub within: f64,
    /// The probability that two agents answer differently, cultures weighing alike (H_T), 0 to 1.
    pub total: f64,
}

impl Heterogeneity {
    /// The heterogeneity of an item over the cultures with at least two answers; `None` with fewer than two of them.
    ///
    /// With few agents a culture the plain 1 − Σp² is too small; both are corrected for it (Nei & Chesser 1983, eq. 15
    /// and 16, for s groups with harmonic mean size ñ).
    pub fn of(groups: &[Group]) -> Option<Self> {
        let groups: Vec<&Group> = groups.iter().filter(|group| group.answers() > 1).collect();
        if groups.len() < 2 {
            return None;
        }
        let s = groups.len() as f64;
        let size = s / groups.iter().map(|group| 1.0 / group.answers() as f64).sum::<f64>();
        let shares = |group: &Group| -> Vec<f64> {
            group.options.iter().map(|&count| count as f64 / group.answers() as f64).collect()
        };
        let squared = |shares: &[f64]| shares.iter().map(|share| share * share).sum::<f64>();
        let of_each: Vec<Vec<f64>> = groups.iter().map(|group| shares(group)).collect();
        let pooled: Vec<f64> =
            (0..of_each[0].len()).map(|option| of_each.iter().map(|of| of[option]).sum::<f64>() / s).collect();
        let within = size / (size - 1.0) * (1.0 - of_each.iter().map(|of| squared(of)).sum::<f64>() / s);
        let total = 1.0 - squared(&pooled) + within / (size * s);
        Some(Self { within, total })
    }

    /// Cultural F_ST: the share of heterogeneity that lies between cultures, 1 − H_S/H_T (Wright 1951; for survey
    /// answers Muthukrishna et al. 2020). 0: cultures answer alike; 1: each is of one mind, and not of the same. Below
    /// 0 by chance where cultures do not differ. `None` where nobody differs.
    pub fn fst(&self) -> Option<f64> {
        (self.total > 0.0).then(|| 1.0 - self.within / self.total)
    }
}

/// How a population answered every item of a survey; `None` where there is no data.
pub type HumanShares = Vec<Option<HumanAnswers>>;

/// How a population answered one item.
#[derive(Clone, PartialEq, Debug)]
pub struct HumanAnswers {
    /// Its shares over the options, renormalised.
    pub shares: Vec<f64>,
    /// [`jensen_shannon_floor`] by number of answers, as far as it was ever asked for: dear, and asked for again and
    /// again.
    floors: OnceLock<Vec<OnceLock<Option<f64>>>>,
}

impl HumanAnswers {
    /// Of a population with these shares, which sum to 1.
    pub fn new(shares: Vec<f64>) -> Self {
        Self { shares, floors: OnceLock::new() }
    }

    /// [`jensen_shannon`] of agents' answers, less what it would be expected to be if they were drawn from the
    /// population itself. `None` without an answer.
    pub fn jensen_shannon_excess(&self, options: &[u64]) -> Option<f64> {
        Some(jensen_shannon(options, &self.shares)? - self.jensen_shannon_floor(options.iter().sum())?)
    }

    /// [`jensen_shannon_floor`] of so many answers, remembered.
    pub fn jensen_shannon_floor(&self, answers: u64) -> Option<f64> {
        if answers <= FLOOR_EXACT_UP_TO {
            let floors = self.floors.get_or_init(|| vec![OnceLock::new(); FLOOR_EXACT_UP_TO as usize + 1]);
            *floors[answers as usize].get_or_init(|| jensen_shannon_floor(answers, &self.shares))
        } else {
            jensen_shannon_floor(answers, &self.shares)
        }
    }
}

/// The shares of a population over a survey. Codes that are no option of an item are left out.
pub fn human_shares(reference: &Reference, culture: &str, survey: &Survey) -> HumanShares {
    let of_item = |item: &crate::survey::Item| {
        let mut shares = vec![0.0; item.options.len()];
        for &(code, share) in reference.shares(culture, &item.id)? {
            if let Some(cell) = usize::try_from(code - item.first_code).ok().and_then(|place| shares.get_mut(place)) {
                *cell += share;
            }
        }
        let total: f64 = shares.iter().sum();
        (total > 0.0).then(|| HumanAnswers::new(shares.iter().map(|share| share / total).collect()))
    };
    survey.items.iter().map(of_item).collect()
}

/// The mean over cultures, weighed by their agents' answers, of a distance to their people on one item.
pub fn to_humans(
    item: usize,
    groups: &[Group],
    humans: &[Option<HumanShares>],
    distance: fn(&[u64], &HumanAnswers) -> Option<f64>,
) -> Option<f64> {
    let (mut sum, mut answers) = (0.0, 0_u64);
    for group in groups {
        let human = humans.get(group.culture.index()).and_then(|shares| shares.as_ref()?[item].as_ref());
        if let Some(found) = human.and_then(|human| distance(&group.options, human)) {
            sum += found * group.answers() as f64;
            answers += group.answers();
        }
    }
    (answers > 0).then(|| sum / answers as f64)
}

/// F_ST between real populations on one item, from their shares: no correction, because they are whole samples of a
/// thousand and more.
pub fn human_fst(shares: &[&[f64]]) -> Option<f64> {
    if shares.len() < 2 {
        return None;
    }
    let s = shares.len() as f64;
    let squared = |of: &[f64]| of.iter().map(|share| share * share).sum::<f64>();
    let pooled: Vec<f64> = (0..shares[0].len()).map(|o| shares.iter().map(|of| of[o]).sum::<f64>() / s).collect();
    let within = 1.0 - shares.iter().map(|of| squared(of)).sum::<f64>() / s;
    let total = 1.0 - squared(&pooled);
    (total > 0.0).then(|| 1.0 - within / total)
}

/// Normalised Wasserstein-1 distance between agents' answers to an item and human shares: Σ|F_A − F_H| over the cuts
/// between options, divided by their number; 0 alike to 1 opposite ends. `None` without an answer.
pub fn wasserstein(options: &[u64], human: &[f64]) -> Option<f64> {
    let answers: u64 = options.iter().sum();
    if answers == 0 || options.len() < 2 {
        return None;
    }
    let (mut of_agents, mut of_humans, mut sum) = (0, 0.0, 0.0);
    for (&count, &share) in options.iter().zip(human).take(options.len() - 1) {
        of_agents += count;
        of_humans += share;
        sum += (of_agents as f64 / answers as f64 - of_humans).abs();
    }
    Some(sum / (options.len() - 1) as f64)
}

/// What [`wasserstein`] is expected to be for `answers` respondents drawn from the human shares themselves: the floor
/// that sampling alone puts under it. Exact: at each cut the mean absolute deviation of a binomial share (de Moivre
/// 1730).
pub fn wasserstein_floor(answers: u64, human: &[f64]) -> Option<f64> {
    if answers == 0 || human.len() < 2 {
        return None;
    }
    let mut cumulated = 0.0;
    let mut sum = 0.0;
    for share in &human[..human.len() - 1] {
        cumulated += share;
        sum += binomial_deviation(answers, cumulated) / answers as f64;
    }
    Some(sum / (human.len() - 1) as f64)
}

/// What the total variation ½ Σ|p − q| is expected to be for `answers` respondents drawn from the human shares
/// themselves, exactly.
pub fn total_variation_floor(answers: u64, human: &[f64]) -> Option<f64> {
    let deviations = human.iter().map(|&share| binomial_deviation(answers, share) / answers as f64);
    (answers > 0).then(|| deviations.sum::<f64>() / 2.0)
}

/// E|X − np| for X binomial: 2·v·C(n,v)·p^v·(1−p)^(n−v+1) with v = ⌊np⌋ + 1.
fn binomial_deviation(n: u64, p: f64) -> f64 {
    if !(1e-12..=1.0 - 1e-12).contains(&p) {
        return 0.0;
    }
    let n = n as f64;
    let v = (n * p).floor() + 1.0;
    if v > n {
        // Only X = n lies above the mean.
        return 2.0 * libm::exp(n * log(p)) * n * (1.0 - p);
    }
    let choose = lgamma(n + 1.0) - lgamma(v + 1.0) - lgamma(n - v + 1.0);
    2.0 * v * libm::exp(choose + v * log(p) + (n - v + 1.0) * log(1.0 - p))
}

/// Jensen–Shannon divergence (base 2, 0 to 1) between agents' answers to an item and human shares:
/// H((p + q)/2) − (H(p) + H(q))/2. `None` without an answer.
pub fn jensen_shannon(options: &[u64], human: &[f64]) -> Option<f64> {
    let answers: u64 = options.iter().sum();
    let term = |(&count, &of_humans): (&u64, &f64)| divergence(count as f64 / answers as f64, of_humans);
    (answers > 0).then(|| options.iter().zip(human).map(term).sum())
}

/// What one option adds to the divergence.
fn divergence(of_agents: f64, of_humans: f64) -> f64 {
    let entropy = |share: f64| if share > 0.0 { -share * log2(share) } else { 0.0 };
    entropy(f64::midpoint(of_agents, of_humans)) - f64::midpoint(entropy(of_agents), entropy(of_humans))
}

/// Up to this many answers what sampling adds to a divergence is summed exactly.
const FLOOR_EXACT_UP_TO: u64 = 300;

/// What [`jensen_shannon`] is expected to be for `answers` respondents drawn from the human shares themselves: what
/// sampling alone adds to it. Exact for up to 300 answers; for more by the second-order expansion (m − 1)/(8·n·ln 2)
/// over the m options that humans choose.
pub fn jensen_shannon_floor(answers: u64, human: &[f64]) -> Option<f64> {
    if answers == 0 {
        return None;
    }
    let chosen = human.iter().filter(|&&share| share > 0.0);
    if answers > FLOOR_EXACT_UP_TO {
        return Some((chosen.count() as f64 - 1.0) / (8.0 * answers as f64 * std::f64::consts::LN_2));
    }
    let n = answers as f64;
    let expected = |&share: &f64| -> f64 {
        (0..=answers).map(|count| binomial(answers, count, share) * divergence(count as f64 / n, share)).sum()
    };
    Some(chosen.map(expected).sum())
}

/// Probability of `count` among `n` when each has probability `p`.
fn binomial(n: u64, count: u64, p: f64) -> f64 {
    let (n, k) = (n as f64, count as f64);
    if p >= 1.0 {
        return f64::from(u8::from(k >= n));
    }
    let choose = lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
    libm::exp(choose + k * log(p) + (n - k) * libm::log1p(-p))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn group(culture: u16, options: &[u64]) -> Group {
        Group { culture: Culture(culture), options: options.to_vec(), outside: 0 }
    }

    #[test]
    fn cultures_of_one_mind_each_differ_wholly_and_large_alike_ones_not_at_all() {
        let fst = |groups: &[Group]| Heterogeneity::of(groups).and_then(|h| h.fst());
        assert_eq!(fst(&[group(0, &[4, 0]), group(1, &[0, 4])]), Some(1.0));
        // Shares 1/3 and 2/3: F = 1/9 (Muthukrishna et al. 2020), up to the correction for groups of 30,000.
        let found = fst(&[group(0, &[10_000, 20_000]), group(1, &[20_000, 10_000])]).expect("they differ");
        assert!((found - 1.0 / 9.0).abs() < 1e-4, "{found}");
        assert!(
            (human_fst(&[&[1.0 / 3.0, 2.0 / 3.0], &[2.0 / 3.0, 1.0 / 3.0]]).expect("differ") - 1.0 / 9.0).abs() < 1e-12
        );
        assert_eq!(fst(&[group(0, &[1, 0]), group(1, &[0, 4])]), None, "one culture with two answers");
        assert_eq!(fst(&[group(0, &[3, 0]), group(1, &[4, 0])]), None, "nobody differs");
    }

    #[test]
    fn small_groups_of_one_population_do_not_look_like_two() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut draw = |n: usize| {
            let mut options = vec![0; 4];
            (0..n).for_each(|_| options[rng.random_range(0..4_u32) as usize] += 1);
            options
        };
        let (mut within, mut total) = (0.0, 0.0);
        for _ in 0..20_000 {
            let groups = [group(0, &draw(4)), group(1, &draw(4)), group(2, &draw(6))];
            let found = Heterogeneity::of(&groups).expect("three groups");
            within += found.within;
            total += found.total;
        }
        // Both estimate 1 − 4·(1/4)² without bias: uncorrected, H_S would be a quarter too small.
        assert!(
            (within / 20_000.0 - 0.75).abs() < 0.005 && (total / 20_000.0 - 0.75).abs() < 0.005,
            "{within} {total}"
        );
    }

    #[test]
    fn distances_to_humans_lose_what_sampling_adds() {
        const RUNS: u32 = 20_000;
        let human = [0.1, 0.2, 0.4, 0.2, 0.1];
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        for n in [1_u64, 10, 400] {
            let (mut w1, mut jsd) = (0.0, 0.0);
            for _ in 0..RUNS {
                let mut options = vec![0; 5];
                for _ in 0..n {
                    let mut left: f64 = rng.random();
                    let place = human.iter().position(|share| {
                        left -= share;
                        left < 0.0
                    });
                    options[place.unwrap_or(4)] += 1;
                }
                jsd += jensen_shannon(&options, &human).expect("answers") / f64::from(RUNS);
                w1 += wasserstein(&options, &human).expect("answers") / f64::from(RUNS);
            }
            let floor = wasserstein_floor(n, &human).expect("answers");
            assert!((w1 - floor).abs() < 0.02 * w1, "{n}: {w1} {floor}");
            let floor = jensen_shannon_floor(n, &human).expect("answers");
            assert!((jsd - floor).abs() < 0.02 * jsd, "{n}: {jsd} {floor}");
        }
    }

    proptest! {
        #[test]
        fn distances_run_from_alike_to_opposite(options in prop::collection::vec(0_u64..9, 2..9)) {
            prop_assume!(options.iter().sum::<u64>() > 0);
            let total = options.iter().sum::<u64>() as f64;
            let shares: Vec<f64> = options.iter().map(|&count| count as f64 / total).collect();
            prop_assert!(wasserstein(&options, &shares).expect("answers") < 1e-12);
            prop_assert!(jensen_shannon(&options, &shares).expect("answers").abs() < 1e-12);
            let mut opposite = vec![0.0; options.len()];
            opposite[options.len() - 1] = 1.0;
            let mut first = vec![0; options.len()];
            first[0] = 3;
            prop_assert!((wasserstein(&first, &opposite).expect("answers") - 1.0).abs() < 1e-12);
            prop_assert!((jensen_shannon(&first, &opposite).expect("answers") - 1.0).abs() < 1e-12);
        }
    }
}
