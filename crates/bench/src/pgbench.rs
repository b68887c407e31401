//! The yardstick: pgbench's TPC-B on a PostgreSQL with its default durability, warmed up.

use crate::Failure;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// As in the design's measurements.
const SCALE: &str = "10";
const CLIENTS: &str = "16";
const THREADS: &str = "2";
/// A cold server does a third of what a warm one does.
const WARM_UP: Duration = Duration::from_secs(8);

/// Makes the tables and warms them up.
pub(crate) fn prepare(program: &Path, url: &str) -> Result<(), Failure> {
    let made = Command::new(program)
        .args(["-i", "-q", "-s", SCALE, url])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !made.success() {
        return Err("pgbench could not make its tables".into());
    }
    measure(program, url, WARM_UP).map(drop)
}

/// Transactions per second.
pub(crate) fn measure(program: &Path, url: &str, span: Duration) -> Result<u64, Failure> {
    let seconds = span.as_secs().max(1).to_string();
    let output = Command::new(program)
        .args([
            "-n", "-c", CLIENTS, "-j", THREADS, "-M", "prepared", "-T", &seconds, url,
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    rate(&text).ok_or_else(|| "pgbench did not say how fast it was".into())
}

/// `tps = 6789.123456 (without initial connection time)`
fn rate(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with("tps = "))?;
    line.strip_prefix("tps = ")?.split(['.', ' ']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_from_what_pgbench_says() {
        let said = "number of failed transactions: 0 (0.000%)\ntps = 6789.123456 (without initial connection time)\n";
        assert_eq!(rate(said), Some(6789));
        assert_eq!(rate("pgbench: error"), None);
    }
}
