//! A PostgreSQL of our own for the length of one test run: loopback only, a free port, a data folder that is thrown away.
//!
//! Nobody else can reach it from outside, so it asks for no password. It keeps `fsync` on, because what is tested is a
//! product whose promises hang on it. The server dies with this program however that ends: it is stopped by its own
//! process id when the run is over, gets the interrupt of a Ctrl-C as well, and asks the kernel to tell it if its parent
//! was killed.

use crate::{needs, process};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// PostgreSQL refuses to run as root; as root it is started as the user that its package created.
const OWNER: &str = "postgres";
const START_SECONDS_MAX: u64 = 60;
const STOP_SECONDS_MAX: u64 = 15;
/// Between choosing a free port and listening on it somebody else may take it.
const PORT_ATTEMPTS: u32 = 5;

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
pub(crate) struct Cluster {
    server: Child,
    folder: PathBuf,
    port: u16,
}

impl Cluster {
    /// Creates a cluster with the programs in `bin` and starts it; its files are below `target`, or below the folder for
    /// temporary files if the server's user cannot reach `target`.
    pub(crate) fn start(bin: &Path, target: &Path) -> Result<Self, String> {
        let owner = needs::is_root().then_some(OWNER);
        let folder = place(owner, target)?;
        let made = create(owner, bin, &folder).and_then(|()| run(owner, bin, &folder));
        match made {
            Ok((server, port)) => Ok(Self { server, folder, port }),
            Err(message) => {
                let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
                let _ = fs::remove_dir_all(&folder);
                Err(format!("PostgreSQL did not start: {message}\n{log}"))
            }
        }
    }

    /// Where tests find it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Fast first, so that nothing is left in shared memory; then with less and less patience.
        for signal in ["INT", "QUIT"] {
            signal_to(signal, self.server.id());
            if gone(&mut self.server) {
                break;
            }
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The folder of this run, below `target` if the server's user gets there: a path that leads through somebody's private
/// folder is closed to everyone else.
fn place(owner: Option<&str>, target: &Path) -> Result<PathBuf, String> {
    let base = target.join("postgres");
    fs::create_dir_all(&base).map_err(|error| format!("{} cannot be created: {error}", base.display()))?;
    if owner.is_none() || process::succeeds(as_owner(owner, Path::new("test")).arg("-x").arg(&base))? {
        remove_leftovers(&base);
        return Ok(base.join(std::process::id().to_string()));
    }
    // SECURITY: a name in a folder that everybody writes to must not be guessed, or somebody else is there first and has
    // `chown` follow a link of theirs.
    let made = process::output(Command::new("mktemp").args(["-d", "-t", "countersign-postgres.XXXXXXXX"]))?;
    let folder = PathBuf::from(String::from_utf8_lossy(&made).trim());
    if process::succeeds(Command::new("chmod").arg("711").arg(&folder))? {
        Ok(folder)
    } else {
        Err(format!("{} cannot be opened to the user `{OWNER}`", folder.display()))
    }
}

/// Folders of runs that were killed. Their names are the process ids of those runs.
fn remove_leftovers(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let of_a_run = entry.file_name().to_string_lossy().parse::<u32>().is_ok();
        let alive = Path::new("/proc").join(entry.file_name()).exists() || !Path::new("/proc/self").exists();
        if of_a_run && !alive {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn create(owner: Option<&str>, bin: &Path, folder: &Path) -> Result<(), String> {
    let data = folder.join("data");
    fs::create_dir_all(&data).map_err(|error| format!("{} cannot be created: {error}", data.display()))?;
    if let Some(owner) = owner
        && !process::succeeds(Command::new("chown").arg(owner).arg(&data))?
    {
        return Err(format!(
            "there is no user `{owner}` to run it; install the distribution's package or do not run as root"
        ));
    }
    let log = log(folder)?;
    let mut initdb = as_owner(owner, &bin.join("initdb"));
    initdb.arg("-D").arg(&data).args([
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    if !process::succeeds(initdb.stdout(log.0).stderr(log.1))? {
        return Err("initdb failed".to_owned());
    }
    fs::write(data.join("pg_hba.conf"), "host all all 127.0.0.1/32 trust\n")
        .map_err(|error| format!("pg_hba.conf cannot be written: {error}"))
}

/// Starts the server, again with another port if somebody took the first one.
fn run(owner: Option<&str>, bin: &Path, folder: &Path) -> Result<(Child, u16), String> {
    let data = folder.join("data");
    let mut last = String::new();
    for _ in 0..PORT_ATTEMPTS {
        let port = free_port()?;
        let log = log(folder)?;
        let mut postgres = as_owner(owner, &bin.join("postgres"));
        postgres.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        for setting in SETTINGS {
            postgres.args(["-c", setting]);
        }
        let mut server = postgres
            .stdin(Stdio::null())
            .stdout(log.0)
            .stderr(log.1)
            .spawn()
            .map_err(|error| error.to_string())?;
        match ready(&mut server, &data) {
            Ok(()) => return Ok((server, port)),
            Err(message) => last = message,
        }
    }
    Err(last)
}

/// Waits until the server says in its lock file that it takes connections.
fn ready(server: &mut Child, data: &Path) -> Result<(), String> {
    let until = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
    while Instant::now() < until {
        if let Ok(Some(status)) = server.try_wait() {
            return Err(format!("it ended at once ({status})"));
        }
        let lock = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        if lock.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = server.kill();
    let _ = server.wait();
    Err(format!("it was not ready after {START_SECONDS_MAX} seconds"))
}

/// A program that runs as the server's user and is interrupted when this program dies. `setpriv` becomes the program it
/// starts, so the process id that we know is the server's.
fn as_owner(owner: Option<&str>, program: &Path) -> Command {
    if needs::on_path("setpriv").is_none() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    if let Some(owner) = owner {
        command.args(["--reuid", owner, "--regid", owner, "--init-groups"]);
    }
    command.args(["--pdeathsig", "INT"]).arg(program).current_dir("/");
    command
}

fn log(folder: &Path) -> Result<(fs::File, fs::File), String> {
    let file = fs::File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .map_err(|error| format!("no log: {error}"))?;
    let again = file.try_clone().map_err(|error| format!("no log: {error}"))?;
    Ok((file, again))
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener
        .map(|address| address.port())
        .map_err(|error| format!("no free port: {error}"))
}

/// `kill` is a builtin of every shell, while small systems lack the program.
fn signal_to(signal: &str, process: u32) {
    let _ = Command::new("sh")
        .args(["-c", &format!("kill -{signal} {process}")])
        .stderr(Stdio::null())
        .status();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_answers_on_loopback_and_leaves_nothing_behind() {
        let Ok(bin) = needs::postgres() else {
            println!("skipped: no PostgreSQL on this machine");
            return;
        };
        let target = std::env::temp_dir().join(format!("countersign-xtask-{}", std::process::id()));
        let cluster = Cluster::start(&bin, &target).unwrap();
        let (folder, port) = (cluster.folder.clone(), cluster.port);
        assert!(cluster.url().contains("@127.0.0.1:"));
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        drop(cluster);
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
        assert!(!folder.exists());
        fs::remove_dir_all(&target).unwrap();
    }

    #[test]
    fn a_target_that_the_owner_cannot_reach_is_left_for_a_temporary_folder() {
        if !needs::is_root() || needs::postgres().is_err() {
            println!("skipped: not root, or no PostgreSQL on this machine");
            return;
        }
        let private = std::env::temp_dir().join(format!("countersign-xtask-private-{}", std::process::id()));
        fs::create_dir_all(&private).unwrap();
        assert!(place(Some(OWNER), &private).unwrap().starts_with(&private));
        assert!(process::succeeds(Command::new("chmod").arg("700").arg(&private)).unwrap());
        let folder = place(Some(OWNER), &private).unwrap();
        assert!(!folder.starts_with(&private));
        assert!(process::succeeds(as_owner(Some(OWNER), Path::new("test")).arg("-x").arg(&folder)).unwrap());
        fs::remove_dir_all(&folder).unwrap();
        fs::remove_dir_all(&private).unwrap();
    }

    #[test]
    fn folders_of_dead_runs_are_removed_and_others_kept() {
        let base = std::env::temp_dir().join(format!("countersign-xtask-leftovers-{}", std::process::id()));
        let (dead, alive, other) = (
            base.join("4194999"),
            base.join(std::process::id().to_string()),
            base.join("notes"),
        );
        for folder in [&dead, &alive, &other] {
            fs::create_dir_all(folder).unwrap();
        }
        remove_leftovers(&base);
        assert!(alive.exists() && other.exists());
        assert!(!dead.exists() || !Path::new("/proc/self").exists());
        fs::remove_dir_all(&base).unwrap();
    }
}
