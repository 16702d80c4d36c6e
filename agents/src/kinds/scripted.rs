//! A language model that says what it is told to: for tests of everything around a model.

use std::sync::Arc;
use std::time::Duration;

use pluriverse_engine::exchange::{
    AttemptFailure, AttemptFuture, Call, Completion, FailureKind, LanguageModel, ModelIdentity,
};
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
    /// Texts that must all occur in the prompt.
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

impl ScriptedModel {
    fn line(&self, call: &Call) -> &Line {
        let messages = &call.prompt.messages;
        let said = |text: &String| messages.iter().any(|message| message.text.contains(text));
        let fits = |cue: &&Cue| cue.when.iter().all(said);
        self.0.cues.iter().find(fits).map_or(&self.0.otherwise, |cue| &cue.then)
    }
}

impl LanguageModel for ScriptedModel {
    fn identity(&self) -> ModelIdentity {
        // How long it takes is not what it says.
        let script = (&self.0.cues, &self.0.otherwise);
        let sampling = serde_json::to_string(&script).unwrap_or_default();
        ModelIdentity { kind: "scripted", model: Arc::from("script"), sampling: Arc::from(sampling), seed: None }
    }

    fn endpoints(&self) -> Vec<Arc<str>> {
        vec![Arc::from("script")]
    }

    fn attempt<'a>(&'a self, call: &'a Call) -> AttemptFuture<'a> {
        Box::pin(async move {
            if self.0.latency_ms > 0 {
                // A different share for every request, so that replies overtake each other.
                let share = (u64::from(call.id.slot) * 7 + u64::from(call.id.agent.0) * 3) % 11;
                tokio::time::sleep(Duration::from_millis(self.0.latency_ms * share / 10)).await;
            }
            match self.line(call) {
                Line::Say(text) => Ok(Completion::of_text(text)),
                Line::Fail(outcome) => Err(AttemptFailure {
                    outcome: *outcome,
                    ..AttemptFailure::new(FailureKind::Rejected, "scripted failure")
                }),
            }
        })
    }
}
