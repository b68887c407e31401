//! What the tests stand in: a running bank with a debtor account, a channel to it, a clock, and what the bank has said so far.

use channels::sandbox::{Bank, BankConfig, Faults, RunningBank, SandboxChannel};
use formats::camt055::{CancellationReason, CancellationRequest};
use formats::pain001_writer::{self, Order, OrderedPayment};
use formats::{camt029, camt053, camt054, camt055, pain002};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use vocab::account::AccountNumber;
use vocab::exchange::{
    BankStatus, Channel, Document, DocumentKind, Inquiry, RecallAnswer, Receipt, Statement, StatementLine, StatusReport,
};
use vocab::money::{Amount, Currency, Money};
use vocab::party::Party;
use vocab::secret::Secret;
use vocab::time::{Date, Timestamp};
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

pub(crate) const TOKEN: &[u8] = b"a token of the test";
pub(crate) const DEBTOR: &str = "DE89370400440532013000";
pub(crate) const CREDITOR: &str = "DE75512108001245126199";

/// A bank, and somebody who calls it. The test thread is not an async one, as a worker's thread is not.
pub(crate) struct World {
    pub(crate) bank: Option<RunningBank>,
    pub(crate) channel: SandboxChannel,
    pub(crate) now: Timestamp,
    cursor: i64,
    config: Settings,
    runtime: Runtime,
    dir: TempDir,
}

/// What tests vary about a bank.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) fee_minor: i64,
    pub(crate) faults: Faults,
}

/// One payment to be ordered.
#[derive(Clone)]
pub(crate) struct Pay {
    pub(crate) id: String,
    pub(crate) debtor: AccountNumber,
    pub(crate) creditor: AccountNumber,
    pub(crate) amount: Amount,
    pub(crate) on: Date,
    pub(crate) batch: bool,
}

impl World {
    /// Wednesday, 18 November 2026, 09:00 UTC, and an account with a million euros.
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(config: Settings) -> Self {
        let world = Self::without_accounts(config);
        world.open(DEBTOR, "EUR", 100_000_000);
        world
    }

    pub(crate) fn without_accounts(config: Settings) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let bank = runtime.block_on(Bank::start(bank_config(&dir, &config))).unwrap();
        let channel = SandboxChannel::new(&bank.url(), &Secret::new(TOKEN.to_vec())).unwrap();
        Self {
            bank: Some(bank),
            channel,
            now: at("2026-11-18T09:00:00Z"),
            cursor: 0,
            config,
            runtime,
            dir,
        }
    }

    /// Ends the bank, orderly or as a power cut would, and starts it again on the same book.
    pub(crate) fn restart(&mut self, orderly: bool) {
        let bank = self.bank.take().unwrap();
        if orderly {
            self.runtime.block_on(bank.shutdown())
        } else {
            drop(bank)
        }
        let bank = self
            .runtime
            .block_on(Bank::start(bank_config(&self.dir, &self.config)))
            .unwrap();
        self.channel = SandboxChannel::new(&bank.url(), &Secret::new(TOKEN.to_vec())).unwrap();
        self.bank = Some(bank);
    }

    pub(crate) fn url(&self) -> String {
        self.bank.as_ref().unwrap().url()
    }

    pub(crate) fn open(&self, account: &str, currency: &str, balance_minor: i64) {
        let balance = Money::new(balance_minor, Currency::from_code(currency).unwrap());
        self.channel
            .open_account(
                &AccountNumber::guess(account).unwrap(),
                "Example Ltd",
                balance,
                self.now,
            )
            .unwrap();
    }

    pub(crate) fn advance_to(&mut self, text: &str) {
        self.now = at(text);
    }

    pub(crate) fn send(&self, document: &Document) -> Receipt {
        self.channel.send(document, self.now)
    }

    /// Sends an order that must be accepted, and reads the first status report.
    pub(crate) fn order(&self, message_id: &str, payments: &[Pay]) -> StatusReport {
        let receipt = self.send(&order(message_id, payments));
        let Receipt::Accepted(answer) = receipt else {
            panic!("{receipt:?}")
        };
        report(&answer)
    }

    pub(crate) fn status(&self, reference: &str) -> StatusReport {
        let inquiry = self.channel.inquire(reference, self.now);
        let Inquiry::Found(document) = inquiry else {
            panic!("{inquiry:?}")
        };
        report(&document)
    }

    /// What has come since the last time.
    pub(crate) fn collect(&mut self) -> Vec<Document> {
        let mut all = Vec::new();
        loop {
            // A small page, so that several are needed.
            let collected = self.channel.collect(self.cursor, 7, self.now).unwrap();
            if collected.documents.is_empty() {
                return all;
            }
            self.cursor = collected.cursor;
            all.extend(collected.documents);
        }
    }

    /// A call of the bank besides those of the channel.
    pub(crate) fn get(&self, path: &str) -> serde_json::Value {
        let request = reqwest::blocking::Client::new().get(format!("{}{path}", self.url()));
        let request = request
            .bearer_auth(std::str::from_utf8(TOKEN).unwrap())
            .header("test-now", self.now.micros());
        let response = request.timeout(Duration::from_secs(10)).send().unwrap();
        assert_eq!(response.status(), 200, "{path}");
        serde_json::from_str(&response.text().unwrap()).unwrap()
    }
}

fn bank_config(dir: &TempDir, config: &Settings) -> BankConfig {
    BankConfig {
        dir: dir.path().to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        token: Secret::new(TOKEN.to_vec()),
        seed: config.seed,
        fee_minor: config.fee_minor,
        faults: config.faults.clone(),
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

impl Pay {
    /// A payment of euros to an ordinary account, on 18 November 2026, booked on its own.
    pub(crate) fn new(id: &str, amount: &str) -> Self {
        Self {
            id: id.to_owned(),
            debtor: AccountNumber::guess(DEBTOR).unwrap(),
            creditor: AccountNumber::guess(CREDITOR).unwrap(),
            amount: Amount::parse(amount, Currency::from_code("EUR").unwrap()).unwrap(),
            on: day("2026-11-18"),
            batch: false,
        }
    }

    pub(crate) fn to(self, creditor: &str) -> Self {
        Self {
            creditor: AccountNumber::guess(creditor).unwrap(),
            ..self
        }
    }

    pub(crate) fn from(self, debtor: &str) -> Self {
        Self {
            debtor: AccountNumber::guess(debtor).unwrap(),
            ..self
        }
    }

    pub(crate) fn on(self, text: &str) -> Self {
        Self { on: day(text), ..self }
    }

    pub(crate) fn batch(self) -> Self {
        Self { batch: true, ..self }
    }

    pub(crate) fn currency(self, code: &str) -> Self {
        let currency = Currency::from_code(code).unwrap();
        Self {
            amount: Amount::new(Money::new(self.amount.minor(), currency)).unwrap(),
            ..self
        }
    }

    fn transfer(&self) -> CreditTransfer {
        CreditTransfer {
            end_to_end_id: format!("E2E-{}", self.id).parse().unwrap(),
            uetr: None,
            debtor: Party::named("Example Ltd"),
            debtor_account: self.debtor.clone(),
            debtor_agent: Some("COBADEFFXXX".parse().unwrap()),
            creditor: Party::named("Supplier and Sons"),
            creditor_account: self.creditor.clone(),
            creditor_agent: Some("COBADEFFXXX".parse().unwrap()),
            amount: self.amount,
            execution_on: self.on,
            remittance: Remittance::Text(format!("invoice {}", self.id)),
            charges: ChargeBearer::Shared,
            service_level: None,
            category_purpose: None,
            purpose: None,
            batch_booking: self.batch,
        }
    }
}

/// An order as the platform writes it.
pub(crate) fn order(message_id: &str, payments: &[Pay]) -> Document {
    let transfers: Vec<_> = payments.iter().map(Pay::transfer).collect();
    let payments: Vec<_> = payments
        .iter()
        .zip(&transfers)
        .map(|(pay, transfer)| OrderedPayment {
            instruction_id: pay.id.parse().unwrap(),
            transfer,
        })
        .collect();
    let order = Order {
        message_id: message_id.parse().unwrap(),
        created_at: at("2026-11-18T08:59:00Z"),
        initiating_party: "Example Ltd",
        payment_information_id: format!("{message_id}-1").parse().unwrap(),
        payments: &payments,
    };
    let body = pain001_writer::write(&order).unwrap();
    Document {
        kind: DocumentKind::Pain001,
        reference: message_id.to_owned(),
        body,
    }
}

/// A request to cancel one payment of an order.
pub(crate) fn recall(case_id: &str, message_id: &str, pay: &Pay) -> Document {
    let request = CancellationRequest {
        case_id: case_id.parse().unwrap(),
        created_at: at("2026-11-18T08:59:00Z"),
        requester: "Example Ltd".to_owned(),
        bank: None,
        original_message_id: message_id.parse().unwrap(),
        original_payment_information_id: format!("{message_id}-1").parse().unwrap(),
        instruction_id: pay.id.parse().unwrap(),
        end_to_end_id: format!("E2E-{}", pay.id).parse().unwrap(),
        uetr: None,
        amount: pay.amount,
        execution_on: pay.on,
        reason: CancellationReason::Customer,
    };
    Document {
        kind: DocumentKind::Camt055,
        reference: case_id.to_owned(),
        body: camt055::write(&request).unwrap(),
    }
}

pub(crate) fn report(document: &Document) -> StatusReport {
    assert_eq!(document.kind, DocumentKind::Pain002);
    let report = pain002::read(&document.body).unwrap();
    assert_eq!(report.message_id, document.reference);
    report
}

pub(crate) fn answer(receipt: &Receipt) -> RecallAnswer {
    let Receipt::Accepted(document) = receipt else {
        panic!("{receipt:?}")
    };
    assert_eq!(document.kind, DocumentKind::Camt029);
    let [answer] = camt029::read(&document.body).unwrap().try_into().unwrap();
    assert_eq!(answer.message_id, document.reference);
    answer
}

/// The reports of a kind among documents, read.
pub(crate) fn statements(documents: &[Document], kind: DocumentKind) -> Vec<Statement> {
    let read = if kind == DocumentKind::Camt053 {
        camt053::read
    } else {
        camt054::read
    };
    documents
        .iter()
        .filter(|document| document.kind == kind)
        .flat_map(|document| read(&document.body).unwrap())
        .collect()
}

pub(crate) fn lines(statements: &[Statement]) -> Vec<&StatementLine> {
    statements.iter().flat_map(|statement| &statement.lines).collect()
}

/// Code and reason of each payment of a report.
pub(crate) fn codes(report: &StatusReport) -> Vec<(&str, &str, Option<&str>)> {
    report
        .payments
        .iter()
        .map(|payment| {
            (
                payment.instruction_id.as_deref().unwrap(),
                payment.status.code.as_str(),
                payment.status.reason.as_deref(),
            )
        })
        .collect()
}

/// The payments that status reports among the documents say are executed, in order.
pub(crate) fn executed(documents: &[Document]) -> Vec<String> {
    documents
        .iter()
        .filter(|document| document.kind == DocumentKind::Pain002)
        .flat_map(|document| report(document).payments)
        .filter(|payment| payment.status.status == BankStatus::Executed)
        .map(|payment| payment.instruction_id.unwrap())
        .collect()
}
