//! How a statement stands among those of its account: what came before it, what follows, and what is missing in between.
//!
//! Exceptions about a gap are kept with the later of the two statements. Whenever another one comes to stand before that one, they are
//! decided anew: so it does not matter in which order statements arrive.

use crate::refusal::Error;
use crate::work::{NewException, Work};
use ledger::exception::{Exception, ExceptionCode};
use ledger::statement::{Import, Neighbour, Surroundings, examine, place};
use store::accounts::Account;
use vocab::exchange::{Statement, StatementKind};
use vocab::id::{AccountId, StatementId};
use vocab::money::{Currency, Money};

/// Statements looked at on each side: more than there can be between two that follow each other.
const NEAR: usize = 32;
/// What may be wrong between two statements that follow each other.
const BETWEEN: [ExceptionCode; 3] = [
    ExceptionCode::StatementGap,
    ExceptionCode::StatementOrder,
    ExceptionCode::OpeningDiffers,
];

/// What is in the books around a statement.
pub(super) struct Around {
    currency: Currency,
    same: Option<[u8; 32]>,
    previous: Option<store::statements::Statement>,
    next: Option<store::statements::Statement>,
}

impl Around {
    pub(super) fn load(
        work: &mut Work<'_>,
        account: &Account,
        statement: &Statement,
        digest: [u8; 32],
    ) -> Result<Self, Error> {
        let kind = super::kind_of(statement.kind).name();
        let same =
            store::statements::by_identification(work.tx, work.scope, account.id, kind, &statement.identification)?;
        // Of several with this identification, the very same one counts.
        let known = same.iter().any(|same| same.digest == digest);
        let altered = same.first().map(|same| {
            let mut other = [0; 32];
            other.iter_mut().zip(&same.digest).for_each(|(to, from)| *to = *from);
            other
        });
        let (mut previous, mut next) = (None, None);
        if statement.kind == StatementKind::EndOfDay {
            let own = place(statement.covers, statement.sequence);
            let mut near = store::statements::around(work.tx, work.scope, account.id, statement.covers, NEAR)?;
            near.sort_by_key(|other| (place(other.covers, other.sequence), other.id));
            let split = near.partition_point(|other| place(other.covers, other.sequence) <= own);
            let mut after = near.split_off(split).into_iter();
            (previous, next) = (near.pop(), after.next());
        }
        Ok(Self {
            currency: account.currency,
            same: if known { Some(digest) } else { altered },
            previous,
            next,
        })
    }

    pub(super) fn previous(&self) -> Option<&store::statements::Statement> {
        self.previous.as_ref()
    }

    pub(super) fn examine(&self, statement: &Statement, digest: [u8; 32]) -> Import {
        self.beside(statement, digest, self.previous.as_ref(), self.next.as_ref())
    }

    fn beside(
        &self,
        statement: &Statement,
        digest: [u8; 32],
        previous: Option<&store::statements::Statement>,
        next: Option<&store::statements::Statement>,
    ) -> Import {
        let (previous, next) = (previous.map(neighbour), next.map(neighbour));
        let around = Surroundings {
            currency: self.currency,
            same_identification: self.same,
            previous: previous.as_ref(),
            next: next.as_ref(),
        };
        examine(statement, digest, &around)
    }

    /// Raises what is wrong between a new statement and its neighbours, and closes what was wrong with the next one before it came.
    pub(super) fn link(
        &self,
        work: &mut Work<'_>,
        account: &Account,
        statement: &Statement,
        digest: [u8; 32],
        id: StatementId,
    ) -> Result<(), Error> {
        for exception in exceptions(self.beside(statement, digest, self.previous.as_ref(), None)) {
            raise(work, account.id, Some(id), exception)?;
        }
        let Some(next) = &self.next else { return Ok(()) };
        for code in BETWEEN {
            for exception in store::exceptions::open_of_account(work.tx, work.scope, account.id, code.code())? {
                if exception.statement == Some(next.id) {
                    super::booking::close_by_itself(
                        work,
                        exception,
                        "A statement that came later stands before this one.",
                    )?;
                }
            }
        }
        for exception in exceptions(self.beside(statement, digest, None, Some(next))) {
            if BETWEEN.contains(&exception.code) {
                raise(work, account.id, Some(next.id), exception)?;
            }
        }
        Ok(())
    }
}

fn exceptions(import: Import) -> Vec<Exception> {
    match import {
        Import::New { exceptions, .. } | Import::Refused(exceptions) => exceptions,
        Import::Altered(exception) => vec![exception],
        Import::Known => Vec::new(),
    }
}

fn neighbour(row: &store::statements::Statement) -> Neighbour {
    let money = |minor: Option<i64>| minor.map(|minor| Money::new(minor, row.currency));
    Neighbour {
        sequence: row.sequence,
        covers: row.covers,
        opening: money(row.opening_minor),
        closing: money(row.closing_minor),
    }
}

/// Puts an exception about a statement on the list.
pub(super) fn raise(
    work: &mut Work<'_>,
    account: AccountId,
    statement: Option<StatementId>,
    exception: Exception,
) -> Result<(), Error> {
    work.exception(NewException {
        account: Some(account),
        statement,
        line: None,
        payment: exception.payment,
        code: exception.code.code().to_owned(),
        sentence: exception.sentence,
    })?;
    Ok(())
}
