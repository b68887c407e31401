//! The registry of ids: one line each.
//!
//! An id is a positive 64-bit integer that grows with time, so that rows are appended where the last one went. Outside it is shown
//! as an opaque word with a prefix, `pay_0dz4k2m8qv1xa`: thirteen letters of Crockford's base 32.

use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LETTERS: usize = 13;

/// Why a text is not the id that was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Another kind of id was given.
    #[error("`{found}_…` given where a `{expected}_…` is expected")]
    WrongPrefix {
        /// The prefix this place asks for.
        expected: &'static str,
        /// The prefix that was given, shortened.
        found: String,
    },
    /// The part after the prefix is not thirteen letters of the alphabet.
    #[error("not an id: `{expected}_` and thirteen letters or digits are expected")]
    Malformed {
        /// The prefix this place asks for.
        expected: &'static str,
    },
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// What its text form starts with.
            pub const PREFIX: &'static str = $prefix;

            /// The id with this number.
            pub fn from_i64(number: i64) -> Self {
                Self(number)
            }

            /// Its number, as rows hold it.
            pub fn to_i64(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(f, Self::PREFIX, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(f, Self::PREFIX, self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                read_id(text, Self::PREFIX).map(Self)
            }
        }
    )*};
}

ids! {
    /// An organization: the tenant that every row belongs to.
    OrganizationId = "org";
    /// A person who works for an organization.
    MemberId = "usr";
    /// An application of an organization that signs its requests.
    ClientId = "app";
    /// A change of a member's standing or roles.
    ChangeId = "chg";
    /// A member's session in a browser.
    SessionId = "ses";
    /// A factor proven for one act.
    StepUpId = "stp";
    /// A public key registered for a member or a client.
    KeyId = "key";
    /// A payment.
    PaymentId = "pay";
    /// A batch of payments that came in one file.
    BatchId = "bat";
    /// A finding about a file or one of its payments.
    FindingId = "fnd";
    /// An approval given or declined by a member.
    ApprovalId = "apr";
    /// An order: one message to a bank, holding one or more payments.
    OrderId = "ord";
    /// One of the organization's own accounts at a bank.
    AccountId = "acct";
    /// A journal entry of the ledger.
    EntryId = "ent";
    /// A document as it came from a bank.
    DocumentId = "doc";
    /// A statement or notification received from a bank.
    StatementId = "stmt";
    /// A line of a statement.
    LineId = "line";
    /// An entry of the exception list.
    ExceptionId = "exc";
    /// An event: something that happened, and a leaf of the log.
    EventId = "evt";
    /// A piece of work for the outside world.
    JobId = "job";
    /// Something that was done about a backup.
    BackupId = "bak";
    /// One request to the API or one run of a worker.
    RequestId = "req";
}

fn write_id(f: &mut fmt::Formatter<'_>, prefix: &str, number: i64) -> fmt::Result {
    f.write_str(prefix)?;
    f.write_str("_")?;
    let bits = u64::from_ne_bytes(number.to_ne_bytes());
    for place in (0..LETTERS).rev() {
        let shift = u32::try_from(place.saturating_mul(5)).unwrap_or(0);
        let digit = usize::try_from(bits.checked_shr(shift).unwrap_or(0) & 31).unwrap_or(0);
        let letter = ALPHABET.get(digit).copied().unwrap_or(b'0');
        write!(f, "{}", char::from(letter))?;
    }
    Ok(())
}

fn read_id(text: &str, expected: &'static str) -> Result<i64, IdError> {
    let Some((prefix, letters)) = text.rsplit_once('_') else {
        return Err(IdError::Malformed { expected });
    };
    if prefix != expected {
        return Err(IdError::WrongPrefix {
            expected,
            found: prefix.chars().take(8).collect(),
        });
    }
    if letters.len() != LETTERS {
        return Err(IdError::Malformed { expected });
    }
    let mut bits: u64 = 0;
    for letter in letters.bytes() {
        let digit = ALPHABET
            .iter()
            .position(|known| *known == letter)
            .ok_or(IdError::Malformed { expected })?;
        let digit = u64::try_from(digit).map_err(|_| IdError::Malformed { expected })?;
        bits = bits
            .checked_mul(32)
            .and_then(|bits| bits.checked_add(digit))
            .ok_or(IdError::Malformed { expected })?;
    }
    let number = i64::from_ne_bytes(bits.to_ne_bytes());
    if number > 0 {
        Ok(number)
    } else {
        Err(IdError::Malformed { expected })
    }
}

/// Draws ids that never repeat: 41 bits of milliseconds since 2020, 10 bits of server number, 12 bits of counter.
///
/// - Within one process: each draw is greater than the one before, whatever the clock does. When a millisecond is used up, the next
///   one is borrowed.
/// - Among the processes on one database: each has a server number of its own, leased from the database at start, and the number is
///   part of the id. Two processes with the very same clock draw different ids.
/// - Over a restart: the process begins above the greatest id in the database ([`Self::go_above`]), so a clock that was set back
///   meanwhile, or that stood still, brings nothing twice although the same server number may have been leased again. Ids of requests, which are no rows, are
///   as good as the clock.
///
/// What is left to the primary keys of the tables: a process that was frozen for longer than its lease and that draws before it notices.
#[derive(Debug)]
pub struct IdSource {
    server: u64,
    last: std::sync::atomic::AtomicU64,
}

impl IdSource {
    /// Server numbers there are.
    pub const SERVERS: u64 = 1 << 10;
    const COUNTER_BITS: u32 = 12;
    const SERVER_BITS: u32 = 10;
    const EPOCH_MILLIS: i64 = 1_577_836_800_000;

    /// A source for the server with this leased number, taken modulo [`Self::SERVERS`].
    pub fn new(server: u64) -> Self {
        Self {
            server: server & 0x3ff,
            last: std::sync::atomic::AtomicU64::new(0),
        }
    }

    /// From now on every number is greater than this one, whoever drew it and whatever their clock said: what follows from something has
    /// a greater number than that.
    pub fn see(&self, number: i64) {
        use std::sync::atomic::Ordering;
        let number = number.unsigned_abs();
        let millis = number >> (Self::SERVER_BITS + Self::COUNTER_BITS);
        let (server, counter) = ((number >> Self::COUNTER_BITS) & 0x3ff, number & 0xfff);
        let last = match server.cmp(&self.server) {
            std::cmp::Ordering::Less => (millis << Self::COUNTER_BITS).saturating_sub(1),
            std::cmp::Ordering::Equal => millis << Self::COUNTER_BITS | counter,
            std::cmp::Ordering::Greater => millis << Self::COUNTER_BITS | 0xfff,
        };
        self.last.fetch_max(last, Ordering::Relaxed);
    }

    /// When a number was drawn, on the real clock of the server that drew it, to the millisecond.
    pub fn drawn_at(number: i64) -> crate::time::Timestamp {
        let millis = u64::try_from(number).unwrap_or(0) >> (Self::SERVER_BITS + Self::COUNTER_BITS);
        let millis = i64::try_from(millis).unwrap_or(0).saturating_add(Self::EPOCH_MILLIS);
        crate::time::Timestamp::from_micros(millis.saturating_mul(1000))
    }

    /// From now on draws only numbers greater than this one.
    pub fn go_above(&self, number: i64) {
        let millis = u64::try_from(number).unwrap_or(0) >> (Self::SERVER_BITS + Self::COUNTER_BITS);
        let last_of_it = (millis << Self::COUNTER_BITS) | 0xfff;
        self.last.fetch_max(last_of_it, std::sync::atomic::Ordering::Relaxed);
    }

    /// The next number at the time given in microseconds since 1970.
    pub fn draw(&self, now: crate::time::Timestamp) -> i64 {
        use std::sync::atomic::Ordering;
        let millis = now.micros().div_euclid(1000).saturating_sub(Self::EPOCH_MILLIS).max(1);
        let tick = u64::try_from(millis).unwrap_or(1) << Self::COUNTER_BITS;
        // `last` counts ticks of 1/4096 ms: when a millisecond is used up, the next one is borrowed.
        let mut last = self.last.load(Ordering::Relaxed);
        let next = loop {
            let next = last.saturating_add(1).max(tick);
            match self
                .last
                .compare_exchange_weak(last, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => break next,
                Err(seen) => last = seen,
            }
        };
        let counter = next & 0xfff;
        let number =
            (((next >> Self::COUNTER_BITS) << Self::SERVER_BITS) | self.server) << Self::COUNTER_BITS | counter;
        i64::try_from(number & 0x7fff_ffff_ffff_ffff).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_id_survives_its_text(number in 1..i64::MAX) {
            let id = PaymentId::from_i64(number);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = text.parse::<PaymentId>();
        }
    }

    #[test]
    fn another_kind_of_id_is_named_in_the_refusal() {
        let id = BatchId::from_i64(7).to_string();
        let refusal = id.parse::<PaymentId>().unwrap_err();
        assert_eq!(refusal.to_string(), "`bat_…` given where a `pay_…` is expected");
    }

    proptest! {
        #[test]
        fn the_next_id_is_above_any_that_was_there(greatest in 0_i64..i64::MAX >> 1, server in 0_u64..1024, seconds in 0_i64..3_700_000_000) {
            let source = IdSource::new(server);
            source.go_above(greatest);
            let now = Timestamp::from_seconds(seconds);
            let (first, second) = (source.draw(now), source.draw(now));
            prop_assert!(greatest < first && first < second);
            prop_assert_eq!(IdSource::drawn_at(IdSource::new(server).draw(now)), now.max(Timestamp::from_micros(1_577_836_800_001_000)));
        }
    }

    #[test]
    fn servers_with_the_same_clock_draw_different_ids() {
        let now = Timestamp::from_micros(1_790_000_000_000_000);
        let mut drawn = std::collections::BTreeSet::new();
        for server in [0, 1, 1023] {
            let source = IdSource::new(server);
            for _ in 0..10_000 {
                assert!(drawn.insert(source.draw(now)));
            }
        }
    }

    #[test]
    fn what_was_seen_is_smaller_than_what_is_drawn_afterwards_on_any_server() {
        let (early, late) = (1_790_000_000_000_000, 1_790_000_000_500_000);
        for (one, other) in [(1, 2), (2, 1), (3, 3)] {
            let (ahead, behind) = (IdSource::new(one), IdSource::new(other));
            for _ in 0..10_000 {
                let seen = ahead.draw(Timestamp::from_micros(late));
                behind.see(seen);
                let drawn = behind.draw(Timestamp::from_micros(early));
                assert!(drawn > seen);
                ahead.see(drawn);
            }
        }
    }

    #[test]
    fn seeing_ones_own_numbers_uses_no_time_up() {
        let source = IdSource::new(7);
        let now = Timestamp::from_micros(1_790_000_000_000_000);
        let first = source.draw(now);
        (0..4_000).for_each(|_| source.see(source.draw(now)));
        assert_eq!(source.draw(now), first + 4_001);
    }

    #[test]
    fn ids_grow_even_when_the_clock_steps_back_and_a_millisecond_is_used_up() {
        let source = IdSource::new(5);
        let mut last = 0;
        for step in 0..20_000_i64 {
            let id = source.draw(Timestamp::from_micros(1_790_000_000_000_000 - step * 1000));
            assert!(id > last);
            last = id;
        }
    }
}
