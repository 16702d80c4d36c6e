//! Profiles drawn from cells: a cell by its share of its culture's weight, cells too small to tell pooled upwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand_chacha::rand_core::Rng;

use super::cells::Cells;
use super::dimensions::Dimensions;
use super::tally::Tally;
use super::traits::Trait;
use super::{Profile, drawn_by_weight};

/// The profiles of a culture with their shares.
#[derive(Clone, PartialEq, Debug)]
pub struct Pool {
    /// At least one.
    entries: Vec<PoolEntry>,
}

/// One profile of a culture.
#[derive(Clone, PartialEq, Debug)]
pub struct PoolEntry {
    /// The traits of its group, and the group's levels.
    pub profile: Profile,
    /// How often it is drawn, above 0 and up to 1: the weight of the cells it stands for, of all of the culture's.
    pub share: f64,
    /// How many people its levels rest on.
    pub respondents: u64,
    /// Kish's effective number of them.
    pub effective: f64,
}

/// Why no profiles can be drawn.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum PoolFault {
    /// A culture without people.
    #[error("the microdata hold nobody of {culture}; they hold {known}")]
    NoCulture {
        /// Its code.
        culture: Arc<str>,
        /// The cultures there are.
        known: String,
    },
    /// A culture too small as a whole.
    #[error("all of {culture} together are effectively {effective:.1} people, fewer than the {minimum} asked for")]
    TooSmall {
        /// Its code.
        culture: Arc<str>,
        /// Kish's effective number of its people.
        effective: f64,
        /// The smallest that was to be relied on.
        minimum: f64,
    },
    /// A minimum that is none.
    #[error("the smallest cell is a number of people from 1 on, not {minimum}")]
    Minimum {
        /// What was written.
        minimum: f64,
    },
}

impl Pool {
    /// The profiles of a culture. A cell whose effective number of people is below `minimum` (at least 1) gives up its
    /// last trait, then the one before, until the group of all people with the traits left reaches it: its people are
    /// then drawn with those traits only and with the levels of that group. Every cell keeps its weight, so that shares
    /// of traits are those of the culture wherever the traits are still told.
    ///
    /// The minimum is that of people; an item of which fewer people were asked rests on fewer.
    ///
    /// # Errors
    /// A culture without people or with fewer than the minimum, or a minimum below 1.
    pub fn new(cells: &Cells, culture: &str, minimum: f64, dimensions: &Dimensions) -> Result<Self, PoolFault> {
        if !(minimum >= 1.0 && minimum.is_finite()) {
            return Err(PoolFault::Minimum { minimum });
        }
        let groups = groups(cells, culture);
        let Some(whole) = groups.get(&[][..]) else {
            let known: Vec<&str> = cells.cultures().map(|code| &**code).collect();
            let known = if known.is_empty() { "nobody".to_owned() } else { known.join(", ") };
            return Err(PoolFault::NoCulture { culture: Arc::from(culture), known });
        };
        if whole.effective() < minimum {
            let culture = Arc::from(culture);
            return Err(PoolFault::TooSmall { culture, effective: whole.effective(), minimum });
        }
        let mut shares: BTreeMap<&[Option<Trait>], f64> = BTreeMap::new();
        for (key, tally) in cells.of_culture(culture).filter(|(_, tally)| tally.weight() > 0.0) {
            let large = |depth: &usize| groups.get(&key[..*depth]).is_some_and(|group| group.effective() >= minimum);
            let depth = (0..=key.len()).rev().find(large).unwrap_or(0);
            *shares.entry(&key[..depth]).or_default() += tally.weight();
        }
        let entry = |(key, weight): (&[Option<Trait>], f64)| {
            let group = groups.get(key)?;
            let values = cells.levels(group, dimensions);
            let profile = Profile { values, ..Profile::of_traits(key.iter().flatten()) };
            let (respondents, effective) = (group.respondents(), group.effective());
            Some(PoolEntry { profile, share: weight / whole.weight(), respondents, effective })
        };
        Ok(Self { entries: shares.into_iter().filter_map(entry).collect() })
    }

    /// The profiles, in the order of their traits; shares sum to 1.
    pub fn entries(&self) -> &[PoolEntry] {
        &self.entries
    }

    /// A profile, drawn by its share with one word of the stream.
    pub fn draw(&self, rng: &mut impl Rng) -> &Profile {
        &self.entries[self.draw_place(rng)].profile
    }

    /// The place among the entries of a profile drawn by its share, with one word of the stream.
    pub fn draw_place(&self, rng: &mut impl Rng) -> usize {
        drawn_by_weight(self.entries.iter().map(|entry| entry.share), rng).unwrap_or_default()
    }
}

/// Every group that cells of a culture belong to: of all traits of a cell, of all but the last, and so on down to none.
fn groups<'a>(cells: &'a Cells, culture: &str) -> BTreeMap<&'a [Option<Trait>], Tally> {
    let mut groups: BTreeMap<&[Option<Trait>], Tally> = BTreeMap::new();
    for (key, tally) in cells.of_culture(culture) {
        for depth in 0..=key.len() {
            groups.entry(&key[..depth]).and_modify(|group| group.merge(tally)).or_insert_with(|| tally.clone());
        }
    }
    groups
}
