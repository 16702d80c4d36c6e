//! The headline figures under every choice a reviewer would question, one table.

use std::sync::Arc;

use pluriverse_agents::parse::ParseRule;
use pluriverse_engine::agent::AgentId;
use pluriverse_worlds::survey::measures::diversity::Mean;
use pluriverse_worlds::survey::{Coding, Scale, Statistic, Survey};
use serde::Serialize;

use super::landscape::{pearson, spearman};
use super::scaled::{Row, Scaled};
use super::systems::Source;

/// How codes become option numbers, and which of equally frequent answers is taken: the two halves of a [`Coding`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HumanRule {
    /// How a population becomes one sheet.
    pub statistic: Statistic,
    /// Whose codes.
    pub codes: Coding,
    /// Whose rule for ties.
    pub ties: Coding,
}

/// Which items count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Items {
    /// All.
    All,
    /// Those with at most five options.
    UpToFiveOptions,
    /// Those whose options lie in order.
    Ordinal,
    /// Those that everybody answered and all populations have data on.
    Common,
}

/// How items weigh.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weights {
    /// By the square of their number of steps, as in eq. 1 and 3.
    BySteps,
    /// All alike: distances between relative positions.
    Equal,
}

/// What becomes of numbers that are no option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutOfRange {
    /// They count as they are (the published scripts').
    Kept,
    /// They count as missing.
    Dropped,
}

/// A way to get the headline figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    /// The human sheets.
    pub humans: HumanRule,
    /// How replies are read.
    pub parse: ParseRule,
    /// The items.
    pub items: Items,
    /// Their weights.
    pub weights: Weights,
    /// Numbers that are no option.
    pub out_of_range: OutOfRange,
}

/// The published way.
pub const PUBLISHED: Way = Way {
    humans: HumanRule { statistic: Statistic::Mode, codes: Coding::AsPublished, ties: Coding::AsPublished },
    parse: ParseRule::Paper,
    items: Items::All,
    weights: Weights::BySteps,
    out_of_range: OutOfRange::Kept,
};

/// The headline figures. All in percent but the coefficients.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Headline {
    /// What is otherwise than published.
    pub choice: &'static str,
    /// Items that count.
    pub items: usize,
    /// Mean over systems of Diversity_P.
    pub pairwise_diversity: Option<f64>,
    /// Diversity_P of the humans.
    pub human_pairwise_diversity: Option<f64>,
    /// Mean over systems of Diversity_S.
    pub structural_diversity: Option<f64>,
    /// Diversity_S of the humans.
    pub human_structural_diversity: Option<f64>,
    /// Systems less diverse (Diversity_P) than the humans, of all.
    pub below_humans: (usize, usize),
    /// Mean over systems of alignment.
    pub alignment: Option<f64>,
    /// Pearson's r of Diversity_P and alignment over systems.
    pub pearson: Option<f64>,
    /// Spearman's ρ of the same.
    pub spearman: Option<f64>,
    /// The most diverse system.
    pub most_diverse: Option<Arc<str>>,
    /// The most aligned system.
    pub most_aligned: Option<Arc<str>>,
}

/// The headline figures the published way, and with one choice otherwise at a time. Choices that make no difference to what
/// these answers are (rules for replies, where there are none) are left out.
pub fn robustness(source: &Source) -> Vec<Headline> {
    let humans = |statistic, codes, ties| Way { humans: HumanRule { statistic, codes, ties }, ..PUBLISHED };
    let (published, corrected) = (Coding::AsPublished, Coding::Corrected);
    let mut ways = vec![
        ("as published", PUBLISHED),
        ("humans by median", humans(Statistic::Median, published, published)),
        ("humans by mean", humans(Statistic::Mean, published, published)),
        ("codes corrected", humans(Statistic::Mode, corrected, published)),
        ("ties by the median", humans(Statistic::Mode, published, corrected)),
        ("codes and ties corrected", humans(Statistic::Mode, corrected, corrected)),
        ("items of at most 5 options", Way { items: Items::UpToFiveOptions, ..PUBLISHED }),
        ("ordinal items only", Way { items: Items::Ordinal, ..PUBLISHED }),
        ("items in common only", Way { items: Items::Common, ..PUBLISHED }),
        ("items weigh alike", Way { weights: Weights::Equal, ..PUBLISHED }),
        ("out of range dropped", Way { out_of_range: OutOfRange::Dropped, ..PUBLISHED }),
    ];
    if source.has_replies() {
        ways.insert(6, ("replies read leniently", Way { parse: ParseRule::Lenient, ..PUBLISHED }));
    }
    ways.into_iter().map(|(choice, way)| headline(source, choice, way)).collect()
}

fn headline(source: &Source, choice: &'static str, way: Way) -> Headline {
    let survey = &source.survey;
    let systems = source.systems(way.parse);
    let value = |answer: i32, options: i32| match way.out_of_range {
        OutOfRange::Dropped if !(1..=options).contains(&answer) => None,
        _ => Some(f64::from(answer)),
    };
    let row = |system: &super::systems::System, agent: AgentId| -> Row {
        let items = survey.items.iter().enumerate();
        items.map(|(index, item)| value(system.sheets.get(agent, index).ok()?, item.option_count())).collect()
    };
    let mut rows: Vec<Vec<Row>> =
        systems.iter().map(|system| system.sheets.agent_ids().map(|agent| row(system, agent)).collect()).collect();
    let mut humans: Vec<Row> = source.cultures.iter().map(|code| human(source, code, way.humans)).collect();
    let counts = counting(survey, way.items, &rows, &humans);
    for row in rows.iter_mut().flatten().chain(&mut humans) {
        row.iter_mut().zip(&counts).filter(|(_, counts)| !**counts).for_each(|(value, _)| *value = None);
    }
    let weights: Vec<f64> = survey
        .items
        .iter()
        .map(|item| match way.weights {
            Weights::BySteps => 1.0,
            Weights::Equal => 1.0 / f64::from(item.span().max(1)).powi(2),
        })
        .collect();
    let scale = Scaled { survey, weights: &weights };
    told(choice, counts.iter().filter(|counts| **counts).count(), &systems, &rows, &humans, &scale)
}

fn told(
    choice: &'static str,
    items: usize,
    systems: &[super::systems::System],
    rows: &[Vec<Row>],
    humans: &[Row],
    scale: &Scaled<'_>,
) -> Headline {
    let diversities: Vec<(Option<f64>, Option<f64>)> = rows.iter().map(|rows| scale.diversity(rows)).collect();
    let alignments: Vec<Option<f64>> = rows.iter().map(|rows| scale.alignment(rows, humans)).collect();
    let human = scale.diversity(humans);
    let pairs: Vec<(f64, f64)> = diversities.iter().zip(&alignments).filter_map(|(d, a)| d.0.zip(*a)).collect();
    let enough = pairs.len() >= 3;
    let largest = |of: &dyn Fn(usize) -> Option<f64>| {
        let known = (0..systems.len()).filter_map(|index| Some((index, of(index)?)));
        known.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|(index, _)| systems[index].name.clone())
    };
    let below = diversities.iter().filter(|(own, _)| own.zip(human.0).is_some_and(|(own, human)| own < human)).count();
    Headline {
        choice,
        items,
        pairwise_diversity: Mean::of(diversities.iter().filter_map(|d| d.0)).value,
        human_pairwise_diversity: human.0,
        structural_diversity: Mean::of(diversities.iter().filter_map(|d| d.1)).value,
        human_structural_diversity: human.1,
        below_humans: (below, systems.len()),
        alignment: Mean::of(alignments.iter().copied().flatten()).value,
        pearson: pearson(&pairs).filter(|_| enough),
        spearman: spearman(&pairs).filter(|_| enough),
        most_diverse: largest(&|index| diversities[index].0),
        most_aligned: largest(&|index| alignments[index]),
    }
}

/// A population's sheet: [`Coding`] holds codes and ties together, and a shift takes them apart.
fn human(source: &Source, code: &str, rule: HumanRule) -> Row {
    let sheet = source.reference.sheet(code, &source.survey, rule.statistic, rule.ties);
    let shift = |(value, item): (Option<f64>, &pluriverse_worlds::survey::Item)| {
        value.map(|value| value + f64::from(rule.codes.shift(item) - rule.ties.shift(item)))
    };
    sheet.into_iter().zip(&source.survey.items).map(shift).collect()
}

/// Which items count.
fn counting(survey: &Survey, items: Items, rows: &[Vec<Row>], humans: &[Row]) -> Vec<bool> {
    let everybody = |index: usize| rows.iter().flatten().chain(humans).all(|row| row[index].is_some());
    let counts = |(index, item): (usize, &pluriverse_worlds::survey::Item)| match items {
        Items::All => true,
        Items::UpToFiveOptions => item.options.len() <= 5,
        Items::Ordinal => item.scale == Scale::Ordinal,
        Items::Common => everybody(index),
    };
    survey.items.iter().enumerate().map(counts).collect()
}
