//! Arms compared after every tick: levels, effects and their intervals.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_engine::effect::{Comparison, Effect};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::run::Strand;
use pluriverse_engine::seed::{Purpose, SHARED_ARM, Streams};
use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::inference::effect::{AGENTS_DRAWN_FROM, Combined, Term};
use pluriverse_worlds::inference::measure::Measured;
use pluriverse_worlds::inference::panel::{Panel, Population, in_common};
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::inference::{Measure, Method};
use pluriverse_worlds::network::Network;
use pluriverse_worlds::survey::AnswerSheets;
use pluriverse_worlds::survey::measures::estimate::sample;
use pluriverse_worlds::survey::observe::Metric;
use pluriverse_worlds::survey::state::Sheets;
use rayon::prelude::*;

use crate::resolve::{Resolved, ResolvedSociety};

/// What an arm's own answers before any exposure are called where later ones are compared with them.
pub const BEFORE: &str = "before";

/// Agents of a large society whose pairs are compared.
const PAIRED: usize = 1_000;

/// Agents whose share in a figure is looked at one by one.
const LOOKED_AT: usize = 200;

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
        Metric::Items => &[],
    }
}

/// The comparison of a scenario's arms; `None` where no society has more than one strand.
pub fn of(resolved: &Resolved) -> Option<Box<dyn Comparison>> {
    let mut first = 0;
    let mut societies = Vec::new();
    for society in &resolved.societies {
        let compared = ComparedSociety::of(resolved, society, first);
        first += strands_of(resolved, society);
        societies.push(compared);
    }
    let several = resolved.societies.iter().any(|society| strands_of(resolved, society) > 1);
    several.then(|| -> Box<dyn Comparison> { Box::new(ArmComparison { societies }) })
}

/// How many strands a society is run in.
pub fn strands_of(resolved: &Resolved, society: &ResolvedSociety) -> usize {
    let arms = society.strands.arms.len();
    let each = if forks(resolved, society) { arms + 1 } else { 1 };
    each * society.strands.replicates as usize
}

/// Whether the arms of a society fork from answers they have in common.
pub fn forks(resolved: &Resolved, society: &ResolvedSociety) -> bool {
    resolved.fork.is_some() && society.strands.arms.len() > 1
}

struct ArmComparison {
    societies: Vec<ComparedSociety>,
}

impl Comparison for ArmComparison {
    fn compare(&mut self, strands: &[Strand], tick: u32, _now: &PlannedTick) -> Vec<Effect> {
        let several = self.societies.iter().filter(|society| society.strands > 1);
        several.flat_map(|society| society.compare(strands, tick)).collect()
    }
}

/// One arm of a society.
struct Arm {
    name: Arc<str>,
    treatment: Treatment,
}

struct ComparedSociety {
    name: Arc<str>,
    /// The arms, in the order of their strands.
    arms: Vec<Arm>,
    replicates: usize,
    /// Place of its first strand.
    first: usize,
    strands: usize,
    /// Tick at which arms fork; `None` where there is one arm.
    fork: Option<u32>,
    setting: Setting,
}

/// What the measures of a society are made of, whatever the tick.
struct Setting {
    survey: Arc<pluriverse_worlds::survey::Survey>,
    cultures: Vec<Culture>,
    references: Vec<Option<pluriverse_worlds::survey::ReferenceSheet>>,
    humans: Arc<Vec<Option<pluriverse_worlds::survey::measures::by_culture::HumanShares>>>,
    paired: Vec<AgentId>,
    looked_at: Vec<AgentId>,
    cluster_within: f64,
    measures: Vec<Measure>,
    resamples: Resamples,
    method: Method,
}

/// What is set against what.
enum Contrast {
    /// An arm by itself.
    Level(usize),
    /// An arm and its own answers before any exposure.
    Before(usize),
    /// An arm and another one.
    Between(usize, usize),
}

impl ComparedSociety {
    fn of(resolved: &Resolved, society: &ResolvedSociety, first: usize) -> Self {
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
        let several = strands_of(resolved, society) > 1;
        let items = if several { resolved.survey.len() } else { 0 };
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
            first,
            strands: strands_of(resolved, society),
            fork: resolved.fork.filter(|_| forks(resolved, society)),
            setting: Setting {
                survey: resolved.survey.clone(),
                cultures: society.cultures(),
                references: resolved.reference_sheets.clone(),
                humans: resolved.humans.clone(),
                looked_at: sample(&paired, looked_at, &mut rng),
                paired,
                cluster_within: scenario.cluster_within,
                measures: scenario.observe.iter().flat_map(|metric| measures_of(*metric)).copied().collect(),
                resamples: Resamples::draw(items, resamples, &streams.of(Purpose("inference.items"))),
                method: scenario.intervals.method,
            },
        }
    }

    /// The strand of an arm in a replicate, or, before the fork, what its arms have in common.
    fn strand<'s>(&self, strands: &'s [Strand], replicate: usize, arm: Option<usize>) -> &'s Strand {
        let place = match (self.fork, arm) {
            (None, _) => replicate,
            (Some(_), None) => replicate * (self.arms.len() + 1),
            (Some(_), Some(arm)) => replicate * (self.arms.len() + 1) + 1 + arm,
        };
        &strands[self.first + place]
    }

    fn compare(&self, strands: &[Strand], tick: u32) -> Vec<Effect> {
        let before_fork = self.fork.is_some_and(|fork| tick < fork);
        let exposed_before = tick > 0 && self.fork.is_none_or(|fork| tick >= fork);
        let contrasts = if before_fork { vec![Contrast::Level(0)] } else { self.contrasts(exposed_before) };
        let state = if before_fork { State::Shared } else { State::Forked };
        contrasts.iter().flat_map(|contrast| self.effects(strands, tick, contrast, state)).collect()
    }

    /// What one contrast comes to, measure by measure.
    fn effects(&self, strands: &[Strand], tick: u32, contrast: &Contrast, state: State) -> Vec<Effect> {
        let earlier = matches!(contrast, Contrast::Before(_)) || tick == 0;
        let measures: Vec<Measure> =
            self.setting.measures.iter().copied().filter(|measure| !(earlier && measure.is_of_change())).collect();
        let sides = self.sides(strands, tick, contrast, state);
        let answers: u64 = sides.iter().map(|side| side.current.outcomes().get(Outcome::Answered)).sum();
        // By side, because measures of one side have much in common.
        let measured: Vec<Vec<Term>> = sides
            .par_iter()
            .map(|side| {
                let of_side = Measured::new(self.setting.panel(side), &self.setting.resamples);
                measures.iter().map(|measure| Term { sign: side.sign, measured: of_side.measure(*measure) }).collect()
            })
            .collect();
        let mut by_side: Vec<std::vec::IntoIter<Term>> = measured.into_iter().map(Vec::into_iter).collect();
        let terms: Vec<(Measure, Vec<Term>)> = measures
            .into_iter()
            .map(|measure| (measure, by_side.iter_mut().filter_map(Iterator::next).collect()))
            .collect();
        terms
            .par_iter()
            .map(|(measure, terms)| Effect { answers, ..self.effect(contrast, terms, *measure, state) })
            .collect()
    }

    /// Everything that is set against something after the fork.
    fn contrasts(&self, exposed_before: bool) -> Vec<Contrast> {
        let arms = 0..self.arms.len();
        let of = |treatment: Treatment| self.arms.iter().position(|arm| arm.treatment == treatment);
        let mut contrasts: Vec<Contrast> = arms.clone().map(Contrast::Level).collect();
        if exposed_before {
            contrasts.extend(arms.clone().map(Contrast::Before));
        }
        let re_ask = of(Treatment::ReAsk);
        if let Some(control) = re_ask {
            contrasts.extend(arms.clone().filter(|&arm| arm != control).map(|arm| Contrast::Between(arm, control)));
        }
        if let Some(exposed) = of(Treatment::Exposed) {
            contrasts.extend(
                arms.filter(|&arm| arm != exposed && Some(arm) != re_ask).map(|arm| Contrast::Between(exposed, arm)),
            );
        }
        contrasts
    }

    /// Both sides of a contrast in every replicate, answers that one of them lacks taken out of the other.
    fn sides<'s>(&self, strands: &'s [Strand], tick: u32, contrast: &Contrast, state: State) -> Vec<Side<'s>> {
        let of_arm = |replicate: usize, arm: usize| {
            let strand = self.strand(strands, replicate, (state == State::Forked).then_some(arm));
            let world = &strand.simulation.world;
            (world.resource::<Sheets>(), world.resource::<Network>())
        };
        let side = |sign, (sheets, network): (&'s Sheets, &'s Network), current: AnswerSheets| Side {
            sign,
            current,
            previous: (tick > 0).then_some(&sheets.previous),
            origin: sheets.origin.as_ref(),
            network,
        };
        (0..self.replicates)
            .flat_map(|replicate| match *contrast {
                Contrast::Level(arm) => {
                    let state = of_arm(replicate, arm);
                    vec![side(1.0, state, state.0.current.clone())]
                }
                Contrast::Before(arm) => {
                    let state = of_arm(replicate, arm);
                    let Some(origin) = &state.0.origin else {
                        return Vec::new();
                    };
                    let (now, then) = (in_common(&state.0.current, origin), in_common(origin, &state.0.current));
                    vec![side(1.0, state, now), side(-1.0, state, then)]
                }
                Contrast::Between(treatment, control) => {
                    let (one, other) = (of_arm(replicate, treatment), of_arm(replicate, control));
                    let of_one = in_common(&one.0.current, &other.0.current);
                    let of_other = in_common(&other.0.current, &one.0.current);
                    vec![side(1.0, one, of_one), side(-1.0, other, of_other)]
                }
            })
            .collect()
    }

    fn effect(&self, contrast: &Contrast, terms: &[Term], measure: Measure, state: State) -> Effect {
        let setting = &self.setting;
        let agents = setting.cultures.len();
        let combined = Combined::of(terms, self.replicates, agents);
        let interval = combined.interval(&setting.resamples, setting.method);
        let name = |arm: usize| match state {
            State::Shared => Arc::from(SHARED_ARM),
            State::Forked => self.arms[arm].name.clone(),
        };
        let (treatment, control) = match *contrast {
            Contrast::Level(arm) => (name(arm), Arc::from("")),
            Contrast::Before(arm) => (name(arm), Arc::from(BEFORE)),
            Contrast::Between(arm, control) => (name(arm), name(control)),
        };
        let known = interval.ends.is_some();
        Effect {
            society: self.name.clone(),
            treatment,
            control,
            metric: measure.name(),
            estimate: combined.estimate,
            interval: interval.ends,
            answers: 0,
            replicates: self.replicates as u32,
            agents: agents as u64,
            items: setting.survey.len() as u64,
            resampled: interval.drawn.name(),
            method: if known { setting.method.name() } else { "" },
            resamples: if known { setting.resamples.len() as u32 } else { 0 },
        }
    }
}

/// Whether arms have forked yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Shared,
    Forked,
}

/// One side of a contrast in one replicate.
struct Side<'a> {
    sign: f64,
    current: AnswerSheets,
    previous: Option<&'a AnswerSheets>,
    origin: Option<&'a AnswerSheets>,
    network: &'a Network,
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
            network: side.network,
            current: &side.current,
            previous: side.previous,
            origin: side.origin,
        }
    }
}
