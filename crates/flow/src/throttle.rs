//! Waiting after wrong passwords and codes. A try is counted before it is looked at, so that many at the same time gain nothing.

use crate::platform::Parts;
use crate::refusal::{Code, Error, Refusal};
use identity::throttle::{Counted, Failures};
use std::net::{IpAddr, Ipv6Addr};
use store::Tx;

/// What tries are counted for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    counted: Counted,
    digest: [u8; 16],
}

impl Subject {
    /// An account, by what names it, whether it exists or not.
    pub(crate) fn account(parts: &Parts, name: &[u8]) -> Self {
        Self {
            counted: Counted::Account,
            digest: parts.keyring.0.blind_index("throttles.account", &[name]),
        }
    }

    /// An account as it is tried from one network.
    pub(crate) fn account_from(parts: &Parts, name: &[u8], address: &str) -> Self {
        let network = network(address);
        Self {
            counted: Counted::Account,
            digest: parts
                .keyring
                .0
                .blind_index("throttles.account", &[name, network.as_bytes()]),
        }
    }

    /// An account, wherever it is tried from.
    pub(crate) fn account_anywhere(parts: &Parts, name: &[u8]) -> Self {
        Self {
            counted: Counted::AccountAnywhere,
            digest: parts.keyring.0.blind_index("throttles.anywhere", &[name]),
        }
    }

    /// Where somebody comes from, by network address.
    pub(crate) fn source(parts: &Parts, address: &str) -> Self {
        let network = network(address);
        Self {
            counted: Counted::Source,
            digest: parts.keyring.0.blind_index("throttles.source", &[network.as_bytes()]),
        }
    }
}

/// An IPv4 address itself, and of an IPv6 address its first 64 bits: whoever has one address there has all of them.
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).to_string(),
        Ok(IpAddr::V4(_)) | Err(_) => address.to_owned(),
    }
}

/// Tries that were counted, with what was counted before.
#[derive(Debug)]
pub(crate) struct Tried(Vec<(Subject, Option<Failures>, Failures)>);

fn load(tx: &mut dyn Tx, subject: &Subject) -> Result<Option<Failures>, Error> {
    let row = store::throttles::load(tx, &subject.digest)?;
    Ok(row.map(|(count, last_at)| Failures {
        count: u32::try_from(count).unwrap_or(u32::MAX),
        last_at,
    }))
}

fn put(tx: &mut dyn Tx, subject: &Subject, failures: Failures) -> Result<(), Error> {
    Ok(store::throttles::put(
        tx,
        &subject.digest,
        i64::from(failures.count),
        failures.last_at,
    )?)
}

/// Counts a try for each subject, unless one of them has to wait: then nothing is counted, and the refusal says how long.
pub(crate) fn attempt(parts: &Parts, tx: &mut dyn Tx, subjects: &[Subject]) -> Result<Result<Tried, Refusal>, Error> {
    let now = parts.clock.now();
    let mut tried = Vec::new();
    for subject in subjects {
        let earlier = load(tx, subject)?;
        let wait = earlier.map_or(0, |earlier| earlier.wait(subject.counted, now));
        if wait > 0 {
            let detail = format!("too many tries; the next one is looked at in {wait} seconds");
            return Ok(Err(Refusal::new(Code::Throttled, detail)));
        }
        tried.push((*subject, earlier, Failures::one_more(subject.counted, earlier, now)));
    }
    for (subject, _, counted) in &tried {
        put(tx, subject, *counted)?;
    }
    Ok(Ok(Tried(tried)))
}

/// Writes a try down once more as it is: what is recorded for somebody who exists is recorded in as many transactions for somebody who does
/// not, so that the time of the answer tells nothing.
pub(crate) fn again(tx: &mut dyn Tx, subjects: &[Subject]) -> Result<(), Error> {
    for subject in subjects {
        if let Some((count, last_at)) = store::throttles::load(tx, &subject.digest)? {
            store::throttles::put(tx, &subject.digest, count, last_at)?;
        }
    }
    Ok(())
}

/// Forgets the failures of an account that proved itself. What is counted for many people keeps its count but for this try: one account
/// of one's own must not make room for guesses at others.
pub(crate) fn proven(tx: &mut dyn Tx, tried: &Tried) -> Result<(), Error> {
    for one in &tried.0 {
        match one.0.counted {
            Counted::Account => store::throttles::clear(tx, &one.0.digest)?,
            Counted::AccountAnywhere | Counted::Source => take_back(tx, one)?,
        }
    }
    Ok(())
}

/// Tries that nobody has looked at do not count.
pub(crate) fn unseen(tx: &mut dyn Tx, tried: &Tried) -> Result<(), Error> {
    tried.0.iter().try_for_each(|one| take_back(tx, one))
}

/// Takes one try off what was counted since, and the wait that it has begun.
fn take_back(
    tx: &mut dyn Tx,
    (subject, earlier, counted): &(Subject, Option<Failures>, Failures),
) -> Result<(), Error> {
    let Some(present) = load(tx, subject)? else {
        return Ok(());
    };
    let last_at = match earlier {
        Some(earlier) if present.last_at == counted.last_at => earlier.last_at,
        Some(_) | None => present.last_at,
    };
    let count = present.count.saturating_sub(1);
    put(tx, subject, Failures { count, last_at })
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn all_addresses_of_one_network_are_one_source() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
