//! A row of the store: a reply as it is written down.

use std::sync::Arc;

use rusqlite::{CachedStatement, params};
use serde::Serialize;

use super::StoredReply;
use crate::exchange::{CallFailure, CallResult, Completion, Finish, Message, TokenLogprobs, Usage};
use crate::outcome::Outcome;

/// A reply as it is written down, column by column.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Row {
    pub(super) key: [u8; 32],
    pub(super) kind: String,
    pub(super) model: String,
    pub(super) sampling: String,
    pub(super) draw: u32,
    pub(super) seed: Option<i64>,
    /// The messages as JSON: `[{"role": …, "content": …}, …]`.
    pub(super) messages: String,
    /// What the reply could be, as JSON; absent where anything could be written.
    pub(super) choices: Option<String>,
    /// Name of the outcome of a request that was not answered.
    pub(super) failure: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) text: Option<String>,
    pub(super) reasoning: Option<String>,
    pub(super) refusal: Option<String>,
    pub(super) finish: Option<String>,
    /// Log-probabilities of the reply's tokens as JSON.
    pub(super) logprobs: Option<String>,
    pub(super) usage: Usage,
    pub(super) served_model: Option<String>,
    pub(super) fingerprint: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) attempts: u32,
    pub(super) latency_ms: Option<i64>,
    pub(super) from_cache: bool,
}

impl Row {
    pub(super) const SELECT_RESULT: &str = "SELECT failure, reason, text, refusal, finish_reason, logprobs, \
        prompt_tokens, cached_tokens, completion_tokens, attempts, from_cache FROM replies WHERE key = ?1";
    pub(super) const SELECT_ONE: &str = "SELECT key, kind, model, sampling, draw, seed, messages, choices, failure, \
        reason, text, reasoning, refusal, finish_reason, logprobs, prompt_tokens, cached_tokens, completion_tokens, \
        served_model, fingerprint, endpoint, attempts, latency_ms, from_cache FROM replies WHERE key = ?1";
    pub(super) const SELECT_ALL: &str = "SELECT key, kind, model, sampling, draw, seed, messages, choices, failure, \
        reason, text, reasoning, refusal, finish_reason, logprobs, prompt_tokens, cached_tokens, completion_tokens, \
        served_model, fingerprint, endpoint, attempts, latency_ms, from_cache FROM replies ORDER BY key";
    pub(super) const INSERT: &str = "INSERT OR IGNORE INTO replies (key, kind, model, sampling, draw, seed, messages, \
        choices, failure, reason, text, reasoning, refusal, finish_reason, logprobs, prompt_tokens, cached_tokens, \
        completion_tokens, served_model, fingerprint, endpoint, attempts, latency_ms, from_cache) VALUES \
        (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24)";

    /// The row of a reply.
    pub(super) fn of(reply: &StoredReply) -> Self {
        let completion = reply.result.as_ref().ok();
        let failure = reply.result.as_ref().err();
        let text = |of: &dyn Fn(&Completion) -> Option<String>| completion.and_then(of);
        let owned = |text: &Option<Arc<str>>| text.as_deref().map(str::to_owned);
        Self {
            key: *reply.key.bytes(),
            kind: reply.identity.kind.to_owned(),
            model: reply.identity.model.to_string(),
            sampling: reply.identity.sampling.to_string(),
            draw: reply.draw,
            seed: reply.seed,
            messages: messages_json(&reply.prompt.messages),
            choices: match &reply.prompt.schema {
                Some(schema) => Some(schema.to_string()),
                None => (!reply.prompt.choices.is_empty()).then(|| json(&reply.prompt.choices)),
            },
            failure: failure.map(|failure| failure.outcome.name().to_owned()),
            reason: failure.map(|failure| failure.reason.to_string()),
            text: text(&|completion| Some(completion.text.to_string())),
            reasoning: text(&|completion| owned(&completion.reasoning)),
            refusal: text(&|completion| owned(&completion.refusal)),
            finish: text(&|completion| completion.finish.name().map(str::to_owned)),
            logprobs: text(&|completion| completion.logprobs.as_ref().map(json)),
            usage: completion.map(|completion| completion.usage).unwrap_or_default(),
            served_model: text(&|completion| owned(&completion.served_model)),
            fingerprint: text(&|completion| owned(&completion.fingerprint)),
            endpoint: owned(&reply.endpoint),
            attempts: reply.attempts,
            latency_ms: reply.latency.map(|took| took.as_millis() as i64),
            from_cache: false,
        }
    }

    /// Writes the row.
    pub(super) fn insert(&self, statement: &mut CachedStatement<'_>) -> Result<(), rusqlite::Error> {
        statement.execute(params![
            &self.key[..],
            self.kind,
            self.model,
            self.sampling,
            self.draw,
            self.seed,
            self.messages,
            self.choices,
            self.failure,
            self.reason,
            self.text,
            self.reasoning,
            self.refusal,
            self.finish,
            self.logprobs,
            self.usage.prompt,
            self.usage.cached,
            self.usage.completion,
            self.served_model,
            self.fingerprint,
            self.endpoint,
            self.attempts,
            self.latency_ms,
            self.from_cache,
        ])?;
        Ok(())
    }

    /// Reads a row of [`Row::SELECT_ONE`] or [`Row::SELECT_ALL`].
    pub(super) fn read(row: &rusqlite::Row<'_>) -> Result<Self, rusqlite::Error> {
        let tokens = |column: usize| row.get::<_, Option<u32>>(column);
        Ok(Self {
            key: row.get(0)?,
            kind: row.get(1)?,
            model: row.get(2)?,
            sampling: row.get(3)?,
            draw: row.get(4)?,
            seed: row.get(5)?,
            messages: row.get(6)?,
            choices: row.get(7)?,
            failure: row.get(8)?,
            reason: row.get(9)?,
            text: row.get(10)?,
            reasoning: row.get(11)?,
            refusal: row.get(12)?,
            finish: row.get(13)?,
            logprobs: row.get(14)?,
            usage: Usage { prompt: tokens(15)?, cached: tokens(16)?, completion: tokens(17)? },
            served_model: row.get(18)?,
            fingerprint: row.get(19)?,
            endpoint: row.get(20)?,
            attempts: row.get(21)?,
            latency_ms: row.get(22)?,
            from_cache: row.get(23)?,
        })
    }

    /// Reads what came of a request from a row of [`Row::SELECT_RESULT`]: the result, the calls, from a cache or not.
    pub(super) fn result(row: &rusqlite::Row<'_>) -> Result<(CallResult, u32, bool), rusqlite::Error> {
        let shared = |column: usize| -> Result<Option<Arc<str>>, rusqlite::Error> {
            Ok(row.get_ref(column)?.as_str_or_null()?.map(Arc::from))
        };
        let tokens = |column: usize| row.get::<_, Option<u32>>(column);
        let (attempts, from_cache) = (row.get(9)?, row.get(10)?);
        if let Some(outcome) = row.get_ref(0)?.as_str_or_null()? {
            let outcome = Outcome::by_name(outcome).unwrap_or(Outcome::Failed);
            let reason = shared(1)?.unwrap_or_default();
            return Ok((Err(CallFailure { outcome, reason }), attempts, from_cache));
        }
        let logprobs: Option<Vec<TokenLogprobs>> =
            row.get_ref(5)?.as_str_or_null()?.and_then(|json| serde_json::from_str(json).ok());
        let completion = Completion {
            text: shared(2)?.unwrap_or_default(),
            refusal: shared(3)?,
            finish: Finish::by_name(row.get_ref(4)?.as_str_or_null()?),
            logprobs: logprobs.map(Arc::from),
            usage: Usage { prompt: tokens(6)?, cached: tokens(7)?, completion: tokens(8)? },
            ..Completion::default()
        };
        Ok((Ok(completion), attempts, from_cache))
    }
}

/// Messages as servers take them.
fn messages_json(messages: &[Message]) -> String {
    #[derive(Serialize)]
    struct Said<'a> {
        role: &'static str,
        content: &'a str,
    }
    let said: Vec<Said<'_>> =
        messages.iter().map(|message| Said { role: message.role.name(), content: &message.text }).collect();
    json(&said)
}

/// JSON of what cannot fail to be JSON.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
