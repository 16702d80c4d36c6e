//! The people a society stands for, made ready once for what is measured on every tick.

use std::sync::Arc;

use bevy_ecs::prelude::Resource;

use crate::culture::Culture;
use crate::pluralism::distribution::Distribution;
use crate::survey::measures::by_culture::{HumanAnswers, HumanShares};
use crate::survey::{Item, Scale, Survey};

/// Items of the World Values Survey whose last option stands outside the order of the others ("not a national", "no
/// right to vote"), with how many options they then have.
const LAST_STANDS_OUTSIDE: [(&str, usize); 3] = [("Q221", 4), ("Q222", 4), ("Q254", 5)];

/// How many of an item's options lie in order, from the first: all, all but one that stands outside, or none where the
/// item is nominal.
pub fn options_in_order(item: &Item) -> usize {
    let options = item.options.len();
    match item.scale {
        Scale::Nominal => 0,
        _ if LAST_STANDS_OUTSIDE.contains(&(&*item.id, options)) => options - 1,
        Scale::Ordinal | Scale::Binary => options,
    }
}

/// What is measured of an item.
#[derive(Clone, PartialEq, Debug)]
pub struct OfItem {
    /// What the order of its options means.
    pub scale: Scale,
    /// Options in order, from the first; 0 for a nominal item.
    pub in_order: usize,
    /// Its theme, as a number.
    pub theme: usize,
}

/// A population on one item.
#[derive(Clone, PartialEq, Debug)]
pub struct HumanOn {
    /// Over all options.
    pub all: Distribution,
    /// Over those in order; `None` for a nominal item, or where nobody chose one of them.
    pub in_order: Option<Distribution>,
}

impl HumanOn {
    /// From shares over all options; `None` where there are none.
    pub fn of(shares: &[f64], in_order: usize) -> Option<Self> {
        let all = Distribution::from_shares(shares, None).ok()?;
        let in_order = (in_order > 1)
            .then(|| Distribution::from_shares(&shares[..in_order.min(shares.len())], None).ok())
            .flatten();
        Some(Self { all, in_order })
    }
}

/// The measured items, and every population on them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PeopleOnItems {
    /// The items.
    pub items: Vec<OfItem>,
    /// How many themes there are.
    pub themes: usize,
    on: Vec<Option<Vec<Option<HumanOn>>>>,
    shares: Arc<Vec<Option<HumanShares>>>,
}

impl PeopleOnItems {
    /// Of a survey's measured items and populations by [`Culture`].
    pub fn new(survey: &Survey, shares: Arc<Vec<Option<HumanShares>>>) -> Self {
        let mut themes: Vec<&str> = Vec::new();
        let items: Vec<OfItem> = survey
            .measured()
            .iter()
            .map(|item| {
                let theme = themes.iter().position(|known| **known == *item.theme).unwrap_or_else(|| {
                    themes.push(&item.theme);
                    themes.len() - 1
                });
                OfItem { scale: item.scale, in_order: options_in_order(item), theme }
            })
            .collect();
        let on = |shares: &HumanShares| {
            let each = items.iter().zip(shares);
            each.map(|(item, shares)| HumanOn::of(&shares.as_ref()?.shares, item.in_order)).collect()
        };
        let on = shares.iter().map(|shares| shares.as_ref().map(on)).collect();
        Self { themes: themes.len(), items, on, shares }
    }

    /// A population on an item, where there is data.
    pub fn on(&self, culture: Culture, item: usize) -> Option<&HumanOn> {
        self.on.get(culture.index())?.as_ref()?.get(item)?.as_ref()
    }

    /// The same as shares that remember what sampling adds to distances from them.
    pub fn remembered(&self, culture: Culture, item: usize) -> Option<&HumanAnswers> {
        self.shares.get(culture.index())?.as_ref()?.get(item)?.as_ref()
    }

    /// How many nominal items there are, which enter no ordinal formula.
    pub fn nominal(&self) -> usize {
        self.items.iter().filter(|item| item.in_order == 0).count()
    }
}

/// The people, where a measure of pluralism is observed.
#[derive(Resource, Clone, Debug, Default)]
pub struct People(pub Option<Arc<PeopleOnItems>>);
