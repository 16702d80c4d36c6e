//! OpenAI-compatible servers: the one place that names a vendor.
//!
//! Chat completions through `async-openai`, with our own types above it (servers say more, and less, than the vendor's
//! types allow) and our own transport below it (it repeats nothing by itself, and a failure keeps its status). And
//! embeddings, for measures outside a run.

mod body;
mod embed;
mod failure;
mod reply;
mod secrets;
mod transport;

use std::sync::Arc;

use async_openai::Client;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;

pub use body::{ChoiceField, ReplyForm, Sampling};
pub use secrets::Secrets;

use crate::exchange::{AttemptFailure, AttemptFuture, Call, FailureKind, LanguageModel, ModelIdentity};
use body::Body;
use transport::{Endpoint, Transport};

/// The kind of endpoint, as part of every key.
pub const KIND: &str = "openai-chat";

/// How an OpenAI-compatible backbone is reached and what is asked of it.
pub struct OpenAiSettings {
    /// Addresses up to and without `/chat/completions`, e.g. `http://127.0.0.1:8000/v1`; at least one, each checked by
    /// [`check_address`].
    pub addresses: Vec<String>,
    /// Name of the model.
    pub model: Arc<str>,
    /// Settings of the reply.
    pub sampling: Sampling,
    /// The form in which replies are asked for.
    pub form: ReplyForm,
    /// The key, where the server wants one.
    pub key: Option<SecretString>,
    /// Name of the header that carries the key as it is; without one it goes as a bearer token.
    pub key_header: Option<String>,
}

/// What makes a backbone unusable before anybody is asked.
#[derive(Debug, thiserror::Error)]
pub enum OpenAiError {
    /// An address is none, or holds what it must not.
    #[error("{0}")]
    Address(String),
    /// The key or its header cannot be sent.
    #[error("the key cannot be sent in a header: {0}")]
    Header(String),
    /// The system cannot open connections.
    #[error("cannot open connections: {0}")]
    Client(String),
}

/// A backbone behind an OpenAI-compatible server.
pub struct OpenAi {
    clients: Vec<Client<Endpoint>>,
    names: Vec<Arc<str>>,
    body: Body,
    secrets: Secrets,
}

/// Checks an address: a web address without user, password or query, because it is written into files. The message
/// does not repeat it.
pub fn check_address(address: &str) -> Result<(), String> {
    let url = reqwest::Url::parse(address).map_err(|error| format!("this is no web address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("an address begins with http:// or https:// and a host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address holds no user and no password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("an address holds nothing behind ? or #".to_owned());
    }
    if address.trim_end_matches('/').ends_with("/chat/completions") {
        return Err("an address ends before /chat/completions".to_owned());
    }
    Ok(())
}

impl OpenAi {
    /// A backbone with these settings. No connection is opened yet.
    pub fn new(settings: OpenAiSettings) -> Result<Self, OpenAiError> {
        let headers = headers(&settings)?;
        let secrets = Secrets::new(settings.key.iter().map(|key| key.expose_secret().to_owned()));
        let mut names: Vec<Arc<str>> = Vec::new();
        let mut clients = Vec::new();
        for address in &settings.addresses {
            check_address(address).map_err(OpenAiError::Address)?;
            let base = address.trim_end_matches('/').to_owned();
            let transport = Transport::to(&base).map_err(|error| OpenAiError::Client(error.to_string()))?;
            names.push(Arc::from(base.as_str()));
            let client = Client::build(transport.client(), Endpoint::new(base, headers.clone()));
            clients.push(client.with_http_service(transport));
        }
        let body = Body::new(&settings.model, &settings.sampling, settings.form);
        Ok(Self { clients, names, body, secrets })
    }
}

fn headers(settings: &OpenAiSettings) -> Result<HeaderMap, OpenAiError> {
    let mut headers = HeaderMap::new();
    let Some(key) = &settings.key else {
        return Ok(headers);
    };
    let (name, value) = match &settings.key_header {
        None => (AUTHORIZATION, format!("Bearer {}", key.expose_secret())),
        Some(name) => {
            let name = HeaderName::try_from(name.as_str()).map_err(|error| OpenAiError::Header(error.to_string()))?;
            (name, key.expose_secret().to_owned())
        }
    };
    // The error of the conversion says nothing of the value.
    let mut value = HeaderValue::try_from(value).map_err(|error| OpenAiError::Header(error.to_string()))?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(headers)
}

impl LanguageModel for OpenAi {
    fn identity(&self) -> ModelIdentity {
        self.body.identity()
    }

    fn endpoints(&self) -> Vec<Arc<str>> {
        self.names.clone()
    }

    fn attempt<'a>(&'a self, call: &'a Call) -> AttemptFuture<'a> {
        Box::pin(async move {
            let Some(client) = self.clients.get(call.endpoint) else {
                return Err(AttemptFailure::new(FailureKind::Unreachable, "there is no such endpoint"));
            };
            let body = self.body.write(call);
            let sent: Result<Box<RawValue>, _> = client.chat().create_byot(body).await;
            match sent {
                Ok(reply) => reply::read(reply.get(), &self.secrets),
                Err(error) => Err(failure::read(&error, &self.secrets)),
            }
        })
    }
}
