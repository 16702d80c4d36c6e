//! Elections with all that a Pabulib file says of them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use num_integer::Integer;

use super::super::ballot::{BallotKind, Profile};
use super::super::instance::{Instance, ProjectIndex};
use super::column::Column;
use super::meta;
use super::projects::unusable_id;
use super::votes::{has_points, order_by_points};

/// An election: what is voted on, the ballots, and whatever else a file says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Election {
    /// Keys and values of META in their order. Numbers of projects and votes, `budget`, `vote_type` and the
    /// `default_score` of scoring ballots are written as the election has them, whatever stands here.
    pub meta: Vec<(Arc<str>, Arc<str>)>,
    /// Projects and budget.
    pub instance: Instance,
    /// The ballots.
    pub profile: Profile,
    /// Further columns of projects, one cell for each; written under names other than those of the format.
    pub project_columns: Vec<Column>,
    /// Further columns of ballots, such as `age`, one cell for each; written under names other than those of the
    /// format.
    pub voter_columns: Vec<Column>,
}

/// Why an election could not be written so that it is read again.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ElectionFault {
    /// An id that ballots could not name.
    #[error("{0}")]
    ProjectId(String),
    /// No ballot.
    #[error("nobody voted: an election needs a ballot")]
    NoBallots,
    /// An id of a ballot that is empty or that of another.
    #[error("the voter id `{0}` is empty or occurs twice: each ballot needs one of its own")]
    VoterId(Arc<str>),
    /// A ballot, by its place from 0, that names a project twice or one that is not there, or whose points are not as
    /// many as its projects.
    #[error("ballot {0} names a project twice or one that is not there, or has points for other than its projects")]
    Ballot(usize),
    /// A ballot, by its place from 0, of an agent that is not there or has no name.
    #[error("ballot {0} belongs to an agent that is not there or has no name")]
    Agent(usize),
    /// A key of META that is empty or occurs twice.
    #[error("the key `{0}` of META is empty or occurs twice")]
    Key(Arc<str>),
    /// Points in units that are none.
    #[error("points are in units of 1 / {0}: it must be 1 or more")]
    PointScale(i64),
}

impl Election {
    /// An election made by the program. Adds to `meta` what Pabulib wants and is not there and puts it first, brings
    /// points to the largest unit that keeps them whole, and puts projects with more points first.
    ///
    /// It is read back equal from what [`super::write()`] makes of it, agents in the order of their first ballots and
    /// without those that cast none.
    pub fn new(
        instance: Instance,
        mut profile: Profile,
        meta: Vec<(Arc<str>, Arc<str>)>,
    ) -> Result<Self, ElectionFault> {
        if let Some(reason) = instance.projects().iter().find_map(|project| unusable_id(&project.id)) {
            return Err(ElectionFault::ProjectId(reason));
        }
        check_profile(&profile, instance.len())?;
        if let Some(key) = repeated(meta.iter().map(|(key, _)| key.to_ascii_lowercase().into())) {
            return Err(ElectionFault::Key(key));
        }
        if profile.kind != BallotKind::Scoring {
            profile.default_points = 0;
        }
        coarsen(&mut profile);
        for voter in &mut profile.voters {
            order_by_points(&mut voter.ballot);
        }
        let mut meta = meta::completed(&meta, &instance, &profile);
        meta::arrange(&mut meta);
        Ok(Self { meta, instance, profile, project_columns: Vec::new(), voter_columns: Vec::new() })
    }

    /// Takes ballots with one text in this column as those of one agent, named by the text; `None` where there is no
    /// such column.
    pub fn group_by(&mut self, column: &str) -> Option<()> {
        let column = self.voter_columns.iter().find(|known| known.name().eq_ignore_ascii_case(column))?;
        let mut agents: Vec<Arc<str>> = Vec::new();
        let mut places: BTreeMap<&str, u32> = BTreeMap::new();
        for (row, voter) in self.profile.voters.iter_mut().enumerate() {
            let name = column.cell(row);
            let place = *places.entry(name).or_insert_with(|| {
                agents.push(Arc::from(name));
                agents.len() as u32 - 1
            });
            voter.agent = Some(place);
        }
        self.profile.agents = agents;
        Some(())
    }
}

fn check_profile(profile: &Profile, projects: usize) -> Result<(), ElectionFault> {
    if profile.voters.is_empty() {
        return Err(ElectionFault::NoBallots);
    }
    if profile.point_scale < 1 {
        return Err(ElectionFault::PointScale(profile.point_scale));
    }
    if let Some(id) = repeated(profile.voters.iter().map(|voter| voter.id.clone())) {
        return Err(ElectionFault::VoterId(id));
    }
    for (place, voter) in profile.voters.iter().enumerate() {
        let named: BTreeSet<ProjectIndex> = voter.ballot.projects.iter().copied().collect();
        let points = if has_points(profile.kind) { named.len() } else { 0 };
        let once = named.len() == voter.ballot.projects.len();
        if !once || voter.ballot.points.len() != points || named.last().is_some_and(|&last| last >= projects) {
            return Err(ElectionFault::Ballot(place));
        }
        let agent = voter.agent.map(|agent| profile.agents.get(agent as usize));
        if agent.is_some_and(|name| name.is_none_or(|name| name.is_empty())) {
            return Err(ElectionFault::Agent(place));
        }
    }
    Ok(())
}

/// The first text that is empty or has occurred before.
fn repeated(texts: impl Iterator<Item = Arc<str>>) -> Option<Arc<str>> {
    let mut seen = BTreeSet::new();
    texts.into_iter().find(|text| text.is_empty() || !seen.insert(text.clone()))
}

/// Brings points to the largest unit that keeps them whole.
fn coarsen(profile: &mut Profile) {
    let voters = profile.voters.iter();
    let points = voters.flat_map(|voter| &voter.ballot.points).chain([&profile.default_points]);
    let divisor = points.fold(profile.point_scale, |divisor, points| divisor.gcd(points));
    if divisor > 1 {
        profile.point_scale /= divisor;
        profile.default_points /= divisor;
        for voter in &mut profile.voters {
            voter.ballot.points.iter_mut().for_each(|points| *points /= divisor);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::*;

    use super::super::super::ballot::{Ballot, Voter};
    use super::super::super::exact::{Exact, fraction, whole};
    use super::super::super::instance::Project;
    use super::super::{read, write};
    use super::*;

    const KINDS: [BallotKind; 4] =
        [BallotKind::Approval, BallotKind::Ranking, BallotKind::Cumulative, BallotKind::Scoring];

    fn awkward() -> impl Strategy<Value = String> {
        let words = prop::sample::select(vec!["None", "META", "votes", "\u{feff}"]).prop_map(str::to_owned);
        prop_oneof![4 => "[ab;\",' \r\n\tąé日\u{a0}]{0,6}", 1 => words]
    }

    /// Awkward texts that differ in more than letter case and are not empty.
    fn distinct(numbers: Range<usize>) -> impl Strategy<Value = Vec<String>> {
        let texts = awkward().prop_map(|text| if text.is_empty() { "x".to_owned() } else { text.to_lowercase() });
        prop::collection::btree_set(texts, numbers)
            .prop_map(|texts| texts.into_iter().collect::<Vec<_>>())
            .prop_shuffle()
    }

    fn listed() -> impl Strategy<Value = (Vec<Project>, Exact)> {
        let ids = distinct(1..8).prop_map(|ids| {
            ids.iter().map(|id| id.replace(',', "").trim().to_owned()).filter(|id| !id.is_empty()).collect()
        });
        let ids = ids.prop_map(|ids: BTreeSet<String>| ids).prop_filter("some", |ids| !ids.is_empty());
        let texts = prop::array::uniform4(awkward());
        let amounts = (0_i64..5000, 1_i64..13);
        (ids, prop::collection::vec((texts, amounts), 8), 0_i64..5000).prop_map(|(ids, rest, more)| {
            let described = ids.iter().zip(rest).map(|(id, (texts, (above, below)))| {
                let cost = fraction(above, below).expect("a number");
                let [name, category, dimension, description] = texts.map(Arc::from);
                Project { id: id.as_str().into(), name, category, dimension, description, cost }
            });
            let projects: Vec<Project> = described.collect();
            let budget = projects[0].cost.clone() + whole(more);
            (projects, budget)
        })
    }

    prop_compose! {
        fn profiles(projects: usize)(
            kind in prop::sample::select(KINDS.to_vec()),
            ids in distinct(1..6),
            names in distinct(6..7),
            agents in prop::collection::vec(prop::option::of(0..3_usize), 6),
            ballots in prop::collection::vec(prop::sample::subsequence((0..projects).collect::<Vec<_>>(), 0..=projects)
                .prop_shuffle(), 6),
            points in prop::collection::vec(-20_i64..20, 6 * 8),
            point_scale in 1_i64..13,
            default_points in -3_i64..4,
        ) -> Profile {
            let mut named: Vec<Arc<str>> = Vec::new();
            let voters = ids.iter().zip(agents).zip(ballots).enumerate().map(|(place, ((id, agent), projects))| {
                let agent = agent.map(|agent| {
                    let name: Arc<str> = names[agent].as_str().into();
                    let known = named.iter().position(|known| *known == name);
                    known.unwrap_or_else(|| {
                        named.push(name);
                        named.len() - 1
                    }) as u32
                });
                let points = if has_points(kind) { points[place * 8..][..projects.len()].to_vec() } else { Vec::new() };
                Voter { id: id.as_str().into(), agent, ballot: Ballot { projects, points } }
            });
            let voters = voters.collect();
            Profile { kind, voters, agents: named, point_scale, default_points }
        }
    }

    fn columns(rows: usize) -> impl Strategy<Value = Vec<Column>> {
        (distinct(0..4), prop::collection::vec(prop::collection::vec(awkward(), rows), 4)).prop_map(|(names, cells)| {
            let columns = names.into_iter().filter(|name| name != "votes").zip(&cells);
            columns.map(|(name, cells)| Column::new(name, cells.iter().map(String::as_str))).collect()
        })
    }

    fn elections() -> impl Strategy<Value = Election> {
        let meta = (distinct(0..4), prop::collection::vec(awkward(), 4)).prop_map(|(keys, values)| {
            keys.iter().zip(values).map(|(key, value)| (key.as_str().into(), value.into())).collect::<Vec<_>>()
        });
        (listed(), meta).prop_flat_map(|((projects, budget), meta)| {
            let number = projects.len();
            let instance = Instance::new(projects, budget).expect("an instance");
            (profiles(number), columns(number)).prop_flat_map(move |(profile, project_columns)| {
                let voters = profile.voters.len();
                let election = Election::new(instance.clone(), profile, meta.clone()).expect("an election");
                let election = Election { project_columns, ..election };
                columns(voters).prop_map(move |voter_columns| Election { voter_columns, ..election.clone() })
            })
        })
    }

    fn plain_profile(kind: BallotKind) -> Profile {
        let ballot = Ballot { projects: vec![1, 0], points: if has_points(kind) { vec![4, 10] } else { Vec::new() } };
        let voters = vec![Voter { id: "v".into(), agent: Some(0), ballot }];
        Profile { kind, voters, agents: vec!["ann".into()], point_scale: 6, default_points: 0 }
    }

    fn made(ids: [&str; 2], profile: Profile, key: &str) -> Result<Election, ElectionFault> {
        let projects = ids.map(|id| Project {
            id: id.into(),
            name: "".into(),
            category: "".into(),
            dimension: "".into(),
            description: "".into(),
            cost: whole(1),
        });
        let instance = Instance::new(projects.to_vec(), whole(1)).expect("an instance");
        Election::new(instance, profile, vec![(key.into(), "".into()), ("note".into(), "".into())])
    }

    #[test]
    fn points_are_brought_to_their_largest_unit_highest_first() {
        let profile = made(["a", "b"], plain_profile(BallotKind::Cumulative), "key").expect("usable").profile;
        let ballot = &profile.voters[0].ballot;
        assert_eq!((&ballot.projects[..], &ballot.points[..], profile.point_scale), (&[0, 1][..], &[5, 2][..], 3));
    }

    #[test]
    fn an_election_that_could_not_be_read_back_is_refused() {
        let ballot_fault = ElectionFault::Ballot(0);
        let cases: [(fn(&mut Profile), ElectionFault); 9] = [
            (|profile| profile.voters.clear(), ElectionFault::NoBallots),
            (|profile| profile.voters.push(profile.voters[0].clone()), ElectionFault::VoterId("v".into())),
            (|profile| profile.voters[0].id = "".into(), ElectionFault::VoterId("".into())),
            (|profile| profile.voters[0].ballot.projects[0] = 2, ballot_fault.clone()),
            (|profile| profile.voters[0].ballot.projects[0] = 0, ballot_fault.clone()),
            (|profile| profile.voters[0].ballot.points = vec![1], ballot_fault),
            (|profile| profile.voters[0].agent = Some(1), ElectionFault::Agent(0)),
            (|profile| profile.agents[0] = "".into(), ElectionFault::Agent(0)),
            (|profile| profile.point_scale = 0, ElectionFault::PointScale(0)),
        ];
        for (spoil, fault) in cases {
            let mut profile = plain_profile(BallotKind::Scoring);
            spoil(&mut profile);
            assert_eq!(made(["a", "b"], profile, "key"), Err(fault));
        }
        for id in ["", "a,b", " a"] {
            let fault = made([id, "b"], plain_profile(BallotKind::Approval), "key").expect_err(id);
            assert!(matches!(fault, ElectionFault::ProjectId(_)), "{fault}");
        }
        let fault = made(["a", "b"], plain_profile(BallotKind::Approval), "Note").expect_err("a key twice");
        assert_eq!(fault, ElectionFault::Key("note".into()));
    }

    proptest! {
        #[test]
        fn an_election_is_read_as_it_was_written(election in elections()) {
            let text = write(&election);
            let back = read(&text);
            prop_assert_eq!(back.as_ref(), Ok(&election), "{}", text);
            prop_assert_eq!(write(&election), text);
        }
    }
}
