//! Groups of people by culture and any cross of demographics, and what each answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Profile;
use super::dimensions::{Dimensions, Level};
use super::tally::{ItemTally, Tally};
use super::traits::{Demographic, Trait};

/// The traits of a cell, one a demographic of the cross and in its order; `None` where the survey has no answer.
pub type CellKey = Vec<Option<Trait>>;

/// Weighted cells: people of the same culture with the same traits are one cell. What is held grows with the number of
/// cells and not with the number of people.
#[derive(Clone, PartialEq, Debug)]
pub struct Cells {
    cross: Vec<Demographic>,
    items: Vec<Arc<str>>,
    options: Vec<i32>,
    cultures: BTreeMap<Arc<str>, BTreeMap<CellKey, Tally>>,
}

impl Cells {
    /// No cells yet, crossed by these demographics, over these items with their numbers of options.
    pub fn new(cross: Vec<Demographic>, items: Vec<(Arc<str>, i32)>) -> Self {
        let (items, options) = items.into_iter().unzip();
        Self { cross, items, options, cultures: BTreeMap::new() }
    }

    /// What the cells are crossed by. The last is given up first where cells are too small.
    pub fn cross(&self) -> &[Demographic] {
        &self.cross
    }

    /// The items counted, in order.
    pub fn items(&self) -> &[Arc<str>] {
        &self.items
    }

    /// The cultures with people, by code.
    pub fn cultures(&self) -> impl Iterator<Item = &Arc<str>> {
        self.cultures.keys()
    }

    /// The cells of a culture in the order of their traits; none where there are no people of it.
    pub fn of_culture(&self, culture: &str) -> impl Iterator<Item = (&CellKey, &Tally)> {
        self.cultures.get(culture).into_iter().flatten()
    }

    /// Everybody of a culture with these traits, whatever they are otherwise; of each demographic at most one, and only
    /// of those the cells are crossed by. No traits ask for the whole culture. `None` where there is nobody.
    pub fn group(&self, culture: &str, traits: &[Trait]) -> Option<Tally> {
        let held = |key: &CellKey, one| key.iter().flatten().any(|held| held == one);
        let mut cells = self.of_culture(culture).filter(|(key, _)| traits.iter().all(|one| held(key, one)));
        let mut group = cells.next()?.1.clone();
        cells.for_each(|(_, tally)| group.merge(tally));
        Some(group)
    }

    /// The answers of a group to an item.
    pub fn answers<'a>(&self, group: &'a Tally, item: &str) -> Option<&'a ItemTally> {
        group.item(self.items.iter().position(|known| &**known == item)?)
    }

    /// The level of a group on every dimension that its answers say something about.
    pub fn levels(&self, group: &Tally, dimensions: &Dimensions) -> BTreeMap<Arc<str>, Level> {
        dimensions.levels(|item| Some(self.answers(group, item)?.weights()))
    }

    /// The profile of everybody of a culture with these traits: the traits, and the levels of the group. `None` where
    /// there is nobody. The age bands of a culture and no traits at all give the four personas of a DISCA panel.
    pub fn profile(&self, culture: &str, traits: &[Trait], dimensions: &Dimensions) -> Option<Profile> {
        let group = self.group(culture, traits)?;
        Some(Profile { values: self.levels(&group, dimensions), ..Profile::of_traits(traits) })
    }

    /// Adds somebody. An answer is the place of its option from 0, one an item in order; `None` where there is none.
    pub fn add(&mut self, culture: &Arc<str>, traits: &CellKey, weight: f64, answers: &[Option<u8>]) {
        if !self.cultures.contains_key(culture) {
            self.cultures.insert(culture.clone(), BTreeMap::new());
        }
        let Some(cells) = self.cultures.get_mut(culture) else { return };
        if let Some(tally) = cells.get_mut(traits) {
            tally.add(weight, answers);
        } else {
            let mut tally = Tally::new(&self.options);
            tally.add(weight, answers);
            cells.insert(traits.clone(), tally);
        }
    }

    /// How many people of all cultures gave each option of the item at this place.
    pub(super) fn counts(&self, item: usize) -> Vec<u64> {
        let mut counts = vec![0; self.options.get(item).map_or(0, |&options| options as usize)];
        for answers in self.cultures.values().flat_map(BTreeMap::values).filter_map(|tally| tally.item(item)) {
            counts.iter_mut().zip(answers.counts()).for_each(|(sum, count)| *sum += count);
        }
        counts
    }

    /// Moves the answers to the item at this place to other options (see [`ItemTally::relabel`]).
    pub(super) fn relabel(&mut self, item: usize, moves: Option<&[(usize, usize)]>, count: i32) {
        for tally in self.cultures.values_mut().flat_map(BTreeMap::values_mut) {
            if let Some(answers) = tally.item_mut(item) {
                answers.relabel(moves, count);
            }
        }
        if let Some(options) = self.options.get_mut(item) {
            *options = count;
        }
    }
}
