//! A language model that says what it is told to: for tests of everything around a model.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use pluriverse_engine::exchange::{CallFailure, CallResult, LanguageModel, Request};
use pluriverse_engine::outcome::Outcome;
use serde::{Deserialize, Serialize};

/// What a scripted model does with a request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Line {
    /// Replies with this text.
    Say(String),
    /// Fails with this outcome.
    Fail(Outcome),
}

/// A rule of a script: what to do when a request holds all of some texts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    /// Texts that must all occur in the system or user prompt.
    pub when: Vec<String>,
    /// What is then done.
    pub then: Line,
}

/// A script: the first cue that fits decides.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The cues, in order.
    #[serde(default)]
    pub cues: Vec<Cue>,
    /// What is done when no cue fits.
    pub otherwise: Line,
    /// Longest delay before a reply, in milliseconds: each request waits its own share of it.
    #[serde(default)]
    pub latency_ms: u64,
}

/// A language model that follows a script.
pub struct ScriptedModel(pub Script);

impl LanguageModel for ScriptedModel {
    fn complete<'a>(&'a self, request: &'a Request) -> Pin<Box<dyn Future<Output = CallResult> + Send + 'a>> {
        Box::pin(async move {
            if self.0.latency_ms > 0 {
                // A different share for every request, so that replies overtake each other.
                let share = (u64::from(request.id.slot) * 7 + u64::from(request.id.agent.0) * 3) % 11;
                tokio::time::sleep(Duration::from_millis(self.0.latency_ms * share / 10)).await;
            }
            let fits =
                |cue: &&Cue| cue.when.iter().all(|text| request.system.contains(text) || request.user.contains(text));
            match self.0.cues.iter().find(fits).map_or(&self.0.otherwise, |cue| &cue.then) {
                Line::Say(text) => Ok(Arc::from(text.as_str())),
                Line::Fail(outcome) => Err(CallFailure { outcome: *outcome, reason: Arc::from("scripted failure") }),
            }
        })
    }
}
