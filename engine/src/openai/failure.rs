//! What went wrong with a call, typed: by status where there is one, by what the system said otherwise.

use std::error::Error;

use async_openai::error::OpenAIError;
use serde_json::Value;

use super::Secrets;
use super::transport::{Refused, TooLong};
use crate::exchange::{AttemptFailure, FailureKind};

/// Longest a server's words are repeated.
const WORDS: usize = 300;

/// The failure behind an error.
pub(super) fn read(error: &OpenAIError, secrets: &Secrets) -> AttemptFailure {
    match error {
        OpenAIError::Boxed(inner) => match inner.downcast_ref::<Refused>() {
            Some(refused) => of_refusal(refused, secrets),
            None if inner.is::<TooLong>() => AttemptFailure::new(FailureKind::Garbled, inner.to_string()),
            None => AttemptFailure::new(FailureKind::Broken, &*secrets.hide(&inner.to_string())),
        },
        OpenAIError::Reqwest(error) => of_transport(error, secrets),
        OpenAIError::JSONDeserialize(error, body) => {
            let shown = shortened(&secrets.hide(body));
            AttemptFailure::new(FailureKind::Garbled, format!("the reply is not JSON ({error}): {shown}"))
        }
        other => AttemptFailure::new(FailureKind::Garbled, shortened(&secrets.hide(&other.to_string()))),
    }
}

/// The failure that an error object in a reply with status 200 tells of.
pub(super) fn of_error_object(error: &Value, secrets: &Secrets) -> AttemptFailure {
    let code = error.get("code").or_else(|| error.get("status"));
    let status = code.and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
    let words = words(error).unwrap_or_else(|| error.to_string());
    let kind = match status.and_then(|status| u16::try_from(status).ok()).filter(|status| (400..600).contains(status)) {
        Some(status) => kind(status, &error.to_string()),
        None => FailureKind::ServerError,
    };
    AttemptFailure::new(kind, format!("error in a reply with status 200: {}", shortened(&secrets.hide(&words))))
}

fn of_refusal(refused: &Refused, secrets: &Secrets) -> AttemptFailure {
    let said = match serde_json::from_str::<Value>(&refused.body) {
        Ok(body) => words(&body).unwrap_or_else(|| refused.body.clone()),
        Err(_) => refused.body.clone(),
    };
    let said = shortened(&secrets.hide(said.trim()));
    let reason = if said.is_empty() { refused.to_string() } else { format!("{refused}: {said}") };
    AttemptFailure {
        retry_after: refused.retry_after,
        ..AttemptFailure::new(kind(refused.status, &refused.body), reason)
    }
}

fn kind(status: u16, body: &str) -> FailureKind {
    // A quota that is used up does not come back by waiting, whatever status it is told with.
    let spent = ["insufficient_quota", "billing_hard_limit", "credit balance"].iter().any(|mark| body.contains(mark));
    let no_model = body.contains("model_not_found");
    match status {
        429 | 400 | 403 if spent => FailureKind::Denied,
        400 if no_model => FailureKind::Denied,
        429 => FailureKind::RateLimited,
        401 | 402 | 404 | 405 | 410 => FailureKind::Denied,
        408 => FailureKind::TimedOut,
        409 | 425 | 503 | 529 => FailureKind::Overloaded,
        500..=599 => FailureKind::ServerError,
        _ => FailureKind::Rejected,
    }
}

/// The words of an error, wherever servers put them.
fn words(body: &Value) -> Option<String> {
    let places = [&body["error"]["message"], &body["message"], &body["error"], &body["detail"]];
    places.into_iter().find_map(|place| place.as_str().map(str::to_owned))
}

fn of_transport(error: &reqwest::Error, secrets: &Secrets) -> AttemptFailure {
    let kind = if error.is_connect() {
        FailureKind::Unreachable
    } else if error.is_timeout() {
        FailureKind::TimedOut
    } else if error.is_builder() {
        FailureKind::Rejected
    } else {
        FailureKind::Broken
    };
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let what = match kind {
        FailureKind::Unreachable => "no connection",
        FailureKind::TimedOut => "no reply in time",
        FailureKind::Rejected => "the request cannot be sent",
        _ => "the connection broke",
    };
    let said = shortened(&secrets.hide(&cause.to_string()));
    // What a TLS client says when somebody answers in the clear.
    let hint =
        if said.contains("InvalidContentType") { " (no TLS there: does its address begin with http://?)" } else { "" };
    AttemptFailure::new(kind, format!("{what}: {said}{hint}"))
}

/// One line, not too long.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> AttemptFailure {
        let refused = Refused { status, retry_after: None, body: body.to_owned() };
        read(&OpenAIError::Boxed(Box::new(refused)), &Secrets::new(["sk-very-secret".to_owned()]))
    }

    #[test]
    fn statuses_become_kinds_and_the_servers_words_are_kept() {
        let cases = [
            (429, r#"{"error":{"message":"slow down","code":429}}"#, FailureKind::RateLimited, "slow down"),
            (429, "too many", FailureKind::RateLimited, "too many"),
            (429, r#"{"error":{"message":"x","code":"insufficient_quota"}}"#, FailureKind::Denied, "x"),
            (400, r#"{"object":"error","message":"too long"}"#, FailureKind::Rejected, "too long"),
            (400, r#"{"error":{"message":"?","code":"model_not_found"}}"#, FailureKind::Denied, "?"),
            (404, r#"{"detail":"Not Found"}"#, FailureKind::Denied, "Not Found"),
            (401, r#"{"error":"key sk-very-secret is wrong"}"#, FailureKind::Denied, "key [hidden] is wrong"),
            (500, "<html>\n  oops</html>", FailureKind::ServerError, "<html> oops</html>"),
            (503, "", FailureKind::Overloaded, "HTTP 503"),
            (529, "", FailureKind::Overloaded, "HTTP 529"),
        ];
        for (status, body, kind, words) in cases {
            let failure = refused(status, body);
            assert_eq!(failure.kind, kind, "{status} {body}");
            assert!(failure.reason.contains(words), "{}", failure.reason);
        }
    }
}
