//! The yardstick of processor time: checking one Ed25519 signature over a request of usual size, which no signed request can do without.

use crate::Failure;
use crate::clock::now;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use std::time::Duration;

const SPAN: Duration = Duration::from_millis(300);

/// Nanoseconds for one check.
pub(crate) fn verify_nanos() -> Result<u64, Failure> {
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
