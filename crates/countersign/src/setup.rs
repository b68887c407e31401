//! `countersign setup`: an organization that can pay, with keys in files.

use crate::args::Setup;
use crate::data_dir::DataDir;
use crate::system::random;
use crate::{Outcome, output, wire};
use flow::Platform;
use signing::key::SigningKey;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use vocab::account::AccountNumber;
use vocab::context::{Actor, Ctx, World};
use vocab::exchange::Channel;
use vocab::id::OrganizationId;
use vocab::money::Currency;

type Failure = Box<dyn std::error::Error>;

/// Name of the channel to the simulated bank.
pub(crate) const SANDBOX: &str = "sandbox";

pub(crate) async fn run(args: Setup) -> Outcome {
    let dir = DataDir::open(&args.place)?;
    let mut channels: Vec<Arc<dyn Channel>> = Vec::new();
    match (&args.bank, args.account.is_empty()) {
        (Some(url), _) => channels.push(wire::sandbox(&dir, url).await?),
        (None, true) => {}
        (None, false) => return Err("accounts need a bank; name the simulated one with --bank URL".into()),
    }
    let accounts = args
        .account
        .iter()
        .map(|text| account(text))
        .collect::<Result<Vec<_>, _>>()?;
    let platform = wire::platform(&dir, args.place.database.clone(), channels).await?;
    let wanted = Wanted {
        organization: &args.organization,
        approvers: args.approver.iter().map(String::as_str).collect(),
        client: &args.client,
        policy: &args.policy.replace(';', "\n"),
    };
    let made = Made::make(&platform, &dir, &wanted).await?;
    for (number, currency, holder) in accounts {
        flow::setup::account(&platform, made.ctx(&platform), number, currency, &holder, SANDBOX)
            .await
            .map_err(detail)?;
    }
    output::line(&format!("organization {} ({})", args.organization, made.organization));
    for path in made.approver_keys.iter().chain([&made.client_key]) {
        output::line(&format!("key file {}", path.display()));
    }
    platform.store().close().await;
    Ok(ExitCode::SUCCESS)
}

/// What to make.
pub(crate) struct Wanted<'a> {
    pub(crate) organization: &'a str,
    pub(crate) approvers: Vec<&'a str>,
    pub(crate) client: &'a str,
    pub(crate) policy: &'a str,
}

/// What was made.
pub(crate) struct Made {
    pub(crate) organization: OrganizationId,
    pub(crate) approver_keys: Vec<PathBuf>,
    pub(crate) client_key: PathBuf,
}

impl Made {
    /// Makes an organization of the test world with its people, application, keys and policy.
    pub(crate) async fn make(platform: &Platform, dir: &DataDir, wanted: &Wanted<'_>) -> Result<Self, Failure> {
        let organization = flow::setup::organization(platform, World::Test, wanted.organization)
            .await
            .map_err(detail)?;
        let ctx = platform.ctx(organization, World::Test, Actor::System);
        let mut approver_keys = Vec::new();
        for name in &wanted.approvers {
            let member = flow::setup::member(platform, ctx, name, true).await.map_err(detail)?;
            approver_keys.push(key(platform, dir, ctx, Actor::Member(member), name).await?);
        }
        let client = flow::setup::client(platform, ctx, wanted.client)
            .await
            .map_err(detail)?;
        let client_key = key(platform, dir, ctx, Actor::Client(client), wanted.client).await?;
        flow::setup::approval_policy(platform, ctx, wanted.policy)
            .await
            .map_err(detail)?;
        Ok(Self {
            organization,
            approver_keys,
            client_key,
        })
    }

    pub(crate) fn ctx(&self, platform: &Platform) -> Ctx {
        platform.ctx(self.organization, World::Test, Actor::System)
    }
}

/// Makes a key, registers its public half and writes the private one to a file of its own.
async fn key(platform: &Platform, dir: &DataDir, ctx: Ctx, holder: Actor, name: &str) -> Result<PathBuf, Failure> {
    let key = SigningKey::from_seed(&random())?;
    let id = flow::setup::key(platform, ctx, holder, &key.public_text())
        .await
        .map_err(detail)?;
    let file: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    Ok(dir.write_signing_key(&format!("{file}-{id}"), &id.to_string(), &key)?)
}

/// Reads `NUMBER:CURRENCY:HOLDER`.
fn account(text: &str) -> Result<(AccountNumber, Currency, String), String> {
    let wrong =
        || "an account is written as NUMBER:CURRENCY:HOLDER, for example DE89370400440532013000:EUR:Aurora".to_owned();
    let mut parts = text.splitn(3, ':');
    let (Some(number), Some(currency), Some(holder)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(wrong());
    };
    let number = AccountNumber::guess(number).map_err(|error| error.to_string())?;
    let currency = Currency::from_code(currency).ok_or_else(wrong)?;
    Ok((number, currency, holder.to_owned()))
}

/// The words of a refusal.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(crate) fn detail(error: flow::Error) -> String {
    error.refusal().detail
}
