//! Drafts of agents without words: positions on the Inglehart–Welzel map, and a judge that reads them with an error.
//!
//! An agent stands where its dispositions put it, less what the map calls balanced. A draft lies around that. Drafts of a
//! set that is asked to be diverse lie further off and repel each other: this is assumed, not found, and tests what is
//! measured rather than any model.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{ArmStreams, Purpose, Streams};
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::drafting::observe::{AXES, axis_name, leaning};
use pluriverse_worlds::drafting::state::{DraftIntents, DraftPercept};
use pluriverse_worlds::drafting::{Candidate, Choosing, Drafting, Method, SurrogateDrafts};
use pluriverse_worlds::inference::normal::quantile;
use pluriverse_worlds::plane::{INDICATORS, Indicator, Indicators, Projection};
use pluriverse_worlds::pluralism::judge::{BothOrders, Order, Score, Verdict};
use pluriverse_worlds::survey::{Reference, Survey};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::model::{Mind, normal_by_name};
use super::{AnswersBySurrogate, Surrogates};
use crate::drafts::answers::repel;

/// Streams of where an agent stands beside others of its culture, for life.
const PERSON: Purpose = Purpose("draft.person");

/// Streams of drafts.
const DRAFT: Purpose = Purpose("draft.draft");

/// Streams of what the judge adds.
const JUDGE: Purpose = Purpose("draft.judge");

/// Standard deviation of how prompts by themselves lean, in units of the map.
const PROMPT_LEAN: f64 = 0.3;

/// Where agents of one backbone stand on the map.
#[derive(Clone, PartialEq, Debug)]
pub struct Standpoints {
    /// By culture.
    by_culture: Vec<[f64; 2]>,
    /// Standard deviation of an agent around that.
    person: [f64; 2],
}

/// Where agents stand, by backbone; `None` for those that answer in text.
#[derive(Resource, Clone, Debug, Default)]
pub struct Drafters(pub Vec<Option<Arc<Standpoints>>>);

impl Standpoints {
    /// Where a mind's agents stand: the indicators its dispositions come to, projected. The two nominal items behind
    /// postmaterialism are the culture's own human shares, as a disposition says nothing of them. `None` where the
    /// survey lacks a question.
    pub fn new(
        mind: &Mind,
        asked: &Survey,
        reference: &Reference,
        cultures: &Cultures,
        projection: &Projection,
    ) -> Option<Self> {
        let spans: Option<Vec<(Indicator, Vec<usize>)>> = Indicator::ALL
            .into_iter()
            .map(|indicator| {
                let places: Option<Vec<usize>> = indicator.questions().iter().map(|id| asked.position(id)).collect();
                Some((indicator, places?))
            })
            .collect();
        let places = spans?;
        let mut person = [0.0; 2];
        for (indicator, questions) in &places {
            for &question in questions.iter().filter(|_| *indicator != Indicator::Postmaterialism) {
                let deviation = f64::from(mind.person) * f64::from(mind.spans[question]);
                let lines = [projection.traditional_secular, projection.survival_self_expression];
                for (sum, line) in person.iter_mut().zip(lines) {
                    let moved = line.slopes[indicator.index()] * deviation;
                    *sum += moved * moved;
                }
            }
        }
        let at = |(place, code): (usize, &str)| {
            let shares = Indicators::of_shares(|question| reference.shares(code, question).map(Vec::as_slice));
            let postmaterialism = shares.get(Indicator::Postmaterialism).unwrap_or(MIDDLE);
            let dispositions = mind.dispositions(Culture(place as u16));
            let mut values = [0.0; INDICATORS];
            for (indicator, questions) in &places {
                values[indicator.index()] = value(*indicator, questions, dispositions, mind, postmaterialism);
            }
            let point = projection.at(&values);
            [point.traditional_secular, point.survival_self_expression]
        };
        let codes: Vec<&str> = cultures.codes().collect();
        let by_culture = codes.into_iter().enumerate().map(at).collect();
        Some(Self { by_culture, person: person.map(f64::sqrt) })
    }
}

/// Postmaterialism where a culture has no shares of it: the middle of its scale.
const MIDDLE: f64 = 2.0;

fn value(indicator: Indicator, questions: &[usize], dispositions: &[f32], mind: &Mind, postmaterialism: f64) -> f64 {
    let position = |question: usize| f64::from(dispositions[question].clamp(0.0, 1.0));
    match (indicator, questions) {
        (Indicator::Postmaterialism, _) => postmaterialism,
        // The first option is that the quality is mentioned.
        (Indicator::Autonomy, [independence, determination, faith, obedience]) => {
            let mentioned = |question: &usize| 1.0 - position(*question);
            (mentioned(independence) + mentioned(determination)) - (mentioned(faith) + mentioned(obedience))
        }
        (_, questions) => questions.iter().map(|&one| 1.0 + position(one) * f64::from(mind.spans[one])).sum(),
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    quantile(((rng.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64)
}

/// `Ask`: drafts are drawn, judged and chosen from at once.
pub(super) fn draft_by_surrogate(
    clock: Res<Clock>,
    percept: Res<DraftPercept>,
    drafters: Res<Drafters>,
    surrogates: Res<Surrogates>,
    streams: Res<Streams>,
    arm: Res<ArmStreams>,
    agents: Query<(&AgentId, &Backbone, &Culture), With<AnswersBySurrogate>>,
    mut intents: ResMut<DraftIntents>,
) {
    let Some(drafting) = &percept.0 else {
        return;
    };
    let (person, draft, judge) = (streams.of(PERSON), arm.0.of(DRAFT), arm.0.of(JUDGE));
    let leans: Vec<[f64; 2]> = drafting
        .prompts
        .iter()
        .map(|prompt| AXES.map(|axis| PROMPT_LEAN * normal_by_name(&["prompt", &prompt.id, axis_name(axis)])))
        .collect();
    // By id: nothing depends on the order of a query.
    for (&agent, &backbone, &culture) in agents.iter().sort::<&AgentId>() {
        let mut rng = person.stream(agent, 0);
        let own = [normal(&mut rng), normal(&mut rng)];
        let drawing = Drawing { drafting, drafters: &drafters, surrogates: &surrogates, backbone, culture, own };
        let mut drafts = draft.stream(agent, clock.tick);
        let mut verdicts = judge.stream(agent, clock.tick);
        for set in 0..drafting.sets_an_agent() {
            let place = drafting.place(set);
            let candidates = drawing.set(place.method, leans[place.prompt], &mut drafts);
            let slots = intents.0.set_mut(agent, set);
            for (slot, drawn) in slots.iter_mut().zip(&candidates) {
                let (verdict, outcome) = (judged(*drawn, &drafting.surrogate, &mut verdicts), drawn.is_some());
                *slot = match (drawn, outcome) {
                    (Some(at), true) => Candidate {
                        outcome: Outcome::Answered,
                        text: None,
                        at: Some(*at),
                        verdicts: verdict.map(Some),
                        judged: Outcome::Answered,
                    },
                    _ => Candidate { outcome: Outcome::Refused, ..Candidate::default() },
                };
            }
            if drafting.choosing == Choosing::Persona
                && let Some(chosen) = drawing.nearest(&candidates)
            {
                intents.0.choose(agent, set, Ok(chosen));
            }
        }
    }
}

/// What the drafts of one agent are drawn by.
struct Drawing<'a> {
    drafting: &'a Drafting,
    drafters: &'a Drafters,
    surrogates: &'a Surrogates,
    backbone: Backbone,
    culture: Culture,
    /// How the agent stands out among those of its culture, in standard deviations.
    own: [f64; 2],
}

impl Drawing<'_> {
    /// Where an agent of this culture with this backbone stands.
    fn stands(&self, backbone: Backbone) -> Option<[f64; 2]> {
        let points = self.drafters.0.get(backbone.index())?.as_ref()?;
        let at = points.by_culture.get(self.culture.index())?;
        Some([0, 1].map(|axis| at[axis] + points.person[axis] * self.own[axis]))
    }

    /// A set: a position each, or nothing where it is refused. Draws as many numbers whatever comes of it.
    fn set(&self, method: Method, lean: [f64; 2], rng: &mut ChaCha8Rng) -> Vec<Option<[f64; 2]>> {
        let size = self.drafting.size;
        let mut normals = [0, 1].map(|_| (0..size).map(|_| normal(rng)).collect::<Vec<f64>>());
        let refusals: Vec<u32> = (0..size).map(|_| rng.next_u32() >> 12).collect();
        let SurrogateDrafts { scatter, diverse_scatter, .. } = self.drafting.surrogate;
        let mut wide = scatter;
        if method.asks_for_diversity() {
            wide = diverse_scatter;
            for normals in &mut normals {
                repel(normals);
            }
        }
        let draw = |place: usize| {
            let by = match method {
                Method::Backbones => self.drafting.backbones.get(place).copied()?,
                _ => self.backbone,
            };
            let mind = self.surrogates.0.get(by.index())?.as_ref()?;
            // One generation is refused as a whole.
            let refusal = refusals[if method.at_once() { 0 } else { place }];
            let stands = self.stands(by).filter(|_| refusal >= mind.refused_below)?;
            Some([0, 1].map(|axis| stands[axis] + lean[axis] + wide * normals[axis][place]))
        };
        (0..size).map(draw).collect()
    }

    /// The draft nearest to where the agent itself stands; `None` where a draft is missing.
    fn nearest(&self, drafts: &[Option<[f64; 2]>]) -> Option<u16> {
        let own = self.stands(self.backbone)?;
        let drafts: Option<Vec<[f64; 2]>> = drafts.iter().copied().collect();
        let far = |at: &[f64; 2]| (at[0] - own[0]).powi(2) + (at[1] - own[1]).powi(2);
        let drafts = drafts?;
        let nearest = (0..drafts.len()).min_by(|&one, &other| far(&drafts[one]).total_cmp(&far(&drafts[other])))?;
        Some(nearest as u16)
    }
}

/// What the judge says of a position on each axis, each time with another error.
fn judged(at: Option<[f64; 2]>, how: &SurrogateDrafts, rng: &mut ChaCha8Rng) -> [BothOrders; 2] {
    let at = at.unwrap_or_default();
    [0, 1].map(|axis| {
        let mut verdict = |order| said(leaning(at[axis] + how.error * normal(rng), how.band), order);
        let response_first = verdict(Order::ResponseFirst);
        BothOrders { response_first, anchor_first: verdict(Order::AnchorFirst) }
    })
}

const fn said(score: Score, order: Order) -> Verdict {
    match (score, order) {
        (Score::Balanced, _) => Verdict::Same,
        (Score::Toward, Order::ResponseFirst) | (Score::Away, Order::AnchorFirst) => Verdict::First,
        (Score::Away, Order::ResponseFirst) | (Score::Toward, Order::AnchorFirst) => Verdict::Second,
    }
}
