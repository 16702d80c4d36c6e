//! One society's arms set against each other.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::effect::Effect;
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{Purpose, SHARED_ARM, Streams};
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::inference::effect::{AGENTS_DRAWN_FROM, Combined, Term};
use pluriverse_worlds::inference::measure::Measured;
use pluriverse_worlds::inference::panel::{Panel, Population, in_common};
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::inference::{Measure, Method};
use pluriverse_worlds::network::Network;
use pluriverse_worlds::survey::measures::by_culture::HumanShares;
use pluriverse_worlds::survey::measures::estimate::sample;
use pluriverse_worlds::survey::observe::Metric;
use pluriverse_worlds::survey::{AnswerSheets, ReferenceSheet, Survey};
use rayon::prelude::*;

use super::{BEFORE, forks};
use crate::resolve::{Resolved, ResolvedSociety};

/// Agents of a large society whose pairs are compared, and whose tree is drawn.
pub const PAIRED: usize = 1_000;

/// Agents whose share in a figure is looked at one by one.
const LOOKED_AT: usize = 200;

/// One strand after one tick.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// Its answers.
    pub current: &'a AnswerSheets,
    /// Those of one tick earlier; `None` after the first.
    pub previous: Option<&'a AnswerSheets>,
    /// Its first answers, where they are kept.
    pub origin: Option<&'a AnswerSheets>,
    /// Who sees whom in it.
    pub network: &'a Network,
}

/// The strands of one society after one tick.
pub trait Moments {
    /// An arm of a replicate; `None`: what its arms have in common before they fork.
    fn moment(&self, replicate: usize, arm: Option<usize>) -> Moment<'_>;
}

/// What is set against what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Contrast {
    /// An arm by itself.
    Level(usize),
    /// An arm and its own answers before any exposure.
    Before(usize),
    /// An arm and another one.
    Between(usize, usize),
}

/// The measures behind a metric.
pub fn measures_of(metric: Metric) -> &'static [Measure] {
    match metric {
        Metric::PairwiseDiversity => &[Measure::PairwiseDiversity],
        Metric::StructuralDiversity => &[Measure::StructuralDiversity],
        Metric::Alignment => &[Measure::Alignment],
        Metric::Consensus => &[Measure::Agreement, Measure::Plurality, Measure::Unanimity, Measure::Entropy],
        Metric::Drift => &[Measure::Changed, Measure::TowardPeers, Measure::Drift],
        Metric::KrippendorffAlpha => &[Measure::KrippendorffAlpha],
        Metric::Polarisation => &[Measure::Polarisation, Measure::Bimodality],
        Metric::CultureStructure => &[Measure::CulturalFst, Measure::HeterogeneityWithin, Measure::HeterogeneityTotal],
        Metric::Clusters => &[Measure::Clusters],
        Metric::HumanDistance => &[Measure::HumanW1, Measure::HumanJsd],
        Metric::Items
        | Metric::Plane
        | Metric::Overton
        | Metric::Distribution
        | Metric::Steerability
        | Metric::GlobalOpinionQa
        | Metric::OpinionQa
        | Metric::Jury => &[],
    }
}

/// One arm of a society.
struct Arm {
    name: Arc<str>,
    treatment: Treatment,
}

/// A society whose arms and replicates are compared.
pub struct ComparedSociety {
    pub(super) name: Arc<str>,
    /// The arms, in the order of their strands.
    arms: Vec<Arm>,
    pub(super) replicates: usize,
    /// Tick at which arms fork; `None` where there is one arm.
    fork: Option<u32>,
    /// Streams of the society.
    pub(super) streams: Streams,
    pub(super) setting: Setting,
}

/// What the measures of a society are made of, whatever the tick.
pub(super) struct Setting {
    survey: Arc<Survey>,
    /// Of its agents.
    pub(super) cultures: Vec<Culture>,
    references: Vec<Option<ReferenceSheet>>,
    humans: Arc<Vec<Option<HumanShares>>>,
    paired: Vec<AgentId>,
    looked_at: Vec<AgentId>,
    cluster_within: f64,
    measures: Vec<Measure>,
    resamples: Arc<Resamples>,
    method: Method,
}

impl ComparedSociety {
    /// A society of a scenario.
    pub fn of(resolved: &Resolved, society: &ResolvedSociety) -> Self {
        let streams = Streams::new(resolved.seed(), &society.name, 0);
        let everybody: Vec<AgentId> = (0..society.agents.len() as u32).map(AgentId).collect();
        let scenario = &resolved.scenario;
        let mut rng = streams.of(Purpose("inference.agents")).stream(AgentId(0), 0);
        let paired = if everybody.len() <= scenario.estimate.above as usize {
            everybody.clone()
        } else {
            sample(&everybody, PAIRED, &mut rng)
        };
        // Fewer agents than that are those that were meant: what each adds is not looked at.
        let looked_at = if everybody.len() < AGENTS_DRAWN_FROM { 0 } else { LOOKED_AT };
        let resamples = scenario.intervals.resamples as usize;
        Self {
            name: society.name.clone(),
            arms: society
                .strands
                .arms
                .iter()
                .map(|&arm| &resolved.arms[arm])
                .map(|arm| Arm { name: arm.name.clone(), treatment: arm.treatment })
                .collect(),
            replicates: society.strands.replicates as usize,
            fork: resolved.fork.filter(|_| forks(resolved, society)),
            streams: streams.clone(),
            setting: Setting {
                survey: resolved.survey.clone(),
                cultures: society.cultures(),
                references: resolved.reference_sheets.clone(),
                humans: resolved.humans.clone(),
                looked_at: sample(&paired, looked_at, &mut rng),
                paired,
                cluster_within: scenario.cluster_within,
                measures: scenario.observe.iter().flat_map(|metric| measures_of(*metric)).copied().collect(),
                resamples: Arc::new(Resamples::draw(
                    resolved.survey.measured().len(),
                    resamples,
                    &streams.of(Purpose("inference.items")),
                )),
                method: scenario.intervals.method,
            },
        }
    }

    /// The names of its arms.
    pub(super) fn arm_names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.arms.iter().map(|arm| &arm.name)
    }

    /// How many agents it has.
    pub(super) fn agents(&self) -> usize {
        self.setting.cultures.len()
    }

    /// A figure about it, as effects are written.
    pub(super) fn told(
        &self,
        measure: Measure,
        combined: &Combined,
        (treatment, control): (Arc<str>, Arc<str>),
        answers: u64,
    ) -> Effect {
        let setting = &self.setting;
        let interval = combined.interval(&setting.resamples, setting.method);
        let known = interval.ends.is_some();
        Effect {
            society: self.name.clone(),
            treatment,
            control,
            metric: measure.name(),
            estimate: combined.estimate,
            interval: interval.ends,
            answers,
            replicates: self.replicates as u32,
            agents: self.agents() as u64,
            items: setting.survey.measured().len() as u64,
            resampled: interval.drawn.name(),
            method: if known { setting.method.name() } else { "" },
            resamples: if known { setting.resamples.len() as u32 } else { 0 },
        }
    }

    /// Place, among the society's strands, of an arm in a replicate, or of what its arms have in common before they
    /// fork.
    pub(super) fn place(&self, replicate: usize, arm: Option<usize>) -> usize {
        match (self.fork, arm) {
            (None, _) => replicate,
            (Some(_), None) => replicate * (self.arms.len() + 1),
            (Some(_), Some(arm)) => replicate * (self.arms.len() + 1) + 1 + arm,
        }
    }

    /// The resamples of items that its intervals are made from.
    pub fn resamples(&self) -> &Arc<Resamples> {
        &self.setting.resamples
    }

    /// The same society with the resamples of another one over the same items.
    #[must_use]
    pub fn resampled_as(mut self, resamples: Arc<Resamples>) -> Self {
        self.setting.resamples = resamples;
        self
    }

    /// The place of its arm of this treatment.
    pub fn arm_of(&self, treatment: Treatment) -> Option<usize> {
        self.arms.iter().position(|arm| arm.treatment == treatment)
    }

    /// Every level and effect after a tick.
    pub(super) fn compare(&self, moments: &(dyn Moments + Sync), tick: u32) -> Vec<Effect> {
        let before_fork = self.fork.is_some_and(|fork| tick < fork);
        let exposed_before = tick > 0 && self.fork.is_none_or(|fork| tick >= fork);
        let contrasts = if before_fork { vec![Contrast::Level(0)] } else { self.contrasts(exposed_before) };
        contrasts.into_iter().flat_map(|contrast| self.effects(moments, tick, contrast)).collect()
    }

    /// What one contrast is made of, measure by measure: a term a side and replicate, and how many answers they rest
    /// on.
    pub fn terms(
        &self,
        moments: &(dyn Moments + Sync),
        tick: u32,
        contrast: Contrast,
    ) -> (Vec<(Measure, Vec<Term>)>, u64) {
        let earlier = matches!(contrast, Contrast::Before(_)) || tick == 0;
        let measures: Vec<Measure> =
            self.setting.measures.iter().copied().filter(|measure| !(earlier && measure.is_of_change())).collect();
        let sides = self.sides(moments, contrast, self.state(tick));
        let answers: u64 = sides.iter().map(|side| side.current.outcomes().get(Outcome::Answered)).sum();
        // By side, because measures of one side have much in common.
        let measured: Vec<Vec<Term>> = sides
            .par_iter()
            .map(|side| {
                let of_side = Measured::new(self.setting.panel(side), &self.setting.resamples);
                measures.iter().map(|measure| Term { share: side.share, measured: of_side.measure(*measure) }).collect()
            })
            .collect();
        let mut by_side: Vec<std::vec::IntoIter<Term>> = measured.into_iter().map(Vec::into_iter).collect();
        let of = |measure| (measure, by_side.iter_mut().filter_map(Iterator::next).collect());
        (measures.into_iter().map(of).collect(), answers)
    }

    fn effects(&self, moments: &(dyn Moments + Sync), tick: u32, contrast: Contrast) -> Vec<Effect> {
        let (terms, answers) = self.terms(moments, tick, contrast);
        let effect = |(measure, terms): &(Measure, Vec<Term>)| Effect {
            answers,
            ..self.effect(contrast, terms, *measure, self.state(tick))
        };
        terms.par_iter().map(effect).collect()
    }

    pub(super) fn state(&self, tick: u32) -> State {
        if self.fork.is_some_and(|fork| tick < fork) { State::Shared } else { State::Forked }
    }

    /// Everything that is set against something after the fork.
    pub(super) fn contrasts(&self, exposed_before: bool) -> Vec<Contrast> {
        let arms = 0..self.arms.len();
        let mut contrasts: Vec<Contrast> = arms.clone().map(Contrast::Level).collect();
        if exposed_before {
            contrasts.extend(arms.clone().map(Contrast::Before));
        }
        let re_ask = self.arm_of(Treatment::ReAsk);
        if let Some(control) = re_ask {
            contrasts.extend(arms.clone().filter(|&arm| arm != control).map(|arm| Contrast::Between(arm, control)));
        }
        if let Some(exposed) = self.arm_of(Treatment::Exposed) {
            contrasts.extend(
                arms.filter(|&arm| arm != exposed && Some(arm) != re_ask).map(|arm| Contrast::Between(exposed, arm)),
            );
        }
        contrasts
    }

    /// Both sides of a contrast in every replicate, answers that one of them lacks taken out of the other.
    fn sides<'m>(&self, moments: &'m (dyn Moments + Sync), contrast: Contrast, state: State) -> Vec<Side<'m>> {
        let of_arm = |replicate: usize, arm: usize| moments.moment(replicate, (state == State::Forked).then_some(arm));
        let one = 1.0 / self.replicates as f64;
        let side = |share, moment: Moment<'m>, current: AnswerSheets| Side { share, current, moment };
        (0..self.replicates)
            .flat_map(|replicate| match contrast {
                Contrast::Level(arm) => {
                    let moment = of_arm(replicate, arm);
                    vec![side(one, moment, moment.current.clone())]
                }
                Contrast::Before(arm) => {
                    let moment = of_arm(replicate, arm);
                    let Some(origin) = moment.origin else {
                        return Vec::new();
                    };
                    let (now, then) = (in_common(moment.current, origin), in_common(origin, moment.current));
                    vec![side(one, moment, now), side(-one, moment, then)]
                }
                Contrast::Between(treatment, control) => {
                    let (treated, other) = (of_arm(replicate, treatment), of_arm(replicate, control));
                    let of_treated = in_common(treated.current, other.current);
                    let of_other = in_common(other.current, treated.current);
                    vec![side(one, treated, of_treated), side(-one, other, of_other)]
                }
            })
            .collect()
    }

    /// What both sides of a contrast are called.
    pub(super) fn names(&self, contrast: Contrast, state: State) -> (Arc<str>, Arc<str>) {
        let name = |arm: usize| match state {
            State::Shared => Arc::from(SHARED_ARM),
            State::Forked => self.arms[arm].name.clone(),
        };
        match contrast {
            Contrast::Level(arm) => (name(arm), Arc::from("")),
            Contrast::Before(arm) => (name(arm), Arc::from(BEFORE)),
            Contrast::Between(arm, control) => (name(arm), name(control)),
        }
    }

    fn effect(&self, contrast: Contrast, terms: &[Term], measure: Measure, state: State) -> Effect {
        let combined = Combined::of(terms, self.agents());
        self.told(measure, &combined, self.names(contrast, state), 0)
    }
}

/// Whether arms have forked yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Shared,
    Forked,
}

/// One side of a contrast in one replicate.
struct Side<'a> {
    share: f64,
    current: AnswerSheets,
    moment: Moment<'a>,
}

impl Setting {
    fn panel<'a>(&'a self, side: &'a Side<'_>) -> Panel<'a> {
        Panel {
            population: Population {
                survey: &self.survey,
                cultures: &self.cultures,
                references: &self.references,
                humans: &self.humans,
                paired: &self.paired,
                looked_at: &self.looked_at,
                cluster_within: self.cluster_within,
            },
            network: side.moment.network,
            current: &side.current,
            previous: side.moment.previous,
            origin: side.moment.origin,
        }
    }
}
