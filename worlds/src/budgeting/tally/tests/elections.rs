//! Elections to try the rules on: small, and of every sort that is hard.

use std::collections::BTreeSet;
use std::sync::Arc;

use num_traits::Zero;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::budgeting::ballot::{Ballot, BallotKind, Profile, Voter, VoterUnit};
use crate::budgeting::electorate::Electorate;
use crate::budgeting::exact::{Exact, parse, whole};
use crate::budgeting::instance::{Instance, Project, ProjectIndex};
use crate::budgeting::tally::{
    Account, Allocation, Contest, IdOrder, Increments, Payment, Raised, Rule, RuleFault, Step, Stop, TieBreaking,
    TieKey, tally, tied_outcomes,
};

pub(super) const APPROVALS: &[BallotKind] = &[BallotKind::Approval];
pub(super) const ALL_KINDS: &[BallotKind] =
    &[BallotKind::Approval, BallotKind::Ranking, BallotKind::Cumulative, BallotKind::Scoring];

/// An election as it can be taken apart and put together in another way.
#[derive(Clone, Debug)]
pub(super) struct Election {
    pub(super) ids: Vec<String>,
    pub(super) costs: Vec<Exact>,
    pub(super) budget: Exact,
    pub(super) kind: BallotKind,
    pub(super) ballots: Vec<Ballot>,
    /// Points are in units of one part of this many.
    pub(super) scale: i64,
    /// Points of what a scoring ballot does not name.
    pub(super) unnamed: i64,
    /// Whose each ballot is.
    pub(super) agents: Vec<u32>,
    pub(super) unit: VoterUnit,
    pub(super) ties: TieBreaking,
    pub(super) increments: Increments,
}

impl Election {
    /// Approvals of projects in letters, each ballot as often as its number says; ties go by letter.
    pub(super) fn of_letters(costs: &[&str], budget: &str, ballots: &[(&str, usize)]) -> Self {
        let ballots: Vec<Ballot> = ballots
            .iter()
            .flat_map(|(names, times)| vec![Ballot { projects: places(names), points: Vec::new() }; *times])
            .collect();
        Self {
            ids: (b'a'..).take(costs.len()).map(|letter| char::from(letter).to_string()).collect(),
            costs: costs.iter().map(|cost| number(cost)).collect(),
            budget: number(budget),
            kind: BallotKind::Approval,
            agents: (0..).take(ballots.len()).collect(),
            ballots,
            scale: 1,
            unnamed: 0,
            unit: VoterUnit::Ballot,
            ties: TieBreaking::default(),
            increments: Increments::default(),
        }
    }

    pub(super) fn instance(&self) -> Instance {
        let project = |(id, cost): (&String, &Exact)| Project {
            id: id.as_str().into(),
            name: Arc::default(),
            category: Arc::default(),
            dimension: Arc::default(),
            description: Arc::default(),
            cost: cost.clone(),
        };
        let projects = self.ids.iter().zip(&self.costs).map(project).collect();
        Instance::new(projects, self.budget.clone()).expect("an instance")
    }

    pub(super) fn electorate(&self) -> Electorate {
        let voter = |(ballot, agent): (&Ballot, &u32)| Voter {
            id: Arc::default(),
            agent: Some(*agent),
            ballot: ballot.clone(),
        };
        let profile = Profile {
            kind: self.kind,
            voters: self.ballots.iter().zip(&self.agents).map(voter).collect(),
            agents: Vec::new(),
            point_scale: self.scale,
            default_points: self.unnamed,
        };
        Electorate::new(&profile, self.ids.len(), self.unit).expect("an electorate")
    }

    /// What can be read off the election once it is ready to be decided.
    pub(super) fn contest<T>(&self, of: impl FnOnce(&Contest<'_>) -> T) -> T {
        let (instance, electorate) = (self.instance(), self.electorate());
        of(&Contest::new(&instance, &electorate, &self.ties))
    }

    /// All projects by score.
    pub(super) fn ranking(&self) -> Vec<Vec<ProjectIndex>> {
        let (instance, electorate) = (self.instance(), self.electorate());
        Contest::new(&instance, &electorate, &self.ties).ranking()
    }

    pub(super) fn tally(&self, rule: Rule) -> Result<Allocation, RuleFault> {
        self.contest(|contest| tally(contest, rule, &self.increments))
    }

    /// What the rules that take these ballots make of them.
    pub(super) fn allocations(&self) -> Vec<Allocation> {
        self.contest(|contest| {
            Rule::all().into_iter().filter_map(|rule| tally(contest, rule, &self.increments).ok()).collect()
        })
    }

    /// What ties can make of the election; `None` where the rule does not say.
    pub(super) fn tied(&self, rule: Rule) -> Option<BTreeSet<Vec<ProjectIndex>>> {
        let outcomes = self.contest(|contest| tied_outcomes(contest, rule)).expect("ballots the rule takes")?;
        let distinct: BTreeSet<_> = outcomes.iter().cloned().collect();
        assert!(outcomes.iter().eq(&distinct), "outcomes are sorted, and each is told once: {outcomes:?}");
        Some(distinct)
    }

    /// All rules' results, in names that outlast another order of projects and voters.
    pub(super) fn told(&self) -> Vec<Told> {
        self.allocations().into_iter().map(|allocation| self.telling(allocation)).collect()
    }

    fn telling(&self, Allocation { rule, funded, steps, stop, account }: Allocation) -> Told {
        let named = |projects: &[ProjectIndex]| projects.iter().map(|&one| self.ids[one].clone()).collect();
        let step =
            |Step { project, value, tied, payment }: Step| (self.ids[project].clone(), value, named(&tied), payment);
        let each = |of: &dyn Fn(usize) -> Exact| (0..self.ballots.len()).map(of).collect();
        let (mut sets, mut figure, mut raised, mut by_ballot) = (None, Exact::zero(), None, Vec::new());
        match account {
            Account::Plain => {}
            Account::Loads { loads } => by_ballot = each(&|ballot| loads.of(ballot)),
            Account::Purses { endowment, left, raised: by } => {
                (figure, raised, by_ballot) = (endowment, by, each(&|ballot| left.of(ballot)));
            }
            Account::Optimum { welfare, sets: number } => (figure, sets) = (welfare, number),
        }
        let outcomes = self.tied(rule).map(|sets| sets.iter().map(|set| BTreeSet::from_iter(named(set))).collect());
        Told {
            rule,
            funded: named(&funded),
            steps: steps.into_iter().map(step).collect(),
            stop,
            sets,
            figure,
            raised,
            by_ballot,
            outcomes,
        }
    }
}

/// An allocation and its ties with projects by id, and what it has for each ballot as a list.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Told {
    pub(super) rule: Rule,
    pub(super) funded: Vec<String>,
    pub(super) steps: Vec<(String, Option<Exact>, Vec<String>, Option<Payment>)>,
    pub(super) stop: Stop,
    pub(super) sets: Option<u128>,
    /// Welfare or endowment.
    pub(super) figure: Exact,
    pub(super) raised: Option<Raised>,
    /// Loads, or the money that is left.
    pub(super) by_ballot: Vec<Exact>,
    pub(super) outcomes: Option<BTreeSet<BTreeSet<String>>>,
}

pub(super) fn number(text: &str) -> Exact {
    parse(text).expect("a number")
}

/// Projects in letters.
pub(super) fn places(letters: &str) -> Vec<ProjectIndex> {
    letters.bytes().map(|letter| usize::from(letter - b'a')).collect()
}

/// Elections of this sort of ballots: 2 to 8 projects and 1 to 15 ballots of up to five agents.
pub(super) fn elections(kinds: &'static [BallotKind]) -> impl Strategy<Value = Election> {
    elections_of(kinds, 2..=8)
}

/// The same with so many projects.
pub(super) fn elections_of(
    kinds: &'static [BallotKind],
    projects: std::ops::RangeInclusive<usize>,
) -> impl Strategy<Value = Election> {
    // Of scoring elections half know no points below 0, which Equal Shares cannot do with.
    let size = (projects, 1_usize..=15, select(kinds), select(vec![0_i64, -2]));
    size.prop_flat_map(|(projects, voters, kind, least)| {
        let ballots = prop::collection::vec(ballot(kind, projects, least), voters);
        let agents = prop::collection::vec(0_u32..5, voters);
        let unit = select(vec![VoterUnit::Ballot, VoterUnit::Agent]);
        let money = (costs(projects), 0_u32..=110);
        (money, ballots, agents, unit, ids(projects), ties(), increments(), points(kind, least)).prop_map(
            move |((costs, percent), ballots, agents, unit, ids, ties, (share, raise), (scale, unnamed))| {
                let budget = costs.iter().sum::<Exact>() * whole(percent) / whole(100);
                // A budget is of no use where nothing can be bought with it.
                let budget = costs.iter().min().map_or(budget.clone(), |cheapest| budget.max(cheapest.clone()));
                let increments = Increments { endowment: share * &budget, budget: raise };
                Election { ids, costs, budget, kind, ballots, scale, unnamed, agents, unit, ties, increments }
            },
        )
    })
}

/// Approvals of projects that all cost the same.
pub(super) fn of_equal_costs() -> impl Strategy<Value = Election> {
    (elections(APPROVALS), amount(), 0_u32..=110).prop_map(|(mut election, cost, percent)| {
        let sum = &cost * whole(election.costs.len());
        election.budget = (sum * whole(percent) / whole(100)).max(cost.clone());
        election.costs.fill(cost);
        election
    })
}

/// An election, and its projects and its ballots in another order each.
pub(super) fn shuffled(
    kinds: &'static [BallotKind],
) -> impl Strategy<Value = (Election, Vec<ProjectIndex>, Vec<usize>)> {
    elections(kinds).prop_flat_map(|election| {
        let projects = Just((0..election.ids.len()).collect::<Vec<_>>()).prop_shuffle();
        let ballots = Just((0..election.ballots.len()).collect::<Vec<_>>()).prop_shuffle();
        (Just(election), projects, ballots)
    })
}

/// Equal costs, costs of few sizes, and any costs, some of them 0.
fn costs(projects: usize) -> impl Strategy<Value = Vec<Exact>> {
    prop_oneof![
        amount().prop_map(move |cost| vec![cost; projects]),
        prop::collection::vec((1_u32..=3).prop_map(whole), projects),
        prop::collection::vec(amount(), projects),
    ]
}

fn amount() -> impl Strategy<Value = Exact> {
    let parts = (1_u32..=40, select(vec![1_u32, 2, 3, 4, 10, 100]));
    prop_oneof![1 => Just(Exact::zero()), 6 => parts.prop_map(|(above, below)| whole(above) / whole(below))]
}

/// Ids of which some compare differently as numbers and as texts.
fn ids(projects: usize) -> impl Strategy<Value = Vec<String>> {
    let pool = ["1", "2", "9", "10", "010", "p2", "p10", "a"].map(str::to_owned).to_vec();
    Just(pool).prop_shuffle().prop_map(move |mut ids| {
        ids.truncate(projects);
        ids
    })
}

fn ties() -> impl Strategy<Value = TieBreaking> {
    let keys = vec![TieKey::MostVotes, TieKey::LowestCost, TieKey::HighestCost];
    let ids = select(vec![IdOrder::Natural, IdOrder::Lexicographic]);
    (subsequence(keys, 0..=2).prop_shuffle(), ids).prop_map(|(keys, ids)| TieBreaking { keys, ids })
}

/// Shares of the budget that a voter's endowment and the budget are raised by.
fn increments() -> impl Strategy<Value = (Exact, Exact)> {
    let of = |texts: [&str; 4]| select(texts.map(number).to_vec());
    (of(["0.05", "1/7", "0.3", "1"]), of(["1/5", "1/3", "1", "2"]))
}

/// What points are parts of, and what goes to projects that are not named; only where there are points.
fn points(kind: BallotKind, least: i64) -> impl Strategy<Value = (i64, i64)> {
    let unnamed = if kind == BallotKind::Scoring { vec![0, 1, least.max(-1)] } else { vec![0] };
    (select(if has_points(kind) { vec![1, 10] } else { vec![1] }), select(unnamed))
}

fn has_points(kind: BallotKind) -> bool {
    matches!(kind, BallotKind::Cumulative | BallotKind::Scoring)
}

fn ballot(kind: BallotKind, projects: usize, least: i64) -> impl Strategy<Value = Ballot> {
    let least = if kind == BallotKind::Scoring { least } else { 0 };
    let some = subsequence((0..projects).collect::<Vec<_>>(), 0..=projects).prop_shuffle();
    (some, prop::collection::vec(least..=5, projects)).prop_map(move |(projects, mut points)| {
        points.truncate(if has_points(kind) { projects.len() } else { 0 });
        Ballot { projects, points }
    })
}
