//! Votes: ballot papers are read, and what agents without words vote by is worked out.

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::kinds::surrogate::model::{HumanPositions, Mind, Parameters};
use pluriverse_agents::kinds::surrogate::vote::VoteMinds;
use pluriverse_agents::parse::ParseRule;
use pluriverse_agents::persona::Personas;
use pluriverse_agents::voting::{Leanings, VotePrompts};
use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_worlds::budgeting::BallotKind;
use pluriverse_worlds::budgeting::exact::Exact;
use pluriverse_worlds::budgeting::tally::Rule;
use pluriverse_worlds::budgeting::vote::{BallotPaper, Election};

use super::inputs::{Inputs, note};
use super::personas::Telling;
use super::{panels, people};
use crate::file::diagnose::Mistake;
use crate::file::schema::{BackboneSpec, Phase, Scenario, VoteSpec};
use crate::inputs::asset::{self, Asset, BALLOTS, VOTE_PROMPTS};
use crate::inputs::ballot::{amount, ballot};
use crate::path;

/// More ballots an agent than this are taken for a slip.
const MOST_SAMPLES: i64 = 10_000;

/// More rounds of discussion than this are taken for a slip.
const MOST_ROUNDS: i64 = 10_000;

/// What a scenario's votes are made of.
pub(super) struct Votes {
    /// The elections, in the order of vote phases.
    pub(super) elections: Vec<Arc<Election>>,
    /// What agents without words vote by, by election.
    pub(super) minds: Vec<Option<VoteMinds>>,
    /// Prompts, where there is a vote.
    pub(super) prompts: Option<Arc<VotePrompts>>,
}

/// The votes of a timeline, with the places of their phases.
fn votes(scenario: &Scenario) -> impl Iterator<Item = (usize, &VoteSpec)> {
    scenario.timeline.iter().enumerate().filter_map(|(place, phase)| match phase {
        Phase::Vote(spec) => Some((place, spec.as_ref())),
        Phase::Survey | Phase::Exposure { .. } | Phase::Post(_) | Phase::Dilemmas(_) | Phase::Draft(_) => None,
    })
}

/// Names the rules of votes that name none.
pub(super) fn fill_in(scenario: &mut Scenario) {
    for phase in &mut scenario.timeline {
        if let Phase::Vote(spec) = phase
            && spec.rules.is_empty()
        {
            spec.rules = VoteSpec::default_rules(spec.form);
        }
    }
}

impl Votes {
    /// Works out where personas stand on the items that are asked for votes alone.
    pub(super) fn know_personas(&mut self, personas: &Personas, telling: Option<&Telling>) {
        let Some(telling) = telling else { return };
        for minds in self.minds.iter_mut().flatten() {
            minds.stances = people::stances(personas, &telling.dimensions, &minds.leanings.for_the_vote);
        }
    }
}

/// Resolves every vote of a scenario.
pub(super) fn resolve(
    scenario: &Scenario,
    base: &Path,
    inputs: &Inputs,
    telling: Option<&Telling>,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Votes {
    let mut resolved = Votes { elections: Vec::new(), minds: Vec::new(), prompts: None };
    for (place, spec) in votes(scenario) {
        if resolved.prompts.is_none() {
            resolved.prompts = prompts(scenario, base, digests, mistakes);
        }
        check_numbers(place, spec, mistakes);
        check_kind(place, spec, scenario, mistakes);
        let before = scenario.timeline[..place].iter().any(|phase| matches!(phase, Phase::Survey));
        let Some(paper) = paper(place, spec, base, digests, mistakes) else {
            continue;
        };
        if let Some(problem) = spec.form.problem(paper.instance.len()) {
            mistakes.push(Mistake::at(path!["timeline", place, "form"], problem));
        }
        let minds = minds(scenario, (inputs, telling), &paper, (place, before), mistakes);
        let increment = increment(place, spec, mistakes);
        resolved.minds.push(minds);
        resolved.elections.push(Arc::new(Election {
            paper,
            form: spec.form,
            unit: spec.voter,
            rules: spec.rules.clone(),
            ties: spec.ties.clone(),
            increment,
        }));
    }
    resolved
}

fn check_numbers(place: usize, spec: &VoteSpec, mistakes: &mut Vec<Mistake>) {
    let mut say = |field: &str, message: String| mistakes.push(Mistake::at(path!["timeline", place, field], message));
    if !(1..=MOST_SAMPLES).contains(&spec.samples) {
        say("samples", format!("an agent casts 1 to {MOST_SAMPLES} ballots, not {}", spec.samples));
    }
    if !(0..=MOST_ROUNDS).contains(&spec.deliberation) {
        say("deliberation", format!("a vote has 0 to {MOST_ROUNDS} rounds of discussion, not {}", spec.deliberation));
    }
    let mut rules = spec.rules.clone();
    rules.sort_unstable();
    rules.dedup();
    if rules.len() < spec.rules.len() {
        say("rules", "a rule is named twice".to_owned());
    }
}

/// Checks that rules and parse rule can do with the kind of ballot.
fn check_kind(place: usize, spec: &VoteSpec, scenario: &Scenario, mistakes: &mut Vec<Mistake>) {
    let kind = spec.form.kind();
    if kind != BallotKind::Approval && spec.rules.contains(&Rule::SequentialPhragmen) {
        let message = format!("sequential Phragmén counts approvals, and these ballots are {}", kind.name());
        mistakes.push(Mistake::at(path!["timeline", place, "rules"], message).help("take EqualShares() in its place"));
    }
    let recorded = |(_, backbone): &&(String, BackboneSpec)| matches!(backbone, BackboneSpec::Recorded { .. });
    if let Some((name, _)) = scenario.backbones.0.iter().find(recorded).filter(|_| spec.deliberation > 0) {
        let message = format!("backbone `{name}` answers from recordings, and those hold no polls before a vote");
        mistakes.push(Mistake::at(path!["timeline", place, "deliberation"], message).help("leave `deliberation` out"));
    }
    if scenario.parse == ParseRule::Paper && matches!(kind, BallotKind::Cumulative | BallotKind::Scoring) {
        let message = "rule Paper reads numbers of projects, and would take points for projects";
        mistakes.push(Mistake::at(path!["parse"], message).help("write `parse: Lenient`"));
    }
}

fn prompts(
    scenario: &Scenario,
    base: &Path,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Arc<VotePrompts>> {
    let found = Asset::find(&VOTE_PROMPTS, &scenario.vote_prompts, base).and_then(|asset| {
        digests.push(asset.digest());
        asset::vote_prompts(&asset)
    });
    let templates = found.map_err(|error| note(error, path!["vote_prompts"], mistakes)).ok()?;
    match VotePrompts::new(&templates, scenario.answer.format) {
        Ok(prompts) => Some(Arc::new(prompts)),
        Err(errors) => {
            mistakes.extend(errors.iter().map(|error| Mistake::at(path!["vote_prompts"], error.to_string())));
            None
        }
    }
}

fn paper(
    place: usize,
    spec: &VoteSpec,
    base: &Path,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<BallotPaper> {
    if let Some(budget) = spec.budget.as_ref().filter(|budget| amount(budget).is_none()) {
        let message = format!("a budget is a number such as \"40000\", not `{budget}`");
        mistakes.push(Mistake::at(path!["timeline", place, "budget"], message));
        return None;
    }
    let asset = Asset::find(&BALLOTS, &spec.ballot, base)
        .map_err(|error| note(error, path!["timeline", place, "ballot"], mistakes))
        .ok()?;
    digests.push(asset.digest());
    match ballot(&asset, spec.budget.as_deref()) {
        Ok(paper) => Some(paper),
        Err(errors) => {
            for error in errors {
                note(error, path!["timeline", place, "ballot"], mistakes);
            }
            None
        }
    }
}

/// How far Add1 goes at a time, where the vote says.
fn increment(place: usize, spec: &VoteSpec, mistakes: &mut Vec<Mistake>) -> Option<Exact> {
    let value = amount(spec.increment.as_ref()?).filter(|value| *value > Exact::default());
    if value.is_none() {
        let message = "an increment is a number above 0 such as \"1\" or \"1/100\"";
        mistakes.push(Mistake::at(path!["timeline", place, "increment"], message));
    }
    value
}

/// What agents without words vote by; `None` where there are none.
fn minds(
    scenario: &Scenario,
    (inputs, telling): (&Inputs, Option<&Telling>),
    paper: &BallotPaper,
    (place, surveyed_before): (usize, bool),
    mistakes: &mut Vec<Mistake>,
) -> Option<VoteMinds> {
    let by_answers =
        |spec: &BackboneSpec| matches!(spec, BackboneSpec::Surrogate { .. } | BackboneSpec::NullModel { .. });
    // A panel of surrogates is over one of them.
    let (name, _) = scenario.backbones.0.iter().find(|(_, spec)| by_answers(spec))?;
    if !surveyed_before {
        let message = format!("agents of backbone `{name}` vote by their answers, and nothing was asked before");
        mistakes.push(Mistake::at(path!["timeline", place], message).help("put Survey before the vote"));
    }
    if paper.reasons.iter().all(Vec::is_empty) {
        let message = format!("agents of backbone `{name}` vote by their answers, and no item bears on a project");
        let help = "list items under `because` of the projects, as the ballot `national-priorities` does";
        mistakes.push(Mistake::at(path!["timeline", place, "ballot"], message).help(help));
        return None;
    }
    let leanings = match Leanings::new(paper, &inputs.survey, &inputs.whole_survey, &inputs.reference) {
        Ok(leanings) => Arc::new(leanings),
        Err(unknown) => {
            let known: Vec<&str> = inputs.whole_survey.items.iter().map(|item| &*item.id).collect();
            for id in unknown {
                let message = format!("ballot `{}` rests on item `{id}`, which the survey does not have", paper.name);
                let place = path!["timeline", place, "ballot"];
                mistakes.push(Mistake::at(place, message).meant(&id, known.iter().copied()));
            }
            return None;
        }
    };
    let human = HumanPositions::new(&leanings.for_the_vote, &inputs.reference, &inputs.cultures);
    let mind = |preset: &str, parameters: &Parameters| {
        Arc::new(Mind::new(preset, parameters, &leanings.for_the_vote, &human, &inputs.cultures))
    };
    let of = |(name, spec): &(String, BackboneSpec)| match spec {
        BackboneSpec::Panel(spec) => {
            panels::mind(name, spec, scenario, inputs, telling?, &leanings.for_the_vote, &human)
        }
        BackboneSpec::Surrogate { preset, with } | BackboneSpec::NullModel { preset, with, .. } => {
            let parameters = inputs.presets.presets.get(preset.as_str())?;
            Some(mind(preset, &parameters.with(with)))
        }
        BackboneSpec::Recorded { .. } | BackboneSpec::OpenAi(_) | BackboneSpec::Scripted { .. } => None,
    };
    let minds = scenario.backbones.0.iter().map(of).collect();
    Some(VoteMinds { leanings, minds, stances: Vec::new() })
}
