//! The order in which an item's options are offered, and the way back to the survey's own.

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{Purpose, PurposeStreams, Streams};
use rand::RngExt;

use super::design::OptionOrder;
use crate::survey::Item;

/// Streams that shuffle options.
const OPTIONS: Purpose = Purpose("exposure.options");

/// Words of a stream that belong to one item: more than any shuffle of options takes.
const WORDS_AN_ITEM: u128 = 1 << 8;

/// The options of one item as one agent is offered them: place by place, the number of the option in the survey's
/// order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offered(Vec<i32>);

impl Offered {
    /// The survey's own order.
    pub fn as_written(item: &Item) -> Self {
        Self((1..=item.option_count()).collect())
    }

    /// The other way round.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self(self.0.iter().rev().copied().collect())
    }

    /// The number, in the survey's order, of what is offered at a place (both from 1). A number that is no place stays
    /// what it is: parse rule `paper` lets it pass.
    pub fn option_at(&self, place: i32) -> i32 {
        let index = usize::try_from(place - 1).ok();
        index.and_then(|index| self.0.get(index).copied()).unwrap_or(place)
    }

    /// The place at which an option is offered.
    pub fn place_of(&self, option: i32) -> i32 {
        self.0.iter().position(|&offered| offered == option).map_or(option, |index| index as i32 + 1)
    }

    /// The item as it is offered.
    pub fn item(&self, item: &Item) -> Item {
        let options = self.0.iter().map(|&option| item.options[option as usize - 1].clone()).collect();
        Item { options, ..item.clone() }
    }

    /// Figures in order of places, in the survey's order.
    pub fn in_survey_order(&self, by_place: &[f64]) -> Vec<f64> {
        let mut by_option = vec![0.0; by_place.len()];
        for (figure, &option) in by_place.iter().zip(&self.0) {
            by_option[option as usize - 1] = *figure;
        }
        by_option
    }
}

impl std::fmt::Display for Offered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        formatter.write_str(&numbers.join(" "))
    }
}

/// The orders of one tick.
#[derive(Clone, Copy, Debug)]
pub struct OptionOrders {
    order: OptionOrder,
    streams: PurposeStreams,
    tick: u32,
}

impl OptionOrders {
    /// The orders of a tick under the streams of an arm.
    pub fn new(order: OptionOrder, streams: &Streams, tick: u32) -> Self {
        Self { order, streams: streams.of(OPTIONS), tick }
    }

    /// How one agent is offered one item; `None` in the survey's own order.
    pub fn of(&self, agent: AgentId, index: usize, item: &Item) -> Option<Offered> {
        let options = 1..=item.option_count();
        match self.order {
            OptionOrder::AsIs => None,
            OptionOrder::Reversed => Some(Offered(options.rev().collect())),
            OptionOrder::Shuffled => {
                let mut rng = self.streams.stream(agent, self.tick);
                rng.set_word_pos(index as u128 * WORDS_AN_ITEM);
                let mut offered: Vec<i32> = options.collect();
                for last in (1..offered.len()).rev() {
                    offered.swap(last, rng.random_range(0..=last as u32) as usize);
                }
                Some(Offered(offered))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::Scale;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn item(options: usize) -> Item {
        Item {
            id: Arc::from("Q"),
            theme: Arc::from("t"),
            question: Arc::from("?"),
            options: (1..=options).map(|number| Arc::from(format!("option {number}"))).collect(),
            scale: Scale::Ordinal,
            first_code: 1,
            paper: true,
        }
    }

    proptest! {
        #[test]
        fn whatever_the_order_the_way_back_leads_to_the_option_that_was_meant(
            options in 2_usize..12, seed in any::<u64>(), agent in 0_u32..9, tick in 0_u32..9, index in 0_usize..300
        ) {
            let (item, streams) = (item(options), Streams::new(seed, "s", 0));
            for order in [OptionOrder::Reversed, OptionOrder::Shuffled] {
                let orders = OptionOrders::new(order, &streams, tick);
                let offered = orders.of(AgentId(agent), index, &item).expect("another order");
                let shown = offered.item(&item);
                for (place, text) in (1..).zip(&shown.options) {
                    let option = offered.option_at(place);
                    prop_assert_eq!(&item.options[option as usize - 1], text);
                    prop_assert_eq!(offered.place_of(option), place);
                }
                let by_place: Vec<f64> = (1..=options as i32).map(|place| f64::from(offered.option_at(place))).collect();
                let by_option = offered.in_survey_order(&by_place);
                prop_assert!(by_option.iter().zip(1..).all(|(value, option)| *value as i32 == option));
                prop_assert_eq!(offered.option_at(99), 99);
            }
        }
    }

    #[test]
    fn shuffles_differ_between_agents_items_and_ticks() {
        let orders = |tick| OptionOrders::new(OptionOrder::Shuffled, &Streams::new(1, "s", 0), tick);
        let of = |tick, agent, index| orders(tick).of(AgentId(agent), index, &item(10));
        let base = of(1, 0, 0);
        assert_eq!(base, of(1, 0, 0));
        assert!([of(2, 0, 0), of(1, 1, 0), of(1, 0, 1)].iter().all(|other| *other != base));
    }
}
