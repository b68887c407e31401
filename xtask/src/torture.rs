//! `cargo xtask torture`: the real binary is broken under load, again and again. Release builds of both, so that start-up times are those
//! of the product; the PostgreSQL that is killed is started by the torture itself.

use crate::report::Outcome;
use crate::{needs, process};
use std::path::Path;
use std::process::Command;

/// A part that fits into a test run: some kills on each engine, without the quiet days at the end.
const SMOKE: &[&str] = &["--kills", "4", "--only", "kill", "--brief"];

/// Hands all words on; true if nothing was found.
pub(crate) fn run(words: &[&str]) -> Result<bool, String> {
    let root = process::root()?;
    let mut build = process::cargo(&root);
    build.args(["build", "--quiet", "--release", "-p", "countersign", "-p", "torture"]);
    if !process::succeeds(&mut build)? {
        return Err("countersign or torture does not build".to_owned());
    }
    let mut torture = command(&root, "release");
    process::succeeds(torture.args(words))
}

/// A few kills, with the debug build that the tests have just used.
pub(crate) fn smoke(root: &Path) -> Result<Outcome, String> {
    if !process::succeeds(process::cargo(root).args(["build", "--quiet", "--workspace", "--bins", "--tests"]))? {
        return Err("torture does not build".to_owned());
    }
    match process::succeeds(command(root, "debug").args(SMOKE))? {
        true => Ok(Outcome::Passed),
        false => Err("see the violations above; docs/torture.md says how to read them".to_owned()),
    }
}

fn command(root: &Path, profile: &str) -> Command {
    let built = process::target(root).join(profile);
    let mut torture = process::command(built.join("torture"), root);
    torture.arg("--program").arg(built.join("countersign"));
    torture.arg("--dir").arg(process::target(root).join("torture"));
    match needs::postgres() {
        Ok(bin) => drop(torture.arg("--postgres-bin").arg(bin)),
        Err(advice) => println!("without PostgreSQL: {advice}"),
    }
    torture
}
