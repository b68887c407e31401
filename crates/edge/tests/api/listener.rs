//! The listener itself: TLS, both protocols, counters for this machine, a stop that lets requests end.

use crate::support::Api;
use axum::http::Request;
use edge::metrics::Metrics;
use edge::{EdgeConfig, EdgeState, server};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

struct Listening {
    address: SocketAddr,
    roots: RootCertStore,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

async fn listen(api: &Api) -> Listening {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = server::tls(made.cert.pem().as_bytes(), made.signing_key.serialize_pem().as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let edge = EdgeState::new(EdgeConfig {
        platform: api.house.platform.clone(),
        authorities: vec![address.to_string()],
        metrics: Metrics::local().unwrap(),
        server_key: None,
        open_metrics: false,
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server::serve(listener, tls, edge, async { drop(stopped.await) }));
    Listening {
        address,
        roots,
        stop,
        serving,
    }
}

impl Listening {
    async fn connect(&self, protocol: &[u8]) -> TlsStream<TcpStream> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .unwrap()
    }

    fn get(&self, path: &str) -> Request<Empty<Bytes>> {
        let uri = format!("https://{}{path}", self.address);
        Request::builder()
            .uri(uri)
            .header("host", self.address.to_string())
            .body(Empty::new())
            .unwrap()
    }
}

#[tokio::test]
async fn both_protocols_are_spoken_over_tls() {
    let api = Api::open().await;
    let listening = listen(&api).await;

    let stream = listening.connect(b"h2").await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(listening.get("/livez")).await.unwrap();
    assert_eq!(answer.status(), 200);

    let stream = listening.connect(b"http/1.1").await;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    // Counters are for this machine, and this is this machine.
    for path in ["/livez", "/readyz?verbose", "/metrics"] {
        let answer = sender.send_request(listening.get(path)).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&body).into_owned();
        assert!(
            path != "/metrics" || text.contains("countersign_http_requests_total{route=\"/livez\""),
            "{text}"
        );
        assert!(
            path != "/readyz?verbose" || (text.contains("sqlite answers") && text.contains("\"due_oldest_seconds\"")),
            "{text}"
        );
    }
    listening.stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), listening.serving)
        .await
        .expect("idle connections end at once")
        .unwrap();
}

#[tokio::test]
async fn plain_http_is_not_answered() {
    let api = Api::open().await;
    let listening = listen(&api).await;
    let mut stream = TcpStream::connect(listening.address).await.unwrap();
    stream
        .write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
    listening.stop.send(()).unwrap();
    listening.serving.await.unwrap();
}

#[tokio::test]
async fn a_certificate_without_its_key_is_refused() {
    let pem = |name: &str| rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let (one, other) = (pem("one"), pem("other"));
    let (certificate, key) = (one.cert.pem(), other.signing_key.serialize_pem());
    assert!(matches!(
        server::tls(certificate.as_bytes(), key.as_bytes()),
        Err(server::TlsError::Unusable(_))
    ));
    assert!(matches!(
        server::tls(b"", key.as_bytes()),
        Err(server::TlsError::Certificate)
    ));
    assert!(matches!(
        server::tls(certificate.as_bytes(), b""),
        Err(server::TlsError::Key)
    ));
}
