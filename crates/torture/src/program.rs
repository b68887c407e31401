//! The binary under test, as processes: commands that end, and servers that are killed.

use crate::Failure;
use std::fs::{self, File};
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use testkit::caller::{Ask, Connection, Place};

/// A server that is not ready by then never will be.
const READY_MAX: Duration = Duration::from_secs(60);
/// Bytes of a server's own words that are shown when it did not start.
const LAST_WORDS: usize = 2_000;

/// The binary.
#[derive(Clone, Debug)]
pub(crate) struct Program(pub(crate) PathBuf);

impl Program {
    /// A command that ends when this program does, with nothing from the environment but what is given.
    pub(crate) fn command(&self) -> Command {
        let mut command = match cluster::on_path("setpriv") {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "KILL"]).arg(&self.0);
                command
            }
            None => Command::new(&self.0),
        };
        for name in ["DATA", "KEYS", "DATABASE", "LISTEN", "LOG"] {
            command.env_remove(format!("COUNTERSIGN_{name}"));
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs a sub-command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Output, Failure> {
        let mut command = self.command();
        command.args(arguments);
        command
            .output()
            .map_err(|error| format!("`{}` could not be started: {error}", self.0.display()).into())
    }
}

/// A running process of the binary; killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts it; everything it says is added to a file.
    pub(crate) fn start(mut command: Command, log: &Path) -> Result<Self, Failure> {
        let file = File::options().create(true).append(true).open(log)?;
        command.stdout(file.try_clone()?).stderr(file);
        Ok(Self {
            child: command.spawn()?,
            log: log.to_owned(),
        })
    }

    /// Kills it on the spot and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Nothing while it runs; its last words when it has ended.
    pub(crate) fn last_words(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        Some(format!("it ended ({status}): {}", last(&self.log)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The end of a file.
pub(crate) fn last(file: &Path) -> String {
    let mut text = String::new();
    let _ = File::open(file).and_then(|mut file| file.read_to_string(&mut text));
    let from = text.len().saturating_sub(LAST_WORDS);
    text.get(from..).unwrap_or(&text).trim().to_owned()
}

/// Waits until a server says that it is ready; how long that took since `began`.
pub(crate) async fn ready(
    running: &mut Running,
    address: SocketAddr,
    certificate: &Path,
    began: Instant,
) -> Result<Duration, Failure> {
    while began.elapsed() < READY_MAX {
        if let Some(words) = running.last_words() {
            return Err(format!("the server did not start: {words}").into());
        }
        if is_ready(address, certificate).await.unwrap_or(false) {
            return Ok(began.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
    Err(format!("the server was not ready after {READY_MAX:?}: {}", last(&running.log)).into())
}

async fn is_ready(address: SocketAddr, certificate: &Path) -> Result<bool, Failure> {
    if !fs::exists(certificate)? {
        return Ok(false);
    }
    let place = Place::from_file(address, certificate)?;
    let asked = async {
        let mut connection = Connection::open(&place).await?;
        connection.send(Ask::get("/readyz").unsigned(&place.authority)?).await
    };
    let reply = tokio::time::timeout(Duration::from_secs(3), asked).await??;
    Ok(reply.status.is_success())
}

/// An address on loopback that nobody listens on.
pub(crate) fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
