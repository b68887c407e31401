//! A small organization as the views of `flow` would show it: one payment in each state that tells something, its journal, its
//! statement, its exceptions. Nothing here comes from a database, so pages can be compared letter by letter.

use crate::console::names::Names;
use crate::ui::shell::Frame;
use flow::view::{
    AccountView, Approval, ApprovalView, Attempt, Balance, Batch, BatchDetail, BatchPayment, Entry, EntryView,
    EventView, Exception, Finding, Line, Match, Overview, PaymentDetail, PaymentView, Posting, Reason, Recall,
    Resolution, State, StateName, Statement, StatementDetail,
};
use serde_json::json;
use vocab::account::AccountNumber;
use vocab::context::{Actor, World};
use vocab::id::{
    AccountId, ApprovalId, BatchId, ClientId, EntryId, EventId, ExceptionId, KeyId, LineId, MemberId, OrderId,
    PaymentId, StatementId,
};
use vocab::money::{Amount, Currency, Money};
use vocab::party::{Party, PostalAddress};
use vocab::time::{Date, Timestamp};
use vocab::transfer::{ChargeBearer, CreditTransfer, Remittance};

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn money(minor: i64, code: &str) -> Money {
    Money::new(minor, Currency::from_code(code).unwrap())
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(super) fn frame() -> Frame {
    Frame {
        organization: "Aurora Trading GmbH".to_owned(),
        world: World::Test,
        now: at("2026-11-25T10:04:31Z"),
        form_token: "0f".repeat(32),
        sections: crate::ui::shell::Section::READING.to_vec(),
        member: None,
    }
}

pub(super) fn names() -> Names {
    let (ada, ben) = (MemberId::from_i64(11).to_string(), MemberId::from_i64(12).to_string());
    Names::from_pairs(&[(&ada, "Ada Lind"), (&ben, "Ben Okafor")])
}

pub(super) fn accounts() -> Vec<AccountView> {
    let account = |id, number: &str, code: &str, balance, held| AccountView {
        id: AccountId::from_i64(id),
        number: AccountNumber::guess(number).unwrap(),
        holder: "Aurora Trading GmbH".to_owned(),
        currency: Currency::from_code(code).unwrap(),
        channel: "sandbox".to_owned(),
        balance: money(balance, code),
        held: money(held, code),
        available: money(balance - held, code),
    };
    vec![
        account(1, "DE89370400440532013000", "EUR", 125_041_750, 2_480_000),
        account(2, "DE89370400440532013000", "USD", 30_000_000, 0),
        account(3, "0532-013/88", "JPY", -4_200, 0),
    ]
}

pub(super) fn overview(counts: &[(StateName, i64)]) -> Overview {
    let count = |state: StateName| {
        counts
            .iter()
            .find(|(name, _)| *name == state)
            .map_or(0, |(_, count)| *count)
    };
    Overview {
        organization: "Aurora Trading GmbH".to_owned(),
        states: StateName::ALL.into_iter().map(|state| (state, count(state))).collect(),
        exceptions_open: if counts.is_empty() { 0 } else { 2 },
        lines: if counts.is_empty() { (0, 0) } else { (9, 7) },
        entries: if counts.is_empty() { 0 } else { 31 },
        balanced: true,
        log_size: if counts.is_empty() { 12 } else { 148 },
        checkpoint: "countersign.example/log\n148\nq3rPUnWQ8QOpYfG3cAp2Yk9FFH8WzS2e6eWq0M1S8y4=\n\n\u{2014} countersign.example/log cNEgIQ==\n"
            .to_owned(),
        now: at("2026-11-25T10:04:31Z"),
    }
}

pub(super) fn busy() -> Overview {
    overview(&[
        (StateName::Received, 1),
        (StateName::WaitingForApproval, 2),
        (StateName::Queued, 3),
        (StateName::Dispatching, 1),
        (StateName::Unknown, 1),
        (StateName::AcceptedByBank, 2),
        (StateName::Rejected, 1),
        (StateName::Settled, 1_205),
        (StateName::Returned, 1),
        (StateName::Cancelled, 1),
    ])
}

pub(super) fn payment(number: i64, creditor: &str, minor: i64, code: &str, state: State) -> PaymentView {
    let creditor = Party {
        name: creditor.to_owned(),
        address: Some(PostalAddress {
            street: Some("Rue du Rh\u{f4}ne".to_owned()),
            building: Some("14".to_owned()),
            post_code: Some("1204".to_owned()),
            town: Some("Gen\u{e8}ve".to_owned()),
            country: Some("CH".to_owned()),
            ..PostalAddress::default()
        }),
    };
    PaymentView {
        id: PaymentId::from_i64(number),
        batch: Some(BatchId::from_i64(500)),
        account: AccountId::from_i64(1),
        transfer: CreditTransfer {
            end_to_end_id: format!("INV-2026-{number}").parse().unwrap(),
            uetr: None,
            debtor: Party::named("Aurora Trading GmbH"),
            debtor_account: AccountNumber::guess("DE89370400440532013000").unwrap(),
            debtor_agent: Some("COBADEFFXXX".parse().unwrap()),
            creditor,
            creditor_account: AccountNumber::guess("CH9300762011623852957").unwrap(),
            creditor_agent: None,
            amount: Amount::new(money(minor, code)).unwrap(),
            execution_on: day("2026-11-27"),
            remittance: Remittance::Text("Invoice 4711 <thank you>".to_owned()),
            charges: ChargeBearer::Shared,
            service_level: Some("SEPA".to_owned()),
            category_purpose: None,
            purpose: None,
            batch_booking: false,
        },
        content_hash: "9c".repeat(32),
        version: 1,
        created_by: ClientId::from_i64(21).to_string(),
        state,
        since: at("2026-11-25T09:12:00Z"),
        held_minor: minor,
    }
}

pub(super) fn payments() -> Vec<PaymentView> {
    let order = OrderId::from_i64(900);
    vec![
        payment(
            807,
            "M\u{fc}ller & S\u{f6}hne KG",
            1_250_000,
            "EUR",
            State::WaitingForApproval { needed: 2 },
        ),
        payment(
            806,
            "Helvetia Druck AG",
            98_050,
            "EUR",
            State::Received {
                duplicate_of: Some(PaymentId::from_i64(801)),
            },
        ),
        payment(
            805,
            "Northwind Traders",
            4_200,
            "JPY",
            State::Queued {
                not_before: day("2026-11-26"),
                resend: None,
            },
        ),
        payment(804, "Contoso Ltd", 77_700, "EUR", State::Unknown { order }),
        payment(
            803,
            "Fabrikam BV",
            510_000,
            "USD",
            State::AcceptedByBank {
                order,
                booked_minor: 10_000,
                recall: Recall::None,
            },
        ),
        payment(
            802,
            "Litware SARL",
            12_345,
            "EUR",
            State::Rejected {
                reason: Reason::of_bank(Some("AC04"), None),
            },
        ),
        payment(
            801,
            "Helvetia Druck AG",
            98_050,
            "EUR",
            State::Settled {
                order,
                on: day("2026-11-24"),
            },
        ),
    ]
}

fn event(number: i64, kind: &str, actor: &str, time: &str, data: &serde_json::Value) -> EventView {
    let subject = PaymentId::from_i64(801).to_string();
    let id = EventId::from_i64(number);
    let body = json!({"actor": actor, "at": time, "data": data, "event": id.to_string(), "kind": kind, "subject": subject, "world": "test"});
    let position = (number < 2_090).then(|| u64::try_from(number).unwrap() - 2_000);
    EventView {
        id,
        position,
        kind: kind.to_owned(),
        subject,
        actor: actor.to_owned(),
        at: time.to_owned(),
        body,
    }
}

pub(super) fn timeline() -> Vec<EventView> {
    let (app, ada) = (ClientId::from_i64(21).to_string(), MemberId::from_i64(11).to_string());
    let order = OrderId::from_i64(900).to_string();
    let because = |why: &str| json!({"because": why, "order": order});
    vec![
        event(
            2_010,
            "payment.received",
            &app,
            "2026-11-23T08:00:00Z",
            &json!({"amount": "980.50", "currency": "EUR", "state": "waiting_for_approval"}),
        ),
        event(
            2_011,
            "approval.given",
            &ada,
            "2026-11-23T08:30:12Z",
            &json!({"approved": true}),
        ),
        event(
            2_012,
            "payment.queued",
            "system",
            "2026-11-23T08:30:12Z",
            &json!({"because": "enough people have approved it", "not_before": "2026-11-23"}),
        ),
        event(
            2_013,
            "payment.dispatching",
            "system",
            "2026-11-23T08:30:14Z",
            &because("its day has come"),
        ),
        event(
            2_014,
            "payment.accepted_by_bank",
            "bank",
            "2026-11-23T08:30:15Z",
            &because("the bank has the order"),
        ),
        event(
            2_099,
            "payment.settled",
            "bank",
            "2026-11-24T05:00:00Z",
            &because("a statement shows the booking"),
        ),
    ]
}

pub(super) fn detail() -> PaymentDetail {
    let payment = payments().pop().unwrap();
    let given = |approved, note: &str, member, digest: u8| Approval {
        id: ApprovalId::from_i64(70),
        payment: payment.id,
        member: MemberId::from_i64(member),
        signing_key: Some(KeyId::from_i64(30)),
        content_digest: [digest; 32],
        approved,
        note: note.to_owned(),
        given_at: at("2026-11-23T08:30:12Z"),
    };
    let attempt = |number, kind: &str, outcome: &str, detail: &str| Attempt {
        number,
        kind: kind.to_owned(),
        outcome: outcome.to_owned(),
        detail: detail.to_owned(),
        at: at("2026-11-23T08:30:14Z"),
    };
    PaymentDetail {
        approvals: vec![
            ApprovalView {
                approval: given(true, "checked with purchasing", 11, 0x9c),
                name: "Ada Lind".to_owned(),
                counts: true,
            },
            ApprovalView {
                approval: given(true, "", 12, 0x11),
                name: "Ben Okafor".to_owned(),
                counts: false,
            },
        ],
        timeline: timeline(),
        order: Some(OrderId::from_i64(900)),
        attempts: vec![
            attempt(0, "send", "begun", "job_0000000000001"),
            attempt(1, "send", "unknown", "the connection ended"),
            attempt(2, "inquire", "found", "report 17"),
        ],
        matches: vec![(line(), matched())],
        entries: entries_of_payment(),
        sealed: true,
        payment,
    }
}

/// The bank booked it together with two others of its order.
fn entries_of_payment() -> Vec<EntryView> {
    let mut views: Vec<EntryView> = entries()
        .into_iter()
        .map(|entry| EntryView { entry, payments: 1 })
        .collect();
    views.reverse();
    if let Some(last) = views.last_mut() {
        last.entry.subject = OrderId::from_i64(900).to_string();
        last.payments = 3;
    }
    views
}

pub(super) fn entries() -> Vec<Entry> {
    let posting = |account: String, minor| Posting {
        account,
        amount: money(minor, "EUR"),
    };
    let subject = PaymentId::from_i64(801).to_string();
    let bank = format!("bank:{}:EUR", AccountId::from_i64(1));
    vec![
        Entry {
            id: EntryId::from_i64(41),
            kind: "payment_executed".to_owned(),
            subject: subject.clone(),
            at: at("2026-11-24T05:00:00Z"),
            postings: vec![posting("in_transit:EUR".to_owned(), 98_050), posting(bank, -98_050)],
        },
        Entry {
            id: EntryId::from_i64(40),
            kind: "payment_accepted".to_owned(),
            subject,
            at: at("2026-11-23T08:30:15Z"),
            postings: vec![
                posting("payables:EUR".to_owned(), 98_050),
                posting("in_transit:EUR".to_owned(), -98_050),
            ],
        },
    ]
}

pub(super) fn balances() -> Vec<Balance> {
    let bank = format!("bank:{}:EUR", AccountId::from_i64(1));
    vec![
        Balance {
            account: bank,
            amount: money(125_041_750, "EUR"),
        },
        Balance {
            account: "opening:EUR".to_owned(),
            amount: money(-126_000_000, "EUR"),
        },
        Balance {
            account: "payables:EUR".to_owned(),
            amount: money(958_250, "EUR"),
        },
    ]
}

fn line() -> Line {
    Line {
        id: LineId::from_i64(61),
        statement: StatementId::from_i64(51),
        account: AccountId::from_i64(1),
        identity: "ref:1".to_owned(),
        amount: money(-98_050, "EUR"),
        booked_on: day("2026-11-24"),
        rule: "own-reference".to_owned(),
        explanation: "The line names payment pay_0000000000s1 by our own reference.".to_owned(),
        sealed: Vec::new(),
    }
}

fn matched() -> Match {
    Match {
        line: LineId::from_i64(61),
        number: 0,
        payment: PaymentId::from_i64(801),
        amount_minor: 98_050,
        effect: "booked".to_owned(),
    }
}

pub(super) fn statement() -> StatementDetail {
    let unexplained = Line {
        id: LineId::from_i64(62),
        amount: money(1_500, "EUR"),
        rule: "exception".to_owned(),
        explanation: "The line names nothing of ours.".to_owned(),
        ..line()
    };
    StatementDetail {
        statement: statements().remove(0),
        lines: vec![(line(), vec![matched()]), (unexplained, Vec::new())],
    }
}

pub(super) fn statements() -> Vec<Statement> {
    let statement = |id, kind: &str, identification: &str, balances: Option<(i64, i64)>, new_lines| Statement {
        id: StatementId::from_i64(id),
        account: AccountId::from_i64(1),
        kind: kind.to_owned(),
        identification: identification.to_owned(),
        sequence: balances.map(|_| 17),
        covers: day("2026-11-24"),
        currency: Currency::from_code("EUR").unwrap(),
        opening_minor: balances.map(|balances| balances.0),
        closing_minor: balances.map(|balances| balances.1),
        lines: 2,
        new_lines,
        digest: vec![1; 32],
        imported_at: at("2026-11-24T23:00:00Z"),
    };
    vec![
        statement(51, "camt.053", "STMT-2026-017", Some((126_000_000, 125_041_750)), 2),
        statement(50, "camt.054", "NTFY-2026-117", None, 0),
    ]
}

pub(super) fn exceptions() -> Vec<Exception> {
    let exception = |id, code: &str, sentence: &str, payment: Option<i64>, resolved| Exception {
        id: ExceptionId::from_i64(id),
        account: Some(AccountId::from_i64(1)),
        statement: Some(StatementId::from_i64(51)),
        line: Some(LineId::from_i64(62)),
        payment: payment.map(PaymentId::from_i64),
        code: code.to_owned(),
        sentence: sentence.to_owned(),
        created_at: at("2026-11-24T23:00:00Z"),
        resolved,
    };
    let resolved = Resolution {
        at: at("2026-11-25T08:00:00Z"),
        by: Actor::Member(MemberId::from_i64(11)),
        note: "interest, booked by hand".to_owned(),
    };
    vec![
        exception(
            83,
            "not_ours",
            "15.00 EUR came in and the line names nothing of ours. Find out who sent it.",
            None,
            None,
        ),
        exception(
            82,
            "amount_differs",
            "The bank booked 120.00 EUR where 123.45 EUR was ordered. Ask the bank; do not pay again before you know.",
            Some(802),
            None,
        ),
        exception(
            81,
            "not_ours",
            "The bank credited 3.10 EUR of interest.",
            None,
            Some(resolved),
        ),
    ]
}

pub(super) fn batches() -> Vec<Batch> {
    let batch = |id, format: &str, message_id: Option<&str>, payments, accepted, findings| Batch {
        id: BatchId::from_i64(id),
        created_by: Actor::Client(ClientId::from_i64(21)),
        created_at: at("2026-11-23T08:00:00Z"),
        format: format.to_owned(),
        message_id: message_id.map(str::to_owned),
        file_digest: vec![0xab; 32],
        partial: true,
        payments,
        accepted,
        findings,
    };
    vec![
        batch(500, "pain.001.001.09", Some("AUR-2026-11-23"), 4, 3, 1),
        batch(499, "csv", None, 2, 2, 0),
        batch(498, "pain.001.001.03", Some("AUR-2026-11-20"), 1, 0, 2),
    ]
}

pub(super) fn batch() -> BatchDetail {
    let payment = |number: i64, id: Option<i64>, reference: Option<&str>| BatchPayment {
        number,
        line: 40 + number * 31,
        payment: id.map(PaymentId::from_i64),
        end_to_end_id: reference.map(str::to_owned),
    };
    BatchDetail {
        batch: batches().remove(0),
        findings: vec![Finding {
            payment_number: Some(2),
            path: "Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[3]/CdtrAcct/Id/IBAN".to_owned(),
            line: 118,
            code: "iban_check_digits".to_owned(),
            message: "the IBAN\u{2019}s check digits are wrong; one digit was probably mistyped".to_owned(),
        }],
        payments: vec![
            (payment(0, Some(801), Some("INV-2026-801")), Some(StateName::Settled)),
            (payment(1, Some(802), Some("INV-2026-802")), Some(StateName::Rejected)),
            (payment(2, None, Some("INV-2026-8021")), None),
            (payment(3, Some(803), None), Some(StateName::AcceptedByBank)),
        ],
    }
}

pub(super) fn backups() -> Vec<flow::backup::acts::Known> {
    let known = |name: &str, made: &str, bytes| flow::backup::acts::Known {
        name: name.to_owned(),
        at: at(made),
        bytes,
        verified_at: None,
        failed: None,
        deleted_at: None,
    };
    let mut failed = known("", "2026-11-24T18:00:02Z", 0);
    failed.failed = Some("there is no room left for a backup in `/backups`".to_owned());
    let mut verified = known("20261124T060000Z-9a31c0", "2026-11-24T06:00:09Z", 48_210_344);
    verified.verified_at = Some(at("2026-11-24T06:03:40Z"));
    let mut deleted = known("20261018T060000Z-77be02", "2026-10-18T06:00:08Z", 31_002);
    deleted.deleted_at = Some(at("2026-11-22T06:00:10Z"));
    vec![
        known("20261125T060000Z-02c4d1", "2026-11-25T06:00:12Z", 48_733_120),
        failed,
        verified,
        deleted,
    ]
}
