//! `pluriverse prompt`: what an agent would be asked, word for word, without asking anybody.

use std::sync::Arc;

use pluriverse_agents::form::AnswerFormat;
use pluriverse_agents::kinds::language_model::post::wake_question;
use pluriverse_agents::kinds::language_model::{Questions, SpeaksToModel, dilemma_question, question, vote_question};
use pluriverse_agents::kinds::panel::Speaker;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::effect::Effect;
use pluriverse_engine::exchange::{
    AttemptFuture, Call, Completion, Exchange, LaneSettings, LaneSpec, LanguageModel, Limits, ModelIdentity, Prompt,
};
use pluriverse_engine::record::{RecordError, Recorder, TickRecord};
use pluriverse_engine::replies::Replies;
use pluriverse_engine::run::{Run, StopSignal, Strand};
use pluriverse_engine::seed::SHARED_ARM;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_engine::tick::PlannedTick;
use pluriverse_worlds::budgeting::vote::is_vote;
use pluriverse_worlds::dilemmas::asked::is_dilemmas;
use pluriverse_worlds::dilemmas::scenario::Order;
use pluriverse_worlds::drafting::is_draft;
use pluriverse_worlds::survey::state::is_post;

use super::Exit;
use super::check::refuse;
use super::cli::PromptArgs;
use super::output::{Form, complain, say, say_json};
use crate::file::diagnose::suggestion;
use crate::load::{Request, load};
use crate::resolve::{Asking, Resolved, ResolvedBackbone, ResolvedSociety};
use crate::spawn::spawn;

/// What stands in place of an item where the ballot is meant.
const BALLOT: &str = "ballot";

/// What stands in place of an item where a wake on the platform is meant.
const WAKE: &str = "wake";

/// Behind the name of a dilemma: with its options swapped.
const SWAPPED: &str = "/swapped";

/// Carries the command out.
pub fn execute(args: &PromptArgs, form: Form) -> Exit {
    let request = Request { asking: Asking::Nobody, ..(&args.scenario).into() };
    let resolved = match load(&request) {
        Ok(resolved) => resolved,
        Err(error) => {
            refuse(&error, form);
            return Exit::Mistake;
        }
    };
    match prompt(args, &resolved) {
        Ok(found) => {
            tell(&found, form);
            Exit::Done
        }
        Err(message) => {
            complain(&format!("error: {message}"));
            Exit::Mistake
        }
    }
}

/// A prompt and what to know about it.
struct Found {
    prompt: Prompt,
    head: String,
    notes: Vec<&'static str>,
}

fn tell(found: &Found, form: Form) {
    if form == Form::Json {
        let messages: Vec<serde_json::Value> = found
            .prompt
            .messages
            .iter()
            .map(|message| serde_json::json!({ "role": message.role.name(), "content": &*message.text }))
            .collect();
        let choices: Vec<&str> = found.prompt.choices.iter().map(|choice| &**choice).collect();
        say_json(&serde_json::json!({ "messages": messages, "choices": choices, "notes": found.notes }));
        return;
    }
    say(&found.head);
    for message in &found.prompt.messages {
        say(&format!("\n[{}]\n{}", message.role.name(), message.text));
    }
    if !found.prompt.choices.is_empty() {
        let choices: Vec<&str> = found.prompt.choices.iter().map(|choice| &**choice).collect();
        say(&format!("\n[may reply] {}", choices.join(", ")));
    }
    for note in &found.notes {
        say(&format!("\nNote: {note}"));
    }
}

fn society<'a>(args: &PromptArgs, resolved: &'a Resolved) -> Result<&'a ResolvedSociety, String> {
    let Some(name) = &args.society else {
        return Ok(&resolved.societies[0]);
    };
    resolved.societies.iter().find(|society| *society.name == **name).ok_or_else(|| {
        let known = resolved.societies.iter().map(|society| &*society.name);
        format!("there is no society `{name}`; {}", suggestion(name, known))
    })
}

fn prompt(args: &PromptArgs, resolved: &Resolved) -> Result<Found, String> {
    let society = society(args, resolved)?;
    let agent = society.agents.get(args.agent as usize).ok_or_else(|| {
        format!("society `{}` has agents 0 to {}, and no agent {}", society.name, society.agents.len() - 1, args.agent)
    })?;
    let ballot = args.item.as_deref() == Some(BALLOT) && resolved.survey.position(BALLOT).is_none();
    let wake = wants_a_wake(args, resolved);
    let dilemma = dilemma(args, resolved);
    let item = match &args.item {
        _ if ballot || wake || dilemma.is_some() => 0,
        None => 0,
        Some(id) => resolved.survey.position(id).ok_or_else(|| {
            let known = resolved.survey.items.iter().map(|item| &*item.id);
            format!("the survey has no item `{id}`; {}", suggestion(id, known))
        })?,
    };
    let asked = |tick: &PlannedTick| {
        let mechanism = &tick.mechanism;
        tick.round == args.round
            && is_vote(mechanism) == ballot
            && is_post(mechanism) == wake
            && !is_draft(mechanism)
            && is_dilemmas(mechanism) == dilemma.is_some()
    };
    let tick = resolved.plan.iter().position(asked).ok_or_else(|| {
        if ballot {
            return format!("the scenario has no vote in round {}", args.round);
        }
        let last = resolved.plan.last().map_or(0, |tick| tick.round);
        format!("the scenario has rounds 0 to {last}, and no round {}", args.round)
    })?;
    let mut run = spawn(resolved, SystemOrder::AsRegistered).map_err(|error| error.to_string())?;
    let made_up = rehearse(&mut run, resolved, args, tick)?;
    let strand = strand(&mut run, society, args, tick as u32)?;
    let simulation = &mut run.strands[strand].simulation;
    simulation.begin_tick(tick as u32, &resolved.plan[tick]);
    simulation.run_before_model();
    let id = AgentId(args.agent);
    let prompt = if let Some((place, order)) = dilemma {
        dilemma_question(&mut simulation.world)
            .map(|questions| questions.prompt(id, place, order, Some(speaker(args.voice))))
    } else if wake {
        wake_question(&mut simulation.world, id)
    } else if ballot {
        vote_question(&mut simulation.world).map(|questions| questions.prompt_of(id, speaker(args.voice)))
    } else {
        let put = |questions: &Questions| questions.put_to(id, item, speaker(args.voice));
        question(&mut simulation.world).map(|questions| questions.prompt(put(&questions)))
    };
    let prompt = prompt.ok_or("nobody is asked anything in this round")?;
    let mut speaking = simulation.world.query_filtered::<&AgentId, bevy_ecs::prelude::With<SpeaksToModel>>();
    let speaks = speaking.iter(&simulation.world).any(|id| id.0 == args.agent);
    let mut notes = Vec::new();
    if !speaks {
        notes.push("no language model answers for this agent: it is asked the item and gets no words.");
    }
    if made_up {
        notes.push("nobody was asked: what peers say here is made up, and stands where their replies of the round before will stand (--run takes those of a run).");
    }
    let branch = run.strands[strand].simulation.branch();
    let head = format!(
        "agent {} ({}, backbone {}) of {}, arm {}, replicate {}, round {}, {}",
        args.agent,
        resolved.cultures.profile(agent.culture).country,
        resolved.backbones[agent.backbone.index()].0,
        society.name,
        branch.arm,
        branch.replicate,
        args.round,
        if wake {
            WAKE.to_owned()
        } else if let Some((place, order)) = dilemma {
            let swapped = if order == Order::Swapped { SWAPPED } else { "" };
            format!("dilemma {}{swapped}", resolved.dilemma_sets[0].scenarios[place].id)
        } else if ballot {
            BALLOT.to_owned()
        } else {
            format!("item {}", resolved.survey.items[item].id)
        },
    );
    Ok(Found { prompt, head, notes })
}

/// Who of a panel is asked: 0 the base, from 1 on its personas.
const fn speaker(voice: u16) -> Speaker {
    match voice {
        0 => Speaker::Base,
        persona => Speaker::Persona(persona - 1),
    }
}

/// The dilemma that is asked for: by its name, or the first where nothing else happens in the round.
fn dilemma(args: &PromptArgs, resolved: &Resolved) -> Option<(usize, Order)> {
    let scenarios = &resolved.dilemma_sets.first()?.scenarios;
    let Some(name) = args.item.as_deref() else {
        let in_round = || resolved.plan.iter().filter(|tick| tick.round == args.round);
        let alone = in_round().next().is_some() && in_round().all(|tick| is_dilemmas(&tick.mechanism));
        return alone.then_some((0, Order::Original));
    };
    let (id, order) = name.strip_suffix(SWAPPED).map_or((name, Order::Original), |id| (id, Order::Swapped));
    Some((scenarios.iter().position(|scenario| scenario.id == id)?, order))
}

/// Whether what an agent is told when it wakes is asked for: by name, or because nothing else happens in the round.
fn wants_a_wake(args: &PromptArgs, resolved: &Resolved) -> bool {
    let in_round = || resolved.plan.iter().filter(|tick| tick.round == args.round);
    match args.item.as_deref() {
        Some(WAKE) => resolved.survey.position(WAKE).is_none(),
        Some(_) => false,
        None => in_round().next().is_some() && in_round().all(|tick| is_post(&tick.mechanism)),
    }
}

/// Place of the strand that is asked for, forked from what it has in common with others.
fn strand(run: &mut Run, society: &ResolvedSociety, args: &PromptArgs, tick: u32) -> Result<usize, String> {
    let lives = |strand: &&Strand| {
        let branch = strand.simulation.branch();
        branch.society == society.name && branch.replicate == args.replicate && strand.ticks.contains(&tick)
    };
    let living: Vec<&Strand> = run.strands.iter().filter(lives).collect();
    if living.is_empty() {
        let most = society.strands.replicates - 1;
        return Err(format!("society `{}` has replicates 0 to {most}, and no {}", society.name, args.replicate));
    }
    let arms: Vec<Arc<str>> = living.iter().map(|strand| strand.simulation.branch().arm.clone()).collect();
    let arm = match &args.arm {
        Some(name) if arms.iter().any(|arm| **arm == **name) => Arc::from(name.as_str()),
        // Before arms fork they are one.
        Some(_) if arms.len() == 1 && *arms[0] == *SHARED_ARM => arms[0].clone(),
        Some(name) => return Err(format!("there is no arm `{name}`; {}", suggestion(name, arms.iter().map(|a| &**a)))),
        None => arms[0].clone(),
    };
    let wanted = |strand: &Strand| lives(&strand) && strand.simulation.branch().arm == arm;
    let place = run.strands.iter().position(wanted).ok_or("there is no such strand")?;
    run.fork(tick);
    Ok(place)
}

/// Carries out the ticks before `tick`, with the replies of another run or with stand-ins; true for stand-ins.
fn rehearse(run: &mut Run, resolved: &Resolved, args: &PromptArgs, tick: usize) -> Result<bool, String> {
    let speaks = run.exchange.speaks() && tick > 0;
    if speaks {
        match &args.run {
            Some(directory) => {
                run.exchange.keep_replies(Replies::read_only(directory).map_err(|error| error.to_string())?);
            }
            None => run.exchange = stand_ins(resolved),
        }
    }
    run.plan.truncate(tick);
    run.failure_share = 1.0;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let ended = runtime.block_on(run.carry_out(&mut Nowhere, &mut (), &StopSignal::default()));
    let summary = ended.map_err(|error| error.to_string())?;
    if summary.ticks as usize != tick {
        return Err("the run of --run does not hold the replies of the rounds before".to_owned());
    }
    Ok(speaks && args.run.is_none())
}

/// An exchange in which nobody is asked, and everybody's reply says that it is made up.
fn stand_ins(resolved: &Resolved) -> Exchange {
    let lanes = resolved.backbones.iter().map(|(_, backbone)| match backbone {
        ResolvedBackbone::Model(lane) => {
            let format = resolved.scenario.answer.format;
            let model = StandIn { identity: lane.identity.clone(), format };
            Some(LaneSpec::asking(Arc::new(model), LaneSettings::default()))
        }
        _ => None,
    });
    Exchange::new(lanes.collect(), Limits::default())
}

/// Stands in for a model that is not asked.
struct StandIn {
    identity: ModelIdentity,
    format: AnswerFormat,
}

impl LanguageModel for StandIn {
    fn identity(&self) -> ModelIdentity {
        self.identity.clone()
    }

    fn endpoints(&self) -> Vec<Arc<str>> {
        vec![Arc::from("nobody")]
    }

    fn attempt<'a>(&'a self, _call: &'a Call) -> AttemptFuture<'a> {
        let text = match self.format {
            AnswerFormat::Boxed => "« what this peer will have written » \\boxed{1}",
            AnswerFormat::Letter | AnswerFormat::Logprobs { .. } => "A",
            AnswerFormat::Number | AnswerFormat::Choice | AnswerFormat::Schema => "1",
        };
        Box::pin(async move { Ok(Completion::of_text(text)) })
    }
}

/// Records nothing.
struct Nowhere;

impl Recorder for Nowhere {
    fn append(&mut self, _record: TickRecord) -> Result<(), RecordError> {
        Ok(())
    }

    fn append_effects(&mut self, _tick: u32, _now: &PlannedTick, _effects: Vec<Effect>) -> Result<(), RecordError> {
        Ok(())
    }

    fn end_tick(&mut self, _tick: u32) -> Result<(), RecordError> {
        Ok(())
    }
}
