//! `cargo xtask test`: everything a change must pass, with what the tests need prepared first.
//!
//! Every step runs even if one before it failed, so that one run shows everything. The last line is
//! `N passed, N failed, N skipped`: the tests of the test runner and of the browser, and each other step as one.

mod counts;

use crate::process::{self, Heard};
use crate::report::{Outcome, Report, Tally};
use crate::{fuzz, golden, needs, tidy, torture};
use cluster::Cluster;
use std::path::Path;

/// Names the server that tests of the second engine use; each test makes its own place in it.
const TEST_POSTGRES: &str = "COUNTERSIGN_TEST_POSTGRES";

/// Runs everything; strictly if the environment says `CI=true`.
pub(crate) fn run(words: &[&str]) -> Result<bool, String> {
    with(words, std::env::var_os("CI").is_some_and(|value| value == "true"))
}

/// Runs everything. `strict`: a missing tool is a failure.
pub(crate) fn with(words: &[&str], strict: bool) -> Result<bool, String> {
    let quick = match words {
        [] => false,
        ["--quick"] => true,
        _ => return Err("`test` takes `--quick` or nothing".to_owned()),
    };
    let root = process::root()?;
    let mut report = Report::new(strict);
    tests(&root, &mut report);
    report.step("house rules", || good(tidy::run(&[])?, "see the findings above"));
    report.step("golden files", || {
        good(golden::differences(&root, false)?.is_empty(), "see the files above")
    });
    lints(&root, &mut report);
    report.step("dependencies", || dependencies(&root));
    let unless_quick = |body: fn(&Path) -> Result<Outcome, String>| match quick {
        true => Ok(Outcome::Skipped("left out by --quick".to_owned())),
        false => body(&root),
    };
    report.step("fuzzing", || unless_quick(fuzz::smoke));
    report.step("torture", || unless_quick(torture::smoke));
    report.step("browser", || unless_quick(browser));
    Ok(report.close())
}

/// All tests of the workspace, with a PostgreSQL beside them that lives as long as they run.
fn tests(root: &Path, report: &mut Report) {
    let mut cluster = None;
    let given = std::env::var(TEST_POSTGRES).ok();
    report.step("PostgreSQL", || {
        if given.is_some() {
            println!("using the server named in {TEST_POSTGRES}");
            return Ok(Outcome::Passed);
        }
        match needs::postgres() {
            Ok(bin) => {
                let started = Cluster::start(&bin, &process::target(root))?;
                println!("{} from {}", started.url(), bin.display());
                cluster = Some(started);
                Ok(Outcome::Passed)
            }
            Err(advice) => Ok(Outcome::Missing(advice)),
        }
    });
    let server = given.or_else(|| cluster.as_ref().map(Cluster::url));
    report.step("tests", || workspace_tests(root, server.as_deref()));
}

fn workspace_tests(root: &Path, server: Option<&str>) -> Result<Outcome, String> {
    let nextest = needs::cargo_has(root, "nextest");
    let mut command = process::cargo(root);
    if nextest {
        command.args([
            "nextest",
            "run",
            "--workspace",
            "--no-fail-fast",
            "--color",
            "never",
            "--status-level",
            "slow",
            "--final-status-level",
            "fail",
        ]);
    } else {
        println!("cargo-nextest is not installed; `cargo test` does the same, slower");
        command.args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"]);
    }
    if let Some(server) = server {
        command.env(TEST_POSTGRES, server);
    }
    let mut tally = Tally::default();
    let succeeded = if nextest {
        process::heard(&mut command, Heard::Err, |line| {
            tally = counts::nextest(line).unwrap_or(tally)
        })?
    } else {
        process::heard(&mut command, Heard::Out, |line| {
            counts::add(&mut tally, counts::cargo_test(line))
        })?
    };
    if !succeeded && tally.failed == 0 {
        return Err("the tests did not build or did not run".to_owned());
    }
    Ok(Outcome::Counted(tally))
}

/// Formatting and clippy.
///
/// Clippy runs twice, because its configuration cannot tell tests from the product: the bans of clippy.toml (clocks,
/// sleeping, the environment, …) hold for the product, while tests may use all of these.
fn lints(root: &Path, report: &mut Report) {
    report.step("format", || {
        let mut same = process::succeeds(process::cargo(root).args(["fmt", "--all", "--check"]))?;
        same &= process::succeeds(process::cargo(root).args(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))?;
        good(same, "run `cargo fmt`")
    });
    report.step("lints of the product", || {
        let args = [
            "clippy",
            "--quiet",
            "--workspace",
            "--lib",
            "--bins",
            "--",
            "-D",
            "warnings",
        ];
        good(
            process::succeeds(process::cargo(root).args(args))?,
            "see clippy's messages above",
        )
    });
    report.step("lints of the tests", || {
        let mut clippy = process::cargo(root);
        clippy.args([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]);
        clippy.args(["-A", "clippy::disallowed_methods", "-A", "clippy::disallowed_types"]);
        good(process::succeeds(&mut clippy)?, "see clippy's messages above")
    });
}

/// Licences, advisories, banned packages and sources. cargo-deny is no part of a Rust installation and takes minutes to
/// build, so a run without it is a skip everywhere.
fn dependencies(root: &Path) -> Result<Outcome, String> {
    if !needs::cargo_has(root, "deny") {
        return Ok(Outcome::Skipped(
            "cargo-deny is not installed (cargo install --locked cargo-deny)".to_owned(),
        ));
    }
    good(
        process::succeeds(process::cargo(root).args(["deny", "check"]))?,
        "see cargo-deny's messages above",
    )
}

/// The journeys in a real browser, through the binary as it was just built.
fn browser(root: &Path) -> Result<Outcome, String> {
    let folder = &root.join("e2e");
    let chromium = match needs::node().and_then(|_| needs::chromium()) {
        Ok(chromium) => chromium,
        Err(advice) => return Ok(Outcome::Missing(advice)),
    };
    // With the same features as the tests have just been built with: the binary alone would be built anew from the ground up.
    if !process::succeeds(process::cargo(root).args(["build", "--quiet", "--workspace", "--bins", "--tests"]))? {
        return Err("the binary does not build".to_owned());
    }
    if !process::succeeds(process::command("npm", folder).args(["ci", "--no-audit", "--no-fund", "--prefer-offline"]))?
    {
        return Err(
            "`npm ci` failed in e2e, see its messages above; it needs the registry that npm is configured with, \
                    once for each change of e2e/package-lock.json"
                .to_owned(),
        );
    }
    let mut tally = None;
    let mut node = process::command("node", folder);
    node.arg("run.mjs")
        .env("CHROMIUM", chromium)
        .env("COUNTERSIGN_BIN", process::target(root).join("debug/countersign"));
    let succeeded = process::heard(&mut node, Heard::Out, |line| tally = counts::own(line).or(tally))?;
    match tally {
        Some(tally) if succeeded || tally.failed > 0 => Ok(Outcome::Counted(tally)),
        _ => good(succeeded, "see the browser's messages above"),
    }
}

fn good(good: bool, otherwise: &str) -> Result<Outcome, String> {
    if good {
        Ok(Outcome::Passed)
    } else {
        Err(otherwise.to_owned())
    }
}
