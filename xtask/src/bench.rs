//! `cargo xtask bench`: the measuring program, always as a release build, with a PostgreSQL of its own beside it.

use crate::{needs, process};
use cluster::Cluster;

/// Builds and starts the bench crate with the words that follow the verb. Unless these name a server, one is started, and
/// without an installed PostgreSQL the measurements that need it are left out.
pub(crate) fn run(words: &[&str]) -> Result<bool, String> {
    let root = process::root()?;
    let mut bench = process::cargo(&root);
    bench
        .args(["run", "--quiet", "--release", "-p", "bench", "--"])
        .args(words);
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
