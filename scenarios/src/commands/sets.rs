//! What drafting sends to servers, reckoned before.

use pluriverse_agents::drafts::AnswerDrafting;
use pluriverse_engine::agent::Backbone;
use pluriverse_worlds::dilemmas::asked::DilemmaDesign;
use pluriverse_worlds::dilemmas::scenario::Order;
use pluriverse_worlds::drafting::{Choosing, Drafting, Method};
use pluriverse_worlds::survey::state::PhaseDesign;

use super::money::{Reckoned, arms_of_tick};
use super::voices::Spoken;
use crate::resolve::{AgentSpec, Resolved, ResolvedBackbone, ResolvedSociety};

/// Tokens of a drafted reply: at least, likely, and at most where nothing limits it.
pub(super) const REPLY: Reckoned = Reckoned { low: 40.0, likely: 150.0, high: 1000.0 };

/// Characters of a likely draft.
const DRAFT: f64 = 600.0;

/// What one backbone is sent.
#[derive(Default)]
pub(super) struct Sent {
    /// Requests, without repetitions.
    pub(super) requests: u64,
    /// Characters of prompts, about.
    pub(super) characters: f64,
    /// Tokens of replies.
    pub(super) replies: Reckoned,
}

/// What a society's drafting phases send to a backbone: drafts and choices of its agents, and what it judges. `terse` are
/// the tokens of a verdict or a choice.
pub(super) fn sent(resolved: &Resolved, society: &ResolvedSociety, backbone: Backbone, terse: Reckoned) -> Sent {
    let mut sent = Sent::default();
    for (tick, now) in (0..).zip(&resolved.plan) {
        for arm in arms_of_tick(resolved, society, tick) {
            match resolved.arms[arm].timeline[now.phase as usize] {
                PhaseDesign::Draft(design) => {
                    let drafting = &resolved.draftings[usize::from(design.drafting)];
                    add(&mut sent, resolved, society, drafting, backbone, terse);
                }
                PhaseDesign::Dilemmas(design) if design.judge == Some(backbone) => {
                    add_verdicts(&mut sent, resolved, society, design, terse);
                }
                _ => {}
            }
        }
    }
    let replicates = f64::from(society.strands.replicates);
    Sent {
        requests: sent.requests * u64::from(society.strands.replicates),
        characters: sent.characters * replicates,
        replies: sent.replies.times(replicates),
    }
}

/// Characters of what stands around an answer that is judged.
const TRIAL: f64 = 500.0;

/// Adds a verdict on every answer in words to a tick's dilemmas.
fn add_verdicts(
    sent: &mut Sent,
    resolved: &Resolved,
    society: &ResolvedSociety,
    design: DilemmaDesign,
    terse: Reckoned,
) {
    let asked = |(place, (_, own)): (usize, &(_, ResolvedBackbone))| match own {
        ResolvedBackbone::Model(_) => Spoken::of(resolved, society, Backbone(place as u16)),
        _ => Vec::new(),
    };
    let speaking = resolved.backbones.iter().enumerate().flat_map(asked);
    let voices: f64 = speaking.map(|spoken| spoken.agents.len() as f64 * spoken.voices()).sum();
    let scenarios = resolved.dilemma_sets[usize::from(design.set)].scenarios.len();
    let verdicts = voices * (scenarios * Order::BOTH.len()) as f64 * f64::from(design.samples);
    sent.requests += verdicts.round() as u64;
    sent.characters += verdicts * (TRIAL + DRAFT);
    sent.replies.add(terse.times(verdicts));
}

/// Requests and their share of prompts where some agents draft their answers: a set of drafts and a choice for one answer,
/// or every draft and a choice. The few words around a question, and the drafts a choice is shown, are not reckoned.
pub(super) fn with_drafts(agents: &[&AgentSpec], requests: f64, scale: f64) -> (f64, f64) {
    let each = |agent: &&AgentSpec| match agent.drafting {
        AnswerDrafting::Single => 1.0,
        AnswerDrafting::Nc(_) => 2.0,
        AnswerDrafting::Independent(drafts) => f64::from(drafts) + 1.0,
    };
    let more = agents.iter().map(each).sum::<f64>() / agents.len().max(1) as f64;
    (requests * more, scale * more)
}

fn add(
    sent: &mut Sent,
    resolved: &Resolved,
    society: &ResolvedSociety,
    drafting: &Drafting,
    backbone: Backbone,
    terse: Reckoned,
) {
    use crate::resolve::ResolvedBackbone::Model;
    let speaks = |backbone: Backbone| matches!(resolved.backbones[backbone.index()].1, Model(_));
    let writers = society.agents.iter().filter(|agent| speaks(agent.backbone)).count() as u64;
    let own = society.agents.iter().filter(|agent| agent.backbone == backbone).count() as u64;
    let (prompts, sets, size) = (drafting.prompts.len() as u64, drafting.sets as u64, drafting.size as u64);
    let text: usize = drafting.prompts.iter().map(|prompt| prompt.text.chars().count()).sum();
    let mut drafts = |requests: u64, parts: u64, behind: f64| {
        sent.requests += requests;
        sent.characters += requests as f64 * (text as f64 / prompts.max(1) as f64 + 200.0 + behind);
        let replies = requests as f64 * parts as f64;
        sent.replies.add(
            Reckoned::new(REPLY.low.max(terse.low), REPLY.likely.min(terse.high), REPLY.high.min(terse.high))
                .times(replies),
        );
    };
    for method in &drafting.methods {
        let each = prompts * sets;
        match method {
            Method::Independent => drafts(own * each * size, 1, 0.0),
            Method::Nc | Method::NcNamed => drafts(own * each, size, 250.0),
            Method::Sequential => drafts(own * each * size, 1, DRAFT * (size as f64 - 1.0) / 2.0),
            Method::Backbones => {
                let listed = drafting.backbones.iter().filter(|listed| **listed == backbone).count() as u64;
                drafts(writers * each * listed, 1, 0.0);
            }
        }
    }
    let all = prompts * sets * drafting.methods.len() as u64;
    if drafting.choosing == Choosing::Persona && speaks(backbone) {
        sent.requests += own * all;
        sent.characters += (own * all) as f64 * (DRAFT * size as f64 + 400.0);
        sent.replies.add(terse.times((own * all) as f64));
    }
    if drafting.judge == Some(backbone) {
        let verdicts = writers * all * size * 4 + drafting.labelled.len() as u64 * 2;
        sent.requests += verdicts;
        sent.characters += verdicts as f64 * (DRAFT + 900.0);
        sent.replies.add(terse.times(verdicts as f64));
    }
}
