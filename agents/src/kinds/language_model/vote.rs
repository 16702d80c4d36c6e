//! Votes of agents that answer in text: one request a ballot.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::exchange::{
    Accounts, BilledReply, Conversation, Inbox, Message, Outbox, Prompt, Reply, Request, RequestId, Role,
};
use pluriverse_engine::outcome::Outcome;
use pluriverse_worlds::budgeting::vote::ballot_box::BallotBox;
use pluriverse_worlds::budgeting::vote::design::{Election, Elections, Recall, VoteDesign};
use pluriverse_worlds::budgeting::vote::showing::BallotShower;
use pluriverse_worlds::budgeting::vote::state::{BallotIntents, SpoiltBallots, VotePercept};
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::exposure::design::OwnAnswer;
use pluriverse_worlds::survey::Item;
use pluriverse_worlds::survey::state::{Questionnaire, Sheets};

use super::record::{Dialogue, Exchanged, Put};
use super::{Answering, SpeaksToModel};
use crate::form::Reformat;
use crate::parse::spoken;
use crate::persona::{Persona, Personas};
use crate::voting::prompt::{ShownToVoter, VotePrompts};
use crate::voting::read::{BallotReading, read_ballot};

/// The prompts of a society's votes; not there where it has none.
#[derive(Resource, Clone)]
pub struct Voting(pub Arc<VotePrompts>);

/// Everything the prompts of a vote are made of.
pub struct VoteQuestions {
    prompts: Arc<VotePrompts>,
    cultures: Cultures,
    personas: Personas,
    /// What is voted on.
    pub(super) election: Arc<Election>,
    /// By agent.
    voters: Vec<Asked>,
}

/// What of a voter goes into its prompt.
struct Asked {
    culture: Culture,
    persona: Persona,
    shown: ShownToVoter,
}

/// What voters were asked this turn; `None` where nobody was.
#[derive(Resource, Default, Clone)]
pub(super) struct CurrentVote(Option<Arc<VoteQuestions>>);

/// A ballot paper put before one voter.
struct Question {
    questions: Arc<VoteQuestions>,
    agent: AgentId,
}

impl Conversation for Question {
    fn prompt(&self) -> Prompt {
        self.questions.prompt(self.agent)
    }
}

/// A reply sent back to who wrote it.
struct SentBack {
    questions: Arc<VoteQuestions>,
    agent: AgentId,
    said: Arc<str>,
}

impl Conversation for SentBack {
    fn prompt(&self) -> Prompt {
        let mut prompt = self.questions.prompt(self.agent);
        let behind = self.questions.prompts.reformat(&self.questions.election);
        prompt.messages.push(Message { role: Role::Assistant, text: self.said.clone() });
        prompt.messages.push(Message { role: Role::User, text: behind });
        prompt
    }
}

impl VoteQuestions {
    /// What a voter is asked.
    pub fn prompt(&self, agent: AgentId) -> Prompt {
        let asked = &self.voters[agent.index()];
        let profile = self.cultures.profile(asked.culture);
        let system = self.prompts.system(profile, self.personas.text(asked.persona));
        let question = self.prompts.question(profile, &self.election, &asked.shown, &self.cultures);
        Prompt {
            messages: vec![Message { role: Role::System, text: system }, Message { role: Role::User, text: question }],
            choices: Vec::new(),
            schema: None,
        }
    }

    /// What a voter was shown, as the table of requests tells it: ballots, each as the ids it names.
    fn put(&self, agent: AgentId) -> Arc<Put> {
        let projects = self.election.paper.instance.projects();
        let ballot = |ids: &[usize]| ids.iter().map(|&id| &*projects[id].id).collect::<Vec<_>>().join(",");
        let peers = self.voters[agent.index()].shown.peers.iter().map(|shown| {
            let culture = shown.culture.map_or("", |culture| &*self.cultures.profile(culture).code);
            format!("{culture}:{}", ballot(&shown.ballot.projects))
        });
        Arc::new(Put::of_ballots(&peers.collect::<Vec<_>>().join(" ")))
    }
}

/// What the voters of a society would be asked in the tick that has just begun: whatever answers for them.
pub fn vote_question(world: &mut World) -> Option<VoteQuestions> {
    world.run_system_cached(questions_of_vote).ok().flatten()
}

fn questions_of_vote(hustings: Hustings) -> Option<VoteQuestions> {
    hustings.questions().map(|(_, questions)| questions)
}

/// What [`VoteQuestions`] are made of.
#[derive(SystemParam)]
pub(super) struct Hustings<'w, 's> {
    percept: Res<'w, VotePercept>,
    elections: Res<'w, Elections>,
    prompts: Option<Res<'w, Voting>>,
    cultures: Res<'w, Cultures>,
    personas: Res<'w, Personas>,
    shower: BallotShower<'w>,
    questionnaire: Res<'w, Questionnaire>,
    sheets: Res<'w, Sheets>,
    everybody: Query<'w, 's, (&'static AgentId, &'static Culture, &'static Persona)>,
}

impl Hustings<'_, '_> {
    fn questions(&self) -> Option<(VoteDesign, VoteQuestions)> {
        let design = self.percept.0?;
        let election = self.elections.0[usize::from(design.election)].clone();
        let mut voters: Vec<(AgentId, Culture, Persona)> =
            self.everybody.iter().map(|(&agent, &culture, &persona)| (agent, culture, persona)).collect();
        // The order of a query is not a promise.
        voters.sort_unstable_by_key(|(agent, ..)| *agent);
        let cultures: Vec<Culture> = voters.iter().map(|(_, culture, _)| *culture).collect();
        let recalled = self.recalled(design.recall, &election);
        let mut shown: Vec<ShownToVoter> = voters
            .iter()
            .map(|(agent, ..)| ShownToVoter { recalled: self.answers(*agent, &recalled), ..ShownToVoter::default() })
            .collect();
        if let Some(how) = design.showing {
            let showing = self.shower.showing(how, &election);
            for ((agent, ..), shown) in voters.iter().zip(&mut shown) {
                shown.peers = showing.ballots(*agent, |peer| cultures[peer.index()]);
                shown.own = showing.own(*agent).filter(|_| how.own == OwnAnswer::Shown);
            }
        }
        let asked = voters.into_iter().zip(shown);
        let questions = VoteQuestions {
            prompts: self.prompts.as_ref()?.0.clone(),
            cultures: self.cultures.clone(),
            personas: self.personas.clone(),
            voters: asked.map(|((_, culture, persona), shown)| Asked { culture, persona, shown }).collect(),
            election,
        };
        Some((design, questions))
    }

    /// The items whose answers voters are reminded of, by place.
    fn recalled(&self, recall: Recall, election: &Election) -> Vec<usize> {
        let survey = &self.questionnaire.0;
        let bears = |item: &&Item| election.paper.reasons.iter().flatten().any(|reason| reason.item == item.id);
        let places = |wanted: &dyn Fn(&&Item) -> bool| {
            let items = survey.items.iter().enumerate();
            items.filter(|(_, item)| wanted(item)).map(|(place, _)| place).collect()
        };
        match recall {
            Recall::Nothing => Vec::new(),
            Recall::Reasons => places(&bears),
            Recall::Everything => places(&|_| true),
        }
    }

    /// An agent's answers to some items in words; those it did not answer are left out.
    fn answers(&self, agent: AgentId, items: &[usize]) -> Vec<(Arc<str>, Arc<str>)> {
        let told = |&place: &usize| {
            let item = &self.questionnaire.0.items[place];
            let option = usize::try_from(self.sheets.current.get(agent, place).ok()? - 1).ok()?;
            Some((item.question.clone(), item.options.get(option)?.clone()))
        };
        items.iter().filter_map(told).collect()
    }
}

/// `Ask`: queues one request a ballot.
pub(super) fn ask_for_ballots(
    hustings: Hustings,
    askers: Query<(&AgentId, &Backbone), With<SpeaksToModel>>,
    mut current: ResMut<CurrentVote>,
    mut outbox: ResMut<Outbox>,
) {
    current.0 = None;
    if askers.is_empty() {
        return;
    }
    let Some((design, questions)) = hustings.questions() else {
        return;
    };
    let questions = Arc::new(questions);
    // By id: request order is part of the record.
    for (&agent, &backbone) in askers.iter().sort::<&AgentId>() {
        let conversation = Arc::new(Question { questions: questions.clone(), agent });
        for sample in 0..design.samples {
            outbox.0.push(Request {
                id: RequestId { agent, slot: 0, sample, turn: 0 },
                backbone,
                conversation: conversation.clone(),
            });
        }
    }
    current.0 = Some(questions);
}

fn read(reply: &Reply, questions: &VoteQuestions, answering: &Answering) -> BallotReading {
    let election = &questions.election;
    let (rule, format) = (answering.rule, answering.design.format);
    read_ballot(&reply.result, &election.paper.instance, election.form, rule, format)
}

/// `AskAgain`: a reply that is no ballot is sent back once, where the scenario allows it.
pub(super) fn ask_for_ballots_again(
    answering: Res<Answering>,
    current: Res<CurrentVote>,
    inbox: Res<Inbox>,
    mut outbox: ResMut<Outbox>,
) {
    let (Reformat::Once, Some(questions)) = (answering.design.reformat, &current.0) else {
        return;
    };
    for reply in inbox.fresh().iter().filter(|reply| reply.id.turn == 0) {
        let spoilt = read(reply, questions, &answering).err();
        let unread = spoilt.is_some_and(|spoilt| matches!(spoilt.outcome, Outcome::Unparsable | Outcome::OutOfRange));
        let said = reply.result.as_ref().map_or("", |completion| spoken(&completion.text));
        if unread && !said.is_empty() {
            let (questions, agent) = (questions.clone(), reply.id.agent);
            outbox.0.push(Request {
                id: RequestId { turn: 1, ..reply.id },
                backbone: reply.backbone,
                conversation: Arc::new(SentBack { questions, agent, said: Arc::from(said) }),
            });
        }
    }
}

/// `Interpret`: replies become ballots or typed failures. Of several turns the last one counts.
pub(super) fn read_ballots(
    answering: Res<Answering>,
    current: Res<CurrentVote>,
    mut inbox: ResMut<Inbox>,
    mut intents: ResMut<BallotIntents>,
    mut spoilt: ResMut<SpoiltBallots>,
    mut accounts: ResMut<Accounts>,
    mut dialogue: ResMut<Dialogue>,
) {
    let Some(questions) = &current.0 else {
        return;
    };
    let replies = inbox.take();
    for turns in replies.chunk_by(|one, other| (one.id.agent, one.id.sample) == (other.id.agent, other.id.sample)) {
        for (place, reply) in turns.iter().enumerate() {
            let reading = read(reply, questions, &answering);
            let outcome = reading.as_ref().map_or_else(|spoilt| spoilt.outcome, |_| Outcome::Answered);
            accounts.0.push(BilledReply {
                backbone: reply.backbone,
                outcome,
                usage: reply.result.as_ref().ok().map(|completion| completion.usage),
                bill: reply.bill,
            });
            let reason = reading.as_ref().err().map(|spoilt| spoilt.reason.clone());
            let put = questions.put(reply.id.agent);
            dialogue.0.push(Exchanged::of_ballot(reply, answering.rule.name(), outcome, reason, put));
            if place + 1 == turns.len() {
                keep(&mut intents.0, &mut spoilt, reply.id, reading);
            }
        }
    }
}

fn keep(intents: &mut BallotBox, spoilt: &mut SpoiltBallots, id: RequestId, reading: BallotReading) {
    let sample = usize::from(id.sample);
    match reading {
        Ok(ballot) => intents.set(id.agent, sample, Ok(&ballot)),
        Err(why) => {
            intents.set(id.agent, sample, Err(why.outcome));
            spoilt.0.insert((id.agent, u32::from(id.sample)), why);
        }
    }
}
