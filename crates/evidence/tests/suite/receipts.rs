//! Receipts: the committed sample, and that no byte of one can be changed.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evidence::canonical::to_canonical;
use evidence::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use evidence::entry::{Salt, commit};
use evidence::growth::TileEdge;
use evidence::hash::Hash;
use evidence::key::{SignerKey, VerifierKey};
use evidence::note::NoteError;
use evidence::proof::{BYTES_MAX, Proof, ProofError};
use evidence::receipt::{Receipt, ReceiptError, verify_receipt};
use evidence::tree::prove_inclusion;
use evidence::verify::Unproven;
use serde_json::{Value, json};

use crate::fixtures::{InMemory, ORIGIN, signer};

const SALT: Salt = *b"sixteen of salt!";

/// Everything that a receipt is made of, over a log in memory.
struct Sample {
    event: Value,
    index: u64,
    path: Vec<Hash>,
    checkpoint: SignedCheckpoint,
}

impl Sample {
    /// The receipt for a made-up approval as entry `index` of a log of `size`.
    fn new(index: usize, size: usize) -> Self {
        let event = json!({
            "event": "payment.approved",
            "payment": "pay_0000000000sample",
            "approved_at": 1_767_225_600_000_i64,
            "amount": {"minor": 1_250_000, "currency": "EUR"},
            "conditions": ["two approvers", "payee checked"],
            "note": "Zürich \"3\" €\n\u{1F600}",
            "reversal": false,
            "of": null,
        });
        Self::of(event, index, size)
    }

    fn of(event: Value, index: usize, size: usize) -> Self {
        let mut leaves: Vec<_> = (0..size)
            .map(|n| commit(&SALT, n.to_string().as_bytes()).leaf_hash())
            .collect();
        leaves[index] = commit(&SALT, &to_canonical(&event).unwrap()).leaf_hash();
        let mut edge = TileEdge::empty();
        edge.append(&leaves).unwrap();
        let index = u64::try_from(index).unwrap();
        let path = prove_inclusion(&mut InMemory(&leaves), index, edge.size()).unwrap();
        let checkpoint = Checkpoint::new(ORIGIN, edge.size(), edge.root())
            .unwrap()
            .sign(&[&signer()])
            .unwrap();
        Self {
            event,
            index,
            path,
            checkpoint,
        }
    }

    fn receipt(&self) -> Receipt<'_> {
        Receipt {
            event: &self.event,
            salt: &SALT,
            index: self.index,
            path: &self.path,
            checkpoint: &self.checkpoint,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        self.receipt().to_bytes().unwrap()
    }
}

fn log_key() -> VerifierKey {
    signer().verifier().clone()
}

fn verifies(bytes: &[u8]) -> bool {
    verify_receipt(bytes, &log_key()).is_ok()
}

/// The receipt with another line `extra`, everything else as it was.
fn with_extra(sample: &Sample, extra: &str) -> Vec<u8> {
    let extra = Some(extra.as_bytes().to_vec());
    Proof::new(extra, sample.index, sample.path.clone(), sample.checkpoint.clone())
        .unwrap()
        .to_bytes()
}

#[test]
fn a_receipt_proves_its_event() {
    for (index, size) in [(0, 1), (0, 2), (4, 5), (517, 1000)] {
        let sample = Sample::new(index, size);
        let verified = verify_receipt(&sample.bytes(), &log_key()).unwrap();
        assert_eq!((verified.origin.as_str(), verified.index), (ORIGIN, sample.index));
        assert_eq!(verified.size, u64::try_from(size).unwrap());
        assert_eq!(verified.root, sample.checkpoint.unverified().root());
        assert_eq!(verified.event, sample.event);
    }
}

#[test]
fn the_committed_sample_is_what_is_written_and_verifies_with_its_key() {
    let bytes = include_bytes!("../vectors/receipt/sample.tlog-proof");
    let key = VerifierKey::parse(include_str!("../vectors/receipt/sample.vkey").trim_end()).unwrap();
    assert_eq!(verify_receipt(bytes, &key).unwrap().event, Sample::new(517, 1000).event);
    assert_eq!(
        bytes.as_slice(),
        Sample::new(517, 1000).bytes(),
        "the format changed; receipts that were handed out cannot"
    );
}

#[test]
#[ignore = "writes the committed sample anew"]
#[expect(clippy::disallowed_methods, reason = "writes a test vector")]
fn write_sample() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/receipt");
    fs::write(folder.join("sample.tlog-proof"), Sample::new(517, 1000).bytes()).unwrap();
    fs::write(folder.join("sample.vkey"), format!("{}\n", log_key())).unwrap();
}

#[test]
fn no_byte_of_a_receipt_can_be_changed() {
    let receipt = Sample::new(517, 1000).bytes();
    for position in 0..receipt.len() {
        let byte = receipt[position];
        // Neighbours, case, single bits, and the characters that the format itself is made of.
        let values = [
            byte ^ 0x01,
            byte ^ 0x02,
            byte ^ 0x04,
            byte ^ 0x10,
            byte ^ 0x20,
            byte ^ 0x80,
        ]
        .into_iter()
        .chain(*b"\0\n\r\t +/=019Az-_{\"\xe2\xff");
        for value in values.filter(|value| *value != byte) {
            let mut altered = receipt.clone();
            altered[position] = value;
            assert!(!verifies(&altered), "byte {position}: {byte} to {value}");
        }
    }
}

#[test]
#[ignore = "takes ten seconds: every byte to every other value"]
fn no_byte_of_a_receipt_can_be_changed_to_any_value() {
    let receipt = Sample::new(517, 1000).bytes();
    for position in 0..receipt.len() {
        for value in 0..=255 {
            let mut altered = receipt.clone();
            altered[position] = value;
            assert_eq!(verifies(&altered), altered == receipt, "byte {position} set to {value}");
        }
    }
}

#[test]
fn no_byte_can_be_added_or_taken_away() {
    let receipt = Sample::new(517, 1000).bytes();
    for position in 0..receipt.len() {
        assert!(!verifies(&receipt[..position]), "cut at {position}");
        assert!(!verifies(&receipt[position + 1..]), "begun after {position}");
        let mut shorter = receipt.clone();
        shorter.remove(position);
        assert!(!verifies(&shorter), "without byte {position}");
        for value in *b"\n\r \0=A" {
            let mut longer = receipt.clone();
            longer.insert(position, value);
            assert!(!verifies(&longer), "{value} before byte {position}");
        }
    }
    for value in 0..=255 {
        assert!(!verifies(&[&receipt[..], &[value]].concat()), "{value} appended");
    }
    let text = String::from_utf8(receipt).unwrap();
    assert!(verifies(text.as_bytes()));
    assert!(!verifies(text.replace('\n', "\r\n").as_bytes()));
    assert!(!verifies(format!("\u{feff}{text}").as_bytes()));
    assert!(!verifies(text.repeat(2).as_bytes()));
    assert!(!verifies(text.trim_end().as_bytes()));
}

#[test]
fn no_line_can_be_repeated_dropped_or_moved() {
    let text = String::from_utf8(Sample::new(517, 1000).bytes()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        let (before, after) = lines.split_at(at);
        assert!(
            !verifies([before, &lines[at..=at], after].concat().concat().as_bytes()),
            "line {at} twice"
        );
        assert!(
            !verifies([before, &after[1..]].concat().concat().as_bytes()),
            "without line {at}"
        );
        if at > 0 {
            let mut swapped = lines.clone();
            swapped.swap(at - 1, at);
            assert!(!verifies(swapped.concat().as_bytes()), "line {at} moved up");
        }
    }
}

#[test]
fn another_log_or_key_is_refused() {
    let bytes = Sample::new(3, 10).bytes();
    let other_key = SignerKey::from_seed(ORIGIN, &[43; 32]).unwrap();
    let not_signed = ReceiptError::Checkpoint(CheckpointError::Note(NoteError::NotSigned));
    assert_eq!(verify_receipt(&bytes, other_key.verifier()), Err(not_signed));
    let other_name = SignerKey::from_seed("other.example", &[42; 32]).unwrap();
    assert_eq!(verify_receipt(&bytes, other_name.verifier()), Err(not_signed));
}

#[test]
fn signatures_of_others_have_no_place_in_a_receipt() {
    let mut sample = Sample::new(3, 10);
    let witness = SignerKey::from_seed("witness.example", &[1; 32]).unwrap();
    let cosigned = sample
        .checkpoint
        .unverified()
        .clone()
        .sign(&[&signer(), &witness])
        .unwrap();
    let extra = Proof::parse(&sample.bytes()).unwrap().extra().map(<[u8]>::to_vec);
    let bytes = Proof::new(extra, sample.index, sample.path.clone(), cosigned.clone())
        .unwrap()
        .to_bytes();
    assert_eq!(verify_receipt(&bytes, &log_key()), Err(ReceiptError::ForeignSignature));
    for checkpoint in [
        cosigned,
        sample.checkpoint.unverified().clone().sign(&[&witness]).unwrap(),
    ] {
        sample.checkpoint = checkpoint;
        assert_eq!(sample.receipt().to_bytes(), Err(ReceiptError::ForeignSignature));
    }
}

#[test]
fn a_receipt_that_would_not_verify_is_not_written() {
    let mut sample = Sample::new(3, 10);
    sample.index = 4;
    assert_eq!(
        sample.receipt().to_bytes(),
        Err(ReceiptError::NotIncluded(Unproven::WrongRoot))
    );
    sample.index = 10;
    assert_eq!(
        sample.receipt().to_bytes(),
        Err(ReceiptError::NotIncluded(Unproven::IndexOutside))
    );
    let mut sample = Sample::new(3, 10);
    sample.event["reversal"] = json!(true);
    assert_eq!(
        sample.receipt().to_bytes(),
        Err(ReceiptError::NotIncluded(Unproven::WrongRoot))
    );
    sample.event = json!({"rate": 0.5});
    assert!(matches!(sample.receipt().to_bytes(), Err(ReceiptError::Event(_))));
    let sample = Sample::of(json!({"note": "x".repeat(BYTES_MAX)}), 3, 10);
    assert_eq!(
        sample.receipt().to_bytes(),
        Err(ReceiptError::Proof(ProofError::TooLong))
    );
    let mut sample = Sample::new(3, 10);
    sample.event = json!("not an object");
    assert_eq!(sample.receipt().to_bytes(), Err(ReceiptError::Extra));
}

#[test]
fn a_receipt_carries_one_event_and_one_salt_in_one_spelling() {
    let sample = Sample::new(0, 1);
    let event = String::from_utf8(to_canonical(&sample.event).unwrap()).unwrap();
    let salt = STANDARD.encode(SALT);
    assert!(verifies(&with_extra(
        &sample,
        &format!(r#"{{"entry":{event},"salt":"{salt}"}}"#)
    )));
    for extra in [
        format!(r#"{{"entry":{event},"salt":"{salt}","x":1}}"#),
        format!(r#"{{"entry":{event}}}"#),
        format!(r#"{{"salt":"{salt}"}}"#),
        format!(r#"{{"salt":"{salt}","entry":{event}}}"#),
        format!(r#"{{"entry":{event},"entry":{event},"salt":"{salt}"}}"#),
        format!(r#"{{"entry":{event}, "salt":"{salt}"}}"#),
        format!(r#"{{"entry":{event},"salt":"{}"}}"#, salt.trim_end_matches('=')),
        format!(
            r#"{{"entry":{event},"salt":"{}"}}"#,
            STANDARD.encode(b"fifteen of salt")
        ),
        format!(r#"{{"entry":{event},"salt":[1]}}"#),
        format!("[{event},\"{salt}\"]"),
        event.clone(),
        "x".into(),
    ] {
        assert!(!verifies(&with_extra(&sample, &extra)), "{extra}");
    }
    let none = Proof::new(None, 0, Vec::new(), sample.checkpoint.clone())
        .unwrap()
        .to_bytes();
    assert_eq!(verify_receipt(&none, &log_key()), Err(ReceiptError::Extra));
}
