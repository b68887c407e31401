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

/// Counts a try for each subject, unless one of them has to wait: then nothing is counted, and the refusal says how long.
pub(crate) fn attempt(parts: &Parts, tx: &mut dyn Tx, subjects: &[Subject]) -> Result<Result<(), Refusal>, Error> {
    let now = parts.clock.now();
    let mut failures = Vec::new();
    for subject in subjects {
        let earlier = store::throttles::load(tx, &subject.digest)?.map(|(count, last_at)| Failures {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            last_at,
        });
        let wait = earlier.map_or(0, |earlier| earlier.wait(subject.counted, now));
        if wait > 0 {
            let detail = format!("too many tries; the next one is looked at in {wait} seconds");
            return Ok(Err(Refusal::new(Code::Throttled, detail)));
        }
        failures.push((subject, Failures::one_more(earlier, now)));
    }
    for (subject, counted) in failures {
        store::throttles::put(tx, &subject.digest, i64::from(counted.count), counted.last_at)?;
    }
    Ok(Ok(()))
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

/// Forgets the failures of an account that proved itself. A source keeps its count but for this try: one account of one's own must not
/// make room for guesses at others.
pub(crate) fn proven(tx: &mut dyn Tx, subjects: &[Subject]) -> Result<(), Error> {
    for subject in subjects {
        match subject.counted {
            Counted::Account => store::throttles::clear(tx, &subject.digest)?,
            Counted::Source => {
                if let Some((count, last_at)) = store::throttles::load(tx, &subject.digest)? {
                    store::throttles::put(tx, &subject.digest, count.saturating_sub(1).max(0), last_at)?;
                }
            }
        }
    }
    Ok(())
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
