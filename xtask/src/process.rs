//! Running other programs: cargo as the user set it up, and outputs read line by line.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The top folder of the repository.
///
/// `cargo run` says where this crate lives; a binary that is started by hand is expected to be started from the top folder.
pub(crate) fn root() -> Result<PathBuf, String> {
    let here = match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => PathBuf::from(folder).parent().map(Path::to_path_buf),
        None => std::env::current_dir().ok(),
    };
    here.filter(|folder| folder.join("xtask/Cargo.toml").is_file())
        .ok_or_else(|| "start it from inside the repository with `cargo xtask`".to_owned())
}

/// The folder that cargo builds into.
pub(crate) fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

/// A program that runs in `folder`, without the variables that `cargo run` set for this one: build scripts that look at
/// them would otherwise be built again with every change of terminal.
pub(crate) fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// The same cargo that runs this program.
pub(crate) fn cargo(folder: &Path) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), folder)
}

/// Runs to the end with the terminal as its own; true if it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool, String> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| not_started(command, &error))?;
    Ok(status.success())
}

/// Runs to the end and returns what it wrote to standard output; its messages stay visible. A failure is an error.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, String> {
    let done = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| not_started(command, &error))?;
    if done.status.success() {
        Ok(done.stdout)
    } else {
        Err(format!("`{}` failed ({})", line(command), done.status))
    }
}

/// Which of its two outputs is read line by line while it runs.
#[derive(Clone, Copy)]
pub(crate) enum Heard {
    Out,
    Err,
}

/// Runs to the end, shows one of its outputs line by line and hands each line to `hear`; true if it succeeded.
pub(crate) fn heard(command: &mut Command, which: Heard, mut hear: impl FnMut(&str)) -> Result<bool, String> {
    command.stdin(Stdio::null());
    match which {
        Heard::Out => command.stdout(Stdio::piped()),
        Heard::Err => command.stderr(Stdio::piped()),
    };
    let mut child = command.spawn().map_err(|error| not_started(command, &error))?;
    match which {
        Heard::Out => follow(child.stdout.take(), &mut hear),
        Heard::Err => follow(child.stderr.take(), &mut hear),
    }
    let status = child
        .wait()
        .map_err(|error| format!("`{}` could not be waited for: {error}", line(command)))?;
    Ok(status.success())
}

fn follow(stream: Option<impl std::io::Read>, hear: &mut impl FnMut(&str)) {
    let Some(stream) = stream else { return };
    for piece in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let text = String::from_utf8_lossy(&piece);
        println!("{}", text.trim_end_matches('\r'));
        hear(&text);
    }
}

/// The command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` could not be started: {error}", line(command))
}
