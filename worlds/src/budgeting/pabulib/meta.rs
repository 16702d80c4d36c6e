//! The section META: what it says, and what it must say of an election.

use std::sync::Arc;

use super::super::ballot::{BallotKind, Profile};
use super::super::exact::{self, Exact, fraction};
use super::super::instance::Instance;
use super::fault::Faults;
use super::table::{Section, Table};

/// Keys and values in the order of the file.
pub(super) type Entries = Vec<(Arc<str>, Arc<str>)>;

/// Keys that Pabulib wants in every file, in its order, with what is written where nothing is known. The year 1 stands
/// for a time unknown: a date must be given, and one that could be true would be taken for true.
const OBLIGATORY: [(&str, &str); 11] = [
    ("description", "Election in participatory budgeting"),
    ("country", "Worldwide"),
    ("unit", "unknown"),
    ("instance", "unknown"),
    ("num_projects", ""),
    ("num_votes", ""),
    ("budget", ""),
    ("vote_type", ""),
    ("rule", "unknown"),
    ("date_begin", "0001"),
    ("date_end", "0001"),
];

/// META as it is read.
#[derive(Default)]
pub(super) struct Meta {
    pub(super) entries: Entries,
    /// The byte at which each value begins.
    places: Vec<usize>,
    /// The byte at which the section begins; nothing where it or its header is missing, which is noted elsewhere.
    at: Option<usize>,
}

impl Meta {
    pub(super) fn read(text: &str, section: Option<&Section>, faults: &mut Faults<'_>) -> Self {
        let mut meta = Self::default();
        let Some(section) = section else { return meta };
        let Some(mut table) = Table::open(text, section, faults) else { return meta };
        let (Some(key), Some(value)) = (table.column("key"), table.column("value")) else { return meta };
        meta.at = Some(section.at);
        while let Some(row) = table.next(faults) {
            let name = row.text(Some(key));
            if name.is_empty() {
                faults.add(row.at(key), format_args!("a value without a key: write `key;value`"));
            } else if place(&meta.entries, name).is_some() {
                faults.add(row.at(key), format_args!("a second `{name}` in META: keep one of them"));
            } else {
                meta.entries.push((name.into(), row.text(Some(value)).into()));
                meta.places.push(row.at(value));
            }
        }
        meta
    }

    /// A value other than empty, and the byte at which it begins.
    pub(super) fn get(&self, key: &str) -> Option<(usize, &str)> {
        let place = place(&self.entries, key)?;
        Some((self.places[place], &*self.entries[place].1)).filter(|(_, value)| !value.is_empty())
    }

    /// The budget. What is wrong with it is noted.
    pub(super) fn budget(&self, faults: &mut Faults<'_>) -> Option<Exact> {
        let (at, value) = self.required("budget", "`budget;` and the amount that can be spent", faults)?;
        let budget = number_of(at, "budget", value, faults)?;
        if budget < Exact::default() {
            faults.add(at, format_args!("a budget of {value}: it must be 0 or more"));
            return None;
        }
        Some(budget)
    }

    /// What is written on the ballots. What is wrong with it is noted.
    pub(super) fn kind(&self, faults: &mut Faults<'_>) -> Option<BallotKind> {
        let kinds = "approval, choose-1, ordinal, cumulative or scoring";
        let (at, value) = self.required("vote_type", &format!("`vote_type;` and {kinds}"), faults)?;
        let kind = kind(value);
        if kind.is_none() {
            faults.add(at, format_args!("there are no ballots of type `{value}`: write {kinds}"));
        }
        kind
    }

    /// Points of projects that a scoring ballot does not name: 0 where nothing is said.
    pub(super) fn default_score(&self, faults: &mut Faults<'_>) -> Exact {
        let score = self.get("default_score").and_then(|(at, value)| number_of(at, "default_score", value, faults));
        score.unwrap_or_default()
    }

    /// Notes where META counts otherwise than the file.
    pub(super) fn check_count(&self, key: &str, title: &str, counted: usize, faults: &mut Faults<'_>) {
        let Some((at, value)) = self.get(key) else { return };
        match value.parse::<usize>() {
            Ok(number) if number == counted => {}
            Ok(number) => {
                faults.add(
                    at,
                    format_args!("{key} is {number}, and {title} has {counted} rows: correct whichever is wrong"),
                );
            }
            Err(_) => faults.add(at, format_args!("{key} is `{value}`, which is no whole number: write {counted}")),
        }
    }

    fn required(&self, key: &str, instead: &str, faults: &mut Faults<'_>) -> Option<(usize, &str)> {
        let found = self.get(key);
        if let (None, Some(start)) = (found, self.at) {
            let at = place(&self.entries, key).map_or(start, |place| self.places[place]);
            faults.add(at, format_args!("META has no {key}: write {instead}"));
        }
        found
    }
}

/// The number that a value of META is. That it is none is noted.
fn number_of(at: usize, key: &str, value: &str, faults: &mut Faults<'_>) -> Option<Exact> {
    let number = exact::parse(value);
    if number.is_none() {
        faults.add(at, format_args!("{key} is `{value}`, which is no number: write it like 1250 or 12.50"));
    }
    number
}

/// Where a key stands, its letter case being of no matter.
pub(super) fn place(entries: &Entries, key: &str) -> Option<usize> {
    entries.iter().position(|(name, _)| name.eq_ignore_ascii_case(key))
}

/// The kind of ballots of this `vote_type`.
fn kind(vote_type: &str) -> Option<BallotKind> {
    let kinds = [BallotKind::Approval, BallotKind::Ranking, BallotKind::Cumulative, BallotKind::Scoring];
    if vote_type.eq_ignore_ascii_case("choose-1") {
        return Some(BallotKind::Approval);
    }
    kinds.into_iter().find(|kind| vote_type.eq_ignore_ascii_case(kind.name()))
}

/// Puts what follows from an election in place of what its entries say of it, and spells the keys of this as usual.
pub(super) fn settle(entries: &mut Entries, instance: &Instance, profile: &Profile) {
    for (key, value) in entries {
        if let Some((usual, settled)) = derived(key, value, instance, profile) {
            *key = usual.into();
            *value = settled.into();
        }
    }
}

/// Puts the keys that Pabulib wants first, in its order.
pub(super) fn arrange(entries: &mut Entries) {
    entries.sort_by_key(|(key, _)| {
        OBLIGATORY.iter().position(|(wanted, _)| key.eq_ignore_ascii_case(wanted)).unwrap_or(OBLIGATORY.len())
    });
}

/// Entries as they are written: settled, and with all that Pabulib wants.
pub(super) fn completed(entries: &Entries, instance: &Instance, profile: &Profile) -> Entries {
    let mut entries = entries.clone();
    let mut next = 0;
    for (key, default) in OBLIGATORY {
        let found = place(&entries, key);
        if found.is_none() {
            entries.insert(next, (key.into(), default.into()));
        }
        next = found.unwrap_or(next) + 1;
    }
    let scored = profile.kind == BallotKind::Scoring && profile.default_points != 0;
    if scored && place(&entries, "default_score").is_none() {
        entries.push(("default_score".into(), "".into()));
    }
    settle(&mut entries, instance, profile);
    entries
}

/// The usual spelling and the value of a key that follows from the election.
fn derived(key: &str, value: &str, instance: &Instance, profile: &Profile) -> Option<(&'static str, String)> {
    let keys = ["num_projects", "num_votes", "budget", "vote_type", "default_score"];
    let usual = keys.into_iter().find(|usual| key.eq_ignore_ascii_case(usual))?;
    let settled = match usual {
        "num_projects" => instance.len().to_string(),
        "num_votes" => profile.voters.len().to_string(),
        "budget" => number(instance.budget()),
        "vote_type" if kind(value) == Some(profile.kind) => value.to_ascii_lowercase(),
        "vote_type" => profile.kind.name().to_owned(),
        _ if profile.kind != BallotKind::Scoring => return None,
        _ => number(&fraction(profile.default_points, profile.point_scale).unwrap_or_default()),
    };
    Some((usual, settled))
}

/// A number as a decimal; as a fraction `a/b` where it has no finite decimal.
pub(super) fn number(value: &Exact) -> String {
    exact::decimal(value).unwrap_or_else(|| value.to_string())
}
