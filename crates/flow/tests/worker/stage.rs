//! A house with a bank that does what the test says, and what tests ask of both.

use crate::bank::Bank;
use flow::approve::Approve;
use flow::authenticate::{Idempotency, idempotency};
use formats::pain001_writer::{self, OrderedPayment};
use payment::state::{State, StateName};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use store::exceptions::Exception;
use store::scope::Page;
use testkit::database::Database;
use testkit::house::House;
use testkit::transfers::transfer;
use vocab::context::{Ctx, World};
use vocab::exchange::Channel;
use vocab::id::PaymentId;
use vocab::time::{Date, Timestamp};
use vocab::transfer::CreditTransfer;

/// The bank's opening balance of the house's account in the statements of tests.
pub(crate) const OPENING: i64 = 10_000_000;

/// The day of execution of the house's transfers.
pub(crate) const DAY: Date = Date::constant(2026, 11, 24);
/// The days after it.
pub(crate) const NEXT: Date = Date::constant(2026, 11, 25);
/// Two days after it.
pub(crate) const THIRD: Date = Date::constant(2026, 11, 26);

pub(crate) struct Stage {
    pub(crate) house: House,
    pub(crate) bank: Arc<Bank>,
    pub(crate) database: Database,
    others: Mutex<Vec<flow::Platform>>,
    /// Whether the test has written to the database itself.
    pub(crate) tampered: AtomicBool,
}

impl Stage {
    pub(crate) async fn on(database: Database) -> Self {
        let bank = Bank::new();
        let channel: Arc<dyn Channel> = Arc::<Bank>::clone(&bank);
        let house = House::build(&database, vec![channel]).await;
        Self {
            house,
            bank,
            database,
            others: Mutex::default(),
            tampered: AtomicBool::new(false),
        }
    }

    /// Another server on the same database, with the same bank and clock.
    pub(crate) async fn another_server(&self) -> flow::Platform {
        let channel: Arc<dyn Channel> = Arc::<Bank>::clone(&self.bank);
        let platform = testkit::house::platform(&self.database, &self.house.clock, vec![channel]).await;
        self.others.lock().unwrap().push(platform.clone());
        platform
    }

    /// Whatever happened through the platform must be as it was recorded. Then gives the connections back: PostgreSQL has no end of
    /// databases, but of connections.
    pub(crate) async fn end(self) {
        if !self.tampered.into_inner() {
            let report = flow::check::check(&self.house.platform).await.unwrap();
            assert_eq!(report.problems, []);
        }
        let others = self.others.into_inner().unwrap();
        for platform in others.into_iter().chain([self.house.platform]) {
            platform.store().close().await;
        }
    }

    pub(crate) fn once(&self, ctx: Ctx, operation: &str, key: &str) -> Idempotency {
        idempotency(
            &self.house.platform,
            ctx.organization,
            ctx.world,
            ctx.actor,
            operation,
            key,
            b"",
        )
    }

    /// Submits a transfer.
    pub(crate) async fn submit(&self, transfer: CreditTransfer) -> PaymentId {
        let ctx = self.house.as_client();
        let key = transfer.end_to_end_id.to_string();
        let once = self.once(ctx, "payments", &key);
        flow::intake::submit(&self.house.platform, ctx, transfer, once, None)
            .await
            .unwrap()
            .payment
    }

    /// A member, 0 to 2, approves the payment as it stands.
    pub(crate) async fn approve(&self, payment: PaymentId, member: usize) -> StateName {
        let ctx = self.house.as_member(member);
        let view = flow::view::payment(&self.house.platform, ctx, payment).await.unwrap();
        let content_hash = flow::content::digest(&flow::content::canonical(&view.transfer).unwrap());
        let key = self.house.member_keys[member];
        let request = Approve {
            payment,
            content_hash,
            approved: true,
            note: String::new(),
            key,
        };
        let once = self.once(ctx, "approve", &format!("{payment} {content_hash:?}"));
        flow::approve::approve(&self.house.platform, ctx, request, once)
            .await
            .unwrap()
            .state
    }

    /// Submits and approves the payment with this number.
    pub(crate) async fn pay(&self, number: u32, minor: i64) -> PaymentId {
        let payment = self.submit(transfer(number, minor)).await;
        assert_eq!(self.approve(payment, 0).await, StateName::Queued);
        payment
    }

    /// Submits and approves a file of payments that want to be booked together.
    pub(crate) async fn pay_batch(&self, transfers: &[CreditTransfer]) -> Vec<PaymentId> {
        let payments: Vec<OrderedPayment<'_>> = transfers
            .iter()
            .enumerate()
            .map(|(number, transfer)| OrderedPayment {
                instruction_id: format!("I{number}").parse().unwrap(),
                transfer,
            })
            .collect();
        let order = pain001_writer::Order {
            message_id: "FILE-1".parse().unwrap(),
            created_at: Timestamp::from_seconds(testkit::house::BEGIN),
            initiating_party: "House",
            payment_information_id: "FILE-1-1".parse().unwrap(),
            payments: &payments,
        };
        let upload = flow::upload::Upload {
            bytes: pain001_writer::write(&order).unwrap(),
            partial: false,
        };
        let ctx = self.house.as_client();
        let once = self.once(ctx, "batches", "file");
        let uploaded = flow::upload::submit_batch(&self.house.platform, ctx, upload, once)
            .await
            .unwrap();
        let batch = flow::view::batch(&self.house.platform, ctx, uploaded.batch, 0, 100)
            .await
            .unwrap();
        let payments: Vec<PaymentId> = batch
            .payments
            .iter()
            .filter_map(|(payment, _)| payment.payment)
            .collect();
        for payment in &payments {
            self.approve(*payment, 0).await;
        }
        payments
    }

    /// Works until nothing is due.
    pub(crate) async fn work(&self) -> usize {
        flow::worker::run_until_idle(&self.house.platform, World::Test, 10_000)
            .await
            .unwrap()
    }

    /// Lets time pass and works, second by second at first, so that every retry has its turn.
    pub(crate) async fn later(&self, seconds: i64) {
        self.house.clock.advance_seconds(seconds);
        self.work().await;
    }

    pub(crate) async fn state(&self, payment: PaymentId) -> State {
        flow::view::payment(&self.house.platform, self.house.as_client(), payment)
            .await
            .unwrap()
            .state
    }

    pub(crate) async fn name(&self, payment: PaymentId) -> StateName {
        self.state(payment).await.name()
    }

    /// Balances of the ledger by account, those that are zero left out; the bank account is called `bank`.
    pub(crate) async fn books(&self) -> BTreeMap<String, i64> {
        let balances = flow::view::balances(&self.house.platform, self.house.as_client(), None)
            .await
            .unwrap();
        assert_eq!(
            balances.iter().map(|balance| balance.amount.minor()).sum::<i64>(),
            0,
            "{balances:?}"
        );
        let named = balances.into_iter().map(|balance| {
            let name = balance.account.split(':').next().unwrap().to_owned();
            (name, balance.amount.minor())
        });
        named.filter(|(_, minor)| *minor != 0).collect()
    }

    /// What is reserved on the account.
    pub(crate) async fn held(&self) -> i64 {
        let view = flow::view::account(&self.house.platform, self.house.as_client(), self.house.account).await;
        view.unwrap().held.minor()
    }

    /// The open exceptions, newest first.
    pub(crate) async fn exceptions(&self) -> Vec<Exception> {
        let page = Page {
            before: None,
            limit: 500,
        };
        flow::view::exceptions(&self.house.platform, self.house.as_client(), true, page)
            .await
            .unwrap()
    }

    /// The codes of the open exceptions, oldest first.
    pub(crate) async fn codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = self
            .exceptions()
            .await
            .into_iter()
            .map(|exception| exception.code)
            .collect();
        codes.reverse();
        codes
    }

    /// The kinds of a payment's events, oldest first.
    pub(crate) async fn timeline(&self, payment: PaymentId) -> Vec<String> {
        let detail = flow::view::payment_detail(&self.house.platform, self.house.as_client(), payment)
            .await
            .unwrap();
        detail.timeline.into_iter().map(|event| event.kind).collect()
    }

    /// The one order that the bank has received.
    pub(crate) fn only_order(&self) -> String {
        let received = self.bank.received();
        let orders: Vec<_> = received
            .iter()
            .filter(|received| received.reference.starts_with("ord-"))
            .collect();
        assert_eq!(orders.len(), 1);
        orders[0].reference.clone()
    }
}

/// Our reference of a payment at a bank.
pub(crate) fn reference(payment: PaymentId) -> String {
    payment.to_string().replace('_', "-")
}

/// Runs a body on every engine that is there.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($stage:ident: Stage) $body:block)+) => {$(
        $(#[$meta])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            for database in testkit::database::Database::all() {
                let $stage = $crate::stage::Stage::on(database).await;
                $body
                $stage.end().await;
            }
        }
    )+};
}

pub(crate) use on_both_engines;
