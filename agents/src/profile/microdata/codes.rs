//! Codes of the survey's files: which are missing, and what the others stand for.

use std::fmt;
use std::sync::Arc;

use pluriverse_worlds::survey::Item;

use crate::profile::traits::{Education, Income, Religion, Residence, Sex};

/// Items whose last option stands outside the order of the others, with how many options lie in order.
const SPECIAL_LAST: [(&str, i32); 3] = [("Q221", 3), ("Q222", 3), ("Q254", 4)];

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Field {
    /// No answer: a code below 0 (-1 don't know, -2 refused, -3 does not apply, -4 not asked, -5 other), or nothing.
    Missing,
    /// A code from 0 on.
    Code(i32),
    /// Nothing that can be read.
    Unreadable,
}

/// How codes of an item become places of options.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ItemCoding {
    /// Option k has code `first` + k − 1.
    Original {
        /// Code of the first option.
        first: i32,
        /// How many options.
        options: i32,
    },
    /// Turned round, higher codes meaning more: of the `ordered` first options the last has code `first`. An option
    /// outside the order has the code on either side of them.
    Turned {
        /// Code of the last ordered option.
        first: i32,
        /// How many options lie in order.
        ordered: i32,
        /// How many options.
        options: i32,
    },
    /// Two options turned round, coded 0 and 1 or 1 and 2: codes are counted as they are until the whole column is
    /// known.
    TurnedPair,
}

impl Field {
    /// Reads a field. Whole numbers may have decimals that are 0.
    pub(super) fn read(field: &[u8]) -> Self {
        if matches!(field, b"" | b"." | b"NA" | b"NaN") {
            return Self::Missing;
        }
        let (negative, digits) = match field {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, field),
        };
        let end = digits.iter().position(|byte| matches!(byte, b'.' | b',')).unwrap_or(digits.len());
        let (whole, decimals) = digits.split_at(end);
        let zeros = decimals.iter().skip(1).all(|byte| *byte == b'0') && decimals.len() != 1;
        if !zeros || whole.is_empty() || whole.len() > 9 || !whole.iter().all(u8::is_ascii_digit) {
            return Self::Unreadable;
        }
        let number = whole.iter().fold(0, |number, digit| number * 10 + i32::from(digit - b'0'));
        if negative { Self::Missing } else { Self::Code(number) }
    }
}

impl ItemCoding {
    /// As the survey codes it.
    pub(super) fn original(item: &Item) -> Self {
        Self::Original { first: item.first_code, options: item.option_count() }
    }

    /// As the inverted file codes it.
    pub(super) fn inverted(item: &Item) -> Self {
        let options = item.option_count();
        if options == 2 {
            return Self::TurnedPair;
        }
        let special = SPECIAL_LAST.iter().find(|(id, _)| **id == *item.id);
        let ordered = special.map_or(options, |&(_, ordered)| ordered.min(options));
        Self::Turned { first: item.first_code, ordered, options }
    }

    /// How many places there are.
    pub(super) const fn places(&self) -> i32 {
        match self {
            Self::Original { options, .. } | Self::Turned { options, .. } => *options,
            Self::TurnedPair => 3,
        }
    }

    /// The place of a code from 0; `None` where it stands for no option.
    pub(super) fn place(&self, code: i32) -> Option<u8> {
        let place = match *self {
            Self::Original { first, options } => {
                Some(code.saturating_sub(first)).filter(|place| (0..options).contains(place))
            }
            Self::Turned { first, ordered, options } => {
                let from_first = code.saturating_sub(first);
                if (0..ordered).contains(&from_first) {
                    Some(ordered - 1 - from_first)
                } else {
                    Some(ordered).filter(|_| ordered < options && (from_first == -1 || from_first == ordered))
                }
            }
            Self::TurnedPair => Some(code).filter(|code| (0..=2).contains(code)),
        };
        place.and_then(|place| u8::try_from(place).ok())
    }
}

/// The codes it knows, for messages.
impl fmt::Display for ItemCoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Original { first, options: count } | Self::Turned { first, ordered: count, .. } => {
                write!(formatter, "{first} to {}", first.saturating_add(count).saturating_sub(1))
            }
            Self::TurnedPair => formatter.write_str("0 to 2"),
        }
    }
}

/// Codes 1 and 2 of Q260.
pub(super) const fn sex(code: i32) -> Option<Sex> {
    match code {
        1 => Some(Sex::Male),
        2 => Some(Sex::Female),
        _ => None,
    }
}

/// Codes 0 to 8 of Q275 (ISCED 2011).
pub(super) const fn isced(code: i32) -> Option<Education> {
    match code {
        0..=2 => Some(Education::Lower),
        3 | 4 => Some(Education::Middle),
        5..=8 => Some(Education::Higher),
        _ => None,
    }
}

/// Codes 1 to 3 of Q275R.
pub(super) const fn education_group(code: i32) -> Option<Education> {
    match code {
        1 => Some(Education::Lower),
        2 => Some(Education::Middle),
        3 => Some(Education::Higher),
        _ => None,
    }
}

/// Codes 1 to 10 of Q288.
pub(super) const fn income_step(code: i32) -> Option<Income> {
    match code {
        1..=3 => Some(Income::Low),
        4..=7 => Some(Income::Medium),
        8..=10 => Some(Income::High),
        _ => None,
    }
}

/// Codes 1 to 3 of Q288R.
pub(super) const fn income_group(code: i32) -> Option<Income> {
    match code {
        1 => Some(Income::Low),
        2 => Some(Income::Medium),
        3 => Some(Income::High),
        _ => None,
    }
}

/// Codes 1 and 2 of H_URBRURAL.
pub(super) const fn residence(code: i32) -> Option<Residence> {
    match code {
        1 => Some(Residence::Urban),
        2 => Some(Residence::Rural),
        _ => None,
    }
}

/// Codes 0 to 9 of Q289.
pub(super) fn religion(code: i32) -> Option<Religion> {
    Religion::ALL.get(usize::try_from(code).ok()?).copied()
}

/// A country's three letters, in capitals.
pub(super) fn country(field: &[u8]) -> Option<Arc<str>> {
    let letters = field.len() == 3 && field.iter().all(u8::is_ascii_alphabetic);
    letters.then(|| Arc::from(String::from_utf8_lossy(field).to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_a_code_or_missing_or_unreadable() {
        let cases: [(&str, Field); 14] = [
            ("3", Field::Code(3)),
            ("0", Field::Code(0)),
            ("10.0", Field::Code(10)),
            ("7,00", Field::Code(7)),
            ("-1", Field::Missing),
            ("-5.0", Field::Missing),
            ("", Field::Missing),
            ("NA", Field::Missing),
            ("3.5", Field::Unreadable),
            ("3.", Field::Unreadable),
            ("-", Field::Unreadable),
            ("Male", Field::Unreadable),
            ("1e3", Field::Unreadable),
            ("9999999999", Field::Unreadable),
        ];
        for (text, expected) in cases {
            assert_eq!(Field::read(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn an_inverted_item_is_turned_back_and_its_option_outside_the_order_stays() {
        let pride = ItemCoding::Turned { first: 1, ordered: 4, options: 5 };
        let places: Vec<_> = (-1..=6).map(|code| pride.place(code)).collect();
        assert_eq!(places, [None, Some(4), Some(3), Some(2), Some(1), Some(0), Some(4), None]);
        let five = ItemCoding::Turned { first: 1, ordered: 5, options: 5 };
        assert_eq!([0, 1, 5, 6].map(|code| five.place(code)), [None, Some(4), Some(0), None]);
        let scale = ItemCoding::Original { first: 0, options: 11 };
        assert_eq!([0, 10, 11].map(|code| scale.place(code)), [Some(0), Some(10), None]);
    }
}
