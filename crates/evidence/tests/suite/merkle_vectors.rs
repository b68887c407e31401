//! The published proofs of transparency-dev/merkle: 98 of inclusion and 98 of consistency, most of them tampered with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evidence::hash::Hash;
use evidence::verify::{verify_consistency, verify_inclusion};
use serde_json::Value;

/// The one valid case whose roots are not hashes at all: it compares eleven bytes with themselves.
const NOT_A_HASH: &str = "consistency/additional/sizes-are-equal-one-and-proof-is-empty";

fn cases(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A hash of the case; `None` if it does not have 32 bytes, and such a proof cannot be expressed here.
fn hash(value: &Value) -> Option<Hash> {
    Hash::from_slice(&STANDARD.decode(value.as_str().unwrap()).unwrap())
}

fn proof(case: &Value) -> Option<Vec<Hash>> {
    case["proof"]
        .as_array()
        .map_or_else(|| Some(Vec::new()), |hashes| hashes.iter().map(hash).collect())
}

fn assert_outcomes(cases: &[Value], verifies: impl Fn(&Value) -> Option<bool>) {
    assert_eq!(cases.len(), 98);
    for case in cases {
        let name = case["case"].as_str().unwrap();
        let wanted = !case["wantErr"].as_bool().unwrap() && name != NOT_A_HASH;
        assert_eq!(verifies(case).unwrap_or(false), wanted, "{name}: {}", case["desc"]);
    }
}

#[test]
fn inclusion_proofs_are_judged_as_published() {
    assert_outcomes(&cases(include_str!("../vectors/merkle/inclusion.jsonl")), |case| {
        let (index, size) = (case["leafIdx"].as_u64()?, case["treeSize"].as_u64()?);
        Some(
            verify_inclusion(
                &hash(&case["leafHash"])?,
                index,
                size,
                &proof(case)?,
                &hash(&case["root"])?,
            )
            .is_ok(),
        )
    });
}

#[test]
fn consistency_proofs_are_judged_as_published() {
    assert_outcomes(&cases(include_str!("../vectors/merkle/consistency.jsonl")), |case| {
        let (old_size, new_size) = (case["size1"].as_u64()?, case["size2"].as_u64()?);
        let (old_root, new_root) = (hash(&case["root1"])?, hash(&case["root2"])?);
        Some(verify_consistency(old_size, &old_root, new_size, &new_root, &proof(case)?).is_ok())
    });
}

#[test]
fn a_tree_of_one_entry_is_consistent_with_itself() {
    // What the case that is set aside above means, with roots of 32 bytes.
    let root = Hash::from_bytes([7; 32]);
    assert!(verify_consistency(1, &root, 1, &root, &[]).is_ok());
}
