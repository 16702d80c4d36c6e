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

use super::panel::Deliberation;
use super::record::{Dialogue, Exchanged, Put};
use super::{Answering, SpeaksToModel, SurveyPrompts};
use crate::form::Reformat;
use crate::kinds::panel::{BaseVoice, Panel, Panels, Speaker, Voices};
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
    /// The system prompt of voices that are told of no country.
    neutral: Arc<str>,
    /// What is voted on.
    pub(super) election: Arc<Election>,
    /// By agent.
    voters: Vec<Asked>,
    /// Replies each voice of a panel gives for one ballot.
    draws: u16,
}

/// What of a voter goes into its prompt.
struct Asked {
    culture: Culture,
    persona: Persona,
    panel: Option<Arc<Panel>>,
    shown: ShownToVoter,
}

/// What voters were asked this turn; `None` where nobody was.
#[derive(Resource, Default, Clone)]
pub(super) struct CurrentVote(Option<Arc<VoteQuestions>>);

/// A ballot paper put before one voter.
struct Question {
    questions: Arc<VoteQuestions>,
    agent: AgentId,
    speaker: Speaker,
}

impl Conversation for Question {
    fn prompt(&self) -> Prompt {
        self.questions.prompt_of(self.agent, self.speaker)
    }
}

/// A reply sent back to who wrote it.
struct SentBack {
    questions: Arc<VoteQuestions>,
    agent: AgentId,
    speaker: Speaker,
    said: Arc<str>,
}

impl Conversation for SentBack {
    fn prompt(&self) -> Prompt {
        let mut prompt = self.questions.prompt_of(self.agent, self.speaker);
        let behind = self.questions.prompts.reformat(&self.questions.election);
        prompt.messages.push(Message { role: Role::Assistant, text: self.said.clone() });
        prompt.messages.push(Message { role: Role::User, text: behind });
        prompt
    }
}

impl VoteQuestions {
    /// The voices of a voter's panel, for one ballot.
    fn voices(&self, agent: AgentId) -> Option<(&Panel, Voices)> {
        let asked = &self.voters[agent.index()];
        let panel = asked.panel.as_deref()?;
        Some((panel, Voices::in_one_order(panel.of(asked.culture).len(), self.draws)))
    }

    /// Who of a voter's panel a request is put to.
    fn speaker(&self, agent: AgentId, sample: u16) -> Speaker {
        self.voices(agent).map_or(Speaker::Base, |(_, voices)| voices.at(sample % voices.count()).speaker)
    }

    /// The ballot a request is for, and how many requests a ballot takes.
    fn ballot_of(&self, id: RequestId) -> (u16, u16) {
        let requests = self.voices(id.agent).map_or(1, |(_, voices)| voices.count());
        (id.sample / requests, requests)
    }

    /// What a voter is asked, or one of the voices of its panel.
    pub fn prompt_of(&self, agent: AgentId, speaker: Speaker) -> Prompt {
        let asked = &self.voters[agent.index()];
        let profile = self.cultures.profile(asked.culture);
        let own = || self.prompts.system(profile, &self.personas.text(asked.persona));
        let system = match (speaker, &asked.panel) {
            (Speaker::Persona(place), Some(panel)) => {
                let persona = panel.of(asked.culture).get(usize::from(place));
                self.prompts.system(profile, persona.map_or("", |persona| &persona.words))
            }
            (Speaker::Base, Some(panel)) if panel.base == BaseVoice::Neutral => self.neutral.clone(),
            _ => own(),
        };
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
    panels: Res<'w, Panels>,
    survey_prompts: Res<'w, SurveyPrompts>,
    answering: Res<'w, Answering>,
    everybody: Query<'w, 's, (&'static AgentId, &'static Backbone, &'static Culture, &'static Persona)>,
}

impl Hustings<'_, '_> {
    fn questions(&self) -> Option<(VoteDesign, VoteQuestions)> {
        let design = self.percept.0?;
        let election = self.elections.0[usize::from(design.election)].clone();
        let each = |(&agent, &backbone, &culture, &persona): (&AgentId, &Backbone, &Culture, &Persona)| {
            (agent, backbone, culture, persona)
        };
        let mut voters: Vec<(AgentId, Backbone, Culture, Persona)> = self.everybody.iter().map(each).collect();
        // The order of a query is not a promise.
        voters.sort_unstable_by_key(|(agent, ..)| *agent);
        let cultures: Vec<Culture> = voters.iter().map(|(_, _, culture, _)| *culture).collect();
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
        let asked = voters.into_iter().zip(shown).map(|((_, backbone, culture, persona), shown)| {
            let panel = self.panels.of(backbone).cloned();
            Asked { culture, persona, panel, shown }
        });
        let questions = VoteQuestions {
            prompts: self.prompts.as_ref()?.0.clone(),
            cultures: self.cultures.clone(),
            personas: self.personas.clone(),
            neutral: self.survey_prompts.0.neutral(),
            voters: asked.collect(),
            draws: self.answering.design.samples as u16,
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
        let voices = questions.voices(agent);
        let backbone = voices.map_or(backbone, |(panel, _)| panel.over);
        let requests = voices.map_or(1, |(_, voices)| voices.count());
        // Requests of one speaker share a question.
        let mut conversation: Option<Arc<Question>> = None;
        for sample in 0..design.samples.saturating_mul(requests) {
            let speaker = questions.speaker(agent, sample);
            let known = conversation.take().filter(|known| known.speaker == speaker);
            let asked = known.unwrap_or_else(|| Arc::new(Question { questions: questions.clone(), agent, speaker }));
            outbox.0.push(Request {
                id: RequestId { agent, slot: 0, sample, turn: 0 },
                backbone,
                conversation: asked.clone(),
            });
            conversation = Some(asked);
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
            let speaker = questions.speaker(agent, reply.id.sample);
            outbox.0.push(Request {
                id: RequestId { turn: 1, ..reply.id },
                backbone: reply.backbone,
                conversation: Arc::new(SentBack { questions, agent, speaker, said: Arc::from(said) }),
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
    mut panels: Deliberation,
) {
    let Some(questions) = &current.0 else {
        return;
    };
    let replies = inbox.take();
    let same_ballot = |one: &Reply, other: &Reply| {
        one.id.agent == other.id.agent && questions.ballot_of(one.id).0 == questions.ballot_of(other.id).0
    };
    for ballot in replies.chunk_by(same_ballot) {
        let readings: Vec<BallotReading> = ballot.iter().map(|reply| read(reply, questions, &answering)).collect();
        for (reply, reading) in ballot.iter().zip(&readings) {
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
        }
        let last = |place: &usize| ballot.get(place + 1).is_none_or(|next| next.id.sample != ballot[*place].id.sample);
        let counted: Vec<&BallotReading> = (0..ballot.len()).filter(last).map(|place| &readings[place]).collect();
        let (id, (sample, _)) = (ballot[0].id, questions.ballot_of(ballot[0].id));
        let cast = match questions.voices(id.agent) {
            Some((panel, voices)) => panels.vote(panel, voices, &questions.election, (id.agent, sample), &counted),
            None => counted.last().map_or_else(|| readings[0].clone(), |&reading| reading.clone()),
        };
        keep(&mut intents.0, &mut spoilt, RequestId { sample, ..id }, cast);
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
