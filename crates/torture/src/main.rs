//! The program behind `cargo xtask torture`: reads what it is told, runs, prints what was found. Exit code 1 when something was.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool talks to its user through standard output"
)]

use clap::Parser;
use std::process::ExitCode;
use torture::args::Args;

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            println!("torture: the asynchronous runtime does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut say = |line: &str| println!("{line}");
    match runtime.block_on(torture::run(&args, &mut say)) {
        Ok(report) => {
            print!("{report}");
            if args.json {
                println!("{}", report.json());
            }
            if report.good() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            println!("torture: {error}");
            ExitCode::FAILURE
        }
    }
}
