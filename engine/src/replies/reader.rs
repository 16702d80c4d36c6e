//! Looking up what is kept of a reply, for people.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::store::{Access, REPLIES, Store};
use super::{ReplyStoreError, unusable};
use crate::exchange::{ReplyKey, Usage};

/// What is kept of a reply beyond its text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Kept {
    /// The model that was asked.
    pub model: String,
    /// The settings, as canonical JSON.
    pub sampling: String,
    /// The seed that was sent.
    pub seed: Option<i64>,
    /// Roles and texts of the messages.
    pub messages: Vec<(String, String)>,
    /// What the model thought aloud, where the server keeps that apart.
    pub reasoning: Option<String>,
    /// The model, as the server names it.
    pub served_model: Option<String>,
    /// Tokens it took.
    pub usage: Usage,
    /// Calls it took.
    pub attempts: u32,
    /// Whether it came from a shared cache.
    pub from_cache: bool,
}

/// The store of a run directory, open for looking things up.
pub struct ReplyReader(Store);

impl ReplyReader {
    /// Opens the store of a run directory.
    pub fn open(directory: &Path) -> Result<Self, ReplyStoreError> {
        Store::open(&directory.join(REPLIES), Access::ReadOnly).map(Self)
    }

    /// What is kept under a key of 64 hexadecimal digits.
    pub fn kept(&self, key: &str) -> Result<Option<Kept>, ReplyStoreError> {
        #[derive(Deserialize)]
        struct Said {
            role: String,
            content: String,
        }
        let key = blake3::Hash::from_hex(key).map_err(|error| unusable(Path::new(REPLIES), &error))?;
        let Some(row) = self.0.row(&ReplyKey::from_bytes(*key.as_bytes()))? else {
            return Ok(None);
        };
        let said: Vec<Said> =
            serde_json::from_str(&row.messages).map_err(|error| unusable(Path::new(REPLIES), &error))?;
        Ok(Some(Kept {
            model: row.model,
            sampling: row.sampling,
            seed: row.seed,
            messages: said.into_iter().map(|said| (said.role, said.content)).collect(),
            reasoning: row.reasoning,
            served_model: row.served_model,
            usage: row.usage,
            attempts: row.attempts,
            from_cache: row.from_cache,
        }))
    }
}
