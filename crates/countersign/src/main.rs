//! The binary: reads the command line and puts the platform together. No rule of the trade lives here.

mod access;
mod api;
mod args;
mod backup;
mod bank;
mod client;
mod clock;
mod console_link;
mod data_dir;
mod demo;
mod explain;
mod log_check;
mod output;
mod serve;
mod setup;
mod setup_link;
mod system;
mod verify;
mod wire;

use args::{AccessCommand, Args, Command, LogCommand};
use clap::Parser;
use std::process::ExitCode;

/// A request is made on one thread and ends on another; the system's allocator spends a tenth of the processor on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    system::trace(&args);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::failure(&format!("the asynchronous runtime does not start: {error}")),
    };
    let done = runtime.block_on(run(args.command));
    match done {
        Ok(code) => code,
        Err(error) => output::failure(&error.to_string()),
    }
}

/// What went wrong, in one sentence for the person at the terminal.
type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

async fn run(command: Command) -> Outcome {
    match command {
        Command::Demo(demo) => demo::run(demo).await,
        Command::Serve(serve) => serve::run(serve).await,
        Command::Setup(setup) => setup::run(setup).await,
        Command::Bank(bank) => bank::run(bank).await,
        Command::Api(api) => api::run(api).await,
        Command::Clock(clock) => clock::run(clock).await,
        Command::ConsoleLink(link) => console_link::run(link).await,
        Command::SetupLink(link) => setup_link::run(link).await,
        Command::Recover(recover) => setup_link::recover(recover).await,
        Command::Access(AccessCommand::Explain(explain)) => access::explain(explain).await,
        Command::Verify(verify) => verify::run(&verify),
        Command::Log(LogCommand::Check(check)) => log_check::run(check).await,
        Command::Backup(backup) => backup::run(backup).await,
        Command::Explain { code } => explain::run(code.as_deref()),
        Command::Openapi => {
            output::line(&edge::openapi());
            Ok(ExitCode::SUCCESS)
        }
    }
}
