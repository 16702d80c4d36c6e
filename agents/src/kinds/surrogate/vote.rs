//! Votes of agents that answer without words: from their answer sheets, without a string.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{ArmStreams, Purpose, PurposeStreams, Streams};
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::budgeting::vote::ballot_box::BallotRows;
use pluriverse_worlds::budgeting::vote::design::{Election, Elections, VoteDesign};
use pluriverse_worlds::budgeting::vote::showing::{BallotShower, ShowingBallots};
use pluriverse_worlds::budgeting::vote::state::{BallotIntents, VotePercept};
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::exposure::design::OwnAnswer;
use pluriverse_worlds::inference::normal::quantile;
use pluriverse_worlds::survey::state::Sheets;
use pluriverse_worlds::survey::{AnswerSheets, Cell};
use rand_chacha::rand_core::Rng;
use rayon::prelude::*;

use super::answer::{Draws, Situation, answer_row};
use super::model::Mind;
use super::{AnswersBySurrogate, CHUNK};
use crate::kinds::null_model::FollowsNullModel;
use crate::persona::Persona;
use crate::voting::Leanings;

/// Streams of what an agent keeps for life, of items asked for a vote alone.
const PERSON: Purpose = Purpose("vote.person");

/// Streams of answers to items asked for a vote alone.
const EXTRA: Purpose = Purpose("vote.answers");

/// Streams of what is fresh in every ballot.
const BALLOT: Purpose = Purpose("vote.ballot");

/// Streams of panels that decide on items asked for a vote alone.
const PANEL: Purpose = Purpose("vote.panel");

/// What agents without words vote by in one election.
#[derive(Clone, PartialEq, Debug)]
pub struct VoteMinds {
    /// What their answers say about its projects.
    pub leanings: Arc<Leanings>,
    /// By backbone: what answers the items that are asked for the vote alone, and how answers scatter.
    pub minds: Vec<Option<Arc<Mind>>>,
    /// By persona: where it stands on the items that are asked for the vote alone; beyond the last, nowhere.
    pub stances: Vec<Vec<(u16, f32)>>,
}

/// What agents without words vote by, by election; `None` where there are none.
#[derive(Resource, Clone, Debug, Default)]
pub struct VotesByAnswers(pub Vec<Option<VoteMinds>>);

/// How much of a voter's ballot is chance and company.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Manner {
    /// As surrogates answer: ballots scatter, and shown ballots move them.
    Surrogate,
    /// As agents of a classical model do: their opinions alone decide.
    NullModel,
}

/// One voter.
#[derive(Clone, Copy)]
struct Voter {
    agent: AgentId,
    backbone: Backbone,
    culture: Culture,
    persona: Persona,
    manner: Manner,
}

/// `Ask`: ballots are cast at once, in parallel.
pub(super) fn vote_by_answers(
    clock: Res<Clock>,
    percept: Res<VotePercept>,
    elections: Res<Elections>,
    streams: Res<Streams>,
    arm: Res<ArmStreams>,
    minds: Res<VotesByAnswers>,
    sheets: Res<Sheets>,
    shower: BallotShower,
    surrogates: Query<(&AgentId, &Backbone, &Culture, &Persona), With<AnswersBySurrogate>>,
    followers: Query<(&AgentId, &Backbone, &Culture, &Persona), With<FollowsNullModel>>,
    mut intents: ResMut<BallotIntents>,
) {
    let Some(design) = percept.0 else {
        return;
    };
    let of = |manner| {
        move |(&agent, &backbone, &culture, &persona): (&AgentId, &Backbone, &Culture, &Persona)| Voter {
            agent,
            backbone,
            culture,
            persona,
            manner,
        }
    };
    let mut voters: Vec<Voter> = surrogates.iter().map(of(Manner::Surrogate)).collect();
    voters.extend(followers.iter().map(of(Manner::NullModel)));
    let place = usize::from(design.election);
    let Some(minds) = minds.0.get(place).and_then(Option::as_ref).filter(|_| !voters.is_empty()) else {
        return;
    };
    // The order of a query is not a promise; chunks need ids in order.
    voters.sort_unstable_by_key(|voter| voter.agent);
    let election = &elections.0[place];
    let casting = Casting {
        design,
        election,
        minds,
        person: streams.of(PERSON),
        extra: arm.0.of(EXTRA),
        ballot: arm.0.of(BALLOT),
        panel: arm.0.of(PANEL),
        tick: clock.tick,
        sheets: &sheets.current,
        showing: design.showing.map(|how| shower.showing(how, election)),
    };
    let chunks = intents.0.rows().chunks(CHUNK);
    chunks.into_par_iter().enumerate().for_each(|(chunk, mut rows)| {
        let first = (chunk * CHUNK) as u32;
        let from = voters.partition_point(|voter| voter.agent.0 < first);
        let mut scratch = Scratch::new(minds);
        for voter in voters[from..].iter().take_while(|voter| voter.agent.0 < first + CHUNK as u32) {
            casting.cast(voter, (voter.agent.0 - first) as usize, &mut rows, &mut scratch);
        }
    });
}

/// Room for one voter's answers and utilities.
struct Scratch {
    draws: Draws,
    extra: Vec<Cell>,
    settled: Vec<f64>,
    shares: Vec<f64>,
    utilities: Vec<f64>,
}

impl Scratch {
    fn new(minds: &VoteMinds) -> Self {
        let (items, projects) = (minds.leanings.for_the_vote.len(), minds.leanings.projects());
        Self {
            draws: Draws::new(items),
            extra: vec![Cell::missing(Outcome::NotAsked); items],
            settled: vec![0.0; projects],
            shares: vec![0.0; projects],
            utilities: vec![0.0; projects],
        }
    }
}

/// What the ballots of a tick are cast with.
struct Casting<'a> {
    design: VoteDesign,
    election: &'a Election,
    minds: &'a VoteMinds,
    person: PurposeStreams,
    extra: PurposeStreams,
    ballot: PurposeStreams,
    panel: PurposeStreams,
    tick: u32,
    sheets: &'a AnswerSheets,
    showing: Option<ShowingBallots<'a>>,
}

impl Casting<'_> {
    fn cast(&self, voter: &Voter, place: usize, rows: &mut BallotRows<'_>, scratch: &mut Scratch) {
        let Some(mind) = self.minds.minds[voter.backbone.index()].as_deref() else {
            return;
        };
        scratch.draws.draw(&self.person, &self.extra, voter.agent, self.tick);
        let stance = self.minds.stances.get(voter.persona.0 as usize).map_or(&[][..], Vec::as_slice);
        let situation = Situation { asked_before: 0, shown: None, own: None, stance };
        match &mind.panel {
            Some(panel) => {
                let rng = self.panel.stream(voter.agent, self.tick);
                panel.answer_row(&mut scratch.extra, mind, voter.culture, &scratch.draws, situation, &rng);
            }
            None => answer_row(&mut scratch.extra, mind, voter.culture, &scratch.draws, situation),
        }
        let sheet = self.sheets.row(voter.agent);
        self.minds.leanings.utilities(sheet, &scratch.extra, &mut scratch.settled);
        if voter.manner == Manner::Surrogate {
            self.listen(voter.agent, mind, scratch);
        }
        let mut rng = self.ballot.stream(voter.agent, self.tick);
        for sample in 0..usize::from(self.design.samples) {
            let refused = (rng.next_u32() >> 12) < mind.refused_below;
            if refused && voter.manner == Manner::Surrogate {
                rows.set(place, sample, Err(Outcome::Refused));
                continue;
            }
            for (project, (utility, settled)) in scratch.utilities.iter_mut().zip(&scratch.settled).enumerate() {
                let uniform = ((rng.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
                let scatter = match voter.manner {
                    Manner::Surrogate => self.minds.leanings.scatter(project, f64::from(mind.dispersion)),
                    Manner::NullModel => 0.0,
                };
                *utility = settled + scatter * quantile(uniform);
            }
            let ballot = self.election.form.of_utilities(&scratch.utilities, 0.0);
            rows.set(place, sample, Ok(&ballot));
        }
    }

    /// Utilities move towards the ballots that are shown by conformity, and towards the own one of the poll before by
    /// anchoring, where that is shown. Ballots are on the scale of utilities once standardised over projects.
    fn listen(&self, agent: AgentId, mind: &Mind, scratch: &mut Scratch) {
        let Some(showing) = &self.showing else {
            return;
        };
        if showing.shares(agent, &mut scratch.shares) {
            pull(&mut scratch.settled, &mut scratch.shares, f64::from(mind.conformity));
        }
        if let (OwnAnswer::Shown, Some(own)) = (showing.design().own, showing.own(agent)) {
            scratch.shares.fill(0.0);
            for project in own.projects {
                scratch.shares[project] = 1.0;
            }
            pull(&mut scratch.settled, &mut scratch.shares, f64::from(mind.anchoring));
        }
    }
}

/// Moves utilities by a share of the way to what ballots say, standardised in place.
fn pull(utilities: &mut [f64], shares: &mut [f64], strength: f64) {
    let projects = shares.len().max(1) as f64;
    let mean = shares.iter().sum::<f64>() / projects;
    let deviation = (shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / projects).sqrt();
    // Ballots that name everything alike say nothing.
    if deviation > 1e-12 {
        for (utility, share) in utilities.iter_mut().zip(shares) {
            *utility += strength * ((*share - mean) / deviation - *utility);
        }
    }
}
