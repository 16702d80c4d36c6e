//! Ballots recorded in the published layout.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::{AgentId, Backbone};
use pluriverse_engine::outcome::Outcome;
use pluriverse_engine::tick::Clock;
use pluriverse_worlds::budgeting::vote::design::{Election, Elections, Stage};
use pluriverse_worlds::budgeting::vote::state::{BallotIntents, Spoilt, SpoiltBallots, VotePercept};
use pluriverse_worlds::culture::{Culture, Cultures};
use serde::Deserialize;

use super::{AnswersFromRecording, RecordedReply, RecordingError, Recordings};
use crate::form::AnswerFormat;
use crate::kinds::language_model::Answering;
use crate::parse::ParseRule;
use crate::voting::read::{BallotReading, in_text};

/// The recorded ballots of one agent: one file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecordedBallots {
    /// The file, for messages.
    pub file: Arc<str>,
    /// Replies by number of the run, from 0.
    pub replies: BTreeMap<u32, RecordedReply>,
}

/// A row of the published layout. Other fields (`culture`, `system`, `instruction`, `parsed_projects`, …) are not
/// needed: replies are read anew.
#[derive(Deserialize)]
struct Row {
    run_idx: u32,
    response: Option<String>,
}

impl RecordedBallots {
    /// Reads a file of the published layout: JSON lines in any order. A repeated run replaces an earlier failed call
    /// or null and is otherwise an error.
    pub fn parse(file: &str, content: &str) -> Result<Self, RecordingError> {
        let file: Arc<str> = Arc::from(file);
        let error = |line: usize, reason: String| RecordingError { file: file.clone(), line, reason };
        let mut replies: BTreeMap<u32, RecordedReply> = BTreeMap::new();
        for (index, line) in content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let row: Row = serde_json::from_str(line)
                .map_err(|e| error(index + 1, format!("not a recorded ballot (is the file whole?): {e}")))?;
            if matches!(replies.get(&row.run_idx), Some(RecordedReply::Text(_))) {
                return Err(error(index + 1, format!("run {} is recorded twice", row.run_idx)));
            }
            replies.insert(row.run_idx, RecordedReply::of(row.response));
        }
        Ok(Self { file, replies })
    }

    /// The ballot of a run, or why there is none.
    fn ballot(&self, run: u32, culture: &str, election: &Election, rule: ParseRule) -> BallotReading {
        let missing = |outcome, why: &str| {
            let reason = Arc::from(format!("{}: {why} (culture {culture}, run {run})", self.file));
            Err(Spoilt { outcome, fault: None, reason })
        };
        match self.replies.get(&run) {
            Some(RecordedReply::Text(text)) => {
                in_text(text, &election.paper.instance, election.form, rule, AnswerFormat::Boxed)
            }
            Some(RecordedReply::Null) => missing(Outcome::Failed, "the reply is null"),
            Some(RecordedReply::Error(text)) => missing(Outcome::Failed, &format!("the recorded call failed: {text}")),
            None => missing(Outcome::NotRecorded, "no ballot is recorded"),
        }
    }
}

/// `Ask`: ballots are looked up. What is recorded was asked of agents that had been shown nothing.
pub(super) fn vote_from_recordings(
    clock: Res<Clock>,
    percept: Res<VotePercept>,
    elections: Res<Elections>,
    answering: Res<Answering>,
    cultures: Res<Cultures>,
    recordings: Res<Recordings>,
    agents: Query<(&AgentId, &Backbone, &Culture), With<AnswersFromRecording>>,
    mut intents: ResMut<BallotIntents>,
    mut spoilt: ResMut<SpoiltBallots>,
) {
    let Some(design) = percept.0 else {
        return;
    };
    let election = &elections.0[usize::from(design.election)];
    let recorded = design.stage == Stage::Vote && design.showing.is_none() && clock.now.round == 0;
    for (&agent, backbone, &culture) in agents.iter().sort::<&AgentId>() {
        let recording = recordings.0.get(backbone.index()).and_then(Option::as_ref);
        let code = &cultures.profile(culture).code;
        let ballots = recording.filter(|_| recorded).and_then(|recording| recording.ballots.get(code));
        for sample in 0..u32::from(design.samples) {
            let reading = match ballots {
                Some(ballots) => ballots.ballot(sample, code, election, answering.rule),
                None => Err(Spoilt {
                    outcome: Outcome::NotRecorded,
                    fault: None,
                    reason: Arc::from("recordings hold votes of agents that had been shown nothing, and no others"),
                }),
            };
            let place = sample as usize;
            match reading {
                Ok(ballot) => intents.0.set(agent, place, Ok(&ballot)),
                Err(why) => {
                    intents.0.set(agent, place, Err(why.outcome));
                    spoilt.0.insert((agent, sample), why);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_by_number_and_failed_calls_may_be_repeated() {
        let content = concat!(
            "{\"run_idx\": 2, \"response\": \"ERROR: 429\"}\n",
            "{\"run_idx\": 0, \"response\": \"\\\\boxed{1, 2, 3, 4}\"}\n",
            "{\"run_idx\": 2, \"response\": \"\\\\boxed{4, 3, 2, 1}\"}\n",
        );
        let ballots = RecordedBallots::parse("f.jsonl", content).expect("a whole file");
        assert_eq!(ballots.replies.keys().copied().collect::<Vec<_>>(), [0, 2]);
        let twice = format!("{content}{{\"run_idx\": 0, \"response\": \"x\"}}\n");
        assert_eq!(RecordedBallots::parse("f.jsonl", &twice).expect_err("twice").line, 4);
    }
}
