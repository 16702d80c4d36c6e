//! Keys of replies: what was asked, of which model, under which settings, and for the how-manyth time.

use std::collections::BTreeMap;
use std::fmt;

use super::{ModelIdentity, Prompt};

/// Digest of everything that determines a reply but chance: model, settings, messages.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ContentDigest([u8; 32]);

impl ContentDigest {
    /// The digest of a prompt to a model (BLAKE3; every part preceded by its length).
    pub fn of(identity: &ModelIdentity, prompt: &Prompt) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("pluriverse 2026 content of a request, version 1");
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        part(identity.kind.as_bytes());
        part(identity.model.as_bytes());
        part(identity.sampling.as_bytes());
        for message in &prompt.messages {
            part(message.role.name().as_bytes());
            part(message.text.as_bytes());
        }
        part(&[]);
        for choice in &prompt.choices {
            part(choice.as_bytes());
        }
        if let Some(schema) = &prompt.schema {
            part(b"schema");
            part(schema.as_bytes());
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Key of a reply: BLAKE3 of content and draw.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyKey([u8; 32]);

impl ReplyKey {
    /// The key of the `draw`-th reply to this content, from 0.
    pub fn of(content: &ContentDigest, draw: u32) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("pluriverse 2026 key of a reply, version 1");
        hasher.update(&content.0);
        hasher.update(&draw.to_le_bytes());
        Self(*hasher.finalize().as_bytes())
    }

    /// The key of these bytes, as stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key as 64 hexadecimal digits.
    pub fn hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// A number from the key, for waits that must not touch the run's random streams.
    pub(super) fn spread(&self) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.0[..8]);
        u64::from_le_bytes(first)
    }
}

impl fmt::Debug for ReplyKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.hex())
    }
}

/// The seed sent to a server: a function of the backbone's seed, the content and the draw, from 0 to 2³¹ − 1, which
/// every server takes.
pub fn server_seed(base: u64, content: &ContentDigest, draw: u32) -> i64 {
    let mut hasher = blake3::Hasher::new_derive_key("pluriverse 2026 seed sent to a server, version 1");
    hasher.update(&base.to_le_bytes());
    hasher.update(&content.0);
    hasher.update(&draw.to_le_bytes());
    let mut first = [0; 4];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..4]);
    i64::from(u32::from_le_bytes(first) >> 1)
}

/// Counts how often a run has asked exactly the same, in its own order of execution, so that twins, re-asks and
/// replicates are draws of their own.
#[derive(Clone, Debug, Default)]
pub struct DrawCounter {
    /// Half a digest: 128 bits tell every request of any run apart.
    asked: BTreeMap<[u8; 16], u32>,
}

impl DrawCounter {
    /// How often this content was asked before; counts this time.
    pub fn next(&mut self, content: &ContentDigest) -> u32 {
        let mut half = [0; 16];
        half.copy_from_slice(&content.0[..16]);
        let count = self.asked.entry(half).or_insert(0);
        *count += 1;
        *count - 1
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Message, Role};
    use super::*;
    use std::sync::Arc;

    fn identity(model: &str, sampling: &str) -> ModelIdentity {
        ModelIdentity { kind: "test", model: Arc::from(model), sampling: Arc::from(sampling), seed: None }
    }

    fn prompt(texts: &[&str], choices: &[&str]) -> Prompt {
        Prompt {
            messages: texts.iter().map(|text| Message { role: Role::User, text: Arc::from(*text) }).collect(),
            choices: choices.iter().map(|choice| Arc::from(*choice)).collect(),
            schema: None,
        }
    }

    #[test]
    fn every_part_of_a_request_is_part_of_its_key() {
        let base = ContentDigest::of(&identity("m", "{}"), &prompt(&["ab", "c"], &[]));
        for other in [
            ContentDigest::of(&identity("n", "{}"), &prompt(&["ab", "c"], &[])),
            ContentDigest::of(&identity("m", "{\"temperature\":1}"), &prompt(&["ab", "c"], &[])),
            ContentDigest::of(&identity("m", "{}"), &prompt(&["a", "bc"], &[])),
            ContentDigest::of(&identity("m", "{}"), &prompt(&["ab", "c"], &["1"])),
        ] {
            assert_ne!(base, other);
        }
        assert_eq!(base, ContentDigest::of(&identity("m", "{}"), &prompt(&["ab", "c"], &[])));
        assert_ne!(ReplyKey::of(&base, 0), ReplyKey::of(&base, 1));
        assert_ne!(server_seed(1, &base, 0), server_seed(1, &base, 1));
        assert_ne!(server_seed(1, &base, 0), server_seed(2, &base, 0));
    }

    #[test]
    fn the_same_question_asked_again_is_another_draw() {
        let (first, second) = (prompt(&["a"], &[]), prompt(&["b"], &[]));
        let digest = |prompt| ContentDigest::of(&identity("m", "{}"), prompt);
        let mut draws = DrawCounter::default();
        assert_eq!(draws.next(&digest(&first)), 0);
        assert_eq!(draws.next(&digest(&second)), 0);
        assert_eq!(draws.next(&digest(&first)), 1);
        assert_eq!(draws.next(&digest(&first)), 2);
    }

    #[test]
    fn keys_are_pinned() {
        // A change here makes every store of replies unreadable: it needs another format version.
        let content = ContentDigest::of(&identity("m", "{}"), &prompt(&["question"], &["1", "2"]));
        assert_eq!(ReplyKey::of(&content, 3).hex(), PINNED);
    }

    const PINNED: &str = "259543c5381bb880c8a3e21fb9261993ce27275c2b232e9daa13b2bd07fef6d7";
}
