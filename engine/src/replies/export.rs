//! The canonical export of a store: what answers rest on, by key, without what differs between two ways of getting
//! there.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::store::{Access, REPLIES, Store};
use super::{ReplyStoreError, unusable};

/// A line of the export.
#[derive(Serialize)]
struct Line<'a> {
    key: String,
    kind: &'a str,
    model: &'a str,
    sampling: &'a serde_json::value::RawValue,
    draw: u32,
    messages: &'a serde_json::value::RawValue,
    failure: Option<&'a str>,
    reason: Option<&'a str>,
    text: Option<&'a str>,
    refusal: Option<&'a str>,
    finish_reason: Option<&'a str>,
    logprobs: Option<&'a serde_json::value::RawValue>,
}

/// Writes the store of a run directory as JSON lines, sorted by key, with the fields answers rest on. Two runs with
/// the same answers have the same export, whatever was interrupted, repeated or delayed on the way; one that was told
/// to ask again for failures also holds the replies to what was asked because of them.
pub fn export(directory: &Path, out: &mut dyn Write) -> Result<(), ReplyStoreError> {
    let path = directory.join(REPLIES);
    let store = Store::open(&path, Access::ReadOnly)?;
    store.each(|row| {
        let raw = |text: &str| serde_json::value::RawValue::from_string(text.to_owned());
        let (sampling, messages) = (raw(&row.sampling)?, raw(&row.messages)?);
        let logprobs = row.logprobs.as_deref().map(raw).transpose()?;
        let line = Line {
            key: blake3::Hash::from_bytes(row.key).to_hex().to_string(),
            kind: &row.kind,
            model: &row.model,
            sampling: &sampling,
            draw: row.draw,
            messages: &messages,
            failure: row.failure.as_deref(),
            reason: row.reason.as_deref(),
            text: row.text.as_deref(),
            refusal: row.refusal.as_deref(),
            finish_reason: row.finish.as_deref(),
            logprobs: logprobs.as_deref(),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")
    })?;
    out.flush().map_err(|error| unusable(&path, &error))
}
