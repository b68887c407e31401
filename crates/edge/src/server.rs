//! The server: TLS, HTTP/1.1 and HTTP/2 on one port, with bounds on everything a stranger can hold open.
//!
//! Which HTTP is spoken is settled in the TLS handshake (ALPN), never guessed from the first bytes. A stop lets running requests
//! end and refuses new ones.

use crate::limits;
use crate::router::router;
use crate::state::EdgeState;
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::Service;

/// Who is at the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate file.
    #[error("the certificate file holds no certificate in PEM form")]
    Certificate,
    /// The key file.
    #[error("the key file holds no private key in PEM form")]
    Key,
    /// Certificate and key together.
    #[error("certificate and key cannot be used")]
    Unusable(#[source] rustls::Error),
}

/// TLS 1.3 and 1.2 with a certificate chain (leaf first) and its key, both in PEM form.
///
/// # Errors
/// When a file holds nothing usable, or the two do not belong together.
pub fn tls(certificates: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, TlsError> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificates)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::Certificate)?;
    if chain.is_empty() {
        return Err(TlsError::Certificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
    // The provider is named: with two of them in the graph there is no default one, and starting would panic.
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(TlsError::Unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Resumption without memory on the server; early data stays off, because it can be replayed.
    config.ticketer = Ticketer::new().map_err(TlsError::Unusable)?;
    Ok(Arc::new(config))
}

/// Serves until `shutdown` resolves, then lets what is running end.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    state: EdgeState,
    shutdown: impl Future<Output = ()> + Send,
) {
    state.metrics().describe(state.platform().store().engine_name());
    let (stop, stopping) = watch::channel(false);
    let server = Server {
        router: router(state.clone()),
        acceptor: TlsAcceptor::from(tls),
        http: protocols(),
        places: Arc::new(Semaphore::new(limits::CONNECTIONS_MAX)),
    };
    let open = state.metrics().connections();
    let mut connections = JoinSet::new();
    let mut tidying = tokio::time::interval(Duration::from_secs(5));
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &server.places) => {
                let (stream, peer, place) = accepted;
                let connection = server.clone().connection(stream, peer, stopping.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Some(ended) = connections.join_next() => report(ended),
            _ = tidying.tick() => {
                state.metrics().tidy();
                open.set(f64::from(u32::try_from(connections.len()).unwrap_or(u32::MAX)));
            }
        }
    }
    drop(listener);
    state.stop();
    stop.send_replace(true);
    let drained = timeout(Duration::from_secs(limits::DRAIN_SECONDS), async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    });
    if drained.await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "requests were still running and are cut off"
        );
    }
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<tokio::sync::OwnedSemaphorePermit>) {
    // The semaphore is never closed.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) => {
                // Out of file descriptors, or the caller is gone again: both pass.
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection ended with a panic");
    }
}

/// The settings of both protocols.
fn protocols() -> Builder<TokioExecutor> {
    let mut http = Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits::HEADERS_SECONDS))
        .max_buf_size(limits::BUFFER_BYTES_MAX);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::STREAMS_MAX)
        .max_header_list_size(limits::HEADER_BYTES_MAX)
        .keep_alive_interval(Duration::from_secs(limits::ALIVE_SECONDS))
        .keep_alive_timeout(Duration::from_secs(limits::ALIVE_SECONDS));
    http
}

#[derive(Clone)]
struct Server {
    router: Router,
    acceptor: TlsAcceptor,
    http: Builder<TokioExecutor>,
    places: Arc<Semaphore>,
}

impl Server {
    /// One connection from its handshake to its end.
    async fn connection(self, stream: TcpStream, peer: SocketAddr, mut stopping: watch::Receiver<bool>) {
        // Answers are small and written at once; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let handshake = timeout(
            Duration::from_secs(limits::HANDSHAKE_SECONDS),
            self.acceptor.accept(stream),
        );
        let stream = match handshake.await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => return tracing::debug!("a TLS handshake took too long"),
        };
        let http = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => self.http.http2_only(),
            _ => self.http.http1_only(),
        };
        let router = self.router;
        let service = service_fn(move |request: http::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            router.clone().call(request)
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let told = async { drop(stopping.wait_for(|stopping| *stopping).await) };
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = told => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
