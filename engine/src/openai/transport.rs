//! The transport below `async-openai`: one request, one reply or one typed failure, nothing repeated.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::time::Duration;

use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use reqwest::header::HeaderMap;
use secrecy::SecretString;

/// Longest a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// Longest reply that is read: far more than any model writes, little enough for hundreds at once.
const LONGEST: usize = 16_000_000;

/// Most of an error's body that is read.
const BODY: usize = 64 * 1024;

/// An address and what is sent with every request to it.
#[derive(Clone)]
pub(super) struct Endpoint {
    base: String,
    headers: HeaderMap,
    /// The key goes in the headers; the vendor's trait asks for one all the same.
    no_key: SecretString,
}

impl Endpoint {
    pub(super) fn new(base: String, headers: HeaderMap) -> Self {
        Self { base, headers, no_key: SecretString::default() }
    }
}

impl Config for Endpoint {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.no_key
    }
}

/// A reply that says no: its status and its words, before anybody tries to read them as something else.
#[derive(Debug, thiserror::Error)]
#[error("HTTP {status}")]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: String,
}

/// A reply that does not end.
#[derive(Debug, thiserror::Error)]
#[error("the reply is longer than {} MB", LONGEST / 1_000_000)]
pub(super) struct TooLong;

/// Sends requests and turns every status but success into [`Refused`].
#[derive(Clone)]
pub(super) struct Transport {
    client: reqwest::Client,
}

impl Transport {
    /// A transport to this address.
    pub(super) fn to(base: &str) -> Result<Self, reqwest::Error> {
        static PROVIDER: OnceLock<()> = OnceLock::new();
        PROVIDER.get_or_init(|| {
            // Somebody else's choice is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("pluriverse/", env!("CARGO_PKG_VERSION")));
        let host = reqwest::Url::parse(base).ok().and_then(|url| url.host_str().map(str::to_owned));
        let here = host.is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."));
        if here {
            // What runs on this machine is not reached through a proxy.
            builder = builder.no_proxy();
        }
        Ok(Self { client: builder.build()? })
    }

    pub(super) fn client(&self) -> reqwest::Client {
        self.client.clone()
    }
}

impl tower_service::Service<HttpRequestFactory> for Transport {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let client = self.client.clone();
        Box::pin(async move {
            let response = client.execute(request.build().await?).await.map_err(OpenAIError::Reqwest)?;
            if response.status().is_success() {
                return whole(response).await;
            }
            let status = response.status().as_u16();
            let retry_after = retry_after(response.headers());
            let body = beginning(response).await;
            Err(OpenAIError::Boxed(Box::new(Refused { status, retry_after, body })))
        })
    }
}

/// The response with its body read, as long as that is of a length a reply can have.
async fn whole(mut response: reqwest::Response) -> Result<reqwest::Response, OpenAIError> {
    let mut body = Vec::with_capacity(response.content_length().map_or(1024, |length| length.min(65_536) as usize));
    while let Some(chunk) = response.chunk().await.map_err(OpenAIError::Reqwest)? {
        if body.len() + chunk.len() > LONGEST {
            return Err(OpenAIError::Boxed(Box::new(TooLong)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(http::Response::new(body).into())
}

async fn beginning(mut response: reqwest::Response) -> String {
    let mut body = Vec::new();
    // A body that breaks off has said what it has said.
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= BODY {
            break;
        }
    }
    String::from_utf8_lossy(&body).into_owned()
}

/// How long a server asks to be left alone: `retry-after-ms`, or `retry-after` in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let seconds = |value: f64| (value.is_finite() && value >= 0.0).then(|| Duration::from_secs_f64(value.min(1e6)));
    if let Some(ms) = text("retry-after-ms").and_then(|text| text.parse::<f64>().ok()) {
        return seconds(ms / 1000.0);
    }
    let text = text("retry-after")?;
    if let Ok(value) = text.parse::<f64>() {
        return seconds(value);
    }
    let until = httpdate::parse_http_date(text).ok()?;
    Some(until.duration_since(wall_clock()).unwrap_or_default())
}

#[expect(clippy::disallowed_methods, reason = "a server may name a moment; how long is waited is never recorded")]
fn wall_clock() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn every_way_of_asking_for_patience_is_understood() {
        let read = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::try_from(value).expect("a header"));
            retry_after(&headers)
        };
        assert_eq!(read("retry-after", "3"), Some(Duration::from_secs(3)));
        assert_eq!(read("retry-after", "0.25"), Some(Duration::from_millis(250)));
        assert_eq!(read("retry-after-ms", "40"), Some(Duration::from_millis(40)));
        assert_eq!(read("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let soon = httpdate::fmt_http_date(wall_clock() + Duration::from_secs(100));
        let wait = read("retry-after", &soon).expect("a wait").as_secs();
        assert!((90..=100).contains(&wait), "{wait}");
        assert_eq!(read("retry-after", "soon"), None);
        assert_eq!(read("retry-after", "-4"), None);
    }
}
