//! Value dimensions: which items each rests on, and how answers become levels.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pluriverse_worlds::survey::Survey;
use serde::{Deserialize, Serialize};

/// A level on a value dimension: its place in [`Dimension::levels`], 0 being the most of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Level(pub u8);

/// Answers of a person, or of a group by weight: (number of the option from 1, weight ≥ 0).
pub type OptionWeights = [(i32, f64)];

/// The value dimensions of profiles, as an asset.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimensions {
    /// Name of the set.
    pub name: Arc<str>,
    /// Where it comes from.
    pub source: Arc<str>,
    /// The dimensions, in the order in which they are told.
    pub dimensions: Vec<Dimension>,
}

/// One value dimension.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// Identifier, unique in the set.
    pub id: Arc<str>,
    /// What it is called in tables.
    pub name: Arc<str>,
    /// The items it rests on, each counting the same.
    pub items: Vec<ScoredItem>,
    /// Its levels from the most of it to the least.
    pub levels: Vec<LevelWords>,
}

/// One item of a dimension.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoredItem {
    /// Its id in the survey.
    pub item: Arc<str>,
    /// How an answer becomes a number from 0 (none of the dimension) to 1 (most of it).
    pub score: Score,
}

/// How the number o of an option becomes a score. Other options than those named do not count.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Score {
    /// (o − 1) / (options − 1), of the first `options` options: the last is the most.
    Rises {
        /// How many options count.
        options: i32,
    },
    /// (options − o) / (options − 1), of the first `options` options: the first is the most.
    Falls {
        /// How many options count.
        options: i32,
    },
    /// 1 for these options and 0 for the others of the first `options`: for items without an order.
    OneOf {
        /// The options that stand for the dimension.
        these: Vec<i32>,
        /// How many options count.
        options: i32,
    },
}

/// A level in words.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelWords {
    /// The lowest position, from 0 to 1, that is on this level and not on the next.
    pub from: f64,
    /// A sentence or two that tell somebody what it holds.
    pub words: Arc<str>,
}

/// What is wrong with a set of dimensions.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("dimension `{dimension}`: {reason}")]
pub struct DimensionFault {
    /// Which dimension.
    pub dimension: Arc<str>,
    /// What is wrong, and what to write instead.
    pub reason: String,
}

impl Score {
    /// How many options count.
    pub const fn options(&self) -> i32 {
        match self {
            Self::Rises { options } | Self::Falls { options } | Self::OneOf { options, .. } => *options,
        }
    }

    /// The score of an option, 0 to 1; `None` where it does not count.
    pub fn of(&self, option: i32) -> Option<f64> {
        if !(1..=self.options()).contains(&option) {
            return None;
        }
        let span = f64::from((self.options() - 1).max(1));
        Some(match self {
            Self::Rises { .. } => f64::from(option - 1) / span,
            Self::Falls { options } => f64::from(options - option) / span,
            Self::OneOf { these, .. } => f64::from(u8::from(these.contains(&option))),
        })
    }

    /// The mean score of answers; `None` where none of them counts.
    pub fn mean(&self, answers: &OptionWeights) -> Option<f64> {
        let (mut sum, mut total) = (0.0, 0.0);
        for &(option, weight) in answers {
            if let Some(score) = self.of(option) {
                sum += weight * score;
                total += weight;
            }
        }
        (total > 0.0).then(|| sum / total)
    }
}

impl Dimension {
    /// Where answers stand on it, 0 to 1: the mean of its items' mean scores, each item counting the same whatever its
    /// range and however many answered it. Items without an answer that counts are left out; `None` where all are.
    ///
    /// DISCA pools all (respondent, item) values instead and scales them by one range (arXiv 2605.10843), which is the
    /// same where all items have one range and equally many answers.
    pub fn position<'a>(&self, answers: impl Fn(&str) -> Option<&'a OptionWeights>) -> Option<f64> {
        let scores: Vec<f64> =
            self.items.iter().filter_map(|scored| scored.score.mean(answers(&scored.item)?)).collect();
        (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
    }

    /// The level of a position from 0 to 1.
    pub fn level(&self, position: f64) -> Level {
        let place = self.levels.iter().position(|level| position >= level.from);
        Level(place.unwrap_or(self.levels.len().saturating_sub(1)) as u8)
    }
}

impl Dimensions {
    /// The dimension with this id.
    pub fn by_id(&self, id: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|dimension| &*dimension.id == id)
    }

    /// The items that some dimension rests on, each once, in order of first use.
    pub fn items(&self) -> Vec<Arc<str>> {
        let mut seen = BTreeSet::new();
        let items = self.dimensions.iter().flat_map(|dimension| &dimension.items);
        items.filter(|scored| seen.insert(&scored.item)).map(|scored| scored.item.clone()).collect()
    }

    /// The level on every dimension that these answers say something about, by id.
    pub fn levels<'a>(&self, answers: impl Fn(&str) -> Option<&'a OptionWeights>) -> BTreeMap<Arc<str>, Level> {
        let level =
            |dimension: &Dimension| Some((dimension.id.clone(), dimension.level(dimension.position(&answers)?)));
        self.dimensions.iter().filter_map(level).collect()
    }

    /// Everything that is wrong with the set for this survey; empty where nothing is.
    pub fn faults(&self, survey: &Survey) -> Vec<DimensionFault> {
        let mut seen = BTreeSet::new();
        let mut faults = Vec::new();
        for dimension in &self.dimensions {
            let mut add = |reason| faults.push(DimensionFault { dimension: dimension.id.clone(), reason });
            if dimension.id.trim().is_empty() || !seen.insert(&dimension.id) {
                add("every dimension needs an id of its own".to_owned());
            }
            if dimension.items.is_empty() {
                add("it rests on no item".to_owned());
            }
            dimension.items.iter().filter_map(|scored| wrong_item(scored, survey)).for_each(&mut add);
            wrong_levels(&dimension.levels).into_iter().for_each(&mut add);
        }
        faults
    }
}

fn wrong_item(scored: &ScoredItem, survey: &Survey) -> Option<String> {
    let (id, options) = (&scored.item, scored.score.options());
    let Some(place) = survey.position(id) else {
        return Some(format!("the survey `{}` has no item {id}", survey.name));
    };
    let offered = survey.items[place].option_count();
    if !(2..=offered).contains(&options) {
        return Some(format!("{id} has {offered} options, of which 2 or more count, not {options}"));
    }
    if let Score::OneOf { these, .. } = &scored.score {
        let some = !these.is_empty() && these.len() < options as usize;
        if !some || these.iter().any(|option| !(1..=options).contains(option)) {
            return Some(format!("{id}: name some of the options 1 to {options}, and not all"));
        }
    }
    None
}

fn wrong_levels(levels: &[LevelWords]) -> Option<String> {
    let falls = levels.array_windows::<2>().all(|[more, less]| more.from > less.from);
    let ends = levels.last().is_some_and(|last| last.from == 0.0);
    let within = levels.iter().all(|level| (0.0..=1.0).contains(&level.from));
    if !(falls && ends && within) || levels.len() > usize::from(u8::MAX) {
        return Some("`from` falls from level to level, from at most 1 down to 0 at the last".to_owned());
    }
    let silent = levels.iter().position(|level| level.words.trim().is_empty());
    silent.map(|place| format!("level {place} has no words"))
}
