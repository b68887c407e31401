//! A payment file as it was read: its payments, and everything that is wrong with it.
//!
//! pain.001 and CSV end in the same [`Batch`]. What may be accepted of it is decided here once: a finding about single payments
//! refuses these, a finding about the file refuses all of it. The count and the sum in the header of a file belong to the file: if
//! they are wrong, the file was changed or cut off, and nobody knows what else of it is wrong. Those of a group refuse the group.

use crate::finding::{Finding, FindingCode, Findings};
use crate::{csv, pain001};
use std::collections::{BTreeMap, BTreeSet};
use vocab::account::{AccountNumber, Bic};
use vocab::limits;
use vocab::money::Currency;
use vocab::time::Date;
use vocab::transfer::CreditTransfer;

/// The kinds of file that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// ISO 20022 pain.001.001.03.
    Pain00103,
    /// ISO 20022 pain.001.001.09.
    Pain00109,
    /// Comma-separated values with the columns of the guide.
    Csv,
}

impl FileFormat {
    /// For people and records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pain00103 => "pain.001.001.03",
            Self::Pain00109 => "pain.001.001.09",
            Self::Csv => "csv",
        }
    }
}

/// A payment file as it was read.
#[derive(Debug)]
pub struct Batch {
    /// What it is; `None` if it is nothing that is read here.
    pub format: Option<FileFormat>,
    /// What its header says.
    pub header: Header,
    /// Its payments, in their order. [`Finding::payments`] counts in this list.
    pub payments: Vec<Parsed>,
    /// The accounts it debits, also for payments that are refused.
    pub debtor_accounts: Vec<DebtorAccount>,
    /// Everything that is wrong, by line.
    pub findings: Vec<Finding>,
    /// Whether the file is refused as a whole.
    pub fatal: bool,
}

/// What the header of a file says about it, as written. A CSV file has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The sender's name for the message (`MsgId`).
    pub message_id: Option<String>,
    /// When it was made (`CreDtTm`).
    pub created_at: Option<String>,
    /// Who made it (`InitgPty/Nm`).
    pub initiating_party: Option<String>,
    /// How many payments there should be (`NbOfTxs`).
    pub count: Option<String>,
    /// What their amounts should add up to, whatever the currency (`CtrlSum`).
    pub sum: Option<String>,
}

/// One payment of a file.
#[derive(Debug)]
pub struct Parsed {
    /// Line at which it begins.
    pub line: u32,
    /// Where it stands.
    pub path: String,
    /// The group it belongs to (`PmtInf`), counted from 0; a row of a CSV file is its own group.
    pub group: usize,
    /// Its end-to-end id as written, also if it is wrong.
    pub end_to_end_id: Option<String>,
    /// The payment. INVARIANT: there only if no finding refuses it or the file.
    pub transfer: Option<CreditTransfer>,
}

/// An account that a file debits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtorAccount {
    /// Its number.
    pub account: AccountNumber,
    /// The account's own currency, if the file says it.
    pub currency: Option<Currency>,
    /// The name of its holder, if it could be read.
    pub name: Option<String>,
    /// The bank that keeps it, if the file says it.
    pub agent: Option<Bic>,
    /// The currencies of the payments from it, in the order of their codes.
    pub payment_currencies: Vec<Currency>,
}

impl Batch {
    /// The findings that keep the payment with this index from being accepted, those about the file among them.
    pub fn refusals_of(&self, payment: usize) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.code.refuses() && finding.concerns(payment))
    }

    /// Whether every payment may be accepted, and nothing else is wrong with the file either.
    pub fn complete(&self) -> bool {
        !self.findings.iter().any(|finding| finding.code.refuses())
    }

    /// A file of which nothing can be read.
    pub(crate) fn unreadable(format: Option<FileFormat>, finding: Finding) -> Self {
        let mut findings = Findings::default();
        findings.add(|| finding);
        Self::assemble(
            format,
            Header::default(),
            Vec::new(),
            DebtorAccounts::default(),
            findings,
        )
    }

    /// Takes from every payment that a finding refuses what could be executed of it.
    pub(crate) fn assemble(
        format: Option<FileFormat>,
        header: Header,
        mut payments: Vec<Parsed>,
        debtor_accounts: DebtorAccounts,
        mut findings: Findings,
    ) -> Self {
        if payments.is_empty() && findings.is_empty() {
            let message = "the file holds no payment; add one";
            findings.add(|| Finding::about_file(FindingCode::NoPayments, "", 1, message));
        }
        let findings = findings.finish();
        let refusals = || findings.iter().filter(|finding| finding.code.refuses());
        let fatal = refusals().any(|finding| finding.payments.is_none());
        for finding in refusals() {
            let range = finding.payments.clone().unwrap_or(0..payments.len());
            for payment in payments.get_mut(range).unwrap_or_default() {
                payment.transfer = None;
            }
        }
        Self {
            format,
            header,
            payments,
            debtor_accounts: debtor_accounts.finish(),
            findings,
            fatal,
        }
    }
}

/// The accounts that a file debits, while it is read.
#[derive(Debug, Default)]
pub(crate) struct DebtorAccounts(BTreeMap<AccountNumber, (DebtorAccount, BTreeSet<Currency>)>);

impl DebtorAccounts {
    /// Takes note of an account; what an earlier payment said about it stays.
    pub(crate) fn note(&mut self, seen: DebtorAccount) {
        let (known, currencies) = self
            .0
            .entry(seen.account.clone())
            .or_insert_with(|| (seen.clone(), BTreeSet::new()));
        known.currency = known.currency.or(seen.currency);
        known.name = known.name.take().or(seen.name);
        known.agent = known.agent.take().or(seen.agent);
        currencies.extend(seen.payment_currencies);
    }

    fn finish(self) -> Vec<DebtorAccount> {
        let with = |(account, currencies): (DebtorAccount, BTreeSet<Currency>)| DebtorAccount {
            payment_currencies: currencies.into_iter().collect(),
            ..account
        };
        self.0.into_values().map(with).collect()
    }
}

/// Reads a payment file of any accepted kind, which its content tells. `today` is the date by which execution dates are judged.
///
/// Never fails: what is wrong is in [`Batch::findings`]. Time and memory are proportional to the file.
pub fn read_payment_file(bytes: &[u8], today: Date) -> Batch {
    if let Some(finding) = refuse_unread(bytes) {
        return Batch::unreadable(None, finding);
    }
    let begin = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    // UTF-16 and the like are refused by the reader of XML, which can name them.
    if begin.starts_with(b"<") || begin.first().is_some_and(|byte| matches!(byte, 0 | 0xFE | 0xFF)) {
        pain001::read(bytes, today)
    } else {
        csv::read(bytes, today)
    }
}

/// What needs no parser to be refused.
fn refuse_unread(bytes: &[u8]) -> Option<Finding> {
    if bytes.trim_ascii().is_empty() {
        return Some(Finding::about_file(
            FindingCode::FileEmpty,
            "",
            1,
            "the file is empty; choose another",
        ));
    }
    if bytes.len() > limits::BODY_BYTES_MAX {
        let message = format!(
            "the file is larger than {} MB; split it",
            limits::BODY_BYTES_MAX.div_euclid(1024 * 1024)
        );
        return Some(Finding::about_file(FindingCode::FileTooLarge, "", 1, message));
    }
    let known = [
        (
            b"PK\x03\x04".as_slice(),
            "a spreadsheet or ZIP archive; export it as CSV in UTF-8, or unpack it",
        ),
        (
            b"\xD0\xCF\x11\xE0".as_slice(),
            "an old spreadsheet; export it as CSV in UTF-8",
        ),
        (b"%PDF".as_slice(), "a PDF; ask for the payment file itself"),
        (b"\x1F\x8B".as_slice(), "compressed with gzip; unpack it"),
    ];
    let (_, what) = known.iter().find(|(magic, _)| bytes.starts_with(magic))?;
    let message = format!("the file is {what}; accepted are pain.001.001.03, pain.001.001.09 and CSV");
    Some(Finding::about_file(FindingCode::FormatUnknown, "", 1, message))
}
