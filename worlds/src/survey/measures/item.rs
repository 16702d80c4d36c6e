//! Figures about one item: how far agents differ on it, how near they are to their populations, how much they agree.

use std::collections::BTreeMap;

use pluriverse_engine::agent::AgentId;
use rayon::prelude::*;

use super::diversity::Mean;
use crate::survey::item::Survey;
use crate::survey::reference::ReferenceSheet;
use crate::survey::sheet::AnswerSheets;

/// D_q: mean over pairs of agents of |x − y| / Δ on one item, 0 to 1 (arXiv 2606.05985, figure 1 right).
///
/// Linear in the number of agents: answers are few, so pairs are counted by answer.
pub fn diversity(answers: &[i32], span: i32) -> Mean {
    let n = answers.len() as u64;
    if n < 2 || span <= 0 {
        return Mean { value: None, n: 0 };
    }
    let mut sorted = answers.to_vec();
    sorted.sort_unstable();
    // Σ over pairs of |x − y| from ranks: exact in whole numbers.
    let sum: i64 =
        sorted.iter().enumerate().map(|(rank, &answer)| i64::from(answer) * (2 * rank as i64 + 1 - n as i64)).sum();
    let pairs = n * (n - 1) / 2;
    Mean { value: Some(sum as f64 / f64::from(span) / pairs as f64), n: pairs }
}

/// A_q: 1 − mean over agents of |x − μ| / Δ on one item, where `targets` are the reference values of the agents'
/// own populations (arXiv 2606.05985, figure 1 right). At most 1; below 0 only for answers outside the options.
pub fn alignment(answers_and_targets: &[(i32, f64)], span: i32) -> Mean {
    if span <= 0 {
        return Mean { value: None, n: 0 };
    }
    let distance = Mean::of(
        answers_and_targets.iter().map(|&(answer, target)| (f64::from(answer) - target).abs() / f64::from(span)),
    );
    Mean { value: distance.value.map(|distance| 1.0 - distance), n: distance.n }
}

/// The answers to one item that were given, with who gave them.
pub fn answers(sheets: &AnswerSheets, item: usize) -> Vec<(AgentId, i32)> {
    sheets.agent_ids().filter_map(|agent| sheets.get(agent, item).ok().map(|answer| (agent, answer))).collect()
}

/// The answers to one item with the reference value of each agent's population, where both exist.
pub fn answers_with_targets<'a>(
    sheets: &AnswerSheets,
    item: usize,
    reference_of: impl Fn(AgentId) -> Option<&'a ReferenceSheet>,
) -> Vec<(i32, f64)> {
    answers(sheets, item)
        .into_iter()
        .filter_map(|(agent, answer)| Some((answer, reference_of(agent)?[item]?)))
        .collect()
}

/// How the answers to an item are spread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spread {
    /// How many agents chose each option (index 0 = option 1).
    pub options: Vec<u64>,
    /// How many gave each number that is no option, by number; numbers beyond a byte count as one.
    pub outside: BTreeMap<u8, u64>,
}

impl Spread {
    fn empty(options: usize) -> Self {
        Self { options: vec![0; options], outside: BTreeMap::new() }
    }

    fn merge(&mut self, other: Self) {
        for (sum, more) in self.options.iter_mut().zip(other.options) {
            *sum += more;
        }
        for (number, more) in other.outside {
            *self.outside.entry(number).or_default() += more;
        }
    }

    /// Answers given, options or not.
    pub fn answered(&self) -> u64 {
        self.options.iter().sum::<u64>() + self.outside.values().sum::<u64>()
    }

    /// Share of the most frequent answer, option or not, 0 to 1; `None` for fewer than two answers.
    pub fn plurality(&self) -> Option<f64> {
        let top = self.options.iter().chain(self.outside.values()).max().copied()?;
        let answered = self.answered();
        (answered > 1).then(|| top as f64 / answered as f64)
    }
}

/// The spread of the answers to every measured item, in one pass over the sheets.
pub fn spreads(sheets: &AnswerSheets, survey: &Survey) -> Vec<Spread> {
    let agents: Vec<AgentId> = sheets.agent_ids().collect();
    let empty = || -> Vec<Spread> { survey.measured().iter().map(|item| Spread::empty(item.options.len())).collect() };
    let add = |mut spreads: Vec<Spread>, agent: AgentId| {
        for (cell, spread) in sheets.row(agent).iter().zip(&mut spreads) {
            // Option 1 is index 0; cells that are no answer lie above every option.
            match spread.options.get_mut(usize::from(cell.byte()).wrapping_sub(1)) {
                Some(count) => *count += 1,
                None if cell.is_answer() => *spread.outside.entry(cell.byte()).or_default() += 1,
                None => {}
            }
        }
        spreads
    };
    // Whole numbers: the order of addition cannot show.
    agents.par_chunks(4096).map(|chunk| chunk.iter().copied().fold(empty(), add)).reduce(empty, |mut sum, more| {
        for (sum, more) in sum.iter_mut().zip(more) {
            sum.merge(more);
        }
        sum
    })
}

/// Shannon entropy of the answers that are options divided by that of a uniform spread over the options, 0 (one answer)
/// to 1; `None` for fewer than two such answers.
pub fn entropy(histogram: &[u64]) -> Option<f64> {
    let total: u64 = histogram.iter().sum();
    if total < 2 || histogram.len() < 2 {
        return None;
    }
    let entropy: f64 = histogram
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = count as f64 / total as f64;
            -share * libm::log(share)
        })
        .sum();
    // Adding zero takes the sign off a negative zero.
    Some(entropy / libm::log(histogram.len() as f64) + 0.0)
}

/// Van der Eijk's agreement A of an ordered histogram: 1 when all agents choose one option, 0 for a uniform spread,
/// −1 when they split between the two ends (van der Eijk 2001).
///
/// The histogram is peeled in layers of equal height; each layer weighs its share of the agents. For fewer than three
/// options unimodality is undefined and A is 1 − (share of used options beyond the first) as for every layer pattern
/// without triples.
pub fn agreement(histogram: &[u64]) -> Option<f64> {
    let total: u64 = histogram.iter().sum();
    if total < 2 || histogram.len() < 2 {
        return None;
    }
    let mut rest = histogram.to_vec();
    let mut agreement = 0.0;
    while let Some(height) = rest.iter().copied().filter(|&count| count > 0).min() {
        let layer: Vec<bool> = rest.iter().map(|&count| count > 0).collect();
        let used = layer.iter().filter(|&&used| used).count();
        let weight = (height * used as u64) as f64 / total as f64;
        agreement += weight * layer_agreement(&layer, used);
        for count in &mut rest {
            *count = count.saturating_sub(height);
        }
    }
    Some(agreement)
}

fn layer_agreement(layer: &[bool], used: usize) -> f64 {
    let options = layer.len();
    let spread = 1.0 - (used as f64 - 1.0) / (options as f64 - 1.0);
    if used == 1 {
        return 1.0;
    }
    if options < 3 {
        return spread;
    }
    let (mut unimodal, mut bimodal) = (0.0, 0.0);
    for i in 0..options {
        for j in i + 1..options {
            for k in j + 1..options {
                match (layer[i], layer[j], layer[k]) {
                    (true, false, true) => bimodal += 1.0,
                    (true, true, false) | (false, true, true) => unimodal += 1.0,
                    _ => {}
                }
            }
        }
    }
    if unimodal + bimodal == 0.0 {
        // Every option is used: flat.
        return spread;
    }
    let k = options as f64;
    let unimodality = ((k - 2.0) * unimodal - (k - 1.0) * bimodal) / ((k - 2.0) * (unimodal + bimodal));
    unimodality * spread
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn agreement_has_its_published_values() {
        // Van der Eijk 2001, table 1, patterns of seven categories, and the extremes.
        let cases: [(&[u64], f64); 6] = [
            (&[0, 0, 9, 0, 0], 1.0),
            (&[3, 3, 3, 3, 3], 0.0),
            (&[5, 0, 0, 0, 5], -1.0),
            (&[1, 1, 0, 0, 0, 0, 0], 5.0 / 6.0),
            (&[1, 0, 0, 0, 0, 0, 1], -1.0),
            (&[5, 5], 0.0),
        ];
        for (histogram, expected) in cases {
            let value = agreement(histogram).expect("agents answered");
            assert!((value - expected).abs() < 1e-12, "{histogram:?}: {value}");
        }
    }

    #[test]
    fn entropy_runs_from_one_answer_to_a_uniform_spread() {
        assert_eq!(entropy(&[0, 4, 0]), Some(0.0));
        assert!((entropy(&[2, 2, 2, 2]).expect("answers") - 1.0).abs() < 1e-12);
        assert_eq!(entropy(&[0, 0]), None);
        assert_eq!(entropy(&[1, 0]), None);
    }

    #[test]
    fn a_number_that_is_no_option_is_an_answer_of_its_own_and_one_answer_is_no_spread() {
        let spread = |outside: &[(u8, u64)], options: &[u64]| Spread {
            options: options.to_vec(),
            outside: outside.iter().copied().collect(),
        };
        assert_eq!(spread(&[], &[1, 3]).plurality(), Some(0.75));
        assert_eq!(spread(&[(0, 4)], &[2, 2]).plurality(), Some(0.5));
        assert_eq!(spread(&[(0, 1)], &[0, 4]).plurality(), Some(0.8));
        assert_eq!(spread(&[(0, 5)], &[0, 0]).plurality(), Some(1.0));
        assert_eq!(spread(&[], &[1, 0]).plurality(), None);
    }

    proptest! {
        #[test]
        fn diversity_from_ranks_is_diversity_over_pairs(
            answers in prop::collection::vec(-3_i32..12, 2..12), span in 1_i32..11
        ) {
            let mut sum = 0.0;
            let mut pairs = 0_u64;
            for (first, a) in answers.iter().enumerate() {
                for b in &answers[first + 1..] {
                    sum += f64::from((a - b).abs()) / f64::from(span);
                    pairs += 1;
                }
            }
            let mean = diversity(&answers, span);
            prop_assert_eq!(mean.n, pairs);
            prop_assert!((mean.value.expect("pairs") - sum / pairs as f64).abs() < 1e-12);
        }

        #[test]
        fn agreement_and_entropy_stay_in_range_and_ignore_scale(
            histogram in prop::collection::vec(0_u64..9, 2..11), factor in 1_u64..5
        ) {
            prop_assume!(histogram.iter().sum::<u64>() > 1);
            let scaled: Vec<u64> = histogram.iter().map(|count| count * factor).collect();
            let (a, e) = (agreement(&histogram).expect("answers"), entropy(&histogram).expect("answers"));
            prop_assert!((-1.0 - 1e-12..=1.0 + 1e-12).contains(&a));
            prop_assert!((-1e-12..=1.0 + 1e-12).contains(&e));
            prop_assert!((a - agreement(&scaled).expect("answers")).abs() < 1e-9);
            prop_assert!((e - entropy(&scaled).expect("answers")).abs() < 1e-9);
        }
    }
}
