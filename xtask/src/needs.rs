//! The tools that tests need besides Rust: found on the machine, or installed where that is possible without asking.
//!
//! On Debian, as root, missing packages are installed through apt-get. Anywhere else the answer is a sentence that says
//! what to install; whether that is a skip or a failure is the report's business.

use crate::process;
use cluster::{is_root, major_version, on_path};
use std::path::{Path, PathBuf};
use std::process::Command;

const NODE_MAJOR_MIN: u32 = 20;
const CHROMIUM_NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The folder with `initdb` and `postgres`.
pub(crate) fn postgres() -> Result<PathBuf, String> {
    found_or_installed(
        cluster::installed,
        &["postgresql"],
        "PostgreSQL 15 or newer with its server programs is not installed (Debian: apt-get install postgresql); \
         or name a server in COUNTERSIGN_TEST_POSTGRES",
    )
}

/// A Chromium that can be driven. Fonts come with it: without any, pages are drawn without letters.
pub(crate) fn chromium() -> Result<PathBuf, String> {
    found_or_installed(
        || CHROMIUM_NAMES.iter().find_map(|name| on_path(name)),
        &["chromium", "fonts-liberation"],
        "Chromium is not installed (Debian: apt-get install chromium)",
    )
}

/// Node, with npm beside it.
pub(crate) fn node() -> Result<PathBuf, String> {
    found_or_installed(
        || {
            let fits = major_version(Path::new("node"))? >= NODE_MAJOR_MIN && on_path("npm").is_some();
            on_path("node").filter(|_| fits)
        },
        &["nodejs", "npm"],
        "Node 20 or newer with npm is not installed (Debian 13 or newer: apt-get install nodejs npm; else https://nodejs.org)",
    )
}

/// A C++ compiler, which builds libFuzzer.
pub(crate) fn cxx() -> Result<PathBuf, String> {
    found_or_installed(
        || on_path("c++"),
        &["g++"],
        "libFuzzer needs a C++ compiler (Debian: apt-get install g++)",
    )
}

/// True if cargo has this subcommand.
pub(crate) fn cargo_has(root: &Path, subcommand: &str) -> bool {
    let mut command = process::cargo(root);
    command
        .args([subcommand, "--version"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn found_or_installed(find: impl Fn() -> Option<PathBuf>, packages: &[&str], advice: &str) -> Result<PathBuf, String> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if Path::new("/etc/debian_version").exists() && is_root() {
        install(packages).map_err(|error| format!("{advice}; {error}"))?;
    }
    find().ok_or_else(|| advice.to_owned())
}

/// Tries what is known of packages first and asks for fresh lists only if that fails.
fn install(packages: &[&str]) -> Result<(), String> {
    println!("installing {}", packages.join(" "));
    let apt = |words: &[&str]| {
        process::succeeds(
            Command::new("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .arg("-qq")
                .args(words),
        )
    };
    let install: Vec<&str> = ["install", "-y", "--no-install-recommends"]
        .iter()
        .chain(packages)
        .copied()
        .collect();
    if apt(&install)? || (apt(&["update"])? && apt(&install)?) {
        Ok(())
    } else {
        Err(format!(
            "apt-get could not install {}: its messages are above; it needs the package servers, through the proxy in \
             /etc/apt if there is one",
            packages.join(" ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_cannot_be_had_is_answered_with_advice() {
        assert_eq!(
            found_or_installed(|| Some(PathBuf::from("x")), &[], "install it"),
            Ok(PathBuf::from("x"))
        );
        assert!(on_path("no-such-program-anywhere").is_none());
    }
}
