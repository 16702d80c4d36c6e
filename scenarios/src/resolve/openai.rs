//! Backbones behind OpenAI-compatible servers: addresses, keys and settings checked.

use std::sync::Arc;
use std::time::Duration;

use pluriverse_agents::form::AnswerFormat;
use pluriverse_engine::exchange::{AttemptFailure, FailureKind, LaneSettings, LaneSpec, LanguageModel};
use pluriverse_engine::openai::{OpenAi, OpenAiSettings, ReplyForm, Sampling, check_address};
use secrecy::SecretString;

use super::Asking;
use crate::file::diagnose::Mistake;
use crate::file::outline::Step;
use crate::file::schema::{OpenAiSpec, Scenario};
use crate::path;

/// The backbone of a specification, with its key read from the environment where servers are to be asked.
pub(super) fn resolve(
    name: &str,
    spec: &OpenAiSpec,
    scenario: &Scenario,
    asking: Asking,
    mistakes: &mut Vec<Mistake>,
) -> Option<LaneSpec> {
    let before = mistakes.len();
    check_numbers(name, spec, mistakes);
    let addresses = addresses(name, spec, asking, mistakes);
    let key = key(name, spec, asking, mistakes);
    if mistakes.len() > before {
        return None;
    }
    let model = match OpenAi::new(settings(spec, scenario.answer.format, addresses, key)) {
        Ok(model) => Arc::new(model),
        Err(error) => {
            mistakes.push(Mistake::at(path!["backbones", name], error.to_string()));
            return None;
        }
    };
    let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let lane = LaneSettings {
        in_flight: spec.in_flight.unwrap_or(scenario.in_flight).max(1) as usize,
        attempts: spec.attempts.clamp(1, 1000) as u16,
        timeout: seconds(spec.timeout),
        backoff: seconds(spec.backoff),
    };
    Some(LaneSpec::asking(model, lane))
}

/// A backbone as specified, but asked for answers in another form: to find out what its servers can do.
pub fn probe(
    name: &str,
    spec: &OpenAiSpec,
    scenario: &Scenario,
    format: AnswerFormat,
) -> Result<Arc<dyn LanguageModel>, AttemptFailure> {
    let mut mistakes = Vec::new();
    let mut other = scenario.clone();
    other.answer.format = format;
    let mut short = spec.clone();
    // Little enough to cost nothing; servers that call it otherwise are told by the extras.
    if !spec.extra.contains_key("max_completion_tokens") {
        short.max_tokens = Some(spec.max_tokens.unwrap_or(64).min(64));
    }
    let lane = resolve(name, &short, &other, Asking::Servers, &mut mistakes);
    lane.and_then(|lane| lane.model)
        .ok_or_else(|| AttemptFailure::new(FailureKind::Rejected, "the backbone cannot be set up"))
}

fn settings(
    spec: &OpenAiSpec,
    format: AnswerFormat,
    addresses: Vec<String>,
    key: Option<SecretString>,
) -> OpenAiSettings {
    OpenAiSettings {
        addresses,
        model: Arc::from(spec.model.as_str()),
        sampling: Sampling {
            temperature: spec.temperature,
            top_p: spec.top_p,
            max_tokens: spec.max_tokens.map(|tokens| tokens.max(1) as u64),
            seed: spec.seed.map(|seed| seed.max(0) as u64),
            stop: spec.stop.clone(),
            extra: spec.extra.clone(),
        },
        form: form(format, spec),
        key,
        key_header: spec.key_header.clone(),
    }
}

fn form(format: AnswerFormat, spec: &OpenAiSpec) -> ReplyForm {
    match format {
        AnswerFormat::Boxed | AnswerFormat::Number | AnswerFormat::Letter => ReplyForm::Text,
        AnswerFormat::Schema => ReplyForm::Schema,
        AnswerFormat::Choice => ReplyForm::Choice(spec.choice_as),
        AnswerFormat::Logprobs { top } => ReplyForm::Logprobs { top: top.clamp(1, 255) as u8 },
    }
}

fn addresses(name: &str, spec: &OpenAiSpec, asking: Asking, mistakes: &mut Vec<Mistake>) -> Vec<String> {
    let written = spec.base_url.iter().map(|url| (url, path!["backbones", name, "base_url"]));
    let list = spec.base_urls.iter().enumerate();
    let all = written.chain(list.map(|(index, url)| (url, path!["backbones", name, "base_urls", index])));
    let mut addresses = Vec::new();
    for (url, place) in all {
        if let Err(problem) = check_address(url) {
            mistakes.push(Mistake::at(place, problem).help(
                "for example http://127.0.0.1:8000/v1; a key belongs into an environment variable, named by `key`",
            ));
        }
        if addresses.contains(url) {
            let place = path!["backbones", name, "base_urls"];
            mistakes.push(Mistake::at(place, "one server is listed twice"));
        }
        addresses.push(url.clone());
    }
    if addresses.is_empty() && asking != Asking::Nobody {
        mistakes.push(
            Mistake::at(path!["backbones", name], format!("backbone `{name}` has no server to ask"))
                .help("write `base_url: \"http://127.0.0.1:8000/v1\"`"),
        );
    }
    addresses
}

/// Whether a text can be the name of an environment variable and does not look like a key.
pub fn is_variable(text: &str) -> bool {
    let sign = |character: char| character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_';
    !text.is_empty() && text.len() <= 100 && text.chars().all(sign) && !text.starts_with(|c: char| c.is_ascii_digit())
}

#[expect(clippy::disallowed_methods, reason = "keys come from the environment, and this is the program's edge")]
fn key(name: &str, spec: &OpenAiSpec, asking: Asking, mistakes: &mut Vec<Mistake>) -> Option<SecretString> {
    let variable = spec.key.as_ref()?;
    let place = || path!["backbones", name, "key"];
    if !is_variable(variable) {
        // Somebody may have written the key itself: it must not be shown.
        let message = "`key` is the name of an environment variable, not the key itself";
        mistakes.push(Mistake::at(place(), message).help("a name in capital letters, digits and underscores"));
        return None;
    }
    if asking != Asking::Servers {
        return None;
    }
    match std::env::var(variable) {
        Ok(key) if !key.trim().is_empty() => Some(SecretString::from(key.trim().to_owned())),
        Ok(_) => {
            mistakes.push(Mistake::at(place(), format!("the environment variable {variable} is empty")));
            None
        }
        Err(_) => {
            let message = format!("the environment variable {variable} is not set");
            mistakes.push(Mistake::at(place(), message).help("set it to the server's key, or leave `key` out"));
            None
        }
    }
}

fn check_numbers(name: &str, spec: &OpenAiSpec, mistakes: &mut Vec<Mistake>) {
    let place = |field: &str| {
        let mut place = path!["backbones", name];
        place.push(Step::from(field));
        place
    };
    if spec.model.trim().is_empty() {
        mistakes.push(Mistake::at(place("model"), "a model needs a name"));
    }
    let numbers = [
        ("temperature", spec.temperature, 0.0, 1e3),
        ("top_p", spec.top_p, 0.0, 1.0),
        ("timeout", Some(spec.timeout), 0.001, 1e6),
        ("backoff", Some(spec.backoff), 0.0, 1e4),
    ];
    for (field, value, least, most) in numbers {
        if let Some(value) = value.filter(|value| !(least..=most).contains(value)) {
            mistakes.push(Mistake::at(place(field), format!("`{field}` lies from {least} to {most}, not at {value}")));
        }
    }
    let counts = [
        ("max_tokens", spec.max_tokens, 1, 10_000_000),
        ("seed", spec.seed, 0, i64::MAX),
        ("in_flight", spec.in_flight, 1, 100_000),
        ("attempts", Some(spec.attempts), 1, 1000),
    ];
    for (field, value, least, most) in counts {
        if let Some(value) = value.filter(|value| !(least..=most).contains(value)) {
            mistakes.push(Mistake::at(place(field), format!("`{field}` lies from {least} to {most}, not at {value}")));
        }
    }
    if spec.key_header.is_some() && spec.key.is_none() {
        mistakes.push(Mistake::at(place("key_header"), "a header for the key, and no `key`"));
    }
    let secret = |name: &&String| {
        let name = name.to_lowercase().replace(['-', '_'], "");
        ["apikey", "authorization", "accesstoken", "secret", "password"].contains(&name.as_str())
    };
    if let Some(name) = spec.extra.keys().find(secret) {
        let message = format!("`{name}` among the extras would be written into files: name a variable with `key`");
        mistakes.push(Mistake::at(place("extra"), message));
    }
    for reserved in ["messages", "model", "stream", "n", "seed"].iter().filter(|field| spec.extra.contains_key(**field))
    {
        let message = format!("`{reserved}` cannot be among the extras: this program sets it");
        mistakes.push(Mistake::at(place("extra"), message));
    }
}
