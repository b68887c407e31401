//! `cargo xtask bench`: the measuring program, always as a release build, with a PostgreSQL of its own beside it.

use crate::{needs, process};
use cluster::Cluster;

/// Where a report goes that is given no folder.
const REPORT: &str = "docs/performance";

/// Builds and starts the bench crate with the words that follow the verb. Unless these name a server, one is started, and
/// without an installed PostgreSQL the measurements that need it are left out.
pub(crate) fn run(words: &[&str]) -> Result<bool, String> {
    let root = process::root()?;
    let mut bench = process::cargo(&root);
    bench
        .args(["run", "--quiet", "--release", "-p", "bench", "--"])
        .args(with_folder(words));
    let given = words
        .iter()
        .any(|word| word.starts_with("--postgres") || ["--help", "-h"].contains(word));
    let mut cluster = None;
    if !given {
        match needs::postgres() {
            Ok(bin) => {
                let started = Cluster::start(&bin, &process::target(&root))?;
                bench
                    .args(["--postgres", &started.url()])
                    .arg("--pgbench")
                    .arg(bin.join("pgbench"));
                cluster = Some(started);
            }
            Err(advice) => println!("without PostgreSQL: {advice}"),
        }
    }
    let good = process::succeeds(&mut bench);
    drop(cluster);
    good
}

/// A `--report` without a folder is one for the documentation.
fn with_folder<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut all = Vec::new();
    for (place, word) in words.iter().enumerate() {
        all.push(*word);
        let next = words.get(place.saturating_add(1));
        if *word == "--report" && next.is_none_or(|next| next.starts_with('-')) {
            all.push(REPORT);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_without_a_folder_goes_to_the_documentation() {
        assert_eq!(with_folder(&["--report"]), ["--report", REPORT]);
        assert_eq!(with_folder(&["--report", "--quick"]), ["--report", REPORT, "--quick"]);
        assert_eq!(
            with_folder(&["--report", "there", "--json"]),
            ["--report", "there", "--json"]
        );
        assert_eq!(with_folder(&["--report=there"]), ["--report=there"]);
    }
}
