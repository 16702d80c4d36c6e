//! The questionnaire.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What the order of an item's options means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Scale {
    /// Options lie in order on one dimension.
    Ordinal,
    /// Options have no order. The paper's measures treat them as ordered all the same.
    Nominal,
    /// Two options.
    Binary,
}

/// One question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Identifier, unique in the survey.
    pub id: Arc<str>,
    /// Section of the questionnaire.
    pub theme: Arc<str>,
    /// What is asked.
    pub question: Arc<str>,
    /// The options in the survey's own order; an answer is the 1-based index of one of them.
    pub options: Vec<Arc<str>>,
    /// What the order of the options means.
    pub scale: Scale,
    /// The code of the first option in data files of the survey: 0 or 1.
    pub first_code: i32,
    /// Whether the published set of 223 items includes it.
    pub paper: bool,
}

impl Item {
    /// Number of options.
    pub fn option_count(&self) -> i32 {
        self.options.len() as i32
    }

    /// Distance between the first and the last option: number of options − 1 (Δ of arXiv 2606.05985, eq. 1).
    pub fn span(&self) -> i32 {
        self.option_count() - 1
    }
}

/// A questionnaire: its items in order. Item `k` of a sheet is `items[k]`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// Name of the survey.
    pub name: Arc<str>,
    /// Where it comes from.
    pub source: Arc<str>,
    /// The items, in order.
    pub items: Vec<Item>,
    /// How many items at the end are asked aside: for a measure that needs them, and left out of every other.
    #[serde(skip)]
    pub aside: usize,
}

impl Survey {
    /// Number of items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items that measures of whole sheets go over: all but those asked aside.
    pub fn measured(&self) -> &[Item] {
        &self.items[..self.items.len().saturating_sub(self.aside)]
    }

    /// The survey without the items asked aside.
    #[must_use]
    pub fn without_aside(&self) -> Self {
        Self { items: self.measured().to_vec(), aside: 0, ..self.clone() }
    }

    /// The survey with these items of another asked aside, behind its own.
    #[must_use]
    pub fn with_aside(mut self, items: impl IntoIterator<Item = Item>) -> Self {
        let before = self.items.len();
        self.items.extend(items);
        self.aside += self.items.len() - before;
        self
    }

    /// Position of the item with this identifier.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.items.iter().position(|item| &*item.id == id)
    }

    /// The survey reduced to the items `keep` says yes to, in order.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(&Item) -> bool) -> Self {
        Self {
            name: self.name.clone(),
            source: self.source.clone(),
            items: self.items.iter().filter(|item| keep(item)).cloned().collect(),
            aside: self.items[self.measured().len()..].iter().filter(|item| keep(item)).count(),
        }
    }

    /// Δ² of every measured item, the weights of the distance's normaliser.
    pub fn squared_spans(&self) -> Vec<u32> {
        self.measured().iter().map(|item| (item.span() * item.span()) as u32).collect()
    }
}
