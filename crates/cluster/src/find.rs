//! What is on this machine: PostgreSQL's programs, others on the search path, and who we are.

use crate::output;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest PostgreSQL that the product supports.
const POSTGRES_MAJOR_MIN: u32 = 15;

/// The folder with `initdb` and `postgres` of the newest supported PostgreSQL, if one is installed.
pub fn installed() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    let on_path = on_path("postgres")
        .and_then(|file| file.canonicalize().ok())
        .and_then(|file| file.parent().map(Path::to_path_buf));
    debian
        .chain(on_path)
        .filter(|folder| folder.join("initdb").is_file())
        .filter_map(|folder| {
            let major = major_version(&folder.join("postgres"))?;
            Some((major, folder))
        })
        .filter(|(major, _)| *major >= POSTGRES_MAJOR_MIN)
        .max()
        .map(|(_, folder)| folder)
}

/// True if this program runs as root.
pub fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

/// The file of a program on the search path.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// The major version of a program, as it says it itself.
pub fn major_version(program: &Path) -> Option<u32> {
    first_number(&output(Command::new(program).arg("--version"))?)
}

/// The first number in what a program says about its version.
fn first_number(text: &str) -> Option<u32> {
    text.split(|c: char| !c.is_ascii_digit())
        .find(|digits| !digits.is_empty())?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_say() {
        assert_eq!(
            first_number("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(first_number("v20.20.2\n"), Some(20));
        assert_eq!(first_number("unknown"), None);
        assert!(on_path("no-such-program-anywhere").is_none());
    }
}
