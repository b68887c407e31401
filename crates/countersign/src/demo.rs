//! `countersign demo`: a payment file travels the whole journey on this machine, through the real API, and comes out proven and
//! reconciled.

mod file;
mod story;
mod summary;

use crate::args::Demo;
use crate::client::{Body, Client};
use crate::data_dir::DataDir;
use crate::serve::{Server, until_told};
use crate::setup::{Made, SANDBOX, Wanted, detail};
use crate::system::{SystemClock, hex, random};
use crate::verify::KEY_FILE;
use crate::{Outcome, bank, output, wire};
use channels::sandbox::SandboxChannel;
use file::PaymentFile;
use flow::Platform;
use flow::platform::Clock;
use payment::state::{State, StateName};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use story::Story;
use vocab::context::{Ctx, World};
use vocab::exchange::Channel;
use vocab::id::{BatchId, PaymentId};
use vocab::limits;
use vocab::time::Timestamp;

type Failure = Box<dyn std::error::Error>;

/// Days after the last execution date on which the demo ends: returns come after two days, weekends in between.
const DAYS_AFTER: i64 = 6;
/// The policy of the demo's organization.
const POLICY: &str = "any needs 1\nEUR >= 50000.00 needs 2\nUSD >= 50000.00 needs 2\nGBP >= 50000.00 needs 2\n\
                      CHF >= 50000.00 needs 2\nJPY >= 5000000 needs 2\n";

pub(crate) async fn run(args: Demo) -> Outcome {
    let file = PaymentFile::read(args.file.as_deref())?;
    let story = Story::new(args.json);
    let root = args
        .data
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("countersign-demo-{}", hex(&random::<4>()))));
    let dir = DataDir::at(root, None)?;
    // On PostgreSQL without a directory of its own, the demo works in a schema that goes away with it.
    let scratch = match (&args.database, &args.data) {
        (Some(url), None) if url.starts_with("postgres") => Some(store::Scratch::create(
            url,
            &format!("countersign_demo_{}", hex(&random::<4>())),
        )?),
        _ => None,
    };
    let database = scratch
        .as_ref()
        .map(|scratch| scratch.url().to_owned())
        .or(args.database);

    let bank = bank::start(&dir, "127.0.0.1:0".parse()?, args.seed, 0).await?;
    let channel = wire::sandbox(&dir, &bank.url()).await?;
    let way: Arc<dyn Channel> = Arc::<SandboxChannel>::clone(&channel);
    let platform = wire::platform(&dir, database, vec![way]).await?;
    let server = Server::start(platform.clone(), args.listen, &dir.certificate()?, Vec::new(), None).await?;
    let url = format!("https://{}", server.address);
    story.platform(&url, platform.store().engine_name(), &bank.url(), &dir);

    let journey = Journey {
        platform: &platform,
        dir: &dir,
        channel,
        story: &story,
        file: &file,
        url: &url,
    };
    let outcome = journey.travel().await;
    if let Ok(ended) = &outcome {
        if args.json {
            output::line(&summary::summary(&platform, ended).await?.to_string());
        }
        if !args.exit {
            let link = flow::console::link(&platform, ended.ctx.organization, World::Test)
                .await
                .map_err(detail)?;
            story.serving(&url, &link, &dir, ended);
            until_told().await;
        }
    }
    server.stop().await;
    bank.shutdown().await;
    drop(scratch);
    let ended = outcome?;
    Ok(if ended.batch.is_some() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Everything the journey needs on its way.
struct Journey<'a> {
    platform: &'a Platform,
    dir: &'a DataDir,
    channel: Arc<SandboxChannel>,
    story: &'a Story,
    file: &'a PaymentFile,
    url: &'a str,
}

/// Where it ended.
pub(crate) struct Ended {
    pub(crate) ctx: Ctx,
    /// The batch; `None` when the file as a whole was refused.
    pub(crate) batch: Option<BatchId>,
    /// What was found, also when the file was refused.
    pub(crate) findings: Vec<Finding>,
    /// Receipt files by payment.
    pub(crate) receipts: Vec<(PaymentId, PathBuf)>,
    /// Key files of the people and the application.
    pub(crate) keys: Vec<PathBuf>,
}

/// A finding as the summary shows it.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: i64,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Journey<'_> {
    async fn travel(&self) -> Result<Ended, Failure> {
        let wanted = Wanted {
            organization: self.file.organization(),
            approvers: vec!["Alice", "Bruno"],
            client: "erp",
            policy: POLICY,
        };
        let made = Made::make(self.platform, self.dir, &wanted).await?;
        let begin = self.file.opening_hours().min(SystemClock.now());
        flow::clock::begin_at(self.platform, made.ctx(self.platform), begin)
            .await
            .map_err(detail)?;
        let ctx = made.ctx(self.platform);
        self.open_accounts(ctx).await?;
        let ca = self.dir.certificate()?.0;
        let client = Client::from_file(self.url, Some(&ca), &made.client_key)?;
        let approvers = made
            .approver_keys
            .iter()
            .map(|path| Client::from_file(self.url, Some(&ca), path))
            .collect::<Result<Vec<_>, _>>()?;
        self.story
            .organization(wanted.organization, POLICY, self.platform.now(World::Test));

        let keys: Vec<PathBuf> = made.approver_keys.iter().chain([&made.client_key]).cloned().collect();
        let (batch, findings) = self.submit(&client, ctx).await?;
        self.story.submitted(self.file, batch, &findings);
        let Some(batch) = batch else {
            return Ok(Ended {
                ctx,
                batch: None,
                findings,
                receipts: Vec::new(),
                keys,
            });
        };
        self.decide(&client, &approvers, ctx, batch).await?;
        self.pass_time(&client, ctx, batch).await?;
        let receipts = self.fetch_receipts(&client, ctx, batch).await?;
        let ctx = made.ctx(self.platform);
        let ended = Ended {
            ctx,
            batch: Some(batch),
            findings,
            receipts,
            keys,
        };
        self.story.journeys(self.platform, &ended).await?;
        Ok(ended)
    }

    /// Opens the accounts that the file is paid from: at the bank, with enough money, and in the platform.
    async fn open_accounts(&self, ctx: Ctx) -> Result<(), Failure> {
        for account in self.file.accounts()? {
            let (channel, at) = (Arc::clone(&self.channel), account.clone());
            tokio::task::spawn_blocking(move || channel.open_account(&at.number, &at.holder, at.money, ctx.now))
                .await??;
            let currency = account.money.currency();
            flow::setup::account(self.platform, ctx, account.number, currency, &account.holder, SANDBOX)
                .await
                .map_err(detail)?;
        }
        Ok(())
    }

    async fn submit(&self, client: &Client, ctx: Ctx) -> Result<(Option<BatchId>, Vec<Finding>), Failure> {
        let body = Body {
            content_type: self.file.content_type(),
            bytes: self.file.bytes().to_vec(),
        };
        let reply = client
            .send("POST", "/v1/batches?partial=true", Some(body), None)
            .await?;
        if reply.status == 422 {
            return Ok((None, summary::findings_of_refusal(&reply.body)));
        }
        let answer = reply.json()?;
        let id: BatchId = answer
            .get("id")
            .and_then(|id| id.as_str())
            .ok_or("an upload without a batch id")?
            .parse()?;
        let found = flow::view::findings(self.platform, ctx, id, 0, limits::BATCH_PAYMENTS_MAX * 2);
        let findings = found
            .await
            .map_err(detail)?
            .into_iter()
            .map(|finding| Finding {
                path: finding.path,
                line: finding.line,
                code: finding.code,
                message: finding.message,
            })
            .collect();
        Ok((Some(id), findings))
    }

    /// The people decide: the suspected duplicate is withdrawn, everything else approved by as many as the policy asks.
    async fn decide(&self, client: &Client, approvers: &[Client], ctx: Ctx, batch: BatchId) -> Result<(), Failure> {
        for id in payments(self.platform, ctx, batch).await? {
            let payment = flow::view::payment(self.platform, ctx, id).await.map_err(detail)?;
            if let State::Received {
                duplicate_of: Some(earlier),
            } = payment.state
            {
                let note = json!({"note": format!("the same as {earlier}, submitted twice by mistake")});
                client
                    .json("POST", &format!("/v1/payments/{id}/cancel"), Some(note))
                    .await?;
                self.story.duplicate(&payment, earlier);
                continue;
            }
            let mut given = 0;
            for approver in approvers {
                let standing = flow::view::payment(self.platform, ctx, id).await.map_err(detail)?;
                if standing.state.name() != StateName::WaitingForApproval {
                    break;
                }
                let approval = json!({
                    "payment": id.to_string(), "content_hash": standing.content_hash, "approved": true, "note": "",
                });
                approver.json("POST", "/v1/approvals", Some(approval)).await?;
                given += 1;
            }
            self.story.approved(&payment, given);
        }
        Ok(())
    }

    /// Moves the test clock from day to day until everything has happened that will.
    async fn pass_time(&self, client: &Client, ctx: Ctx, batch: BatchId) -> Result<(), Failure> {
        self.story.passing();
        self.rest().await?;
        let last = Timestamp::at_start_of(self.file.last_day()).plus_days(DAYS_AFTER);
        let mut shown = Vec::new();
        while self.platform.now(World::Test) < last {
            let now = self.platform.now(World::Test);
            let tonight = Timestamp::at_start_of(now.date()).plus_seconds(23 * 3_600);
            let next = if now < tonight { tonight } else { tonight.plus_days(1) };
            let seconds = next.micros().saturating_sub(now.micros()).div_euclid(1_000_000).max(1);
            client
                .json("POST", "/v1/test/clock", Some(json!({"advance_seconds": seconds})))
                .await?;
            self.rest().await?;
            let states = states(self.platform, ctx, batch).await?;
            if states != shown {
                self.story.day(self.platform.now(World::Test).date(), &states);
                shown = states;
            }
        }
        Ok(())
    }

    /// Waits until the workers have nothing to do at this time of the test world.
    async fn rest(&self) -> Result<(), Failure> {
        for _ in 0..600 {
            flow::worker::run_until_idle(self.platform, World::Test, 10_000)
                .await
                .map_err(detail)?;
            if flow::worker::idle(self.platform, World::Test).await.map_err(detail)? {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("the workers did not come to rest within a minute".into())
    }

    async fn fetch_receipts(
        &self,
        client: &Client,
        ctx: Ctx,
        batch: BatchId,
    ) -> Result<Vec<(PaymentId, PathBuf)>, Failure> {
        flow::seal::seal_all(self.platform).await.map_err(detail)?;
        let directory = self.dir.root.join("receipts");
        std::fs::create_dir_all(&directory)?;
        std::fs::write(directory.join(KEY_FILE), format!("{}\n", self.platform.log_verifier()))?;
        let mut receipts = Vec::new();
        for id in payments(self.platform, ctx, batch).await? {
            let reply = client
                .send("GET", &format!("/v1/payments/{id}/receipt"), None, None)
                .await?;
            if !reply.succeeded() {
                reply.json()?;
            }
            let path = directory.join(format!("{id}.tlog-proof"));
            std::fs::write(&path, &reply.body)?;
            receipts.push((id, path));
        }
        Ok(receipts)
    }
}

/// The accepted payments of a batch in the order of the file.
pub(crate) async fn payments(platform: &Platform, ctx: Ctx, batch: BatchId) -> Result<Vec<PaymentId>, Failure> {
    let detail_of = flow::view::batch(platform, ctx, batch, 0, limits::BATCH_PAYMENTS_MAX)
        .await
        .map_err(detail)?;
    Ok(detail_of
        .payments
        .into_iter()
        .filter_map(|(payment, _)| payment.payment)
        .collect())
}

/// How many payments of a batch stand in which state.
async fn states(platform: &Platform, ctx: Ctx, batch: BatchId) -> Result<Vec<(StateName, usize)>, Failure> {
    let detail_of = flow::view::batch(platform, ctx, batch, 0, limits::BATCH_PAYMENTS_MAX)
        .await
        .map_err(detail)?;
    let standing: Vec<StateName> = detail_of.payments.into_iter().filter_map(|(_, state)| state).collect();
    let count = |state: StateName| standing.iter().filter(|one| **one == state).count();
    Ok(StateName::ALL
        .into_iter()
        .map(|state| (state, count(state)))
        .filter(|(_, count)| *count > 0)
        .collect())
}
