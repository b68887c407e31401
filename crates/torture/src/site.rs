//! A site: a data directory, a bank, an organization with people and keys, a database, and the servers that run on it.

use crate::bank::Bank;
use crate::chance::Chance;
use crate::planted::Bug;
use crate::program::{Program, Running, free_address, ready};
use crate::proxy::Proxy;
use crate::report::Violation;
use crate::witness::Witness;
use crate::{Failure, disk};
use cluster::Cluster;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::caller::{Place, Signer};

/// The engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What all sites of a run share.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) program: Program,
    /// Below it are the data directories.
    pub(crate) dir: PathBuf,
    /// The folder with PostgreSQL's programs.
    pub(crate) postgres: Option<PathBuf>,
    pub(crate) bug: Option<Bug>,
    /// Leaves out the quiet days at the end of a site.
    pub(crate) brief: bool,
}

impl Ground {
    /// A PostgreSQL of our own.
    pub(crate) fn cluster(&self, settings: &[&str]) -> Result<Cluster, Failure> {
        self.cluster_in(&self.dir, settings)
    }

    /// The same with its files below another directory.
    pub(crate) fn cluster_in(&self, dir: &Path, settings: &[&str]) -> Result<Cluster, Failure> {
        let bin = self.postgres.as_deref().ok_or("there is no PostgreSQL")?;
        Ok(Cluster::start_with(bin, dir, settings)?)
    }
}

/// A site.
pub(crate) struct Site {
    pub(crate) ground: Ground,
    /// The data directory; it goes away with the site unless something was found.
    pub(crate) dir: PathBuf,
    pub(crate) keep: bool,
    /// What servers are told with `--database`.
    pub(crate) database: Option<String>,
    pub(crate) bank: Bank,
    /// Between the servers and the bank, where a bug wants one.
    bank_proxy: Option<Proxy>,
    pub(crate) client: Arc<Signer>,
    pub(crate) approver: Arc<Signer>,
    pub(crate) servers: Vec<Server>,
    pub(crate) witness: Arc<Witness>,
    pub(crate) startups: Vec<Duration>,
    /// Put before the program's own name, to start it in an altered world.
    pub(crate) environment: Vec<(String, String)>,
    mount: Option<disk::Small>,
}

/// A place for a server, and the server if one runs there.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) running: Option<Running>,
}

/// Where a site keeps its rows.
pub(crate) enum Rows {
    /// A file in the data directory.
    File,
    /// A file in a data directory on a small disk.
    SmallDisk(disk::Small),
    /// A database.
    Database(String),
}

impl Site {
    /// A site with so many places for servers, none of them running.
    pub(crate) async fn build(ground: &Ground, name: &str, rows: Rows, servers: usize) -> Result<Self, Failure> {
        let (dir, database, mount) = match rows {
            Rows::File => (ground.dir.join(name), None, None),
            Rows::SmallDisk(disk) => (disk.path.join(name), None, Some(disk)),
            Rows::Database(url) => (ground.dir.join(name), Some(url), None),
        };
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir)?;
        // The bank's book is not on the disk that becomes full.
        let bank_dir = ground.dir.join(format!("{name}-bank"));
        let _ = std::fs::remove_dir_all(&bank_dir);
        std::fs::create_dir_all(&bank_dir)?;
        let bank = Bank::start(&ground.program, &bank_dir).await?;
        std::fs::copy(bank_dir.join("bank.token"), dir.join("bank.token"))?;
        let keys = set_up(ground, &dir, database.as_deref(), &bank.url())?;
        let [approver, _, client] = keys.as_slice() else {
            return Err("`setup` did not make three keys".into());
        };
        let bank_proxy = match ground.bug {
            Some(Bug::DoubleDelivery) => Some(Proxy::doubling(bank.address()).await?),
            _ => None,
        };
        let servers = (0..servers)
            .map(|_| {
                let (address, running) = (free_address()?, None);
                Ok(Server { address, running })
            })
            .collect::<Result<_, Failure>>()?;
        Ok(Self {
            ground: ground.clone(),
            keep: false,
            database,
            bank,
            bank_proxy,
            client: Arc::new(Signer::from_file(client)?),
            approver: Arc::new(Signer::from_file(approver)?),
            servers,
            witness: Arc::default(),
            startups: Vec::new(),
            environment: Vec::new(),
            mount,
            dir,
        })
    }

    /// Starts the server at a place and waits until it is ready.
    pub(crate) async fn start(&mut self, place: usize) -> Result<(), Failure> {
        let began = Instant::now();
        self.spawn(place)?;
        let certificate = self.certificate();
        let server = self.servers.get_mut(place).ok_or("no such place")?;
        let running = server.running.as_mut().ok_or("nothing was started")?;
        match ready(running, server.address, &certificate, began).await {
            Ok(took) => {
                self.startups.push(took);
                Ok(())
            }
            Err(error) => Violation::fail("a server starts after whatever happened to it", error.to_string()),
        }
    }

    /// Starts the server at a place and does not wait.
    pub(crate) fn spawn(&mut self, place: usize) -> Result<(), Failure> {
        let bank = match &self.bank_proxy {
            Some(proxy) => format!("http://{}", proxy.address()),
            None => self.bank.url(),
        };
        // Beside the directory: it may be on a disk that is full.
        let log = self.ground.dir.join(format!("{}-server-{place}.log", self.name()));
        let server = self.servers.get_mut(place).ok_or("no such place")?;
        let mut command = self.ground.program.command();
        command.arg("serve").arg("--data").arg(&self.dir);
        command.args(["--listen", &server.address.to_string(), "--bank", &bank]);
        if let Some(database) = &self.database {
            command.args(["--database", database]);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        server.running = Some(Running::start(command, &log)?);
        Ok(())
    }

    /// Starts all that do not run.
    pub(crate) async fn start_all(&mut self) -> Result<(), Failure> {
        for place in 0..self.servers.len() {
            if self.servers.get(place).is_some_and(|server| server.running.is_none()) {
                self.start(place).await?;
            }
        }
        Ok(())
    }

    /// Kills the server at a place.
    pub(crate) fn kill(&mut self, place: usize) {
        if let Some(server) = self.servers.get_mut(place)
            && let Some(mut running) = server.running.take()
        {
            running.kill();
        }
    }

    /// Where servers are, running or not.
    pub(crate) fn places(&self) -> Result<Vec<Place>, Failure> {
        let certificate = self.certificate();
        self.servers
            .iter()
            .map(|server| Place::from_file(server.address, &certificate))
            .collect()
    }

    fn certificate(&self) -> PathBuf {
        self.dir.join("keys/tls.crt")
    }

    pub(crate) fn name(&self) -> String {
        self.dir.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// A sub-command on this site's data, such as `log check`.
    pub(crate) fn run(&self, words: &[&str]) -> Result<std::process::Output, Failure> {
        let dir = self.dir.display().to_string();
        let mut arguments = words.to_vec();
        arguments.extend(["--data", &dir]);
        if let Some(database) = &self.database {
            arguments.extend(["--database", database]);
        }
        // In the time of the servers, wherever their clock is.
        let environment = self.environment.iter().map(|(name, value)| (name, value));
        Ok(self
            .ground
            .program
            .command()
            .args(&arguments)
            .envs(environment)
            .output()?)
    }

    /// A random place where a server runs.
    pub(crate) fn random_running(&self, chance: &mut Chance) -> usize {
        let running: Vec<usize> = (0..self.servers.len())
            .filter(|place| self.servers.get(*place).is_some_and(|server| server.running.is_some()))
            .collect();
        running.get(chance.below(running.len())).copied().unwrap_or(0)
    }

    /// The small disk that the data is on, if it is.
    pub(crate) fn disk(&self) -> Option<&disk::Small> {
        self.mount.as_ref()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.servers.clear();
        if self.keep {
            if let Some(mount) = &mut self.mount {
                mount.keep();
            }
            return;
        }
        let _ = std::fs::remove_dir_all(&self.dir);
        let name = self.name();
        let _ = std::fs::remove_dir_all(self.ground.dir.join(format!("{name}-bank")));
        for place in 0..8 {
            let _ = std::fs::remove_file(self.ground.dir.join(format!("{name}-server-{place}.log")));
        }
    }
}

/// Makes the organization; the files with the keys of two approvers and of the application.
fn set_up(ground: &Ground, dir: &Path, database: Option<&str>, bank: &str) -> Result<Vec<PathBuf>, Failure> {
    let data = dir.display().to_string();
    let account = format!("{}:EUR:Aurora", testkit::house::ACCOUNT);
    let mut arguments = vec![
        "setup",
        "--data",
        &data,
        "--organization",
        "Aurora",
        "--approver",
        "Ada",
        "--approver",
        "Ben",
        "--client",
        "erp",
        "--bank",
        bank,
        "--account",
        &account,
    ];
    if let Some(database) = database {
        arguments.extend(["--database", database]);
    }
    let made = ground.program.run(&arguments)?;
    if !made.status.success() {
        return Err(format!("`setup` failed: {}", String::from_utf8_lossy(&made.stderr)).into());
    }
    let text = String::from_utf8_lossy(&made.stdout).into_owned();
    let keys = text.lines().filter_map(|line| line.strip_prefix("key file "));
    Ok(keys.map(PathBuf::from).collect())
}
