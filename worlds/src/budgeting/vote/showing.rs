//! What a voter is shown of the poll before: whose ballots, which ones, in which order.

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{ArmStreams, Purpose, PurposeStreams};
use pluriverse_engine::tick::Clock;
use rand_chacha::rand_core::Rng;

use super::ballot_box::BallotBox;
use super::design::Election;
use super::state::{Ballots, ProjectsAcross};
use crate::budgeting::ballot::Ballot;
use crate::culture::Culture;
use crate::exposure::design::{ExposureDesign, Placebo, Treatment, Who};
use crate::exposure::showing::{Place, Shower, Showing};
use crate::network::Network;
use crate::survey::state::Sheets;

/// Streams of ballots that are nobody's.
const UNIFORM: Purpose = Purpose("vote.uniform");

/// One ballot, as shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownBallot {
    /// Whose it is said to be; `None` where nobody's name is told.
    pub culture: Option<Culture>,
    /// The ballot.
    pub ballot: Ballot,
}

/// What ballots are shown out of, as systems take it.
#[derive(SystemParam)]
pub struct BallotShower<'w> {
    shower: Shower<'w>,
    sheets: Res<'w, Sheets>,
    ballots: Res<'w, Ballots>,
    across: Res<'w, ProjectsAcross>,
    arm: Res<'w, ArmStreams>,
    clock: Res<'w, Clock>,
}

/// Everything that decides what voters are shown in a tick.
pub struct ShowingBallots<'a> {
    showing: Showing<'a>,
    ballots: &'a BallotBox,
    across: &'a [u16],
    uniform: PurposeStreams,
    election: &'a Election,
    /// How many ballots there are and how many of them name each project, where that is enough to know what anybody is
    /// shown.
    totals: Option<(u64, Vec<u32>)>,
}

impl BallotShower<'_> {
    /// What voters are shown in the turn being run.
    pub fn showing<'s>(&'s self, design: ExposureDesign, election: &'s Election) -> ShowingBallots<'s> {
        let mut showing = ShowingBallots {
            showing: self.shower.showing(design, &self.sheets, &self.clock),
            ballots: &self.ballots.0,
            across: &self.across.0,
            uniform: self.arm.0.of(UNIFORM),
            election,
            totals: None,
        };
        let plain = matches!(design.treatment, Treatment::Exposed | Treatment::Unlabelled);
        let everybody = matches!(showing.showing.network, Network::Complete { .. });
        if plain && everybody && !matches!(design.who, Who::Sampled(_)) {
            let cast = showing.ballots.outcomes().get(Outcome::Answered);
            showing.totals = Some((cast, showing.named_by_all()));
        }
        showing
    }
}

impl ShowingBallots<'_> {
    /// The design.
    pub fn design(&self) -> &ExposureDesign {
        &self.showing.design
    }

    /// The ballots a voter is shown, in the order they are shown. Peers that cast none are not shown.
    pub fn ballots(&self, viewer: AgentId, culture_of: impl Fn(AgentId) -> Culture) -> Vec<ShownBallot> {
        let design = &self.showing.design;
        let label = |culture| (design.treatment != Treatment::Unlabelled).then_some(culture);
        let places = self.showing.ordered_places(viewer, 0, culture_of);
        let show = |(number, (culture, place)): (usize, (Culture, Place))| {
            Some(ShownBallot { culture: label(culture), ballot: self.at(viewer, number, place)? })
        };
        places.into_iter().enumerate().filter_map(show).collect()
    }

    /// A voter's own ballot of the poll before.
    pub fn own(&self, agent: AgentId) -> Option<Ballot> {
        self.ballots.get(agent, 0).ok()
    }

    /// The share of the ballots a voter is shown that name each project, into `shares`; whether it is shown any.
    pub fn shares(&self, viewer: AgentId, shares: &mut [f64]) -> bool {
        shares.fill(0.0);
        let mut weight = 0.0;
        if let Some((cast, totals)) = &self.totals {
            let own = self.ballots.named(viewer, 0);
            weight = (cast - u64::from(own.is_ok())) as f64;
            for (share, &total) in shares.iter_mut().zip(totals) {
                *share = f64::from(total);
            }
            for &project in own.unwrap_or_default() {
                shares[usize::from(project)] -= 1.0;
            }
        } else if self.showing.design.treatment.shows() {
            for (number, place) in self.showing.places(viewer).into_iter().enumerate() {
                if let Some(ballot) = self.at(viewer, number, place) {
                    weight += place.weight;
                    for project in ballot.projects {
                        shares[project] += place.weight;
                    }
                }
            }
        }
        if weight > 0.0 {
            for share in shares.iter_mut() {
                *share /= weight;
            }
        }
        weight > 0.0
    }

    /// The ballot that stands in one of the places a voter is shown.
    fn at(&self, viewer: AgentId, number: usize, place: Place) -> Option<Ballot> {
        match self.showing.design.treatment {
            Treatment::ReAsk | Treatment::Placebo(Placebo::OtherRun) => None,
            Treatment::Placebo(Placebo::Uniform) => Some(self.nobodys(viewer, number)),
            Treatment::Placebo(Placebo::AcrossItems) => {
                let mut ballot = self.ballots.get(place.from, 0).ok()?;
                for project in &mut ballot.projects {
                    *project = usize::from(self.across[*project]);
                }
                Some(ballot)
            }
            Treatment::Exposed | Treatment::Unlabelled | Treatment::Placebo(Placebo::Donor) => {
                self.ballots.get(place.from, 0).ok()
            }
        }
    }

    /// A ballot of somebody to whom every project is as likely to be the best.
    fn nobodys(&self, viewer: AgentId, number: usize) -> Ballot {
        let projects = self.election.paper.instance.len();
        let mut rng = self.uniform.stream(viewer, self.showing.tick);
        // Two words a utility.
        rng.set_word_pos((number * projects * 2) as u128);
        let utilities: Vec<f64> = (0..projects).map(|_| (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64).collect();
        self.election.form.of_utilities(&utilities, 0.5)
    }

    fn named_by_all(&self) -> Vec<u32> {
        let mut totals = vec![0; self.election.paper.instance.len()];
        for agent in (0..self.ballots.agents() as u32).map(AgentId) {
            for &project in self.ballots.named(agent, 0).unwrap_or_default() {
                totals[usize::from(project)] += 1;
            }
        }
        totals
    }
}
