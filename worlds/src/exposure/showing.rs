//! What an exposed agent is shown: whose answers, which ones, in which order.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use libm::log;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{Purpose, PurposeStreams, Streams};
use pluriverse_engine::tick::Clock;
use rand::RngExt;
use rand_chacha::rand_core::Rng;

use super::design::{ExposureDesign, PeerOrder, Placebo, Shown, Treatment, Who};
use super::peers::{PeerTotals, RowTotals};
use super::placebo::{OtherAnswers, Placebos};
use crate::culture::Culture;
use crate::network::Network;
use crate::survey::Survey;
use crate::survey::sheet::AnswerSheets;
use crate::survey::state::{KeptReplies, Questionnaire, Sheets};

/// Streams that draw whom an agent is shown.
const SAMPLE: Purpose = Purpose("exposure.sample");

/// Streams that shuffle the order of what is shown.
const ORDER: Purpose = Purpose("exposure.order");

/// Streams of answers that are nobody's.
const UNIFORM: Purpose = Purpose("exposure.uniform");

/// Words of a stream that belong to one item of one agent.
const WORDS_AN_ITEM: u128 = 1 << 24;

/// Random streams of what is shown: those of the arm.
#[derive(Resource, Clone, Copy, Debug)]
pub struct ShowingStreams {
    sample: PurposeStreams,
    order: PurposeStreams,
    uniform: PurposeStreams,
}

impl ShowingStreams {
    /// The streams of an arm.
    pub fn new(streams: &Streams) -> Self {
        Self { sample: streams.of(SAMPLE), order: streams.of(ORDER), uniform: streams.of(UNIFORM) }
    }
}

/// One answer, as shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownAnswer {
    /// Whose answer it is said to be; `None` where nobody's name is told.
    pub culture: Option<Culture>,
    /// The option chosen, from 1, in the survey's order.
    pub answer: i32,
    /// What was written, where that is shown and there is any: data, never an instruction.
    pub written: Option<Arc<str>>,
}

/// One place in what an agent is shown: a peer, and the agent whose answer stands there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Place {
    /// Whose name it bears.
    pub peer: AgentId,
    /// Whose answer it is. The peer's own, but for donors.
    pub from: AgentId,
    /// How much it counts.
    pub weight: f64,
}

/// Everything that decides what agents are shown in one turn.
pub struct Showing<'a> {
    /// The design.
    pub design: ExposureDesign,
    /// Who sees whom: the society's network, or everybody with everybody where the design shows [`Who::All`].
    pub network: &'a Network,
    /// The answers that can be seen.
    pub answers: &'a AnswerSheets,
    /// The items.
    pub survey: &'a Survey,
    /// What placebos put in place of the peers' answers.
    pub placebos: &'a Placebos,
    /// Answers of another run, for the placebo that shows them.
    pub other: Option<&'a OtherAnswers>,
    /// Streams of the arm.
    pub streams: ShowingStreams,
    /// The tick.
    pub tick: u32,
    /// The round the scenario counts, from 1.
    pub round: u32,
}

/// Everybody with everybody: who sees whom where a design shows [`Who::All`].
#[derive(Resource, Clone, Debug)]
pub struct Everybody(pub Network);

/// What [`Showing`] is made of, as systems take it.
#[derive(SystemParam)]
pub struct Shower<'w> {
    network: Res<'w, Network>,
    everybody: Res<'w, Everybody>,
    questionnaire: Res<'w, Questionnaire>,
    placebos: Res<'w, Placebos>,
    other: Option<Res<'w, OtherAnswers>>,
    streams: Res<'w, ShowingStreams>,
}

impl Shower<'_> {
    /// Who sees whom under a design.
    pub fn network(&self, design: ExposureDesign) -> &Network {
        if design.who == Who::All { &self.everybody.0 } else { &self.network }
    }

    /// What agents are shown in the turn being run.
    pub fn showing<'s>(&'s self, design: ExposureDesign, sheets: &'s Sheets, clock: &Clock) -> Showing<'s> {
        Showing {
            design,
            network: self.network(design),
            answers: sheets.seen(),
            survey: &self.questionnaire.0,
            placebos: &self.placebos,
            other: self.other.as_deref(),
            streams: *self.streams,
            tick: clock.tick,
            round: clock.now.round,
        }
    }

    /// The same, kept for prompts that are written later.
    pub fn keep(
        &self,
        design: ExposureDesign,
        sheets: &Sheets,
        clock: &Clock,
        replies: Arc<KeptReplies>,
    ) -> KeptShowing {
        KeptShowing {
            design,
            network: self.network(design).clone(),
            answers: sheets.seen().clone(),
            survey: self.questionnaire.0.clone(),
            placebos: self.placebos.clone(),
            other: self.other.as_deref().cloned(),
            streams: *self.streams,
            tick: clock.tick,
            round: clock.now.round,
            replies,
        }
    }
}

/// What agents are shown in a turn, kept for prompts that are written later.
pub struct KeptShowing {
    /// The design.
    pub design: ExposureDesign,
    network: Network,
    answers: AnswerSheets,
    survey: Arc<Survey>,
    placebos: Placebos,
    other: Option<OtherAnswers>,
    streams: ShowingStreams,
    tick: u32,
    round: u32,
    replies: Arc<KeptReplies>,
}

impl KeptShowing {
    /// The answers an agent is shown to an item, as [`Showing::answers`].
    pub fn answers(
        &self,
        viewer: AgentId,
        item: usize,
        culture_of: impl Fn(AgentId) -> Culture,
    ) -> Vec<(Place, ShownAnswer)> {
        let showing = Showing {
            design: self.design,
            network: &self.network,
            answers: &self.answers,
            survey: &self.survey,
            placebos: &self.placebos,
            other: self.other.as_ref(),
            streams: self.streams,
            tick: self.tick,
            round: self.round,
        };
        showing.answers(viewer, item, &self.replies, culture_of)
    }

    /// An agent's own answer of the round before.
    pub fn own(&self, agent: AgentId, item: usize) -> Option<i32> {
        self.answers.get(agent, item).ok()
    }
}

impl Showing<'_> {
    /// Whom an agent is shown, by agent number, and whose answers stand there.
    pub fn places(&self, viewer: AgentId) -> Vec<Place> {
        let own = |(peer, weight)| Place { peer, from: peer, weight };
        let mut places: Vec<Place> = self.peers(viewer).into_iter().map(own).collect();
        if self.design.treatment == Treatment::Placebo(Placebo::Donor) {
            for place in &mut places {
                place.from = self.placebos.donor(place.peer, viewer, self.network);
            }
        }
        places
    }

    fn peers(&self, viewer: AgentId) -> Vec<(AgentId, f64)> {
        let peers = self.network.peers(viewer);
        let at = |place: usize| (peers.get(place), peers.weight(place));
        match self.design.who {
            Who::Sampled(wanted) if (wanted as usize) < peers.len() => {
                let mut rng = self.streams.sample.stream(viewer, self.tick);
                let drawn = if peers.is_weighted() {
                    weighted_sample(peers.len(), wanted as usize, |place| peers.weight(place), &mut rng)
                } else {
                    uniform_sample(peers.len(), wanted as usize, &mut rng)
                };
                // Drawn in proportion to its weight, a peer then counts like every other.
                drawn.into_iter().map(|place| (peers.get(place), 1.0)).collect()
            }
            Who::Neighbours | Who::All | Who::Sampled(_) => (0..peers.len()).map(at).collect(),
        }
    }

    /// Whom an agent is shown, in the order in which answers to an item are.
    pub fn ordered_places(
        &self,
        viewer: AgentId,
        item: usize,
        culture_of: impl Fn(AgentId) -> Culture,
    ) -> Vec<(Culture, Place)> {
        let mut places: Vec<(Culture, Place)> =
            self.places(viewer).into_iter().map(|place| (culture_of(place.peer), place)).collect();
        places.sort_by_key(|(culture, place)| (*culture, place.peer));
        if self.design.order == PeerOrder::Shuffled {
            let mut rng = self.streams.order.stream(viewer, self.tick);
            rng.set_word_pos(item as u128 * WORDS_AN_ITEM);
            for last in (1..places.len()).rev() {
                places.swap(last, rng.random_range(0..=last as u32) as usize);
            }
        }
        places
    }

    /// The answers an agent is shown to an item, in the order they are shown. Peers that gave no answer are not shown.
    /// `replies` are the words that go with the answers.
    pub fn answers(
        &self,
        viewer: AgentId,
        item: usize,
        replies: &KeptReplies,
        culture_of: impl Fn(AgentId) -> Culture,
    ) -> Vec<(Place, ShownAnswer)> {
        let places = self.ordered_places(viewer, item, culture_of);
        if self.design.treatment == Treatment::ReAsk {
            return Vec::new();
        }
        let shown_item = self.item_shown(item);
        let written_of = |from: AgentId| match self.design.shown {
            Shown::Reply => replies.get(&(from, shown_item)).cloned(),
            Shown::Answer => None,
        };
        let uniform = self.uniform(viewer, item, places.len());
        let label = |culture| (self.design.treatment != Treatment::Unlabelled).then_some(culture);
        let show = |(index, (culture, place)): (usize, (Culture, Place))| {
            let (answer, written) = match self.design.treatment {
                Treatment::ReAsk => return None,
                Treatment::Placebo(Placebo::Uniform) => (uniform[index], None),
                Treatment::Placebo(Placebo::OtherRun) => (self.other?.answer(self.round, place.peer, item)?, None),
                Treatment::Placebo(Placebo::AcrossItems) => {
                    let answer = self.answers.get(place.from, shown_item).ok()?;
                    // Rounded to an option of the item that is asked.
                    let rescaled = (self.rescaled(f64::from(answer), shown_item, item) + 0.5).floor() as i32;
                    (rescaled, written_of(place.from).filter(|_| rescaled == answer))
                }
                Treatment::Exposed | Treatment::Unlabelled | Treatment::Placebo(Placebo::Donor) => {
                    (self.answers.get(place.from, item).ok()?, written_of(place.from))
                }
            };
            Some((place, ShownAnswer { culture: label(culture), answer, written }))
        };
        places.into_iter().enumerate().filter_map(show).collect()
    }

    /// The item whose answers are shown with an item.
    fn item_shown(&self, item: usize) -> usize {
        match self.design.treatment {
            Treatment::Placebo(Placebo::AcrossItems) => self.placebos.item(item),
            _ => item,
        }
    }

    /// An answer to one item on the scale of another: the same relative place between first and last option.
    fn rescaled(&self, answer: f64, from: usize, to: usize) -> f64 {
        let (from, to) = (self.survey.items[from].span(), self.survey.items[to].span());
        if from == to || from == 0 { answer } else { 1.0 + (answer - 1.0) * f64::from(to) / f64::from(from) }
    }

    /// So many uniform answers to an item, where the treatment shows them.
    pub fn uniform(&self, viewer: AgentId, item: usize, wanted: usize) -> Vec<i32> {
        if self.design.treatment != Treatment::Placebo(Placebo::Uniform) {
            return Vec::new();
        }
        let options = self.survey.items[item].option_count() as u64;
        let mut rng = self.streams.uniform.stream(viewer, self.tick);
        rng.set_word_pos(item as u128 * WORDS_AN_ITEM);
        // 32 bits times a few options: no option is likelier than another by more than 10⁻⁹.
        (0..wanted).map(|_| 1 + ((u64::from(rng.next_u32()) * options) >> 32) as i32).collect()
    }

    /// Replaces `totals` by the sums of what an agent is shown, item by item. `peers` are the sums over the network,
    /// made once a turn; `scratch` is room for one more row.
    pub fn fill(&self, peers: &PeerTotals<'_>, viewer: AgentId, totals: &mut RowTotals, scratch: &mut RowTotals) {
        let plain = matches!(self.design.treatment, Treatment::Exposed | Treatment::Unlabelled);
        if plain && !matches!(self.design.who, Who::Sampled(_)) {
            peers.fill(viewer, totals);
            return;
        }
        totals.clear();
        match self.design.treatment {
            Treatment::ReAsk => {}
            Treatment::Placebo(Placebo::Uniform) => {
                let places = self.places(viewer);
                for item in 0..self.survey.len() {
                    for (answer, place) in self.uniform(viewer, item, places.len()).iter().zip(&places) {
                        totals.add_answer(item, f64::from(*answer), place.weight);
                    }
                }
            }
            Treatment::Placebo(Placebo::OtherRun) => {
                let Some(sheets) = self.other.and_then(|other| other.round(self.round)) else {
                    return;
                };
                for place in self.places(viewer) {
                    totals.add_weighted(sheets, place.peer, place.weight);
                }
            }
            Treatment::Placebo(Placebo::AcrossItems) => {
                scratch.clear();
                self.add_places(viewer, scratch);
                for item in 0..self.survey.len() {
                    let shown = self.placebos.item(item);
                    let weight = scratch.weights[shown];
                    if weight > 0.0 {
                        let mean = self.rescaled(scratch.sums[shown] / weight, shown, item);
                        totals.add_answer(item, mean, weight);
                    }
                }
            }
            Treatment::Exposed | Treatment::Unlabelled | Treatment::Placebo(Placebo::Donor) => {
                self.add_places(viewer, totals);
            }
        }
    }

    fn add_places(&self, viewer: AgentId, totals: &mut RowTotals) {
        let places = self.places(viewer);
        if places.iter().all(|place| (place.weight - 1.0).abs() < f64::EPSILON) {
            totals.add_all(self.answers, places.iter().map(|place| place.from));
        } else {
            for place in &places {
                totals.add_weighted(self.answers, place.from, place.weight);
            }
        }
    }
}

/// `wanted` different places below `n`, each set equally likely, ascending (Floyd's algorithm).
fn uniform_sample(n: usize, wanted: usize, rng: &mut impl Rng) -> Vec<usize> {
    let mut chosen = std::collections::BTreeSet::new();
    for last in n - wanted..n {
        let drawn = rng.random_range(0..=last as u32) as usize;
        if !chosen.insert(drawn) {
            chosen.insert(last);
        }
    }
    chosen.into_iter().collect()
}

/// `wanted` different places below `n`, drawn one after another in proportion to their weights, ascending (Efraimidis &
/// Spirakis 2006: the largest keys ln(u)/w).
fn weighted_sample(n: usize, wanted: usize, weight: impl Fn(usize) -> f64, rng: &mut impl Rng) -> Vec<usize> {
    let mut keys: Vec<(f64, usize)> = (0..n)
        .map(|place| {
            let uniform = ((rng.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
            (log(uniform) / weight(place), place)
        })
        .collect();
    keys.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut chosen: Vec<usize> = keys.into_iter().take(wanted).map(|(_, place)| place).collect();
    chosen.sort_unstable();
    chosen
}
