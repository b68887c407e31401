//! The server to be measured: edge, workers and sealer over a house, as `countersign serve` puts them together, in this process
//! but on threads of their own, so that its processor time can be told from that of the load.

use crate::Failure;
use crate::house::{House, told};
use edge::metrics::Metrics;
use edge::{EdgeConfig, EdgeState};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::CertificateDer;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the threads of the server are called.
const THREADS: &str = "server";
const NAME: &str = "localhost";

/// A server that listens on a port of this machine.
pub(crate) struct Server {
    pub(crate) house: House,
    pub(crate) address: SocketAddr,
    /// The name that requests are signed for.
    pub(crate) authority: String,
    /// To be trusted by clients.
    pub(crate) certificate: CertificateDer<'static>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    working: JoinHandle<()>,
}

/// Where the server runs: as many threads as the product takes.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Ok(Builder::new_multi_thread().thread_name(THREADS).enable_all().build()?)
}

impl Server {
    /// Starts serving; to be called on the server's own runtime.
    pub(crate) async fn start(house: House) -> Result<Self, Failure> {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([NAME.to_owned()])?;
        let tls = edge::server::tls(cert.pem().as_bytes(), signing_key.serialize_pem().as_bytes())?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let authority = format!("{NAME}:{}", address.port());
        let state = EdgeState::new(EdgeConfig {
            platform: house.platform.clone(),
            authorities: vec![authority.clone()],
            metrics: Metrics::local()?,
            server_key: None,
            open_metrics: true,
        });
        let (stop, stopping) = watch::channel(false);
        let (serve, work) = (told(stopping.clone()), told(stopping));
        let platform = house.platform.clone();
        #[expect(clippy::disallowed_methods, reason = "watched by `stop`, which waits for both")]
        let (serving, working) = (
            tokio::spawn(edge::server::serve(listener, tls, state, serve)),
            tokio::spawn(flow::worker::run(platform, work)),
        );
        Ok(Self {
            house,
            address,
            authority,
            certificate: cert.der().clone(),
            stop,
            serving,
            working,
        })
    }

    /// Lets what has begun end, and closes the database.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        let _ = self.stop.send(true);
        self.serving.await?;
        self.working.await?;
        self.house.close().await.map(drop)
    }
}
