//! `Observe`: coverage, correlation within sets and the judge behind them.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::observation::Observation;
use pluriverse_engine::observation::Observations;
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_engine::tick::Clock;
use rand_chacha::ChaCha8Rng;

use super::design::{Drafting, Method};
use super::drafts::{Candidate, DraftBox, JudgeReport};
use super::figures::{
    Estimated, SetsOfPrompt, corrected, correlation, covered, covered_when_shuffled, difference, mean_score, share,
};
use super::state::{DraftPercept, Drafts};
use crate::pluralism::alignment_rate::{Position, Range, in_range, overlap};
use crate::pluralism::coverage::Scores;
use crate::pluralism::judge::{Accuracy, BothOrders, Consistency, Rates, Score};
use crate::pluralism::{Axis, Mean, Value};

/// Streams that deal candidates anew.
const SHUFFLED: Purpose = Purpose("draft.shuffled");

/// Cells of the histogram of the alignment rate by overlap, along each axis.
const BINS: usize = 10;

/// The two axes, in the order of everything that is kept by axis.
pub const AXES: [Axis; 2] = [Axis::TraditionalSecular, Axis::SurvivalSelfExpression];

/// The name of an axis in tables.
pub const fn axis_name(axis: Axis) -> &'static str {
    match axis {
        Axis::TraditionalSecular => "traditional_secular",
        Axis::SurvivalSelfExpression => "survival_self_expression",
    }
}

/// Measures the drafts of this tick.
pub fn observe_drafts(
    clock: Res<Clock>,
    percept: Res<DraftPercept>,
    drafts: Res<Drafts>,
    streams: Res<Streams>,
    mut observations: ResMut<Observations>,
) {
    let Some(drafting) = &percept.0 else {
        return;
    };
    let observed = Observed { drafting, drafts: &drafts.0, report: report(drafting, &drafts.0) };
    let mut rng = streams.of(SHUFFLED).stream(AgentId(0), clock.tick);
    for &method in &drafting.methods {
        observations.0.extend(observed.of_method(method, &mut rng));
    }
    observations.0.extend(observed.of_judge());
}

/// How the judge did: of texts on labelled pairs, of positions on the positions themselves.
pub fn report(drafting: &Drafting, drafts: &DraftBox) -> JudgeReport {
    let mut report = drafts.tried;
    let sets = drafts.everybody().flat_map(|agent| (0..drafts.sets()).map(move |set| (agent, set)));
    let candidates: Vec<&Candidate> = sets.flat_map(|(agent, set)| drafts.set(agent, set)).collect();
    for (place, _) in AXES.iter().enumerate() {
        let verdicts: Vec<BothOrders> = candidates.iter().filter_map(|candidate| candidate.verdicts[place]).collect();
        report.consistency[place] = Consistency::of(&verdicts);
        let known = |candidate: &&Candidate| {
            Some((leaning(candidate.at?[place], drafting.surrogate.band), candidate.verdicts[place]?.score()))
        };
        let labelled: Vec<(Score, Score)> = candidates.iter().filter_map(known).collect();
        if !labelled.is_empty() && report.accuracy[place].labelled() == 0 {
            report.accuracy[place] = Accuracy::of(&labelled);
        }
    }
    report
}

/// What a judge that does not err says of a position relative to the anchor.
pub fn leaning(position: f64, band: f64) -> Score {
    if position > band {
        Score::Toward
    } else if position < -band {
        Score::Away
    } else {
        Score::Balanced
    }
}

/// The drafts of a tick and what they are judged by.
struct Observed<'a> {
    drafting: &'a Drafting,
    drafts: &'a DraftBox,
    report: JudgeReport,
}

impl Observed<'_> {
    /// Places of an agent's sets by a method and prompt.
    fn sets(&self, method: Method, prompt: usize) -> Vec<usize> {
        let of = |set: &usize| {
            let place = self.drafting.place(*set);
            place.method == method && place.prompt == prompt
        };
        (0..self.drafts.sets()).filter(of).collect()
    }

    fn prompts(&self, method: Method) -> Vec<SetsOfPrompt> {
        let scores = |agent: AgentId, set: usize| -> Vec<Scores> {
            self.drafts.set(agent, set).iter().map(Candidate::scores).collect()
        };
        let of_prompt = |prompt: usize| -> SetsOfPrompt {
            let sets = self.sets(method, prompt);
            let agents = self.drafts.everybody();
            agents.map(|agent| sets.iter().map(|&set| scores(agent, set)).collect()).collect()
        };
        (0..self.drafting.prompts.len()).map(of_prompt).collect()
    }

    fn of_method(&self, method: Method, rng: &mut ChaCha8Rng) -> Vec<Observation> {
        let prompts = self.prompts(method);
        let named = |metric, part: &str, found: Estimated| {
            let subject = Arc::from(format!("{}/{part}", method.name()));
            let figure = Observation::of(metric, "draft", subject, found.value, found.n);
            Observation { interval: found.interval, ..figure }
        };
        let plain = |value| Estimated { value, ..Estimated::default() };
        let mut figures = Vec::new();
        for value in Value::ALL {
            let found = covered(&prompts, value);
            figures.push(named("draft_coverage", value.name(), found));
            figures.push(named("draft_zero_coverage", value.name(), found.complement()));
            let rates = self.rates(value);
            let corrected = corrected(&prompts, value, self.drafting.size, rates);
            figures.push(named("draft_coverage_corrected", value.name(), Estimated { n: found.n, ..plain(corrected) }));
            let dealt = covered_when_shuffled(&prompts, value, rng);
            figures.push(named("draft_coverage_shuffled", value.name(), Estimated { n: found.n, ..plain(dealt) }));
            figures.push(named("draft_chosen_share", value.name(), self.chosen(method, value)));
        }
        for axis in AXES {
            let found = correlation(&prompts, axis).unwrap_or_default();
            figures.push(named("draft_correlation", axis_name(axis), found));
            figures.push(named("draft_difference", axis_name(axis), difference(&prompts, axis)));
            figures.push(named("draft_mean_score", axis_name(axis), mean_score(&prompts, axis)));
        }
        figures.extend(self.missing(method));
        for (name, value, n) in self.alignment(method) {
            figures.push(named("draft_alignment_rate", name, Estimated { value, n, interval: None }));
        }
        figures
    }

    /// How right the judge is about a value, where it was tried.
    fn rates(&self, value: Value) -> Option<Rates> {
        let end = match value {
            Value::Traditional | Value::Survival => Score::Away,
            Value::Secular | Value::SelfExpression => Score::Toward,
        };
        let place = AXES.iter().position(|axis| *axis == value.axis())?;
        self.report.accuracy[place].rates(end)
    }

    /// Share of the chosen candidates that speak for a value.
    fn chosen(&self, method: Method, value: Value) -> Estimated {
        let of_prompt = |prompt: usize| {
            let sets = self.sets(method, prompt);
            let chosen = self.drafts.everybody().flat_map(|agent| {
                let sets = sets.iter().filter_map(move |&set| {
                    let place = self.drafts.chosen(agent, set).ok()?;
                    self.drafts.set(agent, set).get(usize::from(place))?.scores().aligned(value)
                });
                sets.collect::<Vec<bool>>()
            });
            chosen.fold((0.0, 0.0), |(hits, cases), aligned| (hits + f64::from(u8::from(aligned)), cases + 1.0))
        };
        share(&(0..self.drafting.prompts.len()).map(of_prompt).collect::<Vec<_>>())
    }

    /// Shares of candidates without a draft, of drafts without a score, and of sets without a choice.
    fn missing(&self, method: Method) -> Vec<Observation> {
        let (mut asked, mut drafted, mut judged) = (0_u64, 0_u64, 0_u64);
        let (mut offered, mut chosen) = (0_u64, 0_u64);
        for agent in self.drafts.everybody() {
            for set in (0..self.drafts.sets()).filter(|&set| self.drafting.place(set).method == method) {
                for candidate in self.drafts.set(agent, set) {
                    // What follows a failed draft in a sequence was not asked for, and is missing all the same.
                    asked += 1;
                    drafted += u64::from(candidate.outcome == Outcome::Answered);
                    judged += u64::from(candidate.judged == Outcome::Answered);
                }
                match self.drafts.chosen(agent, set) {
                    Ok(_) => (offered, chosen) = (offered + 1, chosen + 1),
                    Err(Outcome::NotAsked) => {}
                    Err(_) => offered += 1,
                }
            }
        }
        let lacking = |of: u64, had: u64| (of > 0).then(|| (of - had) as f64 / of as f64);
        let named = |metric, value, n| Observation::of(metric, "draft_method", Arc::from(method.name()), value, n);
        vec![
            named("draft_missing", lacking(asked, drafted), asked),
            named("draft_unjudged", lacking(drafted, judged), drafted),
            named("draft_unchosen", lacking(offered, chosen), offered),
        ]
    }

    /// Alignment rates of people and the society's agents, each agent a model, by the names of their reconstructions.
    fn alignment(&self, method: Method) -> Vec<(&'static str, Option<f64>, u64)> {
        let Some(people) = &self.drafting.humans else {
            return Vec::new();
        };
        let sets: Vec<usize> =
            (0..self.drafts.sets()).filter(|&set| self.drafting.place(set).method == method).collect();
        let position = |agent: AgentId| -> Option<Position> {
            let on = |axis| {
                let candidates = sets.iter().flat_map(|&set| self.drafts.set(agent, set));
                Mean::of(candidates.filter_map(|candidate| candidate.scores().on(axis)).map(Score::value)).value
            };
            Some([on(AXES[0])?, on(AXES[1])?])
        };
        let models: Vec<Position> = self.drafts.everybody().filter_map(position).collect();
        let full = in_range(people, &models, Range::Full);
        let n = people.len() as u64;
        vec![
            ("min_of_axes", full.map(|found| found.min_of_axes), n),
            ("both_axes", full.map(|found| found.both_axes), n),
            ("overlap", overlap(people, &models, BINS), n),
        ]
    }

    fn of_judge(&self) -> Vec<Observation> {
        let mut figures = Vec::new();
        for (place, axis) in AXES.into_iter().enumerate() {
            let (accuracy, consistency) = (self.report.accuracy[place], self.report.consistency[place]);
            let named = |metric, value, n| Observation::of(metric, "judge", Arc::from(axis_name(axis)), value, n);
            let share = named("draft_judge_accuracy", accuracy.share(), accuracy.labelled());
            figures.push(Observation { interval: accuracy.interval(), ..share });
            figures.push(named("draft_judge_kappa", accuracy.kappa(), accuracy.labelled()));
            figures.push(named("draft_judge_consistency", consistency.share(), consistency.responses));
            let unread = self.report.unread[place];
            figures.push(named("draft_judge_unread", Some(unread as f64), unread + accuracy.labelled()));
        }
        figures
    }
}
