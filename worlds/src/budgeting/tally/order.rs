//! Which of several equally good projects comes first: a total order, declared before the votes are counted.

use std::cmp::{Ordering, Reverse};

use serde::{Deserialize, Serialize};

use crate::budgeting::exact::Exact;
use crate::budgeting::instance::{Instance, ProjectIndex};

/// Something that decides between projects before their ids do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum TieKey {
    /// The higher score first.
    MostVotes,
    /// The lower cost first.
    LowestCost,
    /// The higher cost first.
    HighestCost,
}

/// How ids are compared where nothing else decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum IdOrder {
    /// Runs of digits by their value: `9` before `10`, `p2` before `p10`.
    #[default]
    Natural,
    /// Character by character, as other tools do it: `10` before `9`.
    Lexicographic,
}

/// How ties are broken: by these keys in turn, and in the end by id.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TieBreaking {
    /// The keys, the first one strongest.
    #[serde(default)]
    pub keys: Vec<TieKey>,
    /// The order of ids.
    #[serde(default)]
    pub ids: IdOrder,
}

impl TieBreaking {
    /// Places of the projects in the order in which ties are broken.
    pub fn sorted(&self, instance: &Instance, scores: &[Exact]) -> Vec<ProjectIndex> {
        let mut order: Vec<ProjectIndex> = (0..instance.len()).collect();
        order.sort_by(|&one, &other| self.compare(instance, scores, one, other));
        order
    }

    fn compare(&self, instance: &Instance, scores: &[Exact], one: ProjectIndex, other: ProjectIndex) -> Ordering {
        let by_key = self.keys.iter().map(|key| match key {
            TieKey::MostVotes => Reverse(&scores[one]).cmp(&Reverse(&scores[other])),
            TieKey::LowestCost => instance.cost(one).cmp(instance.cost(other)),
            TieKey::HighestCost => instance.cost(other).cmp(instance.cost(one)),
        });
        let (one, other) = (&instance.projects()[one].id, &instance.projects()[other].id);
        let by_id = || match self.ids {
            IdOrder::Natural => natural(one, other),
            IdOrder::Lexicographic => one.cmp(other),
        };
        by_key.fold(Ordering::Equal, Ordering::then).then_with(by_id)
    }
}

/// Compares texts with runs of digits by value; texts that differ in leading zeros only go character by character.
pub fn natural(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        let (first, second) = match (left.chars().next(), right.chars().next()) {
            (Some(first), Some(second)) => (first, second),
            (None, None) => return one.cmp(other),
            (first, second) => return first.cmp(&second),
        };
        if first.is_ascii_digit() && second.is_ascii_digit() {
            let (digits, rest) = number(left);
            let (other_digits, other_rest) = number(right);
            let by_value = digits.len().cmp(&other_digits.len()).then_with(|| digits.cmp(other_digits));
            if by_value != Ordering::Equal {
                return by_value;
            }
            (left, right) = (rest, other_rest);
        } else if first == second {
            (left, right) = (&left[first.len_utf8()..], &right[second.len_utf8()..]);
        } else {
            return first.cmp(&second);
        }
    }
}

/// The digits a text begins with, without leading zeros, and what follows them.
fn number(text: &str) -> (&str, &str) {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_are_compared_by_value_and_letters_as_they_are() {
        for (lesser, greater) in [
            ("9", "10"),
            ("p2", "p10"),
            ("p2b", "p10a"),
            ("1", "01"),
            ("a", "b"),
            ("", "a"),
            ("10", "a"),
            ("x1y2", "x1y10"),
        ] {
            let (lesser, greater) = if lesser == "1" { (greater, lesser) } else { (lesser, greater) };
            assert_eq!(natural(lesser, greater), Ordering::Less, "{lesser} {greater}");
            assert_eq!(natural(greater, lesser), Ordering::Greater, "{lesser} {greater}");
        }
    }

    proptest! {
        #[test]
        fn it_is_a_total_order(a in "[0-9ab]{0,4}", b in "[0-9ab]{0,4}", c in "[0-9ab]{0,4}") {
            prop_assert_eq!(natural(&a, &b), natural(&b, &a).reverse());
            prop_assert_eq!(natural(&a, &b) == Ordering::Equal, a == b);
            if natural(&a, &b) != Ordering::Greater && natural(&b, &c) != Ordering::Greater {
                prop_assert!(natural(&a, &c) != Ordering::Greater);
            }
        }
    }
}
