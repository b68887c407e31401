//! The load: connections that are kept open, each with one signed request under way, as 64 applications would have. The load runs on
//! the same processors as the server and signs every request while time runs: both cost throughput and are part of the figures.

use crate::Failure;
use crate::house::signer;
use crate::meter::{Measured, Meter};
use crate::server::Server;
use crate::storage::{CREDITOR, DAYS_AHEAD};
use http::StatusCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use testkit::caller::{Ask, Connection, Place, Signer, invoice};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

/// Connections at the same time, one request under way on each.
pub(crate) const CONNECTIONS: usize = 64;
/// What the threads of the load are called.
pub(crate) const THREADS: &str = "load";
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
    connection: Connection,
    signer: Signer,
    authority: String,
    execution_on: String,
    platform: flow::Platform,
}

impl Caller {
    async fn connect(server: &Server) -> Result<Self, Failure> {
        let authority = server.authority.clone();
        let place = Place::new(server.address, authority.clone(), server.certificate.clone())?;
        let platform = server.house.platform.clone();
        let execution_on = platform.wall().plus_days(DAYS_AHEAD).date().to_string();
        Ok(Self {
            connection: Connection::open(&place).await?,
            signer: Signer::new(signer()?, server.house.tenant.key.to_string()),
            authority,
            execution_on,
            platform,
        })
    }

    async fn ask(mut self, asking: Asking, numbers: Arc<AtomicU32>, meter: Arc<Meter>) -> Result<(), Failure> {
        while !meter.stopped() {
            let number = numbers.fetch_add(1, Ordering::Relaxed);
            let began = meter.begin();
            let now = self.platform.wall();
            let key = format!("invoice-{}-{number}", now.micros());
            let ask = match asking {
                Asking::Ping => Ask::get("/v1/ping"),
                Asking::Payment => {
                    let cents = number % 900_000 + 100;
                    Ask::post(
                        "/v1/payments",
                        invoice(number, cents, CREDITOR, &self.execution_on),
                        &key,
                    )
                }
            };
            let nonce = format!("{:016x}{number:016x}", now.micros());
            let request = self.signer.sign(&ask, &self.authority, now, &nonce)?;
            let reply = self.connection.send(request).await?;
            if !matches!(reply.status, StatusCode::OK | StatusCode::CREATED) {
                let (status, body) = (reply.status, String::from_utf8_lossy(&reply.body));
                return Err(format!("the server answered {status}: {body}").into());
            }
            meter.done(began);
        }
        Ok(())
    }
}
