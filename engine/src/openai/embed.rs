//! Embeddings of texts, from the same kind of server.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{OpenAi, failure};
use crate::exchange::{AttemptFailure, FailureKind};

#[derive(Deserialize)]
struct Reply {
    data: Vec<Embedded>,
}

#[derive(Deserialize)]
struct Embedded {
    index: usize,
    embedding: Vec<f32>,
}

impl OpenAi {
    /// One vector a text, in the order of the texts, all of one length and finite; asked of the first address, once.
    pub async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, AttemptFailure> {
        let Some(client) = self.clients.first() else {
            return Err(AttemptFailure::new(FailureKind::Unreachable, "there is no such endpoint"));
        };
        let request = serde_json::json!({
            "model": &*self.body.identity().model,
            "input": texts,
            "encoding_format": "float",
        });
        let sent: Result<Box<RawValue>, _> = client.embeddings().create_byot(request).await;
        let reply = sent.map_err(|error| failure::read(&error, &self.secrets))?;
        let malformed = |why: &str| AttemptFailure::new(FailureKind::Rejected, why);
        let reply: Reply =
            serde_json::from_str(reply.get()).map_err(|_| malformed("the server's reply holds no embeddings"))?;
        let mut vectors: Vec<Option<Vec<f32>>> = vec![None; texts.len()];
        for embedded in reply.data {
            if let Some(place) = vectors.get_mut(embedded.index) {
                *place = Some(embedded.embedding);
            }
        }
        let vectors: Option<Vec<Vec<f32>>> = vectors.into_iter().collect();
        let vectors = vectors.ok_or_else(|| malformed("the server sent fewer embeddings than texts"))?;
        let length = vectors.first().map_or(0, Vec::len);
        let sound = |vector: &Vec<f32>| vector.len() == length && vector.iter().all(|value| value.is_finite());
        if length == 0 || !vectors.iter().all(sound) {
            return Err(malformed("the server's embeddings are empty, of several lengths or not finite"));
        }
        Ok(vectors)
    }
}
