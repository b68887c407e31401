//! Signals to processes that this program started, and finding those that they started.

use std::path::Path;
use std::process::{Command, Stdio};

/// Sends a signal, such as `KILL`, to processes by their ids. `kill` is a builtin of every shell, while small systems lack the program.
pub fn signal(name: &str, processes: &[u32]) {
    if processes.is_empty() {
        return;
    }
    let list: Vec<String> = processes.iter().map(u32::to_string).collect();
    let _ = Command::new("sh")
        .args(["-c", &format!("kill -{name} {}", list.join(" "))])
        .stderr(Stdio::null())
        .status();
}

/// The processes that a process has started and that still run.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(process) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        if parent_of(&entry.path()) == Some(parent) {
            found.push(process);
        }
    }
    found
}

/// The second word behind the name in brackets, which may hold anything.
fn parent_of(process: &Path) -> Option<u32> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_found_and_ends_by_signal() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        assert!(children(std::process::id()).contains(&child.id()) || !Path::new("/proc/self").exists());
        signal("KILL", &[child.id()]);
        assert!(!child.wait().unwrap().success());
    }
}
