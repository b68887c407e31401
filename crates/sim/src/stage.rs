//! The stage: servers on one database, banks, people and an application, and a clock that stands still until it is moved.
//!
//! One thing happens at a time. What a server does goes on until it is done, hangs in a call to a bank or stalls before a transaction;
//! then something else may happen in between. So a run is a function of its plan.

mod asking;
mod server;
mod settling;

pub use settling::ALL;

use crate::action::{Action, Form};
use crate::bank::{Bank, NAMES};
use crate::hook::{Held, Signal};
use crate::model::{InForce, Model};
use crate::people::{eur, name, own_account, signer};
use crate::plan::Setting;
use crate::planted::Bug;
use flow::{Error, Platform};
use server::Server;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use store::{MIGRATIONS, Store, StoreConfig};
use tempfile::TempDir;
use testkit::house::BEGIN;
use testkit::time::TestClock;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use vocab::context::{Actor, Ctx, World};
use vocab::id::{AccountId, ClientId, KeyId, MemberId, OrganizationId};
use vocab::time::Timestamp;

/// Who and what the house consists of.
#[derive(Debug, Default)]
pub struct House {
    pub organization: Option<OrganizationId>,
    pub client: Option<ClientId>,
    pub members: Vec<MemberId>,
    /// Of the client and then of the members.
    pub keys: Vec<KeyId>,
    pub accounts: Vec<AccountId>,
}

/// The stage.
pub struct Stage {
    pub setting: Setting,
    pub bug: Option<Bug>,
    dir: TempDir,
    pub clock: Arc<TestClock>,
    elapsed: Arc<AtomicI64>,
    pub banks: Vec<Arc<Mutex<Bank>>>,
    servers: Vec<Server>,
    pub house: House,
    pub model: Model,
    pub trace: Vec<String>,
    /// Sums of unexplained lines, by bank.
    pub suspense: Vec<i64>,
    signal: Signal,
    signals: UnboundedReceiver<Held>,
}

/// An empty database, made once.
fn template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let dir = directory();
        let path = dir.path().join("template.db");
        let url = format!("sqlite:{}", path.display());
        let store = Store::open(StoreConfig::new(url, MIGRATIONS)).expect("a database");
        store.close_blocking();
        drop(store);
        std::fs::read(path).expect("a database file")
    })
}

/// Memory if there is a place for files in it: what is durable is tested elsewhere, here it is about the order of things.
fn directory() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a temporary directory")
}

impl Stage {
    /// Sets the stage.
    pub async fn new(setting: &Setting, bug: Option<Bug>) -> Self {
        let dir = directory();
        std::fs::write(dir.path().join("countersign.db"), template()).expect("a database file");
        let begin = Timestamp::from_seconds(BEGIN);
        let (signal, signals) = unbounded_channel();
        let banks = setting.banks.iter().enumerate();
        let banks = banks.map(|(place, nature)| Arc::new(Mutex::new(Bank::new(place + 1, *nature, begin))));
        let mut stage = Self {
            setting: setting.clone(),
            bug,
            dir,
            clock: Arc::new(TestClock::at(begin)),
            elapsed: Arc::default(),
            banks: banks.collect(),
            servers: Vec::new(),
            house: House::default(),
            model: Model::default(),
            trace: Vec::new(),
            suspense: Vec::new(),
            signal,
            signals,
        };
        for number in 1..=setting.servers {
            let server = stage.start(number, 1).await;
            stage.servers.push(server);
        }
        stage.furnish().await.expect("a house");
        stage
    }

    async fn furnish(&mut self) -> Result<(), Error> {
        let platform = self.servers[0].platform.clone().expect("a server");
        let world = self.setting.world;
        let organization = flow::setup::organization(&platform, world, "House").await?;
        self.house.organization = Some(organization);
        let ctx = platform.ctx(organization, world, Actor::System);
        let client = flow::setup::client(&platform, ctx, "ERP").await?;
        self.house.client = Some(client);
        let mut holders = vec![Actor::Client(client)];
        for number in 1..=self.setting.members {
            let may_approve = number <= self.setting.approvers;
            let member = flow::setup::member(&platform, ctx, &name("Member", number), may_approve).await?;
            self.house.members.push(member);
            holders.push(Actor::Member(member));
        }
        for (number, holder) in holders.into_iter().enumerate() {
            let key = flow::setup::key(&platform, ctx, holder, &signer(number).public_text()).await?;
            self.house.keys.push(key);
        }
        let policy = self.setting.policy.replace("; ", "\n");
        flow::setup::approval_policy(&platform, ctx, &policy).await?;
        self.model.policies.push(InForce {
            text: self.setting.policy.clone(),
            step: 0,
            certain: true,
            number: 0,
        });
        for (place, channel) in NAMES.into_iter().enumerate().take(self.setting.banks.len()) {
            let (number, holder) = (own_account(place + 1), name("House", 0));
            let account = flow::setup::account(&platform, ctx, number, eur(), &holder, channel).await?;
            self.house.accounts.push(account);
        }
        Ok(())
    }

    /// The tenant.
    pub fn organization(&self) -> OrganizationId {
        self.house.organization.expect("a house")
    }

    /// For looking at things from outside.
    pub fn ctx(&self, platform: &Platform) -> Ctx {
        platform.ctx(self.organization(), self.setting.world, Actor::System)
    }

    /// The first server, which lives.
    pub fn platform(&self) -> Platform {
        self.servers[0].platform.clone().expect("a server")
    }

    /// Where the database is.
    pub fn file(&self) -> PathBuf {
        self.dir.path().join("countersign.db")
    }

    /// Seconds that have passed, whatever the clock says.
    pub fn elapsed(&self) -> i64 {
        self.elapsed.load(Ordering::Relaxed)
    }

    /// A bank, by its number.
    pub fn bank(&self, number: usize) -> std::sync::MutexGuard<'_, Bank> {
        self.banks[number - 1].lock().expect("no panic")
    }

    fn note(&mut self, line: impl Into<String>) {
        let line = line.into();
        self.trace.push(line);
    }

    /// Carries one action out.
    pub async fn act(&mut self, action: &Action) {
        self.model.step += 1;
        self.note(action.to_string());
        match action {
            Action::Ask(server, asked) => self.ask(*server, asked).await,
            Action::GoesOn(server) => self.goes_on(*server).await,
            Action::Crash(server) => {
                if self.server(*server).is_some() {
                    self.crash(*server).await;
                }
            }
            Action::Restart(server) => self.restart(*server).await,
            Action::Fault(server, after, form) => self.fault(*server, *after, *form),
            Action::Bank(bank, call, behaviour) => {
                if let Some(bank) = self.known_bank(*bank) {
                    self.bank(bank).arm(*call, *behaviour);
                }
            }
            Action::Does(bank, deed) => {
                if let Some(number) = self.known_bank(*bank) {
                    let now = self.now();
                    let mut bank = self.bank(number);
                    bank.tell_time(now);
                    bank.does(*deed);
                }
            }
            Action::Passes(seconds) => self.pass(*seconds).await,
            Action::Steps(seconds) => self.clock.advance_seconds(*seconds),
        }
    }

    fn known_bank(&self, number: usize) -> Option<usize> {
        (1..=self.banks.len()).contains(&number).then_some(number)
    }

    fn fault(&mut self, server: usize, after: u64, form: Form) {
        if let Some(server) = self.server(server) {
            server.hook.arm(after, form);
        }
    }

    /// What time it is at the banks: that of the house's world.
    fn now(&self) -> Timestamp {
        let platform = self.servers.iter().find_map(|server| server.platform.as_ref());
        platform.map_or(Timestamp::from_seconds(BEGIN), |platform| {
            platform.now(self.setting.world)
        })
    }

    /// Time passes: for everybody, or, where days pass in the test world, there.
    async fn pass(&mut self, seconds: i64) {
        const DAY: i64 = 86_400;
        if self.setting.world == World::Test && seconds >= DAY {
            self.ask_clock(seconds).await;
        } else {
            self.elapsed.fetch_add(seconds, Ordering::Relaxed);
            self.clock.advance_seconds(seconds);
        }
    }

    /// Whether calls to banks hang or servers stall.
    pub fn anything_hangs(&self) -> bool {
        self.servers.iter().any(|server| !server.pending.is_empty())
    }

    /// Which servers have something hanging.
    pub fn hanging(&self) -> Vec<usize> {
        let hanging = self.servers.iter().filter(|server| !server.pending.is_empty());
        hanging.map(|server| server.number).collect()
    }

    /// Writing transactions of all servers so far.
    pub fn commits(&self, server: usize) -> u64 {
        self.servers[server - 1].hook.commits()
    }
}
