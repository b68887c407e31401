//! `cargo xtask fuzz`: libFuzzer on the parsers, with the toolchain that builds the product.
//!
//! Coverage comes from LLVM's own pass, which stable Rust can switch on. A sanitizer would need a nightly compiler and has
//! little to find: the code under test is safe Rust, so what is looked for are panics, overflows, endless loops and memory
//! without bound. The targets stand outside the workspace (`fuzz/Cargo.toml`). Each begins with what is committed: its folder in
//! `fuzz/seeds`, the inputs that once were findings in `fuzz/regressions`, and the samples below. Inputs that reach something
//! new are kept in `fuzz/corpus`, crashing ones in `fuzz/artifacts`; neither is committed.

use crate::report::{Outcome, Tally};
use crate::tree::Tree;
use crate::{needs, process};
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

const SECONDS: u32 = 60;
/// With the seeds, long enough to reach past the first checks, short enough for every change.
const SMOKE_SECONDS: u32 = 3;

/// Files of the repository that are inputs for a target as they are.
const SAMPLES: &[(&str, &str)] = &[
    ("camt029", "crates/formats/tests/hostile"),
    ("camt053", "crates/formats/tests/hostile"),
    ("camt054", "crates/formats/tests/hostile"),
    ("checkpoint", "crates/evidence/tests/vectors/tessera/log"),
    ("csv", "examples"),
    ("key", "crates/signing/tests/vectors"),
    ("order", "crates/formats/tests/hostile"),
    ("pain001", "crates/formats/tests/hostile"),
    ("pain001", "examples"),
    ("pain002", "crates/formats/tests/hostile"),
    ("proof", "crates/evidence/tests/vectors/receipt"),
];

const COVERAGE: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

/// Fuzzes one target or all of them; true if nothing was found.
pub(crate) fn run(words: &[&str]) -> Result<bool, String> {
    let root = process::root()?;
    let (seconds, wanted) = arguments(words)?;
    let mut targets = targets(&root)?;
    if let Some(wanted) = wanted {
        let known = targets.join(", ");
        targets.retain(|target| target == wanted);
        if targets.is_empty() {
            return Err(format!("there is no fuzz target `{wanted}`; there are: {known}"));
        }
    }
    let built = build(&root)?;
    let mut good = true;
    for target in targets {
        println!("{target}: {seconds} s");
        good &= process::succeeds(&mut fuzzer(&root, &built, &target, seconds)?)?;
    }
    Ok(good)
}

/// A few seconds for each target, as many at a time as the machine has cores.
///
/// A target without feedback from coverage fails: libFuzzer ends when no input reached anything.
pub(crate) fn smoke(root: &Path) -> Result<Outcome, String> {
    if let Err(advice) = needs::cxx() {
        return Ok(Outcome::Missing(advice));
    }
    let built = build(root)?;
    let targets = targets(root)?;
    println!("{} targets, {SMOKE_SECONDS} s each", targets.len());
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut tally = Tally::default();
    for together in targets.chunks(cores) {
        for good in side_by_side(root, &built, together) {
            *(if good? { &mut tally.passed } else { &mut tally.failed }) += 1;
        }
    }
    Ok(Outcome::Counted(tally))
}

fn side_by_side(root: &Path, built: &Path, targets: &[String]) -> Vec<Result<bool, String>> {
    let run = |target: &str| {
        let good = process::succeeds(fuzzer(root, built, target, SMOKE_SECONDS)?.arg("-verbosity=0"))?;
        if !good {
            println!("{target}: see its messages above; the input is in fuzz/artifacts/{target}");
        }
        Ok(good)
    };
    thread::scope(|scope| {
        let running: Vec<_> = targets.iter().map(|target| scope.spawn(|| run(target))).collect();
        running
            .into_iter()
            .map(|one| {
                one.join()
                    .unwrap_or_else(|_| Err("a fuzzer could not be watched".to_owned()))
            })
            .collect()
    })
}

fn arguments<'a>(words: &[&'a str]) -> Result<(u32, Option<&'a str>), String> {
    match words {
        [] => Ok((SECONDS, None)),
        ["--seconds", seconds, rest @ ..] => {
            let seconds = seconds
                .parse()
                .map_err(|_| format!("`--seconds {seconds}` is no number of seconds"))?;
            Ok((seconds, arguments(rest)?.1))
        }
        [target, rest @ ..] if !target.starts_with('-') => Ok((arguments(rest)?.0, Some(target))),
        [word, ..] => Err(format!(
            "`fuzz` does not know `{word}`; it takes `--seconds N` and the name of a target"
        )),
    }
}

fn targets(root: &Path) -> Result<Vec<String>, String> {
    let fuzz = Tree::read(root)?.fuzz.ok_or("there is no fuzz/Cargo.toml")?;
    Ok(fuzz.bins.into_iter().map(|(name, _)| name).collect())
}

/// Builds all targets; the folder they are in.
fn build(root: &Path) -> Result<PathBuf, String> {
    let about = process::output(process::command("rustc", root).arg("-vV"))?;
    let about = String::from_utf8_lossy(&about);
    let host = about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or("rustc does not say what machine this is")?;
    // Naming the machine keeps the flags away from build scripts and procedural macros.
    let mut cargo = process::cargo(root);
    cargo.args([
        "build",
        "--release",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--target-dir",
        "fuzz/target",
        "--target",
        host,
    ]);
    if !process::succeeds(cargo.env("RUSTFLAGS", COVERAGE.join(" ")))? {
        return Err("the fuzz targets do not build".to_owned());
    }
    Ok(root.join("fuzz/target").join(host).join("release"))
}

fn fuzzer(root: &Path, built: &Path, target: &str, seconds: u32) -> Result<Command, String> {
    let corpus = root.join("fuzz/corpus").join(target);
    let artifacts = root.join("fuzz/artifacts").join(target);
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).map_err(|error| format!("{} cannot be created: {error}", folder.display()))?;
    }
    let mut command = process::command(built.join(target), root);
    command.arg(&corpus);
    let own = ["fuzz/seeds", "fuzz/regressions"].map(|folder| root.join(folder).join(target));
    let samples = SAMPLES.iter().filter(|(name, _)| *name == target);
    let samples = samples.map(|(_, folder)| root.join(folder));
    command.args(own.into_iter().chain(samples).filter(|folder| folder.is_dir()));
    command
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!("-max_total_time={seconds}"))
        .args(["-timeout=20", "-rss_limit_mb=1024", "-max_len=65536"]);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_where_they_are_looked_for() {
        let root = process::root().unwrap();
        let targets = targets(&root).unwrap();
        for (target, folder) in SAMPLES {
            assert!(targets.iter().any(|known| known == target), "{target}");
            assert!(root.join(folder).is_dir(), "{folder}");
        }
        for target in targets {
            let seeded = SAMPLES.iter().any(|(name, _)| *name == target);
            assert!(
                seeded || root.join("fuzz/seeds").join(&target).is_dir(),
                "{target} begins with nothing; give it a folder in fuzz/seeds"
            );
        }
    }

    #[test]
    fn seconds_and_target_come_in_either_order() {
        assert_eq!(arguments(&[]), Ok((SECONDS, None)));
        assert_eq!(arguments(&["--seconds", "7", "csv"]), Ok((7, Some("csv"))));
        assert_eq!(arguments(&["csv", "--seconds", "7"]), Ok((7, Some("csv"))));
        assert!(arguments(&["--seconds"]).is_err());
        assert!(arguments(&["--second", "7"]).is_err());
        assert!(arguments(&["--seconds", "seven"]).is_err());
    }
}
