//! The section VOTES.

use std::borrow::Cow;
use std::cmp::Reverse;

use num_integer::Integer;
use num_traits::ToPrimitive;

use super::super::ballot::{Ballot, BallotKind, Profile, Voter};
use super::super::exact::{self, Exact};
use super::super::instance::ProjectIndex;
use super::column::{Column, Numbering};
use super::fault::Faults;
use super::lookup::Lookup;
use super::projects::Listed;
use super::table::{Section, Table};
use super::text::Field;

/// What is wrong with points.
const NO_NUMBER: &str = "is no number: write it like 3 or 2.5";
const TOO_FINE: &str = "is so large or, beside the others, so finely divided that 64 bits do not hold it: shorten it";

/// Columns with a meaning, in the order in which they are written. Approvals and rankings have no points.
pub(super) fn known(kind: BallotKind) -> &'static [&'static str] {
    if has_points(kind) { &["voter_id", "vote", "points", "agent"] } else { &["voter_id", "vote", "agent"] }
}

/// Whether ballots of a kind give points.
pub(super) fn has_points(kind: BallotKind) -> bool {
    matches!(kind, BallotKind::Cumulative | BallotKind::Scoring)
}

/// Puts projects with more points first, ties in the order in which they stand.
pub(super) fn order_by_points(ballot: &mut Ballot) {
    if ballot.points.is_sorted_by(|above, below| above >= below) {
        return;
    }
    let mut pairs: Vec<(i64, ProjectIndex)> =
        ballot.points.iter().copied().zip(ballot.projects.iter().copied()).collect();
    pairs.sort_by_key(|(points, _)| Reverse(*points));
    (ballot.points, ballot.projects) = pairs.into_iter().unzip();
}

/// Reads the section; nothing where its header does not say what its rows are, or points cannot be held.
pub(super) fn read(
    text: &str,
    section: &Section,
    kind: BallotKind,
    default_score: &Exact,
    listed: Option<&Listed>,
    faults: &mut Faults<'_>,
) -> Option<(Profile, Vec<Column>)> {
    let mut table = Table::open(text, section, faults)?;
    let (id, vote) = (table.column("voter_id")?, table.column("vote")?);
    let points = table.column("points").filter(|_| has_points(kind));
    if has_points(kind) && points.is_none() {
        let (at, kind) = (table.header_at(), kind.name());
        faults.add(at, format_args!("the header of VOTES names no column `points`, which {kind} ballots need: add it"));
    }
    let agent = table.column("agent");
    let mut others = table.others(known(kind));
    let mut reader = BallotReader::new(listed);
    let (mut voters, mut scales, mut places) = (Vec::new(), Vec::new(), Vec::new());
    let mut agents = Numbering::default();
    while let Some(row) = table.next(faults) {
        let mut ballot = Ballot { projects: Vec::new(), points: Vec::new() };
        let whole = row.field(vote).is_none_or(|field| reader.read_projects(field, &mut ballot, faults));
        if let Some(points) = points.filter(|_| whole) {
            let (at, text) = (row.at(points), row.field(points));
            reader.read_points(at, text, &mut ballot, faults);
        }
        let name = Some(row.text(agent)).filter(|name| !name.is_empty());
        voters.push(Voter { id: row.text(Some(id)).into(), agent: name.map(|name| agents.number(name)), ballot });
        scales.push(reader.scale);
        places.push(row.at(id));
        for (place, column) in &mut others {
            column.push(row.text(Some(*place)));
        }
    }
    if voters.is_empty() {
        faults.add(section.at, format_args!("nobody voted: write one ballot in each line below the header"));
    }
    check_ids(&voters, &places, faults);
    let profile = Profile { kind, voters, agents: agents.texts, point_scale: 1, default_points: 0 };
    let scaled = scale(profile, &scales, reader.scale, default_score);
    if scaled.is_none() {
        faults.add(section.at, format_args!("a number in points or default_score {TOO_FINE}"));
    }
    Some((scaled?, others.into_iter().map(|(_, column)| column.finish()).collect()))
}

/// Notes voters without an id and those with that of another: their ballots would count twice.
fn check_ids(voters: &[Voter], places: &[usize], faults: &mut Faults<'_>) {
    let mut order: Vec<usize> = (0..voters.len()).collect();
    // Numbers that ascend are in this order already, which makes the sorting cheap.
    order.sort_by_key(|&voter| (voters[voter].id.len(), &voters[voter].id));
    for pair in order.windows(2) {
        let (first, second) = (pair[0], pair[1]);
        let id = &voters[second].id;
        if !id.is_empty() && *id == voters[first].id {
            let line = faults.line(places[first]);
            faults.add(
                places[second],
                format_args!("voter `{id}` has voted on line {line} already: give each ballot a voter_id of its own"),
            );
        }
    }
    for (voter, &place) in voters.iter().zip(places) {
        if voter.id.is_empty() {
            faults.add(place, format_args!("a ballot without a voter_id: give it one"));
        }
    }
}

/// Brings all points, each ballot's in units of 1 / its scale, to one scale; nothing where 64 bits do not suffice.
fn scale(mut profile: Profile, scales: &[i64], common: i64, default_score: &Exact) -> Option<Profile> {
    let (above, below) = (default_score.numer().to_i64()?, default_score.denom().to_i64()?);
    profile.point_scale = common_multiple(common, below)?;
    profile.default_points = above.checked_mul(profile.point_scale / below)?;
    for (voter, scale) in profile.voters.iter_mut().zip(scales) {
        let factor = profile.point_scale / scale;
        if factor != 1 {
            for points in &mut voter.ballot.points {
                *points = points.checked_mul(factor)?;
            }
        }
    }
    Some(profile)
}

fn common_multiple(one: i64, other: i64) -> Option<i64> {
    if one % other == 0 {
        return Some(one);
    }
    one.checked_mul(other / one.gcd(&other))
}

/// Reads ballots one after the other.
struct BallotReader<'a> {
    lookup: Option<Lookup<'a>>,
    /// The number of the last ballot that named each project, from 1.
    named_by: Vec<u32>,
    ballot: u32,
    /// A common denominator of all points so far.
    scale: i64,
    fractions: Vec<(i64, i64)>,
}

impl<'a> BallotReader<'a> {
    fn new(listed: Option<&'a Listed>) -> Self {
        let projects = listed.map_or(0, Listed::len);
        Self {
            lookup: listed.map(Listed::lookup),
            named_by: vec![0; projects],
            ballot: 0,
            scale: 1,
            fractions: Vec::new(),
        }
    }

    /// Reads the projects of a ballot; false where something is wrong with them, which is noted.
    fn read_projects(&mut self, field: &Field<'_>, ballot: &mut Ballot, faults: &mut Faults<'_>) -> bool {
        let Some(lookup) = &self.lookup else { return false };
        self.ballot += 1;
        let mut whole = true;
        ballot.projects.reserve_exact(items_of(&field.text));
        for (at, id) in items(field) {
            let reason = match lookup.find(id) {
                Some(project) if self.named_by[project] != self.ballot => {
                    self.named_by[project] = self.ballot;
                    ballot.projects.push(project);
                    continue;
                }
                Some(_) => "is named twice on this ballot: name it once",
                None if id.is_empty() => {
                    faults.add(at, format_args!("no project beside a comma: name one or take the comma out"));
                    whole = false;
                    continue;
                }
                None => "is not among the PROJECTS: name one of them, or add it there",
            };
            faults.add(at, format_args!("project `{id}` {reason}"));
            whole = false;
        }
        whole
    }

    /// Reads the points of a ballot whose projects are known. What is wrong with them is noted.
    fn read_points(&mut self, at: usize, field: Option<&Field<'_>>, ballot: &mut Ballot, faults: &mut Faults<'_>) {
        self.fractions.clear();
        let mut scale = self.scale;
        for (at, text) in field.into_iter().flat_map(items) {
            match read_number(text).and_then(|value| Ok((value, common_multiple(scale, value.1).ok_or(TOO_FINE)?))) {
                Ok((value, common)) => {
                    scale = common;
                    self.fractions.push(value);
                }
                Err(reason) => {
                    faults.add(at, format_args!("`{text}` in points {reason}"));
                    return;
                }
            }
        }
        let (projects, points) = (ballot.projects.len(), self.fractions.len());
        if projects != points {
            faults.add(
                at,
                format_args!("{points} points for {projects} projects: write as many as `vote` names projects"),
            );
            return;
        }
        self.scale = scale;
        ballot.points.reserve_exact(points);
        for &(above, below) in &self.fractions {
            let Some(points) = above.checked_mul(scale / below) else {
                faults.add(at, format_args!("a number in points {TOO_FINE}"));
                return;
            };
            ballot.points.push(points);
        }
        order_by_points(ballot);
    }
}

/// How many items a list has.
fn items_of(list: &str) -> usize {
    if list.is_empty() { 0 } else { 1 + list.bytes().filter(|&byte| byte == b',').count() }
}

/// The items of a list, without the blanks around them, each with the byte at which it begins.
fn items<'field>(field: &'field Field<'_>) -> impl Iterator<Item = (usize, &'field str)> {
    let mut next = 0;
    let items = field.text.split(',').take(items_of(&field.text));
    items.map(move |item| {
        let start = next;
        next += item.len() + 1;
        let text = item.trim_start();
        // Where doubled quotes were made single, bytes of the field are not those of the text.
        let inside = if matches!(field.text, Cow::Borrowed(_)) { start + item.len() - text.len() } else { 0 };
        (field.at + inside, text.trim_end())
    })
}

/// A number as a fraction in lowest terms, or what is wrong with it.
fn read_number(text: &str) -> Result<(i64, i64), &'static str> {
    if let Some(number) = read_short_number(text) {
        return Ok(number);
    }
    let value = exact::parse(text).ok_or(NO_NUMBER)?;
    value.numer().to_i64().zip(value.denom().to_i64()).ok_or(TOO_FINE)
}

/// Most points are whole numbers or decimals of few digits, for which 64 bits do.
fn read_short_number(text: &str) -> Option<(i64, i64)> {
    if text.len() > 18 {
        return None;
    }
    let (mut above, mut below, mut digits, mut after) = (0_i64, 1_i64, 0, false);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                above = above * 10 + i64::from(byte - b'0');
                below *= if after { 10 } else { 1 };
                digits += 1;
            }
            b'.' if !after => after = true,
            _ => return None,
        }
    }
    let divisor = if after { above.gcd(&below) } else { 1 };
    (digits > 0).then(|| (above / divisor, below / divisor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_numbers_are_read_like_long_ones(text in "[0-9]{0,10}[.]{0,2}[0-9]{0,10}") {
            let long = exact::parse(&text).map(|value| (value.numer().to_i64(), value.denom().to_i64()));
            let short = read_number(&text).ok().map(|(above, below)| (Some(above), Some(below)));
            let long = long.filter(|(above, below)| above.is_some() && below.is_some());
            prop_assert_eq!(short, long);
        }
    }
}
