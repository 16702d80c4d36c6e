//! Surrogates: an ordinal response model of a culturally prompted language model, for runs without one.
//!
//! All positions are normalised: 0 is an item's first option, 1 its last. For culture c and item k let
//!
//! - `H[c,k]` be the mean human position (embedded reference; the pooled one where the culture has no data),
//! - `P[k]` the mean of `H` over the reference's cultures (½ without data),
//! - `W[k]` the mean of `H` over the cultures at the self-expression pole of the Inglehart–Welzel map.
//!
//! An agent's disposition is fixed; each request scatters around it:
//!
//! ```text
//! V  = ½ + acquiescence + scale_use·(P − ½) + self_expression_lean·(W − P)                the house view
//! y  = V + culture_pull·(H − P) + house_deviation·z_house + own_deviation·z_own           the disposition
//! y" = y + persona_pull·(where the persona's words stand − y)                            on items they speak of
//! y' = y" + conformity·(mean of the answers shown − y")                                   when any are shown
//! x  = 1 + round((y' + dispersion·e)·(m − 1)), within 1..=m; missing with probability refusal
//! ```
//!
//! `persona_pull` is ½ unless a scenario says otherwise, fitted to nothing, and moves nobody without a profile.
//!
//! Two more parameters are 0 in every preset and can be given by a scenario: before anything is shown, y moves by
//! 1 − (1 − retest_trend)^t of the way to the middle of the scale, t being how often everything was asked before, and
//! by `anchoring` of the way to the agent's own answer of the round before, where that is shown or remembered.
//!
//! The z and e are standard normal. `z_house` belongs to backbone and item, seven tenths of its variance being common
//! to all backbones; `z_own` to backbone, culture and item for nine tenths of its variance and to the single agent for
//! the rest; `e` is fresh in every request. What belongs to names is drawn from names, what belongs to a run from its
//! seed.
//!
//! Good for: trying out designs, sizes, networks and statistics at no cost, with levels of diversity and alignment like
//! a real backbone's. Not good for: what a backbone thinks about any single item, its structural diversity (two to five
//! points too high), or whether exposure really moves models: conformity was fitted to data without a control arm.

pub mod answer;
pub mod dilemmas;
pub mod draft;
pub mod drafted;
pub mod fit;
pub mod model;
pub mod panel;
pub mod post;
pub mod vote;

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::seed::{ArmStreams, Purpose, PurposeStreams, Streams};
use pluriverse_engine::simulation::SimulationBuilder;
use pluriverse_engine::tick::{Acting, Clock, TickSystems, Turns};
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::exposure::Showing;
use pluriverse_worlds::exposure::design::{MemoryPolicy, OwnAnswer};
use pluriverse_worlds::exposure::peers::{PeerTotals, RowTotals};
use pluriverse_worlds::exposure::showing::Shower;
use pluriverse_worlds::platform::life::close_round;
use pluriverse_worlds::platform::reading::Readings;
use pluriverse_worlds::survey::resolve::resolve_answers;
use pluriverse_worlds::survey::state::{AnswerIntents, Percept, Sheets};
use pluriverse_worlds::survey::{AnswerSheets, Cell};
use rayon::prelude::*;

use answer::{Draws, Situation, answer_row};
use drafted::{Drafting, draft_row};
use model::Mind;

use crate::drafts::AnswerDrafting;
use crate::kinds::panel::{DRAWS, PanelLog, PanelSums};
use crate::persona::{Persona, Personas};

/// Marks agents answered for by a surrogate.
#[derive(Component, Clone, Copy, Debug)]
pub struct AnswersBySurrogate;

/// The surrogates of a run, by backbone.
#[derive(Resource, Clone, Debug, Default)]
pub struct Surrogates(pub Vec<Option<Arc<Mind>>>);

/// Streams of what an agent keeps for life.
pub const PERSON: Purpose = Purpose("surrogate.person");

/// Streams of what is fresh in every request.
pub const REQUEST: Purpose = Purpose("surrogate.request");

/// Adds surrogate agents to a society, and the votes of all that vote by their answers: expects the survey world and
/// that of votes, [`Surrogates`] and [`vote::VotesByAnswers`].
pub fn plugin(simulation: &mut SimulationBuilder) {
    simulation.world.init_resource::<post::Posters>();
    simulation.world.init_resource::<dilemmas::DilemmaMinds>();
    simulation.world.init_resource::<draft::Drafters>();
    simulation
        .before_model(
            (answer_by_surrogate, vote::vote_by_answers, dilemmas::judge_by_preferences, draft::draft_by_surrogate)
                .chain()
                .in_set(TickSystems::Ask)
                // Kinds write the answers of their own agents: their order among each other cannot show.
                .ambiguous_with(TickSystems::Ask),
        )
        .before_model(post::know_posters.after(TickSystems::Perceive).before(TickSystems::Ask))
        .before_model(
            // Before anybody is asked in words: what they are shown is what stands then.
            (post::act_on_snapshot, post::live_until_next_turn)
                .chain()
                .after(post::know_posters)
                .before(TickSystems::Ask),
        )
        .after_model(post::live_to_the_end.in_set(TickSystems::Resolve).after(resolve_answers).before(close_round));
}

/// Agents that share a unit of parallel work.
const CHUNK: usize = 512;

fn answer_by_surrogate(
    clock: Res<Clock>,
    turns: Res<Turns>,
    percept: Res<Percept>,
    streams: Res<Streams>,
    arm: Res<ArmStreams>,
    surrogates: Res<Surrogates>,
    shower: Shower,
    sheets: Res<Sheets>,
    readings: Res<Readings>,
    personas: Res<Personas>,
    agents: Query<(&AgentId, &Backbone, &Culture, &Persona, Option<&AnswerDrafting>), With<AnswersBySurrogate>>,
    mut intents: ResMut<AnswerIntents>,
    mut panels: ResMut<PanelLog>,
) {
    if *percept == Percept::Nothing {
        return;
    }
    let acting = turns.acting();
    let mut members: Vec<Member> = agents
        .iter()
        .filter(|(agent, ..)| acting.includes(**agent))
        .map(|(&agent, &backbone, &culture, &persona, way)| {
            (agent, backbone, culture, persona, way.copied().unwrap_or_default())
        })
        .collect();
    if members.is_empty() {
        return;
    }
    // The order of a query is not a promise; chunks need ids in order.
    members.sort_unstable_by_key(|&(agent, ..)| agent);
    let showing = percept.exposure().map(|design| shower.showing(design, &sheets, &clock));
    let peers = showing.as_ref().map(|showing| PeerTotals::new(showing.network, showing.answers));
    let answering = Answering {
        person: streams.of(PERSON),
        request: arm.0.of(REQUEST),
        drafted: arm.0.of(drafted::DRAFTED),
        panel: arm.0.of(DRAWS),
        tick: clock.tick,
        asked_before: sheets.asked,
        surrogates: &surrogates,
        shown: showing.as_ref().zip(peers.as_ref()),
        readings: &readings,
        personas: &personas,
        own: sheets.seen(),
    };
    let items = intents.0.items();
    if let Acting::One(agent) = acting {
        let row = &mut intents.0.cells_mut()[agent.index() * items..][..items];
        panels.sums.merge(&answering.fill(row, members[0], &mut Scratch::new(items)));
        return;
    }
    let of_chunk = |(chunk, rows): (usize, &mut [Cell])| {
        let first = (chunk * CHUNK) as u32;
        let from = members.partition_point(|&(agent, ..)| agent.0 < first);
        let mut scratch = Scratch::new(items);
        let mut sums = PanelSums::default();
        for &member in members[from..].iter().take_while(|&&(agent, ..)| agent.0 < first + CHUNK as u32) {
            let row = &mut rows[(member.0.0 - first) as usize * items..][..items];
            sums.merge(&answering.fill(row, member, &mut scratch));
        }
        sums
    };
    let chunks = intents.0.cells_mut().par_chunks_mut(CHUNK * items.max(1)).enumerate();
    // In the order of chunks, whoever worked on them: sums are the same with any number of threads.
    for sums in chunks.map(of_chunk).collect::<Vec<_>>() {
        panels.sums.merge(&sums);
    }
}

/// A surrogate: who it is, what it is grounded in and how it comes to an answer.
type Member = (AgentId, Backbone, Culture, Persona, AnswerDrafting);

/// Room for one agent's draws and for sums over what it is shown.
struct Scratch {
    draws: Draws,
    totals: RowTotals,
    spare: RowTotals,
}

impl Scratch {
    fn new(items: usize) -> Self {
        Self { draws: Draws::new(items), totals: RowTotals::new(items), spare: RowTotals::new(items) }
    }
}

/// What the surrogates of a turn answer with.
struct Answering<'a> {
    person: PurposeStreams,
    request: PurposeStreams,
    drafted: PurposeStreams,
    panel: PurposeStreams,
    tick: u32,
    asked_before: u32,
    surrogates: &'a Surrogates,
    shown: Option<(&'a Showing<'a>, &'a PeerTotals<'a>)>,
    readings: &'a Readings,
    personas: &'a Personas,
    own: &'a AnswerSheets,
}

impl Answering<'_> {
    /// Sums over what an agent read on the platform and still remembers; whether that is anything.
    fn recollect(&self, agent: AgentId, totals: &mut RowTotals) -> bool {
        let Readings { logs, round, window } = self.readings;
        let Some(log) = logs.get(agent.index()).filter(|_| *window > 0) else {
            return false;
        };
        totals.clear();
        let mut any = false;
        for read in log.within(*round, *window) {
            let weight = f64::from(read.weight) / 16.0;
            totals.sums[usize::from(read.item)] += f64::from(read.option) * weight;
            totals.weights[usize::from(read.item)] += weight;
            any = true;
        }
        any
    }

    /// Fills an agent's row; what its panel decided, where it has one.
    fn fill(&self, row: &mut [Cell], member: Member, scratch: &mut Scratch) -> PanelSums {
        let (agent, backbone, culture, persona, way) = member;
        let Some(mind) = self.surrogates.0[backbone.index()].as_deref() else {
            return PanelSums::default();
        };
        scratch.draws.draw(&self.person, &self.request, agent, self.tick);
        let stance = self.personas.stance(persona);
        let mut situation = Situation { asked_before: self.asked_before, shown: None, own: None, stance };
        if let Some((showing, peers)) = self.shown {
            showing.fill(peers, agent, &mut scratch.totals, &mut scratch.spare);
            situation.shown = Some(&scratch.totals);
            let recalls = showing.design.own == OwnAnswer::Shown || showing.design.memory != MemoryPolicy::None;
            situation.own = recalls.then(|| self.own.row(agent));
        } else if self.recollect(agent, &mut scratch.totals) {
            situation.shown = Some(&scratch.totals);
        }
        if let Some(panel) = &mind.panel {
            let rng = self.panel.stream(agent, self.tick);
            return panel.answer_row(row, mind, culture, &scratch.draws, situation, &rng);
        }
        match Drafting::new(way, || self.drafted.stream(agent, self.tick)) {
            Some(mut drafting) => draft_row(row, mind, culture, &scratch.draws, situation, &mut drafting),
            None => answer_row(row, mind, culture, &scratch.draws, situation),
        }
        PanelSums::default()
    }
}
