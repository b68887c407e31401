//! A client of the API that signs what it asks: used by `countersign api` and by the demo, as an application would.

use crate::data_dir::read_signing_key;
use crate::system::{SystemClock, hex, random};
use flow::platform::Clock;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;
use signing::content_digest::content_digest;
use signing::http_signature::{RequestParts, Stamp, sign_request};
use signing::key::SigningKey;
use std::path::Path;
use std::time::Duration;

/// Seconds for which a signature is good.
const SIGNATURE_SECONDS: i64 = 60;

type Failure = Box<dyn std::error::Error>;

/// One caller with a key.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    authority: String,
    key_id: String,
    key: SigningKey,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// A body with its type.
pub(crate) struct Body<'a> {
    pub(crate) content_type: &'a str,
    pub(crate) bytes: Vec<u8>,
}

impl Client {
    /// A caller at `url` (`https://host:port`), trusting only the certificate in `ca` if one is given.
    pub(crate) fn new(url: &str, ca: Option<&Path>, key_id: String, key: SigningKey) -> Result<Self, Failure> {
        let url = url.trim_end_matches('/').to_owned();
        let authority = url
            .strip_prefix("https://")
            .ok_or("the URL must begin with https://")?
            .to_owned();
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .https_only(true)
            .timeout(Duration::from_secs(60));
        if let Some(ca) = ca {
            let pem = std::fs::read(ca).map_err(|error| format!("`{}` cannot be read: {error}", ca.display()))?;
            builder = builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(&pem)?);
        }
        Ok(Self {
            http: builder.build()?,
            url,
            authority,
            key_id,
            key,
        })
    }

    /// A caller whose key is in a file.
    pub(crate) fn from_file(url: &str, ca: Option<&Path>, key: &Path) -> Result<Self, Failure> {
        let (key_id, key) = read_signing_key(key)?;
        Self::new(url, ca, key_id, key)
    }

    /// Sends a signed request. A request that changes something gets a fresh idempotency key unless one is given.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Body<'_>>,
        idempotency_key: Option<&str>,
    ) -> Result<Reply, Failure> {
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes())?;
        let mut headers = HeaderMap::new();
        if !method.is_safe() {
            let key = idempotency_key.map_or_else(|| hex(&random::<16>()), str::to_owned);
            headers.insert("idempotency-key", HeaderValue::from_str(&key)?);
        }
        if let Some(body) = &body {
            headers.insert("content-type", HeaderValue::from_str(body.content_type)?);
            headers.insert("content-digest", HeaderValue::from_str(&content_digest(&body.bytes))?);
        }
        let (bare, query) = path
            .split_once('?')
            .map_or((path, None), |(bare, query)| (bare, Some(query)));
        let parts = RequestParts {
            method: method.as_str(),
            authority: &self.authority,
            path: bare,
            query,
            headers: &headers,
        };
        let created = SystemClock.now().seconds();
        let nonce = hex(&random::<16>());
        let expires = created.saturating_add(SIGNATURE_SECONDS);
        let stamp = Stamp {
            key_id: &self.key_id,
            created,
            expires,
            nonce: &nonce,
        };
        let signature = sign_request(&self.key, &stamp, &parts).map_err(|error| error.to_string())?;
        signature.insert_into(&mut headers).map_err(|error| error.to_string())?;
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .headers(headers);
        if let Some(body) = body {
            request = request.body(body.bytes);
        }
        let response = request.send().await.map_err(|error| explain(&self.url, &error))?;
        Ok(Reply {
            status: response.status().as_u16(),
            body: response.bytes().await?.to_vec(),
        })
    }

    /// A request that must succeed, with a JSON answer.
    pub(crate) async fn json(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, Failure> {
        let body = body.map(|value| Body {
            content_type: "application/json",
            bytes: value.to_string().into_bytes(),
        });
        self.send(method, path, body, None).await?.json()
    }
}

impl Reply {
    /// Whether the request did what was asked.
    pub(crate) fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The JSON of an answer that must be a success.
    pub(crate) fn json(&self) -> Result<Value, Failure> {
        let value: Value = serde_json::from_slice(&self.body).unwrap_or(Value::Null);
        if self.succeeded() {
            return Ok(value);
        }
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut sentence = format!("{} ({}): {}", text("title"), self.status, text("detail"));
        for error in value
            .get("errors")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .take(20)
        {
            let part = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
            let line = error
                .get("line")
                .and_then(Value::as_i64)
                .map(|line| format!("line {line}, "))
                .unwrap_or_default();
            sentence.push_str(&format!("\n  {line}{}: {}", part("pointer"), part("detail")));
        }
        Err(sentence.into())
    }
}

fn explain(url: &str, error: &reqwest::Error) -> String {
    if error.is_connect() {
        format!("nothing answers at {url}, or its certificate is not trusted; check --url and --ca")
    } else if error.is_timeout() {
        format!("{url} did not answer in time; repeating with the same idempotency key is safe")
    } else {
        format!("the request to {url} failed")
    }
}
