//! The folder of a cluster: where it may be, who owns it, how it is filled. PostgreSQL refuses to run as root, so as root everything
//! in it is done as the user that its package created.

use crate::{find, output};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const OWNER: &str = "postgres";

/// A folder of this run, below `target` if the server's user gets there: a path that leads through somebody's private
/// folder is closed to everyone else.
pub(crate) fn fresh(target: &Path) -> Result<PathBuf, String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let base = target.join("postgres");
    fs::create_dir_all(&base).map_err(|error| format!("{} cannot be created: {error}", base.display()))?;
    if !find::is_root() || succeeds(as_owner(Path::new("test")).arg("-x").arg(&base)).is_ok() {
        remove_leftovers(&base);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        return Ok(base.join(format!("{}-{number}", std::process::id())));
    }
    // SECURITY: a name in a folder that everybody writes to must not be guessed, or somebody else is there first and has
    // `chown` follow a link of theirs.
    let made = output(Command::new("mktemp").args(["-d", "-t", "countersign-postgres.XXXXXXXX"]));
    let folder = PathBuf::from(made.ok_or("no temporary folder")?.trim());
    succeeds(Command::new("chmod").arg("711").arg(&folder))
        .map_err(|_| format!("{} cannot be opened to the user `{OWNER}`", folder.display()))?;
    Ok(folder)
}

/// Folders of runs that were killed. Their names begin with the process ids of those runs.
fn remove_leftovers(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let run = name.split('-').next().unwrap_or_default();
        let alive = Path::new("/proc").join(run).exists() || !Path::new("/proc/self").exists();
        if run.parse::<u32>().is_ok() && !alive {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Makes an empty cluster.
pub(crate) fn create(bin: &Path, folder: &Path) -> Result<(), String> {
    let data = own(folder)?;
    let (out, err) = log(folder)?;
    let mut initdb = as_owner(&bin.join("initdb"));
    initdb.arg("-D").arg(&data).args([
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    succeeds(initdb.stdout(out).stderr(err)).map_err(|_| "initdb failed".to_owned())?;
    let who = "host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n";
    fs::write(data.join("pg_hba.conf"), who).map_err(|error| format!("pg_hba.conf cannot be written: {error}"))
}

/// Copies a running server into the folder, so that it follows that server when it is started.
pub(crate) fn copy(bin: &Path, folder: &Path, source: &str) -> Result<(), String> {
    let data = own(folder)?;
    let (out, err) = log(folder)?;
    let mut backup = as_owner(&bin.join("pg_basebackup"));
    backup.args([
        "-d",
        source,
        "--write-recovery-conf",
        "--wal-method=stream",
        "--checkpoint=fast",
    ]);
    backup.arg("--no-sync").arg("-D").arg(&data);
    succeeds(backup.stdout(out).stderr(err)).map_err(|_| "pg_basebackup failed".to_owned())
}

/// The data folder, made and given to the server's user.
fn own(folder: &Path) -> Result<PathBuf, String> {
    let data = folder.join("data");
    fs::create_dir_all(&data).map_err(|error| format!("{} cannot be created: {error}", data.display()))?;
    if find::is_root() {
        succeeds(Command::new("chown").arg(OWNER).arg(&data)).map_err(|_| {
            format!("there is no user `{OWNER}` to run it; install the distribution's package or do not run as root")
        })?;
        succeeds(Command::new("chmod").arg("700").arg(&data))?;
    }
    Ok(data)
}

/// A program that runs as the server's user and is interrupted when this program dies. `setpriv` becomes the program it
/// starts, so the process id that we know is the server's.
pub(crate) fn as_owner(program: &Path) -> Command {
    if find::on_path("setpriv").is_none() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    if find::is_root() {
        command.args(["--reuid", OWNER, "--regid", OWNER, "--init-groups"]);
    }
    command.args(["--pdeathsig", "INT"]).arg(program).current_dir("/");
    command
}

/// The file that everything about a cluster is written to, twice open: for both outputs of a program.
pub(crate) fn log(folder: &Path) -> Result<(fs::File, fs::File), String> {
    let file = fs::File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .map_err(|error| format!("no log: {error}"))?;
    let again = file.try_clone().map_err(|error| format!("no log: {error}"))?;
    Ok((file, again))
}

/// Runs a program to its end.
pub(crate) fn succeeds(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{program}` failed ({status})")),
        Err(error) => Err(format!("`{program}` could not be started: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temporary(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("countersign-cluster-{name}-{}", std::process::id()))
    }

    #[test]
    fn a_target_that_the_owner_cannot_reach_is_left_for_a_temporary_folder() {
        if !find::is_root() || find::installed().is_none() {
            println!("skipped: not root, or no PostgreSQL on this machine");
            return;
        }
        let private = temporary("private");
        fs::create_dir_all(&private).unwrap();
        assert!(fresh(&private).unwrap().starts_with(&private));
        succeeds(Command::new("chmod").arg("700").arg(&private)).unwrap();
        let folder = fresh(&private).unwrap();
        assert!(!folder.starts_with(&private));
        succeeds(as_owner(Path::new("test")).arg("-x").arg(&folder)).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        fs::remove_dir_all(&private).unwrap();
    }

    #[test]
    fn folders_of_dead_runs_are_removed_and_others_kept() {
        let base = temporary("leftovers");
        let (dead, alive, other) = (
            base.join("4194999-0"),
            base.join(format!("{}-3", std::process::id())),
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
