//! Compact: canonical content takes less room on disk before it is sealed.
//!
//! Every payment repeats the same field names, so the bytes are compressed (LZ4 blocks) against a dictionary of what contents are made
//! of. What is approved, hashed and sent are the canonical bytes: this is only how a row keeps them. Length is all that sealing does not
//! hide, with compression or without; each content is compressed by itself, so no row tells of another.

use crate::refusal::Error;
use lz4_flex::block::{compress_with_dict, decompress_with_dict};

/// Marks bytes compressed against [`DICTIONARY`]. Canonical content begins with `{`, which marks it as kept as it is.
const COMPRESSED: u8 = 1;
/// Rows were written with it: it stays for ever. A better one gets a mark of its own.
const DICTIONARY: &[u8] = include_bytes!("compact/content.v1");
/// No content is longer: all of its fields at their limits.
const CONTENT_BYTES_MAX: usize = 16 * 1024;
const LENGTH_BYTES: usize = 2;

/// The bytes that are sealed into a payment's row: mark, length, compressed content; or the content itself if that is shorter.
pub(crate) fn pack(canonical: &[u8]) -> Vec<u8> {
    let compressed = compress_with_dict(canonical, DICTIONARY);
    let length = u16::try_from(canonical.len())
        .ok()
        .filter(|_| canonical.len() <= CONTENT_BYTES_MAX);
    match length {
        Some(length) if compressed.len() + 1 + LENGTH_BYTES < canonical.len() => {
            let mut packed = Vec::with_capacity(compressed.len() + 1 + LENGTH_BYTES);
            packed.push(COMPRESSED);
            packed.extend_from_slice(&length.to_le_bytes());
            packed.extend_from_slice(&compressed);
            packed
        }
        _ => canonical.to_vec(),
    }
}

/// The canonical content of bytes that were sealed.
pub(crate) fn unpack(packed: Vec<u8>) -> Result<Vec<u8>, Error> {
    let Some((&COMPRESSED, rest)) = packed.split_first() else {
        return Ok(packed);
    };
    let content = rest
        .split_first_chunk::<LENGTH_BYTES>()
        .and_then(|(length, compressed)| {
            let length = usize::from(u16::from_le_bytes(*length));
            let content = decompress_with_dict(compressed, length.min(CONTENT_BYTES_MAX), DICTIONARY).ok()?;
            (content.len() == length).then_some(content)
        });
    content.ok_or(Error::Bug("stored content that cannot be unpacked"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const USUAL: &str = r#"{"amount":"1234.56","batch_booking":false,"charges":"SLEV","creditor":{"agent":"BYLADEM1001","iban":"DE02120300000000202051","name":"Nordlicht Werkzeuge und Anlagen AG"},"currency":"EUR","debtor":{"agent":"COBADEFFXXX","iban":"DE89370400440532013000","name":"Aurora Maschinenbau GmbH"},"end_to_end_id":"INV-0000000017","execution_on":"2026-11-27","remittance":{"text":"Invoice 0000000017 of November, order 4711"},"service_level":"SEPA"}"#;

    #[test]
    fn usual_content_takes_little_more_than_half_the_room() {
        let packed = pack(USUAL.as_bytes());
        assert!(
            packed.len() * 100 < USUAL.len() * 62,
            "{} of {}",
            packed.len(),
            USUAL.len()
        );
        assert_eq!(unpack(packed).unwrap(), USUAL.as_bytes());
    }

    #[test]
    fn the_dictionary_is_the_one_that_rows_were_written_with() {
        assert_eq!(
            crate::event::hex(&crate::event::sha256(&[DICTIONARY])),
            "ac217c828fd19232c4a4947bd98187a7dc573d83ee5ef4fb50eac16daad1c7dd"
        );
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let packed = pack(USUAL.as_bytes());
        for cut in 1..packed.len() {
            assert!(unpack(packed[..cut].to_vec()).is_err(), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn every_content_comes_back(content in r#"\{[ -~]{0,2000}"#) {
            prop_assert_eq!(unpack(pack(content.as_bytes())).unwrap(), content.as_bytes());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = unpack(bytes);
        }
    }
}
