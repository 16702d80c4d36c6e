//! The trajectory of a run: what tables and `--json` need of it, collected while it is recorded.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_engine::effect::Effect;
use pluriverse_engine::observation::Basis;
use pluriverse_engine::record::{RecordError, Recorder, TickRecord};
use pluriverse_engine::simulation::Branch;
use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::budgeting::vote::is_vote;
use pluriverse_worlds::dilemmas::asked::design::MECHANISM as DILEMMAS;
use pluriverse_worlds::dilemmas::asked::is_dilemmas;
use pluriverse_worlds::drafting::is_draft;
use pluriverse_worlds::network::record::NETWORK;
use pluriverse_worlds::platform::observe::PLATFORM;
use pluriverse_worlds::survey::state::is_post;
use serde::Serialize;

use super::dilemmas::{Judged, JudgedFigure, of_dilemmas};
use super::panels::{Deliberated, of_panels};
use crate::baselines::{BASELINE, HUMANS};
use crate::beside::OTHER_WAVE;

/// A figure of a round.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Figure {
    /// The figure.
    pub value: Option<f64>,
    /// How many units it rests on.
    pub n: u64,
    /// Its 95 % interval, where it is an estimate.
    pub interval: Option<(f64, f64)>,
    /// Whether it was estimated from a sample.
    pub estimated: bool,
}

/// A round of a society.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Round {
    /// The tick.
    pub tick: u32,
    /// What it was for.
    pub mechanism: Arc<str>,
    /// The round the scenario counts.
    pub round: u32,
    /// Figures of the society by metric.
    pub figures: BTreeMap<Arc<str>, Figure>,
    /// Shares of requests without an answer, by outcome.
    pub missing: BTreeMap<Arc<str>, f64>,
    /// Alignment by culture.
    pub alignment: BTreeMap<Arc<str>, Option<f64>>,
    /// Further figures of cultures, pairs of them, quadrants and thresholds, as observed; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// A figure of a part of a society.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Part {
    /// What is measured.
    pub metric: Arc<str>,
    /// Of what kind the part is: `culture`, `pair`, `quadrant`, `threshold`.
    pub scope: Arc<str>,
    /// Which one of them.
    pub subject: Arc<str>,
    /// The figure.
    pub figure: Figure,
}

impl Round {
    /// A figure of one of its parts.
    pub fn part(&self, metric: &str, scope: &str, subject: &str) -> Option<&Figure> {
        let is = |part: &&Part| *part.metric == *metric && *part.scope == *scope && *part.subject == *subject;
        self.parts.iter().find(is).map(|part| &part.figure)
    }
}

/// A figure that others are read beside.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Beside {
    /// What is measured.
    pub metric: Arc<str>,
    /// `human_reference`, `human_other_wave` or `baseline`.
    pub scope: Arc<str>,
    /// Which population or sheet.
    pub subject: Arc<str>,
    /// The figure.
    pub value: Option<f64>,
}

/// A poll or a vote of a society.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Poll {
    /// The tick.
    pub tick: u32,
    /// `deliberation` or `vote`.
    pub mechanism: Arc<str>,
    /// The round the scenario counts.
    pub round: u32,
    /// Figures of the society by metric.
    pub figures: BTreeMap<Arc<str>, Figure>,
    /// How many ballots name each project, in the order of the ballot paper.
    pub counts: Vec<(Arc<str>, u64)>,
    /// Ballots asked for and missing, by culture.
    pub missing: Vec<(Arc<str>, u64, u64)>,
    /// Figures of what each rule decides, by metric.
    pub rules: Vec<(Arc<str>, BTreeMap<Arc<str>, Option<f64>>)>,
    /// What each rule funds, in the order of funding.
    pub funded: BTreeMap<Arc<str>, Vec<Arc<str>>>,
}

/// A tick in which replies to everyday prompts were drafted.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Drafted {
    /// The tick.
    pub tick: u32,
    /// The round the scenario counts.
    pub round: u32,
    /// Its figures by metric and subject.
    pub figures: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Figure>>,
}

/// A strand over the rounds, and what to read it beside.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Trajectory {
    /// The society.
    pub society: Arc<str>,
    /// The arm; `shared` for what arms have in common before they fork.
    pub arm: Arc<str>,
    /// The replicate, from 0.
    pub replicate: u32,
    /// Figures of its network, on the strand that the replicate begins with.
    pub network: BTreeMap<Arc<str>, Option<f64>>,
    /// Diversity of the humans it stands for: (metric, statistic or `random_respondents`, percent).
    pub humans: Vec<(Arc<str>, Arc<str>, Option<f64>)>,
    /// Alignment of sheets that know no culture, in percent.
    pub baselines: Vec<(Arc<str>, Option<f64>)>,
    /// What figures of the plane and of pluralism are read beside; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Beside>,
    /// The rounds.
    pub rounds: Vec<Round>,
    /// The polls and votes; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<Poll>,
    /// What was drafted; left out where nothing was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drafts: Vec<Drafted>,
    /// The rounds on a platform; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub platform: Vec<Round>,
    /// The ticks of dilemmas; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dilemmas: Vec<Judged>,
    /// What panels decided, by tick; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub panels: Vec<Deliberated>,
}

/// A level or an effect after a tick.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TickEffect {
    /// The tick.
    pub tick: u32,
    /// The round the scenario counts.
    pub round: u32,
    /// What the tick was for.
    pub mechanism: Arc<str>,
    /// The society.
    pub society: Arc<str>,
    /// The arm.
    pub treatment: Arc<str>,
    /// What it is compared with; empty for its own level.
    pub control: Arc<str>,
    /// What is measured.
    pub metric: Arc<str>,
    /// Mean over replicates.
    pub estimate: Option<f64>,
    /// The 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// Answers it rests on.
    pub answers: u64,
    /// How many replicates.
    pub replicates: u32,
    /// What the interval treats as drawn.
    pub resampled: Arc<str>,
}

impl TickEffect {
    fn new(tick: u32, now: &PlannedTick, effect: &Effect) -> Self {
        Self {
            tick,
            round: now.round,
            mechanism: now.mechanism.clone(),
            society: effect.society.clone(),
            treatment: effect.treatment.clone(),
            control: effect.control.clone(),
            metric: Arc::from(effect.metric),
            estimate: effect.estimate,
            interval: effect.interval,
            answers: effect.answers,
            replicates: effect.replicates,
            resampled: Arc::from(effect.resampled),
        }
    }
}

/// Keeps what tables need of a run, and hands everything on to the run directory.
pub struct Collector<'a> {
    /// The strands so far.
    pub trajectories: Vec<Trajectory>,
    /// What comparing them came to, tick by tick.
    pub effects: Vec<TickEffect>,
    next: &'a mut dyn Recorder,
}

impl<'a> Collector<'a> {
    /// A collector in front of another recorder.
    pub fn new(next: &'a mut dyn Recorder) -> Self {
        Self { trajectories: Vec::new(), effects: Vec::new(), next }
    }
}

impl Recorder for Collector<'_> {
    fn append(&mut self, record: TickRecord) -> Result<(), RecordError> {
        let known = self.trajectories.iter().position(|trajectory| trajectory.is_of(&record.branch));
        let index = known.unwrap_or_else(|| {
            let Branch { society, arm, replicate } = record.branch.clone();
            self.trajectories.push(Trajectory::new(society, arm, replicate));
            self.trajectories.len() - 1
        });
        self.trajectories[index].take_in(&record);
        self.next.append(record)
    }

    fn append_effects(&mut self, tick: u32, now: &PlannedTick, effects: Vec<Effect>) -> Result<(), RecordError> {
        self.effects.extend(effects.iter().map(|effect| TickEffect::new(tick, now, effect)));
        self.next.append_effects(tick, now, effects)
    }

    fn end_tick(&mut self, tick: u32) -> Result<(), RecordError> {
        self.next.end_tick(tick)
    }
}

impl Round {
    /// A round of which nothing is known yet.
    pub fn new(tick: u32, mechanism: Arc<str>, round: u32) -> Self {
        let (figures, missing, alignment) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { tick, mechanism, round, figures, missing, alignment, parts: Vec::new() }
    }
}

impl Poll {
    fn new(tick: u32, mechanism: Arc<str>, round: u32) -> Self {
        Self {
            tick,
            mechanism,
            round,
            figures: BTreeMap::new(),
            counts: Vec::new(),
            missing: Vec::new(),
            rules: Vec::new(),
            funded: BTreeMap::new(),
        }
    }

    fn take_in_figure(&mut self, metric: &str, scope: &str, subject: &Arc<str>, figure: Figure) {
        match (metric, scope) {
            (_, "society") => {
                self.figures.insert(Arc::from(metric), figure);
            }
            ("vote_count", "project") => {
                self.counts.push((subject.clone(), figure.value.unwrap_or_default() as u64));
            }
            ("vote_missing", "culture") => {
                let missing = (figure.value.unwrap_or_default() * figure.n as f64).round() as u64;
                self.missing.push((subject.clone(), figure.n, missing));
            }
            ("tally_place", "funded") => {
                if let Some((rule, project)) = subject.split_once('/') {
                    // Figures come in the order of funding.
                    self.funded.entry(Arc::from(rule)).or_default().push(Arc::from(project));
                }
            }
            (_, "rule") => {
                let known = self.rules.iter().position(|(rule, _)| rule == subject);
                let place = known.unwrap_or_else(|| {
                    self.rules.push((subject.clone(), BTreeMap::new()));
                    self.rules.len() - 1
                });
                self.rules[place].1.insert(Arc::from(metric), figure.value);
            }
            _ => {}
        }
    }
}

impl Trajectory {
    /// A strand of which nothing is known yet.
    pub fn new(society: Arc<str>, arm: Arc<str>, replicate: u32) -> Self {
        let (network, humans, baselines, rounds) = (BTreeMap::new(), Vec::new(), Vec::new(), Vec::new());
        let (beside, votes, platform, dilemmas) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (panels, drafts) = (Vec::new(), Vec::new());
        Self {
            society,
            arm,
            replicate,
            network,
            humans,
            baselines,
            beside,
            rounds,
            votes,
            drafts,
            platform,
            dilemmas,
            panels,
        }
    }

    /// Goes on to a tick, if it is not the one at hand: figures that are taken in then belong to it.
    pub fn open(&mut self, tick: u32, mechanism: Arc<str>, round: u32) {
        if is_vote(&mechanism) {
            if self.votes.last().is_none_or(|last| last.tick != tick) {
                self.votes.push(Poll::new(tick, mechanism, round));
            }
        } else if is_dilemmas(&mechanism) {
            if self.dilemmas.last().is_none_or(|last| last.tick != tick) {
                self.dilemmas.push(Judged { tick, round, figures: Vec::new() });
            }
        } else if is_draft(&mechanism) {
            if self.drafts.last().is_none_or(|last| last.tick != tick) {
                self.drafts.push(Drafted { tick, round, figures: BTreeMap::new() });
            }
        } else if is_post(&mechanism) {
            if self.platform.last().is_none_or(|last| last.tick != tick) {
                self.platform.push(Round::new(tick, mechanism, round));
            }
        } else if self.rounds.last().is_none_or(|last| last.tick != tick) {
            self.rounds.push(Round::new(tick, mechanism, round));
        }
    }

    /// The tick at hand: its number, what it is for, and its round.
    fn at_hand(&self) -> Option<(u32, Arc<str>, u32)> {
        let of_rounds = |rounds: &[Round]| rounds.last().map(|last| (last.tick, last.mechanism.clone(), last.round));
        let polls = self.votes.last().map(|last| (last.tick, last.mechanism.clone(), last.round));
        let judged = self.dilemmas.last().map(|last| (last.tick, Arc::from(DILEMMAS), last.round));
        [of_rounds(&self.rounds), of_rounds(&self.platform), polls, judged].into_iter().flatten().max()
    }

    fn take_in_panels(&mut self, part: Part) {
        let Some((tick, mechanism, round)) = self.at_hand() else {
            return;
        };
        match self.panels.last_mut().filter(|last| last.tick == tick) {
            Some(last) => last.figures.push(part),
            None => self.panels.push(Deliberated { tick, mechanism, round, figures: vec![part] }),
        }
    }

    fn is_of(&self, branch: &Branch) -> bool {
        self.society == branch.society && self.arm == branch.arm && self.replicate == branch.replicate
    }

    fn take_in(&mut self, record: &TickRecord) {
        self.open(record.tick, record.now.mechanism.clone(), record.now.round);
        for observation in &record.observations {
            let figure = Figure {
                value: observation.value,
                n: observation.n,
                interval: observation.interval,
                estimated: observation.basis == Basis::Estimate,
            };
            self.take_in_figure(observation.metric, observation.scope, &observation.subject, figure);
        }
    }

    /// Takes in one figure of the tick at hand.
    pub fn take_in_figure(&mut self, metric: &str, scope: &str, subject: &Arc<str>, figure: Figure) {
        let value = figure.value;
        if of_panels(metric) {
            let (metric, scope) = (Arc::from(metric), Arc::from(scope));
            self.take_in_panels(Part { metric, scope, subject: subject.clone(), figure });
            return;
        }
        if let (true, Some(judged)) = (of_dilemmas(metric), self.dilemmas.last_mut()) {
            let (metric, scope, subject) = (Arc::from(metric), Arc::from(scope), subject.clone());
            judged.figures.push(JudgedFigure { metric, scope, subject, figure });
            return;
        }
        if let (true, Some(poll)) = (metric.starts_with("vote_") || metric.starts_with("tally_"), self.votes.last_mut())
        {
            poll.take_in_figure(metric, scope, subject, figure);
            return;
        }
        if let (true, Some(drafted)) = (metric.starts_with("draft_"), self.drafts.last_mut()) {
            drafted.figures.entry(Arc::from(metric)).or_default().insert(subject.clone(), figure);
            return;
        }
        let last = if metric.starts_with(PLATFORM) { self.platform.last_mut() } else { self.rounds.last_mut() };
        match (metric, scope, last) {
            (metric, "society", Some(round)) => {
                round.figures.insert(Arc::from(metric), figure);
            }
            (metric, NETWORK, _) => {
                self.network.insert(Arc::from(metric), value);
            }
            (metric, HUMANS | BASELINE | OTHER_WAVE, _) if !is_of_diversity(metric) => {
                let (metric, scope) = (Arc::from(metric), Arc::from(scope));
                self.beside.push(Beside { metric, scope, subject: subject.clone(), value });
            }
            (metric, HUMANS, _) => self.humans.push((Arc::from(metric), subject.clone(), value)),
            (_, BASELINE, _) => self.baselines.push((subject.clone(), value)),
            ("missing", "outcome", Some(round)) => {
                round.missing.insert(subject.clone(), value.unwrap_or(0.0));
            }
            ("alignment", "culture", Some(round)) => {
                round.alignment.insert(subject.clone(), value);
            }
            (metric, "culture" | "pair" | "quadrant" | "threshold", Some(round)) if !metric.starts_with(PLATFORM) => {
                let (metric, scope) = (Arc::from(metric), Arc::from(scope));
                round.parts.push(Part { metric, scope, subject: subject.clone(), figure });
            }
            _ => {}
        }
    }

    /// A figure that others are read beside.
    pub fn beside(&self, metric: &str, scope: &str, subject: &str) -> Option<f64> {
        let is = |one: &&Beside| *one.metric == *metric && *one.scope == *scope && *one.subject == *subject;
        self.beside.iter().find(is)?.value
    }

    /// A figure of the humans the society stands for.
    pub fn human(&self, metric: &str, statistic: &str) -> Option<f64> {
        let found = self.humans.iter().find(|(m, s, _)| **m == *metric && **s == *statistic);
        found.and_then(|(.., value)| *value)
    }

    /// A metric after the first tick, and after the last of the mechanism that counts rounds (or of all, if none does).
    pub fn ends(&self, metric: &str) -> (Option<f64>, Option<f64>) {
        let value = |round: Option<&Round>| round.and_then(|round| round.figures.get(metric)?.value);
        (value(self.rounds.first()), value(self.last_counted()))
    }

    /// The last round in which agents were exposed to each other, or the last tick.
    pub fn last_counted(&self) -> Option<&Round> {
        let exposed = self.rounds.iter().rev().find(|round| *round.mechanism == *"exposure");
        exposed.or(self.rounds.last())
    }
}

/// Whether what stands beside a metric belongs to the table of rounds.
fn is_of_diversity(metric: &str) -> bool {
    matches!(metric, "pairwise_diversity" | "structural_diversity" | "alignment")
}
