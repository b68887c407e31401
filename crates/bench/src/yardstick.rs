//! The yardstick of processor time: checking one Ed25519 signature over a request of usual size, which no signed request can do without.
//!
//! Checked on every processor at once. The payments it is compared with keep them all busy, and two of them may be halves of one core, so that
//! each does less than it would alone.

use crate::Failure;
use crate::clock::now;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use std::thread;
use std::time::Duration;

const SPAN: Duration = Duration::from_millis(300);

/// Nanoseconds of one processor for one check, with all processors at it.
pub(crate) fn verify_nanos() -> Result<u64, Failure> {
    let processors = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let checking: Vec<_> = (0..processors).map(|_| scope.spawn(nanos_each)).collect();
        let mut total = 0_u64;
        for checked in checking {
            let nanos = checked.join().map_err(|_| "the yardstick panicked")??;
            total = total.saturating_add(nanos);
        }
        Ok(total / u64::try_from(processors)?)
    })
}

fn nanos_each() -> Result<u64, Failure> {
    let (key, message) = (Ed25519KeyPair::from_seed_unchecked(&[1; 32])?, [7; 400]);
    let signature = key.sign(&message);
    let public = ParsedPublicKey::new(&ED25519, key.public_key().as_ref())?;
    let (began, mut done) = (now(), 0_u64);
    while began.elapsed() < SPAN {
        public.verify_sig(&message, signature.as_ref())?;
        done = done.saturating_add(1);
    }
    Ok(u64::try_from(began.elapsed().as_nanos())? / done.max(1))
}
