//! Starts and stops the simulated bank: its book, its listener on loopback, its connections.
//!
//! The bank is as separate from the platform as a real one: it shares a token and nothing else. It answers over HTTP/1.1, one
//! call at a time on each connection, and some calls not at all.

use super::book::Book;
use super::listener::{self, Front, Lost};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use vocab::limits;
use vocab::secret::Secret;

/// Connections served at once: more than the workers of several servers open.
const CONNECTIONS_MAX: usize = 64;
/// Seconds that the head of a request, and in the end the whole connection, may take.
const HEAD_SECONDS: u64 = 5;

/// Why the simulated bank does not start, or could not serve a call.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// The directory of the book.
    #[error("the directory of the simulated bank could not be made; check its path and permissions")]
    Directory(#[source] io::Error),
    /// The address is not of this machine.
    #[error("the simulated bank listens on loopback only; give it an address such as 127.0.0.1:0")]
    NotLoopback,
    /// The port.
    #[error("the simulated bank could not listen on its port; another one may be running there")]
    Listen(#[source] io::Error),
    /// The book's file.
    #[error("the book of the simulated bank could not be read or written")]
    Rows(#[from] rusqlite::Error),
    /// The book belongs to another configuration.
    #[error("the book of the simulated bank was begun with another seed; use that seed or an empty directory")]
    OtherSeed,
    /// The book was written by another version.
    #[error("the book of the simulated bank was written by another version; use an empty directory")]
    OtherVersion,
    /// The book contradicts itself.
    #[error("the book of the simulated bank is damaged: {0}")]
    Damaged(String),
    /// A sum beyond 64 bits.
    #[error("the sum of the payments is too large to be booked")]
    TooMuch,
    /// A message of the bank's own.
    #[error("a message of the simulated bank could not be written")]
    Document(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a simulated bank needs to know.
#[derive(Debug)]
pub struct BankConfig {
    /// Directory of its book, `bank.db`; made if it is missing.
    pub dir: PathBuf,
    /// A loopback address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Shared with the channel; whoever knows it may do everything.
    pub token: Secret,
    /// Where the bank's references begin. The same seed and the same calls give the same bytes.
    pub seed: u64,
    /// Charge for each account and day with bookings, in minor units; 0 for none.
    pub fee_minor: i64,
    /// What goes wrong on the way.
    pub faults: Faults,
}

/// Faults of the way to the bank, for tests. The deliveries (`POST /documents`) are counted from 1 since the start.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// These deliveries are lost before the bank sees them.
    pub lost_requests: BTreeSet<u64>,
    /// The answers to these are lost.
    pub lost_answers: BTreeSet<u64>,
    /// How long each answer to a delivery takes.
    pub answer_delay: Duration,
}

/// The simulated bank.
#[derive(Debug)]
pub struct Bank;

/// A bank that runs. Dropping it cuts its connections off; the book is whole at any time.
#[derive(Debug)]
pub struct RunningBank {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Bank {
    /// Opens the book and begins to listen.
    pub async fn start(config: BankConfig) -> Result<RunningBank, BankError> {
        if !config.listen.ip().is_loopback() {
            return Err(BankError::NotLoopback);
        }
        std::fs::create_dir_all(&config.dir).map_err(BankError::Directory)?;
        let book = Book::open(&config.dir.join("bank.db"), config.seed, config.fee_minor.max(0))?;
        let listener = TcpListener::bind(config.listen).await.map_err(BankError::Listen)?;
        let address = listener.local_addr().map_err(BankError::Listen)?;
        let router = listener::router(Front {
            book: Arc::new(Mutex::new(book)),
            token: Arc::new(config.token),
            faults: Arc::new(config.faults),
            deliveries: Arc::new(AtomicU64::new(0)),
        });
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, router, stopped));
        tracing::info!(bank.address = %address, "the simulated bank listens on {address}");
        Ok(RunningBank { address, stop, tasks })
    }
}

impl RunningBank {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a channel calls it by.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops listening, finishes the calls that are being served, and closes the book.
    pub async fn shutdown(mut self) {
        // No receiver left means that the task has ended already.
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Serves connections until told to stop, then lets the last ones finish.
async fn accept(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    let for_connections = stopped.clone();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, router.clone(), for_connections.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "the simulated bank could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = told_to_stop(&mut stopped) => break,
        }
    }
    // Who comes now is turned away instead of being kept waiting.
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    // A sender that is gone cannot say anything else any more.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Serves one connection. Ending it is all there is to do about a fault of it.
async fn serve(stream: TcpStream, router: Router, mut stopped: watch::Receiver<bool>) {
    let inner = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| answer(inner.clone(), request));
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEAD_SECONDS));
    let connection = server.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = told_to_stop(&mut stopped) => connection.as_mut().graceful_shutdown(),
    }
    let _ = tokio::time::timeout(Duration::from_secs(HEAD_SECONDS), connection).await;
}

/// The connection ends without an answer, as when a line is cut.
#[derive(Debug, thiserror::Error)]
#[error("the answer was lost")]
struct AnswerLost;

async fn answer(router: TowerToHyperService<Router>, request: Request<Incoming>) -> Result<Response, AnswerLost> {
    let served = hyper::service::Service::call(&router, request.map(Body::new));
    let within = Duration::from_secs(limits::BANK_CALL_SECONDS);
    let response = match tokio::time::timeout(within, served).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => return Err(AnswerLost),
    };
    if response.extensions().get::<Lost>().is_some() {
        Err(AnswerLost)
    } else {
        Ok(response)
    }
}
