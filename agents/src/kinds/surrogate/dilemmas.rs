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
//! with probability `refusal`.
//!
//! Of a panel the neutral base keeps the house preference and what belongs to dimension and scenario of it; persona i of
//! culture c has L with `z_persona` in place of the single agent's part. What a persona says of itself concerns the survey,
//! and moves no judgement.
//!
//! No parameter was fitted to dilemmas: levels mean nothing, designs can be tried out.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{ArmStreams, Purpose, PurposeStreams, Streams};
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::culture::{Culture, CultureProfile, Cultures};
use pluriverse_worlds::dilemmas::asked::judgements::JudgementRows;
use pluriverse_worlds::dilemmas::asked::state::{DilemmaPercept, JudgementIntents};
use pluriverse_worlds::dilemmas::asked::{DilemmaSet, DilemmaSets, Judgement};
use pluriverse_worlds::dilemmas::scenario::{Contrast, Control, Label};
use pluriverse_worlds::dilemmas::{Dimension, HumanAmces, Scenario};
use pluriverse_worlds::inference::normal::quantile;
use pluriverse_worlds::panel::GapPair;
use pluriverse_worlds::panel::prior::CountryPrior;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use rayon::prelude::*;

use super::model::{COMMON_SHARE, Parameters, STEREOTYPE_SHARE, normal_by_name};
use super::{AnswersBySurrogate, CHUNK};
use crate::kinds::panel::decision::draws;
use crate::kinds::panel::{BaseVoice, JUDGEMENT_DRAWS, Panel, PanelLog, PanelSums, judge};

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
    /// The voices behind it, where it judges by a panel.
    panel: Option<Voices>,
}

/// What the voices of a panel prefer.
#[derive(Clone, PartialEq, Debug)]
struct Voices {
    panel: Arc<Panel>,
    /// The base's log-odds of sparing the preferred side, by scenario; by culture too where it was told its country.
    base: Vec<f64>,
    /// What each persona adds to the log-odds of its culture, by culture.
    personas: Vec<Vec<[f64; 6]>>,
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
        let pooled = pooled(reference);
        let preferences = cultures.cultures.iter().flat_map(|profile| {
            let human = reference.country(&profile.code).ok();
            let of_dimension = Dimension::ALL.map(|dimension| {
                let pool = pooled[dimension.index()];
                let own = human.map_or(pool, |human| logit(human.of(dimension).share()));
                let stereotype = normal_by_name(&["stereotype dilemma", name, &profile.code, dimension.name()]);
                house(name, parameters, dimension, pool)
                    + parameters.culture_pull * (own - pool)
                    + LOGITS * parameters.own_deviation * STEREOTYPE_SHARE.sqrt() * stereotype
            });
            set.scenarios.iter().map(move |scenario| on_scenario(name, parameters, scenario, &of_dimension))
        });
        Self {
            scenarios: set.scenarios.len(),
            preferences: preferences.collect(),
            person: LOGITS * parameters.own_deviation * (1.0 - STEREOTYPE_SHARE).sqrt(),
            refused_below: (parameters.refusal.clamp(0.0, 1.0) * f64::from(1_u32 << 20)).round() as u32,
            panel: None,
        }
    }

    /// The same surrogate behind a panel: everything else as it was made with.
    #[must_use]
    pub fn behind(
        self,
        panel: Arc<Panel>,
        (name, parameters): (&str, &Parameters),
        set: &DilemmaSet,
        reference: &HumanAmces,
        cultures: &Cultures,
    ) -> Self {
        let pooled = pooled(reference);
        let neutral = || {
            let of_dimension =
                Dimension::ALL.map(|dimension| house(name, parameters, dimension, pooled[dimension.index()]));
            set.scenarios.iter().map(|scenario| on_scenario(name, parameters, scenario, &of_dimension)).collect()
        };
        let base = match panel.base {
            BaseVoice::Neutral => neutral(),
            BaseVoice::Culture => self.preferences.clone(),
        };
        let of_persona = |code: &str, place: usize| {
            let place = place.to_string();
            Dimension::ALL.map(|dimension| {
                self.person * normal_by_name(&["panel persona dilemma", name, code, &place, dimension.name()])
            })
        };
        let of_culture = |(culture, profile): (usize, &CultureProfile)| {
            let personas = panel.of(Culture(culture as u16)).len();
            (0..personas).map(|place| of_persona(&profile.code, place)).collect()
        };
        let personas = cultures.cultures.iter().enumerate().map(of_culture).collect();
        Self { panel: Some(Voices { panel, base, personas }), ..self }
    }

    fn preferences(&self, culture: Culture) -> &[f64] {
        &self.preferences[culture.index() * self.scenarios..][..self.scenarios]
    }
}

impl Voices {
    fn base(&self, culture: Culture, scenarios: usize) -> &[f64] {
        let own = if self.base.len() > scenarios { culture.index() * scenarios } else { 0 };
        &self.base[own..][..scenarios]
    }
}

/// The mean over all countries of the share in which people spare the preferred side, in logits, by dimension.
fn pooled(reference: &HumanAmces) -> [f64; 6] {
    let countries = &reference.countries;
    Dimension::ALL.map(|dimension| {
        let shares: f64 = countries.iter().map(|country| country.of(dimension).share()).sum();
        logit(shares / countries.len().max(1) as f64)
    })
}

/// The house preference of a backbone on a dimension, in logits.
fn house(name: &str, parameters: &Parameters, dimension: Dimension, pooled: f64) -> f64 {
    let word = dimension.name();
    let deviation = COMMON_SHARE.sqrt() * normal_by_name(&["house dilemma", word])
        + (1.0 - COMMON_SHARE).sqrt() * normal_by_name(&["house dilemma", name, word]);
    parameters.scale_use * pooled + LOGITS * parameters.house_deviation * deviation
}

/// The log-odds of sparing the preferred side of a scenario, by those of the dimensions.
fn on_scenario(name: &str, parameters: &Parameters, scenario: &Scenario, of_dimension: &[f64; 6]) -> f64 {
    match scenario.contrast {
        Contrast::Dimension(dimension) => {
            let scatter = normal_by_name(&["scenario dilemma", name, &scenario.id]);
            of_dimension[dimension.index()] + LOGITS * parameters.dispersion * scatter
        }
        Contrast::Control(Control::SameGroup) => 0.0,
        Contrast::Control(Control::NobodyOpposite) => CERTAIN,
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
    mut panels: ResMut<PanelLog>,
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
        panel: arm.0.of(JUDGEMENT_DRAWS),
        tick: clock.tick,
    };
    let of_chunk = |(chunk, mut rows): (usize, JudgementRows<'_>)| {
        let first = (chunk * CHUNK) as u32;
        let from = judges.partition_point(|(agent, ..)| agent.0 < first);
        let mut sums = PanelSums::default();
        for judge in judges[from..].iter().take_while(|(agent, ..)| agent.0 < first + CHUNK as u32) {
            sums.merge(&judging.judge(*judge, (judge.0.0 - first) as usize, &mut rows));
        }
        sums
    };
    let chunks = intents.0.rows().chunks(CHUNK).into_par_iter().enumerate();
    // In the order of chunks, whoever worked on them: sums are the same with any number of threads.
    for sums in chunks.map(of_chunk).collect::<Vec<_>>() {
        panels.sums.merge(&sums);
    }
}

/// What the judgements of a tick are made with.
struct Judging<'a> {
    set: &'a DilemmaSet,
    minds: &'a [Option<Arc<DilemmaMind>>],
    person: PurposeStreams,
    request: PurposeStreams,
    panel: PurposeStreams,
    tick: u32,
}

impl Judging<'_> {
    /// Judges every scenario for an agent; what its panel decided, where it has one.
    fn judge(
        &self,
        (agent, backbone, culture): (AgentId, Backbone, Culture),
        place: usize,
        rows: &mut JudgementRows<'_>,
    ) -> PanelSums {
        let mut sums = PanelSums::default();
        let Some(mind) = self.minds.get(backbone.index()).and_then(Option::as_deref) else {
            return sums;
        };
        let mut life = self.person.stream(agent, 0);
        let own = Dimension::ALL.map(|_| {
            let uniform = ((life.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
            mind.person * quantile(uniform)
        });
        let mut fresh = self.request.stream(agent, self.tick);
        let draws = self.panel.stream(agent, self.tick);
        let preferences = mind.preferences(culture);
        let mut prior = CountryPrior::default();
        for (number, (scenario, preference)) in self.set.scenarios.iter().zip(preferences).enumerate() {
            let judgement = if (fresh.next_u32() >> 12) < mind.refused_below {
                Err(Outcome::Refused)
            } else if let Some(voices) = &mind.panel {
                let base = voices.base(culture, mind.scenarios)[number];
                voices.judge(scenario, number, (base, *preference), culture, (&draws, &mut prior), &mut sums)
            } else {
                Ok(Judgement::exact(gap(scenario, preference + of_dimension(scenario, &own))))
            };
            rows.set(place, number, judgement);
        }
        sums
    }
}

impl Voices {
    fn judge(
        &self,
        scenario: &Scenario,
        number: usize,
        (base, culture_prefers): (f64, f64),
        culture: Culture,
        (rng, prior): (&ChaCha8Rng, &mut CountryPrior),
        sums: &mut PanelSums,
    ) -> Result<Judgement, Outcome> {
        let Panel { settings, judging, .. } = &*self.panel;
        let personas = self.personas.get(culture.index()).map_or(&[][..], Vec::as_slice);
        let spoken: Vec<GapPair> =
            personas.iter().map(|own| gap(scenario, culture_prefers + of_dimension(scenario, own))).collect();
        let drawn = || draws(settings, rng, number);
        // Panels of a run were checked before it began: what is left is a culture without personas.
        let (judgement, figures) =
            judge(settings, judging, scenario.contrast, gap(scenario, base), &spoken, (prior, drawn))
                .map_err(|_| Outcome::Failed)?;
        sums.add(culture, &figures);
        Ok(judgement)
    }
}

/// What a number by dimension is on a scenario: nothing on controls.
fn of_dimension(scenario: &Scenario, by_dimension: &[f64; 6]) -> f64 {
    scenario.contrast.dimension().map_or(0.0, |dimension| by_dimension[dimension.index()])
}

/// The gap of whoever spares the preferred side with these log-odds.
fn gap(scenario: &Scenario, spares: f64) -> GapPair {
    GapPair::of(if scenario.preferred_at == Label::B { spares } else { -spares })
}
