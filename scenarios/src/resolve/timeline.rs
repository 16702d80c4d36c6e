//! The timeline unfolded into ticks.

use std::sync::Arc;

use pluriverse_engine::agent::Backbone;
use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::budgeting::vote::{Stage, VoteDesign};
use pluriverse_worlds::dilemmas::asked::DilemmaDesign;
use pluriverse_worlds::drafting::DraftDesign;
use pluriverse_worlds::exposure::ExposureDesign;
use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::platform::posting::PostDesign;
use pluriverse_worlds::survey::state::PhaseDesign;

use crate::file::diagnose::Mistake;
use crate::file::dilemmas::DilemmaSpec;
use crate::file::posting::PostSpec;
use crate::file::schema::{BackboneSpec, Phase, Scenario, VoteSpec};
use crate::path;

/// More rounds than this are taken for a slip.
const MOST_ROUNDS: i64 = 100_000;

/// The phases' designs, before any arm turns them otherwise, and the ticks they unfold to: one a survey, one an
/// exposure round, one a set of dilemmas, one a poll and one a vote. A vote is as many designs as ticks.
pub(super) fn unfold(scenario: &Scenario, mistakes: &mut Vec<Mistake>) -> (Vec<PhaseDesign>, Vec<PlannedTick>) {
    let Scenario { timeline: phases, backbones, .. } = scenario;
    let options = scenario.answer.options;
    if phases.is_empty() {
        mistakes.push(
            Mistake::at(path!["timeline"], "nothing happens in an empty timeline")
                .help("begin with Survey")
                .unless_mistaken("timeline"),
        );
    }
    let mut designs = Vec::new();
    let mut plan = Vec::new();
    let mut round = 0;
    let mut elections = 0;
    let mut postings = 0;
    let mut sets = 0;
    let mut draftings = 0;
    for (index, phase) in phases.iter().enumerate() {
        let (design, ticks) = match *phase {
            Phase::Vote(ref spec) => {
                for design in stages(spec, elections) {
                    let phase = designs.len() as u32;
                    if design.showing.is_some() {
                        round += 1;
                    }
                    let design = PhaseDesign::Vote(design);
                    plan.push(PlannedTick { phase, mechanism: Arc::from(design.mechanism()), round });
                    designs.push(design);
                }
                elections += 1;
                continue;
            }
            Phase::Post(ref spec) => {
                check_posting(spec, index, mistakes);
                let phase = designs.len() as u32;
                designs.push(PhaseDesign::Post(PostDesign {
                    posting: postings,
                    treatment: Treatment::Exposed,
                    memory: spec.memory,
                    update: spec.update,
                }));
                designs.push(PhaseDesign::Survey(options));
                postings += 1;
                plan.extend(rounds_on_platform(spec, phase, &mut round));
                continue;
            }
            Phase::Dilemmas(ref spec) => {
                sets += 1;
                (PhaseDesign::Dilemmas(dilemmas(spec, sets - 1, &backbones.0)), 1)
            }
            Phase::Draft(_) => {
                let design = DraftDesign { drafting: draftings };
                draftings += 1;
                (PhaseDesign::Draft(design), 1)
            }
            Phase::Survey => (PhaseDesign::Survey(options), 1),
            Phase::Exposure { rounds, shown, who, order, own, memory, update } => {
                check_exposure(rounds, phases, index, mistakes);
                // Treatment and order of options are the arm's.
                let design = ExposureDesign { shown, who, order, own, memory, update, ..ExposureDesign::default() };
                (PhaseDesign::Exposure(design), rounds.clamp(0, MOST_ROUNDS))
            }
        };
        for _ in 0..ticks {
            if matches!(design, PhaseDesign::Exposure(_)) {
                round += 1;
            }
            plan.push(PlannedTick { phase: designs.len() as u32, mechanism: Arc::from(design.mechanism()), round });
        }
        designs.push(design);
    }
    (designs, plan)
}

/// A phase of dilemmas, with the place of its set.
fn dilemmas(spec: &DilemmaSpec, set: u16, backbones: &[(String, BackboneSpec)]) -> DilemmaDesign {
    let judge = spec.judge.as_ref().and_then(|judge| backbones.iter().position(|(name, _)| name == judge));
    DilemmaDesign {
        set,
        samples: spec.samples.clamp(1, i64::from(u16::MAX)) as u16,
        judge: judge.map(|place| Backbone(place as u16)),
    }
}

fn check_exposure(rounds: i64, phases: &[Phase], index: usize, mistakes: &mut Vec<Mistake>) {
    if !(1..=MOST_ROUNDS).contains(&rounds) {
        let message = format!("an exposure has from 1 to {MOST_ROUNDS} rounds, not {rounds}");
        mistakes.push(Mistake::at(path!["timeline", index, "rounds"], message));
    }
    if !phases[..index].contains(&Phase::Survey) {
        mistakes.push(
            Mistake::at(path!["timeline", index], "an exposure needs answers to show")
                .help("put Survey before it")
                .unless_mistaken("timeline"),
        );
    }
}

fn check_posting(spec: &PostSpec, index: usize, mistakes: &mut Vec<Mistake>) {
    if !(1..=MOST_ROUNDS).contains(&spec.rounds) {
        let message = format!("a posting has from 1 to {MOST_ROUNDS} rounds, not {}", spec.rounds);
        mistakes.push(Mistake::at(path!["timeline", index, "rounds"], message));
    }
    if spec.probe.is_some_and(|every| every < 1) {
        let message = "the survey is asked after every so many rounds, from 1 on";
        mistakes.push(Mistake::at(path!["timeline", index, "probe"], message));
    }
}

/// The ticks of a posting phase, and of the surveys in between.
fn rounds_on_platform(spec: &PostSpec, phase: u32, round: &mut u32) -> Vec<PlannedTick> {
    let (post, survey): (Arc<str>, Arc<str>) = (Arc::from("post"), Arc::from("survey"));
    let rounds = spec.rounds.clamp(0, MOST_ROUNDS);
    let mut ticks = Vec::new();
    for done in 1..=rounds {
        *round += 1;
        ticks.push(PlannedTick { phase, mechanism: post.clone(), round: *round });
        // What follows the last round is the timeline's to say.
        if spec.probe.is_some_and(|every| every > 0 && done % every == 0 && done < rounds) {
            ticks.push(PlannedTick { phase: phase + 1, mechanism: survey.clone(), round: *round });
        }
    }
    ticks
}

/// The ticks of a vote: its polls, of which all but the first show the one before, and the vote itself.
fn stages(spec: &VoteSpec, election: u16) -> Vec<VoteDesign> {
    let polls = spec.deliberation.clamp(0, MOST_ROUNDS);
    // Treatment is the arm's.
    let shown = ExposureDesign { who: spec.who, order: spec.order, own: spec.own, ..ExposureDesign::default() };
    let poll = |round: i64| VoteDesign {
        election,
        stage: Stage::Poll,
        samples: 1,
        recall: spec.recall,
        showing: (round > 0).then_some(shown),
    };
    let vote = VoteDesign {
        election,
        stage: Stage::Vote,
        samples: spec.samples.clamp(1, i64::from(u16::MAX)) as u16,
        recall: spec.recall,
        showing: (polls > 0).then_some(shown),
    };
    (0..polls).map(poll).chain([vote]).collect()
}
