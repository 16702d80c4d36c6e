//! One study of a society on items drawn anew, and everything it finds.

use std::sync::{Arc, Mutex};

use pluriverse_agents::kinds::surrogate::model::{Changes, HumanPositions, Mind};
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::effect::{Comparison, Effect};
use pluriverse_engine::record::{RecordError, Recorder, TickRecord};
use pluriverse_engine::run::{EndReason, Run, StopSignal, Strand};
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_engine::tick::PlannedTick;
use pluriverse_scenarios::inputs::asset::{Asset, PRESETS};
use pluriverse_scenarios::load::{Request, load};
use pluriverse_scenarios::resolve::{Resolved, ResolvedBackbone};
use pluriverse_scenarios::spawn::spawn;
use pluriverse_worlds::dynamics::fit::{Fit, Rounds, Story, difference, fit};
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::network::Network;
use pluriverse_worlds::survey::state::Sheets;
use pluriverse_worlds::survey::{AnswerSheets, Survey};
use rand::RngExt;

/// The preset whose agents are asked.
const PRESET: &str = "Qwen3.5-27B";

/// What is studied.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Design {
    /// Share of the way to the peers' mean.
    pub(crate) conformity: f64,
    /// Share of the way to the middle that asking again moves.
    pub(crate) retest_trend: f64,
    /// Agents of each of the five cultures.
    pub(crate) agents_each: u64,
    /// Items.
    pub(crate) items: usize,
    /// Replicates.
    pub(crate) replicates: u32,
    /// Resamples of an interval.
    pub(crate) resamples: u32,
}

/// A figure that a study finds.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Found {
    /// Which: treatment, control and measure, or a parameter of a fit.
    pub(crate) what: String,
    pub(crate) estimate: Option<f64>,
    pub(crate) interval: Option<(f64, f64)>,
}

/// A scenario whose items can be drawn anew: the survey's items with the people's answers to them are the population
/// that items come from, and how agents deviate from people is drawn for every item of every study.
pub(crate) struct Laboratory {
    resolved: Resolved,
    survey: Arc<Survey>,
    human: HumanPositions,
    design: Design,
}

impl Laboratory {
    pub(crate) fn new(design: Design) -> Self {
        let request = Request {
            scenario: "exposure-with-controls".to_owned(),
            set: vec![
                "arms=[Exposed, ReAsk]".to_owned(),
                format!("replicates={}", design.replicates),
                format!("population.0.count={}", design.agents_each),
                "timeline=[Survey, Exposure(rounds: 2, shown: Answer)]".to_owned(),
                "observe=[PairwiseDiversity, StructuralDiversity, Alignment, Consensus, Drift, KrippendorffAlpha, \
                 Polarisation]"
                    .to_owned(),
                "record=(answers: None, network: None)".to_owned(),
            ],
            ..Request::default()
        };
        let mut resolved = load(&request).unwrap_or_else(|error| panic!("{}", error.render()));
        resolved.scenario.intervals.resamples = i64::from(design.resamples);
        let survey = resolved.survey.clone();
        let human = HumanPositions::new(&survey, &resolved.reference, &resolved.cultures);
        Self { resolved, survey, human, design }
    }

    /// Carries out the study of this number.
    pub(crate) fn study(&mut self, number: u64) -> Vec<Found> {
        self.draw_items(number);
        let found = Arc::new(Mutex::new(Vec::new()));
        let mut run = spawn(&self.resolved, SystemOrder::AsRegistered).expect("unambiguous schedules");
        let inner = run.comparison.take().expect("two arms");
        let last = run.plan.len() as u32 - 1;
        let watcher =
            Watcher { inner, last, survey: self.resolved.survey.clone(), kept: Vec::new(), found: found.clone() };
        run.comparison = Some(Box::new(watcher));
        carry_out(&mut run);
        Arc::into_inner(found).and_then(|found| found.into_inner().ok()).unwrap_or_else(|| {
            // The run holds the other end.
            drop(run);
            Vec::new()
        })
    }

    /// Draws items, with replacement, each with a name of its own.
    fn draw_items(&mut self, number: u64) {
        let mut rng = Streams::new(number, "validity", 0).of(Purpose("items")).stream(AgentId(0), 0);
        let count = self.survey.len();
        let drawn: Vec<usize> = (0..self.design.items).map(|_| rng.random_range(0..count as u32) as usize).collect();
        let of = |values: &[f64]| -> Vec<f64> { drawn.iter().map(|&item| values[item]).collect() };
        let human = HumanPositions {
            own: self.human.own.iter().map(|own| of(own)).collect(),
            pooled: of(&self.human.pooled),
            pole: of(&self.human.pole),
            known: drawn.iter().map(|&item| self.human.known[item]).collect(),
        };
        let as_they_are = Survey {
            items: drawn.iter().map(|&item| self.survey.items[item].clone()).collect(),
            ..(*self.survey).clone()
        };
        let mut survey = as_they_are.clone();
        for (place, item) in survey.items.iter_mut().enumerate() {
            item.id = Arc::from(format!("{} {number} {place}", item.id));
        }
        let resolved = &mut self.resolved;
        let (statistic, coding) = (resolved.scenario.reference.statistic, resolved.scenario.reference.coding);
        resolved.reference_sheets = resolved
            .cultures
            .codes()
            .map(|code| {
                let known = resolved.reference.has_culture(code);
                known.then(|| resolved.reference.sheet(code, &as_they_are, statistic, coding))
            })
            .collect();
        let presets: pluriverse_agents::kinds::surrogate::model::Presets =
            Asset::find(&PRESETS, "recorded-backbones", std::path::Path::new(""))
                .and_then(|asset| asset.ron())
                .expect("presets");
        let changes = Changes {
            conformity: Some(self.design.conformity),
            retest_trend: Some(self.design.retest_trend),
            ..Changes::default()
        };
        let parameters = presets.presets[PRESET].with(&changes);
        let mind = Mind::new(PRESET, &parameters, &survey, &human, &resolved.cultures);
        resolved.backbones[0].1 = ResolvedBackbone::Surrogate(Arc::new(mind));
        resolved.survey = Arc::new(survey);
        resolved.scenario.seed = number as i64;
    }
}

fn carry_out(run: &mut Run) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let summary = runtime.block_on(run.carry_out(&mut Nothing, &mut (), &StopSignal::default())).expect("a run");
    assert_eq!(summary.end, EndReason::Completed);
    run.comparison = None;
}

/// Nothing is recorded.
struct Nothing;

impl Recorder for Nothing {
    fn append(&mut self, _: TickRecord) -> Result<(), RecordError> {
        Ok(())
    }

    fn append_effects(&mut self, _: u32, _: &PlannedTick, _: Vec<Effect>) -> Result<(), RecordError> {
        Ok(())
    }

    fn end_tick(&mut self, _: u32) -> Result<(), RecordError> {
        Ok(())
    }
}

/// Has arms compared after the last tick alone, and fits models to them.
struct Watcher {
    inner: Box<dyn Comparison>,
    last: u32,
    survey: Arc<Survey>,
    /// Answers of every strand after every tick.
    kept: Vec<Vec<AnswerSheets>>,
    found: Arc<Mutex<Vec<Found>>>,
}

impl Comparison for Watcher {
    fn compare(&mut self, strands: &[Strand], tick: u32, now: &PlannedTick) -> Vec<Effect> {
        let current = |strand: &Strand| strand.simulation.world.resource::<Sheets>().current.clone();
        self.kept.push(strands.iter().map(current).collect());
        if tick < self.last {
            return Vec::new();
        }
        let mut found: Vec<Found> = self
            .inner
            .compare(strands, tick, now)
            .into_iter()
            .map(|effect| Found {
                what: format!("{} − {}: {}", effect.treatment, effect.control, effect.metric),
                estimate: effect.estimate,
                interval: effect.interval,
            })
            .collect();
        found.extend(self.fitted(strands));
        *self.found.lock().expect("nobody panicked") = found;
        Vec::new()
    }
}

impl Watcher {
    fn fitted(&self, strands: &[Strand]) -> Vec<Found> {
        let resamples = Resamples::draw(self.survey.len(), 200, &Streams::new(0, "fit", 0).of(Purpose("items")));
        let arm = |arm: usize| self.fit_arm(strands, arm, &resamples);
        let (Some(exposed), Some(control)) = (arm(1), arm(2)) else {
            return Vec::new();
        };
        let (exposed, control) = (&exposed.models[0].parameters[0], &control.models[0].parameters[0]);
        let both = difference(exposed, control);
        let found = |what: &str, estimate, interval| Found { what: what.to_owned(), estimate, interval };
        vec![
            found("fitted influence, exposed alone", exposed.estimate, exposed.interval),
            found("fitted influence, exposed − re-ask", both.estimate, both.interval),
        ]
    }

    /// Strands of a replicate are what its arms have in common, the exposed arm, and the one that is asked again.
    fn fit_arm(&self, strands: &[Strand], arm: usize, resamples: &Resamples) -> Option<Fit> {
        let rounds: Vec<Rounds<'_>> = (0..strands.len())
            .step_by(3)
            .map(|first| {
                let at = |tick: usize| &self.kept[tick][if tick == 0 { first } else { first + arm }];
                Rounds {
                    network: strands[first].simulation.world.resource::<Network>(),
                    first: at(0),
                    steps: (1..self.kept.len()).map(|tick| (at(tick - 1), at(tick))).collect(),
                }
            })
            .collect();
        fit(&self.survey, &rounds, &[Story::FriedkinJohnsen], resamples)
    }
}
