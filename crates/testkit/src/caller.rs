//! A caller of the API from outside: a connection that is kept open, and requests signed as a client library of ours would sign them.
//! For programs that put load on a server or judge it by its answers alone.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use signing::content_digest::content_digest;
use signing::http_signature::{RequestParts, Stamp, sign_request};
use signing::key::SigningKey;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vocab::time::Timestamp;

/// For how long a signature is good.
const SIGNATURE_SECONDS: i64 = 60;

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Why there is no answer.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A server, and how to know that it is the right one.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where it listens.
    pub address: SocketAddr,
    /// The name that requests are signed for.
    pub authority: String,
    http1: Arc<ClientConfig>,
    http2: Arc<ClientConfig>,
}

impl Place {
    /// A server known by its self-signed certificate for `localhost`.
    pub fn new(
        address: SocketAddr,
        authority: String,
        certificate: CertificateDer<'static>,
    ) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add(certificate)?;
        let config = |protocols: &[&[u8]]| {
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let builder = ClientConfig::builder_with_provider(provider)
                .with_protocol_versions(&[&rustls::version::TLS13])?
                .with_root_certificates(roots.clone());
            let mut config = builder.with_no_client_auth();
            config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
            Ok::<_, rustls::Error>(Arc::new(config))
        };
        Ok(Self {
            address,
            authority,
            http1: config(&[])?,
            http2: config(&[b"h2"])?,
        })
    }

    /// [`new`](Self::new) with the certificate from a file.
    pub fn from_file(address: SocketAddr, certificate: &Path) -> Result<Self, Failure> {
        let certificate = CertificateDer::from_pem_file(certificate)?;
        Ok(Self::new(address, address.to_string(), certificate)?)
    }

    async fn connect(&self, config: &Arc<ClientConfig>) -> Result<TlsStream<TcpStream>, Failure> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from("localhost")?;
        Ok(TlsConnector::from(Arc::clone(config)).connect(name, stream).await?)
    }
}

/// A connection with one request under way at a time (HTTP/1.1).
#[derive(Debug)]
pub struct Connection(http1::SendRequest<Full<Bytes>>);

/// A connection with many requests under way (HTTP/2).
#[derive(Clone, Debug)]
pub struct Shared(http2::SendRequest<Full<Bytes>>);

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Connection {
    /// Connects.
    pub async fn open(place: &Place) -> Result<Self, Failure> {
        let stream = place.connect(&place.http1).await?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
        #[expect(clippy::disallowed_methods, reason = "ends with its connection")]
        tokio::spawn(driver);
        Ok(Self(sender))
    }

    /// Sends a request and waits for the whole answer.
    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Reply, Failure> {
        self.0.ready().await?;
        Reply::read(self.0.send_request(request).await?).await
    }
}

impl Shared {
    /// Connects.
    pub async fn open(place: &Place) -> Result<Self, Failure> {
        let stream = place.connect(&place.http2).await?;
        let (sender, driver) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        #[expect(clippy::disallowed_methods, reason = "ends with its connection")]
        tokio::spawn(driver);
        Ok(Self(sender))
    }

    /// Sends a request and waits for the whole answer, beside others.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Reply, Failure> {
        let mut sender = self.0.clone();
        sender.ready().await?;
        Reply::read(sender.send_request(request).await?).await
    }
}

impl Reply {
    async fn read(response: http::Response<hyper::body::Incoming>) -> Result<Self, Failure> {
        let (head, body) = response.into_parts();
        Ok(Self {
            status: head.status,
            headers: head.headers,
            body: body.collect().await?.to_bytes(),
        })
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// The method.
    pub method: Method,
    /// Path, and query if there is one.
    pub path: &'a str,
    /// A body of JSON.
    pub body: Option<Bytes>,
    /// The idempotency key of a request that changes something.
    pub idempotency_key: Option<&'a str>,
}

impl<'a> Ask<'a> {
    /// A question.
    pub fn get(path: &'a str) -> Self {
        Self {
            method: Method::GET,
            path,
            body: None,
            idempotency_key: None,
        }
    }

    /// A request that changes something.
    pub fn post(path: &'a str, body: impl Into<Bytes>, idempotency_key: &'a str) -> Self {
        Self {
            method: Method::POST,
            path,
            body: Some(body.into()),
            idempotency_key: Some(idempotency_key),
        }
    }

    /// The request without a signature, for what is public.
    pub fn unsigned(&self, authority: &str) -> Result<Request<Full<Bytes>>, Failure> {
        self.request(authority, self.headers(authority)?)
    }

    fn headers(&self, authority: &str) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(HOST, HeaderValue::from_str(authority)?);
        if let Some(body) = &self.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(CONTENT_DIGEST, HeaderValue::from_str(&content_digest(body))?);
        }
        if let Some(key) = self.idempotency_key {
            headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_str(key)?);
        }
        Ok(headers)
    }

    fn request(&self, authority: &str, headers: HeaderMap) -> Result<Request<Full<Bytes>>, Failure> {
        let mut request = Request::new(Full::new(self.body.clone().unwrap_or_default()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.path.parse()?;
        *request.headers_mut() = headers;
        if authority.is_empty() {
            return Err("a request needs an authority".into());
        }
        Ok(request)
    }
}

/// A key to sign with.
pub struct Signer {
    key: SigningKey,
    key_id: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.key_id)
    }
}

impl Signer {
    /// A key under the id that it is registered with.
    pub fn new(key: SigningKey, key_id: String) -> Self {
        Self { key, key_id }
    }

    /// A key from a file as `countersign setup` writes it.
    pub fn from_file(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path)?;
        let (first, pem) = text.split_once('\n').ok_or("no key file")?;
        let key_id = first.strip_prefix("keyid: ").ok_or("no key file")?.trim().to_owned();
        let key = SigningKey::from_pem(pem.as_bytes()).map_err(|error| format!("{error:?}"))?;
        Ok(Self { key, key_id })
    }

    /// The signed request; `nonce` must be another one each time.
    pub fn sign(
        &self,
        ask: &Ask<'_>,
        authority: &str,
        now: Timestamp,
        nonce: &str,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let mut headers = ask.headers(authority)?;
        let (path, query) = match ask.path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (ask.path, None),
        };
        let parts = RequestParts {
            method: ask.method.as_str(),
            authority,
            path,
            query,
            headers: &headers,
        };
        let stamp = Stamp {
            key_id: &self.key_id,
            created: now.seconds(),
            expires: now.seconds().saturating_add(SIGNATURE_SECONDS),
            nonce,
        };
        let signature = sign_request(&self.key, &stamp, &parts).map_err(|refusal| refusal.to_string())?;
        signature
            .insert_into(&mut headers)
            .map_err(|refusal| refusal.to_string())?;
        ask.request(authority, headers)
    }
}

/// The payment of an invoice, as an ERP system sends it: `cents` from the house's account to `creditor`.
pub fn invoice(number: u32, cents: u32, creditor: &str, execution_on: &str) -> String {
    let account = crate::house::ACCOUNT;
    format!(
        r#"{{"end_to_end_id":"INV-{number:010}","debtor":{{"name":"Aurora Maschinenbau GmbH","iban":"{account}","bic":"COBADEFFXXX"}},"creditor":{{"name":"Nordlicht Werkzeuge und Anlagen AG","iban":"{creditor}","bic":"BYLADEM1001"}},"amount":{{"amount":{cents},"currency":"EUR"}},"execution_on":"{execution_on}","remittance":{{"text":"Invoice {number:010} of November, order 4711"}},"service_level":"SEPA"}}"#
    )
}
