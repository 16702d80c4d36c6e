//! What a run asks of servers and pays for it: reckoned before, told after.

use std::sync::Arc;

use pluriverse_agents::form::Reformat;
use pluriverse_agents::kinds::language_model::JudgingPrompts;
use pluriverse_agents::prompt::Shown as ShownWith;
use pluriverse_agents::voting::prompt::ShownToVoter;
use pluriverse_engine::agent::Backbone;
use pluriverse_engine::exchange::{LaneSnapshot, Spent};
use pluriverse_worlds::budgeting::Ballot;
use pluriverse_worlds::budgeting::vote::showing::ShownBallot;
use pluriverse_worlds::budgeting::vote::{Election, Recall, VoteDesign};
use pluriverse_worlds::culture::CultureProfile;
use pluriverse_worlds::dilemmas::asked::DilemmaDesign;
use pluriverse_worlds::dilemmas::scenario::Order;
use pluriverse_worlds::exposure::ShownAnswer;
use pluriverse_worlds::exposure::design::{ExposureDesign, MemoryPolicy, OwnAnswer, Who};
use pluriverse_worlds::survey::Item;
use pluriverse_worlds::survey::state::PhaseDesign;
use serde::Serialize;

use super::carry::Carried;
use super::output::counted;
use super::voices::Spoken;
use super::wakes;
use crate::comparison::forks;
use crate::resolve::{AgentSpec, Resolved, ResolvedBackbone, ResolvedSociety};

/// A figure that is not known yet: between which bounds, and what is likely.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Reckoned {
    /// At least.
    pub low: f64,
    /// Likely.
    pub likely: f64,
    /// At most.
    pub high: f64,
}

impl Reckoned {
    pub(super) fn new(low: f64, likely: f64, high: f64) -> Self {
        Self { low, likely, high }
    }

    pub(super) fn add(&mut self, other: Self) {
        *self = Self::new(self.low + other.low, self.likely + other.likely, self.high + other.high);
    }

    pub(super) fn times(self, factor: f64) -> Self {
        Self::new(self.low * factor, self.likely * factor, self.high * factor)
    }
}

/// Characters a token, for text in English: at least, likely, at most. Other scripts take more tokens.
const CHARACTERS_A_TOKEN: Reckoned = Reckoned { low: 5.0, likely: 4.0, high: 3.0 };

/// Tokens that servers put around each of two messages.
const FRAME: f64 = 10.0;

/// Tokens of a reply that says no more than it is asked to, and of one without a limit that explains itself.
const TERSE: f64 = 12.0;
const WORDY: f64 = 1000.0;

/// Agents of one backbone differ by their country's name and little else: so many stand for all.
const LOOKED_AT: usize = 50;

/// What one backbone will be asked.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Asked {
    /// The backbone's name.
    pub backbone: String,
    /// Requests, without repetitions.
    pub requests: u64,
    /// Requests when every reply has to be sent back once to be put into the right form.
    pub requests_at_most: u64,
    /// Tokens of prompts.
    pub prompt_tokens: Reckoned,
    /// Tokens of replies.
    pub reply_tokens: Reckoned,
    /// Money; absent without prices.
    pub money: Option<Reckoned>,
}

/// What every backbone that sends text will be asked.
pub fn reckon(resolved: &Resolved) -> Vec<Asked> {
    let backbones = resolved.backbones.iter().enumerate();
    let asked = backbones.filter_map(|(index, (name, backbone))| {
        let ResolvedBackbone::Model(lane) = backbone else {
            return None;
        };
        let mut asked = Asked {
            backbone: name.to_string(),
            requests: 0,
            requests_at_most: 0,
            prompt_tokens: Reckoned::default(),
            reply_tokens: Reckoned::default(),
            money: None,
        };
        let backbone = Backbone(index as u16);
        for society in &resolved.societies {
            for spoken in Spoken::of(resolved, society, backbone) {
                add_society(&mut asked, resolved, society, backbone, &spoken);
            }
            let reply = reply_tokens(resolved, backbone);
            let sent = super::sets::sent(resolved, society, backbone, reply);
            asked.requests += sent.requests;
            asked.prompt_tokens.add(of_characters(sent.characters, FRAME * sent.requests as f64));
            asked.reply_tokens.add(sent.replies);
        }
        asked.requests_at_most = asked.requests;
        if resolved.scenario.answer.reformat == Reformat::Once {
            asked.requests_at_most *= 2;
            // The second request holds the first one and its reply.
            asked.prompt_tokens.high = 2.0 * asked.prompt_tokens.high + asked.reply_tokens.high;
            asked.reply_tokens.high *= 2.0;
        }
        let (prompt, reply) = (asked.prompt_tokens, asked.reply_tokens);
        asked.money = lane.price.map(|price| Reckoned {
            low: price.of_tokens(prompt.low, 0.0, reply.low),
            likely: price.of_tokens(prompt.likely, 0.0, reply.likely),
            high: price.of_tokens(prompt.high, 0.0, reply.high),
        });
        Some(asked)
    });
    asked.collect()
}

fn add_society(
    asked: &mut Asked,
    resolved: &Resolved,
    society: &ResolvedSociety,
    backbone: Backbone,
    spoken: &Spoken<'_>,
) {
    let (agents, some) = (&spoken.agents, spoken.first(LOOKED_AT));
    let replicates = f64::from(society.strands.replicates);
    // A panel is asked about an item in all its voices and both orders.
    let samples = resolved.scenario.answer.samples as f64 * spoken.orders();
    let voices = some.len() as f64 * spoken.voices();
    let reply = reply_tokens(resolved, backbone);
    let degree = society.network.mean_degree(society.agents.len());
    let alone = alone_tokens(resolved, spoken);
    for (tick, now) in (0..).zip(&resolved.plan) {
        for arm in arms_of_tick(resolved, society, tick) {
            let design = match resolved.arms[arm].timeline[now.phase as usize] {
                PhaseDesign::Exposure(design) => Some(design),
                PhaseDesign::Survey(_) => None,
                // Reckoned apart: the judge is nobody's backbone.
                PhaseDesign::Draft(_) => continue,
                PhaseDesign::Post(design) => {
                    add_wakes(asked, wakes::of_round(resolved, society, &design, spoken), replicates);
                    continue;
                }
                PhaseDesign::Dilemmas(design) => {
                    let scale = agents.len() as f64 / some.len() as f64;
                    add_dilemmas(asked, resolved, spoken, design, scale * replicates, reply);
                    continue;
                }
                PhaseDesign::Vote(design) => {
                    let voters = (agents.len() as f64 / some.len() as f64, replicates, degree);
                    add_vote(asked, resolved, spoken, design, voters, reply);
                    continue;
                }
            };
            let mut prompts = alone;
            if let Some(memory) = remembered_platform(resolved, arm, now.phase) {
                prompts.add(memory.times(voices * resolved.survey.len() as f64));
            }
            if let Some(design) = design {
                let more = shown_tokens(resolved, &design, degree, society.agents.len(), now.round, reply);
                prompts.add(more.times(voices * resolved.survey.len() as f64));
            }
            let scale = agents.len() as f64 / some.len() as f64 * samples * replicates;
            let requests = (agents.len() * resolved.survey.len()) as f64 * spoken.voices() * samples * replicates;
            let (requests, scale) = super::sets::with_drafts(agents, requests, scale);
            asked.prompt_tokens.add(prompts.times(scale));
            asked.requests += requests as u64;
            asked.reply_tokens.add(reply.times(requests));
        }
    }
}

/// Adds what a round on a platform asks, in so many replicates.
fn add_wakes(asked: &mut Asked, of_round: wakes::OfRound, replicates: f64) {
    let requests = of_round.requests * replicates;
    asked.requests += requests.round() as u64;
    let Reckoned { low, likely, high } = of_round.characters.times(replicates);
    asked.prompt_tokens.add(Reckoned::new(
        of_characters(low, FRAME * requests).low,
        of_characters(likely, FRAME * requests).likely,
        of_characters(high, FRAME * requests).high,
    ));
    asked.reply_tokens.add(of_round.replies.times(replicates));
}

/// Tokens that what agents remember of a platform adds to each question of a survey after it.
fn remembered_platform(resolved: &Resolved, arm: usize, phase: u32) -> Option<Reckoned> {
    let before = resolved.arms[arm].timeline.iter().take(phase as usize);
    let memory = before.filter_map(|design| match design {
        PhaseDesign::Post(design) => Some(wakes::remembered(design.memory)),
        _ => None,
    });
    let Reckoned { low, likely, high } = memory.reduce(|_, later| later)?;
    Some(Reckoned::new(of_characters(low, 0.0).low, of_characters(likely, 0.0).likely, of_characters(high, 0.0).high))
}

/// Adds the ballots of a tick: `scale` agents for each one looked at, in so many replicates, with so many neighbours.
fn add_vote(
    asked: &mut Asked,
    resolved: &Resolved,
    spoken: &Spoken<'_>,
    design: VoteDesign,
    (scale, replicates, degree): (f64, f64, f64),
    reply: Reckoned,
) {
    let election = &resolved.elections[usize::from(design.election)];
    let Some(prompts) = &resolved.vote_prompts else {
        return;
    };
    let shown = design.showing.filter(|showing| showing.treatment.shows()).map_or(0, |showing| match showing.who {
        Who::Sampled(wanted) => (f64::from(wanted)).min(degree) as usize,
        Who::Neighbours | Who::All => degree as usize,
    });
    let (least, _) = election.form.bounds(election.paper.instance.len());
    let recalled = recalled(resolved, design.recall, election);
    let mut tokens = Reckoned::default();
    let agents = spoken.first(LOOKED_AT);
    for agent in agents {
        let profile = resolved.cultures.profile(agent.culture);
        // A ballot of as many projects as one has to name stands for every one that is shown.
        let ballot = Ballot { projects: (0..least).collect(), points: Vec::new() };
        let peers = vec![ShownBallot { culture: Some(agent.culture), ballot }; shown];
        let shown = ShownToVoter { peers, recalled: recalled.clone(), own: None };
        let question = prompts.question(profile, election, &shown, &resolved.cultures).chars().count();
        let neutral = || resolved.prompts.neutral();
        for system in spoken.systems(resolved, **agent, neutral, |profile, persona| prompts.system(profile, persona)) {
            tokens.add(of_characters((system + question) as f64, FRAME));
        }
    }
    // A panel's ballot is made of as many ballots of each voice as an answer is made of replies.
    let each = if spoken.is_panel() { resolved.scenario.answer.samples as f64 } else { 1.0 };
    let ballots = f64::from(design.samples) * each * scale * replicates;
    let requests = agents.len() as f64 * spoken.voices() * ballots;
    asked.prompt_tokens.add(tokens.times(ballots));
    asked.requests += requests.round() as u64;
    asked.reply_tokens.add(reply.times(requests));
}

/// Adds the dilemmas of a tick, each in both orders: `scale` agents for each one looked at, over all replicates.
fn add_dilemmas(
    asked: &mut Asked,
    resolved: &Resolved,
    spoken: &Spoken<'_>,
    design: DilemmaDesign,
    scale: f64,
    reply: Reckoned,
) {
    let scenarios = &resolved.dilemma_sets[usize::from(design.set)].scenarios;
    let Some(JudgingPrompts { closed, open }) = &resolved.dilemma_prompts else {
        return;
    };
    let (prompts, reply) = match design.judge {
        Some(_) => (open, super::sets::REPLY),
        None => (closed, reply),
    };
    let mut tokens = Reckoned::default();
    let agents = spoken.first(LOOKED_AT);
    for agent in agents {
        let profile = resolved.cultures.profile(agent.culture);
        let neutral = || prompts.neutral();
        for system in spoken.systems(resolved, **agent, neutral, |profile, persona| prompts.system(profile, persona)) {
            for scenario in scenarios {
                // Both orders are of one length.
                let question = prompts.question(profile, scenario, Order::Original).chars().count();
                tokens.add(of_characters((system + question) as f64, FRAME));
            }
        }
    }
    let each = Order::BOTH.len() as f64 * f64::from(design.samples) * scale;
    let requests = (agents.len() * scenarios.len()) as f64 * spoken.voices() * each;
    asked.prompt_tokens.add(tokens.times(each));
    asked.requests += requests.round() as u64;
    asked.reply_tokens.add(reply.times(requests));
}

/// Answers as long as those that a voter is reminded of.
fn recalled(resolved: &Resolved, recall: Recall, election: &Election) -> Vec<(Arc<str>, Arc<str>)> {
    let bears = |item: &Item| election.paper.reasons.iter().flatten().any(|reason| reason.item == item.id);
    let wanted = |item: &&Item| match recall {
        Recall::Nothing => false,
        Recall::Reasons => bears(item),
        Recall::Everything => true,
    };
    let items = resolved.survey.items.iter().filter(wanted);
    items.map(|item| (item.question.clone(), item.options[0].clone())).collect()
}

/// The arms of a society that are asked in a tick; before they fork, one for all of them.
pub fn arms_of_tick(resolved: &Resolved, society: &ResolvedSociety, tick: u32) -> Vec<usize> {
    let arms = &society.strands.arms;
    let apart = resolved.fork.is_some_and(|fork| tick >= fork) && forks(resolved, society);
    arms.iter().copied().take(if apart { arms.len() } else { 1 }).collect()
}

/// Tokens of some agents' prompts over all voices and items, with nothing shown.
fn alone_tokens(resolved: &Resolved, spoken: &Spoken<'_>) -> Reckoned {
    let mut tokens = Reckoned::default();
    let prompts = &resolved.prompts;
    for agent in spoken.first(LOOKED_AT) {
        let items = resolved.survey.items.iter();
        let questions: usize = items.map(|item| question_length(resolved, **agent, item, &ShownWith::default())).sum();
        let system = |profile: &CultureProfile, persona: &str| prompts.system(profile, persona);
        for system in spoken.systems(resolved, **agent, || prompts.neutral(), system) {
            let characters = system * resolved.survey.len() + questions;
            tokens.add(of_characters(characters as f64, FRAME * resolved.survey.len() as f64));
        }
    }
    tokens
}

fn of_characters(characters: f64, frame: f64) -> Reckoned {
    let per = CHARACTERS_A_TOKEN;
    Reckoned::new(
        characters / per.low + frame / 2.0,
        characters / per.likely + frame,
        characters / per.high + 2.0 * frame,
    )
}

fn question_length(resolved: &Resolved, agent: AgentSpec, item: &Item, shown: &ShownWith) -> usize {
    let profile = resolved.cultures.profile(agent.culture);
    resolved.prompts.question(profile, item, shown, &resolved.cultures).chars().count()
}

/// Tokens that a design adds to one prompt: what peers said now and, as far as it is remembered, before.
fn shown_tokens(
    resolved: &Resolved,
    design: &ExposureDesign,
    degree: f64,
    agents: usize,
    round: u32,
    reply: Reckoned,
) -> Reckoned {
    let peers = match design.who {
        Who::All => agents.saturating_sub(1) as f64,
        Who::Neighbours => degree,
        Who::Sampled(wanted) => degree.min(f64::from(wanted)),
    };
    let peers = if design.treatment.shows() { peers } else { 0.0 };
    let Some(agent) = resolved.societies.first().and_then(|society| society.agents.first()) else {
        return Reckoned::default();
    };
    let Some(item) = resolved.survey.items.first() else {
        return Reckoned::default();
    };
    // One peer's line and the words around all of them.
    let nobody = ShownAnswer { culture: Some(agent.culture), answer: 1, written: None };
    let with = |shown: &ShownWith| question_length(resolved, *agent, item, shown) as f64;
    let plain = with(&ShownWith::default());
    let line = with(&ShownWith { peers: vec![nobody.clone(); 2], ..ShownWith::default() })
        - with(&ShownWith { peers: vec![nobody.clone()], ..ShownWith::default() });
    let around = with(&ShownWith { peers: vec![nobody], ..ShownWith::default() }) - plain - line;
    let own = with(&ShownWith { own: Some(1), ..ShownWith::default() }) - plain;
    let mut characters = if peers > 0.0 { around + peers * line } else { 0.0 };
    let mut replies = peers;
    if design.own == OwnAnswer::Shown {
        characters += own;
    }
    let remembered = design.memory.window().min(round as usize) as f64;
    characters += remembered * own;
    if let MemoryPolicy::Seen(_) = design.memory {
        // The first round that is remembered was one without peers.
        let seen = (remembered - 1.0).max(0.0);
        characters += seen * peers * line;
        replies += seen * peers;
    }
    let mut tokens = of_characters(characters, 0.0);
    tokens.add(reply.times(replies));
    tokens
}

/// Tokens of one reply.
fn reply_tokens(resolved: &Resolved, backbone: Backbone) -> Reckoned {
    use crate::file::schema::BackboneSpec;
    let limit = match &resolved.scenario.backbones.0[backbone.index()].1 {
        BackboneSpec::OpenAi(spec) => spec.max_tokens.map(|tokens| tokens as f64),
        _ => Some(TERSE),
    };
    let most = limit.unwrap_or(WORDY);
    Reckoned::new(1.0, TERSE.min(most), most)
}

/// What a run with language models took, in a sentence or two; `None` for other runs.
pub fn bill(resolved: &Resolved, carried: &Carried) -> Option<String> {
    if carried.lanes.is_empty() {
        return None;
    }
    let total = carried.tally.total();
    let mut parts = vec![counted(total.replies, "request", "requests")];
    let given_up = (carried.spent.replies + total.from_cache).saturating_sub(total.replies);
    if given_up > 0 {
        parts.push(format!("{given_up} more of a tick that was given up"));
    }
    if total.from_cache > 0 {
        parts.push(format!("{} from the cache, free", total.from_cache));
    }
    if total.from_earlier_sessions > 0 {
        parts.push(format!("{} from earlier sessions", total.from_earlier_sessions));
    }
    let failed: u64 = carried.lanes.iter().flat_map(|lane| &lane.failed).map(|(_, count)| count).sum();
    let calls: u64 = carried.lanes.iter().map(|lane| lane.calls).sum();
    let kinds = failures(carried);
    parts.push(if failed == 0 {
        counted(calls, "call", "calls")
    } else {
        format!("{}, {failed} of them failed ({kinds})", counted(calls, "call", "calls"))
    });
    // What the replies of a tick that was given up took is spent as well: it is kept, and will not be paid for again.
    let spent = &carried.spent;
    if spent.tokens() > 0 || total.unmetered > 0 {
        parts.push(tokens(spent, total.unmetered));
    }
    if let Some(prices) = &resolved.prices {
        parts.push(format!("{:.4} {}", spent.money, prices.currency));
    }
    let mut sentences = vec![format!("Language models: {}.", parts.join("; "))];
    if carried.retried > 0 {
        let failures = counted(carried.retried, "earlier failure was", "earlier failures were");
        sentences.push(format!("{failures} asked for again."));
    }
    if carried.lost_in_flight > 0 {
        let calls = counted(carried.lost_in_flight, "call was", "calls were");
        sentences.push(format!("{calls} under way when earlier sessions died, and may have been paid for twice."));
    }
    Some(sentences.join(" "))
}

fn tokens(spent: &Spent, unmetered: u64) -> String {
    let cached = match spent.cached_tokens {
        0 => String::new(),
        tokens => format!(" ({tokens} of them cached by the server)"),
    };
    let untold = match unmetered {
        0 => String::new(),
        replies => format!("; of {} the server did not tell", counted(replies, "reply", "replies")),
    };
    format!("{} prompt tokens{cached}, {} reply tokens{untold}", spent.prompt_tokens, spent.completion_tokens)
}

/// Why requests failed for good in this session, in the servers' own words: the most frequent reasons of each backbone.
pub fn reasons(resolved: &Resolved, carried: &Carried) -> Vec<String> {
    const SHOWN: usize = 3;
    let of_lane = |lane: &LaneSnapshot| -> Vec<String> {
        let name = resolved.backbones.get(lane.backbone.index()).map_or("", |(name, _)| name);
        let told = lane.reasons.iter().take(SHOWN);
        told.map(|(reason, count)| format!("{name}: {} failed: {reason}", counted(*count, "request", "requests")))
            .collect()
    };
    carried.lanes.iter().flat_map(of_lane).collect()
}

fn failures(carried: &Carried) -> String {
    let mut by_kind = std::collections::BTreeMap::new();
    for (kind, count) in carried.lanes.iter().flat_map(|lane| &lane.failed) {
        *by_kind.entry(*kind).or_insert(0) += count;
    }
    by_kind.iter().map(|(kind, count)| format!("{kind} {count}")).collect::<Vec<_>>().join(", ")
}
