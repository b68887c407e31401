//! The load: connections that are kept open, each with one signed request under way, as 64 applications would have. The load runs on
//! the same processors as the server and signs every request while time runs: both cost throughput and are part of the figures.

use crate::Failure;
use crate::house::{ACCOUNT, signer};
use crate::meter::{Measured, Meter};
use crate::server::Server;
use crate::storage::{CREDITOR, DAYS_AHEAD};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use signing::content_digest::content_digest;
use signing::http_signature::{RequestParts, Stamp, sign_request};
use signing::key::SigningKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use vocab::time::Timestamp;

/// Connections at the same time, one request under way on each.
pub(crate) const CONNECTIONS: usize = 64;
/// What the threads of the load are called.
pub(crate) const THREADS: &str = "load";
/// For how long a signature is good.
const SIGNATURE_SECONDS: i64 = 60;

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Where the load runs.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Ok(Builder::new_multi_thread().thread_name(THREADS).enable_all().build()?)
}

/// What every connection asks for, again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// A signature that is verified, and nothing else.
    Ping,
    /// A payment that is taken in.
    Payment,
}

/// Requests answered per second over `span`; to be called on the load's own runtime.
pub(crate) async fn measure(
    server: &Server,
    numbers: &Arc<AtomicU32>,
    asking: Asking,
    span: Duration,
) -> Result<Measured, Failure> {
    let meter = Arc::new(Meter::default());
    let mut callers = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let caller = Caller::connect(server).await?;
        callers.spawn(caller.ask(asking, Arc::clone(numbers), Arc::clone(&meter)));
    }
    let measured = meter.measure(span).await;
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    Ok(measured)
}

/// One connection and the key it signs with.
struct Caller {
    connection: SendRequest<Full<Bytes>>,
    key: SigningKey,
    key_id: String,
    authority: String,
    execution_on: String,
    platform: flow::Platform,
}

impl Caller {
    async fn connect(server: &Server) -> Result<Self, Failure> {
        let mut roots = RootCertStore::empty();
        roots.add(server.certificate.clone())?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(server.address).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from("localhost")?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let (connection, driver) = handshake(TokioIo::new(stream)).await?;
        #[expect(clippy::disallowed_methods, reason = "ends with its connection")]
        tokio::spawn(driver);
        let platform = server.house.platform.clone();
        let execution_on = platform.wall().plus_days(DAYS_AHEAD).date().to_string();
        Ok(Self {
            connection,
            key: signer()?,
            key_id: server.house.key.to_string(),
            authority: server.authority.clone(),
            execution_on,
            platform,
        })
    }

    async fn ask(mut self, asking: Asking, numbers: Arc<AtomicU32>, meter: Arc<Meter>) -> Result<(), Failure> {
        while !meter.stopped() {
            let number = numbers.fetch_add(1, Ordering::Relaxed);
            let began = meter.begin();
            let request = match asking {
                Asking::Ping => self.request(number, Method::GET, "/v1/ping", None)?,
                Asking::Payment => {
                    let body = payment(number, &self.execution_on);
                    self.request(number, Method::POST, "/v1/payments", Some(body.into()))?
                }
            };
            let response = self.connection.send_request(request).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            if !matches!(status, StatusCode::OK | StatusCode::CREATED) {
                return Err(format!("the server answered {status}: {}", String::from_utf8_lossy(&body)).into());
            }
            meter.done(began);
        }
        Ok(())
    }

    /// A signed request, as a client library of ours would make it.
    fn request(
        &self,
        number: u32,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let now: Timestamp = self.platform.wall();
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(HOST, HeaderValue::from_str(&self.authority)?);
        if let Some(body) = &body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(CONTENT_DIGEST, HeaderValue::from_str(&content_digest(body))?);
            let key = format!("invoice-{}-{number}", now.micros());
            headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_str(&key)?);
        }
        let parts = RequestParts {
            method: method.as_str(),
            authority: &self.authority,
            path,
            query: None,
            headers: &headers,
        };
        let stamp = Stamp {
            key_id: &self.key_id,
            created: now.seconds(),
            expires: now.seconds().saturating_add(SIGNATURE_SECONDS),
            nonce: &format!("{:016x}{number:016x}", now.micros()),
        };
        let signature = sign_request(&self.key, &stamp, &parts).map_err(|refusal| refusal.to_string())?;
        signature
            .insert_into(&mut headers)
            .map_err(|refusal| refusal.to_string())?;
        let mut request = Request::new(Full::new(body.unwrap_or_default()));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse()?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// The payment of an invoice, as an ERP system sends it.
fn payment(number: u32, execution_on: &str) -> String {
    let cents = number % 900_000 + 100;
    format!(
        r#"{{"end_to_end_id":"INV-{number:010}","debtor":{{"name":"Aurora Maschinenbau GmbH","iban":"{ACCOUNT}","bic":"COBADEFFXXX"}},"creditor":{{"name":"Nordlicht Werkzeuge und Anlagen AG","iban":"{CREDITOR}","bic":"BYLADEM1001"}},"amount":{{"amount":{cents},"currency":"EUR"}},"execution_on":"{execution_on}","remittance":{{"text":"Invoice {number:010} of November, order 4711"}},"service_level":"SEPA"}}"#
    )
}
