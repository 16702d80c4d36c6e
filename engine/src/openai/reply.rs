//! Reading a reply, whatever shape servers give it.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{Secrets, failure};
use crate::exchange::{AttemptFailure, Completion, FailureKind, Finish, TokenLogprobs, Usage};

/// A reply as far as it is read. Everything may be missing, null or of another type than the protocol says.
#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    choices: Option<Vec<WireChoice>>,
    #[serde(default)]
    usage: Value,
    #[serde(default)]
    model: Value,
    #[serde(default)]
    system_fingerprint: Value,
    #[serde(default)]
    error: Value,
}

#[derive(Deserialize)]
struct WireChoice {
    #[serde(default)]
    message: Option<WireMessage>,
    #[serde(default)]
    text: Value,
    #[serde(default)]
    finish_reason: Value,
    #[serde(default)]
    logprobs: Option<WireLogprobs>,
    #[serde(default)]
    error: Value,
}

#[derive(Deserialize)]
struct WireMessage {
    #[serde(default)]
    content: Value,
    #[serde(default)]
    reasoning_content: Value,
    #[serde(default)]
    reasoning: Value,
    #[serde(default)]
    refusal: Value,
}

#[derive(Deserialize)]
struct WireLogprobs {
    #[serde(default)]
    content: Option<Vec<TokenLogprobs>>,
}

/// The completion in the text of a reply with status 200, or the failure it tells of.
pub(super) fn read(text: &str, secrets: &Secrets) -> Result<Completion, AttemptFailure> {
    let wire: Wire = serde_json::from_str(text).map_err(|error| {
        AttemptFailure::new(FailureKind::Garbled, format!("the reply is no chat completion: {error}"))
    })?;
    if !wire.error.is_null() {
        return Err(failure::of_error_object(&wire.error, secrets));
    }
    let Some(choice) = wire.choices.into_iter().flatten().next() else {
        return Err(AttemptFailure::new(FailureKind::Garbled, "the reply holds no choice"));
    };
    if !choice.error.is_null() {
        return Err(failure::of_error_object(&choice.error, secrets));
    }
    let hidden = |value: &Value| -> Option<Arc<str>> {
        value.as_str().filter(|text| !text.is_empty()).map(|text| Arc::from(&*secrets.hide(text)))
    };
    let (written, reasoning, refusal) = match &choice.message {
        Some(message) => (
            joined(&message.content),
            hidden(&message.reasoning_content).or_else(|| hidden(&message.reasoning)),
            hidden(&message.refusal),
        ),
        None => (joined(&choice.text), None, None),
    };
    let said = secrets.hide(&written);
    // Tokens spell out what the text hides.
    let tells = matches!(said, std::borrow::Cow::Owned(_));
    let logprobs = choice.logprobs.and_then(|logprobs| logprobs.content).filter(|_| !tells);
    Ok(Completion {
        text: Arc::from(&*said),
        reasoning,
        refusal,
        finish: Finish::by_name(hidden(&choice.finish_reason).as_deref()),
        usage: usage(&wire.usage),
        logprobs: logprobs.map(Arc::from),
        served_model: hidden(&wire.model),
        fingerprint: hidden(&wire.system_fingerprint),
    })
}

/// The text of a message: a string, or parts of which some are text.
fn joined(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

fn usage(usage: &Value) -> Usage {
    let tokens = |value: &Value| value.as_u64().and_then(|count| u32::try_from(count).ok());
    Usage {
        prompt: tokens(&usage["prompt_tokens"]),
        // Some servers call it otherwise.
        cached: tokens(&usage["prompt_tokens_details"]["cached_tokens"])
            .or_else(|| tokens(&usage["prompt_cache_hit_tokens"])),
        completion: tokens(&usage["completion_tokens"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Completion {
        read(text, &Secrets::new(["sk-very-secret".to_owned()])).expect("a completion")
    }

    #[test]
    fn servers_are_taken_as_they_are() {
        let plain = said(
            r#"{"id":1,"model":"m-0613","system_fingerprint":"fp","choices":[{"message":{"content":"\\boxed{2}"},
               "finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3,
               "prompt_tokens_details":{"cached_tokens":4}},"timings":{}}"#,
        );
        assert_eq!(&*plain.text, "\\boxed{2}");
        assert_eq!(plain.usage, Usage { prompt: Some(7), cached: Some(4), completion: Some(3) });
        assert_eq!((plain.served_model.as_deref(), plain.fingerprint.as_deref()), (Some("m-0613"), Some("fp")));

        let null =
            said(r#"{"choices":[{"message":{"content":null,"reasoning_content":"hm"},"finish_reason":"length"}]}"#);
        assert_eq!((&*null.text, null.reasoning.as_deref()), ("", Some("hm")));
        assert_eq!((null.finish, null.usage), (Finish::Length, Usage::default()));

        let parts = said(
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"text":"b"}]},"finish_reason":"eos"}]}"#,
        );
        assert_eq!((&*parts.text, parts.finish), ("ab", Finish::Other(Arc::from("eos"))));

        let refusal = said(r#"{"choices":[{"message":{"content":null,"refusal":"no"},"finish_reason":null}]}"#);
        assert_eq!((refusal.refusal.as_deref(), refusal.finish), (Some("no"), Finish::Unstated));
        assert_eq!(&*said(r#"{"choices":[{"text":"old","finish_reason":7}],"usage":null}"#).text, "old");
    }

    #[test]
    fn an_error_with_status_200_is_an_error() {
        let kind = |text: &str| read(text, &Secrets::default()).expect_err("an error").kind;
        assert_eq!(kind(r#"{"error":{"message":"busy","code":429}}"#), FailureKind::RateLimited);
        assert_eq!(kind(r#"{"error":{"message":"bad","code":"400"}}"#), FailureKind::Rejected);
        assert_eq!(kind(r#"{"error":"who knows"}"#), FailureKind::ServerError);
        assert_eq!(kind(r#"{"choices":[{"error":{"code":502,"message":"gone"}}]}"#), FailureKind::ServerError);
        assert_eq!(kind(r#"{"choices":[]}"#), FailureKind::Garbled);
        assert_eq!(kind(r"{}"), FailureKind::Garbled);
        assert_eq!(kind(r"[1]"), FailureKind::Garbled);
    }

    #[test]
    fn a_secret_in_a_reply_is_hidden_also_from_its_tokens() {
        let text = r#"{"model":"sk-very-secret","choices":[{"message":{"content":"is it sk-very-secret?",
            "reasoning":"sk-very-secret"},"logprobs":{"content":[{"token":"sk-very-secret","logprob":0.0}]}}]}"#;
        let completion = said(text);
        assert!(!format!("{completion:?}").contains("very-secret"), "{completion:?}");
        assert_eq!(completion.logprobs, None);
    }
}
