//! What a ballot has to be.

use std::collections::BTreeSet;
use std::sync::Arc;

use pluriverse_engine::outcome::Outcome;
use serde::{Deserialize, Serialize};

use crate::budgeting::ballot::{Ballot, BallotKind};
use crate::budgeting::instance::ProjectIndex;

/// How many projects a ballot names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Named {
    /// So many.
    Exactly(u16),
    /// Up to so many, and at least one.
    AtMost(u16),
    /// As many as the voter likes, and at least one.
    Any,
}

/// What voters write on a ballot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum BallotForm {
    /// Projects that are approved.
    Approval(Named),
    /// Projects from the best on.
    Ranking(Named),
    /// A sum of points spread over projects, each given at least 1.
    Cumulative {
        /// The sum.
        points: u16,
    },
    /// Points for any projects.
    Scoring {
        /// Fewest points of a project, at least 0.
        lowest: u16,
        /// Most points of a project.
        highest: u16,
    },
}

impl Default for BallotForm {
    /// Exactly four approvals: the published protocol's.
    fn default() -> Self {
        Self::Approval(Named::Exactly(4))
    }
}

/// What is wrong with a ballot.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BallotFault {
    /// No ballot can be read.
    #[error("no ballot can be read")]
    Unparsable,
    /// Too few projects.
    #[error("too few projects: {named}, where {wanted} are wanted")]
    TooFew {
        /// How many are named.
        named: usize,
        /// How many are wanted at least.
        wanted: usize,
    },
    /// Too many projects.
    #[error("too many projects: {named}, where {wanted} are wanted")]
    TooMany {
        /// How many are named.
        named: usize,
        /// How many are wanted at most.
        wanted: usize,
    },
    /// A project that is not on the ballot.
    #[error("there is no project `{0}`")]
    UnknownProject(Arc<str>),
    /// A project that is named twice.
    #[error("project `{0}` is named twice")]
    Repeated(Arc<str>),
    /// Points that do not add up.
    #[error("the points make {given}, where they are to make {wanted}")]
    WrongSum {
        /// Their sum.
        given: i64,
        /// What it should be.
        wanted: i64,
    },
    /// Points out of range.
    #[error("{given} points are not from {lowest} to {highest}")]
    OutOfRange {
        /// The points.
        given: i64,
        /// The fewest.
        lowest: i64,
        /// The most.
        highest: i64,
    },
}

impl BallotFault {
    /// The name used in tables.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unparsable => "unparsable",
            Self::TooFew { .. } => "too_few",
            Self::TooMany { .. } => "too_many",
            Self::UnknownProject(_) => "unknown_project",
            Self::Repeated(_) => "repeated",
            Self::WrongSum { .. } => "wrong_sum",
            Self::OutOfRange { .. } => "points_out_of_range",
        }
    }

    /// What becomes of the request.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Unparsable => Outcome::Unparsable,
            _ => Outcome::OutOfRange,
        }
    }
}

impl BallotForm {
    /// The kind of ballot.
    pub const fn kind(self) -> BallotKind {
        match self {
            Self::Approval(_) => BallotKind::Approval,
            Self::Ranking(_) => BallotKind::Ranking,
            Self::Cumulative { .. } => BallotKind::Cumulative,
            Self::Scoring { .. } => BallotKind::Scoring,
        }
    }

    /// Fewest and most projects a ballot over so many projects names.
    pub fn bounds(self, projects: usize) -> (usize, usize) {
        match self {
            Self::Approval(named) | Self::Ranking(named) => match named {
                Named::Exactly(wanted) => (usize::from(wanted), usize::from(wanted)),
                Named::AtMost(most) => (1, usize::from(most)),
                Named::Any => (1, projects),
            },
            Self::Cumulative { points } => (1, usize::from(points).min(projects)),
            Self::Scoring { .. } => (1, projects),
        }
    }

    /// How many projects every ballot names, where that is fixed.
    pub fn exact(self) -> Option<usize> {
        match self {
            Self::Approval(Named::Exactly(wanted)) => Some(usize::from(wanted)),
            _ => None,
        }
    }

    /// What makes the form impossible over so many projects, where something does.
    pub fn problem(self, projects: usize) -> Option<String> {
        let (least, most) = self.bounds(projects);
        match self {
            Self::Approval(_) | Self::Ranking(_) if most > projects => {
                Some(format!("a ballot is to name {most} projects, and there are {projects}"))
            }
            Self::Approval(_) | Self::Ranking(_) if least == 0 || most == 0 => {
                Some("a ballot that names no project says nothing".to_owned())
            }
            Self::Cumulative { points: 0 } => Some("there is no point to give".to_owned()),
            Self::Scoring { lowest, highest } if lowest >= highest => {
                Some(format!("points from {lowest} to {highest} tell no project from another"))
            }
            _ => None,
        }
    }

    /// What is wrong with a ballot whose projects are all on the paper: how many, repeated, points. `id` tells their
    /// names.
    pub fn check(
        self,
        ballot: &Ballot,
        projects: usize,
        id: impl Fn(ProjectIndex) -> Arc<str>,
    ) -> Result<(), BallotFault> {
        let mut seen = BTreeSet::new();
        if let Some(&project) = ballot.projects.iter().find(|&&project| !seen.insert(project)) {
            return Err(BallotFault::Repeated(id(project)));
        }
        let (named, (least, most)) = (ballot.projects.len(), self.bounds(projects));
        if named < least {
            return Err(BallotFault::TooFew { named, wanted: least });
        }
        if named > most {
            return Err(BallotFault::TooMany { named, wanted: most });
        }
        let range = match self {
            Self::Approval(_) | Self::Ranking(_) => return Ok(()),
            Self::Cumulative { points } => (1, i64::from(points)),
            Self::Scoring { lowest, highest } => (i64::from(lowest), i64::from(highest)),
        };
        if let Some(&given) = ballot.points.iter().find(|points| !(range.0..=range.1).contains(points)) {
            return Err(BallotFault::OutOfRange { given, lowest: range.0, highest: range.1 });
        }
        let given = ballot.points.iter().sum();
        match self {
            Self::Cumulative { points } if given != i64::from(points) => {
                Err(BallotFault::WrongSum { given, wanted: i64::from(points) })
            }
            _ => Ok(()),
        }
    }

    /// The ballot of a voter whose utilities these are (any numbers, one a project): the form's number of best
    /// projects; any number means those above `indifferent`, and at least one. Points are in proportion to how far
    /// utilities lie above the least of those named, by largest remainders; scores spread over the whole range.
    pub fn of_utilities(self, utilities: &[f64], indifferent: f64) -> Ballot {
        let mut order: Vec<ProjectIndex> = (0..utilities.len()).collect();
        order.sort_by(|&one, &other| utilities[other].total_cmp(&utilities[one]).then(one.cmp(&other)));
        let (least, most) = self.bounds(utilities.len());
        let liked = order.iter().take_while(|&&project| utilities[project] > indifferent).count();
        let wanted = match self {
            Self::Scoring { .. } => most,
            Self::Cumulative { .. } => liked.clamp(least, most),
            Self::Approval(named) | Self::Ranking(named) => match named {
                Named::Exactly(wanted) => usize::from(wanted),
                Named::AtMost(_) | Named::Any => liked.clamp(least, most),
            },
        };
        order.truncate(wanted);
        let points = match self {
            Self::Approval(_) | Self::Ranking(_) => Vec::new(),
            Self::Cumulative { points } => spread(&order, utilities, indifferent, i64::from(points)),
            Self::Scoring { lowest, highest } => scores(&order, utilities, (i64::from(lowest), i64::from(highest))),
        };
        if self.kind() == BallotKind::Approval {
            order.sort_unstable();
        }
        Ballot { projects: order, points }
    }
}

/// A sum of points over projects, each at least 1 and the rest in proportion to utility above `indifferent`.
fn spread(projects: &[ProjectIndex], utilities: &[f64], indifferent: f64, sum: i64) -> Vec<i64> {
    let weights: Vec<f64> = projects.iter().map(|&project| (utilities[project] - indifferent).max(1e-9)).collect();
    let total: f64 = weights.iter().sum();
    let rest = sum - projects.len() as i64;
    let exact: Vec<f64> = weights.iter().map(|weight| weight / total * rest as f64).collect();
    let mut points: Vec<i64> = exact.iter().map(|share| 1 + share.floor() as i64).collect();
    let mut by_remainder: Vec<usize> = (0..points.len()).collect();
    by_remainder.sort_by(|&one, &other| exact[other].fract().total_cmp(&exact[one].fract()).then(one.cmp(&other)));
    let missing = sum - points.iter().sum::<i64>();
    for &place in by_remainder.iter().take(missing.max(0) as usize) {
        points[place] += 1;
    }
    points
}

/// Points from the worst project's fewest to the best one's most.
fn scores(projects: &[ProjectIndex], utilities: &[f64], (lowest, highest): (i64, i64)) -> Vec<i64> {
    let of = |project: &ProjectIndex| utilities[*project];
    let worst = projects.iter().map(of).fold(f64::INFINITY, f64::min);
    let best = projects.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    let width = (best - worst).max(1e-12);
    let score = |project: &ProjectIndex| {
        let place = ((of(project) - worst) / width * (highest - lowest) as f64 + 0.5).floor();
        (lowest + place as i64).clamp(lowest, highest)
    };
    projects.iter().map(score).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(project: ProjectIndex) -> Arc<str> {
        Arc::from(format!("p{project}"))
    }

    fn ballot(projects: &[ProjectIndex], points: &[i64]) -> Ballot {
        Ballot { projects: projects.to_vec(), points: points.to_vec() }
    }

    #[test]
    fn a_ballot_that_is_not_what_is_asked_for_is_told_what_is_wrong_with_it() {
        let four = BallotForm::Approval(Named::Exactly(4));
        let ten = BallotForm::Cumulative { points: 10 };
        let stars = BallotForm::Scoring { lowest: 0, highest: 5 };
        for (form, ballot, expected) in [
            (four, ballot(&[0, 1, 2, 3], &[]), None),
            (four, ballot(&[0, 1, 2], &[]), Some("too_few")),
            (four, ballot(&[0, 1, 2, 3, 4], &[]), Some("too_many")),
            (four, ballot(&[0, 1, 2, 0], &[]), Some("repeated")),
            (BallotForm::Approval(Named::AtMost(2)), ballot(&[], &[]), Some("too_few")),
            (BallotForm::Ranking(Named::Any), ballot(&[4, 0], &[]), None),
            (ten, ballot(&[0, 1], &[6, 4]), None),
            (ten, ballot(&[0, 1], &[6, 5]), Some("wrong_sum")),
            (ten, ballot(&[0, 1], &[10, 0]), Some("points_out_of_range")),
            (stars, ballot(&[0, 1], &[5, 6]), Some("points_out_of_range")),
        ] {
            let found = form.check(&ballot, 5, id).err();
            assert_eq!(found.as_ref().map(BallotFault::name), expected, "{form:?} {ballot:?}");
        }
    }

    #[test]
    fn forms_that_no_ballot_can_have_are_refused() {
        for (form, possible) in [
            (BallotForm::Approval(Named::Exactly(4)), true),
            (BallotForm::Approval(Named::Exactly(14)), false),
            (BallotForm::Approval(Named::Exactly(0)), false),
            (BallotForm::Ranking(Named::AtMost(14)), false),
            (BallotForm::Cumulative { points: 0 }, false),
            (BallotForm::Scoring { lowest: 3, highest: 3 }, false),
        ] {
            assert_eq!(form.problem(13).is_none(), possible, "{form:?}");
        }
    }

    fn forms() -> impl Strategy<Value = BallotForm> {
        let named =
            prop_oneof![(1_u16..6).prop_map(Named::Exactly), (1_u16..6).prop_map(Named::AtMost), Just(Named::Any)];
        prop_oneof![
            named.clone().prop_map(BallotForm::Approval),
            named.prop_map(BallotForm::Ranking),
            (1_u16..20).prop_map(|points| BallotForm::Cumulative { points }),
            (0_u16..3, 3_u16..9).prop_map(|(lowest, highest)| BallotForm::Scoring { lowest, highest }),
        ]
    }

    proptest! {
        #[test]
        fn whatever_a_voter_likes_its_ballot_is_a_valid_one(
            form in forms(),
            utilities in prop::collection::vec(-3.0..3.0_f64, 6..12),
        ) {
            let ballot = form.of_utilities(&utilities, 0.0);
            prop_assert_eq!(form.check(&ballot, utilities.len(), id), Ok(()));
        }
    }
}
