//! `countersign bank`: the simulated bank by itself.

use crate::args::Bank as Args;
use crate::data_dir::DataDir;
use crate::serve::until_told;
use crate::{Outcome, output};
use channels::sandbox::{Bank, BankConfig, Faults, RunningBank};
use std::net::SocketAddr;
use std::process::ExitCode;

pub(crate) async fn run(args: Args) -> Outcome {
    let dir = DataDir::at(args.data, None)?;
    let bank = start(&dir, args.listen, args.seed, args.fee_minor).await?;
    output::line(&format!(
        "simulated bank at {}; its token is {}",
        bank.url(),
        dir.root.join("bank.token").display()
    ));
    until_told().await;
    bank.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

/// Starts a bank whose book and token are in a data directory.
pub(crate) async fn start(
    dir: &DataDir,
    listen: SocketAddr,
    seed: u64,
    fee_minor: i64,
) -> Result<RunningBank, Box<dyn std::error::Error>> {
    let config = BankConfig {
        dir: dir.root.join("bank"),
        listen,
        token: dir.bank_token()?,
        seed,
        fee_minor,
        faults: Faults::default(),
    };
    Ok(Bank::start(config).await?)
}
