//! Reconcile: what the bank says happened on an account, against what was ordered.
//!
//! Each line of a statement or notification is taken in once, whatever number of documents repeat it, and explained by payments of ours
//! or put before a person. The bank account of the ledger follows the statement in any case: what nobody can explain waits in suspense.

mod balance;
mod booking;
mod continuity;
mod kept;
mod open;

pub(crate) use booking::{Line, close, explain_again, settle_difference};

use crate::authenticate::Idempotency;
use crate::collect;
use crate::event::{hex, sha256};
use crate::intake::account_index;
use crate::once::{Answer, once};
use crate::platform::{Parts, Platform};
use crate::record;
use crate::refusal::{Code, Error, FieldError, Refusal};
use crate::work::{NewException, Work};
use continuity::Around;
use formats::finding::{Finding, FindingCode};
use formats::{camt053, camt054};
use ledger::exception::Exception;
use ledger::identity::{Identity, identify};
use ledger::matching::{Effect, Explanation, explain_all};
use ledger::statement::Import;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::accounts::Account;
use vocab::context::Ctx;
use vocab::exchange::{Document, DocumentKind, Statement, StatementKind, StatementLine};
use vocab::id::{AccountId, LineId, StatementId};

/// The channel name under which statements that people upload are kept.
const UPLOAD: &str = "upload";
/// Exception: a statement of an account that is not set up.
const ACCOUNT_UNKNOWN: &str = "statement_account_unknown";

/// What became of one statement or notification of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The bank's identification.
    pub identification: String,
    /// The account it is about, if it is one of ours.
    pub account: Option<AccountId>,
    /// What was done with it.
    pub outcome: Outcome,
}

/// What was done with a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the books now.
    New {
        /// Its id.
        statement: StatementId,
        /// Booked lines in it.
        lines: usize,
        /// Of these, lines that no earlier document had brought.
        new_lines: usize,
        /// Lines of these that a person has to look at.
        unexplained: usize,
    },
    /// It was in the books before; nothing changed.
    Known,
    /// Nothing was taken from it; the exception list says why.
    Refused,
}

/// What became of a document that somebody uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// One for each statement in it, in its order.
    pub statements: Vec<Imported>,
    /// True when this answer was given before, under the same idempotency key.
    pub replayed: bool,
}

/// Takes in a statement (camt.053) or notification (camt.054) that a person uploads. The document under another key changes nothing
/// and is answered with what is known of it.
pub async fn import(
    platform: &Platform,
    ctx: Ctx,
    bytes: Vec<u8>,
    idempotency: Idempotency,
) -> Result<Uploaded, Error> {
    // Parsing may take a second for the largest files: not on a thread that others wait for.
    let read = tokio::task::spawn_blocking(move || read(bytes)).await;
    let (document, statements) = read.map_err(|_| Error::Bug("a statement reader that panicked"))??;
    once(platform, ctx, "import", idempotency, move |work| {
        collect::keep(work, UPLOAD, &document)?;
        let statements = statements
            .iter()
            .map(|statement| take(work, statement, false))
            .collect::<Result<_, Error>>()?;
        Ok(Uploaded {
            statements,
            replayed: false,
        })
    })
    .await
}

/// [`Imported`] as an idempotency row keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    identification: String,
    account: Option<i64>,
    outcome: KeptOutcome,
}

#[derive(Serialize, Deserialize)]
enum KeptOutcome {
    New {
        statement: i64,
        lines: usize,
        new_lines: usize,
        unexplained: usize,
    },
    Known,
    Refused,
}

impl Answer for Uploaded {
    fn write(&self) -> String {
        let kept: Vec<Kept> = self.statements.iter().map(Kept::of).collect();
        // Texts and numbers always have a JSON form.
        serde_json::to_string(&kept).unwrap_or_default()
    }

    fn read(_: &Parts, text: &str) -> Option<Self> {
        let kept: Vec<Kept> = serde_json::from_str(text).ok()?;
        Some(Self {
            statements: kept.into_iter().map(Kept::back).collect(),
            replayed: true,
        })
    }
}

impl Kept {
    fn of(imported: &Imported) -> Self {
        let outcome = match imported.outcome {
            Outcome::New {
                statement,
                lines,
                new_lines,
                unexplained,
            } => KeptOutcome::New {
                statement: statement.to_i64(),
                lines,
                new_lines,
                unexplained,
            },
            Outcome::Known => KeptOutcome::Known,
            Outcome::Refused => KeptOutcome::Refused,
        };
        Self {
            identification: imported.identification.clone(),
            account: imported.account.map(AccountId::to_i64),
            outcome,
        }
    }

    fn back(self) -> Imported {
        let outcome = match self.outcome {
            KeptOutcome::New {
                statement,
                lines,
                new_lines,
                unexplained,
            } => Outcome::New {
                statement: StatementId::from_i64(statement),
                lines,
                new_lines,
                unexplained,
            },
            KeptOutcome::Known => Outcome::Known,
            KeptOutcome::Refused => Outcome::Refused,
        };
        Imported {
            identification: self.identification,
            account: self.account.map(AccountId::from_i64),
            outcome,
        }
    }
}

fn read(bytes: Vec<u8>) -> Result<(Document, Vec<Statement>), Error> {
    let other = |findings: &[Finding]| {
        findings
            .iter()
            .any(|finding| finding.code == FindingCode::MessageUnsupported)
    };
    let (kind, read) = match camt053::read(&bytes) {
        Err(findings) if other(&findings) => (DocumentKind::Camt054, camt054::read(&bytes)),
        read => (DocumentKind::Camt053, read),
    };
    match read {
        Ok(statements) => {
            // Whoever uploads gives no reference: the bytes name themselves.
            let reference = hex(&sha256(&[&bytes]));
            Ok((
                Document {
                    kind,
                    reference,
                    body: bytes,
                },
                statements,
            ))
        }
        Err(findings) => Err(Error::Refused(unreadable(&findings))),
    }
}

fn unreadable(findings: &[Finding]) -> Refusal {
    let mut refusal = Refusal::new(
        Code::Malformed,
        "the file is no statement (camt.053) or notification (camt.054) that can be read",
    );
    refusal.errors = findings
        .iter()
        .map(|finding| FieldError {
            pointer: finding.path.clone(),
            line: Some(i64::from(finding.line)),
            code: finding.code.to_string(),
            detail: finding.message.clone(),
        })
        .collect();
    refusal
}

/// Takes in one statement. `shared` when it comes from a mailbox where statements of others lie too.
pub(crate) fn take(work: &mut Work<'_>, statement: &Statement, shared: bool) -> Result<Imported, Error> {
    let identification = statement.identification.clone();
    let Some(account) = account_of(work, statement)? else {
        if !shared {
            account_unknown(work, statement)?;
        }
        return Ok(Imported {
            identification,
            account: None,
            outcome: Outcome::Refused,
        });
    };
    let digest = kept::digest(statement)?;
    let around = Around::load(work, &account, statement, digest)?;
    let outcome = match around.examine(statement, digest) {
        Import::Known => Outcome::Known,
        Import::Altered(exception) => refused(work, &account, vec![exception])?,
        Import::Refused(exceptions) => refused(work, &account, exceptions)?,
        Import::New { .. } => new(work, &account, statement, digest, &around)?,
    };
    Ok(Imported {
        identification,
        account: Some(account.id),
        outcome,
    })
}

/// The account of ours that a statement is about: the one with its number and currency, else one with its number.
pub(crate) fn account_of(work: &mut Work<'_>, statement: &Statement) -> Result<Option<Account>, Error> {
    let index = account_index(work.parts, &statement.account);
    let accounts = store::accounts::list(work.tx, work.scope)?;
    let mut of_number: Vec<Account> = accounts
        .into_iter()
        .filter(|account| account.number_index == index)
        .collect();
    let sums = statement.opening.iter().chain(&statement.closing).copied();
    let currency = sums
        .chain(statement.lines.iter().map(|line| line.amount))
        .next()
        .map(|sum| sum.currency());
    let fits = of_number.iter().position(|account| Some(account.currency) == currency);
    Ok(match fits {
        Some(place) => Some(of_number.swap_remove(place)),
        // With a wrong currency, or with no sum in it at all.
        None => of_number.into_iter().next(),
    })
}

fn account_unknown(work: &mut Work<'_>, statement: &Statement) -> Result<(), Error> {
    let identification = record::shown(&statement.identification);
    work.exception(NewException {
        account: None,
        statement: None,
        line: None,
        payment: None,
        code: ACCOUNT_UNKNOWN.to_owned(),
        sentence: format!(
            "The statement `{identification}` is of an account that is not set up here; nothing was taken from it. Add the account and \
             import the statement again."
        ),
    })?;
    Ok(())
}

fn refused(work: &mut Work<'_>, account: &Account, exceptions: Vec<Exception>) -> Result<Outcome, Error> {
    for exception in exceptions {
        continuity::raise(work, account.id, None, exception)?;
    }
    Ok(Outcome::Refused)
}

/// Takes in a statement that is new: its row, its new lines with what explains them, and whether the balances hold.
fn new(
    work: &mut Work<'_>,
    account: &Account,
    statement: &Statement,
    digest: [u8; 32],
    around: &Around,
) -> Result<Outcome, Error> {
    let mut counting = counting(account.id, statement);
    if work.parts.planted("books again") {
        let document = &statement.identification;
        counting
            .iter_mut()
            .for_each(|(identity, _)| identity.push_str(document));
    }
    let identities: Vec<&str> = counting.iter().map(|(identity, _)| identity.as_str()).collect();
    let known = store::statements::known_identities(work.tx, account.id, &identities)?;
    let fresh: Vec<&(String, &StatementLine)> = counting
        .iter()
        .filter(|(identity, _)| !known.contains(identity))
        .collect();
    let id = StatementId::from_i64(work.parts.id());
    let count = |number: usize| i64::try_from(number).map_err(|_| Error::Bug("a statement with too many lines"));
    let row = store::statements::Statement {
        id,
        account: account.id,
        kind: kind_of(statement.kind).name().to_owned(),
        identification: statement.identification.clone(),
        sequence: statement.sequence,
        covers: statement.covers,
        currency: account.currency,
        opening_minor: statement.opening.map(|money| money.minor()),
        closing_minor: statement.closing.map(|money| money.minor()),
        lines: count(counting.len())?,
        new_lines: count(fresh.len())?,
        digest: digest.to_vec(),
        imported_at: work.ctx.now,
    };
    store::statements::add(work.tx, work.scope, &row)?;
    let told = json!({
        "account": account.id.to_string(),
        "covers": row.covers.to_string(),
        "digest": hex(&digest),
        "kind": row.kind,
        "lines": row.lines,
        "new_lines": row.new_lines,
    });
    work.event("statement.imported", id, &told)?;
    let unexplained = explain(work, account, id, &fresh)?;
    explain_again(work, account.id)?;
    around.link(work, account, statement, digest, id)?;
    let oldest = fresh.iter().map(|(_, line)| line.booked_on).min();
    balance::compare(work, account, &row, around.previous(), oldest)?;
    Ok(Outcome::New {
        statement: id,
        lines: counting.len(),
        new_lines: fresh.len(),
        unexplained,
    })
}

pub(crate) fn kind_of(kind: StatementKind) -> DocumentKind {
    match kind {
        StatementKind::EndOfDay => DocumentKind::Camt053,
        StatementKind::Notification => DocumentKind::Camt054,
    }
}

/// The lines that have moved the account and can be told from others, with what tells them.
fn counting(account: AccountId, statement: &Statement) -> Vec<(String, &StatementLine)> {
    let identities = identify(account, statement);
    let counting = identities
        .into_iter()
        .zip(&statement.lines)
        .filter_map(|(identity, line)| match identity {
            Identity::Counts(key) => Some((key.to_string(), line)),
            Identity::NotBooked | Identity::WaitsForStatement => None,
        });
    counting.collect()
}

/// Explains lines together and books them; returns how many a person has to look at.
fn explain(
    work: &mut Work<'_>,
    account: &Account,
    statement: StatementId,
    fresh: &[&(String, &StatementLine)],
) -> Result<usize, Error> {
    let mut lines = Vec::with_capacity(fresh.len());
    for (_, line) in fresh {
        lines.push(open::completed(work, line)?);
    }
    let wanted: Vec<&StatementLine> = lines.iter().collect();
    let mut candidates = open::candidates(work, &wanted)?;
    let explained = explain_all(&wanted, account.id, &mut candidates);
    let mut bookings = Vec::with_capacity(fresh.len());
    for (((identity, _), line), explanation) in fresh.iter().zip(&lines).zip(explained) {
        let id = LineId::from_i64(work.parts.id());
        let line = Line::new(work, account, statement, id, identity, line)?;
        bookings.push((line, explanation));
    }
    // As they were explained: what is returned was booked before. The rows keep the order of the document.
    bookings.sort_by_key(|(_, explanation)| returns(explanation));
    let mut unexplained = 0;
    for (line, explanation) in bookings {
        match explanation {
            Explanation::Explained { rule, parts, sentence } => line.explained(work, rule, &parts, &sentence)?,
            Explanation::Charge { amount, sentence } => line.charged(work, amount, &sentence)?,
            Explanation::Exception(exception) => {
                unexplained += 1;
                line.unexplained(work, exception)?;
            }
        }
    }
    Ok(unexplained)
}

fn returns(explanation: &Explanation) -> bool {
    match explanation {
        Explanation::Explained { parts, .. } => parts.iter().any(|part| part.effect == Effect::Returned),
        Explanation::Charge { .. } | Explanation::Exception(_) => false,
    }
}
