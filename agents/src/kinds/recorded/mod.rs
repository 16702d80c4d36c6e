//! Agents that answer from recordings of earlier runs, in the published layout.

mod vote;

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::simulation::SimulationBuilder;
use pluriverse_engine::tick::{Clock, TickSystems, Turns};
use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::survey::state::{AnswerIntents, Failure, Failures, Percept, Questionnaire, ReplyTexts};
use serde::Deserialize;

pub use vote::RecordedBallots;

use super::language_model::Answering;
use crate::parse::{self, ParseRule};
use pluriverse_worlds::survey::Item;

/// One recorded reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordedReply {
    /// What the model wrote.
    Text(Arc<str>),
    /// The model returned nothing.
    Null,
    /// The call had failed, and its error was recorded in place of a reply.
    Error(Arc<str>),
}

impl RecordedReply {
    /// What a recorded response says.
    fn of(response: Option<String>) -> Self {
        match response {
            None => Self::Null,
            Some(text) if text.starts_with("ERROR:") => Self::Error(Arc::from(text)),
            Some(text) => Self::Text(Arc::from(text)),
        }
    }
}

/// The recorded replies of one agent in one round: one file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecordedRound {
    /// The file, for messages.
    pub file: Arc<str>,
    /// Replies by item id.
    pub replies: BTreeMap<Arc<str>, RecordedReply>,
}

/// A recording that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}, line {line}: {reason}")]
pub struct RecordingError {
    /// The file.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// A row of the published layout. Other fields (`idx`, `question`, `prompt`, …) are not needed: rows are found by id.
#[derive(Deserialize)]
struct Row {
    q_id: String,
    response: Option<String>,
}

impl RecordedRound {
    /// Reads a file of the published layout: JSON lines in any order. Rows of items that are not asked stay unused; a
    /// repeated item replaces an earlier failed call or null and is otherwise an error.
    pub fn parse(file: &str, content: &str) -> Result<Self, RecordingError> {
        let file: Arc<str> = Arc::from(file);
        let error = |line: usize, reason: String| RecordingError { file: file.clone(), line, reason };
        let mut replies: BTreeMap<Arc<str>, RecordedReply> = BTreeMap::new();
        let lines = content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        for (index, line) in lines {
            let row: Row = serde_json::from_str(line)
                .map_err(|e| error(index + 1, format!("not a recorded reply (is the file whole?): {e}")))?;
            let reply = RecordedReply::of(row.response);
            match replies.get(row.q_id.as_str()) {
                None | Some(RecordedReply::Error(_) | RecordedReply::Null) => {
                    replies.insert(Arc::from(row.q_id), reply);
                }
                Some(_) => {
                    return Err(error(index + 1, format!("item {} is recorded twice", row.q_id)));
                }
            }
        }
        Ok(Self { file, replies })
    }
}

/// What a recording has to say about an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordedAnswer {
    /// An answer and the text it was read from.
    Given(i32, Arc<str>),
    /// What became of the request and why.
    Missing(Outcome, Arc<str>),
}

/// The recordings of one backbone, by culture code and round.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recording {
    /// The backbone's name in the recordings.
    pub model: Arc<str>,
    /// The files, by culture and round.
    pub rounds: BTreeMap<(Arc<str>, u32), RecordedRound>,
    /// Ballots, by culture.
    pub ballots: BTreeMap<Arc<str>, RecordedBallots>,
}

impl Recording {
    /// The recorded answer of a culture's agent to an item in a round, the text it was read from, or why there is none:
    /// file, culture, item and round are named.
    pub fn answer(&self, culture: &Arc<str>, round: u32, item: &Item, rule: ParseRule) -> RecordedAnswer {
        let recorded = self.rounds.get(&(culture.clone(), round));
        let missing = |outcome, why: &str| {
            let file = recorded.map_or("no file", |recorded| &recorded.file);
            let reason = format!("{file}: {why} (culture {culture}, item {}, round {round})", item.id);
            RecordedAnswer::Missing(outcome, Arc::from(reason))
        };
        match recorded.and_then(|recorded| recorded.replies.get(&item.id)) {
            Some(RecordedReply::Text(text)) => match rule.read(text, item) {
                Ok(answer) => RecordedAnswer::Given(answer, text.clone()),
                Err(outcome) => missing(outcome, &parse::reason(rule, outcome, text)),
            },
            Some(RecordedReply::Null) => missing(Outcome::Failed, "the reply is null"),
            Some(RecordedReply::Error(text)) => missing(Outcome::Failed, &format!("the recorded call failed: {text}")),
            None => missing(Outcome::NotRecorded, "no reply is recorded"),
        }
    }
}

/// Marks agents that answer from recordings.
#[derive(Component, Clone, Copy, Debug)]
pub struct AnswersFromRecording;

/// The recordings of a run, by backbone.
#[derive(Resource, Clone, Debug, Default)]
pub struct Recordings(pub Vec<Option<Arc<Recording>>>);

/// Adds recorded agents to a society: expects the survey world and that of votes, [`Recordings`] and
/// [`Answering`].
pub fn plugin(simulation: &mut SimulationBuilder) {
    simulation.before_model(
        (answer_from_recordings, vote::vote_from_recordings)
            .chain()
            .in_set(TickSystems::Ask)
            // Kinds write the answers of their own agents: their order among each other cannot show.
            .ambiguous_with(TickSystems::Ask),
    );
}

fn answer_from_recordings(
    clock: Res<Clock>,
    turns: Res<Turns>,
    percept: Res<Percept>,
    answering: Res<Answering>,
    questionnaire: Res<Questionnaire>,
    cultures: Res<Cultures>,
    recordings: Res<Recordings>,
    agents: Query<(&AgentId, &Backbone, &Culture), With<AnswersFromRecording>>,
    mut intents: ResMut<AnswerIntents>,
    mut texts: ResMut<ReplyTexts>,
    mut failures: ResMut<Failures>,
) {
    if *percept == Percept::Nothing {
        return;
    }
    let acting = turns.acting();
    // A recorded exposure is one to the peers themselves, and the first survey is the only one recorded.
    let not_recorded = match *percept {
        Percept::Exposure(design) => design.treatment != Treatment::Exposed,
        Percept::Items(_) | Percept::Nothing => clock.tick > 0,
    };
    for (&agent, backbone, &culture) in agents.iter().sort::<&AgentId>().filter(|(agent, ..)| acting.includes(**agent))
    {
        let recording = recordings.0.get(backbone.index()).and_then(Option::as_ref);
        let code = &cultures.profile(culture).code;
        for (index, item) in questionnaire.0.items.iter().enumerate() {
            let answer = match recording {
                Some(recording) if !not_recorded => recording.answer(code, clock.now.round, item, answering.rule),
                Some(_) => RecordedAnswer::Missing(
                    Outcome::NotRecorded,
                    Arc::from(
                        "recordings hold the first survey and exposure to the peers, and nothing that was asked otherwise",
                    ),
                ),
                None => RecordedAnswer::Missing(Outcome::NotRecorded, Arc::from("the backbone has no recordings")),
            };
            match answer {
                RecordedAnswer::Given(answer, text) => {
                    intents.0.set(agent, index, Ok(answer));
                    texts.keep(agent, index, text);
                }
                RecordedAnswer::Missing(outcome, reason) => {
                    intents.0.set(agent, index, Err(outcome));
                    failures.0.push(Failure { agent, item: index, outcome, reason });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_item_in_any_order_and_failures_are_typed() {
        let content = concat!(
            "{\"idx\": 2, \"q_id\": \"Q3\", \"response\": \"ERROR: 429\"}\n",
            "{\"idx\": 0, \"q_id\": \"Q1\", \"response\": \"\\\\boxed{2}\"}\n",
            "\n",
            "{\"idx\": 1, \"q_id\": \"Q2\", \"response\": null}\n",
            "{\"idx\": 2, \"q_id\": \"Q3\", \"response\": \"\\\\boxed{1}\"}\n",
        );
        let round = RecordedRound::parse("f.jsonl", content).expect("a whole file");
        assert_eq!(round.replies.len(), 3);
        assert_eq!(round.replies["Q2"], RecordedReply::Null);
        assert_eq!(round.replies["Q3"], RecordedReply::Text(Arc::from("\\boxed{1}")));
    }

    #[test]
    fn half_written_and_contradictory_files_are_refused_with_the_line() {
        let whole = "{\"q_id\": \"Q1\", \"response\": \"x\"}\n";
        for (content, line) in [
            (format!("{whole}{{\"q_id\": \"Q2\", \"resp"), 2),
            (format!("{whole}{whole}"), 2),
            ("{\"response\": \"x\"}\n".to_owned(), 1),
        ] {
            let error = RecordedRound::parse("f.jsonl", &content).expect_err("not usable");
            assert_eq!(error.line, line, "{error}");
        }
    }
}
