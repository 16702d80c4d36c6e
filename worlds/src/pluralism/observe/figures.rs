//! Figures of a group's answers beside people's, item by item, and what they come to over items and cultures.

use rayon::prelude::*;

use super::people::{HumanOn, OfItem, PeopleOnItems};
use crate::culture::Culture;
use crate::pluralism::Mean;
use crate::pluralism::bias::{Correction, divergence_corrected};
use crate::pluralism::distribution::{Compared, Distribution};
use crate::pluralism::overton::{self, Answered, Overton};
use crate::pluralism::scores::{LogBase, OpinionQuestion, jensen_shannon_distance};
use crate::survey::Scale;
use crate::survey::measures::by_culture::{Group, HumanAnswers, total_variation_floor, wasserstein_floor};

/// A group's answers to an item beside those of its people.
pub struct Pair<'a> {
    item: &'a OfItem,
    answered: Answered<'a>,
    humans: &'a HumanOn,
    agents: Distribution,
    in_order: Option<Distribution>,
    /// What sampling adds to distances from these people; only where they are a population of the reference.
    remembered: Option<&'a HumanAnswers>,
}

impl<'a> Pair<'a> {
    /// `None` where nobody chose an option.
    pub fn new(
        item: &'a OfItem,
        answered: Answered<'a>,
        humans: &'a HumanOn,
        remembered: Option<&'a HumanAnswers>,
    ) -> Option<Self> {
        let agents = Distribution::from_counts(answered.counts).ok()?;
        let in_order = answered.counts.get(..item.in_order).and_then(|counts| Distribution::from_counts(counts).ok());
        Some(Self { item, answered, humans, agents, in_order, remembered })
    }

    fn all(&self) -> Option<Compared<'_>> {
        Compared::new(&self.agents, &self.humans.all, self.item.scale).ok()
    }

    /// Over the options that lie in order; `None` for a nominal item.
    fn ordinal(&self) -> Option<Compared<'_>> {
        Compared::new(self.in_order.as_ref()?, self.humans.in_order.as_ref()?, self.item.scale).ok()
    }

    fn answers_in_order(&self) -> u64 {
        self.in_order.as_ref().and_then(Distribution::answers).unwrap_or_default()
    }

    fn answers(&self) -> u64 {
        self.agents.answers().unwrap_or_default()
    }

    fn overton(&self, threshold: f64) -> Option<Overton> {
        overton::overton(&self.humans.all, self.answered, threshold)
    }
}

/// A figure of a pair: its name, and how it is made.
pub type FigureOf = (&'static str, fn(&Pair<'_>) -> Option<f64>);

/// Distances between distributions. Nominal items enter those of W1 and variance nowhere, and that of total variation
/// alone.
pub const DISTRIBUTION: [FigureOf; 12] = [
    ("distribution_w1", |pair| pair.ordinal()?.wasserstein()),
    ("distribution_w1_people", |pair| {
        wasserstein_floor(pair.answers_in_order(), pair.humans.in_order.as_ref()?.shares())
    }),
    ("distribution_w1_best_single", |pair| Some(1.0 - pair.ordinal()?.best_single_answer().1)),
    ("distribution_jsd", |pair| Some(divergence_corrected(&judgeable(pair)?, Correction::SecondOrder))),
    ("distribution_jsd_uncorrected", |pair| Some(pair.all()?.divergence())),
    ("distribution_jsd_people", |pair| pair.remembered?.jensen_shannon_floor(pair.answers())),
    ("distribution_jsd_distance", |pair| Some(pair.all()?.distance())),
    ("distribution_tv_nominal", |pair| nominal(pair).then(|| Some(pair.all()?.total_variation()))?),
    ("distribution_tv_nominal_people", |pair| {
        nominal(pair).then(|| total_variation_floor(pair.answers(), pair.humans.all.shares()))?
    }),
    ("variance_ratio", |pair| pair.ordinal()?.variance_ratio()),
    ("entropy_gap", |pair| Some(judgeable(pair)?.entropy_gap())),
    ("distribution_thin", |pair| Some(f64::from(u8::from(pair.all()?.is_thin())))),
];

/// Of enough answers: with fewer, corrections of the second order take out more than there is.
fn judgeable<'a>(pair: &'a Pair<'_>) -> Option<Compared<'a>> {
    pair.all().filter(|compared| !compared.is_thin())
}

fn nominal(pair: &Pair<'_>) -> bool {
    pair.item.scale == Scale::Nominal
}

/// GlobalOpinionQA's score, in bits and as scipy has it.
pub const GLOBAL_OPINION_QA: [FigureOf; 2] = [
    ("global_opinion_qa", |pair| similarity(pair, LogBase::Two)),
    ("global_opinion_qa_nats", |pair| similarity(pair, LogBase::E)),
];

fn similarity(pair: &Pair<'_>, base: LogBase) -> Option<f64> {
    Some(1.0 - jensen_shannon_distance(&pair.agents, &pair.humans.all, base)?)
}

/// OpinionQA's alignment of a group with its own people.
pub const OPINION_QA: [FigureOf; 1] = [("opinion_qa", opinion_alignment)];

/// The same of the society with its people pooled.
pub const REPRESENTATIVENESS: [FigureOf; 1] = [("opinion_qa_representativeness", opinion_alignment)];

fn opinion_alignment(pair: &Pair<'_>) -> Option<f64> {
    let value = |option: usize| (option < pair.item.in_order).then_some(option as f64);
    let values: Vec<Option<f64>> = (0..pair.agents.options()).map(value).collect();
    let (model, humans) = (pair.agents.shares(), pair.humans.all.shares());
    OpinionQuestion { values: &values, model, humans }.alignment()
}

/// Overton coverage of the society's pooled answers, and what as many people would show.
pub const OVERTON: [FigureOf; 5] = [
    ("overton_coverage", |pair| Some(pair.overton(overton::THRESHOLD)?.coverage)),
    ("overton_coverage_people", |pair| overton::of_people(&pair.humans.all, pair.answered.total(), overton::THRESHOLD)),
    ("overton_attainable", |pair| Some(pair.overton(overton::THRESHOLD)?.attainable)),
    ("overton_weighted", |pair| Some(pair.overton(overton::THRESHOLD)?.weighted)),
    ("overton_over_reach", |pair| Some(pair.overton(overton::THRESHOLD)?.over_reach)),
];

/// The same of each culture's own answers.
pub const OVERTON_OF_CULTURES: [FigureOf; 5] = [
    ("overton_own_coverage", |pair| Some(pair.overton(overton::THRESHOLD)?.coverage)),
    ("overton_own_coverage_people", |pair| {
        overton::of_people(&pair.humans.all, pair.answered.total(), overton::THRESHOLD)
    }),
    ("overton_own_attainable", |pair| Some(pair.overton(overton::THRESHOLD)?.attainable)),
    ("overton_own_weighted", |pair| Some(pair.overton(overton::THRESHOLD)?.weighted)),
    ("overton_own_over_reach", |pair| Some(pair.overton(overton::THRESHOLD)?.over_reach)),
];

/// What a figure came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Measured {
    /// Its name.
    pub name: &'static str,
    /// By item, of the society; `None` where it is undefined.
    pub items: Vec<Option<f64>>,
    /// The mean over items by culture.
    pub cultures: Vec<(Culture, Mean)>,
}

impl Measured {
    /// The mean over items.
    pub fn mean(&self) -> Mean {
        Mean::of(self.items.iter().flatten().copied())
    }
}

/// Figures of every culture beside its own people. The society's, item by item, is the mean over cultures weighed by
/// their answers, as [`crate::survey::measures::by_culture::to_humans`] has it.
pub fn over_cultures(figures: &[FigureOf], groups: &[Vec<Group>], people: &PeopleOnItems) -> Vec<Measured> {
    let by_item: Vec<Vec<Vec<Option<f64>>>> = groups
        .par_iter()
        .zip(&people.items)
        .enumerate()
        .map(|(item, (groups, of_item))| {
            let of_group = |group: &Group| -> Vec<Option<f64>> {
                let pair = people.on(group.culture, item).and_then(|humans| {
                    Pair::new(of_item, answered(group), humans, people.remembered(group.culture, item))
                });
                figures.iter().map(|(_, figure)| figure(pair.as_ref()?)).collect()
            };
            groups.iter().map(of_group).collect()
        })
        .collect();
    let cultures: Vec<Culture> = groups.first().map_or_else(Vec::new, |of| of.iter().map(|one| one.culture).collect());
    let measured = |(number, (name, _)): (usize, &FigureOf)| Measured {
        name,
        items: by_item.iter().zip(groups).map(|(found, groups)| weighed(number, found, groups)).collect(),
        cultures: cultures
            .iter()
            .enumerate()
            .map(|(place, culture)| (*culture, Mean::of(by_item.iter().filter_map(|found| found[place][number]))))
            .collect(),
    };
    figures.iter().enumerate().map(measured).collect()
}

fn weighed(number: usize, found: &[Vec<Option<f64>>], groups: &[Group]) -> Option<f64> {
    let (mut sum, mut answers) = (0.0, 0_u64);
    for (figures, group) in found.iter().zip(groups) {
        if let Some(value) = figures[number] {
            sum += value * group.answers() as f64;
            answers += group.answers();
        }
    }
    (answers > 0).then(|| sum / answers as f64)
}

/// Figures of all agents together beside their people together: each population counts as much as its agents answered.
pub fn pooled(figures: &[FigureOf], groups: &[Vec<Group>], people: &PeopleOnItems) -> Vec<Measured> {
    let by_item: Vec<Vec<Option<f64>>> = groups
        .par_iter()
        .zip(&people.items)
        .enumerate()
        .map(|(item, (groups, of_item))| {
            let pool = Pool::of(item, groups, people);
            let pair = pool.as_ref().and_then(|pool| {
                let answered = Answered { counts: &pool.counts, outside: pool.outside };
                Some((HumanOn::of(&pool.shares, of_item.in_order)?, answered))
            });
            let pair = pair.as_ref().and_then(|(humans, answered)| Pair::new(of_item, *answered, humans, None));
            figures.iter().map(|(_, figure)| figure(pair.as_ref()?)).collect()
        })
        .collect();
    let measured = |(number, (name, _)): (usize, &FigureOf)| Measured {
        name,
        items: by_item.iter().map(|found| found[number]).collect(),
        cultures: Vec::new(),
    };
    figures.iter().enumerate().map(measured).collect()
}

/// The answers of cultures with data on an item, and their people's.
struct Pool {
    counts: Vec<u64>,
    outside: u64,
    shares: Vec<f64>,
}

impl Pool {
    fn of(item: usize, groups: &[Group], people: &PeopleOnItems) -> Option<Self> {
        let options = groups.first()?.options.len();
        let mut pool = Self { counts: vec![0; options], outside: 0, shares: vec![0.0; options] };
        for group in groups {
            let Some(humans) = people.on(group.culture, item) else { continue };
            let answers = group.answers() as f64;
            pool.outside += group.outside;
            pool.counts.iter_mut().zip(&group.options).for_each(|(sum, more)| *sum += more);
            pool.shares.iter_mut().zip(humans.all.shares()).for_each(|(sum, share)| *sum += answers * share);
        }
        (pool.counts.iter().sum::<u64>() > 0).then_some(pool)
    }
}

/// Coverage of pooled answers at every threshold of the sweep.
pub fn sweep(groups: &[Vec<Group>], people: &PeopleOnItems) -> Vec<(f64, Mean)> {
    let by_item: Vec<Vec<Option<f64>>> = groups
        .par_iter()
        .zip(&people.items)
        .enumerate()
        .map(|(item, (groups, of_item))| {
            let Some(pool) = Pool::of(item, groups, people) else { return Vec::new() };
            let Some(humans) = HumanOn::of(&pool.shares, of_item.in_order) else { return Vec::new() };
            let answered = Answered { counts: &pool.counts, outside: pool.outside };
            let found = overton::sweep(&humans.all, answered, &overton::SWEEP);
            found.into_iter().map(|(_, found)| found.map(|found| found.coverage)).collect()
        })
        .collect();
    let mean = |place: usize| Mean::of(by_item.iter().filter_map(|found| found.get(place).copied().flatten()));
    overton::SWEEP.iter().enumerate().map(|(place, &threshold)| (threshold, mean(place))).collect()
}

fn answered(group: &Group) -> Answered<'_> {
    Answered { counts: &group.options, outside: group.outside }
}
