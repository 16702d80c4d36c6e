//! Judgements of surrogates: exact log-odds, without a string and without a preference for a place.
//!
//! Let λ be the logit, `H[c,d]` the share in which people of culture c spare the preferred side of dimension d, and
//! `P[d]` its mean over the countries of the human reference. With a surrogate's parameters, which are in positions from
//! 0 to 1 and count four times in logits (the slope of the logit at ½), the log-odds of sparing the preferred side of a
//! scenario are
//!
//! ```text
//! L = scale_use·λ(P) + culture_pull·(λ(H) − λ(P))                         the house preference, and the culture's
//!     + 4·(house_deviation·z_house + own_deviation·z_own)                  by dimension
//!     + 4·dispersion·z_scenario                                            by scenario
//! ```
//!
//! The z are standard normal: `z_house` belongs to backbone and dimension, seven tenths of its variance being common to
//! all backbones; `z_own` to backbone, culture and dimension for nine tenths of its variance and to the single agent for
//! the rest; `z_scenario` to backbone and scenario. Asked again, a surrogate says the same; what it was shown does not
//! move it. Of two equal groups it prefers neither, and somebody to nobody by [`CERTAIN`]. A scenario brings no judgement
//! with probability `refusal`. No parameter was fitted to dilemmas: levels mean nothing, designs can be tried out.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{ArmStreams, Purpose, PurposeStreams, Streams};
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::dilemmas::asked::judgements::JudgementRows;
use pluriverse_worlds::dilemmas::asked::state::{DilemmaPercept, JudgementIntents};
use pluriverse_worlds::dilemmas::asked::{DilemmaSet, DilemmaSets, Judgement};
use pluriverse_worlds::dilemmas::scenario::{Contrast, Control, Label};
use pluriverse_worlds::dilemmas::{Dimension, HumanAmces};
use pluriverse_worlds::inference::normal::quantile;
use pluriverse_worlds::panel::GapPair;
use rand_chacha::rand_core::Rng;
use rayon::prelude::*;

use super::model::{COMMON_SHARE, Parameters, STEREOTYPE_SHARE, normal_by_name};
use super::{AnswersBySurrogate, CHUNK};

/// Log-odds of sparing somebody where nobody stands on the other side.
pub const CERTAIN: f64 = 4.0;

/// Logits a position from 0 to 1 counts for: the slope of the logit at ½.
const LOGITS: f64 = 4.0;

/// Shares this near to 0 and 1 are taken for it, so that logits stay finite.
const NEAREST: f64 = 1e-3;

/// Streams of what an agent keeps for life.
const PERSON: Purpose = Purpose("dilemmas.person");

/// Streams of what is fresh in every request.
const REQUEST: Purpose = Purpose("dilemmas.request");

/// A surrogate ready to judge one set.
#[derive(Clone, PartialEq, Debug)]
pub struct DilemmaMind {
    scenarios: usize,
    /// Log-odds of sparing the preferred side without the single agent's part, culture-major.
    preferences: Vec<f64>,
    /// Standard deviation of the single agent's part, in logits.
    person: f64,
    /// A scenario is refused when its 20-bit draw is below this.
    refused_below: u32,
}

/// What surrogates judge by, by set and backbone.
#[derive(Resource, Clone, Debug, Default)]
pub struct DilemmaMinds(pub Vec<Vec<Option<Arc<DilemmaMind>>>>);

impl DilemmaMind {
    /// The surrogate of a named preset. The name decides the deviations, as with answers.
    pub fn new(
        name: &str,
        parameters: &Parameters,
        set: &DilemmaSet,
        reference: &HumanAmces,
        cultures: &Cultures,
    ) -> Self {
        let countries = &reference.countries;
        let pooled = Dimension::ALL.map(|dimension| {
            let shares: f64 = countries.iter().map(|country| country.of(dimension).share()).sum();
            shares / countries.len().max(1) as f64
        });
        let of_culture = |code: &str| {
            let human = reference.country(code).ok();
            Dimension::ALL.map(|dimension| {
                let pool = logit(pooled[dimension.index()]);
                let own = human.map_or(pool, |human| logit(human.of(dimension).share()));
                let word = dimension.name();
                let house = COMMON_SHARE.sqrt() * normal_by_name(&["house dilemma", word])
                    + (1.0 - COMMON_SHARE).sqrt() * normal_by_name(&["house dilemma", name, word]);
                let stereotype = normal_by_name(&["stereotype dilemma", name, code, word]);
                parameters.scale_use * pool
                    + parameters.culture_pull * (own - pool)
                    + LOGITS * parameters.house_deviation * house
                    + LOGITS * parameters.own_deviation * STEREOTYPE_SHARE.sqrt() * stereotype
            })
        };
        let preferences = cultures.cultures.iter().flat_map(|profile| {
            let by_dimension = of_culture(&profile.code);
            set.scenarios.iter().map(move |scenario| match scenario.contrast {
                Contrast::Dimension(dimension) => {
                    let scatter = normal_by_name(&["scenario dilemma", name, &scenario.id]);
                    by_dimension[dimension.index()] + LOGITS * parameters.dispersion * scatter
                }
                Contrast::Control(Control::SameGroup) => 0.0,
                Contrast::Control(Control::NobodyOpposite) => CERTAIN,
            })
        });
        Self {
            scenarios: set.scenarios.len(),
            preferences: preferences.collect(),
            person: LOGITS * parameters.own_deviation * (1.0 - STEREOTYPE_SHARE).sqrt(),
            refused_below: (parameters.refusal.clamp(0.0, 1.0) * f64::from(1_u32 << 20)).round() as u32,
        }
    }
}

fn logit(share: f64) -> f64 {
    let share = share.clamp(NEAREST, 1.0 - NEAREST);
    libm::log(share / (1.0 - share))
}

/// `Ask`: scenarios are judged at once, in parallel.
pub(super) fn judge_by_preferences(
    clock: Res<Clock>,
    percept: Res<DilemmaPercept>,
    sets: Res<DilemmaSets>,
    minds: Res<DilemmaMinds>,
    streams: Res<Streams>,
    arm: Res<ArmStreams>,
    surrogates: Query<(&AgentId, &Backbone, &Culture), With<AnswersBySurrogate>>,
    mut intents: ResMut<JudgementIntents>,
) {
    let Some(design) = percept.0 else {
        return;
    };
    let place = usize::from(design.set);
    let mut judges: Vec<(AgentId, Backbone, Culture)> =
        surrogates.iter().map(|(&agent, &backbone, &culture)| (agent, backbone, culture)).collect();
    // The order of a query is not a promise; chunks need ids in order.
    judges.sort_unstable_by_key(|(agent, ..)| *agent);
    let judging = Judging {
        set: &sets.0[place],
        minds: minds.0.get(place).map_or(&[], Vec::as_slice),
        person: streams.of(PERSON),
        request: arm.0.of(REQUEST),
        tick: clock.tick,
    };
    let chunks = intents.0.rows().chunks(CHUNK);
    chunks.into_par_iter().enumerate().for_each(|(chunk, mut rows)| {
        let first = (chunk * CHUNK) as u32;
        let from = judges.partition_point(|(agent, ..)| agent.0 < first);
        for judge in judges[from..].iter().take_while(|(agent, ..)| agent.0 < first + CHUNK as u32) {
            judging.judge(*judge, (judge.0.0 - first) as usize, &mut rows);
        }
    });
}

/// What the judgements of a tick are made with.
struct Judging<'a> {
    set: &'a DilemmaSet,
    minds: &'a [Option<Arc<DilemmaMind>>],
    person: PurposeStreams,
    request: PurposeStreams,
    tick: u32,
}

impl Judging<'_> {
    fn judge(
        &self,
        (agent, backbone, culture): (AgentId, Backbone, Culture),
        place: usize,
        rows: &mut JudgementRows<'_>,
    ) {
        let Some(mind) = self.minds.get(backbone.index()).and_then(Option::as_deref) else {
            return;
        };
        let mut life = self.person.stream(agent, 0);
        let own = Dimension::ALL.map(|_| {
            let uniform = ((life.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
            mind.person * quantile(uniform)
        });
        let mut fresh = self.request.stream(agent, self.tick);
        let preferences = &mind.preferences[culture.index() * mind.scenarios..][..mind.scenarios];
        for (number, (scenario, preference)) in self.set.scenarios.iter().zip(preferences).enumerate() {
            let judgement = if (fresh.next_u32() >> 12) < mind.refused_below {
                Err(Outcome::Refused)
            } else {
                let of_agent = scenario.contrast.dimension().map_or(0.0, |dimension| own[dimension.index()]);
                let spares = preference + of_agent;
                let gap = if scenario.preferred_at == Label::B { spares } else { -spares };
                Ok(Judgement::exact(GapPair::of(gap)))
            };
            rows.set(place, number, judgement);
        }
    }
}
