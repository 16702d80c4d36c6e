//! Profiles from aggregate shares of answers, item by item.
//!
//! Aggregates say nothing of who gave which answers together: drawn items are independent of one another, so that
//! within-person correlation is lost and dimensions of several items come out nearer to the middle than in people.
//! They hold no demographics either. Where that matters, take microdata.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_worlds::survey::{Reference, Survey};
use rand_chacha::rand_core::Rng;

use super::dimensions::Dimensions;
use super::{Profile, drawn_by_weight};

/// The shares of a culture's answers to the items of some dimensions.
#[derive(Clone, PartialEq, Debug)]
pub struct Marginals {
    /// By item, in the order of first use: (number of the option from 1, share).
    items: Vec<(Arc<str>, Vec<(i32, f64)>)>,
}

/// A culture without shares.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the reference `{reference}` says nothing of {culture} on these dimensions; it holds {known}")]
pub struct MarginalsFault {
    /// Name of the reference.
    pub reference: Arc<str>,
    /// The culture's code.
    pub culture: Arc<str>,
    /// The cultures it holds.
    pub known: String,
}

impl Marginals {
    /// The shares of a culture, their codes turned into option numbers of the survey; codes that are no option are left
    /// out, as are items without shares.
    ///
    /// # Errors
    /// No shares of the culture on any item of the dimensions.
    pub fn new(
        reference: &Reference,
        culture: &str,
        survey: &Survey,
        dimensions: &Dimensions,
    ) -> Result<Self, MarginalsFault> {
        let shares = |id: Arc<str>| {
            let item = &survey.items[survey.position(&id)?];
            let mut options: Vec<(i32, f64)> = reference
                .shares(culture, &id)?
                .iter()
                .filter_map(|&(code, share)| Some((code.checked_sub(item.first_code)?.checked_add(1)?, share)))
                .filter(|(option, share)| (1..=item.option_count()).contains(option) && *share > 0.0)
                .collect();
            // Files list the options in an order of their own; the same draw must mean the same option everywhere.
            options.sort_by_key(|&(option, _)| option);
            (!options.is_empty()).then_some((id, options))
        };
        let items: Vec<_> = dimensions.items().into_iter().filter_map(shares).collect();
        if items.is_empty() {
            let known: Vec<&str> = reference.cultures().map(|code| &**code).collect();
            let (reference, culture) = (reference.name.clone(), Arc::from(culture));
            return Err(MarginalsFault { reference, culture, known: known.join(", ") });
        }
        Ok(Self { items })
    }

    /// Somebody whose answers were drawn item by item, with one word of the stream an item; no demographics.
    pub fn draw(&self, dimensions: &Dimensions, rng: &mut impl Rng) -> Profile {
        let answers: BTreeMap<&str, [(i32, f64); 1]> = self
            .items
            .iter()
            .filter_map(|(id, options)| {
                let place = drawn_by_weight(options.iter().map(|(_, share)| *share), rng)?;
                Some((&**id, [(options[place].0, 1.0)]))
            })
            .collect();
        let values = dimensions.levels(|item| answers.get(item).map(<[_; 1]>::as_slice));
        Profile { values, ..Profile::default() }
    }

    /// The culture as one profile: the levels of its mean answers; no demographics.
    pub fn whole(&self, dimensions: &Dimensions) -> Profile {
        let answers = |item: &str| {
            let (_, options) = self.items.iter().find(|(id, _)| &**id == item)?;
            Some(options.as_slice())
        };
        Profile { values: dimensions.levels(answers), ..Profile::default() }
    }
}
