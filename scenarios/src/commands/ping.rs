//! `pluriverse ping`: one question to every server of a scenario, and what the server can do.

use std::sync::Arc;

use pluriverse_agents::form::AnswerFormat;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::exchange::{AttemptFailure, Call, Completion, LanguageModel, Message, Prompt, RequestId, Role};
use serde::Serialize;

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
    /// The reply to a plain question, or why there is none.
    reply: Result<String, String>,
    ms: u128,
    served_model: Option<String>,
    usage: bool,
    /// Whether a seed is taken and gives the same text twice; log-probabilities; a schema. The server's words where not.
    seed: Result<(), String>,
    logprobs: Result<(), String>,
    schema: Result<(), String>,
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
        seed: Err("not asked".to_owned()),
        logprobs: Err("not asked".to_owned()),
        schema: Err("not asked".to_owned()),
    };
    if answered.reply.is_err() {
        return answered;
    }
    let words = |failure: AttemptFailure| failure.reason.to_string();
    let first = put(resolved, name, spec, endpoint, AnswerFormat::Number, Some(1)).await;
    let second = put(resolved, name, spec, endpoint, AnswerFormat::Number, Some(1)).await;
    answered.seed = match (first, second) {
        (Ok(first), Ok(second)) if first.text == second.text => Ok(()),
        (Ok(_), Ok(_)) => Err("taken, but the same seed gave two texts".to_owned()),
        (Err(failure), _) | (_, Err(failure)) => Err(words(failure)),
    };
    answered.logprobs = match put(resolved, name, spec, endpoint, AnswerFormat::Logprobs { top: 5 }, None).await {
        Ok(reply) if reply.logprobs.as_ref().is_some_and(|tokens| tokens.iter().any(|token| !token.top.is_empty())) => {
            Ok(())
        }
        Ok(_) => Err("asked for, none sent".to_owned()),
        Err(failure) => Err(words(failure)),
    };
    answered.schema = match put(resolved, name, spec, endpoint, AnswerFormat::Schema, None).await {
        Ok(reply) if reply.text.contains("\"answer\"") => Ok(()),
        Ok(_) => Err("taken, but the reply does not follow it".to_owned()),
        Err(failure) => Err(words(failure)),
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
        prompt: Arc::new(Prompt { messages: vec![Message { role: Role::User, text: Arc::from(text) }], choices }),
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
                Ok(text) => format!("{:?}", text.chars().take(24).collect::<String>()),
                Err(_) => "none".to_owned(),
            };
            vec![
                answered.backbone.clone(),
                answered.server.clone(),
                reply,
                format!("{} ms", answered.ms),
                answered.served_model.clone().unwrap_or_else(|| "–".to_owned()),
                yes(answered.usage),
                yes(answered.seed.is_ok()),
                yes(answered.logprobs.is_ok()),
                yes(answered.schema.is_ok()),
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
            if let Err(reason) = can {
                say(&format!("{} at {}, {what}: {reason}", answered.backbone, answered.server));
            }
        }
    }
}
