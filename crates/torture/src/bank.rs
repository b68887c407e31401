//! The simulated bank in a process of its own: it outlives the servers, and its book is what really happened.

use crate::Failure;
use crate::program::{Program, Running, free_address};
use bytes::Bytes;
use channels::sandbox::SandboxChannel;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpStream;
use vocab::account::AccountNumber;
use vocab::money::{Currency, Money};
use vocab::secret::Secret;

/// What the account holds in the beginning, in minor units: more than a run spends.
pub(crate) const OPENING_MINOR: i64 = 10_000_000_000_000;

/// A running bank.
#[derive(Debug)]
pub(crate) struct Bank {
    /// Keeps it running.
    _running: Running,
    address: SocketAddr,
    token: String,
}

/// One booking.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) kind: String,
    pub(crate) end_to_end: String,
    pub(crate) minor: i64,
}

impl Bank {
    /// Starts one whose token is in `dir`, and opens the account.
    pub(crate) async fn start(program: &Program, dir: &Path) -> Result<Self, Failure> {
        let address = free_address()?;
        let mut command = program.command();
        command.arg("bank").arg("--data").arg(dir);
        command.args(["--listen", &address.to_string()]);
        let mut running = Running::start(command, &dir.join("bank.log"))?;
        for _ in 0..1_000 {
            if TcpStream::connect(address).await.is_ok() {
                let token = std::fs::read_to_string(dir.join("bank.token"))?.trim().to_owned();
                let bank = Self {
                    _running: running,
                    address,
                    token,
                };
                bank.open_account().await?;
                return Ok(bank);
            }
            if let Some(words) = running.last_words() {
                return Err(format!("the bank did not start: {words}").into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err("the bank does not answer".into())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    async fn open_account(&self) -> Result<(), Failure> {
        let (url, token) = (self.url(), Secret::new(self.token.clone().into_bytes()));
        let opened = tokio::task::spawn_blocking(move || -> Result<(), Failure> {
            let eur = Currency::from_code("EUR").ok_or("no EUR")?;
            let number = AccountNumber::guess(testkit::house::ACCOUNT)?;
            let channel = SandboxChannel::new(&url, &token)?;
            channel.open_account(&number, "Aurora", Money::new(OPENING_MINOR, eur), crate::chance::now())?;
            Ok(())
        });
        opened.await?
    }

    /// Everything that it ever booked.
    pub(crate) async fn book(&self) -> Result<Vec<Line>, Failure> {
        let lines = self.asked("/book").await?;
        let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let lines = lines.as_array().ok_or("the bank's book is no list")?;
        let read = lines.iter().map(|line| Line {
            kind: text(line, "kind"),
            end_to_end: text(line, "end_to_end_id"),
            minor: line["amount_minor"].as_i64().unwrap_or(0),
        });
        Ok(read.collect())
    }

    /// What the account holds.
    pub(crate) async fn balance(&self) -> Result<i64, Failure> {
        let accounts = self.asked("/accounts").await?;
        let balance = accounts[0]["balance_minor"].as_i64();
        balance.ok_or_else(|| "the bank keeps no account".into())
    }

    /// Asks without moving its clock: it knows of later times.
    async fn asked(&self, path: &str) -> Result<Value, Failure> {
        let (mut sender, driver) = handshake(TokioIo::new(TcpStream::connect(self.address).await?)).await?;
        tokio::spawn(driver);
        let request = Request::get(path)
            .header("host", self.address.to_string())
            .header("authorization", format!("Bearer {}", self.token))
            .header("test-now", "0")
            .body(Full::new(Bytes::new()))?;
        let response = sender.send_request(request).await?;
        if !response.status().is_success() {
            return Err(format!("the bank answered {}", response.status()).into());
        }
        Ok(serde_json::from_slice(
            &response.into_body().collect().await?.to_bytes(),
        )?)
    }
}
