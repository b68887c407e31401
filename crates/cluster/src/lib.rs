//! A PostgreSQL of our own for the length of one run: loopback only, a free port, a data folder that is thrown away. It may be killed,
//! started again, copied to a standby and promoted.
//!
//! Nobody else can reach it from outside, so it asks for no password. It keeps `fsync` on, because what is tested is a
//! product whose promises hang on it. The server dies with this program however that ends: it is stopped by its own
//! process id when the run is over, gets the interrupt of a Ctrl-C as well, and asks the kernel to tell it if its parent
//! was killed.
#![warn(missing_docs)]

mod find;
mod place;
mod signal;

pub use find::{installed, is_root, major_version, on_path};
pub use signal::signal;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const START_SECONDS_MAX: u64 = 60;
const STOP_SECONDS_MAX: u64 = 15;
/// Between choosing a free port and listening on it somebody else may take it.
const PORT_ATTEMPTS: u32 = 5;
/// Where and under which name a standby follows.
const STANDBY: &str = "standby";

const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=128MB",
    "fsync=on",
    "synchronous_commit=on",
    "max_wal_size=1GB",
    "timezone=UTC",
    "log_min_messages=warning",
];

/// A running server; stopped and removed when dropped.
#[derive(Debug)]
pub struct Cluster {
    server: Child,
    bin: PathBuf,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    kept: bool,
}

impl Cluster {
    /// Creates a cluster with the programs in `bin` and starts it; its files are below `target`, or below the folder for
    /// temporary files if the server's user cannot reach `target`.
    ///
    /// # Errors
    /// A sentence with the server's own words.
    pub fn start(bin: &Path, target: &Path) -> Result<Self, String> {
        Self::start_with(bin, target, &[])
    }

    /// [`start`](Self::start) with settings that differ from the usual ones, as `name=value`.
    ///
    /// # Errors
    /// A sentence with the server's own words.
    pub fn start_with(bin: &Path, target: &Path, settings: &[&str]) -> Result<Self, String> {
        let folder = place::fresh(target)?;
        let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let made = place::create(bin, &folder).and_then(|()| run_somewhere(bin, &folder, &settings));
        match made {
            Ok((server, port)) => Ok(Self {
                server,
                bin: bin.to_owned(),
                folder,
                port,
                settings,
                kept: false,
            }),
            Err(message) => Err(failed(&folder, &message)),
        }
    }

    /// Where tests find it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The port it listens on; the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills every process of the server at once, as a power cut would.
    ///
    /// # Errors
    /// When some of them live on.
    pub fn kill(&mut self) -> Result<(), String> {
        let postmaster = self.server.id();
        // Stopped first: it would start new ones in the place of those that it sees dying.
        signal("STOP", &[postmaster]);
        let mut processes = signal::children(postmaster);
        signal("KILL", &processes);
        signal("KILL", &[postmaster]);
        let _ = self.server.wait();
        let until = Instant::now() + Duration::from_secs(STOP_SECONDS_MAX);
        while Instant::now() < until {
            processes.retain(|process| Path::new("/proc").join(process.to_string()).exists());
            if processes.is_empty() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(format!("{} processes of PostgreSQL outlived a kill", processes.len()))
    }

    /// Its files stay when it goes, for somebody to look at.
    pub fn keep(&mut self) {
        self.kept = true;
    }

    /// Whether it runs; PostgreSQL ends itself when its log cannot be written.
    pub fn is_running(&mut self) -> bool {
        matches!(self.server.try_wait(), Ok(None))
    }

    /// Starts it again after [`kill`](Self::kill), on the same port and data, with the settings changed or added to.
    ///
    /// # Errors
    /// A sentence with the server's own words.
    pub fn restart(&mut self) -> Result<(), String> {
        self.server = run(&self.bin, &self.folder, &self.settings, self.port)?;
        Ok(())
    }

    /// A copy that follows this server; whatever is committed here from then on waits until the copy has it, if this server was
    /// started with `synchronous_standby_names=standby`. `port` is this server's, or that of a line to it.
    ///
    /// # Errors
    /// A sentence with the words of the programs.
    pub fn standby(&self, target: &Path, port: u16) -> Result<Self, String> {
        let folder = place::fresh(target)?;
        let source = format!("host=127.0.0.1 port={port} user=postgres application_name={STANDBY}");
        let copied = place::copy(&self.bin, &folder, &source)
            // A standby waits for nobody, or a promoted one would wait for ever.
            .and_then(|()| {
                let settings = vec!["synchronous_standby_names=".to_owned()];
                run_somewhere(&self.bin, &folder, &settings).map(|running| (running, settings))
            });
        match copied {
            Ok(((server, port), settings)) => Ok(Self {
                server,
                bin: self.bin.clone(),
                folder,
                port,
                settings,
                kept: false,
            }),
            Err(message) => Err(failed(&folder, &message)),
        }
    }

    /// Makes a standby the primary.
    ///
    /// # Errors
    /// When it does not become one.
    pub fn promote(&self) -> Result<(), String> {
        let mut promote = place::as_owner(&self.bin.join("pg_ctl"));
        promote.arg("promote").arg("-D").arg(self.folder.join("data"));
        place::succeeds(promote.args(["-w", "-t", "60", "-s"]))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Fast first, so that nothing is left in shared memory; then with less and less patience.
        for name in ["INT", "QUIT"] {
            if !matches!(self.server.try_wait(), Ok(None)) {
                break;
            }
            signal(name, &[self.server.id()]);
            if gone(&mut self.server) {
                break;
            }
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
        if !self.kept {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn failed(folder: &Path, message: &str) -> String {
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    let _ = fs::remove_dir_all(folder);
    format!("PostgreSQL did not start: {message}\n{log}")
}

/// Starts the server, again with another port if somebody took the first one.
fn run_somewhere(bin: &Path, folder: &Path, settings: &[String]) -> Result<(Child, u16), String> {
    let mut last = String::new();
    for _ in 0..PORT_ATTEMPTS {
        let port = free_port()?;
        match run(bin, folder, settings, port) {
            Ok(server) => return Ok((server, port)),
            Err(message) => last = message,
        }
    }
    Err(last)
}

fn run(bin: &Path, folder: &Path, settings: &[String], port: u16) -> Result<Child, String> {
    let data = folder.join("data");
    // Of a server that was killed: it would say that this one is ready.
    let _ = fs::remove_file(data.join("postmaster.pid"));
    let (out, err) = place::log(folder)?;
    let mut postgres = place::as_owner(&bin.join("postgres"));
    postgres.arg("-D").arg(&data).args(["-p", &port.to_string()]);
    for setting in SETTINGS.iter().copied().chain(settings.iter().map(String::as_str)) {
        postgres.args(["-c", setting]);
    }
    let mut server = postgres
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .spawn()
        .map_err(|error| error.to_string())?;
    ready(&mut server, &data)?;
    Ok(server)
}

/// Waits until the server says in its lock file that it takes connections.
fn ready(server: &mut Child, data: &Path) -> Result<(), String> {
    let until = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
    while Instant::now() < until {
        if let Ok(Some(status)) = server.try_wait() {
            return Err(format!("it ended at once ({status})"));
        }
        let lock = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        let said = lock.lines().nth(7).map(str::trim);
        if said.is_some_and(|said| ["ready", "standby"].contains(&said)) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = server.kill();
    let _ = server.wait();
    Err(format!("it was not ready after {START_SECONDS_MAX} seconds"))
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener
        .map(|address| address.port())
        .map_err(|error| format!("no free port: {error}"))
}

fn gone(server: &mut Child) -> bool {
    let until = Instant::now() + Duration::from_secs(STOP_SECONDS_MAX);
    while Instant::now() < until {
        if !matches!(server.try_wait(), Ok(None)) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Runs a program to its end and returns what it wrote, or nothing if it failed.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let done = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(done.stdout).ok()?;
    done.status.success().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temporary(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("countersign-cluster-{name}-{}", std::process::id()))
    }

    #[test]
    fn a_cluster_answers_on_loopback_survives_a_kill_and_leaves_nothing_behind() {
        let Some(bin) = installed() else {
            println!("skipped: no PostgreSQL on this machine");
            return;
        };
        let target = temporary("one");
        let mut cluster = Cluster::start(&bin, &target).unwrap();
        let (folder, port) = (cluster.folder.clone(), cluster.port);
        let answers = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        assert!(cluster.url().contains("@127.0.0.1:"));
        assert!(answers());
        cluster.kill().unwrap();
        assert!(!answers());
        cluster.restart().unwrap();
        assert!(answers());
        drop(cluster);
        assert!(!answers());
        assert!(!folder.exists());
        let _ = fs::remove_dir_all(&target);
    }
}
