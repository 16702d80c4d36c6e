//! Drafts of agents that answer in text: a set is one request or several, and what was drafted is judged and chosen from
//! in further requests of the same tick.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::exchange::{
    Accounts, BilledReply, CallResult, Conversation, Inbox, Message, Outbox, Prompt, Reply, Request, RequestId, Role,
};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::seed::{ArmStreams, Purpose};
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::drafting::observe::AXES;
use pluriverse_worlds::drafting::state::{DraftIntents, DraftPercept, FailedDrafts};
use pluriverse_worlds::drafting::{Choosing, Drafting, Method};
use pluriverse_worlds::pluralism::judge::{Accuracy, BothOrders, Order, Score, Verdict};
use rand_chacha::rand_core::Rng;

use super::record::{Dialogue, Exchanged, Put};
use super::{Answering, SpeaksToModel};
use crate::drafts::prompt::{Choices, DraftPrompts};
use crate::drafts::read::Drafted;
use crate::drafts::{RETRIES, draft, number, sections, verdict};
use crate::persona::{Persona, Personas};

/// Streams that put drafts in an order before one is chosen.
const ORDER: Purpose = Purpose("draft.order");

/// The prompts of a society's drafting; not there where it has none.
#[derive(Resource, Clone)]
pub struct DraftsInWords(pub Arc<DraftPrompts>);

/// The order in which a judge is shown two replies, by index.
const ORDERS: [Order; 2] = [Order::ResponseFirst, Order::AnchorFirst];

/// What one request is for: places in a set, and of axes and orders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    /// A candidate, or with [`Method::at_once`] all of them.
    Draft(usize),
    /// What the judge says of a candidate.
    Judge(usize, usize, usize),
    /// Which candidate is chosen.
    Choice,
}

/// What a slot is: a part of a set, or a labelled pair and an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Slot {
    OfSet(usize, Part),
    Labelled(usize, usize),
}

/// How slots are numbered: all parts of one set, then of the next, then labelled pairs.
#[derive(Clone, Copy)]
struct Slots {
    size: usize,
    sets: usize,
}

impl Slots {
    fn of(drafting: &Drafting) -> Self {
        Self { size: drafting.size, sets: drafting.sets_an_agent() }
    }

    const fn each(self) -> usize {
        5 * self.size + 1
    }

    fn number(self, slot: Slot) -> u32 {
        let place = match slot {
            Slot::OfSet(set, part) => {
                set * self.each()
                    + match part {
                        Part::Draft(candidate) => candidate,
                        Part::Judge(candidate, axis, order) => self.size + candidate * 4 + axis * 2 + order,
                        Part::Choice => 5 * self.size,
                    }
            }
            Slot::Labelled(pair, order) => self.sets * self.each() + pair * 2 + order,
        };
        place as u32
    }

    fn slot(self, number: u32) -> Slot {
        let number = number as usize;
        if number >= self.sets * self.each() {
            let rest = number - self.sets * self.each();
            return Slot::Labelled(rest / 2, rest % 2);
        }
        let (set, part) = (number / self.each(), number % self.each());
        let part = if part < self.size {
            Part::Draft(part)
        } else if part == 5 * self.size {
            Part::Choice
        } else {
            let rest = part - self.size;
            Part::Judge(rest / 4, rest / 2 % 2, rest % 2)
        };
        Slot::OfSet(set, part)
    }
}

/// What every slot of a drafting is about, as the table of requests tells it.
pub(super) fn subjects(drafting: &Drafting) -> Vec<Arc<str>> {
    let slots = Slots::of(drafting);
    let last = slots.number(Slot::Labelled(drafting.labelled.len(), 0));
    (0..last).map(|number| subject(drafting, slots.slot(number))).collect()
}

fn subject(drafting: &Drafting, slot: Slot) -> Arc<str> {
    Arc::from(match slot {
        Slot::Labelled(pair, _) => format!("labelled {pair}"),
        Slot::OfSet(set, part) => {
            let place = drafting.place(set);
            let of = format!("{}/{}/{}", drafting.prompts[place.prompt].id, place.method.name(), place.set);
            match part {
                Part::Draft(candidate) => format!("draft {of}/{candidate}"),
                Part::Judge(candidate, ..) => format!("verdict {of}/{candidate}"),
                Part::Choice => format!("choice {of}"),
            }
        }
    })
}

/// A set that is being made.
struct UnderWay {
    texts: Vec<Option<Drafted<Arc<str>>>>,
    verdicts: Vec<[[Option<Drafted<Verdict>>; 2]; 2]>,
    /// The order in which drafts are shown to who chooses.
    order: Vec<usize>,
    chosen: Option<Drafted<usize>>,
}

/// Somebody who drafts.
struct Drafter {
    backbone: Backbone,
    system: Arc<str>,
}

/// What is asked with: the same for every request of a tick.
struct Material {
    drafting: Arc<Drafting>,
    prompts: Arc<DraftPrompts>,
    choices: Choices,
    slots: Slots,
}

/// The drafting of a tick as far as it has come.
pub(super) struct Session {
    material: Arc<Material>,
    drafters: BTreeMap<AgentId, Drafter>,
    sets: BTreeMap<(AgentId, usize), UnderWay>,
    /// Verdicts on labelled pairs, by pair and order.
    tried: Vec<[Option<Drafted<Verdict>>; 2]>,
}

/// The drafting of this tick; `None` where nobody drafts in words.
#[derive(Resource, Default)]
pub(super) struct CurrentDrafts(Option<Session>);

/// What one request puts to a model.
#[derive(Clone)]
enum What {
    Draft { system: Arc<str>, method: Method, prompt: usize, earlier: Vec<Arc<str>> },
    Choose { system: Arc<str>, prompt: usize, drafts: Vec<Arc<str>> },
    Judge { axis: usize, prompt: Arc<str>, shown: [Arc<str>; 2] },
}

/// A request about to be written.
struct Asked {
    material: Arc<Material>,
    what: What,
}

impl Conversation for Asked {
    fn prompt(&self) -> Prompt {
        let Material { drafting, prompts, choices, .. } = &*self.material;
        let text = |prompt: usize| &*drafting.prompts[prompt].text;
        let (system, user) = match &self.what {
            What::Judge { axis, prompt, shown } => {
                return prompts.judge(AXES[*axis], prompt, [&shown[0], &shown[1]], *choices);
            }
            What::Draft { system, method, prompt, earlier } => {
                (system, prompts.draft(*method, text(*prompt), drafting.size, earlier))
            }
            What::Choose { system, prompt, drafts } => (system, prompts.choose(text(*prompt), drafts)),
        };
        Prompt {
            messages: vec![
                Message { role: Role::System, text: system.clone() },
                Message { role: Role::User, text: user },
            ],
            choices: Vec::new(),
            schema: None,
        }
    }
}

/// Two replies in the order in which a judge is shown them.
fn in_order(reply: &Arc<str>, anchor: &Arc<str>, order: usize) -> [Arc<str>; 2] {
    match ORDERS[order] {
        Order::ResponseFirst => [reply.clone(), anchor.clone()],
        Order::AnchorFirst => [anchor.clone(), reply.clone()],
    }
}

/// `Ask`: queues the first requests of every set, and what the judge is tried on.
pub(super) fn ask_for_drafts(
    clock: Res<Clock>,
    percept: Res<DraftPercept>,
    prompts: Option<Res<DraftsInWords>>,
    answering: Res<Answering>,
    cultures: Res<Cultures>,
    personas: Res<Personas>,
    arm: Res<ArmStreams>,
    askers: Query<(&AgentId, &Backbone, &Culture, &Persona), With<SpeaksToModel>>,
    mut current: ResMut<CurrentDrafts>,
    mut outbox: ResMut<Outbox>,
) {
    current.0 = None;
    let (Some(drafting), Some(prompts)) = (&percept.0, prompts) else {
        return;
    };
    if askers.is_empty() {
        return;
    }
    let choices = if answering.design.format.offers_choices() { Choices::Offered } else { Choices::Absent };
    let slots = Slots::of(drafting);
    let material = Material { drafting: drafting.clone(), prompts: prompts.0.clone(), choices, slots };
    let drafter = |(&agent, &backbone, &culture, &persona): (&AgentId, &Backbone, &Culture, &Persona)| {
        let system = prompts.0.system(cultures.profile(culture), &personas.text(persona));
        (agent, Drafter { backbone, system })
    };
    let mut session = Session {
        material: Arc::new(material),
        drafters: askers.iter().map(drafter).collect(),
        sets: BTreeMap::new(),
        tried: vec![[None, None]; drafting.labelled.len()],
    };
    let agents: Vec<AgentId> = session.drafters.keys().copied().collect();
    for agent in &agents {
        let mut rng = arm.0.of(ORDER).stream(*agent, clock.tick);
        for set in 0..slots.sets {
            let mut order: Vec<usize> = (0..drafting.size).collect();
            for last in (1..order.len()).rev() {
                order.swap(last, (rng.next_u32() % (last as u32 + 1)) as usize);
            }
            let (texts, verdicts) = (vec![None; drafting.size], vec![Default::default(); drafting.size]);
            session.sets.insert((*agent, set), UnderWay { texts, verdicts, order, chosen: None });
            let together = match drafting.place(set).method {
                Method::Independent | Method::Backbones => drafting.size,
                Method::Nc | Method::NcNamed | Method::Sequential => 1,
            };
            for candidate in 0..together {
                session.push(*agent, Slot::OfSet(set, Part::Draft(candidate)), 0, &mut outbox);
            }
        }
    }
    if let (Some(first), Some(_)) = (agents.first(), drafting.judge) {
        for pair in 0..drafting.labelled.len() {
            for order in 0..ORDERS.len() {
                session.push(*first, Slot::Labelled(pair, order), 0, &mut outbox);
            }
        }
    }
    current.0 = Some(session);
}

impl Session {
    /// What a slot of an agent asks, and whom.
    fn request(&self, agent: AgentId, slot: Slot) -> Option<(What, Backbone)> {
        let drafting = &self.material.drafting;
        let (set, part) = match slot {
            Slot::Labelled(pair, order) => {
                let pair = &drafting.labelled[pair];
                let axis = AXES.iter().position(|axis| *axis == pair.axis)?;
                let shown = in_order(&pair.reply, &pair.anchor, order);
                return Some((What::Judge { axis, prompt: pair.prompt.clone(), shown }, drafting.judge?));
            }
            Slot::OfSet(set, part) => (set, part),
        };
        let place = drafting.place(set);
        let drafter = self.drafters.get(&agent)?;
        let under_way = self.sets.get(&(agent, set))?;
        let drafted = |candidate: &usize| under_way.texts[*candidate].as_ref()?.as_ref().ok().cloned();
        let (method, prompt, system) = (place.method, place.prompt, drafter.system.clone());
        Some(match part {
            Part::Draft(candidate) => {
                let backbone = match method {
                    Method::Backbones => *drafting.backbones.get(candidate)?,
                    _ => drafter.backbone,
                };
                let earlier = match method {
                    Method::Sequential => (0..candidate).filter_map(|earlier| drafted(&earlier)).collect(),
                    _ => Vec::new(),
                };
                (What::Draft { system, method, prompt, earlier }, backbone)
            }
            Part::Choice => {
                let drafts = under_way.order.iter().filter_map(drafted).collect();
                (What::Choose { system, prompt, drafts }, drafter.backbone)
            }
            Part::Judge(candidate, axis, order) => {
                let of = &drafting.prompts[prompt];
                let shown = in_order(&drafted(&candidate)?, &of.anchor, order);
                (What::Judge { axis, prompt: of.text.clone(), shown }, drafting.judge?)
            }
        })
    }

    fn push(&self, agent: AgentId, slot: Slot, turn: u16, outbox: &mut Outbox) {
        if let Some((what, backbone)) = self.request(agent, slot) {
            let id = RequestId { agent, slot: self.material.slots.number(slot), sample: 0, turn };
            let conversation = Arc::new(Asked { material: self.material.clone(), what });
            outbox.0.push(Request { id, backbone, conversation });
        }
    }

    /// What a reply says, as far as it can be read.
    fn read(&self, slot: Slot, result: &CallResult) -> Said {
        let drafting = &self.material.drafting;
        match slot {
            Slot::Labelled(..) | Slot::OfSet(_, Part::Judge(..)) => Said::Verdict(verdict(result)),
            Slot::OfSet(_, Part::Choice) => Said::Number(number(result, drafting.size)),
            Slot::OfSet(set, Part::Draft(_)) if drafting.place(set).method.at_once() => {
                Said::Drafts(sections(result, drafting.size))
            }
            Slot::OfSet(_, Part::Draft(_)) => Said::Drafts(draft(result).map(|text| vec![text])),
        }
    }

    /// Takes a reply in, and queues what follows from it.
    fn take_in(&mut self, reply: &Reply, outbox: &mut Outbox) {
        let (agent, slot) = (reply.id.agent, self.material.slots.slot(reply.id.slot));
        let said = self.read(slot, &reply.result);
        if said.outcome() == Outcome::Unparsable && reply.id.turn < RETRIES {
            self.push(agent, slot, reply.id.turn + 1, outbox);
            return;
        }
        match (slot, said) {
            (Slot::Labelled(pair, order), Said::Verdict(said)) => self.tried[pair][order] = Some(said),
            (Slot::OfSet(set, Part::Judge(candidate, axis, order)), Said::Verdict(said)) => {
                if let Some(under_way) = self.sets.get_mut(&(agent, set)) {
                    under_way.verdicts[candidate][axis][order] = Some(said);
                }
            }
            (Slot::OfSet(set, Part::Choice), Said::Number(said)) => {
                if let Some(under_way) = self.sets.get_mut(&(agent, set)) {
                    under_way.chosen = Some(said.map(|number| under_way.order[number - 1]));
                }
            }
            (Slot::OfSet(set, Part::Draft(candidate)), Said::Drafts(said)) => {
                self.take_drafts(agent, set, candidate, said, outbox);
            }
            _ => {}
        }
    }

    fn take_drafts(
        &mut self,
        agent: AgentId,
        set: usize,
        first: usize,
        said: Drafted<Vec<Arc<str>>>,
        outbox: &mut Outbox,
    ) {
        let drafting = self.material.drafting.clone();
        let method = drafting.place(set).method;
        let Some(under_way) = self.sets.get_mut(&(agent, set)) else {
            return;
        };
        let drafted = match said {
            Ok(texts) => {
                let drafted = first..first + texts.len();
                for (candidate, text) in drafted.clone().zip(texts) {
                    under_way.texts[candidate] = Some(Ok(text));
                }
                drafted
            }
            Err(why) => {
                let failed = if method.at_once() { 0..drafting.size } else { first..first + 1 };
                under_way.texts[failed].fill(Some(Err(why)));
                return;
            }
        };
        let whole = under_way.texts.iter().all(|text| matches!(text, Some(Ok(_))));
        for candidate in drafted.clone() {
            for (axis, order) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                self.push(agent, Slot::OfSet(set, Part::Judge(candidate, axis, order)), 0, outbox);
            }
        }
        if method == Method::Sequential && drafted.end < drafting.size {
            self.push(agent, Slot::OfSet(set, Part::Draft(drafted.end)), 0, outbox);
        }
        if whole && drafting.choosing == Choosing::Persona {
            self.push(agent, Slot::OfSet(set, Part::Choice), 0, outbox);
        }
    }
}

/// What was read out of a reply.
enum Said {
    Drafts(Drafted<Vec<Arc<str>>>),
    Verdict(Drafted<Verdict>),
    Number(Drafted<usize>),
}

impl Said {
    fn why(&self) -> Option<&(Outcome, Arc<str>)> {
        match self {
            Self::Drafts(said) => said.as_ref().err(),
            Self::Verdict(said) => said.as_ref().err(),
            Self::Number(said) => said.as_ref().err(),
        }
    }

    fn outcome(&self) -> Outcome {
        self.why().map_or(Outcome::Answered, |(outcome, _)| *outcome)
    }

    const fn rule(&self) -> &'static str {
        match self {
            Self::Drafts(_) => "draft",
            Self::Verdict(_) => "verdict",
            Self::Number(_) => "choice",
        }
    }
}

/// `AskAgain`: every reply is read as it comes; what cannot be read is asked for again, and what was drafted is judged
/// and chosen from.
pub(super) fn draft_on(inbox: Res<Inbox>, mut current: ResMut<CurrentDrafts>, mut outbox: ResMut<Outbox>) {
    if let Some(session) = &mut current.0 {
        for reply in inbox.fresh() {
            session.take_in(reply, &mut outbox);
        }
    }
}

/// `Interpret`: what was drafted, judged and chosen becomes the tick's, and every request is put on the account.
pub(super) fn read_drafts(
    mut current: ResMut<CurrentDrafts>,
    mut inbox: ResMut<Inbox>,
    mut intents: ResMut<DraftIntents>,
    mut failed: ResMut<FailedDrafts>,
    mut accounts: ResMut<Accounts>,
    mut dialogue: ResMut<Dialogue>,
) {
    let Some(session) = current.0.take() else {
        return;
    };
    let nothing = Arc::new(Put::of_ballots(""));
    let slots = session.material.slots;
    let replies = inbox.take();
    for turns in replies.chunk_by(|one, other| (one.id.agent, one.id.slot) == (other.id.agent, other.id.slot)) {
        for (place, reply) in turns.iter().enumerate() {
            let said = session.read(slots.slot(reply.id.slot), &reply.result);
            let outcome = said.outcome();
            accounts.0.push(BilledReply {
                backbone: reply.backbone,
                outcome,
                usage: reply.result.as_ref().ok().map(|completion| completion.usage),
                bill: reply.bill,
            });
            let reason = said.why().map(|(_, reason)| reason.clone());
            if let Some(reason) = reason.clone().filter(|_| place + 1 == turns.len()) {
                let about = subject(&session.material.drafting, slots.slot(reply.id.slot));
                failed.0.insert((reply.id.agent, reply.id.slot), (outcome, about, reason));
            }
            dialogue.0.push(Exchanged::of_ballot(reply, said.rule(), outcome, reason, nothing.clone()));
        }
    }
    session.hand_over(&mut intents);
}

impl Session {
    fn hand_over(self, intents: &mut DraftIntents) {
        let judged = self.material.drafting.judge.is_some();
        for ((agent, set), under_way) in self.sets {
            let whole = under_way.texts.iter().all(|text| matches!(text, Some(Ok(_))));
            for (place, candidate) in intents.0.set_mut(agent, set).iter_mut().enumerate() {
                let Some(text) = &under_way.texts[place] else {
                    continue;
                };
                match text {
                    Ok(text) => {
                        (candidate.outcome, candidate.text) = (Outcome::Answered, Some(text.clone()));
                        if judged {
                            let (verdicts, outcome) = judgement(&under_way.verdicts[place]);
                            (candidate.verdicts, candidate.judged) = (verdicts, outcome);
                        }
                    }
                    Err((outcome, _)) => candidate.outcome = *outcome,
                }
            }
            if whole && let Some(chosen) = under_way.chosen {
                intents.0.choose(agent, set, chosen.map(|place| place as u16).map_err(|(outcome, _)| outcome));
            }
        }
        let mut labelled: [Vec<(Score, Score)>; 2] = [Vec::new(), Vec::new()];
        for (pair, verdicts) in self.material.drafting.labelled.iter().zip(&self.tried) {
            let Some(axis) = AXES.iter().position(|axis| *axis == pair.axis).filter(|_| judged) else {
                continue;
            };
            match both(verdicts) {
                Ok(both) => labelled[axis].push((pair.label, both.score())),
                Err(_) => intents.0.tried.unread[axis] += 1,
            }
        }
        intents.0.tried.accuracy = labelled.map(|labelled| Accuracy::of(&labelled));
    }
}

/// The verdicts of both orders, or why one is missing.
fn both(verdicts: &[Option<Drafted<Verdict>>; 2]) -> Result<BothOrders, Outcome> {
    let of = |place: usize| match &verdicts[place] {
        Some(Ok(verdict)) => Ok(*verdict),
        Some(Err((outcome, _))) => Err(*outcome),
        None => Err(Outcome::NotAsked),
    };
    Ok(BothOrders { response_first: of(0)?, anchor_first: of(1)? })
}

fn judgement(verdicts: &[[Option<Drafted<Verdict>>; 2]; 2]) -> ([Option<BothOrders>; 2], Outcome) {
    let read = [both(&verdicts[0]), both(&verdicts[1])];
    let outcome = read.iter().find_map(|read| read.err()).unwrap_or(Outcome::Answered);
    (read.map(Result::ok), outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_is_found_back() {
        let slots = Slots { size: 4, sets: 6 };
        assert_eq!(slots.each(), 21);
        for number in 0..(6 * 21 + 10) {
            assert_eq!(slots.number(slots.slot(number)), number);
        }
        assert_eq!(slots.slot(21), Slot::OfSet(1, Part::Draft(0)));
        assert_eq!(slots.slot(20), Slot::OfSet(0, Part::Choice));
        assert_eq!(slots.slot(6 * 21 + 3), Slot::Labelled(1, 1));
    }
}
