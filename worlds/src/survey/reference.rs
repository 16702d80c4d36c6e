//! The human reference: answer shares of real populations, and the sheet a population is summarised by.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::item::{Item, Survey};

/// How a population's answers to an item become one value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Statistic {
    /// The most frequent answer (the paper's).
    #[default]
    Mode,
    /// The middle answer.
    Median,
    /// The mean answer.
    Mean,
}

impl Statistic {
    /// Every statistic.
    pub const ALL: [Self; 3] = [Self::Mode, Self::Median, Self::Mean];

    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mode => "mode",
            Self::Median => "median",
            Self::Mean => "mean",
        }
    }
}

/// How codes of data files become option numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Coding {
    /// As the paper's scripts do it, to reproduce its digits: codes are compared with option numbers unshifted, also
    /// where a file counts from 0, and of two equally frequent answers the first in file order is taken.
    AsPublished,
    /// Codes of zero-based items are shifted to option numbers; of equally frequent answers the one nearest the
    /// median is taken, then the smaller.
    #[default]
    Corrected,
}

impl Coding {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AsPublished => "as_published",
            Self::Corrected => "corrected",
        }
    }

    /// What is added to a data file's code under this coding.
    pub fn shift(self, item: &Item) -> i32 {
        match self {
            Self::AsPublished => 0,
            Self::Corrected => 1 - item.first_code,
        }
    }
}

/// Shares of one population on one item: (code, share) in file order. Shares need not sum to 1: non-answers were
/// dropped from the published figures.
pub type Shares = Vec<(i32, f64)>;

/// Answer shares of real populations, by culture code and item id.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Reference {
    /// Name of the reference.
    pub name: Arc<str>,
    /// Where the figures come from.
    pub source: Arc<str>,
    shares: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Shares>>,
}

/// A population summarised as one value an item, in the units of answers; `None` where there is no data.
pub type ReferenceSheet = Vec<Option<f64>>;

impl Reference {
    /// An empty reference.
    pub fn new(name: &str, source: &str) -> Self {
        Self { name: Arc::from(name), source: Arc::from(source), shares: BTreeMap::new() }
    }

    /// Adds the shares of one population on one item, in file order; the reason where they cannot be. Empty shares mean
    /// no data.
    pub fn insert(&mut self, culture: &str, item: &str, shares: Shares) -> Result<(), String> {
        const LARGEST: f64 = 1e12;
        let what = format!("{culture} {item}");
        if let Some((code, share)) = shares.iter().find(|(_, share)| !(0.0..=LARGEST).contains(share)) {
            return Err(format!("{what}: {share} is no share (code {code})"));
        }
        let mut codes: Vec<i32> = shares.iter().map(|&(code, _)| code).collect();
        codes.sort_unstable();
        if let Some([twice, _]) = codes.array_windows::<2>().find(|[a, b]| a == b) {
            return Err(format!("{what}: code {twice} is there twice"));
        }
        let items = self.shares.entry(Arc::from(culture)).or_default();
        if items.contains_key(item) {
            return Err(format!("{what} is there twice"));
        }
        items.insert(Arc::from(item), shares);
        Ok(())
    }

    /// The cultures with data, by code.
    pub fn cultures(&self) -> impl Iterator<Item = &Arc<str>> {
        self.shares.keys()
    }

    /// Whether there is data for this culture.
    pub fn has_culture(&self, culture: &str) -> bool {
        self.shares.contains_key(culture)
    }

    /// The shares of a population on an item, where there is data.
    pub fn shares(&self, culture: &str, item: &str) -> Option<&Shares> {
        self.shares.get(culture)?.get(item).filter(|shares| shares.iter().any(|&(_, share)| share > 0.0))
    }

    /// Codes found for an item in any population that are no option of it: (culture, code).
    pub fn codes_outside(&self, item: &Item) -> Vec<(Arc<str>, i32)> {
        let codes = item.first_code..item.first_code + item.option_count();
        self.shares
            .iter()
            .flat_map(|(culture, items)| {
                let codes = codes.clone();
                items
                    .get(&item.id)
                    .into_iter()
                    .flatten()
                    .filter(move |(code, _)| !codes.contains(code))
                    .map(|&(code, _)| (culture.clone(), code))
            })
            .collect()
    }

    /// A population summarised over a survey.
    pub fn sheet(&self, culture: &str, survey: &Survey, statistic: Statistic, coding: Coding) -> ReferenceSheet {
        survey
            .items
            .iter()
            .map(|item| {
                let shares = self.shares(culture, &item.id)?;
                let code = match statistic {
                    Statistic::Mode => f64::from(mode(shares, coding)),
                    Statistic::Median => f64::from(median(shares)),
                    Statistic::Mean => mean(shares),
                };
                Some(code + f64::from(coding.shift(item)))
            })
            .collect()
    }

    /// Mean position of a population on an item, 0 (first option) to 1 (last), with codes corrected.
    pub fn mean_position(&self, culture: &str, item: &Item) -> Option<f64> {
        let shares = self.shares(culture, &item.id)?;
        Some((mean(shares) - f64::from(item.first_code)) / f64::from(item.span().max(1)))
    }
}

fn mode(shares: &Shares, coding: Coding) -> i32 {
    let top = shares.iter().map(|&(_, share)| share).fold(f64::MIN, f64::max);
    let tied = shares.iter().filter(|&&(_, share)| share >= top).map(|&(code, _)| code);
    match coding {
        Coding::AsPublished => tied.into_iter().next().unwrap_or_default(),
        Coding::Corrected => {
            let middle = median(shares);
            tied.min_by_key(|&code| ((code - middle).abs(), code)).unwrap_or_default()
        }
    }
}

fn median(shares: &Shares) -> i32 {
    let mut ordered = shares.clone();
    ordered.sort_by_key(|&(code, _)| code);
    let half = ordered.iter().map(|&(_, share)| share).sum::<f64>() / 2.0;
    let mut below = 0.0;
    for &(code, share) in &ordered {
        below += share;
        if below >= half {
            return code;
        }
    }
    ordered.last().map_or(0, |&(code, _)| code)
}

fn mean(shares: &Shares) -> f64 {
    let mut ordered = shares.clone();
    ordered.sort_by_key(|&(code, _)| code);
    let total: f64 = ordered.iter().map(|&(_, share)| share).sum();
    ordered.iter().map(|&(code, share)| f64::from(code) * share).sum::<f64>() / total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::item::Scale;

    fn item(first_code: i32, options: usize) -> Item {
        Item {
            id: Arc::from("Q1"),
            theme: Arc::from("t"),
            question: Arc::from("q"),
            options: vec![Arc::from("o"); options],
            scale: Scale::Ordinal,
            first_code,
            paper: true,
        }
    }

    fn summarised(shares: &[(i32, f64)], first_code: i32, statistic: Statistic, coding: Coding) -> f64 {
        let survey = Survey { name: Arc::from("s"), source: Arc::from(""), items: vec![item(first_code, 5)], aside: 0 };
        let mut reference = Reference::new("r", "");
        reference.insert("AAA", "Q1", shares.to_vec()).expect("usable");
        reference.sheet("AAA", &survey, statistic, coding)[0].expect("the item has data")
    }

    #[test]
    fn a_population_is_summarised_as_the_statistic_and_coding_say() {
        let tied = [(5, 0.3), (1, 0.3), (2, 0.2)];
        let cases = [
            (&tied[..], 1, Statistic::Mode, Coding::AsPublished, 5.0),
            (&tied[..], 1, Statistic::Mode, Coding::Corrected, 1.0),
            (&tied[..], 1, Statistic::Median, Coding::Corrected, 2.0),
            (&tied[..], 1, Statistic::Mean, Coding::Corrected, (1.5 + 0.3 + 0.4) / 0.8),
            (&[(0, 0.6), (1, 0.2)][..], 0, Statistic::Mode, Coding::AsPublished, 0.0),
            (&[(0, 0.6), (1, 0.2)][..], 0, Statistic::Mode, Coding::Corrected, 1.0),
        ];
        for (shares, first_code, statistic, coding, expected) in cases {
            let value = summarised(shares, first_code, statistic, coding);
            assert!((value - expected).abs() < 1e-12, "{statistic:?} {coding:?}: {value}");
        }
    }

    #[test]
    fn items_without_data_have_no_value() {
        let mut reference = Reference::new("r", "");
        reference.insert("AAA", "Q1", Vec::new()).expect("usable");
        for wrong in [vec![(1, -0.1)], vec![(1, f64::NAN)], vec![(1, 0.5), (1, 0.5)], vec![(1, 0.5)]] {
            assert!(reference.insert("AAA", "Q1", wrong).is_err());
        }
        assert!(reference.shares("AAA", "Q1").is_none());
        assert!(reference.shares("BBB", "Q1").is_none());
    }
}
