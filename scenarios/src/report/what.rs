//! What was run: the words at the top of a page, and everything that determines a run at its end.

use std::collections::BTreeMap;

use maud::{Markup, html};
use pluriverse_engine::record::manifest::RunStatus;
use pluriverse_worlds::budgeting::vote::VoteDesign;
use pluriverse_worlds::exposure::ExposureDesign;
use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::platform::posting::PostDesign;
use pluriverse_worlds::survey::state::PhaseDesign;

use crate::commands::output::counted;
use crate::file::panel::PanelPersonas;
use crate::file::schema::BackboneSpec;
use crate::resolve::{Resolved, ResolvedArm, ResolvedSociety};

/// Name, purpose and size of a run.
pub(super) fn head(resolved: &Resolved, status: &RunStatus) -> Markup {
    let scenario = &resolved.scenario;
    let agents: usize = resolved.societies.iter().map(|society| society.agents.len()).sum();
    let societies = resolved.societies.len() as u64;
    html! {
        h1 { (scenario.name) }
        @if !scenario.about.is_empty() { p.lead { (scenario.about) } }
        p {
            (counted(agents as u64, "agent", "agents")) " in " (counted(societies, "society", "societies"))
            ", " (counted(resolved.survey.len() as u64, "item", "items"))
            @if resolved.arms.len() > 1 { ", " (counted(resolved.arms.len() as u64, "arm", "arms")) }
            @if scenario.replicates > 1 { ", " (counted(scenario.replicates as u64, "replicate", "replicates")) }
            ", seed " (scenario.seed)
        }
        @match status {
            RunStatus::Complete { .. } => {}
            RunStatus::Running => { p.notice { "This run never ended." } }
            RunStatus::Interrupted { ticks, reason } => {
                p.notice { "This run stopped after " (ticks) " of " (resolved.plan.len()) " ticks: " (reason) "." }
            }
        }
    }
}

/// Everything that determines the run.
pub(super) fn details(heading: &str, resolved: &Resolved) -> Markup {
    let scenario = &resolved.scenario;
    let reference = &scenario.reference;
    html! {
        section {
            h2 { (heading) }
            dl {
                @for society in &resolved.societies {
                    dt { "Society " (society.name) } dd { (population(resolved, society)) }
                }
                dt { "Timeline" } dd { (timeline(resolved)) }
                @for arm in &resolved.arms { dt { "Arm " (arm.name) } dd { (design(arm)) } }
                @for (name, backbone) in &scenario.backbones.0 { dt { "Backbone " (name) } dd { (kind(backbone)) } }
                dt { "Survey" } dd { (scenario.survey) ", " (resolved.survey.len()) " items" }
                dt { "Human reference" }
                dd { (reference.figures) ", " (reference.statistic.name()) ", coding " (reference.coding.name()) }
                dt { "Answers read by" } dd { "rule " (scenario.parse.name()) }
                dt { "Seed" } dd { (scenario.seed) }
                dt { "Digest" } dd { code { (resolved.digest()) } }
                dt { "Program" } dd { "pluriverse " (env!("CARGO_PKG_VERSION")) }
            }
            details {
                summary { "Inputs and their digests" }
                dl { @for input in &resolved.inputs { dt { (input.name) } dd { code { (input.blake3) } } } }
            }
            details {
                summary { "The scenario with every default filled in" }
                pre { (serde_json::to_string_pretty(&resolved.scenario_json()).unwrap_or_default()) }
            }
        }
    }
}

fn population(resolved: &Resolved, society: &ResolvedSociety) -> String {
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for agent in &society.agents {
        let code = &*resolved.cultures.profile(agent.culture).code;
        let backbone = &*resolved.backbones[agent.backbone.index()].0;
        *counts.entry((backbone, code)).or_default() += 1;
    }
    let mut words: Vec<String> = Vec::new();
    for (name, _) in &resolved.backbones {
        let of: Vec<String> = counts
            .iter()
            .filter(|((backbone, _), _)| **backbone == **name)
            .map(|((_, code), count)| if *count > 1 { format!("{code} × {count}") } else { (*code).to_owned() })
            .collect();
        if !of.is_empty() {
            words.push(format!("{} ({name})", of.join(", ")));
        }
    }
    format!("{}: {}", counted(society.agents.len() as u64, "agent", "agents"), words.join("; "))
}

fn timeline(resolved: &Resolved) -> String {
    let mut phases: Vec<(u32, &str, u32)> = Vec::new();
    for tick in &resolved.plan {
        match phases.last_mut() {
            // Polls before a vote are a phase each.
            Some((_, "deliberation", ticks)) if *tick.mechanism == *"deliberation" => *ticks += 1,
            Some((phase, _, ticks)) if *phase == tick.phase => *ticks += 1,
            _ => phases.push((tick.phase, &tick.mechanism, 1)),
        }
    }
    let words = |(_, mechanism, ticks): &(u32, &str, u32)| match *mechanism {
        "exposure" => format!("exposure, {}", counted(u64::from(*ticks), "round", "rounds")),
        "deliberation" => format!("deliberation, {}", counted(u64::from(*ticks), "poll", "polls")),
        "post" => format!("posting, {}", counted(u64::from(*ticks), "round", "rounds")),
        other => other.to_owned(),
    };
    phases.iter().map(words).collect::<Vec<_>>().join("; then ")
}

/// An arm in words: its treatment, and what of its design matters to it.
fn design(arm: &ResolvedArm) -> String {
    let treatment = match arm.treatment {
        Treatment::Exposed => "shown the peers' answers".to_owned(),
        Treatment::ReAsk => "asked again, shown nothing".to_owned(),
        Treatment::Unlabelled => "shown the peers' answers without names of cultures".to_owned(),
        Treatment::Placebo(_) => format!("shown answers that are not the peers' ({})", arm.treatment.name()),
    };
    let mut phases: Vec<String> = arm.timeline.iter().filter_map(knobs).collect();
    phases.dedup();
    std::iter::once(treatment).chain(phases).collect::<Vec<_>>().join("; ")
}

fn knobs(phase: &PhaseDesign) -> Option<String> {
    let design = match phase {
        PhaseDesign::Exposure(design) => design,
        PhaseDesign::Vote(VoteDesign { showing: Some(design), .. }) => {
            let ExposureDesign { treatment, who, order, own, .. } = design;
            let ballots =
                if treatment.shows() { format!("ballots of {who}, order {}, ", order.name()) } else { String::new() };
            return Some(format!("before the vote {ballots}own ballot {}", own.name()));
        }
        PhaseDesign::Post(design) => {
            let PostDesign { memory, update, .. } = design;
            return Some(format!("on the platform memory {memory}, update {}", update.name()));
        }
        PhaseDesign::Vote(_) | PhaseDesign::Survey(_) | PhaseDesign::Dilemmas(_) | PhaseDesign::Draft(_) => {
            return None;
        }
    };
    let ExposureDesign { treatment, shown, who, order, own, memory, update, options } = design;
    let mut words = Vec::new();
    if treatment.shows() {
        words.push(format!("shown {}, who {who}, order {}", shown.name(), order.name()));
    }
    words.push(format!(
        "own answer {}, memory {memory}, update {}, options {}",
        own.name(),
        update.name(),
        options.name()
    ));
    Some(words.join(", "))
}

fn kind(backbone: &BackboneSpec) -> String {
    match backbone {
        BackboneSpec::Surrogate { preset, .. } => {
            format!("surrogate, preset {preset}: a response model, no language model was asked")
        }
        BackboneSpec::NullModel { preset, model, .. } => {
            format!("classical model {model:?} from the answers of surrogate preset {preset}")
        }
        BackboneSpec::Recorded { model, .. } => format!("recordings of {model}"),
        BackboneSpec::Scripted { .. } => "a script".to_owned(),
        BackboneSpec::OpenAi(spec) => format!("{} behind an OpenAI-compatible server", spec.model),
        BackboneSpec::Panel(spec) => {
            let personas = match &spec.personas {
                PanelPersonas::Marginals => format!("{} drawn from the human reference", spec.settings.personas),
                PanelPersonas::Microdata(source) => {
                    format!("{} from microdata, {}", spec.settings.personas, source.file)
                }
                PanelPersonas::Given(given) => format!("{} as written", given.len()),
            };
            format!("a panel of personas over backbone {} (personas: {personas})", spec.over)
        }
    }
}
