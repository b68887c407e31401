//! The journey language: what happens in a run, one line for each action.
//!
//! An action says everything; nothing is drawn while it is carried out. One that makes no sense at its place (because shrinking has
//! removed what it needs) does nothing.

use std::fmt;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The application.
    Client,
    /// A person, from 1.
    Member(usize),
}

/// What a request asks of the platform. Payments, files, banks and people are numbered from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A payment.
    Submit {
        who: Who,
        payment: usize,
        minor: i64,
        creditor: usize,
        bank: usize,
        days: i64,
        /// Has the creditor, amount and words of this earlier one.
        like: Option<usize>,
    },
    /// The same request again, with its idempotency key; with other content if `altered`.
    Repeat { payment: usize, altered: bool },
    /// The very same signed request again.
    Replay { payment: usize },
    /// A file of payments.
    Upload {
        file: usize,
        bank: usize,
        days: i64,
        together: bool,
        payments: Vec<(usize, i64)>,
    },
    /// The same file again.
    RepeatFile { file: usize, altered: bool },
    /// A yes or a no; `unseen` names another content; `anew` asks under another idempotency key.
    Decide {
        member: usize,
        payment: usize,
        yes: bool,
        unseen: bool,
        anew: bool,
    },
    /// Another amount.
    Change { who: Who, payment: usize, minor: i64 },
    /// Withdraw.
    Cancel { payment: usize },
    /// Have the bank cancel; the number makes it another request.
    Recall { payment: usize, number: usize },
    /// It is no duplicate.
    Confirm { payment: usize },
    /// A person decides about the n-th open exception.
    Resolve { number: usize, accept: bool },
    /// Another approval policy.
    Policy(String),
    /// One job is done.
    Work,
    /// Events get their places.
    Seal,
    /// The checkpoint is published.
    Publish(Publication),
}

/// What becomes of a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    Done,
    NotApplied,
    AnswerLost,
}

/// What becomes of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Fails,
    Unanswered,
    Twice,
    Full,
    Stalls,
    DiesBefore,
    DiesAfter,
}

/// A call to a bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Send,
    Inquire,
    Collect,
}

/// What becomes of a call to a bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// The request is lost.
    LosesRequest,
    /// The answer is lost.
    LosesAnswer,
    /// The request is on its way for long.
    HangsBefore,
    /// The answer is on its way for long.
    HangsAfter,
    /// It is refused as a whole.
    Refuses,
    /// The answer is no message.
    Babbles,
    /// Of the documents that are handed over, the last is torn.
    Tears,
}

/// What a bank does by itself. Numbers count round what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Books(usize),
    BooksPart(usize),
    BooksMore(usize),
    BooksTwice(usize),
    BooksRejected(usize),
    Returns(usize),
    Foreign(i64),
    Rejects(usize),
    Reports(usize),
    Notifies,
    States,
    Repeats(usize),
    Alters(usize),
    Withholds,
    HandsOver,
    Decides(bool),
    Postpones,
}

/// One line of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A request to a server.
    Ask(usize, Asked),
    /// What hangs or stalls at a server goes on.
    GoesOn(usize),
    /// A server vanishes and comes back.
    Crash(usize),
    /// A server is stopped and started again.
    Restart(usize),
    /// The transaction that comes after so many others of a server.
    Fault(usize, u64, Form),
    /// The next call of this kind to a bank.
    Bank(usize, Call, Behaviour),
    /// A bank acts.
    Does(usize, Deed),
    /// Time passes.
    Passes(i64),
    /// The clock is set.
    Steps(i64),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client => f.write_str("client"),
            Self::Member(number) => write!(f, "m{number}"),
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let altered = |altered: &bool| if *altered { " altered" } else { "" };
        match self {
            Self::Submit {
                who,
                payment,
                minor,
                creditor,
                bank,
                days,
                like,
            } => {
                write!(
                    f,
                    "{who} submits p{payment} {} to c{creditor} from b{bank} in {days} days",
                    euros(*minor)
                )?;
                like.map_or(Ok(()), |like| write!(f, " like p{like}"))
            }
            Self::Repeat { payment, altered: a } => write!(f, "client repeats p{payment}{}", altered(a)),
            Self::Replay { payment } => write!(f, "client replays p{payment}"),
            Self::Upload {
                file,
                bank,
                days,
                together,
                payments,
            } => {
                let together = if *together { "together" } else { "singly" };
                write!(f, "client uploads f{file} {together} from b{bank} in {days} days")?;
                payments
                    .iter()
                    .try_for_each(|(payment, minor)| write!(f, " p{payment} {}", euros(*minor)))
            }
            Self::RepeatFile { file, altered: a } => write!(f, "client repeats f{file}{}", altered(a)),
            Self::Decide {
                member,
                payment,
                yes,
                unseen,
                anew,
            } => {
                let verb = if *yes { "approves" } else { "declines" };
                write!(f, "m{member} {verb} p{payment}")?;
                f.write_str(if *unseen { " unseen" } else { "" })?;
                f.write_str(if *anew { " anew" } else { "" })
            }
            Self::Change { who, payment, minor } => write!(f, "{who} changes p{payment} to {}", euros(*minor)),
            Self::Cancel { payment } => write!(f, "client cancels p{payment}"),
            Self::Recall { payment, number } => write!(f, "client recalls p{payment} {number}"),
            Self::Confirm { payment } => write!(f, "client confirms p{payment}"),
            Self::Resolve { number, accept } => {
                write!(f, "clerk {} {number}", if *accept { "accepts" } else { "acknowledges" })
            }
            Self::Policy(text) => write!(f, "policy {text}"),
            Self::Work => f.write_str("works"),
            Self::Seal => f.write_str("seals"),
            Self::Publish(Publication::Done) => f.write_str("publishes"),
            Self::Publish(Publication::NotApplied) => f.write_str("publishes in vain"),
            Self::Publish(Publication::AnswerLost) => f.write_str("publishes unanswered"),
        }
    }
}

/// Words and what they stand for, in both directions.
macro_rules! words {
    ($type:ident { $($text:literal = $value:ident),+ $(,)? }) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$value => $text),+ })
            }
        }

        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            fn from_words(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.to_string() == text)
            }
        }
    };
}

words!(Form {
    "fails" = Fails,
    "is not answered" = Unanswered,
    "runs twice" = Twice,
    "finds the queue full" = Full,
    "stalls" = Stalls,
    "dies before it" = DiesBefore,
    "dies after it" = DiesAfter,
});
words!(Call {
    "send" = Send,
    "inquiry" = Inquire,
    "collection" = Collect,
});
words!(Behaviour {
    "loses the request" = LosesRequest,
    "loses the answer" = LosesAnswer,
    "hangs before" = HangsBefore,
    "hangs after" = HangsAfter,
    "refuses" = Refuses,
    "babbles" = Babbles,
    "tears" = Tears,
});

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Books(number) => write!(f, "books {number}"),
            Self::BooksPart(number) => write!(f, "books a part of {number}"),
            Self::BooksMore(number) => write!(f, "books too much of {number}"),
            Self::BooksTwice(number) => write!(f, "books once more {number}"),
            Self::BooksRejected(number) => write!(f, "books what it rejected {number}"),
            Self::Returns(number) => write!(f, "returns {number}"),
            Self::Foreign(minor) => write!(f, "books of others {}", euros(*minor)),
            Self::Rejects(number) => write!(f, "rejects {number}"),
            Self::Reports(number) => write!(f, "reports {number}"),
            Self::Notifies => f.write_str("notifies"),
            Self::States => f.write_str("states"),
            Self::Repeats(number) => write!(f, "repeats document {number}"),
            Self::Alters(number) => write!(f, "alters statement {number}"),
            Self::Withholds => f.write_str("withholds documents"),
            Self::HandsOver => f.write_str("hands over what it withheld, last first"),
            Self::Decides(true) => f.write_str("grants recalls"),
            Self::Decides(false) => f.write_str("refuses recalls"),
            Self::Postpones => f.write_str("leaves recalls open"),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask(server, asked) => write!(f, "s{server}: {asked}"),
            Self::GoesOn(server) => write!(f, "s{server}: goes on"),
            Self::Crash(server) => write!(f, "s{server}: crashes"),
            Self::Restart(server) => write!(f, "s{server}: restarts"),
            Self::Fault(server, after, form) => write!(f, "s{server}: commit {after} from now {form}"),
            Self::Bank(bank, call, behaviour) => write!(f, "b{bank}: next {call} {behaviour}"),
            Self::Does(bank, deed) => write!(f, "b{bank}: {deed}"),
            Self::Passes(seconds) => write!(f, "{seconds} seconds pass"),
            Self::Steps(seconds) => write!(f, "the clock is set by {seconds} seconds"),
        }
    }
}

fn euros(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", minor.unsigned_abs() / 100, minor.unsigned_abs() % 100)
}

/// Reads a line.
pub fn parse(line: &str) -> Option<Action> {
    if let Some(seconds) = line.strip_suffix(" seconds pass") {
        return seconds.parse().ok().map(Action::Passes);
    }
    if let Some(rest) = line.strip_prefix("the clock is set by ") {
        return rest.strip_suffix(" seconds")?.parse().ok().map(Action::Steps);
    }
    let (subject, rest) = line.split_once(": ")?;
    if let Some(bank) = subject.strip_prefix('b') {
        return of_bank(bank.parse().ok()?, rest);
    }
    let server = number(subject, 's')?;
    match rest {
        "goes on" => return Some(Action::GoesOn(server)),
        "crashes" => return Some(Action::Crash(server)),
        "restarts" => return Some(Action::Restart(server)),
        _ => {}
    }
    if let Some(rest) = rest.strip_prefix("commit ") {
        let (after, form) = rest.split_once(" from now ")?;
        return Some(Action::Fault(server, after.parse().ok()?, Form::from_words(form)?));
    }
    asked(rest).map(|asked| Action::Ask(server, asked))
}

fn of_bank(bank: usize, rest: &str) -> Option<Action> {
    if let Some(rest) = rest.strip_prefix("next ") {
        let (call, behaviour) = rest.split_once(' ')?;
        return Some(Action::Bank(
            bank,
            Call::from_words(call)?,
            Behaviour::from_words(behaviour)?,
        ));
    }
    let last = |start: &str| rest.strip_prefix(start)?.trim().parse().ok();
    let deed = match rest {
        "notifies" => Deed::Notifies,
        "states" => Deed::States,
        "withholds documents" => Deed::Withholds,
        "hands over what it withheld, last first" => Deed::HandsOver,
        "grants recalls" => Deed::Decides(true),
        "refuses recalls" => Deed::Decides(false),
        "leaves recalls open" => Deed::Postpones,
        _ => {
            if let Some(text) = rest.strip_prefix("books of others ") {
                Deed::Foreign(minor(text)?)
            } else if let Some(number) = last("books a part of ") {
                Deed::BooksPart(number)
            } else if let Some(number) = last("books too much of ") {
                Deed::BooksMore(number)
            } else if let Some(number) = last("books once more ") {
                Deed::BooksTwice(number)
            } else if let Some(number) = last("books what it rejected ") {
                Deed::BooksRejected(number)
            } else if let Some(number) = last("books ") {
                Deed::Books(number)
            } else if let Some(number) = last("returns ") {
                Deed::Returns(number)
            } else if let Some(number) = last("rejects ") {
                Deed::Rejects(number)
            } else if let Some(number) = last("reports ") {
                Deed::Reports(number)
            } else if let Some(number) = last("repeats document ") {
                Deed::Repeats(number)
            } else {
                Deed::Alters(last("alters statement ")?)
            }
        }
    };
    Some(Action::Does(bank, deed))
}

fn number(word: &str, kind: char) -> Option<usize> {
    word.strip_prefix(kind)?.parse().ok()
}

fn who(word: &str) -> Option<Who> {
    if word == "client" {
        Some(Who::Client)
    } else {
        number(word, 'm').map(Who::Member)
    }
}

fn minor(text: &str) -> Option<i64> {
    text.replace('.', "").parse().ok()
}

fn asked(rest: &str) -> Option<Asked> {
    if let Some(text) = rest.strip_prefix("policy ") {
        return Some(Asked::Policy(text.to_owned()));
    }
    let words: Vec<&str> = rest.split(' ').collect();
    Some(match words.as_slice() {
        ["works"] => Asked::Work,
        ["seals"] => Asked::Seal,
        ["publishes"] => Asked::Publish(Publication::Done),
        ["publishes", "in", "vain"] => Asked::Publish(Publication::NotApplied),
        ["publishes", "unanswered"] => Asked::Publish(Publication::AnswerLost),
        [
            by,
            "submits",
            payment,
            amount,
            "to",
            creditor,
            "from",
            bank,
            "in",
            days,
            "days",
            like @ ..,
        ] => Asked::Submit {
            who: who(by)?,
            payment: number(payment, 'p')?,
            minor: minor(amount)?,
            creditor: number(creditor, 'c')?,
            bank: number(bank, 'b')?,
            days: days.parse().ok()?,
            like: match like {
                ["like", other] => Some(number(other, 'p')?),
                _ => None,
            },
        },
        [
            "client",
            "uploads",
            file,
            together,
            "from",
            bank,
            "in",
            days,
            "days",
            payments @ ..,
        ] => Asked::Upload {
            file: number(file, 'f')?,
            bank: number(bank, 'b')?,
            days: days.parse().ok()?,
            together: *together == "together",
            payments: payments
                .chunks(2)
                .map(|pair| match pair {
                    [payment, amount] => Some((number(payment, 'p')?, minor(amount)?)),
                    _ => None,
                })
                .collect::<Option<_>>()?,
        },
        ["client", "repeats", what, altered @ ..] => {
            let altered = altered == ["altered"];
            match number(what, 'f') {
                Some(file) => Asked::RepeatFile { file, altered },
                None => Asked::Repeat {
                    payment: number(what, 'p')?,
                    altered,
                },
            }
        }
        ["client", "replays", payment] => Asked::Replay {
            payment: number(payment, 'p')?,
        },
        ["client", "cancels", payment] => Asked::Cancel {
            payment: number(payment, 'p')?,
        },
        ["client", "recalls", payment, times] => Asked::Recall {
            payment: number(payment, 'p')?,
            number: times.parse().ok()?,
        },
        ["client", "confirms", payment] => Asked::Confirm {
            payment: number(payment, 'p')?,
        },
        ["clerk", verb, exception] => Asked::Resolve {
            number: exception.parse().ok()?,
            accept: *verb == "accepts",
        },
        [by, "changes", payment, "to", amount] => Asked::Change {
            who: who(by)?,
            payment: number(payment, 'p')?,
            minor: minor(amount)?,
        },
        [member, verb @ ("approves" | "declines"), payment, how @ ..] => Asked::Decide {
            member: number(member, 'm')?,
            payment: number(payment, 'p')?,
            yes: *verb == "approves",
            unseen: how.contains(&"unseen"),
            anew: how.contains(&"anew"),
        },
        _ => return None,
    })
}
