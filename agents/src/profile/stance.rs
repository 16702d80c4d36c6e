//! Where a profile puts whoever holds it: its levels as positions on the items they rest on.

use pluriverse_worlds::survey::{Item, Survey};

use super::dimensions::{Dimension, Score};
use super::{Dimensions, Profile};

/// Where the words of a profile put whoever holds them, by item of a survey: a normalised position (0 first option, 1
/// last), `None` where they say nothing.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Stance(pub Vec<Option<f32>>);

impl Stance {
    /// The stance of a profile on a survey's items: on each item that its dimensions rest on, the middle of its level,
    /// put back through the item's score; the mean where several dimensions rest on one item.
    pub fn of(profile: &Profile, dimensions: &Dimensions, survey: &Survey) -> Self {
        let on = |item: &Item| {
            let said: Vec<f64> = dimensions
                .dimensions
                .iter()
                .filter_map(|dimension| {
                    let scored = dimension.items.iter().find(|scored| scored.item == item.id)?;
                    position(&scored.score, middle(dimension, profile)?, item)
                })
                .collect();
            (!said.is_empty()).then(|| (said.iter().sum::<f64>() / said.len() as f64) as f32)
        };
        Self(survey.items.iter().map(on).collect())
    }

    /// The items that the words speak of, by place: (place of the item, position).
    pub fn spoken(&self) -> Vec<(u16, f32)> {
        let positions = self.0.iter().enumerate();
        positions.filter_map(|(place, position)| Some((u16::try_from(place).ok()?, (*position)?))).collect()
    }

    /// The position on an item, where the words say anything.
    pub fn on(&self, item: usize) -> Option<f32> {
        self.0.get(item).copied().flatten()
    }
}

/// The middle of the profile's level on a dimension, from 0 to 1.
fn middle(dimension: &Dimension, profile: &Profile) -> Option<f64> {
    let level = usize::from(profile.values.get(&dimension.id)?.0);
    let from = dimension.levels.get(level)?.from;
    // Levels come from the most of a dimension to the least.
    let to = level.checked_sub(1).map_or(1.0, |above| dimension.levels[above].from);
    Some(f64::midpoint(from, to))
}

/// The position on an item that has this score: of options without an order, the mean place of those that stand for the
/// dimension, or of the others.
fn position(score: &Score, middle: f64, item: &Item) -> Option<f64> {
    let span = f64::from(item.span());
    if span < 1.0 {
        return None;
    }
    let counted = f64::from(score.options() - 1);
    let place = match score {
        Score::Rises { .. } => middle * counted,
        Score::Falls { .. } => (1.0 - middle) * counted,
        Score::OneOf { these, options } => {
            let wanted: Vec<i32> = (1..=*options).filter(|option| these.contains(option) == (middle >= 0.5)).collect();
            if wanted.is_empty() {
                return None;
            }
            wanted.iter().map(|option| f64::from(option - 1)).sum::<f64>() / wanted.len() as f64
        }
    };
    Some((place / span).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pluriverse_worlds::survey::Scale;

    use super::*;
    use crate::profile::dimensions::{Level, LevelWords, ScoredItem};

    fn item(id: &str, options: usize) -> Item {
        Item {
            id: Arc::from(id),
            theme: Arc::from("t"),
            question: Arc::from("?"),
            options: vec![Arc::from("o"); options],
            scale: Scale::Ordinal,
            first_code: 1,
            paper: true,
        }
    }

    fn dimension(id: &str, items: Vec<(&str, Score)>) -> Dimension {
        let level = |from| LevelWords { from, words: Arc::from("w") };
        let scored = |(item, score)| ScoredItem { item: Arc::from(item), score };
        Dimension {
            id: Arc::from(id),
            name: Arc::from(id),
            items: items.into_iter().map(scored).collect(),
            levels: vec![level(0.75), level(0.5), level(0.25), level(0.0)],
        }
    }

    #[test]
    fn a_level_is_a_place_on_each_item_it_rests_on() {
        let dimensions = Dimensions {
            name: Arc::from("d"),
            source: Arc::from("s"),
            dimensions: vec![
                dimension("one", vec![("up", Score::Rises { options: 5 }), ("down", Score::Falls { options: 5 })]),
                dimension("two", vec![("some", Score::OneOf { these: vec![2, 4], options: 4 })]),
                dimension("three", vec![("up", Score::Rises { options: 5 })]),
            ],
        };
        let items = vec![item("up", 5), item("down", 5), item("some", 4), item("other", 3)];
        let survey = Survey { name: Arc::from("s"), source: Arc::from("s"), items, aside: 0 };
        let stance = |values: &[(&str, u8)]| {
            let values = values.iter().map(|(id, level)| (Arc::from(*id), Level(*level))).collect();
            Stance::of(&Profile { values, ..Profile::default() }, &dimensions, &survey).0
        };
        assert_eq!(stance(&[("one", 0)]), [Some(0.875), Some(0.125), None, None]);
        assert_eq!(stance(&[("one", 3)]), [Some(0.125), Some(0.875), None, None]);
        assert_eq!(stance(&[("one", 0), ("three", 3)]), [Some(0.5), Some(0.125), None, None]);
        let close = |found: Option<f32>, expected: f32| (found.expect("a position") - expected).abs() < 1e-6;
        assert!(close(stance(&[("two", 1)])[2], 2.0 / 3.0));
        assert!(close(stance(&[("two", 2)])[2], 1.0 / 3.0));
        assert_eq!(stance(&[]), [None; 4]);
        assert_eq!(Stance(vec![None, Some(0.25), None, Some(1.0)]).spoken(), [(1, 0.25), (3, 1.0)]);
    }
}
