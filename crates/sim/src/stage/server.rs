//! The lives of servers: how one starts, how it vanishes, and what is under way in it.

use super::Stage;
use crate::bank::{NAMES, Way};
use crate::hook::{Held, Hook};
use crate::planted::Bug;
use crate::requests::Task;
use evidence::key::SignerKey;
use flow::Platform;
use flow::platform::{Clock, PlatformConfig};
use keys::Keyring;
use std::collections::VecDeque;
use std::sync::Arc;
use store::{Faults, MIGRATIONS, Store, StoreConfig};
use testkit::time::{SeededBytes, TestClock};
use vocab::context::World;
use vocab::exchange::Channel;
use vocab::secret::Secret;

/// Something that is held up.
pub(super) struct Pending {
    pub(super) held: Held,
    pub(super) task: Task,
    /// The step in which it began.
    pub(super) since: usize,
}

/// A server.
pub(super) struct Server {
    pub(super) number: usize,
    /// Which life this is.
    pub(super) life: u64,
    pub(super) platform: Option<Platform>,
    pub(super) hook: Arc<Hook>,
    pub(super) pending: VecDeque<Pending>,
}

impl Server {
    /// Whether its writer is held up.
    pub(super) fn stalls(&self) -> bool {
        self.pending.iter().any(|pending| pending.held.stalls)
    }
}

/// The key of the log.
fn log_key() -> SignerKey {
    SignerKey::from_seed("log.sim.example", &[9; 32]).expect("a key")
}

impl Stage {
    /// A server, if there is one with this number.
    pub(super) fn server(&mut self, number: usize) -> Option<&mut Server> {
        self.servers.get_mut(number.checked_sub(1)?)
    }

    /// Starts a life of a server.
    pub(super) async fn start(&mut self, number: usize, life: u64) -> Server {
        let hook = Hook::new(self.signal.clone(), self.bug);
        let faults: Arc<dyn Faults> = Arc::<Hook>::clone(&hook);
        let config = StoreConfig {
            readers: 1,
            ..StoreConfig::new(format!("sqlite:{}", self.file().display()), MIGRATIONS)
        };
        let store = Store::open_with(config, faults).expect("the database opens");
        let channels = (0..self.banks.len()).map(|place| -> Arc<dyn Channel> {
            Arc::new(Way {
                name: NAMES[place],
                bank: Arc::clone(&self.banks[place]),
                simulated: self.setting.world == World::Test,
                server: number,
                hook: Arc::clone(&hook),
                signal: self.signal.clone(),
                elapsed: Arc::clone(&self.elapsed),
                bug: self.bug,
            })
        });
        let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(&self.clock);
        let seed = self.setting.seed ^ (number as u64) << 48 ^ life << 32;
        let log_key = log_key();
        let config = PlatformConfig {
            store,
            keyring: Keyring::from_master(&Secret::new(vec![7; 32])).expect("keys"),
            log_verifier: log_key.verifier().clone(),
            log_key,
            channels: channels.collect(),
            clock,
            entropy: Arc::new(SeededBytes::new(seed)),
        };
        let platform = Platform::start(config).await.expect("the platform starts");
        Server {
            number,
            life,
            platform: Some(platform),
            hook,
            pending: VecDeque::new(),
        }
    }

    /// A server vanishes, with everything that is under way in it, and another takes its place.
    pub(super) async fn crash(&mut self, number: usize) {
        let server = &mut self.servers[number - 1];
        server.hook.die();
        for pending in server.pending.drain(..) {
            pending.held.release();
            drop(pending.task);
        }
        if let Some(platform) = server.platform.take() {
            platform.store().close_blocking();
        }
        let life = server.life + 1;
        for travelled in self.model.travelled.values_mut() {
            if travelled.under_way == Some(number) {
                travelled.under_way = None;
            }
        }
        self.sabotage();
        let server = self.start(number, life).await;
        self.servers[number - 1] = server;
    }

    /// A server is stopped in order, unless something is under way in it, and started again.
    pub(super) async fn restart(&mut self, number: usize) {
        let Some(server) = self.server(number) else { return };
        if !server.pending.is_empty() {
            return;
        }
        if let Some(platform) = server.platform.take() {
            platform.store().close_blocking();
        }
        let life = server.life + 1;
        let server = self.start(number, life).await;
        self.servers[number - 1] = server;
    }

    /// What bugs about durability leave behind.
    fn sabotage(&self) {
        let statement = match self.bug {
            Some(Bug::ForgetsNonces) => "DELETE FROM nonces",
            Some(Bug::ClaimApart) => "DELETE FROM idempotency WHERE at = (SELECT MAX(at) FROM idempotency)",
            _ => return,
        };
        let rows = rusqlite::Connection::open(self.file()).expect("the database file");
        rows.execute(statement, []).expect("a statement");
    }

    /// Lets a task go on until it is done or held up, and settles what came of it.
    pub(super) async fn drive(&mut self, number: usize, mut task: Task, since: usize) {
        let done = tokio::select! {
            biased;
            done = &mut task => Some(done),
            held = self.signals.recv() => {
                let held = held.expect("the stage holds a sender");
                self.servers[number - 1].pending.push_back(Pending { held, task, since });
                None
            }
        };
        let disturbed = self.servers[number - 1].hook.fired() || done.is_none();
        if disturbed {
            self.model.broken_off.push(since);
        }
        self.listen(since);
        let dead = self.servers[number - 1].hook.is_dead();
        if let Some(done) = done {
            self.settle(done, dead);
        }
        if dead {
            self.note(format!("s{number} has died"));
            self.crash(number).await;
        }
    }

    /// What was held up longest goes on.
    pub(super) async fn goes_on(&mut self, number: usize) {
        let Some(server) = self.server(number) else { return };
        // A stalled writer first: nothing else can go on before it does.
        let place = server
            .pending
            .iter()
            .position(|pending| pending.held.stalls)
            .unwrap_or(0);
        let Some(Pending { held, task, since }) = server.pending.remove(place) else {
            return;
        };
        held.release();
        self.drive(number, task, since).await;
    }

    /// Ends all servers.
    pub fn close(&mut self) {
        for server in &mut self.servers {
            server.hook.die();
            for pending in server.pending.drain(..) {
                pending.held.release();
            }
            if let Some(platform) = server.platform.take() {
                platform.store().close_blocking();
            }
        }
    }
}
