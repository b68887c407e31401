//! `cargo xtask golden`: generated files that are committed, so that a change shows what it does to them.
//!
//! One line in [`GOLDENS`] adds another. `--check` compares instead of writing.

use crate::process;
use crate::tidy;
use crate::tree::Tree;
use std::fs;
use std::path::Path;

/// How a golden file comes about.
enum Made {
    /// The product prints it: the words after `cargo run -p countersign --`.
    Printed(&'static [&'static str]),
    /// A test of this package compares it, and writes it when `UPDATE_GOLDEN` is set.
    Tested {
        package: &'static str,
        filter: &'static str,
    },
    /// Read off the source.
    Listed(fn(&Tree) -> String),
}

const GOLDENS: &[(&str, Made)] = &[
    ("docs/api/openapi.json", Made::Printed(&["openapi"])),
    (
        "crates/payment/tests/golden/state_matrix.txt",
        Made::Tested {
            package: "payment",
            filter: "golden",
        },
    ),
    ("xtask/golden/expose.txt", Made::Listed(tidy::exposed_listing)),
];

/// Writes all goldens anew, or with `--check` compares them; true if they are as committed.
pub(crate) fn run(words: &[&str]) -> Result<bool, String> {
    let root = process::root()?;
    match words {
        [] => write(&root),
        ["--check"] => Ok(differences(&root, true)?.is_empty()),
        _ => Err("`golden` takes `--check` or nothing".to_owned()),
    }
}

/// The goldens that are not as they should be, each printed with what to do. `tested`: also those that have a test of their
/// own, which a run of all tests compares anyway.
pub(crate) fn differences(root: &Path, tested: bool) -> Result<Vec<&'static str>, String> {
    let mut different = Vec::new();
    for (path, made) in GOLDENS {
        let same = match fresh(root, made)? {
            Some(text) => fs::read(root.join(path)).is_ok_and(|committed| committed == text),
            None => !tested || process::succeeds(&mut golden_test(root, made))?,
        };
        if !same {
            println!("{path}:1: not what the source says; run `cargo xtask golden`, read the difference and commit it");
            different.push(*path);
        }
    }
    Ok(different)
}

fn write(root: &Path) -> Result<bool, String> {
    let mut good = true;
    for (path, made) in GOLDENS {
        match fresh(root, made)? {
            Some(text) => {
                let file = root.join(path);
                if let Some(folder) = file.parent() {
                    fs::create_dir_all(folder)
                        .map_err(|error| format!("{} cannot be created: {error}", folder.display()))?;
                }
                fs::write(&file, text).map_err(|error| format!("{path} cannot be written: {error}"))?;
            }
            None => good &= process::succeeds(golden_test(root, made).env("UPDATE_GOLDEN", "1"))?,
        }
        println!("{path}");
    }
    Ok(good)
}

/// The text as it should be; nothing for what a test looks after.
fn fresh(root: &Path, made: &Made) -> Result<Option<Vec<u8>>, String> {
    match made {
        Made::Printed(words) => process::output(
            process::cargo(root)
                .args(["run", "-q", "-p", "countersign", "--"])
                .args(*words),
        )
        .map(Some),
        Made::Listed(listing) => Ok(Some(listing(&Tree::read(root)?).into_bytes())),
        Made::Tested { .. } => Ok(None),
    }
}

fn golden_test(root: &Path, made: &Made) -> std::process::Command {
    let mut command = process::cargo(root);
    if let Made::Tested { package, filter } = made {
        command.args(["test", "-q", "-p", package, filter]);
    }
    command
}
