//! The workbench: everything a contributor or CI runs, as verbs of `cargo xtask`.
//!
//! This file is the table of contents; each verb has a file of its own. CI runs the same verbs as a
//! developer at a desk; the only difference is that there a missing tool is a failure.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool talks to its user through standard output"
)]

mod bench;
mod ci;
mod fuzz;
mod golden;
mod needs;
mod process;
mod report;
mod sim;
mod source;
mod test;
mod tidy;
mod torture;
mod tree;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <verb>

  test [--quick]                   everything a change must pass; --quick leaves out fuzzing, crashes and the browser
  ci                               the same as `test`, where a missing tool is a failure
  tidy                             the house rules that a program can check
  golden [--check]                 writes the committed generated files anew, or compares them
  bench [--quick] [--json] [--grow N,...] [--report [DIR]]
                                   measures speed as ratios against yardsticks of the same run (docs/performance.md)
  fuzz [--seconds N] [TARGET]      feeds the parsers with generated input, 60 seconds a target if not told otherwise
  sim --seeds N [--seed S] [--minutes M] [--jobs J] [--json] [--bugs]
                                   simulated runs with faults, judged by an oracle; see docs/simulator.md
  torture [--kills N] [--engine sqlite|postgres|both] [--seed S] [--minutes M] [--only FAULT] [--json]
                                   kills, cuts and fills under load, with the real binary; see docs/torture.md
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.split_first() {
        Some((&"test", rest)) => test::run(rest),
        Some((&"bench", rest)) => bench::run(rest),
        Some((&"ci", rest)) => ci::run(rest),
        Some((&"tidy", rest)) => tidy::run(rest),
        Some((&"golden", rest)) => golden::run(rest),
        Some((&"fuzz", rest)) => fuzz::run(rest),
        Some((&"sim", rest)) => sim::run(rest),
        Some((&"torture", rest)) => torture::run(rest),
        None | Some((&("help" | "--help" | "-h"), _)) => {
            print!("{HELP}");
            Ok(true)
        }
        Some((verb, _)) => Err(format!("there is no verb `{verb}`; `cargo xtask help` lists them")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            println!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
