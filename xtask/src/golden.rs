//! `cargo xtask golden`: generated files that are committed, so that a change shows what it does to them.
//!
//! One line in [`GOLDENS`] adds another. `--check` compares instead of writing.

use crate::process;
use crate::tidy;
use crate::tree::Tree;
use std::fs;
use std::path::Path;
use std::process::Command;

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
    (
        "crates/identity/tests/golden/permissions.txt",
        Made::Tested {
            package: "identity",
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
        let same = match made {
            Made::Tested { .. } if !tested => root.join(path).is_file(),
            Made::Tested { package, filter } => process::succeeds(&mut golden_test(root, package, filter))?,
            Made::Printed(_) | Made::Listed(_) => {
                let text = text(root, made)?;
                fs::read(root.join(path)).is_ok_and(|committed| committed == text)
            }
        };
        if !same {
            println!("{path}:1: not what the source says; run `cargo xtask golden`, read the difference and commit it");
            different.push(*path);
        }
    }
    Ok(different)
}

/// Writes what can be written: one that fails does not keep the others from being written.
fn write(root: &Path) -> Result<bool, String> {
    let mut good = true;
    for (path, made) in GOLDENS {
        match write_one(root, path, made) {
            Ok(()) => println!("{path}"),
            Err(message) => {
                println!("{path}:1: not written: {message}");
                good = false;
            }
        }
    }
    Ok(good)
}

fn write_one(root: &Path, path: &str, made: &Made) -> Result<(), String> {
    if let Made::Tested { package, filter } = made {
        let good = process::succeeds(golden_test(root, package, filter).env("UPDATE_GOLDEN", "1"))?;
        return if good {
            Ok(())
        } else {
            Err(format!("the test `{filter}` of `{package}` fails"))
        };
    }
    let text = text(root, made)?;
    let file = root.join(path);
    file.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&file, text))
        .map_err(|error| error.to_string())
}

/// The text as it should be; empty for what a test looks after.
fn text(root: &Path, made: &Made) -> Result<Vec<u8>, String> {
    match made {
        Made::Printed(words) => process::output(
            process::cargo(root)
                .args(["run", "-q", "-p", "countersign", "--"])
                .args(*words),
        ),
        Made::Listed(listing) => Ok(listing(&Tree::read(root)?).into_bytes()),
        Made::Tested { .. } => Ok(Vec::new()),
    }
}

fn golden_test(root: &Path, package: &str, filter: &str) -> Command {
    let mut command = process::cargo(root);
    command.args(["test", "-q", "-p", package, filter]);
    command
}
