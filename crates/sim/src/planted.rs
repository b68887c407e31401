//! Bugs that are planted to see that the oracle finds them.
//!
//! Most live out here: in a statement's text on its way to the database, in the way to a bank, in what a crash leaves behind. The rest
//! are single places of `flow` that ask the store whether a bug of this name is planted, which is never so in a product.

/// A planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A bank that does not answer an inquiry is taken to have received nothing.
    ResendsOnUnknown,
    /// A bank that does not answer an order is taken to have refused it.
    SilenceIsRefusal,
    /// Whoever has lost a lease may still finish, put off and go on with the job.
    MissingFence,
    /// A job that somebody works on is handed out again.
    IgnoresLeases,
    /// A request is answered, and then the server dies before the commit.
    AnswersBeforeCommit,
    /// The claim on an idempotency key is written in a transaction of its own, which a crash takes away.
    ClaimApart,
    /// Nonces are kept in memory: after a restart they are forgotten.
    ForgetsNonces,
    /// Holds are taken and never released.
    KeepsHolds,
    /// Events of some payments never get a place in the log.
    SealSkips,
    /// The place in a mailbox moves on with the first document of a page.
    CursorFirst,
    /// Each approval counts, whoever gave it.
    CountsTwice,
    /// Whoever made a payment may approve it.
    CreatorApproves,
    /// Somebody else's older state is written over a cancellation.
    CancelIgnored,
    /// A line that came in another document is booked again.
    BooksAgain,
    /// What came back is booked, and the payment stays settled.
    ReturnWithoutState,
    /// An answer that was given before is given again also for other content.
    IgnoresContent,
    /// An approval counts for whatever the payment says now.
    AnyContent,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::ResendsOnUnknown,
        Self::SilenceIsRefusal,
        Self::MissingFence,
        Self::IgnoresLeases,
        Self::AnswersBeforeCommit,
        Self::ClaimApart,
        Self::ForgetsNonces,
        Self::KeepsHolds,
        Self::SealSkips,
        Self::CursorFirst,
        Self::CountsTwice,
        Self::CreatorApproves,
        Self::CancelIgnored,
        Self::BooksAgain,
        Self::ReturnWithoutState,
        Self::IgnoresContent,
        Self::AnyContent,
    ];

    /// Its name in tables and in `flow`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResendsOnUnknown => "resends on unknown",
            Self::SilenceIsRefusal => "silence is refusal",
            Self::MissingFence => "missing fence",
            Self::IgnoresLeases => "ignores leases",
            Self::AnswersBeforeCommit => "answers before commit",
            Self::ClaimApart => "claim apart",
            Self::ForgetsNonces => "forgets nonces",
            Self::KeepsHolds => "keeps holds",
            Self::SealSkips => "seal skips",
            Self::CursorFirst => "cursor first",
            Self::CountsTwice => "counts twice",
            Self::CreatorApproves => "creator approves",
            Self::CancelIgnored => "cancel ignored",
            Self::BooksAgain => "books again",
            Self::ReturnWithoutState => "return without state",
            Self::IgnoresContent => "ignores content",
            Self::AnyContent => "any content",
        }
    }

    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bug| bug.name() == name)
    }

    /// A statement as this bug has it.
    pub(crate) fn rewritten(self, text: &str) -> Option<String> {
        let (of, from, to) = match self {
            Self::MissingFence if text.starts_with("DELETE FROM jobs") => {
                ("DELETE FROM jobs", "AND attempts = $2", "AND $2 > 0")
            }
            Self::MissingFence if text.contains("last_error = $2") => {
                ("UPDATE jobs", "AND attempts = $4", "AND $4 > 0")
            }
            Self::MissingFence => ("UPDATE jobs SET leased_until", "AND attempts = $3", "AND $3 > 0"),
            Self::IgnoresLeases => (
                "UPDATE jobs SET attempts",
                "(leased_until <= $2 OR leased_until > $6)",
                "($2 > 0 OR $6 > 0)",
            ),
            Self::CancelIgnored if text.starts_with("UPDATE payment_states SET state = $1") => {
                return Some(text.replace(
                    "SET state = $1, since = $2, held_minor = $3, event = $4, detail = $5",
                    "SET since = CASE WHEN $1 = 11 AND state = 4 THEN since ELSE $2 END,
                       held_minor = CASE WHEN $1 = 11 AND state = 4 THEN held_minor ELSE $3 END,
                       event = CASE WHEN $1 = 11 AND state = 4 THEN event ELSE $4 END,
                       detail = CASE WHEN $1 = 11 AND state = 4 THEN detail ELSE $5 END,
                       state = CASE WHEN $1 = 11 AND state = 4 THEN state ELSE $1 END",
                ));
            }
            Self::KeepsHolds => ("UPDATE account_totals", "+ $2", "+ MAX($2, 0)"),
            Self::SealSkips => (
                "SELECT e.id, e.organization",
                "ORDER BY p.event LIMIT",
                "WHERE p.event % 11 <> 3 ORDER BY p.event LIMIT",
            ),
            _ => return None,
        };
        (text.starts_with(of) && text.contains(from)).then(|| text.replace(from, to))
    }
}
