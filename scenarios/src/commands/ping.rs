//! `pluriverse ping`: a few small questions to every server of a scenario, and what it can do.

use std::sync::Arc;

use pluriverse_agents::form::AnswerFormat;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::exchange::{AttemptFailure, Call, Completion, LanguageModel, Message, Prompt, RequestId, Role};
use serde::Serialize;
use serde::ser::SerializeMap;

use super::Exit;
use super::carry::now;
use super::check::refuse;
use super::cli::ScenarioArgs;
use super::output::{Form, complain, say, say_json, table};
use crate::file::schema::{BackboneSpec, OpenAiSpec};
use crate::load::{Request, load};
use crate::resolve::{Asking, Resolved, probe};

/// What one server answered.
#[derive(Serialize)]
struct Answered {
    backbone: String,
    server: String,
    model: String,
    /// The reply to a plain question; the server's words where there is none.
    #[serde(flatten, serialize_with = "reply_or_error")]
    reply: Result<String, String>,
    ms: u128,
    served_model: Option<String>,
    usage: bool,
    /// Whether a seed is taken and gives the same text twice.
    seed: Can,
    /// Whether log-probabilities are sent.
    logprobs: Can,
    /// Whether a reply follows a schema.
    schema: Can,
}

/// Whether a server can do something, and what it says where not.
#[derive(Serialize)]
struct Can {
    can: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
}

impl Can {
    fn yes() -> Self {
        Self { can: true, words: None }
    }

    fn not(words: impl Into<String>) -> Self {
        Self { can: false, words: Some(words.into()) }
    }
}

fn reply_or_error<S: serde::Serializer>(reply: &Result<String, String>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    match reply {
        Ok(text) => map.serialize_entry("reply", text)?,
        Err(words) => map.serialize_entry("error", words)?,
    }
    map.end()
}

/// Carries the command out.
pub fn execute(args: &ScenarioArgs, form: Form) -> Exit {
    let request = Request { asking: Asking::Servers, ..args.into() };
    let resolved = match load(&request) {
        Ok(resolved) => resolved,
        Err(error) => {
            refuse(&error, form);
            return Exit::Mistake;
        }
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        complain("error: the system gives no runtime");
        return Exit::Failed;
    };
    let mut answers = Vec::new();
    for (name, backbone) in &resolved.scenario.backbones.0 {
        if let BackboneSpec::OpenAi(spec) = backbone {
            for (endpoint, server) in spec.addresses().enumerate() {
                answers.push(runtime.block_on(ask(&resolved, name, spec, endpoint, server)));
            }
        }
    }
    if answers.is_empty() {
        complain("this scenario asks no server");
        return Exit::Done;
    }
    let well = answers.iter().all(|answered| answered.reply.is_ok());
    match form {
        Form::Json => say_json(&answers),
        Form::Tables => tell(&answers),
    }
    if well { Exit::Done } else { Exit::Failed }
}

async fn ask(resolved: &Resolved, name: &str, spec: &OpenAiSpec, endpoint: usize, server: &str) -> Answered {
    let started = now();
    let plain = put(resolved, name, spec, endpoint, AnswerFormat::Number, None).await;
    let ms = started.elapsed().as_millis();
    let mut answered = Answered {
        backbone: name.to_owned(),
        server: server.to_owned(),
        model: spec.model.clone(),
        served_model: plain.as_ref().ok().and_then(|reply| reply.served_model.as_deref().map(str::to_owned)),
        usage: plain.as_ref().is_ok_and(|reply| reply.usage.prompt.is_some()),
        reply: plain.map(|reply| reply.text.to_string()).map_err(|failure| failure.reason.to_string()),
        ms,
        seed: Can::not("not asked"),
        logprobs: Can::not("not asked"),
        schema: Can::not("not asked"),
    };
    if answered.reply.is_err() {
        return answered;
    }
    let first = put(resolved, name, spec, endpoint, AnswerFormat::Number, Some(1)).await;
    let second = put(resolved, name, spec, endpoint, AnswerFormat::Number, Some(1)).await;
    answered.seed = match (first, second) {
        (Ok(first), Ok(second)) if first.text == second.text => Can::yes(),
        (Ok(_), Ok(_)) => Can::not("taken, but the same seed gave two texts"),
        (Err(failure), _) | (_, Err(failure)) => Can::not(&*failure.reason),
    };
    answered.logprobs = match put(resolved, name, spec, endpoint, AnswerFormat::Logprobs { top: 5 }, None).await {
        Ok(reply) if reply.logprobs.as_ref().is_some_and(|tokens| tokens.iter().any(|token| !token.top.is_empty())) => {
            Can::yes()
        }
        Ok(_) => Can::not("asked for, none sent"),
        Err(failure) => Can::not(&*failure.reason),
    };
    answered.schema = match put(resolved, name, spec, endpoint, AnswerFormat::Schema, None).await {
        Ok(reply) if reply.text.contains("\"answer\"") => Can::yes(),
        Ok(_) => Can::not("taken, but the reply does not follow it"),
        Err(failure) => Can::not(&*failure.reason),
    };
    answered
}

/// Puts one small question to a server.
async fn put(
    resolved: &Resolved,
    name: &str,
    spec: &OpenAiSpec,
    endpoint: usize,
    format: AnswerFormat,
    seed: Option<i64>,
) -> Result<Completion, AttemptFailure> {
    let model: Arc<dyn LanguageModel> = probe(name, spec, &resolved.scenario, format)?;
    let text = match format {
        AnswerFormat::Schema => "Is water wet? 1. yes 2. no. Reply as JSON: {\"answer\": \"number\"}",
        AnswerFormat::Logprobs { .. } => "Is water wet? A. yes B. no. Reply with one letter.",
        _ => "Is water wet? 1. yes 2. no. Reply with one number.",
    };
    let choices = if format.offers_choices() { vec![Arc::from("1"), Arc::from("2")] } else { Vec::new() };
    let call = Call {
        id: RequestId { agent: AgentId(0), slot: 0, sample: 0, turn: 0 },
        endpoint,
        prompt: Arc::new(Prompt {
            messages: vec![Message { role: Role::User, text: Arc::from(text) }],
            choices,
            schema: None,
        }),
        seed,
    };
    let limit = std::time::Duration::try_from_secs_f64(spec.timeout).unwrap_or_default();
    tokio::time::timeout(limit, model.attempt(&call)).await.unwrap_or_else(|_| {
        let reason = format!("no reply within {} s", spec.timeout);
        Err(AttemptFailure::new(pluriverse_engine::exchange::FailureKind::TimedOut, reason))
    })
}

fn tell(answers: &[Answered]) {
    let yes = |can: bool| if can { "yes" } else { "no" }.to_owned();
    let rows: Vec<Vec<String>> = answers
        .iter()
        .map(|answered| {
            let reply = match &answered.reply {
                Ok(text) => text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(24).collect(),
                Err(_) => "none".to_owned(),
            };
            vec![
                answered.backbone.clone(),
                answered.server.clone(),
                reply,
                format!("{} ms", answered.ms),
                answered.served_model.clone().unwrap_or_else(|| "–".to_owned()),
                yes(answered.usage),
                yes(answered.seed.can),
                yes(answered.logprobs.can),
                yes(answered.schema.can),
            ]
        })
        .collect();
    say(&table(&["backbone", "server", "reply", "took", "served model", "usage", "seed", "logprobs", "schema"], &rows));
    for answered in answers {
        if let Err(reason) = &answered.reply {
            say(&format!("\n{} at {}: {reason}", answered.backbone, answered.server));
            continue;
        }
        for (what, can) in [("seed", &answered.seed), ("logprobs", &answered.logprobs), ("schema", &answered.schema)] {
            if let Some(words) = &can.words {
                say(&format!("{} at {}, {what}: {words}", answered.backbone, answered.server));
            }
        }
    }
}
