//! Values as tables and JSON lines hold them, and how they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::error::ShapeError;
use super::time;

/// One value.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) enum Cell {
    /// The field is not there.
    #[default]
    Absent,
    /// The field is there and says nothing.
    Null,
    Text(Arc<str>),
    Whole(i64),
    Real(f64),
    Flag(bool),
    /// Unix seconds.
    Moment(i64),
}

/// What a value should have been and is not.
type Read<T> = Result<Option<T>, &'static str>;

impl Cell {
    /// Whether there is a value.
    pub(super) fn is_some(&self) -> bool {
        !matches!(self, Self::Absent | Self::Null)
    }

    /// Whether the field is there.
    pub(super) fn is_there(&self) -> bool {
        *self != Self::Absent
    }

    /// The first of these that has a value, or else is there at all.
    pub(super) fn or(self, other: Self) -> Self {
        if self.is_some() || (self.is_there() && !other.is_some()) { self } else { other }
    }

    fn text(&self) -> Read<Arc<str>> {
        match self {
            Self::Absent | Self::Null => Ok(None),
            Self::Text(text) => Ok(Some(text.clone())),
            Self::Whole(number) => Ok(Some(Arc::from(number.to_string()))),
            Self::Real(_) | Self::Flag(_) | Self::Moment(_) => Err("is not a text"),
        }
    }

    /// Whole numbers also as tables hold them that cannot have missing whole numbers: as reals with NaN.
    fn whole(&self) -> Read<i64> {
        const WHY: &str = "is not a whole number";
        match self {
            Self::Absent | Self::Null => Ok(None),
            Self::Whole(number) => Ok(Some(*number)),
            Self::Real(number) if number.is_nan() => Ok(None),
            Self::Real(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => {
                Ok(Some(*number as i64))
            }
            Self::Text(text) if text.trim().is_empty() => Ok(None),
            Self::Text(text) => text.trim().parse().map(Some).map_err(|_| WHY),
            Self::Flag(flag) => Ok(Some(i64::from(*flag))),
            Self::Real(_) | Self::Moment(_) => Err(WHY),
        }
    }

    fn flag(&self) -> Read<bool> {
        if let Self::Text(text) = self {
            match text.trim() {
                "true" | "True" | "TRUE" => return Ok(Some(true)),
                "false" | "False" | "FALSE" => return Ok(Some(false)),
                _ => {}
            }
        }
        match self.whole() {
            Ok(None) => Ok(None),
            Ok(Some(0)) => Ok(Some(false)),
            Ok(Some(1)) => Ok(Some(true)),
            _ => Err("is neither true nor false"),
        }
    }

    fn moment(&self) -> Read<i64> {
        const WHY: &str = "is not a moment (RFC 3339, YYYY-MM-DD HH:MM:SS, a timestamp, or Unix seconds)";
        match self {
            Self::Absent | Self::Null => Ok(None),
            Self::Moment(seconds) => Ok(Some(*seconds)),
            Self::Whole(number) => Ok(Some(time::from_number(*number))),
            Self::Real(number) if number.is_nan() => Ok(None),
            Self::Real(number) if number.abs() < 9e18 => Ok(Some(time::from_number(number.floor() as i64))),
            Self::Text(text) if text.trim().is_empty() => Ok(None),
            Self::Text(text) => time::parse(text).map(Some).ok_or(WHY),
            Self::Real(_) | Self::Flag(_) => Err(WHY),
        }
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent | Self::Null => write!(formatter, "nothing"),
            // A whole post is no example.
            Self::Text(text) => write!(formatter, "`{}`", text.chars().take(60).collect::<String>()),
            Self::Whole(number) | Self::Moment(number) => write!(formatter, "`{number}`"),
            Self::Real(number) => write!(formatter, "`{number}`"),
            Self::Flag(flag) => write!(formatter, "`{flag}`"),
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyScalar;
        impl Visitor<'_> for AnyScalar {
            type Value = Cell;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a text, a number, true, false or null")
            }
            fn visit_unit<E: Error>(self) -> Result<Cell, E> {
                Ok(Cell::Null)
            }
            fn visit_bool<E: Error>(self, flag: bool) -> Result<Cell, E> {
                Ok(Cell::Flag(flag))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Cell, E> {
                Ok(Cell::Whole(number))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Cell, E> {
                Ok(i64::try_from(number).map_or(Cell::Real(number as f64), Cell::Whole))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Cell, E> {
                Ok(Cell::Real(number))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Cell, E> {
                Ok(Cell::Text(Arc::from(text)))
            }
        }
        deserializer.deserialize_any(AnyScalar)
    }
}

/// Texts that many rows repeat, each held once.
#[derive(Default)]
pub(super) struct Pool(BTreeSet<Arc<str>>);

impl Pool {
    pub(super) fn share(&mut self, text: Arc<str>) -> Arc<str> {
        if let Some(known) = self.0.get(&text) {
            return known.clone();
        }
        self.0.insert(text.clone());
        text
    }
}

/// A file while its rows are read: what was wrong so far, each fault once.
pub(super) struct Sheet<'p> {
    file: String,
    place: &'static str,
    /// The row or line that is being read, from 1.
    pub(super) row: u64,
    pool: &'p mut Pool,
    faults: BTreeMap<(&'static str, &'static str), (u64, String, u64)>,
}

impl<'p> Sheet<'p> {
    /// The file's parts are called `row` or `line`.
    pub(super) fn new(file: &Path, place: &'static str, pool: &'p mut Pool) -> Self {
        Self { file: file.display().to_string(), place, row: 0, pool, faults: BTreeMap::new() }
    }

    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// A text; none where it is missing or empty.
    pub(super) fn text(&mut self, field: &'static str, cell: &Cell) -> Option<Arc<str>> {
        let text = cell.text();
        self.sound(field, cell, text).filter(|text| !text.is_empty())
    }

    /// A text that other rows have too.
    pub(super) fn shared(&mut self, field: &'static str, cell: &Cell) -> Option<Arc<str>> {
        self.text(field, cell).map(|text| self.pool.share(text))
    }

    /// A text that no row can do without; empty where it is missing, which is a fault.
    pub(super) fn id(&mut self, field: &'static str, cell: &Cell) -> Arc<str> {
        let read = cell.text();
        if matches!(&read, Ok(text) if text.as_ref().is_none_or(|text| text.is_empty())) {
            self.fault(field, "is empty", "");
        }
        self.sound(field, cell, read).map_or_else(<_>::default, |text| self.pool.share(text))
    }

    pub(super) fn whole(&mut self, field: &'static str, cell: &Cell) -> Option<i64> {
        self.sound(field, cell, cell.whole())
    }

    pub(super) fn flag(&mut self, field: &'static str, cell: &Cell) -> Option<bool> {
        self.sound(field, cell, cell.flag())
    }

    /// Unix seconds.
    pub(super) fn moment(&mut self, field: &'static str, cell: &Cell) -> Option<i64> {
        self.sound(field, cell, cell.moment())
    }

    /// What was wrong with any row.
    pub(super) fn faults(self) -> impl Iterator<Item = ShapeError> {
        let (file, place) = (self.file, self.place);
        self.faults.into_iter().map(move |((field, reason), (row, example, count))| ShapeError::Value {
            file: file.clone(),
            place,
            row,
            field,
            reason: if example.is_empty() { reason.to_owned() } else { format!("{example} {reason}") },
            more: count - 1,
        })
    }

    fn sound<T>(&mut self, field: &'static str, cell: &Cell, read: Read<T>) -> Option<T> {
        read.unwrap_or_else(|reason| {
            self.fault(field, reason, cell);
            None
        })
    }

    fn fault(&mut self, field: &'static str, reason: &'static str, example: impl ToString) {
        let row = self.row;
        self.faults.entry((field, reason)).or_insert_with(|| (row, example.to_string(), 0)).2 += 1;
    }
}
